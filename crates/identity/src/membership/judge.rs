//! From the set of control entries to who is who.

use std::collections::{BTreeMap, BTreeSet};

use base::limits::EPOCH_PARENTS_MAX;
use base::{ControlVector, DeviceId, EmployeeId, EpochName, ShopId, Stamp, Stream};

use super::epochs::{Epoch, Given};
use super::log::{ControlLog, Kept};
use crate::control::{self, Control, Cut, EpochWraps, Keys, Reading, Refound, Revoke, Scope};
use crate::role::{DeviceRole, EmployeeRole};
use crate::terminal::{TerminalCode, are_letters, mark};

/// A device that was let in.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Member {
    /// Its public keys.
    pub keys: Keys,
    /// What it may do.
    pub role: DeviceRole,
    /// Lower is higher; the founder has 0.
    pub rank: u32,
    /// Its terminal code, if it sells.
    pub code: Option<TerminalCode>,
    /// Whether somebody else was given the same code, as where an owner's device ran twice and either
    /// copy let a till in.
    pub shares_code: bool,
    /// Its letters, if it gives codes.
    pub letters: Option<String>,
    /// What still counts of a device that was put out; `None` while it is in.
    pub cuts: Option<Vec<Cut>>,
}

impl Member {
    /// What its receipts are numbered under: its code, with a mark of its own behind one that it
    /// shares; `None` where it does not sell.
    pub fn terminal(&self) -> Option<String> {
        let code = self.code.as_ref()?;
        if !self.shares_code {
            return Some(code.to_string());
        }
        let own = self.keys.device().0.first_chunk().copied();
        Some(format!("{code}{}", own.map(mark).unwrap_or_default()))
    }

    /// The last number of a stream of its that counts; `None` while all do.
    pub fn end(&self, stream: Stream) -> Option<u64> {
        self.cuts.as_ref().map(|cuts| end_of(cuts, stream))
    }
}

/// One change of an employee, at the control entry that made it.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct EmployeeChange {
    pub author: DeviceId,
    pub seq: u64,
    pub role: EmployeeRole,
    pub active: bool,
}

/// What follows from a set of control entries.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub(super) struct View {
    pub recovery: Option<Keys>,
    pub founder: Option<DeviceId>,
    pub members: BTreeMap<DeviceId, Member>,
    pub employees: BTreeMap<EmployeeId, Vec<EmployeeChange>>,
    pub epochs: BTreeMap<EpochName, Epoch>,
    /// The highest number of each control log that was judged, on any of its lines.
    pub judged: BTreeMap<DeviceId, u64>,
    /// How many entries of each line were judged.
    lines: BTreeMap<DeviceId, Vec<usize>>,
    /// The highest stamp of all that was judged, and whose it is.
    newest: Option<(Stamp, DeviceId)>,
    /// Whom an owner's device let in as one that was out by then.
    named_owners: BTreeSet<DeviceId>,
    /// What the recovery key has signed and counted: each makes a founder once.
    refounded: BTreeSet<(DeviceId, String)>,
}

/// The next entry of a line, which is what may be judged next.
#[derive(Clone, Copy)]
struct Next<'a> {
    device: DeviceId,
    line: usize,
    kept: &'a Kept,
}

/// Judges every entry whose causes are all there, in the one order that the set determines.
pub(super) fn judge(shop: ShopId, logs: &BTreeMap<DeviceId, ControlLog>) -> View {
    let mut view = View::default();
    while let Some(next) = next_ready(&view, logs) {
        view.judge_next(shop, next);
    }
    view
}

/// Judges the one entry that was not judged yet, if it comes last in any case: `false` where all are
/// to be judged anew.
///
/// Who is ready before it and has a lower stamp is judged before it, and nobody waits for it.
pub(super) fn judge_last(
    view: &mut View,
    shop: ShopId,
    logs: &BTreeMap<DeviceId, ControlLog>,
) -> bool {
    let (Some(next), None) = ({
        let mut left = logs
            .iter()
            .flat_map(|(author, log)| view.left_of(*author, log));
        (left.next(), left.next())
    }) else {
        return false;
    };
    let Reading::Known(known) = &next.kept.reading else {
        return false;
    };
    // One whose number was known, of another line, may be what others are taken to have seen.
    let reach = view.judged.get(&next.device).copied().unwrap_or(0);
    let last = next.kept.seq > reach
        && Some((known.0.stamp, next.device)) > view.newest
        && covers_but_own(view, next.device, &known.0.control);
    if last {
        view.judge_next(shop, next);
    }
    last
}

