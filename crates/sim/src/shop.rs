//! A shop in bad weather: founded, tills let in by their cards, baskets sold while everything
//! goes wrong, then fair weather and the reckoning.
//!
//! What it proves per seed: every sale that a screen showed as paid is on every till, once, with
//! the total that was shown; receipt numbers are unique; all state hashes are equal.

pub mod desk;
pub mod opening;
pub mod wares;

mod bounds;
mod closing;
mod copies;
mod figures;
mod happenings;
mod leaving;
mod night;
mod owners;
mod price_lists;
mod reach;
mod releases;
mod roles;
mod trading;

use std::fmt;

use base::{Machine, Release};
use device::api::{Command, Notice};

use crate::clock::Moment;
use crate::crypto::CryptoHands;
use crate::network::NetworkCounters;
use crate::oracle::{Broken, Oracle};
use crate::promises::Promise;
use crate::random::{SeededRandom, Spread};
use crate::timeline::Timeline;
use crate::weather::{Climate, Weather};
use crate::world::{NodeId, Settings, World};
use desk::Desk;
pub use figures::Figures;
use figures::Meter;
use happenings::Happenings;
pub use night::Dawn;
use reach::Reach;
pub use reach::Reached;
use trading::Trading;

/// The node that founds the shop.
const FOUNDER: NodeId = NodeId(0);

/// A machine that is a till.
pub trait Till: Machine<Command = Command, Notice = Notice> {}

impl<M: Machine<Command = Command, Notice = Notice>> Till for M {}

/// One day in a shop.
#[derive(Debug, Clone)]
pub struct Day {
    /// The world: seed, number of tills, network, hands. Node 0 founds the shop.
    pub world: Settings,
    /// How bad the weather is while selling.
    pub climate: Climate,
    /// How long is sold in it, milliseconds of virtual time.
    pub selling_ms: u64,
    /// From one customer of a till to the next.
    pub customers: Spread,
    /// When the founder's device puts the last till out, milliseconds after opening; `None`: never.
    pub put_out_at_ms: Option<u64>,
    /// Whether somebody works at all tills but owners' devices whose role changes all the time.
    pub roles_change: bool,
    /// Whether the last till is an owner's device, too, and at times apart from the others: both
    /// change that role.
    pub two_owners: bool,
    /// When the founder's device reads in long price lists, milliseconds after opening; `None`:
    /// never.
    pub price_lists_at_ms: Option<u64>,
    /// Whether a copy of the first till's disk is started beside it, on a node of its own: the last.
    /// Of the second owner's device, where there is one that is not put out.
    pub is_copied: bool,
    /// Whether the same disk is put back to what it was some time before.
    pub is_rolled_back: bool,
    /// Whether the tills are updated to a newer release, one after the other.
    pub is_updated: bool,
    /// Whether the shop's network is gone while they sell, and comes back when the shop closes.
    pub night: bool,
    /// How long the tills may take to agree once the weather is fair, milliseconds.
    pub settling_ms: u64,
}

impl Day {
    /// A day without weather.
    pub fn calm(seed: u64, tills: u32) -> Self {
        Self {
            climate: Climate::calm(),
            ..Self::stormy(seed, tills)
        }
    }

    /// Twenty minutes under storm, long enough that blocks are made; somewhere in it the last till
    /// is put out.
    pub fn with_leaving(seed: u64, tills: u32) -> Self {
        let selling_ms = 20 * 60_000;
        let at = SeededRandom::new(seed, "leaving", 0).below(selling_ms);
        Self {
            selling_ms,
            put_out_at_ms: Some(at),
            ..Self::stormy(seed, tills)
        }
    }

    /// Ten minutes under storm in which somebody's role changes who changes prices.
    pub fn with_changing_roles(seed: u64, tills: u32) -> Self {
        Self {
            roles_change: true,
            ..Self::stormy(seed, tills)
        }
    }

    /// Three minutes under storm in which the founder's device reads in long price lists.
    pub fn with_price_lists(seed: u64, tills: u32) -> Self {
        Self {
            selling_ms: 3 * 60_000,
            price_lists_at_ms: Some(60_000),
            ..Self::stormy(seed, tills)
        }
    }

    /// Ten minutes under storm in which a copy of the first till's disk is started beside it.
    pub fn with_copy(seed: u64, tills: u32) -> Self {
        Self {
            is_copied: true,
            ..Self::stormy(seed, tills + 1)
        }
    }

