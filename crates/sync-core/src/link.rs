//! One live connection: frames, round trip, silence, counters.
//!
//! It knows nothing of shops but their handles. Pings are answered here; everything else is
//! handed on as messages.

use std::collections::VecDeque;

use base::Now;
use base::frame::{Assembler, Cutter, Frame, NO_SHOP};
use base::machine::Channel;

use crate::error::Fault;
use crate::message::Message;

mod counters;
mod heartbeat;

pub use counters::Counters;
use heartbeat::{Beat, Heartbeat};

/// A whole message that came.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Incoming {
    /// The queue that it came in.
    pub channel: Channel,
    /// The shop handle of its frames.
    pub shop: u16,
    /// The message.
    pub message: Message,
}

/// One live connection.
#[derive(Debug)]
pub struct Link {
    cutter: Cutter,
    assembler: Assembler,
    heartbeat: Heartbeat,
    counters: Counters,
    frames: VecDeque<(Channel, Vec<u8>)>,
}

impl Link {
    /// A connection that has just opened.
    ///
    /// # Units
    /// `now_ms`: [`base::Now::mono_ms`], here and below.
    pub fn new(now_ms: u64) -> Self {
        Self {
            cutter: Cutter::default(),
            assembler: Assembler::default(),
            heartbeat: Heartbeat::new(now_ms),
            counters: Counters::default(),
            frames: VecDeque::new(),
        }
    }

    /// Queues a message. What waits here is drained by [`Link::poll`] after every input.
    ///
    /// # Errors
    /// [`Fault::OursTooLong`] when it is beyond what a link carries.
    pub fn send(&mut self, channel: Channel, shop: u16, message: &Message) -> Result<(), Fault> {
        let bytes = message.to_bytes();
        let frames = self
            .cutter
            .cut(channel, shop, &bytes)
            .map_err(Fault::OursTooLong)?;
        self.counters.sent(frames.iter().map(Vec::len));
        self.frames
            .extend(frames.into_iter().map(|frame| (channel, frame)));
        Ok(())
    }

    /// The next frame to hand to the connection.
    pub fn poll(&mut self) -> Option<(Channel, Vec<u8>)> {
        self.frames.pop_front()
    }

    /// Takes a frame; gives the message when it was the last piece.
    ///
    /// # Errors
    /// A [`Fault`] of the peer; the link is to be closed.
    pub fn take(&mut self, bytes: &[u8], now: Now) -> Result<Option<Incoming>, Fault> {
        self.heartbeat.heard(now.mono_ms);
        self.counters.came(bytes.len());
        let Some(whole) = self.assembler.take(Frame::from_bytes(bytes)?)? else {
            return Ok(None);
        };
        self.counters.messages_in += 1;
        let Some(message) = Message::from_bytes(&whole.bytes)? else {
            self.counters.passed_over += 1;
            return Ok(None);
        };
        match message {
            Message::Ping(number) => {
                let wall_ms = now.wall_ms;
                let pong = Message::Pong { number, wall_ms };
                self.send(Channel::Control, NO_SHOP, &pong)?;
                Ok(None)
            }
            Message::Pong { number, wall_ms } => {
                self.heartbeat.pong(number, wall_ms, now);
                Ok(None)
            }
            message => Ok(Some(Incoming {
                channel: whole.channel,
                shop: whole.shop,
                message,
            })),
        }
    }

    /// What has come of messages whose end has not: all that there will be once the link is gone.
    pub fn begun(&self) -> impl Iterator<Item = (Channel, &[u8])> {
        self.assembler.begun()
    }

    /// Sends a ping when one is due.
    ///
    /// # Errors
    /// [`Fault::PeerSilent`] when nothing came for too long.
    pub fn tick(&mut self, now_ms: u64) -> Result<(), Fault> {
        match self.heartbeat.tick(now_ms) {
            Beat::Nothing => Ok(()),
            Beat::Ping(number) => self.send(Channel::Control, NO_SHOP, &Message::Ping(number)),
            Beat::Dead => Err(Fault::PeerSilent),
        }
    }

    /// When [`Link::tick`] is due.
    pub fn deadline(&self) -> u64 {
        self.heartbeat.deadline()
    }

    /// The smoothed round-trip time in milliseconds, once one is measured.
    pub fn round_trip_ms(&self) -> Option<u64> {
        self.heartbeat.round_trip_ms()
    }

    /// How many milliseconds our wall clock is ahead of the other end's; negative: behind. Right
    /// to half a round trip. `None` until a ping was answered.
    pub fn ahead_ms(&self) -> Option<i64> {
        self.heartbeat.ahead_ms()
    }

    /// Since when nothing came, in [`base::Now::mono_ms`].
    pub fn heard_ms(&self) -> u64 {
        self.heartbeat.heard_ms()
    }

    /// What went through so far.
    pub fn counters(&self) -> &Counters {
        &self.counters
    }
}

#[cfg(test)]
mod tests;
