//! What the cart comes to, by the domain's own arithmetic: the same that prints the receipt.

use domain::money::Money;
use domain::settings::rate_among;
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
            let priced = |line: &Line| {
                let rate = rate_among(&shop.tax_rates, line.product.tax_rate);
                Some((rate, line.total()?))
            };
            let lines = cart.lines().iter().map(priced);
            domain::tax::totals(shop.tax_mode, lines.collect::<Option<Vec<_>>>()?)
        });
        CartTotals {
            items: cart.lines().len(),
            tax: totals.as_ref().map(|totals| totals.tax).unwrap_or_default(),
            payable: totals.map(|totals| totals.payable),
        }
    })
}
