//! The pill and its sheet.

use super::common::counted;

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

pub fn receiving(done: u64, total: u64) -> String {
    format!("receiving {done} of {total}")
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
