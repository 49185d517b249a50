//! The cart on the screen: its lines, what was scanned last, and one tap to undo it.

use leptos::prelude::*;

use super::cart::Line;
use super::line_sheet::LineSheet;
use super::selling::Selling;
use super::unsold::UnsoldRows;
use crate::components::empty_state::EmptyState;
use crate::components::icon::{Icon, Symbol};
use crate::dom;
use crate::format;
use crate::text::sell as text;

const LINES_ID: &str = "cart-lines";

/// The cart.
#[component]
pub fn CartPanel() -> impl IntoView {
    let selling = Selling::here();
    let changing = RwSignal::new(None::<u32>);
    let empty = move || selling.cart.read().is_empty() && selling.unsold.read().is_empty();
    Effect::new(move |_| {
        selling.cart.track();
        selling.unsold.track();
        // After the new line is drawn.
        request_animation_frame(|| dom::show_end(LINES_ID));
    });
    view! {
        <section class="cart" aria-label=text::CART>
            <Show
                when=move || !empty()
                fallback=|| {
                    view! {
                        <div class="cart-lines">
                            <EmptyState
                                symbol=Symbol::Basket
                                title=text::EMPTY_TITLE
                                text=text::EMPTY
                            />
                        </div>
                    }
                }
            >
                <ul class="cart-lines" id=LINES_ID aria-label=text::CART>
                    <For
                        each=move || selling.cart.read().lines().to_vec()
                        key=|line| (line.key, line.quantity.0, line.product.price, line.was)
                        children=move |line| view! { <CartLine line changing /> }
                    />
                    <UnsoldRows />
                </ul>
            </Show>
            <LastScan />
            <LineSheet changing />
        </section>
    }
}

#[component]
fn CartLine(line: Line, changing: RwSignal<Option<u32>>) -> impl IntoView {
    let selling = Selling::here();
    let currency = format::shop_currency();
    let key = line.key;
    let last = move || {
        selling
            .cart
            .read()
            .last()
            .is_some_and(|last| last.key == key)
    };
    let name = line.product.name.clone();
    let description = text::change_line(&name);
    let how = format::quantity(line.quantity, line.product.unit);
    let price = line.product.price.unwrap_or_default();
    let total = line.total().unwrap_or_default();
    let was = line.was;
    view! {
        <li>
            <button
                type="button"
                class="cart-line"
                data-last=move || last().then_some("")
                aria-description=description
                on:click=move |_| changing.set(Some(key))
            >
                <span class="cart-name">{name}</span>
                <span class="amount">{move || format::amount(total, currency.get())}</span>
                <span class="cart-how">
                    {how} " × " {move || format::amount(price, currency.get())}
                    {move || {
                        was.map(|was| text::price_was(&format::amount(was, currency.get())))
                    }}
                </span>
            </button>
        </li>
    }
}

/// What the last scan did, and Undo; or the cart that was just cleared, and how to get it back.
#[component]
fn LastScan() -> impl IntoView {
    let selling = Selling::here();
    let last = move || {
        selling
            .cart
            .read()
            .last()
            .map(|line| line.product.name.clone())
    };
    let undo = move |_| selling.cart.update(super::cart::Cart::undo);
    let bring_back = move |_| {
        if let Some(cart) = selling.cleared.try_update(Option::take).flatten() {
            selling.cart.set(cart);
        }
    };
    view! {
        <div class="last-scan">
            {move || {
                if selling.cleared.read().is_some() {
                    return view! {
                        <span class="last-name">{text::CLEARED}</span>
                        <button type="button" class="button button-plain" on:click=bring_back>
                            <Icon symbol=Symbol::Undo size=20 />
                            {text::BRING_BACK}
                        </button>
                    }
                        .into_any();
                }
                let can_undo = selling.cart.read().can_undo();
                let undo = can_undo
                    .then(|| {
                        view! {
                            <button type="button" class="button button-plain" on:click=undo>
                                <Icon symbol=Symbol::Undo size=20 />
                                {text::UNDO_LAST}
                            </button>
                        }
                    });
                match last() {
                    Some(name) => {
                        view! {
                            <Icon symbol=Symbol::Check size=20 />
                            <span class="last-name">{name}</span>
                            {undo}
                        }
                            .into_any()
                    }
                    None => {
                        view! {
                            <span class="last-name">{text::SCAN_ANY_TIME}</span>
                            {undo}
                        }
                            .into_any()
                    }
                }
            }}
        </div>
    }
}
