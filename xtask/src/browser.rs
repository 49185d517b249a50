//! Finds Chromium and its driver, or installs them from the system's packages.

use std::path::PathBuf;
use std::process::Command;

use crate::{step, workspace};

/// A browser that tests can drive.
pub struct Browser {
    /// Chromium itself.
    pub chromium: PathBuf,
    /// Its WebDriver.
    pub driver: PathBuf,
}

/// Finds a browser, installing it where that needs nobody's leave.
///
/// # Errors
/// In one line, what to install.
pub fn ensure() -> Result<Browser, String> {
    if let Some(browser) = find() {
        return Ok(browser);
    }
    if workspace::find_program(&["apt-get"]).is_some() && is_root() {
        let mut update = Command::new("apt-get");
        update.args(["update", "--quiet"]);
        let mut install = Command::new("apt-get");
        install.args(["install", "--quiet", "--yes", "--no-install-recommends"]);
        install
            .args(["chromium", "chromium-driver"])
            .env("DEBIAN_FRONTEND", "noninteractive");
        let done = step::run("Reading the list of the system's packages", &mut update)
            .and_then(|_| step::run("Installing Chromium and its driver", &mut install));
        if let Err(trouble) = done {
            println!("{trouble}");
        }
    }
    find().ok_or_else(|| {
        "there is no Chromium with chromedriver: on Debian and Ubuntu \
         `apt-get install chromium chromium-driver`, or set CHROMIUM and CHROMEDRIVER"
            .to_owned()
    })
}

fn find() -> Option<Browser> {
    let named = |name: &str| {
        std::env::var_os(name)
            .map(PathBuf::from)
            .filter(|p| p.is_file())
    };
    let chromium = named("CHROMIUM").or_else(|| {
        workspace::find_program(&["chromium", "chromium-browser", "google-chrome", "chrome"])
    })?;
    let driver = named("CHROMEDRIVER").or_else(|| workspace::find_program(&["chromedriver"]))?;
    Some(Browser { chromium, driver })
}

fn is_root() -> bool {
    let said = Command::new("id").arg("-u").output();
    said.is_ok_and(|said| said.stdout.trim_ascii() == b"0")
}
