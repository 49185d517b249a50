//! Devices that run twice: their profile was copied, or their disk put back.

use device::api::{CopiedDevice, DeviceRole, Refusal, Reply, Request, Right};
use leptos::prelude::*;
use leptos::task::spawn_local;

use crate::components::banner::{Banner, RefusalBanner, Tone};
use crate::state::{State, refusal_of};
use crate::text::devices as text;

/// What happened, what was kept and what to do, for each of them.
#[component]
pub fn CopiedDevices() -> impl IntoView {
    let state = State::here();
    let copied = Memo::new(move |_| {
        let status = state.status.read();
        status.as_ref().map(|status| status.copied.clone())
    });
    view! {
        {move || {
            let copied = copied.get().into_iter().flatten();
            copied.map(|copied| view! { <Copied copied /> }).collect_view()
        }}
    }
}

#[component]
fn Copied(copied: CopiedDevice) -> impl IntoView {
    let state = State::here();
    let (device, machines) = (copied.device, copied.machines);
    let line = if copied.this_device {
        text::COPIED_HERE.to_owned()
    } else if copied.of_owner {
        text::copied_of_owner(&copied.name)
    } else {
        text::copied(&copied.name, machines)
    };
    let is_owner = move || {
        let status = state.status.read();
        let shop = status.as_ref().and_then(|status| status.shop.as_ref());
        shop.is_some_and(|shop| shop.role == DeviceRole::Owner)
    };
    let asks = machines > 0 && !copied.this_device && !copied.of_owner;
    let may = move || asks && is_owner() && state.may(Right::Devices);
    let busy = RwSignal::new(false);
    let refusal = RwSignal::new(None::<Refusal>);
    let separate = move |_| {
        if busy.get_untracked() {
            return;
        }
        busy.set(true);
        refusal.set(None);
        spawn_local(async move {
            let reply = state.device.ask(Request::Separate(device)).await;
            busy.try_set(false);
            if reply != Reply::Done {
                refusal.try_set(Some(refusal_of(reply)));
            }
            state.refresh_status();
        });
    };
    view! {
        <Banner tone=Tone::Warn>
            <p>{line}</p>
            <RefusalBanner refusal=refusal />
            <Show when=may>
                <div class="row">
                    <button
                        type="button"
                        class="button"
                        disabled=move || busy.get()
                        on:click=separate
                    >
                        {text::separate(machines)}
                    </button>
                </div>
            </Show>
        </Banner>
    }
}
