//! Parts that more than one screen is made of.

pub mod banner;
pub mod camera;
pub mod card_exchange;
pub mod empty_state;
pub mod field;
pub mod icon;
pub mod keypad;
pub mod page_title;
pub mod pill;
pub mod pin_pad;
pub mod product_tile;
pub mod progress;
pub mod qr_code;
pub mod receipt;
pub mod sheet;
