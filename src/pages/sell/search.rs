//! Finding a product by a few letters, its code or the end of its barcode.

use device::api::{Reply, Request};
use domain::catalogue::Product;
use leptos::prelude::*;
use leptos::task::spawn_local;

use super::selling::Selling;
use crate::components::empty_state::EmptyState;
use crate::components::icon::{Icon, Symbol};
use crate::dom;
use crate::format;
use crate::state::State;
use crate::text::sell as text;

/// How many results are shown: what is not among them needs more letters, not more rows.
const RESULTS_MAX: u32 = 20;

const FIELD_ID: &str = "sell-search";

/// A field and its first results; Enter takes the first.
#[component]
pub fn Search() -> impl IntoView {
    let state = State::here();
    let selling = Selling::here();
    let words = RwSignal::new(String::new());
    let results = RwSignal::new(None::<Vec<Product>>);
    Effect::new(move |_| {
        state.catalogue.track();
        let search = words.get();
        spawn_local(async move {
            let request = Request::Products { search: search.clone(), offset: 0, limit: RESULTS_MAX };
            let reply = state.device.ask(request).await;
            // Somebody may have typed on meanwhile: an answer to older words is dropped.
            if words.try_get_untracked().is_some_and(|now| now == search)
                && let Reply::Products { page, .. } = reply
            {
                results.set(Some(page));
            }
        });
    });
    Effect::new(|_| dom::focus(FIELD_ID));
    let choose = move |product: Product| {
        words.set(String::new());
        selling.choose(state, product);
    };
    let take_first = move || {
        let first = results.read_untracked().as_ref().and_then(|found| found.first().cloned());
        if let (Some(first), false) = (first, words.read_untracked().trim().is_empty()) {
            choose(first);
        }
    };
    view! {
        <form
            class="stack"
            role="search"
            on:submit=move |event| {
                event.prevent_default();
                take_first();
            }
        >
            <div class="search">
                <Icon symbol=Symbol::Search size=22 />
                <input
                    class="input"
                    id=FIELD_ID
                    type="search"
                    autocomplete="off"
                    spellcheck="false"
                    aria-label=text::SEARCH
                    placeholder=text::SEARCH_PLACEHOLDER
                    bind:value=words
                />
            </div>
            {move || {
                let found = results.get()?;
                if found.is_empty() {
                    return Some(
                        view! {
                            <EmptyState
                                symbol=Symbol::Search
                                title=text::NO_MATCH_TITLE
                                text=text::NO_MATCH
                            />
                        }
                            .into_any(),
                    );
                }
                let rows = found
                    .into_iter()
                    .map(|product| view! { <Row product on_choose=choose /> })
                    .collect_view();
                Some(view! { <ul class="found list">{rows}</ul> }.into_any())
            }}
        </form>
    }
}

#[component]
fn Row(product: Product, #[prop(into)] on_choose: Callback<Product>) -> impl IntoView {
    let currency = format::shop_currency();
    let price = product.price;
    let name = product.name.clone();
    let sku = product.sku.clone();
    view! {
        <li>
            <button type="button" class="list-row" on:click=move |_| on_choose.run(product.clone())>
                <span class="list-main">
                    <span class="list-name">{name}</span>
                    <span class="soft small">{sku}</span>
                </span>
                <span class="amount">{move || price.map(|price| format::amount(price, currency.get()))}</span>
            </button>
        </li>
    }
}
