//! A second owner's device: now and then it is apart from all others, and goes on as an owner there.

use super::{Day, Till};
use crate::clock::Moment;
use crate::crypto::CryptoHands;
use crate::random::{SeededRandom, Spread};
use crate::world::{NodeId, World};

/// From one time apart to the next, microseconds.
const TOGETHER: Spread = Spread::even(20_000_000, 120_000_000);
/// How long it is apart, microseconds.
const APART: Spread = Spread::even(10_000_000, 90_000_000);

/// The device, and when it leaves the others or joins them again.
#[derive(Debug)]
pub(super) struct Apart {
    second: NodeId,
    is_apart: bool,
    next: Moment,
    random: SeededRandom,
}

impl Apart {
    /// The second owner's device of a day; `None` where there is none.
    pub fn of(day: &Day, now: Moment) -> Option<Self> {
        let second = day.second_owner()?;
        let mut random = SeededRandom::new(day.world.seed, "owners", 0);
        let next = now + random.duration(TOGETHER);
        Some(Self {
            second,
            is_apart: false,
            next,
            random,
        })
    }

    /// Parts it from the others or unites it with them, when it is time.
    pub fn look<M: Till, H: CryptoHands>(&mut self, world: &mut World<M, H>) {
        if world.now() < self.next {
            return;
        }
        if self.is_apart {
            self.leave(world);
        } else {
            world.part(&[self.second]);
            self.is_apart = true;
        }
        let spread = if self.is_apart { APART } else { TOGETHER };
        self.next = world.now() + self.random.duration(spread);
    }

    /// The day is over: nobody is kept apart any more.
    pub fn leave<M: Till, H: CryptoHands>(&mut self, world: &mut World<M, H>) {
        if std::mem::take(&mut self.is_apart) {
            world.unite(&[self.second]);
        }
    }
}
