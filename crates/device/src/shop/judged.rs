//! Which entries were judged: folded or rejected, each once.

use std::collections::BTreeMap;

use base::{LogId, Mark, Run, Vector};
use sync_core::Span;

/// Numbers of each log that were judged, as runs with the mark of their last entry.
#[derive(Debug, Clone, Default)]
pub struct Judged {
    /// Per log: the first number of a run, and its last with the mark there.
    logs: BTreeMap<LogId, BTreeMap<u64, (u64, Mark)>>,
}

impl Judged {
    /// Whether an entry was judged.
    pub fn contains(&self, log: LogId, seq: u64) -> bool {
        self.run_at(log, seq).is_some()
    }

    /// The number up to which nothing of a log is left to be judged; 0 when even the first is.
    pub fn reach(&self, log: LogId) -> u64 {
        let whole = self.logs.get(&log).and_then(|runs| runs.get(&1));
        whole.map_or(0, |(last, _)| *last)
    }

    /// Takes note of an entry. Says whether it is new; a number counts once.
    pub fn add(&mut self, log: LogId, seq: u64, mark: Mark) -> bool {
        if self.contains(log, seq) {
            return false;
        }
        let runs = self.logs.entry(log).or_default();
        let (mut last, mut end) = (seq, mark);
        if let Some((joined, joined_mark)) = runs.remove(&(seq + 1)) {
            (last, end) = (joined, joined_mark);
        }
        let before = runs
            .range(..seq)
            .next_back()
            .map(|(first, (last, _))| (*first, *last));
        let first = match before {
            Some((first, last)) if last + 1 == seq => first,
            _ => seq,
        };
        runs.insert(first, (last, end));
        true
    }

    /// The parts of `after + 1..=last` of a log that were judged, lowest first.
    pub fn within(&self, log: LogId, after: u64, last: u64) -> Vec<Span> {
        let runs = self.logs.get(&log).into_iter().flatten();
        let part = |(first, (end, _)): (&u64, &(u64, Mark))| {
            let span = Span::new((*first).max(after.saturating_add(1)), (*end).min(last));
            (span.first <= span.last).then_some(span)
        };
        runs.filter_map(part).collect()
    }

    /// What was judged of every log.
    pub fn vector(&self) -> Vector {
        let runs = |runs: &BTreeMap<u64, (u64, Mark)>| {
            let run = |(first, (last, mark)): (&u64, &(u64, Mark))| Run {
                first: *first,
                last: *last,
                mark: *mark,
            };
            runs.iter().map(run).collect()
        };
        let logs = self.logs.iter();
        logs.map(|(log, all)| (*log, runs(all))).collect()
    }

    fn run_at(&self, log: LogId, seq: u64) -> Option<u64> {
        let (first, (last, _)) = self.logs.get(&log)?.range(..=seq).next_back()?;
        (*last >= seq).then_some(*first)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use base::{DeviceId, Stream};

    #[test]
    fn runs_join_whatever_the_order_and_a_number_counts_once() {
        let log = LogId::new(DeviceId([1; 16]), Stream::Sales);
        let mark = |seq: u64| Mark([seq as u8; 8]);
        for order in [
            [1, 2, 3, 5, 4],
            [5, 4, 3, 2, 1],
            [3, 1, 5, 2, 4],
            [4, 2, 1, 5, 3],
        ] {
            let mut judged = Judged::default();
            for seq in order {
                assert!(judged.add(log, seq, mark(seq)));
                assert!(!judged.add(log, seq, mark(seq)));
            }
            let run = Run {
                first: 1,
                last: 5,
                mark: mark(5),
            };
            assert_eq!(judged.vector().runs(log), [run]);
            assert!(!judged.contains(log, 6));
        }
    }

    #[test]
    fn a_gap_stays_a_gap() {
        let log = LogId::new(DeviceId([1; 16]), Stream::Sales);
        let mut judged = Judged::default();
        judged.add(log, 1, Mark([1; 8]));
        judged.add(log, 3, Mark([3; 8]));
        assert_eq!(judged.vector().contiguous(log), 1);
        assert_eq!(judged.reach(log), 1);
        assert_eq!(judged.vector().entries(), 2);
    }
}
