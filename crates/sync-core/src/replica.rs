//! A shop's logs on one device, kept in step with everybody who is linked.
//!
//! Whoever lacks something asks for it, by credit; whoever has it sends. What a device commits it
//! sends at once to everybody linked; what it received it only tells of, so that nothing
//! travels twice. A vector of all that is held is the first thing that a link carries, and
//! makes everything else a matter of speed: whatever was lost on the way shows there.
//!
//! After every input, drain [`Replica::poll`].

use std::collections::{BTreeMap, VecDeque};

use base::limits::{MESSAGE_TIMEOUT_MS, RECONCILE_INTERVAL_MS};
use base::machine::Channel;
use base::{DeviceId, Header, LinkId, LogId, Mark, Run, ShopId, Vector};

use crate::delivery::Delivery;
use crate::error::Fault;
use crate::holdings::Holdings;
use crate::message::{self, Message};
use crate::spans::{Range, Span, Spans};
use crate::switches::Switches;

mod action;
mod asking;
mod comparing;
mod passing;
mod peer;
mod receiving;
mod resuming;
mod sending;
mod sent;
mod serving;
mod stating;
mod telling;
mod window;

pub use action::{Action, Failure, ReadId, Standing};
use passing::Words;
use peer::Peer;
use receiving::Arriving;
use resuming::Beginnings;
pub use sending::Rows;
use sent::Sent;
use stating::Stating;
use telling::Telling;

/// The replica of one shop.
///
/// # Units
/// `now_ms` is [`base::Now::mono_ms`] everywhere.
#[derive(Debug)]
pub struct Replica {
    me: DeviceId,
    switches: Switches,
    holdings: Holdings,
    delivery: Delivery,
    peers: BTreeMap<LinkId, Peer>,
    /// Handed out as [`Action::Received`]; what became of it is not known yet.
    arriving: BTreeMap<(LogId, u64, u64, Mark), Arriving>,
    /// Segments that broken links brought in part.
    beginnings: Beginnings,
    /// Questions to the store: for whom, what, and how many rows.
    reads: BTreeMap<ReadId, (LinkId, Range, u32)>,
    next_read: u64,
    /// Bytes of a stored segment, smoothed: how many rows make a page.
    row_bytes: usize,
    /// Nothing is asked for before this: the store has just failed.
    paused_until_ms: u64,
    telling: Telling,
    stating: Stating,
    reconcile_ms: Option<u64>,
    reconcile_interval_ms: u64,
    duplicates: u64,
    sent: Sent,
    words: Words,
    actions: VecDeque<Action>,
}

impl Replica {
    /// A replica of `shop` on the device `me`, with what is stored already.
    pub fn new(me: DeviceId, holdings: Holdings, switches: Switches) -> Self {
        Self {
            me,
            switches,
            holdings,
            delivery: Delivery::default(),
            peers: BTreeMap::new(),
            arriving: BTreeMap::new(),
            beginnings: Beginnings::default(),
            reads: BTreeMap::new(),
            next_read: 0,
            row_bytes: 4_096,
            paused_until_ms: 0,
            telling: Telling::default(),
            stating: Stating::default(),
            reconcile_ms: None,
            reconcile_interval_ms: RECONCILE_INTERVAL_MS,
            duplicates: 0,
            sent: Sent::default(),
            words: Words::default(),
            actions: VecDeque::new(),
        }
    }

    /// The shop.
    pub fn shop(&self) -> ShopId {
        self.holdings.shop()
    }

    /// What is held.
    pub fn holdings(&self) -> &Holdings {
        &self.holdings
    }

    /// What others hold, as far as they told.
    pub fn delivery(&self) -> &Delivery {
        &self.delivery
    }

    /// Segments that came although they were held, and were dropped unverified.
    pub fn duplicates(&self) -> u64 {
        self.duplicates
    }

    /// Entries that were sent to a device although they had been sent to it before: the link broke
    /// on the way, or its store failed.
    pub fn resent(&self, device: DeviceId) -> u64 {
        self.sent.again(device)
    }

    /// Segments that were handed out and are not yet stored, refused or set aside.
    pub fn arriving(&self) -> usize {
        self.arriving.len()
    }

    /// The next thing to do.
    pub fn poll(&mut self) -> Option<Action> {
        self.actions.pop_front()
    }

    /// When [`Replica::tick`] is due; `None` while nobody is linked.
    pub fn deadline(&self) -> Option<u64> {
        let waiting = self.peers.values().filter(|peer| !peer.asked.is_empty());
        let unanswered = waiting.map(|peer| peer.moved_ms + MESSAGE_TIMEOUT_MS).min();
        let idle = |peer: &Peer| peer.ready && peer.may_help;
        let pause = (self.paused_until_ms > 0 && self.peers.values().any(idle))
            .then_some(self.paused_until_ms);
        let rounds = self.peers.values().filter_map(|peer| peer.round.as_ref());
        let due = [
            unanswered,
            rounds.map(comparing::Round::deadline).min(),
            pause,
            self.telling.soon_ms,
            self.telling.later_ms,
            self.telling.neighbours_ms,
            self.statement_due_ms(),
            self.pass_due_ms(),
            self.reconcile_ms,
        ];
        due.into_iter().flatten().min()
    }

