//! Plays days in a storm, a line per seed: `cargo xtask sim --tills 5 --seed 1 --seeds 100`.

use std::fmt;
use std::process::ExitCode;
use std::thread;

use device::{Device, Setup};
use lexopt::prelude::*;
use sim::Hands;
use sim::seeds::run_all;
use sim::shop::{Day, Report, play};

/// What is to be played.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
struct Wanted {
    tills: u32,
    first_seed: u64,
    seeds: u64,
    real: bool,
    put_out: bool,
}

impl fmt::Display for Wanted {
    /// The command that plays it.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Self {
            tills, first_seed, ..
        } = self;
        write!(f, "cargo xtask sim --tills {tills} --seed {first_seed}")?;
        if self.seeds != 1 {
            write!(f, " --seeds {}", self.seeds)?;
        }
        f.write_str(if self.real { " --real" } else { "" })?;
        f.write_str(if self.put_out { " --put-out" } else { "" })
    }
}

impl Wanted {
    /// Reads the options.
    fn parse(mut parser: lexopt::Parser) -> Result<Self, lexopt::Error> {
        let mut wanted = Self {
            tills: 5,
            first_seed: 1,
            seeds: 1,
            real: false,
            put_out: false,
        };
        while let Some(option) = parser.next()? {
            match option {
                Long("tills") => wanted.tills = parser.value()?.parse()?,
                Long("seed") => wanted.first_seed = parser.value()?.parse()?,
                Long("seeds") => wanted.seeds = parser.value()?.parse()?,
                Long("real") => wanted.real = true,
                Long("put-out") => wanted.put_out = true,
                other => return Err(other.unexpected()),
            }
        }
        if wanted.tills == 0 || wanted.seeds == 0 {
            return Err("--tills and --seeds begin at 1".into());
        }
        if wanted.put_out && wanted.tills < 2 {
            return Err("--put-out needs a founder and a till: --tills 2".into());
        }
        Ok(wanted)
    }

    /// Plays one seed and prints its line; `None` when a promise was broken.
    fn play(self, seed: u64) -> Option<Report> {
        let make_hands = if self.real { Hands::real } else { Hands::fast };
        let day = if self.put_out {
            Day::with_leaving(seed, self.tills)
        } else {
            Day::stormy(seed, self.tills)
        };
        let played = play(&day, |_| Device::new(Setup::default()), |_| make_hands());
        match played {
            Ok(report) => {
                println!("{report}");
                report.is_fine().then_some(report)
            }
            Err(stuck) => {
                println!("seed {seed}: {stuck}");
                None
            }
        }
    }
}

fn main() -> ExitCode {
    let wanted = match Wanted::parse(lexopt::Parser::from_env()) {
        Ok(wanted) => wanted,
        Err(problem) => {
            eprintln!("{problem}");
            return ExitCode::FAILURE;
        }
    };
    let seeds = wanted.first_seed..wanted.first_seed.saturating_add(wanted.seeds);
    let threads = thread::available_parallelism().map_or(1, usize::from);
    let played = run_all(seeds.clone(), threads, |seed| wanted.play(seed));
    let count = |counter: fn(&Report) -> u64| -> u64 { played.iter().flatten().map(counter).sum() };
    let fine = played.iter().flatten().count();
    println!(
        "\n{fine} of {} seeds kept every promise: {} sales paid, {} frames dropped, {} doubled, \
         {} reordered, {} restarts",
        played.len(),
        count(|report| report.paid),
        count(|report| report.network.dropped),
        count(|report| report.network.doubled),
        count(|report| report.network.reordered),
        count(|report| report.restarts),
    );
    let broken = seeds.zip(&played).filter(|(_, report)| report.is_none());
    for (seed, _) in broken {
        let again = Wanted {
            first_seed: seed,
            seeds: 1,
            ..wanted
        };
        println!("  play it again: {again}");
    }
    if fine == played.len() {
        ExitCode::SUCCESS
    } else {
        ExitCode::FAILURE
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_command_that_is_printed_plays_the_same() {
        for (real, put_out) in [(false, false), (true, false), (true, true)] {
            let wanted = Wanted {
                tills: 7,
                first_seed: 42,
                seeds: 1,
                real,
                put_out,
            };
            let command = wanted.to_string();
            let options = command.split_whitespace().skip(3);
            let parsed = Wanted::parse(lexopt::Parser::from_args(options));
            assert_eq!(parsed.ok(), Some(wanted), "{command}");
        }
    }

    #[test]
    fn a_shop_without_tills_is_refused() {
        let parser = lexopt::Parser::from_args(["--tills", "0"]);
        assert!(Wanted::parse(parser).is_err());
    }
}
