//! `sim`: a shop in a virtual storm, from seeds.

use std::ffi::OsString;
use std::process::Stdio;

use super::Command;
use crate::trouble::Trouble;
use crate::workspace;

/// This command.
pub const COMMAND: Command = Command {
    name: "sim",
    usage: "sim [--tills N] [--seed S] [--seeds COUNT] [--hours H] [--faults LIST] [--put-out] [--real]",
    about: "play a shop of N tills in a virtual storm; --help says what each option and each fault is",
    run,
};

fn run(mut parser: lexopt::Parser) -> Result<(), Trouble> {
    let options: Vec<OsString> = parser.raw_args()?.collect();
    let mut cargo = workspace::cargo();
    // The development profile: tests have built it already, and it checks sums for overflow.
    cargo.args(["run", "--quiet", "--package", "sim", "--bin", "play", "--"]);
    // Its lines are shown as they come: thousands of seeds take a while.
    let ended = cargo.args(options).stdin(Stdio::null()).status();
    let ended = ended.map_err(|problem| Trouble::MachineLacks {
        program: "cargo".to_owned(),
        remedy: format!("({problem})"),
    })?;
    if ended.success() {
        Ok(())
    } else {
        Err(Trouble::Found(
            "A promise was broken, or an option is wrong; the lines above say which.".to_owned(),
        ))
    }
}
