//! One tab per device writes: the one that holds the Web Lock.
//!
//! A tab that wants to take over asks; the old tab finishes what it has in flight and lets go;
//! after [`PATIENCE_MS`] the lock is stolen.

use std::cell::RefCell;
use std::rc::Rc;

use futures_channel::oneshot;
use futures_util::future::{Either, select};
use gloo::events::EventListener;
use gloo::timers::future::TimeoutFuture;
use js_sys::{Array, Function, Object, Promise, Reflect};
use wasm_bindgen::prelude::{Closure, wasm_bindgen};
use wasm_bindgen::{JsCast, JsValue};
use wasm_bindgen_futures::{JsFuture, spawn_local};
use web_sys::{AbortController, BroadcastChannel};

use crate::error::BrowserError;

/// How long the old tab has to let go.
pub const PATIENCE_MS: u32 = 2_000;

#[wasm_bindgen]
extern "C" {
    /// The Web Locks API, which web-sys still calls unstable.
    type LockManager;

    #[wasm_bindgen(method, catch)]
    fn request(
        this: &LockManager,
        name: &str,
        options: &Object,
        callback: &JsValue,
    ) -> Result<Promise, JsValue>;

    #[wasm_bindgen(method, catch)]
    fn query(this: &LockManager) -> Result<Promise, JsValue>;
}

/// Why a tab must stop writing.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Leave {
    /// Another tab asked: finish what is in flight, then drop the [`Writer`].
    Asked,
    /// Another tab took the lock: write no more.
    Taken,
}

/// What came of trying to become the writer.
#[derive(Debug)]
pub enum Acquired {
    /// This tab writes, as long as the value lives.
    Held(Writer),
    /// Another tab writes; [`Writer::take_over`] when the user wants it.
    Busy,
}

/// The right to write. Dropping it lets the next tab in.
#[derive(Debug)]
pub struct Writer {
    release: Function,
    _asked: EventListener,
    channel: BroadcastChannel,
}

impl Drop for Writer {
    fn drop(&mut self) {
        // Resolving the promise that the lock waits for cannot fail.
        let _ = self.release.call0(&JsValue::UNDEFINED);
        self.channel.close();
    }
}

impl Writer {
    /// Becomes the writer of a device's database, unless another tab is.
    ///
    /// `on_leave` may be called with [`Leave::Asked`], and at most once with [`Leave::Taken`].
    ///
    /// # Errors
    /// [`BrowserError::Missing`] where there are no Web Locks, or where the browser has no room
    /// for one: with a full disk it refuses a lock that nobody holds.
    pub async fn acquire(
        device: &str,
        on_leave: impl FnMut(Leave) + 'static,
    ) -> Result<Acquired, BrowserError> {
        let options = options("ifAvailable", &JsValue::TRUE)?;
        let request = Request::begin(device, &options)?;
        match request.granted.await {
            Ok(true) => {
                Writer::hold(device, request.ended, request.release, on_leave).map(Acquired::Held)
            }
            _ if is_held(device).await => Ok(Acquired::Busy),
            _ => Err(BrowserError::Missing("room for a lock")),
        }
    }

    /// Becomes the writer in any case: asks the other tab, and after [`PATIENCE_MS`] steals.
    ///
    /// # Errors
    /// [`BrowserError::Missing`] where there are no Web Locks.
    pub async fn take_over(
        device: &str,
        on_leave: impl FnMut(Leave) + 'static,
    ) -> Result<Writer, BrowserError> {
        let patience = AbortController::new()?;
        let request = Request::begin(device, &options("signal", &patience.signal())?)?;
        let channel = BroadcastChannel::new(&lock_name(device))?;
        channel.post_message(&JsValue::TRUE)?;
        channel.close();
        let request = match select(request.granted, TimeoutFuture::new(PATIENCE_MS)).await {
            Either::Left(_) => Waited {
                ended: request.ended,
                release: request.release,
            },
            Either::Right(_) => {
                patience.abort();
                // The aborted request ends in an error that nobody needs to hear of.
                spawn_local(async move {
                    let _ = JsFuture::from(request.ended).await;
                });
                let request = Request::begin(device, &options("steal", &JsValue::TRUE)?)?;
                let _ = request.granted.await;
                Waited {
                    ended: request.ended,
                    release: request.release,
                }
            }
        };
        Writer::hold(device, request.ended, request.release, on_leave)
    }

