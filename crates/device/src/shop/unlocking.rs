//! Which secrets control lets us open: those wrapped to us, and with them those of the epochs that
//! theirs follow.
//!
//! Somebody's wrap may be wrong, by malice or by a fault. A secret is taken only where it is the one
//! that the epoch committed to; else the next way to it is tried.

use base::effect::{ChainKeys, KeyTask};
use base::hash::sha256;
use base::{Effect, EpochName, KeyHandle, Segment};
use identity::control::{Recipient, Scope};
use identity::membership::Epoch;

use super::Shop;
use super::intake::Origin;
use super::keyring::{Secret, Way};
use crate::outbox::Turn;
use crate::purpose::Purpose;

/// A secret on its way to be held.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Unlocking {
    epoch: EpochName,
    scope: Scope,
    handle: KeyHandle,
    way: Way,
}

impl Shop {
    /// Asks for every secret that control lets us open and that we do not hold.
    pub fn unlock(&mut self, turn: &mut Turn<'_>) {
        let own = self.membership.member(self.me);
        let scopes = own.map_or(&[][..], |own| own.role.scopes());
        for (name, epoch) in self.membership.epochs() {
            for scope in scopes {
                if !self.keyring.lacks(*name, *scope) {
                    continue;
                }
                let way = self.wrapped_to_us(epoch, *scope);
                let Some((way, task)) = way.or_else(|| self.sealed_below(*name, *scope)) else {
                    continue;
                };
                let unlocking = Unlocking {
                    epoch: *name,
                    scope: *scope,
                    handle: self.keyring.ask(*name, *scope),
                    way,
                };
                let task = task(unlocking.handle);
                turn.out
                    .effect(Purpose::Unlock(unlocking), Effect::Keys(task));
            }
        }
    }

    /// A way to a secret led to one with these chain keys: what was sealed under it can be opened,
    /// epochs and segments, if it is the right one. Otherwise it is dropped.
    pub fn unlocked(&mut self, unlocking: Unlocking, chain: ChainKeys, turn: &mut Turn<'_>) {
        let Unlocking {
            epoch,
            scope,
            handle,
            ..
        } = unlocking;
        if !self.membership.is_secret_of(epoch, scope, &chain) {
            let forget = Effect::Keys(KeyTask::Forget(handle));
            turn.out.effect(Purpose::Nobody, forget);
            return self.not_unlocked(unlocking, turn);
        }
        self.keyring.hold(epoch, scope, Secret { handle, chain });
        self.unlock(turn);
        let segments = self.intake.unlocked(epoch).into_iter();
        let on_its_way = |segment: &Segment| self.intake.storing.is_on_its_way(&segment.header);
        let (on_its_way, there): (Vec<_>, Vec<_>) = segments.partition(on_its_way);
        for (segments, origin) in [(there, Origin::Disk), (on_its_way, Origin::OnItsWay)] {
            self.intake.open(segments, origin, &self.keyring, turn);
        }
    }

    /// A way to a secret leads nowhere: the next one is tried.
    pub fn not_unlocked(&mut self, unlocking: Unlocking, turn: &mut Turn<'_>) {
        let Unlocking {
            epoch, scope, way, ..
        } = unlocking;
        self.keyring.give_up(epoch, scope);
        self.keyring.avoid(way);
        self.unlock(turn);
    }

    /// The keys did not do what was asked, which says nothing of the way.
    pub fn unlocking_failed(&mut self, unlocking: Unlocking) {
        self.keyring.give_up(unlocking.epoch, unlocking.scope);
    }

    fn wrapped_to_us(&self, epoch: &Epoch, scope: Scope) -> Option<(Way, Task)> {
        let wraps = epoch.wraps(Recipient::Device(self.me), scope);
        let ways = wraps.map(|given| {
            let (salt, bytes) = (given.salt, given.wrap.bytes);
            (Way::new(&[&salt, &bytes]), (salt, bytes))
        });
        let mut ways = ways.filter(|(way, _)| !self.keyring.avoids(*way));
        let (way, (salt, wrap)) = ways.next()?;
        let task = move |handle| KeyTask::Unwrap {
            handle,
            by: KeyHandle::IDENTITY,
            salt,
            wrap: wrap.to_vec(),
        };
        Some((way, Box::new(task)))
    }

    /// By way of an epoch that follows it and whose secret we hold.
    fn sealed_below(&self, name: EpochName, scope: Scope) -> Option<(Way, Task)> {
        let epochs = self.membership.epochs().iter();
        let mut ways = epochs.filter_map(|(below, epoch)| {
            let under = self.keyring.secret(*below, scope)?.handle;
            let parent = epoch.parents.iter().find(|it| it.epoch == name)?;
            let sealed = parent.sealed(scope)?;
            let way = Way::new(&[&below.0, sealed]);
            (!self.keyring.avoids(way)).then_some((way, (under, sealed)))
        });
        let (way, (under, sealed)) = ways.next()?;
        let sealed = sealed.to_vec();
        let task = move |handle| KeyTask::OpenSecret {
            handle,
            under,
            epoch: name,
            sealed,
        };
        Some((way, Box::new(task)))
    }
}

/// What is to be asked for, to be held under a handle.
type Task = Box<dyn FnOnce(KeyHandle) -> KeyTask>;

impl Way {
    fn new(parts: &[&[u8]]) -> Self {
        Self(sha256(parts).first())
    }
}
