//! Putting a device out, and what has come of it since.

use base::DeviceId;
use device::api::{PutOutDevice, Refusal, Reply, Request};
use leptos::prelude::*;
use leptos::task::spawn_local;

use crate::components::banner::RefusalBanner;
use crate::components::sheet::Sheet;
use crate::state::{State, refusal_of};
use crate::text::{common, devices as text};

/// A device that somebody is about to put out.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Leaving {
    /// Which.
    pub device: DeviceId,
    /// What people call it.
    pub name: String,
}

/// Says what it means, and asks once.
#[component]
pub fn PutOutSheet(
    /// Whether it is open.
    open: RwSignal<bool>,
    /// Whom it is about; there while it is open.
    leaving: RwSignal<Option<Leaving>>,
) -> impl IntoView {
    let busy = RwSignal::new(false);
    let name = move || leaving.with(|it| it.as_ref().map(|it| it.name.clone()).unwrap_or_default());
    let title = Signal::derive(move || text::put_out_title(&name()));
    view! {
        <Sheet open=open title=title locked=busy>
            {move || leaving.get().map(|leaving| view! { <Question leaving open busy /> })}
        </Sheet>
    }
}

#[component]
fn Question(leaving: Leaving, open: RwSignal<bool>, busy: RwSignal<bool>) -> impl IntoView {
    let state = State::here();
    let refusal = RwSignal::new(None::<Refusal>);
    let device = leaving.device;
    view! {
        <div class="stack">
            <p>{text::put_out_means(&leaving.name)}</p>
            <p>{text::PUT_OUT_KEEPS}</p>
            <RefusalBanner refusal=refusal />
            <div class="row">
                <button
                    type="button"
                    class="button button-main"
                    disabled=move || busy.get()
                    on:click=move |_| ask(state, device, busy, refusal, move || open.set(false))
                >
                    {text::PUT_OUT_DO}
                </button>
                <button
                    type="button"
                    class="button button-plain"
                    disabled=move || busy.get()
                    on:click=move |_| open.set(false)
                >
                    {text::PUT_OUT_LEAVE}
                </button>
            </div>
        </div>
    }
}

fn ask(
    state: State,
    device: DeviceId,
    busy: RwSignal<bool>,
    refusal: RwSignal<Option<Refusal>>,
    done: impl Fn() + 'static,
) {
    if busy.get_untracked() {
        return;
    }
    busy.set(true);
    refusal.set(None);
    spawn_local(async move {
        let reply = state.device.ask(Request::PutOut(device)).await;
        busy.try_set(false);
        match reply {
            Reply::Done => {
                done();
                state.refresh_status();
            }
            other => {
                refusal.try_set(Some(refusal_of(other)));
            }
        }
    });
}

/// Devices that were put out, and what came of them too late. Nothing while there are none.
#[component]
pub fn PutOutDevices(
    /// Whether whoever looks may let late sales count.
    #[prop(into)]
    may: Signal<bool>,
) -> impl IntoView {
    let state = State::here();
    let devices = RwSignal::new(Vec::<PutOutDevice>::new());
    Effect::new(move |_| {
        state.links.track();
        state.status.track();
        spawn_local(async move {
            if let Reply::PutOut(list) = state.device.ask(Request::PutOutDevices).await
                && devices.try_with_untracked(|shown| *shown != list) == Some(true)
            {
                devices.try_set(list);
            }
        });
    });
    view! {
        <Show when=move || devices.with(|list| !list.is_empty())>
            <section class="card card-flush" aria-label=text::PUT_OUT_DEVICES>
                <div class="card-head">
                    <h2>{text::PUT_OUT_DEVICES}</h2>
                </div>
                <ul class="list">
                    {move || {
                        devices
                            .get()
                            .into_iter()
                            .map(|device| view! { <PutOutRow device may /> })
                            .collect_view()
                    }}
                </ul>
            </section>
        </Show>
    }
}

#[component]
fn PutOutRow(device: PutOutDevice, may: Signal<bool>) -> impl IntoView {
    let state = State::here();
    let refusal = RwSignal::new(None::<Refusal>);
    let busy = RwSignal::new(false);
    let till = device.terminal.as_deref().map(common::till);
    let late = device.late;
    let id = device.device;
    let label = text::count_late(&device.name);
    let words = match late {
        0 => text::NOTHING_LATE.to_owned(),
        late => text::late(late),
    };
    view! {
        <li class="member">
            <div>
                <p>
                    <strong>{device.name}</strong>
                    {till.map(|till| view! { <span class="soft">" · " {till}</span> })}
                </p>
                <p class="small">{words}</p>
                <RefusalBanner refusal=refusal />
            </div>
            <Show when=move || { late > 0 && may.get() }>
                <button
                    type="button"
                    class="button"
                    aria-label=label.clone()
                    disabled=move || busy.get()
                    on:click=move |_| ask(state, id, busy, refusal, || {})
                >
                    {text::COUNT_LATE}
                </button>
            </Show>
        </li>
    }
}
