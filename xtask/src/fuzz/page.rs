//! What the fuzzer did, written down: for each target its latest run.

use std::collections::BTreeMap;
use std::fmt::Write as _;
use std::time::Duration;

use crate::trouble::{Spent, Trouble};
use crate::workspace;

const FILE: &str = "docs/fuzzing.md";

const HEAD: &str = "# What the fuzzer did

Written by `cargo xtask fuzz`: for each target its latest run. What a target is, and what must hold
of it, is in [fuzz/README.md](../fuzz/README.md). An edge is a step from one piece of code to the
next; how many there are depends on the compiler.

| target | day | commit | machine | time | inputs | edges | findings |
|---|---|---|---|---|---|---|---|
";

/// The latest run of a target.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Run {
    /// When, as `2026-11-21`.
    pub day: String,
    /// Of what.
    pub commit: String,
    /// On what.
    pub machine: String,
    /// How long.
    pub spent: Duration,
    /// How many inputs were tried.
    pub executions: u64,
    /// How much code they reached.
    pub edges: u64,
    /// How many broke a promise: a run ends with the first.
    pub findings: u32,
}

/// The page: a row for each target.
#[derive(Debug, Default, PartialEq, Eq)]
pub struct Page(BTreeMap<String, String>);

impl Page {
    /// The page as it is; empty when there is none.
    ///
    /// # Errors
    /// [`Trouble::Storage`].
    pub fn read() -> Result<Self, Trouble> {
        let path = workspace::root().join(FILE);
        match std::fs::read_to_string(&path) {
            Ok(page) => Ok(Self::of(&page)),
            Err(problem) if problem.kind() == std::io::ErrorKind::NotFound => Ok(Self::default()),
            Err(problem) => Err(Trouble::storage(&path)(problem)),
        }
    }

    fn of(page: &str) -> Self {
        let row = |line: &str| {
            let (target, row) = line.strip_prefix("| `")?.split_once("` |")?;
            Some((target.to_owned(), row.to_owned()))
        };
        Self(page.lines().filter_map(row).collect())
    }

    /// Puts a run into the place of the one before.
    pub fn set(&mut self, target: &str, run: Run) {
        let Run {
            day,
            commit,
            machine,
            executions,
            edges,
            findings,
            ..
        } = run;
        let spent = Spent(run.spent);
        let row = format!(
            " {day} | {commit} | {machine} | {spent} | {executions} | {edges} | {findings} |"
        );
        self.0.insert(target.to_owned(), row);
    }

    fn text(&self) -> String {
        let mut text = HEAD.to_owned();
        for (target, row) in &self.0 {
            // Writing into a string does not fail.
            let _ = writeln!(text, "| `{target}` |{row}");
        }
        text
    }

    /// Writes the page.
    ///
    /// # Errors
    /// [`Trouble::Storage`].
    pub fn write(&self) -> Result<(), Trouble> {
        let path = workspace::root().join(FILE);
        std::fs::write(&path, self.text()).map_err(Trouble::storage(&path))
    }
}

/// How many inputs a run says that it tried.
pub fn executions(output: &str) -> u64 {
    last_number(output, "stat::number_of_executed_units:")
}

/// How many edges a run says that it reached.
pub fn edges(output: &str) -> u64 {
    last_number(output, " cov:")
}

fn last_number(output: &str, word: &str) -> u64 {
    let behind = output.rsplit_once(word).map(|(_, behind)| behind);
    let number = behind.and_then(|behind| behind.split_whitespace().next());
    number.and_then(|number| number.parse().ok()).unwrap_or(0)
}

#[cfg(test)]
mod tests {
    use super::*;

    const OUTPUT: &str = "\
#2\tINITED cov: 76 ft: 77 corp: 1/1b exec/s: 0 rss: 44Mb
#1048576\tpulse  cov: 1290 ft: 4017 corp: 601/34Kb lim: 4096 exec/s: 9000 rss: 517Mb
stat::number_of_executed_units: 1300421
stat::average_exec_per_sec:     2163
";

    #[test]
    fn what_a_run_says_of_itself_is_read() {
        assert_eq!((executions(OUTPUT), edges(OUTPUT)), (1_300_421, 1_290));
        assert_eq!((executions(""), edges("it did not begin")), (0, 0));
    }

    #[test]
    fn a_run_takes_the_place_of_the_one_before_and_leaves_the_others() {
        let run = |executions| Run {
            day: "2026-11-22".into(),
            commit: "c23e948".into(),
            machine: "linux".into(),
            spent: Duration::from_secs(600),
            executions,
            edges: 9,
            findings: 0,
        };
        let mut page = Page::default();
        page.set("frame", run(1));
        page.set("body", run(2));
        page.set("frame", run(3));
        let text = page.text();
        let row = "| `frame` | 2026-11-22 | c23e948 | linux | 10 min 00 s | 3 | 9 | 0 |\n";
        assert!(text.ends_with(row), "{text}");
        assert_eq!(text.matches("\n| `").count(), 2);
        assert_eq!(Page::of(&text), page);
    }
}