/// The entry with the lowest stamp among those whose author had seen nothing that we have not
/// judged. What comes before it in its log was judged, so nothing behind an entry that only a newer
/// release can judge is ever ready. One that breaks a rule waits for nothing.
fn next_ready<'a>(view: &View, logs: &'a BTreeMap<DeviceId, ControlLog>) -> Option<Next<'a>> {
    let ready = |next: Next<'a>| {
        let stamp = match &next.kept.reading {
            Reading::Known(known) => {
                let entry = &known.0;
                covers_but_own(view, next.device, &entry.control).then_some(entry.stamp)
            }
            Reading::Void => Some(Stamp::default()),
            Reading::Newer => None,
        };
        Some((stamp?, next))
    };
    let next = logs
        .iter()
        .flat_map(|(device, log)| view.next_of(*device, log));
    let first = next.filter_map(ready);
    // Of two copies one may have written in the very moment in which the other one did.
    let first = first.min_by_key(|(stamp, next)| (*stamp, next.device, next.kept.chain.0));
    first.map(|(_, next)| next)
}

impl View {
    /// Whether employees may do at every moment that `before` knew of what they could by that: all
    /// that has come since came behind it. No entry that was judged by `before` has seen more.
    pub fn continues_rights_of(&self, before: &Self) -> bool {
        let reach = |author| before.judged.get(&author).copied().unwrap_or(0);
        let known = |change: &&EmployeeChange| change.seq <= reach(change.author);
        let same = |(id, changes): (&EmployeeId, &Vec<EmployeeChange>)| {
            let earlier = before.employees.get(id);
            let earlier = earlier.into_iter().flatten();
            changes.iter().filter(known).eq(earlier)
        };
        let is_there = |id| self.employees.contains_key(id);
        self.employees.iter().all(same) && before.employees.keys().all(is_there)
    }

    /// How many entries of a line were judged.
    fn judged_on(&self, device: DeviceId, line: usize) -> usize {
        let lines = self.lines.get(&device);
        let judged = lines.and_then(|lines| lines.get(line));
        judged.copied().unwrap_or(0)
    }

