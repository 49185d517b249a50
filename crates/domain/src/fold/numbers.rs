//! A bag of numbers, kept as runs: years of receipt numbers are one pair of numbers.

use std::collections::BTreeMap;

use minicbor::{Decode, Encode};

/// Numbers, each as often as it was added.
///
/// After a fork two entries have one number, and a cloned till prints a receipt number twice: so
/// it counts, and taking one out leaves the other.
#[derive(Debug, Clone, PartialEq, Eq, Default, Encode, Decode)]
#[cbor(array)]
pub struct Numbers {
    /// Runs by first number; they do not touch.
    #[n(0)]
    runs: BTreeMap<u64, u64>,
    /// How many times more than once.
    #[n(1)]
    again: BTreeMap<u64, u32>,
}

impl Numbers {
    /// Whether there is none.
    pub fn is_empty(&self) -> bool {
        self.runs.is_empty()
    }

    /// The highest number.
    pub fn highest(&self) -> Option<u64> {
        self.runs.last_key_value().map(|(_, last)| *last)
    }

    /// Whether the number is there.
    pub fn contains(&self, number: u64) -> bool {
        self.run_of(number).is_some()
    }

    /// How many, each as often as it was added.
    pub fn count(&self) -> u64 {
        let once = self
            .runs()
            .map(|(first, last)| last.saturating_sub(first).saturating_add(1));
        let again = self.again.values().map(|again| u64::from(*again));
        once.chain(again).fold(0, u64::saturating_add)
    }

    /// How often a number is there.
    pub fn times(&self, number: u64) -> u32 {
        let again = self.again.get(&number).copied().unwrap_or(0);
        u32::from(self.contains(number)).saturating_add(again)
    }

    /// Runs `(first, last)`, both included, lowest first.
    pub fn runs(&self) -> impl DoubleEndedIterator<Item = (u64, u64)> + '_ {
        self.runs.iter().map(|(first, last)| (*first, *last))
    }

    /// Numbers that were added more than once.
    pub fn repeated(&self) -> impl Iterator<Item = u64> + '_ {
        self.again.keys().copied()
    }

    pub(crate) fn add(&mut self, number: u64) {
        if self.contains(number) {
            let again = self.again.entry(number).or_default();
            *again = again.saturating_add(1);
            return;
        }
        let left = number
            .checked_sub(1)
            .and_then(|before| self.run_of(before))
            .map(|(first, _)| first);
        let right = number
            .checked_add(1)
            .and_then(|after| Some((after, self.runs.remove(&after)?)))
            .map(|(_, last)| last);
        self.runs
            .insert(left.unwrap_or(number), right.unwrap_or(number));
    }

    pub(crate) fn take(&mut self, number: u64) {
        if let Some(again) = self.again.get_mut(&number) {
            *again = again.saturating_sub(1);
            if *again == 0 {
                self.again.remove(&number);
            }
            return;
        }
        let Some((first, last)) = self.run_of(number) else {
            return;
        };
        self.runs.remove(&first);
        if first < number {
            self.runs.insert(first, number.saturating_sub(1));
        }
        if number < last {
            self.runs.insert(number.saturating_add(1), last);
        }
    }

    fn run_of(&self, number: u64) -> Option<(u64, u64)> {
        let (first, last) = self.runs.range(..=number).next_back()?;
        (number <= *last).then_some((*first, *last))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn of(numbers: &[u64]) -> Numbers {
        let mut bag = Numbers::default();
        for number in numbers {
            bag.add(*number);
        }
        bag
    }

    #[test]
    fn runs_join_in_any_order() {
        assert_eq!(of(&[1, 2, 3, 5]), of(&[5, 3, 1, 2]));
        assert_eq!(of(&[1, 3, 2]).runs().collect::<Vec<_>>(), [(1, 3)]);
        assert_eq!(of(&[4, 9]).highest(), Some(9));
        assert_eq!(of(&[0, u64::MAX]).runs().count(), 2);
    }

    #[test]
    fn a_number_that_came_twice_stays_when_one_goes() {
        let mut bag = of(&[1, 2, 2, 3]);
        assert_eq!(bag.repeated().collect::<Vec<_>>(), [2]);
        assert_eq!(
            (bag.count(), bag.times(2), bag.times(3), bag.times(4)),
            (4, 2, 1, 0)
        );
        bag.take(2);
        assert_eq!(bag, of(&[1, 2, 3]));
        bag.take(2);
        assert_eq!(bag, of(&[1, 3]));
        bag.take(2);
        assert_eq!(bag, of(&[1, 3]));
        bag.take(1);
        bag.take(3);
        assert!(bag.is_empty());
    }
}
