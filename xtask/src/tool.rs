//! Gets the tools that the build needs: from the search path, by cargo-binstall, or compiled once.

use std::path::{Path, PathBuf};
use std::process::Command;

use crate::step;
use crate::trouble::Trouble;
use crate::workspace;

/// A program that a package on crates.io provides.
pub struct Tool {
    package: &'static str,
    binary: &'static str,
    version: String,
    /// Whether another version would do as well.
    takes_any_version: bool,
    /// Whether the package's own lock file is to be used.
    is_locked: bool,
    /// Whether we need more of it than its bare bones.
    takes_default_features: bool,
    minutes: u32,
}

impl Tool {
    /// Trunk bundles the app. 0.22 needs a newer compiler than ours.
    pub fn trunk() -> Self {
        Self {
            package: "trunk",
            binary: "trunk",
            version: "0.21.14".to_owned(),
            takes_any_version: false,
            is_locked: true,
            // It would fetch tools and look for news; the first is done here.
            takes_default_features: false,
            minutes: 5,
        }
    }

    /// wasm-bindgen must be of exactly the version that the app is compiled with.
    ///
    /// # Errors
    /// When `Cargo.lock` does not say which.
    pub fn wasm_bindgen() -> Result<Self, Trouble> {
        Ok(Self {
            package: "wasm-bindgen-cli",
            binary: "wasm-bindgen",
            version: workspace::locked_version("wasm-bindgen")?,
            takes_any_version: false,
            // Its lock file names versions that have been withdrawn.
            is_locked: false,
            takes_default_features: true,
            minutes: 3,
        })
    }

    /// cargo-deny judges licences, sources and advisories.
    pub fn cargo_deny() -> Self {
        Self {
            package: "cargo-deny",
            binary: "cargo-deny",
            version: "0.20.2".to_owned(),
            takes_any_version: true,
            is_locked: true,
            takes_default_features: true,
            minutes: 8,
        }
    }

    /// cargo-fuzz builds and runs the fuzzer's programs.
    pub fn cargo_fuzz() -> Self {
        Self {
            package: "cargo-fuzz",
            binary: "cargo-fuzz",
            version: "0.13.2".to_owned(),
            takes_any_version: true,
            is_locked: true,
            takes_default_features: true,
            minutes: 2,
        }
    }

    /// Finds the tool or gets it; gives the folder that holds its programs.
    ///
    /// # Errors
    /// [`Trouble::StepFailed`] when it can't be compiled either.
    pub fn ensure(&self) -> Result<PathBuf, Trouble> {
        let cached = cache()?.join(format!("{}-{}", self.package, self.version));
        let bin = cached.join("bin");
        if self.is_at(&bin.join(self.binary)) {
            return Ok(bin);
        }
        if let Some(program) = workspace::find_program(&[self.binary])
            && self.is_at(&program)
            && let Some(folder) = program.parent()
        {
            return Ok(folder.to_path_buf());
        }
        if self.fetch(&cached) && self.is_at(&bin.join(self.binary)) {
            return Ok(bin);
        }
        self.compile(&cached)?;
        Ok(bin)
    }

    fn is_at(&self, program: &Path) -> bool {
        let said = Command::new(program)
            .arg("--version")
            .env_remove("NO_COLOR")
            .output();
        said.is_ok_and(|said| {
            let words = String::from_utf8_lossy(&said.stdout).into_owned();
            let is_same = words.split_whitespace().any(|word| word == self.version);
            said.status.success() && (self.takes_any_version || is_same)
        })
    }

    fn fetch(&self, cached: &Path) -> bool {
        if workspace::find_program(&["cargo-binstall"]).is_none() {
            return false;
        }
        let mut command = Command::new("cargo-binstall");
        command.args(["--no-confirm", "--disable-strategies", "compile", "--root"]);
        command
            .arg(cached)
            .arg(format!("{}@{}", self.package, self.version));
        let sentence = format!("Fetching {} {}", self.package, self.version);
        // No ready-made program for this machine is no trouble: it is compiled then.
        step::run(&sentence, &mut command).is_ok()
    }

    fn compile(&self, cached: &Path) -> Result<(), Trouble> {
        let mut command = workspace::cargo();
        command.args([
            "install",
            self.package,
            "--version",
            &self.version,
            "--root",
        ]);
        command
            .arg(cached)
            .arg("--target-dir")
            .arg(cached.join("build"));
        if self.is_locked {
            command.arg("--locked");
        }
        if !self.takes_default_features {
            command.arg("--no-default-features");
        }
        command.current_dir(std::env::temp_dir());
        // They run for seconds: what counts is how soon they are there.
        command.env("CARGO_PROFILE_RELEASE_OPT_LEVEL", "1");
        command.env("CARGO_PROFILE_RELEASE_LTO", "off");
        command.env("CARGO_PROFILE_RELEASE_CODEGEN_UNITS", "16");
        // Flags and targets of this project's build are none of the tool's.
        for name in ["RUSTFLAGS", "CARGO_ENCODED_RUSTFLAGS", "CARGO_BUILD_TARGET"] {
            command.env_remove(name);
        }
        let sentence = format!(
            "Compiling {} {}, once for this machine (about {} minutes)",
            self.package, self.version, self.minutes
        );
        step::run(&sentence, &mut command)?;
        let built = cached.join("build");
        std::fs::remove_dir_all(&built).map_err(Trouble::storage(&built))
    }
}

/// The search path with these folders first.
///
/// # Errors
/// When a folder's name can't stand in a search path.
pub fn search_path(first: &[PathBuf]) -> Result<std::ffi::OsString, Trouble> {
    let rest = std::env::var_os("PATH").unwrap_or_default();
    let folders = first.iter().cloned().chain(std::env::split_paths(&rest));
    std::env::join_paths(folders).map_err(|problem| Trouble::MachineRefuses(problem.to_string()))
}

fn cache() -> Result<PathBuf, Trouble> {
    let home = |folder: &str| std::env::home_dir().map(|home| home.join(folder));
    let cache = std::env::var_os("XDG_CACHE_HOME").map(PathBuf::from);
    let cache = cache
        .filter(|path| path.is_absolute())
        .or_else(|| home(".cache"));
    let cache = cache.ok_or_else(|| {
        Trouble::MachineRefuses("There is no home folder: set XDG_CACHE_HOME.".to_owned())
    })?;
    Ok(cache.join("tillmesh").join("tools"))
}
