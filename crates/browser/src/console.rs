//! A global object for scripts: named functions that return promises, and events.
//!
//! It carries values and knows none: what a function takes and gives is the caller's.

use std::cell::RefCell;
use std::collections::BTreeMap;
use std::rc::Rc;

use js_sys::{Array, Function, Object, Promise, Reflect};
use serde::Serialize;
use serde::de::DeserializeOwned;
use serde_wasm_bindgen::Serializer;
use wasm_bindgen::prelude::Closure;
use wasm_bindgen::{JsCast, JsValue};
use wasm_bindgen_futures::future_to_promise;
use web_sys::{CustomEvent, CustomEventInit};

use crate::error::BrowserError;

/// Why a function could not do it: a promise is rejected with an `Error` that has both.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Failure {
    /// Short and stable, as `not-signed-in`.
    pub code: String,
    /// A sentence for people.
    pub message: String,
}

/// The code when arguments are not what a function takes.
pub const BAD_ARGUMENTS: &str = "bad-arguments";

/// The object. Clones are the same one.
#[derive(Clone)]
pub struct Console {
    object: Object,
    subscriptions: Rc<RefCell<Subscriptions>>,
}

#[derive(Default)]
struct Subscriptions {
    next: u32,
    handlers: BTreeMap<(String, u32), Function>,
}

impl Console {
    /// Makes the object and puts it on `window` under `name`, with `on(event, handler)`.
    ///
    /// # Errors
    /// [`BrowserError::Exception`].
    pub fn install(name: &str) -> Result<Self, BrowserError> {
        let console = Self {
            object: Object::new(),
            subscriptions: Rc::default(),
        };
        console.add_on()?;
        Reflect::set(&gloo::utils::window(), &name.into(), &console.object)?;
        Ok(console)
    }

    /// Adds a plain value.
    ///
    /// # Errors
    /// [`BrowserError::Exception`].
    pub fn value(&self, name: &str, value: &impl Serialize) -> Result<(), BrowserError> {
        self.set(name, &to_js(value)?)
    }

    /// Adds a promise that resolves when `future` is done.
    ///
    /// # Errors
    /// [`BrowserError::Exception`].
    pub fn promise(
        &self,
        name: &str,
        future: impl Future<Output = ()> + 'static,
    ) -> Result<(), BrowserError> {
        let promise = future_to_promise(async move {
            future.await;
            Ok(JsValue::UNDEFINED)
        });
        self.set(name, &promise)
    }

    /// Adds a function. `Arguments` is a tuple of at most three; what the caller leaves out is
    /// `None`.
    ///
    /// # Errors
    /// [`BrowserError::Exception`].
    pub fn function<Arguments, Given, Work>(
        &self,
        name: &str,
        work: impl Fn(Arguments) -> Work + 'static,
    ) -> Result<(), BrowserError>
    where
        Arguments: DeserializeOwned,
        Given: Serialize,
        Work: Future<Output = Result<Given, Failure>> + 'static,
    {
        let call = move |first: JsValue, second: JsValue, third: JsValue| -> Promise {
            let given = Array::of3(&first, &second, &third);
            let begun = serde_wasm_bindgen::from_value(given.into()).map(&work);
            future_to_promise(async move {
                let work = begun.map_err(|error| bad_arguments(&error.to_string()))?;
                let given = work.await.map_err(|failure| rejection(&failure))?;
                to_js(&given).map_err(|error| JsValue::from(error.to_string()))
            })
        };
        let call: Closure<dyn Fn(JsValue, JsValue, JsValue) -> Promise> = Closure::new(call);
        // The functions live as long as the page.
        self.set(name, &call.into_js_value())
    }

    /// Tells every `on` handler of `name`, and `document` as a `CustomEvent` with the same detail.
    ///
    /// # Errors
    /// [`BrowserError::Exception`] when `detail` cannot be a JavaScript value.
    pub fn emit(&self, name: &str, detail: &impl Serialize) -> Result<(), BrowserError> {
        let detail = to_js(detail)?;
        let within = (name.to_owned(), 0)..=(name.to_owned(), u32::MAX);
        let handlers: Vec<Function> = {
            let subscriptions = self.subscriptions.borrow();
            subscriptions
                .handlers
                .range(within)
                .map(|(_, handler)| handler.clone())
                .collect()
        };
        for handler in handlers {
            // A handler that throws is the script's own trouble.
            let _ = handler.call1(&JsValue::UNDEFINED, &detail);
        }
        let options = CustomEventInit::new();
        options.set_detail(&detail);
        let event = CustomEvent::new_with_event_init_dict(name, &options)?;
        gloo::utils::document().dispatch_event(&event)?;
        Ok(())
    }

    fn add_on(&self) -> Result<(), BrowserError> {
        let subscriptions = Rc::clone(&self.subscriptions);
        let on = move |name: String, handler: Function| -> JsValue {
            let key = {
                let mut subscriptions = subscriptions.borrow_mut();
                subscriptions.next += 1;
                let key = (name, subscriptions.next);
                subscriptions.handlers.insert(key.clone(), handler);
                key
            };
            let subscriptions = Rc::clone(&subscriptions);
            let end: Closure<dyn Fn()> = Closure::new(move || {
                subscriptions.borrow_mut().handlers.remove(&key);
            });
            end.into_js_value()
        };
        let on: Closure<dyn Fn(String, Function) -> JsValue> = Closure::new(on);
        self.set("on", &on.into_js_value())
    }

