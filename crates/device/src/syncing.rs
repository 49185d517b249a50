//! The replica's wishes, done; and what comes by proven links, given to whom it is for.

use base::machine::Channel;
use base::{DeviceId, Header, LinkId, Segment};
use sync_core::replica::{Action, Failure};
use sync_core::{Fault, Message, Replica};

use crate::Device;
use crate::api::{LinkTrouble, Notice, Refusal};
use crate::outbox::Turn;

impl Device {
    /// Does what the replica wants, until it wants nothing more.
    pub(crate) fn sync(&mut self, turn: &mut Turn<'_>) {
        let Some(replica) = &mut self.replica else {
            return;
        };
        if replica
            .deadline()
            .is_some_and(|due| due <= turn.now.mono_ms)
        {
            replica.tick(turn.now.mono_ms);
        }
        while let Some(action) = self.replica.as_mut().and_then(Replica::poll) {
            self.act(action, turn);
        }
    }

    fn act(&mut self, action: Action, turn: &mut Turn<'_>) {
        match action {
            Action::Send {
                link,
                channel,
                message,
            } => {
                self.send_in_shop(link, channel, &message, turn);
            }
            Action::Read { read, range, rows } => self.read(read, range, rows, turn),
            Action::Received { link, segments } => self.received(link, segments, turn),
            Action::Statement { link, bytes } => self.statement_came(link, &bytes, turn),
            Action::StatementDue { runs, to } => self.state(runs, to, turn),
            Action::Progress { link, done, total } => self.progressed(link, done, total, turn),
            Action::Fault { link, fault } => {
                self.count("faults", 1);
                if !matches!(fault, Fault::PeerSilent | Fault::PeerUnanswered) {
                    self.accuse(link, LinkTrouble::Unreadable, turn);
                }
                self.fail_link(link, Refusal::link_lost(), turn);
            }
            Action::Compared { link, done } => self.compared(link, done, turn),
            Action::InStep { link } => {
                let peer = self.links.get(link).and_then(|live| live.peer());
                let moment = peer.map(|peer| (peer, turn.now.wall_ms));
                self.in_step.extend(moment);
            }
            Action::OwnLogAhead { log, last } => {
                self.count("own_log_ahead", 1);
                // What is only lacking on our disk we have written all the same.
                let shop = self.shop.as_ref().filter(|shop| shop.open);
                if shop.is_some_and(|shop| last > shop.standing.head(log.stream)) {
                    self.learn_of_copy(turn);
                }
            }
            Action::Forked { log } => {
                self.count("forks", 1);
                if let Some(shop) = &mut self.shop {
                    shop.forked.insert(log);
                }
                if Some(log.device) == self.me() {
                    self.learn_of_copy(turn);
                }
            }
            Action::Unproven { .. } => self.count("runs_unproven", 1),
            Action::RowDamaged { .. } => self.count("rows_damaged", 1),
        }
    }

    /// Sends a message of the shop, with the handle that the link has for it.
    fn send_in_shop(
        &mut self,
        link: LinkId,
        channel: Channel,
        message: &Message,
        turn: &mut Turn<'_>,
    ) {
        let Some(shop) = self.shop.as_ref().map(|shop| shop.id) else {
            return;
        };
        let Some(live) = self.links.get_mut(link) else {
            return;
        };
        let crate::links::Stage::Up(up) = &mut live.stage else {
            return;
        };
        let shared = up.1.shops.iter().find(|shared| shared.shop == shop);
        // A newcomer and its member share one shop, whose handle is 0.
        let handle = shared.map_or(0, |shared| shared.handle);
        if up.0.send(channel, handle, message).is_err() {
            self.fail_link(link, Refusal::ours("a message was too long"), turn);
        }
    }

    fn received(&mut self, link: LinkId, segments: Vec<Segment>, turn: &mut Turn<'_>) {
        let (Some(shop), Some(replica)) = (&mut self.shop, &mut self.replica) else {
            return;
        };
        let headers: Vec<Header> = segments.iter().map(|s| s.header.clone()).collect();
        if shop.intake.take(link, segments).is_err() {
            replica.received_failed(turn.now.mono_ms, &headers, Failure::NoRoom);
        }
        self.verify_intake(turn);
    }

    fn progressed(&mut self, link: LinkId, done: u64, total: u64, turn: &mut Turn<'_>) {
        if let Some(device) = self.links.get(link).and_then(|live| live.peer()) {
            turn.out.notice(Notice::Progress {
                device,
                done,
                total,
            });
        }
        self.pairing_progress(link, done, total, turn);
    }

    /// Takes a message of a proven link.
    pub(crate) fn message(
        &mut self,
        link: LinkId,
        peer: DeviceId,
        channel: Channel,
        message: Message,
        turn: &mut Turn<'_>,
    ) {
        match message {
            Message::Introduction(name) => self.introduced(link, name, turn),
            Message::Share { shop, vector } => self.shared(link, shop, &vector, turn),
            Message::Admitted(entry) => self.admitted(link, entry, turn),
            Message::Refused(_) => self.fail_link(link, Refusal::not_admitted(), turn),
            Message::Script { kind, data } => {
                if self.is_member(peer) {
                    turn.out.notice(Notice::Message {
                        from: peer,
                        kind,
                        data,
                    });
                }
            }
            Message::Signal { .. } => {}
            message => {
                if matches!(message, Message::Vector { .. }) {
                    // What waits for whom is known better now.
                    turn.out.notice(Notice::StatusChanged);
                }
                if let Some(replica) = &mut self.replica {
                    replica.message(turn.now.mono_ms, link, channel, message);
                }
            }
        }
    }

    /// What linked devices may have changes with membership, and who reads what.
    pub(crate) fn standings_changed(&mut self, turn: &mut Turn<'_>) {
        self.look_after_epochs(turn.now.mono_ms);
        let peers: Vec<_> = self
            .links
            .iter()
            .filter_map(|(id, live)| Some((id, live.peer()?)))
            .collect();
        for (link, peer) in peers {
            let standing = self.standing_of(peer);
            if let Some(replica) = &mut self.replica {
                replica.set_standing(turn.now.mono_ms, link, standing);
            }
        }
        if let Some(replica) = &mut self.replica {
            replica.members_changed(turn.now.mono_ms);
        }
    }
}
