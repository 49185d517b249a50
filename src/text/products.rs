//! The catalogue: list, form, import.

use super::common::counted;

pub const TITLE: &str = "Products";
pub const ADD: &str = "Add a product";
pub const EDIT: &str = "Change product";
pub const IMPORT: &str = "Import";
pub const SEARCH: &str = "Search products";
pub const EMPTY_TITLE: &str = "No products yet";
pub const EMPTY: &str = "Import a list as CSV, or add the first product by hand.";
pub const NO_MATCH_TITLE: &str = "Nothing found";
pub const NO_MATCH: &str =
    "Try fewer letters, the product's code, or the last digits of its barcode.";
pub const SKU: &str = "Code (SKU)";
pub const NAME: &str = "Name";
pub const PRICE: &str = "Price";
pub const BARCODES: &str = "Barcodes";
pub const BARCODES_NOTE: &str = "One or more, with blanks between.";
pub const UNIT: &str = "Sold by";
pub const PIECE: &str = "Piece";
pub const KILOGRAM: &str = "Kilogram";
pub const LITRE: &str = "Litre";
pub const METRE: &str = "Metre";
pub const TAX: &str = "Tax rate";
pub const TAX_DEFAULT: &str = "The shop's usual rate";
pub const NEED_NAME: &str = "Give the product a name.";
pub const NEED_SKU: &str = "Give the product a code; it tells it from all others.";
pub const NO_PRICE: &str = "no price";
pub const INACTIVE: &str = "not on sale";
pub const NEED_PRICE: &str = "Type the price as a number, as 2.50.";

pub const IMPORT_TITLE: &str = "Import products";
pub const IMPORT_LEAD: &str = "A CSV file with a header line: sku, name, price, and where you have them barcode, tax, unit. Products with a known SKU are updated.";
pub const FILE: &str = "Choose a file";
pub const OR_PASTE: &str = "Or paste the lines";
pub const PREVIEW: &str = "Preview";
pub const READING: &str = "Reading the list";
pub const WOULD: &str = "What this would do";
pub const DID: &str = "Imported";
pub const NEW: &str = "new";
pub const CHANGED: &str = "changed";
pub const SAME: &str = "unchanged";
pub const WITH_ERRORS: &str = "with errors, left out";
pub const LINE: &str = "Line";
pub const REASON: &str = "What is wrong";
pub const ERRORS: &str = "Left out";
pub const WARNINGS: &str = "Taken, but look at these";
pub const NOTHING_TO_DO: &str = "There is nothing to import in it.";
pub const TO_PRODUCTS: &str = "See the products";
pub const ANOTHER: &str = "Import another list";

pub fn open(name: &str) -> String {
    format!("Open “{name}”")
}

pub fn import_rows(rows: u64) -> String {
    format!("Import {}", counted(rows, "product", "products"))
}

pub fn price_per(price: &str, unit: &str) -> String {
    format!("{price} / {unit}")
}

pub fn in_stock(quantity: &str) -> String {
    format!("stock {quantity}")
}

pub fn rate(name: &str, percent: &str) -> String {
    format!("{name} · {percent} %")
}

pub fn count(total: u32) -> String {
    counted(u64::from(total), "product", "products")
}

pub fn more_lines(count: usize) -> String {
    format!("and {count} more lines")
}