    /// The entries of a device's log that were judged.
    pub fn judged_of<'a>(
        &'a self,
        device: DeviceId,
        log: &'a ControlLog,
    ) -> impl Iterator<Item = &'a Kept> {
        let lines = log.lines().iter().enumerate();
        lines.flat_map(move |(number, line)| {
            let judged = self.judged_on(device, number);
            line.entries.iter().take(judged)
        })
    }

    /// The entries of a device's log that were not judged.
    fn left_of<'a>(&self, device: DeviceId, log: &'a ControlLog) -> impl Iterator<Item = Next<'a>> {
        let lines = log.lines().iter().enumerate();
        lines.flat_map(move |(number, line)| {
            let left = line.entries.iter().skip(self.judged_on(device, number));
            left.map(move |kept| Next {
                device,
                line: number,
                kept,
            })
        })
    }

    /// The first entry of each line of a device's log that was not judged, if what it follows was.
    fn next_of<'a>(&self, device: DeviceId, log: &'a ControlLog) -> impl Iterator<Item = Next<'a>> {
        let lines = log.lines().iter().enumerate();
        lines.filter_map(move |(number, line)| {
            let judged = self.judged_on(device, number);
            let follows = |(other, seq): (usize, u64)| {
                let other = (other, log.lines().get(other)?);
                Some(other.1.first() + self.judged_on(device, other.0) as u64 > seq)
            };
            let is_there = judged > 0 || line.behind.is_none_or(|it| follows(it) == Some(true));
            let kept = line.entries.get(judged).filter(|_| is_there)?;
            Some(Next {
                device,
                line: number,
                kept,
            })
        })
    }

    fn judge_next(&mut self, shop: ShopId, next: Next<'_>) {
        let Next { device, line, kept } = next;
        self.apply(shop, device, kept);
        let reach = self.judged.entry(device).or_insert(0);
        *reach = kept.seq.max(*reach);
        let lines = self.lines.entry(device).or_default();
        lines.resize(lines.len().max(line + 1), 0);
        if let Some(judged) = lines.get_mut(line) {
            *judged += 1;
        }
        if let Reading::Known(known) = &kept.reading {
            self.newest = self.newest.max(Some((known.0.stamp, device)));
        }
    }

    fn apply(&mut self, shop: ShopId, author: DeviceId, kept: &Kept) {
        let Reading::Known(known) = &kept.reading else {
            return;
        };
        let (entry, control) = &**known;
        match control {
            Control::Genesis(genesis) => {
                let first = self.recovery.is_none() && ShopId::of_genesis(&kept.raw) == shop;
                if first && genesis.founder.device() == author {
                    self.recovery = Some(genesis.recovery);
                    self.founder = Some(author);
                    self.members
                        .insert(author, founder(genesis.founder, "A".into()));
                }
            }
            Control::Epoch(epoch) if self.was_owner(author) => {
                self.begin_epoch(EpochName(kept.mark().0), author, entry.wall_ms(), epoch);
            }
            Control::Enrol(enrol) => self.enrol(author, enrol),
            Control::Grant(grant) if self.is_owner(author) => {
                self.add_wraps(author, &grant.epochs);
            }
            Control::Employee(set) if self.is_owner(author) => {
                let id = set.id.unwrap_or(EmployeeId(kept.mark().0));
                let seq = kept.seq;
                let (role, active) = (set.role, set.active);
                let change = EmployeeChange {
                    author,
                    seq,
                    role,
                    active,
                };
                self.employees.entry(id).or_default().push(change);
            }
            Control::Revoke(revoke) => self.revoke(author, revoke),
            // Whoever claims to come before the shop began would not outrank its first founder.
            Control::Refound(refound)
                if refound.keys.device() == author && self.recovery.is_some() =>
            {
                self.refound(refound);
            }
            _ => {}
        }
    }

    /// The rank of an owner device in standing; lower is higher.
    fn owner_rank(&self, author: DeviceId) -> Option<u32> {
        let member = self.members.get(&author)?;
        let owner = member.role == DeviceRole::Owner && member.cuts.is_none();
        owner.then_some(member.rank)
    }

    fn is_owner(&self, author: DeviceId) -> bool {
        self.owner_rank(author).is_some()
    }

    /// Whether it is an owner's device, put out or not, or let in by one that was out: a till that
    /// had not heard of that may have written in its epoch, and what was sold is to be read.
    fn was_owner(&self, author: DeviceId) -> bool {
        let member = self.members.get(&author);
        let owner = member.is_some_and(|member| member.role == DeviceRole::Owner);
        owner || self.named_owners.contains(&author)
    }

    /// Whether an owner device in standing is strictly higher than `rank`. Nobody outranks 0.
    fn outranks(&self, author: DeviceId, rank: u32) -> bool {
        self.owner_rank(author).is_some_and(|own| own < rank)
    }

    fn revoke(&mut self, author: DeviceId, revoke: &Revoke) {
        let rank = self.members.get(&revoke.device).map(|member| member.rank);
        let allowed = rank.is_some_and(|rank| self.outranks(author, rank));
        if allowed && let Some(member) = self.members.get_mut(&revoke.device) {
            member.cuts = Some(unite(member.cuts.take(), &revoke.cuts));
        }
    }

    fn enrol(&mut self, author: DeviceId, enrol: &control::Enrol) {
        // The founder's own enrolment gives it its code and wraps; its standing is the genesis'.
        let device = enrol.keys.device();
        let own = device == author && self.founder == Some(author);
        if !own && !self.outranks(author, enrol.rank) {
            if enrol.role == DeviceRole::Owner && self.was_owner(author) {
                self.named_owners.insert(device);
            }
            return;
        }
        let code = enrol.code.as_deref().and_then(TerminalCode::parse);
        // Whoever is in keeps what it has; the founder gives itself a code later.
        let given = |member: &Member| own && member.code.is_none();
        let code = code.filter(|_| self.members.get(&device).is_none_or(given));
        // Whoever was let in must be able to sell, and no receipt number is to be there twice.
        let mut shares_code = false;
        for (id, member) in &mut self.members {
            if *id != device && code.is_some() && member.code == code {
                (member.shares_code, shares_code) = (true, true);
            }
        }
        let letters = enrol.letters.clone().filter(|letters| are_letters(letters));
        let keys = enrol.keys;
        let role = if own { DeviceRole::Owner } else { enrol.role };
        let rank = if own { 0 } else { enrol.rank };
        match self.members.get_mut(&device) {
            Some(member) if own && member.code.is_none() => {
                (member.code, member.shares_code) = (code, shares_code);
            }
            Some(_) => {}
            None => {
                let member = Member {
                    keys,
                    role,
                    rank,
                    code,
                    shares_code,
                    letters,
                    cuts: None,
                };
                self.members.insert(device, member);
            }
        }
        self.add_wraps(author, &enrol.epochs);
    }

    fn begin_epoch(
        &mut self,
        name: EpochName,
        author: DeviceId,
        began_ms: u64,
        epoch: &control::Epoch,
    ) {
        // Only those that there are: nobody follows what comes later.
        let mut parents: Vec<control::Parent> = Vec::new();
        for parent in &epoch.parents {
            let twice = parents.iter().any(|other| other.epoch == parent.epoch);
            let known = self.epochs.contains_key(&parent.epoch);
            if known && !twice && parents.len() < EPOCH_PARENTS_MAX {
                parents.push(parent.clone());
            }
        }
        let depth_of = |parent: &control::Parent| self.epochs.get(&parent.epoch).map(|e| e.depth);
        let depth = 1 + parents.iter().filter_map(depth_of).max().unwrap_or(0);
        let (by, salt) = (author, epoch.salt);
        let wraps = epoch.wraps.iter().cloned();
        let epoch = Epoch {
            author,
            in_standing: self.is_owner(author),
            depth,
            began_ms,
            wraps: wraps.map(|wrap| Given { by, salt, wrap }).collect(),
            parents,
            commitments: Scope::ALL.map(|scope| epoch.commitment(scope)),
        };
        self.epochs.insert(name, epoch);
    }

    fn add_wraps(&mut self, by: DeviceId, epochs: &[EpochWraps]) {
        for given in epochs {
            if let Some(epoch) = self.epochs.get_mut(&given.epoch) {
                let (salt, wraps) = (given.salt, given.wraps.iter().cloned());
                epoch
                    .wraps
                    .extend(wraps.map(|wrap| Given { by, salt, wrap }));
            }
        }
    }

    /// The signature inside was checked before the entry was inserted. It stands in control for
    /// everybody to read, so what counted once must not count again.
    fn refound(&mut self, refound: &Refound) {
        let device = refound.keys.device();
        if !self.refounded.insert((device, refound.letters.clone())) {
            return;
        }
        self.founder = Some(device);
        // The new founder outranks all, so whoever was highest steps down by one.
        for member in self.members.values_mut() {
            member.rank = member.rank.max(1);
        }
        let member = self
            .members
            .entry(device)
            .or_insert_with(|| founder(refound.keys, refound.letters.clone()));
        member.role = DeviceRole::Owner;
        member.rank = 0;
        member.cuts = None;
        if are_letters(&refound.letters) {
            member.letters = Some(refound.letters.clone());
        }
    }
}

