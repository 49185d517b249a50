//! The suites of tests, and how they are counted.

mod cargo;
mod end_to_end;
mod tally;

use std::time::{Duration, Instant};

use crate::browser::{self, Browser};
use crate::trouble::{Spent, Trouble};
use crate::workspace;
pub use end_to_end::install_packages;
pub use tally::Tally;

/// Rooms whose tests need nothing but a compiler.
pub const PURE_ROOMS: [&str; 8] = [
    "base",
    "identity",
    "seal",
    "domain",
    "sync-core",
    "device",
    "sim",
    "inputs",
];

/// Packages that live in a browser, and whose plain parts are tested without one.
const BROWSER_ROOMS: [&str; 3] = ["browser", "sw", "tillmesh"];

/// What is to be tested.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Suite {
    /// Pure rooms and the simulator.
    Pure(Vec<&'static str>),
    /// What needs no browser in the rooms that live in one.
    Screens,
    /// The relay, over real sockets.
    Relay,
    /// These tools.
    Tools,
    /// The browser room, in a real browser.
    Browser,
    /// Several devices, each a real browser; the files to run, or all.
    EndToEnd(Option<String>),
}

/// How much is to be tested.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Size {
    /// Full counts instead of those that fit a coffee.
    pub is_long: bool,
}

impl Suite {
    /// Everything, the fastest first.
    pub fn all() -> Vec<Self> {
        vec![
            Self::Pure(PURE_ROOMS.to_vec()),
            Self::Relay,
            Self::Tools,
            Self::Screens,
            Self::Browser,
            Self::EndToEnd(None),
        ]
    }

    /// The suite of this name: a suite, a pure room, or a file of end-to-end tests.
    ///
    /// # Errors
    /// [`Trouble::UserOption`] with the names that there are.
    pub fn named(name: &str) -> Result<Self, Trouble> {
        let mut all = Self::all().into_iter();
        if let Some(suite) = all.find(|suite| suite.name() == name) {
            return Ok(suite);
        }
        if let Some(room) = PURE_ROOMS.iter().find(|room| **room == name) {
            return Ok(Self::Pure(vec![room]));
        }
        let files = end_to_end::files()?;
        if files.iter().any(|file| end_to_end::name_of(file) == name) {
            return Ok(Self::EndToEnd(Some(name.to_owned())));
        }
        let suites = Self::all()
            .iter()
            .map(|suite| suite.name())
            .collect::<Vec<_>>()
            .join(", ");
        let files = files.iter().map(|file| end_to_end::name_of(file));
        let files = files.collect::<Vec<_>>().join(", ");
        let rooms = PURE_ROOMS.join(", ");
        Err(Trouble::UserOption(format!(
            "There are no tests named `{name}`. There are {suites}; the rooms {rooms}; {files}"
        )))
    }

    /// What people call it.
    pub fn name(&self) -> &'static str {
        match self {
            Self::Pure(_) => "pure",
            Self::Screens => "screens",
            Self::Relay => "relay",
            Self::Tools => "xtask",
            Self::Browser => "browser",
            Self::EndToEnd(_) => "e2e",
        }
    }

    fn sentence(&self) -> String {
        match self {
            Self::Pure(rooms) => format!("Testing {}", rooms.join(", ")),
            Self::Screens => "Testing the plain parts of the screens".to_owned(),
            Self::Relay => "Testing the relay".to_owned(),
            Self::Tools => "Testing these tools".to_owned(),
            Self::Browser => "Testing the browser room in Chromium".to_owned(),
            Self::EndToEnd(None) => "Testing devices end to end".to_owned(),
            Self::EndToEnd(Some(name)) => format!("Testing devices end to end: {name}"),
        }
    }

    /// Runs the suite, says how it went, counts it, and takes the time.
    ///
    /// What goes wrong before a test could run is counted as one failure.
    pub fn run(&self, size: Size) -> (Tally, Duration) {
        println!("\n{} …", self.sentence());
        let start = Instant::now();
        let tally = self.perform(size).unwrap_or_else(|trouble| {
            println!("{trouble}");
            Tally::one_failure()
        });
        let spent = start.elapsed();
        println!("  {}: {tally} in {}", self.name(), Spent(spent));
        (tally, spent)
    }

    fn perform(&self, size: Size) -> Result<Tally, Trouble> {
        match self {
            Self::Pure(rooms) => cargo::rooms(rooms, size),
            Self::Screens => cargo::rooms(&BROWSER_ROOMS, size),
            Self::Relay => cargo::package("relay"),
            Self::Tools => cargo::package("xtask"),
            Self::Browser => match browser::ensure() {
                Ok(browser) => cargo::in_browser(&browser),
                Err(lack) => Ok(Tally::one_skipped("the browser room", &lack)),
            },
            Self::EndToEnd(only) => {
                end_to_end_needs(|browser| end_to_end::run(only.as_deref(), browser, size))
            }
        }
    }
}

fn end_to_end_needs(
    run: impl FnOnce(&Browser) -> Result<Tally, Trouble>,
) -> Result<Tally, Trouble> {
    const NAME: &str = "devices end to end";
    if workspace::find_program(&["node"]).is_none() {
        return Ok(Tally::one_skipped(
            NAME,
            "there is no Node.js: install version 20 or newer",
        ));
    }
    match browser::ensure() {
        Ok(browser) => run(&browser),
        Err(lack) => Ok(Tally::one_skipped(NAME, &lack)),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn suites_and_rooms_are_found_by_name() {
        assert_eq!(Suite::named("relay").unwrap(), Suite::Relay);
        assert_eq!(Suite::named("domain").unwrap(), Suite::Pure(vec!["domain"]));
        assert_eq!(
            Suite::named("pure").unwrap(),
            Suite::Pure(PURE_ROOMS.to_vec())
        );
    }

    #[test]
    fn an_unknown_name_is_answered_with_the_known_ones() {
        let trouble = Suite::named("nonsense").unwrap_err().to_string();
        assert!(
            trouble.contains("pure, relay, xtask, screens, browser, e2e"),
            "{trouble}"
        );
    }
}
