//! The virtual world: nodes that run machines, and everything that can happen to them.
//!
//! One event at a time, in the order of virtual time. The world does what machines ask of their
//! hands, each with a delay of its own, so that answers come back shuffled; only transactions
//! keep their order.

mod fate;
mod node;
mod perform;

use std::collections::BTreeMap;
use std::fmt::{self, Debug, Display};

use base::{Answer, Effect, EffectId, Input, Machine, Output, Release};

use crate::clock::{EventQueue, Moment};
use crate::crypto::CryptoHands;
use crate::disk::Disk;
use crate::graph::{self, Graph};
use crate::network::{Network, NetworkEvent, NetworkSettings};
use crate::random::{SeededRandom, Spread};
use crate::signal::{MeetingPlace, RoomEvent};
use crate::timeline::Timeline;
use crate::trace::Trace;
pub use fate::{Death, Image, StorageStep};
use node::{Node, Tab};

/// Names a node: 0, 1, 2 and so on.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct NodeId(pub u32);

impl Display for NodeId {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "node {}", self.0)
    }
}

/// What a world is made from.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Settings {
    /// Everything that looks like chance comes from it.
    pub seed: u64,
    /// How many nodes there are.
    pub nodes: u32,
    /// How many others each meets at the meeting place, drawn from the seed; `None`: all of them,
    /// or [`graph::DEGREE`] where there are more nodes than [`graph::NODES_COMPLETE_MAX`].
    pub degree: Option<u32>,
    /// How links behave.
    pub network: NetworkSettings,
    /// How fast hands and disks are.
    pub hands: HandSettings,
}

impl Settings {
    /// A shop's own network and ordinary tablets.
    pub fn new(seed: u64, nodes: u32) -> Self {
        Self {
            seed,
            nodes,
            degree: None,
            network: NetworkSettings::default(),
            hands: HandSettings::default(),
        }
    }

    /// Who meets whom at the meeting place.
    pub fn graph(&self) -> Graph {
        if self.degree.is_none() && self.nodes <= graph::NODES_COMPLETE_MAX {
            return Graph::complete(self.nodes);
        }
        let degree = self.degree.unwrap_or(graph::DEGREE);
        let mut random = SeededRandom::new(self.seed, "graph", 0);
        Graph::random(self.nodes, degree, &mut random)
    }
}

/// How long effects take.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct HandSettings {
    /// A strict transaction.
    pub strict: Spread,
    /// A relaxed transaction.
    pub relaxed: Spread,
    /// A list of questions to the store.
    pub load: Spread,
    /// Cryptography and time zones.
    pub crypto: Spread,
    /// From the end of an effect to its answer at the machine.
    pub answer: Spread,
}

impl Default for HandSettings {
    fn default() -> Self {
        Self {
            strict: Spread::even(1_000, 8_000).with_tail(400_000, 2_000),
            relaxed: Spread::even(200, 2_000).with_tail(50_000, 2_000),
            load: Spread::even(200, 3_000).with_tail(50_000, 2_000),
            crypto: Spread::even(50, 1_500).with_tail(20_000, 2_000),
            answer: Spread::even(10, 500),
        }
    }
}

/// What a machine told, when, and which.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Told<N> {
    /// When.
    pub at: Moment,
    /// Which node's machine.
    pub node: NodeId,
    /// What.
    pub notice: N,
}

/// Something that is due at a moment.
#[derive(Debug)]
enum Event<C> {
    /// A machine gets an input, if it is still in that life.
    Input(NodeId, u32, Input<C>),
    /// A machine's deadline.
    Wake(NodeId, u32),
    /// A disk does its next transaction.
    Commit(NodeId, u32),
    /// Hands do an effect that needs no order.
    Perform(NodeId, u32, EffectId, Box<Effect>),
    /// The network does something.
    Network(NetworkEvent),
    /// The meeting place does something.
    Room(RoomEvent),
}

