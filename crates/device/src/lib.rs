//! DEVICE: a device and the shop it is a member of, composed of the pure rooms.
//!
//! A command or an input goes in, effects and notices come out. No I/O, no async, no clock: the
//! same code runs in the till's page and in the simulator.

pub mod api;
