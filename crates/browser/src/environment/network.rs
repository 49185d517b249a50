//! Whether the browser lets this page onto the local network, where devices find each other.

use js_sys::{Object, Reflect};
use wasm_bindgen::JsCast;
use wasm_bindgen_futures::JsFuture;
use web_sys::{PermissionState, PermissionStatus};

/// The permission by its present name and by its first one.
const NAMES: [&str; 2] = ["local-network", "local-network-access"];

/// What was decided about the local network; `None` while nobody was asked, and in browsers that
/// do not ask. The browser asks by itself, when the page first reaches for the network.
pub async fn allowed() -> Option<bool> {
    for name in NAMES {
        if let Some(status) = query(name).await {
            return match status.state() {
                PermissionState::Granted => Some(true),
                PermissionState::Denied => Some(false),
                _ => None,
            };
        }
    }
    None
}

/// The permission of this name; `None` in browsers that do not know it.
async fn query(name: &str) -> Option<PermissionStatus> {
    let description = Object::new();
    Reflect::set(&description, &"name".into(), &name.into()).ok()?;
    let permissions = gloo::utils::window().navigator().permissions().ok()?;
    let asked = permissions.query(&description).ok()?;
    JsFuture::from(asked).await.ok()?.dyn_into().ok()
}
