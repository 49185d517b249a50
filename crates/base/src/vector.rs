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

/// What is held of every log. Runs of a log are sorted and do not touch.
#[derive(Debug, Clone, PartialEq, Eq, Default, Encode, Decode)]
#[cbor(transparent)]
pub struct Vector(#[n(0)] pub BTreeMap<LogId, Vec<Run>>);

impl Vector {
    /// The highest number up to which nothing of `log` is missing; 0 when even the first is.
    pub fn contiguous(&self, log: LogId) -> u64 {
        match self.0.get(&log).and_then(|runs| runs.first()) {
            Some(run) if run.first == 1 => run.last,
            _ => 0,
        }
    }

    /// How many entries are held in all.
    pub fn entries(&self) -> u64 {
        self.0.values().flatten().map(Run::count).sum()
    }
}
