//! Two members that lost each other link again by two cards, without approval.

use leptos::prelude::*;
use leptos_router::components::A;

use crate::components::banner::{Banner, Tone};
use crate::components::icon::{Icon, Symbol};
use crate::components::page_title::PageTitle;
use crate::pages::pairing::answer_side::AnswerSide;
use crate::pages::pairing::offer_side::OfferSide;
use crate::state::State;
use crate::text::pairing as text;
use crate::updating::Updating;

/// Which of the two cards this device shows.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Side {
    Undecided,
    ShowsFirst,
    ScansFirst,
}

/// Links two members of the shop again.
#[component]
pub fn LinkAgain() -> impl IntoView {
    Updating::hold_here();
    let side = RwSignal::new(Side::Undecided);
    let own_name = State::here()
        .status
        .get_untracked()
        .map(|status| status.device_name);
    let own_name = StoredValue::new(own_name.unwrap_or_default());
    view! {
        <div class="column column-narrow">
            <div class="stack">
                <PageTitle title=text::LINK_TITLE />
                <p class="soft">{text::LINK_LEAD}</p>
            </div>
            {move || match side.get() {
                Side::Undecided => view! { <Choose side /> }.into_any(),
                Side::ShowsFirst => {
                    view! {
                        <OfferSide
                            device_name=own_name.get_value()
                            what_to_do=text::SHOW_RECONNECT
                            linked=ViewFn::from(|| view! { <Linked /> })
                            on_cancel=move |()| side.set(Side::Undecided)
                        />
                    }
                        .into_any()
                }
                Side::ScansFirst => {
                    view! {
                        <AnswerSide complete=|_name: String| view! { <Linked /> }.into_any() />
                    }
                        .into_any()
                }
            }}
        </div>
    }
}

#[component]
fn Choose(side: RwSignal<Side>) -> impl IntoView {
    view! {
        <div class="stack">
            <button
                type="button"
                class="button button-tall"
                on:click=move |_| side.set(Side::ShowsFirst)
            >
                <Icon symbol=Symbol::Devices />
                {text::LINK_SHOW}
            </button>
            <button
                type="button"
                class="button button-tall"
                on:click=move |_| side.set(Side::ScansFirst)
            >
                <Icon symbol=Symbol::Camera />
                {text::LINK_SCAN}
            </button>
        </div>
    }
}

#[component]
fn Linked() -> impl IntoView {
    view! {
        <Banner tone=Tone::Good>
            <h2>{text::LINKED}</h2>
            <p>{text::LINKED_NEXT}</p>
        </Banner>
        <A href="/devices" attr:class="button button-main button-tall">
            {text::BACK_TO_DEVICES}
        </A>
    }
}
