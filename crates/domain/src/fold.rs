//! The fold: what all events come to, in whatever order they arrive.
//!
//! Applying and undoing facts in any order gives the same state, byte for byte, because sums are
//! sums and a register is a function of the set of its writes. Only aggregates are kept: bodies
//! of sales stay in storage and are found through [`Day::logs`].

mod day;
mod hash;
mod numbers;

use std::collections::BTreeMap;

use base::{DeviceId, EmployeeId, EntryRef, Mark, Stamp};
use minicbor::{Decode, Encode};

pub use day::{Day, Sold, TerminalDay};
pub use hash::{FOLD_VERSION, Scope};
pub use numbers::Numbers;

use crate::catalogue::{Catalogue, ProductFields, ProductId, StockChange};
use crate::event::{
    EmployeeFields, Event, ProductWritten, ProductsWritten, Sale, SettingsFields, StockMoved,
};
use crate::quantity::Quantity;
use crate::register::{Fields, Register, Write};
use crate::settings::{BusinessDate, ShopSettings};

/// An event with the entry that holds it.
#[derive(Debug, Clone, Copy)]
pub struct Fact<'a> {
    /// The entry.
    pub entry: EntryRef,
    /// Its stamp.
    pub stamp: Stamp,
    /// The author's raw wall clock, milliseconds since 1970.
    pub wall_ms: u64,
    /// What it says.
    pub event: &'a Event,
}

/// What all events come to.
///
/// Whoever folds sees to it that an entry is applied once, and undone only after it was applied:
/// sums cannot tell.
#[derive(Debug, Clone, Default)]
pub struct State {
    settings: Register<SettingsFields>,
    catalogue: Catalogue,
    employees: BTreeMap<EmployeeId, Register<EmployeeFields>>,
    device_names: BTreeMap<DeviceId, Register<DeviceName>>,
    days: BTreeMap<BusinessDate, Day>,
    receipts: BTreeMap<String, Numbers>,
    /// The latest sale seen of each terminal. Only ever rises, is not undone and not hashed: it
    /// says how fresh the figures are, nothing about the shop.
    latest: BTreeMap<String, u64>,
}

/// A device's name as a register of one field.
#[derive(Debug, Clone, PartialEq, Eq, Encode, Decode)]
#[cbor(transparent)]
struct DeviceName(#[n(0)] String);

impl Fields for DeviceName {
    fn written(&self) -> u32 {
        1
    }
}

/// Whether a fact comes or goes.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Step {
    Apply,
    Undo,
}

impl State {
    /// Takes a fact in. The caller has not applied the same entry before.
    pub fn apply(&mut self, fact: &Fact<'_>) {
        self.step(fact, Step::Apply);
    }

    /// Takes a fact out again, as if it had never been. The caller has applied it before.
    pub fn undo(&mut self, fact: &Fact<'_>) {
        self.step(fact, Step::Undo);
    }

    fn step(&mut self, fact: &Fact<'_>, step: Step) {
        let mark = fact.entry.mark;
        match fact.event {
            Event::Settings(written) => {
                let write = write(fact, &written.replaces, &written.fields);
                step_register(&mut self.settings, step, mark, write);
            }
            Event::Employee(profile) => {
                let write = write(fact, &profile.replaces, &profile.fields);
                step_entry(&mut self.employees, profile.employee, step, mark, write);
            }
            Event::DeviceName(named) => {
                let write = write(fact, &named.replaces, &DeviceName(named.name.clone()));
                step_entry(&mut self.device_names, named.device, step, mark, write);
            }
            Event::Products(written) => self.step_products(fact, written, step),
            Event::Stock(moved) => self.step_stock(moved, step),
            Event::Sale(sale) => self.step_sale(fact, sale, step),
            Event::Unknown(_) => {}
        }
    }

    fn step_products(&mut self, fact: &Fact<'_>, written: &ProductsWritten, step: Step) {
        for (index, product) in (0_u16..).zip(&written.products) {
            let own = ProductId {
                mark: fact.entry.mark,
                index,
            };
            let id = product.product.unwrap_or(own);
            match step {
                Step::Apply => {
                    let write = write(fact, &product.replaces, &product.fields);
                    self.catalogue.write(id, write);
                }
                Step::Undo => self.catalogue.unwrite(id, fact.entry.mark),
            }
            if let Some(quantity) = product.movement {
                self.move_stock(id, quantity, true, step);
            }
        }
    }

    fn step_stock(&mut self, moved: &StockMoved, step: Step) {
        for movement in &moved.movements {
            self.move_stock(movement.product, movement.quantity, true, step);
        }
    }

    fn step_sale(&mut self, fact: &Fact<'_>, sale: &Sale, step: Step) {
        for line in &sale.lines {
            let sold = Quantity(line.quantity().0.wrapping_neg());
            self.move_stock(line.product(), sold, false, step);
        }
        let day = self.days.entry(sale.business_date).or_default();
        let receipts = self.receipts.entry(sale.terminal.clone()).or_default();
        let counter = u64::from(sale.counter);
        match step {
            Step::Apply => {
                day.add(fact, sale);
                receipts.add(counter);
                let latest = self.latest.entry(sale.terminal.clone()).or_default();
                *latest = (*latest).max(fact.wall_ms);
            }
            Step::Undo => {
                day.take(fact, sale);
                receipts.take(counter);
            }
        }
        if day.is_empty() {
            self.days.remove(&sale.business_date);
        }
        if receipts.is_empty() {
            self.receipts.remove(&sale.terminal);
        }
    }

    fn move_stock(&mut self, product: ProductId, quantity: Quantity, counted: bool, step: Step) {
        let change = StockChange {
            product,
            quantity,
            counted,
        };
        match step {
            Step::Apply => self.catalogue.move_stock(change),
            Step::Undo => self.catalogue.unmove_stock(change),
        }
    }

