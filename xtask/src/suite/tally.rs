//! Counting: what Rust's and Node's runners say of their tests.

use std::fmt;

/// A test that did not run, and why.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Skip {
    /// Which.
    pub name: String,
    /// What it lacks.
    pub reason: String,
}

/// How many tests passed, failed and did not run.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Tally {
    /// Passed.
    pub passed: u64,
    /// Failed.
    pub failed: u64,
    /// Did not run.
    pub skipped: Vec<Skip>,
    /// What the tests measured, a sentence each: lines of their output that begin with `# `.
    pub findings: Vec<String>,
}

/// What Node's runner says of itself in such lines.
const NODE_SUMMARY: [&str; 9] = [
    "Subtest: ",
    "tests ",
    "suites ",
    "pass ",
    "fail ",
    "cancelled ",
    "skipped ",
    "todo ",
    "duration_ms ",
];

impl Tally {
    /// Something failed before a test could.
    pub fn one_failure() -> Self {
        Self {
            failed: 1,
            ..Self::default()
        }
    }

    /// Something that this machine can't run.
    pub fn one_skipped(name: &str, reason: &str) -> Self {
        let skip = Skip {
            name: name.to_owned(),
            reason: reason.to_owned(),
        };
        Self {
            skipped: vec![skip],
            ..Self::default()
        }
    }

    /// Adds another count to this one.
    pub fn add(&mut self, other: Self) {
        self.passed += other.passed;
        self.failed += other.failed;
        self.skipped.extend(other.skipped);
        self.findings.extend(other.findings);
    }

    /// Counts a run of Rust's runner, or of wasm-bindgen's, which speaks like it.
    ///
    /// A run that ends badly without naming a test, as code that does not compile, is a failure.
    pub fn of_rust(output: &str, is_success: bool) -> Self {
        let mut tally = Self::default();
        for line in output.lines().map(str::trim) {
            if let Some(result) = line.strip_prefix("test result: ") {
                tally.passed += count_before(result, " passed");
                tally.failed += count_before(result, " failed");
            } else if let Some((name, outcome)) = line
                .strip_prefix("test ")
                .and_then(|line| line.rsplit_once(" ... "))
                && let Some(reason) = outcome.strip_prefix("ignored")
            {
                let reason = reason.trim_start_matches([',', ' ']).to_owned();
                tally.skipped.push(Skip {
                    name: name.to_owned(),
                    reason,
                });
            }
        }
        tally.findings = findings(output);
        tally.judged(is_success)
    }

    /// Counts a run of Node's runner as it reports in the Test Anything Protocol, version 13.
    pub fn of_node(output: &str, is_success: bool) -> Self {
        let mut tally = Self::default();
        for line in output.lines() {
            let number = |name: &str| {
                line.strip_prefix(name)
                    .and_then(|rest| rest.trim().parse::<u64>().ok())
            };
            if let Some(count) = number("# pass ") {
                tally.passed += count;
            }
            // A test that is only planned, or that was cut off, has not passed.
            for name in ["# fail ", "# cancelled ", "# todo "] {
                tally.failed += number(name).unwrap_or(0);
            }
            if let Some((name, reason)) = line.split_once(" # SKIP")
                && let Some((_, name)) = name.split_once(" - ")
            {
                let (name, reason) = (name.to_owned(), reason.trim().to_owned());
                tally.skipped.push(Skip { name, reason });
            }
        }
        tally.findings = findings(output);
        tally.judged(is_success)
    }

    fn judged(mut self, is_success: bool) -> Self {
        if !is_success && self.failed == 0 {
            self.failed = 1;
        }
        if is_success && self.passed == 0 && self.failed == 0 && self.skipped.is_empty() {
            // A suite that runs nothing proves nothing.
            self.failed = 1;
        }
        self
    }

