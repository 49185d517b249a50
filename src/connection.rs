//! Where the screens meet the device: a request goes out, its reply and all notices come back.
//!
//! It knows nothing of how the device is run: whoever starts it hands over a way to send
//! commands, and passes every notice to [`Device::hear`].

use std::collections::{BTreeMap, VecDeque};
use std::mem::take;
use std::rc::Rc;

use browser::{clock, turn};
use device::api::{Command, Notice, Refusal, Reply, Request, RequestId};
use futures_channel::oneshot;
use leptos::prelude::{LocalStorage, StoredValue, UpdateValue, WithValue};
use leptos::task::spawn_local;

/// This device, as screens and scripts hold it. Copies are the same device.
#[derive(Clone, Copy)]
pub struct Device(StoredValue<Joint, LocalStorage>);

/// Whoever is told of notices.
type Watcher = Rc<dyn Fn(&Notice)>;

struct Joint {
    send: Rc<dyn Fn(Command)>,
    next: u64,
    waiting: BTreeMap<RequestId, oneshot::Sender<Reply>>,
    watchers: Vec<Watcher>,
    /// What watchers are still to be told, oldest first.
    untold: VecDeque<Notice>,
    /// Whether somebody is telling them.
    telling: bool,
}

/// How long watchers are told in one go, milliseconds: while history comes in there is much to tell,
/// and a tap must not wait for it.
const TELL_MS: u64 = 8;

impl Device {
    /// A device that takes its commands through `send`.
    pub fn new(send: impl Fn(Command) + 'static) -> Self {
        Self(StoredValue::new_local(Joint {
            send: Rc::new(send),
            next: 1,
            waiting: BTreeMap::new(),
            watchers: Vec::new(),
            untold: VecDeque::new(),
            telling: false,
        }))
    }

    /// Asks for something and waits for the reply.
    ///
    /// A device that went away answers with a refusal, so that no screen waits for ever.
    pub async fn ask(self, request: Request) -> Reply {
        let (reply, answered) = oneshot::channel();
        let sending = self.0.try_update_value(|joint| {
            let id = RequestId(joint.next);
            joint.next += 1;
            joint.waiting.insert(id, reply);
            (joint.send.clone(), id)
        });
        if let Some((send, id)) = sending {
            // Outside the borrow: the device may answer at once.
            send(Command { id, request });
        }
        answered
            .await
            .unwrap_or_else(|_| Reply::Refused(device_gone()))
    }

    /// Whether somebody waits for a reply.
    pub fn is_awaited(self) -> bool {
        self.0
            .try_with_value(|joint| !joint.waiting.is_empty())
            .unwrap_or_default()
    }

    /// Refuses whatever still waits for a reply: none will come.
    pub fn abandon(self) {
        // Whoever waits hears of it by losing the other end.
        let left = self.0.try_update_value(|joint| take(&mut joint.waiting));
        drop(left);
    }

    /// Calls `watcher` with every notice but replies, for as long as the page lives.
    pub fn watch(self, watcher: impl Fn(&Notice) + 'static) {
        self.0
            .update_value(|joint| joint.watchers.push(Rc::new(watcher)));
    }

    /// Takes a notice from the device: finds home for a reply, and tells everybody who watches of
    /// anything else, in order.
    ///
    /// Whoever was answered goes on first, scripts too: nobody waits for a payment because a list is
    /// drawn anew.
    pub fn hear(self, notice: Notice) {
        let Notice::Reply(id, reply) = notice else {
            return self.tell_soon(notice);
        };
        let waiting = self
            .0
            .try_update_value(|joint| joint.waiting.remove(&id))
            .flatten();
        if let Some(waiting) = waiting {
            // Whoever asked may have left the page since.
            let _ = waiting.send(reply);
        }
    }

    fn tell_soon(self, notice: Notice) {
        let begins = self.0.try_update_value(|joint| {
            joint.untold.push_back(notice);
            !std::mem::replace(&mut joint.telling, true)
        });
        if begins == Some(true) {
            spawn_local(async move {
                turn::round().await;
                while self.tell() {
                    turn::give().await;
                }
            });
        }
    }

    /// Tells watchers what has come, for a while. Gives whether more is to be told.
    fn tell(self) -> bool {
        let until_ms = clock::now().mono_ms + TELL_MS;
        while let Some((notice, watchers)) = self.next_untold() {
            for watcher in &watchers {
                watcher(&notice);
            }
            if clock::now().mono_ms >= until_ms {
                return true;
            }
        }
        false
    }

    /// The oldest notice that watchers were not told, and whom to tell; `None` ends the telling.
    fn next_untold(self) -> Option<(Notice, Vec<Watcher>)> {
        let told = self.0.try_update_value(|joint| {
            let next = joint.untold.pop_front();
            joint.telling = next.is_some();
            Some((next?, joint.watchers.clone()))
        });
        told.flatten()
    }
}

fn device_gone() -> Refusal {
    Refusal {
        code: "device-gone",
        message: crate::text::trouble::DEVICE_GONE.into(),
    }
}
