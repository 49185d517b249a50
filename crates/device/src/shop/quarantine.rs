//! What is never applied, and why.

use std::collections::{BTreeMap, BTreeSet};

use base::limits::QUARANTINE_ENTRIES_MAX;
use base::{EntryRef, LogId};
use sync_core::Span;

/// Why nothing of a segment is applied whose secret does not open it.
const UNOPENED: &str = "was sealed wrongly, or damaged, and cannot be opened";

/// Why entries were rejected: of at most [`QUARANTINE_ENTRIES_MAX`]. Which ones were is told by
/// [`Judged`](super::judged::Judged), of all. Of segments that cannot be opened as many are kept; more
/// are not counted, because the same one can come any number of times.
#[derive(Debug, Default)]
pub struct Quarantine {
    reasons: BTreeMap<EntryRef, &'static str>,
    /// The last entries of segments that cannot be opened.
    unopened: BTreeSet<EntryRef>,
}

impl Quarantine {
    /// Takes note of why an entry is rejected, in place of what was said before.
    pub fn insert(&mut self, reference: EntryRef, why: &'static str) {
        if self.reasons.len() < QUARANTINE_ENTRIES_MAX || self.reasons.contains_key(&reference) {
            self.reasons.insert(reference, why);
        }
    }

    /// An entry is rejected no more.
    pub fn remove(&mut self, reference: &EntryRef) {
        self.reasons.remove(reference);
    }

    /// Takes note of the last entry of a segment that cannot be opened.
    pub fn unopened(&mut self, last: EntryRef) {
        if self.unopened.len() < QUARANTINE_ENTRIES_MAX {
            self.unopened.insert(last);
        }
    }

    /// The segment that ends here was opened after all. Why its last entry was rejected stays.
    pub fn opened(&mut self, last: &EntryRef) {
        self.unopened.remove(last);
    }

    /// Runs of entries that were rejected for one reason, log by log; then the last entries of
    /// segments that cannot be opened.
    pub fn runs(&self) -> Vec<(LogId, Span, &'static str)> {
        let mut runs: Vec<(LogId, Span, &str)> = Vec::new();
        let unopened = self.unopened.iter().map(|last| (last, &UNOPENED));
        for (EntryRef { log, seq, .. }, why) in self.reasons.iter().chain(unopened) {
            match runs.last_mut() {
                Some((of, span, same)) if (*of, span.last + 1, *same) == (*log, *seq, why) => {
                    span.last = *seq;
                }
                _ => runs.push((*log, Span::new(*seq, *seq), why)),
            }
        }
        runs
    }

    /// How many segments cannot be opened.
    pub fn segments(&self) -> usize {
        self.unopened.len()
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use base::{DeviceId, LogId, Mark, Stream};

    fn reference(seq: u64) -> EntryRef {
        EntryRef {
            log: LogId::new(DeviceId([1; 16]), Stream::Sales),
            seq,
            mark: Mark([2; 8]),
        }
    }

    #[test]
    fn the_reasons_of_so_many_are_kept() {
        let mut quarantine = Quarantine::default();
        for seq in 0..QUARANTINE_ENTRIES_MAX as u64 + 5 {
            quarantine.insert(reference(seq), "for a test");
            quarantine.insert(reference(1), "for a test");
        }
        assert_eq!(quarantine.reasons.len(), QUARANTINE_ENTRIES_MAX);
    }

    #[test]
    fn what_was_rejected_for_one_reason_is_told_as_runs() {
        let mut quarantine = Quarantine::default();
        for (seq, why) in [
            (4, "one"),
            (2, "one"),
            (3, "one"),
            (5, "other"),
            (7, "other"),
        ] {
            quarantine.insert(reference(seq), why);
        }
        quarantine.unopened(reference(9));
        let log = reference(1).log;
        let run = |first, last, why| (log, Span::new(first, last), why);
        let runs = [
            run(2, 4, "one"),
            run(5, 5, "other"),
            run(7, 7, "other"),
            run(9, 9, UNOPENED),
        ];
        assert_eq!(quarantine.runs(), runs);
        quarantine.remove(&reference(3));
        assert_eq!(quarantine.runs().len(), 5);
    }

    #[test]
    fn a_segment_that_cannot_be_opened_counts_once_and_until_it_is_opened() {
        let mut quarantine = Quarantine::default();
        for last in [2, 3, 2, 3, 2] {
            quarantine.unopened(reference(last));
        }
        assert_eq!(quarantine.segments(), 2);
        quarantine.opened(&reference(2));
        quarantine.opened(&reference(2));
        assert_eq!(quarantine.segments(), 1);
        for last in 0..QUARANTINE_ENTRIES_MAX as u64 + 5 {
            quarantine.unopened(reference(last));
        }
        assert_eq!(quarantine.segments(), QUARANTINE_ENTRIES_MAX);
    }

    #[test]
    fn why_an_entry_was_rejected_stays_when_its_segment_is_opened_again() {
        let mut quarantine = Quarantine::default();
        quarantine.insert(reference(1), "for a test");
        quarantine.opened(&reference(1));
        assert_eq!(quarantine.runs().len(), 1);
    }
}
