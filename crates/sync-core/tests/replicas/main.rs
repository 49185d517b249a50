//! Replicas that talk to each other over links in memory, and replicas that are talked to wrongly.

mod behaviour;
mod branches;
mod comparing;
mod exchange;
mod malice;
mod network;
mod resuming;
mod storms;
mod toy;
