//! What members sent that was not taken, until somebody has read it.

use leptos::prelude::*;

use crate::components::banner::{Banner, Tone};
use crate::dom;
use crate::state::State;
use crate::text::devices as text;

/// One message for each kind of trouble of each member, and a button that clears them.
#[component]
pub fn LinkTroubles() -> impl IntoView {
    let state = State::here();
    let sentences = move || {
        let troubles = state.link_troubles.get();
        let sentence = |told: &crate::state::Told| {
            text::trouble(told.trouble, &told.name, &dom::clock_moment(told.at_ms))
        };
        troubles.iter().map(sentence).collect::<Vec<_>>()
    };
    view! {
        <Show when=move || !state.link_troubles.read().is_empty()>
            <Banner tone=Tone::Warn>
                {move || {
                    sentences()
                        .into_iter()
                        .map(|sentence| view! { <p>{sentence}</p> })
                        .collect_view()
                }}
                <button
                    type="button"
                    class="button"
                    on:click=move |_| state.link_troubles.set(Vec::new())
                >
                    {text::READ}
                </button>
            </Banner>
        </Show>
    }
}
