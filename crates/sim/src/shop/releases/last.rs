//! The last updates of a day, in fair weather: what waited must be all there by then.

use base::DeviceId;
use device::api::{Reply, Request, Status};

use super::newer;
use crate::crypto::CryptoHands;
use crate::oracle::{self, Broken};
use crate::shop::closing::{COMPARE_EVERY_MS, agree, members, state_hash};
use crate::shop::desk::Desk;
use crate::shop::leaving::Leaving;
use crate::shop::opening::expect;
use crate::shop::{Day, Stuck, Till};
use crate::world::{NodeId, World};

/// What came of the updates of a day.
#[derive(Debug)]
pub(in crate::shop) struct Updated {
    /// Entries that waited for a newer release when the shop closed, where most did.
    pub waited: u32,
    /// States that differed although they should not have.
    pub differing: Vec<Broken>,
}

/// Updates the last ones in fair weather; `None` when nobody is updated.
///
/// Once all hold the same, those that run the newer release are switched off, and the last ones
/// must come to the same state without them: from what they have kept. Where a till was copied they
/// are not: see inside.
pub(in crate::shop) fn update<M: Till, H: CryptoHands>(
    day: &Day,
    world: &mut World<M, H>,
    desk: &mut Desk,
    leaving: Option<&Leaving>,
) -> Result<Option<Updated>, Stuck> {
    if !day.is_updated {
        return Ok(None);
    }
    let release = newer(day.world.seed);
    let members = members(world, leaving);
    let is_new = |till: &NodeId| world.release(*till) == Some(release);
    let (ahead, last): (Vec<_>, Vec<_>) = members.into_iter().partition(is_new);
    // A copy that has become a device of its own was let in: where the owner's device is newer, an
    // older till can't read that, knows no keys for what the new one signs, and takes none of it.
    let is_let_in = day.is_copied || day.is_rolled_back;
    let wanted = if is_let_in {
        Vec::new()
    } else {
        level(day, world, desk, (&ahead, &last))?
    };
    let mut waited = 0;
    for till in &last {
        waited = waited.max(status(world, desk, *till)?.newer);
    }
    for node in world.nodes() {
        if !is_let_in && !last.contains(&node) {
            world.kill(node);
        }
    }
    for till in &last {
        world.update(*till, release);
    }
    let alone = agree(day, world, desk, &last, &wanted)?;
    for node in world.nodes() {
        world.update(node, release);
    }
    world.start_all();
    let differing = alone.err().unwrap_or_default();
    Ok(Some(Updated { waited, differing }))
}

/// Waits until the tills of both releases hold the same, and those of the newer one have the same
/// state, at most as long as the day allows; gives these states.
fn level<M: Till, H: CryptoHands>(
    day: &Day,
    world: &mut World<M, H>,
    desk: &mut Desk,
    (ahead, last): (&[NodeId], &[NodeId]),
) -> Result<Vec<(NodeId, String)>, Stuck> {
    let latest = world.now().plus_ms(day.settling_ms);
    loop {
        world.run_for_ms(COMPARE_EVERY_MS);
        let before = states(world, desk, ahead)?;
        let mut all = Vec::new();
        for till in ahead.iter().chain(last) {
            all.push(held(world, desk, *till)?);
        }
        // What was written while the others were asked is not held by all.
        let after = states(world, desk, ahead)?;
        let settled = before == after && oracle::differing(&after).is_empty();
        if (settled && hold_the_same(&all)) || world.now() >= latest {
            return Ok(after);
        }
    }
}

fn states<M: Till, H: CryptoHands>(
    world: &mut World<M, H>,
    desk: &mut Desk,
    tills: &[NodeId],
) -> Result<Vec<(NodeId, String)>, Stuck> {
    let mut states = Vec::new();
    for till in tills {
        let state = state_hash(world, desk, *till)?;
        states.push((*till, state.unwrap_or_default()));
    }
    Ok(states)
}

/// What a till says that it holds.
struct Held {
    entries: u64,
    /// How far it has each log, of which devices.
    logs: Vec<(String, u64)>,
    /// Devices that run twice, or whose disk was put back.
    copied: Vec<DeviceId>,
}

fn held<M: Till, H: CryptoHands>(
    world: &mut World<M, H>,
    desk: &mut Desk,
    till: NodeId,
) -> Result<Held, Stuck> {
    let logs = expect(world, desk, till, Request::Vector, |reply| match reply {
        Reply::Vector(logs) => Some(logs),
        _ => None,
    })?;
    let entries = expect(world, desk, till, Request::Counts, |reply| match reply {
        Reply::Counts(counts) => Some(counts.entries),
        _ => None,
    })?;
    let status = status(world, desk, till)?;
    Ok(Held {
        entries,
        logs,
        copied: status.copied.iter().map(|copied| copied.device).collect(),
    })
}

/// Whether all hold the same. Of a log with branches a till says how far one of them goes, others
/// another one.
fn hold_the_same(held: &[Held]) -> bool {
    let copied: Vec<_> = held.iter().flat_map(|it| &it.copied).collect();
    let branched = |log: &str| copied.iter().any(|device| log.starts_with(&device.hex()));
    let unbranched = |it: &Held| {
        let logs = it.logs.iter().filter(|(log, _)| !branched(log));
        (it.entries, logs.cloned().collect::<Vec<_>>())
    };
    let all: Vec<_> = held.iter().map(unbranched).collect();
    all.iter().all(|it| Some(it) == all.first())
}

fn status<M: Till, H: CryptoHands>(
    world: &mut World<M, H>,
    desk: &mut Desk,
    till: NodeId,
) -> Result<Box<Status>, Stuck> {
    expect(world, desk, till, Request::Status, |reply| match reply {
        Reply::Status(status) => Some(status),
        _ => None,
    })
}
