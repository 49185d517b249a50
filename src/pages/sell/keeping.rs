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
    Effect::new(move |_| {
        if state.ready.get() {
            spawn_local(async move {
                bring_back(state, selling).await;
                back.set(true);
            });
        } else {
            // This tab takes over again: what it remembers may have been sold elsewhere.
            back.set(false);
            selling.forget();
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

async fn bring_back(state: State, selling: Selling) {
    let Reply::Carts { carts, products } = state.device.ask(Request::Carts).await else {
        return;
    };
    let open = cart_of(&carts.open, &products);
    if !open.is_empty() {
        state.announcement.set(text::BROUGHT_BACK.into());
    }
    // Something may have been scanned meanwhile.
    selling.cart.update(|cart| cart.put_before(open));
    let held = carts.held.iter().map(|lines| cart_of(lines, &products));
    selling.held.set(held.collect());
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
