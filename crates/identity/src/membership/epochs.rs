//! Which epochs there are, who may read them, and in which to write.

use core::cmp::Reverse;
use std::collections::{BTreeMap, BTreeSet};

use base::effect::{ChainKeys, Commitment};
use base::limits::EPOCH_PARENTS_MAX;
use base::{DeviceId, EpochName};

use super::Membership;
use super::judge::{Member, View};
use crate::control::{Parent, Recipient, Scope, Wrap};
use crate::role::DeviceRole;

/// An epoch that an owner's device began.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Epoch {
    /// Which device.
    pub author: DeviceId,
    /// Whether it was in when it did so. Of one that was put out, tills that had not heard may
    /// have written in it: it is read, and nothing else follows from it.
    pub in_standing: bool,
    /// 1 + the deepest parent's depth.
    pub depth: u32,
    /// When it began, milliseconds since 1970 by its author's clock.
    pub began_ms: u64,
    /// The wraps of its secrets.
    pub wraps: Vec<Given>,
    /// The epochs that it follows, with their secrets sealed under its own. All are judged before it.
    pub parents: Vec<Parent>,
    /// What tells its secrets from any other, in the order of [`Scope::ALL`].
    pub commitments: [Commitment; 2],
}

/// A secret that was wrapped to somebody.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Given {
    /// By whom.
    pub by: DeviceId,
    /// What the wrap is bound to.
    pub salt: [u8; 32],
    /// The wrap.
    pub wrap: Wrap,
}

impl Epoch {
    /// The wraps of a secret to somebody. Any of them may be wrong: which is right shows in what it
    /// opens to.
    pub fn wraps(&self, to: Recipient, scope: Scope) -> impl Iterator<Item = &Given> {
        let wraps = self.wraps.iter();
        wraps.filter(move |given| given.wrap.to == to && given.wrap.scope == scope)
    }

    /// What tells the secret of a scope from any other.
    pub const fn commitment(&self, scope: Scope) -> Commitment {
        let [shop, office] = self.commitments;
        match scope {
            Scope::Shop => shop,
            Scope::Office => office,
        }
    }

    /// Whether somebody holds a secret of it who is no living member: was given it, or made it.
    fn is_read_by_others(&self, view: &View) -> bool {
        !is_living_owner(view, self.author)
            || self.wraps.iter().any(|given| match given.wrap.to {
                Recipient::Device(device) => living(view, device).is_none(),
                Recipient::Recovery => false,
            })
    }
}

fn living(view: &View, device: DeviceId) -> Option<&Member> {
    let member = view.members.get(&device);
    member.filter(|member| member.cuts.is_none())
}

fn is_living_owner(view: &View, device: DeviceId) -> bool {
    living(view, device).is_some_and(|member| member.role == DeviceRole::Owner)
}

/// A secret that a member lacks and should have.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub struct Lacking {
    /// Of which epoch.
    pub epoch: EpochName,
    /// Which of its secrets.
    pub scope: Scope,
    /// Who lacks it.
    pub device: DeviceId,
}

impl Membership {
    /// The epochs that began, by name.
    pub fn epochs(&self) -> &BTreeMap<EpochName, Epoch> {
        &self.view.epochs
    }

    /// Whether these chain keys are of the secret that an epoch committed to.
    pub fn is_secret_of(&self, epoch: EpochName, scope: Scope, chain: &ChainKeys) -> bool {
        let epoch = self.view.epochs.get(&epoch);
        epoch.is_some_and(|epoch| epoch.commitment(scope) == chain.commitment())
    }

    /// The epoch to write in: of those that `held` has the deepest that only living members read,
    /// then the lowest name. Where there is none such, another all the same: what was sold is
    /// written, and an owner's device begins one as soon as it can. Then rather one that an owner's
    /// device began which is in: others can read it.
    pub fn writing_epoch(&self, held: impl Fn(EpochName) -> bool) -> Option<EpochName> {
        let ours = || self.epochs_held(&held);
        let in_now = |(_, epoch): &(EpochName, &Epoch)| is_living_owner(&self.view, epoch.author);
        self.clean_epoch(&held)
            .or_else(|| deepest(ours().filter(in_now)))
            .or_else(|| deepest(ours().filter(|(_, epoch)| epoch.in_standing)))
            .or_else(|| deepest(ours()))
    }

