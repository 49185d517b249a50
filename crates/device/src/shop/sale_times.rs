//! When each sale was made, by log and number.

use std::collections::BTreeMap;
use std::collections::btree_map::Entry;

use base::LogId;
use minicbor::{Decode, Encode};

/// When each sale was made, milliseconds since 1970 by the clock of its author.
///
/// After a fork two sales have one number: then the list has the times of both, in order.
#[derive(Debug, Default)]
pub struct SaleTimes {
    logs: BTreeMap<LogId, BTreeMap<u64, u64>>,
    /// Further times of a number.
    again: BTreeMap<(LogId, u64), Vec<u64>>,
}

/// Times of sales as a checkpoint keeps them.
#[derive(Debug, Clone, PartialEq, Eq, Encode, Decode)]
#[cbor(array)]
pub struct KeptTimes {
    /// Of each sale of a log in its order: how much higher its number is than that of the one before
    /// it, and how much later it was made, milliseconds.
    #[n(0)]
    steps: BTreeMap<LogId, Vec<(u64, i64)>>,
    /// Further times of a number.
    #[n(1)]
    again: BTreeMap<(LogId, u64), Vec<u64>>,
}

impl SaleTimes {
    /// What a checkpoint keeps of it.
    pub fn kept(&self) -> KeptTimes {
        let steps = |times: &BTreeMap<u64, u64>| {
            let mut before = (0, 0);
            let step = |(seq, wall_ms): (&u64, &u64)| {
                let step = (
                    seq.wrapping_sub(before.0),
                    wall_ms.wrapping_sub(before.1) as i64,
                );
                before = (*seq, *wall_ms);
                step
            };
            times.iter().map(step).collect()
        };
        let logs = self.logs.iter();
        KeptTimes {
            steps: logs.map(|(log, times)| (*log, steps(times))).collect(),
            again: self.again.clone(),
        }
    }

    /// Takes what a checkpoint kept.
    pub fn of_kept(kept: KeptTimes) -> Self {
        let times = |steps: Vec<(u64, i64)>| {
            let (mut seq, mut wall_ms) = (0_u64, 0_u64);
            let next = |(further, later): (u64, i64)| {
                seq = seq.wrapping_add(further);
                wall_ms = wall_ms.wrapping_add(later as u64);
                (seq, wall_ms)
            };
            steps.into_iter().map(next).collect()
        };
        let steps = kept.steps.into_iter();
        Self {
            logs: steps.map(|(log, steps)| (log, times(steps))).collect(),
            again: kept.again,
        }
    }

    /// The sales of a log with their times, in the order of their numbers.
    pub fn of_log(&self, log: LogId) -> impl Iterator<Item = (u64, u64)> {
        let times = self.logs.get(&log).into_iter().flatten();
        times.map(|(seq, wall_ms)| (*seq, *wall_ms))
    }

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
    fn what_a_checkpoint_keeps_is_all_of_it() {
        let log = LogId::new(DeviceId([1; 16]), Stream::Sales);
        let mut times = SaleTimes::default();
        for (seq, wall_ms) in [(3, 1_700), (9, 1_200), (4, 2_000), (4, 900)] {
            times.add(log, seq, wall_ms);
        }
        let kept = base::cbor::encode(&times.kept());
        let kept = base::cbor::decode(&kept, "times").unwrap();
        let again = SaleTimes::of_kept(kept);
        assert_eq!(again.logs, times.logs);
        assert_eq!(again.again, times.again);
        let listed: Vec<_> = again.of_log(log).collect();
        assert_eq!(listed, [(3, 1_700), (4, 2_000), (9, 1_200)]);
    }

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
