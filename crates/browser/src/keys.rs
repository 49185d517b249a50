//! The cryptographic hand: WebCrypto does what the machine asks for by handle; a short body is sealed
//! in here.
//!
//! Identity keys cannot be read out of the browser. Epoch secrets are bytes in this module's
//! memory only, between an unwrap and [`KeyTask::Forget`]; the key schedule is `seal`'s.

#[cfg(feature = "page")]
mod envelope;
pub mod identity;
#[cfg(feature = "page")]
mod secret;
#[cfg_attr(
    not(feature = "page"),
    expect(dead_code, reason = "a service worker only signs")
)]
mod subtle;
#[cfg(feature = "page")]
mod tasks;
#[cfg(feature = "page")]
mod trouble;

#[cfg(feature = "page")]
pub use tasks::Keys;

#[cfg(all(test, target_arch = "wasm32", feature = "page"))]
mod tests;
