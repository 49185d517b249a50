//! WORDS: the vocabulary that every room of TillMesh shares.
//!
//! Ids, hashes, time, limits, entries, segments, frames, pairing cards, and the contract between
//! pure machines and the hands that run them ([`Machine`], [`Effect`], [`Answer`]).
//!
//! It must never know a shop, a key's secret or a screen; it depends on nothing of ours.

pub mod card;
pub mod cbor;
pub mod effect;
pub mod entry;
pub mod error;
pub mod frame;
pub mod hash;
pub mod id;
pub mod limits;
pub mod machine;
pub mod meeting;
pub mod release;
pub mod segment;
pub mod time;
pub mod vector;

pub use effect::{Answer, Effect, EffectId, KeyHandle};
pub use entry::{ControlVector, Entry};
pub use error::Malformed;
pub use hash::ChainValue;
pub use id::{DeviceId, EmployeeId, EntryRef, EpochName, LogId, Mark, ShopId, Stream};
pub use machine::{Input, LinkEvent, LinkId, Machine, Output, Random};
pub use release::Release;
pub use segment::{Header, Segment};
pub use time::{HybridClock, Now, Stamp};
pub use vector::{Run, Vector};
