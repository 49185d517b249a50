//! Every word that people read, in English, screen by screen. Screens hold no words of their own.

pub mod common;
pub mod console;
pub mod devices;
pub mod more;
pub mod pairing;
pub mod products;
pub mod sales;
pub mod sell;
pub mod setup;
pub mod staff;
pub mod status;
pub mod today;
pub mod trouble;
