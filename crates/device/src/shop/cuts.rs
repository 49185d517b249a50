//! Cuts: what was judged and counts no more, or counts after all, since control told more.

use std::collections::{BTreeMap, BTreeSet, VecDeque};

use base::{EntryRef, LogId, Stream};
use identity::Membership;
use sync_core::Span;

use super::judged::Judged;

/// Streams whose entries are folded.
const FOLDED: [Stream; 3] = [Stream::Sales, Stream::Shop, Stream::Office];

/// Entries of a log that were judged before its cut moved over them.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Moved {
    /// The log.
    pub log: LogId,
    /// Their numbers, lowest first; what is recounted is taken out.
    pub spans: Vec<Span>,
    /// Those that share a number with another one; they are in none of the spans.
    pub shared: BTreeSet<EntryRef>,
    /// Whether they count from now on.
    pub count: bool,
}

/// Where the logs of devices end that were put out, and what is yet to be recounted for it.
#[derive(Debug, Default)]
pub struct Cuts {
    ends: BTreeMap<LogId, u64>,
    moved: VecDeque<Moved>,
}

impl Cuts {
    /// Takes note of where logs end now. Called whenever control has told more, before anything
    /// else is judged by it: what is judged then is judged as it will stay.
    pub fn follow(&mut self, membership: &Membership, judged: &Judged) {
        for (device, member) in membership.members() {
            for stream in FOLDED {
                let log = LogId::new(device, stream);
                let end = member.end(stream);
                let before = match end {
                    Some(end) => self.ends.insert(log, end),
                    None => self.ends.remove(&log),
                };
                let [before, now] = [before, end].map(|end| end.unwrap_or(u64::MAX));
                let (spans, shared) = judged.within(log, before.min(now), before.max(now));
                if !spans.is_empty() || !shared.is_empty() {
                    let count = now > before;
                    self.moved.push_back(Moved {
                        log,
                        spans,
                        shared,
                        count,
                    });
                }
            }
        }
    }

    /// What is to be recounted next.
    pub fn next(&self) -> Option<&Moved> {
        self.moved.front()
    }

    /// What is next cannot be read now: other logs go first. Within a log the order stays, for what
    /// is taken out twice or in twice is counted wrongly.
    pub fn postpone(&mut self) {
        let Some(log) = self.moved.front().map(|moved| moved.log) else {
            return;
        };
        let all = std::mem::take(&mut self.moved).into_iter();
        let (later, now): (Vec<_>, Vec<_>) = all.partition(|moved| moved.log == log);
        self.moved = now.into_iter().chain(later).collect();
    }

    /// An entry of what is next is recounted, or will never be. `false`: it is not of that.
    pub fn done(&mut self, entry: &EntryRef) -> bool {
        let Some(moved) = self
            .moved
            .front_mut()
            .filter(|moved| moved.log == entry.log)
        else {
            return false;
        };
        let was_of_it = moved.shared.remove(entry) || moved.take(entry.seq);
        if moved.spans.is_empty() && moved.shared.is_empty() {
            self.moved.pop_front();
        }
        was_of_it
    }
}

impl Moved {
    /// The numbers of the first and the last of them.
    pub fn span(&self) -> Option<Span> {
        let shared = self
            .shared
            .iter()
            .map(|entry| Span::new(entry.seq, entry.seq));
        let all = self.spans.iter().copied().chain(shared);
        all.reduce(|all, it| Span::new(all.first.min(it.first), all.last.max(it.last)))
    }

    /// Takes a number out.
    fn take(&mut self, seq: u64) -> bool {
        let Some(at) = self
            .spans
            .iter()
            .position(|span| span.first <= seq && seq <= span.last)
        else {
            return false;
        };
        let span = self.spans.remove(at);
        if seq < span.last {
            self.spans.insert(at, Span::new(seq + 1, span.last));
        }
        if span.first < seq {
            self.spans.insert(at, Span::new(span.first, seq - 1));
        }
        true
    }
}

#[cfg(test)]
mod tests {
    use base::{DeviceId, Mark};

    use super::*;

    fn entry(log: LogId, seq: u64, branch: u8) -> EntryRef {
        let mark = Mark([branch; 8]);
        EntryRef { log, seq, mark }
    }

    #[test]
    fn what_is_recounted_is_taken_out_number_by_number_in_any_order() {
        let log = LogId::new(DeviceId([1; 16]), Stream::Sales);
        let other = LogId::new(DeviceId([2; 16]), Stream::Sales);
        let mut cuts = Cuts::default();
        cuts.moved.push_back(Moved {
            log,
            spans: vec![Span::new(3, 5), Span::new(8, 8)],
            shared: BTreeSet::from([entry(log, 9, 1), entry(log, 9, 2)]),
            count: false,
        });
        assert_eq!(cuts.next().unwrap().span(), Some(Span::new(3, 9)));
        assert!(!cuts.done(&entry(other, 4, 0)) && !cuts.done(&entry(log, 6, 0)));
        for (seq, branch) in [(4, 0), (8, 0), (9, 2), (3, 0), (9, 1)] {
            assert!(cuts.done(&entry(log, seq, branch)));
            assert!(!cuts.done(&entry(log, seq, branch)), "once");
        }
        assert_eq!(cuts.next().unwrap().span(), Some(Span::new(5, 5)));
        assert!(cuts.done(&entry(log, 5, 0)));
        assert_eq!(cuts.next(), None);
    }

    #[test]
    fn what_cannot_be_read_lets_other_logs_go_first_and_keeps_its_own_order() {
        let log = |device| LogId::new(DeviceId([device; 16]), Stream::Sales);
        let mut cuts = Cuts::default();
        for (device, count) in [(1, false), (2, false), (1, true)] {
            cuts.moved.push_back(Moved {
                log: log(device),
                spans: vec![Span::new(1, 1)],
                shared: BTreeSet::new(),
                count,
            });
        }
        cuts.postpone();
        let order = |cuts: &Cuts| -> Vec<_> {
            let moved = cuts.moved.iter();
            moved.map(|moved| (moved.log, moved.count)).collect()
        };
        assert_eq!(
            order(&cuts),
            [(log(2), false), (log(1), false), (log(1), true)]
        );
    }

    #[test]
    fn only_what_was_judged_behind_the_cut_is_recounted() {
        let log = LogId::new(DeviceId([1; 16]), Stream::Sales);
        let mut judged = Judged::default();
        for seq in [1, 2, 3, 5, 6] {
            judged.add(&entry(log, seq, 0));
        }
        let within = |after, last| judged.within(log, after, last).0;
        assert_eq!(within(2, u64::MAX), [Span::new(3, 3), Span::new(5, 6)]);
        assert_eq!(within(1, 5), [Span::new(2, 3), Span::new(5, 5)]);
        assert!(within(6, u64::MAX).is_empty());
    }
}
