//! A device whose links can be listened to.

use std::cell::RefCell;
use std::collections::BTreeMap;
use std::rc::Rc;

use base::effect::LinkTask;
use base::{Effect, Input, LinkEvent, LinkId, Machine, Now, Output, Random};
use device::Device;
use device::api::{Command, Notice};
use sim::NodeId;

/// What was heard.
#[derive(Debug, Default)]
pub struct Heard {
    /// Frames that came on links that are open, oldest first.
    open: BTreeMap<(NodeId, LinkId), Vec<Vec<u8>>>,
}

impl Heard {
    /// The open links of a node, with what came by each.
    pub fn links(&self, node: NodeId) -> Vec<(LinkId, Vec<Vec<u8>>)> {
        let of_node = self.open.iter().filter(|((of, _), _)| *of == node);
        of_node
            .map(|((_, link), frames)| (*link, frames.clone()))
            .collect()
    }
}

/// The device under the tap.
pub struct Tapped {
    node: NodeId,
    device: Device,
    heard: Rc<RefCell<Heard>>,
}

impl Tapped {
    pub fn new(node: NodeId, heard: Rc<RefCell<Heard>>) -> Self {
        Self {
            node,
            device: Device::default(),
            heard,
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
