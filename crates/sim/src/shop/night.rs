//! The end of a night apart: everybody comes back at once, with all that they sold.

use std::fmt;

use super::desk::Desk;
use super::figures::percent;
use super::reach::SOON_MS;
use super::trading::note_paid;
use super::{Till, elapsed_ms};
use crate::crypto::CryptoHands;
use crate::oracle::Oracle;
use crate::weather::Weather;
use crate::world::World;

/// From one look to the next, milliseconds.
const LOOK_MS: u64 = 500;
/// How long the weather goes on while not everybody has everything, milliseconds.
const DAWN_MS_MAX: u64 = 30 * 60_000;

/// How soon all have everything after a night apart. The weather goes on meanwhile, as bad as it was,
/// and nobody sells.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Dawn {
    /// Pairs of a sale and a device that did not make it.
    pub pairs: u64,
    /// Those of them that were counted within five minutes.
    pub soon: u64,
    /// When every device had been heard to count every sale, milliseconds after the network came
    /// back; `None` when half an hour was not enough.
    pub full_ms: Option<u64>,
}

/// The network comes back, and the weather goes on until everybody has been heard to count every
/// sale, or for half an hour.
pub(super) fn end<M: Till, H: CryptoHands>(
    world: &mut World<M, H>,
    weather: &mut Weather,
    desk: &mut Desk,
    oracle: &mut Oracle,
) -> Dawn {
    world.network_back();
    let began = world.now();
    let mut dawn = None;
    loop {
        let until = world.now().plus_ms(LOOK_MS);
        weather.run_until(world, until);
        for told in desk.take_told(world) {
            note_paid(&told, oracle);
        }
        let Some(reach) = desk.reach() else {
            break;
        };
        reach.look(world);
        let (after_ms, lacking) = (elapsed_ms(began, until), reach.lacking());
        let full_ms = (lacking == 0).then_some(after_ms);
        if dawn.is_none() && (after_ms >= SOON_MS || full_ms.is_some()) {
            let pairs = oracle.ledger().len() as u64 * (world.nodes().len() as u64 - 1);
            let soon = pairs - lacking;
            dawn = Some((pairs, soon));
        }
        if full_ms.is_some() || after_ms >= DAWN_MS_MAX {
            let (pairs, soon) = dawn.unwrap_or_default();
            return Dawn {
                pairs,
                soon,
                full_ms,
            };
        }
    }
    Dawn {
        pairs: 0,
        soon: 0,
        full_ms: None,
    }
}

impl fmt::Display for Dawn {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let share = percent(self.soon, self.pairs);
        write!(
            f,
            "after the night {share} of all {} within 5 minutes, ",
            self.pairs
        )?;
        match self.full_ms {
            Some(ms) => write!(f, "the last after {ms} ms"),
            None => write!(f, "not all within 30"),
        }
    }
}
