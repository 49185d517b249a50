//! What can be wrong in the shop, in words that a screen can show.

use thiserror::Error;

use crate::money::Money;

/// Why the shop refuses something. Whoever asked is at fault and nothing has changed.
#[derive(Debug, Clone, PartialEq, Eq, Error)]
pub enum AskerError {
    /// Not an amount in the shop's currency.
    #[error("“{0}” is not an amount; write it like 12.50")]
    NotAnAmount(String),
    /// An amount has more decimals than its currency.
    #[error("“{0}” has more decimals than the currency")]
    TooManyDecimals(String),
    /// An amount or a quantity beyond what the shop counts with.
    #[error("“{0}” is too large")]
    TooLarge(String),
    /// Not a quantity.
    #[error("“{0}” is not a quantity; write it like 2 or 0.742")]
    NotAQuantity(String),
    /// Not a business date.
    #[error("“{0}” is not a date; write it like 2026-11-21")]
    NotADate(String),
    /// The offset of the shop's time zone at this moment is not known.
    #[error("the time zone of the shop is not known for this moment, so the business day is not")]
    ZoneUnknown,
    /// No rate, more than one default, two rates with one id, or a rate above 100 %.
    #[error("a shop needs tax rates with different ids, each up to 100 %, exactly one the default")]
    BadTaxRates,
    /// A PIN that is not 4 to 8 digits.
    #[error("a PIN has 4 to 8 digits")]
    BadPin,
    /// A basket without lines.
    #[error("there is nothing in the basket")]
    EmptyBasket,
    /// More lines, or more tenders, than a sale holds.
    #[error("a sale has at most {0} lines and 16 tenders")]
    TooManyLines(usize),
    /// A quantity of zero or less.
    #[error("a quantity must be more than zero")]
    BadQuantity,
    /// A code that stands for no product.
    #[error("no product has the code “{0}”")]
    UnknownProduct(String),
    /// A product that has no price yet, or is not sold any more.
    #[error("“{0}” can’t be sold: it has no price or was taken off sale")]
    NotForSale(String),
    /// A tender of zero or less.
    #[error("a payment must be more than zero")]
    BadTender,
    /// What was given does not reach the total.
    #[error("the payments do not reach the total")]
    TenderTooSmall {
        /// How much is missing.
        missing: Money,
    },
    /// More than the total was paid by card or the like; only cash gives change.
    #[error("only cash gives change: lower the other payments")]
    ChangeNotFromCash,
    /// A sum beyond what the shop counts with.
    #[error("the total is too large")]
    Overflow,
}
