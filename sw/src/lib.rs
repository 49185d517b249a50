//! SERVICE WORKER: keeps the app on the device, answers for it without a network, and lets a new
//! release in when the page asks for it.
//!
//! It knows nothing of shops, opens nothing and keeps nothing in memory between two events: the
//! browser stops it whenever it likes. What it decides is in [`decision`], without a browser.
//! `listeners.js` hands it the browser's events.

mod build;
mod cache;
mod decision;

use std::rc::Rc;

use build::Build;
use decision::{Asked, Decision, decide};
use js_sys::Promise;
use wasm_bindgen::prelude::wasm_bindgen;
use wasm_bindgen::{JsCast, JsError, JsValue};
use wasm_bindgen_futures::{JsFuture, future_to_promise};
use web_sys::{Request, RequestMode, ServiceWorkerGlobalScope, Url};

/// What a page says to a waiting worker to let it take over.
const SKIP_WAITING: &str = "SKIP_WAITING";

/// The worker of one build.
#[wasm_bindgen]
pub struct Worker {
    scope: ServiceWorkerGlobalScope,
    build: Rc<Build>,
}

#[wasm_bindgen]
impl Worker {
    /// Makes the worker of the build that `text` describes.
    ///
    /// # Errors
    /// When the text is not one that we wrote.
    #[wasm_bindgen(constructor)]
    pub fn new(text: &str) -> Result<Worker, JsError> {
        let scope = js_sys::global().unchecked_into();
        Ok(Self {
            scope,
            build: Rc::new(Build::parse(text)?),
        })
    }

    /// Stores the build. Until a page asks for it, the release before it stays in charge: pages
    /// that are open run its code and may still need its files.
    pub fn install(&self) -> Promise {
        let (scope, build) = (self.scope.clone(), Rc::clone(&self.build));
        future_to_promise(async move {
            cache::fill(&scope, &build).await?;
            Ok(JsValue::UNDEFINED)
        })
    }

    /// Throws older builds out and answers for every open page from now on.
    pub fn activate(&self) -> Promise {
        let (scope, build) = (self.scope.clone(), Rc::clone(&self.build));
        future_to_promise(async move {
            cache::keep_only(&scope, &build).await?;
            JsFuture::from(scope.clients().claim()).await
        })
    }

    /// The answer to a request, or nothing when it is the network's.
    ///
    /// # Errors
    /// What the browser says of an address that it cannot read.
    pub fn fetch(&self, request: Request) -> Result<Option<Promise>, JsValue> {
        let url = Url::new(&request.url())?;
        let (method, path) = (request.method(), url.pathname());
        let asked = Asked {
            method: &method,
            is_own_site: url.origin() == self.scope.location().origin(),
            is_navigation: request.mode() == RequestMode::Navigate,
            path: &path,
        };
        let Decision::File(path) = decide(asked, &self.build) else {
            return Ok(None);
        };
        let (scope, build) = (self.scope.clone(), Rc::clone(&self.build));
        let answer = async move { cache::answer(&scope, &build, &path, &request).await };
        Ok(Some(future_to_promise(answer)))
    }

    /// Takes over, if that is what the page says.
    ///
    /// # Errors
    /// What the browser says, when it refuses.
    pub fn message(&self, said: &JsValue) -> Result<Option<Promise>, JsValue> {
        if said.as_string().as_deref() != Some(SKIP_WAITING) {
            return Ok(None);
        }
        self.scope.skip_waiting().map(Some)
    }
}