    fn hold(
        device: &str,
        ended: Promise,
        release: Function,
        on_leave: impl FnMut(Leave) + 'static,
    ) -> Result<Self, BrowserError> {
        let on_leave = Rc::new(RefCell::new(on_leave));
        let taken = Rc::clone(&on_leave);
        spawn_local(async move {
            // Released by ourselves it ends well; stolen it ends in an AbortError.
            if JsFuture::from(ended).await.is_err() {
                (taken.borrow_mut())(Leave::Taken);
            }
        });
        let channel = BroadcastChannel::new(&lock_name(device))?;
        let asked = EventListener::new(&channel, "message", move |_| {
            (on_leave.borrow_mut())(Leave::Asked);
        });
        Ok(Self {
            release,
            _asked: asked,
            channel,
        })
    }
}

/// A request that was granted.
struct Waited {
    ended: Promise,
    release: Function,
}

/// A request for the lock that is under way.
struct Request {
    /// Whether it was granted.
    granted: oneshot::Receiver<bool>,
    /// Ends when the lock is released, stolen or given up.
    ended: Promise,
    /// Releases it.
    release: Function,
}

impl Request {
    fn begin(device: &str, options: &Object) -> Result<Self, BrowserError> {
        let (sender, granted) = oneshot::channel();
        // Not `Function::default()`: that compiles a string, which the page's policy forbids.
        let mut release: Function = JsValue::UNDEFINED.unchecked_into();
        let held = Promise::new(&mut |resolve, _| release = resolve);
        let callback = Closure::once_into_js(move |lock: JsValue| -> JsValue {
            let is_granted = !lock.is_null();
            let _ = sender.send(is_granted);
            if is_granted {
                held.into()
            } else {
                JsValue::UNDEFINED
            }
        });
        let ended = lock_manager()?.request(&lock_name(device), options, &callback)?;
        Ok(Self {
            granted,
            ended,
            release,
        })
    }
}

/// Whether any tab holds the lock of a device.
async fn is_held(device: &str) -> bool {
    let held = async || -> Result<Array, BrowserError> {
        let found = JsFuture::from(lock_manager()?.query()?).await?;
        Ok(Reflect::get(&found, &"held".into())?.dyn_into()?)
    };
    let wanted = JsValue::from(lock_name(device));
    let is_wanted = |lock: JsValue| Reflect::get(&lock, &"name".into()) == Ok(wanted.clone());
    held().await.is_ok_and(|held| held.iter().any(is_wanted))
}

fn lock_manager() -> Result<LockManager, BrowserError> {
    let navigator = gloo::utils::window().navigator();
    let locks = Reflect::get(&navigator, &"locks".into())?;
    if locks.is_undefined() {
        return Err(BrowserError::Missing("Web Locks"));
    }
    Ok(locks.unchecked_into())
}

fn lock_name(device: &str) -> String {
    format!("tillmesh-writer-{device}")
}

fn options(name: &str, value: &JsValue) -> Result<Object, BrowserError> {
    let options = Object::new();
    Reflect::set(&options, &name.into(), value)?;
    Ok(options)
}

#[cfg(all(test, target_arch = "wasm32"))]
mod tests {
    use std::cell::Cell;

    use futures_channel::mpsc;
    use futures_util::StreamExt;
    use wasm_bindgen_test::wasm_bindgen_test;

    use super::*;

    async fn held(device: &str, on_leave: impl FnMut(Leave) + 'static) -> Writer {
        match Writer::acquire(device, on_leave).await.unwrap() {
            Acquired::Held(writer) => writer,
            Acquired::Busy => panic!("{device} is busy"),
        }
    }

    #[wasm_bindgen_test]
    async fn only_one_tab_writes_and_the_next_follows_when_it_lets_go() {
        let first = held("one", |_| {}).await;
        let second = Writer::acquire("one", |_| {}).await.unwrap();
        assert!(matches!(second, Acquired::Busy));
        drop(first);
        let _second = Writer::take_over("one", |_| {}).await.unwrap();
    }

    #[wasm_bindgen_test]
    async fn a_tab_that_is_asked_lets_go_and_loses_nothing() {
        let slot = Rc::new(Cell::new(None));
        let (sender, mut leaves) = mpsc::unbounded();
        let letting_go = Rc::clone(&slot);
        let first = held("asked", move |leave| {
            let _ = sender.unbounded_send(leave);
            drop(letting_go.take());
        })
        .await;
        slot.set(Some(first));
        let _second = Writer::take_over("asked", |_| {}).await.unwrap();
        assert_eq!(leaves.next().await, Some(Leave::Asked));
        assert!(slot.take().is_none());
    }

    #[wasm_bindgen_test]
    async fn from_a_tab_that_does_not_answer_it_is_taken() {
        let (sender, mut leaves) = mpsc::unbounded();
        let _first = held("deaf", move |leave| {
            let _ = sender.unbounded_send(leave);
        })
        .await;
        let _second = Writer::take_over("deaf", |_| {}).await.unwrap();
        assert_eq!(leaves.next().await, Some(Leave::Asked));
        assert_eq!(leaves.next().await, Some(Leave::Taken));
    }
}
