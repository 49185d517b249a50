//! Who is a member of a shop: a pure function of the set of its control entries.
//!
//! Entries may come in any order. Each is judged once everything that its author had seen is
//! there, and among those that are ready always the one with the lowest stamp first. So two
//! devices with the same control entries agree on every member, role and right.

use std::cell::OnceCell;
use std::collections::{BTreeMap, BTreeSet};

use base::hash::ChainValue;
use base::limits::STRANGER_CONTROL_ENTRIES_MAX;
use base::{
    ControlVector, DeviceId, EmployeeId, Entry, EntryRef, EpochName, LogId, Mark, ShopId, Stream,
};

use crate::control::{Control, Keys, Reading};
use crate::error::IdentityError;
use crate::role::{EmployeeRole, Right};

mod epochs;
mod judge;
mod log;
mod verdict;

pub use epochs::{Epoch, Given, Lacking};
pub use judge::Member;
use judge::View;
use log::{ControlLog, Kept};
pub use verdict::{Rejection, Verdict, Waiting};

/// The members of one shop.
#[derive(Debug, Clone)]
pub struct Membership {
    shop: ShopId,
    /// The reader version of this device: what needs a higher one is not judged.
    reader: u16,
    logs: BTreeMap<DeviceId, ControlLog>,
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

    /// The highest number of a device's control log that is here with all that comes before it, on
    /// any of its branches.
    pub fn reach(&self, device: DeviceId) -> u64 {
        self.logs.get(&device).map_or(0, ControlLog::last)
    }

    /// Whether an entry of a device's control log is here.
    pub fn has(&self, device: DeviceId, seq: u64, mark: Mark) -> bool {
        let log = self.logs.get(&device);
        log.is_some_and(|log| log.find(seq, mark).is_some())
    }

    /// The end of the branch of a device's control log that passes an entry: its number and `c` there.
    /// Of several such branches the one that came first; number 0 is passed by what begins the log.
    pub fn last_behind(&self, device: DeviceId, seq: u64, mark: Mark) -> Option<(u64, ChainValue)> {
        let last = self.logs.get(&device)?.last_behind(seq, mark)?;
        Some((last.seq, last.chain))
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

    /// How many entries are here and wait for a newer release: those that it alone can judge, and
    /// what follows them in their logs.
    pub fn unread(&self) -> usize {
        let unread: u64 = self.logs.values().map(ControlLog::unread).sum();
        usize::try_from(unread).unwrap_or(usize::MAX)
    }

    /// Takes the entry of a device's control log that has this number and leads to that chain value.
    /// Its signature was checked by the caller. What it means is its author's doing, never the fault
    /// of whoever brings it: bytes that cannot be read are kept as they are.
    ///
    /// A device that ran twice has written several entries with one number: all count.
    ///
    /// Says whether it was new.
    ///
    /// # Errors
    /// The peer's fault: it follows nothing that is here, or there are too many from a stranger or too
    /// many branches.
    pub fn insert(
        &mut self,
        device: DeviceId,
        seq: u64,
        chain: ChainValue,
        raw: Vec<u8>,
    ) -> Result<bool, IdentityError> {
        let strange = !self.view.members.contains_key(&device);
        let reading = self.read(&raw);
        let new = || ControlLog::new(self.shop, LogId::new(device, Stream::Control));
        let mut log = self.logs.remove(&device).unwrap_or_else(new);
        let is_new = log.find(seq, chain.mark()).is_none();
        let many = || {
            log.entries()
                .nth(STRANGER_CONTROL_ENTRIES_MAX - 1)
                .is_some()
        };
        let taken = if strange && is_new && many() {
            Err(IdentityError::PeerOutOfOrder)
        } else {
            log.insert(seq, chain, raw, reading)
        };
        if !log.lines().is_empty() {
            self.logs.insert(device, log);
        }
        if !taken? {
            return Ok(false);
        }
        self.read_by_others = OnceCell::new();
        if !judge::judge_last(&mut self.view, self.shop, &self.logs) {
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

    /// Every entry that was judged, log by log.
    pub fn judged(&self) -> impl Iterator<Item = EntryRef> {
        self.logs.iter().flat_map(|(device, log)| {
            let log_id = LogId::new(*device, Stream::Control);
            let judged = self.view.judged_of(*device, log);
            judged.map(move |kept| EntryRef {
                log: log_id,
                seq: kept.seq,
                mark: kept.mark(),
            })
        })
    }

    /// How far each control log has been judged, on the branch that goes furthest: what a new entry
    /// carries.
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
        let all = self.logs.values().flat_map(ControlLog::entries);
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
            let enrolments = log.entries().filter(enrols);
            let kept = enrolments.min_by_key(|kept| (kept.seq, kept.chain.0))?;
            Some(EntryRef {
                log: LogId::new(*author, Stream::Control),
                seq: kept.seq,
                mark: kept.mark(),
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
