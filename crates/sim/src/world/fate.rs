//! What can happen to nodes: starts, deaths, broken disks, wrong clocks, blocked paths.

use std::fmt::Debug;

use base::machine::SignalEvent;
use base::{Input, LinkEvent, LinkId, Machine, Release};

use super::node::Node;
use super::{Event, NodeId, World};
use crate::crypto::CryptoHands;
use crate::disk::{Disk, DiskFault};
use crate::network::FrameFaults;
use crate::signal::Visitor;

/// How a node dies.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Death {
    /// Its browser is killed.
    Kill,
    /// Its plug is pulled.
    PowerLoss,
}

/// A copy of all that a node keeps while no tab is open: its disk, the keys in it, and the app.
#[derive(Debug, Clone)]
pub struct Image<H> {
    disk: Disk,
    keys: H,
    release: Release,
}

/// Where a transaction is on its way.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum StorageStep {
    /// The store has been asked, and is at work.
    Submitted,
    /// The store has done it, or refused, and the machine has not heard.
    Done,
    /// The machine has heard, and everything that it wanted then is under way.
    Heard,
}

impl StorageStep {
    /// Every step.
    pub const ALL: [Self; 3] = [Self::Submitted, Self::Done, Self::Heard];
}

/// A death that waits for the next step of this kind.
pub(super) type Doom = (StorageStep, Death);

