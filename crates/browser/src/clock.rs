//! The two clocks that a machine is told of.

use base::Now;
use wasm_bindgen::prelude::wasm_bindgen;

#[wasm_bindgen]
extern "C" {
    /// Milliseconds since the page began; also there in a worker, which has no window.
    #[wasm_bindgen(js_namespace = performance, js_name = now)]
    fn since_start_ms() -> f64;
}

/// The moment: what the wall clock says, and a clock that never goes backwards.
pub fn now() -> Now {
    now_at(mono_ms())
}

/// The same, where [`mono_ms`] was asked a moment ago.
pub(crate) fn now_at(mono_ms: f64) -> Now {
    Now {
        wall_ms: js_sys::Date::now() as u64,
        mono_ms: mono_ms as u64,
    }
}

/// Milliseconds since the page began, with fractions.
pub(crate) fn mono_ms() -> f64 {
    since_start_ms()
}

#[cfg(all(test, target_arch = "wasm32"))]
mod tests {
    use wasm_bindgen_test::wasm_bindgen_test;

    use super::*;

    #[wasm_bindgen_test]
    fn the_wall_clock_is_of_this_century_and_the_other_does_not_go_back() {
        let (first, second) = (now(), now());
        let year_2020_ms = 1_577_836_800_000;
        assert!(first.wall_ms > year_2020_ms, "{first:?}");
        assert!(second.mono_ms >= first.mono_ms);
    }
}
