//! `fuzz`: looks for bytes that break a promise.

use lexopt::prelude::*;

use super::Command;
use crate::fuzz;
use crate::trouble::Trouble;

/// How long a target runs when nobody says.
const MINUTES: u32 = 10;
/// The longest: a step that takes an hour is stuck.
const MINUTES_MAX: u32 = 50;

/// This command.
pub const COMMAND: Command = Command {
    name: "fuzz",
    usage: "fuzz [--minutes N] [TARGET …]",
    about: "give every decoder bytes that nobody wrote, 10 minutes each; keeps what reaches new \
            code in fuzz/corpus and writes docs/fuzzing.md",
    run,
};

fn run(mut parser: lexopt::Parser) -> Result<(), Trouble> {
    let (mut minutes, mut targets) = (MINUTES, Vec::new());
    while let Some(option) = parser.next()? {
        match option {
            Long("minutes") => minutes = parser.value()?.parse()?,
            Value(target) => targets.push(target.string()?),
            other => return Err(other.unexpected().into()),
        }
    }
    if !(1..=MINUTES_MAX).contains(&minutes) {
        let text = format!("A target runs for 1 to {MINUTES_MAX} minutes.");
        return Err(Trouble::UserOption(text));
    }
    fuzz::run(&targets, minutes)
}
