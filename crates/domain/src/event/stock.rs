//! Movements of stock as they are written.

use base::Malformed;
use minicbor::{Decode, Encode};

use super::{PRODUCTS_PER_ENTRY_MAX, check_each_once, check_text, rule};
use crate::catalogue::ProductId;
use crate::quantity::Quantity;

/// Why stock moved.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Encode, Decode)]
#[cbor(index_only)]
pub enum MovementReason {
    /// Goods came in.
    #[n(0)]
    Received,
    /// The figure was put right: broken, lost, found.
    #[n(1)]
    Adjusted,
}

/// Stock that came, went or was put right.
#[derive(Debug, Clone, PartialEq, Eq, Encode, Decode)]
#[cbor(map)]
pub struct StockMoved {
    /// Why.
    #[n(0)]
    pub reason: MovementReason,
    /// How much of what, signed; up to [`PRODUCTS_PER_ENTRY_MAX`], each product once.
    #[n(1)]
    pub movements: Vec<Movement>,
    /// What somebody wrote down about it.
    #[n(2)]
    pub note: Option<String>,
}

/// A signed movement of one product.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Encode, Decode)]
#[cbor(array)]
pub struct Movement {
    /// Of what.
    #[n(0)]
    pub product: ProductId,
    /// How much came; negative where it went.
    #[n(1)]
    pub quantity: Quantity,
}

impl StockMoved {
    pub(super) fn check(&self) -> Result<(), Malformed> {
        check_text(self.note.as_deref())?;
        rule(
            (1..=PRODUCTS_PER_ENTRY_MAX).contains(&self.movements.len()),
            "an entry moves 1 to 256 products",
        )?;
        check_each_once(self.movements.iter().map(|movement| movement.product))?;
        rule(
            self.movements
                .iter()
                .all(|movement| movement.quantity.within_bounds().is_some()),
            "a movement is not larger than a million",
        )
    }
}
