//! Wraps and messages to one recipient: ephemeral X25519 (RFC 7748), then AES-256-GCM.

use base::effect::WRAP_BYTES;
use x25519_dalek::{PublicKey, StaticSecret};

use crate::aead;
use crate::error::SealError;
use crate::schedule::{self, NONCE_ONCE};

/// How much longer a sealed message is than what is in it: ephemeral public key and tag.
pub const MESSAGE_EXTRA_BYTES: usize = 32 + 16;

/// An X25519 pair.
#[derive(Clone)]
pub struct KeyPair {
    secret: StaticSecret,
    public: [u8; 32],
}

/// The public key of a private one.
pub fn x25519_public(private: &[u8; 32]) -> [u8; 32] {
    PublicKey::from(&StaticSecret::from(*private)).to_bytes()
}

impl KeyPair {
    /// The pair of a private key.
    pub fn from_private(private: [u8; 32]) -> Self {
        let secret = StaticSecret::from(private);
        let public = PublicKey::from(&secret).to_bytes();
        Self { secret, public }
    }

    /// The public key.
    pub const fn public(&self) -> [u8; 32] {
        self.public
    }

    fn agree(&self, other: &[u8; 32]) -> Option<[u8; 32]> {
        let shared = self.secret.diffie_hellman(&PublicKey::from(*other));
        shared.was_contributory().then(|| shared.to_bytes())
    }
}

/// Wraps 32 bytes to a public key. `ephemeral` is a fresh pair, used for this wrap only.
///
/// # Errors
/// [`SealError::PeerBadKey`] when nothing secret can be agreed on with `to`.
pub fn wrap(
    secret: &[u8; 32],
    to: &[u8; 32],
    salt: &[u8; 32],
    ephemeral: &KeyPair,
) -> Result<Vec<u8>, SealError> {
    let shared = ephemeral.agree(to).ok_or(SealError::PeerBadKey)?;
    let key = schedule::wrap_key(&shared, &ephemeral.public, to, salt);
    let sealed = aead::seal(&key, &NONCE_ONCE, &[], secret);
    Ok([ephemeral.public.as_slice(), &sealed].concat())
}

/// Opens what [`wrap`] gave, with the recipient's pair.
///
/// # Errors
/// [`SealError::PeerSealBroken`].
pub fn unwrap(wrapped: &[u8], by: &KeyPair, salt: &[u8; 32]) -> Result<[u8; 32], SealError> {
    if wrapped.len() != WRAP_BYTES {
        return Err(SealError::PeerSealBroken);
    }
    let (ephemeral, sealed) = wrapped
        .split_first_chunk()
        .ok_or(SealError::PeerSealBroken)?;
    let shared = by.agree(ephemeral).ok_or(SealError::PeerSealBroken)?;
    let key = schedule::wrap_key(&shared, ephemeral, &by.public, salt);
    let secret = aead::open(&key, &NONCE_ONCE, &[], sealed)?;
    secret.try_into().map_err(|_| SealError::PeerSealBroken)
}

/// Seals a message to one device. `ephemeral` is a fresh pair, used for this message only.
///
/// # Errors
/// [`SealError::PeerBadKey`] when nothing secret can be agreed on with `to`.
pub fn seal_to(plain: &[u8], to: &[u8; 32], ephemeral: &KeyPair) -> Result<Vec<u8>, SealError> {
    let shared = ephemeral.agree(to).ok_or(SealError::PeerBadKey)?;
    let key = schedule::message_key(&shared, &ephemeral.public, to);
    let sealed = aead::seal(&key, &NONCE_ONCE, &[], plain);
    Ok([ephemeral.public.as_slice(), &sealed].concat())
}

/// Opens what [`seal_to`] gave, with the recipient's pair.
///
/// # Errors
/// [`SealError::PeerSealBroken`].
pub fn open_sealed(message: &[u8], by: &KeyPair) -> Result<Vec<u8>, SealError> {
    let (ephemeral, sealed) = message
        .split_first_chunk()
        .ok_or(SealError::PeerSealBroken)?;
    let shared = by.agree(ephemeral).ok_or(SealError::PeerSealBroken)?;
    let key = schedule::message_key(&shared, ephemeral, &by.public);
    aead::open(&key, &NONCE_ONCE, &[], sealed)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::vectors;

    fn recipient() -> KeyPair {
        KeyPair::from_private(vectors::RECIPIENT_PRIVATE)
    }

    fn ephemeral() -> KeyPair {
        KeyPair::from_private(vectors::EPHEMERAL_PRIVATE)
    }

    #[test]
    fn a_wrap_is_its_known_answer() {
        let to = recipient().public();
        assert_eq!(to, vectors::RECIPIENT_PUBLIC);
        let wrapped = wrap(&vectors::SECRET, &to, &vectors::WRAP_SALT, &ephemeral());
        assert_eq!(wrapped.as_deref(), Ok(vectors::WRAP.as_slice()));
        let opened = unwrap(&vectors::WRAP, &recipient(), &vectors::WRAP_SALT);
        assert_eq!(opened, Ok(vectors::SECRET));
    }

    #[test]
    fn a_message_is_its_known_answer() {
        let sealed = seal_to(vectors::MESSAGE, &vectors::RECIPIENT_PUBLIC, &ephemeral());
        assert_eq!(sealed.as_deref(), Ok(vectors::SEALED_MESSAGE.as_slice()));
        let opened = open_sealed(&vectors::SEALED_MESSAGE, &recipient());
        assert_eq!(opened.as_deref(), Ok(vectors::MESSAGE));
        assert_eq!(
            vectors::SEALED_MESSAGE.len(),
            vectors::MESSAGE.len() + MESSAGE_EXTRA_BYTES
        );
    }

    #[test]
    fn any_altered_byte_breaks_a_wrap_and_a_message() {
        let broken = Some(SealError::PeerSealBroken);
        for at in 0..vectors::WRAP.len() {
            let mut bad = vectors::WRAP;
            bad[at] ^= 1;
            assert_eq!(
                unwrap(&bad, &recipient(), &vectors::WRAP_SALT).err(),
                broken,
                "{at}"
            );
        }
        for at in 0..vectors::SEALED_MESSAGE.len() {
            let mut bad = vectors::SEALED_MESSAGE;
            bad[at] ^= 1;
            assert_eq!(open_sealed(&bad, &recipient()).err(), broken, "{at}");
        }
    }

    #[test]
    fn a_wrap_opens_for_its_recipient_and_its_salt_only() {
        let broken = Err(SealError::PeerSealBroken);
        assert_eq!(
            unwrap(&vectors::WRAP, &ephemeral(), &vectors::WRAP_SALT),
            broken
        );
        assert_eq!(unwrap(&vectors::WRAP, &recipient(), &[0; 32]), broken);
        assert_eq!(
            unwrap(&vectors::WRAP[1..], &recipient(), &vectors::WRAP_SALT),
            broken
        );
        assert_eq!(
            open_sealed(&[1; 20], &recipient()).err(),
            Some(SealError::PeerSealBroken)
        );
    }

    #[test]
    fn a_wrap_is_no_message() {
        assert!(open_sealed(&vectors::WRAP, &recipient()).is_err());
    }

    #[test]
    fn a_key_of_small_order_is_refused() {
        let refused = Some(SealError::PeerBadKey);
        assert_eq!(
            wrap(&[1; 32], &[0; 32], &[2; 32], &ephemeral()).err(),
            refused
        );
        assert_eq!(seal_to(b"plain", &[0; 32], &ephemeral()).err(), refused);
    }
}
