//! Which secrets control lets us open: those wrapped to us, and with them those of the epochs that
//! theirs follow.

use base::effect::KeyTask;
use base::{Effect, EpochName, KeyHandle};
use identity::control::{Recipient, Scope};

use super::Shop;
use super::intake::Origin;
use super::keyring::Secret;
use crate::outbox::Turn;
use crate::purpose::Purpose;

impl Shop {
    /// Asks for every secret that control lets us open and that we do not hold.
    pub(super) fn unlock(&mut self, turn: &mut Turn<'_>) {
        self.unwrap_own(turn);
        self.open_parents(turn);
    }

    /// A secret is held now: what was sealed under it can be opened, epochs and segments.
    pub fn unlocked(
        &mut self,
        epoch: EpochName,
        scope: Scope,
        secret: Secret,
        turn: &mut Turn<'_>,
    ) {
        self.keyring.hold(epoch, scope, secret);
        self.open_parents(turn);
        let segments = self.intake.unlocked(epoch);
        self.intake
            .open(segments, Origin::Disk, &self.keyring, turn);
    }

    fn unwrap_own(&mut self, turn: &mut Turn<'_>) {
        let to = Recipient::Device(self.me);
        for (name, epoch) in self.membership.epochs() {
            for scope in [Scope::Shop, Scope::Office] {
                let Some((salt, wrap)) = epoch.wrap(to, scope) else {
                    continue;
                };
                let Some(handle) = self.keyring.ask(*name, scope) else {
                    continue;
                };
                let task = KeyTask::Unwrap {
                    handle,
                    by: KeyHandle::IDENTITY,
                    salt: *salt,
                    wrap: wrap.bytes.to_vec(),
                };
                ask((*name, scope, handle), task, turn);
            }
        }
    }

    fn open_parents(&mut self, turn: &mut Turn<'_>) {
        for (name, epoch) in self.membership.epochs() {
            for scope in [Scope::Shop, Scope::Office] {
                let Some(secret) = self.keyring.secret(*name, scope) else {
                    continue;
                };
                let under = secret.handle;
                for parent in &epoch.parents {
                    let Some(sealed) = parent.sealed(scope) else {
                        continue;
                    };
                    let Some(handle) = self.keyring.ask(parent.epoch, scope) else {
                        continue;
                    };
                    let task = KeyTask::OpenSecret {
                        handle,
                        under,
                        epoch: parent.epoch,
                        sealed: sealed.to_vec(),
                    };
                    ask((parent.epoch, scope, handle), task, turn);
                }
            }
        }
    }
}

fn ask((epoch, scope, handle): (EpochName, Scope, KeyHandle), task: KeyTask, turn: &mut Turn<'_>) {
    let purpose = Purpose::Unlock {
        epoch,
        scope,
        handle,
    };
    turn.out.effect(purpose, Effect::Keys(task));
}
