//! Members that were let in while another owner's device began an epoch lack its secrets: whoever
//! holds them wraps them to them.

use std::collections::{BTreeMap, BTreeSet};

use base::effect::{KeyAnswer, KeyTask, WRAP_BYTES};
use base::limits::GRANTS_MAX;
use base::{Answer, DeviceId, Effect, EpochName};
use identity::control::{Control, EpochWraps, Grant, Recipient, Scope, Wrap};

use super::Progress;
use crate::outbox::Turn;
use crate::purpose::Purpose;
use crate::shop::Shop;

/// Secrets that are being wrapped to members.
#[derive(Debug)]
pub struct Giving {
    /// Bound into every wrap; tells these answers from those of an earlier attempt.
    salt: [u8; 32],
    /// To whom each secret is being wrapped.
    waits: BTreeMap<(EpochName, Scope), Vec<DeviceId>>,
    wraps: BTreeMap<DeviceId, BTreeMap<EpochName, Vec<Wrap>>>,
}

/// A secret is wrapped, bound to this salt.
#[derive(Debug)]
pub struct Step {
    salt: [u8; 32],
    epoch: EpochName,
    scope: Scope,
}

impl Giving {
    /// Asks for what members lack and we hold, of [`GRANTS_MAX`] members at a time; `None` where
    /// nobody lacks anything.
    pub fn begin(shop: &Shop, turn: &mut Turn<'_>) -> Option<Self> {
        let secret = |epoch, scope| shop.keyring.secret(epoch, scope);
        let held = |epoch, scope| secret(epoch, scope).is_some();
        let mut lacking = shop.membership.lacking_secrets(held);
        lacking.retain(|it| it.device != shop.me);
        let devices: BTreeSet<_> = lacking.iter().map(|it| it.device).collect();
        let devices: BTreeSet<_> = devices.into_iter().take(GRANTS_MAX).collect();
        let mut waits: BTreeMap<_, Vec<DeviceId>> = BTreeMap::new();
        for it in lacking.iter().filter(|it| devices.contains(&it.device)) {
            waits
                .entry((it.epoch, it.scope))
                .or_default()
                .push(it.device);
        }
        if waits.is_empty() {
            return None;
        }
        let salt = turn.random.bytes();
        for ((epoch, scope), devices) in &waits {
            let handle = secret(*epoch, *scope)?.handle;
            let members = devices.iter().filter_map(|it| shop.membership.member(*it));
            let to = members.map(|member| member.keys.x25519).collect();
            let (epoch, scope) = (*epoch, *scope);
            let purpose = Purpose::Epochs(super::Step::Give(Step { salt, epoch, scope }));
            let task = KeyTask::Wrap { handle, salt, to };
            turn.out.effect(purpose, Effect::Keys(task));
        }
        Some(Self {
            salt,
            waits,
            wraps: BTreeMap::new(),
        })
    }

    /// Takes an answer.
    pub(super) fn answer(&mut self, step: Step, answer: Answer) -> Progress {
        let Step { salt, epoch, scope } = step;
        if salt != self.salt {
            return Progress::Waits;
        }
        let Some(devices) = self.waits.remove(&(epoch, scope)) else {
            return Progress::Waits;
        };
        let Answer::Keys(KeyAnswer::Held { wraps, .. }) = answer else {
            return Progress::Failed;
        };
        for (device, bytes) in devices.into_iter().zip(wraps) {
            // Whose key is none goes without.
            let Ok(bytes) = <[u8; WRAP_BYTES]>::try_from(bytes) else {
                continue;
            };
            let to = Recipient::Device(device);
            let epochs = self.wraps.entry(device).or_default();
            let given = epochs.entry(epoch).or_default();
            given.push(Wrap { to, scope, bytes });
        }
        if !self.waits.is_empty() {
            return Progress::Waits;
        }
        let wraps = std::mem::take(&mut self.wraps);
        Progress::Write(wraps.into_iter().map(|it| grant(salt, it)).collect())
    }
}

fn grant(salt: [u8; 32], (device, epochs): (DeviceId, BTreeMap<EpochName, Vec<Wrap>>)) -> Control {
    let epochs = EpochWraps::bound_to(salt, epochs);
    Control::Grant(Grant { device, epochs })
}
