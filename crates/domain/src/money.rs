//! Money: integer minor units of one currency per shop. No floats anywhere.
//!
//! The one rounding rule of the shop is [`round_ratio`]: half away from zero, decided once on
//! the exact ratio.

mod currency;

use minicbor::{Decode, Encode};

pub use currency::Currency;

use crate::error::AskerError;

/// The largest amount, either sign, in minor units: ten thousand million at two decimals.
///
/// Nine million of them still fit the 64 bits in which sums are kept.
pub const MONEY_MAX: Money = Money(1_000_000_000_000);

/// An amount in minor units (paise, cents) of the shop's currency.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Default, Encode, Decode)]
#[cbor(transparent)]
pub struct Money(#[n(0)] pub i64);

impl Money {
    /// Nothing.
    pub const ZERO: Self = Self(0);

    /// Adds; `None` beyond [`MONEY_MAX`].
    pub fn checked_add(self, other: Self) -> Option<Self> {
        Self(self.0.checked_add(other.0)?).within_bounds()
    }

    /// Subtracts; `None` beyond [`MONEY_MAX`].
    pub fn checked_sub(self, other: Self) -> Option<Self> {
        Self(self.0.checked_sub(other.0)?).within_bounds()
    }

    /// Adds all; `None` beyond [`MONEY_MAX`].
    pub fn checked_sum(amounts: impl IntoIterator<Item = Self>) -> Option<Self> {
        amounts.into_iter().try_fold(Self::ZERO, Self::checked_add)
    }

    /// Itself; `None` beyond [`MONEY_MAX`].
    pub fn within_bounds(self) -> Option<Self> {
        (self.0.unsigned_abs() <= MONEY_MAX.0.unsigned_abs()).then_some(self)
    }

    /// The amount as plain text with the currency's decimals and no symbol, as `-12.50`.
    pub fn to_text(self, currency: Currency) -> String {
        decimal_text(self.0, currency.exponent())
    }

    /// Reads plain text, as `12.50`, `12` or `-0.5`, with a point and no grouping.
    ///
    /// # Errors
    /// [`AskerError::NotAnAmount`], [`AskerError::TooManyDecimals`] or [`AskerError::TooLarge`].
    pub fn from_text(text: &str, currency: Currency) -> Result<Self, AskerError> {
        match decimal_from_text(text, currency.exponent()) {
            Ok(minor) => Self(minor)
                .within_bounds()
                .ok_or_else(|| AskerError::TooLarge(text.to_owned())),
            Err(NotDecimal::Form) => Err(AskerError::NotAnAmount(text.to_owned())),
            Err(NotDecimal::Decimals) => Err(AskerError::TooManyDecimals(text.to_owned())),
            Err(NotDecimal::Size) => Err(AskerError::TooLarge(text.to_owned())),
        }
    }
}

/// `numerator / denominator`, rounded half away from zero; `None` when it does not fit 64 bits
/// or the denominator is not positive.
pub fn round_ratio(numerator: i128, denominator: i128) -> Option<i64> {
    if denominator <= 0 {
        return None;
    }
    let magnitude = numerator.unsigned_abs();
    let denominator = denominator.unsigned_abs();
    let floor = magnitude.checked_div(denominator)?;
    let rest = magnitude.checked_rem(denominator)?;
    // `rest ≥ denominator − rest` is `2 × rest ≥ denominator` without its overflow.
    let up = u128::from(rest >= denominator.checked_sub(rest)?);
    let rounded = i128::try_from(floor.checked_add(up)?).ok()?;
    let signed = if numerator < 0 {
        rounded.checked_neg()?
    } else {
        rounded
    };
    i64::try_from(signed).ok()
}

/// Why a text is not a decimal number.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum NotDecimal {
    Form,
    Decimals,
    Size,
}

/// Writes `value` with the point `decimals` (at most 18) digits from the right.
pub(crate) fn decimal_text(value: i64, decimals: u8) -> String {
    let sign = if value < 0 { "-" } else { "" };
    let decimals = usize::from(decimals);
    let digits = format!("{:0>1$}", value.unsigned_abs(), decimals.saturating_add(1));
    match digits.split_at_checked(digits.len().saturating_sub(decimals)) {
        Some((whole, rest)) if !rest.is_empty() => format!("{sign}{whole}.{rest}"),
        _ => format!("{sign}{digits}"),
    }
}

