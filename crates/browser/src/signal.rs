//! The meeting place for offers: a WebSocket to the relay that serves the app.
//!
//! It comes back by itself, with backoff and full jitter, and at once when the browser says that
//! the network or the screen is back; where another machine that runs as the same device has put it
//! out, a while later. Nothing is queued: whoever sends into a closed socket tries
//! again by its own clock.

use std::cell::{Cell, RefCell};
use std::collections::BTreeMap;
use std::rc::{Rc, Weak};

use base::DeviceId;
use base::effect::SignalTask;
use base::limits::BACKOFF_FIRST_MS;
use base::machine::SignalEvent;
use base::meeting::{
    MeetingReport, MeetingRequest, PATH, PUSHED_OUT_MS, REPLACED, REPORT_BYTES_MAX,
    ROOMS_PER_CONNECTION_MAX, RoomName,
};
use gloo::events::EventListener;
use gloo::timers::callback::Timeout;
use js_sys::{ArrayBuffer, Uint8Array};
use wasm_bindgen::JsCast;
use web_sys::{BinaryType, CloseEvent, MessageEvent, WebSocket};

use crate::clock;
use crate::error::BrowserError;

/// Longest wait between two tries: a relay that comes back in the shop is found in a minute.
const RETRY_MS_MAX: u64 = 60_000;
/// After so many failures waits grow no more where the relay had let us in: up to 8 s.
const LET_IN_MAX: u32 = 3;
/// A connection that lasted this long was a good one: what comes after it begins with short waits.
const SETTLED_MS: u64 = 10_000;

/// The rooms that this device is in, or wants to be in.
pub struct Signals {
    url: String,
    rooms: RefCell<BTreeMap<RoomName, DeviceId>>,
    connection: RefCell<Option<Connection>>,
    /// Whether the relay let us into a room since the socket was opened.
    joined: Cell<bool>,
    /// When it last did, by [`base::Now::mono_ms`].
    joined_ms: Cell<u64>,
    failures: Cell<u32>,
    retry: RefCell<Option<Timeout>>,
    comebacks: RefCell<Vec<EventListener>>,
    report: Box<dyn Fn(SignalEvent)>,
    itself: Weak<Self>,
}

struct Connection {
    socket: WebSocket,
    _listeners: [EventListener; 3],
}

impl Drop for Connection {
    fn drop(&mut self) {
        // Refused only for close codes, and none is given.
        let _ = self.socket.close();
    }
}

impl Signals {
    /// The meeting place of the relay at this origin, as `https://shop.example`; no connection is
    /// made before the first [`SignalTask::Join`].
    pub fn at(origin: &str, report: impl Fn(SignalEvent) + 'static) -> Rc<Self> {
        let signals = Rc::new_cyclic(|itself| Self {
            url: address(origin),
            rooms: RefCell::default(),
            connection: RefCell::default(),
            joined: Cell::default(),
            joined_ms: Cell::default(),
            failures: Cell::default(),
            retry: RefCell::default(),
            comebacks: RefCell::default(),
            report: Box::new(report),
            itself: Weak::clone(itself),
        });
        let (window, document) = (gloo::utils::window(), gloo::utils::document());
        let comebacks = vec![
            signals.on(&window, "online", |signals, _| signals.try_now()),
            signals.on(&document, "visibilitychange", |signals, _| {
                signals.try_now()
            }),
        ];
        signals.comebacks.replace(comebacks);
        signals
    }

    /// Does one task.
    pub fn perform(&self, task: SignalTask) {
        match task {
            SignalTask::Join { room, device } => self.join(RoomName(room), device),
            SignalTask::Send { to, sealed } => self.send(&MeetingRequest::Send { to, sealed }),
            SignalTask::Leave => self.leave(),
        }
    }

    /// Leaves every room and stays away.
    pub fn leave(&self) {
        self.rooms.borrow_mut().clear();
        self.retry.replace(None);
        self.connection.replace(None);
        self.joined.set(false);
    }

    fn join(&self, room: RoomName, device: DeviceId) {
        let mut rooms = self.rooms.borrow_mut();
        if rooms.len() >= ROOMS_PER_CONNECTION_MAX && !rooms.contains_key(&room) {
            // The relay would close the socket, and the other rooms would be lost with it.
            return;
        }
        rooms.insert(room, device);
        drop(rooms);
        if self.connection.borrow().is_none() {
            self.connect();
        } else {
            self.send(&MeetingRequest::Join { room, device });
        }
    }

    fn send(&self, request: &MeetingRequest) {
        if let Some(connection) = &*self.connection.borrow()
            && connection.socket.ready_state() == WebSocket::OPEN
        {
            // A socket that just closed says so by an event of its own.
            let _ = connection.socket.send_with_u8_array(&request.to_bytes());
        }
    }

    fn connect(&self) {
        self.retry.replace(None);
        match self.open() {
            Ok(connection) => drop(self.connection.replace(Some(connection))),
            Err(_) => self.retry_later(),
        }
    }

