//! One node: the tabs of its browser, which live and die, and what outlives them.

use std::collections::BTreeSet;

use base::{EffectId, Input, Machine, Release};

use super::NodeId;
use super::fate::Doom;
use crate::clock::{Moment, NodeClock};
use crate::crypto::CryptoHands;
use crate::disk::Disk;
use crate::random::SeededRandom;

/// How soon a machine is woken again that wants to be woken at once, milliseconds. Browsers do
/// not go below it either, and time must pass.
const WAKE_LEAST_MS: u64 = 1;

/// A tab: one life of a machine.
pub(super) struct Tab<M: Machine, H> {
    /// Which of the node's lives: what was meant for an earlier one finds nobody.
    pub life: u32,
    /// The machine.
    pub machine: M,
    /// Keys and time zones, as far as they are in memory.
    pub hands: H,
    /// Its clocks.
    pub clock: NodeClock,
    /// The wake-up that counts; others in the queue are out of date.
    pub wake: Option<Moment>,
    /// When the latest answer to a transaction reaches the machine: they keep their order.
    pub stored_at: Moment,
    /// Effects that are not answered yet.
    pub unanswered: BTreeSet<EffectId>,
    /// What has come since the browser froze it; `None` while it runs.
    pub frozen: Option<Vec<Input<M::Command>>>,
}

impl<M: Machine, H> Tab<M, H> {
    /// When the machine must be woken, if no wake-up is in the queue for that already.
    pub fn next_wake(&mut self, now: Moment) -> Option<Moment> {
        let Some(mono_ms) = self.machine.deadline() else {
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
        Some(at)
    }
}

/// A node.
pub(super) struct Node<M: Machine, H> {
    /// The tab that has the lock, while the node runs.
    pub tab: Option<Tab<M, H>>,
    /// A tab that lost the lock and has not heard of it.
    pub old: Option<Tab<M, H>>,
    /// How many tabs there were before the next one.
    lives: u32,
    /// The first life since the browser was started: what earlier ones submitted is gone.
    pub browser_since: u32,
    /// The release of the app that is installed.
    pub release: Release,
    /// What hands keep while no tab is open.
    keys: H,
    /// What survives.
    pub disk: Disk,
    /// How many times longer than usual the disk takes.
    pub disk_slowness: u64,
    /// At which step of storing the node dies.
    pub doom: Option<Doom>,
    /// What a tab that begins reads time from.
    pub clock: NodeClock,
    /// When the disk has done what was submitted so far.
    pub disk_free_at: Moment,
    /// The machine's randomness.
    pub random: SeededRandom,
    /// The hands' own.
    pub hands_random: SeededRandom,
    /// How long things take here.
    pub delays: SeededRandom,
}

impl<M: Machine, H: CryptoHands> Node<M, H> {
    /// A node that is switched off.
    pub fn new(seed: u64, id: NodeId, keys: H) -> Self {
        Self {
            tab: None,
            old: None,
            lives: 0,
            browser_since: 0,
            release: Release::THIS,
            keys,
            disk: Disk::default(),
            disk_slowness: 1,
            doom: None,
            clock: NodeClock::default(),
            disk_free_at: Moment::default(),
            random: SeededRandom::new(seed, "machine", id.0),
            hands_random: SeededRandom::new(seed, "hands", id.0),
            delays: SeededRandom::new(seed, "delays", id.0),
        }
    }

    /// Opens a tab; gives which life it is.
    pub fn open(&mut self, now: Moment, machine: M) -> u32 {
        self.clock.start(now);
        let life = self.lives;
        self.tab = Some(Tab {
            life,
            machine,
            hands: self.keys.clone(),
            clock: self.clock,
            wake: None,
            stored_at: now,
            unanswered: BTreeSet::new(),
            frozen: None,
        });
        life
    }

    /// The tab of a life, if that is not over.
    pub fn tab_of(&mut self, life: u32) -> Option<&mut Tab<M, H>> {
        let both = self.tab.iter_mut().chain(&mut self.old);
        both.into_iter().find(|tab| tab.life == life)
    }

    /// What the hands of the node hold: those of its tab, while it runs.
    pub fn hands(&mut self) -> (&mut H, &mut SeededRandom) {
        let hands = self.tab.as_mut().map(|tab| &mut tab.hands);
        (hands.unwrap_or(&mut self.keys), &mut self.hands_random)
    }

    /// What hands would keep if the browser died now.
    pub fn keys_at_rest(&self) -> H {
        let mut keys = self
            .tab
            .as_ref()
            .map_or(&self.keys, |tab| &tab.hands)
            .clone();
        keys.restart();
        keys
    }

    /// Puts something else in the place of what the node keeps.
    pub fn put_back(&mut self, disk: Disk, keys: H) {
        self.disk = disk;
        self.keys = keys;
    }

    /// Installs a release, unless it or a newer one is there. Gives whether it did.
    pub fn install(&mut self, release: Release) -> bool {
        let is_newer = release.reader > self.release.reader;
        if is_newer {
            self.release = release;
        }
        is_newer
    }

    /// The tab loses the lock and is frozen. Gives which life it is.
    pub fn freeze(&mut self) -> Option<u32> {
        let mut tab = self.tab.take()?;
        self.keep_keys(&tab);
        tab.frozen = Some(Vec::new());
        let life = tab.life;
        self.old = Some(tab);
        self.lives += 1;
        Some(life)
    }

    /// The browser dies; what was under way belongs to lives that are over. Gives them.
    pub fn end_lives(&mut self, now: Moment) -> Vec<u32> {
        let mut ended = Vec::new();
        ended.extend(self.old.take().map(|old| old.life));
        if let Some(tab) = self.tab.take() {
            self.keep_keys(&tab);
            ended.push(tab.life);
        }
        self.lives += 1;
        self.browser_since = self.lives;
        self.doom = None;
        self.disk_free_at = now;
        ended
    }

    fn keep_keys(&mut self, tab: &Tab<M, H>) {
        self.keys = tab.hands.clone();
        self.keys.restart();
    }
}
