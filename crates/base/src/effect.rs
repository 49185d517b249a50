//! What machines ask of their hands, and what the hands answer.
//!
//! Effects take lists (at most [`EFFECT_ITEMS_MAX`](crate::limits::EFFECT_ITEMS_MAX) items,
//! [`EFFECT_BYTES_MAX`](crate::limits::EFFECT_BYTES_MAX) bytes) and answer per item, in order.
//! Keys are named by handle: no secret that opens anything is ever in an effect, an answer or a
//! trace. Recovery words and PINs, which people type, are the named exceptions.

use minicbor::{Decode, Encode};

use crate::card::Description;
use crate::hash::{ChainKey, TAG_SECRET, sha256};
use crate::id::{DeviceId, EpochName, Stream};
use crate::machine::{Channel, LinkId};

/// Numbers an effect, so that its answer finds home. Numbers are never used twice in a run.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct EffectId(pub u64);

/// Names a key that only the hands hold.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct KeyHandle(pub u32);

impl KeyHandle {
    /// The device's own Ed25519 and X25519 keys, kept by the hands across restarts.
    pub const IDENTITY: Self = Self(0);
    /// The keys that the recovery phrase gives, in memory only, until [`KeyTask::Forget`].
    pub const RECOVERY: Self = Self(1);
    /// The first number that a machine may give to a secret of its own.
    pub const FIRST_FREE: u32 = 16;
}

/// One thing for the hands to do.
///
/// Answers come in any order, except that `Store` transactions are done in the order given.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Effect {
    /// Make, wrap, unwrap or forget keys.
    Keys(KeyTask),
    /// Seal bodies.
    Seal(Vec<SealTask>),
    /// Open sealed bodies.
    Open(Vec<OpenTask>),
    /// Sign with an identity.
    Sign(Vec<SignTask>),
    /// Check signatures.
    Verify(Vec<VerifyTask>),
    /// Write, all or nothing; one transaction after the other, in the order given, but for those
    /// that are [`Durability::Deferred`].
    Store(Transaction),
    /// Read.
    Load(Vec<Query>),
    /// Make, use or close a live connection. Answered by [`crate::LinkEvent`]s, not by an answer.
    Link(LinkId, LinkTask),
    /// Use the meeting place for offers. Answered by signal events.
    Signal(SignalTask),
    /// Say how a time zone is offset from UTC around a moment.
    Zone {
        /// IANA name, as `Asia/Kolkata`.
        name: String,
        /// Milliseconds since 1970; the answer covers a year before it to two years after.
        around_ms: u64,
    },
}

/// Work with keys.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum KeyTask {
    /// Give the device's public keys; make the pair, non-extractable, when there is none yet.
    Identity,
    /// Give the public keys that this device would go on with as another one; make the pair,
    /// non-extractable, when there is none yet. It is kept beside the device's own.
    NextIdentity {
        /// The Ed25519 key of a pair that is of no use any more: where it is the one that is kept,
        /// another one is made in its place.
        but: Option<[u8; 32]>,
    },
    /// Make the pair of [`KeyTask::NextIdentity`] the device's own, for good, and give its public
    /// keys; where there is none, those that it has.
    Succeed,
    /// Make a fresh recovery phrase and hold its keys as [`KeyHandle::RECOVERY`].
    MakeRecovery,
    /// Hold the keys of a phrase that somebody typed as [`KeyHandle::RECOVERY`].
    Recover {
        /// Twelve words.
        words: String,
    },
    /// Make 32 random bytes, hold them under `handle`, wrap them to each of `to`.
    MakeSecret {
        /// The handle to hold it under.
        handle: KeyHandle,
        /// Bound into every wrap.
        salt: [u8; 32],
        /// X25519 public keys of whoever may have it.
        to: Vec<[u8; 32]>,
    },
    /// Wrap a secret that is held to more keys.
    Wrap {
        /// The secret.
        handle: KeyHandle,
        /// Bound into every wrap.
        salt: [u8; 32],
        /// X25519 public keys.
        to: Vec<[u8; 32]>,
    },
    /// Unwrap a secret and hold it under `handle`.
    Unwrap {
        /// The handle to hold it under.
        handle: KeyHandle,
        /// Whose X25519 key opens the wrap: identity or recovery.
        by: KeyHandle,
        /// The salt that the wrap is bound to.
        salt: [u8; 32],
        /// The wrap, [`WRAP_BYTES`] long.
        wrap: Vec<u8>,
    },
    /// Seal a secret that is held under another one: whoever has that reads what this one opens.
    SealSecret {
        /// The secret to seal.
        handle: KeyHandle,
        /// The secret that opens it.
        under: KeyHandle,
        /// The epoch that the sealed secret is of.
        epoch: EpochName,
    },
    /// Open a secret that was sealed under another one, and hold it under `handle`.
    OpenSecret {
        /// The handle to hold it under.
        handle: KeyHandle,
        /// The secret that opens it.
        under: KeyHandle,
        /// The epoch that the sealed secret is of.
        epoch: EpochName,
        /// What [`KeyTask::SealSecret`] gave, [`SEALED_SECRET_BYTES`] long.
        sealed: Vec<u8>,
    },
    /// Argon2id over a PIN, keyed with the shop's own secret.
    HashPin {
        /// What was typed.
        pin: String,
        /// Random salt of this employee.
        salt: [u8; 16],
        /// The shop's PIN secret.
        pepper: [u8; 32],
    },
    /// Seal bytes to one device: ephemeral X25519, signed inside by whoever needs to.
    SealTo {
        /// X25519 public key.
        to: [u8; 32],
        /// At most [`SIGNAL_BYTES_MAX`](crate::limits::SIGNAL_BYTES_MAX) bytes.
        plain: Vec<u8>,
    },
    /// Open bytes that were sealed to this device.
    OpenSealed {
        /// What [`KeyTask::SealTo`] gave.
        sealed: Vec<u8>,
    },
    /// Drop a key from memory.
    Forget(KeyHandle),
}

