//! When each sale was made, by log and number.

use std::collections::BTreeMap;
use std::collections::btree_map::Entry;

use base::LogId;

/// When each sale was made, milliseconds since 1970 by the clock of its author.
///
/// After a fork two sales have one number: then the list has the times of both, in order.
#[derive(Debug, Default)]
pub struct SaleTimes {
    logs: BTreeMap<LogId, BTreeMap<u64, u64>>,
    /// Further times of a number.
    again: BTreeMap<(LogId, u64), Vec<u64>>,
}

impl SaleTimes {
    /// When a sale with this number was made; of two, the one that came first here.
    pub fn of(&self, log: LogId, seq: u64) -> Option<u64> {
        self.logs.get(&log)?.get(&seq).copied()
    }

    /// Takes note of a sale.
    pub fn add(&mut self, log: LogId, seq: u64, wall_ms: u64) {
        match self.logs.entry(log).or_default().entry(seq) {
            Entry::Vacant(free) => {
                free.insert(wall_ms);
            }
            Entry::Occupied(_) => self.again.entry((log, seq)).or_default().push(wall_ms),
        }
    }

    /// A sale does not count any more.
    pub fn take(&mut self, log: LogId, seq: u64, wall_ms: u64) {
        if let Some(again) = self.again.get_mut(&(log, seq)) {
            let other = again.iter().position(|other| *other == wall_ms);
            // Where it is not among the further ones it is the first, and one of them follows it.
            let next = other
                .map(|at| again.remove(at))
                .is_none()
                .then(|| again.pop());
            if again.is_empty() {
                self.again.remove(&(log, seq));
            }
            if let Some(next) = next.flatten() {
                self.logs.entry(log).or_default().insert(seq, next);
            }
        } else if let Some(times) = self.logs.get_mut(&log) {
            times.remove(&seq);
        }
    }
}

#[cfg(test)]
mod tests {
    use base::{DeviceId, Stream};

    use super::*;

    #[test]
    fn a_number_has_a_time_while_a_sale_has_it() {
        let log = LogId::new(DeviceId([1; 16]), Stream::Sales);
        for gone in [[10, 20, 30], [30, 20, 10], [20, 10, 30]] {
            let mut times = SaleTimes::default();
            for wall_ms in [10, 20, 30] {
                times.add(log, 4, wall_ms);
            }
            for wall_ms in gone {
                assert!(times.of(log, 4).is_some());
                times.take(log, 4, wall_ms);
            }
            assert_eq!(times.of(log, 4), None);
            assert!(times.again.is_empty());
        }
    }
}
