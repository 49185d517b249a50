//! What no compiler checks: the walls between rooms, sizes, names, packages and the map.
//!
//! Each check gives findings, and each finding says what to do instead.

mod map;
mod packages;
mod purity;
mod rooms;
mod sizes;
mod source;
mod walls;
mod words;

use std::fmt;

use crate::trouble::Trouble;
use crate::workspace;
use source::Source;

/// Something to tidy up.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Finding {
    /// A file, perhaps with a line, or a package.
    pub place: String,
    /// What is wrong.
    pub problem: String,
    /// What to do instead.
    pub remedy: &'static str,
}

impl fmt::Display for Finding {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}: {}. {}", self.place, self.problem, self.remedy)
    }
}

/// Checks the whole project.
///
/// # Errors
/// When a file can't be read or cargo does not answer.
pub fn check() -> Result<Vec<Finding>, Trouble> {
    let root = workspace::root();
    let sources = Source::read_all(&root)?;
    let page = root.join("ARCHITECTURE.md");
    let page = std::fs::read_to_string(&page).map_err(Trouble::storage(&page))?;
    let mut findings = walls::check()?;
    findings.extend(sizes::check(&sources));
    findings.extend(words::check(&sources));
    findings.extend(purity::check(&sources));
    findings.extend(packages::check(&sources));
    findings.extend(map::check(&root, &page));
    Ok(findings)
}

#[cfg(test)]
mod tests {
    #[test]
    fn the_house_is_tidy() {
        let findings = super::check().unwrap();
        let lines: Vec<String> = findings.iter().map(ToString::to_string).collect();
        assert!(lines.is_empty(), "\n{}\n", lines.join("\n"));
    }
}
