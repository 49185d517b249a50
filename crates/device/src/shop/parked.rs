//! Entries that wait: for control that their authors had seen, or for a newer release.

use std::collections::BTreeMap;
use std::ops::RangeInclusive;

use base::{EntryRef, LogId, Mark};

use super::budget::Budget;

/// What an entry waits for.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Until {
    /// More of control.
    Control,
    /// A release that can read it.
    NewerRelease,
}

/// Entries that wait, within a [`Budget`]: what is beyond is on the disk still, and is read again
/// at the next start.
#[derive(Debug, Default)]
pub struct Parked {
    entries: BTreeMap<EntryRef, (Until, Vec<u8>)>,
    budget: Budget,
}

impl Parked {
    /// Lets an entry wait.
    pub fn park(&mut self, reference: EntryRef, raw: Vec<u8>, until: Until) {
        if !self.budget.take(raw.len()) {
            return;
        }
        if let Some((_, before)) = self.entries.insert(reference, (until, raw)) {
            self.budget.give_back(before.len());
        }
    }

    /// Gives everything that waits, to be judged again.
    pub fn take(&mut self) -> impl Iterator<Item = (EntryRef, Vec<u8>)> + use<> {
        self.budget = Budget::default();
        let entries = std::mem::take(&mut self.entries).into_iter();
        entries.map(|(reference, (_, raw))| (reference, raw))
    }

    /// Whether an entry with this number waits.
    pub fn contains(&self, log: LogId, seq: u64) -> bool {
        let with = |mark| EntryRef { log, seq, mark };
        let all = with(Mark([0; 8]))..=with(Mark([u8::MAX; 8]));
        self.entries.range(all).next().is_some()
    }

    /// Whether an entry with one of these numbers waits for a newer release.
    pub fn has_newer(&self, log: LogId, numbers: RangeInclusive<u64>) -> bool {
        let with = |seq, mark| EntryRef { log, seq, mark };
        let first = with(*numbers.start(), Mark([0; 8]));
        let last = with(*numbers.end(), Mark([u8::MAX; 8]));
        let mut among = self.entries.range(first..=last);
        among.any(|(_, (until, _))| *until == Until::NewerRelease)
    }

    /// How many wait.
    pub fn len(&self) -> usize {
        self.entries.len()
    }

    /// How many of them wait for a newer release.
    pub fn newer(&self) -> usize {
        let newer = |(until, _): &&(Until, Vec<u8>)| *until == Until::NewerRelease;
        self.entries.values().filter(newer).count()
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use base::limits::{ENTRY_BYTES_MAX, WAITING_BYTES_MAX};
    use base::{DeviceId, Stream};

    fn reference(seq: u64) -> EntryRef {
        EntryRef {
            log: LogId::new(DeviceId([1; 16]), Stream::Sales),
            seq,
            mark: Mark([9; 8]),
        }
    }

    #[test]
    fn long_entries_do_not_fill_the_memory() {
        let mut parked = Parked::default();
        let raw = vec![0; ENTRY_BYTES_MAX];
        let fit = WAITING_BYTES_MAX / ENTRY_BYTES_MAX;
        for seq in 1..=fit as u64 + 3 {
            parked.park(reference(seq), raw.clone(), Until::Control);
            parked.park(reference(1), raw.clone(), Until::Control);
        }
        assert!(parked.len() <= fit);
        assert_eq!(parked.take().count(), fit);
        parked.park(reference(1), raw, Until::Control);
        assert_eq!(parked.len(), 1, "there is room again");
    }

    #[test]
    fn what_waits_is_found_by_its_number_and_told_apart() {
        let mut parked = Parked::default();
        parked.park(reference(2), vec![1], Until::Control);
        parked.park(reference(3), vec![2], Until::NewerRelease);
        let log = reference(1).log;
        let there = [1, 2, 3, 4].map(|seq| parked.contains(log, seq));
        assert_eq!(there, [false, true, true, false]);
        assert_eq!((parked.len(), parked.newer()), (2, 1));
        let newer = [1..=2, 1..=3, 3..=9, 4..=9].map(|numbers| parked.has_newer(log, numbers));
        assert_eq!(newer, [false, true, true, false]);
    }
}
