//! `sim`: a shop in a virtual storm, from seeds.

use std::ffi::OsString;
use std::process::Stdio;

use super::Command;
use crate::trouble::Trouble;
use crate::workspace;

/// This command.
pub const COMMAND: Command = Command {
    name: "sim",
    usage: "sim [--optimized] [--tills N] [--seed S] [--seeds COUNT] [--hours H] [--faults LIST] [--real]",
    about: "play a shop of N tills in a virtual storm; --help says what each option and each fault is",
    run,
};

/// Builds it for speed first, which takes minutes once and is worth it for big shops. Sums are
/// checked for overflow all the same.
const OPTIMIZED: &str = "--optimized";

fn run(mut parser: lexopt::Parser) -> Result<(), Trouble> {
    let mut options: Vec<OsString> = parser.raw_args()?.collect();
    let given = options.len();
    options.retain(|option| option != OPTIMIZED);
    // The development profile: tests have built it already, and it checks sums for overflow.
    let profile = if options.len() < given {
        "storm"
    } else {
        "dev"
    };
    let mut cargo = workspace::cargo();
    cargo.args(["run", "--quiet", "--profile", profile]);
    cargo.args(["--package", "sim", "--bin", "play", "--"]);
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
