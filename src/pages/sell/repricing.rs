//! Prices that change while a cart is open: the cart follows, and says so.

use std::collections::BTreeMap;

use device::api::{Reply, Request};
use domain::catalogue::{Product, ProductId};
use leptos::prelude::*;
use leptos::task::spawn_local;

use super::cart::Cart;
use super::selling::Selling;
use crate::components::banner::{Banner, Tone};
use crate::format;
use crate::state::State;
use crate::text::sell as text;

/// Asks for every product of an open cart again when the catalogue changes.
///
/// A sale on its way to the disk has been priced; if it was refused, for the price perhaps, the
/// cart is looked at again.
pub fn follow_prices(state: State, selling: Selling) {
    Effect::new(move |_| {
        state.catalogue.track();
        if selling.storing.get() {
            return;
        }
        for (id, sku) in open_products(selling) {
            spawn_local(async move {
                let request = Request::Lookup { code: sku };
                if let Reply::Found(Some(now)) = state.device.ask(request).await
                    && now.id == id
                {
                    refresh(state, selling, &now);
                }
            });
        }
    });
}

/// The products of every cart that may still be paid, with the code to ask for each.
fn open_products(selling: Selling) -> BTreeMap<ProductId, String> {
    let (cart, held) = (selling.cart.read_untracked(), selling.held.read_untracked());
    let cleared = selling.cleared.read_untracked();
    let carts = held.iter().chain(cleared.iter()).chain([&*cart]);
    carts
        .flat_map(Cart::lines)
        .map(|line| (line.product.id, line.product.sku.clone()))
        .collect()
}

fn refresh(state: State, selling: Selling, now: &Product) {
    let changed = selling.cart.try_maybe_update(|cart| {
        let changed = cart.refresh(now);
        (changed, changed)
    });
    let repriced = |line: &super::cart::Line| line.product.id == now.id && line.was.is_some();
    if changed == Some(true) && selling.cart.read_untracked().lines().iter().any(repriced) {
        state.announcement.set(text::price_changed(&now.name));
    }
    let refresh_all = |carts: &mut dyn Iterator<Item = &mut Cart>| {
        carts
            .filter_map(|cart| cart.refresh(now).then_some(()))
            .count()
            > 0
    };
    selling
        .held
        .maybe_update(|held| refresh_all(&mut held.iter_mut()));
    selling
        .cleared
        .maybe_update(|cleared| refresh_all(&mut cleared.iter_mut()));
}

/// Which prices changed since the first scan, for whoever is about to take the money.
#[component]
pub fn PriceChanges() -> impl IntoView {
    let selling = Selling::here();
    let currency = format::shop_currency();
    let changes = move || {
        let cart = selling.cart.read();
        let changed = cart.lines().iter().filter_map(|line| {
            let was = format::amount(line.was?, currency.get());
            let now = format::amount(line.product.price?, currency.get());
            Some(text::price_change(&line.product.name, &was, &now))
        });
        changed.collect::<Vec<_>>().join(" ")
    };
    move || {
        let words = changes();
        (!words.is_empty()).then(|| view! { <Banner tone=Tone::Warn>{words}</Banner> })
    }
}
