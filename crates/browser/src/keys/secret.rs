//! An epoch's secret: 32 bytes that never leave the hands except wrapped.

use std::cell::RefCell;
use std::collections::BTreeMap;

use base::effect::{ChainKeys, SealTask};
use base::{EpochName, Stream};
use seal::SealError;
use seal::aead::Sealer;
use seal::schedule::{self, NONCE_ONCE};
use web_sys::CryptoKey;

use super::envelope::{self, Purpose};
use super::subtle;
use super::trouble::Trouble;
use crate::error::BrowserError;
use crate::random::random_bytes;

/// A secret that is held, and the keys that were made of it.
pub(super) struct Secret {
    bytes: [u8; 32],
    /// One for each stream that was used; imported once, not readable.
    keys: RefCell<BTreeMap<Stream, CryptoKey>>,
    /// The same ones, for what is sealed in here.
    sealers: RefCell<BTreeMap<Stream, Sealer>>,
}

impl Secret {
    pub(super) fn random() -> Self {
        Self::new(random_bytes())
    }

    pub(super) const fn new(bytes: [u8; 32]) -> Self {
        Self {
            bytes,
            keys: RefCell::new(BTreeMap::new()),
            sealers: RefCell::new(BTreeMap::new()),
        }
    }

    pub(super) fn chain_keys(&self) -> ChainKeys {
        schedule::chain_keys(&self.bytes)
    }

    /// The key of a stream.
    pub(super) async fn key(&self, stream: Stream) -> Result<CryptoKey, BrowserError> {
        let known = self.keys.borrow().get(&stream).cloned();
        if let Some(key) = known {
            return Ok(key);
        }
        let key = subtle::aes_key(&schedule::segment_key(&self.bytes, stream)).await?;
        self.keys.borrow_mut().insert(stream, key.clone());
        Ok(key)
    }

    /// Seals a body at once, in here.
    pub(super) fn seal(&self, task: &SealTask) -> Vec<u8> {
        let mut sealers = self.sealers.borrow_mut();
        let sealer = sealers
            .entry(task.stream)
            .or_insert_with(|| Sealer::new(&schedule::segment_key(&self.bytes, task.stream)));
        sealer.seal(&task.nonce, &task.aad, &task.plain)
    }

    /// The secret, which is that of `epoch`, sealed under the one of an epoch that follows it.
    pub(super) async fn sealed_under(
        &self,
        under: &Self,
        epoch: EpochName,
    ) -> Result<Vec<u8>, BrowserError> {
        let key = subtle::aes_key(&schedule::parent_key(&under.bytes, epoch)).await?;
        subtle::encrypt(&key, &NONCE_ONCE, &[], &self.bytes).await
    }

    /// Opens what [`Secret::sealed_under`] gave, with the secret `under` which it was sealed.
    pub(super) async fn opened(
        under: &Self,
        epoch: EpochName,
        sealed: &[u8],
    ) -> Result<Self, Trouble> {
        let key = subtle::aes_key(&schedule::parent_key(&under.bytes, epoch)).await?;
        let plain = subtle::decrypt(&key, &NONCE_ONCE, &[], sealed).await;
        let bytes = plain.ok().and_then(|plain| plain.try_into().ok());
        Ok(Self::new(bytes.ok_or(SealError::PeerSealBroken)?))
    }

    /// Wraps the secret to each of these public keys; to one with which nothing secret can be agreed
    /// on, nothing.
    pub(super) async fn wraps(
        &self,
        salt: &[u8; 32],
        to: &[[u8; 32]],
    ) -> Result<Vec<Vec<u8>>, Trouble> {
        let wrap = async |to| {
            let wrapped = envelope::seal(Purpose::Wrap(salt), to, &self.bytes).await;
            match wrapped {
                // The others get theirs all the same.
                Err(Trouble::Refused(SealError::PeerBadKey)) => Ok(Vec::new()),
                wrapped => wrapped,
            }
        };
        futures_util::future::join_all(to.iter().map(wrap))
            .await
            .into_iter()
            .collect()
    }
}
