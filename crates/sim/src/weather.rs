//! Bad weather: a seeded schedule of everything that goes wrong in a shop.

mod fault;

use std::collections::BTreeMap;
use std::fmt::{self, Debug, Display};

use base::Machine;

use crate::clock::{EventQueue, Moment};
use crate::crypto::CryptoHands;
use crate::disk::DiskFault;
use crate::network::FrameFaults;
use crate::random::{SeededRandom, Spread};
use crate::world::{Death, NodeId, StorageStep, World};

pub use fault::Fault;

/// How many times longer a slow disk takes.
const SLOW_DISK_TIMES: u64 = 100;
/// The furthest that a clock is off that is off by years, milliseconds: twenty of them.
const YEARS_MS_MAX: u64 = 20 * 365 * 24 * 3_600_000;
/// How long a tab that woke up late goes on before it hears that it has lost the lock, milliseconds.
const OLD_TAB_MS: u64 = 3_000;

/// How bad the weather is: how often each fault strikes somewhere in the world, per hour of
/// virtual time, on average.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Climate {
    /// Faults and their rates; a fault that is not there never strikes.
    pub per_hour: BTreeMap<Fault, u32>,
    /// How long a fault lasts that ends by itself.
    pub lasting: Spread,
    /// The furthest that a wall clock is off, in either direction, milliseconds.
    pub skew_ms_max: u64,
    /// What broken peers do.
    pub frame_faults: FrameFaults,
}

impl Climate {
    /// Nothing goes wrong.
    pub fn calm() -> Self {
        Self {
            per_hour: BTreeMap::new(),
            lasting: Spread::even(200_000, 60_000_000).with_tail(600_000_000, 50_000),
            skew_ms_max: 3 * 3_600_000,
            frame_faults: FrameFaults {
                doubled_per_million: 20_000,
                reordered_per_million: 20_000,
            },
        }
    }

    /// Links come and go; machines and disks are well.
    pub fn windy() -> Self {
        let rates = [
            (Fault::Cut, 120),
            (Fault::Partition, 20),
            (Fault::OneWay, 20),
            (Fault::RelayOutage, 10),
        ];
        Self {
            per_hour: rates.into(),
            ..Self::calm()
        }
    }

    /// Everything goes wrong, all the time.
    pub fn stormy() -> Self {
        let rates = [
            (Fault::Cut, 240),
            (Fault::Kill, 120),
            (Fault::PowerLoss, 60),
            (Fault::Partition, 40),
            (Fault::OneWay, 40),
            (Fault::ClockJump, 60),
            (Fault::FullDisk, 30),
            (Fault::BrokenDisk, 30),
            (Fault::RelayOutage, 20),
            (Fault::BrokenPeer, 20),
            (Fault::StorageCrash, 60),
            (Fault::TornWrite, 60),
            (Fault::SlowDisk, 30),
            (Fault::ClockYears, 6),
            (Fault::SecondTab, 60),
        ];
        Self {
            per_hour: rates.into(),
            ..Self::calm()
        }
    }

    /// Only these faults, as often as they strike in it.
    pub fn only(mut self, faults: &[Fault]) -> Self {
        self.per_hour.retain(|fault, _| faults.contains(fault));
        self
    }

    /// The same without one kind of fault.
    pub fn without(mut self, fault: Fault) -> Self {
        self.per_hour.remove(&fault);
        self
    }
}

/// What the weather does next.
#[derive(Debug)]
enum Turn {
    Strike(Fault),
    Relief(Relief),
}

/// The end of a fault.
#[derive(Debug)]
enum Relief {
    Start(NodeId),
    Unite(Vec<NodeId>),
    Unblock(NodeId, NodeId),
    Mend(NodeId),
    SpeedUp(NodeId),
    Thaw(NodeId),
    CloseOldTab(NodeId),
    RelayBack,
    PeersMended,
}

/// The weather over one world.
#[derive(Debug)]
pub struct Weather {
    climate: Climate,
    random: SeededRandom,
    agenda: EventQueue<Turn>,
    struck: BTreeMap<Fault, u64>,
}

impl Weather {
    /// Begins the weather of a seed.
    pub fn new(climate: Climate, seed: u64, now: Moment) -> Self {
        let mut weather = Self {
            climate,
            random: SeededRandom::new(seed, "weather", 0),
            agenda: EventQueue::default(),
            struck: BTreeMap::new(),
        };
        for fault in Fault::ALL {
            weather.schedule_next(now, fault);
        }
        weather
    }

