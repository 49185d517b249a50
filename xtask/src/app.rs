//! Builds what is served and what serves it.

use std::path::{Path, PathBuf};
use std::process::Command;

use crate::tool::{self, Tool};
use crate::trouble::Trouble;
use crate::{compress, step, workspace};

/// How the app is compiled.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Profile {
    /// Small and fast, several minutes.
    Release,
    /// The same app without optimisation at link time: for end-to-end tests.
    Quick,
}

impl Profile {
    /// The profile's name in `Cargo.toml`.
    pub const fn name(self) -> &'static str {
        match self {
            Self::Release => "release",
            Self::Quick => "quick",
        }
    }

    /// How hard to compress: the strongest takes longer than a quick build.
    const fn brotli_quality(self) -> i32 {
        match self {
            Self::Release => 11,
            Self::Quick => 5,
        }
    }
}

impl std::str::FromStr for Profile {
    type Err = String;

    fn from_str(name: &str) -> Result<Self, Self::Err> {
        let mut all = [Self::Release, Self::Quick].into_iter();
        let found = all.find(|profile| profile.name() == name);
        found.ok_or_else(|| "a profile is `release` or `quick`".to_owned())
    }
}

/// Builds the app into `dist`, compressed forms included. Gets every tool that is missing.
///
/// # Errors
/// [`Trouble`] of the first step that fails.
pub fn build(profile: Profile, dist: &Path) -> Result<(), Trouble> {
    ensure_wasm_target()?;
    let tools = [Tool::trunk().ensure()?, Tool::wasm_bindgen()?.ensure()?];
    let mut trunk = workspace::builder(tools[0].join("trunk"));
    trunk.args(["build", "--release"]);
    if profile != Profile::Release {
        trunk.args(["--cargo-profile", profile.name()]);
    }
    trunk.arg("--dist").arg(dist);
    trunk.env("PATH", tool::search_path(&tools)?);
    // Trunk 0.21 takes `NO_COLOR=1` for a mistake and stops.
    trunk.env_remove("NO_COLOR");
    step::run(
        &format!("Building the app ({})", profile.name()),
        &mut trunk,
    )?;
    println!("Compressing it …");
    let sizes = compress::folder(dist, profile.brotli_quality())?;
    let kilobytes = |bytes: usize| bytes.div_ceil(1_000);
    println!(
        "  {} kB, {} kB to download",
        kilobytes(sizes.plain),
        kilobytes(sizes.brotli)
    );
    Ok(())
}

/// Builds the relay; gives its program.
///
/// # Errors
/// [`Trouble::StepFailed`] when it does not compile.
pub fn build_relay() -> Result<PathBuf, Trouble> {
    let mut cargo = workspace::cargo();
    cargo.args(["build", "--quiet", "--package", "relay"]);
    step::run("Building the relay", &mut cargo)?;
    Ok(workspace::built("relay"))
}

fn ensure_wasm_target() -> Result<(), Trouble> {
    const TARGET: &str = "wasm32-unknown-unknown";
    let list = Command::new("rustup")
        .args(["target", "list", "--installed"])
        .output();
    // Without rustup the compiler came with the system, and so does its target.
    let Ok(list) = list else {
        return Ok(());
    };
    if String::from_utf8_lossy(&list.stdout)
        .lines()
        .any(|line| line == TARGET)
    {
        return Ok(());
    }
    let mut add = Command::new("rustup");
    add.current_dir(workspace::root())
        .args(["target", "add", TARGET]);
    step::run("Adding WebAssembly to the compiler", &mut add).map(|_| ())
}
