//! Products as they are written.

use base::{Malformed, Mark};
use minicbor::{Decode, Encode};

use super::{PRODUCTS_PER_ENTRY_MAX, check_each_once, check_replaces, check_text, rule};
use crate::barcode;
use crate::catalogue::{ProductFields, ProductId};
use crate::quantity::Quantity;

/// The most barcodes of one product.
pub const BARCODES_MAX: usize = 32;

/// Products that were added or changed, all at once.
#[derive(Debug, Clone, PartialEq, Eq, Encode, Decode)]
#[cbor(map)]
pub struct ProductsWritten {
    /// Up to [`PRODUCTS_PER_ENTRY_MAX`], each product once.
    #[n(0)]
    pub products: Vec<ProductWritten>,
}

/// One product that was added or changed.
#[derive(Debug, Clone, PartialEq, Eq, Encode, Decode)]
#[cbor(map)]
pub struct ProductWritten {
    /// Which; `None` adds one, named by this entry and its place in it.
    #[n(0)]
    pub product: Option<ProductId>,
    /// The writes that this one replaces.
    #[n(1)]
    pub replaces: Vec<Mark>,
    /// What is written.
    #[n(2)]
    pub fields: ProductFields,
    /// Stock that is put right in the same step, as a signed movement.
    #[n(3)]
    pub movement: Option<Quantity>,
}

impl ProductsWritten {
    pub(super) fn check(&self) -> Result<(), Malformed> {
        rule(
            (1..=PRODUCTS_PER_ENTRY_MAX).contains(&self.products.len()),
            "an entry writes 1 to 256 products",
        )?;
        let named = self.products.iter().filter_map(|write| write.product);
        check_each_once(named)?;
        for write in &self.products {
            let fields = &write.fields;
            check_replaces(&write.replaces)?;
            check_text(fields.name.as_deref())?;
            check_text(fields.sku.as_deref())?;
            rule(
                fields
                    .price
                    .is_none_or(|price| price.0 >= 0 && price.within_bounds().is_some()),
                "a price is not negative and not above the largest amount",
            )?;
            let barcodes = fields.barcodes.as_deref().unwrap_or_default();
            rule(
                barcodes.len() <= BARCODES_MAX
                    && barcodes.iter().all(|code| barcode::is_usable(code)),
                "a product has at most 32 barcodes of 1 to 64 characters",
            )?;
            rule(
                write
                    .movement
                    .is_none_or(|moved| moved.within_bounds().is_some()),
                "a movement is not larger than a million",
            )?;
        }
        Ok(())
    }
}
