//! What a shop settles once: its name, currency, time zone, taxes and when its day ends.

mod business_date;

use minicbor::{Decode, Encode};

pub use business_date::{BusinessDate, ZoneTable, offset_minutes};
pub(crate) use business_date::{local_day, local_hour, local_minute};

use crate::error::AskerError;
use crate::money::Currency;

/// The most tax rates that a shop has.
pub const TAX_RATES_MAX: usize = 16;

/// Whether shelf prices include tax.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Encode, Decode)]
#[cbor(index_only)]
pub enum TaxMode {
    /// The customer pays the shelf price; tax is a part of it.
    #[n(0)]
    Inclusive,
    /// Tax comes on top of the shelf price.
    #[n(1)]
    Exclusive,
}

/// A tax rate in basis points: 10,000 is 100 %.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Default, Encode, Decode)]
#[cbor(transparent)]
pub struct BasisPoints(#[n(0)] pub u16);

impl BasisPoints {
    /// The highest rate, 100 %.
    pub const MAX: Self = Self(10_000);

    /// As people write it: `22`, `5.5`, without the sign.
    pub fn to_text(self) -> String {
        let text = crate::money::decimal_text(i64::from(self.0), 2);
        text.trim_end_matches('0').trim_end_matches('.').to_owned()
    }

    /// Reads `22`, `22%` or `5.5 %`; `None` when it is no rate up to 100 %.
    pub fn from_text(text: &str) -> Option<Self> {
        let digits = text.trim().trim_end_matches('%');
        let points = crate::money::decimal_from_text(digits, 2).ok()?;
        let rate = Self(u16::try_from(points).ok()?);
        (rate <= Self::MAX).then_some(rate)
    }
}

/// One of the shop's tax rates.
#[derive(Debug, Clone, PartialEq, Eq, Encode, Decode)]
#[cbor(map)]
pub struct TaxRate {
    /// What products name it by.
    #[n(0)]
    pub id: u8,
    /// What people call it, as `Reduced`.
    #[n(1)]
    pub name: String,
    /// How high it is.
    #[n(2)]
    pub rate: BasisPoints,
    /// Whether products without a rate of their own have it.
    #[n(3)]
    pub default: bool,
}

/// Checks that rates have different ids, lie up to 100 % and have exactly one default.
///
/// # Errors
/// [`AskerError::BadTaxRates`].
pub fn check_tax_rates(rates: &[TaxRate]) -> Result<(), AskerError> {
    let ids: std::collections::BTreeSet<u8> = rates.iter().map(|rate| rate.id).collect();
    let defaults = rates.iter().filter(|rate| rate.default).count();
    let in_range = rates.iter().all(|rate| rate.rate <= BasisPoints::MAX);
    if ids.len() == rates.len() && rates.len() <= TAX_RATES_MAX && defaults == 1 && in_range {
        Ok(())
    } else {
        Err(AskerError::BadTaxRates)
    }
}

/// The settings of a shop as they now are.
#[derive(Clone, PartialEq, Eq)]
pub struct ShopSettings {
    /// Name on the receipt.
    pub name: String,
    /// The one currency of the shop.
    pub currency: Currency,
    /// IANA name, as `Asia/Kolkata`.
    pub timezone: String,
    /// Whether shelf prices include tax.
    pub tax_mode: TaxMode,
    /// Rates, exactly one the default.
    pub tax_rates: Vec<TaxRate>,
    /// Minutes after midnight until which a sale belongs to the day before; below 1,440.
    pub day_cutoff_minutes: u16,
    /// What PIN verifiers are keyed with; never rotated.
    pub pin_pepper: [u8; 32],
}

impl core::fmt::Debug for ShopSettings {
    fn fmt(&self, f: &mut core::fmt::Formatter<'_>) -> core::fmt::Result {
        // The pepper is a secret of the shop and has no place in a trace.
        f.debug_struct("ShopSettings")
            .field("name", &self.name)
            .field("currency", &self.currency)
            .field("timezone", &self.timezone)
            .field("tax_mode", &self.tax_mode)
            .field("tax_rates", &self.tax_rates)
            .field("day_cutoff_minutes", &self.day_cutoff_minutes)
            .finish_non_exhaustive()
    }
}

/// The rate with this id among the shop's, or the default one when there is none.
pub fn rate_among(rates: &[TaxRate], id: Option<u8>) -> BasisPoints {
    let named = rates.iter().find(|rate| Some(rate.id) == id);
    let default = || rates.iter().find(|rate| rate.default);
    named
        .or_else(default)
        .map(|rate| rate.rate)
        .unwrap_or_default()
}

impl ShopSettings {
    /// The rate with this id, or the default one when there is none: a product whose rate was
    /// taken away still has to be sold.
    pub fn rate(&self, id: Option<u8>) -> BasisPoints {
        rate_among(&self.tax_rates, id)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn rate(id: u8, points: u16, default: bool) -> TaxRate {
        TaxRate {
            id,
            name: format!("rate {id}"),
            rate: BasisPoints(points),
            default,
        }
    }

    #[test]
    fn exactly_one_rate_is_the_default() {
        assert_eq!(check_tax_rates(&[rate(1, 0, true)]), Ok(()));
        assert_eq!(
            check_tax_rates(&[rate(1, 2_200, false), rate(2, 1_000, true)]),
            Ok(())
        );
        for bad in [
            vec![],
            vec![rate(1, 0, false)],
            vec![rate(1, 0, true), rate(2, 0, true)],
            vec![rate(1, 0, true), rate(1, 5, false)],
            vec![rate(1, 10_001, true)],
        ] {
            assert_eq!(check_tax_rates(&bad), Err(AskerError::BadTaxRates));
        }
    }

    #[test]
    fn rates_are_read_as_people_write_them() {
        assert_eq!(BasisPoints::from_text("22"), Some(BasisPoints(2_200)));
        assert_eq!(BasisPoints::from_text(" 5.5 %"), Some(BasisPoints(550)));
        assert_eq!(BasisPoints::from_text("101"), None);
        assert_eq!(BasisPoints::from_text("-1"), None);
        assert_eq!(BasisPoints(550).to_text(), "5.5");
        assert_eq!(BasisPoints(2_200).to_text(), "22");
        assert_eq!(BasisPoints(0).to_text(), "0");
    }
}
