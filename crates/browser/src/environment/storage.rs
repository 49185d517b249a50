//! Whether the browser promises to keep the data, and how much room there is.

use js_sys::Reflect;
use wasm_bindgen::JsValue;
use wasm_bindgen_futures::JsFuture;
use web_sys::StorageManager;

use crate::error::BrowserError;

/// Room on the disk for this app.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Room {
    /// Bytes that it uses.
    pub used_bytes: u64,
    /// Bytes that the browser allows, used ones included.
    pub quota_bytes: u64,
    /// Whether the browser promised to keep them when the disk fills up.
    pub persisted: bool,
}

/// Asks the browser to keep this app's data; `true` when it promises. Chrome decides by itself.
///
/// # Errors
/// [`BrowserError`] on a page that may not ask.
pub async fn persist() -> Result<bool, BrowserError> {
    Ok(JsFuture::from(manager().persist()?).await?.is_truthy())
}

/// How much room there is, and whether it is kept.
///
/// # Errors
/// [`BrowserError`] on a page that may not ask.
pub async fn room() -> Result<Room, BrowserError> {
    let estimate = JsFuture::from(manager().estimate()?).await?;
    let bytes = |name: &str| -> Result<u64, JsValue> {
        let value = Reflect::get(&estimate, &name.into())?;
        Ok(value.as_f64().unwrap_or_default() as u64)
    };
    Ok(Room {
        used_bytes: bytes("usage")?,
        quota_bytes: bytes("quota")?,
        persisted: JsFuture::from(manager().persisted()?).await?.is_truthy(),
    })
}

fn manager() -> StorageManager {
    gloo::utils::window().navigator().storage()
}
