//! A product that sells with a tap.

use domain::catalogue::Product;
use leptos::prelude::*;

use crate::format;
use crate::text::products;

/// A tile with name and price.
#[component]
pub fn ProductTile(
    /// The product.
    product: Product,
    /// Called with it on a tap.
    #[prop(into)]
    on_choose: Callback<Product>,
) -> impl IntoView {
    let currency = format::shop_currency();
    let price = product.price;
    let unit = product.unit;
    let shown = move || {
        let price = format::amount(price.unwrap_or_default(), currency.get());
        match format::unit_symbol(unit) {
            "" => price,
            symbol => products::price_per(&price, symbol),
        }
    };
    let name = product.name.clone();
    view! {
        <button
            type="button"
            class="tile"
            on:click=move |_| on_choose.run(product.clone())
        >
            <span class="tile-name">{name}</span>
            <span class="tile-price amount">{shown}</span>
        </button>
    }
}
