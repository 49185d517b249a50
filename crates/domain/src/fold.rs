//! The fold: what all events come to, in whatever order they arrive.
//!
//! Applying and undoing facts in any order gives the same state, byte for byte, because sums are
//! sums and a register is a function of the set of its writes. Only aggregates are kept: bodies
//! of sales stay in storage and are found through [`Day::logs`].

mod conflicts;
mod day;
mod hash;
mod numbers;
mod reading;

use std::collections::{BTreeMap, BTreeSet};

use base::{DeviceId, EmployeeId, EntryRef, Mark, Stamp};
use minicbor::{Decode, Encode};

pub use conflicts::{Contested, Field, Object, Rival, Value};
pub use day::{Day, Sold, TerminalDay};
pub use hash::{FOLD_VERSION, Scope};
pub use numbers::Numbers;

use crate::catalogue::{Catalogue, ProductFields, ProductId, StockChange};
use crate::event::{
    DeviceSucceeds, EmployeeFields, Event, ProductsWritten, Sale, SettingsFields, StockMoved,
};
use crate::quantity::Quantity;
use crate::register::{Fields, Register, Write};
use crate::settings::BusinessDate;

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
    /// Of copied devices.
    successors: BTreeMap<DeviceId, Successors>,
    days: BTreeMap<BusinessDate, Day>,
    receipts: BTreeMap<String, Numbers>,
    /// The latest sale seen of each terminal. Only ever rises, is not undone and not hashed: it
    /// says how fresh the figures are, nothing about the shop.
    latest: BTreeMap<String, u64>,
    /// Found with every write; follows from the registers, so it is neither hashed nor kept.
    in_conflict: BTreeSet<Object>,
}

/// With which keys a copied device would go on, each with how many entries say so.
type Successors = BTreeMap<DeviceSucceeds, u64>;

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
                self.look_at(Object::Settings);
            }
            Event::Employee(profile) => {
                let write = write(fact, &profile.replaces, &profile.fields);
                step_entry(&mut self.employees, profile.employee, step, mark, write);
                self.look_at(Object::Employee(profile.employee));
            }
            Event::DeviceName(named) => {
                let write = write(fact, &named.replaces, &DeviceName(named.name.clone()));
                step_entry(&mut self.device_names, named.device, step, mark, write);
                self.look_at(Object::DeviceName(named.device));
            }
            Event::DeviceSucceeds(next) => self.step_successor(fact.entry.log.device, next, step),
            Event::Products(written) => self.step_products(fact, written, step),
            Event::Stock(moved) => self.step_stock(moved, step),
            Event::Sale(sale) => self.step_sale(fact, sale, step),
            Event::Unknown(_) => {}
        }
    }

    fn step_successor(&mut self, device: DeviceId, next: &DeviceSucceeds, step: Step) {
        let successors = self.successors.entry(device).or_default();
        let times = successors.entry(*next).or_default();
        *times = match step {
            Step::Apply => times.saturating_add(1),
            Step::Undo => times.saturating_sub(1),
        };
        successors.retain(|_, times| *times > 0);
        if successors.is_empty() {
            self.successors.remove(&device);
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
            self.look_at(Object::Product(id));
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
