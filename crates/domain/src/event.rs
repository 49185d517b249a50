//! Events: what entries of the `shop` and `sales` streams say, and their payloads.
//!
//! Payloads are CBOR with integer keys. What is written once is read for ever: a key may be
//! added, never given another meaning. Golden bytes hold every payload to that.

mod sale;

use base::{DeviceId, EmployeeId, Malformed, Mark, cbor};
use minicbor::{Decode, Encode};

pub use sale::{SALE_LINES_MAX, Sale, SaleLine, TENDERS_MAX};

use crate::catalogue::{ProductFields, ProductId};
use crate::money::Currency;
use crate::quantity::Quantity;
use crate::register::{Fields, REPLACES_MAX, mask};
use crate::settings::{TaxMode, TaxRate, check_tax_rates};

/// The most products that one entry writes: a page of an import.
pub const PRODUCTS_PER_ENTRY_MAX: usize = 256;
/// The most barcodes of one product.
pub const BARCODES_MAX: usize = 32;
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
    /// A sale was closed.
    Sale(Sale),
    /// Stock came, went or was put right.
    Stock(StockMoved),
    /// A kind that this release does not know. It changes nothing.
    Unknown(u16),
}

/// Settings that were written.
#[derive(Debug, Clone, PartialEq, Eq, Encode, Decode)]
#[cbor(map)]
pub struct SettingsWritten {
    /// The writes that this one replaces.
    #[n(0)]
    pub replaces: Vec<Mark>,
    /// What is written.
    #[n(1)]
    pub fields: SettingsFields,
}

/// Settings to write; what is `None` stays as it is.
#[derive(Clone, PartialEq, Eq, Default, Encode, Decode)]
#[cbor(map)]
pub struct SettingsFields {
    /// Name on the receipt.
    #[n(0)]
    pub name: Option<String>,
    /// The currency; written once, when the shop is founded.
    #[n(1)]
    pub currency: Option<Currency>,
    /// IANA name of the time zone.
    #[n(2)]
    pub timezone: Option<String>,
    /// Whether shelf prices include tax.
    #[n(3)]
    pub tax_mode: Option<TaxMode>,
    /// All rates, exactly one the default.
    #[n(4)]
    pub tax_rates: Option<Vec<TaxRate>>,
    /// Minutes after midnight until which a sale belongs to the day before; below 1,440.
    #[n(5)]
    pub day_cutoff_minutes: Option<u16>,
    /// What PIN verifiers are keyed with.
    #[cbor(n(6), with = "minicbor::bytes")]
    pub pin_pepper: Option<[u8; 32]>,
}

impl core::fmt::Debug for SettingsFields {
    fn fmt(&self, f: &mut core::fmt::Formatter<'_>) -> core::fmt::Result {
        // The pepper is a secret of the shop and has no place in a trace.
        write!(f, "SettingsFields({:?}, {:#b})", self.name, self.written())
    }
}

impl Fields for SettingsFields {
    fn written(&self) -> u32 {
        mask([
            self.name.is_some(),
            self.currency.is_some(),
            self.timezone.is_some(),
            self.tax_mode.is_some(),
            self.tax_rates.is_some(),
            self.day_cutoff_minutes.is_some(),
            self.pin_pepper.is_some(),
        ])
    }
}

/// Products that were added or changed, all at once.
#[derive(Debug, Clone, PartialEq, Eq, Encode, Decode)]
#[cbor(map)]
pub struct ProductsWritten {
    /// Up to [`PRODUCTS_PER_ENTRY_MAX`], each product once.
    #[n(0)]
    pub products: Vec<ProductWritten>,
}

/// One product that was added or changed.
#[derive(Debug, Clone, PartialEq, Eq, Encode, Decode)]
#[cbor(map)]
pub struct ProductWritten {
    /// Which; `None` adds one, named by this entry and its place in it.
    #[n(0)]
    pub product: Option<ProductId>,
    /// The writes that this one replaces.
    #[n(1)]
    pub replaces: Vec<Mark>,
    /// What is written.
    #[n(2)]
    pub fields: ProductFields,
    /// Stock that is put right in the same step, as a signed movement.
    #[n(3)]
    pub movement: Option<Quantity>,
}

/// What an employee is called and how their PIN is checked. Role and rights are in `control`.
#[derive(Clone, PartialEq, Eq, Encode, Decode)]
#[cbor(map)]
pub struct EmployeeProfile {
    /// Who.
    #[n(0)]
    pub employee: EmployeeId,
    /// The writes that this one replaces.
    #[n(1)]
    pub replaces: Vec<Mark>,
    /// What is written.
    #[n(2)]
    pub fields: EmployeeFields,
}

impl core::fmt::Debug for EmployeeProfile {
    fn fmt(&self, f: &mut core::fmt::Formatter<'_>) -> core::fmt::Result {
        write!(f, "EmployeeProfile({:?}, {:?})", self.employee, self.fields)
    }
}

/// Fields of an employee to write; what is `None` stays as it is.
#[derive(Clone, PartialEq, Eq, Default, Encode, Decode)]
#[cbor(map)]
pub struct EmployeeFields {
    /// Name.
    #[n(0)]
    pub name: Option<String>,
    /// How the PIN is checked.
    #[n(1)]
    pub pin: Option<PinVerifier>,
}

