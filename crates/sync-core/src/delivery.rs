//! What each member holds, as far as it told us: the cursors of the outbox.
//!
//! The log is the queue: nothing is kept per item, and so nothing can block what comes after it.
//! Vectors told on a link count here for what waits for whom; whether a sale is *safe* somewhere
//! is said by durable statements alone, see `identity::statement`.

use std::collections::BTreeMap;

use base::{DeviceId, LogId, Run, Stream, Vector};

use crate::holdings::Holdings;
use crate::spans::{Span, Spans, total};

/// What members told of their holdings.
#[derive(Debug, Clone, Default)]
pub struct Delivery {
    told: BTreeMap<DeviceId, BTreeMap<LogId, Vec<Run>>>,
}

impl Delivery {
    /// Takes what a member says it holds. `whole`: logs that are not listed are not held.
    pub fn told(&mut self, member: DeviceId, vector: &Vector, whole: bool) {
        let logs = self.told.entry(member).or_default();
        if whole {
            logs.clear();
        }
        logs.extend(vector.logs().map(|(log, runs)| (log, runs.to_vec())));
    }

    /// How many of our entries `member` lacks, per stream, of those logs that count: what waits for
    /// it.
    pub fn lacks(
        &self,
        member: DeviceId,
        ours: &Holdings,
        counts: impl Fn(LogId) -> bool,
    ) -> BTreeMap<Stream, u64> {
        let mut lacks = BTreeMap::new();
        let logs = ours.logs().map(|(log, _)| log);
        for log in logs.filter(|log| !wrote(member, *log, ours) && counts(*log)) {
            let beside = ours.beside(log, self.runs(member, log));
            let lacking = total(beside.map(|(ours, theirs)| {
                let spans = ours.iter();
                total(spans.map(|span| span.count() - theirs.count_in(span)))
            }));
            if lacking > 0 {
                *lacks.entry(log.stream).or_default() += lacking;
            }
        }
        lacks
    }

    /// What `member` lacks of a log that we hold, lowest first; of several branches, of any. What it
    /// wrote itself it holds.
    pub fn lacking(&self, member: DeviceId, log: LogId, ours: &Holdings) -> Vec<Span> {
        if wrote(member, log, ours) {
            return Vec::new();
        }
        let beside = ours.beside(log, self.runs(member, log));
        let lacking = beside.flat_map(|(ours, theirs)| {
            let missing = ours.iter().flat_map(|span| theirs.missing(span));
            missing.collect::<Vec<_>>()
        });
        lacking.collect::<Spans>().iter().collect()
    }

    /// How many entries of `runs`, which are ours, `member` lacks. What it wrote itself it holds.
    pub fn lacks_of(&self, member: DeviceId, runs: &Vector, ours: &Holdings) -> u64 {
        let logs = runs.logs().filter(|(log, _)| !wrote(member, *log, ours));
        let lacking = logs.flat_map(|(log, runs)| {
            let told = self.runs(member, log);
            runs.iter().map(move |run| {
                let theirs = ours.held_of(log, run, told);
                run.count() - theirs.count_in(Span::new(run.first, run.last))
            })
        });
        total(lacking)
    }

    /// How many entries that `member` told of we lack.
    pub fn we_lack(&self, member: DeviceId, ours: &Holdings) -> u64 {
        let logs = self.told.get(&member).into_iter().flatten();
        total(logs.map(|(log, runs)| ours.lacks_in(*log, runs)))
    }

    /// Whether neither `member` nor we lack anything of a log that the other holds, as far as it
    /// told.
    pub fn in_step(&self, member: DeviceId, log: LogId, ours: &Holdings) -> bool {
        let told = self.runs(member, log);
        // Asked of every log of every peer after every input; mostly both hold the same.
        ours.is_told(log, told)
            || self.lacking(member, log, ours).is_empty() && ours.lacks_in(log, told) == 0
    }

    /// Logs that a member told of.
    pub fn logs_of(&self, member: DeviceId) -> impl Iterator<Item = LogId> {
        let told = self.told.get(&member).into_iter().flatten();
        told.map(|(log, _)| *log)
    }

