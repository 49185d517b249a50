//! The first screen of a device that belongs to no shop.

use leptos::prelude::*;
use leptos_router::components::{A, Redirect};

use crate::components::icon::{Icon, Symbol};
use crate::components::page_title::PageTitle;
use crate::pages::stage::Stage;
use crate::state::State;
use crate::text::setup as text;

/// Three ways to begin, the most likely first.
#[component]
pub fn Welcome() -> impl IntoView {
    let state = State::here();
    // A script may found or join a shop while this page is open.
    let in_shop = Memo::new(move |_| {
        state
            .status
            .read()
            .as_ref()
            .is_some_and(|s| s.shop.is_some() || s.shut.is_some())
    });
    view! {
        <Show when=move || in_shop.get()>
            <Redirect path="/sell" />
        </Show>
        <Stage wide=true>
            <div class="stack">
                <PageTitle title=text::WELCOME_TITLE />
                <p class="soft">{text::WELCOME_LEAD}</p>
            </div>
            <nav class="ways" aria-label=text::WELCOME_TITLE>
                <Way
                    to="/create"
                    symbol=Symbol::Shop
                    name=text::WAY_START
                    note=text::WAY_START_NOTE
                    first=true
                />
                <Way to="/join" symbol=Symbol::Devices name=text::WAY_JOIN note=text::WAY_JOIN_NOTE />
                <Way
                    to="/sample"
                    symbol=Symbol::Basket
                    name=text::WAY_SAMPLE
                    note=text::WAY_SAMPLE_NOTE
                />
            </nav>
            <A href="/recover" attr:class="button button-plain">
                {text::HAVE_WORDS}
            </A>
        </Stage>
    }
}

#[component]
fn Way(
    to: &'static str,
    symbol: Symbol,
    name: &'static str,
    note: &'static str,
    #[prop(optional)] first: bool,
) -> impl IntoView {
    view! {
        <A href=to attr:class=if first { "way way-first" } else { "way" }>
            <Icon symbol=symbol size=32 />
            <h2>{name}</h2>
            <p>{note}</p>
        </A>
    }
}
