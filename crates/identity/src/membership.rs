//! Who is a member of a shop: a pure function of the set of its control entries.
//!
//! Entries may come in any order. Each is judged once everything that its author had seen is
//! there, and among those that are ready always the one with the lowest stamp first. So two
//! devices with the same control entries agree on every member, role and right.

use std::cell::OnceCell;
use std::collections::{BTreeMap, BTreeSet};

use base::hash::{ChainKey, ChainValue};
use base::limits::STRANGER_CONTROL_ENTRIES_MAX;
use base::{
    ControlVector, DeviceId, EmployeeId, Entry, EntryRef, EpochName, LogId, Mark, ShopId, Stream,
};

use crate::control::{Control, Keys, Reading};
use crate::error::IdentityError;
use crate::role::{EmployeeRole, Right};

mod epochs;
mod judge;
mod verdict;

pub use epochs::{Epoch, Given, Lacking};
pub use judge::Member;
use judge::View;
pub use verdict::{Rejection, Verdict, Waiting};

/// One control entry, kept as it came.
#[derive(Debug, Clone)]
struct Kept {
    mark: Mark,
    chain: ChainValue,
    raw: Vec<u8>,
    reading: Reading,
}

/// The members of one shop.
#[derive(Debug, Clone)]
pub struct Membership {
    shop: ShopId,
    /// The reader version of this device: what needs a higher one is not judged.
    reader: u16,
    logs: BTreeMap<DeviceId, Vec<Kept>>,
    view: View,
    /// Epochs whose secrets others hold than living members, once somebody has asked.
    read_by_others: OnceCell<BTreeSet<EpochName>>,
    rights_rewritten: u64,
}

impl Membership {
    /// Nobody, until the genesis entry comes. `reader`: the reader version of this device.
    pub fn new(shop: ShopId, reader: u16) -> Self {
        Self {
            shop,
            reader,
            logs: BTreeMap::new(),
            view: View::default(),
            read_by_others: OnceCell::new(),
            rights_rewritten: 0,
        }
    }

    /// The shop.
    pub const fn shop(&self) -> ShopId {
        self.shop
    }

    /// How many entries of a device's control log are here, without a gap.
    pub fn reach(&self, device: DeviceId) -> u64 {
        self.logs.get(&device).map_or(0, |log| log.len() as u64)
    }

    /// `c(reach)` of a device's control log.
    pub fn chain(&self, device: DeviceId) -> ChainValue {
        let start = || ChainValue::start(self.shop, LogId::new(device, Stream::Control));
        self.logs
            .get(&device)
            .and_then(|log| log.last())
            .map_or_else(start, |kept| kept.chain)
    }

    /// What the bytes of a control entry are to this device.
    pub fn read(&self, raw: &[u8]) -> Reading {
        Reading::of(raw, self.reader)
    }

    /// The device whose control log begins with the shop's genesis entry `raw`, if it is that.
    pub fn founder_of(&self, raw: &[u8]) -> Option<Keys> {
        if ShopId::of_genesis(raw) != self.shop {
            return None;
        }
        match self.read(raw).control() {
            Some(Control::Genesis(genesis)) => Some(genesis.founder),
            _ => None,
        }
    }

    /// The mark of an entry of a device's control log that is here.
    pub fn mark(&self, device: DeviceId, seq: u64) -> Option<Mark> {
        let place = usize::try_from(seq.checked_sub(1)?).ok()?;
        Some(self.logs.get(&device)?.get(place)?.mark)
    }

    /// How many entries are here and wait for a newer release: those that it alone can judge, and
    /// what follows them in their logs.
    pub fn unread(&self) -> usize {
        let newer = |kept: &Kept| matches!(kept.reading, Reading::Newer);
        let after = |log: &Vec<Kept>| log.iter().skip_while(|kept| !newer(kept)).count();
        self.logs.values().map(after).sum()
    }

