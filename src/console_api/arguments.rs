//! What the console's functions take.

use domain::money::{Currency, Money};
use domain::quantity::Quantity;
use domain::sale::{Basket, BasketLine, Item, Tender, TenderKind};
use domain::settings::{BasisPoints, BusinessDate, TaxMode, TaxRate};
use serde::Deserialize;
use wasm_bindgen::JsValue;

use browser::console::Failure;
use device::api::NewShop;

use super::bad_argument;
use crate::text::{console as text, setup};

/// Of `createShop`.
#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct Shop {
    name: String,
    currency: String,
    timezone: String,
    tax_mode: String,
    tax_rates: Option<Vec<Rate>>,
    owner_name: Option<String>,
    owner_pin: String,
    device_name: String,
}

/// A tax rate: its percentage as people write it.
#[derive(Deserialize)]
pub struct Rate {
    /// What products name it by; without one it takes the next that is free.
    id: Option<u8>,
    name: String,
    percent: f64,
    default: Option<bool>,
}

impl Shop {
    /// The shop as the device takes it. Without rates it has one of nothing.
    pub fn read(self) -> Result<NewShop, Failure> {
        let Some(currency) = Currency::from_code(&self.currency) else {
            return Err(bad_argument(text::unknown("currency", &self.currency)));
        };
        let tax_mode = tax_mode(&self.tax_mode)?;
        Ok(NewShop {
            name: self.name,
            currency,
            timezone: self.timezone,
            tax_mode,
            tax_rates: rates(self.tax_rates.unwrap_or_default())?,
            owner_name: self
                .owner_name
                .unwrap_or_else(|| setup::OWNER_DEFAULT.into()),
            owner_pin: self.owner_pin,
            device_name: self.device_name,
        })
    }
}

/// Rates as the device takes them.
pub fn rates(given: Vec<Rate>) -> Result<Vec<TaxRate>, Failure> {
    if given.is_empty() {
        let name = setup::RATE_STANDARD.into();
        return Ok(vec![TaxRate {
            id: 0,
            name,
            rate: BasisPoints(0),
            default: true,
        }]);
    }
    let mut free = free_ids(&given);
    let named_default = given.iter().any(|rate| rate.default == Some(true));
    let read = |(place, rate): (usize, Rate)| {
        let percent = rate.percent.to_string();
        let id = rate.id.or_else(|| free.next());
        let (Some(id), Some(points)) = (id, BasisPoints::from_text(&percent)) else {
            return Err(bad_argument(text::unknown("taxRates", &percent)));
        };
        // Without a named default the first one is.
        let default = if named_default {
            rate.default == Some(true)
        } else {
            place == 0
        };
        Ok(TaxRate {
            id,
            name: rate.name,
            rate: points,
            default,
        })
    };
    given.into_iter().enumerate().map(read).collect()
}

/// Ids that none of these rates names.
fn free_ids(given: &[Rate]) -> impl Iterator<Item = u8> + use<> {
    let taken: Vec<_> = given.iter().filter_map(|rate| rate.id).collect();
    (0..=u8::MAX).filter(move |id| !taken.contains(id))
}

/// Whether prices include tax, by its word.
pub fn tax_mode(word: &str) -> Result<TaxMode, Failure> {
    match word {
        "inclusive" => Ok(TaxMode::Inclusive),
        "exclusive" => Ok(TaxMode::Exclusive),
        other => Err(bad_argument(text::unknown("taxMode", other))),
    }
}

/// Of `signIn`.
#[derive(Deserialize)]
pub struct SignIn {
    /// The employee's id or name.
    pub employee: String,
    /// The PIN.
    pub pin: String,
}

/// Of `setEmployee`.
#[derive(Deserialize)]
pub struct Employee {
    /// Whom to change.
    pub id: Option<String>,
    /// Name.
    pub name: String,
    /// Role's word.
    pub role: String,
    /// PIN.
    pub pin: Option<String>,
}

/// Of `setActive`.
#[derive(Deserialize)]
pub struct Access {
    /// Whose.
    pub employee: String,
    /// Whether they may sign in.
    pub active: bool,
}

