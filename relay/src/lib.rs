//! RELAY: serves the app, and passes sealed offers between devices of a shop.
//!
//! It cannot read a sale: no code that opens anything is compiled into it. What it serves is read
//! once, at start-up; what it forwards is in memory, bounded, and gone with the connection.

pub mod app;
pub mod arguments;
pub mod callers;
pub mod error;
pub mod limits;
pub mod notice;
pub mod shutdown;
pub mod signal;
pub mod site;
pub mod tls;

pub use app::{App, router};
pub use error::Error;
pub use signal::MeetingPlace;
pub use site::Site;
