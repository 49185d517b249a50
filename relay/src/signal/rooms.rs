//! Who is in which room. Pure state: it reads no clock and touches no socket.

use std::collections::{BTreeMap, BTreeSet};
use std::sync::{Arc, OnceLock};

use axum::body::Bytes;
use base::DeviceId;
use base::meeting::{MeetingReport, MeetingRequest, ROOMS_PER_CONNECTION_MAX, RoomName};
use tokio::sync::mpsc::{self, Receiver, Sender};

use super::Farewell;
use crate::limits::MeetingBounds;

/// One connection. Numbers are never used twice.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub struct Visitor(u64);

/// A connection's own side of the rooms.
#[derive(Debug)]
pub struct Guest {
    /// Its number.
    pub visitor: Visitor,
    /// What it is to be told; ends when it has been put out.
    pub outbox: Receiver<Bytes>,
    put_out: Arc<OnceLock<Farewell>>,
}

impl Guest {
    /// Why it was put out.
    pub fn farewell(&self) -> Farewell {
        // The reason is set before the outbox ends.
        self.put_out.get().copied().unwrap_or(Farewell::Closing)
    }
}

/// How many are there.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Census {
    /// Open connections, those that are in no room included.
    pub connections: usize,
    /// Rooms that hold somebody.
    pub rooms: usize,
    /// Devices, counted once for each room.
    pub members: usize,
}

#[derive(Debug)]
struct Present {
    outbox: Sender<Bytes>,
    put_out: Arc<OnceLock<Farewell>>,
    device: Option<DeviceId>,
    rooms: BTreeSet<RoomName>,
}

/// The rooms and everybody in them.
#[derive(Debug)]
pub struct Rooms {
    bounds: MeetingBounds,
    next: u64,
    visitors: BTreeMap<Visitor, Present>,
    /// No room is empty.
    rooms: BTreeMap<RoomName, BTreeMap<DeviceId, Visitor>>,
}

impl Rooms {
    /// No rooms yet.
    pub const fn new(bounds: MeetingBounds) -> Self {
        Self {
            bounds,
            next: 0,
            visitors: BTreeMap::new(),
            rooms: BTreeMap::new(),
        }
    }

    /// Lets a connection in, into no room yet.
    ///
    /// # Errors
    /// [`Farewell::Full`] when there are too many.
    pub fn enter(&mut self) -> Result<Guest, Farewell> {
        if self.visitors.len() >= self.bounds.connections {
            return Err(Farewell::Full);
        }
        let visitor = Visitor(self.next);
        self.next += 1;
        let (outbox, inbox) = mpsc::channel(self.bounds.waiting_messages);
        let put_out = Arc::new(OnceLock::new());
        let present = Present {
            outbox,
            put_out: put_out.clone(),
            device: None,
            rooms: BTreeSet::new(),
        };
        self.visitors.insert(visitor, present);
        Ok(Guest {
            visitor,
            outbox: inbox,
            put_out,
        })
    }

    /// Takes a connection out of every room. Nothing happens when it has been put out already.
    pub fn leave(&mut self, visitor: Visitor) {
        let Some(present) = self.visitors.remove(&visitor) else {
            return;
        };
        for name in present.rooms {
            let Some(room) = self.rooms.get_mut(&name) else {
                continue;
            };
            room.retain(|_, other| *other != visitor);
            if room.is_empty() {
                self.rooms.remove(&name);
            }
        }
    }

    /// Does what a connection asks.
    ///
    /// # Errors
    /// Why the connection that asked must be closed.
    pub fn request(&mut self, from: Visitor, request: MeetingRequest) -> Result<(), Farewell> {
        match request {
            MeetingRequest::Join { room, device } => self.join(from, room, device),
            MeetingRequest::Send { to, sealed } => {
                self.pass_on(from, to, sealed);
                Ok(())
            }
        }
    }

    /// How many are there.
    pub fn census(&self) -> Census {
        Census {
            connections: self.visitors.len(),
            rooms: self.rooms.len(),
            members: self.rooms.values().map(BTreeMap::len).sum(),
        }
    }

    fn join(&mut self, from: Visitor, name: RoomName, device: DeviceId) -> Result<(), Farewell> {
        // Put out a moment ago, its last words still on the way: nothing to do.
        let Some(present) = self.visitors.get(&from) else {
            return Ok(());
        };
        if present.device.is_some_and(|known| known != device) {
            return Err(Farewell::AnotherDevice);
        }
        let is_here = present.rooms.contains(&name);
        if !is_here && present.rooms.len() >= ROOMS_PER_CONNECTION_MAX {
            return Err(Farewell::Full);
        }
        let room = self.rooms.get(&name);
        let older = room
            .and_then(|room| room.get(&device))
            .filter(|older| **older != from);
        match (room, older) {
            (_, Some(&older)) => self.put_out(older, Farewell::Replaced),
            (None, _) if self.rooms.len() >= self.bounds.rooms => return Err(Farewell::Full),
            (Some(room), _) if !is_here && room.len() >= self.bounds.members_per_room => {
                return Err(Farewell::Full);
            }
            _ => {}
        }
        self.rooms.entry(name).or_default().insert(device, from);
        if let Some(present) = self.visitors.get_mut(&from) {
            present.device = Some(device);
            present.rooms.insert(name);
        }
        let others: Vec<(DeviceId, Visitor)> =
            self.rooms.get(&name).map_or_else(Vec::new, |room| {
                room.iter()
                    .filter(|(other, _)| **other != device)
                    .map(|(d, v)| (*d, *v))
                    .collect()
            });
        let joined = MeetingReport::Joined {
            room: name,
            present: others.iter().map(|(other, _)| *other).collect(),
        };
        self.tell(from, joined.to_bytes().into());
        if !is_here {
            let arrived = Bytes::from(MeetingReport::Arrived { device }.to_bytes());
            for (_, other) in others {
                self.tell(other, arrived.clone());
            }
        }
        Ok(())
    }

    fn pass_on(&mut self, from: Visitor, to: DeviceId, sealed: Vec<u8>) {
        let Some(Present {
            device: Some(device),
            rooms,
            ..
        }) = self.visitors.get(&from)
        else {
            return;
        };
        let reader = rooms
            .iter()
            .find_map(|name| self.rooms.get(name)?.get(&to).copied());
        // Who left a moment ago will be met again; the sender hears of it by `Arrived`.
        let Some(reader) = reader else {
            return;
        };
        let received = MeetingReport::Received {
            from: *device,
            sealed,
        };
        self.tell(reader, received.to_bytes().into());
    }

    fn tell(&mut self, visitor: Visitor, report: Bytes) {
        let Some(present) = self.visitors.get(&visitor) else {
            return;
        };
        if present.outbox.try_send(report).is_err() {
            self.put_out(visitor, Farewell::TooSlow);
        }
    }

    fn put_out(&mut self, visitor: Visitor, farewell: Farewell) {
        if let Some(present) = self.visitors.get(&visitor) {
            // The first reason stands.
            let _ = present.put_out.set(farewell);
        }
        self.leave(visitor);
    }
}

#[cfg(test)]
mod tests;
