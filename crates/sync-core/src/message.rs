//! What devices say to each other inside frames.
//!
//! CBOR with integer keys; a key that a newer release added is passed over. Nothing here is
//! hashed or signed but the [`Hello`], whose bytes are kept as they came.
//!
//! Logs and the console use the names of `docs/protocol.md` §12: [`Message::word`].

use base::limits::{
    EFFECT_ITEMS_MAX, MEMBERS_MAX, NAME_BYTES_MAX, RUNS_PER_LOG_MAX, SCRIPT_MESSAGE_BYTES_MAX,
    SHOPS_MAX, SIGNAL_BYTES_MAX, WANT_RANGES_MAX,
};
use base::machine::Channel;
use base::segment::SEQ_MAX;
use base::{DeviceId, EntryRef, Malformed, Run, ShopId, Vector, cbor};
use minicbor::bytes::ByteVec;
use minicbor::{Decode, Encode};

use crate::spans::Range;

mod beginning;

pub(crate) use beginning::Beginning;

/// The version of the conversation.
pub const PROTOCOL_VERSION: u16 = 1;
/// Bytes of a salted hash of a shop in a hello.
pub const SHOP_HINT_BYTES: usize = 8;

/// The first thing that both sides say.
#[derive(Debug, Clone, PartialEq, Eq, Encode, Decode)]
#[cbor(map)]
pub struct Hello {
    /// [`PROTOCOL_VERSION`] of the sender; both go on with the lower one.
    #[n(0)]
    pub protocol: u16,
    /// The reader version of the sender (see `base::Release`).
    #[n(1)]
    pub reader: u16,
    /// What else the sender can do; unknown bits are passed over.
    #[n(2)]
    pub features: u64,
    /// Ed25519 public key.
    #[cbor(n(3), with = "minicbor::bytes")]
    pub ed25519: [u8; 32],
    /// X25519 public key.
    #[cbor(n(4), with = "minicbor::bytes")]
    pub x25519: [u8; 32],
    /// Tagged SHA-256 of the nonce that is revealed later.
    #[cbor(n(5), with = "minicbor::bytes")]
    pub commitment: [u8; 32],
    /// Rises with every start of the device: two that alternate are a clone.
    #[n(6)]
    pub session: u64,
    /// Random; the hashes of the shops are salted with it.
    #[cbor(n(7), with = "minicbor::bytes")]
    pub salt: [u8; 16],
    /// Salted hashes of the sender's shops, sorted. The offerer's order numbers the shops.
    #[n(8)]
    pub shops: Vec<ShopHint>,
}

