//! The command line of a game: what is to be played, and what the words on it mean.

use std::fmt;

use lexopt::prelude::*;
use sim::scenario::{Scenario, Trouble};

/// How long is sold where nobody says otherwise, minutes; with a till that is put out twice that,
/// long enough that blocks are made.
const MINUTES: u64 = 10;

/// What is to be played.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Wanted {
    /// The days.
    pub scenario: Scenario,
    /// Seed of the first.
    pub first_seed: u64,
    /// How many.
    pub seeds: u64,
    /// With the cryptography of real tills.
    pub real: bool,
    /// A scenario that fails stays as long as it is.
    pub unshrunk: bool,
}

/// What a command line asks for.
#[derive(Debug, PartialEq, Eq)]
pub enum Asked {
    /// To play.
    Play(Wanted),
    /// To say how that is asked for.
    Help,
}

impl fmt::Display for Wanted {
    /// The command that plays it.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let (scenario, seed) = (&self.scenario, self.first_seed);
        write!(f, "cargo xtask sim {scenario} --seed {seed}")?;
        if self.seeds != 1 {
            write!(f, " --seeds {}", self.seeds)?;
        }
        f.write_str(if self.real { " --real" } else { "" })?;
        f.write_str(if self.unshrunk { " --unshrunk" } else { "" })
    }
}

/// Reads the options.
///
/// # Errors
/// What is wrong with them.
pub fn parse(mut parser: lexopt::Parser) -> Result<Asked, lexopt::Error> {
    let (mut tills, mut first_seed, mut seeds, mut real) = (5, 1, 1, false);
    let (mut minutes, mut troubles, mut put_out) = (None, Trouble::weather(), false);
    let (mut degree, mut sales_per_second, mut unshrunk) = (None, None, false);
    while let Some(option) = parser.next()? {
        match option {
            Long("tills") => tills = parser.value()?.parse()?,
            Long("degree") => degree = Some(parser.value()?.parse()?),
            Long("sales-rate") => sales_per_second = Some(parser.value()?.parse()?),
            Long("seed") => first_seed = parser.value()?.parse()?,
            Long("seeds") => seeds = parser.value()?.parse()?,
            Long("hours") => minutes = Some(parser.value()?.parse::<u64>()?.saturating_mul(60)),
            Long("minutes") => minutes = Some(parser.value()?.parse()?),
            Long("faults") => {
                let words = parser.value()?.string()?;
                let list = Trouble::list(&words);
                troubles = list.map_err(|word| {
                    format!("no fault goes by the word \"{word}\"; --help lists them")
                })?;
            }
            Long("put-out") => put_out = true,
            Long("real") => real = true,
            Long("unshrunk") => unshrunk = true,
            Long("help") | Short('h') => return Ok(Asked::Help),
            other => return Err(other.unexpected()),
        }
    }
    if put_out {
        troubles.insert(Trouble::PutOut);
    }
    let puts_out = troubles.contains(&Trouble::PutOut);
    let minutes = minutes.unwrap_or(if puts_out { 2 * MINUTES } else { MINUTES });
    if tills == 0 || seeds == 0 || minutes == 0 {
        return Err("--tills, --seeds, --hours and --minutes begin at 1".into());
    }
    if sales_per_second == Some(0) {
        return Err("--sales-rate begins at 1".into());
    }
    if degree.is_some_and(|degree: u32| degree == 0 || degree % 2 == 1) {
        return Err("--degree is an even number, 2 at least: tills meet along rings".into());
    }
    if puts_out && tills < 2 {
        return Err("--put-out needs a founder and a till: --tills 2".into());
    }
    let scenario = Scenario {
        tills,
        degree,
        minutes,
        sales_per_second,
        troubles,
    };
    Ok(Asked::Play(Wanted {
        scenario,
        first_seed,
        seeds,
        real,
        unshrunk,
    }))
}

/// What each option and each fault is, a line each.
pub fn help() -> String {
    let options = [
        (
            "--tills N",
            "how many devices sell; 5 where nobody says otherwise",
        ),
        (
            "--degree D",
            "how many others each meets, an even number; 6, up to 20 tills all",
        ),
        (
            "--seed S",
            "the first seed, from which everything follows; 1",
        ),
        ("--seeds COUNT", "how many seeds, one day each; 1"),
        ("--hours H", "how long is sold, virtual hours"),
        (
            "--minutes M",
            "the same in minutes; 10, or 20 where a till is put out",
        ),
        (
            "--sales-rate R",
            "how many sales a second all tills make together; each one in 2.6 seconds",
        ),
        (
            "--faults LIST",
            "what goes wrong, words of the list below with commas between; weather",
        ),
        ("--put-out", "the same as put-out among the faults"),
        (
            "--real",
            "the cryptography of real tills in place of a quick stand-in",
        ),
        (
            "--unshrunk",
            "a scenario that fails is not made as short as it can be",
        ),
    ];
    let mut text = String::from("Plays a shop in a virtual storm.\n\n");
    let mut line = |word: &str, about: &str| text.push_str(&format!("  {word:<14} {about}\n"));
    for (option, about) in options {
        line(option, about);
    }
    text.push_str("\nFaults:\n");
    let mut line = |word: &str, about: &str| text.push_str(&format!("  {word:<14} {about}\n"));
    for trouble in Trouble::all() {
        line(trouble.word(), trouble.about());
    }
    line("weather", "all of these before new-roles");
    line("none", "nothing");
    text
}

#[cfg(test)]
mod tests {
    use super::*;

    fn parsed(words: &str) -> Result<Asked, String> {
        let parser = lexopt::Parser::from_args(words.split_whitespace());
        parse(parser).map_err(|problem| problem.to_string())
    }

    #[test]
    fn the_command_that_is_printed_plays_the_same() {
        for words in [
            "--tills 7 --seed 42",
            "--seeds 3 --real --hours 2 --unshrunk",
            "--put-out",
            "--faults cut,new-roles --minutes 3",
            "--tills 30 --degree 4 --sales-rate 5",
            "--faults weather,night",
        ] {
            let Ok(Asked::Play(wanted)) = parsed(words) else {
                panic!("{words}");
            };
            let command = wanted.to_string();
            let again = parsed(command.trim_start_matches("cargo xtask sim "));
            assert_eq!(again, Ok(Asked::Play(wanted)), "{command}");
        }
    }

    #[test]
    fn what_cannot_be_played_is_refused() {
        for words in [
            "--tills 0",
            "--hours 0",
            "--tills 1 --put-out",
            "--degree 3",
            "--sales-rate 0",
            "--faults cut,flood",
        ] {
            assert!(parsed(words).is_err(), "{words}");
        }
    }

    #[test]
    fn help_has_a_line_for_every_fault() {
        assert_eq!(parsed("--help"), Ok(Asked::Help));
        let text = help();
        for trouble in Trouble::all() {
            let starts = format!("  {} ", trouble.word());
            assert!(
                text.lines().any(|line| line.starts_with(&starts)),
                "{starts}"
            );
        }
        assert!(text.lines().all(|line| line.chars().count() <= 100));
    }
}
