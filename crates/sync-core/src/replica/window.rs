//! Credit: how many bytes of segments the other side may send.
//!
//! The store is the slow end, not the network, so the side that receives gives credit as it gets
//! things done. Limits are absolute, counted from the beginning of the link, so that a credit
//! message can be late or repeated without harm (the idea: QUIC, RFC 9000 §4.1).

use base::limits::{CREDIT_BYTES_MAX, CREDIT_FIRST_BYTES, MESSAGE_BYTES_MAX};

/// More than any link will carry, and far from where sums end.
const ENDLESS: u64 = u64::MAX / 2;

/// What the receiving side knows of one channel.
#[derive(Debug, Clone)]
pub(super) struct Window {
    size: u64,
    grows: bool,
    came: u64,
    taken: u64,
    told: u64,
    /// Where the measurement that is under way began.
    since: (u64, u64),
    best_per_s: u64,
}

impl Window {
    /// For bulk: grows as long as a bigger window brings more.
    pub fn growing(now_ms: u64) -> Self {
        let size = u64::from(CREDIT_FIRST_BYTES);
        let since = (now_ms, 0);
        Self {
            size,
            grows: true,
            came: 0,
            taken: 0,
            told: size,
            since,
            best_per_s: 0,
        }
    }

    /// For live: stays as it is.
    pub fn fixed() -> Self {
        Self {
            grows: false,
            ..Self::growing(0)
        }
    }

    /// For a simulator that turned credit off: there is no end of room.
    pub fn endless() -> Self {
        Self {
            told: ENDLESS,
            ..Self::fixed()
        }
    }

    /// Bytes came; `false` when that is beyond what credit and one list over it allow.
    #[must_use]
    pub fn receive(&mut self, bytes: u64) -> bool {
        self.came = self.came.saturating_add(bytes);
        self.came <= self.told + MESSAGE_BYTES_MAX as u64
    }

    /// Bytes are done with: stored, dropped or set aside.
    pub fn take(&mut self, bytes: u64, now_ms: u64) {
        self.taken = self.taken.saturating_add(bytes);
        if self.grows {
            self.measure(now_ms);
        }
    }

    /// Begins to measure anew: nothing was asked for a while.
    pub fn begin(&mut self, now_ms: u64) {
        self.since = (now_ms, self.taken);
    }

    fn measure(&mut self, now_ms: u64) {
        let (since_ms, since_taken) = self.since;
        let taken = self.taken - since_taken;
        if taken < self.size {
            return;
        }
        let per_s = taken * 1_000 / now_ms.saturating_sub(since_ms).max(1);
        self.since = (now_ms, self.taken);
        if per_s > self.best_per_s + self.best_per_s / 4 {
            // A bigger window paid off; the next may too.
            self.best_per_s = per_s;
            self.size = (self.size * 2).min(u64::from(CREDIT_BYTES_MAX));
        } else if per_s < self.best_per_s / 2 {
            self.best_per_s = per_s;
            self.size = (self.size / 2).max(u64::from(CREDIT_FIRST_BYTES));
        }
    }

    /// The limit to tell, when it is far enough from the one told last.
    pub fn due(&self) -> bool {
        self.limit() >= self.told + self.size / 4
    }

    /// The limit, which counts as told from here on. Never goes back.
    pub fn tell(&mut self) -> u64 {
        self.told = self.told.max(self.limit());
        self.told
    }

    /// Whether the other side may send.
    pub fn open(&self) -> bool {
        self.came < self.told
    }

    fn limit(&self) -> u64 {
        self.taken + self.size
    }
}

/// What the sending side knows of one channel.
#[derive(Debug, Clone)]
pub(super) struct Allowance {
    sent: u64,
    limit: u64,
}

impl Default for Allowance {
    fn default() -> Self {
        Self {
            sent: 0,
            limit: u64::from(CREDIT_FIRST_BYTES),
        }
    }
}

impl Allowance {
    /// For a simulator that turned credit off: nothing is waited for.
    pub fn endless() -> Self {
        let (sent, limit) = (0, ENDLESS);
        Self { sent, limit }
    }

    /// Takes a limit that was told; an older one changes nothing.
    pub fn raise(&mut self, limit: u64) {
        self.limit = self.limit.max(limit);
    }

    /// Bytes that may be sent. A list may begin while there are any and end one segment over it,
    /// so that a segment bigger than the window gets through.
    pub fn left(&self) -> u64 {
        self.limit.saturating_sub(self.sent)
    }

    /// Bytes were sent.
    pub fn spend(&mut self, bytes: u64) {
        self.sent = self.sent.saturating_add(bytes);
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const FIRST: u64 = CREDIT_FIRST_BYTES as u64;

    #[test]
    fn a_window_grows_while_that_brings_more_and_not_beyond_its_bound() {
        let mut window = Window::growing(0);
        let mut now_ms = 0;
        for _ in 0..12 {
            // The whole window comes through in the same time, whatever its size.
            let size = window.size;
            now_ms += 10;
            window.take(size, now_ms);
        }
        assert_eq!(window.size, u64::from(CREDIT_BYTES_MAX));
    }

    #[test]
    fn a_window_stays_when_the_store_is_the_slow_end() {
        let mut window = Window::growing(0);
        let mut now_ms = 0;
        for _ in 0..12 {
            now_ms += window.size / 1_000;
            window.take(window.size, now_ms);
        }
        assert_eq!(window.size, 2 * FIRST);
    }

    #[test]
    fn a_window_shrinks_when_it_goes_badly() {
        let mut window = Window::growing(0);
        window.take(FIRST, 10);
        window.take(2 * FIRST, 20);
        assert_eq!(window.size, 4 * FIRST);
        window.take(4 * FIRST, 10_000);
        assert_eq!(window.size, 2 * FIRST);
        assert!(window.tell() >= FIRST * 8);
    }

    #[test]
    fn limits_told_never_go_back() {
        let mut window = Window::fixed();
        assert!(!window.due());
        window.take(FIRST / 4, 0);
        assert!(window.due());
        assert_eq!(window.tell(), FIRST + FIRST / 4);
        assert!(!window.due());
        let mut allowance = Allowance::default();
        allowance.raise(0);
        assert_eq!(allowance.left(), FIRST);
        allowance.spend(FIRST + 5);
        assert_eq!(allowance.left(), 0);
    }

    #[test]
    fn more_than_credit_and_one_list_is_too_much() {
        let mut window = Window::fixed();
        assert!(window.receive(FIRST + MESSAGE_BYTES_MAX as u64));
        assert!(!window.open());
        assert!(!window.receive(1));
    }
}