/// Reads a decimal number as an integer of `decimals` decimals.
pub(crate) fn decimal_from_text(text: &str, decimals: u8) -> Result<i64, NotDecimal> {
    let text = text.trim();
    let (negative, digits) = match text.strip_prefix('-') {
        Some(rest) => (true, rest),
        None => (false, text),
    };
    let (whole, rest) = digits.split_once('.').unwrap_or((digits, ""));
    let plain = |part: &str| part.bytes().all(|b| b.is_ascii_digit());
    let pointless = digits.ends_with('.');
    if whole.is_empty() || pointless || !plain(whole) || !plain(rest) {
        return Err(NotDecimal::Form);
    }
    let rest = rest.trim_end_matches('0');
    if rest.len() > usize::from(decimals) {
        return Err(NotDecimal::Decimals);
    }
    let joined = format!("{whole}{rest:0<0$}", usize::from(decimals));
    let magnitude: i64 = joined.parse().map_err(|_| NotDecimal::Size)?;
    Ok(if negative {
        magnitude.saturating_neg()
    } else {
        magnitude
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    fn currency(code: &str) -> Currency {
        Currency::from_code(code).unwrap()
    }

    #[test]
    fn half_a_unit_rounds_away_from_zero_on_both_sides() {
        assert_eq!(round_ratio(5, 10), Some(1));
        assert_eq!(round_ratio(-5, 10), Some(-1));
        assert_eq!(round_ratio(4, 10), Some(0));
        assert_eq!(round_ratio(-14, 10), Some(-1));
        assert_eq!(round_ratio(-15, 10), Some(-2));
        assert_eq!(round_ratio(1, 3), Some(0));
        assert_eq!(round_ratio(2, 3), Some(1));
    }

    #[test]
    fn a_ratio_that_does_not_fit_is_refused() {
        assert_eq!(round_ratio(1, 0), None);
        assert_eq!(round_ratio(1, -1), None);
        assert_eq!(round_ratio(i128::MAX, 1), None);
        assert_eq!(round_ratio(i128::MIN, i128::MAX), Some(-1));
        assert_eq!(round_ratio(i128::from(i64::MAX), 1), Some(i64::MAX));
    }

    #[test]
    fn amounts_are_written_with_the_currencys_own_decimals() {
        assert_eq!(Money(-1250).to_text(currency("INR")), "-12.50");
        assert_eq!(Money(5).to_text(currency("EUR")), "0.05");
        assert_eq!(Money(5).to_text(currency("JPY")), "5");
        assert_eq!(Money(1).to_text(currency("KWD")), "0.001");
    }

    #[test]
    fn text_reads_back_as_the_amount_it_was_written_from() {
        for code in ["INR", "JPY", "KWD"] {
            for minor in [0, 1, -1, 99, 100, 12_345, -1_000_000_000_000] {
                let text = Money(minor).to_text(currency(code));
                assert_eq!(Money::from_text(&text, currency(code)), Ok(Money(minor)));
            }
        }
    }

    #[test]
    fn text_that_is_no_amount_is_refused() {
        let usd = currency("USD");
        for text in [
            "", "-", ".", ".5", "5.", "1,50", "1e3", "1 000", "٣", "--1", "0x1",
        ] {
            assert_eq!(
                Money::from_text(text, usd),
                Err(AskerError::NotAnAmount(text.into())),
                "{text}"
            );
        }
        assert!(matches!(
            Money::from_text("1.005", usd),
            Err(AskerError::TooManyDecimals(_))
        ));
        assert_eq!(Money::from_text("1.500", usd), Ok(Money(150)));
        assert!(matches!(
            Money::from_text("99999999999999999999", usd),
            Err(AskerError::TooLarge(_))
        ));
    }

    #[test]
    fn sums_stop_at_the_largest_amount() {
        assert_eq!(MONEY_MAX.checked_add(Money(1)), None);
        assert_eq!(
            MONEY_MAX.checked_sub(Money(1)),
            Some(Money(MONEY_MAX.0 - 1))
        );
        assert_eq!(Money(i64::MIN).within_bounds(), None);
        assert_eq!(Money::checked_sum([Money(1), Money(2)]), Some(Money(3)));
    }
}
