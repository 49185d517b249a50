//! `test`: everything that can be proven here.

use std::time::Instant;

use lexopt::prelude::*;

use super::Command;
use crate::record::Record;
use crate::suite::{Size, Suite, Tally};
use crate::trouble::{Spent, Trouble};

/// This command.
pub const COMMAND: Command = Command {
    name: "test",
    usage: "test [--long] [--only NAME]",
    about: "run every test; NAME is a suite, a room or a file of tests/; \
            --long runs the full counts and writes docs/long-run.md",
    run,
};

fn run(mut parser: lexopt::Parser) -> Result<(), Trouble> {
    let (mut size, mut suites) = (Size { is_long: false }, Suite::all());
    while let Some(option) = parser.next()? {
        match option {
            Long("long") => size.is_long = true,
            Long("only") => suites = vec![Suite::named(&parser.value()?.string()?)?],
            other => return Err(other.unexpected().into()),
        }
    }
    let start = Instant::now();
    let mut tally = Tally::default();
    let mut record = Record::begin();
    let is_whole = suites == Suite::all();
    for suite in suites {
        let (counted, spent) = suite.run(size);
        record.add(suite.name(), &counted, spent);
        tally.add(counted);
    }
    if size.is_long && is_whole {
        record.write(&tally, start.elapsed())?;
    }
    println!("\nAll of it took {}", Spent(start.elapsed()));
    for skip in &tally.skipped {
        println!("skipped: {} ({})", skip.name, skip.reason);
    }
    if std::env::var("CI").is_ok_and(|value| value == "true") {
        tally = tally.with_skipped_as_failed();
    }
    println!("{tally}");
    if tally.failed > 0 {
        // The line above says it all and must be the last.
        std::process::exit(1);
    }
    Ok(())
}
