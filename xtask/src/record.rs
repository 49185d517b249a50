//! What a run of the full counts showed, written down with commit, date and machine.

use std::fmt::Write as _;
use std::process::Command;
use std::time::{Duration, SystemTime, UNIX_EPOCH};

use rcgen::date_time_ymd;

use crate::suite::Tally;
use crate::trouble::{Spent, Trouble};
use crate::workspace;

const FILE: &str = "docs/long-run.md";

/// A run in the making.
#[derive(Debug)]
pub struct Record {
    commit: String,
    suites: String,
    findings: String,
}

impl Record {
    /// Begins a record: what is run is what is there now.
    pub fn begin() -> Self {
        Self {
            commit: commit(),
            suites: String::new(),
            findings: String::new(),
        }
    }

    /// Adds a suite that has run.
    pub fn add(&mut self, name: &str, tally: &Tally, spent: Duration) {
        // Writing into a string does not fail.
        let _ = writeln!(self.suites, "| {name} | {tally} | {} |", Spent(spent));
        for finding in &tally.findings {
            let _ = writeln!(self.findings, "- {finding}");
        }
    }

    /// Writes the page.
    ///
    /// # Errors
    /// [`Trouble::Storage`] when it can't be written.
    pub fn write(&self, tally: &Tally, spent: Duration) -> Result<(), Trouble> {
        let path = workspace::root().join(FILE);
        let page = format!(
            "# The full counts\n\nWritten by `cargo xtask test --long`: commit {}, {}, {}.\n\n\
             **{tally}** in {}.\n\n| suite | tests | time |\n|---|---|---|\n{}\n\
             ## What the tests measured\n{}",
            self.commit,
            today(),
            machine(),
            Spent(spent),
            self.suites,
            self.findings,
        );
        std::fs::write(&path, page).map_err(Trouble::storage(&path))?;
        println!("\nWritten to {FILE}");
        Ok(())
    }
}

/// The commit that is checked out, and whether something was changed since.
pub fn commit() -> String {
    let git = |words: &[&str]| {
        let mut git = Command::new("git");
        let output = git
            .current_dir(workspace::root())
            .args(words)
            .output()
            .ok()?;
        let text = String::from_utf8(output.stdout).ok()?;
        output.status.success().then(|| text.trim().to_owned())
    };
    let changes = git(&["status", "--porcelain"]).unwrap_or_default();
    let mark = if changes.is_empty() {
        ""
    } else {
        " with changes"
    };
    match git(&["rev-parse", "--short", "HEAD"]) {
        Some(commit) => commit + mark,
        None => "unknown".to_owned(),
    }
}

/// Today in UTC, as `2026-11-21`.
pub fn today() -> String {
    let since = SystemTime::now().duration_since(UNIX_EPOCH);
    let now = date_time_ymd(1970, 1, 1) + since.unwrap_or_default();
    now.date().to_string()
}

/// System and cores of this machine.
pub fn machine() -> String {
    let cores = std::thread::available_parallelism().map_or(1, usize::from);
    let (system, processor) = (std::env::consts::OS, std::env::consts::ARCH);
    format!("{system} on {processor} with {cores} cores")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_suite_is_a_row_and_each_finding_a_line() {
        let mut record = Record::begin();
        let tally = Tally {
            passed: 3,
            findings: vec!["500 seeds".to_owned()],
            ..Tally::default()
        };
        record.add("pure", &tally, Duration::from_secs(61));
        assert_eq!(
            record.suites,
            "| pure | 3 passed, 0 failed | 1 min 01 s |\n"
        );
        assert_eq!(record.findings, "- 500 seeds\n");
    }

    #[test]
    fn the_day_is_written_with_its_year_first() {
        let today = today();
        assert_eq!((today.len(), &today[..2], &today[4..5]), (10, "20", "-"));
    }
}
