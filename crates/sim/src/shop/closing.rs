//! Closing time: fair weather, until all tills say the same, then everybody's testimony.

use device::api::{Reply, Request};

use super::desk::Desk;
use super::opening::expect;
use super::trading::note_paid;
use super::{Day, Stuck, Till, wares};
use crate::clock::Moment;
use crate::crypto::CryptoHands;
use crate::oracle::{Oracle, Testimony};
use crate::world::{NodeId, World};

/// From one comparison of states to the next, milliseconds.
const COMPARE_EVERY_MS: u64 = 5_000;
/// Sales asked for at a time.
const PAGE: u32 = 500;

/// What the tills say in the end.
#[derive(Debug)]
pub(super) struct Agreed {
    /// When all state hashes were equal for the first time, with the disks as far as the states;
    /// `None` when they never were.
    pub at: Option<Moment>,
    /// What each till counts.
    pub testimonies: Vec<Testimony>,
}

/// Waits until all state hashes are equal and every till lists all that it counts, at most as
/// long as the day allows, and hears every till.
pub(super) fn settle<M: Till, H: CryptoHands>(
    day: &Day,
    world: &mut World<M, H>,
    desk: &mut Desk,
    oracle: &mut Oracle,
) -> Result<Agreed, Stuck> {
    let latest = world.now().plus_ms(day.settling_ms);
    let mut agreed_at = None;
    while agreed_at.is_none() && world.now() < latest {
        world.run_for_ms(COMPARE_EVERY_MS);
        let mut hashes = Vec::new();
        for node in world.nodes() {
            hashes.push(state_hash(world, desk, node)?);
        }
        let first = hashes.first();
        if hashes
            .iter()
            .all(|hash| hash.is_some() && Some(hash) == first)
            && all_listed(world, desk)?
        {
            agreed_at = Some(world.now());
        }
    }
    let mut testimonies = Vec::new();
    for node in world.nodes() {
        testimonies.push(Testimony {
            node,
            sales: sales(world, desk, node)?.listed,
            state_hash: state_hash(world, desk, node)?.unwrap_or_default(),
        });
    }
    for told in desk.take_told(world) {
        note_paid(&told, oracle);
    }
    Ok(Agreed {
        at: agreed_at,
        testimonies,
    })
}

/// The hash with everything that it is valid for; `None` while the till has none to give, as
/// when it is still reading its disk.
fn state_hash<M: Till, H: CryptoHands>(
    world: &mut World<M, H>,
    desk: &mut Desk,
    node: NodeId,
) -> Result<Option<String>, Stuck> {
    let request = Request::StateHash { office: false };
    Ok(match desk.ask(world, node, request)? {
        Reply::StateHash(hash) => Some(format!("{hash:?}")),
        _ => None,
    })
}

/// Whether every till lists as many sales as it counts. After a disk that was broken the state is
/// ahead of it, until what could not be kept has come once more.
fn all_listed<M: Till, H: CryptoHands>(
    world: &mut World<M, H>,
    desk: &mut Desk,
) -> Result<bool, Stuck> {
    for node in world.nodes() {
        let sales = sales(world, desk, node)?;
        if sales.listed.len() < sales.counted {
            return Ok(false);
        }
    }
    Ok(true)
}

/// What a till says of its sales.
struct Sales {
    /// How many its state counts.
    counted: usize,
    /// Those that it reads from its disk.
    listed: Vec<(String, i64)>,
}

fn sales<M: Till, H: CryptoHands>(
    world: &mut World<M, H>,
    desk: &mut Desk,
    node: NodeId,
) -> Result<Sales, Stuck> {
    let (mut listed, mut offset) = (Vec::new(), 0);
    loop {
        let request = wares::sales(offset, PAGE);
        let (total, page) = expect(world, desk, node, request, |reply| match reply {
            Reply::Sales { total, page } => Some((total, page)),
            _ => None,
        })?;
        listed.extend(page.iter().map(|(sale, _)| wares::counted(sale)));
        // A page may be short: the next one begins where it would have ended.
        offset += PAGE as usize;
        let counted = total as usize;
        if offset >= counted {
            return Ok(Sales { counted, listed });
        }
    }
}
