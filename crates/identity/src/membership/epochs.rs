//! Which epochs there are, who may read them, and in which to write.

use core::cmp::Reverse;
use std::collections::{BTreeMap, BTreeSet};

use base::{DeviceId, EpochName};

use super::Membership;
use super::judge::View;
use crate::control::{Parent, Recipient, Scope, Wrap};

/// An epoch that began.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Epoch {
    /// 1 + the deepest parent's depth.
    pub depth: u32,
    /// When it began, milliseconds since 1970 by its author's clock.
    pub began_ms: u64,
    /// The wraps of its secrets, with the salt that each is bound to.
    pub wraps: Vec<([u8; 32], Wrap)>,
    /// The epochs that it follows, with their secrets sealed under its own.
    pub parents: Vec<Parent>,
}

impl Epoch {
    /// The wrap of a secret to somebody, with its salt.
    pub fn wrap(&self, to: Recipient, scope: Scope) -> Option<&([u8; 32], Wrap)> {
        self.wraps
            .iter()
            .find(|(_, wrap)| wrap.to == to && wrap.scope == scope)
    }

    /// Whether one of its secrets was wrapped to a device that was put out.
    fn is_given_to_one_put_out(&self, view: &View) -> bool {
        let is_out = |device| {
            let member = view.members.get(&device);
            member.is_some_and(|member| member.cuts.is_some())
        };
        self.wraps.iter().any(|(_, wrap)| match wrap.to {
            Recipient::Device(device) => is_out(device),
            Recipient::Recovery => false,
        })
    }
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

    /// The epoch to write in: of those that `held` has the deepest that nobody reads who was put
    /// out, then the lowest name. Where there is none such a one, the deepest all the same: what
    /// was sold is written, and an owner's device begins another epoch as soon as it can.
    pub fn writing_epoch(&self, held: impl Fn(EpochName) -> bool) -> Option<EpochName> {
        self.clean_epoch(&held)
            .or_else(|| deepest(self.epochs_held(&held)))
    }

    /// The same, and none where somebody who was put out could read it.
    pub fn clean_epoch(&self, held: impl Fn(EpochName) -> bool) -> Option<EpochName> {
        let read = self.read_by_those_put_out();
        deepest(
            self.epochs_held(&held)
                .filter(|(name, _)| !read.contains(name)),
        )
    }

    /// The epochs that none follows, as far as is known: whoever reads them reads all.
    pub fn newest_epochs(&self) -> impl Iterator<Item = EpochName> {
        let epochs = || self.view.epochs.values();
        let followed = epochs().flat_map(|epoch| epoch.parents.iter().map(|it| it.epoch));
        let followed: BTreeSet<_> = followed.collect();
        let all = self.view.epochs.keys().copied();
        all.filter(move |name| !followed.contains(name))
    }

    /// Secrets of the newest epochs that members who are in should have and were not given.
    pub fn lacking_secrets(&self) -> Vec<Lacking> {
        let living = || {
            let members = self.view.members.iter();
            members.filter(|(_, member)| member.cuts.is_none())
        };
        let newest = self.newest_epochs().filter_map(|name| {
            let epoch = self.view.epochs.get(&name)?;
            let given = epoch.wraps.iter().map(|(_, wrap)| (wrap.to, wrap.scope));
            Some((name, given.collect::<BTreeSet<_>>()))
        });
        let mut lacking = Vec::new();
        for (epoch, given) in newest {
            for (device, member) in living() {
                let scopes = member.role.scopes().iter();
                let lacks =
                    |scope: &&Scope| !given.contains(&(Recipient::Device(*device), **scope));
                lacking.extend(scopes.filter(lacks).map(|scope| Lacking {
                    epoch,
                    scope: *scope,
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

    /// Epochs whose secret, or that of one that follows them, somebody was given who was put out:
    /// a secret opens those of its parents.
    fn read_by_those_put_out(&self) -> BTreeSet<EpochName> {
        let epochs = self.view.epochs.iter();
        let given = epochs.filter(|(_, epoch)| epoch.is_given_to_one_put_out(&self.view));
        let mut next: Vec<EpochName> = given.map(|(name, _)| *name).collect();
        let mut read = BTreeSet::new();
        while let Some(name) = next.pop() {
            if read.insert(name) {
                let epoch = self.view.epochs.get(&name).into_iter();
                next.extend(epoch.flat_map(|epoch| &epoch.parents).map(|it| it.epoch));
            }
        }
        read
    }
}

fn deepest<'a>(epochs: impl Iterator<Item = (EpochName, &'a Epoch)>) -> Option<EpochName> {
    let first = epochs.min_by_key(|(name, epoch)| (Reverse(epoch.depth), *name));
    first.map(|(name, _)| name)
}
