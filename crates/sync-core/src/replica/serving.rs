//! What one peer asked for, and how far it has been served.

use std::collections::{BTreeSet, VecDeque};

use base::hash::sha256;
use base::limits::{EFFECT_BYTES_MAX, EFFECT_ITEMS_MAX, WANT_RANGES_MAX};
use base::{Header, LogId, Mark, Segment};
use minicbor::bytes::ByteVec;

use super::window::Allowance;
use crate::message::{Begun, Message};
use crate::spans::{Range, Span};

/// A stored segment, or what is lacking of it, that waits for credit; or the end of a range.
#[derive(Debug)]
enum Row {
    Segment(Range, Vec<u8>),
    Rest(Begun, Vec<u8>),
    End,
}

/// One peer's wants.
#[derive(Debug, Default)]
pub(super) struct Serving {
    /// Ranges that are still to be read; of the first, what is left of it.
    wanted: VecDeque<Range>,
    /// Of the first range, where rows begin that were not read: a log with branches is read row by
    /// row, for what begins within a segment need not be part of it.
    position: Option<u64>,
    /// Ranges whose end has not been sent.
    open: usize,
    reading: bool,
    rows: VecDeque<Row>,
    /// Segments of which the peer has the beginning.
    begun: Vec<Begun>,
    /// Segments sent that reach beyond their range: the neighbouring range would bring them again.
    crossing: BTreeSet<(LogId, u64, Mark)>,
    pub bulk: Allowance,
    pub live: Allowance,
}

impl Serving {
    /// Credit is turned off: nothing waits for it.
    pub fn without_credit() -> Self {
        let [live, bulk] = [Allowance::endless(), Allowance::endless()];
        Self {
            live,
            bulk,
            ..Self::default()
        }
    }

    /// Takes wants, and what is there of them; `false` when the peer asks for more at a time than it may.
    #[must_use]
    pub fn want(&mut self, ranges: Vec<Range>, begun: Vec<Begun>) -> bool {
        self.open += ranges.len();
        self.wanted.extend(ranges);
        self.begun.extend(begun);
        let spare = self.begun.len().saturating_sub(WANT_RANGES_MAX);
        self.begun.drain(..spare);
        self.open <= WANT_RANGES_MAX
    }

    /// The next range to read, unless enough is read or being read.
    pub fn next_read(&mut self, may_have: impl Fn(LogId) -> bool) -> Option<Range> {
        if self.reading || self.rows.len() >= EFFECT_ITEMS_MAX {
            return None;
        }
        while let Some(range) = self.wanted.front() {
            if may_have(range.log) {
                self.reading = true;
                return Some(*range);
            }
            self.end_range();
        }
        None
    }

    /// The number from which on the first range is being read.
    pub fn next_to_read(&self) -> Option<u64> {
        self.wanted.front().map(|range| range.first)
    }

    /// Where the rows begin that are to be read next, where that is known.
    pub fn position(&self) -> Option<u64> {
        self.position
    }

    /// What was read is of no use: the store has changed meanwhile.
    pub fn read_again(&mut self) {
        self.reading = false;
    }

    /// Takes what was read of the first range. `last_page`: the store has no more of it. `forked`: the
    /// log has branches.
    pub fn read(&mut self, segments: Vec<(Segment, Vec<u8>)>, last_page: bool, forked: bool) {
        self.reading = false;
        let Some(range) = self.wanted.front().copied() else {
            return;
        };
        let mut next = range.first;
        let mut begins = None;
        for (segment, bytes) in segments {
            let header = &segment.header;
            next = next.max(header.last() + 1);
            begins = Some(header.first);
            if self.is_new(range, header, forked) {
                let span = Span::new(header.first, header.last());
                let inside = Range::new(range.log, span);
                let row = self.rest(inside, &bytes);
                let row = row.unwrap_or(Row::Segment(inside, bytes));
                self.rows.push_back(row);
            }
        }
        if last_page || (next > range.last && !forked) {
            self.end_range();
        } else if forked {
            // More that begins there may be on the next page, which brings the last row again.
            let ahead = begins.filter(|begins| self.position != Some(*begins));
            self.position = ahead.or(self.position.map(|it| it + 1));
        } else if let Some(front) = self.wanted.front_mut() {
            front.first = next;
            self.position = None;
        }
    }

    /// What is lacking of a segment, where the peer has its beginning.
    fn rest(&mut self, range: Range, bytes: &[u8]) -> Option<Row> {
        // As the peer said last, and once: it keeps nothing of what was completed.
        let place = self.begun.iter().rposition(|begun| begun.range == range)?;
        let begun = self.begun.remove(place);
        self.begun.retain(|begun| begun.range != range);
        let (beginning, rest) = bytes.split_at_checked(begun.bytes as usize)?;
        (sha256(&[beginning]).0 == begun.hash).then(|| Row::Rest(begun, rest.to_vec()))
    }

    fn is_new(&mut self, range: Range, header: &Header, forked: bool) -> bool {
        let span = Span::new(header.first, header.last());
        let inside = !forked && range.first <= span.first && span.last <= range.last;
        let key = (range.log, header.first, header.last_chain.mark());
        span.overlaps(&range.span()) && (inside || self.crossing.insert(key))
    }

    fn end_range(&mut self) {
        self.wanted.pop_front();
        self.position = None;
        self.rows.push_back(Row::End);
        if self.wanted.is_empty() {
            self.crossing.clear();
            self.begun.clear();
        }
    }

    /// The next list, or what is lacking of a segment, as far as credit goes, with the ranges of the
    /// segments.
    pub fn next_list(&mut self) -> Option<(Message, Vec<Range>)> {
        let credit = self.bulk.left() > 0;
        let is_rest = |row: &mut Row| credit && matches!(row, Row::Rest(..));
        if let Some(Row::Rest(of, bytes)) = self.rows.pop_front_if(is_rest) {
            self.bulk.spend(bytes.len() as u64);
            return Some((Message::Rest { of, bytes }, vec![of.range]));
        }
        let mut segments: Vec<ByteVec> = Vec::new();
        let mut ranges = Vec::new();
        let mut bytes = 0;
        let mut done = 0;
        while let Some(row) = self.rows.front() {
            if let Row::Segment(_, segment) = row {
                let fits = bytes + segment.len() <= EFFECT_BYTES_MAX || segments.is_empty();
                if segments.len() >= EFFECT_ITEMS_MAX || !fits || self.bulk.left() == 0 {
                    break;
                }
                bytes += segment.len();
                self.bulk.spend(segment.len() as u64);
            }
            match self.rows.pop_front_if(|row| !matches!(row, Row::Rest(..))) {
                Some(Row::Segment(range, segment)) => {
                    ranges.push(range);
                    segments.push(segment.into());
                }
                Some(Row::End) => done += 1,
                Some(Row::Rest(..)) | None => break,
            }
        }
        self.open = self.open.saturating_sub(done as usize);
        let any = done > 0 || !segments.is_empty();
        any.then_some((Message::Segments { segments, done }, ranges))
    }
}
