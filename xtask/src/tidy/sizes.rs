//! Sizes of files: what is longer than this has more than one subject.

use super::Finding;
use super::source::Source;

/// Lines of one file.
const LINES_MAX: usize = 600;

/// Checks every file.
pub fn check(sources: &[Source]) -> Vec<Finding> {
    let counted = sources
        .iter()
        .map(|source| (source, source.text.lines().count()));
    let too_long = counted.filter(|(_, lines)| *lines > LINES_MAX);
    let finding = |(source, lines): (&Source, usize)| Finding {
        place: source.path.clone(),
        problem: format!("{lines} lines, more than {LINES_MAX}"),
        remedy: "Split it where the subject changes; `foo.rs` beside `foo/`",
    };
    too_long.map(finding).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn one_line_too_many_is_found() {
        let file = |lines| Source {
            path: "a.rs".into(),
            text: "x\n".repeat(lines),
        };
        assert_eq!(check(&[file(LINES_MAX)]), []);
        assert_eq!(
            check(&[file(LINES_MAX + 1)])[0].problem,
            "601 lines, more than 600"
        );
    }
}