fn founder(keys: Keys, letters: String) -> Member {
    let letters = Some(letters);
    Member {
        keys,
        role: DeviceRole::Owner,
        rank: 0,
        code: None,
        shares_code: false,
        letters,
        cuts: None,
    }
}

/// Several valid cuts unite: the later end of each log counts.
fn unite(before: Option<Vec<Cut>>, cuts: &[Cut]) -> Vec<Cut> {
    let mut united = before.unwrap_or_default();
    for cut in cuts {
        match united.iter_mut().find(|other| other.stream == cut.stream) {
            Some(other) if other.seq < cut.seq => *other = *cut,
            Some(_) => {}
            None => united.push(*cut),
        }
    }
    united
}

/// The last number that counts of a stream whose author was put out.
pub(super) fn end_of(cuts: &[Cut], stream: Stream) -> u64 {
    let cut = cuts.iter().find(|cut| cut.stream == stream);
    cut.map_or(0, |cut| cut.seq)
}

/// Whether everything in the vector of an author's entry has been judged that others wrote.
fn covers_but_own(view: &View, author: DeviceId, vector: &ControlVector) -> bool {
    let judged = |device: &DeviceId| view.judged.get(device).copied().unwrap_or(0);
    let seen = |(other, seq): &(DeviceId, u64)| *other == author || judged(other) >= *seq;
    vector.0.iter().all(seen)
}

/// Whether everything in `vector` has been judged.
pub(super) fn covers(view: &View, vector: &ControlVector) -> bool {
    let judged = |device: &DeviceId| view.judged.get(device).copied().unwrap_or(0);
    vector.0.iter().all(|(device, seq)| judged(device) >= *seq)
}