    /// When something happens next.
    pub fn next_at(&self) -> Option<Moment> {
        self.agenda.next_at()
    }

    /// How often each fault has struck.
    pub fn struck(&self) -> &BTreeMap<Fault, u64> {
        &self.struck
    }

    /// How often one fault has struck.
    pub fn times(&self, fault: Fault) -> u64 {
        self.struck.get(&fault).copied().unwrap_or(0)
    }

    /// Runs the world under this weather until a moment.
    pub fn run_until<M, H>(&mut self, world: &mut World<M, H>, until: Moment)
    where
        M: Machine,
        M::Command: Debug,
        M::Notice: Debug,
        H: CryptoHands,
    {
        while let Some(at) = self.next_at().filter(|at| *at <= until) {
            world.run_until(at);
            self.blow(world);
        }
        world.run_until(until);
    }

    /// Does everything that is due.
    pub fn blow<M, H>(&mut self, world: &mut World<M, H>)
    where
        M: Machine,
        M::Command: Debug,
        M::Notice: Debug,
        H: CryptoHands,
    {
        while self.next_at().is_some_and(|at| at <= world.now()) {
            match self.agenda.pop() {
                Some((_, Turn::Strike(fault))) => {
                    if self.strike(world, fault) {
                        *self.struck.entry(fault).or_default() += 1;
                    }
                    self.schedule_next(world.now(), fault);
                }
                Some((_, Turn::Relief(relief))) => {
                    if let Relief::Thaw(node) = relief {
                        let at = world.now().plus_ms(OLD_TAB_MS);
                        let closes = Turn::Relief(Relief::CloseOldTab(node));
                        self.agenda.schedule(at, closes);
                    }
                    relieve(world, relief);
                }
                None => {}
            }
        }
    }

    /// Ends every fault at once, starts every node and strikes no more.
    pub fn clear<M, H>(&mut self, world: &mut World<M, H>)
    where
        M: Machine,
        M::Command: Debug,
        M::Notice: Debug,
        H: CryptoHands,
    {
        while let Some((_, turn)) = self.agenda.pop() {
            if let Turn::Relief(relief) = turn {
                relieve(world, relief);
            }
        }
        for node in world.nodes() {
            world.close_old_tab(node);
        }
        world.start_all();
    }

    fn schedule_next(&mut self, now: Moment, fault: Fault) {
        let per_hour = self.climate.per_hour.get(&fault).copied().unwrap_or(0);
        if let Some(mean_ms) = 3_600_000u64.checked_div(u64::from(per_hour)) {
            let wait = self.random.between(1, 2 * mean_ms);
            self.agenda.schedule(now.plus_ms(wait), Turn::Strike(fault));
        }
    }

    /// Lets a fault strike somewhere; gives whether there was something to strike.
    fn strike<M, H>(&mut self, world: &mut World<M, H>, fault: Fault) -> bool
    where
        M: Machine,
        M::Command: Debug,
        M::Notice: Debug,
        H: CryptoHands,
    {
        let nodes = world.nodes();
        let Some(&node) = self.random.pick(&nodes) else {
            return false;
        };
        let relief = match fault {
            Fault::Cut => {
                let pairs = world.network().linked_pairs();
                return match self.random.pick(&pairs) {
                    Some((a, b)) => world.cut(*a, *b) > 0,
                    None => false,
                };
            }
            Fault::ClockJump => return self.jump(world, node, self.climate.skew_ms_max),
            Fault::ClockYears => return self.jump(world, node, YEARS_MS_MAX),
            Fault::Partition | Fault::OneWay | Fault::RelayOutage | Fault::BrokenPeer => {
                self.strike_paths(world, fault, node)
            }
            Fault::FullDisk | Fault::BrokenDisk | Fault::SlowDisk => {
                strike_disk(world, fault, node)
            }
            Fault::Kill
            | Fault::PowerLoss
            | Fault::StorageCrash
            | Fault::TornWrite
            | Fault::SecondTab => self.strike_machine(world, fault, node),
        };
        let Some(relief) = relief else {
            return false;
        };
        let lasts = self.random.duration(self.climate.lasting);
        self.agenda
            .schedule(world.now() + lasts, Turn::Relief(relief));
        true
    }