    /// Ten minutes under storm in which the first till's disk is put back.
    pub fn with_rollback(seed: u64, tills: u32) -> Self {
        Self {
            is_rolled_back: true,
            ..Self::stormy(seed, tills)
        }
    }

    /// Twenty minutes under storm with a second owner's device, which is put out somewhere in them:
    /// until it hears of that, it goes on changing the role of somebody who changes prices.
    pub fn with_two_owners(seed: u64, tills: u32) -> Self {
        Self {
            roles_change: true,
            two_owners: true,
            ..Self::with_leaving(seed, tills)
        }
    }

    /// Ten minutes under storm in which the tills are updated to a newer release, one after the
    /// other; somebody's role changes who changes prices.
    pub fn with_updates(seed: u64, tills: u32) -> Self {
        Self {
            is_updated: true,
            ..Self::with_changing_roles(seed, tills)
        }
    }

    /// The node that runs a copy.
    fn copy(&self) -> Option<NodeId> {
        let last = self.world.nodes.checked_sub(1).filter(|last| *last > 1);
        last.filter(|_| self.is_copied).map(NodeId)
    }

    /// Whose disk is copied or put back, if one is. Where the second owner's device is put out nobody
    /// asks a copy of it.
    fn copied(&self) -> NodeId {
        let second = self.second_owner();
        let stays = second.filter(|_| self.put_out_at_ms.is_none());
        stays.unwrap_or(NodeId(1))
    }

    /// The last till that is no copy, and none of the founder's.
    fn last_till(&self) -> Option<NodeId> {
        let mut tills = (1..self.world.nodes).rev().map(NodeId);
        tills.find(|till| self.copy() != Some(*till))
    }

    /// The second owner's device.
    fn second_owner(&self) -> Option<NodeId> {
        self.last_till().filter(|_| self.two_owners)
    }

    /// Ten busy minutes under storm with this many tills.
    pub fn stormy(seed: u64, tills: u32) -> Self {
        Self {
            world: Settings::new(seed, tills),
            climate: Climate::stormy(),
            selling_ms: 10 * 60_000,
            customers: Spread::even(200_000, 5_000_000),
            put_out_at_ms: None,
            roles_change: false,
            two_owners: false,
            price_lists_at_ms: None,
            is_copied: false,
            is_rolled_back: false,
            is_updated: false,
            night: false,
            settling_ms: 2 * 3_600_000,
        }
    }
}

/// How a day went.
#[derive(Debug, Clone)]
pub struct Report {
    /// The seed.
    pub seed: u64,
    /// Hash over every input and output: equal when the seed is run again.
    pub trace: [u8; 32],
    /// Inputs and outputs.
    pub steps: u64,
    /// Sales that were asked for.
    pub asked: u64,
    /// Sales that a screen showed as paid.
    pub paid: u64,
    /// What the network did to frames.
    pub network: NetworkCounters,
    /// How many tills were killed or lost their power.
    pub restarts: u64,
    /// How long the tills took to agree in fair weather, milliseconds; `None` when they did not.
    pub settled_ms: Option<u64>,
    /// What it cost and how quick it was.
    pub figures: Figures,
    /// Entries that waited for a newer release when the shop closed, on the till where most did;
    /// `None` where all ran the same one.
    pub waited: Option<u32>,
    /// How soon all had everything after a night apart; `None` when there was none.
    pub dawn: Option<Dawn>,
    /// How many devices the machines are in the end: one fewer for each copy that is none of its own.
    pub devices: u64,
    /// Promises that were broken.
    pub broken: Vec<Broken>,
    /// What machines did that their contract forbids.
    pub breaches: Vec<String>,
    /// What the weather did, in words.
    pub weather: String,
    /// What happened to whom, when.
    pub timeline: Timeline,
}

impl Report {
    /// Whether every promise was kept.
    pub fn is_fine(&self) -> bool {
        Promise::ALL.iter().all(|promise| promise.is_kept_by(self))
    }
}

impl fmt::Display for Report {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let trace = data_encoding::HEXLOWER.encode(&self.trace[..8]);
        write!(
            f,
            "seed {}: {} of {} sales paid, trace {trace} over {} steps, ",
            self.seed, self.paid, self.asked, self.steps
        )?;
        let (frames, restarts) = (self.network, self.restarts);
        write!(
            f,
            "of {} frames {} dropped, {} doubled, {} reordered, {restarts} restarts, ",
            frames.sent, frames.dropped, frames.doubled, frames.reordered
        )?;
        match self.settled_ms {
            Some(ms) => write!(f, "settled in {ms} ms; ")?,
            None => write!(f, "NEVER SETTLED; ")?,
        }
        write!(f, "{}; ", self.figures)?;
        if let Some(dawn) = self.dawn {
            write!(f, "{dawn}; ")?;
        }
        if let Some(waited) = self.waited {
            write!(f, "{waited} entries waited for an update; ")?;
        }
        write!(f, "{}", self.weather)?;
        for broken in &self.broken {
            write!(f, "\n  broken: {broken}")?;
        }
        for breach in &self.breaches {
            write!(f, "\n  breach: {breach}")?;
        }
        Ok(())
    }
}

