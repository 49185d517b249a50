//! Virtual time: one moment for the whole world, a clock of its own for each node, and the queue
//! of what happens next.

use std::cmp::{Ordering, Reverse};
use std::collections::BinaryHeap;
use std::ops::Add;

use base::Now;

/// What wall clocks that are right say when the world begins: 2026-01-01T00:00:00Z, in
/// milliseconds since 1970.
pub const WORLD_BEGINS_WALL_MS: u64 = 1_767_225_600_000;

/// A moment of virtual time: microseconds since the world began.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Default)]
pub struct Moment(pub u64);

impl Moment {
    /// The moment that is this many milliseconds after the beginning.
    pub const fn from_ms(ms: u64) -> Self {
        Self(ms.saturating_mul(1_000))
    }

    /// Whole milliseconds since the beginning.
    pub const fn ms(self) -> u64 {
        self.0 / 1_000
    }

    /// This moment and some milliseconds.
    pub const fn plus_ms(self, ms: u64) -> Self {
        Self(self.0.saturating_add(ms.saturating_mul(1_000)))
    }
}

impl Add<u64> for Moment {
    type Output = Self;

    /// Adds microseconds.
    fn add(self, us: u64) -> Self {
        Self(self.0.saturating_add(us))
    }
}

/// The clocks of one node.
#[derive(Debug, Clone, Copy, Default)]
pub struct NodeClock {
    started: Moment,
    skew_ms: i64,
}

impl NodeClock {
    /// Restarts the clock that never goes backwards: it counts from when the machine began.
    pub fn start(&mut self, now: Moment) {
        self.started = now;
    }

    /// Sets how far the wall clock is off; positive is fast. Takes effect at once, as a jump.
    pub fn set_skew_ms(&mut self, skew_ms: i64) {
        self.skew_ms = skew_ms;
    }

    /// How far the wall clock is off.
    pub fn skew_ms(&self) -> i64 {
        self.skew_ms
    }

    /// What both clocks say.
    pub fn read(&self, now: Moment) -> Now {
        let right = WORLD_BEGINS_WALL_MS.saturating_add(now.ms());
        Now {
            wall_ms: right.saturating_add_signed(self.skew_ms),
            mono_ms: now.0.saturating_sub(self.started.0) / 1_000,
        }
    }

    /// The first moment at which [`Now::mono_ms`] is `mono_ms`.
    pub fn moment_of_mono(&self, mono_ms: u64) -> Moment {
        self.started.plus_ms(mono_ms)
    }
}

/// What happens next, by time and then by the order in which it was scheduled.
#[derive(Debug)]
pub struct EventQueue<E> {
    heap: BinaryHeap<Reverse<Scheduled<E>>>,
    sequence: u64,
}

#[derive(Debug)]
struct Scheduled<E> {
    at: Moment,
    sequence: u64,
    event: E,
}

impl<E> Scheduled<E> {
    fn place(&self) -> (Moment, u64) {
        (self.at, self.sequence)
    }
}

impl<E> PartialEq for Scheduled<E> {
    fn eq(&self, other: &Self) -> bool {
        self.place() == other.place()
    }
}

impl<E> Eq for Scheduled<E> {}

impl<E> PartialOrd for Scheduled<E> {
    fn partial_cmp(&self, other: &Self) -> Option<Ordering> {
        Some(self.cmp(other))
    }
}

impl<E> Ord for Scheduled<E> {
    fn cmp(&self, other: &Self) -> Ordering {
        self.place().cmp(&other.place())
    }
}

impl<E> Default for EventQueue<E> {
    fn default() -> Self {
        Self {
            heap: BinaryHeap::new(),
            sequence: 0,
        }
    }
}

impl<E> EventQueue<E> {
    /// Puts an event at a moment.
    pub fn schedule(&mut self, at: Moment, event: E) {
        let sequence = self.sequence;
        self.sequence += 1;
        self.heap.push(Reverse(Scheduled {
            at,
            sequence,
            event,
        }));
    }

    /// When the next event is due.
    pub fn next_at(&self) -> Option<Moment> {
        self.heap.peek().map(|Reverse(next)| next.at)
    }

    /// Takes the next event.
    pub fn pop(&mut self) -> Option<(Moment, E)> {
        self.heap.pop().map(|Reverse(next)| (next.at, next.event))
    }

    /// How many events wait.
    pub fn len(&self) -> usize {
        self.heap.len()
    }

    /// Whether none waits.
    pub fn is_empty(&self) -> bool {
        self.heap.is_empty()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn events_of_one_moment_come_in_the_order_in_which_they_were_scheduled() {
        let mut queue = EventQueue::default();
        queue.schedule(Moment(5), "third");
        queue.schedule(Moment(1), "first");
        queue.schedule(Moment(5), "fourth");
        queue.schedule(Moment(1), "second");
        let order: Vec<_> = std::iter::from_fn(|| queue.pop()).map(|(_, e)| e).collect();
        assert_eq!(order, ["first", "second", "third", "fourth"]);
    }

    #[test]
    fn a_skewed_wall_clock_leaves_the_steady_clock_alone() {
        let mut clock = NodeClock::default();
        clock.start(Moment::from_ms(100));
        clock.set_skew_ms(-3_600_000);
        let now = clock.read(Moment::from_ms(350));
        assert_eq!(now.mono_ms, 250);
        assert_eq!(now.wall_ms, WORLD_BEGINS_WALL_MS + 350 - 3_600_000);
        assert_eq!(clock.moment_of_mono(250), Moment::from_ms(350));
    }
}
