//! Adding a device: scan its card, show the answer, compare codes.

use leptos::prelude::*;
use leptos_router::components::A;

use crate::components::banner::{Banner, Tone};
use crate::components::page_title::PageTitle;
use crate::pages::pairing::answer_side::AnswerSide;
use crate::text::pairing as text;
use crate::updating::Updating;

/// The owner lets a device in.
#[component]
pub fn AddDevice() -> impl IntoView {
    Updating::hold_here();
    view! {
        <div class="column column-narrow">
            <div class="stack">
                <PageTitle title=text::ADD_TITLE />
                <p class="soft">{text::ADD_LEAD}</p>
            </div>
            <AnswerSide complete=|name: String| view! { <Added name /> }.into_any() />
        </div>
    }
}

#[component]
fn Added(name: String) -> impl IntoView {
    view! {
        <Banner tone=Tone::Good>
            <h2>{text::added(&name)}</h2>
            <p>{text::ADDED_NEXT}</p>
        </Banner>
        <A href="/devices" attr:class="button button-main button-tall">
            {text::BACK_TO_DEVICES}
        </A>
    }
}
