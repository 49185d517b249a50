//! The pill and its sheet.

use super::common::{counted, grouped};
use crate::arriving::Left;

pub const TITLE: &str = "Where your sales are";
pub const STORAGE_TROUBLE: &str = "storage trouble";
pub const ALL_SAFE: &str = "Every sale of this till is also on another device.";
pub const ALONE_FIRST: &str =
    "This shop has one device. Add a second one: then every sale is kept twice.";
pub const ALONE_NOW: &str = "Every sale of this till is also on another device. None is linked now: \
    what is sold next is only on this till until one is.";
pub const OPEN_DEVICES: &str = "Open Devices";
pub const SYNC_NOW: &str = "Compare now";
pub const STORAGE_STEP: &str =
    "Sales that were shown as paid are kept. Free some space on this device, then sell on.";

pub fn in_step(lanes: usize) -> String {
    format!("in step with {}", counted(lanes as u64, "lane", "lanes"))
}

pub fn sending(lanes: usize, pending: u32) -> String {
    format!(
        "linked with {} · {} on the way",
        counted(lanes as u64, "lane", "lanes"),
        counted(u64::from(pending), "sale", "sales")
    )
}

pub fn selling_alone(pending: u32) -> String {
    match pending {
        0 => "selling alone".into(),
        n => format!(
            "selling alone · {} only on this till",
            counted(u64::from(n), "sale", "sales")
        ),
    }
}

pub fn receiving(done: u64, total: u64, left: Option<Left>) -> String {
    let received = format!("receiving {} of {}", grouped(done), grouped(total));
    match left {
        Some(left) => format!("{received} · {}", time_left(left)),
        None => received,
    }
}

fn time_left(left: Left) -> String {
    match left {
        Left::UnderAMinute => "less than a minute left".into(),
        Left::Minutes(n) => format!("about {} left", counted(n, "minute", "minutes")),
        Left::Hours(n) => format!("about {} left", counted(n, "hour", "hours")),
    }
}

pub fn only_here(pending: u32) -> String {
    let sales = counted(u64::from(pending), "sale is", "sales are");
    format!("{sales} only on this till. Link another device, or keep this one safe until then.")
}

pub fn pill_name(words: &str) -> String {
    format!("Status: {words}")
}

pub fn kept_line(pending: u32, peers: u32, cloud: u32) -> [(u32, &'static str); 3] {
    [
        (pending, "only on this till"),
        (peers, "also on another device"),
        (cloud, "also off the premises"),
    ]
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_is_received_says_how_long_it_takes_once_that_is_known() {
        assert_eq!(receiving(7, 999, None), "receiving 7 of 999");
        let words = [Left::UnderAMinute, Left::Minutes(2), Left::Hours(1)]
            .map(|left| receiving(12_400, 1_000_000, Some(left)));
        let expected = [
            "receiving 12,400 of 1,000,000 · less than a minute left",
            "receiving 12,400 of 1,000,000 · about 2 minutes left",
            "receiving 12,400 of 1,000,000 · about 1 hour left",
        ];
        assert_eq!(words, expected);
    }
}
