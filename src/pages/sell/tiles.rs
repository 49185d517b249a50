//! Products as tiles, those that are weighed first: they have no barcode to scan.

use device::api::{Reply, Request};
use domain::catalogue::{Product, Unit};
use leptos::prelude::*;
use leptos::task::spawn_local;
use leptos_router::components::A;

use super::selling::Selling;
use crate::components::empty_state::EmptyState;
use crate::components::icon::Symbol;
use crate::components::product_tile::ProductTile;
use crate::state::State;
use crate::text::sell as text;

/// How many products are asked for; more do not help a finger.
const TILES_MAX: u32 = 200;

/// The tiles.
#[component]
pub fn Tiles() -> impl IntoView {
    let state = State::here();
    let selling = Selling::here();
    let products = RwSignal::new(None::<Vec<Product>>);
    Effect::new(move |_| {
        state.catalogue.track();
        spawn_local(async move {
            let request = Request::Products {
                search: String::new(),
                offset: 0,
                limit: TILES_MAX,
            };
            if let Reply::Products { mut page, .. } = state.device.ask(request).await {
                page.retain(|product| product.active && product.price.is_some());
                // The sort is stable: within each kind the order by name stays.
                page.sort_by_key(|product| product.unit == Unit::Piece);
                products.try_set(Some(page));
            }
        });
    });
    let nothing = move || products.read().as_ref().is_some_and(Vec::is_empty);
    view! {
        <Show
            when=move || !nothing()
            fallback=|| {
                view! {
                    <EmptyState
                        symbol=Symbol::Tiles
                        title=text::NO_TILES_TITLE
                        text=text::NO_TILES
                    >
                        <A href="/products/import" attr:class="button button-main">
                            {text::IMPORT}
                        </A>
                    </EmptyState>
                }
                    .into_any()
            }
        >
            <div class="tiles">
                <For
                    each=move || {
                        let currency = state.currency.get();
                        products.get().into_iter().flatten().map(move |product| (product, currency))
                    }
                    key=|(product, currency)| {
                        (product.id, product.name.clone(), product.price, *currency)
                    }
                    children=move |(product, currency)| {
                        let choose = move |product| selling.choose(state, product);
                        view! { <ProductTile product currency on_choose=choose /> }
                    }
                />
            </div>
        </Show>
    }
}
