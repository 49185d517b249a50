//! Which objects are in conflict, known with every write.

use base::{DeviceId, EmployeeId};

use super::State;
use crate::catalogue::ProductId;

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
    /// How many objects have writes that did not know each other.
    pub fn conflicts(&self) -> usize {
        self.in_conflict.len()
    }

    /// Objects with writes that did not know each other: products first, by id, settings last.
    pub fn in_conflict(&self) -> impl Iterator<Item = Object> + '_ {
        self.in_conflict.iter().copied()
    }

    /// Looks at an object that was written, so that nobody has to walk all of them to count.
    pub(super) fn look_at(&mut self, object: Object) {
        let in_conflict = match object {
            Object::Product(id) => {
                let register = self.catalogue.register(id);
                register.is_some_and(|held| held.in_conflict())
            }
            Object::Employee(id) => {
                let register = self.employees.get(&id);
                register.is_some_and(|held| held.in_conflict())
            }
            Object::DeviceName(device) => {
                let register = self.device_names.get(&device);
                register.is_some_and(|held| held.in_conflict())
            }
            Object::Settings => self.settings.in_conflict(),
        };
        if in_conflict {
            self.in_conflict.insert(object);
        } else {
            self.in_conflict.remove(&object);
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
