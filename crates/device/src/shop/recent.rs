//! Sales that were folded last, as they were written.
//!
//! A sale of another device is folded before the disk has it. Whoever hears of it and asks for
//! the list of sales must find it there, and need not wait for the disk.

use std::collections::{BTreeMap, VecDeque};

use base::LogId;
use base::hash::ChainValue;

/// Sales that are held: several times what a screen shows of the latest.
const SALES_MAX: usize = 64;
/// Their bytes together. A sale has a few hundred; one of an extraordinary size is not held.
const BYTES_MAX: usize = 256 * 1024;

/// The latest sales of every log.
#[derive(Debug, Default)]
pub struct Recent {
    sales: BTreeMap<(LogId, u64), (ChainValue, Vec<u8>)>,
    order: VecDeque<(LogId, u64)>,
    bytes: usize,
}

impl Recent {
    /// Holds the bytes of a sale, and its chain value; lets go of the oldest beyond the bounds.
    pub fn hold(&mut self, log: LogId, seq: u64, chain: ChainValue, raw: Vec<u8>) {
        self.bytes += raw.len();
        match self.sales.insert((log, seq), (chain, raw)) {
            Some((_, before)) => self.bytes -= before.len(),
            None => self.order.push_back((log, seq)),
        }
        while self.order.len() > SALES_MAX || self.bytes > BYTES_MAX {
            let Some(oldest) = self.order.pop_front() else {
                return;
            };
            if let Some((_, raw)) = self.sales.remove(&oldest) {
                self.bytes -= raw.len();
            }
        }
    }

    /// A sale that is held.
    pub fn get(&self, log: LogId, seq: u64) -> Option<(&ChainValue, &[u8])> {
        let (chain, raw) = self.sales.get(&(log, seq))?;
        Some((chain, raw))
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
        recent.hold(log(), seq, chain, vec![7; bytes]);
    }

    #[test]
    fn the_oldest_make_room_for_the_latest() {
        let mut recent = Recent::default();
        for seq in 0..=SALES_MAX as u64 {
            hold(&mut recent, seq, 10);
        }
        assert!(recent.get(log(), 0).is_none());
        assert!(recent.get(log(), 1).is_some());
        assert!(recent.get(log(), SALES_MAX as u64).is_some());
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
        assert_eq!((recent.order.len(), recent.bytes), (1, 10));
    }
}
