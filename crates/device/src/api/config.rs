//! The typed configuration: what an owner can set, with its defaults and its bounds.

use domain::money::Currency;
use domain::settings::{TaxMode, TaxRate};

use super::Refusal;

/// The configuration, whole.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Config {
    /// The shop's name, as on the receipt. Of the shop, as all up to `day_cutoff_minutes`.
    pub name: String,
    /// Settled when the shop is founded.
    pub currency: Currency,
    /// IANA name of the time zone.
    pub timezone: String,
    /// Whether shelf prices include tax.
    pub tax_mode: TaxMode,
    /// Rates; exactly one is the default.
    pub tax_rates: Vec<TaxRate>,
    /// See [`DAY_CUTOFF_MINUTES`].
    pub day_cutoff_minutes: u32,
    /// What people call this device.
    pub device_name: String,
    /// See [`RECONCILE_SECONDS`]. Of this device alone.
    pub reconcile_seconds: u32,
    /// See [`RETRY_CAP_SECONDS`]. Of this device alone.
    pub retry_cap_seconds: u32,
}

/// What is to change; what is `None` stays as it is. Nothing changes when one of them is refused.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
#[expect(missing_docs, reason = "each is the field of `Config` with its name")]
pub struct ConfigChange {
    pub name: Option<String>,
    pub currency: Option<Currency>,
    pub timezone: Option<String>,
    pub tax_mode: Option<TaxMode>,
    pub tax_rates: Option<Vec<TaxRate>>,
    pub day_cutoff_minutes: Option<i64>,
    pub device_name: Option<String>,
    pub reconcile_seconds: Option<i64>,
    pub retry_cap_seconds: Option<i64>,
}

/// A key whose value is a whole number.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct WholeNumber {
    /// What the console calls it.
    pub key: &'static str,
    /// The lowest value.
    pub min: u32,
    /// The highest value.
    pub max: u32,
    /// The value where nobody set one.
    pub default: u32,
}

/// Minutes after midnight until which a sale belongs to the business day before.
pub const DAY_CUTOFF_MINUTES: WholeNumber = WholeNumber {
    key: "dayCutoffMinutes",
    min: 0,
    max: 24 * 60 - 1,
    default: 0,
};

/// How often this device compares all that it holds with everybody linked, seconds.
pub const RECONCILE_SECONDS: WholeNumber = WholeNumber {
    key: "reconcileSeconds",
    min: 10,
    max: 24 * 60 * 60,
    default: 10 * 60,
};

/// The longest that this device waits before it tries a connection again, seconds.
pub const RETRY_CAP_SECONDS: WholeNumber = WholeNumber {
    key: "retryCapSeconds",
    min: 1,
    max: 24 * 60 * 60,
    default: 60 * 60,
};

/// Characters that a name may have; it needs one that is no blank.
pub const NAME_CHARS_MAX: usize = 120;

impl WholeNumber {
    /// The number, when it lies within the bounds.
    ///
    /// # Errors
    /// The asker's fault; names the key and its bounds.
    pub fn check(&self, value: i64) -> Result<u32, Refusal> {
        let within = |value: &u32| (self.min..=self.max).contains(value);
        let value = u32::try_from(value).ok().filter(within);
        value.ok_or_else(|| self.out_of_range())
    }

    /// The refusal of whatever is no whole number within the bounds.
    pub fn out_of_range(&self) -> Refusal {
        let Self { key, min, max, .. } = self;
        let message =
            format!("“{key}” is a whole number from {min} to {max}. Nothing was changed.");
        Refusal::new("out-of-range", message)
    }
}

/// The name without blanks around it.
///
/// # Errors
/// The asker's fault; names the key.
pub fn check_name(key: &str, name: &str) -> Result<String, Refusal> {
    let name = name.trim();
    if (1..=NAME_CHARS_MAX).contains(&name.chars().count()) {
        return Ok(name.to_owned());
    }
    let message = format!("“{key}” has 1 to {NAME_CHARS_MAX} characters. Nothing was changed.");
    Err(Refusal::new("out-of-range", message))
}

const _: () = assert!(
    RECONCILE_SECONDS.default as u64 * 1_000 == base::limits::RECONCILE_INTERVAL_MS,
    "a device that nobody configured does as the protocol says"
);
const _: () = assert!(RETRY_CAP_SECONDS.default as u64 * 1_000 == base::limits::BACKOFF_MAX_MS);