    /// Sets a wall clock to be off, by at most so much, for good.
    fn jump<M, H>(&mut self, world: &mut World<M, H>, node: NodeId, most_ms: u64) -> bool
    where
        M: Machine,
        M::Command: Debug,
        M::Notice: Debug,
        H: CryptoHands,
    {
        let skew = self.random.between(0, 2 * most_ms);
        world.set_skew_ms(node, skew.cast_signed() - most_ms.cast_signed());
        true
    }

    fn strike_paths<M, H>(
        &mut self,
        world: &mut World<M, H>,
        fault: Fault,
        node: NodeId,
    ) -> Option<Relief>
    where
        M: Machine,
        M::Command: Debug,
        M::Notice: Debug,
        H: CryptoHands,
    {
        let nodes = world.nodes();
        match fault {
            Fault::Partition => {
                let coin = |_: &&NodeId| self.random.below(2) == 0;
                let island: Vec<NodeId> = nodes.iter().filter(coin).copied().collect();
                if island.is_empty() || island.len() == nodes.len() {
                    return None;
                }
                world.part(&island);
                Some(Relief::Unite(island))
            }
            Fault::OneWay => {
                let graph = world.meeting_place().graph();
                let near = |other: &&NodeId| **other == node || graph.joins(node, **other);
                let near: Vec<_> = nodes.iter().filter(near).copied().collect();
                let other = self.random.pick(&near).copied();
                let other = other.filter(|other| *other != node)?;
                world.block(node, other);
                Some(Relief::Unblock(node, other))
            }
            Fault::RelayOutage => {
                if !world.meeting_place().is_up() {
                    return None;
                }
                world.set_meeting_place(false);
                Some(Relief::RelayBack)
            }
            _ => {
                world.set_frame_faults(self.climate.frame_faults);
                Some(Relief::PeersMended)
            }
        }
    }

    fn strike_machine<M, H>(
        &mut self,
        world: &mut World<M, H>,
        fault: Fault,
        node: NodeId,
    ) -> Option<Relief>
    where
        M: Machine,
        M::Command: Debug,
        M::Notice: Debug,
        H: CryptoHands,
    {
        if !world.is_running(node) {
            return None;
        }
        match fault {
            Fault::Kill => world.kill(node),
            Fault::PowerLoss => world.power_loss(node),
            Fault::StorageCrash => {
                let step = self.random.pick(&StorageStep::ALL).copied();
                world.doom(node, step?, Death::Kill);
            }
            Fault::TornWrite => world.doom(node, StorageStep::Submitted, Death::PowerLoss),
            _ => return world.open_second_tab(node).then_some(Relief::Thaw(node)),
        }
        Some(Relief::Start(node))
    }
}

impl Display for Weather {
    /// One line of counts, for the end of a run.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("weather:")?;
        for (fault, times) in &self.struck {
            write!(f, " {fault:?} {times}")?;
        }
        Ok(())
    }
}

fn strike_disk<M, H>(world: &mut World<M, H>, fault: Fault, node: NodeId) -> Option<Relief>
where
    M: Machine,
    M::Command: Debug,
    M::Notice: Debug,
    H: CryptoHands,
{
    let fault = match fault {
        Fault::SlowDisk => {
            world.set_disk_slowness(node, SLOW_DISK_TIMES);
            return Some(Relief::SpeedUp(node));
        }
        Fault::FullDisk => DiskFault::Full,
        _ => DiskFault::Broken,
    };
    if world.disk(node)?.fault() != DiskFault::None {
        return None;
    }
    world.set_disk_fault(node, fault);
    Some(Relief::Mend(node))
}

fn relieve<M, H>(world: &mut World<M, H>, relief: Relief)
where
    M: Machine,
    M::Command: Debug,
    M::Notice: Debug,
    H: CryptoHands,
{
    match relief {
        Relief::Start(node) => {
            world.spare(node);
            world.start(node);
        }
        Relief::Unite(island) => world.unite(&island),
        Relief::Unblock(from, to) => world.unblock(from, to),
        Relief::Mend(node) => world.set_disk_fault(node, DiskFault::None),
        Relief::SpeedUp(node) => world.set_disk_slowness(node, 1),
        Relief::Thaw(node) => world.thaw_old_tab(node),
        Relief::CloseOldTab(node) => world.close_old_tab(node),
        Relief::RelayBack => world.set_meeting_place(true),
        Relief::PeersMended => world.set_frame_faults(FrameFaults::default()),
    }
}