impl core::fmt::Debug for EmployeeFields {
    fn fmt(&self, f: &mut core::fmt::Formatter<'_>) -> core::fmt::Result {
        // A verifier of four digits is nearly the PIN and has no place in a trace.
        write!(
            f,
            "EmployeeFields({:?}, pin: {})",
            self.name,
            self.pin.is_some()
        )
    }
}

impl Fields for EmployeeFields {
    fn written(&self) -> u32 {
        mask([self.name.is_some(), self.pin.is_some()])
    }
}

/// How a PIN is checked: Argon2id over the PIN and the shop's pepper.
#[derive(Clone, Copy, PartialEq, Eq, Encode, Decode)]
#[cbor(array)]
pub struct PinVerifier {
    /// Random, one for each PIN.
    #[cbor(n(0), with = "minicbor::bytes")]
    pub salt: [u8; 16],
    /// What the hash must come to.
    #[cbor(n(1), with = "minicbor::bytes")]
    pub verifier: [u8; 32],
}

impl core::fmt::Debug for PinVerifier {
    fn fmt(&self, f: &mut core::fmt::Formatter<'_>) -> core::fmt::Result {
        f.write_str("PinVerifier(…)")
    }
}

/// A name given to a device.
#[derive(Debug, Clone, PartialEq, Eq, Encode, Decode)]
#[cbor(map)]
pub struct DeviceNamed {
    /// Which.
    #[n(0)]
    pub device: DeviceId,
    /// The writes that this one replaces.
    #[n(1)]
    pub replaces: Vec<Mark>,
    /// What people call it.
    #[n(2)]
    pub name: String,
}

/// Why stock moved.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Encode, Decode)]
#[cbor(index_only)]
pub enum MovementReason {
    /// Goods came in.
    #[n(0)]
    Received,
    /// The figure was put right: broken, lost, found.
    #[n(1)]
    Adjusted,
}

/// Stock that came, went or was put right.
#[derive(Debug, Clone, PartialEq, Eq, Encode, Decode)]
#[cbor(map)]
pub struct StockMoved {
    /// Why.
    #[n(0)]
    pub reason: MovementReason,
    /// How much of what, signed; up to [`PRODUCTS_PER_ENTRY_MAX`], each product once.
    #[n(1)]
    pub movements: Vec<Movement>,
    /// What somebody wrote down about it.
    #[n(2)]
    pub note: Option<String>,
}

/// A signed movement of one product.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Encode, Decode)]
#[cbor(array)]
pub struct Movement {
    /// Of what.
    #[n(0)]
    pub product: ProductId,
    /// How much came; negative where it went.
    #[n(1)]
    pub quantity: Quantity,
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
            Self::Settings(written) => check_settings(written),
            Self::Products(written) => check_products(written),
            Self::Employee(profile) => {
                check_replaces(&profile.replaces)?;
                check_text(profile.fields.name.as_deref())
            }
            Self::DeviceName(named) => {
                check_replaces(&named.replaces)?;
                check_text(Some(&named.name))
            }
            Self::Sale(sale) => sale.check(),
            Self::Stock(moved) => check_stock(moved),
            Self::Unknown(_) => Ok(()),
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

fn check_settings(written: &SettingsWritten) -> Result<(), Malformed> {
    let fields = &written.fields;
    check_replaces(&written.replaces)?;
    check_text(fields.name.as_deref())?;
    check_text(fields.timezone.as_deref())?;
    if let Some(rates) = &fields.tax_rates {
        rule(
            check_tax_rates(rates).is_ok(),
            "tax rates have different ids, up to 100 %, one the default",
        )?;
    }
    rule(
        fields
            .day_cutoff_minutes
            .is_none_or(|minutes| minutes < 1_440),
        "a day ends within a day",
    )
}

fn check_products(written: &ProductsWritten) -> Result<(), Malformed> {
    rule(
        (1..=PRODUCTS_PER_ENTRY_MAX).contains(&written.products.len()),
        "an entry writes 1 to 256 products",
    )?;
    let named = written.products.iter().filter_map(|write| write.product);
    check_each_once(named)?;
    for write in &written.products {
        let fields = &write.fields;
        check_replaces(&write.replaces)?;
        check_text(fields.name.as_deref())?;
        check_text(fields.sku.as_deref())?;
        rule(
            fields
                .price
                .is_none_or(|price| price.0 >= 0 && price.within_bounds().is_some()),
            "a price is not negative and not above the largest amount",
        )?;
        let barcodes = fields.barcodes.as_deref().unwrap_or_default();
        rule(
            barcodes.len() <= BARCODES_MAX
                && barcodes.iter().all(|code| crate::barcode::is_usable(code)),
            "a product has at most 32 barcodes of 1 to 64 characters",
        )?;
        rule(
            write
                .movement
                .is_none_or(|moved| moved.within_bounds().is_some()),
            "a movement is not larger than a million",
        )?;
    }
    Ok(())
}

fn check_stock(moved: &StockMoved) -> Result<(), Malformed> {
    check_text(moved.note.as_deref())?;
    rule(
        (1..=PRODUCTS_PER_ENTRY_MAX).contains(&moved.movements.len()),
        "an entry moves 1 to 256 products",
    )?;
    check_each_once(moved.movements.iter().map(|movement| movement.product))?;
    rule(
        moved
            .movements
            .iter()
            .all(|movement| movement.quantity.within_bounds().is_some()),
        "a movement is not larger than a million",
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
