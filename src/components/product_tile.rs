//! A product that sells with a tap.

use domain::catalogue::Product;
use domain::money::Currency;
use leptos::prelude::*;

use crate::format;
use crate::text::products;

/// A tile with name and price.
#[component]
pub fn ProductTile(
    /// The product.
    product: Product,
    /// In what it costs. A shop has hundreds of tiles: none of them follows anything by itself.
    currency: Option<Currency>,
    /// Called with it on a tap.
    #[prop(into)]
    on_choose: Callback<Product>,
) -> impl IntoView {
    let price = format::amount(product.price.unwrap_or_default(), currency);
    let price = match format::unit_symbol(product.unit) {
        "" => price,
        symbol => products::price_per(&price, symbol),
    };
    let name = product.name.clone();
    view! {
        <button
            type="button"
            class="tile"
            on:click=move |_| on_choose.run(product.clone())
        >
            <span class="tile-name">{name}</span>
            <span class="tile-price amount">{price}</span>
        </button>
    }
}
