//! What happened in a world, for people: who joined, left, was cut, restarted, and when.

use std::fmt;

use crate::clock::Moment;

/// What happened, oldest first, in a few words each.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct Timeline(Vec<(Moment, String)>);

impl Timeline {
    /// Takes note of something.
    pub fn add(&mut self, at: Moment, what: impl fmt::Display) {
        self.0.push((at, what.to_string()));
    }

    /// When what happened.
    pub fn lines(&self) -> impl Iterator<Item = (Moment, &str)> {
        self.0.iter().map(|(at, what)| (*at, what.as_str()))
    }
}

impl fmt::Display for Timeline {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        for (at, what) in self.lines() {
            let (ms, s) = (at.ms() % 1_000, at.ms() / 1_000);
            let (hours, minutes) = (s / 3_600, s / 60 % 60);
            writeln!(f, "  {hours:02}:{minutes:02}:{:02}.{ms:03} {what}", s % 60)?;
        }
        Ok(())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_line_says_when_and_what() {
        let mut timeline = Timeline::default();
        timeline.add(Moment::from_ms(3_723_045), "node 1 joins");
        assert_eq!(timeline.to_string(), "  01:02:03.045 node 1 joins\n");
    }
}
