//! How long to wait before the next try.

use base::Random;
use base::limits::BACKOFF_FIRST_MS;

/// Exponential backoff with full jitter (Marc Brooker, "Exponential Backoff And Jitter", 2015).
///
/// Full jitter, because a power cut makes a whole shop come back in the same second.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub struct Backoff {
    tries: u32,
}

impl Backoff {
    /// How often it was tried since the last success.
    pub const fn tries(&self) -> u32 {
        self.tries
    }

    /// The wait before the next try in milliseconds: 1 up to a ceiling that doubles with every
    /// try, at most `cap_ms`; usually [`base::limits::BACKOFF_MAX_MS`].
    pub fn next_ms(&mut self, cap_ms: u64, random: &mut dyn Random) -> u64 {
        1 + u64::from_be_bytes(random.bytes()) % self.next_alone_ms(cap_ms)
    }

    /// The same without jitter, for what nobody else tries at the same time: the ceiling itself.
    pub fn next_alone_ms(&mut self, cap_ms: u64) -> u64 {
        let doubled = BACKOFF_FIRST_MS
            .checked_shl(self.tries.min(32))
            .unwrap_or(cap_ms);
        self.tries = self.tries.saturating_add(1);
        doubled.min(cap_ms).max(1)
    }

    /// Begins anew: it worked, or the network changed.
    pub fn reset(&mut self) {
        self.tries = 0;
    }
}

#[cfg(test)]
mod tests {
    use base::limits::BACKOFF_MAX_MS;

    use super::*;

    struct Fixed(u8);

    impl Random for Fixed {
        fn fill(&mut self, bytes: &mut [u8]) {
            bytes.fill(self.0);
        }
    }

    struct Counting(u64);

    impl Random for Counting {
        fn fill(&mut self, bytes: &mut [u8]) {
            self.0 = self
                .0
                .wrapping_mul(6_364_136_223_846_793_005)
                .wrapping_add(1);
            bytes
                .iter_mut()
                .zip(self.0.to_be_bytes())
                .for_each(|(to, from)| *to = from);
        }
    }

    #[test]
    fn waits_grow_to_the_cap_and_stay_there() {
        let mut random = Counting(3);
        let mut backoff = Backoff::default();
        let mut longest = 0;
        for attempt in 0..200_u32 {
            let ceiling = (BACKOFF_FIRST_MS << attempt.min(30)).min(BACKOFF_MAX_MS);
            let wait = backoff.next_ms(BACKOFF_MAX_MS, &mut random);
            assert!((1..=ceiling).contains(&wait), "try {attempt} waits {wait}");
            longest = longest.max(wait);
        }
        assert!(longest > BACKOFF_MAX_MS / 2);
        assert_eq!(backoff.tries(), 200);
    }

    #[test]
    fn no_wait_is_longer_than_a_lower_cap() {
        let (mut random, mut backoff) = (Counting(5), Backoff::default());
        let waits: Vec<_> = (0..100)
            .map(|_| backoff.next_ms(30_000, &mut random))
            .collect();
        assert!(waits.iter().all(|wait| *wait <= 30_000));
        assert!(waits.iter().any(|wait| *wait > 15_000));
    }

    #[test]
    fn a_wait_is_never_zero_and_a_reset_begins_anew() {
        let mut backoff = Backoff::default();
        assert_eq!(backoff.next_ms(BACKOFF_MAX_MS, &mut Fixed(0)), 1);
        (0..20).for_each(|_| _ = backoff.next_ms(7, &mut Fixed(9)));
        backoff.reset();
        assert!(backoff.next_ms(BACKOFF_MAX_MS, &mut Fixed(0xff)) <= BACKOFF_FIRST_MS);
    }
}
