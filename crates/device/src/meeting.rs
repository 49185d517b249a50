//! Meeting again without cards: offers to other members, sealed, through the relay that serves
//! the app.
//!
//! Whoever was in the room first hears the other arrive, and offers; so there is one offerer.

use std::collections::BTreeMap;

use base::card::{Card, CardKind};
use base::effect::{KeyTask, LinkTask, SignalTask};
use base::hash::{TAG_ROOM, sha256};
use base::limits::{BACKOFF_MAX_MS, MEMBERS_MAX};
use base::machine::SignalEvent;
use base::{DeviceId, Effect, LinkId};
use sync_core::{Backoff, Role};

use crate::Device;
use crate::links::{Aim, Stage};
use crate::outbox::Turn;
use crate::purpose::Purpose;

/// How long an older link to a device that has just arrived may prove that it is alive.
const DOUBT_MS: u64 = 5_000;

/// Arrivals of a device that are no further apart than this belong together, milliseconds. From the
/// second one on it is tried at once, though a link to it is alive: where its profile was copied, two
/// sessions of it push each other out of the room, and the one that has no link must get its turn
/// before the other is back.
const ARRIVALS_APART_MS: u64 = 300_000;

/// Who is in the room, and when we try whom again.
pub struct Meeting {
    joined: bool,
    arrived: BTreeMap<DeviceId, Attempt>,
    retries: BTreeMap<DeviceId, u64>,
    /// The longest wait before the next try, milliseconds.
    retry_cap_ms: u64,
}

struct Attempt {
    backoff: Backoff,
    next_ms: Option<u64>,
    tries: u32,
    /// When it last arrived, and how often within a while.
    arrived_ms: u64,
    arrivals: u32,
    /// Whether it is here, but no member as far as we know. We may learn that it is.
    unknown: bool,
}

impl Attempt {
    fn due_at(next_ms: u64) -> Self {
        Self {
            backoff: Backoff::default(),
            next_ms: Some(next_ms),
            tries: 0,
            arrived_ms: 0,
            arrivals: 0,
            unknown: false,
        }
    }
}

impl Default for Meeting {
    fn default() -> Self {
        Self {
            joined: false,
            arrived: BTreeMap::new(),
            retries: BTreeMap::new(),
            retry_cap_ms: BACKOFF_MAX_MS,
        }
    }
}

impl Meeting {
    /// Waits at most this long before a try, also where a longer wait has begun.
    pub fn set_retry_cap(&mut self, mono_ms: u64, cap_ms: u64) {
        self.retry_cap_ms = cap_ms;
        for attempt in self.arrived.values_mut() {
            attempt.next_ms = attempt.next_ms.map(|at| at.min(mono_ms + cap_ms));
        }
    }

    /// Whether the room can be used.
    pub fn joined(&self) -> bool {
        self.joined
    }

    /// When the next offer is due, by [`base::Now::mono_ms`].
    pub fn deadline(&self) -> Option<u64> {
        self.arrived
            .values()
            .filter_map(|attempt| attempt.next_ms)
            .min()
    }

    /// How often a connection to a device was tried since it was last linked.
    pub fn tries(&self, device: DeviceId) -> u32 {
        self.arrived.get(&device).map_or(0, |attempt| attempt.tries)
    }

    /// How often a connection to a device was tried again after one had failed, since the start.
    pub fn retries(&self, device: DeviceId) -> u64 {
        self.retries.get(&device).copied().unwrap_or_default()
    }

    /// A device is linked: nothing to try.
    pub fn linked(&mut self, device: DeviceId) {
        if let Some(attempt) = self.arrived.get_mut(&device) {
            attempt.backoff.reset();
            attempt.next_ms = None;
            attempt.tries = 0;
        }
    }

    /// A connection to a device broke or failed: tries again, later each time.
    pub fn lost(&mut self, device: DeviceId, turn: &mut Turn<'_>) {
        if let Some(attempt) = self.arrived.get_mut(&device) {
            let wait = attempt.backoff.next_ms(self.retry_cap_ms, turn.random);
            attempt.next_ms = Some(turn.now.mono_ms + wait);
        }
    }

    fn heard_arriving(&mut self, device: DeviceId, mono_ms: u64, is_linked: bool) {
        if self.arrived.len() < MEMBERS_MAX || self.arrived.contains_key(&device) {
            let before = self.arrived.get(&device);
            let lately = before.filter(|it| mono_ms < it.arrived_ms + ARRIVALS_APART_MS);
            // It may be a reload whose old link has not died yet, or only the room's connection: the
            // old link gets a moment to show that it is alive.
            let is_doubted = is_linked && lately.is_none();
            let next_ms = mono_ms + if is_doubted { DOUBT_MS } else { 0 };
            // Whoever arrives again and again must not put off what is due.
            let due_ms = before.and_then(|it| it.next_ms);
            let attempt = Attempt {
                arrived_ms: mono_ms,
                arrivals: lately.map_or(0, |it| it.arrivals).saturating_add(1),
                ..Attempt::due_at(due_ms.map_or(next_ms, |due_ms| due_ms.min(next_ms)))
            };
            self.arrived.insert(device, attempt);
        }
    }

