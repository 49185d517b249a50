//! What can go wrong in a browser, with who is at fault in the name.

use base::effect::StorageTrouble;
use wasm_bindgen::{JsCast, JsValue};

/// What the browser could not do.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum BrowserError {
    /// The browser threw: the name and message of its `DOMException` or `Error`.
    #[error("{name}: {message}")]
    Exception {
        /// As `NotAllowedError`; stable over browsers and languages.
        name: String,
        /// What it said; for logs.
        message: String,
    },
    /// This browser, or this kind of page, has no such thing. The installation is at fault.
    #[error("this browser has no {0}")]
    Missing(&'static str),
    /// The user, or somebody who administers the device, said no.
    #[error("the permission for {0} was refused")]
    Refused(&'static str),
    /// The device has no such thing, as a camera.
    #[error("this device has no {0}")]
    Absent(&'static str),
    /// A peer's text or bytes could not be used.
    #[error("the other side sent {0}")]
    Peer(&'static str),
    /// There is no room on the disk. The storage is at fault.
    #[error("the disk is full")]
    Full,
    /// It took longer than it may.
    #[error("{0} took too long")]
    TooLate(&'static str),
}

impl BrowserError {
    /// The name of the browser's exception; empty when it was not one.
    pub fn name(&self) -> &str {
        match self {
            Self::Exception { name, .. } => name,
            _ => "",
        }
    }

    /// Whether there was no room on the disk, or in the share of it that the browser gives us.
    ///
    /// Chromium has no name of its own for a disk that is full while it writes: it closes the
    /// database with an `UnknownError` that quotes its file system.
    pub fn is_full(&self) -> bool {
        match self {
            Self::Full => true,
            Self::Exception { name, message } => {
                name == "QuotaExceededError"
                    || (name == "UnknownError" && message.contains("NO_SPACE"))
            }
            _ => false,
        }
    }
}

impl From<JsValue> for BrowserError {
    fn from(thrown: JsValue) -> Self {
        if let Some(exception) = thrown.dyn_ref::<web_sys::DomException>() {
            let (name, message) = (exception.name(), exception.message());
            return Self::Exception { name, message };
        }
        if let Some(error) = thrown.dyn_ref::<js_sys::Error>() {
            let (name, message) = (error.name().into(), error.message().into());
            return Self::Exception { name, message };
        }
        let message = thrown.as_string().unwrap_or_else(|| format!("{thrown:?}"));
        Self::Exception {
            name: "Error".to_owned(),
            message,
        }
    }
}

impl From<BrowserError> for StorageTrouble {
    fn from(error: BrowserError) -> Self {
        match error.name() {
            "ConstraintError" => Self::Conflict,
            _ if error.is_full() => Self::Full,
            _ => Self::Broken(error.to_string()),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn thrown(name: &str) -> BrowserError {
        BrowserError::Exception {
            name: name.to_owned(),
            message: "why".to_owned(),
        }
    }

    #[test]
    fn a_full_disk_and_a_taken_key_are_told_from_a_broken_store() {
        let trouble = |name| StorageTrouble::from(thrown(name));
        assert_eq!(trouble("QuotaExceededError"), StorageTrouble::Full);
        assert_eq!(trouble("ConstraintError"), StorageTrouble::Conflict);
        assert_eq!(
            trouble("UnknownError"),
            StorageTrouble::Broken("UnknownError: why".to_owned())
        );
        let written = BrowserError::Exception {
            name: "UnknownError".to_owned(),
            message: "Connection is closing because of: IO error: 3.log: FILE_ERROR_NO_SPACE"
                .to_owned(),
        };
        assert_eq!(StorageTrouble::from(written), StorageTrouble::Full);
    }
}
