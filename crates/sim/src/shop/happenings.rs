//! What people do beside selling while the weather rages, as the day wants it.

use device::api::Notice;

use super::copies::Copies;
use super::desk::Desk;
use super::leaving::{Leaving, Manager};
use super::owners::Apart;
use super::price_lists::PriceLists;
use super::releases::Updates;
use super::roles::{Hired, Roles};
use super::{Day, Till};
use crate::clock::Moment;
use crate::crypto::CryptoHands;
use crate::oracle::Oracle;
use crate::world::{Told, World};

/// Who is at it.
#[derive(Debug)]
pub(super) struct Happenings<H> {
    manager: Option<Manager>,
    roles: Option<Roles>,
    second_owner: Option<Apart>,
    price_lists: Option<PriceLists>,
    copies: Option<Copies<H>>,
    updates: Option<Updates>,
}

impl<H: CryptoHands> Happenings<H> {
    /// What a day has in store that begins now.
    pub fn of(day: &Day, leaving: Option<&Leaving>, hired: Option<&Hired>, now: Moment) -> Self {
        let seed = day.world.seed;
        let list = |after_ms| PriceLists::new(seed, now.plus_ms(after_ms));
        Self {
            manager: leaving.map(|leaving| Manager::new(leaving, now)),
            roles: hired.map(|hired| Roles::new(hired, day, now)),
            second_owner: Apart::of(day, now),
            price_lists: day.price_lists_at_ms.map(list),
            copies: Copies::of(day, now),
            updates: Updates::of(day, leaving, now),
        }
    }

    /// Lets everybody do what is due.
    pub fn look<M: Till>(&mut self, world: &mut World<M, H>, desk: &mut Desk, oracle: &mut Oracle) {
        if let Some(manager) = &mut self.manager {
            manager.look(world, desk);
        }
        if let Some(roles) = &mut self.roles {
            roles.look(world, desk);
        }
        if let Some(second_owner) = &mut self.second_owner {
            second_owner.look(world);
        }
        if let Some(price_lists) = &mut self.price_lists {
            price_lists.look(world, desk);
        }
        if let Some(copies) = &mut self.copies {
            copies.look(world, desk, oracle);
        }
        if let Some(updates) = &mut self.updates {
            updates.look(world);
        }
    }

    /// Lets everybody hear what was said.
    pub fn hear<M: Till>(&mut self, world: &mut World<M, H>, desk: &mut Desk, told: &Told<Notice>) {
        if let Some(copies) = &mut self.copies {
            copies.hear(world, desk, told);
        }
        if let Some(manager) = &mut self.manager {
            manager.hear(world, told);
        }
        if let Some(price_lists) = &mut self.price_lists {
            price_lists.hear(world, told);
        }
    }

    /// The day is over.
    pub fn leave<M: Till>(&mut self, world: &mut World<M, H>, oracle: &mut Oracle) {
        if let Some(copies) = &mut self.copies {
            copies.leave(world, oracle);
        }
        if let Some(manager) = &mut self.manager {
            manager.leave(world);
        }
        if let Some(second_owner) = &mut self.second_owner {
            second_owner.leave(world);
        }
    }
}
