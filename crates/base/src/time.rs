//! Time as data. Nothing in the pure rooms asks an operating system what time it is.

use minicbor::{Decode, Encode};

use crate::limits::CLOCK_AHEAD_MAX_MS;

/// The moment at which an input is handed to a machine.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub struct Now {
    /// What the device's wall clock says: milliseconds since 1970-01-01 UTC. May be years off.
    pub wall_ms: u64,
    /// A clock that never goes backwards while the machine runs, in milliseconds.
    pub mono_ms: u64,
}

/// A hybrid stamp: 48 bits of milliseconds, 16 bits of counter (Kulkarni et al. 2014).
///
/// Order of truth is the number in a log; stamps only break ties between writes that did not
/// know each other.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Default, Encode, Decode)]
#[cbor(transparent)]
pub struct Stamp(#[n(0)] pub u64);

impl Stamp {
    /// Builds a stamp; `ms` beyond 48 bits is cut to the largest that fits.
    pub const fn new(ms: u64, counter: u16) -> Self {
        let top = (1 << 48) - 1;
        let ms = if ms > top { top } else { ms };
        Self(ms << 16 | counter as u64)
    }

    /// Milliseconds since 1970.
    pub const fn ms(self) -> u64 {
        self.0 >> 16
    }
}

/// The hybrid clock of one device in one shop.
///
/// The last stamp is kept on disk, so that it never goes backwards across a restart.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub struct HybridClock {
    last: Stamp,
}

impl HybridClock {
    /// Goes on from the last stamp that was kept.
    pub const fn from_last(last: Stamp) -> Self {
        Self { last }
    }

    /// The last stamp given or seen.
    pub const fn last(&self) -> Stamp {
        self.last
    }

    /// Gives the next stamp: later than every stamp given or seen so far.
    pub fn tick(&mut self, wall_ms: u64) -> Stamp {
        let wall = Stamp::new(wall_ms, 0);
        self.last = if wall > self.last {
            wall
        } else {
            Stamp(self.last.0.saturating_add(1))
        };
        self.last
    }

    /// Takes note of another device's stamp.
    ///
    /// A stamp that is more than [`CLOCK_AHEAD_MAX_MS`] ahead of this device's own clock is not
    /// allowed to pull it forward: a till from 2036 must not drag the shop along.
    pub fn observe(&mut self, wall_ms: u64, seen: Stamp) {
        if seen > self.last && seen.ms() <= wall_ms.saturating_add(CLOCK_AHEAD_MAX_MS) {
            self.last = seen;
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn stamps_rise_even_when_the_wall_clock_falls_back() {
        let mut clock = HybridClock::default();
        let first = clock.tick(1_000);
        let second = clock.tick(400);
        assert!(second > first);
        assert_eq!(second.ms(), 1_000);
    }

    #[test]
    fn a_stamp_from_2036_does_not_pull_the_clock_forward() {
        let mut clock = HybridClock::default();
        clock.tick(1_000_000);
        clock.observe(1_000_000, Stamp::new(1_000_000 + CLOCK_AHEAD_MAX_MS + 1, 0));
        assert_eq!(clock.last().ms(), 1_000_000);
        clock.observe(1_000_000, Stamp::new(1_000_000 + CLOCK_AHEAD_MAX_MS, 7));
        assert_eq!(clock.last().ms(), 1_000_000 + CLOCK_AHEAD_MAX_MS);
    }
}
