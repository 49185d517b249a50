//! Several segments of an own log put together into one: opened, sealed and signed anew.
//!
//! Only ever into an aligned window of 2, 4 … 256 numbers. So of any two that were put together at
//! different times, for a block or for a peer, one lies within the other or they have nothing in
//! common: who cannot open them tells that they meet by where they begin and end.

use std::collections::VecDeque;

use base::hash::ChainValue;
use base::limits::{BLOCK_ENTRIES, ENTRY_BYTES_MAX};
use base::{Answer, Effect, Header, Segment};

use crate::outbox::Turn;
use crate::shop::Shop;
use crate::shop::batch::{PlainRun, Written};
use crate::shop::sealing::Sealing;

/// Segments on their way to be one. It travels with the purpose of each effect.
#[derive(Debug)]
pub struct Merging {
    rows: Vec<Segment>,
    plains: Vec<Vec<u8>>,
    sealing: Option<Sealing>,
    chain: Vec<ChainValue>,
}

/// What an answer comes to.
#[derive(Debug)]
pub enum Step {
    /// Something else is to be done first.
    Ask(Effect),
    /// One segment.
    Done(Box<Segment>),
    /// These segments do not make one.
    Never,
    /// The keys did not do what was asked: later, perhaps.
    NotNow,
}

/// Segments that follow each other in one window under one epoch, of so many bytes at most.
#[derive(Debug)]
pub struct Group {
    rows: VecDeque<Segment>,
    bytes: usize,
    bytes_max: usize,
}

impl Group {
    /// None yet. `bytes_max`: of all sealed bodies together.
    pub fn new(bytes_max: usize) -> Self {
        Self {
            rows: VecDeque::new(),
            bytes: 0,
            bytes_max,
        }
    }

    /// Adds a segment that follows those that are here, or is the first; gives back one that does
    /// not, or for which there is no room.
    pub fn add(&mut self, row: Segment) -> Result<(), Box<Segment>> {
        let follows = self.rows.back().is_none_or(|before| {
            follows(&before.header, &row.header) && self.bytes + row.body.len() <= self.bytes_max
        });
        if !follows {
            return Err(Box::new(row));
        }
        self.bytes += row.body.len();
        self.rows.push_back(row);
        Ok(())
    }

    /// Takes the first segments that make one, at least `rows_min`; none where there are none.
    pub fn take(&mut self, rows_min: usize) -> Option<Vec<Segment>> {
        let count = self.aligned();
        (count >= rows_min).then(|| (0..count).filter_map(|_| self.take_first()).collect())
    }

    /// Takes the first segment.
    pub fn take_first(&mut self) -> Option<Segment> {
        let first = self.rows.pop_front()?;
        self.bytes -= first.body.len();
        Some(first)
    }

    /// How many of the first segments fill the biggest aligned window that begins with them.
    fn aligned(&self) -> usize {
        let Some(first) = self.rows.front().map(|row| row.header.first) else {
            return 0;
        };
        let fills = |row: &Segment| {
            let count = row.header.last() + 1 - first;
            count.is_power_of_two() && (first - 1).is_multiple_of(count)
        };
        self.rows.iter().rposition(fills).map_or(1, |at| at + 1)
    }
}

/// Whether two segments follow each other in one window under one epoch.
fn follows(before: &Header, next: &Header) -> bool {
    let window = |seq: u64| (seq - 1) / u64::from(BLOCK_ENTRIES);
    before.last_chain == next.before
        && before.last() + 1 == next.first
        && before.epoch == next.epoch
        && window(before.first) == window(next.last())
}

impl Merging {
    /// Begins to put `rows` together; gives them back where their secret is not held, or where what
    /// they hold does not make one.
    pub fn begin(
        rows: Vec<Segment>,
        shop: &Shop,
        turn: &mut Turn<'_>,
    ) -> Result<(Self, Effect), Vec<Segment>> {
        let entries = shop.loose.entries(&rows);
        let mut merging = Self {
            rows,
            plains: Vec::new(),
            sealing: None,
            chain: Vec::new(),
        };
        let next = match entries {
            Some(entries) => merging.seal(entries, shop, turn),
            None => merging.open_next(shop),
        };
        match next {
            Some(effect) => Ok((merging, effect)),
            None => Err(merging.rows),
        }
    }

    /// The segments that it puts together.
    pub fn rows(&self) -> &[Segment] {
        &self.rows
    }

    /// The same, to be kept.
    pub fn into_rows(self) -> Vec<Segment> {
        self.rows
    }

    /// The chain values of their entries, once they were opened.
    pub fn chain(&self) -> &[ChainValue] {
        &self.chain
    }

    /// Goes on with what the keys answer.
    pub fn answer(&mut self, answer: Answer, shop: &Shop, turn: &mut Turn<'_>) -> Step {
        let next = match answer {
            Answer::Opened(plains) if !plains.is_empty() => {
                let all: Option<Vec<_>> = plains.into_iter().collect();
                all.and_then(|all| {
                    self.plains.extend(all);
                    let next = self.open_next(shop);
                    next.or_else(|| self.seal(self.opened(shop)?, shop, turn))
                })
            }
            // Fewer would make a segment of nothing.
            Answer::Sealed(bodies) if bodies.len() == 1 => {
                let sealing = self.sealing.as_mut();
                sealing.map(|sealing| Effect::Sign(sealing.sealed(bodies)))
            }
            Answer::Signed(signatures) if signatures.len() == 1 => {
                let sealing = self.sealing.take();
                let segment = sealing.and_then(|sealing| sealing.signed(signatures).pop());
                return segment.map_or(Step::Never, |segment| Step::Done(Box::new(segment)));
            }
            _ => return Step::NotNow,
        };
        next.map_or(Step::Never, Step::Ask)
    }

