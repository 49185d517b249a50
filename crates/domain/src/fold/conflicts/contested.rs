//! What stands against each other in an object in conflict, field by field.

use core::cmp::Reverse;

use base::{Mark, Stamp};

use super::Object;
use crate::catalogue::{ProductFields, Unit};
use crate::event::{EmployeeFields, SettingsFields};
use crate::fold::{DeviceName, State};
use crate::money::{Currency, Money};
use crate::register::{REPLACES_MAX, Register, Write};
use crate::settings::{TaxMode, TaxRate};

/// A field to which writes that did not know each other gave different values.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Contested {
    /// Which.
    pub field: Field,
    /// What was written, the one that counts first; at most [`REPLACES_MAX`].
    pub values: Vec<Rival>,
}

/// A value that stands against others.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Rival {
    /// The entry that holds the write.
    pub mark: Mark,
    /// The entry's stamp.
    pub stamp: Stamp,
    /// The value.
    pub value: Value,
}

/// A field of an object.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub enum Field {
    /// What people call it, or the shop.
    Name,
    /// A product's own code.
    Sku,
    /// A product's barcodes.
    Barcodes,
    /// A product's shelf price.
    Price,
    /// The id of a product's tax rate.
    TaxRate,
    /// What one of a product is.
    Unit,
    /// Whether a product is on sale.
    Active,
    /// An employee's PIN.
    Pin,
    /// The shop's currency.
    Currency,
    /// The shop's time zone.
    Timezone,
    /// Whether shelf prices include tax.
    TaxMode,
    /// The shop's tax rates.
    TaxRates,
    /// Minutes after midnight until which a sale belongs to the day before.
    DayCutoffMinutes,
    /// What PIN verifiers are keyed with.
    PinPepper,
}

/// What a write set a field to.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Value {
    /// A text.
    Text(String),
    /// Several codes.
    Codes(Vec<String>),
    /// An amount.
    Amount(Money),
    /// The id of a tax rate.
    RateId(u8),
    /// A unit.
    Unit(Unit),
    /// Yes or no.
    Flag(bool),
    /// A currency.
    Currency(Currency),
    /// A way to write prices.
    TaxMode(TaxMode),
    /// Tax rates.
    TaxRates(Vec<TaxRate>),
    /// Minutes.
    Minutes(u16),
    /// Something that nobody is shown.
    Secret,
}

impl State {
    /// The fields of an object that are in conflict, each with what stands against each other;
    /// none of an object that is not.
    pub fn contested(&self, object: Object) -> Vec<Contested> {
        match object {
            Object::Product(id) => self.catalogue.register(id).map(of_product),
            Object::Employee(id) => self.employees.get(&id).map(of_employee),
            Object::DeviceName(device) => self.device_names.get(&device).map(of_device_name),
            Object::Settings => Some(of_settings(&self.settings)),
        }
        .unwrap_or_default()
    }
}

fn of_product(held: &Register<ProductFields>) -> Vec<Contested> {
    let fields = [
        contested(held, Field::Sku, |f| f.sku.as_ref(), Value::Text),
        contested(held, Field::Barcodes, |f| f.barcodes.as_ref(), Value::Codes),
        contested(held, Field::Name, |f| f.name.as_ref(), Value::Text),
        contested(held, Field::Price, |f| f.price.as_ref(), Value::Amount),
        contested(held, Field::TaxRate, |f| f.tax_rate.as_ref(), Value::RateId),
        contested(held, Field::Unit, |f| f.unit.as_ref(), Value::Unit),
        contested(held, Field::Active, |f| f.active.as_ref(), Value::Flag),
    ];
    fields.into_iter().flatten().collect()
}

fn of_employee(held: &Register<EmployeeFields>) -> Vec<Contested> {
    let fields = [
        contested(held, Field::Name, |f| f.name.as_ref(), Value::Text),
        contested(held, Field::Pin, |f| f.pin.as_ref(), |_| Value::Secret),
    ];
    fields.into_iter().flatten().collect()
}

fn of_device_name(held: &Register<DeviceName>) -> Vec<Contested> {
    let name = contested(held, Field::Name, |name| Some(&name.0), Value::Text);
    name.into_iter().collect()
}

fn of_settings(held: &Register<SettingsFields>) -> Vec<Contested> {
    let fields = [
        contested(held, Field::Name, |f| f.name.as_ref(), Value::Text),
        contested(
            held,
            Field::Currency,
            |f| f.currency.as_ref(),
            Value::Currency,
        ),
        contested(held, Field::Timezone, |f| f.timezone.as_ref(), Value::Text),
        contested(
            held,
            Field::TaxMode,
            |f| f.tax_mode.as_ref(),
            Value::TaxMode,
        ),
        contested(
            held,
            Field::TaxRates,
            |f| f.tax_rates.as_ref(),
            Value::TaxRates,
        ),
        contested(
            held,
            Field::DayCutoffMinutes,
            |f| f.day_cutoff_minutes.as_ref(),
            Value::Minutes,
        ),
        contested(
            held,
            Field::PinPepper,
            |f| f.pin_pepper.as_ref(),
            |_| Value::Secret,
        ),
    ];
    fields.into_iter().flatten().collect()
}

/// What stands against each other in one field; `None` when nothing does, as when all wrote the
/// same.
fn contested<F, T: Clone + PartialEq>(
    held: &Register<F>,
    field: Field,
    read: impl Fn(&F) -> Option<&T>,
    value: impl Fn(T) -> Value,
) -> Option<Contested> {
    let mut live: Vec<_> = held.live(read).collect();
    let (_, first) = live.first()?;
    if live.iter().all(|(_, written)| written == first) {
        return None;
    }
    live.sort_by_key(|(write, _)| Reverse((write.stamp, write.mark)));
    live.truncate(REPLACES_MAX);
    let rival = |(write, written): (&Write<F>, &T)| Rival {
        mark: write.mark,
        stamp: write.stamp,
        value: value(written.clone()),
    };
    let values = live.into_iter().map(rival).collect();
    Some(Contested { field, values })
}
