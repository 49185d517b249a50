//! Which entries were judged: folded or rejected, each once.

use std::collections::{BTreeMap, BTreeSet};

use base::limits::BLOCK_ENTRIES;
use base::{DeviceId, EntryRef, LogId, Malformed, Mark, Run, Stream, Vector};
use minicbor::{Decode, Encode};
use sync_core::{Span, Spans};

/// Entries of each log that were judged.
#[derive(Debug, Clone, Default)]
pub struct Judged {
    logs: BTreeMap<LogId, JudgedLog>,
    /// How many were judged of each stream.
    counts: BTreeMap<Stream, u64>,
    /// How many of them were rejected.
    rejected: u64,
}

/// Judged entries of one log: at a number one, and after a fork several, told apart by their marks.
#[derive(Debug, Clone, Default)]
struct JudgedLog {
    numbers: Spans,
    /// The mark that came first at each number, by windows of [`BLOCK_ENTRIES`].
    marks: BTreeMap<u64, Vec<Mark>>,
    /// The marks that came later at a number that had one.
    again: BTreeMap<u64, BTreeSet<Mark>>,
    /// Numbers whose first mark was rejected.
    rejected: Spans,
    /// Those of `again` that were rejected.
    rejected_again: BTreeSet<(u64, Mark)>,
}

/// Judged entries of one log, as a checkpoint keeps them.
#[derive(Debug, Clone, PartialEq, Eq, Encode, Decode)]
#[cbor(array)]
pub struct KeptLog {
    /// The first and the last number of each span, lowest first.
    #[n(0)]
    spans: Vec<(u64, u64)>,
    /// The mark that came first at each of their numbers, 8 bytes each.
    #[cbor(n(1), with = "minicbor::bytes")]
    marks: Vec<u8>,
    /// The marks that came later at a number that had one.
    #[n(2)]
    again: BTreeMap<u64, BTreeSet<Mark>>,
}

/// Where a number stands among the windows.
fn place(seq: u64) -> (u64, usize) {
    let size = u64::from(BLOCK_ENTRIES);
    (seq / size, (seq % size) as usize)
}

/// The windows that a span lies in, with its places in each.
fn windows(span: Span) -> impl Iterator<Item = (u64, std::ops::RangeInclusive<usize>)> {
    let (first, last) = (place(span.first), place(span.last));
    let end = BLOCK_ENTRIES as usize - 1;
    (first.0..=last.0).map(move |window| {
        let from = if window == first.0 { first.1 } else { 0 };
        let to = if window == last.0 { last.1 } else { end };
        (window, from..=to)
    })
}

impl JudgedLog {
    fn first_mark(&self, seq: u64) -> Option<Mark> {
        let (window, at) = place(seq);
        let held = self.numbers.covers(Span::new(seq, seq));
        self.marks.get(&window)?.get(at).copied().filter(|_| held)
    }

    /// The marks that came first at the numbers of a span that was judged, in their order.
    fn first_marks(&self, span: Span) -> impl Iterator<Item = Mark> {
        windows(span).flat_map(|(window, at)| {
            let marks = self.marks.get(&window).and_then(|marks| marks.get(at));
            marks.into_iter().flatten().copied()
        })
    }

    fn set_first_mark(&mut self, seq: u64, mark: Mark) {
        let (window, at) = place(seq);
        let marks = self.marks.entry(window).or_default();
        marks.resize(marks.len().max(at + 1), Mark([0; 8]));
        if let Some(place) = marks.get_mut(at) {
            *place = mark;
        }
    }

    fn add(&mut self, seq: u64, mark: Mark) -> bool {
        match self.first_mark(seq) {
            None => {
                self.set_first_mark(seq, mark);
                self.numbers.insert(Span::new(seq, seq));
                true
            }
            Some(first) => first != mark && self.again.entry(seq).or_default().insert(mark),
        }
    }

    /// Takes out an entry that was judged, with what was said of it.
    fn remove(&mut self, seq: u64, mark: Mark) {
        self.set_rejected(seq, mark, false);
        let is_first = self.first_mark(seq) == Some(mark);
        let mut later = self.again.remove(&seq).unwrap_or_default();
        if !is_first {
            later.remove(&mark);
        } else if let Some(next) = later.pop_first() {
            let rejected = self.rejected_again.remove(&(seq, next));
            self.set_first_mark(seq, next);
            self.set_rejected(seq, next, rejected);
        } else {
            self.numbers.remove(Span::new(seq, seq));
        }
        if !later.is_empty() {
            self.again.insert(seq, later);
        }
    }

