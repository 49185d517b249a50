//! The Sell screen: cart, tiles, search, keypad, paying, receipt.

use domain::sale::TenderKind;

use super::common::counted;

pub const TITLE: &str = "Sell";
pub const CART: &str = "Cart";
pub const TILES: &str = "Tiles";
pub const SEARCH: &str = "Search";
pub const KEYPAD: &str = "Keypad";
pub const WAYS: &str = "Ways to find a product";
pub const SEARCH_PLACEHOLDER: &str = "Name, code or end of a barcode";
pub const EMPTY_TITLE: &str = "Scan the first item";
pub const EMPTY: &str = "Scan at any time, whatever is on the screen. Or tap a tile.";
pub const SCAN_ANY_TIME: &str = "Scan at any time";
pub const UNDO_LAST: &str = "Undo";
pub const HOLD: &str = "Hold";
pub const CLEAR: &str = "Clear";
pub const BROUGHT_BACK: &str = "The open cart of before is back.";
pub const CLEARED: &str = "The cart was cleared";
pub const BRING_BACK: &str = "Bring it back";
pub const PAY: &str = "Pay";
pub const TOTAL: &str = "Total";
pub const NO_TILES_TITLE: &str = "Products will be here";
pub const NO_TILES: &str = "Import a list or add the first product; then sell it with a tap.";
pub const IMPORT: &str = "Import products";
pub const NO_MATCH_TITLE: &str = "Nothing found";
pub const NO_MATCH: &str =
    "Try fewer letters, the product's code, or the last digits of its barcode.";
pub const UNKNOWN: &str = "Unknown code";
pub const OFF_SALE: &str = "Not on sale";
pub const OFF_SALE_HINT: &str = "Not in the cart. The shop does not sell it at present.";
pub const UNPRICED: &str = "Has no price";
pub const UNPRICED_HINT: &str = "Not in the cart. Give it a price, and it goes in.";
pub const UNPRICED_SET: &str = "Give it a price";
pub const UNKNOWN_HINT: &str = "Not in the cart. Add it with a price, and it goes in.";
pub const UNKNOWN_ADD: &str = "Add this product";
pub const ASK_TO_ADD: &str = "Not in the cart. Somebody who looks after products can add it.";
pub const UNKNOWN_DROP: &str = "Leave it out";
pub const QUANTITY: &str = "Quantity";
pub const QUANTITY_NEXT: &str = "Quantity for the next item";
pub const WEIGHT: &str = "Weight";
pub const PIECES: &str = "pieces";
pub const DECIMAL: &str = "Decimal point";
pub const PLUS: &str = "One more";
pub const MINUS: &str = "One less";
pub const REMOVE: &str = "Remove from the cart";
pub const SET: &str = "Set";
pub const ADD_TO_CART: &str = "Add to the cart";
pub const CODE: &str = "Code or short number";
pub const CODE_FIND: &str = "Find";
pub const TOO_LONG: &str = "That is more than a cart holds";

pub const PAY_TITLE: &str = "Pay";
pub const DUE: &str = "To pay";
pub const EXACT: &str = "Exact";
pub const CASH: &str = "Cash";
pub const CARD: &str = "Card";
pub const TRANSFER: &str = "Transfer";
pub const OTHER: &str = "Other";
pub const PAY_KIND: &str = "Paid by";
pub const RECEIVED: &str = "Received";
pub const MISSING: &str = "Missing";
pub const CHANGE: &str = "Change";
pub const FINISH: &str = "Take payment";
pub const STORING: &str = "Storing the sale";
pub const DOUBLE_ZERO: &str = "Two zeros";
pub const PAID: &str = "Paid";
pub const NO_CHANGE: &str = "No change";
pub const NEXT_SALE: &str = "Next sale";
pub const NEXT_SCAN: &str = "The next scan starts the next sale.";
pub const PRINT_RECEIPT: &str = "Print receipt";

pub fn tender_name(kind: TenderKind) -> &'static str {
    match kind {
        TenderKind::Cash => CASH,
        TenderKind::Card => CARD,
        TenderKind::Transfer => TRANSFER,
        TenderKind::Other => OTHER,
    }
}

pub fn pay(amount: &str) -> String {
    format!("{PAY} {amount}")
}

pub fn items(count: usize) -> String {
    counted(count as u64, "item", "items")
}

pub fn tax(amount: &str) -> String {
    format!("tax {amount}")
}

pub fn price_changed(name: &str) -> String {
    format!("The price of {name} changed")
}

pub fn price_change(name: &str, was: &str, now: &str) -> String {
    format!("{} from {was} to {now}.", price_changed(name))
}

/// Follows the price of a line.
pub fn price_was(amount: &str) -> String {
    format!(" · price changed, was {amount}")
}

/// How the next sale starts, and how many scans wait for it.
pub fn next_sale(waiting: usize) -> String {
    match waiting {
        0 => NEXT_SCAN.into(),
        n => format!(
            "{} for the next sale.",
            counted(n as u64, "scan waits", "scans wait")
        ),
    }
}

pub fn held(count: usize) -> String {
    format!("Held ({count})")
}

pub fn change_line(name: &str) -> String {
    format!("Change {name}")
}

pub fn not_sold(code: &str) -> String {
    format!("{code} is not in the cart")
}

pub fn added(name: &str) -> String {
    format!("Added {name}")
}

pub fn note(amount: &str) -> String {
    format!("Received {amount}")
}

pub fn receipt_number(number: &str) -> String {
    format!("Receipt {number}")
}
