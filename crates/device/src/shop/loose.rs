//! What we wrote last, as long as no block has taken its place.
//!
//! A block, and what is put together for a peer that was away, is made of what was written a moment
//! ago. Whoever makes it waits for no disk, and opens nothing that we sealed ourselves.

use std::collections::{BTreeMap, VecDeque};

use base::{Header, LogId, Segment, Stream};
use sync_core::Range;

use crate::shop::batch::Written;

/// Segments that are held: some days of a till that never gets to packing.
const SEGMENTS_MAX: usize = 2_048;
/// Their bytes together, sealed and open.
const BYTES_MAX: usize = 2 * 1024 * 1024;

/// Own segments as they were written.
#[derive(Debug, Default)]
pub struct Loose {
    segments: BTreeMap<(LogId, u64), Held>,
    /// In the order in which they were written.
    order: VecDeque<(LogId, u64)>,
    bytes: usize,
}

#[derive(Debug)]
struct Held {
    segment: Segment,
    entries: Vec<Written>,
    bytes: usize,
}

impl Loose {
    /// Holds a segment that is on the disk, and its entries; lets go of the oldest beyond the
    /// bounds. `control` is neither sealed nor put together.
    pub fn hold(&mut self, segment: Segment, entries: Vec<Written>) {
        if segment.header.stream == Stream::Control {
            return;
        }
        let key = (segment.header.log(), segment.header.first);
        let open: usize = entries.iter().map(|entry| entry.raw.len()).sum();
        let bytes = segment.body.len() + open;
        self.bytes += bytes;
        self.order.push_back(key);
        let held = Held {
            segment,
            entries,
            bytes,
        };
        if let Some(before) = self.segments.insert(key, held) {
            self.bytes -= before.bytes;
        }
        while self.order.len() > SEGMENTS_MAX || self.bytes > BYTES_MAX {
            let Some(oldest) = self.order.pop_front() else {
                return;
            };
            self.forget(oldest);
        }
    }

    /// A block has taken the place of what is within a range.
    pub fn packed(&mut self, range: Range) {
        let within = (range.log, range.first)..=(range.log, range.last);
        let keys: Vec<_> = self.segments.range(within).map(|(key, _)| *key).collect();
        for key in keys {
            self.forget(key);
        }
        // Mostly they are the oldest.
        while let Some(oldest) = self.order.front()
            && !self.segments.contains_key(oldest)
        {
            self.order.pop_front();
        }
    }

    /// The segments that begin in a range, at most `limit`, as the disk would give them; `None` where
    /// not all of them are held.
    pub fn page(&self, range: Range, limit: usize) -> Option<Vec<&Segment>> {
        let mut page = Vec::new();
        let mut next = range.first;
        while next <= range.last && page.len() < limit {
            let held = self.segments.get(&(range.log, next))?;
            next = held.segment.header.last() + 1;
            page.push(&held.segment);
        }
        Some(page)
    }

    /// The entries of segments, one behind the other; `None` where not all of them are held.
    pub fn entries(&self, segments: &[Segment]) -> Option<Vec<Written>> {
        let held = |header: &Header| {
            let held = self.segments.get(&(header.log(), header.first))?;
            (held.segment.header == *header).then_some(&held.entries)
        };
        let mut entries = Vec::new();
        for segment in segments {
            entries.extend(held(&segment.header)?.iter().cloned());
        }
        Some(entries)
    }

    fn forget(&mut self, key: (LogId, u64)) {
        if let Some(held) = self.segments.remove(&key) {
            self.bytes -= held.bytes;
        }
    }
}

#[cfg(test)]
mod tests {
    use base::hash::ChainValue;
    use base::segment::SEGMENT_VERSION;
    use base::{DeviceId, EntryRef, EpochName, ShopId};
    use sync_core::Span;

    use super::*;

    fn log(stream: Stream) -> LogId {
        LogId::new(DeviceId([2; 16]), stream)
    }

    /// A segment of one entry, of so many bytes sealed and open.
    fn written(stream: Stream, seq: u64, bytes: usize) -> (Segment, Vec<Written>) {
        let chain = ChainValue([seq as u8; 32]);
        let header = Header {
            version: SEGMENT_VERSION,
            shop: ShopId([1; 16]),
            device: DeviceId([2; 16]),
            stream,
            first: seq,
            count: 1,
            epoch: EpochName([3; 8]),
            before: ChainValue([(seq - 1) as u8; 32]),
            last_chain: chain,
            nonce: [0; 12],
            body_hash: None,
        };
        let (log, mark) = (log(stream), chain.mark());
        let entry = Written {
            reference: EntryRef { log, seq, mark },
            chain,
            raw: vec![seq as u8; bytes],
        };
        (Segment::new(header, [0; 64], vec![0; bytes]), vec![entry])
    }

    fn holding(seqs: impl IntoIterator<Item = u64>) -> Loose {
        let mut loose = Loose::default();
        for seq in seqs {
            let (segment, entries) = written(Stream::Sales, seq, 10);
            loose.hold(segment, entries);
        }
        loose
    }

    fn page(loose: &Loose, first: u64, last: u64, limit: usize) -> Option<Vec<u64>> {
        let range = Range::new(log(Stream::Sales), Span::new(first, last));
        let page = loose.page(range, limit)?;
        Some(page.iter().map(|it| it.header.first).collect())
    }

    #[test]
    fn a_page_is_given_where_all_of_it_is_held() {
        let mut loose = holding(5..=9);
        assert_eq!(page(&loose, 5, 7, 9), Some(vec![5, 6, 7]));
        assert_eq!(page(&loose, 5, 9, 2), Some(vec![5, 6]));
        // Perhaps the disk has them.
        assert_eq!(page(&loose, 4, 7, 9), None);
        assert_eq!(page(&loose, 8, 10, 9), None);
        loose.packed(Range::new(log(Stream::Sales), Span::new(5, 6)));
        assert_eq!(page(&loose, 5, 7, 9), None);
        assert_eq!(page(&loose, 7, 9, 9), Some(vec![7, 8, 9]));
        assert_eq!((loose.bytes, loose.order.len()), (3 * 20, 3));
    }

    #[test]
    fn entries_are_given_of_the_very_segments_that_are_held() {
        let loose = holding(5..=6);
        let segments = [5, 6].map(|seq| written(Stream::Sales, seq, 10).0);
        let entries = loose.entries(&segments).unwrap();
        let seqs: Vec<_> = entries.iter().map(|it| it.reference.seq).collect();
        assert_eq!(seqs, [5, 6]);
        let mut other = segments;
        other[1].header.last_chain = ChainValue([9; 32]);
        assert!(loose.entries(&other).is_none(), "of another branch");
    }

    #[test]
    fn the_oldest_make_room_and_control_is_not_held() {
        let mut loose = Loose::default();
        for seq in 1..=SEGMENTS_MAX as u64 + 1 {
            let (segment, entries) = written(Stream::Sales, seq, 1);
            loose.hold(segment, entries);
        }
        assert_eq!(loose.bytes, 2 * SEGMENTS_MAX);
        assert_eq!(page(&loose, 1, 1, 1), None);
        let (segment, entries) = written(Stream::Shop, 1, BYTES_MAX / 2);
        loose.hold(segment, entries);
        assert_eq!((loose.segments.len(), loose.bytes), (1, BYTES_MAX));
        let (segment, entries) = written(Stream::Control, 1, 1);
        loose.hold(segment, entries);
        assert_eq!(loose.segments.len(), 1);
    }
}
