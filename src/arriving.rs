//! History that is coming in: how much of it is here, and about how long the rest takes.

use std::collections::VecDeque;

/// How far back the rate is looked at, milliseconds: long enough to even out a slow disk.
const WINDOW_MS: u64 = 30_000;
/// How long something has to come before anything is said, milliseconds.
const ENOUGH_MS: u64 = 5_000;
/// After this long without anything new nothing is said any more, milliseconds.
const STALLED_MS: u64 = 15_000;
/// Samples are at least this far apart, milliseconds.
const SAMPLE_MS: u64 = 1_000;

const MINUTE_S: u64 = 60;
const HOUR_S: u64 = 60 * MINUTE_S;

/// How long something still takes, as coarse as it is known.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Left {
    /// Less than a minute.
    UnderAMinute,
    /// About so many minutes, 1 to 59.
    Minutes(u64),
    /// About so many hours, 1 or more.
    Hours(u64),
}

/// Something that is coming in piece by piece.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct Arriving {
    /// Pieces that are here.
    done: u64,
    /// Pieces in all.
    total: u64,
    /// How many were here at which moment, oldest first; the last one is of when the number last
    /// rose.
    samples: VecDeque<(u64, u64)>,
    /// What was said last. It stays while it is nearly right.
    said: Option<Left>,
}

impl Arriving {
    /// Pieces that are here.
    pub fn done(&self) -> u64 {
        self.done
    }

    /// Pieces in all.
    pub fn total(&self) -> u64 {
        self.total
    }

    /// Takes note of how many are here at a moment, milliseconds since 1970.
    pub fn came(&mut self, now_ms: u64, done: u64, total: u64) {
        self.total = total;
        let stalled = self.is_stalled(now_ms);
        let set_back = self.samples.back().is_some_and(|(at, _)| now_ms < *at);
        if stalled || set_back || done < self.done {
            // What was before says nothing of how fast it comes now.
            self.samples.clear();
            self.said = None;
        } else if done == self.done && !self.samples.is_empty() {
            return;
        }
        self.done = done;
        self.take_sample(now_ms);
        self.said = self.seconds_left().map(|seconds| match self.said {
            Some(said) if said.is_near(seconds) => said,
            _ => Left::of(seconds),
        });
    }

    /// About how long the rest takes; `None` while there is too little to go on, and when nothing
    /// has come for a while.
    pub fn left(&self, now_ms: u64) -> Option<Left> {
        self.said.filter(|_| !self.is_stalled(now_ms))
    }

    fn is_stalled(&self, now_ms: u64) -> bool {
        let last = self.samples.back();
        last.is_some_and(|(at, _)| now_ms.saturating_sub(*at) >= STALLED_MS)
    }

    fn take_sample(&mut self, now_ms: u64) {
        let before = self.samples.iter().rev().nth(1);
        if before.is_some_and(|(at, _)| now_ms - at < SAMPLE_MS) {
            self.samples.pop_back();
        }
        self.samples.push_back((now_ms, self.done));
        let is_old = |(at, _): &(u64, u64)| now_ms - at > WINDOW_MS;
        while self.samples.front().is_some_and(is_old) {
            self.samples.pop_front();
        }
    }

    fn seconds_left(&self) -> Option<u64> {
        let (first_ms, first) = *self.samples.front()?;
        let (last_ms, last) = *self.samples.back()?;
        let (took_ms, came) = (last_ms - first_ms, last - first);
        if took_ms < ENOUGH_MS || came == 0 {
            return None;
        }
        let rest = self.total.saturating_sub(self.done);
        let seconds = u128::from(rest) * u128::from(took_ms) / u128::from(came) / 1_000;
        u64::try_from(seconds).ok()
    }
}

impl Left {
    fn of(seconds: u64) -> Self {
        let rounded = |unit: u64| seconds.saturating_add(unit / 2) / unit;
        match (rounded(MINUTE_S), rounded(HOUR_S)) {
            _ if seconds < MINUTE_S => Self::UnderAMinute,
            (minutes @ 0..60, _) => Self::Minutes(minutes),
            (_, hours) => Self::Hours(hours.max(1)),
        }
    }