    /// The next list to open; `None` when all are.
    fn open_next(&self, shop: &Shop) -> Option<Effect> {
        let next = self.rows.iter().skip(self.plains.len());
        let tasks = shop.keyring.open_list(next);
        (!tasks.is_empty()).then_some(Effect::Open(tasks))
    }

    /// The entries of the segments, once all were opened.
    fn opened(&self, shop: &Shop) -> Option<Vec<Written>> {
        // All of them, or none: it takes the place of each.
        if self.plains.len() != self.rows.len() {
            return None;
        }
        let mut entries = Vec::new();
        for (row, plain) in self.rows.iter().zip(&self.plains) {
            entries.extend(shop.keyring.read(&row.header, plain)?);
        }
        Some(entries)
    }

    /// Asks for the one segment to be sealed; `None` when they do not make one.
    fn seal(&mut self, entries: Vec<Written>, shop: &Shop, turn: &mut Turn<'_>) -> Option<Effect> {
        let first = &self.rows.first()?.header;
        let bytes: usize = entries.iter().map(|entry: &Written| entry.raw.len()).sum();
        if bytes > ENTRY_BYTES_MAX {
            return None;
        }
        self.chain = entries.iter().map(|entry| entry.chain).collect();
        let run = PlainRun::of(first.log(), first.first, first.before, entries);
        let (sealing, tasks) =
            Sealing::begin(shop.id, &[run], first.epoch, &shop.keyring, turn.random)?;
        self.sealing = Some(sealing);
        self.plains.clear();
        Some(Effect::Seal(tasks))
    }
}

#[cfg(test)]
mod tests {
    use base::segment::SEGMENT_VERSION;
    use base::{DeviceId, EpochName, ShopId, Stream};

    use super::*;

    /// A segment of entries `first..=last`, of 10 bytes each.
    fn row((first, last): (u64, u64), epoch: u8) -> Segment {
        let chain = |seq: u64| ChainValue([seq as u8; 32]);
        let header = Header {
            version: SEGMENT_VERSION,
            shop: ShopId([1; 16]),
            device: DeviceId([2; 16]),
            stream: Stream::Sales,
            first,
            count: (last + 1 - first) as u32,
            epoch: EpochName([epoch; 8]),
            before: chain(first - 1),
            last_chain: chain(last),
            nonce: [0; 12],
            body_hash: Some([0; 32]),
        };
        Segment::new(header, [0; 64], vec![0; 10 * (last + 1 - first) as usize])
    }

    /// The windows into which rows are put together, two or more at a time.
    fn windows(rows: impl IntoIterator<Item = Segment>, bytes_max: usize) -> Vec<(u64, u64)> {
        let mut group = Group::new(bytes_max);
        let mut windows = Vec::new();
        let mut decide = |group: &mut Group| match group.take(2) {
            Some(rows) => windows.push((rows[0].header.first, rows.last().unwrap().header.last())),
            None => drop(group.take_first()),
        };
        for row in rows {
            let mut row = Some(row);
            while let Some(next) = row.take() {
                if let Err(next) = group.add(next) {
                    decide(&mut group);
                    row = Some(*next);
                }
            }
        }
        while !group.rows.is_empty() {
            decide(&mut group);
        }
        windows
    }

    fn loose(first: u64, last: u64) -> impl Iterator<Item = Segment> {
        (first..=last).map(|seq| row((seq, seq), 1))
    }

    #[test]
    fn a_full_window_becomes_one_and_no_run_crosses_its_end() {
        assert_eq!(windows(loose(1, 300), usize::MAX)[0], (1, 256));
        assert_eq!(
            windows(loose(255, 260), usize::MAX),
            [(255, 256), (257, 260)]
        );
    }

    #[test]
    fn what_begins_anywhere_is_put_together_where_windows_begin() {
        let expected = [(7, 8), (9, 16), (17, 32), (33, 40)];
        assert_eq!(windows(loose(6, 41), usize::MAX), expected);
    }

    #[test]
    fn segments_stay_whole_and_another_epoch_is_another_run() {
        // One that lies across the end of a window keeps it from being filled.
        let across = [row((4, 5), 1)].into_iter().chain(loose(6, 8));
        let rows = loose(1, 3).chain(across.take(3));
        assert_eq!(windows(rows, usize::MAX), [(1, 2)], "4 and 5 are one");
        let renewed = (5..=8).map(|seq| row((seq, seq), 2));
        let rows = loose(1, 4).chain(renewed);
        assert_eq!(windows(rows, usize::MAX), [(1, 4), (5, 8)]);
    }

    #[test]
    fn no_more_bytes_are_put_together_than_the_bound() {
        assert_eq!(windows(loose(1, 8), 50), [(1, 4), (5, 8)]);
        assert_eq!(windows(loose(1, 8), 10), []);
    }

    /// Whatever was loose at two moments: of two runs one lies within the other, or they are apart.
    #[test]
    fn runs_of_different_moments_never_overlap_in_part() {
        let all: Vec<_> = (1..=40)
            .flat_map(|first| windows(loose(first, first + 70), 300))
            .collect();
        for (a, b) in all.iter().flat_map(|a| all.iter().map(move |b| (a, b))) {
            let apart = a.1 < b.0 || b.1 < a.0;
            let within = |x: &(u64, u64), y: &(u64, u64)| y.0 <= x.0 && x.1 <= y.1;
            assert!(apart || within(a, b) || within(b, a), "{a:?} {b:?}");
        }
    }
}
