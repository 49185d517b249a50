//! Giving the browser a turn, so that a tap or a frame of the screen never waits for history.

use futures_channel::oneshot;
use gloo::timers::future::TimeoutFuture;
use js_sys::{Object, Promise, Reflect};
use wasm_bindgen::JsValue;
use wasm_bindgen::prelude::{Closure, wasm_bindgen};

#[wasm_bindgen]
extern "C" {
    /// The Prioritized Task Scheduling API, which web-sys does not know.
    #[derive(Clone)]
    type Scheduler;

    #[wasm_bindgen(thread_local_v2, js_name = scheduler)]
    static SCHEDULER: Option<Scheduler>;

    #[wasm_bindgen(method, js_name = postTask)]
    fn post_task(this: &Scheduler, callback: &JsValue, options: &Object) -> Promise;
}

/// Lets everything that waits in the browser (input, painting, messages) go first.
pub async fn give() {
    match SCHEDULER.with(Option::clone) {
        Some(scheduler) => posted(&scheduler).await,
        None => TimeoutFuture::new(0).await,
    }
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
