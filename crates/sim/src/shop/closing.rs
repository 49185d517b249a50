//! Closing time: fair weather until all tills say the same, all of them opened anew, and
//! everybody's testimony once they say the same again.

use std::collections::BTreeSet;

use base::hash::sha256;
use device::api::{Reply, Request, StateHash};

use super::desk::Desk;
use super::figures::Meter;
use super::leaving::{self, Leaving};
use super::opening::{Staff, expect};
use super::trading::note_paid;
use super::{Day, Stuck, Till, copies, wares};
use crate::clock::Moment;
use crate::crypto::CryptoHands;
use crate::disk::Disk;
use crate::oracle::{self, Broken, Oracle, Testimony};
use crate::world::{NodeId, World};

/// From one comparison of states to the next, milliseconds.
pub(super) const COMPARE_EVERY_MS: u64 = 5_000;
/// What stands for the state of a till that has none to show.
const NO_STATE: &str = "none";
/// Sales asked for at a time.
const PAGE: u32 = 500;

/// What the tills say in the end.
#[derive(Debug)]
pub(super) struct Agreed {
    /// When all state hashes were equal for the first time; `None` when they never were, or were
    /// not once more after all were opened anew.
    pub at: Option<Moment>,
    /// States that were never equal, as they were when the waiting ended.
    pub differing: Vec<Broken>,
    /// What each till counts.
    pub testimonies: Vec<Testimony>,
    /// What had been sent and written when the tills agreed for the first time.
    pub metered: Meter,
}

impl Agreed {
    /// What the tills say after something more was done and they had to agree once more.
    fn followed_by(self, later: Self) -> Self {
        Self {
            at: later.at.and(self.at),
            differing: [self.differing, later.differing].concat(),
            metered: self.metered,
            ..later
        }
    }
}

/// Settles. Where a till was put out, lets its late sales count then; where one was copied, makes
/// each copy a device of its own; and settles once more.
pub(super) fn reckon<M: Till, H: CryptoHands>(
    day: &Day,
    world: &mut World<M, H>,
    desk: &mut Desk,
    (staff, leaving): (&Staff, Option<&Leaving>),
    oracle: &mut Oracle,
) -> Result<Agreed, Stuck> {
    let mut agreed = settle(day, world, desk, leaving, oracle)?;
    if let Some(leaving) = leaving {
        leaving::count_all(day, world, desk, staff, leaving, oracle)?;
        let counted = settle(day, world, desk, Some(leaving), oracle)?;
        agreed = agreed.followed_by(counted);
    }
    if day.is_copied || day.is_rolled_back {
        copies::separate_all(world, desk)?;
        let apart = settle(day, world, desk, leaving, oracle)?;
        agreed = agreed.followed_by(apart);
    }
    Ok(agreed)
}

/// Waits until the tills agree, kills and opens all of them, twice, the second time without their
/// checkpoints, and hears every till once they agree again: what they say then is what their disks
/// have.
fn settle<M: Till, H: CryptoHands>(
    day: &Day,
    world: &mut World<M, H>,
    desk: &mut Desk,
    leaving: Option<&Leaving>,
    oracle: &mut Oracle,
) -> Result<Agreed, Stuck> {
    let members = members(world, leaving);
    let first = agree(day, world, desk, &members, &[])?;
    let metered = Meter::read(world);
    open_anew(world, |_| {});
    let again = agree(day, world, desk, &members, &[])?;
    // What came of checkpoints must be what all of it comes to.
    open_anew(world, Disk::forget_checkpoints);
    let folded_anew = agree(day, world, desk, &members, &[])?;
    let mut testimonies = Vec::new();
    for node in members {
        testimonies.push(testimony(world, desk, node)?);
    }
    for told in desk.take_told(world) {
        note_paid(&told, oracle);
    }
    Ok(Agreed {
        at: folded_anew
            .as_ref()
            .and(again.as_ref())
            .and(first.as_ref())
            .ok()
            .copied(),
        differing: [first, again, folded_anew]
            .into_iter()
            .filter_map(Result::err)
            .flatten()
            .collect(),
        testimonies,
        metered,
    })
}

/// Kills every till, does something to its disk, and opens it.
fn open_anew<M: Till, H: CryptoHands>(world: &mut World<M, H>, prepare: impl Fn(&mut Disk)) {
    for node in world.nodes() {
        world.kill(node);
        world.disk_mut(node).into_iter().for_each(&prepare);
    }
    world.start_all();
}

