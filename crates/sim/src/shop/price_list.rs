//! A wholesaler's long price list that the founder's device reads in while the weather rages: more
//! at once than a link has room for.

use device::api::{Notice, Reply, Request, RequestId};

use super::desk::Desk;
use super::{FOUNDER, Till, wares};
use crate::clock::Moment;
use crate::crypto::CryptoHands;
use crate::random::SeededRandom;
use crate::world::{Told, World};

/// How long before it is tried again, milliseconds.
const PATIENCE_MS: u64 = 30_000;

/// A price list and when it is read in.
#[derive(Debug)]
pub(super) struct PriceList {
    csv: String,
    next: Moment,
    asked: Option<RequestId>,
    done: bool,
}

impl PriceList {
    pub fn new(seed: u64, at: Moment) -> Self {
        Self {
            csv: wares::price_list(&mut SeededRandom::new(seed, "price list", 0)),
            next: at,
            asked: None,
            done: false,
        }
    }

    /// Reads it in, when it is time and nobody has said that it is.
    pub fn look<M: Till, H: CryptoHands>(&mut self, world: &mut World<M, H>, desk: &mut Desk) {
        if self.done || world.now() < self.next {
            return;
        }
        self.next = world.now().plus_ms(PATIENCE_MS);
        let (csv, dry_run) = (self.csv.clone(), false);
        self.asked = desk.post(world, FOUNDER, Request::Import { csv, dry_run });
    }

    /// Hears whether it is done.
    pub fn hear(&mut self, told: &Told<Notice>) {
        if let Notice::Reply(id, Reply::Imported { .. }) = &told.notice {
            self.done |= told.node == FOUNDER && self.asked == Some(*id);
        }
    }
}
