//! What the cart comes to, by the domain's own arithmetic: the same that prints the receipt.

use device::api::ShopStatus;
use domain::money::Money;
use domain::settings::BasisPoints;
use leptos::prelude::*;

use super::cart::Line;
use super::selling::Selling;
use crate::state::State;

/// What the cart comes to.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub struct CartTotals {
    /// How many lines.
    pub items: usize,
    /// The tax in it.
    pub tax: Money,
    /// What is to be paid; `None` when it is more than a sale may come to.
    pub payable: Option<Money>,
}

/// Follows the cart.
pub fn cart_totals() -> Memo<CartTotals> {
    let selling = Selling::here();
    let state = State::here();
    Memo::new(move |_| {
        let status = state.status.read();
        let cart = selling.cart.read();
        let shop = status.as_ref().and_then(|status| status.shop.as_ref());
        let totals = shop.and_then(|shop| {
            let lines = cart
                .lines()
                .iter()
                .map(|line| Some((rate_of(shop, line), line.total()?)));
            domain::tax::totals(shop.tax_mode, lines.collect::<Option<Vec<_>>>()?)
        });
        CartTotals {
            items: cart.lines().len(),
            tax: totals.as_ref().map(|totals| totals.tax).unwrap_or_default(),
            payable: totals.map(|totals| totals.payable),
        }
    })
}

/// The rate of a line's product, or the shop's usual one.
fn rate_of(shop: &ShopStatus, line: &Line) -> BasisPoints {
    let named = shop
        .tax_rates
        .iter()
        .find(|rate| Some(rate.id) == line.product.tax_rate);
    let usual = || shop.tax_rates.iter().find(|rate| rate.default);
    named
        .or_else(usual)
        .map(|rate| rate.rate)
        .unwrap_or_default()
}
