//! Words that many screens share.

pub const APP: &str = "TillMesh";
pub const BACK: &str = "Back";
pub const CLEAR: &str = "Clear";
pub const CLOSE: &str = "Close";
pub const CONTINUE: &str = "Continue";
pub const ERASE: &str = "Erase last digit";
pub const KEYPAD: &str = "Keypad";
pub const LOADING: &str = "Reading…";
pub const MORE_ROWS: &str = "Show more";
pub const SAVE: &str = "Save";
pub const SIGN_IN: &str = "Sign in";

pub const PLACES: &str = "Places";
pub const SHUT: &str = "This device can’t open its shop";
pub const SELL: &str = "Sell";
pub const SALES: &str = "Sales";
pub const TODAY: &str = "Today";
pub const PRODUCTS: &str = "Products";
pub const DEVICES: &str = "Devices";
pub const STAFF: &str = "Staff";
pub const MORE: &str = "More";

pub fn tab_title(page: &str) -> String {
    format!("{page} · {APP}")
}

pub fn till(code: &str) -> String {
    format!("Till {code}")
}

pub fn pin_digits(typed: usize) -> String {
    match typed {
        0 => "No digit of the PIN typed".into(),
        1 => "1 digit of the PIN typed".into(),
        n => format!("{n} digits of the PIN typed"),
    }
}

/// A number with its word, in the singular or the plural.
pub fn counted(n: u64, one: &str, many: &str) -> String {
    if n == 1 {
        format!("1 {one}")
    } else {
        format!("{n} {many}")
    }
}

/// A big number as people read it: `12,400`.
pub fn grouped(n: u64) -> String {
    match n {
        0..1_000 => n.to_string(),
        _ => format!("{},{:03}", grouped(n / 1_000), n % 1_000),
    }
}

/// How long ago a moment was, as people say it.
pub fn ago(now_ms: u64, at_ms: u64) -> String {
    let minutes = now_ms.saturating_sub(at_ms) / 60_000;
    match minutes {
        0 => "just now".into(),
        1..60 => format!("{minutes} min ago"),
        60..1440 => format!("{} h ago", minutes / 60),
        _ => format!("{} ago", counted(minutes / 1440, "day", "days")),
    }
}

/// Offers a new release.
pub const NEW_RELEASE: &str = "A new version is ready. Nothing that was sold is touched.";
/// Lets it in.
pub const UPDATE_NOW: &str = "Update now";
