//! What kind of browser this is, and what it promises: asked once at the start.

pub mod download;
pub mod install;
pub mod network;
pub mod storage;
pub mod update;

use js_sys::{Array, Object, Reflect};
use wasm_bindgen::JsValue;
use wasm_bindgen_futures::JsFuture;

use crate::error::BrowserError;

/// Something that TillMesh cannot work without.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub enum Requirement {
    /// A page from `https` or from this very machine: else there are no keys, no camera, no
    /// service worker.
    SecureContext,
    /// Ed25519 and X25519 in WebCrypto: Chrome 137 and later.
    Keys,
    /// IndexedDB, which some private windows switch off.
    IndexedDb,
    /// Web Locks.
    Locks,
    /// WebRTC, which an administrator may have switched off.
    WebRtc,
}

/// The requirements that this page does not meet, in the order in which to tell people.
pub async fn missing() -> Vec<Requirement> {
    let window = gloo::utils::window();
    let has = |name: &str| is_there(&window, name);
    let mut missing = Vec::new();
    let mut require = |met: bool, requirement| {
        if !met {
            missing.push(requirement);
        }
    };
    require(window.is_secure_context(), Requirement::SecureContext);
    require(makes_keys().await, Requirement::Keys);
    require(has("indexedDB"), Requirement::IndexedDb);
    require(is_there(&window.navigator(), "locks"), Requirement::Locks);
    require(has("RTCPeerConnection"), Requirement::WebRtc);
    missing
}

/// The device that the address names with `?device=<name>`: letters, digits and `-`, at most 32.
/// `None` for the browser's own device.
pub fn device_name() -> Option<String> {
    let query = gloo::utils::window().location().search().ok()?;
    device_in(&query)
}

fn device_in(query: &str) -> Option<String> {
    let mut fields = query.trim_start_matches('?').split('&');
    let name = fields.find_map(|field| field.strip_prefix("device="))?;
    let fine = |c: char| c.is_ascii_alphanumeric() || c == '-';
    ((1..=32).contains(&name.len()) && name.chars().all(fine)).then(|| name.to_owned())
}

fn is_there(object: &JsValue, name: &str) -> bool {
    Reflect::get(object, &name.into()).is_ok_and(|value| !value.is_undefined() && !value.is_null())
}

async fn makes_keys() -> bool {
    for (algorithm, usages) in [
        ("Ed25519", ["sign", "verify"]),
        ("X25519", ["deriveBits", "deriveKey"]),
    ] {
        if make_key(algorithm, usages).await.is_err() {
            return false;
        }
    }
    true
}

async fn make_key(algorithm: &str, usages: [&str; 2]) -> Result<(), BrowserError> {
    let subtle = gloo::utils::window().crypto()?.subtle();
    if subtle.is_undefined() {
        return Err(BrowserError::Missing("WebCrypto"));
    }
    let description = Object::new();
    Reflect::set(&description, &"name".into(), &algorithm.into())?;
    let usages: Array = usages.into_iter().map(JsValue::from).collect();
    JsFuture::from(subtle.generate_key_with_object(&description, false, &usages)?).await?;
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_a_plain_name_opens_another_device() {
        assert_eq!(device_in("?device=lane-2").as_deref(), Some("lane-2"));
        assert_eq!(device_in("?a=1&device=B&c").as_deref(), Some("B"));
        for none in ["", "?device=", "?device=a/b", "?device=%20", "?other=1"] {
            assert_eq!(device_in(none), None, "{none}");
        }
        assert_eq!(device_in(&format!("?device={}", "x".repeat(33))), None);
    }

    #[cfg(target_arch = "wasm32")]
    mod browser {
        use wasm_bindgen_test::wasm_bindgen_test;

        #[wasm_bindgen_test]
        async fn nothing_is_missing_in_a_browser_that_we_support() {
            assert_eq!(super::missing().await, []);
        }

        #[wasm_bindgen_test]
        async fn the_browser_says_how_much_it_keeps() {
            let room = super::super::storage::room().await.unwrap();
            assert!(room.quota_bytes > room.used_bytes, "{room:?}");
        }
    }
}
