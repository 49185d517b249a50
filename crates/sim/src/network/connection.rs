//! An open connection: two directions, three channels each.

use std::collections::VecDeque;

use base::LinkEvent;
use base::machine::Channel;

use super::{Endpoint, Network, NetworkEvent, NetworkSettings, Plan, lane};
use crate::clock::Moment;
use crate::random::SeededRandom;
use crate::world::NodeId;

/// Two ends that are open towards each other.
#[derive(Debug)]
pub(super) struct Connection {
    /// Offerer, answerer.
    pub ends: [Endpoint; 2],
    /// From each end to the other.
    pub directions: [Lanes; 2],
    /// Since when one direction or both are blocked.
    pub blocked_since: Option<Moment>,
}

impl Connection {
    /// Opens; nothing arrives at an end before the moment at which it learns that it is open.
    pub fn new(ends: [Endpoint; 2], opens: [Moment; 2]) -> Self {
        Self {
            ends,
            directions: [Lanes::from(opens[1]), Lanes::from(opens[0])],
            blocked_since: None,
        }
    }

    /// The two nodes, lower number first.
    pub fn pair(&self) -> (NodeId, NodeId) {
        let [a, b] = self.ends;
        (a.node.min(b.node), a.node.max(b.node))
    }

    /// Whether it joins these two nodes.
    pub fn joins(&self, a: NodeId, b: NodeId) -> bool {
        self.pair() == (a.min(b), a.max(b))
    }
}

/// The three channels of one direction, which share its pace.
#[derive(Debug)]
pub(super) struct Lanes {
    /// When everything handed over so far has left.
    free_at: Moment,
    bytes_waiting: usize,
    lanes: [Lane; 3],
}

/// A frame on its way.
#[derive(Debug)]
struct OnTheWay {
    frame: Vec<u8>,
    /// A broken peer sent it; the machine had sent one like it.
    copy: bool,
}

#[derive(Debug)]
struct Lane {
    frames: VecDeque<OnTheWay>,
    /// Bytes of those that the machine sent.
    bytes: usize,
    /// Arrivals that came while the path was blocked.
    held: usize,
    /// The latest moment at which a frame of this channel arrives.
    last_at: Moment,
}

impl Lanes {
    fn from(opens: Moment) -> Self {
        let lane = || Lane {
            frames: VecDeque::new(),
            bytes: 0,
            held: 0,
            last_at: opens,
        };
        Self {
            free_at: Moment::default(),
            bytes_waiting: 0,
            lanes: [lane(), lane(), lane()],
        }
    }

    /// Says when a frame arrives, never before one that was sent earlier in its channel.
    pub fn schedule(
        &mut self,
        now: Moment,
        channel: Channel,
        bytes: usize,
        latency: u64,
        settings: &NetworkSettings,
    ) -> Moment {
        let sending_us = (bytes as u64).saturating_mul(1_000) / settings.bytes_per_ms.max(1);
        self.free_at = self.free_at.max(now) + sending_us;
        let lane = &mut self.lanes[lane(channel)];
        lane.last_at = lane.last_at.max(self.free_at + latency);
        lane.last_at
    }

    /// Puts a frame on its way, behind the others of its channel; a `copy` is none that the machine
    /// sent.
    pub fn push(&mut self, channel: Channel, frame: Vec<u8>, copy: bool) {
        self.bytes_waiting += frame.len();
        let lane = &mut self.lanes[lane(channel)];
        if !copy {
            lane.bytes += frame.len();
        }
        lane.frames.push_back(OnTheWay { frame, copy });
    }

    /// Bytes of a channel that its machine sent and that are under way.
    pub fn bytes_in(&self, channel: Channel) -> usize {
        self.lanes[lane(channel)].bytes
    }

    /// Takes the frame of a channel that arrives first.
    pub fn pop(&mut self, channel: Channel) -> Option<Vec<u8>> {
        let lane = &mut self.lanes[lane(channel)];
        let OnTheWay { frame, copy } = lane.frames.pop_front()?;
        self.bytes_waiting -= frame.len();
        if !copy {
            lane.bytes -= frame.len();
        }
        Some(frame)
    }

    /// Lets the newest frame of a channel change places with another that is under way; gives
    /// whether there was one.
    pub fn overtake(&mut self, channel: Channel, random: &mut SeededRandom) -> bool {
        let frames = &mut self.lanes[lane(channel)].frames;
        let Some(last) = frames.len().checked_sub(1).filter(|last| *last > 0) else {
            return false;
        };
        frames.swap(random.index(last), last);
        true
    }

    /// Bytes under way in all channels.
    pub fn bytes_waiting(&self) -> usize {
        self.bytes_waiting
    }

    /// How many frames are under way in all channels.
    pub fn frames_waiting(&self) -> usize {
        self.lanes.iter().map(|l| l.frames.len()).sum()
    }

    /// A frame could not arrive now; it waits until the path is free.
    pub fn hold(&mut self, channel: Channel) {
        self.lanes[lane(channel)].held += 1;
    }

    /// How many frames of a channel waited for the path.
    pub fn release(&mut self, channel: Channel) -> usize {
        std::mem::take(&mut self.lanes[lane(channel)].held)
    }
}

impl Network {
    /// Breaks a connection: what is under way is lost, each living side notices in its own time.
    pub(super) fn break_connection(
        &mut self,
        now: Moment,
        connection: u32,
        reason: &str,
        plan: &mut Plan,
    ) {
        if let Some(ends) = self.drop_connection(connection) {
            self.counters.broken += 1;
            for end in ends {
                let noticing = self.random.duration(self.settings.noticing);
                let down = LinkEvent::Down {
                    reason: reason.into(),
                };
                plan.push((now + noticing, NetworkEvent::Tell(end, down)));
            }
        }
    }

    /// Closes an end because its machine wants so; the other side hears it soon.
    pub(super) fn close(&mut self, now: Moment, end: Endpoint, plan: &mut Plan) {
        let connection = self.ends.get(&end).and_then(|end| end.connection);
        self.forget(end);
        let Some((connection, side)) = connection else {
            return;
        };
        if let Some(ends) = self.drop_connection(connection) {
            let latency = self.random.duration(self.settings.latency[0]);
            let down = LinkEvent::Down {
                reason: "the other side closed".into(),
            };
            plan.push((now + latency, NetworkEvent::Tell(ends[1 - side], down)));
        }
    }

    fn drop_connection(&mut self, connection: u32) -> Option<[Endpoint; 2]> {
        let gone = self.connections.remove(&connection)?;
        for direction in &gone.directions {
            self.counters.dropped += direction.frames_waiting() as u64;
        }
        for end in gone.ends {
            if let Some(end) = self.ends.get_mut(&end) {
                end.connection = None;
            }
        }
        Some(gone.ends)
    }
}
