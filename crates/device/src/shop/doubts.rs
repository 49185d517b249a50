//! Doubts: what was judged, and may be judged otherwise since control told more.

use std::collections::{BTreeMap, BTreeSet, VecDeque};

use base::{DeviceId, EntryRef, LogId, Stream};
use identity::Membership;
use identity::membership::Member;
use identity::role::DeviceRole;
use sync_core::{Span, Spans};

use super::judged::Judged;

/// Streams whose entries are judged by control.
const SEALED: [Stream; 3] = [Stream::Sales, Stream::Shop, Stream::Office];

/// What decides about all entries of a member at once.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
struct Standing {
    role: DeviceRole,
    /// Behind which number of each of [`SEALED`] nothing counts.
    ends: [u64; SEALED.len()],
}

/// Entries of a log that were judged and are in doubt.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Doubt {
    /// The log.
    pub log: LogId,
    /// Their numbers.
    spans: Spans,
    /// Those that share a number with another one; they are in none of the spans.
    shared: BTreeSet<EntryRef>,
}

/// By what everything was judged, and what is to be judged again by what control says now.
#[derive(Debug, Default)]
pub struct Doubts {
    standings: BTreeMap<DeviceId, Standing>,
    /// [`Membership::rights_rewritten`] when last looked at.
    rights_rewritten: u64,
    /// One of each log.
    open: VecDeque<Doubt>,
}

impl Standing {
    fn of(member: &Member) -> Self {
        let ends = SEALED.map(|stream| member.end(stream).unwrap_or(u64::MAX));
        let role = member.role;
        Self { role, ends }
    }
}

impl Doubts {
    /// Takes note of what control says now. Called whenever it has told more, before anything else
    /// is judged by it: what is judged then is judged as it will stay.
    pub fn follow(&mut self, membership: &Membership, judged: &Judged) {
        let now: BTreeMap<_, _> = membership
            .members()
            .map(|(device, member)| (device, Standing::of(member)))
            .collect();
        let before = std::mem::replace(&mut self.standings, now.clone());
        for (device, before) in before {
            match now.get(&device) {
                Some(now) if now.role == before.role => {
                    let ends = before.ends.into_iter().zip(now.ends);
                    for (stream, (before, now)) in SEALED.into_iter().zip(ends) {
                        let log = LogId::new(device, stream);
                        self.add(log, before.min(now), before.max(now), judged);
                    }
                }
                _ => self.add_all(device, &SEALED, judged),
            }
        }
        if self.rights_rewritten != membership.rights_rewritten() {
            self.rights_rewritten = membership.rights_rewritten();
            for device in now.into_keys() {
                // Sales are never rejected for a person's rights.
                self.add_all(device, &[Stream::Shop, Stream::Office], judged);
            }
        }
    }

    fn add_all(&mut self, device: DeviceId, streams: &[Stream], judged: &Judged) {
        for stream in streams {
            self.add(LogId::new(device, *stream), 0, u64::MAX, judged);
        }
    }

    /// What was judged of `after + 1..=last` is in doubt.
    fn add(&mut self, log: LogId, after: u64, last: u64, judged: &Judged) {
        let (spans, shared) = judged.within(log, after, last);
        if spans.is_empty() && shared.is_empty() {
            return;
        }
        match self.open.iter_mut().find(|doubt| doubt.log == log) {
            Some(doubt) => {
                spans.into_iter().for_each(|span| doubt.spans.insert(span));
                // Another branch may have come since.
                for entry in &shared {
                    doubt.spans.remove(Span::new(entry.seq, entry.seq));
                }
                doubt.shared.extend(shared);
            }
            None => {
                let spans = spans.into_iter().collect();
                self.open.push_back(Doubt { log, spans, shared });
            }
        }
    }

    /// What is to be judged again next.
    pub fn next(&self) -> Option<&Doubt> {
        self.open.front()
    }

    /// What is next cannot be read now: other logs go first.
    pub fn postpone(&mut self) {
        if !self.open.is_empty() {
            self.open.rotate_left(1);
        }
    }

    /// An entry is judged again. `false`: it was in no doubt.
    pub fn settle(&mut self, entry: &EntryRef, judged: &Judged) -> bool {
        let of_log = self.open.iter().position(|doubt| doubt.log == entry.log);
        let Some((at, doubt)) = of_log.and_then(|at| Some((at, self.open.get_mut(at)?))) else {
            return false;
        };
        doubt.tell_apart(entry.seq, judged);
        let number = Span::new(entry.seq, entry.seq);
        let is_only = doubt.spans.covers(number) && judged.contains(entry);
        if is_only {
            doubt.spans.remove(number);
        }
        let was_in_doubt = doubt.shared.remove(entry) || is_only;
        if doubt.spans.is_empty() && doubt.shared.is_empty() {
            self.open.remove(at);
        }
        was_in_doubt
    }
}

