//! The browser's own reader of codes, where there is one: Android, ChromeOS, macOS.

use js_sys::{Array, Function, Object, Promise, Reflect};
use wasm_bindgen::prelude::wasm_bindgen;
use wasm_bindgen::{JsCast, JsValue};
use wasm_bindgen_futures::JsFuture;
use web_sys::HtmlVideoElement;

#[wasm_bindgen]
extern "C" {
    /// `BarcodeDetector` of the Shape Detection API, which web-sys does not know.
    pub(super) type Detector;

    #[wasm_bindgen(method, catch)]
    fn detect(this: &Detector, picture: &HtmlVideoElement) -> Result<Promise, JsValue>;
}

impl Detector {
    /// A reader of QR codes, if this browser has one.
    pub(super) fn new() -> Option<Self> {
        let constructor = Reflect::get(&js_sys::global(), &"BarcodeDetector".into()).ok()?;
        let constructor: Function = constructor.dyn_into().ok()?;
        let options = Object::new();
        let formats = Array::of1(&"qr_code".into());
        Reflect::set(&options, &"formats".into(), &formats).ok()?;
        let made = Reflect::construct(&constructor, &Array::of1(&options)).ok()?;
        Some(made.unchecked_into())
    }

    /// The text of a code in what the video shows now.
    ///
    /// # Errors
    /// Whatever the browser says: on some devices the service behind it is missing.
    pub(super) async fn text(&self, video: &HtmlVideoElement) -> Result<Option<String>, JsValue> {
        let found = Array::from(&JsFuture::from(self.detect(video)?).await?);
        Ok(Reflect::get(&found.get(0), &"rawValue".into())
            .ok()
            .and_then(|text| text.as_string()))
    }
}
