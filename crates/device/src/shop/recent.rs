//! The sales that were made last, as they were written.
//!
//! A sale of another device is folded before the disk has it. Whoever hears of it and asks for
//! the list of sales must find it there, and need not wait for a disk that is at work.

use std::collections::{BTreeMap, BTreeSet};

use base::hash::ChainValue;
use base::{EntryRef, LogId, Mark};

/// Sales that are held: several times what a screen shows of the latest.
const SALES_MAX: usize = 64;
/// Their bytes together. A sale has a few hundred; one of an extraordinary size is not held.
const BYTES_MAX: usize = 256 * 1024;

/// The latest sales of every log.
#[derive(Debug, Default)]
pub struct Recent {
    sales: BTreeMap<EntryRef, (ChainValue, Vec<u8>)>,
    /// By when they were made, milliseconds since 1970 by the clock of their author.
    by_time: BTreeSet<(u64, EntryRef)>,
    bytes: usize,
}

impl Recent {
    /// Holds the bytes of a sale, and its chain value; lets go of the oldest beyond the bounds.
    pub fn hold(&mut self, wall_ms: u64, sale: EntryRef, chain: ChainValue, raw: Vec<u8>) {
        let place = (wall_ms, sale);
        let full = self.by_time.len() >= SALES_MAX;
        if full && self.by_time.first().is_some_and(|oldest| place < *oldest) {
            return;
        }
        if !self.by_time.insert(place) {
            return;
        }
        self.bytes += raw.len();
        self.sales.insert(sale, (chain, raw));
        while self.by_time.len() > SALES_MAX || self.bytes > BYTES_MAX {
            let Some((_, oldest)) = self.by_time.pop_first() else {
                return;
            };
            if let Some((_, raw)) = self.sales.remove(&oldest) {
                self.bytes -= raw.len();
            }
        }
    }

    /// A sale does not count any more.
    pub fn forget(&mut self, sale: &EntryRef) {
        if let Some((_, raw)) = self.sales.remove(sale) {
            self.bytes -= raw.len();
            self.by_time.retain(|(_, held)| held != sale);
        }
    }

    /// The sale with a number that is held; none where there are two of that number.
    pub fn get(&self, log: LogId, seq: u64) -> Option<(EntryRef, &ChainValue, &[u8])> {
        let of = |mark| EntryRef { log, seq, mark };
        let mut held = self.sales.range(of(Mark([0; 8]))..=of(Mark([u8::MAX; 8])));
        let (sale, (chain, raw)) = held.next()?;
        held.next().is_none().then_some((*sale, chain, raw))
    }
}

#[cfg(test)]
mod tests {
    use base::{DeviceId, ShopId, Stream};

    use super::*;

    fn log() -> LogId {
        LogId::new(DeviceId([1; 16]), Stream::Sales)
    }

    fn hold(recent: &mut Recent, seq: u64, bytes: usize) {
        let chain = ChainValue::start(ShopId([2; 16]), log());
        let sale = EntryRef {
            log: log(),
            seq,
            mark: chain.mark(),
        };
        recent.hold(1_000 + seq, sale, chain, vec![7; bytes]);
    }

    #[test]
    fn the_oldest_make_room_for_the_latest_in_whatever_order_they_come() {
        let mut forwards = Recent::default();
        let mut backwards = Recent::default();
        let last = 2 * SALES_MAX as u64;
        for seq in 1..=last {
            hold(&mut forwards, seq, 10);
            hold(&mut backwards, last + 1 - seq, 10);
        }
        for recent in [forwards, backwards] {
            let held = |seq: &u64| recent.get(log(), *seq).is_some();
            let latest: Vec<u64> = (last + 1 - SALES_MAX as u64..=last).collect();
            assert_eq!((1..=last).filter(held).collect::<Vec<_>>(), latest);
            assert_eq!(recent.bytes, 10 * SALES_MAX);
        }
    }

    #[test]
    fn no_more_bytes_are_held_than_the_bound() {
        let mut recent = Recent::default();
        hold(&mut recent, 1, 10);
        hold(&mut recent, 2, BYTES_MAX);
        assert!(recent.get(log(), 1).is_none());
        assert!(recent.get(log(), 2).is_some());
        hold(&mut recent, 3, BYTES_MAX + 1);
        assert!(recent.get(log(), 3).is_none());
        assert_eq!(recent.bytes, 0);
    }

    #[test]
    fn the_same_sale_twice_is_held_once() {
        let mut recent = Recent::default();
        hold(&mut recent, 1, 10);
        hold(&mut recent, 1, 10);
        assert_eq!((recent.by_time.len(), recent.bytes), (1, 10));
    }
}
