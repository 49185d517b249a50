//! Changing a line of the cart: how many, how heavy, or out of it.

use domain::catalogue::Unit;
use domain::quantity::{ONE, Quantity};
use leptos::prelude::*;

use super::cart::Line;
use super::quantity_entry::QuantityEntry;
use super::selling::Selling;
use crate::components::icon::{Icon, Symbol};
use crate::components::sheet::Sheet;
use crate::text::sell as text;

/// The sheet of the line whose key is in `changing`.
#[component]
pub fn LineSheet(
    /// The line that is being changed.
    changing: RwSignal<Option<u32>>,
) -> impl IntoView {
    let selling = Selling::here();
    let open = RwSignal::new(false);
    let line = Memo::new(move |_| {
        let key = changing.get()?;
        selling
            .cart
            .read()
            .lines()
            .iter()
            .find(|line| line.key == key)
            .cloned()
    });
    Effect::new(move |_| open.set(line.read().is_some()));
    Effect::new(move |_| {
        if !open.get() {
            changing.set(None);
        }
    });
    let title = move || line.get().map(|line| line.product.name).unwrap_or_default();
    view! {
        <Sheet open=open title=Signal::derive(title)>
            {move || line.get().map(|line| view! { <Change line changing /> })}
        </Sheet>
    }
}

#[component]
fn Change(line: Line, changing: RwSignal<Option<u32>>) -> impl IntoView {
    let selling = Selling::here();
    let Line {
        key,
        product,
        quantity,
        ..
    } = line;
    let set = move |quantity: Quantity| {
        selling.cart.update(|cart| cart.set_quantity(key, quantity));
    };
    let step = move |by: i64| set(Quantity(quantity.0.saturating_add(by)));
    let done = move |quantity: Quantity| {
        set(quantity);
        changing.set(None);
    };
    let pieces = product.unit == Unit::Piece;
    view! {
        <div class="row">
            {pieces
                .then(|| {
                    view! {
                        <button
                            type="button"
                            class="button button-tall"
                            aria-label=text::MINUS
                            on:click=move |_| step(-ONE.0)
                        >
                            <Icon symbol=Symbol::Minus />
                        </button>
                        <button
                            type="button"
                            class="button button-tall"
                            aria-label=text::PLUS
                            on:click=move |_| step(ONE.0)
                        >
                            <Icon symbol=Symbol::Plus />
                        </button>
                    }
                })}
            <button
                type="button"
                class="button button-tall button-bad"
                on:click=move |_| done(Quantity(0))
            >
                <Icon symbol=Symbol::Bin />
                {text::REMOVE}
            </button>
        </div>
        <QuantityEntry unit=product.unit present=quantity done_words=text::SET on_done=done />
    }
}