    /// The same, and none where somebody else could read it.
    pub fn clean_epoch(&self, held: impl Fn(EpochName) -> bool) -> Option<EpochName> {
        let read = self
            .read_by_others
            .get_or_init(|| self.find_read_by_others());
        deepest(
            self.epochs_held(&held)
                .filter(|(name, _)| !read.contains(name)),
        )
    }

    /// Of the epochs whose secret of a scope `held` has, those that none of the others opens: whoever
    /// is given these can read all of them. At most [`EPOCH_PARENTS_MAX`], those of owners' devices
    /// that are in first, then the deepest; what others say that theirs open does not count.
    pub fn newest_epochs(
        &self,
        scope: Scope,
        held: impl Fn(EpochName, Scope) -> bool,
    ) -> Vec<EpochName> {
        let ours = || self.epochs_held(|name| held(name, scope));
        let trusted = |epoch: &Epoch| is_living_owner(&self.view, epoch.author);
        let parents = ours().filter(|(_, epoch)| trusted(epoch));
        let parents = parents.flat_map(|(_, epoch)| &epoch.parents);
        let opened = parents.filter(|parent| parent.sealed(scope).is_some());
        let opened: BTreeSet<_> = opened.map(|parent| parent.epoch).collect();
        let newest = ours().filter(|(name, _)| !opened.contains(name));
        let mut newest: Vec<_> = newest.collect();
        newest.sort_by_key(|(name, epoch)| (!trusted(epoch), Reverse(epoch.depth), *name));
        newest.truncate(EPOCH_PARENTS_MAX);
        newest.into_iter().map(|(name, _)| name).collect()
    }

    /// Secrets of the newest epochs that `held` has which members who are in should have and were not
    /// given.
    pub fn lacking_secrets(&self, held: impl Fn(EpochName, Scope) -> bool) -> Vec<Lacking> {
        let mut lacking = Vec::new();
        for scope in Scope::ALL {
            for epoch in self.newest_epochs(scope, &held) {
                let wraps = self.view.epochs.get(&epoch).into_iter();
                let wraps = wraps.flat_map(|epoch| &epoch.wraps);
                let given = wraps.filter(|given| given.wrap.scope == scope);
                // What somebody gave who is out since may have been anything.
                let given = given.filter(|given| is_living_owner(&self.view, given.by));
                let given: BTreeSet<_> = given.map(|given| given.wrap.to).collect();
                let readers = self.view.members.iter().filter(|(device, member)| {
                    let reads = member.role.scopes().contains(&scope);
                    let given = given.contains(&Recipient::Device(**device));
                    member.cuts.is_none() && reads && !given
                });
                lacking.extend(readers.map(|(device, _)| Lacking {
                    epoch,
                    scope,
                    device: *device,
                }));
            }
        }
        lacking
    }

    fn epochs_held(
        &self,
        held: impl Fn(EpochName) -> bool,
    ) -> impl Iterator<Item = (EpochName, &Epoch)> {
        let epochs = self.view.epochs.iter().map(|(name, it)| (*name, it));
        epochs.filter(move |(name, _)| held(*name))
    }

    /// Epochs whose secret, or that of one that follows them, somebody holds who is no living member:
    /// a secret opens those of its parents. What somebody names as parents who was out already
    /// says nothing.
    fn find_read_by_others(&self) -> BTreeSet<EpochName> {
        let epochs = self.view.epochs.iter();
        let others = epochs.filter(|(_, epoch)| epoch.is_read_by_others(&self.view));
        let mut next: Vec<EpochName> = others.map(|(name, _)| *name).collect();
        let mut read = BTreeSet::new();
        while let Some(name) = next.pop() {
            if read.insert(name) {
                let epoch = self.view.epochs.get(&name).filter(|it| it.in_standing);
                let parents = epoch.into_iter().flat_map(|epoch| &epoch.parents);
                next.extend(parents.map(|parent| parent.epoch));
            }
        }
        read
    }
}

fn deepest<'a>(epochs: impl Iterator<Item = (EpochName, &'a Epoch)>) -> Option<EpochName> {
    let first = epochs.min_by_key(|(name, epoch)| (Reverse(epoch.depth), *name));
    first.map(|(name, _)| name)
}
