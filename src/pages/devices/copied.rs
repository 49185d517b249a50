//! Devices that run twice: their profile was copied, or their disk put back.

use leptos::prelude::*;

use crate::components::banner::{Banner, Tone};
use crate::state::State;
use crate::text::devices as text;

/// What happened, what was kept and what to do, for each of them.
#[component]
pub fn CopiedDevices() -> impl IntoView {
    let state = State::here();
    let copied = Memo::new(move |_| {
        let status = state.status.read();
        status.as_ref().map(|status| status.copied.clone())
    });
    let line = |name: &str, this_device| {
        if this_device {
            text::COPIED_HERE.to_owned()
        } else {
            text::copied(name)
        }
    };
    view! {
        {move || {
            copied
                .get()
                .into_iter()
                .flatten()
                .map(|it| view! { <Banner tone=Tone::Warn>{line(&it.name, it.this_device)}</Banner> })
                .collect_view()
        }}
    }
}
