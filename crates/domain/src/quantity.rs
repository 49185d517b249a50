//! Quantities: integer thousandths of a piece, a kilogram, a litre or a metre.

use minicbor::{Decode, Encode};

use crate::error::AskerError;
use crate::money::{Money, decimal_from_text, decimal_text, round_ratio};

/// How many thousandths are one.
pub const ONE: Quantity = Quantity(1_000);

/// The largest quantity of a line or a movement, either sign: a million pieces.
pub const QUANTITY_MAX: Quantity = Quantity(1_000_000_000);

/// A quantity in thousandths; negative where something leaves the shop.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Default, Encode, Decode)]
#[cbor(transparent)]
pub struct Quantity(#[n(0)] pub i64);

impl Quantity {
    /// None.
    pub const ZERO: Self = Self(0);

    /// Adds; `None` beyond [`QUANTITY_MAX`].
    pub fn checked_add(self, other: Self) -> Option<Self> {
        Self(self.0.checked_add(other.0)?).within_bounds()
    }

    /// Itself; `None` beyond [`QUANTITY_MAX`].
    pub fn within_bounds(self) -> Option<Self> {
        (self.0.unsigned_abs() <= QUANTITY_MAX.0.unsigned_abs()).then_some(self)
    }

    /// What this quantity costs at `price` for one, rounded once; `None` when too large.
    pub fn times(self, price: Money) -> Option<Money> {
        let exact = i128::from(price.0).checked_mul(i128::from(self.0))?;
        Money(round_ratio(exact, i128::from(ONE.0))?).within_bounds()
    }

    /// Plain text without needless zeros, as `2` or `0.742`.
    pub fn to_text(self) -> String {
        let text = decimal_text(self.0, 3);
        text.trim_end_matches('0').trim_end_matches('.').to_owned()
    }

    /// Reads plain text, as `2`, `0.742` or `-1.5`.
    ///
    /// # Errors
    /// [`AskerError::NotAQuantity`].
    pub fn from_text(text: &str) -> Result<Self, AskerError> {
        decimal_from_text(text, 3)
            .ok()
            .and_then(|milli| Self(milli).within_bounds())
            .ok_or_else(|| AskerError::NotAQuantity(text.to_owned()))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn quantities_are_written_without_needless_zeros() {
        let text = |milli| Quantity(milli).to_text();
        assert_eq!(text(2_000), "2");
        assert_eq!(text(742), "0.742");
        assert_eq!(text(-1_500), "-1.5");
        assert_eq!(text(0), "0");
        assert_eq!(text(100_000), "100");
    }

    #[test]
    fn text_reads_back_as_the_quantity_it_was_written_from() {
        for milli in [0, 1, -1, 742, 1_000, 10_000, 123_456] {
            let quantity = Quantity(milli);
            assert_eq!(Quantity::from_text(&quantity.to_text()), Ok(quantity));
        }
        assert!(Quantity::from_text("0.7421").is_err());
        assert!(Quantity::from_text("two").is_err());
    }

    #[test]
    fn a_weighed_line_is_rounded_once() {
        // 0.742 kg at 8.99 a kilogram is 6.67058.
        assert_eq!(Quantity(742).times(Money(899)), Some(Money(667)));
        // 0.5 g at 1.00 a kilogram is half a cent.
        assert_eq!(Quantity(5).times(Money(100)), Some(Money(1)));
        assert_eq!(Quantity(-5).times(Money(100)), Some(Money(-1)));
        assert_eq!(QUANTITY_MAX.times(crate::money::MONEY_MAX), None);
    }
}
