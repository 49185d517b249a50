//! Bytes for one reader: an ephemeral X25519 key, then AES-256-GCM under what it agreed on with
//! the reader's. The key is used once, so its nonce is zero.

use seal::SealError;
use seal::schedule::{self, NONCE_ONCE};

use super::subtle::{self, Algorithm, Pair};
use super::trouble::Trouble;

/// What the bytes are; each has keys of its own.
#[derive(Clone, Copy)]
pub(super) enum Purpose<'a> {
    /// A wrapped secret, bound to the salt of the entry that carries it.
    Wrap(&'a [u8; 32]),
    /// A message to one device.
    Message,
}

impl Purpose<'_> {
    fn key(self, shared: &[u8; 32], ephemeral: &[u8; 32], recipient: &[u8; 32]) -> [u8; 32] {
        match self {
            Self::Wrap(salt) => schedule::wrap_key(shared, ephemeral, recipient, salt),
            Self::Message => schedule::message_key(shared, ephemeral, recipient),
        }
    }
}

/// Gives ephemeral public key ‖ sealed ‖ tag.
///
/// Refuses a public key of low order: nothing secret can be agreed on with it.
pub(super) async fn seal(
    purpose: Purpose<'_>,
    to: &[u8; 32],
    plain: &[u8],
) -> Result<Vec<u8>, Trouble> {
    let ephemeral = subtle::generate(Algorithm::X25519).await?;
    let shared = subtle::agree(&ephemeral.private, to).await;
    let shared = shared.map_err(|_| SealError::PeerBadKey)?;
    let key = subtle::aes_key(&purpose.key(&shared, &ephemeral.public, to)).await?;
    let sealed = subtle::encrypt(&key, &NONCE_ONCE, &[], plain).await?;
    Ok([&ephemeral.public[..], &sealed].concat())
}

/// Opens what [`seal`] gave, with the reader's own pair; `None` when the seal is broken or was
/// made for somebody else.
pub(super) async fn open(purpose: Purpose<'_>, reader: &Pair, sealed: &[u8]) -> Option<Vec<u8>> {
    let (ephemeral, sealed) = sealed.split_first_chunk::<32>()?;
    let shared = subtle::agree(&reader.private, ephemeral).await.ok()?;
    let key = purpose.key(&shared, ephemeral, &reader.public);
    let key = subtle::aes_key(&key).await.ok()?;
    subtle::decrypt(&key, &NONCE_ONCE, &[], sealed).await.ok()
}
