//! A wholesaler's price lists that the founder's device reads in one after the other while the
//! weather rages: more at once than a link has room for.

use device::api::{Notice, Reply, Request, RequestId};

use super::desk::Desk;
use super::{FOUNDER, Till, wares};
use crate::clock::Moment;
use crate::crypto::CryptoHands;
use crate::random::SeededRandom;
use crate::world::{Told, World};

/// How many there are.
const LISTS: u32 = 4;
/// How long before those are tried again that were not read in, milliseconds.
const PATIENCE_MS: u64 = 30_000;

/// Price lists and when they are read in.
#[derive(Debug)]
pub(super) struct PriceLists {
    /// Those that are not read in yet, each with the request that is to do so.
    left: Vec<(String, Option<RequestId>)>,
    next: Moment,
}

impl PriceLists {
    pub fn new(seed: u64, at: Moment) -> Self {
        let mut random = SeededRandom::new(seed, "price list", 0);
        let list = |number| (wares::price_list(number, &mut random), None);
        Self {
            left: (1..=LISTS).map(list).collect(),
            next: at,
        }
    }

    /// Reads them in, when it is time.
    pub fn look<M: Till, H: CryptoHands>(&mut self, world: &mut World<M, H>, desk: &mut Desk) {
        if world.now() < self.next {
            return;
        }
        self.next = world.now().plus_ms(PATIENCE_MS);
        for (list, asked) in &mut self.left {
            let (csv, dry_run) = (list.clone(), false);
            *asked = desk.post(world, FOUNDER, Request::Import { csv, dry_run });
        }
    }

    /// Hears which are done.
    pub fn hear<M: Till, H: CryptoHands>(&mut self, world: &mut World<M, H>, told: &Told<Notice>) {
        if let Notice::Reply(id, Reply::Imported { .. }) = &told.notice
            && told.node == FOUNDER
        {
            let before = self.left.len();
            self.left.retain(|(_, asked)| *asked != Some(*id));
            if self.left.len() < before {
                world.note("a price list is read in");
            }
        }
    }
}
