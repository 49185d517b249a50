//! `deny`: licences, sources and advisories of every package that we use.

use std::process::Command as Program;

use super::Command;
use crate::step;
use crate::tool::{self, Tool};
use crate::trouble::Trouble;
use crate::workspace;

/// This command.
pub const COMMAND: Command = Command {
    name: "deny",
    usage: "deny",
    about: "check licences, sources and known faults of packages",
    run,
};

fn run(mut parser: lexopt::Parser) -> Result<(), Trouble> {
    if let Some(other) = parser.next()? {
        return Err(other.unexpected().into());
    }
    let path = tool::search_path(&[Tool::cargo_deny().ensure()?])?;
    let mut check = cargo_deny(&path);
    check.args(["bans", "licenses", "sources"]);
    step::run("Checking licences and sources of packages", &mut check)?;
    let mut fetch = workspace::cargo();
    fetch.args(["deny", "fetch", "db"]).env("PATH", &path);
    println!("Fetching the list of known faults …");
    if !step::attempt(&mut fetch)?.is_success {
        println!("  skipped: the list can't be reached from here");
        return Ok(());
    }
    let mut check = cargo_deny(&path);
    check.args(["--disable-fetch", "advisories"]);
    step::run("Checking packages for known faults", &mut check).map(|_| ())
}

fn cargo_deny(path: &std::ffi::OsStr) -> Program {
    let mut cargo = workspace::cargo();
    cargo
        .args([
            "deny",
            "--workspace",
            "--all-features",
            "check",
            "--hide-inclusion-graph",
        ])
        .env("PATH", path);
    cargo
}
