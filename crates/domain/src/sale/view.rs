//! A sale as it is printed and listed.

use core::fmt;

use base::{DeviceId, EmployeeId, EntryRef, LogId, Mark, Stream};

use super::Tender;
use crate::catalogue::Unit;
use crate::money::{Currency, Money};
use crate::quantity::Quantity;
use crate::settings::{BasisPoints, BusinessDate, TaxMode};
use crate::tax::TaxLine;

/// Names a sale: the entry that holds it.
///
/// Its text form is `<device>/sales/<number>/<mark>`.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct SaleId(pub EntryRef);

impl SaleId {
    /// Reads the text form; `None` when it is not one.
    pub fn from_text(text: &str) -> Option<Self> {
        let mut parts = text.split('/');
        let device = DeviceId::from_hex(parts.next()?)?;
        let stream = (parts.next()? == Stream::Sales.word()).then_some(Stream::Sales)?;
        let seq = parts.next()?.parse().ok()?;
        let mark = Mark::from_hex(parts.next()?)?;
        let log = LogId::new(device, stream);
        parts
            .next()
            .is_none()
            .then_some(Self(EntryRef { log, seq, mark }))
    }
}

impl fmt::Display for SaleId {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}/{}/{}", self.0.log, self.0.seq, self.0.mark)
    }
}

/// A printed line.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ReceiptLine {
    /// What the product is called.
    pub name: String,
    /// How much.
    pub quantity: Quantity,
    /// Of what.
    pub unit: Unit,
    /// Price for one.
    pub price: Money,
    /// Price of the line, rounded once.
    pub total: Money,
    /// Its tax rate.
    pub rate: BasisPoints,
}

/// When a sale was made, on the shop's own clock.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ReceiptTime {
    /// Calendar day, as `2026-11-21`; may differ from the business day.
    pub date: String,
    /// As `14:05`.
    pub time: String,
}

/// All that is printed.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Receipt {
    /// Which sale.
    pub id: SaleId,
    /// Receipt number, as `A3-000123·K7QD`.
    pub number: String,
    /// Name of the shop.
    pub shop: String,
    /// The currency of every amount.
    pub currency: Currency,
    /// Who sold; empty when not known.
    pub cashier: String,
    /// When, on the shop's clock.
    pub time: ReceiptTime,
    /// When, milliseconds since 1970.
    pub wall_ms: u64,
    /// The business day.
    pub business_date: BusinessDate,
    /// Whether prices include tax.
    pub tax_mode: TaxMode,
    /// Lines as they were rung up.
    pub lines: Vec<ReceiptLine>,
    /// Tax by rate.
    pub taxes: Vec<TaxLine>,
    /// What had to be paid.
    pub total: Money,
    /// What was given.
    pub tenders: Vec<Tender>,
    /// What was given back, in cash.
    pub change: Money,
}

/// A sale in a list.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct SaleView {
    /// Which sale.
    pub id: SaleId,
    /// Receipt number, as `A3-000123·K7QD`.
    pub number: String,
    /// Terminal code, as `A3`.
    pub terminal: String,
    /// Who sold.
    pub employee: Option<EmployeeId>,
    /// Their name; empty when not known.
    pub cashier: String,
    /// When, milliseconds since 1970.
    pub wall_ms: u64,
    /// When, on the shop's clock.
    pub time: ReceiptTime,
    /// The business day.
    pub business_date: BusinessDate,
    /// What was paid.
    pub total: Money,
    /// Lines as they were rung up.
    pub lines: Vec<ReceiptLine>,
}
