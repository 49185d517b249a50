//! What scripts are told when they ask for something that does not exist.

pub const NOT_JSON: &str = "The data can't be written as JSON.";

pub fn unknown(argument: &str, given: &str) -> String {
    format!("“{given}” is no {argument}.")
}
