//! Randomness from the browser.

use base::Random;
use wasm_bindgen::JsValue;
use wasm_bindgen::prelude::wasm_bindgen;

/// What `getRandomValues` gives in one call at most (Web Cryptography API, §10.1.1).
const BYTES_PER_CALL_MAX: usize = 65_536;

/// What a turn of the machine's takes at most as a rule: a call into the browser for each number of a
/// sale is what a cashier would wait for.
const TURN_BYTES: usize = 64;

#[wasm_bindgen]
extern "C" {
    #[wasm_bindgen(catch, js_namespace = crypto, js_name = getRandomValues)]
    fn fill_from_browser(bytes: &mut [u8]) -> Result<JsValue, JsValue>;
}

/// `crypto.getRandomValues`, for one turn of a machine: the first that is asked for fetches what the
/// turn takes. No longer, so that no memory holds what a later key is made of, and no copy of a
/// running page seals with the numbers of its original.
pub struct BrowserRandom {
    ready: [u8; TURN_BYTES],
    given: usize,
}

impl Default for BrowserRandom {
    fn default() -> Self {
        Self {
            ready: [0; TURN_BYTES],
            given: TURN_BYTES,
        }
    }
}

impl Random for BrowserRandom {
    fn fill(&mut self, bytes: &mut [u8]) {
        if bytes.len() > TURN_BYTES {
            return fetch(bytes);
        }
        if TURN_BYTES - self.given < bytes.len() {
            fetch(&mut self.ready);
            self.given = 0;
        }
        let end = self.given + bytes.len();
        bytes.copy_from_slice(&self.ready[self.given..end]);
        self.given = end;
    }
}

fn fetch(bytes: &mut [u8]) {
    for part in bytes.chunks_mut(BYTES_PER_CALL_MAX) {
        // Without randomness nothing that follows would be safe.
        if fill_from_browser(part).is_err() {
            panic!("the browser gave no randomness");
        }
    }
}

/// Gives `N` random bytes.
pub(crate) fn random_bytes<const N: usize>() -> [u8; N] {
    let mut bytes = [0; N];
    fetch(&mut bytes);
    bytes
}

#[cfg(all(test, target_arch = "wasm32"))]
mod tests {
    use wasm_bindgen_test::wasm_bindgen_test;

    use super::*;

    #[wasm_bindgen_test]
    fn more_than_one_call_gives_is_filled_to_the_end() {
        let mut bytes = vec![0; BYTES_PER_CALL_MAX + 64];
        BrowserRandom::default().fill(&mut bytes);
        assert!(bytes[BYTES_PER_CALL_MAX..].iter().any(|byte| *byte != 0));
        assert_ne!(random_bytes::<32>(), random_bytes::<32>());
    }

    #[wasm_bindgen_test]
    fn no_byte_is_given_twice() {
        let mut random = BrowserRandom::default();
        // The last ones of a fetch are too few, and left.
        let given = (0..100).flat_map(|_| {
            let mut bytes = [0; 24];
            random.fill(&mut bytes);
            bytes
        });
        let given: Vec<u8> = given.collect();
        // Eight in a row that come again, wherever they begin, were given before.
        let mut eights: Vec<_> = given.windows(8).collect();
        let count = eights.len();
        eights.sort_unstable();
        eights.dedup();
        assert_eq!(eights.len(), count);
    }
}
