//! Pairing, seen from both sides; used to let a newcomer in and to link two members again.

pub mod answer_side;
pub mod answering;
pub mod offer_side;
