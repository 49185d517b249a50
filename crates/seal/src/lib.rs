//! LOCKS: how secrets become keys, how bodies are packed and sealed, how a phrase, a PIN and two
//! pairing cards become secrets.
//!
//! Short enough to audit in one sitting. WebCrypto seals what is long in browsers, and RustCrypto
//! what is short there and everything for the native hand (feature `native`); both follow
//! [`schedule`] and are held to the same known answers (feature `vectors`). It must never know what
//! a sale is, nor how anything travels.

#![cfg_attr(
    not(test),
    deny(clippy::unwrap_used, clippy::expect_used, clippy::indexing_slicing)
)]

#[cfg(feature = "aead")]
pub mod aead;
pub mod body;
pub mod error;
#[cfg(feature = "native")]
pub mod native;
pub mod pairing;
#[cfg(feature = "phrase")]
pub mod phrase;
#[cfg(feature = "pin")]
pub mod pin;
pub mod schedule;
#[cfg(feature = "vectors")]
pub mod vectors;

pub use error::SealError;
