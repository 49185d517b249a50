//! The order of a list of sales: newest first over all tills, each till's in its own order.
//!
//! The last of each till compete, and the winner's till sends the one before it. So the front of
//! a day costs as much as is taken of it, however many sales the day has, and the receipts of one
//! till stay in order where its clock was set back.

use std::collections::{BTreeMap, BinaryHeap};

use base::LogId;

/// A sale: its log and its number there.
pub type Place = (LogId, u64);

/// The sales of these logs, newest first. A log is given with its numbers, highest first; `time`
/// tells when a sale was made, milliseconds since 1970.
pub fn newest_first<Seqs: Iterator<Item = u64>>(
    logs: impl IntoIterator<Item = (LogId, Seqs)>,
    time: impl Fn(Place) -> Option<u64>,
) -> impl Iterator<Item = Place> {
    let mut earlier: BTreeMap<LogId, Seqs> = logs.into_iter().collect();
    let mut last: BinaryHeap<_> = earlier
        .iter_mut()
        .filter_map(|(log, seqs)| Some((*log, seqs.next()?)))
        .map(|place| (time(place), place))
        .collect();
    std::iter::from_fn(move || {
        let (_, (log, seq)) = last.pop()?;
        if let Some(before) = earlier.get_mut(&log).and_then(Iterator::next) {
            last.push((time((log, before)), (log, before)));
        }
        Some((log, seq))
    })
}

#[cfg(test)]
mod tests {
    use std::cell::Cell;

    use base::{DeviceId, Stream};

    use super::*;

    fn till(number: u8) -> LogId {
        LogId::new(DeviceId([number; 16]), Stream::Sales)
    }

    #[test]
    fn tills_take_turns_as_they_sold() {
        let logs = [(till(1), vec![5, 2, 1]), (till(2), vec![2, 1])];
        let times = BTreeMap::from([
            ((till(1), 1), 10),
            ((till(2), 1), 20),
            ((till(1), 2), 30),
            ((till(1), 5), 40),
            ((till(2), 2), 50),
        ]);
        let logs = logs.map(|(log, numbers)| (log, numbers.into_iter()));
        let listed: Vec<_> = newest_first(logs, |place| times.get(&place).copied()).collect();
        let mut sold: Vec<_> = times.iter().map(|(place, time)| (*time, *place)).collect();
        sold.sort_unstable();
        let sold: Vec<_> = sold.into_iter().rev().map(|(_, place)| place).collect();
        assert_eq!(listed, sold);
    }

    #[test]
    fn receipts_stay_in_order_where_the_clock_was_set_back() {
        let time = |(_, seq)| [None, Some(10), Some(30), Some(20)][seq as usize];
        let listed = newest_first([(till(1), (1..=3).rev())], time);
        assert_eq!(listed.map(|(_, seq)| seq).collect::<Vec<_>>(), [3, 2, 1]);
    }

    #[test]
    fn the_front_of_a_long_day_costs_what_is_taken_of_it() {
        let logs = [till(1), till(2)].map(|log| (log, (1..=20_000).rev()));
        let asked = Cell::new(0);
        let time = |(_, seq)| {
            asked.set(asked.get() + 1);
            Some(seq)
        };
        assert_eq!(newest_first(logs, time).take(12).count(), 12);
        assert!(asked.get() <= 2 + 12, "{} times were read", asked.get());
    }
}
