//! What can be wrong with what somebody claims about identity.

use thiserror::Error;

/// What can be wrong with control entries, and whose fault it is.
#[derive(Debug, Clone, PartialEq, Eq, Error)]
pub enum IdentityError {
    /// A peer sent a control entry that does not follow the one before it.
    #[error("a peer sent a control entry that does not follow the one before it")]
    PeerOutOfOrder,
    /// A device's control log has more branches than are judged.
    #[error("a device's control log has more branches than are judged")]
    PeerTooManyLines,
}