    fn set(&self, name: &str, value: &JsValue) -> Result<(), BrowserError> {
        Reflect::set(&self.object, &name.into(), value)?;
        Ok(())
    }
}

fn to_js(value: &impl Serialize) -> Result<JsValue, BrowserError> {
    let plain = Serializer::json_compatible();
    let value = value.serialize(&plain);
    value.map_err(|error| BrowserError::from(JsValue::from(error)))
}

fn bad_arguments(reason: &str) -> JsValue {
    rejection(&Failure {
        code: BAD_ARGUMENTS.to_owned(),
        message: format!("The arguments are not what this function takes: {reason}."),
    })
}

fn rejection(failure: &Failure) -> JsValue {
    let error = js_sys::Error::new(&failure.message);
    // Setting a field of a new error cannot fail.
    let _ = Reflect::set(&error, &"code".into(), &failure.code.as_str().into());
    error.unchecked_into()
}

#[cfg(all(test, target_arch = "wasm32"))]
mod tests {
    use std::cell::Cell;

    use serde::Deserialize;
    use wasm_bindgen_futures::JsFuture;
    use wasm_bindgen_test::wasm_bindgen_test;

    use super::*;

    #[derive(Deserialize)]
    #[serde(rename_all = "camelCase")]
    struct Options {
        dry_run: Option<bool>,
    }

    #[derive(Serialize)]
    struct Told {
        text: String,
        dry: bool,
        total_minor: i64,
    }

    fn console() -> Console {
        let console = Console::install("underTest").unwrap();
        let work = async |(text, options): (String, Option<Options>)| {
            if text.is_empty() {
                let (code, message) = ("empty".to_owned(), "Nothing to do.".to_owned());
                return Err(Failure { code, message });
            }
            let dry = options
                .and_then(|options| options.dry_run)
                .unwrap_or_default();
            Ok(Told {
                text,
                dry,
                total_minor: 1_250,
            })
        };
        console.function("tell", work).unwrap();
        console.value("version", &"1.2").unwrap();
        console
    }

    fn field(value: &JsValue, name: &str) -> JsValue {
        Reflect::get(value, &name.into()).unwrap()
    }

    async fn call(arguments: &[JsValue]) -> Result<JsValue, JsValue> {
        let object = field(&gloo::utils::window(), "underTest");
        let function: Function = field(&object, "tell").unchecked_into();
        let arguments: Array = arguments.iter().collect();
        let promise: Promise = function.apply(&object, &arguments)?.unchecked_into();
        JsFuture::from(promise).await
    }

    #[wasm_bindgen_test]
    async fn a_function_takes_plain_values_and_gives_plain_values() {
        console();
        let told = call(&["a".into()]).await.unwrap();
        assert_eq!(field(&told, "text"), JsValue::from("a"));
        assert_eq!(field(&told, "dry"), JsValue::FALSE);
        assert_eq!(field(&told, "total_minor"), JsValue::from(1_250));
        let options = Object::new();
        Reflect::set(&options, &"dryRun".into(), &JsValue::TRUE).unwrap();
        let told = call(&["a".into(), options.into()]).await.unwrap();
        assert_eq!(field(&told, "dry"), JsValue::TRUE);
    }

    #[wasm_bindgen_test]
    async fn what_fails_is_rejected_with_a_code_and_a_sentence() {
        console();
        let refused = call(&["".into()]).await.unwrap_err();
        assert_eq!(field(&refused, "code"), JsValue::from("empty"));
        assert_eq!(field(&refused, "message"), JsValue::from("Nothing to do."));
        let wrong = call(&[JsValue::from(5)]).await.unwrap_err();
        assert_eq!(field(&wrong, "code"), JsValue::from(BAD_ARGUMENTS));
    }

    #[wasm_bindgen_test]
    fn events_reach_handlers_until_they_end_and_the_document() {
        let console = console();
        let heard = Rc::new(Cell::new(0));
        let (by_handler, by_document) = (Rc::clone(&heard), Rc::clone(&heard));
        let handler: Closure<dyn Fn(JsValue)> = Closure::new(move |detail: JsValue| {
            assert_eq!(field(&detail, "text"), JsValue::from("x"));
            by_handler.set(by_handler.get() + 1);
        });
        let on: Function = field(&console.object, "on").unchecked_into();
        let end = on
            .call2(&JsValue::UNDEFINED, &"sale".into(), handler.as_ref())
            .unwrap();
        let document = gloo::utils::document();
        let _listener = gloo::events::EventListener::new(&document, "sale", move |event| {
            let event: &CustomEvent = event.unchecked_ref();
            assert_eq!(field(&event.detail(), "text"), JsValue::from("x"));
            by_document.set(by_document.get() + 10);
        });
        let detail = Told {
            text: "x".into(),
            dry: false,
            total_minor: 1,
        };
        console.emit("sale", &detail).unwrap();
        assert_eq!(heard.get(), 11);
        end.unchecked_into::<Function>()
            .call0(&JsValue::UNDEFINED)
            .unwrap();
        console.emit("sale", &detail).unwrap();
        assert_eq!(heard.get(), 21);
    }
}
