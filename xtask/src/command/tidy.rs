//! `tidy`: what compilers don't check.

use super::Command;
use crate::tidy;
use crate::trouble::Trouble;

/// This command.
pub const COMMAND: Command = Command {
    name: "tidy",
    usage: "tidy",
    about: "check walls between rooms, sizes, names, packages and the map",
    run,
};

fn run(mut parser: lexopt::Parser) -> Result<(), Trouble> {
    if let Some(other) = parser.next()? {
        return Err(other.unexpected().into());
    }
    let findings = tidy::check()?;
    for finding in &findings {
        println!("{finding}");
    }
    match findings.len() {
        0 => {
            println!("The house is tidy.");
            Ok(())
        }
        count => Err(Trouble::Found(format!("{count} to tidy up."))),
    }
}