    fn is_rejected(&self, seq: u64, mark: Mark) -> bool {
        if self.first_mark(seq) == Some(mark) {
            self.rejected.covers(Span::new(seq, seq))
        } else {
            self.rejected_again.contains(&(seq, mark))
        }
    }

    /// Says of an entry that was judged whether it was rejected.
    fn set_rejected(&mut self, seq: u64, mark: Mark, rejected: bool) {
        let span = Span::new(seq, seq);
        match (self.first_mark(seq) == Some(mark), rejected) {
            (true, true) => self.rejected.insert(span),
            (true, false) if self.rejected.is_empty() => {}
            (true, false) => self.rejected.remove(span),
            (false, true) => drop(self.rejected_again.insert((seq, mark))),
            (false, false) => drop(self.rejected_again.remove(&(seq, mark))),
        }
    }

    /// What counts, as a checkpoint keeps it. `None` where of several entries with one number only
    /// some were rejected.
    fn kept(&self) -> Option<KeptLog> {
        let mut numbers = self.numbers.clone();
        self.rejected.iter().for_each(|span| numbers.remove(span));
        for (seq, marks) in &self.again {
            let first = self.rejected.covers(Span::new(*seq, *seq));
            let alike = |mark: &Mark| self.rejected_again.contains(&(*seq, *mark)) == first;
            if !marks.iter().all(alike) {
                return None;
            }
        }
        let marks = numbers.iter().flat_map(|span| self.first_marks(span));
        let again = self.again.iter();
        let again = again.filter(|(seq, _)| numbers.covers(Span::new(**seq, **seq)));
        Some(KeptLog {
            spans: numbers.iter().map(|span| (span.first, span.last)).collect(),
            marks: marks.flat_map(|mark| mark.0).collect(),
            again: again.map(|(seq, marks)| (*seq, marks.clone())).collect(),
        })
    }

    fn contains(&self, seq: u64, mark: Mark) -> bool {
        let again = || {
            self.again
                .get(&seq)
                .is_some_and(|marks| marks.contains(&mark))
        };
        self.first_mark(seq)
            .is_some_and(|first| first == mark || again())
    }

    /// The marks at a number, in their order.
    fn marks(&self, seq: u64) -> BTreeSet<Mark> {
        let again = self.again.get(&seq).into_iter().flatten().copied();
        again.chain(self.first_mark(seq)).collect()
    }

    /// The same for the same entries, in whatever order they came: runs are cut wherever the count
    /// of branches changes, and each has the marks at its end.
    fn runs(&self) -> Vec<Run> {
        let runs = self.numbers.iter().flat_map(|span| self.even_parts(span));
        let of = |span: Span| {
            let run = move |mark| Run {
                first: span.first,
                last: span.last,
                mark,
            };
            self.marks(span.last).into_iter().map(run)
        };
        runs.flat_map(of).collect()
    }

    /// Parts of a span with as many branches at each number.
    fn even_parts(&self, span: Span) -> Vec<Span> {
        let again = self.again.range(span.first..=span.last);
        let counts = again.map(|(seq, marks)| (*seq, marks.len()));
        let mut parts: Vec<(Span, usize)> = Vec::new();
        let mut next = span.first;
        for (seq, count) in counts {
            if next < seq {
                parts.push((Span::new(next, seq - 1), 0));
            }
            match parts.last_mut() {
                Some((part, same)) if *same == count && part.last + 1 == seq => part.last = seq,
                _ => parts.push((Span::new(seq, seq), count)),
            }
            next = seq + 1;
        }
        if next <= span.last {
            parts.push((Span::new(next, span.last), 0));
        }
        parts.into_iter().map(|(part, _)| part).collect()
    }
}

impl Judged {
    /// Whether an entry was judged.
    pub fn contains(&self, entry: &EntryRef) -> bool {
        let log = self.logs.get(&entry.log);
        log.is_some_and(|log| log.contains(entry.seq, entry.mark))
    }

    /// Whether any entry with this number was judged.
    pub fn has_number(&self, log: LogId, seq: u64) -> bool {
        let log = self.logs.get(&log);
        log.is_some_and(|log| log.numbers.covers(Span::new(seq, seq)))
    }

    /// How many entries with this number were judged: one, or after a fork several.
    pub fn marks(&self, log: LogId, seq: u64) -> usize {
        self.logs.get(&log).map_or(0, |log| log.marks(seq).len())
    }

