//! The list of sales and the receipt.

use super::common::counted;

pub const TITLE: &str = "Sales";
pub const EMPTY_TITLE: &str = "No sale on this day";
pub const EMPTY: &str = "Sales of every till of the shop will be here as they happen.";
pub const START: &str = "Go to Sell";
pub const DAY: &str = "Business day";
pub const EARLIER: &str = "Day before";
pub const LATER: &str = "Day after";
pub const RECEIPT: &str = "Receipt";
pub const COPY: &str = "COPY";
pub const REPRINT: &str = "Print a copy";
pub const ONLY_HERE: &str = "only on this till";
pub const ONLY_THERE: &str = "only on its own till";
pub const IN_CLOUD: &str = "in the cloud";
pub const TOTAL: &str = "Total";
pub const TAX: &str = "Tax";
pub const CHANGE: &str = "Change";
pub const SERVED_BY: &str = "Served by";
pub const THANKS: &str = "Thank you";

pub fn on_devices(devices: u32) -> String {
    format!(
        "also on {}",
        counted(u64::from(devices), "device", "devices")
    )
}

pub fn made_by(time: &str, cashier: &str) -> String {
    if cashier.is_empty() {
        time.into()
    } else {
        format!("{time} · {cashier}")
    }
}

pub fn tax_of(rate: &str) -> String {
    format!("{TAX} {rate} %")
}