/// What a till counts.
pub(super) fn testimony<M: Till, H: CryptoHands>(
    world: &mut World<M, H>,
    desk: &mut Desk,
    node: NodeId,
) -> Result<Testimony, Stuck> {
    Ok(Testimony {
        node,
        sales: sales(world, desk, node)?,
        state_hash: state_hash(world, desk, node)?.unwrap_or_default(),
    })
}

/// How many devices the nodes are.
pub(super) fn devices<M: Till, H: CryptoHands>(
    world: &mut World<M, H>,
    desk: &mut Desk,
) -> Result<u64, Stuck> {
    let mut devices = BTreeSet::new();
    for node in world.nodes() {
        if let Reply::Status(status) = desk.ask(world, node, Request::Status)? {
            devices.insert(status.device);
        }
    }
    Ok(devices.len() as u64)
}

/// The nodes that are members in the end.
pub(super) fn members<M: Till, H: CryptoHands>(
    world: &World<M, H>,
    leaving: Option<&Leaving>,
) -> Vec<NodeId> {
    let mut nodes = world.nodes();
    nodes.retain(|node| leaving.is_none_or(|leaving| leaving.node != *node));
    nodes
}

/// Waits until the state hashes of these nodes are equal to each other and to those that are known,
/// at most as long as the day allows; then gives those that differ.
pub(super) fn agree<M: Till, H: CryptoHands>(
    day: &Day,
    world: &mut World<M, H>,
    desk: &mut Desk,
    nodes: &[NodeId],
    known: &[(NodeId, String)],
) -> Result<Result<Moment, Vec<Broken>>, Stuck> {
    let latest = world.now().plus_ms(day.settling_ms);
    loop {
        world.run_for_ms(COMPARE_EVERY_MS);
        let mut hashes = known.to_vec();
        for node in nodes {
            let hash = state_hash(world, desk, *node)?;
            hashes.push((*node, hash.unwrap_or_else(|| NO_STATE.to_owned())));
        }
        let differing = oracle::differing(&hashes);
        if differing.is_empty() && hashes.iter().all(|(_, hash)| hash != NO_STATE) {
            return Ok(Ok(world.now()));
        }
        if world.now() >= latest {
            return Ok(Err(differing));
        }
        reload_overtaken(world, desk, nodes)?;
    }
}

/// Loads the page anew of every till whose tab was overtaken by another one, as pages do.
fn reload_overtaken<M: Till, H: CryptoHands>(
    world: &mut World<M, H>,
    desk: &mut Desk,
    nodes: &[NodeId],
) -> Result<(), Stuck> {
    for node in nodes {
        if let Reply::Status(status) = desk.ask(world, *node, Request::Status)?
            && status.overtaken
        {
            world.reload(*node);
        }
    }
    Ok(())
}

/// The hash with everything that it is valid for; `None` while the till has none to give, as
/// when it is still reading its disk.
pub(super) fn state_hash<M: Till, H: CryptoHands>(
    world: &mut World<M, H>,
    desk: &mut Desk,
    node: NodeId,
) -> Result<Option<String>, Stuck> {
    let request = Request::StateHash { office: false };
    Ok(match desk.ask(world, node, request)? {
        Reply::StateHash(state) => Some(short(&state)),
        _ => None,
    })
}

/// A state in a few words: its hash, how many entries were judged for it, and a hash of which.
fn short(state: &StateHash) -> String {
    let entries: u64 = state
        .judged
        .iter()
        .map(|run| run.last - run.first + 1)
        .sum();
    let which = sha256(&[format!("{state:?}").as_bytes()]);
    let hex = |bytes: &[u8]| data_encoding::HEXLOWER.encode(bytes);
    let (hash, which) = (state.hash.get(..8).unwrap_or_default(), hex(&which.0[..4]));
    format!("{hash} of {entries} entries ({which})")
}

fn sales<M: Till, H: CryptoHands>(
    world: &mut World<M, H>,
    desk: &mut Desk,
    node: NodeId,
) -> Result<Vec<(String, i64)>, Stuck> {
    let mut all = Vec::new();
    loop {
        let request = wares::sales(all.len(), PAGE);
        let page = expect(world, desk, node, request, |reply| match reply {
            Reply::Sales { page, .. } => Some(page),
            _ => None,
        })?;
        if page.is_empty() {
            return Ok(all);
        }
        all.extend(page.iter().map(|(sale, _)| wares::counted(sale)));
    }
}
