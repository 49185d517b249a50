//! WEATHER: runs devices in a virtual world, from a seed.
//!
//! Several of the very same [`base::Machine`]s that run in tills live here, each with a disk that
//! can fill up, links that can break and a plug that can be pulled. Time is virtual, randomness
//! comes from the seed, everything is visited in a fixed order: a seed that breaks a promise
//! breaks it every time (the idea: FoundationDB's simulation, TigerBeetle's VOPR).
//!
//! It must never use the clock, the disk, the network or the randomness of the machine that it
//! runs on.

pub mod clock;
pub mod crypto;
pub mod disk;
pub mod graph;
pub mod hands;
pub mod network;
pub mod oracle;
pub mod promises;
pub mod random;
pub mod scenario;
pub mod seeds;
pub mod shop;
pub mod signal;
pub mod timeline;
pub mod trace;
pub mod weather;
pub mod world;

pub use clock::Moment;
pub use crypto::CryptoHands;
pub use graph::Graph;
pub use hands::Hands;
pub use world::{NodeId, Settings, World};
