//! What scripts are told when they ask for something that does not exist.

pub const NOT_JSON: &str = "The data can't be written as JSON.";

pub const NO_DAY: &str =
    "The current business day is not known here. Name the days with “from” and “to”.";

pub const UNKNOWN_KEY: &str = "unknown-key";
pub const OUT_OF_RANGE: &str = "out-of-range";

pub fn unknown_key(key: &str) -> String {
    format!("There is no key “{key}” in the configuration. Nothing was changed.")
}

pub fn wrong_value(key: &str) -> String {
    format!("“{key}” can't have that value. Nothing was changed.")
}

pub fn unknown(argument: &str, given: &str) -> String {
    format!("“{given}” is no {argument}.")
}
