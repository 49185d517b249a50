//! The places of the shop, and who sees which.

use device::api::{EmployeeRole, Right};

use crate::components::icon::Symbol;
use crate::text::common as text;

/// A place that can be gone to.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Place {
    /// Its address.
    pub path: &'static str,
    /// Its name.
    pub name: &'static str,
    /// Its icon.
    pub symbol: Symbol,
    /// What somebody must be allowed to do to see it; `None` shows it to everybody.
    right: Option<Right>,
}

const fn place(
    path: &'static str,
    name: &'static str,
    symbol: Symbol,
    right: Option<Right>,
) -> Place {
    Place {
        path,
        name,
        symbol,
        right,
    }
}

const PLACES: [Place; 7] = [
    place("/sell", text::SELL, Symbol::Basket, Some(Right::Sell)),
    place("/sales", text::SALES, Symbol::Receipt, None),
    place("/today", text::TODAY, Symbol::Bars, Some(Right::Numbers)),
    place("/products", text::PRODUCTS, Symbol::Box, None),
    place(
        "/devices",
        text::DEVICES,
        Symbol::Devices,
        Some(Right::Devices),
    ),
    place("/staff", text::STAFF, Symbol::Person, Some(Right::Staff)),
    place("/more", text::MORE, Symbol::More, None),
];

/// The places that somebody of this role sees. It only keeps the screen calm: what a role may do
/// is decided by the device.
pub fn places_of(role: Option<EmployeeRole>) -> impl Iterator<Item = Place> {
    let may = move |right| role.is_some_and(|role: EmployeeRole| role.has(right));
    PLACES
        .into_iter()
        .filter(move |place| place.right.is_none_or(may))
}
