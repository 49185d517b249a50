//! What proves that two screens saw each other: both cards' secrets, and a code to compare.

use base::hash::{self, TAG_CHECK_CODE};

/// Tag of the key that the two cards' secrets give.
pub const TAG_CARD_KEY: &[u8] = b"tillmesh/1 card key\0";

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
    /// The key under which both sides prove in the handshake that they saw both cards.
    pub fn proof_key(&self) -> [u8; 32] {
        hash::sha256(&[TAG_CARD_KEY, &self.offer, &self.answer]).0
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
    fn golden_key_and_code() {
        let key = data_encoding::HEXLOWER.encode(&SECRETS.proof_key()[..8]);
        assert_eq!(key, "4ad2e3e59c040c51");
        assert_eq!(check_code(&[3; 32], &[4; 32], b"transcript"), "904540");
    }

    #[test]
    fn the_key_tells_which_card_was_which() {
        let swapped = CardSecrets {
            offer: SECRETS.answer,
            answer: SECRETS.offer,
        };
        assert_ne!(swapped.proof_key(), SECRETS.proof_key());
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
