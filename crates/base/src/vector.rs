//! What a device holds of each log, as runs whose chain values meet.

use std::collections::BTreeMap;

use minicbor::{Decode, Encode};

use crate::id::{LogId, Mark};

/// Entries `first..=last` of one log, seen from their end.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Encode, Decode)]
#[cbor(array)]
pub struct Run {
    /// Number of the first entry.
    #[n(0)]
    pub first: u64,
    /// Number of the last entry.
    #[n(1)]
    pub last: u64,
    /// First 8 bytes of `c(last)`.
    #[n(2)]
    pub mark: Mark,
}

impl Run {
    /// How many entries the run holds.
    pub const fn count(&self) -> u64 {
        self.last - self.first + 1
    }
}

/// What is held of every log. Runs of a log are sorted, each once; those of its branches may have
/// the same numbers.
///
/// A map with integer keys: keys that a newer release added are passed over, and never change
/// what the known ones mean.
#[derive(Debug, Clone, PartialEq, Eq, Default, Encode, Decode)]
#[cbor(map)]
pub struct Vector {
    #[n(0)]
    runs: BTreeMap<LogId, Vec<Run>>,
    #[cbor(n(1), skip_if = "BTreeMap::is_empty")]
    blocks: BTreeMap<LogId, u64>,
}

impl Vector {
    /// Every log that is spoken of, with its runs; one without runs is not held at all.
    pub fn logs(&self) -> impl Iterator<Item = (LogId, &[Run])> {
        self.runs.iter().map(|(log, runs)| (*log, runs.as_slice()))
    }

    /// The runs of a log; empty when it is not spoken of.
    pub fn runs(&self, log: LogId) -> &[Run] {
        self.runs.get(&log).map_or(&[], Vec::as_slice)
    }

    /// The number up to which full windows of a log are held as the author's blocks; 0 when nobody
    /// said.
    pub fn blocks(&self, log: LogId) -> u64 {
        self.blocks.get(&log).copied().unwrap_or(0)
    }

    /// Every log of which somebody said how far its blocks reach.
    pub fn reaches(&self) -> impl Iterator<Item = (LogId, u64)> {
        self.blocks.iter().map(|(log, reach)| (*log, *reach))
    }

    /// Says how far the blocks of a log reach; nothing when there are none.
    pub fn set_blocks(&mut self, log: LogId, reach: u64) {
        if reach > 0 {
            self.blocks.insert(log, reach);
        }
    }

    /// Speaks of a log, be it to say that nothing of it is held.
    pub fn mention(&mut self, log: LogId) {
        self.runs.entry(log).or_default();
    }

    /// Speaks no more of logs that are not to be kept.
    pub fn retain(&mut self, keep: impl Fn(LogId) -> bool) {
        self.runs.retain(|log, _| keep(*log));
        self.blocks.retain(|log, _| keep(*log));
    }

    /// Whether it speaks of no log.
    pub fn is_empty(&self) -> bool {
        self.runs.is_empty()
    }

    /// The highest number up to which nothing of `log` is missing; 0 when even the first is.
    pub fn contiguous(&self, log: LogId) -> u64 {
        match self.runs(log).first() {
            Some(run) if run.first == 1 => run.last,
            _ => 0,
        }
    }

    /// How many entries are held in all.
    pub fn entries(&self) -> u64 {
        self.runs.values().flatten().map(Run::count).sum()
    }
}

impl FromIterator<(LogId, Vec<Run>)> for Vector {
    fn from_iter<I: IntoIterator<Item = (LogId, Vec<Run>)>>(logs: I) -> Self {
        Self {
            runs: logs.into_iter().collect(),
            blocks: BTreeMap::new(),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::cbor;
    use crate::id::{DeviceId, Stream};

    fn log() -> LogId {
        LogId::new(DeviceId([1; 16]), Stream::Sales)
    }

    fn vector() -> Vector {
        let run = |first, last| Run {
            first,
            last,
            mark: Mark([last as u8; 8]),
        };
        [(log(), vec![run(1, 4), run(9, 9)])].into_iter().collect()
    }

    /// A vector's bytes up to the runs of its only log, with so many keys.
    fn bytes(keys: &str, more: &str) -> Vec<u8> {
        let log = format!("8250{}01", "01".repeat(16));
        let runs = format!("82830104480404040404040404{}", "830909480909090909090909");
        let hex = format!("{keys}00a1{log}{runs}{more}");
        data_encoding::HEXLOWER.decode(hex.as_bytes()).unwrap()
    }

    #[test]
    fn golden_bytes_of_a_vector() {
        assert_eq!(cbor::encode(&vector()), bytes("a1", ""));
        assert_eq!(cbor::decode(&bytes("a1", ""), "vector"), Ok(vector()));
        assert_eq!(cbor::encode(&Vector::default()), [0xa1, 0, 0xa0]);
    }

    #[test]
    fn how_far_blocks_reach_is_read_and_carried() {
        let reach = format!("01a18250{}01190200", "01".repeat(16));
        let bytes = bytes("a2", &reach);
        let read: Vector = cbor::decode_open(&bytes, "vector").unwrap();
        assert_eq!(
            (read.runs(log()), read.blocks(log())),
            (vector().runs(log()), 512)
        );
        assert_eq!(cbor::encode(&read), bytes);
        let mut kept = read.clone();
        kept.retain(|other| other != log());
        assert_eq!(kept, Vector::default());
        assert_eq!(vector().blocks(log()), 0);
    }

    #[test]
    fn a_key_of_a_newer_release_is_passed_over() {
        let read = cbor::decode_open(&bytes("a2", "186382f501"), "vector");
        assert_eq!(read, Ok(vector()));
    }
}
