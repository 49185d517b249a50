//! One hash over everything that went into machines and came out: two runs of a seed are the same
//! when their traces are.

use std::fmt::{Debug, Write};

use base::effect::{Change, Query, Row, Transaction};
use base::effect::{LinkTask, SignalTask};
use base::machine::{Channel, SignalEvent};
use base::{Answer, Effect, EffectId, Input, LinkEvent, LinkId, Output};
use sha2::{Digest, Sha256};

use crate::clock::Moment;
use crate::world::NodeId;

/// Bytes gathered before they are hashed.
const BUFFER_BYTES: usize = 32 * 1024;

/// The running hash.
///
/// Frames, records and bodies go in as bytes, since their `Debug` form is slow; what is small
/// goes in as its `Debug` form.
#[derive(Debug)]
pub struct Trace {
    hasher: Sha256,
    buffer: Vec<u8>,
    steps: u64,
}

impl Default for Trace {
    fn default() -> Self {
        Self {
            hasher: Sha256::new(),
            buffer: Vec::with_capacity(BUFFER_BYTES * 2),
            steps: 0,
        }
    }
}

impl Trace {
    /// Takes note of an input.
    pub fn input<C: Debug>(&mut self, now: Moment, node: NodeId, input: &Input<C>) {
        self.step(b'>', now, node);
        match input {
            Input::Command(command) => self.debug(0, command),
            Input::Answer(id, answer) => self.answer(*id, answer),
            Input::Link(link, event) => self.link_event(*link, event),
            Input::Signal(event) => self.signal_event(event),
            Input::Timeout => self.tag(4),
        }
        self.flush_when_long();
    }

    /// Takes note of an output.
    pub fn output<N: Debug>(&mut self, now: Moment, node: NodeId, output: &Output<N>) {
        self.step(b'<', now, node);
        match output {
            Output::Effect(id, effect) => self.effect(*id, effect),
            Output::Notice(notice) => self.debug(1, notice),
        }
        self.flush_when_long();
    }

    /// Takes note of something that happens to a node, as a kill.
    pub fn fate(&mut self, now: Moment, node: NodeId, what: &str) {
        self.step(b'!', now, node);
        self.bytes(what.as_bytes());
        self.flush_when_long();
    }

    /// How many inputs, outputs and fates there were.
    pub fn steps(&self) -> u64 {
        self.steps
    }

    /// The hash of everything so far.
    pub fn hash(&self) -> [u8; 32] {
        let mut hasher = self.hasher.clone();
        hasher.update(&self.buffer);
        hasher.finalize().into()
    }

    fn step(&mut self, kind: u8, now: Moment, node: NodeId) {
        self.steps += 1;
        self.tag(kind);
        self.number(now.0);
        self.number(u64::from(node.0));
    }

    fn answer(&mut self, id: EffectId, answer: &Answer) {
        self.tag(1);
        self.number(id.0);
        match answer {
            Answer::Sealed(bodies) => self.all(0, bodies, |t, body| t.bytes(body)),
            Answer::Opened(bodies) => self.all(1, bodies, |t, body| t.maybe(body.as_ref())),
            Answer::Signed(signed) => self.all(2, signed, |t, signature| t.bytes(signature)),
            Answer::Verified(fine) => self.all(3, fine, |t, fine| t.tag(u8::from(*fine))),
            Answer::Loaded(Ok(answers)) => self.all(4, answers, |t, rows| t.rows(rows)),
            Answer::Loaded(Err(_))
            | Answer::Stored(_)
            | Answer::Keys(_)
            | Answer::Zone(_)
            | Answer::Failed(_) => self.debug(5, answer),
        }
    }

    fn link_event(&mut self, link: LinkId, event: &LinkEvent) {
        self.tag(2);
        self.number(u64::from(link.0));
        match event {
            LinkEvent::Frame(frame) => {
                self.tag(0);
                self.bytes(frame);
            }
            LinkEvent::Described(_) | LinkEvent::Open { .. } | LinkEvent::Down { .. } => {
                self.debug(1, event);
            }
        }
    }

    fn signal_event(&mut self, event: &SignalEvent) {
        self.tag(3);
        match event {
            SignalEvent::Received { from, sealed } => {
                self.tag(0);
                self.bytes(&from.0);
                self.bytes(sealed);
            }
            SignalEvent::Joined | SignalEvent::Arrived(_) | SignalEvent::Left => {
                self.debug(1, event);
            }
        }
    }

