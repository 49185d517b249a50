//! Numbers of entries as spans: which are held, asked for, missing.

use std::collections::BTreeMap;

use base::LogId;
use base::limits::BLOCK_ENTRIES;
use minicbor::{Decode, Encode};

/// Numbers `first..=last`, at least one.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub struct Span {
    /// The first number, from 1.
    pub first: u64,
    /// The last number, not below `first`.
    pub last: u64,
}

impl Span {
    /// The span `first..=last`; the caller has checked that it is one.
    pub const fn new(first: u64, last: u64) -> Self {
        Self { first, last }
    }

    /// How many numbers.
    pub const fn count(&self) -> u64 {
        self.last.saturating_sub(self.first).saturating_add(1)
    }

    /// Whether both have a number in common.
    pub const fn overlaps(&self, other: &Self) -> bool {
        self.first <= other.last && other.first <= self.last
    }

    /// The window of a block behind the number `reach`, where one ends.
    pub const fn window_after(reach: u64) -> Self {
        Self::new(reach + 1, reach + BLOCK_ENTRIES as u64)
    }

    /// The part of it that lies in the last window that a block may have.
    pub fn last_window(self) -> Self {
        self.blocks().next_back().unwrap_or(self)
    }

    /// The part of it that lies in the first window that a block may have.
    pub fn first_window(self) -> Self {
        self.blocks().next().unwrap_or(self)
    }

    /// The span cut where blocks end (256, 512, …), lowest first.
    pub fn blocks(self) -> impl DoubleEndedIterator<Item = Self> {
        let size = u64::from(BLOCK_ENTRIES);
        let number = move |seq: u64| seq.saturating_sub(1) / size;
        (number(self.first)..=number(self.last)).map(move |block| Self {
            first: self.first.max(block * size + 1),
            last: self.last.min((block + 1) * size),
        })
    }
}

/// Entries `first..=last` of one log, as they are asked for.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Encode, Decode)]
#[cbor(array)]
pub struct Range {
    /// The log.
    #[n(0)]
    pub log: LogId,
    /// Number of the first entry, from 1.
    #[n(1)]
    pub first: u64,
    /// Number of the last entry.
    #[n(2)]
    pub last: u64,
}

impl Range {
    /// The numbers of a log.
    pub const fn new(log: LogId, span: Span) -> Self {
        Self {
            log,
            first: span.first,
            last: span.last,
        }
    }

    /// The numbers alone.
    pub const fn span(&self) -> Span {
        Span {
            first: self.first,
            last: self.last,
        }
    }
}

/// A set of numbers, kept as spans that neither overlap nor touch.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct Spans(BTreeMap<u64, u64>);

impl Spans {
    /// Adds numbers.
    pub fn insert(&mut self, span: Span) {
        let mut whole = span;
        while let Some(near) = self.at_or_before(whole.last.saturating_add(1)) {
            if near.last.saturating_add(1) < whole.first {
                break;
            }
            self.0.remove(&near.first);
            whole = Span::new(whole.first.min(near.first), whole.last.max(near.last));
        }
        self.0.insert(whole.first, whole.last);
    }

    /// Takes numbers out.
    pub fn remove(&mut self, span: Span) {
        while let Some(near) = self.at_or_before(span.last) {
            if near.last < span.first {
                break;
            }
            self.0.remove(&near.first);
            if near.last > span.last {
                self.0.insert(span.last + 1, near.last);
            }
            if near.first < span.first {
                self.0.insert(near.first, span.first - 1);
            }
        }
    }

    /// Whether every number of `span` is in the set.
    pub fn covers(&self, span: Span) -> bool {
        self.at_or_before(span.first)
            .is_some_and(|near| near.last >= span.last)
    }

    /// The parts of `span` that are not in the set, lowest first.
    pub fn missing(&self, span: Span) -> Vec<Span> {
        let mut missing = Vec::new();
        let mut next = span.first;
        for held in self.touching(span).filter(|held| held.overlaps(&span)) {
            if held.first > next {
                missing.push(Span::new(next, held.first - 1));
            }
            next = next.max(held.last.saturating_add(1));
        }
        if next <= span.last {
            missing.push(Span::new(next, span.last));
        }
        missing
    }

    /// The spans of the set that overlap `span` or touch it, lowest first.
    pub fn touching(&self, span: Span) -> impl Iterator<Item = Span> {
        let before = self
            .at_or_before(span.first.saturating_sub(1))
            .map_or(span.first, |s| s.first);
        let near = self.0.range(before..=span.last.saturating_add(1));
        near.map(|(first, last)| Span::new(*first, *last))
            .filter(move |held| held.last.saturating_add(1) >= span.first)
    }

