//! Money and quantities in words, as the shop writes them.

use domain::catalogue::Unit;
use domain::money::{Currency, Money};
use domain::quantity::Quantity;
use leptos::prelude::*;

use crate::state::State;

/// The shop's currency, as a signal that screens share.
pub fn shop_currency() -> Memo<Option<Currency>> {
    State::here().currency
}

/// An amount with the currency's own number of decimals and no sign of the currency: tills show
/// one currency, and the figure is what is read. Empty until the shop is known.
pub fn amount(money: Money, currency: Option<Currency>) -> String {
    currency
        .map(|currency| money.to_text(currency))
        .unwrap_or_default()
}

/// A quantity as it stands in a cart: `2` pieces, `0.742 kg`.
pub fn quantity(quantity: Quantity, unit: Unit) -> String {
    match unit_symbol(unit) {
        "" => quantity.to_text(),
        symbol => format!("{} {symbol}", quantity.to_text()),
    }
}

/// What stands behind a measured quantity; nothing behind pieces.
pub fn unit_symbol(unit: Unit) -> &'static str {
    match unit {
        Unit::Piece => "",
        Unit::Kilogram => "kg",
        Unit::Litre => "l",
        Unit::Metre => "m",
    }
}

/// A number as people type it, in the form that the domain reads: a comma becomes the point, and
/// a bare point gets its zero.
pub fn plain_number(typed: &str) -> String {
    let number = typed.trim().replace(',', ".");
    let number = number.strip_suffix('.').unwrap_or(&number);
    if number.starts_with('.') {
        format!("0{number}")
    } else {
        number.to_owned()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn commas_and_bare_points_are_forgiven() {
        assert_eq!(plain_number(" 2,50 "), "2.50");
        assert_eq!(plain_number(".742"), "0.742");
        assert_eq!(plain_number("7."), "7");
        assert_eq!(plain_number("7"), "7");
        assert_eq!(plain_number("."), "");
    }
}
