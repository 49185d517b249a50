//! Since when the shop writes with the keys that it has.

use leptos::prelude::*;

use crate::dom;
use crate::state::State;
use crate::text::devices as text;

/// One line: when the keys were last renewed, and when they will be.
#[component]
pub fn KeysInUse() -> impl IntoView {
    let state = State::here();
    let since = Memo::new(move |_| Some(state.status.read().as_ref()?.keys?.since_ms));
    let line = move |since_ms| text::keys_since(&dom::clock_moment(since_ms));
    view! {
        {move || {
            since
                .get()
                .map(|since_ms| view! { <p class="soft small">{line(since_ms)}</p> })
        }}
    }
}
