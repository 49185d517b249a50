//! Handing the user a file.

use gloo::timers::callback::Timeout;
use js_sys::Array;
use wasm_bindgen::{JsCast, JsValue};
use web_sys::{Blob, BlobPropertyBag, HtmlAnchorElement, Url};

use crate::error::BrowserError;

/// How long the browser may take to write the file before its bytes are let go.
const DOWNLOAD_MS_MAX: u32 = 60_000;

/// Saves a text as a file where this browser saves downloads.
///
/// # Errors
/// [`BrowserError::Exception`].
pub fn text_file(name: &str, text: &str) -> Result<(), BrowserError> {
    let options = BlobPropertyBag::new();
    options.set_type("text/plain;charset=utf-8");
    let parts = Array::of1(&JsValue::from(text));
    let blob = Blob::new_with_str_sequence_and_options(&parts, &options)?;
    let url = Url::create_object_url_with_blob(&blob)?;
    let anchor = gloo::utils::document().create_element("a")?;
    let anchor: HtmlAnchorElement = anchor.unchecked_into();
    anchor.set_href(&url);
    anchor.set_download(name);
    anchor.click();
    Timeout::new(DOWNLOAD_MS_MAX, move || {
        // What was already taken back is no trouble.
        let _ = Url::revoke_object_url(&url);
    })
    .forget();
    Ok(())
}
