//! What is counted since the device was opened.

use std::collections::BTreeSet;

use sync_core::Counters;

use crate::Device;
use crate::api::{CommitTimes, Metrics, Traffic};

impl Device {
    /// Everything that is counted, in all and per link.
    pub(crate) fn metrics(&self) -> Metrics {
        let counters = self.counters.iter();
        let mut counters: Vec<_> = counters
            .map(|(name, value)| ((*name).to_owned(), *value))
            .collect();
        let duplicates = self.replica.as_ref().map(|replica| replica.duplicates());
        counters.extend(duplicates.map(|count| ("duplicates".to_owned(), count)));
        let carried = self.links.carried();
        let of = |device: Option<base::DeviceId>| {
            let counters = carried.get(&device).copied().unwrap_or_default();
            let replica = self.replica.as_ref();
            let resent = device.zip(replica);
            let resent = resent.map_or(0, |(device, replica)| replica.resent(device));
            let retries = device.map_or(0, |device| self.meeting.retries(device));
            traffic(&counters, retries, resent)
        };
        let members = self.members().into_iter();
        let others = members.filter(|member| !member.this_device);
        let known: BTreeSet<_> = others
            .map(|member| member.device)
            .chain(carried.keys().copied().flatten())
            .collect();
        let links: Vec<_> = known
            .into_iter()
            .map(|device| (device, of(Some(device))))
            .collect();
        let all = links.iter().map(|(_, traffic)| *traffic);
        Metrics {
            counters,
            commit_times: self.commit_times,
            traffic: all.fold(of(None), sum),
            links,
        }
    }
}

fn traffic(counters: &Counters, retries: u64, resent: u64) -> Traffic {
    Traffic {
        frames_out: counters.frames_out,
        frames_in: counters.frames_in,
        bytes_out: counters.bytes_out,
        bytes_in: counters.bytes_in,
        retries,
        resent,
    }
}

fn sum(a: Traffic, b: Traffic) -> Traffic {
    Traffic {
        frames_out: a.frames_out + b.frames_out,
        frames_in: a.frames_in + b.frames_in,
        bytes_out: a.bytes_out + b.bytes_out,
        bytes_in: a.bytes_in + b.bytes_in,
        retries: a.retries + b.retries,
        resent: a.resent + b.resent,
    }
}

impl CommitTimes {
    /// Upper bounds, milliseconds. What people feel lies between 10 and 100.
    pub const BOUNDS_MS: [u64; 10] = [1, 2, 5, 10, 20, 50, 100, 200, 500, 1_000];

    /// Takes note of a commit.
    pub fn add(&mut self, took_ms: u64) {
        self.total_ms = self.total_ms.saturating_add(took_ms);
        let within = Self::BOUNDS_MS.partition_point(|bound_ms| *bound_ms < took_ms);
        if let Some(count) = self.counts.get_mut(within) {
            *count += 1;
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_commit_counts_under_the_first_bound_that_it_keeps() {
        let mut times = CommitTimes::default();
        for took_ms in [0, 1, 2, 3, 1_000, 1_001] {
            times.add(took_ms);
        }
        assert_eq!(times.counts, [2, 1, 1, 0, 0, 0, 0, 0, 0, 1, 1]);
        assert_eq!(times.total_ms, 2_007);
    }
}
