//! What the shop sells, and what a random customer buys: the only place of the scenario that
//! knows baskets and receipts from the inside.

use std::fmt::Write;

use base::Random;
use device::api::{NewShop, Request};
use domain::catalogue::Product;
use domain::money::{Currency, Money};
use domain::quantity::Quantity;
use domain::sale::{Basket, BasketLine, Item, Receipt, SaleView, Tender, TenderKind};
use domain::settings::{BasisPoints, BusinessDate, TaxMode, TaxRate};

use crate::random::SeededRandom;

/// The owner's PIN, with which everybody signs in.
pub const OWNER_PIN: &str = "1234";
/// How many products there are.
const PRODUCTS: u32 = 40;
/// Lines of a basket at most.
const LINES_MAX: u64 = 8;
/// Pieces of a line at most.
const PIECES_MAX: u64 = 12;
/// The note that everybody pays with: more than any basket costs, minor units.
const NOTE: Money = Money(1_000_000);
/// Every business day that a clock in this world can show, 1970 to 2134.
const DAYS: (BusinessDate, BusinessDate) = (BusinessDate(0), BusinessDate(60_000));

/// The shop that is founded.
pub fn new_shop() -> NewShop {
    NewShop {
        name: "Corner Shop".into(),
        currency: Currency::from_code("EUR").expect("EUR stands in ISO 4217"),
        timezone: "Europe/Rome".into(),
        tax_mode: TaxMode::Inclusive,
        tax_rates: vec![TaxRate {
            id: 1,
            name: "Standard".into(),
            rate: BasisPoints(2_200),
            default: true,
        }],
        owner_name: "Ada".into(),
        owner_pin: OWNER_PIN.into(),
        device_name: "Till 1".into(),
    }
}

/// The catalogue as a file.
pub fn catalogue() -> String {
    let mut csv = String::from("sku,name,price\n");
    for number in 1..=PRODUCTS {
        // Writing into memory cannot fail.
        let _ = writeln!(csv, "W{number},Ware {number},{number}.{:02}", number % 100);
    }
    csv
}

/// The shop's own code of one of the wares.
pub fn sku(random: &mut SeededRandom) -> String {
    format!("W{}", random.between(1, u64::from(PRODUCTS)))
}

/// Products of a price list, and letters of each name: a few lists together are more than a link
/// may have under way.
const LISTED: u32 = 5_000;
const LISTED_LETTERS: usize = 120;

/// A price list as a file. Its names are noise, which no packing makes shorter.
pub fn price_list(list: u32, random: &mut SeededRandom) -> String {
    let mut csv = String::from("sku,name,price\n");
    for number in 1..=LISTED {
        let mut noise = [0; LISTED_LETTERS];
        random.fill(&mut noise);
        let name: String = noise.iter().map(|byte| letter(*byte)).collect();
        // Writing into memory cannot fail.
        let _ = writeln!(csv, "L{list}-{number},Z{name},{}.50", number % 90 + 1);
    }
    csv
}

/// One of 32 letters and digits.
fn letter(byte: u8) -> char {
    char::from(b"abcdefghijklmnopqrstuvwxyz234567"[usize::from(byte % 32)])
}

/// Asks for every product.
pub fn list() -> Request {
    Request::Products {
        search: String::new(),
        offset: 0,
        limit: PRODUCTS,
    }
}

/// What a customer puts on the counter.
pub fn basket(random: &mut SeededRandom, wares: &[Product]) -> Basket {
    let mut lines = Vec::new();
    for _ in 0..random.between(1, LINES_MAX) {
        if let Some(product) = random.pick(wares) {
            let item = Item::Product(product.id);
            let pieces = random.between(1, PIECES_MAX).cast_signed();
            let quantity = Quantity(pieces * 1_000);
            lines.push(BasketLine { item, quantity });
        }
    }
    let tenders = vec![Tender {
        kind: TenderKind::Cash,
        amount: NOTE,
    }];
    Basket { lines, tenders }
}

/// The receipt's number.
pub fn number(receipt: &Receipt) -> String {
    receipt.number.clone()
}

/// The receipt's total, minor units.
pub fn total(receipt: &Receipt) -> i64 {
    receipt.total.0
}

/// Asks for a page of all sales, whatever day clocks that are off put them on.
pub fn sales(offset: usize, limit: u32) -> Request {
    Request::Sales {
        from: DAYS.0,
        to: DAYS.1,
        offset: u32::try_from(offset).unwrap_or(u32::MAX),
        limit,
    }
}

/// A sale's receipt number and total, minor units.
pub fn counted(sale: &SaleView) -> (String, i64) {
    (sale.number.clone(), sale.total.0)
}