    /// Time has passed.
    pub fn tick(&mut self, now_ms: u64) {
        let silent = |peer: &Peer| {
            let late = now_ms >= peer.moved_ms + MESSAGE_TIMEOUT_MS;
            // Without credit from us it could not send.
            !peer.asked.is_empty() && late && peer.bulk.open()
        };
        let silent: Vec<_> = self
            .peers
            .iter()
            .filter(|(_, p)| silent(p))
            .map(|(l, _)| *l)
            .collect();
        for link in silent {
            // The peer stays until the link is down: what has come of an answer is still of use.
            let fault = Fault::PeerUnanswered;
            self.actions.push_back(Action::Fault { link, fault });
        }
        for peer in self
            .peers
            .values_mut()
            .filter(|peer| !peer.asked.is_empty())
        {
            if now_ms >= peer.moved_ms + MESSAGE_TIMEOUT_MS {
                peer.moved_ms = now_ms;
            }
        }
        if self.reconcile_ms.is_some_and(|due| now_ms >= due) {
            self.compare_all(now_ms);
        }
        self.settle(now_ms);
    }

    /// A link to another device of this shop is through its handshake.
    pub fn link_up(&mut self, now_ms: u64, link: LinkId, device: DeviceId, standing: Standing) {
        let peer = Peer::new(device, standing, now_ms);
        let peer = if self.switches.credit {
            peer
        } else {
            peer.without_credit()
        };
        self.peers.insert(link, peer);
        self.tell_all(link);
        self.reconcile_ms
            .get_or_insert(now_ms + self.reconcile_interval_ms);
        self.settle(now_ms);
    }

    /// A link is gone, or this shop is no longer spoken of on it.
    pub fn link_down(&mut self, now_ms: u64, link: LinkId) {
        self.drop_peer(link);
        if !self.peers.is_empty() {
            self.neighbours_changed(now_ms);
        }
        self.settle(now_ms);
    }

    /// What a linked device may do has changed.
    pub fn set_standing(&mut self, now_ms: u64, link: LinkId, standing: Standing) {
        let Some(peer) = self.peers.get_mut(&link) else {
            return;
        };
        if peer.standing == standing {
            return;
        }
        peer.standing = standing;
        peer.told_neighbours.clear();
        peer.may_help = true;
        // Of what it might not have, nothing was noted.
        peer.unsettle(self.holdings.logs().map(|(log, _)| log));
        peer.unsettle(self.delivery.logs_of(peer.device));
        self.tell_all(link);
        // What others tell members it was not told.
        self.state_all(now_ms, link);
        self.pass_on_all(now_ms, link);
        self.neighbours_changed(now_ms);
        self.settle(now_ms);
    }

    /// Other members are known now. Whatever was refused may have been so for want of room among
    /// strangers' entries: it may be asked for again, of whoever brought it as well.
    pub fn members_changed(&mut self, now_ms: u64) {
        self.peers.values_mut().for_each(Peer::forgive);
        self.settle(now_ms);
    }

    /// Compares whole vectors with everybody linked this often, from now on;
    /// [`RECONCILE_INTERVAL_MS`] where nobody says otherwise.
    pub fn set_reconcile_interval(&mut self, now_ms: u64, interval_ms: u64) {
        self.reconcile_interval_ms = interval_ms;
        if let Some(due_ms) = &mut self.reconcile_ms {
            *due_ms = now_ms + interval_ms;
        }
    }

    /// Compares whole vectors with everybody linked.
    pub fn compare_all(&mut self, now_ms: u64) {
        let links: Vec<_> = self.peers.keys().copied().collect();
        self.reconcile_ms = (!links.is_empty()).then_some(now_ms + self.reconcile_interval_ms);
        for link in links {
            self.tell_all(link);
        }
        self.everybody_may_help();
        self.settle(now_ms);
    }

    /// Takes a message that came with this shop's handle.
    pub fn message(&mut self, now_ms: u64, link: LinkId, channel: Channel, message: Message) {
        let taken = match message {
            // A link that is gone already may still have something on its way.
            _ if !self.peers.contains_key(&link) => return,
            Message::Vector {
                vector,
                whole,
                asks,
            } => {
                self.vector(now_ms, link, vector, whole);
                if asks {
                    self.tell_all(link);
                }
                Ok(())
            }
            Message::Want {
                ranges,
                bulk_limit,
                begun,
            } => self.want(link, ranges, bulk_limit, begun),
            Message::Segments { segments, done } => {
                self.segments(now_ms, link, channel, &segments, done)
            }
            Message::Rest { of, bytes } => self.rest(now_ms, link, channel, (&of, &bytes)),
            Message::Credit {
                live_limit,
                bulk_limit,
            } => {
                if let Some(peer) = self.peers.get_mut(&link) {
                    peer.serving.live.raise(live_limit);
                    peer.serving.bulk.raise(bulk_limit);
                }
                Ok(())
            }
            Message::Statement(bytes) => {
                self.actions.push_back(Action::Statement { link, bytes });
                Ok(())
            }
            Message::Linked(devices) => {
                self.linked(now_ms, link, devices.into_iter().collect());
                Ok(())
            }
            Message::Passed(statements) => {
                let statements = statements.into_iter().map(Vec::from);
                let came = statements.map(|bytes| Action::Statement { link, bytes });
                self.actions.extend(came);
                Ok(())
            }
            other => Err(Fault::PeerOutOfTurn(other.word())),
        };
        if let Err(fault) = taken {
            self.fault(link, fault);
        }
        self.settle(now_ms);
    }

