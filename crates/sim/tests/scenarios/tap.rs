//! A device whose links can be listened to.

use std::cell::RefCell;
use std::collections::{BTreeMap, BTreeSet};
use std::rc::Rc;

use base::effect::{Change, KeyTask, LinkTask, Query, Table};
use base::machine::SignalEvent;
use base::{
    Answer, Effect, EffectId, Input, LinkEvent, LinkId, Machine, Now, Output, Random, Release,
    Stream,
};
use device::api::{Command, Notice};
use device::{Device, Setup};
use sim::NodeId;

/// What was heard.
#[derive(Debug, Default)]
pub struct Heard {
    /// Frames that came on links that are open, oldest first.
    open: BTreeMap<(NodeId, LinkId), Vec<Vec<u8>>>,
    /// Nodes to which what others send through the meeting place comes late.
    late: BTreeSet<NodeId>,
    /// Streams that the disk of a node does not give back.
    lost: BTreeSet<(NodeId, Stream)>,
    /// Nodes whose disk neither gives back nor keeps how far they have written.
    displaced: BTreeSet<NodeId>,
    /// Nodes whose keys do nothing.
    keyless: BTreeSet<NodeId>,
    /// Nodes whose keys unwrap no secret.
    locked_out: BTreeSet<NodeId>,
    /// Nodes whose keys neither open nor verify.
    blind: BTreeSet<NodeId>,
    /// Nodes before whose next swap another tab writes.
    overtaken: BTreeSet<NodeId>,
}

impl Heard {
    /// The open links of a node, with what came by each.
    pub fn links(&self, node: NodeId) -> Vec<(LinkId, Vec<Vec<u8>>)> {
        let of_node = self.open.iter().filter(|((of, _), _)| *of == node);
        of_node
            .map(|((_, link), frames)| (*link, frames.clone()))
            .collect()
    }

    /// From now on what others send to a node through the meeting place waits, or comes: what
    /// waited comes before whatever the node hears next.
    pub fn set_late(&mut self, node: NodeId, late: bool) {
        set(&mut self.late, node, late);
    }

    /// From now on the disk of a node gives back nothing of a stream.
    pub fn lose(&mut self, node: NodeId, stream: Stream) {
        self.lost.insert((node, stream));
    }

    /// From now on the disk of a node is without how far it has written, or has it again.
    pub fn set_displaced(&mut self, node: NodeId, displaced: bool) {
        set(&mut self.displaced, node, displaced);
    }

    /// From now on the keys of a node do nothing, or work.
    pub fn set_keyless(&mut self, node: NodeId, keyless: bool) {
        set(&mut self.keyless, node, keyless);
    }

    /// From now on the keys of a node unwrap no secret, or work.
    pub fn set_locked_out(&mut self, node: NodeId, locked_out: bool) {
        set(&mut self.locked_out, node, locked_out);
    }

    /// From now on the keys of a node neither open nor verify, or work.
    pub fn set_blind(&mut self, node: NodeId, blind: bool) {
        set(&mut self.blind, node, blind);
    }

    /// Whether the keys of a node do nothing about an effect.
    fn fails(&self, node: NodeId, effect: &Effect) -> bool {
        match effect {
            Effect::Keys(KeyTask::Unwrap { .. }) if self.locked_out.contains(&node) => true,
            Effect::Keys(_) => self.keyless.contains(&node),
            Effect::Open(_) | Effect::Verify(_) => self.blind.contains(&node),
            _ => false,
        }
    }

    /// Another tab of a node writes before its next swap.
    pub fn overtake(&mut self, node: NodeId) {
        self.overtaken.insert(node);
    }

    /// Whether a question asks for what is lost.
    fn is_lost(&self, node: NodeId, query: &Query) -> bool {
        let Query::Range { table, from, .. } = query else {
            return false;
        };
        if *table != Table::Segments {
            return *table == Table::Heads && self.displaced.contains(&node);
        }
        let mut lost = self.lost.iter();
        // A segment's key is its shop's id, then the number of its stream.
        lost.any(|(of, stream)| *of == node && from.get(16) == Some(&stream.number()))
    }
}

fn set(nodes: &mut BTreeSet<NodeId>, node: NodeId, is_one: bool) {
    if is_one {
        nodes.insert(node);
    } else {
        nodes.remove(&node);
    }
}

/// The device under the tap.
pub struct Tapped {
    node: NodeId,
    device: Device,
    heard: Rc<RefCell<Heard>>,
    /// What waits, oldest first.
    waiting: Vec<Input<Command>>,
    /// What the keys were asked for while they do nothing.
    failing: BTreeSet<EffectId>,
}

impl Tapped {
    pub fn new(node: NodeId, release: Release, heard: Rc<RefCell<Heard>>) -> Self {
        Self {
            node,
            device: Device::new(Setup::of(release)),
            heard,
            waiting: Vec::new(),
            failing: BTreeSet::new(),
        }
    }
}

impl Machine for Tapped {
    type Command = Command;
    type Notice = Notice;

    fn handle(&mut self, now: Now, random: &mut dyn Random, input: Input<Command>) {
        if let Input::Link(link, event) = &input {
            let mut heard = self.heard.borrow_mut();
            let key = (self.node, *link);
            match event {
                LinkEvent::Open { .. } => drop(heard.open.insert(key, Vec::new())),
                LinkEvent::Down { .. } => drop(heard.open.remove(&key)),
                LinkEvent::Frame(frame) => {
                    heard.open.entry(key).or_default().push(frame.clone());
                }
                LinkEvent::Described(_) => {}
            }
        }
        if !self.heard.borrow().late.contains(&self.node) {
            for waited in std::mem::take(&mut self.waiting) {
                self.device.handle(now, random, waited);
            }
        } else if let Input::Signal(SignalEvent::Received { .. }) = &input {
            return self.waiting.push(input);
        }
        let input = match input {
            Input::Answer(id, _) if self.failing.remove(&id) => {
                Input::Answer(id, Answer::Failed("the keys are broken".into()))
            }
            other => other,
        };
        self.device.handle(now, random, input);
    }

    fn poll(&mut self) -> Option<Output<Notice>> {
        let mut output = self.device.poll();
        if let Some(Output::Effect(id, effect)) = &output
            && self.heard.borrow().fails(self.node, effect)
        {
            self.failing.insert(*id);
        }
        if let Some(Output::Effect(_, Effect::Store(transaction))) = &mut output
            && let Some(number @ Change::Add { table, .. }) = transaction.changes.first()
            && *table == Table::Heads
            && self.heard.borrow_mut().overtaken.remove(&self.node)
        {
            // As if another tab had taken it.
            let number = number.clone();
            transaction.changes.insert(0, number);
        }
        if let Some(Output::Effect(_, Effect::Store(transaction))) = &mut output
            && self.heard.borrow().displaced.contains(&self.node)
        {
            let kept = |change: &Change| change.table() != Table::Heads;
            transaction.changes.retain(kept);
        }
        if let Some(Output::Effect(_, Effect::Load(queries))) = &mut output {
            let heard = self.heard.borrow();
            for query in queries.iter_mut().filter(|q| heard.is_lost(self.node, q)) {
                *query = Query::Get {
                    table: Table::Segments,
                    key: Vec::new(),
                };
            }
        }
        if let Some(Output::Effect(_, Effect::Link(link, LinkTask::Close))) = &output {
            self.heard.borrow_mut().open.remove(&(self.node, *link));
        }
        output
    }

    fn deadline(&self) -> Option<u64> {
        self.device.deadline()
    }
}
