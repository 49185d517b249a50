//! Whether the other end is still there, how far away it is, and what its clock says.

use std::collections::VecDeque;

use base::Now;
use base::limits::{LINK_SILENT_MAX_MS, PING_INTERVAL_MS};

/// Measures of the other clock that are remembered, as many as NTP's clock filter has (RFC 5905
/// §10).
const CLOCKS_MAX: usize = 8;

/// What is to be done now.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Beat {
    Nothing,
    Ping(u64),
    Dead,
}

/// Pings, their answers, and silence.
#[derive(Debug)]
pub(super) struct Heartbeat {
    heard_ms: u64,
    next_ping_ms: u64,
    number: u64,
    /// When the ping with the current number went out; `None` once it is answered.
    asked_ms: Option<u64>,
    round_trip_ms: Option<u64>,
    /// Round trips, and how far our wall clock was ahead of theirs then, oldest first.
    clocks: VecDeque<(u64, i64)>,
}

impl Heartbeat {
    pub fn new(now_ms: u64) -> Self {
        // The first ping goes at once: it measures the round trip.
        let next_ping_ms = now_ms;
        Self {
            heard_ms: now_ms,
            next_ping_ms,
            number: 0,
            asked_ms: None,
            round_trip_ms: None,
            clocks: VecDeque::new(),
        }
    }

    pub fn heard(&mut self, now_ms: u64) {
        self.heard_ms = now_ms;
    }

    pub fn pong(&mut self, number: u64, their_wall_ms: u64, now: Now) {
        if number != self.number {
            return;
        }
        let Some(asked_ms) = self.asked_ms.take() else {
            return;
        };
        let measured = now.mono_ms.saturating_sub(asked_ms);
        // An eighth of each new measure, as TCP does (RFC 6298 §2).
        self.round_trip_ms = Some(match self.round_trip_ms {
            Some(smoothed) => (smoothed * 7 + measured) / 8,
            None => measured,
        });
        if self.clocks.len() >= CLOCKS_MAX {
            self.clocks.pop_front();
        }
        // Half of the round trip ago their clock said this.
        let theirs_ms = their_wall_ms.saturating_add(measured / 2);
        self.clocks
            .push_back((measured, ahead_ms(now.wall_ms, theirs_ms)));
    }

    /// The newest of the measures with the shortest round trip: a long one may have been long one
    /// way only.
    pub fn ahead_ms(&self) -> Option<i64> {
        let clocks = self.clocks.iter().rev();
        clocks
            .min_by_key(|(round_trip_ms, _)| *round_trip_ms)
            .map(|(_, ahead_ms)| *ahead_ms)
    }

    pub fn tick(&mut self, now_ms: u64) -> Beat {
        if now_ms >= self.heard_ms + LINK_SILENT_MAX_MS {
            return Beat::Dead;
        }
        if now_ms < self.next_ping_ms {
            return Beat::Nothing;
        }
        self.next_ping_ms = now_ms + PING_INTERVAL_MS;
        self.number += 1;
        self.asked_ms = Some(now_ms);
        Beat::Ping(self.number)
    }

    pub fn deadline(&self) -> u64 {
        self.next_ping_ms.min(self.heard_ms + LINK_SILENT_MAX_MS)
    }

    pub fn round_trip_ms(&self) -> Option<u64> {
        self.round_trip_ms
    }

    pub fn heard_ms(&self) -> u64 {
        self.heard_ms
    }
}

/// The difference of two clocks. What the other end says may be beyond all reason.
fn ahead_ms(ours_ms: u64, theirs_ms: u64) -> i64 {
    let signed = |ms: u64| i64::try_from(ms).unwrap_or(i64::MAX);
    signed(ours_ms).saturating_sub(signed(theirs_ms))
}