    fn effect(&mut self, id: EffectId, effect: &Effect) {
        self.tag(0);
        self.number(id.0);
        match effect {
            Effect::Seal(tasks) => self.all(0, tasks, |t, task| {
                t.number(u64::from(task.key.0));
                t.bytes(&task.nonce);
                t.bytes(&task.aad);
                t.bytes(&task.plain);
            }),
            Effect::Open(tasks) => self.all(1, tasks, |t, task| {
                t.number(u64::from(task.key.0));
                t.bytes(&task.nonce);
                t.bytes(&task.aad);
                t.bytes(&task.sealed);
            }),
            Effect::Sign(tasks) => self.all(2, tasks, |t, task| {
                t.number(u64::from(task.key.0));
                t.bytes(&task.message);
            }),
            Effect::Verify(tasks) => self.all(3, tasks, |t, task| {
                t.bytes(&task.public);
                t.bytes(&task.message);
                t.bytes(&task.signature);
            }),
            Effect::Store(transaction) => self.transaction(transaction),
            Effect::Load(queries) => self.all(5, queries, Self::query),
            Effect::Link(link, LinkTask::Send(channel, frame)) => self.sent(*link, *channel, frame),
            Effect::Signal(SignalTask::Send { to, sealed }) => {
                self.tag(7);
                self.bytes(&to.0);
                self.bytes(sealed);
            }
            Effect::Link(..) | Effect::Signal(_) | Effect::Keys(_) | Effect::Zone { .. } => {
                self.debug(8, effect);
            }
        }
    }

    fn sent(&mut self, link: LinkId, channel: Channel, frame: &[u8]) {
        self.tag(6);
        self.number(u64::from(link.0));
        self.tag(channel.number());
        self.bytes(frame);
    }

    fn transaction(&mut self, transaction: &Transaction) {
        self.debug(4, &transaction.durability);
        self.all(0, &transaction.changes, |t, change| match change {
            Change::Add { table, key, value } => {
                t.tag(1);
                t.bytes(table.name().as_bytes());
                t.bytes(key);
                t.bytes(value);
            }
            Change::Put { table, key, value } => {
                t.tag(2);
                t.bytes(table.name().as_bytes());
                t.bytes(key);
                t.bytes(value);
            }
            Change::Delete { table, key } => {
                t.tag(3);
                t.bytes(table.name().as_bytes());
                t.bytes(key);
            }
            Change::DeleteRange { table, from, to } => {
                t.tag(4);
                t.bytes(table.name().as_bytes());
                t.bytes(from);
                t.bytes(to);
            }
        });
    }

    fn query(&mut self, query: &Query) {
        match query {
            Query::Get { table, key } => {
                self.tag(0);
                self.bytes(table.name().as_bytes());
                self.bytes(key);
            }
            Query::Range {
                table,
                from,
                to,
                limit,
            } => {
                self.tag(1);
                self.bytes(table.name().as_bytes());
                self.bytes(from);
                self.bytes(to);
                self.number(u64::from(*limit));
            }
        }
    }

    fn rows(&mut self, rows: &[Row]) {
        self.all(0, rows, |t, (key, value)| {
            t.bytes(key);
            t.bytes(value);
        });
    }

    fn all<T>(&mut self, tag: u8, items: &[T], each: impl Fn(&mut Self, &T)) {
        self.tag(tag);
        self.number(items.len() as u64);
        for item in items {
            each(self, item);
        }
    }

    fn maybe(&mut self, bytes: Option<&Vec<u8>>) {
        self.tag(u8::from(bytes.is_some()));
        self.bytes(bytes.map_or(&[], Vec::as_slice));
    }

    fn debug(&mut self, tag: u8, value: &dyn Debug) {
        self.tag(tag);
        // Writing into memory cannot fail.
        let _ = write!(Text(&mut self.buffer), "{value:?}");
        self.tag(0);
    }

    fn bytes(&mut self, bytes: &[u8]) {
        self.number(bytes.len() as u64);
        self.buffer.extend_from_slice(bytes);
    }

    fn number(&mut self, number: u64) {
        self.buffer.extend_from_slice(&number.to_be_bytes());
    }

    fn tag(&mut self, tag: u8) {
        self.buffer.push(tag);
    }

    fn flush_when_long(&mut self) {
        if self.buffer.len() >= BUFFER_BYTES {
            self.hasher.update(&self.buffer);
            self.buffer.clear();
        }
    }
}

/// Text that is appended to bytes.
struct Text<'a>(&'a mut Vec<u8>);

impl Write for Text<'_> {
    fn write_str(&mut self, text: &str) -> std::fmt::Result {
        self.0.extend_from_slice(text.as_bytes());
        Ok(())
    }
}
