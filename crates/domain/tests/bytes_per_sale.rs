//! What a sale weighs in a block of 256, deflated as it is before it is sealed.

#[path = "shared/data.rs"]
mod data;

use base::segment::join_entries;
use base::{ControlVector, DeviceId, EmployeeId, Entry, Mark, Stamp};
use domain::catalogue::ProductId;
use domain::event::{Event, Sale, SaleLine};
use domain::money::Money;
use domain::quantity::Quantity;
use domain::sale::{Tender, TenderKind};
use domain::settings::{BasisPoints, BusinessDate, TaxMode};

const BLOCK: usize = 256;

/// Baskets as indexes into a catalogue of 169 items, and the items' prices in minor units.
fn baskets() -> (Vec<Vec<u16>>, Vec<i64>) {
    let files = data::file("groceries.csv").zip(data::file("groceries-items.csv"));
    let Some((baskets, items)) = files else {
        return made_up();
    };
    let rows: Vec<Vec<&str>> = items
        .lines()
        .skip(1)
        .map(|l| l.split(',').collect())
        .collect();
    let prices = rows
        .iter()
        .map(|row| row[2].replace('.', "").parse().unwrap())
        .collect();
    let at = |name: &str| rows.iter().position(|row| row[1].trim() == name.trim());
    let basket = |line: &str| -> Vec<u16> {
        let indexes = line.split(',').filter_map(at);
        indexes.map(|index| index as u16).collect()
    };
    let baskets = baskets
        .lines()
        .map(basket)
        .filter(|basket| !basket.is_empty());
    (baskets.collect(), prices)
}

/// Four or five items a basket, a few of them much more often than the rest.
fn made_up() -> (Vec<Vec<u16>>, Vec<i64>) {
    let mut numbers = data::Numbers(7);
    let mut item = || {
        let top = 1 + numbers.below(169);
        numbers.below(top) as u16
    };
    let baskets = (0..2_560).map(|at| (0..1 + at % 8).map(|_| item()).collect());
    let baskets = baskets.collect();
    (baskets, (0..169).map(|item| 99 + 37 * item).collect())
}

fn entry(at: u64, basket: &[u16], prices: &[i64], numbers: &mut data::Numbers) -> Vec<u8> {
    let product = |index| ProductId {
        mark: Mark([0xb7, 3, 0x55, 0xe1, 0x9a, 0x20, 0xc4, 0x6d]),
        index,
    };
    let rate = |index: u16| BasisPoints([500, 1_200, 0][usize::from(index % 3)]);
    let quantity = |n: u64| Quantity(if n < 9 { 1_000 } else { 2_000 });
    let lines: Vec<_> = basket
        .iter()
        .map(|index| {
            let price = Money(prices[usize::from(*index)]);
            SaleLine::new(
                product(*index),
                price,
                rate(*index),
                quantity(numbers.below(10)),
            )
        })
        .collect();
    let mut sale = Sale {
        terminal: "A3".into(),
        counter: at as u32 + 1,
        business_date: BusinessDate(20_778),
        offset_minutes: 330,
        tax_mode: TaxMode::Inclusive,
        lines,
        tenders: vec![],
    };
    let total = sale.totals().payable.0;
    // Half pay in cash with a round note, half by card.
    let (kind, amount) = match numbers.below(2) {
        0 => (TenderKind::Cash, (total + 499) / 500 * 500),
        _ => (TenderKind::Card, total),
    };
    sale.tenders = vec![Tender {
        kind,
        amount: Money(amount),
    }];
    let (kind, payload) = Event::Sale(sale).encode().unwrap();
    let seconds = at * 40 + numbers.below(40);
    Entry {
        kind,
        min_reader: 1,
        stamp: Stamp::new(
            1_795_000_000_000 + seconds * 1_000 + numbers.below(1_000),
            0,
        ),
        wall_ms: None,
        employee: Some(EmployeeId([7; 8])),
        control: ControlVector(vec![(DeviceId([1; 16]), 14), (DeviceId([2; 16]), 3)]),
        payload,
        salt: None,
    }
    .to_raw()
}

#[test]
fn a_sale_weighs_little_in_a_block() {
    let (baskets, prices) = baskets();
    let mut numbers = data::Numbers(1);
    let raw: Vec<Vec<u8>> = baskets
        .iter()
        .enumerate()
        .map(|(at, basket)| entry(at as u64, basket, &prices, &mut numbers))
        .collect();
    let weigh = |level| {
        let blocks = raw.chunks_exact(BLOCK);
        let sales = blocks.len() * BLOCK;
        let bytes: usize = blocks
            .map(|block| {
                let plain = join_entries(block.iter().map(Vec::as_slice));
                miniz_oxide::deflate::compress_to_vec(&plain, level).len()
            })
            .sum();
        bytes * 10 / sales
    };
    let plain = raw.iter().map(Vec::len).sum::<usize>() / raw.len();
    let lines = baskets.iter().map(Vec::len).sum::<usize>() * 10 / baskets.len();
    for level in [6, 9] {
        let tenths = weigh(level);
        eprintln!(
            "level {level}: {}.{} bytes a sale of {}.{} lines, {plain} before",
            tenths / 10,
            tenths % 10,
            lines / 10,
            lines % 10
        );
        assert!(tenths <= 340, "{tenths} tenths of a byte at level {level}");
    }
}
