//! What proves that two screens saw each other: both cards' secrets, and a code to compare.

use base::hash::{self, TAG_CHECK_CODE};
use sha2::{Digest as _, Sha256};

/// Tag of the proof that the two cards' secrets give.
pub const TAG_CARD_PROOF: &[u8] = b"tillmesh/1 card proof\0";
/// Tag of the key that the two cards' secrets give.
pub const TAG_CARD_KEY: &[u8] = b"tillmesh/1 card key\0";

/// Which side of a link proves something. In what is proven, so that neither side can send the
/// other's proof back.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Side {
    /// Whoever showed the first card.
    Offerer,
    /// Whoever answered it.
    Answerer,
}

impl Side {
    const fn number(self) -> u8 {
        match self {
            Self::Offerer => 0,
            Self::Answerer => 1,
        }
    }
}

/// The one-time secrets of the two cards.
#[derive(Clone, PartialEq, Eq)]
pub struct CardSecrets {
    /// Of the offer card.
    pub offer: [u8; 12],
    /// Of the answer card.
    pub answer: [u8; 12],
}

impl core::fmt::Debug for CardSecrets {
    fn fmt(&self, f: &mut core::fmt::Formatter<'_>) -> core::fmt::Result {
        f.write_str("CardSecrets(…)")
    }
}

impl CardSecrets {
    /// Proves that `side` saw both cards: HMAC-SHA-256 over the transcript of the handshake.
    pub fn proof(&self, side: Side, transcript: &[u8]) -> [u8; 32] {
        let key = hash::sha256(&[TAG_CARD_KEY, &self.offer, &self.answer]).0;
        hash::hmac_sha256(&key, &[TAG_CARD_PROOF, &[side.number()], transcript])
    }

    /// Whether this is the proof of `side` over this transcript.
    pub fn check(&self, side: Side, transcript: &[u8], proof: &[u8; 32]) -> bool {
        // Hashing both hides from a clock how far they agree.
        Sha256::digest(self.proof(side, transcript)) == Sha256::digest(proof)
    }
}

/// The six digits that both screens show.
///
/// The nonces were committed to before they were revealed, so whoever sits in between has one
/// chance in a million to make both screens agree (the idea: ZRTP, RFC 6189). Order matters:
/// the offerer's nonce comes first on both screens.
pub fn check_code(offerer: &[u8; 32], answerer: &[u8; 32], transcript: &[u8]) -> String {
    let hash = hash::sha256(&[TAG_CHECK_CODE, offerer, answerer, transcript]);
    // Of 2^64 values a million takes no visible share: the digits are even.
    format!("{:06}", u64::from_be_bytes(hash.first()) % 1_000_000)
}

#[cfg(test)]
mod tests {
    use super::*;

    const SECRETS: CardSecrets = CardSecrets {
        offer: [1; 12],
        answer: [2; 12],
    };

    #[test]
    fn golden_proof_and_code() {
        let proof = SECRETS.proof(Side::Offerer, b"transcript");
        assert_eq!(
            data_encoding::HEXLOWER.encode(&proof),
            "5041fccd807d6438d65e06a740042fb39b1c2a8ff40bf8b26bb4e2f4979a130c"
        );
        assert_eq!(check_code(&[3; 32], &[4; 32], b"transcript"), "904540");
    }

    #[test]
    fn a_proof_holds_for_one_side_one_transcript_and_one_pair_of_cards() {
        let proof = SECRETS.proof(Side::Answerer, b"transcript");
        assert!(SECRETS.check(Side::Answerer, b"transcript", &proof));
        assert!(!SECRETS.check(Side::Offerer, b"transcript", &proof));
        assert!(!SECRETS.check(Side::Answerer, b"another", &proof));
        let swapped = CardSecrets {
            offer: SECRETS.answer,
            answer: SECRETS.offer,
        };
        assert!(!swapped.check(Side::Answerer, b"transcript", &proof));
        for at in 0..32 {
            let mut bad = proof;
            bad[at] ^= 1;
            assert!(
                !SECRETS.check(Side::Answerer, b"transcript", &bad),
                "byte {at}"
            );
        }
    }

    #[test]
    fn the_code_has_six_digits_and_depends_on_everything() {
        let code = |a: u8, b: u8, transcript: &[u8]| check_code(&[a; 32], &[b; 32], transcript);
        let codes = [
            code(1, 2, b"x"),
            code(2, 1, b"x"),
            code(1, 3, b"x"),
            code(1, 2, b"y"),
        ];
        for (at, one) in codes.iter().enumerate() {
            assert!(one.len() == 6 && one.bytes().all(|byte| byte.is_ascii_digit()));
            assert!(codes[..at].iter().all(|other| other != one));
        }
    }

    #[test]
    fn secrets_stay_out_of_traces() {
        assert_eq!(format!("{SECRETS:?}"), "CardSecrets(…)");
    }
}
