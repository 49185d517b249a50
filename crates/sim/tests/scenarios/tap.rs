//! A device whose links can be listened to.

use std::cell::RefCell;
use std::collections::{BTreeMap, BTreeSet};
use std::rc::Rc;

use base::effect::LinkTask;
use base::machine::SignalEvent;
use base::{Effect, Input, LinkEvent, LinkId, Machine, Now, Output, Random};
use device::Device;
use device::api::{Command, Notice};
use sim::NodeId;

/// What was heard.
#[derive(Debug, Default)]
pub struct Heard {
    /// Frames that came on links that are open, oldest first.
    open: BTreeMap<(NodeId, LinkId), Vec<Vec<u8>>>,
    /// Nodes to which what others send through the meeting place comes late.
    late: BTreeSet<NodeId>,
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
        if late {
            self.late.insert(node);
        } else {
            self.late.remove(&node);
        }
    }
}

/// The device under the tap.
pub struct Tapped {
    node: NodeId,
    device: Device,
    heard: Rc<RefCell<Heard>>,
    /// What waits, oldest first.
    waiting: Vec<Input<Command>>,
}

impl Tapped {
    pub fn new(node: NodeId, heard: Rc<RefCell<Heard>>) -> Self {
        Self {
            node,
            device: Device::default(),
            heard,
            waiting: Vec::new(),
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
        self.device.handle(now, random, input);
    }

    fn poll(&mut self) -> Option<Output<Notice>> {
        let output = self.device.poll();
        if let Some(Output::Effect(_, Effect::Link(link, LinkTask::Close))) = &output {
            self.heard.borrow_mut().open.remove(&(self.node, *link));
        }
        output
    }

    fn deadline(&self) -> Option<u64> {
        self.device.deadline()
    }
}