    /// Takes note of an entry that counts. Says whether nothing was said of it before; an entry
    /// counts once.
    pub fn count(&mut self, entry: &EntryRef) -> bool {
        self.judge(entry, false)
    }

    /// Takes note of an entry that was rejected. Says whether nothing was said of it before.
    pub fn reject(&mut self, entry: &EntryRef) -> bool {
        self.judge(entry, true)
    }

    fn judge(&mut self, entry: &EntryRef, rejected: bool) -> bool {
        let EntryRef { log, seq, mark } = *entry;
        let judged = self.logs.entry(log).or_default();
        let is_new = judged.add(seq, mark);
        self.rejected -= u64::from(judged.is_rejected(seq, mark));
        self.rejected += u64::from(rejected);
        judged.set_rejected(seq, mark, rejected);
        *self.counts.entry(log.stream).or_default() += u64::from(is_new);
        is_new
    }

    /// An entry that was judged is to wait again.
    pub fn remove(&mut self, entry: &EntryRef) {
        let Some(log) = self.logs.get_mut(&entry.log) else {
            return;
        };
        let EntryRef { seq, mark, .. } = *entry;
        if log.contains(seq, mark) {
            self.rejected -= u64::from(log.is_rejected(seq, mark));
            log.remove(seq, mark);
            let count = self.counts.entry(entry.log.stream).or_default();
            *count = count.saturating_sub(1);
        }
    }

    /// Whether an entry was judged and counts.
    pub fn counts(&self, entry: &EntryRef) -> bool {
        let log = self.logs.get(&entry.log);
        log.is_some_and(|log| {
            log.contains(entry.seq, entry.mark) && !log.is_rejected(entry.seq, entry.mark)
        })
    }

    /// How many entries were rejected.
    pub const fn rejected(&self) -> u64 {
        self.rejected
    }

    /// How many entries of a stream were judged.
    pub fn entries_of(&self, stream: Stream) -> u64 {
        self.counts.get(&stream).copied().unwrap_or_default()
    }

    /// The marks of the entries numbered `span` of a log of which one branch was judged, in order, where
    /// all were and the last one has this mark.
    pub fn leading_to(&self, log: LogId, span: Span, end: Mark) -> Option<Vec<Mark>> {
        let log = self.logs.get(&log).filter(|log| log.again.is_empty())?;
        if !log.numbers.covers(span) {
            return None;
        }
        let marks: Vec<_> = log.first_marks(span).collect();
        (marks.last() == Some(&end)).then_some(marks)
    }

    /// Every entry of a log that was judged.
    pub fn entries(&self, log: LogId) -> impl Iterator<Item = (u64, Mark)> {
        let judged = self.logs.get(&log).into_iter();
        judged.flat_map(|judged| {
            let spans = judged.numbers.iter();
            let first =
                spans.flat_map(|span| (span.first..=span.last).zip(judged.first_marks(span)));
            let again = judged.again.iter();
            first.chain(again.flat_map(|(seq, marks)| marks.iter().map(|mark| (*seq, *mark))))
        })
    }

    /// What a checkpoint keeps of all logs but those of `control`: what was judged but for what was
    /// rejected. `None` where of several entries with one number only some were rejected.
    pub fn kept(&self) -> Option<BTreeMap<LogId, KeptLog>> {
        let sealed = self.logs.iter();
        let sealed = sealed.filter(|(log, _)| log.stream != Stream::Control);
        sealed
            .map(|(log, judged)| Some((*log, judged.kept()?)))
            .collect()
    }

    /// Takes what a checkpoint kept, in place of what was judged of these logs.
    ///
    /// # Errors
    /// [`Malformed`] where it is none that we wrote; then nothing of that log is taken.
    pub fn restore(&mut self, log: LogId, kept: &KeptLog) -> Result<(), Malformed> {
        let mut judged = JudgedLog::default();
        let mut marks = kept.marks.chunks_exact(size_of::<Mark>());
        let mut behind = 0;
        for (first, last) in kept.spans.iter().copied() {
            let span = Span::new(first, last);
            if first <= behind || last < first || span.count() > marks.len() as u64 {
                return Err(Malformed::Rule("spans rise, each with its marks"));
            }
            behind = last;
            for (window, at) in windows(span) {
                let places = judged.marks.entry(window).or_default();
                places.resize(at.end() + 1, Mark([0; 8]));
                let places = places.get_mut(at).into_iter().flatten();
                for (place, mark) in places.zip(marks.by_ref()) {
                    place.0.copy_from_slice(mark);
                }
            }
            judged.numbers.insert(span);
        }
        let known = |seq: &u64| judged.numbers.covers(Span::new(*seq, *seq));
        if marks.next().is_some() || !kept.again.keys().all(known) {
            return Err(Malformed::Rule("marks have their numbers"));
        }
        judged.again.clone_from(&kept.again);
        let again: usize = judged.again.values().map(BTreeSet::len).sum();
        *self.counts.entry(log.stream).or_default() += judged.numbers.count() + again as u64;
        self.logs.insert(log, judged);
        Ok(())
    }

