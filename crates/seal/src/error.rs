//! What can go wrong with locks, and whose fault it is.

use base::Malformed;
use thiserror::Error;

/// What can go wrong with bodies, wraps, messages, phrases and keys.
#[derive(Debug, Clone, PartialEq, Eq, Error)]
pub enum SealError {
    /// A peer's body does not hold the entries that its header counts.
    #[error("a peer sent something malformed: {0}")]
    PeerMalformed(#[from] Malformed),
    /// A peer's body is not a deflate stream.
    #[error("a peer sent a body that is not deflated")]
    PeerNotDeflated,
    /// A peer's body grows beyond [`BODY_BYTES_MAX`](base::limits::BODY_BYTES_MAX).
    #[error("a peer sent a body that grows beyond its bound")]
    PeerBodyGrows,
    /// A seal, a wrap or a message does not open: another key, or somebody altered it.
    #[error("the seal is broken, or made for another key")]
    PeerSealBroken,
    /// A peer's X25519 key is one of the few that agree on nothing secret (RFC 7748 §6.1).
    #[error("a peer's public key is no good")]
    PeerBadKey,
    /// The typed phrase does not have twelve words.
    #[error("a recovery phrase has twelve words")]
    UserWordCount {
        /// How many were typed.
        found: usize,
    },
    /// A typed word is not in the list of words.
    #[error("word {position} is not in the list of words")]
    UserWordUnknown {
        /// Which, from 1 to 12. The word itself stays out of errors, because errors are logged.
        position: usize,
    },
    /// Every word is known, but together they are no phrase: one is wrong or out of order.
    #[error("these twelve words do not belong together")]
    UserWordsDoNotBelong,
    /// A machine named a key that is not held.
    #[error("no key is held under this handle")]
    UsKeyNotHeld,
    /// A machine asked for more than a message may hold.
    #[error("a message to one device is longer than its bound")]
    UsMessageTooLong,
}

/// What is said of each unknown word: a [`Refused`](base::effect::KeyAnswer) is a fixed text.
const UNKNOWN_WORDS: [&str; 12] = [
    "word 1 is not in the list of words",
    "word 2 is not in the list of words",
    "word 3 is not in the list of words",
    "word 4 is not in the list of words",
    "word 5 is not in the list of words",
    "word 6 is not in the list of words",
    "word 7 is not in the list of words",
    "word 8 is not in the list of words",
    "word 9 is not in the list of words",
    "word 10 is not in the list of words",
    "word 11 is not in the list of words",
    "word 12 is not in the list of words",
];

impl SealError {
    /// The same as a fixed text, for a hand's refusal.
    pub fn refusal(&self) -> &'static str {
        match self {
            Self::PeerMalformed(_) => "a peer sent something malformed",
            Self::PeerNotDeflated => "a peer sent a body that is not deflated",
            Self::PeerBodyGrows => "a peer sent a body that grows beyond its bound",
            Self::PeerSealBroken => "the seal is broken, or made for another key",
            Self::PeerBadKey => "a peer's public key is no good",
            Self::UserWordCount { .. } => "a recovery phrase has twelve words",
            Self::UserWordUnknown { position } => {
                let word = UNKNOWN_WORDS.get(position.wrapping_sub(1));
                word.copied()
                    .unwrap_or("a word is not in the list of words")
            }
            Self::UserWordsDoNotBelong => "these twelve words do not belong together",
            Self::UsKeyNotHeld => "no key is held under this handle",
            Self::UsMessageTooLong => "a message to one device is longer than its bound",
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_refusal_says_what_the_error_says() {
        for position in 1..=12 {
            let error = SealError::UserWordUnknown { position };
            assert_eq!(error.refusal(), error.to_string());
        }
        let others = [
            SealError::PeerNotDeflated,
            SealError::PeerBodyGrows,
            SealError::PeerSealBroken,
            SealError::PeerBadKey,
            SealError::UserWordCount { found: 3 },
            SealError::UserWordsDoNotBelong,
            SealError::UsKeyNotHeld,
            SealError::UsMessageTooLong,
        ];
        for error in others {
            assert_eq!(error.refusal(), error.to_string());
        }
    }
}