impl Doubt {
    /// Where another branch has come since to a number that is in doubt, both are.
    fn tell_apart(&mut self, seq: u64, judged: &Judged) {
        let number = Span::new(seq, seq);
        if self.spans.covers(number) && judged.marks(self.log, seq) > 1 {
            let (_, shared) = judged.within(self.log, seq - 1, seq);
            self.spans.remove(number);
            self.shared.extend(shared);
        }
    }

    /// The numbers of the first and the last of them.
    pub fn span(&self) -> Option<Span> {
        let shared = self.shared.iter();
        let shared = shared.map(|entry| Span::new(entry.seq, entry.seq));
        let all = self.spans.iter().chain(shared);
        all.reduce(|all, it| Span::new(all.first.min(it.first), all.last.max(it.last)))
    }
}

#[cfg(test)]
mod tests {
    use base::Mark;

    use super::*;

    fn log(device: u8) -> LogId {
        LogId::new(DeviceId([device; 16]), Stream::Sales)
    }

    fn entry(log: LogId, seq: u64, branch: u8) -> EntryRef {
        let mark = Mark([branch; 8]);
        EntryRef { log, seq, mark }
    }

    fn judged(entries: &[EntryRef]) -> Judged {
        let mut judged = Judged::default();
        for entry in entries {
            judged.count(entry);
        }
        judged
    }

    #[test]
    fn what_is_judged_again_is_taken_out_number_by_number_in_any_order() {
        let (log, other) = (log(1), log(2));
        let of_log = [(3, 0), (4, 0), (5, 0), (8, 0), (9, 1), (9, 2), (10, 0)];
        let judged = judged(&of_log.map(|(seq, branch)| entry(log, seq, branch)));
        let mut doubts = Doubts::default();
        doubts.add(log, 2, 9, &judged);
        assert_eq!(doubts.next().unwrap().span(), Some(Span::new(3, 9)));
        assert!(
            !doubts.settle(&entry(other, 4, 0), &judged)
                && !doubts.settle(&entry(log, 10, 0), &judged)
        );
        for (seq, branch) in [(4, 0), (8, 0), (9, 2), (3, 0), (9, 1)] {
            assert!(doubts.settle(&entry(log, seq, branch), &judged));
            assert!(!doubts.settle(&entry(log, seq, branch), &judged), "once");
        }
        assert_eq!(doubts.next().unwrap().span(), Some(Span::new(5, 5)));
        assert!(doubts.settle(&entry(log, 5, 0), &judged));
        assert_eq!(doubts.next(), None);
    }

    #[test]
    fn what_cannot_be_read_lets_other_logs_go_first() {
        let logs = [log(1), log(2), log(3)];
        let judged = judged(&logs.map(|log| entry(log, 1, 0)));
        let mut doubts = Doubts::default();
        for log in logs {
            doubts.add(log, 0, u64::MAX, &judged);
        }
        doubts.postpone();
        assert_eq!(doubts.next().unwrap().log, logs[1]);
        doubts.postpone();
        doubts.postpone();
        assert_eq!(doubts.next().unwrap().log, logs[0]);
    }

    #[test]
    fn what_is_in_doubt_once_more_is_in_doubt_once() {
        let log = log(1);
        let mut judged = judged(&[1, 2, 3, 4].map(|seq| entry(log, seq, 0)));
        let mut doubts = Doubts::default();
        doubts.add(log, 1, 3, &judged);
        // The other branch of a number comes meanwhile.
        judged.count(&entry(log, 3, 9));
        doubts.add(log, 2, u64::MAX, &judged);
        for (seq, branch) in [(2, 0), (3, 0), (3, 9), (4, 0)] {
            assert!(
                doubts.settle(&entry(log, seq, branch), &judged),
                "{seq} {branch}"
            );
        }
        assert_eq!(doubts.next(), None);
    }

    /// One of another branch waits still, or came meanwhile and is judged as it will stay.
    #[test]
    fn an_entry_does_not_settle_the_doubt_of_another_branch() {
        let log = log(1);
        let (ours, theirs) = (entry(log, 2, 0), entry(log, 2, 9));
        let mut judged = judged(&[entry(log, 1, 0), ours]);
        let mut doubts = Doubts::default();
        doubts.add(log, 1, u64::MAX, &judged);
        assert!(!doubts.settle(&theirs, &judged), "it waits");
        judged.count(&theirs);
        doubts.settle(&theirs, &judged);
        assert_eq!(doubts.next().unwrap().span(), Some(Span::new(2, 2)));
        assert!(doubts.settle(&ours, &judged));
        assert_eq!(doubts.next(), None);
    }

    #[test]
    fn only_what_was_judged_is_in_doubt() {
        let log = log(1);
        let judged = judged(&[1, 2, 3, 5, 6].map(|seq| entry(log, seq, 0)));
        let within = |after, last| judged.within(log, after, last).0;
        assert_eq!(within(2, u64::MAX), [Span::new(3, 3), Span::new(5, 6)]);
        assert_eq!(within(1, 5), [Span::new(2, 3), Span::new(5, 5)]);
        assert!(within(6, u64::MAX).is_empty());
    }
}
