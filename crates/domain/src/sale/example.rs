//! A small shop for tests of sales.

use base::{DeviceId, EntryRef, LogId, Mark, Stamp, Stream};

use super::{BasketLine, Item};
use crate::catalogue::{ProductFields, Unit};
use crate::event::{Event, ProductWritten, ProductsWritten, SettingsFields, SettingsWritten};
use crate::fold::{Fact, State};
use crate::money::{Currency, Money};
use crate::quantity::Quantity;
use crate::settings::{BasisPoints, TaxMode, TaxRate};

/// A line by code.
pub(crate) fn code(code: &str, quantity: Quantity) -> BasketLine {
    BasketLine {
        item: Item::Code(code.into()),
        quantity,
    }
}

fn product(sku: &str, name: &str, price: Option<i64>, tax_rate: u8) -> ProductWritten {
    ProductWritten {
        product: None,
        replaces: vec![],
        fields: ProductFields {
            sku: Some(sku.into()),
            name: Some(name.into()),
            price: price.map(Money),
            tax_rate: Some(tax_rate),
            active: Some(sku != "OLD"),
            unit: (sku == "APPLES").then_some(Unit::Kilogram),
            ..ProductFields::default()
        },
        movement: None,
    }
}

fn rate(id: u8, points: u16) -> TaxRate {
    TaxRate {
        id,
        name: format!("rate {id}"),
        rate: BasisPoints(points),
        default: id == 1,
    }
}

/// Inclusive prices, 22 % and 10 %.
pub(crate) fn shop() -> State {
    let settings = Event::Settings(SettingsWritten {
        replaces: vec![],
        fields: SettingsFields {
            name: Some("Corner".into()),
            currency: Currency::from_code("EUR"),
            timezone: Some("Europe/Rome".into()),
            tax_mode: Some(TaxMode::Inclusive),
            tax_rates: Some(vec![rate(1, 2_200), rate(2, 1_000)]),
            day_cutoff_minutes: Some(240),
            pin_pepper: Some([1; 32]),
        },
    });
    let products = Event::Products(ProductsWritten {
        products: vec![
            product("WINE", "Wine", Some(2_890), 1),
            product("BREAD", "Bread", Some(125), 2),
            product("OLD", "Old bread", Some(50), 2),
            product("FREE", "Unpriced", None, 2),
            product("APPLES", "Apples", Some(299), 2),
        ],
    });
    let mut state = State::default();
    for (seq, event) in [(1, &settings), (2, &products)] {
        let entry = EntryRef {
            log: LogId::new(DeviceId([1; 16]), Stream::Shop),
            seq,
            mark: Mark([seq as u8; 8]),
        };
        state.apply(&Fact {
            entry,
            stamp: Stamp(seq),
            wall_ms: 0,
            event,
        });
    }
    state
}
