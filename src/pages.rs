//! The screens, one file each, the larger ones with a folder beside.

pub mod create_shop;
pub mod devices;
pub mod import;
pub mod join;
pub mod more;
pub mod pairing;
pub mod permissions;
pub mod products;
pub mod recover;
pub mod recovery_words;
pub mod sales;
pub mod sell;
pub mod sign_in;
pub mod staff;
pub mod stage;
pub mod today;
pub mod trouble;
pub mod welcome;
pub mod words_check;
pub mod words_form;
