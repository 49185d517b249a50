//! Sales: what is rung up, what is written, what is printed.

#[cfg(test)]
pub(crate) mod example;
mod pricing;
mod receipt;
mod view;

use minicbor::{Decode, Encode};

pub use pricing::{Moment, Priced, close, price};
pub use receipt::{Printed, receipt_number};
pub use view::{Receipt, ReceiptLine, ReceiptTime, SaleId, SaleView};

use crate::catalogue::ProductId;
use crate::money::Money;
use crate::quantity::Quantity;

/// How somebody pays.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Encode, Decode)]
#[cbor(index_only)]
pub enum TenderKind {
    /// Notes and coins; the only one that gives change.
    #[n(0)]
    Cash,
    /// A card, on a terminal of its own.
    #[n(1)]
    Card,
    /// A bank transfer by telephone, as UPI.
    #[n(2)]
    Transfer,
    /// Anything else.
    #[n(3)]
    Other,
}

impl TenderKind {
    /// The word that the console and logs use.
    pub const fn word(self) -> &'static str {
        match self {
            Self::Cash => "cash",
            Self::Card => "card",
            Self::Transfer => "transfer",
            Self::Other => "other",
        }
    }

    /// The kind with this word.
    pub fn from_word(word: &str) -> Option<Self> {
        [Self::Cash, Self::Card, Self::Transfer, Self::Other]
            .into_iter()
            .find(|kind| kind.word() == word)
    }
}

/// What a customer gives.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Encode, Decode)]
#[cbor(array)]
pub struct Tender {
    /// How.
    #[n(0)]
    pub kind: TenderKind,
    /// How much, change not yet taken off.
    #[n(1)]
    pub amount: Money,
}

/// What a line of a basket is of.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Item {
    /// A product that is known.
    Product(ProductId),
    /// A scanned or typed code: barcode or SKU.
    Code(String),
}

/// A line of a basket.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct BasketLine {
    /// What.
    pub item: Item,
    /// How much of it.
    pub quantity: Quantity,
}

/// What somebody wants to buy and how they pay.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct Basket {
    /// What.
    pub lines: Vec<BasketLine>,
    /// What they give.
    pub tenders: Vec<Tender>,
}
