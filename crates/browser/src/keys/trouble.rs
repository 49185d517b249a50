//! What keeps a hand from doing a key task.

use seal::SealError;

use crate::error::BrowserError;

/// What keeps a task from being done: a refusal that the machine understands, or the browser.
pub(super) enum Trouble {
    Refused(SealError),
    Browser(BrowserError),
}

impl From<SealError> for Trouble {
    fn from(error: SealError) -> Self {
        Self::Refused(error)
    }
}

impl From<BrowserError> for Trouble {
    fn from(error: BrowserError) -> Self {
        Self::Browser(error)
    }
}