impl<M, H> World<M, H>
where
    M: Machine,
    M::Command: Debug,
    M::Notice: Debug,
    H: CryptoHands,
{
    /// Starts a node, or starts it again: builds its machine, which finds its disk as it was
    /// left. Does nothing when it runs already.
    pub fn start(&mut self, id: NodeId) {
        let now = self.now;
        let Some(node) = self.nodes.get_mut(&id).filter(|n| n.tab.is_none()) else {
            return;
        };
        self.trace.fate(now, id, "start");
        self.timeline.add(now, format_args!("{id} starts"));
        let machine = (self.make_machine)(id, node.release);
        let life = node.open(now, machine);
        self.drain(id, life);
    }

    /// Starts every node that does not run.
    pub fn start_all(&mut self) {
        for id in self.nodes() {
            self.start(id);
        }
    }

    /// Installs a release of the app on a node, unless it or a newer one is there, and lets its
    /// browser start again with it, if that runs.
    pub fn update(&mut self, id: NodeId, release: Release) {
        let node = self.nodes.get_mut(&id);
        if !node.is_some_and(|node| node.install(release)) {
            return;
        }
        self.note(format_args!("{id} is updated"));
        if self.is_running(id) {
            self.kill(id);
            self.start(id);
        }
    }

    /// Kills a node's browser at once. What its disk has done stays.
    pub fn kill(&mut self, id: NodeId) {
        self.die(id, Death::Kill);
    }

    /// Loads a node's page anew.
    pub fn reload(&mut self, id: NodeId) {
        self.kill(id);
        self.start(id);
    }

    /// Pulls a node's plug. What was not on the disk is lost, newest first.
    pub fn power_loss(&mut self, id: NodeId) {
        self.die(id, Death::PowerLoss);
    }

    fn die(&mut self, id: NodeId, death: Death) {
        let now = self.now;
        let Some(node) = self.nodes.get_mut(&id).filter(|n| n.tab.is_some()) else {
            return;
        };
        let ended = node.end_lives(now);
        self.deaths += 1;
        match death {
            Death::Kill => {
                self.trace.fate(now, id, "kill");
                self.timeline.add(now, format_args!("{id} is killed"));
                node.disk.kill(&mut node.delays);
            }
            Death::PowerLoss => {
                self.trace.fate(now, id, "power loss");
                self.timeline.add(now, format_args!("{id} loses its power"));
                node.disk.power_loss(&mut node.delays);
            }
        }
        let mut plan = Vec::new();
        self.network.node_gone(now, id, &mut plan);
        self.schedule_network(plan);
        for life in ended {
            self.meeting_place.visitor_gone(Visitor { node: id, life });
        }
    }

    /// All that a node keeps while no tab is open, as somebody copies it who has its disk in hand.
    pub fn image(&self, id: NodeId) -> Option<Image<H>> {
        let node = self.nodes.get(&id)?;
        Some(Image {
            disk: node.disk.copied(),
            keys: node.keys_at_rest(),
            release: node.release,
        })
    }

    /// Puts an image in the place of all that a node keeps, but for an app that is newer. Its
    /// browser is dead then.
    pub fn restore(&mut self, id: NodeId, image: &Image<H>) {
        self.kill(id);
        let now = self.now;
        if let Some(node) = self.nodes.get_mut(&id) {
            self.trace.fate(now, id, "restore");
            self.timeline
                .add(now, format_args!("{id} is an image that was kept"));
            node.put_back(image.disk.copied(), image.keys.clone());
            node.install(image.release);
        }
    }

    /// Lets a node die at the next such step of its store, once.
    pub fn doom(&mut self, id: NodeId, step: StorageStep, death: Death) {
        if let Some(node) = self.nodes.get_mut(&id) {
            node.doom = Some((step, death));
        }
    }

    /// Takes the doom from a node that has not met it.
    pub fn spare(&mut self, id: NodeId) {
        if let Some(node) = self.nodes.get_mut(&id) {
            node.doom = None;
        }
    }

    pub(super) fn meet_doom(&mut self, id: NodeId, step: StorageStep) {
        let met = |doom: &mut Doom| doom.0 == step;
        let doom = self.nodes.get_mut(&id).and_then(|n| n.doom.take_if(met));
        if let Some((_, death)) = doom {
            self.die(id, death);
        }
    }

    /// The shop is opened in a second tab, which takes the lock; the browser freezes the first one
    /// before it hears of that. Gives whether there was one, and none frozen before it.
    pub fn open_second_tab(&mut self, id: NodeId) -> bool {
        let now = self.now;
        let alone = |node: &&mut Node<M, H>| node.old.is_none();
        let node = self.nodes.get_mut(&id).filter(alone);
        let Some(life) = node.and_then(Node::freeze) else {
            return false;
        };
        self.trace.fate(now, id, "second tab");
        self.note(format_args!(
            "{id} is opened in a second tab, the first is frozen"
        ));
        let mut plan = Vec::new();
        self.network.life_silent(now, id, life, &mut plan);
        self.schedule_network(plan);
        self.meeting_place.visitor_gone(Visitor { node: id, life });
        self.start(id);
        true
    }

    /// The first tab wakes up: everything that came meanwhile comes at once.
    pub fn thaw_old_tab(&mut self, id: NodeId) {
        let old = self.nodes.get_mut(&id).and_then(|node| node.old.as_mut());
        let Some(old) = old else { return };
        let (life, held) = (old.life, old.frozen.take().unwrap_or_default());
        self.trace.fate(self.now, id, "thaw");
        self.note(format_args!("{id}: the first tab wakes up"));
        let signal = Input::Signal(SignalEvent::Left);
        for input in held.into_iter().chain([signal]) {
            self.give(id, life, input);
        }
    }

    /// The first tab hears that it lost the lock, and closes. What it asked of the store is done.
    pub fn close_old_tab(&mut self, id: NodeId) {
        let now = self.now;
        let old = self.nodes.get_mut(&id).and_then(|node| node.old.take());
        let Some(life) = old.map(|old| old.life) else {
            return;
        };
        self.trace.fate(now, id, "tab closed");
        self.note(format_args!("{id}: the first tab closes"));
        let mut plan = Vec::new();
        self.network.life_gone(now, id, life, &mut plan);
        self.schedule_network(plan);
        self.meeting_place.visitor_gone(Visitor { node: id, life });
    }

    /// Lets a node's disk take so many times longer than usual; once is as usual.
    pub fn set_disk_slowness(&mut self, id: NodeId, times: u64) {
        if let Some(node) = self.nodes.get_mut(&id) {
            node.disk_slowness = times;
            let what = format_args!("{id}: the disk takes {times} times as long");
            self.timeline.add(self.now, what);
        }
    }

    /// Breaks or mends a node's disk.
    pub fn set_disk_fault(&mut self, id: NodeId, fault: DiskFault) {
        if let Some(node) = self.nodes.get_mut(&id) {
            node.disk.set_fault(fault);
            let what = match fault {
                DiskFault::None => "is well",
                DiskFault::Full => "is full",
                DiskFault::Broken => "does not work",
            };
            let what = format_args!("{id}: the disk {what}");
            self.timeline.add(self.now, what);
        }
    }

    /// Sets how far a node's wall clock is off, milliseconds; positive is fast.
    pub fn set_skew_ms(&mut self, id: NodeId, skew_ms: i64) {
        if let Some(node) = self.nodes.get_mut(&id) {
            node.clock.set_skew_ms(skew_ms);
            for tab in node.tab.iter_mut().chain(&mut node.old) {
                tab.clock.set_skew_ms(skew_ms);
            }
            let what = format_args!("{id}: the clock is off by {} s", skew_ms / 1_000);
            self.timeline.add(self.now, what);
        }
    }

    /// Cuts every link between two nodes; they may open others at once. Gives how many there were.
    pub fn cut(&mut self, a: NodeId, b: NodeId) -> usize {
        let mut plan = Vec::new();
        let cut = self.network.cut(self.now, a, b, &mut plan);
        self.note(format_args!("{a} and {b} are cut"));
        self.schedule_network(plan);
        cut
    }

    /// Cuts every link between nodes that do not meet each other: cards opened it.
    pub fn cut_strangers(&mut self) {
        let pairs = self.network.linked_pairs();
        let graph = self.meeting_place.graph();
        let met = |(a, b): &(NodeId, NodeId)| graph.joins(*a, *b);
        let strangers: Vec<_> = pairs.into_iter().filter(|pair| !met(pair)).collect();
        for (a, b) in strangers {
            self.cut(a, b);
        }
    }

    /// Lets a frame arrive that nobody of this world has sent: a hostile peer's, or one that was
    /// heard before. Gives whether the node runs.
    pub fn inject(&mut self, node: NodeId, link: LinkId, frame: Vec<u8>) -> bool {
        let Some(life) = self.running(node) else {
            return false;
        };
        let input = Input::Link(link, LinkEvent::Frame(frame));
        self.schedule(self.now, Event::Input(node, life, input));
        true
    }

    /// Blocks one direction between two nodes. Blocks add up: each needs its [`World::unblock`].
    pub fn block(&mut self, from: NodeId, to: NodeId) {
        self.note(format_args!("{from} does not reach {to}"));
        self.block_path(from, to);
    }

    /// Takes one block from a direction; frames that were held go on when it was the last.
    pub fn unblock(&mut self, from: NodeId, to: NodeId) {
        self.note(format_args!("{from} reaches {to} again"));
        self.unblock_path(from, to);
    }

    /// Separates some nodes from all others, both ways. Ends with [`World::unite`].
    pub fn part(&mut self, island: &[NodeId]) {
        self.note(format_args!("{} cut off from the others", named(island)));
        for (inside, outside) in self.shores(island) {
            self.block_path(inside, outside);
            self.block_path(outside, inside);
        }
    }

    /// Ends what [`World::part`] began with the same nodes.
    pub fn unite(&mut self, island: &[NodeId]) {
        self.note(format_args!("{} with the others again", named(island)));
        for (inside, outside) in self.shores(island) {
            self.unblock_path(inside, outside);
            self.unblock_path(outside, inside);
        }
    }

    /// The shop's network is gone: nobody reaches anybody whom they meet, nor the meeting place. Ends
    /// with [`World::network_back`].
    pub fn network_gone(&mut self) {
        self.note("the shop's network is gone");
        self.set_meeting_place(false);
        for (from, to) in self.meetings() {
            self.block_path(from, to);
        }
    }

    /// Ends what [`World::network_gone`] began.
    pub fn network_back(&mut self) {
        self.note("the shop's network is back");
        for (from, to) in self.meetings() {
            self.unblock_path(from, to);
        }
        self.set_meeting_place(true);
    }

    /// Every path from a node to one that it meets.
    fn meetings(&self) -> Vec<(NodeId, NodeId)> {
        let graph = self.meeting_place.graph();
        let from = |node: &NodeId| graph.neighbours(*node).map(|to| (*node, to)).collect();
        self.nodes
            .keys()
            .map(from)
            .collect::<Vec<Vec<_>>>()
            .concat()
    }

    fn block_path(&mut self, from: NodeId, to: NodeId) {
        let mut plan = Vec::new();
        self.network.block(self.now, from, to, &mut plan);
        self.schedule_network(plan);
    }

    fn unblock_path(&mut self, from: NodeId, to: NodeId) {
        let mut plan = Vec::new();
        self.network.unblock(self.now, from, to, &mut plan);
        self.schedule_network(plan);
    }

    fn shores(&self, island: &[NodeId]) -> Vec<(NodeId, NodeId)> {
        let others: Vec<NodeId> = self.nodes.keys().copied().collect();
        island
            .iter()
            .flat_map(|inside| {
                let others = others.iter().filter(|other| !island.contains(other));
                others.map(|outside| (*inside, *outside))
            })
            .collect()
    }

    /// Switches the meeting place for offers on or off.
    pub fn set_meeting_place(&mut self, is_up: bool) {
        let mut plan = Vec::new();
        self.meeting_place.set_up(self.now, is_up, &mut plan);
        let what = if is_up { "is back" } else { "is away" };
        self.note(format_args!("the meeting place {what}"));
        self.schedule_room(plan);
    }

    /// Begins or ends what broken peers do to frames.
    pub fn set_frame_faults(&mut self, faults: FrameFaults) {
        self.network.set_frame_faults(faults);
    }
}

/// Nodes and the verb for as many.
fn named(nodes: &[NodeId]) -> String {
    let names: Vec<_> = nodes.iter().map(NodeId::to_string).collect();
    let verb = if nodes.len() == 1 { "is" } else { "are" };
    format!("{} {verb}", names.join(", "))
}
