//! Words that say nothing as names, and marks of work that is not done.

use super::Finding;
use super::source::Source;

/// Names that any code could have, so that they tell nothing.
const EMPTY_NAMES: [&str; 8] = [
    "util",
    "utils",
    "helper",
    "helpers",
    "manager",
    "misc",
    "common_utils",
    "mod",
];

/// Marks of unfinished work and of tests that don't run. Written in two parts, because this file
/// is read as well.
const UNFINISHED: [(&str, &str); 6] = [
    (
        concat!("to", "do!"),
        "Write it, or leave the whole thing out and say so in the docs",
    ),
    (
        concat!("unimple", "mented!"),
        "Write it, or leave the whole thing out and say so",
    ),
    (concat!("dbg", "!("), "Take it out"),
    (
        concat!("#[ign", "ore"),
        "Make the test run everywhere, or make it skip itself with a reason",
    ),
    (
        concat!("test.on", "ly("),
        "Run one test with `cargo xtask test --only`",
    ),
    (
        concat!("{ on", "ly: true"),
        "Run one test with `cargo xtask test --only`",
    ),
];

/// Checks names and contents of every file.
pub fn check(sources: &[Source]) -> Vec<Finding> {
    let mut findings = Vec::new();
    for source in sources {
        if EMPTY_NAMES.contains(&source.name()) {
            findings.push(Finding {
                place: source.path.clone(),
                problem: format!("`{}` says nothing about what is in it", source.name()),
                remedy: "Name it after its one subject; `foo.rs` beside `foo/`",
            });
        }
        for (number, line) in source.code() {
            let wrong = UNFINISHED.iter().filter(|(mark, _)| line.contains(mark));
            findings.extend(wrong.map(|(mark, remedy)| Finding {
                place: format!("{}:{number}", source.path),
                problem: format!("`{mark}` has no place here"),
                remedy,
            }));
        }
    }
    findings
}

#[cfg(test)]
mod tests {
    use super::*;

    fn file(path: &str, text: &str) -> Source {
        Source {
            path: path.into(),
            text: text.into(),
        }
    }

    #[test]
    fn empty_names_are_found() {
        assert_eq!(check(&[file("src/sale.rs", "")]), []);
        assert_eq!(check(&[file("src/util.rs", "")]).len(), 1);
        assert_eq!(check(&[file("src/sale/mod.rs", "")]).len(), 1);
    }

    #[test]
    fn unfinished_work_is_found_in_code_and_not_in_comments() {
        let mark = UNFINISHED[0].0;
        assert_eq!(check(&[file("a.rs", &format!("// {mark}"))]), []);
        let findings = check(&[file("a.rs", &format!("fn a() {{\n    {mark}()\n}}"))]);
        assert_eq!(findings[0].place, "a.rs:2");
    }
}
