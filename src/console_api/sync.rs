//! Members, links, what waits for whom, hashes and counters.

use std::collections::BTreeMap;

use base::DeviceId;
use browser::BrowserError;
use browser::console::{Console, Failure};
use device::api::{Member, Reply, Request};
use serde::de::IgnoredAny;

use super::counted::Counted;
use super::{arguments, ask, ask_done, bad_argument, refused, results};
use crate::connection::Device;
use crate::dom;
use crate::text::console as text;

/// Adds the functions.
pub fn install(console: &Console, device: Device) -> Result<(), BrowserError> {
    console.function("stateHash", move |(scope,)| state_hash(device, scope))?;
    console.function("vector", move |_: IgnoredAny| vector(device))?;
    console.function("devices", move |_: IgnoredAny| devices(device))?;
    console.function("peers", move |_: IgnoredAny| peers(device))?;
    console.function("revoke", move |(id,)| revoke(device, id))?;
    console.function("separate", move |(id,)| separate(device, id))?;
    console.function("connect", move |(id,)| connect(device, id))?;
    console.function("disconnect", move |(id,)| disconnect(device, id))?;
    console.function("syncNow", move |_: IgnoredAny| {
        ask_done(device, Request::SyncNow)
    })?;
    console.function("syncWith", move |(id,)| sync_with(device, id))?;
    console.function("waiting", move |_: IgnoredAny| waiting(device))?;
    console.function("send", move |(id, kind, data)| send(device, id, kind, data))?;
    console.function("broadcast", move |(kind, data)| {
        message(device, None, kind, data)
    })?;
    console.function("metrics", move |_: IgnoredAny| metrics(device))
}

fn device_id(text: &str) -> Result<DeviceId, Failure> {
    DeviceId::from_hex(text).ok_or_else(|| bad_argument(text::unknown("deviceId", text)))
}

async fn state_hash(
    device: Device,
    scope: Option<arguments::Scope>,
) -> Result<results::Hashed, Failure> {
    let scope = scope
        .and_then(|scope| scope.scope)
        .unwrap_or_else(|| "shop".into());
    let office = match scope.as_str() {
        "shop" => false,
        "office" => true,
        other => return Err(bad_argument(text::unknown("scope", other))),
    };
    ask(device, Request::StateHash { office }, |reply| match reply {
        Reply::StateHash(state) => Ok(state.into()),
        other => Err(refused(other)),
    })
    .await
}

async fn vector(device: Device) -> Result<BTreeMap<String, u64>, Failure> {
    ask(device, Request::Vector, |reply| match reply {
        Reply::Vector(logs) => Ok(logs.into_iter().collect()),
        other => Err(refused(other)),
    })
    .await
}

async fn members(device: Device) -> Result<Vec<Member>, Failure> {
    ask(device, Request::Members, |reply| match reply {
        Reply::Members(members) => Ok(members),
        other => Err(refused(other)),
    })
    .await
}

async fn devices(device: Device) -> Result<Vec<results::Peer>, Failure> {
    Ok(members(device).await?.into_iter().map(Into::into).collect())
}

async fn peers(device: Device) -> Result<Vec<results::Peer>, Failure> {
    let others = members(device)
        .await?
        .into_iter()
        .filter(|member| !member.this_device);
    Ok(others.map(Into::into).collect())
}

async fn revoke(device: Device, id: String) -> Result<(), Failure> {
    ask_done(device, Request::PutOut(device_id(&id)?)).await
}

/// Whoever calls it has not been shown which machines ask: all that do now.
async fn separate(device: Device, id: String) -> Result<(), Failure> {
    let copied = device_id(&id)?;
    let machines = match device.ask(Request::Status).await {
        Reply::Status(status) => status.copied.into_iter().find(|it| it.device == copied),
        other => return Err(refused(other)),
    };
    let machines = machines.map(|it| it.machines).unwrap_or_default();
    let request = Request::Separate {
        device: copied,
        machines,
    };
    ask_done(device, request).await
}

async fn connect(device: Device, id: String) -> Result<(), Failure> {
    ask_done(device, Request::Connect(device_id(&id)?)).await
}

async fn disconnect(device: Device, id: String) -> Result<(), Failure> {
    ask_done(device, Request::Disconnect(device_id(&id)?)).await
}

async fn sync_with(device: Device, id: String) -> Result<(), Failure> {
    ask_done(device, Request::SyncWith(device_id(&id)?)).await
}

async fn waiting(device: Device) -> Result<Vec<results::Waiting>, Failure> {
    ask(device, Request::Waiting, |reply| match reply {
        Reply::Waiting(list) => Ok(list.into_iter().map(Into::into).collect()),
        other => Err(refused(other)),
    })
    .await
}

async fn send(
    device: Device,
    id: String,
    kind: String,
    data: arguments::Anything,
) -> Result<u32, Failure> {
    message(device, Some(device_id(&id)?), kind, data).await
}

async fn message(
    device: Device,
    to: Option<DeviceId>,
    kind: String,
    data: arguments::Anything,
) -> Result<u32, Failure> {
    let Some(data) = dom::to_json(&data.0) else {
        return Err(bad_argument(text::NOT_JSON.into()));
    };
    ask(
        device,
        Request::Message { to, kind, data },
        |reply| match reply {
            Reply::Reached(devices) => Ok(devices),
            other => Err(refused(other)),
        },
    )
    .await
}

async fn metrics(device: Device) -> Result<Counted, Failure> {
    ask(device, Request::Metrics, |reply| match reply {
        Reply::Metrics(metrics) => Ok((*metrics).into()),
        other => Err(refused(other)),
    })
    .await
}
