//! What can go wrong between two devices, and whose fault it is.

use base::Malformed;
use thiserror::Error;

/// Why a link is to be closed. The first word of each name says who is at fault.
#[derive(Debug, Clone, PartialEq, Eq, Error)]
pub enum Fault {
    /// Bytes that are not what they claim to be.
    #[error("the peer sent what cannot be read: {0}")]
    PeerMalformed(#[from] Malformed),
    /// A message that has no place at this point.
    #[error("the peer sent {0} where it has no place")]
    PeerOutOfTurn(&'static str),
    /// Our own hello, or one with our keys or our salt.
    #[error("the peer sent our own hello back")]
    PeerReflected,
    /// Another device than the one that the card or the offer named.
    #[error("another device answered than the one that was asked")]
    PeerUnexpected,
    /// The nonce is not the one that was committed to.
    #[error("the peer revealed another nonce than it had committed to")]
    PeerChangedNonce,
    /// The signature over the handshake is wrong.
    #[error("the peer could not prove its keys")]
    PeerForged,
    /// The cards that both screens showed are not the ones that the peer has seen.
    #[error("the peer has not seen the same cards")]
    PeerCards,
    /// Segments that nobody had asked for.
    #[error("the peer sent segments that nobody had asked for")]
    PeerUnasked,
    /// A segment of another shop.
    #[error("the peer sent a segment of another shop")]
    PeerForeignShop,
    /// More than we gave credit for.
    #[error("the peer sent more than it had credit for")]
    PeerOverCredit,
    /// Nothing came for too long.
    #[error("the peer was silent for too long")]
    PeerSilent,
    /// What was asked for did not come.
    #[error("the peer did not answer in time")]
    PeerUnanswered,
    /// A message of ours is longer than a link carries.
    #[error("our message is too long for a link: {0}")]
    OursTooLong(Malformed),
}
