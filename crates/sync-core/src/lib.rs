//! SYNC: the sans-I/O part of a device that keeps its logs in step with others'.
//!
//! A link begins with a [`Handshake`]; each shared shop has a [`Replica`] that compares vectors,
//! asks for what is lacking by credit and serves what others ask for. A [`Link`] cuts messages
//! into frames, measures the round trip and notices silence.
//!
//! It sees sealed bytes only and must never know a secret that opens anything, a rule of the
//! shop, a clock or JavaScript. Signatures, reads and writes are asked for as data; their
//! outcome comes back as an input (the idea: str0m, quinn-proto, iroh-gossip).

#![cfg_attr(
    not(test),
    deny(clippy::unwrap_used, clippy::expect_used, clippy::indexing_slicing)
)]

pub mod backoff;
pub mod delivery;
pub mod error;
pub mod handshake;
pub mod holdings;
pub mod link;
pub mod message;
pub mod replica;
pub mod spans;
pub mod switches;

pub use backoff::Backoff;
pub use delivery::Delivery;
pub use error::Fault;
pub use handshake::{Cards, Established, Handshake, HandshakeAction, Role, Setup};
pub use holdings::{Fit, Holdings};
pub use link::{Counters, Incoming, Link};
pub use message::Message;
pub use replica::{Action, Failure, ReadId, Replica, Standing};
pub use spans::{Range, Span, Spans};
pub use switches::Switches;
