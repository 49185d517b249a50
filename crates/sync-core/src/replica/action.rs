//! What a replica wants done, and what it is told of others.

use base::machine::Channel;
use base::{DeviceId, LinkId, LogId, Segment, Stream, Vector};

use crate::error::Fault;
use crate::message::Message;
use crate::spans::Range;

/// Numbers a question to the store. Never used twice by a replica.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub struct ReadId(pub u64);

/// What a linked device may have from us and bring to us.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Standing {
    /// A member: everything.
    Member,
    /// Nobody we know yet: it may bring a bounded number of control entries to prove itself.
    Stranger,
    /// It was put out: it may have control, and bring what it wrote itself.
    PutOut,
}

impl Standing {
    /// Whether the device may have entries of this log.
    pub fn may_have(self, log: LogId) -> bool {
        match self {
            Self::Member => true,
            Self::Stranger => false,
            Self::PutOut => log.stream == Stream::Control,
        }
    }

    /// Whether `device` may bring entries of this log.
    pub fn may_bring(self, device: DeviceId, log: LogId) -> bool {
        match self {
            Self::Member => true,
            Self::Stranger => log.stream == Stream::Control,
            Self::PutOut => log.device == device,
        }
    }
}

/// Why received segments are not held.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Failure {
    /// Signature, chain or content is wrong: they are asked of somebody else.
    Refused,
    /// The store could not take them, or too much waits: they are asked for again after a pause.
    NoRoom,
}

/// One thing to do.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Action {
    /// Send this, with the handle that the link has for the shop.
    Send {
        /// By which link.
        link: LinkId,
        /// In which queue.
        channel: Channel,
        /// What.
        message: Message,
    },
    /// Load stored segments of a log whose first number lies in `first..=last`, in order; then
    /// [`loaded`](super::Replica::loaded).
    Read {
        /// Which question.
        read: ReadId,
        /// What to load.
        range: Range,
        /// How many rows at most.
        rows: u32,
    },
    /// Verify these, then open and store them; then
    /// [`received_stored`](super::Replica::received_stored) and its siblings, for every one.
    Received {
        /// Who sent them.
        link: LinkId,
        /// Well-formed, of this shop, wanted, not held. At most 64.
        segments: Vec<Segment>,
    },
    /// A durable statement came: verify it, then [`stated`](super::Replica::stated).
    Statement {
        /// Who passed it to us.
        link: LinkId,
        /// Its bytes.
        bytes: Vec<u8>,
    },
    /// Make a durable statement of these runs (a strict barrier, then a signature); then
    /// [`statement_made`](super::Replica::statement_made).
    StatementDue {
        /// For whom.
        to: Vec<LinkId>,
        /// The logs that changed, each whole.
        runs: Vector,
    },
    /// History is coming in by this link.
    Progress {
        /// Which.
        link: LinkId,
        /// Entries that we hold of what the peer holds.
        done: u64,
        /// Entries that the peer holds.
        total: u64,
    },
    /// A round of comparing that [`compare`](super::Replica::compare) began has ended.
    Compared {
        /// By which link.
        link: LinkId,
        /// Both hold what the other held; otherwise nothing moved any more.
        done: bool,
    },
    /// We and a member are in step: as far as told, neither lacks anything. Said again whenever
    /// either has told something since.
    InStep {
        /// By which link it told.
        link: LinkId,
    },
    /// Somebody holds more of our own log than we do: we were rolled back.
    OwnLogAhead {
        /// Which log.
        log: LogId,
        /// How far it reaches there.
        last: u64,
    },
    /// Another branch of a log begins with what came: both are held.
    Forked {
        /// Which log.
        log: LogId,
    },
    /// Nothing shows whether a run meets what is held: it is kept aside.
    Unproven {
        /// Which.
        range: Range,
    },
    /// The store gave back bytes that are no segment.
    RowDamaged {
        /// Where.
        range: Range,
    },
    /// The peer is at fault: close the link, and tell [`super::Replica::link_down`]. One that broke a rule
    /// the replica has forgotten already; one that was too slow only then.
    Fault {
        /// Which.
        link: LinkId,
        /// Why.
        fault: Fault,
    },
}
