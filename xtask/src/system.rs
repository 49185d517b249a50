//! Programs of the system that tests need, installed from its packages where that can be done.

use std::process::Command;

use crate::{step, workspace};

/// A program, and the package of Debian and Ubuntu that brings it.
#[derive(Debug, Clone, Copy)]
pub struct Program {
    /// What is run.
    pub name: &'static str,
    /// What is installed.
    pub package: &'static str,
}

/// Installs the packages of those programs that are not on the search path.
///
/// It takes apt-get and root, and asks nobody. Where it can't be done nothing happens: what needs
/// a program says so itself, and runs without it or not at all.
pub fn install_missing(programs: &[Program]) {
    let missing = programs
        .iter()
        .filter(|program| workspace::find_program(&[program.name]).is_none())
        .map(|program| program.package);
    let missing: Vec<&str> = missing.collect();
    if missing.is_empty() || workspace::find_program(&["apt-get"]).is_none() || !is_root() {
        return;
    }
    let mut update = Command::new("apt-get");
    update.args(["update", "--quiet"]);
    let mut install = Command::new("apt-get");
    install
        .args(["install", "--quiet", "--yes", "--no-install-recommends"])
        .args(&missing)
        .env("DEBIAN_FRONTEND", "noninteractive");
    let sentence = format!(
        "Installing {} from the system's packages",
        missing.join(", ")
    );
    let done = step::run("Reading the list of the system's packages", &mut update)
        .and_then(|_| step::run(&sentence, &mut install));
    if let Err(trouble) = done {
        println!("{trouble}");
    }
}

fn is_root() -> bool {
    let said = Command::new("id").arg("-u").output();
    said.is_ok_and(|said| said.stdout.trim_ascii() == b"0")
}
