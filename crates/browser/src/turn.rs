//! Giving others a turn: the browser, so that a tap or a frame of the screen never waits for
//! history, and whoever was answered, so that a payment never waits for the news of it.

use std::future::poll_fn;
use std::pin::pin;
use std::task::Poll;

use futures_channel::oneshot;
use futures_util::future::select;
use gloo::timers::future::TimeoutFuture;
use js_sys::{Object, Promise, Reflect};
use wasm_bindgen::JsValue;
use wasm_bindgen::prelude::{Closure, wasm_bindgen};

/// The longest rest, in milliseconds.
const REST_MS_MAX: u32 = 100;

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
    behind("user-visible").await;
}

/// Lets everything go first that waits in the browser or comes meanwhile: comes back when there is
/// nothing else to do, or after [`REST_MS_MAX`]: a page that is always busy would hold it up for
/// ever.
pub async fn rest() {
    select(pin!(behind("background")), TimeoutFuture::new(REST_MS_MAX)).await;
}

async fn behind(priority: &str) {
    match SCHEDULER.with(Option::clone) {
        Some(scheduler) => posted(&scheduler, priority).await,
        None => TimeoutFuture::new(0).await,
    }
}

/// Lets tasks and scripts go first that wait for what this round of tasks still answers.
///
/// Tasks run in rounds: what is woken in one runs in the next, which is a microtask of its own.
/// That one is queued before the promise of a script that this round still answers, and the round
/// after it behind that promise.
pub async fn round() {
    again().await;
    again().await;
}

/// Comes back in the next round of tasks.
async fn again() {
    let mut waited = false;
    poll_fn(|task| {
        if waited {
            return Poll::Ready(());
        }
        waited = true;
        task.waker().wake_by_ref();
        Poll::Pending
    })
    .await;
}

async fn posted(scheduler: &Scheduler, priority: &str) {
    let (sender, receiver) = oneshot::channel();
    let callback = Closure::once_into_js(move || {
        let _ = sender.send(());
    });
    let options = Object::new();
    // Setting a field of a new object cannot fail.
    let _ = Reflect::set(&options, &"priority".into(), &priority.into());
    let _ended = scheduler.post_task(&callback, &options);
    let _ = receiver.await;
}

#[cfg(all(test, target_arch = "wasm32"))]
mod tests {
    use wasm_bindgen_test::wasm_bindgen_test;

    use std::cell::RefCell;
    use std::rc::Rc;

    use wasm_bindgen_futures::{JsFuture, future_to_promise, spawn_local};

    use super::*;

    #[wasm_bindgen_test]
    async fn a_turn_comes_back() {
        give().await;
        rest().await;
        gloo::timers::future::TimeoutFuture::new(0).await;
        give().await;
    }

    #[wasm_bindgen_test]
    async fn whoever_rests_comes_back_to_a_page_that_is_always_busy() {
        let rested = Rc::new(RefCell::new(false));
        let until = Rc::clone(&rested);
        let busy = async move {
            while !*until.borrow() {
                give().await;
            }
        };
        let resting = async move {
            rest().await;
            *rested.borrow_mut() = true;
        };
        futures_util::future::join(busy, resting).await;
    }

    #[wasm_bindgen_test]
    async fn a_script_that_is_answered_goes_on_before_whoever_waits_a_round() {
        let said = Rc::new(RefCell::new(Vec::new()));
        let (answer, answered) = oneshot::channel::<()>();
        let promise: Promise = future_to_promise(async move {
            let _ = answered.await;
            Ok(JsValue::UNDEFINED)
        });
        let by_script = Rc::clone(&said);
        let goes_on: Closure<dyn FnMut(JsValue)> =
            Closure::new(move |_| by_script.borrow_mut().push("script"));
        let script = JsFuture::from(promise.then(&goes_on));
        let by_task = Rc::clone(&said);
        give().await;
        // As a device does: what is told comes first, then the answer.
        spawn_local(async move {
            round().await;
            by_task.borrow_mut().push("told");
        });
        let _ = answer.send(());
        script.await.unwrap();
        give().await;
        assert_eq!(*said.borrow(), ["script", "told"]);
    }
}
