//! Carts that are not paid yet, as a screen hands them over to outlive it.

use domain::catalogue::ProductId;
use domain::money::Money;
use domain::quantity::Quantity;
use minicbor::{Decode, Encode};

/// Most carts on hold that are kept.
pub const HELD_CARTS_MAX: usize = 10;

/// What was scanned and is not paid.
#[derive(Debug, Clone, PartialEq, Eq, Default, Encode, Decode)]
#[cbor(map)]
pub struct Carts {
    /// The open cart, in the order of its lines; at most as many as a sale may have.
    #[n(0)]
    pub open: Vec<CartLine>,
    /// Carts on hold, oldest first; at most [`HELD_CARTS_MAX`].
    #[n(1)]
    pub held: Vec<Vec<CartLine>>,
}

/// A line of a cart.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Encode, Decode)]
#[cbor(array)]
pub struct CartLine {
    /// What is sold.
    #[n(0)]
    pub product: ProductId,
    /// How much.
    #[n(1)]
    pub quantity: Quantity,
    /// The price at the first scan.
    #[n(2)]
    pub price: Option<Money>,
}