    /// Whether a device arrives again and again though a link to it is alive.
    fn comes_again(&self, device: DeviceId, mono_ms: u64) -> bool {
        let attempt = self.arrived.get(&device);
        let lately = |it: &&Attempt| mono_ms < it.arrived_ms + ARRIVALS_APART_MS;
        attempt.filter(lately).is_some_and(|it| it.arrivals > 1)
    }

    /// Somebody is here that is no member as far as we know: it is tried once we know better.
    fn heard_of_unknown(&mut self, device: DeviceId) {
        let room = self.arrived.len() < MEMBERS_MAX;
        match self.arrived.get_mut(&device) {
            Some(attempt) => attempt.unknown = true,
            None if room => {
                let attempt = Attempt {
                    next_ms: None,
                    unknown: true,
                    ..Attempt::due_at(0)
                };
                self.arrived.insert(device, attempt);
            }
            None => {}
        }
    }

    /// Tries whoever was unknown when it came and is known by now.
    fn known_by_now(&mut self, mono_ms: u64, is_known: impl Fn(DeviceId) -> bool) {
        for (device, attempt) in &mut self.arrived {
            if attempt.unknown && is_known(*device) {
                *attempt = Attempt::due_at(mono_ms);
            }
        }
    }

    /// Waits no longer for whoever is here and not linked: waits grew while nobody could be met.
    fn try_now(&mut self, mono_ms: u64, is_linked: impl Fn(DeviceId) -> bool) {
        for (device, attempt) in &mut self.arrived {
            if !is_linked(*device) {
                attempt.backoff.reset();
                attempt.next_ms = Some(mono_ms);
            }
        }
    }

    fn due(&mut self, mono_ms: u64) -> Vec<DeviceId> {
        let due = |attempt: &Attempt| attempt.next_ms.is_some_and(|at| at <= mono_ms);
        let devices: Vec<_> = self
            .arrived
            .iter()
            .filter(|(_, a)| due(a))
            .map(|(device, _)| *device)
            .collect();
        for device in &devices {
            if let Some(attempt) = self.arrived.get_mut(device) {
                attempt.next_ms = None;
                attempt.tries += 1;
                if attempt.tries > 1 {
                    *self.retries.entry(*device).or_default() += 1;
                }
            }
        }
        devices
    }
}

impl Device {
    /// Goes into the shop's room.
    pub(crate) fn join_meeting(&mut self, turn: &mut Turn<'_>) {
        let (Some(shop), Some(device)) = (&self.shop, self.me()) else {
            return;
        };
        // Also who was put out: it has something to bring, perhaps.
        if self.ready && shop.was_let_in() {
            let room = sha256(&[TAG_ROOM, &shop.id.0]).first();
            turn.out
                .order(Effect::Signal(SignalTask::Join { room, device }));
        }
    }

    /// Takes news of the room.
    pub(crate) fn signal(&mut self, event: SignalEvent, turn: &mut Turn<'_>) {
        match event {
            SignalEvent::Joined => self.meeting.joined = true,
            SignalEvent::Left => {
                self.meeting.joined = false;
                self.meeting.arrived.clear();
            }
            SignalEvent::Arrived(device) => {
                let is_linked = self.links.to(device).is_some();
                self.meeting
                    .heard_arriving(device, turn.now.mono_ms, is_linked);
            }
            SignalEvent::Received { from, sealed } => {
                let task = KeyTask::OpenSealed { sealed };
                turn.out.effect(Purpose::OpenCard(from), Effect::Keys(task));
            }
        }
        turn.out.notice(crate::api::Notice::StatusChanged);
    }

    /// The screen or the network is back: whoever is not linked is tried now.
    ///
    /// Also those that we did not hear arriving, once: they were there first, and wait for a try
    /// of theirs that may be an hour away.
    pub(crate) fn awake(&mut self, turn: &mut Turn<'_>) {
        let (Some(shop), true) = (&self.shop, self.meeting.joined) else {
            return;
        };
        let links = &self.links;
        let pursued = |device| links.pursued(device);
        self.meeting.try_now(turn.now.mono_ms, pursued);
        let living = shop.membership.members();
        let living = living.filter(|(device, member)| *device != shop.me && member.cuts.is_none());
        let heard = |device: &DeviceId| self.meeting.arrived.contains_key(device);
        let others: Vec<_> = living
            .map(|(device, _)| device)
            .filter(|device| !heard(device) && !pursued(*device))
            .take(links.room())
            .collect();
        for device in others {
            self.links
                .begin(Role::Offerer, Aim::Member(device), None, None, turn);
        }
    }

