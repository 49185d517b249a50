//! Joining a shop: this device shows its card, scans the owner's answer, and is let in.

use leptos::prelude::*;
use leptos_router::components::A;

use crate::components::banner::{Banner, Tone};
use crate::components::field::TextField;
use crate::components::page_title::PageTitle;
use crate::pages::pairing::offer_side::OfferSide;
use crate::pages::stage::Stage;
use crate::state::State;
use crate::text::{common, pairing as text};
use crate::updating::Updating;

/// The newcomer's way into a shop.
#[component]
pub fn Join() -> impl IntoView {
    Updating::hold_here();
    let name = RwSignal::new(String::new());
    let lacking = RwSignal::new(None::<String>);
    let named = RwSignal::new(false);
    let start = move || {
        let empty = name.get_untracked().trim().is_empty();
        lacking.set(empty.then(|| text::DEVICE_NAME_NEEDED.into()));
        named.set(!empty);
    };
    view! {
        <Stage>
            <div class="stack">
                <PageTitle title=text::JOIN_TITLE />
                <p class="soft">{text::JOIN_LEAD}</p>
            </div>
            {move || {
                if named.get() {
                    view! {
                        <OfferSide
                            device_name=name.get_untracked().trim()
                            what_to_do=text::SHOW_OFFER
                            linked=ViewFn::from(|| view! { <Joined /> })
                            on_cancel=move |()| named.set(false)
                        />
                    }
                        .into_any()
                } else {
                    view! {
                        <form
                            class="stack stack-wide"
                            on:submit=move |event| {
                                event.prevent_default();
                                start();
                            }
                        >
                            <TextField
                                label=text::DEVICE_NAME
                                value=name
                                note=text::DEVICE_NAME_NOTE
                                error=lacking
                            />
                            <button type="submit" class="button button-main button-tall">
                                {text::MAKE_CARD}
                            </button>
                            <A href="/welcome" attr:class="button button-plain">
                                {common::BACK}
                            </A>
                        </form>
                    }
                        .into_any()
                }
            }}
        </Stage>
    }
}

#[component]
fn Joined() -> impl IntoView {
    let state = State::here();
    state.refresh_status();
    let shop = move || {
        state
            .status
            .get()
            .and_then(|status| status.shop)
            .map(|shop| text::joined(&shop.name))
    };
    view! {
        <Banner tone=Tone::Good>
            <h2>{shop}</h2>
            <p>{text::JOINED_NEXT}</p>
        </Banner>
        <A href="/permissions" attr:class="button button-main button-tall">
            {text::START_SELLING}
        </A>
    }
}