/// Length of a wrapped secret: ephemeral public key, sealed 32 bytes, tag.
pub const WRAP_BYTES: usize = 32 + 32 + 16;

/// Length of a secret that is sealed under another one: 32 bytes and a tag.
pub const SEALED_SECRET_BYTES: usize = 32 + 16;

/// One body to seal with AES-256-GCM under the key of a secret and a stream.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct SealTask {
    /// The epoch's secret.
    pub key: KeyHandle,
    /// The stream: each has a key of its own.
    pub stream: Stream,
    /// Random, from the machine's randomness.
    pub nonce: [u8; 12],
    /// The header without the body's hash.
    pub aad: Vec<u8>,
    /// Deflated entries.
    pub plain: Vec<u8>,
}

/// One body to open.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct OpenTask {
    /// The epoch's secret.
    pub key: KeyHandle,
    /// The stream.
    pub stream: Stream,
    /// As in the header.
    pub nonce: [u8; 12],
    /// The header without the body's hash.
    pub aad: Vec<u8>,
    /// The sealed body.
    pub sealed: Vec<u8>,
}

/// One message to sign with Ed25519 (RFC 8032).
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct SignTask {
    /// Identity or recovery.
    pub key: KeyHandle,
    /// What to sign, tag included.
    pub message: Vec<u8>,
}

/// One signature to check.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct VerifyTask {
    /// Ed25519 public key.
    pub public: [u8; 32],
    /// What was signed, tag included.
    pub message: Vec<u8>,
    /// The signature.
    pub signature: [u8; 64],
}

/// A kind of record. One list, from which the database's schema is made.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Table {
    /// Segments; only added and deleted, never overwritten.
    Segments,
    /// How far this device has written: heads of logs and counters, one record for each commit.
    Heads,
    /// Small named values: settings of this device, statements, checkpoints.
    Values,
}

impl Table {
    /// Every table.
    pub const ALL: [Self; 3] = [Self::Segments, Self::Heads, Self::Values];

    /// The name under which it is stored. Never renamed.
    pub const fn name(self) -> &'static str {
        match self {
            Self::Segments => "segments",
            Self::Heads => "heads",
            Self::Values => "values",
        }
    }
}

/// When a transaction counts as done.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Durability {
    /// On the disk: survives pulling the plug.
    Strict,
    /// With the operating system: survives a kill of the browser.
    Relaxed,
    /// As relaxed; and what is given later may be done before it, unless that is deferred too:
    /// nothing else on the disk builds on it. So a sale waits for no history.
    Deferred,
}

/// One thing a transaction does.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Change {
    /// Write a record that must not be there yet: else nothing of the transaction happens.
    Add {
        /// Where.
        table: Table,
        /// Which.
        key: Vec<u8>,
        /// What.
        value: Vec<u8>,
    },
    /// Write a record, whatever was there.
    Put {
        /// Where.
        table: Table,
        /// Which.
        key: Vec<u8>,
        /// What.
        value: Vec<u8>,
    },
    /// Remove a record, if it is there.
    Delete {
        /// Where.
        table: Table,
        /// Which.
        key: Vec<u8>,
    },
    /// Remove the records with `from <= key < to`.
    DeleteRange {
        /// Where.
        table: Table,
        /// First key.
        from: Vec<u8>,
        /// Beyond the last key.
        to: Vec<u8>,
    },
}

impl Change {
    /// Where it changes something.
    pub const fn table(&self) -> Table {
        match self {
            Self::Add { table, .. }
            | Self::Put { table, .. }
            | Self::Delete { table, .. }
            | Self::DeleteRange { table, .. } => *table,
        }
    }
}

/// Changes that happen together or not at all.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Transaction {
    /// When it counts as done.
    pub durability: Durability,
    /// What it does, in order.
    pub changes: Vec<Change>,
}

/// One question to the store.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Query {
    /// The record with this key: no row or one.
    Get {
        /// Where.
        table: Table,
        /// Which.
        key: Vec<u8>,
    },
    /// Records with `from <= key < to`, in the order of their keys, at most `limit`.
    Range {
        /// Where.
        table: Table,
        /// First key.
        from: Vec<u8>,
        /// Beyond the last key.
        to: Vec<u8>,
        /// How many rows at most.
        limit: u32,
    },
}