    /// The shop's settings; `None` until the founder's are there.
    pub fn settings(&self) -> Option<ShopSettings> {
        let register = &self.settings;
        Some(ShopSettings {
            name: register.winner(|f| f.name.as_deref())?.to_owned(),
            currency: *register.winner(|f| f.currency.as_ref())?,
            timezone: register.winner(|f| f.timezone.as_deref())?.to_owned(),
            tax_mode: *register.winner(|f| f.tax_mode.as_ref())?,
            tax_rates: register.winner(|f| f.tax_rates.as_deref())?.to_owned(),
            day_cutoff_minutes: *register.winner(|f| f.day_cutoff_minutes.as_ref())?,
            pin_pepper: *register.winner(|f| f.pin_pepper.as_ref())?,
        })
    }

    /// Marks that a new write of these settings has to name.
    pub fn settings_replaced_by(&self, fields: &SettingsFields) -> Vec<Mark> {
        self.settings.replaced_by(fields)
    }

    /// The products.
    pub fn catalogue(&self) -> &Catalogue {
        &self.catalogue
    }

    /// A write of a product, naming what it replaces; `None` as id adds one.
    pub fn product_write(&self, id: Option<ProductId>, fields: ProductFields) -> ProductWritten {
        let register = id.and_then(|id| self.catalogue.register(id));
        ProductWritten {
            product: id,
            replaces: register
                .map(|held| held.replaced_by(&fields))
                .unwrap_or_default(),
            fields,
            movement: None,
        }
    }

    /// An employee's name and PIN verifier, as far as they were written.
    pub fn employee(&self, id: EmployeeId) -> EmployeeFields {
        let Some(register) = self.employees.get(&id) else {
            return EmployeeFields::default();
        };
        EmployeeFields {
            name: register.winner(|f| f.name.as_deref()).map(str::to_owned),
            pin: register.winner(|f| f.pin.as_ref()).copied(),
        }
    }

    /// Marks that a new write of this employee has to name.
    pub fn employee_replaced_by(&self, id: EmployeeId, fields: &EmployeeFields) -> Vec<Mark> {
        let register = self.employees.get(&id);
        register
            .map(|held| held.replaced_by(fields))
            .unwrap_or_default()
    }

    /// What people call a device.
    pub fn device_name(&self, device: DeviceId) -> Option<&str> {
        let register = self.device_names.get(&device)?;
        register.winner(|name| Some(name.0.as_str()))
    }

    /// Marks that a new name of this device has to name.
    pub fn device_name_replaced_by(&self, device: DeviceId) -> Vec<Mark> {
        let register = self.device_names.get(&device);
        register
            .map(|held| held.replaced_by(&DeviceName(String::new())))
            .unwrap_or_default()
    }

    /// What was sold on a business day.
    pub fn day(&self, day: BusinessDate) -> Option<&Day> {
        self.days.get(&day)
    }

    /// Days with sales, both ends included, latest first: where bodies of sales are found.
    pub fn days(
        &self,
        from: BusinessDate,
        to: BusinessDate,
    ) -> impl Iterator<Item = (BusinessDate, &Day)> {
        let range = (from <= to).then(|| self.days.range(from..=to));
        range
            .into_iter()
            .flatten()
            .rev()
            .map(|(day, sales)| (*day, sales))
    }

    /// How many sales were folded.
    pub fn sales(&self) -> u64 {
        self.days.values().fold(0, |sum: u64, day| {
            sum.saturating_add(u64::from(day.receipts()))
        })
    }

    /// How many objects have writes that did not know each other.
    pub fn conflicts(&self) -> u64 {
        let employees = self.employees.values().filter(|held| held.in_conflict());
        let devices = self.device_names.values().filter(|held| held.in_conflict());
        let objects = self
            .catalogue
            .conflicts()
            .count()
            .saturating_add(employees.count())
            .saturating_add(devices.count())
            .saturating_add(usize::from(self.settings.in_conflict()));
        u64::try_from(objects).unwrap_or(u64::MAX)
    }

    /// The receipt numbers that a terminal code has used.
    pub fn receipts(&self, terminal: &str) -> Option<&Numbers> {
        self.receipts.get(terminal)
    }

    /// The next receipt number of a terminal code, from 1; `None` when it has run out.
    pub fn next_counter(&self, terminal: &str) -> Option<u32> {
        let highest = self
            .receipts(terminal)
            .and_then(Numbers::highest)
            .unwrap_or(0);
        u32::try_from(highest.checked_add(1)?).ok()
    }

    /// When a terminal's latest known sale was made, milliseconds since 1970, by its own clock.
    pub fn latest_sale_ms(&self, terminal: &str) -> Option<u64> {
        self.latest.get(terminal).copied()
    }
}

fn write<F: Clone>(fact: &Fact<'_>, replaces: &[Mark], fields: &F) -> Write<F> {
    Write {
        mark: fact.entry.mark,
        stamp: fact.stamp,
        replaces: replaces.to_vec(),
        fields: fields.clone(),
    }
}

fn step_register<F>(register: &mut Register<F>, step: Step, mark: Mark, write: Write<F>) {
    match step {
        Step::Apply => register.insert(write),
        Step::Undo => register.remove(mark),
    }
}

fn step_entry<K: Ord + Copy, F>(
    registers: &mut BTreeMap<K, Register<F>>,
    key: K,
    step: Step,
    mark: Mark,
    write: Write<F>,
) {
    let register = registers.entry(key).or_default();
    step_register(register, step, mark, write);
    if register.is_empty() {
        registers.remove(&key);
    }
}

#[cfg(test)]
mod tests;
