//! People whose roles change while the weather rages: somebody works at every till but owners'
//! devices, and may now and then change prices there, and now and then not.

use base::EmployeeId;
use device::api::{EmployeeRole, ProductKey, Reply, Request};
use domain::catalogue::ProductFields;
use domain::money::Money;

use super::desk::Desk;
use super::opening::expect;
use super::{Day, FOUNDER, Stuck, Till, wares};
use crate::clock::Moment;
use crate::crypto::CryptoHands;
use crate::random::{SeededRandom, Spread};
use crate::world::{NodeId, World};

/// Their name and PIN.
const NAME: &str = "Mia";
const PIN: &str = "2468";
/// From one change of their role to the next.
const ROLES: Spread = Spread::even(5_000_000, 40_000_000);
/// From one price that they change, or try to, to the next.
const PRICES: Spread = Spread::even(200_000, 4_000_000);
/// The highest price that they set, minor units.
const PRICE_MAX: u64 = 9_999;

/// Who works here whose role changes.
#[derive(Debug, Clone)]
pub(super) struct Hired {
    /// Who.
    pub employee: EmployeeId,
    /// Their PIN.
    pub pin: String,
}

/// Hires somebody in fair weather, when the day is one of changing roles.
pub(super) fn hire<M: Till, H: CryptoHands>(
    day: &Day,
    world: &mut World<M, H>,
    desk: &mut Desk,
) -> Result<Option<Hired>, Stuck> {
    if !day.roles_change {
        return Ok(None);
    }
    let add = set_role(None, EmployeeRole::Manager, Some(PIN.into()));
    let employee = expect(world, desk, FOUNDER, add, |reply| match reply {
        Reply::Employee(view) => Some(view.id),
        _ => None,
    })?;
    let pin = PIN.into();
    Ok(Some(Hired { employee, pin }))
}

fn set_role(id: Option<EmployeeId>, role: EmployeeRole, pin: Option<String>) -> Request {
    let name = NAME.into();
    Request::SetEmployee {
        id,
        name,
        role,
        pin,
    }
}

/// What the owner does with their role, and they with prices. Nobody waits for a reply: in a storm
/// some of it is refused, and some of it comes too late.
#[derive(Debug)]
pub(super) struct Roles {
    employee: EmployeeId,
    owners: Vec<NodeId>,
    role: EmployeeRole,
    next_role: Moment,
    next_price: Moment,
    random: SeededRandom,
}

impl Roles {
    pub fn new(hired: &Hired, day: &Day, now: Moment) -> Self {
        let second = day.second_owner();
        // Either machine of a copied one.
        let copy = day.copy().filter(|_| second == Some(day.copied()));
        Self {
            employee: hired.employee,
            owners: [FOUNDER].into_iter().chain(second).chain(copy).collect(),
            role: EmployeeRole::Manager,
            next_role: now,
            next_price: now,
            random: SeededRandom::new(day.world.seed, "roles", 0),
        }
    }

    /// Asks for what is due.
    pub fn look<M: Till, H: CryptoHands>(&mut self, world: &mut World<M, H>, desk: &mut Desk) {
        let now = world.now();
        if now >= self.next_role {
            self.next_role = now + self.random.duration(ROLES);
            self.role = match self.role {
                EmployeeRole::Manager => EmployeeRole::Cashier,
                _ => EmployeeRole::Manager,
            };
            let (employee, role) = (Some(self.employee), self.role);
            if let Some(owner) = self.random.pick(&self.owners).copied() {
                desk.post(world, owner, set_role(employee, role, None));
            }
        }
        if now >= self.next_price {
            self.next_price = now + self.random.duration(PRICES);
            let mut tills = world.nodes();
            tills.retain(|node| !self.owners.contains(node));
            if let Some(till) = self.random.pick(&tills).copied() {
                self.change_price(world, desk, till);
            }
        }
    }

    fn change_price<M: Till, H: CryptoHands>(
        &mut self,
        world: &mut World<M, H>,
        desk: &mut Desk,
        till: NodeId,
    ) {
        let price = self.random.between(1, PRICE_MAX).cast_signed();
        let fields = ProductFields {
            sku: Some(wares::sku(&mut self.random)),
            price: Some(Money(price)),
            ..ProductFields::default()
        };
        let which = ProductKey::Sku;
        desk.post(world, till, Request::SetProduct { which, fields });
    }
}
