//! Finds Chromium and its driver, or installs them from the system's packages.

use std::path::PathBuf;

use crate::system::{self, Program};
use crate::workspace;

const PROGRAMS: [Program; 2] = [
    Program {
        name: "chromium",
        package: "chromium",
    },
    Program {
        name: "chromedriver",
        package: "chromium-driver",
    },
];

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
    system::install_missing(&PROGRAMS);
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
