//! The contract between a pure machine and whatever runs it.
//!
//! A machine takes one input at a time, with the moment and randomness as arguments, and hands
//! back effects and notices as data. It never waits, never asks the clock and never fails: what
//! goes wrong in the world comes back as an input. The same machine runs in the till's page and
//! in the simulator (the idea: str0m, quinn-proto, iroh-gossip).

use crate::card::Description;
use crate::effect::{Answer, Effect, EffectId};
use crate::id::DeviceId;
use crate::time::Now;

/// Where randomness comes from: the browser's, or a seed in the simulator.
pub trait Random {
    /// Fills `bytes` with randomness.
    fn fill(&mut self, bytes: &mut [u8]);
}

impl dyn Random + '_ {
    /// Gives `N` random bytes.
    pub fn bytes<const N: usize>(&mut self) -> [u8; N] {
        let mut bytes = [0; N];
        self.fill(&mut bytes);
        bytes
    }
}

/// A live connection of this device, numbered by the machine that asked for it. A link that the
/// hands accept by themselves does not exist: every link begins with an effect.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct LinkId(pub u32);

/// Which of a link's three queues a frame travels in: history must never delay a sale.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Channel {
    /// Handshake, vectors, credit, statements.
    Control,
    /// Sales as they happen.
    Live,
    /// History.
    Bulk,
}

impl Channel {
    /// Every channel, most urgent first.
    pub const ALL: [Self; 3] = [Self::Control, Self::Live, Self::Bulk];

    /// The number that stands in a frame.
    pub const fn number(self) -> u8 {
        match self {
            Self::Control => 0,
            Self::Live => 1,
            Self::Bulk => 2,
        }
    }

    /// The channel with this number.
    pub const fn from_number(number: u8) -> Option<Self> {
        match number {
            0 => Some(Self::Control),
            1 => Some(Self::Live),
            2 => Some(Self::Bulk),
            _ => None,
        }
    }
}

/// What a live connection reports.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum LinkEvent {
    /// Our side is ready to be put on a card or into an offer.
    Described(Description),
    /// Bytes can flow. Both ends see the same two fingerprints, which the handshake signs.
    Open {
        /// SHA-256 fingerprint of our DTLS certificate (or of our side of a relay's challenge).
        local: [u8; 32],
        /// The other side's.
        remote: [u8; 32],
    },
    /// One frame came.
    Frame(Vec<u8>),
    /// The connection is gone; the link's number is never used again.
    Down {
        /// What the hands know of why, for logs.
        reason: String,
    },
}

/// What the meeting place for offers (the relay that serves the app) reports.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum SignalEvent {
    /// The room can be used.
    Joined,
    /// A sealed message from another member.
    Received {
        /// Who claims to have sent it; the seal proves it.
        from: DeviceId,
        /// Sealed bytes.
        sealed: Vec<u8>,
    },
    /// Another member came into the room: a good moment to offer.
    Arrived(DeviceId),
    /// The room is gone; the hands try again by themselves, with backoff.
    Left,
}

/// What a machine is told.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Input<C> {
    /// Somebody wants something.
    Command(C),
    /// An effect is done, or failed. An answer to an unknown number is ignored.
    Answer(EffectId, Answer),
    /// A live connection has news.
    Link(LinkId, LinkEvent),
    /// The meeting place has news.
    Signal(SignalEvent),
    /// The deadline that [`Machine::deadline`] named has passed.
    Timeout,
}

/// What a machine wants done, in order.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Output<N> {
    /// Do this and answer with its number.
    Effect(EffectId, Effect),
    /// Tell whoever watches.
    Notice(N),
}

/// A pure state machine that lives on inputs and speaks in outputs.
///
/// After every [`Machine::handle`] the runner drains [`Machine::poll`] until `None`, then waits
/// for the next input or for [`Machine::deadline`].
pub trait Machine {
    /// What people and programs can ask of it. Owned, so that it can cross into a worker.
    type Command;
    /// What it tells them. Owned as well.
    type Notice;

    /// Takes one input. Never blocks, never fails.
    fn handle(&mut self, now: Now, random: &mut dyn Random, input: Input<Self::Command>);

    /// Gives the next thing to do; `None` when there is nothing until the next input.
    fn poll(&mut self) -> Option<Output<Self::Notice>>;

    /// When it wants [`Input::Timeout`], in [`Now::mono_ms`]; `None` when nothing is due. A moment
    /// that has passed: soon, behind whoever goes on with what [`Machine::poll`] gave.
    fn deadline(&self) -> Option<u64>;
}
