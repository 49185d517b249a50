//! The end of a night apart: everybody comes back at once, with all that they sold.

use std::fmt;

use super::desk::Desk;
use super::reach::{Reached, SOON_MS};
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
    /// How far sales had got five minutes after the network came back, or when all had everything.
    pub reached: Reached,
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
    let mut reached = None;
    loop {
        let until = world.now().plus_ms(LOOK_MS);
        weather.run_until(world, until);
        for told in desk.take_told(world) {
            note_paid(&told, oracle);
        }
        let Some(reach) = desk.reach() else {
            let reached = Reached::default();
            return Dawn {
                reached,
                full_ms: None,
            };
        };
        reach.look(world);
        let after_ms = elapsed_ms(began, until);
        let full_ms = (reach.lacking() == 0).then_some(after_ms);
        if full_ms.is_some() || after_ms >= SOON_MS {
            reached.get_or_insert_with(|| reach.so_far(until));
        }
        if full_ms.is_some() || after_ms >= DAWN_MS_MAX {
            let reached = reached.unwrap_or_default();
            return Dawn { reached, full_ms };
        }
    }
}

impl fmt::Display for Dawn {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "after the night within 5 minutes {}, ", self.reached)?;
        match self.full_ms {
            Some(ms) => write!(f, "the last after {ms} ms"),
            None => write!(f, "not all within 30"),
        }
    }
}
