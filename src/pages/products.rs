//! Products: the catalogue, searched, added to and changed.

pub mod form;

use device::api::{Reply, Request};
use domain::catalogue::Product;
use leptos::prelude::*;
use leptos::task::spawn_local;
use leptos_router::components::A;

use crate::components::empty_state::EmptyState;
use crate::components::icon::{Icon, Symbol};
use crate::components::page_title::PageTitle;
use crate::components::sheet::Sheet;
use crate::format;
use crate::state::State;
use crate::text::{common, products as text};

use self::form::ProductForm;

/// How many rows come at a time: a list of 50,000 stays as quick as one of fifty.
const PAGE_ROWS: u32 = 50;

/// The catalogue.
#[component]
pub fn Products() -> impl IntoView {
    let state = State::here();
    let words = RwSignal::new(String::new());
    let limit = RwSignal::new(PAGE_ROWS);
    let found = RwSignal::new(None::<(u32, Vec<Product>)>);
    let edited = RwSignal::new(None::<Product>);
    let open = RwSignal::new(false);
    Effect::new(move |_| {
        words.track();
        limit.set(PAGE_ROWS);
    });
    Effect::new(move |_| {
        state.catalogue.track();
        let (search, limit) = (words.get(), limit.get());
        spawn_local(async move {
            let request = Request::Products { search: search.clone(), offset: 0, limit };
            let reply = state.device.ask(request).await;
            if words.try_get_untracked().is_some_and(|now| now == search)
                && let Reply::Products { total, page } = reply
            {
                found.set(Some((total, page)));
            }
        });
    });
    let edit = move |product: Option<Product>| {
        edited.set(product);
        open.set(true);
    };
    let title = move || if edited.read().is_some() { text::EDIT } else { text::ADD }.to_owned();
    view! {
        <div class="column">
            <div class="page-head">
                <PageTitle title=text::TITLE />
                <div class="row">
                    <A href="/products/import" attr:class="button">
                        <Icon symbol=Symbol::Download />
                        {text::IMPORT}
                    </A>
                    <button type="button" class="button button-main" on:click=move |_| edit(None)>
                        <Icon symbol=Symbol::Plus />
                        {text::ADD}
                    </button>
                </div>
            </div>
            <div class="row">
                <div class="search">
                    <Icon symbol=Symbol::Search size=22 />
                    <input
                        class="input"
                        type="search"
                        autocomplete="off"
                        aria-label=text::SEARCH
                        placeholder=text::SEARCH
                        bind:value=words
                    />
                </div>
                <span class="soft" role="status">
                    {move || found.read().as_ref().map(|(total, _)| text::count(*total))}
                </span>
            </div>
            <ProductList found searching=Signal::derive(move || !words.read().is_empty()) on_edit=edit />
            <Show when=move || {
                found.read().as_ref().is_some_and(|(total, page)| (page.len() as u32) < *total)
            }>
                <button
                    type="button"
                    class="button button-wide"
                    on:click=move |_| limit.update(|limit| *limit += PAGE_ROWS)
                >
                    {common::MORE_ROWS}
                </button>
            </Show>
        </div>
        <Sheet open=open title=Signal::derive(title)>
            {move || {
                let saved = move |_| open.set(false);
                match edited.get() {
                    Some(product) => view! { <ProductForm product on_saved=saved /> }.into_any(),
                    None => view! { <ProductForm on_saved=saved /> }.into_any(),
                }
            }}
        </Sheet>
    }
}

#[component]
fn ProductList(
    found: RwSignal<Option<(u32, Vec<Product>)>>,
    searching: Signal<bool>,
    #[prop(into)] on_edit: Callback<Option<Product>>,
) -> impl IntoView {
    let nothing = move || found.read().as_ref().is_some_and(|(_, page)| page.is_empty());
    view! {
        <div class="card card-flush">
            {move || {
                nothing()
                    .then(|| {
                        let (title, words) = if searching.get() {
                            (text::NO_MATCH_TITLE, text::NO_MATCH)
                        } else {
                            (text::EMPTY_TITLE, text::EMPTY)
                        };
                        view! { <EmptyState symbol=Symbol::Box title=title text=words /> }
                    })
            }}
            <ul class="list" aria-label=text::TITLE>
                <For
                    each=move || found.get().map(|(_, page)| page).unwrap_or_default()
                    key=|product| (product.id, product.name.clone(), product.price, product.stock)
                    children=move |product| view! { <ProductRow product on_edit /> }
                />
            </ul>
        </div>
    }
}

#[component]
fn ProductRow(product: Product, on_edit: Callback<Option<Product>>) -> impl IntoView {
    let currency = format::shop_currency();
    let price = product.price;
    let inactive = !product.active;
    // A product that was never received or counted has no stock to speak of.
    let stock = product
        .stock_tracked
        .then(|| text::in_stock(&format::quantity(product.stock, product.unit)));
    let codes = [product.sku.clone()].into_iter().chain(product.barcodes.first().cloned());
    let codes = codes.collect::<Vec<_>>().join(" · ");
    let name = product.name.clone();
    view! {
        <li>
            <button
                type="button"
                class="list-row"
                aria-label=text::change(&name)
                on:click=move |_| on_edit.run(Some(product.clone()))
            >
                <span class="list-main">
                    <span class="list-name">{name.clone()}</span>
                    <span class="soft small">{codes}</span>
                </span>
                {inactive.then(|| view! { <span class="tag" data-tone="warn">{text::INACTIVE}</span> })}
                <span class="soft small">{stock}</span>
                <span class="amount">{move || match price {
                        Some(price) => format::amount(price, currency.get()),
                        None => text::NO_PRICE.into(),
                    }}</span>
            </button>
        </li>
    }
}