/// A salted hash of a shop's id: tells it only to those who know the shop.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Encode, Decode)]
#[cbor(transparent)]
pub struct ShopHint(#[cbor(with = "minicbor::bytes")] pub [u8; SHOP_HINT_BYTES]);

/// Why somebody will not go on.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Encode, Decode)]
#[cbor(index_only)]
pub enum Refusal {
    /// The owner pressed "No", or nobody pressed anything.
    #[n(0)]
    NotAdmitted,
    /// The card is too old, or was used before.
    #[n(1)]
    CardExpired,
    /// We have nothing in common.
    #[n(2)]
    NoSharedShop,
    /// There are too many connections already.
    #[n(3)]
    Crowded,
    /// A newer connection of the same device replaces this one.
    #[n(4)]
    Replaced,
}

/// One message.
#[derive(Debug, Clone, PartialEq, Eq, Encode, Decode)]
pub enum Message {
    /// Handshake: the bytes of a [`Hello`], which both sides hash.
    #[n(0)]
    Hello(#[cbor(n(0), with = "minicbor::bytes")] Vec<u8>),
    /// Handshake: the nonce that the hello committed to.
    #[n(1)]
    Reveal(#[cbor(n(0), with = "minicbor::bytes")] [u8; 32]),
    /// Handshake: the proof of the keys.
    #[n(2)]
    Proof {
        /// Ed25519 over what both have said.
        #[cbor(n(0), with = "minicbor::bytes")]
        signature: [u8; 64],
        /// HMAC under both cards' secrets, where there are cards.
        #[cbor(n(1), with = "minicbor::bytes")]
        code: Option<[u8; 32]>,
    },
    /// Link: is anybody there?
    #[n(3)]
    Ping(#[n(0)] u64),
    /// Link: yes.
    #[n(4)]
    Pong {
        /// The number of the ping comes back.
        #[n(0)]
        number: u64,
        /// What the sender's wall clock says, milliseconds since 1970: shows how far two clocks
        /// are apart, and moves none.
        #[n(1)]
        wall_ms: u64,
    },
    /// Shop: what I hold, and so what I hold of your logs.
    #[n(5)]
    Vector {
        /// The runs.
        #[n(0)]
        vector: Vector,
        /// Whether logs that are not listed are not held; otherwise only what is listed changed.
        #[n(1)]
        whole: bool,
        /// Whether the other end is to tell all that it holds in return.
        #[n(2)]
        asks: bool,
    },
    /// Shop: send me these, in this order.
    #[n(6)]
    Want {
        /// What is lacking, most urgent first.
        #[n(0)]
        ranges: Vec<Range>,
        /// As in [`Message::Credit`].
        #[n(1)]
        bulk_limit: u64,
        /// Segments of which the beginning is here.
        #[cbor(n(2), default)]
        begun: Vec<Begun>,
    },
    /// Shop: segments. In the bulk channel they answer wants, in order.
    #[n(7)]
    Segments {
        /// Whole segments, as stored.
        #[n(0)]
        segments: Vec<ByteVec>,
        /// How many of the oldest ranges asked for end with this list: what of them did not come
        /// is not there.
        #[n(1)]
        done: u32,
    },
    /// Shop: how many bytes of segments may have been sent since the link began.
    #[n(8)]
    Credit {
        /// In the live channel.
        #[n(0)]
        live_limit: u64,
        /// In the bulk channel.
        #[n(1)]
        bulk_limit: u64,
    },
    /// Shop: a durable statement, as its signer made it.
    #[n(9)]
    Statement(#[cbor(n(0), with = "minicbor::bytes")] Vec<u8>),
    /// Shop: an offer or an answer for another member, sealed to it.
    #[n(10)]
    Signal {
        /// Who made it, as the sender says; the seal proves it.
        #[n(0)]
        from: DeviceId,
        /// For whom.
        #[n(1)]
        to: DeviceId,
        /// Sealed bytes.
        #[cbor(n(2), with = "minicbor::bytes")]
        sealed: Vec<u8>,
    },
    /// Pairing: what the sender calls itself.
    #[n(11)]
    Introduction(#[n(0)] String),
    /// Pairing: the shop that a newcomer would come into. The newcomer pins it.
    #[n(12)]
    Share {
        /// The shop.
        #[n(0)]
        shop: ShopId,
        /// What the member holds: how far the newcomer must come before it can sell.
        #[n(1)]
        vector: Vector,
    },
    /// Pairing: the newcomer's enrolment is durable.
    #[n(13)]
    Admitted(#[n(0)] EntryRef),
    /// Shop: a message of a member's script.
    #[n(14)]
    Script {
        /// Free word.
        #[n(0)]
        kind: String,
        /// JSON text.
        #[n(1)]
        data: String,
    },
    /// Why the sender closes now.
    #[n(15)]
    Refused(#[n(0)] Refusal),
    /// Shop: durable statements of others, as their signers made them.
    #[n(16)]
    Passed(#[n(0)] Vec<ByteVec>),
    /// Shop: the members that the sender is linked with.
    #[n(17)]
    Linked(#[n(0)] Vec<DeviceId>),
    /// Shop: in place of a segment, what is lacking of it.
    #[n(18)]
    Rest {
        /// Which, and from where on.
        #[n(0)]
        of: Begun,
        /// Its bytes from there to its end.
        #[cbor(n(1), with = "minicbor::bytes")]
        bytes: Vec<u8>,
    },
}

/// Kinds of message that this release knows: 0 up to this, exclusive.
pub const KINDS: u32 = 19;

/// A segment of which only the beginning came before a link broke.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Encode, Decode)]
pub struct Begun {
    /// Its entries.
    #[n(0)]
    pub range: Range,
    /// How many of its bytes are here.
    #[n(1)]
    pub bytes: u32,
    /// Their SHA-256: whoever goes on from them holds the same.
    #[cbor(n(2), with = "minicbor::bytes")]
    pub hash: [u8; 32],
}

impl Message {
    /// The bytes that go into frames.
    pub fn to_bytes(&self) -> Vec<u8> {
        cbor::encode(self)
    }

    /// Reads a message. `None`: a kind that only a newer release knows.
    ///
    /// # Errors
    /// [`Malformed`]; the peer is at fault.
    pub fn from_bytes(bytes: &[u8]) -> Result<Option<Self>, Malformed> {
        if kind_of(bytes).ok_or(Malformed::Bytes("message"))? >= KINDS {
            return Ok(None);
        }
        let message: Self = cbor::decode_open(bytes, "message")?;
        message.check()?;
        Ok(Some(message))
    }

    /// The queue that it travels in, unless it is a list of segments as they happen.
    pub const fn channel(&self) -> Channel {
        match self {
            Self::Segments { .. } | Self::Rest { .. } => Channel::Bulk,
            _ => Channel::Control,
        }
    }

    /// The word that logs and the console use.
    pub const fn word(&self) -> &'static str {
        match self {
            Self::Hello(_) | Self::Reveal(_) | Self::Proof { .. } => "handshake",
            Self::Ping(_) | Self::Pong { .. } => "ping",
            Self::Vector { .. } | Self::Want { .. } | Self::Credit { .. } | Self::Linked(_) => {
                "sync_request"
            }
            Self::Segments { .. } | Self::Rest { .. } => "sync_data",
            Self::Statement(_) | Self::Passed(_) => "sync_ack",
            Self::Signal { .. } => "offer",
            Self::Introduction(_) | Self::Share { .. } | Self::Admitted(_) | Self::Refused(_) => {
                "user_invite"
            }
            Self::Script { .. } => "message",
        }
    }

    fn check(&self) -> Result<(), Malformed> {
        match self {
            Self::Vector { vector, .. } | Self::Share { vector, .. } => check_vector(vector),
            Self::Want { ranges, begun, .. } => {
                at_most("list of segments", begun.len(), WANT_RANGES_MAX)?;
                let of = begun.iter().map(|begun| begun.range);
                check_ranges(ranges)?;
                check_ranges(&Vec::from_iter(of))
            }
            Self::Rest { of, .. } => check_ranges(&[of.range]),
            Self::Segments { segments, done } => {
                at_most("list of segments", segments.len(), EFFECT_ITEMS_MAX)?;
                at_most("count of ranges", *done as usize, WANT_RANGES_MAX)
            }
            Self::Linked(devices) => at_most("list of links", devices.len(), MEMBERS_MAX),
            Self::Passed(statements) => {
                at_most("list of statements", statements.len(), EFFECT_ITEMS_MAX)
            }
            Self::Signal { sealed, .. } => at_most("signal", sealed.len(), SIGNAL_BYTES_MAX),
            Self::Introduction(name) => at_most("name", name.len(), NAME_BYTES_MAX),
            Self::Script { kind, data } => at_most(
                "script message",
                kind.len() + data.len(),
                SCRIPT_MESSAGE_BYTES_MAX,
            ),
            _ => Ok(()),
        }
    }
}

impl Hello {
    /// The bytes that both sides hash.
    pub fn to_bytes(&self) -> Vec<u8> {
        cbor::encode(self)
    }

    /// Reads a hello.
    ///
    /// # Errors
    /// [`Malformed`]; the peer is at fault.
    pub fn from_bytes(bytes: &[u8]) -> Result<Self, Malformed> {
        let hello: Self = cbor::decode_open(bytes, "hello")?;
        at_most("list of shops", hello.shops.len(), SHOPS_MAX)?;
        if hello.protocol == 0 {
            Err(Malformed::Version {
                what: "hello",
                version: 0,
            })
        } else if !hello.shops.is_sorted_by(|a, b| a < b) {
            Err(Malformed::Rule("the shops in a hello must be sorted"))
        } else {
            Ok(hello)
        }
    }
}

fn kind_of(bytes: &[u8]) -> Option<u32> {
    let mut decoder = minicbor::Decoder::new(bytes);
    decoder.array().ok()?;
    decoder.u32().ok()
}

fn at_most(what: &'static str, size: usize, max: usize) -> Result<(), Malformed> {
    if size > max {
        Err(Malformed::TooLong { what, size, max })
    } else {
        Ok(())
    }
}

pub(crate) fn check_vector(vector: &Vector) -> Result<(), Malformed> {
    for (_, runs) in vector.logs() {
        at_most("list of runs", runs.len(), RUNS_PER_LOG_MAX)?;
        let sound = |run: &Run| run.first >= 1 && run.first <= run.last && run.last <= SEQ_MAX;
        // After a fork two runs have the same numbers, and only marks tell them apart.
        if !runs.iter().all(sound) || !runs.is_sorted_by(|a, b| a < b) {
            return Err(Malformed::Rule("runs must be sorted, each once"));
        }
    }
    Ok(())
}

fn check_ranges(ranges: &[Range]) -> Result<(), Malformed> {
    at_most("list of ranges", ranges.len(), WANT_RANGES_MAX)?;
    let sound = |r: &Range| r.first >= 1 && r.first <= r.last && r.last <= SEQ_MAX;
    if ranges.iter().all(sound) {
        Ok(())
    } else {
        Err(Malformed::Rule(
            "a range begins at 1 or later and does not end before it begins",
        ))
    }
}

#[cfg(test)]
mod tests;
