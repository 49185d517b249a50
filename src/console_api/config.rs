//! The typed configuration: read whole, changed key by key.

use std::collections::BTreeMap;

use browser::BrowserError;
use browser::console::{Console, Failure};
use device::api::config::{DAY_CUTOFF_MINUTES, RECONCILE_SECONDS, RETRY_CAP_SECONDS, WholeNumber};
use device::api::{Config, ConfigChange, Reply, Request};
use domain::money::Currency;
use domain::settings::{TaxMode, TaxRate};
use serde::Serialize;
use serde::de::{DeserializeOwned, IgnoredAny};

use super::arguments::{self, Anything};
use super::{ask, refused};
use crate::connection::Device;
use crate::text::console as text;

/// Adds the functions.
pub fn install(console: &Console, device: Device) -> Result<(), BrowserError> {
    console.function("config", move |_: IgnoredAny| config(device))?;
    console.function("setConfig", move |(keys,)| set_config(device, keys))
}

async fn config(device: Device) -> Result<Settings, Failure> {
    ask(device, Request::Config, settings).await
}

async fn set_config(device: Device, keys: BTreeMap<String, Anything>) -> Result<Settings, Failure> {
    let mut change = ConfigChange::default();
    for (key, value) in keys {
        set(&mut change, &key, value)?;
    }
    ask(device, Request::SetConfig(Box::new(change)), settings).await
}

fn settings(reply: Reply) -> Result<Settings, Failure> {
    match reply {
        Reply::Config(config) => Ok((*config).into()),
        other => Err(refused(other)),
    }
}

/// Reads one key. Bounds are the device's own.
fn set(change: &mut ConfigChange, key: &str, value: Anything) -> Result<(), Failure> {
    match key {
        "name" => change.name = Some(read(key, value)?),
        "currency" => {
            let code: String = read(key, value)?;
            let currency = Currency::from_code(&code).ok_or_else(|| wrong_value(key))?;
            change.currency = Some(currency);
        }
        "timezone" => change.timezone = Some(read(key, value)?),
        "taxMode" => {
            let word: String = read(key, value)?;
            change.tax_mode = Some(arguments::tax_mode(&word).map_err(|_| wrong_value(key))?);
        }
        "taxRates" => {
            let given: Vec<arguments::Rate> = read(key, value)?;
            if given.is_empty() {
                return Err(wrong_value(key));
            }
            change.tax_rates = Some(arguments::rates(given).map_err(|_| wrong_value(key))?);
        }
        "deviceName" => change.device_name = Some(read(key, value)?),
        "dayCutoffMinutes" => change.day_cutoff_minutes = Some(whole(&DAY_CUTOFF_MINUTES, value)?),
        "reconcileSeconds" => change.reconcile_seconds = Some(whole(&RECONCILE_SECONDS, value)?),
        "retryCapSeconds" => change.retry_cap_seconds = Some(whole(&RETRY_CAP_SECONDS, value)?),
        _ => {
            return Err(Failure {
                code: text::UNKNOWN_KEY.to_owned(),
                message: text::unknown_key(key),
            });
        }
    }
    Ok(())
}

fn read<Value: DeserializeOwned>(key: &str, value: Anything) -> Result<Value, Failure> {
    serde_wasm_bindgen::from_value(value.0).map_err(|_| wrong_value(key))
}

fn whole(number: &WholeNumber, value: Anything) -> Result<i64, Failure> {
    serde_wasm_bindgen::from_value(value.0)
        .map_err(|_| refused(Reply::Refused(number.out_of_range())))
}

fn wrong_value(key: &str) -> Failure {
    Failure {
        code: text::OUT_OF_RANGE.to_owned(),
        message: text::wrong_value(key),
    }
}

/// The configuration, whole. What it gives can be given back.
#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
struct Settings {
    name: String,
    currency: &'static str,
    timezone: String,
    tax_mode: &'static str,
    tax_rates: Vec<Rate>,
    day_cutoff_minutes: u32,
    device_name: String,
    reconcile_seconds: u32,
    retry_cap_seconds: u32,
}

/// A tax rate: its percentage as people write it.
#[derive(Serialize)]
pub struct Rate {
    id: u8,
    name: String,
    percent: f64,
    default: bool,
}

impl From<Config> for Settings {
    fn from(config: Config) -> Self {
        Self {
            name: config.name,
            currency: config.currency.code(),
            timezone: config.timezone,
            tax_mode: tax_mode_word(config.tax_mode),
            tax_rates: config.tax_rates.into_iter().map(Into::into).collect(),
            day_cutoff_minutes: config.day_cutoff_minutes,
            device_name: config.device_name,
            reconcile_seconds: config.reconcile_seconds,
            retry_cap_seconds: config.retry_cap_seconds,
        }
    }
}

/// Whether prices include tax, as a word.
pub fn tax_mode_word(mode: TaxMode) -> &'static str {
    match mode {
        TaxMode::Inclusive => "inclusive",
        TaxMode::Exclusive => "exclusive",
    }
}

impl From<TaxRate> for Rate {
    fn from(rate: TaxRate) -> Self {
        Self {
            id: rate.id,
            name: rate.name,
            percent: f64::from(rate.rate.0) / 100.0,
            default: rate.default,
        }
    }
}
