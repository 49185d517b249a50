//! The owner's numbers of a business day.

use crate::catalogue::ProductId;
use crate::money::Money;
use crate::quantity::Quantity;
use crate::settings::BusinessDate;

/// A product and how well it sold.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct TopItem {
    /// Which product.
    pub product: ProductId,
    /// What it is called now.
    pub name: String,
    /// How much was sold.
    pub quantity: Quantity,
    /// For how much.
    pub total: Money,
}

/// What one terminal sold.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct TerminalToday {
    /// Its code, as `A3`.
    pub terminal: String,
    /// How many sales.
    pub receipts: u32,
    /// For how much.
    pub total: Money,
    /// The latest sale of this terminal that is known, of any day, milliseconds since 1970.
    pub latest_wall_ms: Option<u64>,
}

/// The numbers of a business day.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Today {
    /// Which day.
    pub day: BusinessDate,
    /// What customers paid.
    pub sales: Money,
    /// The tax in it.
    pub tax: Money,
    /// How many receipts.
    pub receipts: u32,
    /// What the average receipt is worth; nothing without receipts.
    pub average: Money,
    /// What customers paid by hour of the shop's clock, from 0 to 23.
    pub by_hour: [Money; 24],
    /// What sold for most, best first.
    pub top_items: Vec<TopItem>,
    /// What customers paid on the same weekday a week before.
    pub last_week: Money,
    /// By terminal, by code.
    pub terminals: Vec<TerminalToday>,
}
