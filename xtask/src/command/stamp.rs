//! `stamp`: the last step of a build, run by Trunk (see `Trunk.toml`).

use std::path::PathBuf;

use lexopt::prelude::*;

use super::Command;
use crate::stamp::stamp;
use crate::trouble::Trouble;

/// This command.
pub const COMMAND: Command = Command {
    name: "stamp",
    usage: "stamp [--dist DIR]",
    about: "make the service worker one file; Trunk runs it after each build",
    run,
};

fn run(mut parser: lexopt::Parser) -> Result<(), Trouble> {
    // Trunk puts a build together elsewhere before it takes the place of the last one.
    let mut folder = std::env::var_os("TRUNK_STAGING_DIR").map(PathBuf::from);
    while let Some(option) = parser.next()? {
        match option {
            Long("dist") => folder = Some(parser.value()?.into()),
            other => return Err(other.unexpected().into()),
        }
    }
    let missing = || Trouble::UserOption("--dist is missing: which build?".to_owned());
    let stamp = stamp(&folder.ok_or_else(missing)?)?;
    let (version, files) = (stamp.version, stamp.files);
    println!("The service worker of build {version} keeps {files} files.");
    Ok(())
}
