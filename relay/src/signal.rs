//! `/signal`: the meeting place where devices of a shop exchange sealed offers.
//!
//! The messages are those of [`base::meeting`]. Each connection is one task that owns its socket;
//! the [`Rooms`] know only its outbox, a bounded queue.

mod farewell;
mod pace;
mod rooms;

use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::{Duration, Instant};

use axum::body::Bytes;
use axum::extract::ws::{CloseFrame, Message, WebSocket};
use base::meeting::MeetingRequest;
use tokio::sync::watch;
use tokio::time::{interval, timeout};

use crate::callers::{Caller, Callers, Held};
use crate::limits::{FAREWELL_WAIT, MeetingBounds};
pub use farewell::Farewell;
use pace::Pace;
pub use rooms::Census;
use rooms::{Guest, Rooms};

/// The meeting place; copies are the same place.
#[derive(Clone)]
pub struct MeetingPlace {
    rooms: Arc<Mutex<Rooms>>,
    callers: Callers,
    bounds: MeetingBounds,
    opened: Instant,
    is_closing: Arc<watch::Sender<bool>>,
}

impl MeetingPlace {
    /// Opens an empty place.
    pub fn new(bounds: MeetingBounds) -> Self {
        Self {
            rooms: Arc::new(Mutex::new(Rooms::new(bounds))),
            callers: Callers::new(bounds.connections_per_caller),
            bounds,
            opened: Instant::now(),
            is_closing: Arc::new(watch::Sender::new(false)),
        }
    }

    /// How many are here.
    pub fn census(&self) -> Census {
        self.rooms().census()
    }

    /// How long it has been open.
    pub fn uptime(&self) -> Duration {
        self.opened.elapsed()
    }

    /// Sends everybody home.
    pub fn close(&self) {
        self.is_closing.send_replace(true);
    }

    /// Lets a connection in, until what it is given is dropped and its guest has left.
    fn enter(&self, caller: Caller) -> Result<(Held, Guest), Farewell> {
        let held = self.callers.hold(caller).ok_or(Farewell::Full)?;
        Ok((held, self.rooms().enter()?))
    }

    fn rooms(&self) -> MutexGuard<'_, Rooms> {
        // No code that holds the lock can panic half-way through a change.
        self.rooms.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

/// Serves one connection until it ends, for whatever reason.
pub async fn attend(mut socket: WebSocket, caller: Caller, place: MeetingPlace) {
    let farewell = match place.enter(caller) {
        Ok((_held, mut guest)) => {
            let farewell = converse(&mut socket, &place, &mut guest).await;
            place.rooms().leave(guest.visitor);
            farewell
        }
        Err(farewell) => Some(farewell),
    };
    if let Some(farewell) = farewell {
        // The other end may be gone already; then there is nobody to tell.
        let _ = timeout(FAREWELL_WAIT, part(&mut socket, farewell)).await;
    }
}

/// Says why we go and waits until the other end has gone too: a socket that is closed with
/// unread bytes in it takes back what was just said.
async fn part(socket: &mut WebSocket, farewell: Farewell) {
    let close = CloseFrame {
        code: farewell.code(),
        reason: farewell.reason().into(),
    };
    if socket.send(Message::Close(Some(close))).await.is_ok() {
        while let Some(Ok(_)) = socket.recv().await {}
    }
}

/// Passes messages both ways. Gives why we end it, or `None` when the other end did.
async fn converse(
    socket: &mut WebSocket,
    place: &MeetingPlace,
    guest: &mut Guest,
) -> Option<Farewell> {
    let bounds = place.bounds;
    let mut is_closing = place.is_closing.subscribe();
    let mut pace = Pace::new(bounds.messages_per_second);
    let mut pings = interval(bounds.ping_interval);
    let mut last_heard = Instant::now();
    loop {
        let leaving = tokio::select! {
            message = socket.recv() => {
                last_heard = Instant::now();
                match message {
                    Some(Ok(Message::Binary(bytes))) if pace.allows(last_heard) => {
                        let Ok(request) = MeetingRequest::from_bytes(&bytes) else {
                            return Some(Farewell::Malformed);
                        };
                        if let Err(farewell) = place.rooms().request(guest.visitor, request) {
                            return Some(farewell);
                        }
                        continue;
                    }
                    Some(Ok(Message::Binary(_))) => return Some(Farewell::TooFast),
                    Some(Ok(Message::Text(_)) | Err(_)) => return Some(Farewell::Malformed),
                    Some(Ok(Message::Ping(_) | Message::Pong(_))) if pace.allows(last_heard) => {
                        continue;
                    }
                    Some(Ok(Message::Ping(_) | Message::Pong(_))) => {
                        return Some(Farewell::TooFast);
                    }
                    Some(Ok(Message::Close(_))) | None => return None,
                }
            }
            report = guest.outbox.recv() => match report {
                Some(bytes) => Message::Binary(bytes),
                None => return Some(guest.farewell()),
            },
            _ = pings.tick() => {
                if last_heard.elapsed() > bounds.silence {
                    return Some(Farewell::Silent);
                }
                Message::Ping(Bytes::new())
            }
            _ = is_closing.wait_for(|is_closing| *is_closing) => {
                return Some(Farewell::Closing);
            }
        };
        match timeout(bounds.send_time, socket.send(leaving)).await {
            Ok(Ok(())) => {}
            Ok(Err(_)) => return None,
            Err(_) => return Some(Farewell::TooSlow),
        }
    }
}