    /// Takes the next entry of a device's control log. Its signature was checked by the caller.
    /// What it means is its author's doing, never the fault of whoever brings it: bytes that
    /// cannot be read are kept as they are.
    ///
    /// Says whether it was new.
    ///
    /// # Errors
    /// The peer's fault: a gap, or too many from a stranger.
    pub fn insert(
        &mut self,
        device: DeviceId,
        seq: u64,
        raw: Vec<u8>,
    ) -> Result<bool, IdentityError> {
        let reach = self.reach(device);
        if seq <= reach {
            return Ok(false);
        }
        let strange = !self.view.members.contains_key(&device);
        let many = reach >= STRANGER_CONTROL_ENTRIES_MAX as u64;
        if seq != reach + 1 || (strange && many) {
            return Err(IdentityError::PeerOutOfOrder);
        }
        let chain = self.chain(device).next(&ChainKey::Control, &raw);
        let kept = Kept {
            mark: chain.mark(),
            chain,
            reading: self.read(&raw),
            raw,
        };
        self.read_by_others = OnceCell::new();
        self.logs.entry(device).or_default().push(kept.clone());
        if !judge::judge_last(&mut self.view, self.shop, &self.logs, device, &kept) {
            let view = judge::judge(self.shop, &self.logs);
            self.rights_rewritten += u64::from(!view.continues_rights_of(&self.view));
            self.view = view;
        }
        Ok(true)
    }

    /// How often it turned out that employees could do something else, at a moment that was known
    /// before, than what their entries had been judged by.
    pub fn rights_rewritten(&self) -> u64 {
        self.rights_rewritten
    }

    /// How far each control log has been judged: what a new entry carries.
    pub fn vector(&self) -> ControlVector {
        ControlVector(
            self.view
                .judged
                .iter()
                .map(|(device, seq)| (*device, *seq))
                .collect(),
        )
    }

    /// Whether the genesis entry is here.
    pub fn begun(&self) -> bool {
        self.view.recovery.is_some()
    }

    /// The recovery phrase's public keys.
    pub fn recovery(&self) -> Option<Keys> {
        self.view.recovery
    }

    /// A device that was let in, put out or not.
    pub fn member(&self, device: DeviceId) -> Option<&Member> {
        self.view.members.get(&device)
    }

    /// The device, if it was let in and not put out.
    pub fn living(&self, device: DeviceId) -> Option<&Member> {
        self.member(device).filter(|member| member.cuts.is_none())
    }

    /// The keys under which some entry would let a device in, whether it counts or not: the device's id
    /// is their hash. Whoever has heard of it by that entry names what it wrote in `control`.
    pub fn named_keys(&self, device: DeviceId) -> Option<Keys> {
        let all = self.logs.values().flatten();
        let mut named = all.filter_map(|kept| match kept.reading.control() {
            Some(Control::Enrol(enrol)) => Some(enrol.keys),
            _ => None,
        });
        named.find(|keys| keys.device() == device)
    }

    /// The entry that let a device in; the founder has none but its own.
    pub fn enrolment(&self, device: DeviceId) -> Option<EntryRef> {
        self.logs.iter().find_map(|(author, log)| {
            let enrols = |kept: &&Kept| {
                let control = kept.reading.control();
                matches!(control, Some(Control::Enrol(enrol)) if enrol.keys.device() == device)
            };
            let kept = log.iter().find(enrols)?;
            let seq = log.iter().position(|other| other.mark == kept.mark)? as u64 + 1;
            Some(EntryRef {
                log: LogId::new(*author, Stream::Control),
                seq,
                mark: kept.mark,
            })
        })
    }

    /// Every device that was let in, in the order of their ids.
    pub fn members(&self) -> impl Iterator<Item = (DeviceId, &Member)> {
        self.view
            .members
            .iter()
            .map(|(device, member)| (*device, member))
    }

    /// Everybody who was ever an employee, with what they may do now.
    pub fn employees(&self) -> impl Iterator<Item = (EmployeeId, EmployeeRole, bool)> {
        self.view.employees.iter().filter_map(|(id, changes)| {
            changes
                .last()
                .map(|change| (*id, change.role, change.active))
        })
    }

    /// What an employee may do now; `None` when unknown or not active.
    pub fn employee(&self, id: EmployeeId) -> Option<EmployeeRole> {
        let change = self.view.employees.get(&id)?.last()?;
        change.active.then_some(change.role)
    }

    /// Whether an entry may be applied.
    pub fn verdict(&self, log: LogId, seq: u64, entry: &Entry, needs: Right) -> Verdict {
        verdict::verdict(&self.view, log, seq, entry, needs)
    }

    /// The same wherever its author's log ends: what a simulator judges by that has turned cuts off.
    pub fn verdict_but_for_cuts(&self, log: LogId, entry: &Entry, needs: Right) -> Verdict {
        match self.member(log.device) {
            Some(member) => verdict::but_for_cuts(&self.view, member, log, entry, needs),
            None => Verdict::Wait(Waiting::Author),
        }
    }
}

#[cfg(test)]
mod tests;
