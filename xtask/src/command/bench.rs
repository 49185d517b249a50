//! `bench`: the app beside the least that a page can do, measured in one run.

use std::process::{Command as Program, Stdio};

use lexopt::prelude::*;

use super::Command;
use crate::app::{self, Profile};
use crate::suite;
use crate::trouble::Trouble;
use crate::{browser, workspace};

/// This command.
pub const COMMAND: Command = Command {
    name: "bench",
    usage: "bench [--long] [--backlog] [--quick]",
    about: "measure the app beside its floors and write docs/benchmarks.md; --long: a shop of 50,000 sales too; --backlog: only a million sales that come at once; --quick: less, and don't write",
    run,
};

fn run(mut parser: lexopt::Parser) -> Result<(), Trouble> {
    let mut node = Program::new("node");
    node.current_dir(workspace::root()).arg("bench/run.mjs");
    while let Some(option) = parser.next()? {
        match option {
            Long("quick") => node.arg("--quick"),
            Long("long") => node.arg("--long"),
            Long("backlog") => node.arg("--backlog"),
            other => return Err(other.unexpected().into()),
        };
    }
    let browser = browser::ensure().map_err(Trouble::MachineRefuses)?;
    suite::install_packages()?;
    let dist = workspace::target().join("dist-release");
    app::build(Profile::Release, &dist)?;
    node.env("TILLMESH_DIST", &dist)
        .env("TILLMESH_RELAY", app::build_relay()?)
        .env("CHROMIUM", &browser.chromium);
    if let Some(data) = workspace::data() {
        node.env("TILLMESH_DATA", data);
    }
    // Its lines are shown as they come: it measures for many minutes.
    let ended = node.stdin(Stdio::null()).status();
    let ended = ended.map_err(|problem| Trouble::MachineLacks {
        program: "node".to_owned(),
        remedy: format!("({problem})"),
    })?;
    if ended.success() {
        Ok(())
    } else {
        Err(Trouble::Found(
            "The measurements did not come to an end; the lines above say why.".to_owned(),
        ))
    }
}