/// Of `importCatalogue`.
#[derive(Default, Deserialize)]
#[serde(rename_all = "camelCase", default)]
pub struct ImportOptions {
    /// Only say what would happen.
    pub dry_run: bool,
}

/// Which rows of a list.
#[derive(Deserialize)]
#[serde(default)]
pub struct Rows {
    /// Words, code or end of a barcode.
    pub search: String,
    /// First business day.
    pub from: Option<String>,
    /// Last business day.
    pub to: Option<String>,
    /// How many to skip.
    pub offset: u32,
    /// How many at most.
    pub limit: u32,
}

impl Default for Rows {
    fn default() -> Self {
        Self {
            search: String::new(),
            from: None,
            to: None,
            offset: 0,
            limit: 100,
        }
    }
}

impl Rows {
    /// The days that were asked for; `today` where none was, if that is known.
    pub fn days(
        &self,
        today: Option<BusinessDate>,
    ) -> Result<(BusinessDate, BusinessDate), Failure> {
        let read = |day: &Option<String>| match day {
            Some(day) => {
                BusinessDate::from_text(day).map_err(|error| bad_argument(error.to_string()))
            }
            None => today.ok_or_else(|| bad_argument(text::NO_DAY.into())),
        };
        Ok((read(&self.from)?, read(&self.to)?))
    }
}

/// Of `setProduct`. What is left out stays as it is.
#[derive(Deserialize)]
pub struct ProductFields {
    sku: String,
    barcodes: Option<Vec<String>>,
    name: Option<String>,
    price_minor: Option<i64>,
    tax_rate: Option<u8>,
    unit: Option<String>,
    active: Option<bool>,
}

impl ProductFields {
    /// The fields as the device takes them.
    pub fn read(self) -> Result<domain::catalogue::ProductFields, Failure> {
        let unit = match self.unit {
            Some(word) => Some(
                super::results::unit_of_word(&word)
                    .ok_or_else(|| bad_argument(text::unknown("unit", &word)))?,
            ),
            None => None,
        };
        Ok(domain::catalogue::ProductFields {
            sku: Some(self.sku),
            barcodes: self.barcodes,
            name: self.name,
            price: self.price_minor.map(Money),
            tax_rate: self.tax_rate,
            unit,
            active: self.active,
        })
    }
}

/// Of `sell`.
#[derive(Deserialize)]
pub struct Sale {
    lines: Vec<SaleLine>,
    tenders: Vec<SaleTender>,
}

#[derive(Deserialize)]
struct SaleLine {
    code: String,
    quantity_milli: i64,
}

#[derive(Deserialize)]
struct SaleTender {
    kind: String,
    amount_minor: i64,
}

impl Sale {
    /// The basket as the device takes it.
    pub fn read(self) -> Result<Basket, Failure> {
        let line = |line: SaleLine| BasketLine {
            item: Item::Code(line.code),
            quantity: Quantity(line.quantity_milli),
        };
        let tender = |tender: SaleTender| match TenderKind::from_word(&tender.kind) {
            Some(kind) => Ok(Tender {
                kind,
                amount: Money(tender.amount_minor),
            }),
            None => Err(bad_argument(text::unknown("kind", &tender.kind))),
        };
        Ok(Basket {
            lines: self.lines.into_iter().map(line).collect(),
            tenders: self
                .tenders
                .into_iter()
                .map(tender)
                .collect::<Result<_, _>>()?,
        })
    }
}

/// Of `stateHash`.
#[derive(Default, Deserialize)]
#[serde(default)]
pub struct Scope {
    /// `shop` or `office`.
    pub scope: Option<String>,
}

/// Of `offer`.
#[derive(Default, Deserialize)]
#[serde(rename_all = "camelCase", default)]
pub struct OfferOptions {
    /// What this device calls itself.
    pub device_name: Option<String>,
}

/// What the owner gives a newcomer, of `answer`.
#[derive(Deserialize)]
pub struct Consent {
    /// Name.
    pub name: String,
    /// Role's word.
    pub role: String,
    /// Terminal code.
    pub terminal: Option<String>,
}

/// Any JavaScript value, passed on as it is.
#[derive(Deserialize)]
pub struct Anything(#[serde(with = "serde_wasm_bindgen::preserve")] pub JsValue);