    /// Where every tool should be, as in continuous integration, a test that could not run failed.
    pub fn with_skipped_as_failed(mut self) -> Self {
        self.failed += u64::try_from(self.skipped.len()).unwrap_or(u64::MAX);
        self.skipped.clear();
        self
    }
}

impl fmt::Display for Tally {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{} passed, {} failed", self.passed, self.failed)?;
        match self.skipped.len() {
            0 => Ok(()),
            count => write!(f, ", {count} skipped"),
        }
    }
}

fn findings(output: &str) -> Vec<String> {
    let said = output
        .lines()
        .filter_map(|line| line.trim().strip_prefix("# "));
    let is_summary = |text: &str| NODE_SUMMARY.iter().any(|start| text.starts_with(start));
    said.filter(|text| !is_summary(text))
        .map(str::to_owned)
        .collect()
}

fn count_before(text: &str, word: &str) -> u64 {
    let number = text
        .split(word)
        .next()
        .and_then(|before| before.split_whitespace().last());
    number.and_then(|number| number.parse().ok()).unwrap_or(0)
}

#[cfg(test)]
mod tests {
    use super::*;

    const RUST: &str = "\
running 3 tests
test money::adds ... ok
test needs::root ... ignored, needs root
test result: ok. 2 passed; 0 failed; 1 ignored; 0 measured; 0 filtered out; finished in 0.00s
test result: FAILED. 10 passed; 1 failed; 0 ignored; 0 measured; 0 filtered out; finished in 1s
";

    #[test]
    fn results_of_several_rust_binaries_are_added_up() {
        let tally = Tally::of_rust(RUST, false);
        assert_eq!((tally.passed, tally.failed), (12, 1));
        let skip = Skip {
            name: "needs::root".into(),
            reason: "needs root".into(),
        };
        assert_eq!(tally.skipped, [skip]);
    }

    #[test]
    fn code_that_does_not_compile_is_a_failure() {
        assert_eq!(
            Tally::of_rust("error[E0308]: mismatched types", false),
            Tally::one_failure()
        );
    }

    #[test]
    fn a_run_without_a_single_test_is_a_failure() {
        assert_eq!(
            Tally::of_rust("test result: ok. 0 passed; 0 failed;", true).failed,
            1
        );
        assert_eq!(Tally::of_node("# pass 0\n# fail 0\n", true).failed, 1);
    }

    #[test]
    fn nodes_summary_is_read() {
        let output = "ok 1 - a till sells\n    ok 2 - inside # SKIP needs root\n\
                      # tests 4\n# pass 2\n# fail 1\n# cancelled 1\n# skipped 1\n# todo 0\n";
        let tally = Tally::of_node(output, false);
        assert_eq!((tally.passed, tally.failed), (2, 2));
        assert_eq!(tally.skipped[0].name, "inside");
        assert_eq!(tally.skipped[0].reason, "needs root");
    }

    #[test]
    fn what_tests_measured_is_kept() {
        let node = "# Subtest: a till\n    # T1-000001: 3.1 ms, 1 syncs\n# pass 1\n# fail 0\n";
        assert_eq!(
            Tally::of_node(node, true).findings,
            ["T1-000001: 3.1 ms, 1 syncs"]
        );
        let rust = "---- storm stdout ----\n# 500 seeds\nseed 1: fine\ntest result: ok. 1 passed";
        assert_eq!(Tally::of_rust(rust, true).findings, ["500 seeds"]);
    }

    #[test]
    fn the_closing_line_names_what_was_skipped_only_when_something_was() {
        let mut tally = Tally {
            passed: 3,
            ..Tally::default()
        };
        assert_eq!(tally.to_string(), "3 passed, 0 failed");
        tally.add(Tally::one_skipped("namespaces", "needs root"));
        assert_eq!(tally.to_string(), "3 passed, 0 failed, 1 skipped");
        assert_eq!(
            tally.with_skipped_as_failed().to_string(),
            "3 passed, 1 failed"
        );
    }
}
