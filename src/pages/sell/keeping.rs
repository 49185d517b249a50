//! Carts outlive the page: each change is kept on the device, and a start brings them back.

use device::api::{CartLine, Carts, Reply, Request};
use domain::catalogue::Product;
use leptos::prelude::*;
use leptos::task::spawn_local;

use super::cart::{Cart, Line};
use super::selling::Selling;
use crate::state::State;
use crate::text::sell as text;

/// Brings the carts back as soon as the device can be used, and keeps them from then on.
pub fn keep_carts(state: State, selling: Selling) {
    let back = RwSignal::new(false);
    let bringing = StoredValue::new(false);
    let in_shop = Memo::new(move |_| {
        let status = state.status.read();
        status.as_ref().is_some_and(|status| status.shop.is_some())
    });
    Effect::new(move |_| {
        if !state.ready.get() {
            // This tab takes over again: what it remembers may have been sold elsewhere.
            back.set(false);
            selling.forget();
            return;
        }
        // After a damage the shop is shut until another device has sent what is lacking.
        in_shop.track();
        if !back.get_untracked() && !bringing.get_value() {
            bringing.set_value(true);
            spawn_local(async move {
                back.set(bring_back(state, selling).await);
                bringing.set_value(false);
            });
        }
    });
    Effect::new(move |_| {
        // A sale made by a script leaves the cart open, and the device must hear that it is. While
        // the cart itself is being sold the device must not: it may be the sale that it heard of.
        state.sales.track();
        let storing = selling.storing.get();
        let carts = Carts {
            open: lines_of(&selling.cart.read()),
            held: selling.held.read().iter().map(lines_of).collect(),
        };
        if back.get() && !storing {
            spawn_local(async move {
                // Refused without a shop, where there is nothing to keep.
                state.device.ask(Request::KeepCarts(carts)).await;
            });
        }
    });
}

/// Gives whether the device could say what was kept: nothing is written over it before.
async fn bring_back(state: State, selling: Selling) -> bool {
    let Reply::Carts { carts, products } = state.device.ask(Request::Carts).await else {
        return false;
    };
    let open = cart_of(&carts.open, &products);
    if !open.is_empty() {
        state.announcement.set(text::BROUGHT_BACK.into());
    }
    // Something may have been scanned, or put on hold, meanwhile.
    selling.cart.update(|cart| cart.put_before(open));
    let mut held: Vec<_> = carts.held.iter().map(|it| cart_of(it, &products)).collect();
    selling.held.update(|since| {
        held.append(since);
        *since = held;
    });
    true
}

fn lines_of(cart: &Cart) -> Vec<CartLine> {
    let line = |line: &Line| CartLine {
        product: line.product.id,
        quantity: line.quantity,
        price: line.was.or(line.product.price),
    };
    cart.lines().iter().map(line).collect()
}

/// A cart of what was kept, with the products as they now are.
fn cart_of(lines: &[CartLine], products: &[Product]) -> Cart {
    let mut cart = Cart::default();
    for line in lines {
        let found = products.iter().find(|product| product.id == line.product);
        if let Some(product) = found {
            cart.put_back(product.clone(), line.quantity, line.price);
        }
    }
    cart
}
