//! The native hand: does with RustCrypto all that browsers do, mostly with WebCrypto.
//!
//! For simulator and tools. Secrets are bytes in here and nowhere else.

mod agreement;
mod keys;

pub use crate::aead::{open, seal};
pub use agreement::{
    KeyPair, MESSAGE_EXTRA_BYTES, open_sealed, seal_to, unwrap, wrap, x25519_public,
};
pub use keys::NativeKeys;