    fn open(&self) -> Result<Connection, BrowserError> {
        let socket = WebSocket::new(&self.url)?;
        socket.set_binary_type(BinaryType::Arraybuffer);
        let listeners = [
            self.on(&socket, "open", |signals, _| {
                for (room, device) in signals.rooms.borrow().clone() {
                    signals.send(&MeetingRequest::Join { room, device });
                }
            }),
            self.on(&socket, "message", |signals, event| {
                signals.received(event.unchecked_ref());
            }),
            self.on(&socket, "close", |signals, event| {
                let event: &CloseEvent = event.unchecked_ref();
                signals.lost(event.code() == REPLACED);
            }),
        ];
        Ok(Connection {
            socket,
            _listeners: listeners,
        })
    }

    fn received(&self, event: &MessageEvent) {
        let buffer = event.data().dyn_into::<ArrayBuffer>().ok();
        let buffer = buffer.filter(|it| it.byte_length() as usize <= REPORT_BYTES_MAX);
        let bytes = buffer.map(|buffer| Uint8Array::new(&buffer).to_vec());
        let report = bytes.and_then(|bytes| MeetingReport::from_bytes(&bytes).ok());
        match report {
            // Whoever is there already is told that we arrived, and offers.
            Some(MeetingReport::Joined { .. }) => {
                self.joined.set(true);
                self.joined_ms.set(clock::now().mono_ms);
                (self.report)(SignalEvent::Joined);
            }
            Some(MeetingReport::Arrived { device }) => {
                (self.report)(SignalEvent::Arrived(device));
            }
            Some(MeetingReport::Received { from, sealed }) => {
                (self.report)(SignalEvent::Received { from, sealed });
            }
            // A relay that we do not understand is no better than none.
            None => self.lost(false),
        }
    }

    /// The connection is gone; another machine that runs as this device has put it out, or not.
    fn lost(&self, is_replaced: bool) {
        self.connection.replace(None);
        if self.joined.replace(false) {
            let has_lasted = clock::now().mono_ms >= self.joined_ms.get() + SETTLED_MS;
            let most = if has_lasted { 0 } else { LET_IN_MAX };
            self.failures.set(self.failures.get().min(most));
            (self.report)(SignalEvent::Left);
        }
        if self.rooms.borrow().is_empty() {
            return;
        }
        if is_replaced {
            self.retry_in(PUSHED_OUT_MS.start, PUSHED_OUT_MS.end);
        } else {
            self.retry_later();
        }
    }

    fn retry_later(&self) {
        let failures = self.failures.get();
        self.failures.set(failures.saturating_add(1));
        self.retry_in(0, longest_wait_ms(failures));
    }

    /// Connects after a wait between these, milliseconds.
    fn retry_in(&self, shortest_ms: u64, longest_ms: u64) {
        let spread = (longest_ms - shortest_ms) as f64 * js_sys::Math::random();
        let wait_ms = shortest_ms as u32 + spread as u32;
        let itself = Weak::clone(&self.itself);
        let timeout = Timeout::new(wait_ms, move || {
            if let Some(signals) = itself.upgrade() {
                signals.connect();
            }
        });
        self.retry.replace(Some(timeout));
    }

    /// Tries at once what would be tried later.
    fn try_now(&self) {
        if self.retry.borrow_mut().take().is_some() {
            self.failures.set(0);
            self.connect();
        }
    }

    /// Listens without keeping the connection alive.
    fn on(
        &self,
        target: &web_sys::EventTarget,
        name: &'static str,
        handle: impl Fn(&Self, &web_sys::Event) + 'static,
    ) -> EventListener {
        let itself = Weak::clone(&self.itself);
        EventListener::new(target, name, move |event| {
            if let Some(signals) = itself.upgrade() {
                handle(&signals, event);
            }
        })
    }
}

/// `https` becomes `wss`, `http` becomes `ws`.
fn address(origin: &str) -> String {
    let origin = origin.trim_end_matches('/');
    match origin.strip_prefix("http") {
        Some(rest) => format!("ws{rest}{PATH}"),
        None => format!("{origin}{PATH}"),
    }
}

/// The bound that the next wait is drawn below.
fn longest_wait_ms(failures: u32) -> u64 {
    let doubled = 1_u64.checked_shl(failures.min(32)).unwrap_or(u64::MAX);
    BACKOFF_FIRST_MS.saturating_mul(doubled).min(RETRY_MS_MAX)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_relay_is_met_where_the_app_came_from() {
        assert_eq!(address("https://shop.example"), "wss://shop.example/signal");
        assert_eq!(
            address("http://192.168.1.5:8123/"),
            "ws://192.168.1.5:8123/signal"
        );
    }

    #[test]
    fn waits_double_up_to_a_minute() {
        let waits: Vec<u64> = [0, 1, 2, 5, 6, 40, u32::MAX].map(longest_wait_ms).into();
        assert_eq!(waits, [1_000, 2_000, 4_000, 32_000, 60_000, 60_000, 60_000]);
    }
}

#[cfg(all(test, target_arch = "wasm32"))]
mod browser_tests;
