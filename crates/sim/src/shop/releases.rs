//! Two releases of the app in one shop: some tills are updated before they sell, some while the
//! weather rages, the last ones when it is over. None ever goes back.

use base::Release;
use base::release::READER_VERSION;
use domain::event::{KIND_PRODUCTS, KIND_SALE};
use identity::control::{KIND_EMPLOYEE, KIND_EPOCH, KIND_REVOKE};

pub(super) mod last;

use super::leaving::Leaving;
use super::{Day, Till};
use crate::clock::Moment;
use crate::crypto::CryptoHands;
use crate::random::SeededRandom;
use crate::world::{NodeId, World};

/// What the newer release may have changed; tills write sales and prices all day, whoever is
/// updated.
const CHANGED: [&[u16]; 5] = [
    &[KIND_SALE],
    &[KIND_SALE, KIND_EMPLOYEE],
    &[KIND_PRODUCTS, KIND_EMPLOYEE],
    &[KIND_PRODUCTS, KIND_EPOCH, KIND_REVOKE],
    &[
        KIND_SALE,
        KIND_PRODUCTS,
        KIND_EMPLOYEE,
        KIND_EPOCH,
        KIND_REVOKE,
    ],
];

/// The release to which the tills of a day are updated: its rules are those of this one.
fn newer(seed: u64) -> Release {
    let mut random = SeededRandom::new(seed, "changed kinds", 0);
    let changed = random.pick(&CHANGED).copied().unwrap_or_default();
    Release {
        reader: READER_VERSION + 1,
        changed,
    }
}

/// Who is updated before the shop closes, and when.
#[derive(Debug)]
pub(super) struct Updates {
    release: Release,
    due: Vec<(Moment, NodeId)>,
}

impl Updates {
    /// What a day has in store that begins now; `None` when nobody is updated.
    ///
    /// One till that is there in the end is not updated before the shop closes, and one is at once.
    pub fn of(day: &Day, leaving: Option<&Leaving>, now: Moment) -> Option<Self> {
        if !day.is_updated {
            return None;
        }
        let mut random = SeededRandom::new(day.world.seed, "updates", 0);
        let mut tills: Vec<_> = (0..day.world.nodes).map(NodeId).collect();
        let stays = |till: &&NodeId| {
            day.copy() != Some(**till) && leaving.is_none_or(|leaving| leaving.node != **till)
        };
        let stay: Vec<_> = tills.iter().filter(stays).copied().collect();
        let last = random.pick(&stay).copied();
        tills.retain(|till| Some(*till) != last);
        let sells = |till: &&NodeId| day.copy() != Some(**till);
        let sell: Vec<_> = tills.iter().filter(sells).copied().collect();
        let first = random.pick(&sell).copied();
        let mut due = Vec::new();
        for till in tills {
            let at = now.plus_ms(random.below(day.selling_ms.max(1)));
            match random.below(3) {
                _ if Some(till) == first => due.push((now, till)),
                0 => due.push((now, till)),
                1 => due.push((at, till)),
                _ => {}
            }
        }
        let release = newer(day.world.seed);
        Some(Self { release, due })
    }

    /// Updates whoever is due.
    pub fn look<M: Till, H: CryptoHands>(&mut self, world: &mut World<M, H>) {
        let now = world.now();
        for (_, till) in self.due.extract_if(.., |(at, _)| *at <= now) {
            world.update(till, self.release);
        }
    }
}
