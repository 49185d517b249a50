//! What was written apart and stands against each other.

use browser::BrowserError;
use browser::console::{Console, Failure};
use device::api::{ConflictView, ContestedField, ContestedValue, Reply, Request};
use domain::fold::{Field, Object, Value};
use serde::Serialize;

use super::config::{Rate, tax_mode_word};
use super::results::unit_word;
use super::{arguments, ask, refused};
use crate::connection::Device;
use crate::dom;

/// Adds the function.
pub fn install(console: &Console, device: Device) -> Result<(), BrowserError> {
    console.function("conflicts", move |(rows,)| conflicts(device, rows))
}

async fn conflicts(
    device: Device,
    rows: Option<arguments::Rows>,
) -> Result<Vec<Conflict>, Failure> {
    let arguments::Rows { offset, limit, .. } = rows.unwrap_or_default();
    let request = Request::Conflicts { offset, limit };
    ask(device, request, |reply| match reply {
        Reply::Conflicts(page) => Ok(page.into_iter().map(Into::into).collect()),
        other => Err(refused(other)),
    })
    .await
}

/// An object in conflict.
#[derive(Serialize)]
struct Conflict {
    kind: &'static str,
    /// There is one of the settings, without an id.
    id: Option<String>,
    name: String,
    fields: Vec<Contested>,
}

#[derive(Serialize)]
struct Contested {
    field: &'static str,
    values: Vec<Rival>,
}

#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
struct Rival {
    value: Written,
    device_id: String,
    device_name: String,
    at: String,
}

/// A value as the function takes it that sets the field.
#[derive(Serialize)]
#[serde(untagged)]
enum Written {
    Text(String),
    Word(&'static str),
    Codes(Vec<String>),
    Number(i64),
    Flag(bool),
    Rates(Vec<Rate>),
    Secret(Option<()>),
}

impl From<ConflictView> for Conflict {
    fn from(conflict: ConflictView) -> Self {
        let (kind, id) = match conflict.object {
            Object::Product(id) => ("product", Some(id.to_string())),
            Object::Employee(id) => ("employee", Some(id.to_string())),
            Object::DeviceName(id) => ("deviceName", Some(id.to_string())),
            Object::Settings => ("settings", None),
        };
        Self {
            kind,
            id,
            name: conflict.name,
            fields: conflict.fields.into_iter().map(Into::into).collect(),
        }
    }
}

impl From<ContestedField> for Contested {
    fn from(contested: ContestedField) -> Self {
        Self {
            field: field_word(contested.field),
            values: contested.values.into_iter().map(Into::into).collect(),
        }
    }
}

impl From<ContestedValue> for Rival {
    fn from(rival: ContestedValue) -> Self {
        Self {
            value: rival.value.into(),
            device_id: rival.device.to_string(),
            device_name: rival.device_name,
            at: dom::rfc3339(rival.at_ms),
        }
    }
}

impl From<Value> for Written {
    fn from(value: Value) -> Self {
        match value {
            Value::Text(text) => Self::Text(text),
            Value::Codes(codes) => Self::Codes(codes),
            Value::Amount(amount) => Self::Number(amount.0),
            Value::RateId(id) => Self::Number(id.into()),
            Value::Unit(unit) => Self::Word(unit_word(unit)),
            Value::Flag(flag) => Self::Flag(flag),
            Value::Currency(currency) => Self::Word(currency.code()),
            Value::TaxMode(mode) => Self::Word(tax_mode_word(mode)),
            Value::TaxRates(rates) => Self::Rates(rates.into_iter().map(Into::into).collect()),
            Value::Minutes(minutes) => Self::Number(minutes.into()),
            Value::Secret => Self::Secret(None),
        }
    }
}

/// A field as the function calls it that sets it.
fn field_word(field: Field) -> &'static str {
    match field {
        Field::Name => "name",
        Field::Sku => "sku",
        Field::Barcodes => "barcodes",
        Field::Price => "price_minor",
        Field::TaxRate => "tax_rate",
        Field::Unit => "unit",
        Field::Active => "active",
        Field::Pin => "pin",
        Field::Currency => "currency",
        Field::Timezone => "timezone",
        Field::TaxMode => "taxMode",
        Field::TaxRates => "taxRates",
        Field::DayCutoffMinutes => "dayCutoffMinutes",
        Field::PinPepper => "pinPepper",
    }
}
