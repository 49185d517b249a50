//! NAMES: who a device is, who is a member of a shop, who may do what, and who signs for holding.
//!
//! Membership is a pure function of the set of control entries, never of the order in which they
//! came. It must never know how anything is sealed, nor what a sale is.

#![cfg_attr(
    not(test),
    deny(clippy::unwrap_used, clippy::expect_used, clippy::indexing_slicing)
)]

pub mod control;
pub mod error;
pub mod membership;
pub mod role;
#[cfg(feature = "native")]
pub mod signature;
pub mod statement;
pub mod terminal;

pub use control::Control;
pub use error::IdentityError;
pub use membership::Membership;
