//! Reading and changing the configuration: what the shop shares as an event of its own, what is
//! of this device alone in its record.

use domain::event::SettingsFields;
use domain::settings::check_tax_rates;
use identity::role::Right;

use base::Effect;
use base::effect::{Change, Durability, StorageTrouble, Transaction};

use crate::Device;
use crate::api::config::{DAY_CUTOFF_MINUTES, RECONCILE_SECONDS, RETRY_CAP_SECONDS, check_name};
use crate::api::{Config, ConfigChange, Refusal, Reply, RequestId};
use crate::outbox::Turn;
use crate::purpose::Purpose;
use crate::records::DeviceRecord;
use crate::requests::Outcome;
use crate::shop::intent::Intent;
use crate::starting::record_change;

/// A change that was checked, down to what it writes where.
#[derive(Debug, Clone)]
pub struct Checked {
    /// What the shop shares.
    fields: SettingsFields,
    device_name: Option<String>,
    own: OwnConfig,
}

/// What a change sets for this device alone; what is `None` stays.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub struct OwnConfig {
    reconcile_s: Option<u32>,
    retry_cap_s: Option<u32>,
}

impl OwnConfig {
    /// Whether it changes nothing.
    pub fn is_empty(self) -> bool {
        self == Self::default()
    }

    /// It, and what `earlier` sets besides.
    pub fn over(self, earlier: Self) -> Self {
        Self {
            reconcile_s: self.reconcile_s.or(earlier.reconcile_s),
            retry_cap_s: self.retry_cap_s.or(earlier.retry_cap_s),
        }
    }

    /// The change that keeps it together with all else in the device's record.
    pub fn change(self, record: &DeviceRecord) -> Change {
        let mut record = record.clone();
        self.apply(&mut record);
        record_change(&record)
    }

    /// Writes it into what the device keeps about itself.
    pub fn apply(self, record: &mut DeviceRecord) {
        record.reconcile_s = self.reconcile_s.or(record.reconcile_s);
        record.retry_cap_s = self.retry_cap_s.or(record.retry_cap_s);
    }
}

impl Device {
    /// The configuration; `None` without a shop.
    pub(crate) fn config(&self) -> Option<Config> {
        let shop = self.shop.as_ref().filter(|shop| shop.own().is_some())?;
        let settings = shop.state.settings()?;
        Some(Config {
            name: settings.name,
            currency: settings.currency,
            timezone: settings.timezone,
            tax_mode: settings.tax_mode,
            tax_rates: settings.tax_rates,
            day_cutoff_minutes: u32::from(settings.day_cutoff_minutes),
            device_name: shop.name_of(shop.me),
            reconcile_seconds: reconcile_s(&self.record),
            retry_cap_seconds: retry_cap_s(&self.record),
        })
    }

    /// Changes the configuration, all of it or nothing. A time zone is looked up first.
    pub(crate) fn set_config(
        &mut self,
        request: RequestId,
        change: ConfigChange,
        turn: &mut Turn<'_>,
    ) -> Outcome {
        let now = self.config().ok_or_else(Refusal::no_shop)?;
        self.allowed(Right::Settings)?;
        let checked = check(change, &now)?;
        let shares = checked.fields != SettingsFields::default();
        let own = self.shop.as_ref().and_then(|shop| shop.own());
        if shares && own.is_none_or(|own| !own.role.reads_office()) {
            return Err(Refusal::new(
                "not-owner-device",
                "What the whole shop shares is set on the owner's device or in the office.",
            ));
        }
        match &checked.fields.timezone {
            Some(name) => {
                let (name, around_ms) = (name.clone(), turn.now.wall_ms);
                let purpose = Purpose::Config(request, Box::new(checked));
                turn.out.effect(purpose, Effect::Zone { name, around_ms });
                Ok(None)
            }
            None => self.configure(request, checked, turn),
        }
    }

    /// The time zone that a change names is known here, or not.
    pub(crate) fn config_zone(
        &mut self,
        request: RequestId,
        checked: Checked,
        known: bool,
        turn: &mut Turn<'_>,
    ) {
        let outcome = match known {
            true => self.configure(request, checked, turn),
            false => Err(Refusal::unknown_timezone()),
        };
        match outcome {
            Ok(Some(reply)) => turn.out.reply(request, reply),
            Ok(None) => {}
            Err(refusal) => turn.out.refuse(request, refusal),
        }
    }

