//! Doing what machines ask of their hands.

use std::fmt::Debug;

use base::effect::{Change, Durability, OpenTask, Query, SealTask};
use base::limits::{EFFECT_BYTES_MAX, EFFECT_ITEMS_MAX};
use base::{Answer, Effect, EffectId, Input, Machine};

use super::fate::StorageStep;
use super::node::Node;
use super::{Event, NodeId, World};
use crate::crypto::CryptoHands;
use crate::disk::Ticket;
use crate::network::Endpoint;
use crate::signal::Visitor;

impl<M, H> World<M, H>
where
    M: Machine,
    M::Command: Debug,
    M::Notice: Debug,
    H: CryptoHands,
{
    /// Begins an effect.
    pub(super) fn perform(&mut self, id: NodeId, life: u32, effect_id: EffectId, effect: Effect) {
        self.check_contract(id, life, effect_id, &effect);
        let now = self.now;
        let hands = self.settings.hands;
        let Some(node) = self.nodes.get_mut(&id) else {
            return;
        };
        match effect {
            Effect::Store(transaction) => {
                let lasts = node.delays.duration(match transaction.durability {
                    Durability::Strict => hands.strict,
                    Durability::Relaxed | Durability::Deferred => hands.relaxed,
                });
                let effect = effect_id;
                node.disk.submit(Ticket { life, effect }, transaction);
                node.disk_free_at = node.disk_free_at.max(now) + lasts * node.disk_slowness;
                let at = node.disk_free_at;
                self.schedule(at, Event::Commit(id, life));
                self.meet_doom(id, StorageStep::Submitted);
            }
            Effect::Load(_) => {
                let at = now + node.delays.duration(hands.load) * node.disk_slowness;
                self.schedule(at, Event::Perform(id, life, effect_id, Box::new(effect)));
            }
            Effect::Link(link, task) => {
                let end = Endpoint {
                    node: id,
                    life,
                    link,
                };
                let mut plan = Vec::new();
                self.network.perform(now, end, task, &mut plan);
                self.schedule_network(plan);
            }
            Effect::Signal(task) => {
                let visitor = Visitor { node: id, life };
                let mut plan = Vec::new();
                self.meeting_place.perform(now, visitor, task, &mut plan);
                self.schedule_room(plan);
            }
            Effect::Keys(_)
            | Effect::Seal(_)
            | Effect::Open(_)
            | Effect::Sign(_)
            | Effect::Verify(_)
            | Effect::Zone { .. } => {
                let at = now + node.delays.duration(hands.crypto);
                self.schedule(at, Event::Perform(id, life, effect_id, Box::new(effect)));
            }
        }
    }

    /// A disk does its next transaction; the answer follows a little later, in order. `life` is the
    /// one of the browser that kept it busy until now.
    pub(super) fn commit(&mut self, id: NodeId, life: u32) {
        let now = self.now;
        let answering = self.settings.hands.answer;
        let of_this_browser = |node: &&mut Node<M, H>| life >= node.browser_since;
        let Some(node) = self.nodes.get_mut(&id).filter(of_this_browser) else {
            return;
        };
        // Of a tab that was closed meanwhile, too: the store does not ask who waits.
        let Some((ticket, done)) = node.disk.commit_next() else {
            return;
        };
        let after = node.delays.duration(answering);
        let Ticket { life, effect } = ticket;
        let Some(tab) = node.tab_of(life) else {
            return;
        };
        tab.unanswered.remove(&effect);
        tab.stored_at = tab.stored_at.max(now + after);
        let at = tab.stored_at;
        let answer = Input::Answer(effect, Answer::Stored(done));
        self.schedule(at, Event::Input(id, life, answer));
        self.meet_doom(id, StorageStep::Done);
    }

    /// Hands do an effect whose answer needs no order.
    pub(super) fn do_unordered(
        &mut self,
        id: NodeId,
        life: u32,
        effect_id: EffectId,
        effect: &Effect,
    ) {
        let now = self.now;
        let answering = self.settings.hands.answer;
        let Some(node) = self.nodes.get_mut(&id) else {
            return;
        };
        let both = node.tab.iter_mut().chain(&mut node.old);
        let Some(tab) = both.into_iter().find(|tab| tab.life == life) else {
            return;
        };
        let answer = match effect {
            Effect::Load(queries) => Answer::Loaded(node.disk.load(queries)),
            other => tab
                .hands
                .perform(&mut node.hands_random, other)
                .unwrap_or_else(|| Answer::Failed("these hands cannot do it".into())),
        };
        tab.unanswered.remove(&effect_id);
        let at = now + node.delays.duration(answering);
        self.schedule(at, Event::Input(id, life, Input::Answer(effect_id, answer)));
    }

    /// Notes what the contract between machines and hands forbids.
    fn check_contract(&mut self, id: NodeId, life: u32, effect_id: EffectId, effect: &Effect) {
        let answered = !matches!(effect, Effect::Link(..) | Effect::Signal(_));
        if let Some(tab) = self.nodes.get_mut(&id).and_then(|node| node.tab_of(life))
            && answered
            && !tab.unanswered.insert(effect_id)
        {
            let text =
                format!("{id:?} gave the number of an unanswered effect again: {effect_id:?}");
            self.breaches.push(text);
        }
        let (items, bytes) = size(effect);
        // A single item may be as long as a segment's body; only lists are bounded in bytes.
        if items > EFFECT_ITEMS_MAX || (items > 1 && bytes > EFFECT_BYTES_MAX) {
            self.breaches.push(format!(
                "{id:?} asked for {items} items of {bytes} bytes in effect {effect_id:?}"
            ));
        }
    }
}

/// How many items a list effect has, and their bytes together.
fn size(effect: &Effect) -> (usize, usize) {
    match effect {
        Effect::Seal(tasks) => {
            let bytes = |t: &SealTask| t.aad.len() + t.plain.len();
            (tasks.len(), tasks.iter().map(bytes).sum())
        }
        Effect::Open(tasks) => {
            let bytes = |t: &OpenTask| t.aad.len() + t.sealed.len();
            (tasks.len(), tasks.iter().map(bytes).sum())
        }
        Effect::Sign(tasks) => (tasks.len(), tasks.iter().map(|t| t.message.len()).sum()),
        Effect::Verify(tasks) => (tasks.len(), tasks.iter().map(|t| t.message.len()).sum()),
        Effect::Store(transaction) => {
            let bytes = |change: &Change| match change {
                Change::Add { value, .. } | Change::Put { value, .. } => value.len(),
                Change::Delete { .. } | Change::DeleteRange { .. } => 0,
            };
            // Deletions and small records come along with what is stored; only what is added counts.
            let adds = |change: &&Change| matches!(change, Change::Add { .. });
            let items = transaction.changes.iter().filter(adds).count();
            (items, transaction.changes.iter().map(bytes).sum())
        }
        Effect::Load(queries) => {
            let key = |query: &Query| match query {
                Query::Get { key, .. } => key.len(),
                Query::Range { from, .. } => from.len(),
            };
            (queries.len(), queries.iter().map(key).sum())
        }
        Effect::Keys(_) | Effect::Link(..) | Effect::Signal(_) | Effect::Zone { .. } => (1, 0),
    }
}