    /// Offers to whoever is due.
    pub(crate) fn meet(&mut self, turn: &mut Turn<'_>) {
        if let Some(shop) = &self.shop {
            let is_known = |device| shop.membership.member(device).is_some();
            self.meeting.known_by_now(turn.now.mono_ms, is_known);
        }
        for device in self.meeting.due(turn.now.mono_ms) {
            let alive = self
                .links
                .to(device)
                .and_then(|id| self.links.get_mut(id))
                .is_some_and(|live| {
                    let heard = live.link().map_or(0, |link| link.heard_ms());
                    heard + DOUBT_MS / 2 >= turn.now.mono_ms
                });
            if !self.is_known(device) {
                self.meeting.heard_of_unknown(device);
            } else if !alive || self.meeting.comes_again(device, turn.now.mono_ms) {
                // An older offer that is still open would take the answer to this one for its own.
                for id in self.unproven_to(device) {
                    self.links.close(id, turn);
                }
                self.links
                    .begin(Role::Offerer, Aim::Member(device), None, None, turn);
            }
        }
    }

    /// Whether a device is a living member of our shop, and not we.
    pub(crate) fn is_member(&self, device: DeviceId) -> bool {
        let shop = self.shop.as_ref();
        shop.is_some_and(|shop| device != shop.me && shop.membership.living(device).is_some())
    }

    /// Whether a device was ever let into our shop. One that was put out is met like a member: it
    /// hears of it, and brings what it sold before.
    fn is_known(&self, device: DeviceId) -> bool {
        let shop = self.shop.as_ref();
        shop.is_some_and(|shop| device != shop.me && shop.membership.member(device).is_some())
    }

    /// Seals our card to a member.
    pub(crate) fn send_card(&mut self, member: DeviceId, bytes: Vec<u8>, turn: &mut Turn<'_>) {
        let keys = self
            .shop
            .as_ref()
            .and_then(|shop| shop.membership.member(member));
        if let Some(found) = keys {
            let task = KeyTask::SealTo {
                to: found.keys.x25519,
                plain: bytes,
            };
            turn.out
                .effect(Purpose::SealCard(member), Effect::Keys(task));
        }
    }

    /// Passes our sealed card on.
    pub(crate) fn card_sealed(&mut self, to: DeviceId, sealed: Vec<u8>, turn: &mut Turn<'_>) {
        turn.out
            .order(Effect::Signal(SignalTask::Send { to, sealed }));
    }

    /// Takes a card that came through the room. One that proves nothing is passed over: anybody
    /// may send rubbish.
    pub(crate) fn card_came(&mut self, from: DeviceId, plain: &[u8], turn: &mut Turn<'_>) {
        let Ok(card) = Card::from_bytes(plain) else {
            return;
        };
        if card.device != from {
            return;
        }
        if !self.is_known(from) {
            // Its answer could not be sealed to it: its keys are not known yet.
            return self.meeting.heard_of_unknown(from);
        }
        match card.kind {
            CardKind::Offer => {
                for id in self.unproven_to(from) {
                    self.close_link(id, turn);
                }
                let aim = Aim::Member(from);
                self.links
                    .begin(Role::Answerer, aim, Some(card), None, turn);
            }
            CardKind::Answer(_) => {
                let waits = |id: &LinkId| {
                    let live = self.links.get(*id);
                    let live = live.filter(|live| matches!(live.stage, Stage::Shown));
                    let mine = live.and_then(|live| live.mine.as_ref());
                    mine.is_some_and(|mine| card.answers(mine))
                };
                let Some(id) = self.unproven_to(from).into_iter().find(waits) else {
                    return;
                };
                let description = card.description.clone();
                if let Some(live) = self.links.get_mut(id) {
                    live.theirs = Some(card);
                }
                self.links.reach(id, Stage::Connecting, turn);
                turn.out
                    .order(Effect::Link(id, LinkTask::Accept(description)));
            }
        }
    }

    fn unproven_to(&self, device: DeviceId) -> Vec<LinkId> {
        let ours = |aim: &Aim| matches!(aim, Aim::Member(other) if *other == device);
        self.links
            .iter()
            .filter(|(_, live)| live.peer().is_none() && ours(&live.aim))
            .map(|(id, _)| id)
            .collect()
    }
}
