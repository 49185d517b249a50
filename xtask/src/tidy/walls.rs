//! The walls: what a room names in its manifest, and what is built from it with features resolved
//! for it alone.

use std::collections::BTreeSet;

use serde_json::Value;

use super::Finding;
use super::rooms::{ROOMS, Room};
use crate::step;
use crate::trouble::Trouble;
use crate::workspace;

const MOVE_IT: &str =
    "Move what is needed to a room that both may import, or pass it as a value: ARCHITECTURE.md";
const CUT_IT: &str = "Find the way with `cargo tree -i` and cut it, or put it behind a feature";
const LIST_IT: &str = "Give it a line in xtask/src/tidy/rooms.rs and in ARCHITECTURE.md";

/// Checks every room.
pub fn check() -> Result<Vec<Finding>, Trouble> {
    let mut cargo = workspace::cargo();
    cargo.args(["metadata", "--no-deps", "--format-version", "1", "--quiet"]);
    let said = step::attempt(&mut cargo)?.output;
    let metadata: Value = serde_json::from_str(said.trim())
        .map_err(|problem| Trouble::Found(format!("cargo metadata: {problem}\n{said}")))?;
    let empty = Vec::new();
    let packages = metadata["packages"].as_array().unwrap_or(&empty);
    let mut findings = Vec::new();
    for package in packages {
        let name = package["name"].as_str().unwrap_or("");
        let Some(room) = ROOMS.iter().find(|room| room.package == name) else {
            findings.push(Finding {
                place: name.to_owned(),
                problem: "this package is no room of the house".to_owned(),
                remedy: LIST_IT,
            });
            continue;
        };
        let imports = package["dependencies"].as_array().unwrap_or(&empty);
        let imports = imports.iter().filter_map(|import| import["name"].as_str());
        findings.extend(doors(room, imports));
        findings.extend(holdings(room, &built_from(room)?));
    }
    Ok(findings)
}

/// Checks what a manifest names.
fn doors<'a>(room: &Room, imports: impl Iterator<Item = &'a str>) -> Vec<Finding> {
    let is_ours = |import: &str| ROOMS.iter().any(|room| room.package == import);
    let imports: BTreeSet<&str> = imports.collect();
    let wrong = imports.into_iter().filter(|import| {
        // A package names itself in order to turn features on in its own tests.
        is_ours(import) && *import != room.package && !room.may_import.contains(import)
    });
    let finding = |import: &str| Finding {
        place: format!("{}/Cargo.toml", manifest_folder(room)),
        problem: format!("{} must not import {import}", room.package),
        remedy: MOVE_IT,
    };
    wrong.map(finding).collect()
}

/// Checks what is built.
fn holdings(room: &Room, built: &BTreeSet<String>) -> Vec<Finding> {
    let wrong = room
        .never_holds
        .iter()
        .filter(|package| built.contains(**package));
    let finding = |package: &&str| Finding {
        place: format!("{}/Cargo.toml", manifest_folder(room)),
        problem: format!("{package} is built into {}", room.package),
        remedy: CUT_IT,
    };
    wrong.map(finding).collect()
}

fn manifest_folder(room: &Room) -> &'static str {
    if room.folder == "src" {
        "."
    } else {
        room.folder
    }
}

fn built_from(room: &Room) -> Result<BTreeSet<String>, Trouble> {
    let mut cargo = workspace::cargo();
    cargo.args([
        "tree",
        "--quiet",
        "--package",
        room.package,
        "--edges",
        "normal",
    ]);
    cargo.args(["--prefix", "none", "--format", "{p}"]);
    if room.is_for_browser {
        cargo.args(["--target", "wasm32-unknown-unknown"]);
    }
    let ended = step::attempt(&mut cargo)?;
    if !ended.is_success {
        let sentence = format!("Asking cargo what {} is built from", room.package);
        return Err(Trouble::StepFailed {
            sentence,
            output: ended.output,
        });
    }
    let names = ended
        .output
        .lines()
        .filter_map(|line| line.split_whitespace().next());
    Ok(names.map(str::to_owned).collect())
}

#[cfg(test)]
mod tests {
    use super::*;

    fn room(name: &str) -> &'static Room {
        ROOMS.iter().find(|room| room.package == name).unwrap()
    }

    #[test]
    fn a_door_that_must_stay_shut_is_found() {
        assert_eq!(doors(room("domain"), ["base", "thiserror"].into_iter()), []);
        let findings = doors(room("domain"), ["base", "seal"].into_iter());
        assert_eq!(findings[0].problem, "domain must not import seal");
    }

    #[test]
    fn what_comes_in_through_another_room_is_found() {
        let built = ["relay", "base", "seal"].map(str::to_owned).into();
        assert_eq!(
            holdings(room("relay"), &built)[0].problem,
            "seal is built into relay"
        );
        assert_eq!(holdings(room("device"), &built), []);
    }

    #[test]
    fn no_room_may_import_what_it_must_never_hold() {
        for room in ROOMS {
            for import in room.may_import {
                assert!(
                    !room.never_holds.contains(import),
                    "{}: {import}",
                    room.package
                );
            }
        }
    }
}
