//! Where things are: the project's folder, the target folder, the versions that are locked.

use std::ffi::OsStr;
use std::path::{Path, PathBuf};
use std::process::Command;

use crate::trouble::Trouble;

/// The project's folder.
pub fn root() -> PathBuf {
    let here = std::env::var_os("CARGO_MANIFEST_DIR")
        .map_or_else(|| PathBuf::from(env!("CARGO_MANIFEST_DIR")), PathBuf::from);
    here.parent().map_or(here.clone(), Path::to_path_buf)
}

/// The folder for everything that is built.
pub fn target() -> PathBuf {
    match std::env::var_os("CARGO_TARGET_DIR") {
        Some(folder) => root().join(folder),
        None => root().join("target"),
    }
}

/// The program of this package that was built, once it has been built.
///
/// Linux calls the one that runs deleted as soon as another build has taken its place.
pub fn built(package: &str) -> PathBuf {
    let program = target().join("debug").join(package);
    program.with_extension(std::env::consts::EXE_EXTENSION)
}

/// The version of a package in `Cargo.lock`.
///
/// # Errors
/// [`Trouble::Storage`] without a lock file, [`Trouble::Found`] when the package is not in it.
pub fn locked_version(package: &str) -> Result<String, Trouble> {
    let path = root().join("Cargo.lock");
    let lock = std::fs::read_to_string(&path).map_err(Trouble::storage(&path))?;
    version_in(&lock, package).ok_or_else(|| {
        Trouble::Found(format!(
            "Cargo.lock does not name {package}: run `cargo update -w`."
        ))
    })
}

fn version_in(lock: &str, package: &str) -> Option<String> {
    let (_, entry) = lock.split_once(&format!("name = \"{package}\"\nversion = \""))?;
    entry.split('"').next().map(str::to_owned)
}

/// A program that builds, in the project's folder, without the marks that the cargo around us left
/// behind.
pub fn builder(program: impl AsRef<OsStr>) -> Command {
    let mut builder = Command::new(program);
    builder.current_dir(root());
    for (name, _) in std::env::vars_os() {
        let text = name.to_string_lossy();
        // They name this package; a build script that looks at them would run again.
        if text.starts_with("CARGO_PKG_") || text.starts_with("CARGO_MANIFEST_") {
            builder.env_remove(name);
        }
    }
    builder
}

/// Cargo, in the project's folder.
pub fn cargo() -> Command {
    let mut cargo = builder(std::env::var_os("CARGO").unwrap_or_else(|| "cargo".into()));
    if let Some(data) = data() {
        cargo.env("TILLMESH_DATA", data);
    }
    cargo
}

/// The folder of real data that some tests use, when the environment names one.
pub fn data() -> Option<PathBuf> {
    let folder = std::env::var_os("TILLMESH_DATA")?;
    std::fs::canonicalize(root().join(folder)).ok()
}

/// The first program of one of these names on the search path.
pub fn find_program(names: &[&str]) -> Option<PathBuf> {
    let path = std::env::var_os("PATH")?;
    let folders: Vec<PathBuf> = std::env::split_paths(&path).collect();
    let candidates = names
        .iter()
        .flat_map(|name| folders.iter().map(move |f| f.join(name)));
    candidates
        .map(with_ending)
        .find(|program| program.is_file())
}

fn with_ending(program: PathBuf) -> PathBuf {
    if cfg!(windows) {
        program.with_extension("exe")
    } else {
        program
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_version_is_read_from_the_lock_file() {
        let lock = "[[package]]\nname = \"a\"\nversion = \"1.2.3\"\n\
                    [[package]]\nname = \"ab\"\nversion = \"4.5.6\"\n";
        assert_eq!(version_in(lock, "ab").as_deref(), Some("4.5.6"));
        assert_eq!(version_in(lock, "a").as_deref(), Some("1.2.3"));
        assert_eq!(version_in(lock, "b"), None);
    }

    #[test]
    fn the_root_holds_the_lock_file() {
        assert!(root().join("Cargo.lock").is_file());
    }
}
