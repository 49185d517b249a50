//! Putting the app on the home screen.

use std::cell::RefCell;
use std::rc::Rc;

use gloo::events::{EventListener, EventListenerOptions};
use js_sys::{Promise, Reflect};
use wasm_bindgen::prelude::wasm_bindgen;
use wasm_bindgen::{JsCast, JsValue};
use wasm_bindgen_futures::JsFuture;

use crate::error::BrowserError;

#[wasm_bindgen]
extern "C" {
    /// `BeforeInstallPromptEvent`, which only Chromium has.
    #[derive(Clone)]
    type Prompt;

    #[wasm_bindgen(method, catch)]
    fn prompt(this: &Prompt) -> Result<Promise, JsValue>;
}

/// The browser's offer to install the app, kept for the moment when somebody wants it.
pub struct InstallOffer {
    offered: Rc<RefCell<Option<Prompt>>>,
    _listeners: [EventListener; 2],
}

impl InstallOffer {
    /// Begins to listen; do it first, the offer comes early. `on_change` is told whether there is
    /// an offer.
    pub fn listen(on_change: impl Fn(bool) + 'static) -> Self {
        let window = gloo::utils::window();
        let offered = Rc::new(RefCell::new(None));
        let on_change = Rc::new(on_change);
        let (kept, told) = (Rc::clone(&offered), Rc::clone(&on_change));
        let options = EventListenerOptions::enable_prevent_default();
        let came = move |event: &web_sys::Event| {
            // Else the browser shows a banner at a moment of its own choice.
            event.prevent_default();
            kept.replace(Some(event.clone().unchecked_into::<Prompt>()));
            told(true);
        };
        let offer = EventListener::new_with_options(&window, "beforeinstallprompt", options, came);
        let kept = Rc::clone(&offered);
        let installed = EventListener::new(&window, "appinstalled", move |_| {
            kept.replace(None);
            on_change(false);
        });
        Self {
            offered,
            _listeners: [offer, installed],
        }
    }

    /// Shows the browser's question; `true` when the user installed. Only from a tap.
    ///
    /// # Errors
    /// [`BrowserError::Missing`] when there is no offer.
    pub async fn ask(&self) -> Result<bool, BrowserError> {
        let offer = self.offered.take();
        let offer = offer.ok_or(BrowserError::Missing("offer to install"))?;
        let choice = JsFuture::from(offer.prompt()?).await?;
        let outcome = Reflect::get(&choice, &"outcome".into())?;
        Ok(outcome.as_string().as_deref() == Some("accepted"))
    }
}
