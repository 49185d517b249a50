//! What can be wrong with what somebody claims about identity.

use base::Malformed;
use thiserror::Error;

/// What can be wrong with control entries and statements, and whose fault it is.
#[derive(Debug, Clone, PartialEq, Eq, Error)]
pub enum IdentityError {
    /// A peer sent bytes that are no control entry or statement.
    #[error("a peer sent something malformed: {0}")]
    PeerMalformed(#[from] Malformed),
    /// A peer sent a control entry that does not follow the one before it.
    #[error("a peer sent a control entry that does not follow the one before it")]
    PeerOutOfOrder,
    /// A peer sent a log that does not begin with the shop's genesis.
    #[error("a peer sent a beginning that is not this shop's")]
    PeerForeignGenesis,
}
