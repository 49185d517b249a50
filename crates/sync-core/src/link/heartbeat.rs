//! Whether the other end is still there, and how far away it is.

use base::limits::{LINK_SILENT_MAX_MS, PING_INTERVAL_MS};

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
        }
    }

    pub fn heard(&mut self, now_ms: u64) {
        self.heard_ms = now_ms;
    }

    pub fn pong(&mut self, number: u64, now_ms: u64) {
        if number != self.number {
            return;
        }
        let Some(asked_ms) = self.asked_ms.take() else {
            return;
        };
        let measured = now_ms.saturating_sub(asked_ms);
        // An eighth of each new measure, as TCP does (RFC 6298 §2).
        self.round_trip_ms = Some(match self.round_trip_ms {
            Some(smoothed) => (smoothed * 7 + measured) / 8,
            None => measured,
        });
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
