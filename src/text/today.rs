//! The owner's numbers.

pub const TITLE: &str = "Today";
pub const SALES: &str = "Sales";
pub const RECEIPTS: &str = "Receipts";
pub const AVERAGE: &str = "Average receipt";
pub const LAST_WEEK: &str = "Same weekday last week";
pub const BY_HOUR: &str = "By hour";
pub const HOUR: &str = "Hour";
pub const AS_TABLE: &str = "As a table";
pub const TOP: &str = "Top items";
pub const ITEM: &str = "Item";
pub const QUANTITY: &str = "Quantity";
pub const LATEST: &str = "Latest sales";
pub const COMPLETE: &str = "How complete this is";
pub const ALL_HEARD: &str = "Complete: every till is linked now.";
pub const EMPTY_TITLE: &str = "The day has not begun";
pub const EMPTY: &str = "With the first sale, the day's numbers stand here, from every till.";
pub const NOT_YOURS_TITLE: &str = "The day’s numbers are not shown to you";
pub const NOT_YOURS: &str = "The shop’s owner decides who sees them.";
pub const NO_TILLS: &str = "Only this till sells so far.";

pub fn heard(name: &str, when: &str) -> String {
    format!("{name} last heard {when}")
}

pub fn never_heard(name: &str) -> String {
    format!("{name} not heard of yet")
}
