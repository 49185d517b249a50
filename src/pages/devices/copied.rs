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
    let device = copied.device;
    let count = copied.machines.len();
    let line = match (copied.this_device, copied.of_owner) {
        (true, true) => text::COPIED_HERE_OWNER.to_owned(),
        (true, false) => text::COPIED_HERE.to_owned(),
        (false, true) => text::copied_of_owner(&copied.name),
        (false, false) => text::copied(&copied.name, count),
    };
    let is_owner = move || {
        let status = state.status.read();
        let shop = status.as_ref().and_then(|status| status.shop.as_ref());
        shop.is_some_and(|shop| shop.role == DeviceRole::Owner)
    };
    let asks = count > 0 && !copied.this_device && !copied.of_owner;
    let may = move || asks && is_owner() && state.may(Right::Devices);
    let busy = RwSignal::new(false);
    let refusal = RwSignal::new(None::<Refusal>);
    let machines = copied.machines;
    let separate = Callback::new(move |()| {
        if busy.get_untracked() {
            return;
        }
        busy.set(true);
        refusal.set(None);
        let machines = machines.clone();
        spawn_local(async move {
            let reply = state
                .device
                .ask(Request::Separate { device, machines })
                .await;
            busy.try_set(false);
            if reply != Reply::Done {
                refusal.try_set(Some(refusal_of(reply)));
            }
            state.refresh_status();
        });
    });
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
                        on:click=move |_| separate.run(())
                    >
                        {text::separate(count)}
                    </button>
                </div>
            </Show>
        </Banner>
    }
}
