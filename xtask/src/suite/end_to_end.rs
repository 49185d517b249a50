//! End-to-end tests: files `*.test.mjs` in `tests` and `tests/proofs`, each run by Node against
//! the built app.

use std::path::{Path, PathBuf};
use std::process::Command;

use super::{Size, Tally};
use crate::app::{self, Profile};
use crate::browser::Browser;
use crate::step;
use crate::system::{self, Program};
use crate::trouble::{Spent, Trouble};
use crate::workspace;

const ENDING: &str = ".test.mjs";

/// With these, tests lay networks and cut them, watch the disk, and let a browser trust an
/// authority. A test whose program is missing skips itself, with its reason.
const PROGRAMS: [Program; 4] = [
    Program {
        name: "ip",
        package: "iproute2",
    },
    Program {
        name: "nft",
        package: "nftables",
    },
    Program {
        name: "strace",
        package: "strace",
    },
    Program {
        name: "certutil",
        package: "libnss3-tools",
    },
];

/// The files of tests, in the order of their names: first what a browser can do at all.
pub fn files() -> Result<Vec<PathBuf>, Trouble> {
    let tests = workspace::root().join("tests");
    let mut files = files_in(&tests.join("proofs"))?;
    files.extend(files_in(&tests)?);
    Ok(files)
}

fn files_in(folder: &Path) -> Result<Vec<PathBuf>, Trouble> {
    let failed = Trouble::storage(folder);
    let mut files = Vec::new();
    for entry in std::fs::read_dir(folder).map_err(&failed)? {
        let path = entry.map_err(&failed)?.path();
        if path.to_string_lossy().ends_with(ENDING) {
            files.push(path);
        }
    }
    files.sort();
    Ok(files)
}

/// What people call a file of tests.
pub fn name_of(file: &Path) -> String {
    let name = file.file_name().unwrap_or_default().to_string_lossy();
    name.trim_end_matches(ENDING).to_owned()
}

/// Builds the app and the relay, and runs the files, or the one that is named `only`.
pub fn run(only: Option<&str>, browser: &Browser, size: Size) -> Result<Tally, Trouble> {
    let mut files = files()?;
    files.retain(|file| only.is_none_or(|only| name_of(file) == only));
    if files.is_empty() {
        return Ok(Tally::one_skipped(
            "devices end to end",
            "there are no tests yet",
        ));
    }
    install_packages()?;
    system::install_missing(&PROGRAMS);
    let dist = workspace::target().join("e2e-dist");
    app::build(Profile::Quick, &dist)?;
    let relay = app::build_relay()?;
    let mut tally = Tally::default();
    for file in files {
        let mut node = Command::new("node");
        node.current_dir(workspace::root());
        node.args(["--test", "--test-reporter=tap"]).arg(&file);
        node.env("TILLMESH_DIST", &dist)
            .env("TILLMESH_RELAY", &relay)
            .env("TILLMESH_XTASK", workspace::built("xtask"));
        node.env("CHROMIUM", &browser.chromium)
            .env("CHROMEDRIVER", &browser.driver);
        if let Some(data) = workspace::data() {
            node.env("TILLMESH_DATA", data);
        }
        if size.is_long {
            node.env("TILLMESH_LONG", "1");
        }
        let ended = step::attempt(&mut node)?;
        let mut counted = Tally::of_node(&ended.output, ended.is_success);
        for finding in &mut counted.findings {
            *finding = format!("{}: {finding}", name_of(&file));
        }
        if counted.failed > 0 {
            println!("{}", ended.output);
        }
        println!("  {}: {counted} in {}", name_of(&file), Spent(ended.spent));
        tally.add(counted);
    }
    Ok(tally)
}

/// Installs exactly what the lock file names, unless that has been done since it changed.
///
/// # Errors
/// [`Trouble::StepFailed`] when they can't be got.
pub fn install_packages() -> Result<(), Trouble> {
    let folder = workspace::root().join("tests");
    let changed = |file: &str| {
        std::fs::metadata(folder.join(file))
            .and_then(|m| m.modified())
            .ok()
    };
    let wanted = changed("package-lock.json");
    if wanted.is_none() || changed("node_modules/.package-lock.json") >= wanted {
        return Ok(());
    }
    let mut npm = Command::new("npm");
    npm.current_dir(&folder)
        .args(["ci", "--no-audit", "--no-fund"]);
    step::run("Installing the end-to-end tests' packages", &mut npm).map(|_| ())
}
