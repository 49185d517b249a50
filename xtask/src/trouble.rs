//! Why a command did not do what it was asked.

use std::path::{Path, PathBuf};
use std::{fmt, io};

/// What went wrong, and who can mend it.
#[derive(Debug, thiserror::Error)]
pub enum Trouble {
    /// The person at the keyboard: an option is missing, unknown or has a bad value.
    #[error("{0}\n`cargo xtask help` lists what there is.")]
    UserOption(String),
    /// The machine: a program is missing and could not be got.
    #[error("This needs {program}, which is not here. {remedy}")]
    MachineLacks {
        /// What is missing.
        program: String,
        /// What to install.
        remedy: String,
    },
    /// The machine: something that we need of it is taken or refused.
    #[error("{0}")]
    MachineRefuses(String),
    /// The disk: a file cannot be read or written.
    #[error("{0}: {1}")]
    Storage(PathBuf, io::Error),
    /// The project: a step did not succeed; its output says why.
    #[error("{output}\nThis failed: {sentence}.")]
    StepFailed {
        /// What was being done.
        sentence: String,
        /// All that it said.
        output: String,
    },
    /// The project: checks found something, and have said what.
    #[error("{0}")]
    Found(String),
}

impl Trouble {
    /// Turns what the disk said about `path` into trouble.
    pub fn storage(path: &Path) -> impl Fn(io::Error) -> Self {
        let path = path.to_path_buf();
        move |problem| Self::Storage(path.clone(), problem)
    }
}

impl From<lexopt::Error> for Trouble {
    fn from(problem: lexopt::Error) -> Self {
        Self::UserOption(problem.to_string())
    }
}

/// A length of time as people say it: `4.2 s`, `3 min 05 s`.
pub struct Spent(pub std::time::Duration);

impl fmt::Display for Spent {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let seconds = self.0.as_secs();
        match seconds / 60 {
            0 => write!(f, "{:.1} s", self.0.as_secs_f32()),
            minutes => write!(f, "{minutes} min {:02} s", seconds % 60),
        }
    }
}