    /// How many numbers of `span` are in the set.
    pub fn count_in(&self, span: Span) -> u64 {
        let missing = total(self.missing(span).iter().map(Span::count));
        span.count() - missing
    }

    /// The spans, lowest first.
    pub fn iter(&self) -> impl DoubleEndedIterator<Item = Span> {
        self.0.iter().map(|(first, last)| Span::new(*first, *last))
    }

    /// Whether there is none.
    pub fn is_empty(&self) -> bool {
        self.0.is_empty()
    }

    /// The numbers of the set that lie in `span`, as spans, lowest first.
    pub fn within(&self, span: Span) -> impl Iterator<Item = Span> {
        let near = self.touching(span).filter(move |held| held.overlaps(&span));
        near.map(move |held| Span::new(held.first.max(span.first), held.last.min(span.last)))
    }

    /// The numbers up to `last`, as spans, lowest first.
    pub fn up_to(&self, last: u64) -> impl Iterator<Item = Span> {
        let within = self.0.range(..=last);
        within.map(move |(first, end)| Span::new(*first, (*end).min(last)))
    }

    /// How many spans.
    pub fn len(&self) -> usize {
        self.0.len()
    }

    /// How many numbers.
    pub fn count(&self) -> u64 {
        total(self.iter().map(|span| span.count()))
    }

    fn at_or_before(&self, seq: u64) -> Option<Span> {
        self.0
            .range(..=seq)
            .next_back()
            .map(|(first, last)| Span::new(*first, *last))
    }
}

impl FromIterator<Span> for Spans {
    fn from_iter<I: IntoIterator<Item = Span>>(spans: I) -> Self {
        let mut set = Self::default();
        spans.into_iter().for_each(|span| set.insert(span));
        set
    }
}

/// Adds up counts. What others claim may be beyond all reason, so the sum stops at the highest
/// number instead of beginning again.
pub(crate) fn total(counts: impl IntoIterator<Item = u64>) -> u64 {
    counts.into_iter().fold(0, u64::saturating_add)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn set(spans: &[(u64, u64)]) -> Spans {
        spans
            .iter()
            .map(|(first, last)| Span::new(*first, *last))
            .collect()
    }

    #[test]
    fn touching_and_overlapping_spans_become_one() {
        assert_eq!(set(&[(1, 3), (4, 6)]), set(&[(1, 6)]));
        assert_eq!(set(&[(1, 3), (7, 9), (2, 8)]), set(&[(1, 9)]));
        assert_eq!(set(&[(5, 5), (7, 7)]).len(), 2);
    }

    #[test]
    fn the_set_agrees_with_a_list_of_numbers() {
        let mut state = 7_u64;
        let mut below = |n: u64| {
            state = state
                .wrapping_mul(6_364_136_223_846_793_005)
                .wrapping_add(1);
            (state >> 33) % n
        };
        let mut spans = Spans::default();
        let mut plain = [false; 40];
        for _ in 0..3_000 {
            let first = 1 + below(38);
            let span = Span::new(first, (first + below(9)).min(39));
            let put = below(2) == 0;
            (span.first..=span.last).for_each(|n| plain[n as usize] = put);
            if put {
                spans.insert(span)
            } else {
                spans.remove(span)
            }
            let asked = Span::new(span.first, (span.first + below(20)).min(39));
            let lacking: u64 = (asked.first..=asked.last)
                .filter(|n| !plain[*n as usize])
                .count() as u64;
            let missing = spans.missing(asked);
            assert_eq!(missing.iter().map(Span::count).sum::<u64>(), lacking);
            assert!(
                missing
                    .iter()
                    .all(|m| (m.first..=m.last).all(|n| !plain[n as usize]))
            );
            assert_eq!(spans.covers(asked), lacking == 0);
            assert_eq!(
                spans.count(),
                plain.iter().filter(|held| **held).count() as u64
            );
            let parts: Vec<_> = spans.iter().collect();
            assert!(parts.windows(2).all(|p| p[0].last + 1 < p[1].first));
        }
    }

    #[test]
    fn a_span_is_cut_where_blocks_end() {
        let blocks: Vec<_> = Span::new(200, 600).blocks().collect();
        assert_eq!(
            blocks,
            [
                Span::new(200, 256),
                Span::new(257, 512),
                Span::new(513, 600)
            ]
        );
        assert_eq!(Span::new(256, 256).blocks().count(), 1);
    }
}
