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
    let choose = move |product: Product| {
        words.set(String::new());
        selling.choose(state, product);
    };
    let take_first = move || {
        let search = words.get_untracked();
        if search.trim().is_empty() {
            return;
        }
        // Asked anew: what is on the screen may still belong to fewer letters.
        spawn_local(async move {
            if let Some(first) = find(state, search, 1).await.into_iter().next() {
                choose(first);
            }
        });
    };
    Effect::new(|_| dom::focus(FIELD_ID));
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
            <Results words on_choose=choose />
        </form>
    }
}

async fn find(state: State, search: String, limit: u32) -> Vec<Product> {
    let request = Request::Products {
        search,
        offset: 0,
        limit,
    };
    match state.device.ask(request).await {
        Reply::Products { page, .. } => page,
        _ => Vec::new(),
    }
}

#[component]
fn Results(words: RwSignal<String>, #[prop(into)] on_choose: Callback<Product>) -> impl IntoView {
    let state = State::here();
    let results = RwSignal::new(None::<Vec<Product>>);
    Effect::new(move |_| {
        state.catalogue.track();
        let search = words.get();
        spawn_local(async move {
            let found = find(state, search.clone(), RESULTS_MAX).await;
            // Somebody may have typed on meanwhile: an answer to older words is dropped.
            if words.try_get_untracked().is_some_and(|now| now == search) {
                results.set(Some(found));
            }
        });
    });
    move || {
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
            .map(|product| view! { <Row product on_choose /> });
        Some(view! { <ul class="found list">{rows.collect_view()}</ul> }.into_any())
    }
}

#[component]
fn Row(product: Product, on_choose: Callback<Product>) -> impl IntoView {
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