impl<C> Event<C> {
    /// Whether it is only a limit on waiting, not something under way.
    fn is_timer(&self) -> bool {
        match self {
            Self::Wake(..) => true,
            Self::Network(event) => event.is_timer(),
            Self::Input(..) | Self::Commit(..) | Self::Perform(..) | Self::Room(_) => false,
        }
    }
}

/// Builds a node's machine of the release that is installed there, at its first start and after
/// every death.
pub type MakeMachine<M> = Box<dyn FnMut(NodeId, Release) -> M>;

/// The world.
pub struct World<M: Machine, H> {
    settings: Settings,
    now: Moment,
    queue: EventQueue<Event<M::Command>>,
    /// Events in the queue that are not timers.
    under_way: usize,
    nodes: BTreeMap<NodeId, Node<M, H>>,
    network: Network,
    meeting_place: MeetingPlace,
    make_machine: MakeMachine<M>,
    trace: Trace,
    told: Vec<Told<M::Notice>>,
    breaches: Vec<String>,
    deaths: u64,
    timeline: Timeline,
}

impl<M, H> World<M, H>
where
    M: Machine,
    M::Command: Debug,
    M::Notice: Debug,
    H: CryptoHands,
{
    /// Makes a world in which no node has been started yet.
    pub fn new(
        settings: Settings,
        make_machine: impl FnMut(NodeId, Release) -> M + 'static,
        mut make_hands: impl FnMut(NodeId) -> H,
    ) -> Self {
        let seed = settings.seed;
        let node = |number| {
            let id = NodeId(number);
            (id, Node::new(seed, id, make_hands(id)))
        };
        Self {
            settings,
            now: Moment::default(),
            queue: EventQueue::default(),
            under_way: 0,
            nodes: (0..settings.nodes).map(node).collect(),
            network: Network::new(settings.network, SeededRandom::new(seed, "network", 0)),
            meeting_place: MeetingPlace::new(
                SeededRandom::new(seed, "meeting place", 0),
                settings.graph(),
            ),
            make_machine: Box::new(make_machine),
            trace: Trace::default(),
            told: Vec::new(),
            breaches: Vec::new(),
            deaths: 0,
            timeline: Timeline::default(),
        }
    }

    /// Asks something of a node's machine, now. Gives whether it runs.
    pub fn command(&mut self, node: NodeId, command: M::Command) -> bool {
        let Some(life) = self.running(node) else {
            return false;
        };
        let now = self.now;
        self.schedule(now, Event::Input(node, life, Input::Command(command)));
        true
    }

    /// Asks something of the machine of a tab that has lost the lock, now: somebody taps it. Gives
    /// whether there is one that is awake.
    pub fn command_old_tab(&mut self, node: NodeId, command: M::Command) -> bool {
        let old = self.nodes.get(&node).and_then(|node| node.old.as_ref());
        let Some(life) = old.filter(|tab| tab.frozen.is_none()).map(|tab| tab.life) else {
            return false;
        };
        let now = self.now;
        self.schedule(now, Event::Input(node, life, Input::Command(command)));
        true
    }

    /// Whether a node has a tab that has lost the lock and is awake.
    pub fn has_old_tab_awake(&self, node: NodeId) -> bool {
        let old = self.nodes.get(&node).and_then(|node| node.old.as_ref());
        old.is_some_and(|tab| tab.frozen.is_none())
    }

    /// Does the next event; `false` when there is none.
    pub fn step(&mut self) -> bool {
        let Some((at, event)) = self.queue.pop() else {
            return false;
        };
        if !event.is_timer() {
            self.under_way -= 1;
        }
        self.now = self.now.max(at);
        self.happen(event);
        true
    }

    /// Runs until a moment, which is then now.
    pub fn run_until(&mut self, until: Moment) {
        while self.queue.next_at().is_some_and(|at| at <= until) {
            self.step();
        }
        self.now = self.now.max(until);
    }

    /// Runs for some milliseconds of virtual time.
    pub fn run_for_ms(&mut self, ms: u64) {
        self.run_until(self.now.plus_ms(ms));
    }

    /// Runs until nothing is under way but timers, or until a moment. Gives whether it is quiet.
    ///
    /// A machine that sends heartbeats is quiet between two of them.
    pub fn run_until_quiet(&mut self, latest: Moment) -> bool {
        while self.under_way > 0 {
            if self.queue.next_at().is_none_or(|at| at > latest) {
                return false;
            }
            self.step();
        }
        true
    }

    /// Runs until a condition holds, checked after every event, or until a moment. Gives whether
    /// it holds.
    pub fn run_until_true(
        &mut self,
        latest: Moment,
        mut condition: impl FnMut(&Self) -> bool,
    ) -> bool {
        loop {
            if condition(self) {
                return true;
            }
            if self.queue.next_at().is_none_or(|at| at > latest) {
                self.now = self.now.max(latest);
                return false;
            }
            self.step();
        }
    }

    /// Takes what machines told since the last time, oldest first.
    pub fn take_told(&mut self) -> Vec<Told<M::Notice>> {
        std::mem::take(&mut self.told)
    }

    /// What machines told and nobody took yet, oldest first.
    pub fn told(&self) -> &[Told<M::Notice>] {
        &self.told
    }

    /// What time it is.
    pub fn now(&self) -> Moment {
        self.now
    }

    /// The seed and the rest that it was made from.
    pub fn settings(&self) -> &Settings {
        &self.settings
    }

    /// Every node, in order.
    pub fn nodes(&self) -> Vec<NodeId> {
        self.nodes.keys().copied().collect()
    }

    /// Whether a node's machine runs.
    pub fn is_running(&self, node: NodeId) -> bool {
        self.running(node).is_some()
    }

    /// What happened to whom, when.
    pub fn timeline(&self) -> &Timeline {
        &self.timeline
    }

    /// Takes note of something that people did.
    pub fn note(&mut self, what: impl Display) {
        self.timeline.add(self.now, what);
    }

    /// How many times a browser was killed or a plug pulled.
    pub fn deaths(&self) -> u64 {
        self.deaths
    }

    /// A node's machine, while it runs.
    pub fn machine(&self, node: NodeId) -> Option<&M> {
        let tab = self.nodes.get(&node)?.tab.as_ref();
        tab.map(|tab| &tab.machine)
    }

    /// The release of the app that a node's next tab runs.
    pub fn release(&self, node: NodeId) -> Option<Release> {
        self.nodes.get(&node).map(|node| node.release)
    }

    /// A node's disk.
    pub fn disk(&self, node: NodeId) -> Option<&Disk> {
        self.nodes.get(&node).map(|node| &node.disk)
    }

    /// A node's disk, to be written to by somebody else than its machine.
    pub fn disk_mut(&mut self, node: NodeId) -> Option<&mut Disk> {
        self.nodes.get_mut(&node).map(|node| &mut node.disk)
    }

    /// What a node's hands do when somebody else on that device asks them: its keys are those of
    /// whoever has it in hand, with whatever release of the app.
    pub fn borrow_hands(&mut self, node: NodeId, effect: &Effect) -> Option<Answer> {
        let (hands, random) = self.nodes.get_mut(&node)?.hands();
        hands.perform(random, effect)
    }

    /// The network, to look at.
    pub fn network(&self) -> &Network {
        &self.network
    }

    /// The meeting place, to look at.
    pub fn meeting_place(&self) -> &MeetingPlace {
        &self.meeting_place
    }

    /// The hash over every input and output so far, and how many there were.
    pub fn trace(&self) -> ([u8; 32], u64) {
        (self.trace.hash(), self.trace.steps())
    }

    /// What machines did that their contract forbids, in the world's own words. Empty is right.
    pub fn breaches(&self) -> Vec<String> {
        let parts = [
            self.breaches.as_slice(),
            self.network.breaches(),
            self.meeting_place.breaches(),
        ];
        parts.concat()
    }

    /// A node's life, while its machine runs.
    fn running(&self, node: NodeId) -> Option<u32> {
        let node = self.nodes.get(&node)?;
        node.tab.as_ref().map(|tab| tab.life)
    }

    fn tab_of(&mut self, node: NodeId, life: u32) -> Option<&mut Tab<M, H>> {
        self.nodes.get_mut(&node)?.tab_of(life)
    }

    fn schedule(&mut self, at: Moment, event: Event<M::Command>) {
        if !event.is_timer() {
            self.under_way += 1;
        }
        self.queue.schedule(at, event);
    }

    fn happen(&mut self, event: Event<M::Command>) {
        match event {
            Event::Input(node, life, input) => self.give(node, life, input),
            Event::Wake(node, life) => {
                let tab = self.nodes.get_mut(&node).and_then(|n| n.tab_of(life));
                if let Some(due) = tab.filter(|tab| tab.wake == Some(self.now)) {
                    due.wake = None;
                    self.give(node, life, Input::Timeout);
                }
            }
            Event::Commit(node, life) => self.commit(node, life),
            Event::Perform(node, life, id, effect) => self.do_unordered(node, life, id, &effect),
            Event::Network(event) => {
                let mut plan = Vec::new();
                let told = self.network.happen(self.now, event, &mut plan);
                self.schedule_network(plan);
                if let Some((end, event)) = told {
                    self.give(end.node, end.life, Input::Link(end.link, event));
                }
            }
            Event::Room(event) => {
                let mut plan = Vec::new();
                let told = self.meeting_place.happen(self.now, event, &mut plan);
                self.schedule_room(plan);
                if let Some((who, event)) = told {
                    self.give(who.node, who.life, Input::Signal(event));
                }
            }
        }
    }

    /// Hands an input to a machine, if it is still in that life, and does what it wants then.
    fn give(&mut self, id: NodeId, life: u32, input: Input<M::Command>) {
        let now = self.now;
        let Some(node) = self.nodes.get_mut(&id) else {
            return;
        };
        let both = node.tab.iter_mut().chain(&mut node.old);
        let Some(tab) = both.into_iter().find(|tab| tab.life == life) else {
            return;
        };
        if let Some(frozen) = &mut tab.frozen {
            frozen.push(input);
            return;
        }
        self.trace.input(now, id, &input);
        let stored = matches!(input, Input::Answer(_, Answer::Stored(_)));
        let time = tab.clock.read(now);
        tab.machine.handle(time, &mut node.random, input);
        self.drain(id, life);
        if stored {
            self.meet_doom(id, StorageStep::Heard);
        }
    }

    /// Does everything that a machine wants, then notes when it wants to be woken.
    fn drain(&mut self, id: NodeId, life: u32) {
        let mut outputs = Vec::new();
        if let Some(tab) = self.tab_of(id, life) {
            outputs.extend(std::iter::from_fn(|| tab.machine.poll()));
        }
        for output in outputs {
            if self.tab_of(id, life).is_none() {
                // It died of the last one.
                return;
            }
            self.trace.output(self.now, id, &output);
            match output {
                Output::Effect(effect_id, effect) => self.perform(id, life, effect_id, effect),
                Output::Notice(notice) => self.told.push(Told {
                    at: self.now,
                    node: id,
                    notice,
                }),
            }
        }
        let now = self.now;
        let wake = self.tab_of(id, life).and_then(|tab| tab.next_wake(now));
        if let Some(at) = wake {
            self.schedule(at, Event::Wake(id, life));
        }
    }

    fn schedule_network(&mut self, plan: crate::network::Plan) {
        for (at, event) in plan {
            self.schedule(at, Event::Network(event));
        }
    }

    fn schedule_room(&mut self, plan: crate::signal::Plan) {
        for (at, event) in plan {
            self.schedule(at, Event::Room(event));
        }
    }
}