/// Why a day could not be played to its end: a fault of the machine, since these steps happen in
/// fair weather.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum Stuck {
    /// No reply came in time.
    #[error("node {node:?} did not answer {request}")]
    NoReply {
        /// Which node.
        node: NodeId,
        /// What was asked.
        request: String,
    },
    /// The reply was another than the one that the request calls for.
    #[error("node {node:?} answered {request} with {reply}")]
    WrongReply {
        /// Which node.
        node: NodeId,
        /// What was asked.
        request: String,
        /// What came.
        reply: String,
    },
    /// A node did not become ready.
    #[error("node {0:?} did not become ready")]
    NotReady(NodeId),
    /// A newcomer was linked with nobody whom it meets.
    #[error("node {0:?} was linked with none of its neighbours")]
    NotLinked(NodeId),
}

/// Plays a day.
///
/// # Errors
/// [`Stuck`] when a step in fair weather fails; what goes wrong in bad weather is in the report.
pub fn play<M: Till + 'static, H: CryptoHands>(
    day: &Day,
    make_machine: impl FnMut(NodeId, Release) -> M + 'static,
    make_hands: impl FnMut(NodeId) -> H,
) -> Result<Report, Stuck> {
    let seed = day.world.seed;
    let mut world = World::new(day.world, make_machine, make_hands);
    let mut desk = Desk::default();
    let mut oracle = Oracle::default();
    world.start_all();
    let (copy, second) = (day.copy(), day.second_owner());
    let staff = opening::open_shop(&mut world, &mut desk, copy, second)?;
    world.note("the shop is open and the weather begins");
    desk.begin_reach(world.nodes().len());
    let opened = Meter::read(&world);
    let hired = roles::hire(day, &mut world, &mut desk)?;
    let leaving = leaving::of(day, &mut world, &mut desk)?;
    let mut weather = Weather::new(day.climate.clone(), seed, world.now());
    let happenings = Happenings::of(day, leaving.as_ref(), hired.as_ref(), world.now());
    let trading = Trading::new(day, &staff, hired.as_ref(), happenings);
    if day.night {
        world.network_gone();
    }
    trading.run(&mut world, &mut weather, &mut desk, &mut oracle);
    let dawn = day
        .night
        .then(|| night::end(&mut world, &mut weather, &mut desk, &mut oracle));
    weather.clear(&mut world);
    let updated = releases::last::update(day, &mut world, &mut desk, leaving.as_ref())?;
    world.note("the weather is fair: from here on all are to agree");
    let (fair_since, restarts) = (world.now(), world.deaths());
    let people = (&staff, leaving.as_ref());
    let agreed = closing::reckon(day, &mut world, &mut desk, people, &mut oracle)?;
    let (trace, steps) = world.trace();
    let devices = closing::devices(&mut world, &mut desk)?;
    let (machines, paid) = (world.nodes().len() as u64, oracle.ledger().len() as u64);
    let reached = desk.reach().map(Reach::finish).unwrap_or_default();
    let mut broken = oracle.check(&agreed.testimonies);
    broken.extend(agreed.differing);
    let waited = updated.as_ref().map(|updated| updated.waited);
    broken.extend(updated.into_iter().flat_map(|updated| updated.differing));
    broken.extend(bounds::broken(world.network()));
    broken.sort();
    broken.dedup();
    Ok(Report {
        seed,
        trace,
        steps,
        asked: oracle.asked_count(),
        paid,
        network: world.network().counters(),
        restarts,
        figures: Figures::new(opened, agreed.metered, machines, paid, reached),
        waited,
        dawn,
        devices,
        settled_ms: agreed.at.map(|at| elapsed_ms(fair_since, at)),
        broken,
        breaches: world.breaches(),
        weather: weather.to_string(),
        timeline: world.timeline().clone(),
    })
}

/// Milliseconds between two moments; 0 when the later one is the first.
fn elapsed_ms(from: Moment, to: Moment) -> u64 {
    to.ms().saturating_sub(from.ms())
}