    /// Writes a change: what is shared and what is of this device in one step.
    fn configure(&mut self, request: RequestId, checked: Checked, turn: &mut Turn<'_>) -> Outcome {
        let Checked {
            fields,
            device_name,
            own,
        } = checked;
        let shop = self.shop.as_mut().ok_or_else(Refusal::no_shop)?;
        if fields != SettingsFields::default() || device_name.is_some() {
            let intent = Intent::Settings {
                fields,
                device_name,
                own,
            };
            let wanted = shop.want(Some(request), self.record.employee, intent);
            return wanted.map(|()| None);
        }
        if own.is_empty() {
            let config = self.config().ok_or_else(Refusal::no_shop)?;
            return Ok(Some(Reply::Config(Box::new(config))));
        }
        let transaction = Transaction {
            durability: Durability::Strict,
            changes: vec![own.change(&self.record)],
        };
        let purpose = Purpose::OwnConfig(request, own);
        turn.out.effect(purpose, Effect::Store(transaction));
        Ok(None)
    }

    /// What is of this device alone is kept, or could not be.
    pub(crate) fn own_config_stored(
        &mut self,
        (request, own): (RequestId, OwnConfig),
        result: Result<(), StorageTrouble>,
        turn: &mut Turn<'_>,
    ) {
        match result {
            Ok(()) => self.configured(request, own, turn),
            Err(trouble) => {
                let refusal = self.not_stored(&trouble, turn);
                turn.out.refuse(request, refusal);
            }
        }
    }

    /// A change is durable: it holds from now on.
    pub(crate) fn configured(&mut self, request: RequestId, own: OwnConfig, turn: &mut Turn<'_>) {
        if !own.is_empty() {
            own.apply(&mut self.record);
            // Something else of the record may have changed since.
            self.keep_record(None, turn);
            self.heed_record(turn.now.mono_ms);
        }
        match self.config() {
            Some(config) => turn.out.reply(request, Reply::Config(Box::new(config))),
            None => turn.out.refuse(request, Refusal::no_shop()),
        }
    }

    /// Does from now on as our own record says.
    pub(crate) fn heed_record(&mut self, mono_ms: u64) {
        let retry_cap_ms = u64::from(retry_cap_s(&self.record)) * 1_000;
        self.meeting.set_retry_cap(mono_ms, retry_cap_ms);
        if let Some(replica) = &mut self.replica {
            let interval_ms = u64::from(reconcile_s(&self.record)) * 1_000;
            replica.set_reconcile_interval(mono_ms, interval_ms);
        }
    }
}

fn reconcile_s(record: &DeviceRecord) -> u32 {
    record.reconcile_s.unwrap_or(RECONCILE_SECONDS.default)
}

fn retry_cap_s(record: &DeviceRecord) -> u32 {
    record.retry_cap_s.unwrap_or(RETRY_CAP_SECONDS.default)
}

/// Checks a change and keeps of it what is not so already.
fn check(change: ConfigChange, now: &Config) -> Result<Checked, Refusal> {
    if change.currency.is_some_and(|wanted| wanted != now.currency) {
        return Err(Refusal::new(
            "fixed-key",
            "“currency” was settled when the shop was founded. Nothing was changed.",
        ));
    }
    let tax_rates = change.tax_rates.filter(|rates| *rates != now.tax_rates);
    if let Some(rates) = &tax_rates {
        let wrong = |wrong: domain::error::AskerError| {
            let message = format!("“taxRates”: {wrong}. Nothing was changed.");
            Refusal::new("out-of-range", message)
        };
        check_tax_rates(rates).map_err(wrong)?;
    }
    let cutoff = changed(change.day_cutoff_minutes, now.day_cutoff_minutes, |value| {
        DAY_CUTOFF_MINUTES.check(value)
    })?;
    Ok(Checked {
        fields: SettingsFields {
            name: changed(change.name, now.name.clone(), |name| {
                check_name("name", &name)
            })?,
            timezone: changed(change.timezone, now.timezone.clone(), |zone| {
                check_name("timezone", &zone)
            })?,
            tax_mode: change.tax_mode.filter(|mode| *mode != now.tax_mode),
            tax_rates,
            // Below 1,440 by its bounds.
            day_cutoff_minutes: cutoff.and_then(|minutes| u16::try_from(minutes).ok()),
            ..SettingsFields::default()
        },
        device_name: changed(change.device_name, now.device_name.clone(), |name| {
            check_name("deviceName", &name)
        })?,
        own: OwnConfig {
            reconcile_s: changed(change.reconcile_seconds, now.reconcile_seconds, |value| {
                RECONCILE_SECONDS.check(value)
            })?,
            retry_cap_s: changed(change.retry_cap_seconds, now.retry_cap_seconds, |value| {
                RETRY_CAP_SECONDS.check(value)
            })?,
        },
    })
}

/// The checked value, when there is one and it is another than now.
fn changed<Wanted, Value: PartialEq>(
    wanted: Option<Wanted>,
    now: Value,
    check: impl FnOnce(Wanted) -> Result<Value, Refusal>,
) -> Result<Option<Value>, Refusal> {
    let checked = wanted.map(check).transpose()?;
    Ok(checked.filter(|value| *value != now))
}
