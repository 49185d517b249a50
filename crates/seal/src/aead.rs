//! AES-256-GCM (NIST SP 800-38D).

use aes_gcm::aead::{Aead, KeyInit, Payload};
use aes_gcm::{Aes256Gcm, Nonce};

use crate::error::SealError;

/// A key that is ready to seal: to make one of it takes as long as sealing a sale.
pub struct Sealer(Aes256Gcm);

impl Sealer {
    /// Takes a key.
    pub fn new(key: &[u8; 32]) -> Self {
        Self(Aes256Gcm::new(key.into()))
    }

    /// Seals: what comes out is as long as `plain` and a tag of 16 bytes. Binds `aad`.
    ///
    /// A nonce must never be used twice under one key.
    pub fn seal(&self, nonce: &[u8; 12], aad: &[u8], plain: &[u8]) -> Vec<u8> {
        match (self.0).encrypt(&Nonce::from(*nonce), Payload { msg: plain, aad }) {
            Ok(sealed) => sealed,
            // AES-GCM fails beyond 64 GiB; bodies are bounded far below.
            Err(_) => unreachable!("sealing a bounded body cannot fail"),
        }
    }
}

/// Seals one thing, as [`Sealer::seal`] does.
pub fn seal(key: &[u8; 32], nonce: &[u8; 12], aad: &[u8], plain: &[u8]) -> Vec<u8> {
    Sealer::new(key).seal(nonce, aad, plain)
}

/// Opens what [`seal`] gave.
///
/// # Errors
/// [`SealError::PeerSealBroken`] when key, nonce, `aad` or a single bit differs.
pub fn open(
    key: &[u8; 32],
    nonce: &[u8; 12],
    aad: &[u8],
    sealed: &[u8],
) -> Result<Vec<u8>, SealError> {
    Aes256Gcm::new(key.into())
        .decrypt(&Nonce::from(*nonce), Payload { msg: sealed, aad })
        .map_err(|_| SealError::PeerSealBroken)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::vectors;

    #[test]
    fn aes_gcm_gives_the_empty_answer_of_its_specification() {
        // Test case 13 of "The Galois/Counter Mode of Operation" (McGrew, Viega).
        let sealed = seal(&[0; 32], &[0; 12], &[], &[]);
        let expected = "530f8afbc74536b9a963b4f1c4cb738b";
        assert_eq!(data_encoding::HEXLOWER.encode(&sealed), expected);
    }

    #[test]
    fn a_sealed_body_is_its_known_answer() {
        let key = &vectors::SEGMENT_KEY_SALES;
        let sealed = seal(
            key,
            &vectors::SEAL_NONCE,
            vectors::SEAL_AAD,
            vectors::SEAL_PLAIN,
        );
        assert_eq!(sealed, vectors::SEALED);
        let opened = open(key, &vectors::SEAL_NONCE, vectors::SEAL_AAD, &sealed);
        assert_eq!(opened.as_deref(), Ok(vectors::SEAL_PLAIN));
    }

    #[test]
    fn any_altered_byte_breaks_the_seal() {
        let sealed = seal(&[1; 32], &[2; 12], b"aad", b"plain");
        for at in 0..sealed.len() {
            let mut bad = sealed.clone();
            bad[at] ^= 1;
            assert_eq!(
                open(&[1; 32], &[2; 12], b"aad", &bad),
                Err(SealError::PeerSealBroken)
            );
        }
        let broken = Err(SealError::PeerSealBroken);
        assert_eq!(open(&[9; 32], &[2; 12], b"aad", &sealed), broken);
        assert_eq!(open(&[1; 32], &[9; 12], b"aad", &sealed), broken);
        assert_eq!(open(&[1; 32], &[2; 12], b"bad", &sealed), broken);
        assert_eq!(open(&[1; 32], &[2; 12], b"aad", &sealed[..3]), broken);
    }
}
