//! A product as people see it, and the fields that can be written.

use core::fmt;

use base::Mark;
use minicbor::{Decode, Encode};

use crate::money::Money;
use crate::quantity::Quantity;
use crate::register::{Fields, mask};

/// Names a product for ever: the entry that first wrote it, and its place in that entry.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Encode, Decode)]
#[cbor(array)]
pub struct ProductId {
    /// The mark of the entry.
    #[n(0)]
    pub mark: Mark,
    /// Which of the entry's products, from 0.
    #[n(1)]
    pub index: u16,
}

impl ProductId {
    /// Reads the text form, `<16 hexadecimal digits>.<index>`; `None` when it is not one.
    pub fn from_text(text: &str) -> Option<Self> {
        let (mark, index) = text.split_once('.')?;
        Some(Self {
            mark: Mark::from_hex(mark)?,
            index: index.parse().ok()?,
        })
    }
}

impl fmt::Display for ProductId {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}.{}", self.mark, self.index)
    }
}

/// What one of a product is.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Default, Encode, Decode)]
#[cbor(index_only)]
pub enum Unit {
    /// Counted.
    #[default]
    #[n(0)]
    Piece,
    /// Weighed; the price is for a kilogram.
    #[n(1)]
    Kilogram,
    /// The price is for a litre.
    #[n(2)]
    Litre,
    /// The price is for a metre.
    #[n(3)]
    Metre,
}

/// A product as it now is.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Product {
    /// Its name for ever.
    pub id: ProductId,
    /// The shop's own code; empty when it has none.
    pub sku: String,
    /// Barcodes, 1 to 64 characters each.
    pub barcodes: Vec<String>,
    /// What people call it.
    pub name: String,
    /// Shelf price for one; `None` until somebody wrote one.
    pub price: Option<Money>,
    /// Id of its tax rate; `None` for the default rate.
    pub tax_rate: Option<u8>,
    /// What one of it is.
    pub unit: Unit,
    /// Whether it is on sale.
    pub active: bool,
    /// The sum of its movements; may be negative.
    pub stock: Quantity,
    /// Whether stock was ever received or counted.
    pub stock_tracked: bool,
    /// Whether stock is below zero though it was received or counted.
    pub stock_flag: bool,
}

/// Fields of a product to write; what is `None` stays as it is.
#[derive(Debug, Clone, PartialEq, Eq, Default, Encode, Decode)]
#[cbor(map)]
pub struct ProductFields {
    /// The shop's own code.
    #[n(0)]
    pub sku: Option<String>,
    /// All barcodes.
    #[n(1)]
    pub barcodes: Option<Vec<String>>,
    /// What people call it.
    #[n(2)]
    pub name: Option<String>,
    /// Shelf price for one.
    #[n(3)]
    pub price: Option<Money>,
    /// Id of its tax rate.
    #[n(4)]
    pub tax_rate: Option<u8>,
    /// What one of it is.
    #[n(5)]
    pub unit: Option<Unit>,
    /// Whether it is on sale.
    #[n(6)]
    pub active: Option<bool>,
}

impl ProductFields {
    /// Whether nothing is written.
    pub fn is_empty(&self) -> bool {
        *self == Self::default()
    }
}

impl Fields for ProductFields {
    fn written(&self) -> u32 {
        mask([
            self.sku.is_some(),
            self.barcodes.is_some(),
            self.name.is_some(),
            self.price.is_some(),
            self.tax_rate.is_some(),
            self.unit.is_some(),
            self.active.is_some(),
        ])
    }
}