    /// A verified statement says that `signer` holds these runs durably. `by` whom it came, where that
    /// is another device: what a signer that is linked says itself is later then.
    ///
    /// Gives whether they can be runs at all; if not, the signer is at fault and nothing has
    /// changed.
    pub fn stated(
        &mut self,
        now_ms: u64,
        signer: DeviceId,
        runs: &Vector,
        by: Option<DeviceId>,
    ) -> bool {
        if message::check_vector(runs).is_err() {
            return false;
        }
        let links = self.peers.iter().filter(|(_, peer)| peer.device == signer);
        let links: Vec<_> = links.map(|(link, _)| *link).collect();
        if by.is_some_and(|by| by != signer) && !links.is_empty() {
            return true;
        }
        self.delivery.told(signer, runs, false);
        for link in links {
            self.claims(link, runs, false);
        }
        self.settle(now_ms);
        true
    }

    fn vector(&mut self, now_ms: u64, link: LinkId, vector: Vector, whole: bool) {
        self.claims(link, &vector, whole);
        let Some(peer) = self.peers.get_mut(&link) else {
            return;
        };
        self.delivery.told(peer.device, &vector, whole);
        if let Some(round) = peer.round.as_mut().filter(|_| whole) {
            round.theirs.get_or_insert(vector);
        }
        if !peer.ready {
            peer.ready = true;
            // What was committed since our vector went out could not be sent before.
            if !peer.untold.is_empty() {
                self.telling.soon_ms.get_or_insert(now_ms);
            }
            self.state_all(now_ms, link);
            self.neighbours_changed(now_ms);
            self.pass_on_all(now_ms, link);
        }
    }

    /// A linked device says that it holds these runs.
    fn claims(&mut self, link: LinkId, vector: &Vector, whole: bool) {
        let Some(peer) = self.peers.get_mut(&link) else {
            return;
        };
        if whole {
            peer.theirs.clear();
            peer.branches_asked.clear();
        }
        peer.claims_blocks(vector, whole);
        peer.may_help = true;
        peer.unsettle(vector.logs().map(|(log, _)| log));
        if whole {
            peer.unsettle(self.holdings.logs().map(|(log, _)| log));
        }
        for (log, runs) in vector.logs() {
            // What contradicts ours is another branch: see `asking::branches`.
            let may_be_ours = |run: &&Run| !self.holdings.contradicts(log, run.last, run.mark);
            let spans: Spans = runs
                .iter()
                .filter(may_be_ours)
                .map(|run| Span::new(run.first, run.last))
                .collect();
            peer.claims(log, spans);
            // What it does not tell any more need not be remembered.
            peer.branches_asked.retain(|(range, mark)| {
                range.log != log || runs.iter().any(|run| run.mark == *mark)
            });
            let last = runs.iter().map(|run| run.last).max().unwrap_or(0);
            let knows = peer.standing == Standing::Member;
            if knows && log.device == self.me && last > self.holdings.last(log) {
                self.actions.push_back(Action::OwnLogAhead { log, last });
            }
        }
    }

    fn fault(&mut self, link: LinkId, fault: Fault) {
        self.drop_peer(link);
        self.actions.push_back(Action::Fault { link, fault });
    }

    fn drop_peer(&mut self, link: LinkId) {
        self.peers.remove(&link);
        self.stating.forget(link);
        self.reads.retain(|_, (reader, ..)| *reader != link);
        // What it was asked for may be asked of others.
        self.everybody_may_help();
        if self.peers.is_empty() {
            self.telling = Telling::default();
            self.reconcile_ms = None;
        }
    }

    fn everybody_may_help(&mut self) {
        self.peers.values_mut().for_each(Peer::may_help_with_all);
    }

    /// Does what follows from any input: ask, serve, give credit, tell, see who is in step.
    fn settle(&mut self, now_ms: u64) {
        self.ask(now_ms);
        self.serve();
        self.give_credit();
        self.tell(now_ms);
        self.pass(now_ms);
        self.compared(now_ms);
    }

    fn send(&mut self, link: LinkId, channel: Channel, message: Message) {
        self.actions.push_back(Action::Send {
            link,
            channel,
            message,
        });
    }

    fn key(header: &Header) -> (LogId, u64, u64, Mark) {
        (
            header.log(),
            header.first,
            header.last(),
            header.last_chain.mark(),
        )
    }
}
