//! Randomness from the browser.

use std::cell::RefCell;

use base::Random;
use wasm_bindgen::JsValue;
use wasm_bindgen::prelude::wasm_bindgen;

/// What `getRandomValues` gives in one call at most (Web Cryptography API, §10.1.1).
const BYTES_PER_CALL_MAX: usize = 65_536;

/// What is fetched at once, eight nonces: a call for each takes 0.04 ms of a sale's way to the disk.
const STOCK_BYTES: usize = 96;

#[wasm_bindgen]
extern "C" {
    #[wasm_bindgen(catch, js_namespace = crypto, js_name = getRandomValues)]
    fn fill_from_browser(bytes: &mut [u8]) -> Result<JsValue, JsValue>;
}

thread_local! {
    static STOCK: RefCell<Stock> = const { RefCell::new(Stock::empty()) };
}

/// Random bytes that nobody had yet.
struct Stock {
    bytes: [u8; STOCK_BYTES],
    /// How many of them are left, from the first.
    left: usize,
}

impl Stock {
    const fn empty() -> Self {
        Self {
            bytes: [0; STOCK_BYTES],
            left: 0,
        }
    }

    /// Gives each byte once, and keeps none that was given.
    fn give(&mut self, wanted: &mut [u8]) {
        if self.left < wanted.len() {
            fetch(&mut self.bytes);
            self.left = STOCK_BYTES;
        }
        let rest = self.left - wanted.len();
        let given = &mut self.bytes[rest..self.left];
        wanted.copy_from_slice(given);
        given.fill(0);
        self.left = rest;
    }
}

/// `crypto.getRandomValues`, small pieces of it from what was fetched before.
#[derive(Debug, Clone, Copy, Default)]
pub struct BrowserRandom;

impl Random for BrowserRandom {
    fn fill(&mut self, bytes: &mut [u8]) {
        if bytes.len() <= STOCK_BYTES {
            STOCK.with_borrow_mut(|stock| stock.give(bytes));
        } else {
            fetch(bytes);
        }
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
    use std::collections::BTreeSet;

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
    fn no_byte_is_given_twice() {
        let many: Vec<[u8; 24]> = (0..STOCK_BYTES).map(|_| random_bytes()).collect();
        let pieces: Vec<_> = many.iter().flat_map(|bytes| bytes.chunks(8)).collect();
        let different: BTreeSet<_> = pieces.iter().collect();
        assert_eq!(different.len(), pieces.len());
    }
}
