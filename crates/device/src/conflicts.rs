//! What was written apart: each object in conflict, with who wrote what.

use std::collections::BTreeMap;

use base::{DeviceId, Mark};
use domain::fold::{Contested, Object, Rival};

use crate::Device;
use crate::api::{ConflictView, ContestedField, ContestedValue, Refusal};
use crate::shop::Shop;

/// Longest page of conflicts: each may have many values.
const CONFLICTS_PAGE_MAX: u32 = 100;

impl Device {
    /// A page of the objects in conflict: products first, by id, settings last.
    pub(crate) fn conflicts(&self, offset: u32, limit: u32) -> Result<Vec<ConflictView>, Refusal> {
        let shop = self.in_shop()?;
        let objects = shop.state.in_conflict().skip(offset as usize);
        let page = objects.take(limit.min(CONFLICTS_PAGE_MAX) as usize);
        let page: Vec<_> = page.map(|it| (it, shop.state.contested(it))).collect();
        let fields = page.iter().flat_map(|(_, fields)| fields);
        let marks = fields.flat_map(|field| field.values.iter().map(|it| it.mark));
        let authors = shop.judged.authors(&marks.collect());
        let view = |(object, fields): (Object, Vec<Contested>)| ConflictView {
            object,
            name: name_of(shop, object),
            fields: fields
                .into_iter()
                .map(|field| contested(shop, &authors, field))
                .collect(),
        };
        Ok(page.into_iter().map(view).collect())
    }
}

/// What people call an object.
fn name_of(shop: &Shop, object: Object) -> String {
    let name = match object {
        Object::Product(id) => shop.state.catalogue().product(id).map(|it| it.name),
        Object::Employee(id) => shop.state.employee(id).name,
        Object::DeviceName(device) => Some(shop.name_of(device)),
        Object::Settings => shop.state.settings().map(|it| it.name),
    };
    name.unwrap_or_default()
}

fn contested(
    shop: &Shop,
    authors: &BTreeMap<Mark, DeviceId>,
    contested: Contested,
) -> ContestedField {
    let value = |rival: Rival| {
        // What was folded was judged: its author is known.
        let device = *authors.get(&rival.mark)?;
        Some(ContestedValue {
            value: rival.value,
            device,
            device_name: shop.name_of(device),
            at_ms: rival.stamp.ms(),
        })
    };
    ContestedField {
        field: contested.field,
        values: contested.values.into_iter().filter_map(value).collect(),
    }
}
