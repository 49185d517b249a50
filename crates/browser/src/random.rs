//! Randomness from the browser.

use base::Random;
use wasm_bindgen::JsValue;
use wasm_bindgen::prelude::wasm_bindgen;

/// What `getRandomValues` gives in one call at most (Web Cryptography API, §10.1.1).
const BYTES_PER_CALL_MAX: usize = 65_536;

#[wasm_bindgen]
extern "C" {
    #[wasm_bindgen(catch, js_namespace = crypto, js_name = getRandomValues)]
    fn fill_from_browser(bytes: &mut [u8]) -> Result<JsValue, JsValue>;
}

/// `crypto.getRandomValues`.
#[derive(Debug, Clone, Copy, Default)]
pub struct BrowserRandom;

impl Random for BrowserRandom {
    fn fill(&mut self, bytes: &mut [u8]) {
        for part in bytes.chunks_mut(BYTES_PER_CALL_MAX) {
            // Without randomness nothing that follows would be safe.
            if fill_from_browser(part).is_err() {
                panic!("the browser gave no randomness");
            }
        }
    }
}

/// Gives `N` random bytes.
pub(crate) fn random_bytes<const N: usize>() -> [u8; N] {
    let mut bytes = [0; N];
    BrowserRandom.fill(&mut bytes);
    bytes
}

#[cfg(all(test, target_arch = "wasm32"))]
mod tests {
    use wasm_bindgen_test::wasm_bindgen_test;

    use super::*;

    #[wasm_bindgen_test]
    fn more_than_one_call_gives_is_filled_to_the_end() {
        let mut bytes = vec![0; BYTES_PER_CALL_MAX + 64];
        BrowserRandom.fill(&mut bytes);
        assert!(bytes[BYTES_PER_CALL_MAX..].iter().any(|byte| *byte != 0));
        assert_ne!(random_bytes::<32>(), random_bytes::<32>());
    }
}
