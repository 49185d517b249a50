//! `build`: the app, ready to be served.

use lexopt::prelude::*;

use super::Command;
use crate::app::{self, Profile};
use crate::trouble::Trouble;
use crate::workspace;

/// This command.
pub const COMMAND: Command = Command {
    name: "build",
    usage: "build [--profile release|quick] [--dist DIR]",
    about: "build the app into DIR (dist), with compressed forms",
    run,
};

fn run(mut parser: lexopt::Parser) -> Result<(), Trouble> {
    let (mut profile, mut dist) = (Profile::Release, workspace::root().join("dist"));
    while let Some(option) = parser.next()? {
        match option {
            Long("profile") => profile = parser.value()?.parse()?,
            Long("dist") => {
                let folder = std::path::PathBuf::from(parser.value()?);
                dist = std::path::absolute(&folder).map_err(Trouble::storage(&folder))?;
            }
            other => return Err(other.unexpected().into()),
        }
    }
    app::build(profile, &dist)?;
    println!("The app is in {}", dist.display());
    Ok(())
}
