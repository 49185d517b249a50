//! Randomness from the browser.

use std::cell::RefCell;

use base::Random;
use wasm_bindgen::JsValue;
use wasm_bindgen::prelude::wasm_bindgen;

/// What `getRandomValues` gives in one call at most (Web Cryptography API, §10.1.1).
const BYTES_PER_CALL_MAX: usize = 65_536;

/// What is fetched ahead: a call into the browser for each number of a sale is what a cashier would
/// wait for, and this is enough for some thirty sales.
const READY_BYTES: usize = 1024;

#[wasm_bindgen]
extern "C" {
    #[wasm_bindgen(catch, js_namespace = crypto, js_name = getRandomValues)]
    fn fill_from_browser(bytes: &mut [u8]) -> Result<JsValue, JsValue>;
}

thread_local! {
    static READY: RefCell<Ready> = const { RefCell::new(Ready::EMPTY) };
}

/// `crypto.getRandomValues`.
#[derive(Debug, Clone, Copy, Default)]
pub struct BrowserRandom;

impl Random for BrowserRandom {
    fn fill(&mut self, bytes: &mut [u8]) {
        if bytes.len() <= READY_BYTES {
            READY.with_borrow_mut(|ready| ready.take(bytes));
        } else {
            fetch(bytes);
        }
    }
}

/// Random bytes that were fetched ahead.
struct Ready {
    bytes: [u8; READY_BYTES],
    /// So many were given away, and are zeros since: a secret is made of some.
    given: usize,
}

impl Ready {
    const EMPTY: Self = Self {
        bytes: [0; READY_BYTES],
        given: READY_BYTES,
    };

    fn take(&mut self, wanted: &mut [u8]) {
        if READY_BYTES - self.given < wanted.len() {
            fetch(&mut self.bytes);
            self.given = 0;
        }
        let end = self.given + wanted.len();
        let taken = &mut self.bytes[self.given..end];
        wanted.copy_from_slice(taken);
        taken.fill(0);
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

    #[wasm_bindgen_test]
    fn no_byte_that_was_fetched_ahead_is_given_twice() {
        let mut ready = Ready::EMPTY;
        let mut given: Vec<[u8; 24]> = Vec::new();
        // Twice as many as are fetched at once; the last ones of a fetch are too few and left.
        for _ in 0..2 * READY_BYTES / 24 {
            let mut bytes = [0; 24];
            ready.take(&mut bytes);
            assert!(ready.bytes[..ready.given].iter().all(|byte| *byte == 0));
            given.push(bytes);
        }
        given.sort_unstable();
        given.dedup();
        assert_eq!(given.len(), 2 * READY_BYTES / 24);
    }
}
