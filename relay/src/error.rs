//! Why the relay does not start, or stops.

use std::io;
use std::path::PathBuf;

/// What went wrong, and who can mend it.
#[derive(Debug, thiserror::Error)]
pub enum Error {
    /// The person who started it: an option is missing, unknown or has a bad value.
    #[error("{0}\n\n{usage}", usage = crate::arguments::USAGE)]
    UserArguments(String),
    /// The person who started it: the folder holds no built app.
    #[error("{0} has no index.html: build the app first with `cargo xtask build`")]
    UserNoApp(PathBuf),
    /// The person who started it: the folder is too big to be an app.
    #[error("{0} is too big to be the app: {1}")]
    UserTooBig(PathBuf, String),
    /// The person who started it: certificate or key cannot be used.
    #[error("the certificate or its key cannot be used: {0}")]
    UserCertificate(String),
    /// The disk: a file cannot be read.
    #[error("cannot read {0}: {1}")]
    StorageRead(PathBuf, io::Error),
    /// The system: the address is taken or not ours.
    #[error("cannot listen on {0}: {1}. Is it running already? Another --port helps")]
    SystemListen(String, io::Error),
    /// The system: the listener broke while it ran.
    #[error("the listener broke: {0}")]
    SystemServe(io::Error),
}
