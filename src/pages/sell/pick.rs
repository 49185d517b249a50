//! The side of the Sell screen from which products are picked: tiles, search, keypad.

use leptos::prelude::*;

use super::code_entry::CodeEntry;
use super::search::Search;
use super::tiles::Tiles;
use crate::components::icon::{Icon, Symbol};
use crate::text::sell as text;

/// A way to find a product.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Way {
    Tiles,
    Search,
    Keypad,
}

const WAYS: [(Way, Symbol, &str); 3] = [
    (Way::Tiles, Symbol::Tiles, text::TILES),
    (Way::Search, Symbol::Search, text::SEARCH),
    (Way::Keypad, Symbol::Keypad, text::KEYPAD),
];

/// Three ways to find a product, one at a time.
#[component]
pub fn Pick() -> impl IntoView {
    let way = RwSignal::new(Way::Tiles);
    view! {
        <section class="pick" aria-label=text::WAYS>
            <div class="tabs" role="tablist" aria-label=text::WAYS>
                {WAYS
                    .map(|(this, symbol, name)| {
                        view! {
                            <button
                                type="button"
                                role="tab"
                                aria-selected=move || (way.get() == this).to_string()
                                on:click=move |_| way.set(this)
                            >
                                <Icon symbol=symbol size=20 />
                                {name}
                            </button>
                        }
                    })
                    .collect_view()}
            </div>
            <div class="pick-body" role="tabpanel">
                {move || match way.get() {
                    Way::Tiles => view! { <Tiles /> }.into_any(),
                    Way::Search => view! { <Search /> }.into_any(),
                    Way::Keypad => view! { <CodeEntry /> }.into_any(),
                }}
            </div>
        </section>
    }
}
