//! Products: the catalogue, searched, added to and changed.

pub mod form;

use device::api::{Reply, Request, Right};
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

/// A page of what was found, and how many there are in all.
type Found = Option<(u32, Vec<Product>)>;

/// What is looked for, and what was found.
#[derive(Clone, Copy)]
struct Catalogue {
    words: RwSignal<String>,
    limit: RwSignal<u32>,
    found: RwSignal<Found>,
}

impl Catalogue {
    /// Follows the words and the catalogue itself.
    fn follow() -> Self {
        let state = State::here();
        let catalogue = Self {
            words: RwSignal::new(String::new()),
            limit: RwSignal::new(PAGE_ROWS),
            found: RwSignal::new(None),
        };
        Effect::new(move |_| {
            catalogue.words.track();
            catalogue.limit.set(PAGE_ROWS);
        });
        Effect::new(move |_| {
            state.catalogue.track();
            let (search, limit) = (catalogue.words.get(), catalogue.limit.get());
            spawn_local(async move {
                let request = Request::Products {
                    search: search.clone(),
                    offset: 0,
                    limit,
                };
                let reply = state.device.ask(request).await;
                // Somebody may have typed on meanwhile: an answer to older words is dropped.
                if catalogue
                    .words
                    .try_get_untracked()
                    .is_some_and(|now| now == search)
                    && let Reply::Products { total, page } = reply
                {
                    catalogue.found.set(Some((total, page)));
                }
            });
        });
        catalogue
    }

    fn has_more(self) -> bool {
        let found = self.found.read();
        found
            .as_ref()
            .is_some_and(|(total, page)| (page.len() as u32) < *total)
    }
}

/// The catalogue.
#[component]
pub fn Products() -> impl IntoView {
    let state = State::here();
    let catalogue = Catalogue::follow();
    let edited = RwSignal::new(None::<Product>);
    let open = RwSignal::new(false);
    let edit = move |product: Option<Product>| {
        edited.set(product);
        open.set(true);
    };
    view! {
        <div class="column">
            <div class="page-head">
                <PageTitle title=text::TITLE />
                <Show when=move || state.may(Right::Catalogue)>
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
                </Show>
            </div>
            <SearchRow catalogue />
            <ProductList catalogue on_edit=edit />
            <Show when=move || catalogue.has_more()>
                <button
                    type="button"
                    class="button button-wide"
                    on:click=move |_| catalogue.limit.update(|limit| *limit += PAGE_ROWS)
                >
                    {common::MORE_ROWS}
                </button>
            </Show>
        </div>
        <EditSheet edited open />
    }
}

#[component]
fn SearchRow(catalogue: Catalogue) -> impl IntoView {
    let found = catalogue.found;
    view! {
        <div class="row">
            <div class="search">
                <Icon symbol=Symbol::Search size=22 />
                <input
                    class="input"
                    type="search"
                    autocomplete="off"
                    aria-label=text::SEARCH
                    placeholder=text::SEARCH
                    bind:value=catalogue.words
                />
            </div>
            <span class="soft" role="status">
                {move || found.read().as_ref().map(|(total, _)| text::count(*total))}
            </span>
        </div>
    }
}

/// The form of a product, or of a new one.
#[component]
fn EditSheet(edited: RwSignal<Option<Product>>, open: RwSignal<bool>) -> impl IntoView {
    let title = move || {
        if edited.read().is_some() {
            text::EDIT
        } else {
            text::ADD
        }
    };
    let saved = move |_| open.set(false);
    let other = move |product| edited.set(Some(product));
    view! {
        <Sheet open=open title=Signal::derive(move || title().to_owned())>
            {move || match edited.get() {
                Some(product) => view! { <ProductForm product on_saved=saved on_open=other /> }.into_any(),
                None => view! { <ProductForm on_saved=saved on_open=other /> }.into_any(),
            }}
        </Sheet>
    }
}

#[component]
fn ProductList(
    catalogue: Catalogue,
    #[prop(into)] on_edit: Callback<Option<Product>>,
) -> impl IntoView {
    let Catalogue { words, found, .. } = catalogue;
    let nothing = move || {
        found
            .read()
            .as_ref()
            .is_some_and(|(_, page)| page.is_empty())
    };
    view! {
        <div class="card card-flush">
            {move || {
                nothing()
                    .then(|| {
                        let (title, words) = if !words.read().is_empty() {
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
    let codes = [product.sku.clone()]
        .into_iter()
        .chain(product.barcodes.first().cloned());
    let codes = codes.collect::<Vec<_>>().join(" · ");
    let name = product.name.clone();
    view! {
        <li>
            <button
                type="button"
                class="list-row"
                aria-description=text::EDIT
                on:click=move |_| on_edit.run(Some(product.clone()))
            >
                <span class="list-main">
                    <span class="list-name">{name}</span>
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