/// A key and what is stored under it.
pub type Row = (Vec<u8>, Vec<u8>);

/// Work with live connections. Offerer: `Offer`, then `Accept`. Answerer: `Answer`.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum LinkTask {
    /// Begin a connection; `Described` follows.
    Offer,
    /// Take an offer; `Described` follows, then perhaps `Open`.
    Answer(Description),
    /// Take the answer to our offer; `Open` follows, or `Down`.
    Accept(Description),
    /// Send one frame. Frames of one channel arrive in order.
    Send(Channel, Vec<u8>),
    /// Close and forget.
    Close,
}

/// Work with the meeting place for offers.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum SignalTask {
    /// Go into the shop's room at the relay that serves the app, and stay there.
    Join {
        /// Name of the room: a tagged hash of the shop's id.
        room: [u8; 16],
        /// Who we are.
        device: DeviceId,
    },
    /// Pass sealed bytes to another member in the room.
    Send {
        /// To whom.
        to: DeviceId,
        /// Sealed bytes.
        sealed: Vec<u8>,
    },
    /// Leave.
    Leave,
}

/// Why the store could not do it. Nothing of the transaction has happened.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum StorageTrouble {
    /// What was to be added is there already: another writer was faster.
    Conflict,
    /// The disk, or the share of it that the browser gives us, is full.
    Full,
    /// Anything else, with what the browser said.
    Broken(String),
}

/// What the hands made of public keys.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct PublicKeys {
    /// For signatures.
    pub ed25519: [u8; 32],
    /// For wraps.
    pub x25519: [u8; 32],
}

/// Tells an epoch's secret from any other; see [`ChainKeys::commitment`].
#[derive(Debug, Clone, Copy, PartialEq, Eq, Encode, Decode)]
#[cbor(transparent)]
pub struct Commitment(#[cbor(with = "minicbor::bytes")] pub [u8; 16]);

/// The chain keys that belong to a secret, one for each sealed stream.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ChainKeys {
    /// For `sales`.
    pub sales: ChainKey,
    /// For `shop`.
    pub shop: ChainKey,
    /// For `office`.
    pub office: ChainKey,
}

impl ChainKeys {
    /// What tells their secret from any other, for everybody to see: the beginning of a tagged
    /// SHA-256 over them. Who holds another secret holds other chain keys.
    pub fn commitment(&self) -> Commitment {
        let bytes = |key: &ChainKey| match key {
            ChainKey::Control => [0; 32],
            ChainKey::Secret(bytes) => *bytes,
        };
        let keys = [&self.sales, &self.shop, &self.office].map(bytes);
        Commitment(sha256(&[TAG_SECRET, &keys.concat()]).first())
    }

    /// The chain key of a stream.
    pub fn of(&self, stream: Stream) -> ChainKey {
        match stream {
            Stream::Control => ChainKey::Control,
            Stream::Sales => self.sales.clone(),
            Stream::Shop => self.shop.clone(),
            Stream::Office => self.office.clone(),
        }
    }
}

/// What came of a key task.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum KeyAnswer {
    /// Public keys (`Identity`, `Recover`).
    Public(PublicKeys),
    /// A new phrase and its public keys (`MakeRecovery`).
    Phrase {
        /// Twelve words, shown once.
        words: String,
        /// Its public keys.
        public: PublicKeys,
    },
    /// A secret is held; its chain keys, and the wraps in the order of `to` (`MakeSecret`,
    /// `Wrap`, `Unwrap`, `OpenSecret`).
    Held {
        /// Chain keys.
        chain: ChainKeys,
        /// Wraps, [`WRAP_BYTES`] each, and nothing for a key with which no secret can be agreed on;
        /// none at all for `Unwrap` and `OpenSecret`.
        wraps: Vec<Vec<u8>>,
    },
    /// A PIN's verifier.
    Pin([u8; 32]),
    /// Sealed or opened bytes.
    Bytes(Vec<u8>),
    /// Forgotten.
    Done,
    /// The wrap does not open with this key, the words are no phrase, the seal is broken.
    Refused(&'static str),
}

/// What the hands answer.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Answer {
    /// To `Keys`.
    Keys(KeyAnswer),
    /// To `Seal`: the sealed bodies.
    Sealed(Vec<Vec<u8>>),
    /// To `Open`: the plain bodies; `None` where the seal is broken. A key that is not held is
    /// `Failed`: it says nothing of a body.
    Opened(Vec<Option<Vec<u8>>>),
    /// To `Sign`.
    Signed(Vec<[u8; 64]>),
    /// To `Verify`.
    Verified(Vec<bool>),
    /// To `Store`.
    Stored(Result<(), StorageTrouble>),
    /// To `Load`: rows for each query.
    Loaded(Result<Vec<Vec<Row>>, StorageTrouble>),
    /// To `Zone`: moments (milliseconds since 1970) from which an offset in minutes holds, in
    /// order; `None` when the browser does not know the zone.
    Zone(Option<Vec<(u64, i32)>>),
    /// The hands could not do it at all; what they said, for logs.
    Failed(String),
}