    /// What `member` told of a log.
    pub fn runs(&self, member: DeviceId, log: LogId) -> &[Run] {
        self.told
            .get(&member)
            .and_then(|logs| logs.get(&log))
            .map_or(&[], Vec::as_slice)
    }
}

/// Whether a member holds a log whether it said so or not, having written it. Of a log with branches
/// there are two who wrote it under one name, and each holds its own.
fn wrote(member: DeviceId, log: LogId, ours: &Holdings) -> bool {
    log.device == member && !ours.is_forked(log)
}

#[cfg(test)]
mod tests {
    use base::hash::ChainValue;
    use base::{EpochName, Header, Mark, ShopId};

    use super::*;
    use crate::switches::Switches;

    const SHOP: ShopId = ShopId([1; 16]);
    const MEMBER: DeviceId = DeviceId([5; 16]);

    fn log() -> LogId {
        LogId::new(DeviceId([2; 16]), Stream::Sales)
    }

    fn end() -> ChainValue {
        ChainValue([9; 32])
    }

    fn ours() -> Holdings {
        let mut holdings = Holdings::new(SHOP, Switches::default());
        let header = Header {
            version: 1,
            shop: SHOP,
            device: log().device,
            stream: log().stream,
            first: 1,
            count: 10,
            epoch: EpochName([1; 8]),
            before: ChainValue::start(SHOP, log()),
            last_chain: end(),
            nonce: [0; 12],
            body_hash: None,
        };
        holdings.add(&header, &[]);
        holdings
    }

    fn vector(first: u64, last: u64, mark: Mark) -> Vector {
        [(log(), vec![Run { first, last, mark }])]
            .into_iter()
            .collect()
    }

    #[test]
    fn what_a_member_told_does_not_wait_for_it_any_more() {
        let mut delivery = Delivery::default();
        assert_eq!(
            delivery.lacks(MEMBER, &ours(), |_| true),
            [(Stream::Sales, 10)].into()
        );
        delivery.told(MEMBER, &vector(1, 4, Mark([3; 8])), true);
        assert_eq!(
            delivery.lacks(MEMBER, &ours(), |_| true),
            [(Stream::Sales, 6)].into()
        );
        delivery.told(MEMBER, &vector(1, 10, end().mark()), false);
        assert!(delivery.lacks(MEMBER, &ours(), |_| true).is_empty());
        assert_eq!(delivery.we_lack(MEMBER, &ours()), 0);
        delivery.told(MEMBER, &Vector::default(), true);
        assert_eq!(
            delivery.lacks(MEMBER, &ours(), |_| true),
            [(Stream::Sales, 10)].into()
        );
    }

    #[test]
    fn a_run_of_another_branch_is_no_copy() {
        let mut delivery = Delivery::default();
        delivery.told(MEMBER, &vector(1, 10, Mark([3; 8])), true);
        assert_eq!(
            delivery.lacks(MEMBER, &ours(), |_| true),
            [(Stream::Sales, 10)].into()
        );
        delivery.told(MEMBER, &vector(1, 10, end().mark()), true);
        assert!(delivery.lacks(MEMBER, &ours(), |_| true).is_empty());
        delivery.told(MEMBER, &vector(3, 10, end().mark()), true);
        let lacking = delivery.lacking(MEMBER, log(), &ours());
        assert_eq!(lacking, [Span::new(1, 2)]);
        assert!(delivery.lacking(log().device, log(), &ours()).is_empty());
    }

    #[test]
    fn what_we_lack_is_counted_too() {
        let mut delivery = Delivery::default();
        delivery.told(MEMBER, &vector(8, 15, Mark([3; 8])), true);
        assert_eq!(delivery.we_lack(MEMBER, &ours()), 5);
        assert!(!delivery.in_step(MEMBER, log(), &ours()));
        delivery.told(MEMBER, &vector(1, 10, end().mark()), false);
        assert!(delivery.in_step(MEMBER, log(), &ours()));
        assert_eq!(delivery.logs_of(MEMBER).collect::<Vec<_>>(), [log()]);
        delivery.told(MEMBER, &vector(1, 9, Mark([3; 8])), false);
        assert!(!delivery.in_step(MEMBER, log(), &ours()));
    }
}
