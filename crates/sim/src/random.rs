//! Randomness from a seed, split by purpose: drawing more of one kind changes no other.

use base::Random;
use base::hash::sha256;
use rand_chacha::ChaCha8Rng;
use rand_chacha::rand_core::{Rng, SeedableRng};

/// One in a million is the unit of every chance here.
pub const MILLION: u32 = 1_000_000;

/// A stream of random bytes that depends on nothing but seed, purpose and node.
#[derive(Debug, Clone)]
pub struct SeededRandom(ChaCha8Rng);

impl SeededRandom {
    /// Begins the stream of this purpose and node.
    pub fn new(seed: u64, purpose: &str, node: u32) -> Self {
        let key = sha256(&[
            b"tillmesh simulator\0",
            &seed.to_be_bytes(),
            &node.to_be_bytes(),
            purpose.as_bytes(),
        ]);
        Self(ChaCha8Rng::from_seed(key.0))
    }

    /// A number below `bound`; 0 when `bound` is 0.
    pub fn below(&mut self, bound: u64) -> u64 {
        // Multiply and shift (Lemire 2019): its bias of bound / 2^64 is of no account here.
        let product = u128::from(self.0.next_u64()) * u128::from(bound);
        u64::try_from(product >> 64).unwrap_or(0)
    }

    /// An index below `len`; 0 when `len` is 0.
    pub fn index(&mut self, len: usize) -> usize {
        usize::try_from(self.below(len as u64)).unwrap_or(0)
    }

    /// A number from `least` to `most`, both included.
    pub fn between(&mut self, least: u64, most: u64) -> u64 {
        least + self.below(most.saturating_sub(least).saturating_add(1))
    }

    /// Whether something with this chance, in millionths, happens now.
    pub fn chance(&mut self, per_million: u32) -> bool {
        per_million != 0 && self.below(u64::from(MILLION)) < u64::from(per_million)
    }

    /// One of `from`; `None` when it is empty.
    pub fn pick<'a, T>(&mut self, from: &'a [T]) -> Option<&'a T> {
        let index = self.index(from.len());
        from.get(index)
    }

    /// Puts `items` into an order of chance (Fisher and Yates).
    pub fn shuffle<T>(&mut self, items: &mut [T]) {
        for last in (1..items.len()).rev() {
            items.swap(self.index(last + 1), last);
        }
    }

    /// A duration of this spread, in microseconds.
    pub fn duration(&mut self, spread: Spread) -> u64 {
        if self.chance(spread.tail_per_million) {
            self.between(spread.most_us, spread.tail_us)
        } else {
            self.between(spread.least_us, spread.most_us)
        }
    }
}

impl Random for SeededRandom {
    fn fill(&mut self, bytes: &mut [u8]) {
        self.0.fill_bytes(bytes);
    }
}

/// How long something takes: even between two bounds, and now and then much longer.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Spread {
    /// Shortest, microseconds.
    pub least_us: u64,
    /// Longest in the ordinary case, microseconds.
    pub most_us: u64,
    /// Longest in the rare case, microseconds.
    pub tail_us: u64,
    /// How rare the rare case is, in millionths.
    pub tail_per_million: u32,
}

impl Spread {
    /// An even spread without rare cases.
    pub const fn even(least_us: u64, most_us: u64) -> Self {
        Self {
            least_us,
            most_us,
            tail_us: most_us,
            tail_per_million: 0,
        }
    }

    /// The same with rare cases.
    pub const fn with_tail(self, tail_us: u64, tail_per_million: u32) -> Self {
        Self {
            tail_us,
            tail_per_million,
            ..self
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn streams_of_other_purposes_nodes_and_seeds_differ_and_each_repeats() {
        let first = |seed, purpose, node| SeededRandom::new(seed, purpose, node).below(u64::MAX);
        assert_eq!(first(1, "disk", 0), first(1, "disk", 0));
        assert_ne!(first(1, "disk", 0), first(1, "disk", 1));
        assert_ne!(first(1, "disk", 0), first(1, "links", 0));
        assert_ne!(first(1, "disk", 0), first(2, "disk", 0));
    }

    #[test]
    fn numbers_stay_within_their_bounds_and_reach_both() {
        let mut random = SeededRandom::new(7, "test", 0);
        let drawn: Vec<_> = (0..1_000).map(|_| random.between(3, 6)).collect();
        assert_eq!(drawn.iter().min(), Some(&3));
        assert_eq!(drawn.iter().max(), Some(&6));
        assert_eq!(random.below(0), 0);
        assert_eq!(random.pick::<u8>(&[]), None);
    }

    #[test]
    fn a_shuffled_list_has_the_same_items_in_another_order() {
        let mut random = SeededRandom::new(7, "test", 0);
        let mut items: Vec<_> = (0..100).collect();
        random.shuffle(&mut items);
        assert!(!items.is_sorted());
        items.sort_unstable();
        assert_eq!(items, (0..100).collect::<Vec<_>>());
        random.shuffle::<u8>(&mut []);
    }

    #[test]
    fn a_certain_chance_always_happens_and_an_impossible_one_never() {
        let mut random = SeededRandom::new(7, "test", 0);
        assert!((0..1_000).all(|_| random.chance(MILLION)));
        assert!((0..1_000).all(|_| !random.chance(0)));
    }
}
