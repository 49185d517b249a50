//! The map: ARCHITECTURE.md names every room, and every room that it names is there.

use std::path::Path;

use super::Finding;
use super::rooms::ROOMS;

const PAGE: &str = "ARCHITECTURE.md";

/// Checks the page against the tree and the table of rooms.
pub fn check(root: &Path, page: &str) -> Vec<Finding> {
    let named = rooms_in(page);
    let mut findings = Vec::new();
    for room in ROOMS {
        if !named.contains(&room.folder) {
            findings.push(Finding {
                place: PAGE.to_owned(),
                problem: format!("it does not name the room `{}`", room.folder),
                remedy: "Give it a row in the table of rooms",
            });
        }
    }
    for folder in named {
        if !root.join(folder).is_dir() {
            findings.push(Finding {
                place: PAGE.to_owned(),
                problem: format!("it names `{folder}`, which is not there"),
                remedy: "Take the row out, or build the room",
            });
        } else if !ROOMS.iter().any(|room| room.folder == folder) {
            findings.push(Finding {
                place: PAGE.to_owned(),
                problem: format!("nobody guards the walls of `{folder}`"),
                remedy: "Give it a line in xtask/src/tidy/rooms.rs",
            });
        }
    }
    findings
}

/// The first cells of the table of rooms, each a folder between backticks.
fn rooms_in(page: &str) -> Vec<&str> {
    let table = page
        .lines()
        .skip_while(|line| !line.starts_with("| room |"));
    let rows = table.take_while(|line| line.starts_with('|'));
    rows.filter_map(|row| {
        row.strip_prefix("| `")?
            .split_once('`')
            .map(|(room, _)| room)
    })
    .collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_the_table_of_rooms_is_read() {
        let page = "| package |\n| `axum` | x |\n\n| room | is |\n|---|---|\n| `src` | y |\n\nEnd";
        assert_eq!(rooms_in(page), ["src"]);
    }

    #[test]
    fn a_missing_row_and_a_missing_folder_are_found() {
        let root = crate::workspace::root();
        let findings = check(&root, "| room |\n| `crates/attic` |\n");
        assert!(
            findings
                .iter()
                .any(|f| f.problem.contains("`crates/attic`, which is not there"))
        );
        assert!(
            findings
                .iter()
                .any(|f| f.problem.contains("does not name the room `relay`"))
        );
    }
}
