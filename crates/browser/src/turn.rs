//! Giving the browser a turn, so that a tap or a frame of the screen never waits for history.

use futures_channel::oneshot;
use gloo::timers::future::TimeoutFuture;
use js_sys::{Object, Promise, Reflect};
use wasm_bindgen::prelude::{Closure, wasm_bindgen};
use wasm_bindgen::{JsCast, JsValue};

#[wasm_bindgen]
extern "C" {
    /// The Prioritized Task Scheduling API, which web-sys does not know.
    type Scheduler;

    #[wasm_bindgen(method, js_name = postTask)]
    fn post_task(this: &Scheduler, callback: &JsValue, options: &Object) -> Promise;
}

/// Lets everything that waits in the browser (input, painting, messages) go first.
pub async fn give() {
    match scheduler() {
        Some(scheduler) => posted(&scheduler).await,
        None => TimeoutFuture::new(0).await,
    }
}

fn scheduler() -> Option<Scheduler> {
    let scheduler = Reflect::get(&js_sys::global(), &"scheduler".into()).ok()?;
    scheduler.is_object().then(|| scheduler.unchecked_into())
}

async fn posted(scheduler: &Scheduler) {
    let (sender, receiver) = oneshot::channel();
    let callback = Closure::once_into_js(move || {
        let _ = sender.send(());
    });
    let options = Object::new();
    // Setting a field of a new object cannot fail.
    let _ = Reflect::set(&options, &"priority".into(), &"user-visible".into());
    let _ended = scheduler.post_task(&callback, &options);
    let _ = receiver.await;
}

#[cfg(all(test, target_arch = "wasm32"))]
mod tests {
    use wasm_bindgen_test::wasm_bindgen_test;

    #[wasm_bindgen_test]
    async fn a_turn_comes_back() {
        super::give().await;
        gloo::timers::future::TimeoutFuture::new(0).await;
        super::give().await;
    }
}
