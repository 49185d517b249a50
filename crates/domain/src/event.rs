//! Events: what entries of the `shop` and `sales` streams say, and their payloads.
//!
//! Payloads are CBOR with integer keys. What is written once is read for ever: a key may be
//! added, never given another meaning. Golden bytes hold every payload to that.

mod people;
mod products;
mod sale;
mod settings;
mod stock;

use base::{Malformed, Mark, cbor};

pub use people::{DeviceNamed, DeviceSucceeds, EmployeeFields, EmployeeProfile, PinVerifier};
pub use products::{BARCODES_MAX, ProductWritten, ProductsWritten};
pub use sale::{SALE_LINES_MAX, Sale, SaleLine, TENDERS_MAX};
pub use settings::{SettingsFields, SettingsWritten};
pub use stock::{Movement, MovementReason, StockMoved};

use crate::catalogue::ProductId;
use crate::register::REPLACES_MAX;

/// The most products that one entry writes: a page of an import.
pub const PRODUCTS_PER_ENTRY_MAX: usize = 256;
/// The most characters of a name, a SKU, a note.
pub const TEXT_CHARS_MAX: usize = 512;

/// Kind of [`Event::Settings`], in `shop`.
pub const KIND_SETTINGS: u16 = 64;
/// Kind of [`Event::Products`], in `shop`.
pub const KIND_PRODUCTS: u16 = 65;
/// Kind of [`Event::Employee`], in `shop`.
pub const KIND_EMPLOYEE: u16 = 66;
/// Kind of [`Event::DeviceName`], in `shop`.
pub const KIND_DEVICE_NAME: u16 = 67;
/// Kind of [`Event::DeviceSucceeds`], in `shop`.
pub const KIND_DEVICE_SUCCEEDS: u16 = 68;
/// Kind of [`Event::Sale`], in `sales`.
pub const KIND_SALE: u16 = 70;
/// Kind of [`Event::Stock`], in `sales`.
pub const KIND_STOCK: u16 = 71;

/// What an entry says.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Event {
    /// Settings of the shop were written.
    Settings(SettingsWritten),
    /// Products were added or changed.
    Products(ProductsWritten),
    /// An employee's name or PIN was written.
    Employee(EmployeeProfile),
    /// A device was given a name.
    DeviceName(DeviceNamed),
    /// The author runs twice, and would go on as another device.
    DeviceSucceeds(DeviceSucceeds),
    /// A sale was closed.
    Sale(Sale),
    /// Stock came, went or was put right.
    Stock(StockMoved),
    /// A kind that this release does not know. It changes nothing.
    Unknown(u16),
}

impl Event {
    /// Reads a payload. A kind that is not known is no error.
    ///
    /// # Errors
    /// [`Malformed`], alike on every device; the author's fault.
    pub fn decode(kind: u16, payload: &[u8]) -> Result<Self, Malformed> {
        let event = match kind {
            KIND_SETTINGS => Self::Settings(cbor::decode_open(payload, "settings")?),
            KIND_PRODUCTS => Self::Products(cbor::decode_open(payload, "products")?),
            KIND_EMPLOYEE => Self::Employee(cbor::decode_open(payload, "employee")?),
            KIND_DEVICE_NAME => Self::DeviceName(cbor::decode_open(payload, "device name")?),
            KIND_DEVICE_SUCCEEDS => Self::DeviceSucceeds(cbor::decode_open(payload, "successor")?),
            KIND_SALE => Self::Sale(cbor::decode_open(payload, "sale")?),
            KIND_STOCK => Self::Stock(cbor::decode_open(payload, "stock movement")?),
            unknown => Self::Unknown(unknown),
        };
        event.check()?;
        Ok(event)
    }

    /// The kind and the payload to write.
    ///
    /// # Errors
    /// [`Malformed`] when it breaks a rule that readers hold it to, or is of an unknown kind.
    pub fn encode(&self) -> Result<(u16, Vec<u8>), Malformed> {
        self.check()?;
        Ok(match self {
            Self::Settings(written) => (KIND_SETTINGS, cbor::encode(written)),
            Self::Products(written) => (KIND_PRODUCTS, cbor::encode(written)),
            Self::Employee(profile) => (KIND_EMPLOYEE, cbor::encode(profile)),
            Self::DeviceName(named) => (KIND_DEVICE_NAME, cbor::encode(named)),
            Self::DeviceSucceeds(next) => (KIND_DEVICE_SUCCEEDS, cbor::encode(next)),
            Self::Sale(sale) => (KIND_SALE, cbor::encode(sale)),
            Self::Stock(moved) => (KIND_STOCK, cbor::encode(moved)),
            Self::Unknown(_) => return Err(Malformed::Rule("an unknown event is never written")),
        })
    }

    /// The stream that events of this kind are written to.
    pub const fn stream(&self) -> base::Stream {
        match self {
            Self::Sale(_) | Self::Stock(_) => base::Stream::Sales,
            _ => base::Stream::Shop,
        }
    }

    fn check(&self) -> Result<(), Malformed> {
        match self {
            Self::Settings(written) => written.check(),
            Self::Products(written) => written.check(),
            Self::Employee(profile) => profile.check(),
            Self::DeviceName(named) => named.check(),
            Self::Sale(sale) => sale.check(),
            Self::Stock(moved) => moved.check(),
            Self::DeviceSucceeds(_) | Self::Unknown(_) => Ok(()),
        }
    }
}

fn rule(holds: bool, text: &'static str) -> Result<(), Malformed> {
    if holds {
        Ok(())
    } else {
        Err(Malformed::Rule(text))
    }
}

fn check_text(text: Option<&str>) -> Result<(), Malformed> {
    rule(
        text.is_none_or(|text| text.chars().count() <= TEXT_CHARS_MAX),
        "a text has at most 512 characters",
    )
}

fn check_replaces(replaces: &[Mark]) -> Result<(), Malformed> {
    rule(
        replaces.len() <= REPLACES_MAX,
        "a write replaces at most 64 others",
    )
}

fn check_each_once(products: impl Iterator<Item = ProductId>) -> Result<(), Malformed> {
    let mut seen = std::collections::BTreeSet::new();
    let mut products = products;
    rule(
        products.all(|product| seen.insert(product)),
        "an entry names a product once",
    )
}

#[cfg(test)]
mod tests;
