//! What can't be sold: rows that stay in the cart until somebody deals with them.

use device::api::Right;
use leptos::prelude::*;

use super::selling::{Selling, Unsold};
use crate::components::icon::{Icon, Symbol};
use crate::components::sheet::Sheet;
use crate::pages::products::form::ProductForm;
use crate::state::State;
use crate::text::sell as text;

/// Unknown codes and products without a price, each with what to do.
#[component]
pub fn UnsoldRows() -> impl IntoView {
    let selling = Selling::here();
    view! {
        <For
            each=move || selling.unsold.get()
            key=|unsold| unsold.code.clone()
            children=|unsold| view! { <UnsoldRow unsold /> }
        />
    }
}

#[component]
fn UnsoldRow(unsold: Unsold) -> impl IntoView {
    let state = State::here();
    let selling = Selling::here();
    let open = RwSignal::new(false);
    let (what, hint, step) = match &unsold.product {
        Some(product) if !product.active => (text::OFF_SALE, text::OFF_SALE_HINT, None),
        Some(_) => (
            text::UNPRICED,
            text::UNPRICED_HINT,
            Some(text::UNPRICED_SET),
        ),
        None => (text::UNKNOWN, text::UNKNOWN_HINT, Some(text::UNKNOWN_ADD)),
    };
    // Whoever may not write products is not led into a form that is refused at its end.
    let (hint, step) = match step {
        Some(_) if !state.may(Right::Catalogue) => (text::ASK_TO_ADD, None),
        step => (hint, step),
    };
    let code = unsold.code.clone();
    let unsold = StoredValue::new(unsold);
    let drop_it = move || {
        let code = unsold.with_value(|unsold| unsold.code.clone());
        selling
            .unsold
            .update(|rows| rows.retain(|row| row.code != code));
    };
    let saved = move |product: domain::catalogue::Product| {
        open.set(false);
        drop_it();
        selling.choose(state, product);
    };
    view! {
        <li class="cart-unsold">
            <p class="cart-unsold-head" role="alert">
                <Icon symbol=Symbol::Warning size=20 />
                {what}
                <span class="code">{code}</span>
            </p>
            <p class="small">{hint}</p>
            <div class="row">
                {step
                    .map(|step| {
                        view! {
                            <button type="button" class="button" on:click=move |_| open.set(true)>
                                <Icon symbol=Symbol::Plus size=20 />
                                {step}
                            </button>
                        }
                    })}
                <button type="button" class="button button-plain" on:click=move |_| drop_it()>
                    {text::UNKNOWN_DROP}
                </button>
            </div>
            <Sheet open=open title=step.unwrap_or_default()>
                {move || match unsold.get_value() {
                    Unsold { product: Some(product), .. } => {
                        view! { <ProductForm product on_saved=saved /> }.into_any()
                    }
                    Unsold { code, .. } => {
                        view! { <ProductForm barcode=code on_saved=saved /> }.into_any()
                    }
                }}
            </Sheet>
        </li>
    }
}