    /// What was judged of every log for which this holds.
    pub fn vector_of(&self, of: impl Fn(LogId) -> bool) -> Vector {
        let logs = self.logs.iter().filter(|(log, _)| of(**log));
        logs.map(|(log, judged)| (*log, judged.runs())).collect()
    }

    /// The entries numbered `after + 1..=last` of a log that were judged: spans of numbers, lowest
    /// first, and those that share a number with another one, which are in none of the spans.
    pub fn within(&self, log: LogId, after: u64, last: u64) -> (Vec<Span>, BTreeSet<EntryRef>) {
        let first = after.saturating_add(1);
        let Some(judged) = self.logs.get(&log).filter(|_| first <= last) else {
            return Default::default();
        };
        let mut single: Spans = judged.numbers.within(Span::new(first, last)).collect();
        let mut shared = BTreeSet::new();
        for seq in judged.again.range(first..=last).map(|(seq, _)| *seq) {
            single.remove(Span::new(seq, seq));
            let entry = |mark| EntryRef { log, seq, mark };
            shared.extend(judged.marks(seq).into_iter().map(entry));
        }
        (single.iter().collect(), shared)
    }

    /// Who wrote these entries of the shop's stream: walks all that were judged of it.
    pub fn authors(&self, entries: &BTreeSet<Mark>) -> BTreeMap<Mark, DeviceId> {
        let logs = self.logs.iter();
        let logs = logs.filter(|(log, _)| log.stream == Stream::Shop && !entries.is_empty());
        let written = logs.flat_map(|(log, judged)| {
            let again = judged.again.values().flatten();
            let marks = judged.marks.values().flatten().chain(again);
            marks.map(|mark| (*mark, log.device))
        });
        written.filter(|(mark, _)| entries.contains(mark)).collect()
    }

