//! HANDS: the only library that touches JavaScript.
//!
//! It runs any [`base::Machine`]: the store in IndexedDB, the keys in WebCrypto, links over
//! WebRTC, the meeting place at the relay, the clock and randomness. It has no opinions: it must
//! never know a shop, a sync rule or a screen.
//!
//! `JsValue` goes no further than this crate: what the browser throws becomes [`BrowserError`].

#[cfg(feature = "page")]
pub mod camera;
#[cfg(feature = "page")]
pub mod clock;
#[cfg(feature = "page")]
pub mod console;
#[cfg(feature = "page")]
pub mod environment;
pub mod error;
#[cfg(feature = "page")]
pub mod hands;
#[cfg(feature = "http")]
pub mod http;
#[cfg(feature = "store")]
pub mod keys;
#[cfg(feature = "page")]
pub mod link;
#[cfg(feature = "page")]
pub mod locks;
#[cfg(feature = "page")]
pub mod qr;
#[cfg(feature = "page")]
pub mod random;
#[cfg(feature = "page")]
pub mod runner;
#[cfg(feature = "page")]
pub mod signal;
#[cfg(feature = "store")]
pub mod store;
#[cfg(feature = "page")]
pub mod turn;
#[cfg(feature = "page")]
pub mod zone;

pub use error::BrowserError;

#[cfg(all(test, target_arch = "wasm32"))]
wasm_bindgen_test::wasm_bindgen_test_configure!(run_in_browser);
