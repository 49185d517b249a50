//! What can be wrong with bytes that somebody gave us.

use thiserror::Error;

/// Bytes that are not what they claim to be. Always the sender's fault, never a reason to stop.
#[derive(Debug, Clone, PartialEq, Eq, Error)]
pub enum Malformed {
    /// The bytes are not the expected CBOR, or not in its one canonical form.
    #[error("not a well-formed {0}")]
    Bytes(&'static str),
    /// A version that this release does not read.
    #[error("{what} has version {version}, which this release does not read")]
    Version {
        /// What carries the version.
        what: &'static str,
        /// The version found.
        version: u32,
    },
    /// Longer than its named limit.
    #[error("{what} has {size} bytes, more than {max}")]
    TooLong {
        /// What is too long.
        what: &'static str,
        /// Its size in bytes.
        size: usize,
        /// The limit in bytes, from [`crate::limits`].
        max: usize,
    },
    /// Well-formed, but a rule of the protocol forbids it.
    #[error("{0}")]
    Rule(&'static str),
}
