//! A till whose disk is copied while the weather rages: started beside it on another machine, or put
//! back in its place after it has sold on.

use crate::clock::Moment;
use crate::crypto::CryptoHands;
use crate::oracle::Oracle;
use crate::random::SeededRandom;
use crate::world::{Image, NodeId, World};

use super::{Day, Till};

/// The till whose disk is copied.
const COPIED: NodeId = NodeId(1);

/// Somebody who copies a till's disk.
#[derive(Debug)]
pub(super) struct Copies<H> {
    /// When the disk is copied, until it is.
    copied_at: Option<Moment>,
    /// When the copy is started, until it is, and on which node.
    started_at: Option<(Moment, NodeId)>,
    image: Option<(Moment, Image<H>)>,
}

impl<H: CryptoHands> Copies<H> {
    /// What a day has in store that begins now; `None` when nobody copies anything.
    pub fn of(day: &Day, now: Moment) -> Option<Self> {
        let to = match (day.is_copied, day.is_rolled_back) {
            (true, _) => day.copy()?,
            (false, true) => COPIED,
            (false, false) => return None,
        };
        let mut random = SeededRandom::new(day.world.seed, "copies", 0);
        let copied = random.below(day.selling_ms.max(2) / 2);
        let started = copied + random.below(day.selling_ms - copied);
        Some(Self {
            copied_at: Some(now.plus_ms(copied)),
            started_at: Some((now.plus_ms(started), to)),
            image: None,
        })
    }

    /// Copies the disk and starts the copy, each when it is time.
    pub fn look<M: Till>(&mut self, world: &mut World<M, H>, oracle: &mut Oracle) {
        self.copy(world.now(), world, oracle);
    }

    /// The day is over: what has not been done is done now.
    pub fn leave<M: Till>(&mut self, world: &mut World<M, H>, oracle: &mut Oracle) {
        let end = self.started_at.map_or(world.now(), |(at, _)| at);
        self.copy(end.max(world.now()), world, oracle);
    }

    fn copy<M: Till>(&mut self, now: Moment, world: &mut World<M, H>, oracle: &mut Oracle) {
        if self.copied_at.take_if(|at| now >= *at).is_some() {
            self.image = world.image(COPIED).map(|image| (world.now(), image));
        }
        if let Some((copied, image)) = &self.image
            && let Some((_, to)) = self.started_at.take_if(|(at, _)| now >= *at)
        {
            // Until either knows of the other they take the same numbers.
            oracle.may_take_the_same_numbers([COPIED, to]);
            oracle.overwritten(to, *copied);
            world.restore(to, image);
            world.start(to);
        }
    }
}
