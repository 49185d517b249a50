//! SHOP: money, quantity, tax, catalogue, sale, stock, staff; events and how they fold into a
//! state.
//!
//! Pure: no bytes on the wire, no keys, no clock. Money is integer minor units, quantities are
//! integer thousandths, time is an argument.

#![deny(
    clippy::float_arithmetic,
    clippy::unwrap_used,
    clippy::indexing_slicing,
    clippy::arithmetic_side_effects
)]
#![cfg_attr(
    test,
    allow(
        clippy::unwrap_used,
        clippy::indexing_slicing,
        clippy::arithmetic_side_effects
    )
)]

pub mod barcode;
pub mod catalogue;
pub mod error;
pub mod event;
pub mod fold;
pub mod import;
pub mod money;
pub mod quantity;
pub mod register;
pub mod sale;
pub mod settings;
pub mod staff;
pub mod tax;
pub mod today;
