//! One node: a machine that lives and dies, and what outlives it.

use std::collections::BTreeSet;

use base::{EffectId, Machine};

use super::NodeId;
use crate::clock::{Moment, NodeClock};
use crate::disk::Disk;
use crate::random::SeededRandom;

/// How soon a machine is woken again that wants to be woken at once, milliseconds. Browsers do
/// not go below it either, and time must pass.
const WAKE_LEAST_MS: u64 = 1;

/// A node.
#[derive(Debug)]
pub(super) struct Node<M, H> {
    /// The machine, while the node runs.
    pub machine: Option<M>,
    /// Counts deaths: what was meant for an earlier life finds nobody.
    pub life: u32,
    /// Keys and time zones.
    pub hands: H,
    /// What survives.
    pub disk: Disk,
    /// Its clocks.
    pub clock: NodeClock,
    /// When the disk has done what was submitted so far.
    pub disk_free_at: Moment,
    /// When the latest answer to a transaction reaches the machine: they keep their order.
    pub stored_at: Moment,
    /// The wake-up that counts; others in the queue are out of date.
    pub wake: Option<Moment>,
    /// Effects of this life that are not answered yet.
    pub unanswered: BTreeSet<EffectId>,
    /// The machine's randomness.
    pub random: SeededRandom,
    /// The hands' own.
    pub hands_random: SeededRandom,
    /// How long things take here.
    pub delays: SeededRandom,
}

impl<M: Machine, H> Node<M, H> {
    /// A node that is switched off.
    pub fn new(seed: u64, id: NodeId, hands: H) -> Self {
        Self {
            machine: None,
            life: 0,
            hands,
            disk: Disk::default(),
            clock: NodeClock::default(),
            disk_free_at: Moment::default(),
            stored_at: Moment::default(),
            wake: None,
            unanswered: BTreeSet::new(),
            random: SeededRandom::new(seed, "machine", id.0),
            hands_random: SeededRandom::new(seed, "hands", id.0),
            delays: SeededRandom::new(seed, "delays", id.0),
        }
    }

    /// The machine dies; what was under way belongs to a life that is over.
    pub fn end_life(&mut self, now: Moment) {
        self.machine = None;
        self.life += 1;
        self.wake = None;
        self.unanswered.clear();
        self.disk_free_at = now;
        self.stored_at = now;
    }

    /// When the machine must be woken, if no wake-up is in the queue for that already.
    pub fn next_wake(&mut self, now: Moment) -> Option<(u32, Moment)> {
        let Some(mono_ms) = self.machine.as_ref()?.deadline() else {
            self.wake = None;
            return None;
        };
        let due = self.clock.moment_of_mono(mono_ms);
        let at = if due > now {
            due
        } else {
            now.plus_ms(WAKE_LEAST_MS)
        };
        if self.wake.is_some_and(|wake| due <= wake && wake <= at) {
            return None;
        }
        self.wake = Some(at);
        Some((self.life, at))
    }
}
