//! Which objects are in conflict, known with every write; and what stands against each other.

mod contested;

use base::{DeviceId, EmployeeId};

pub use contested::{Contested, Field, Rival, Value};

use super::State;
use crate::catalogue::ProductId;
use crate::register::Register;

/// Something that people write over, field by field.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub enum Object {
    /// A product.
    Product(ProductId),
    /// An employee's name and PIN.
    Employee(EmployeeId),
    /// What people call a device.
    DeviceName(DeviceId),
    /// The shop's settings.
    Settings,
}

impl State {
    /// How many objects have fields that were given different values by writes that did not know
    /// each other.
    pub fn conflicts(&self) -> usize {
        self.in_conflict.len()
    }

    /// The objects that are in conflict: products first, by id, settings last.
    pub fn in_conflict(&self) -> impl Iterator<Item = Object> + '_ {
        self.in_conflict.iter().copied()
    }

    /// Looks at an object that was written, so that nobody has to walk all of them to count.
    pub(super) fn look_at(&mut self, object: Object) {
        // Most objects were never written apart, and no value has to be compared.
        if self.is_written_apart(object) && !self.contested(object).is_empty() {
            self.in_conflict.insert(object);
        } else {
            self.in_conflict.remove(&object);
        }
    }

    fn is_written_apart(&self, object: Object) -> bool {
        match object {
            Object::Product(id) => {
                let register = self.catalogue.register(id);
                register.is_some_and(Register::is_written_apart)
            }
            Object::Employee(id) => {
                let register = self.employees.get(&id);
                register.is_some_and(Register::is_written_apart)
            }
            Object::DeviceName(device) => {
                let register = self.device_names.get(&device);
                register.is_some_and(Register::is_written_apart)
            }
            Object::Settings => self.settings.is_written_apart(),
        }
    }

    /// Looks at every object, as after reading a checkpoint.
    pub(super) fn look_at_all(&mut self) {
        let (products, _) = self.catalogue.parts();
        let products = products.keys().copied().map(Object::Product);
        let employees = self.employees.keys().copied().map(Object::Employee);
        let devices = self.device_names.keys().copied().map(Object::DeviceName);
        let objects: Vec<_> = products
            .chain(employees)
            .chain(devices)
            .chain([Object::Settings])
            .collect();
        for object in objects {
            self.look_at(object);
        }
    }
}
