//! Writing products, one by one or many from a list.

use base::EmployeeId;
use domain::catalogue::{ProductFields, ProductId};
use domain::event::ProductWritten;
use identity::role::{DeviceRole, Right};

use crate::Device;
use crate::api::{ProductKey, Refusal, Reply, RequestId};
use crate::requests::Outcome;
use crate::shop::Shop;
use crate::shop::intent::Intent;

impl Device {
    /// Reads products from a list, all of its good lines or none.
    pub(crate) fn import(&mut self, id: RequestId, csv: &str, dry_run: bool) -> Outcome {
        let by = self.may_write_products()?;
        let shop = self.in_shop_mut()?;
        let settings = shop.state.settings().ok_or_else(Refusal::no_shop)?;
        let plan = domain::import::plan(domain::import::read(csv, &settings), &shop.state);
        let reply = Reply::Imported {
            summary: plan.summary,
            report: plan.report,
        };
        if dry_run || plan.writes.is_empty() {
            return Ok(Some(reply));
        }
        let intent = Intent::Products {
            writes: plan.writes,
            reply: Some(reply),
        };
        shop.want(Some(id), Some(by), intent).map(|()| None)
    }

    /// Adds a product or changes one.
    pub(crate) fn set_product(
        &mut self,
        id: RequestId,
        which: ProductKey,
        fields: ProductFields,
    ) -> Outcome {
        let by = self.may_write_products()?;
        let shop = self.in_shop_mut()?;
        let product = match which {
            ProductKey::New => None,
            ProductKey::Id(product) => Some(product),
            ProductKey::Sku => with_sku(shop, fields.sku.as_deref()),
        };
        check_codes(shop, product, &fields)?;
        let name = fields.name.as_deref().map(str::trim);
        if product.is_none() && name.is_none_or(str::is_empty) {
            return Err(Refusal::new("name-missing", "A product needs a name."));
        }
        let write = ProductWritten {
            product,
            replaces: Vec::new(),
            fields,
            movement: None,
        };
        let intent = Intent::Products {
            writes: vec![write],
            reply: None,
        };
        shop.want(Some(id), Some(by), intent).map(|()| None)
    }

    /// Checks who is signed in, and whether others would take products from this device.
    fn may_write_products(&self) -> Result<EmployeeId, Refusal> {
        let by = self.allowed(Right::Catalogue)?;
        let own = self.in_shop()?.own();
        if own.is_none_or(|own| matches!(own.role, DeviceRole::Viewer | DeviceRole::Relay)) {
            return Err(Refusal::looks_on());
        }
        Ok(by)
    }
}

/// The product whose SKU this is. A barcode that reads the same is another product's.
fn with_sku(shop: &Shop, sku: Option<&str>) -> Option<ProductId> {
    let sku = sku?.trim();
    let found = shop.state.catalogue().lookup(sku)?;
    let same = found.sku.to_lowercase() == sku.to_lowercase();
    same.then_some(found.id)
}

/// Checks that no other product has a code that is given to this one. Codes that it has already
/// may be another's as well: that came from two devices apart, and is the owner's to sort out.
fn check_codes(
    shop: &Shop,
    product: Option<ProductId>,
    fields: &ProductFields,
) -> Result<(), Refusal> {
    let catalogue = shop.state.catalogue();
    let present = product.and_then(|id| catalogue.product(id));
    let has = |code: &str| {
        let present = present.as_ref();
        present.is_some_and(|present| {
            present.sku == code || present.barcodes.iter().any(|has| has == code)
        })
    };
    let barcodes = fields.barcodes.iter().flatten();
    let codes = fields.sku.iter().chain(barcodes).map(|code| code.trim());
    for code in codes.filter(|code| !code.is_empty() && !has(code)) {
        let holder = catalogue.lookup(code);
        if let Some(holder) = holder.filter(|holder| Some(holder.id) != product) {
            return Err(Refusal::code_taken(code, &holder.name));
        }
    }
    Ok(())
}