    /// Whether it may stay: nearly right is better than a word that changes to and fro.
    fn is_near(self, seconds: u64) -> bool {
        let near = |number: u64, unit: u64| {
            let (exact, slack) = (number.saturating_mul(unit), unit * 3 / 4);
            // One of a unit is the least: below it stands the next smaller unit.
            let low = exact.saturating_sub(slack).max(unit * 5 / 6);
            (low..=exact.saturating_add(slack)).contains(&seconds)
        };
        match self {
            Self::UnderAMinute => seconds < MINUTE_S * 5 / 4,
            Self::Minutes(minutes) => near(minutes, MINUTE_S),
            Self::Hours(hours) => near(hours, HOUR_S),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const START_MS: u64 = 1_700_000_000_000;

    /// What is said each time, when so many come each second.
    fn said(arriving: &mut Arriving, from_s: u64, rates: &[u64]) -> Vec<Option<Left>> {
        let mut done = arriving.done();
        let moments = rates.iter().zip(from_s..).map(|(rate, second)| {
            done += rate;
            let now_ms = START_MS + second * 1_000;
            arriving.came(now_ms, done, 100_000);
            arriving.left(now_ms)
        });
        moments.collect()
    }

    #[test]
    fn nothing_is_said_before_there_is_enough_to_go_on() {
        let mut arriving = Arriving::default();
        let said = said(&mut arriving, 0, &[500; 8]);
        assert_eq!(said[..5], [None; 5]);
        assert_eq!(said[5..], [Some(Left::Minutes(3)); 3]);
        assert_eq!((arriving.done(), arriving.total()), (4_000, 100_000));
    }

    #[test]
    fn one_piece_says_nothing_of_a_rate() {
        let mut arriving = Arriving::default();
        for second in 0..10 {
            arriving.came(START_MS + second * 1_000, 100, 200);
        }
        assert_eq!(arriving.left(START_MS + 9_000), None);
    }

    #[test]
    fn what_is_said_falls_to_less_than_a_minute_and_never_rises_at_an_even_rate() {
        let mut arriving = Arriving::default();
        let said = said(&mut arriving, 0, &[500; 199]);
        let mut steps: Vec<_> = said.into_iter().flatten().collect();
        steps.dedup();
        let expected = [
            Left::Minutes(3),
            Left::Minutes(2),
            Left::Minutes(1),
            Left::UnderAMinute,
        ];
        assert_eq!(steps, expected);
    }

    #[test]
    fn an_uneven_rate_does_not_make_it_jump() {
        let mut arriving = Arriving::default();
        let rates: Vec<u64> = (0..90)
            .map(|second| [350, 650, 420, 580][second % 4])
            .collect();
        let mut said: Vec<_> = said(&mut arriving, 0, &rates)
            .into_iter()
            .flatten()
            .collect();
        said.dedup();
        assert_eq!(said, [Left::Minutes(3), Left::Minutes(2)]);
    }

    #[test]
    fn nothing_is_said_when_nothing_has_come_for_a_while() {
        let mut arriving = Arriving::default();
        said(&mut arriving, 0, &[500; 10]);
        let last_ms = START_MS + 9_000;
        assert!(arriving.left(last_ms + STALLED_MS - 1).is_some());
        assert_eq!(arriving.left(last_ms + STALLED_MS), None);
        // That the others sell on does not make it come.
        arriving.came(last_ms + STALLED_MS - 1, 5_000, 100_001);
        assert_eq!(arriving.left(last_ms + STALLED_MS), None);
        // Once it comes again the rate is found anew, without the pause.
        let said = said(&mut arriving, 60, &[100; 7]);
        assert_eq!(said[..5], [None; 5]);
        assert_eq!(said[5..], [Some(Left::Minutes(16)); 2]);
    }

    #[test]
    fn a_rate_that_changes_for_good_is_what_counts() {
        let mut arriving = Arriving::default();
        said(&mut arriving, 0, &[100; 40]);
        let said = said(&mut arriving, 40, &[1_000; 31]);
        assert_eq!(said.last(), Some(&Some(Left::Minutes(1))));
    }

    #[test]
    fn many_pieces_in_a_second_are_few_samples() {
        let mut arriving = Arriving::default();
        for at in 0..60_000 {
            arriving.came(START_MS + at, at, 1_000_000);
        }
        assert!(arriving.samples.len() <= 32, "{}", arriving.samples.len());
        assert_eq!(arriving.left(START_MS + 60_000), Some(Left::Minutes(16)));
    }

    #[test]
    fn a_clock_that_is_set_back_and_pieces_that_are_gone_begin_anew() {
        for (now_ms, done) in [(START_MS, 6_000), (START_MS + 10_000, 10)] {
            let mut arriving = Arriving::default();
            said(&mut arriving, 0, &[500; 10]);
            arriving.came(now_ms, done, 100_000);
            assert_eq!(arriving.left(now_ms), None);
            assert_eq!(arriving.done(), done);
        }
    }

    #[test]
    fn words_are_as_coarse_as_what_is_known() {
        let of = [0, 59, 60, 89, 90, 3_569, 3_570, 5_399, 5_400, u64::MAX].map(Left::of);
        let hours = u64::MAX / HOUR_S;
        let expected = [
            Left::UnderAMinute,
            Left::UnderAMinute,
            Left::Minutes(1),
            Left::Minutes(1),
            Left::Minutes(2),
            Left::Minutes(59),
            Left::Hours(1),
            Left::Hours(1),
            Left::Hours(2),
            Left::Hours(hours),
        ];
        assert_eq!(of, expected);
        assert!(Left::Minutes(2).is_near(75) && !Left::Minutes(2).is_near(74));
        assert!(Left::Minutes(1).is_near(50) && !Left::Minutes(1).is_near(49));
        assert!(Left::Hours(1).is_near(3_000) && !Left::Hours(1).is_near(2_999));
    }
}
