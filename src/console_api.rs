//! The console's functions: what scripts, integrators and end-to-end tests call.
//!
//! Nothing here can do what the screens cannot: each call is a request to the device, with the
//! same checks. Names stay; what they take and give is described in `docs/console.md`.

mod arguments;
mod config;
mod conflicts;
mod counted;
mod events;
mod pairing;
mod results;
mod shop;
mod sync;

use browser::BrowserError;
use browser::console::{Console, Failure};
use device::api::{Reply, Request};
use futures_channel::oneshot;
use leptos::prelude::*;

use crate::connection::Device;
use crate::state::{State, refusal_of};

/// The name on `window`.
const NAME: &str = "tillmesh";

/// Puts the console on the page.
///
/// # Errors
/// As [`Console::install`].
pub fn install(state: State) -> Result<(), BrowserError> {
    let console = Console::install(NAME)?;
    console.value("version", &env!("CARGO_PKG_VERSION"))?;
    console.value("build", &option_env!("TILLMESH_BUILD").unwrap_or("dev"))?;
    console.promise("ready", ready(state))?;
    shop::install(&console, state.device)?;
    pairing::install(&console, state.device)?;
    sync::install(&console, state.device)?;
    config::install(&console, state.device)?;
    conflicts::install(&console, state.device)?;
    events::install(&console, state.device);
    Ok(())
}

/// Done once the device can be used.
fn ready(state: State) -> impl Future<Output = ()> {
    let (done, is_ready) = oneshot::channel();
    let done = StoredValue::new_local(Some(done));
    Effect::new(move |_| {
        if state.ready.get()
            && let Some(done) = done.try_update_value(Option::take).flatten()
        {
            // Nobody may be waiting.
            let _ = done.send(());
        }
    });
    async move {
        let _ = is_ready.await;
    }
}

/// Asks the device and reads its reply.
async fn ask<Given>(
    device: Device,
    request: Request,
    read: impl FnOnce(Reply) -> Result<Given, Failure>,
) -> Result<Given, Failure> {
    read(device.ask(request).await)
}

/// Asks for something that is simply done.
async fn ask_done(device: Device, request: Request) -> Result<(), Failure> {
    ask(device, request, |reply| match reply {
        Reply::Done => Ok(()),
        other => Err(refused(other)),
    })
    .await
}

/// Why a reply is not the one that was asked for, as a rejection with its code and sentence.
fn refused(reply: Reply) -> Failure {
    let refusal = refusal_of(reply);
    Failure {
        code: refusal.code.to_owned(),
        message: refusal.message,
    }
}

/// The failure of arguments that are well formed and mean nothing.
fn bad_argument(message: String) -> Failure {
    Failure {
        code: browser::console::BAD_ARGUMENTS.to_owned(),
        message,
    }
}
