//! What can be read off the state, and what a new write has to name.

use std::collections::BTreeMap;

use base::{DeviceId, EmployeeId, Mark};

use super::{Day, DeviceName, Numbers, State};
use crate::catalogue::{Catalogue, ProductFields, ProductId};
use crate::event::{DeviceSucceeds, EmployeeFields, ProductWritten, SettingsFields};
use crate::settings::{BusinessDate, ShopSettings};

impl State {
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

    /// The shop's time zone, by its IANA name.
    pub fn timezone(&self) -> Option<&str> {
        self.settings.winner(|f| f.timezone.as_deref())
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

    /// Terminals that receipts were numbered for.
    pub fn terminals(&self) -> impl Iterator<Item = &str> {
        self.receipts.keys().map(String::as_str)
    }

    /// With which keys a copied device would go on, in the order of the keys.
    pub fn successors(&self, device: DeviceId) -> impl Iterator<Item = &DeviceSucceeds> {
        let successors = self.successors.get(&device);
        successors.into_iter().flat_map(BTreeMap::keys)
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

    /// The receipt numbers that a terminal code has used.
    pub fn receipts(&self, terminal: &str) -> Option<&Numbers> {
        self.receipts.get(terminal)
    }

    /// When a terminal's latest known sale was made, milliseconds since 1970, by its own clock.
    pub fn latest_sale_ms(&self, terminal: &str) -> Option<u64> {
        self.latest.get(terminal).copied()
    }
}
