//! Handing the cart to the device: once, and until it answers neither the cart nor the sheet moves.

use device::api::{Reply, Request};
use domain::money::Money;
use domain::sale::{Basket, BasketLine, Item, Tender};
use leptos::prelude::*;
use leptos::task::spawn_local;

use super::cart::{Cart, Line};
use super::selling::Selling;
use crate::state::{State, refusal_of};
use crate::text::sell as text;

impl Selling {
    /// Sells the cart. While it is being stored this does nothing: a second press must never
    /// take the money twice.
    pub fn pay(self, state: State, tender: Tender) {
        if self.storing.get_untracked() || self.cart.read_untracked().is_empty() {
            return;
        }
        self.storing.set(true);
        self.refusal.set(None);
        let basket = basket(&self.cart.read_untracked(), tender);
        spawn_local(async move {
            match state.device.ask(Request::Sell(basket)).await {
                Reply::Sold(receipt) => {
                    self.cart.set(Cart::default());
                    self.unsold.set(Vec::new());
                    state.announcement.set(text::PAID.into());
                    self.paid.set(Some(receipt));
                    state.refresh_status();
                }
                other => self.refusal.set(Some(refusal_of(other))),
            }
            self.storing.set(false);
        });
    }
}

/// What is sold and how it is paid, as the device takes it.
fn basket(cart: &Cart, tender: Tender) -> Basket {
    let line = |line: &Line| BasketLine {
        item: Item::Product(line.product.id),
        quantity: line.quantity,
    };
    Basket {
        lines: cart.lines().iter().map(line).collect(),
        // Where nothing is to be paid, nobody pays anything.
        tenders: [tender]
            .into_iter()
            .filter(|tender| tender.amount > Money::default())
            .collect(),
    }
}
