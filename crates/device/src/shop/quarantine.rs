//! What is never applied, and why.

use std::collections::BTreeMap;

use base::EntryRef;
use base::limits::QUARANTINE_ENTRIES_MAX;

/// Entries that were rejected. At most [`QUARANTINE_ENTRIES_MAX`] are kept with their reasons; of
/// what is beyond only the number is known.
#[derive(Debug, Default)]
pub struct Quarantine {
    reasons: BTreeMap<EntryRef, &'static str>,
    beyond: usize,
}

impl Quarantine {
    /// Takes note of an entry and why it is never applied.
    pub fn insert(&mut self, reference: EntryRef, why: &'static str) {
        if self.reasons.len() < QUARANTINE_ENTRIES_MAX || self.reasons.contains_key(&reference) {
            self.reasons.insert(reference, why);
        } else {
            self.beyond += 1;
        }
    }

    /// An entry can be applied after all.
    pub fn release(&mut self, reference: &EntryRef) {
        self.reasons.remove(reference);
    }

    /// How many entries were rejected.
    pub fn len(&self) -> usize {
        self.reasons.len() + self.beyond
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use base::{DeviceId, LogId, Mark, Stream};

    #[test]
    fn rejected_entries_are_counted_beyond_what_is_kept_of_them() {
        let reference = |seq| EntryRef {
            log: LogId::new(DeviceId([1; 16]), Stream::Sales),
            seq,
            mark: Mark([2; 8]),
        };
        let mut quarantine = Quarantine::default();
        for seq in 0..QUARANTINE_ENTRIES_MAX as u64 + 5 {
            quarantine.insert(reference(seq), "for a test");
            quarantine.insert(reference(1), "for a test");
        }
        assert_eq!(quarantine.reasons.len(), QUARANTINE_ENTRIES_MAX);
        assert_eq!(quarantine.len(), QUARANTINE_ENTRIES_MAX + 5);
        quarantine.release(&reference(1));
        assert_eq!(quarantine.len(), QUARANTINE_ENTRIES_MAX + 4);
    }
}
