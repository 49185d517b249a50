//! A sale as it is written.
//!
//! It has everything that the totals depend on: price, rate and mode as they were. Totals, tax
//! and change follow from that by one rule and are not written. The name is not written either:
//! a product is never forgotten, and a copy printed later shows what the product is called then,
//! at the price of then.

use base::{Malformed, Mark};
use minicbor::{Decode, Encode};

use crate::catalogue::ProductId;
use crate::money::Money;
use crate::quantity::{ONE, Quantity};
use crate::sale::{Tender, TenderKind};
use crate::settings::{BasisPoints, BusinessDate, TaxMode};
use crate::tax::{Totals, totals};

/// The most lines of a sale.
pub const SALE_LINES_MAX: usize = 1_000;
/// The most tenders of a sale.
pub const TENDERS_MAX: usize = 16;
/// The most characters of a terminal code, five random ones of an unapproved device included.
pub const TERMINAL_CHARS_MAX: usize = 17;

/// A sale that was closed.
#[derive(Debug, Clone, PartialEq, Eq, Encode, Decode)]
#[cbor(map)]
pub struct Sale {
    /// Terminal code, as `A3`.
    #[n(0)]
    pub terminal: String,
    /// Number of the receipt under this code, from 1.
    #[n(1)]
    pub counter: u32,
    /// The business day, settled when the sale was closed.
    #[n(2)]
    pub business_date: BusinessDate,
    /// What the shop's clock was ahead of UTC, in minutes.
    #[n(3)]
    pub offset_minutes: i32,
    /// Whether prices include tax.
    #[n(4)]
    pub tax_mode: TaxMode,
    /// What was bought, in the order in which it was rung up.
    #[n(5)]
    pub lines: Vec<SaleLine>,
    /// What was given.
    #[n(6)]
    pub tenders: Vec<Tender>,
}

/// A line of a sale.
///
/// Flat, and the quantity last and left out when it is one: so a product that sells often is the
/// same bytes each time and nearly disappears when a block is deflated.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Encode, Decode)]
#[cbor(array)]
pub struct SaleLine {
    /// The entry that first wrote the product …
    #[n(0)]
    mark: Mark,
    /// … and the product's place in it.
    #[n(1)]
    index: u16,
    /// Price for one, as it was.
    #[n(2)]
    pub price: Money,
    /// Tax rate, as it was.
    #[n(3)]
    pub rate: BasisPoints,
    #[n(4)]
    not_one: Option<Quantity>,
}

impl SaleLine {
    /// A line of `quantity` of a product at the price and rate that hold now.
    pub fn new(product: ProductId, price: Money, rate: BasisPoints, quantity: Quantity) -> Self {
        Self {
            mark: product.mark,
            index: product.index,
            price,
            rate,
            not_one: (quantity != ONE).then_some(quantity),
        }
    }

    /// Which product.
    pub const fn product(&self) -> ProductId {
        ProductId {
            mark: self.mark,
            index: self.index,
        }
    }

    /// How much of it.
    pub fn quantity(&self) -> Quantity {
        self.not_one.unwrap_or(ONE)
    }

    /// Price of the line, rounded once; nothing when out of bounds, which no sale that was read
    /// or written is.
    pub fn total(&self) -> Money {
        self.quantity().times(self.price).unwrap_or_default()
    }
}

impl Sale {
    /// What the lines come to; nothing when out of bounds, which no sale that was read or
    /// written is.
    pub fn totals(&self) -> Totals {
        self.checked_totals().unwrap_or_default()
    }

    /// What was given back: what was given beyond what had to be paid.
    pub fn change(&self) -> Money {
        let given = Money::checked_sum(self.tenders.iter().map(|tender| tender.amount));
        given
            .and_then(|given| given.checked_sub(self.totals().payable))
            .unwrap_or_default()
    }

    /// What was given in cash.
    pub fn cash(&self) -> Money {
        let cash = self
            .tenders
            .iter()
            .filter(|tender| tender.kind == TenderKind::Cash);
        Money::checked_sum(cash.map(|tender| tender.amount)).unwrap_or_default()
    }

    fn checked_totals(&self) -> Option<Totals> {
        let lines: Option<Vec<_>> = self
            .lines
            .iter()
            .map(|line| Some((line.rate, line.quantity().times(line.price)?)))
            .collect();
        totals(self.tax_mode, lines?)
    }

    pub(super) fn check(&self) -> Result<(), Malformed> {
        super::rule(
            (1..=TERMINAL_CHARS_MAX).contains(&self.terminal.len()) && self.counter > 0,
            "a sale has a terminal code and a number from 1",
        )?;
        super::rule(
            (1..=SALE_LINES_MAX).contains(&self.lines.len()) && self.tenders.len() <= TENDERS_MAX,
            "a sale has 1 to 1,000 lines and at most 16 tenders",
        )?;
        super::rule(
            self.offset_minutes.unsigned_abs() < 1_440,
            "a clock is less than a day ahead of UTC or behind",
        )?;
        super::rule(
            self.lines.iter().all(|line| {
                line.price.0 >= 0 && line.quantity().0 > 0 && line.rate <= BasisPoints::MAX
            }) && self.tenders.iter().all(|tender| tender.amount.0 >= 0),
            "prices, quantities and tenders of a sale are not negative",
        )?;
        let given = Money::checked_sum(self.tenders.iter().map(|tender| tender.amount));
        super::rule(
            self.checked_totals().is_some() && given.is_some(),
            "a sale is within the largest amount",
        )
    }
}
