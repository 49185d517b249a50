//! A new epoch: two fresh secrets, wrapped to every member and to the twelve words, and those of the
//! epochs that it follows, sealed under them.

use std::collections::{BTreeMap, BTreeSet};

use base::effect::{Commitment, KeyAnswer, KeyTask, WRAP_BYTES};
use base::limits::EPOCH_PARENTS_MAX;
use base::{Answer, Effect, EpochName, KeyHandle};
use identity::control::{self, Control, Parent, Recipient, Scope, Wrap};

use super::Progress;
use crate::outbox::Turn;
use crate::purpose::Purpose;
use crate::shop::Shop;

/// An epoch whose secrets are being made.
#[derive(Debug)]
pub struct Beginning {
    salt: [u8; 32],
    handles: BTreeMap<Scope, KeyHandle>,
    to: BTreeMap<Scope, Vec<Recipient>>,
    wraps: BTreeMap<Scope, Vec<Wrap>>,
    commitments: BTreeMap<Scope, Commitment>,
    /// The secrets of the epochs that it follows; empty until they are sealed.
    parents: BTreeMap<EpochName, BTreeMap<Scope, Vec<u8>>>,
}

/// Which answer the beginning of an epoch waits for.
#[derive(Debug)]
pub enum Step {
    /// A fresh secret, held under this handle.
    Secret(Scope, KeyHandle),
    /// The secret of an epoch that it follows, sealed under the fresh one.
    Parent(EpochName, Scope, KeyHandle),
}

impl Beginning {
    /// Asks for the secrets; `None` where there is nobody to have them.
    pub fn begin(shop: &mut Shop, turn: &mut Turn<'_>) -> Option<Self> {
        let recovery = shop.membership.recovery()?;
        let salt = turn.random.bytes();
        let (mut handles, mut to) = (BTreeMap::new(), BTreeMap::new());
        for scope in Scope::ALL {
            let members = shop.membership.members();
            let readers = members.filter(|(_, member)| {
                member.cuts.is_none() && member.role.scopes().contains(&scope)
            });
            let readers = readers.map(|(device, it)| (Recipient::Device(device), it.keys.x25519));
            let recovery = (Recipient::Recovery, recovery.x25519);
            let (recipients, keys): (Vec<_>, Vec<_>) = readers.chain([recovery]).unzip();
            let handle = shop.keyring.handle();
            let task = KeyTask::MakeSecret {
                handle,
                salt,
                to: keys,
            };
            ask(Step::Secret(scope, handle), task, turn);
            handles.insert(scope, handle);
            to.insert(scope, recipients);
        }
        Some(Self {
            salt,
            handles,
            to,
            wraps: BTreeMap::new(),
            commitments: BTreeMap::new(),
            parents: BTreeMap::new(),
        })
    }

    /// Takes an answer; asks for what follows from it.
    pub(super) fn answer(
        &mut self,
        shop: &Shop,
        step: Step,
        answer: Answer,
        turn: &mut Turn<'_>,
    ) -> Progress {
        let (Step::Secret(scope, handle) | Step::Parent(_, scope, handle)) = step;
        if self.handles.get(&scope) != Some(&handle) {
            // Of an epoch that was given up.
            return Progress::Waits;
        }
        match (step, answer) {
            (Step::Secret(..), Answer::Keys(KeyAnswer::Held { chain, wraps })) => {
                self.commitments.insert(scope, chain.commitment());
                if !self.wrapped(scope, wraps) {
                    return Progress::Failed;
                }
                if self.wraps.len() == Scope::ALL.len() {
                    self.seal_parents(shop, turn);
                }
            }
            (Step::Parent(epoch, ..), Answer::Keys(KeyAnswer::Bytes(sealed))) => {
                self.parents.entry(epoch).or_default().insert(scope, sealed);
            }
            _ => return Progress::Failed,
        }
        self.epoch().map_or(Progress::Waits, |epoch| {
            Progress::Write(vec![Control::Epoch(epoch)])
        })
    }

    /// Drops the fresh secrets: once the entry is written, they are unwrapped like anybody's.
    pub(super) fn forget(&self, turn: &mut Turn<'_>) {
        for handle in self.handles.values() {
            let forget = Effect::Keys(KeyTask::Forget(*handle));
            turn.out.effect(Purpose::Nobody, forget);
        }
    }

    /// Takes a secret's wraps; gives whether there is an answer for everybody. Whose key is none
    /// goes without: nobody else is to wait for that.
    fn wrapped(&mut self, scope: Scope, wraps: Vec<Vec<u8>>) -> bool {
        let to = self.to.get(&scope).map_or(&[][..], Vec::as_slice);
        let whole = wraps.len() == to.len();
        let wrap = |(to, bytes): (&Recipient, Vec<u8>)| {
            let (to, bytes) = (*to, <[u8; WRAP_BYTES]>::try_from(bytes).ok()?);
            Some(Wrap { to, scope, bytes })
        };
        let wraps = to.iter().zip(wraps).filter_map(wrap).collect();
        self.wraps.insert(scope, wraps);
        whole
    }

    /// Asks for the secrets of the newest epochs that we hold, sealed under the fresh ones.
    fn seal_parents(&mut self, shop: &Shop, turn: &mut Turn<'_>) {
        let held = |epoch, scope| shop.keyring.secret(epoch, scope).is_some();
        let newest = Scope::ALL.map(|scope| shop.membership.newest_epochs(scope, held));
        let mut seen = BTreeSet::new();
        let newest = newest.into_iter().flatten().filter(|it| seen.insert(*it));
        for epoch in newest.take(EPOCH_PARENTS_MAX) {
            let secret = |scope| Some((scope, shop.keyring.secret(epoch, scope)?));
            // Without the first there is no place for the second.
            for (scope, secret) in Scope::ALL.into_iter().map_while(secret) {
                let Some(under) = self.handles.get(&scope) else {
                    continue;
                };
                let task = KeyTask::SealSecret {
                    handle: secret.handle,
                    under: *under,
                    epoch,
                };
                ask(Step::Parent(epoch, scope, *under), task, turn);
                let secrets = self.parents.entry(epoch).or_default();
                secrets.insert(scope, Vec::new());
            }
        }
    }

    /// The epoch, once everything of it is there.
    fn epoch(&self) -> Option<control::Epoch> {
        let mut sealed = self.parents.values().flat_map(BTreeMap::values);
        if self.wraps.len() < Scope::ALL.len() || sealed.any(Vec::is_empty) {
            return None;
        }
        let parent = |(epoch, secrets): (&EpochName, &BTreeMap<Scope, Vec<u8>>)| Parent {
            epoch: *epoch,
            secrets: secrets.values().flatten().copied().collect(),
        };
        Some(control::Epoch {
            salt: self.salt,
            wraps: self.wraps.values().flatten().cloned().collect(),
            parents: self.parents.iter().map(parent).collect(),
            shop: *self.commitments.get(&Scope::Shop)?,
            office: *self.commitments.get(&Scope::Office)?,
        })
    }
}

fn ask(step: Step, task: KeyTask, turn: &mut Turn<'_>) {
    let purpose = Purpose::Epochs(super::Step::Begin(step));
    turn.out.effect(purpose, Effect::Keys(task));
}
