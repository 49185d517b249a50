//! Products, and how they are found by code and by words.

mod product;
mod search;

pub use product::{Product, ProductFields, ProductId, Unit};
