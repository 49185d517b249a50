//! What the browser must be asked for: keeping the data, the camera, the network, notifications.

use browser::environment::{network, storage};
use wasm_bindgen::{JsCast, JsValue};
use wasm_bindgen_futures::JsFuture;
use web_sys::{MediaStream, MediaStreamConstraints, MediaStreamTrack, Notification};

/// Whether the browser has promised to keep this app's data.
pub async fn storage_is_kept() -> bool {
    storage::room().await.is_ok_and(|room| room.persisted)
}

/// Asks the browser to keep this app's data.
pub async fn keep_storage() -> bool {
    storage::persist().await.unwrap_or(false)
}

/// What was decided about the shop's own network; `None` while the browser has not asked.
pub async fn network_is_allowed() -> Option<bool> {
    network::allowed().await
}

/// Asks for the camera and lets it go again at once.
pub async fn allow_camera() -> bool {
    let asked = || {
        let constraints = MediaStreamConstraints::new();
        constraints.set_video(&JsValue::TRUE);
        let devices = leptos::prelude::window().navigator().media_devices().ok()?;
        devices.get_user_media_with_constraints(&constraints).ok()
    };
    let Some(asked) = asked() else { return false };
    let Ok(stream) = JsFuture::from(asked).await else {
        return false;
    };
    for track in stream.unchecked_into::<MediaStream>().get_tracks() {
        track.unchecked_into::<MediaStreamTrack>().stop();
    }
    true
}

/// Asks to be allowed to notify.
pub async fn allow_notifications() -> bool {
    let Ok(asked) = Notification::request_permission() else {
        return false;
    };
    JsFuture::from(asked)
        .await
        .is_ok_and(|answer| answer == "granted")
}