    /// What was judged of every log.
    pub fn vector(&self) -> Vector {
        self.vector_of(|_| true)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    fn entry(seq: u64, branch: u8) -> EntryRef {
        let log = LogId::new(DeviceId([1; 16]), Stream::Sales);
        let mut mark = Mark([seq as u8; 8]);
        mark.0[7] = branch;
        EntryRef { log, seq, mark }
    }

    fn judged(entries: &[(u64, u8)]) -> Judged {
        let mut judged = Judged::default();
        for (seq, branch) in entries {
            assert!(judged.count(&entry(*seq, *branch)));
            assert!(!judged.count(&entry(*seq, *branch)), "once");
        }
        judged
    }

    fn runs(judged: &Judged) -> Vec<(u64, u64, u8)> {
        let vector = judged.vector();
        let runs = vector.runs(entry(1, 0).log).iter();
        runs.map(|run| (run.first, run.last, run.mark.0[7]))
            .collect()
    }

    #[test]
    fn runs_join_whatever_the_order_and_an_entry_counts_once() {
        for order in [
            [1, 2, 3, 5, 4],
            [5, 4, 3, 2, 1],
            [3, 1, 5, 2, 4],
            [4, 2, 1, 5, 3],
        ] {
            let judged = judged(&order.map(|seq| (seq, 0)));
            assert_eq!(runs(&judged), [(1, 5, 0)]);
            assert!(!judged.contains(&entry(6, 0)));
        }
    }

    #[test]
    fn what_is_to_wait_again_leaves_its_number_to_the_other_branch() {
        let entries = [entry(1, 0), entry(2, 0), entry(2, 9), entry(3, 0)];
        for gone in [entry(2, 0), entry(2, 9)] {
            let mut judged = Judged::default();
            for entry in &entries {
                judged.count(entry);
            }
            assert!(!judged.reject(&entry(2, 9)), "it was judged");
            let left = if gone == entry(2, 0) {
                entry(2, 9)
            } else {
                entry(2, 0)
            };
            judged.remove(&gone);
            judged.remove(&gone);
            assert!(!judged.contains(&gone) && judged.contains(&left));
            assert_eq!(judged.counts(&left), left == entry(2, 0));
            assert_eq!(judged.rejected(), u64::from(left == entry(2, 9)));
            assert_eq!(judged.entries_of(Stream::Sales), 3);
            judged.remove(&left);
            assert_eq!((judged.rejected(), judged.marks(left.log, 2)), (0, 0));
            assert_eq!(runs(&judged), [(1, 1, 0), (3, 3, 0)]);
        }
    }

    #[test]
    fn what_was_rejected_is_told_apart_and_can_count_after_all() {
        let mut judged = judged(&[(1, 0), (2, 0), (3, 0)]);
        assert!(judged.reject(&entry(4, 0)) && !judged.reject(&entry(2, 0)));
        assert!(judged.reject(&entry(3, 9)), "of the other branch");
        let counting = |judged: &Judged| {
            let all = judged.entries(entry(1, 0).log);
            let all = all.map(|(seq, mark)| (seq, mark.0[7]));
            all.filter(|(seq, branch)| judged.counts(&entry(*seq, *branch)))
                .collect::<Vec<_>>()
        };
        assert_eq!(counting(&judged), [(1, 0), (3, 0)]);
        assert_eq!(
            judged.kept(),
            None,
            "of two with one number only one counts"
        );
        assert!(!judged.count(&entry(3, 9)) && !judged.count(&entry(4, 0)));
        assert_eq!(counting(&judged), [(1, 0), (3, 0), (4, 0), (3, 9)]);
        assert_eq!(judged.rejected(), 1);
        let mut again = Judged::default();
        for (log, kept) in judged.kept().unwrap() {
            again.restore(log, &kept).unwrap();
        }
        assert!(!again.contains(&entry(2, 0)), "it is judged anew");
        assert_eq!(counting(&again), counting(&judged));
    }

    #[test]
    fn the_author_of_an_entry_is_known_on_either_branch() {
        let mut judged = Judged::default();
        let of = |device: u8, seq: u64, mark: u8| EntryRef {
            log: LogId::new(DeviceId([device; 16]), Stream::Shop),
            seq,
            mark: Mark([mark; 8]),
        };
        let entries = [of(1, 1, 11), of(2, 1, 21), of(2, 300, 22), of(2, 300, 23)];
        for entry in entries {
            assert!(judged.count(&entry));
        }
        assert!(judged.count(&entry(1, 0)), "a sale is never asked for");
        for entry in entries {
            let authors = judged.authors(&BTreeSet::from([entry.mark]));
            assert_eq!(authors, BTreeMap::from([(entry.mark, entry.log.device)]));
        }
        let unknown = BTreeSet::from([Mark([9; 8]), self::entry(1, 0).mark]);
        assert!(judged.authors(&unknown).is_empty());
    }

    #[test]
    fn a_gap_stays_a_gap() {
        let judged = judged(&[(1, 0), (3, 0), (300, 0), (301, 0)]);
        assert_eq!(runs(&judged), [(1, 1, 0), (3, 3, 0), (300, 301, 0)]);
        assert_eq!(judged.vector().entries(), 4);
    }

    #[test]
    fn both_branches_of_a_fork_are_told_alike_in_whatever_order_they_came() {
        let ours = [(1, 0), (2, 0), (3, 0), (4, 0), (5, 0)];
        let theirs = [(3, 9), (4, 9)];
        let forward = judged(&[ours.as_slice(), &theirs].concat());
        let mut backward = [ours.as_slice(), &theirs].concat();
        backward.reverse();
        let backward = judged(&backward);
        assert_eq!(forward.vector(), backward.vector());
        assert_eq!(runs(&forward), [(1, 2, 0), (3, 4, 0), (3, 4, 9), (5, 5, 0)]);
        // What goes on, and on which branch, shows.
        assert_ne!(
            judged(&[(1, 0), (2, 0), (2, 9)]).vector(),
            judged(&[(1, 0), (2, 0)]).vector()
        );
        let (spans, shared) = forward.within(entry(1, 0).log, 1, 4);
        assert_eq!(spans, [Span::new(2, 2)]);
        assert_eq!(shared.len(), 4);
        assert!(forward.contains(&entry(4, 9)) && !forward.contains(&entry(5, 9)));
    }
}
