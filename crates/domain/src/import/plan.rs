//! What an import changes in the catalogue that is there.

use std::collections::BTreeSet;

use super::{ImportReport, ImportSummary, Row, Rows};
use crate::catalogue::{Product, ProductFields};
use crate::event::{Event, PRODUCTS_PER_ENTRY_MAX, ProductWritten, ProductsWritten};
use crate::fold::State;
use crate::quantity::Quantity;

/// What an import would write.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct Plan {
    /// Counts.
    pub summary: ImportSummary,
    /// What was left out and what was taken with a doubt.
    pub report: ImportReport,
    /// The writes, in the order of the file.
    pub writes: Vec<ProductWritten>,
}

impl Plan {
    /// The events to write, in one commit: pages of up to [`PRODUCTS_PER_ENTRY_MAX`] products.
    pub fn events(self) -> Vec<Event> {
        let mut writes = self.writes.into_iter().peekable();
        let mut events = Vec::new();
        while writes.peek().is_some() {
            let products = writes.by_ref().take(PRODUCTS_PER_ENTRY_MAX).collect();
            events.push(Event::Products(ProductsWritten { products }));
        }
        events
    }
}

/// Compares rows with the catalogue.
///
/// A product is known again by its SKU, or without one by a barcode. A cell that is empty changes
/// nothing, so a list of prices leaves everything else as it is. Stock is put right by the
/// difference to what is there now.
pub fn plan(rows: Rows, state: &State) -> Plan {
    let mut plan = Plan {
        report: rows.report,
        ..Plan::default()
    };
    let mut taken = BTreeSet::new();
    for row in rows.rows {
        let known = known(&row, state);
        let Some(product) = known else {
            let mut write = state.product_write(None, row.fields);
            write.movement = row.stock;
            plan.writes.push(write);
            plan.summary.added = plan.summary.added.saturating_add(1);
            continue;
        };
        if !taken.insert(product.id) {
            let reason = format!("“{}” was already changed by a line above.", product.name);
            plan.report.error(row.line, reason);
            continue;
        }
        let mut write = state.product_write(Some(product.id), ProductFields::default());
        write.movement = difference(&row, &product);
        let fields = changed(row.fields, &product);
        if fields.is_empty() && write.movement.is_none() {
            plan.summary.unchanged = plan.summary.unchanged.saturating_add(1);
            continue;
        }
        let movement = write.movement;
        plan.writes.push(ProductWritten {
            movement,
            ..state.product_write(Some(product.id), fields)
        });
        plan.summary.updated = plan.summary.updated.saturating_add(1);
    }
    plan.report.errors.sort_by_key(|note| note.line);
    plan
}

fn known(row: &Row, state: &State) -> Option<Product> {
    let find = |code: &String| state.catalogue().lookup(code);
    match &row.fields.sku {
        Some(sku) => find(sku).filter(|product| product.sku.eq_ignore_ascii_case(sku)),
        None => row.fields.barcodes.iter().flatten().find_map(find),
    }
}

fn difference(row: &Row, product: &Product) -> Option<Quantity> {
    let wanted = row.stock?;
    let moved = Quantity(wanted.0.checked_sub(product.stock.0)?).within_bounds()?;
    // A first count is worth writing even where it finds what is there: stock is watched from
    // then on.
    (moved != Quantity::ZERO || !product.stock_tracked).then_some(moved)
}

/// Leaves only what differs from the product.
fn changed(fields: ProductFields, product: &Product) -> ProductFields {
    let barcodes = match &fields.sku {
        Some(_) => fields.barcodes,
        // Without a SKU the barcode only says which product it is: others that it has stay.
        None => fields
            .barcodes
            .map(|codes| joined(&product.barcodes, codes)),
    };
    ProductFields {
        sku: fields.sku.filter(|sku| *sku != product.sku),
        barcodes: barcodes.filter(|codes| *codes != product.barcodes),
        name: fields.name.filter(|name| *name != product.name),
        price: fields.price.filter(|price| Some(*price) != product.price),
        tax_rate: fields
            .tax_rate
            .filter(|rate| Some(*rate) != product.tax_rate),
        unit: fields.unit.filter(|unit| *unit != product.unit),
        active: fields.active.filter(|active| *active != product.active),
    }
}

fn joined(held: &[String], codes: Vec<String>) -> Vec<String> {
    let new = codes.into_iter().filter(|code| !held.contains(code));
    held.iter().cloned().chain(new).collect()
}
