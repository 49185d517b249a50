//! What a business day comes to.

use std::collections::BTreeMap;

use base::LogId;
use minicbor::{Decode, Encode};

use super::{Fact, Numbers};
use crate::catalogue::ProductId;
use crate::event::Sale;
use crate::money::Money;
use crate::quantity::Quantity;
use crate::settings::local_hour;

/// Sums of a business day. They wrap, so that taking a sale out restores what was before it; at
/// the largest amounts that takes nine million sales.
#[derive(Debug, Clone, PartialEq, Eq, Default, Encode, Decode)]
#[cbor(array)]
pub struct Day {
    #[n(0)]
    receipts: u32,
    #[n(1)]
    total: Money,
    #[n(2)]
    tax: Money,
    #[n(3)]
    hours: [Money; 24],
    #[n(4)]
    products: BTreeMap<ProductId, Sold>,
    #[n(5)]
    terminals: BTreeMap<String, TerminalDay>,
    #[n(6)]
    logs: BTreeMap<LogId, Numbers>,
}

/// How well a product sold.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, Encode, Decode)]
#[cbor(array)]
pub struct Sold {
    /// On how many lines.
    #[n(0)]
    pub lines: u32,
    /// How much.
    #[n(1)]
    pub quantity: Quantity,
    /// For how much, as the lines say.
    #[n(2)]
    pub total: Money,
}

/// What one terminal sold.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, Encode, Decode)]
#[cbor(array)]
pub struct TerminalDay {
    /// How many sales.
    #[n(0)]
    pub receipts: u32,
    /// For how much.
    #[n(1)]
    pub total: Money,
}

impl Day {
    /// How many sales.
    pub const fn receipts(&self) -> u32 {
        self.receipts
    }

    /// What customers paid.
    pub const fn total(&self) -> Money {
        self.total
    }

    /// The tax in it.
    pub const fn tax(&self) -> Money {
        self.tax
    }

    /// What customers paid by hour of the shop's clock.
    pub const fn hours(&self) -> &[Money; 24] {
        &self.hours
    }

    /// How well each product sold.
    pub const fn products(&self) -> &BTreeMap<ProductId, Sold> {
        &self.products
    }

    /// What each terminal sold, by code.
    pub const fn terminals(&self) -> &BTreeMap<String, TerminalDay> {
        &self.terminals
    }

    /// In which entries the day's sales are.
    pub const fn logs(&self) -> &BTreeMap<LogId, Numbers> {
        &self.logs
    }

    pub(super) const fn is_empty(&self) -> bool {
        self.receipts == 0
    }

    pub(super) fn add(&mut self, fact: &Fact<'_>, sale: &Sale) {
        self.count(fact, sale, 1);
        self.logs
            .entry(fact.entry.log)
            .or_default()
            .add(fact.entry.seq);
    }

    pub(super) fn take(&mut self, fact: &Fact<'_>, sale: &Sale) {
        self.count(fact, sale, -1);
        let log = self.logs.entry(fact.entry.log).or_default();
        log.take(fact.entry.seq);
        if log.is_empty() {
            self.logs.remove(&fact.entry.log);
        }
    }

    /// Adds a sale `sign` times: 1, or −1 to take it out.
    fn count(&mut self, fact: &Fact<'_>, sale: &Sale, sign: i32) {
        let totals = sale.totals();
        let add = |sum: &mut Money, amount: Money| {
            *sum = Money(sum.0.wrapping_add(amount.0.wrapping_mul(i64::from(sign))));
        };
        let hour = usize::from(local_hour(fact.wall_ms, sale.offset_minutes));
        self.receipts = self.receipts.wrapping_add_signed(sign);
        add(&mut self.total, totals.payable);
        add(&mut self.tax, totals.tax);
        if let Some(sum) = self.hours.get_mut(hour) {
            add(sum, totals.payable);
        }
        let terminal = self.terminals.entry(sale.terminal.clone()).or_default();
        terminal.receipts = terminal.receipts.wrapping_add_signed(sign);
        add(&mut terminal.total, totals.payable);
        if terminal.receipts == 0 {
            self.terminals.remove(&sale.terminal);
        }
        for line in &sale.lines {
            let sold = self.products.entry(line.product()).or_default();
            let quantity = line.quantity().0.wrapping_mul(i64::from(sign));
            sold.lines = sold.lines.wrapping_add_signed(sign);
            sold.quantity = Quantity(sold.quantity.0.wrapping_add(quantity));
            add(&mut sold.total, line.total());
            if sold.lines == 0 {
                self.products.remove(&line.product());
            }
        }
    }
}
