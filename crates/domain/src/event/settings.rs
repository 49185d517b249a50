//! Settings as they are written.

use base::{Malformed, Mark};
use minicbor::{Decode, Encode};

use super::{check_replaces, check_text, rule};
use crate::money::Currency;
use crate::register::{Fields, mask};
use crate::settings::{TaxMode, TaxRate, check_tax_rates};

/// Settings that were written.
#[derive(Debug, Clone, PartialEq, Eq, Encode, Decode)]
#[cbor(map)]
pub struct SettingsWritten {
    /// The writes that this one replaces.
    #[n(0)]
    pub replaces: Vec<Mark>,
    /// What is written.
    #[n(1)]
    pub fields: SettingsFields,
}

/// Settings to write; what is `None` stays as it is.
#[derive(Clone, PartialEq, Eq, Default, Encode, Decode)]
#[cbor(map)]
pub struct SettingsFields {
    /// Name on the receipt.
    #[n(0)]
    pub name: Option<String>,
    /// The currency; written once, when the shop is founded.
    #[n(1)]
    pub currency: Option<Currency>,
    /// IANA name of the time zone.
    #[n(2)]
    pub timezone: Option<String>,
    /// Whether shelf prices include tax.
    #[n(3)]
    pub tax_mode: Option<TaxMode>,
    /// All rates, exactly one the default.
    #[n(4)]
    pub tax_rates: Option<Vec<TaxRate>>,
    /// Minutes after midnight until which a sale belongs to the day before; below 1,440.
    #[n(5)]
    pub day_cutoff_minutes: Option<u16>,
    /// What PIN verifiers are keyed with.
    #[cbor(n(6), with = "minicbor::bytes")]
    pub pin_pepper: Option<[u8; 32]>,
}

impl core::fmt::Debug for SettingsFields {
    fn fmt(&self, f: &mut core::fmt::Formatter<'_>) -> core::fmt::Result {
        // The pepper is a secret of the shop and has no place in a trace.
        write!(f, "SettingsFields({:?}, {:#b})", self.name, self.written())
    }
}

impl Fields for SettingsFields {
    fn written(&self) -> u32 {
        mask([
            self.name.is_some(),
            self.currency.is_some(),
            self.timezone.is_some(),
            self.tax_mode.is_some(),
            self.tax_rates.is_some(),
            self.day_cutoff_minutes.is_some(),
            self.pin_pepper.is_some(),
        ])
    }
}

impl SettingsWritten {
    pub(super) fn check(&self) -> Result<(), Malformed> {
        let fields = &self.fields;
        check_replaces(&self.replaces)?;
        check_text(fields.name.as_deref())?;
        check_text(fields.timezone.as_deref())?;
        if let Some(rates) = &fields.tax_rates {
            rule(
                check_tax_rates(rates).is_ok(),
                "tax rates have different ids, up to 100 %, one the default",
            )?;
        }
        rule(
            fields
                .day_cutoff_minutes
                .is_none_or(|minutes| minutes < 1_440),
            "a day ends within a day",
        )
    }
}
