//! Bad weather: a seeded schedule of everything that goes wrong in a shop.

use std::collections::BTreeMap;
use std::fmt::{self, Debug, Display};

use base::Machine;

use crate::clock::{EventQueue, Moment};
use crate::crypto::CryptoHands;
use crate::disk::DiskFault;
use crate::network::FrameFaults;
use crate::random::{SeededRandom, Spread};
use crate::world::{NodeId, World};

/// Something that goes wrong.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub enum Fault {
    /// All links between two nodes break.
    Cut,
    /// A browser is killed, and started again later.
    Kill,
    /// A plug is pulled, and put back later.
    PowerLoss,
    /// Some nodes are separated from the others for a while.
    Partition,
    /// One direction between two nodes is blocked for a while.
    OneWay,
    /// A wall clock jumps.
    ClockJump,
    /// A disk is full for a while.
    FullDisk,
    /// A disk does not work for a while.
    BrokenDisk,
    /// The meeting place is away for a while.
    RelayOutage,
    /// Frames are doubled and reordered for a while.
    BrokenPeer,
}

impl Fault {
    /// Every fault.
    pub const ALL: [Self; 10] = [
        Self::Cut,
        Self::Kill,
        Self::PowerLoss,
        Self::Partition,
        Self::OneWay,
        Self::ClockJump,
        Self::FullDisk,
        Self::BrokenDisk,
        Self::RelayOutage,
        Self::BrokenPeer,
    ];
}

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
        ];
        Self {
            per_hour: rates.into(),
            ..Self::calm()
        }
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
                Some((_, Turn::Relief(relief))) => relieve(world, relief),
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
            Fault::Kill | Fault::PowerLoss if !world.is_running(node) => return false,
            Fault::Kill => {
                world.kill(node);
                Relief::Start(node)
            }
            Fault::PowerLoss => {
                world.power_loss(node);
                Relief::Start(node)
            }
            Fault::Partition => {
                let coin = |_: &&NodeId| self.random.below(2) == 0;
                let island: Vec<NodeId> = nodes.iter().filter(coin).copied().collect();
                if island.is_empty() || island.len() == nodes.len() {
                    return false;
                }
                world.part(&island);
                Relief::Unite(island)
            }
            Fault::OneWay => match self.random.pick(&nodes) {
                Some(&other) if other != node => {
                    world.block(node, other);
                    Relief::Unblock(node, other)
                }
                _ => return false,
            },
            Fault::ClockJump => {
                let most = self.climate.skew_ms_max;
                let skew = self.random.between(0, 2 * most).cast_signed() - most.cast_signed();
                world.set_skew_ms(node, skew);
                return true;
            }
            Fault::FullDisk | Fault::BrokenDisk if !is_well(world, node) => return false,
            Fault::FullDisk => {
                world.set_disk_fault(node, DiskFault::Full);
                Relief::Mend(node)
            }
            Fault::BrokenDisk => {
                world.set_disk_fault(node, DiskFault::Broken);
                Relief::Mend(node)
            }
            Fault::RelayOutage if !world.meeting_place().is_up() => return false,
            Fault::RelayOutage => {
                world.set_meeting_place(false);
                Relief::RelayBack
            }
            Fault::BrokenPeer => {
                world.set_frame_faults(self.climate.frame_faults);
                Relief::PeersMended
            }
        };
        let lasts = self.random.duration(self.climate.lasting);
        self.agenda
            .schedule(world.now() + lasts, Turn::Relief(relief));
        true
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

fn is_well<M, H>(world: &World<M, H>, node: NodeId) -> bool
where
    M: Machine,
    M::Command: Debug,
    M::Notice: Debug,
    H: CryptoHands,
{
    world
        .disk(node)
        .is_some_and(|disk| disk.fault() == DiskFault::None)
}

fn relieve<M, H>(world: &mut World<M, H>, relief: Relief)
where
    M: Machine,
    M::Command: Debug,
    M::Notice: Debug,
    H: CryptoHands,
{
    match relief {
        Relief::Start(node) => world.start(node),
        Relief::Unite(island) => world.unite(&island),
        Relief::Unblock(from, to) => world.unblock(from, to),
        Relief::Mend(node) => world.set_disk_fault(node, DiskFault::None),
        Relief::RelayBack => world.set_meeting_place(true),
        Relief::PeersMended => world.set_frame_faults(FrameFaults::default()),
    }
}
