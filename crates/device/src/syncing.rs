//! The replica's wishes, done; and what comes from others, on its way to verified, stored, folded.

use std::collections::BTreeSet;

use base::effect::{StorageTrouble, VerifyTask};
use base::machine::Channel;
use base::{DeviceId, Effect, Header, LinkId, Segment, Stream};
use identity::Membership;
use identity::control::{Control, Reading, Refound};
use sync_core::replica::{Action, Failure, ReadId};
use sync_core::{Fault, Message, Replica};

use crate::Device;
use crate::api::{LinkTrouble, Notice, Refusal};
use crate::outbox::Turn;
use crate::purpose::Purpose;
use crate::records;
use crate::shop::intake::Arrived;
use crate::shop::{Shop, Untaken};

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
            Action::Read { read, range, rows } => {
                let Some(shop) = &self.shop else { return };
                let query = records::page_of(shop.id, range.log, range.first, range.last, rows);
                turn.out
                    .effect(Purpose::Serve(read), Effect::Load(vec![query]));
            }
            Action::Received { link, segments } => self.received(link, segments, turn),
            Action::Statement { bytes, .. } => self.statement_came(&bytes, turn),
            Action::StatementDue { runs } => self.state(runs, turn),
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
            Action::OwnLogAhead { .. } => self.count("own_log_ahead", 1),
            Action::Forked { .. } => self.count("forks", 1),
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

    /// Asks for the signatures of what came in.
    pub(crate) fn verify_intake(&mut self, turn: &mut Turn<'_>) {
        let Some(shop) = &mut self.shop else { return };
        let Shop {
            id,
            membership,
            intake,
            ..
        } = shop;
        intake.verify(|segment| proofs(*id, membership, segment), turn);
        let aside = intake.set_aside();
        if let Some(replica) = &mut self.replica
            && !aside.is_empty()
        {
            replica.received_set_aside(turn.now.mono_ms, &aside);
            turn.out.notice(Notice::StatusChanged);
        }
    }

    /// Takes verdicts on signatures.
    pub(crate) fn intake_verified(
        &mut self,
        list: Vec<Arrived>,
        verdicts: Vec<bool>,
        turn: &mut Turn<'_>,
    ) {
        let (Some(shop), Some(replica)) = (&mut self.shop, &mut self.replica) else {
            return;
        };
        let mut verdicts = verdicts.into_iter();
        let (mut good, mut bad) = (Vec::new(), Vec::new());
        let mut brought_by = BTreeSet::new();
        let (mut control, mut told) = (false, false);
        for arrived in list {
            let proofs: Vec<bool> = verdicts.by_ref().take(arrived.proofs).collect();
            // A verdict that did not come is no verdict in favour.
            let right = proofs.len() == arrived.proofs && proofs.iter().all(|right| *right);
            let is_control = arrived.segment.header.stream == Stream::Control;
            control |= is_control;
            let taken = match (right, is_control) {
                (false, _) => Err(Untaken::Broken),
                (true, true) => shop.take_control(&arrived.segment),
                (true, false) => Ok(()),
            };
            match taken {
                Ok(()) => {
                    told |= is_control;
                    good.push(arrived.segment);
                }
                Err(Untaken::Gap) => shop.intake.wait(arrived),
                Err(Untaken::Broken) => {
                    bad.push(arrived.segment.header);
                    brought_by.extend(arrived.link);
                }
            }
        }
        if !bad.is_empty() {
            *self.counters.entry("segments_refused").or_insert(0) += bad.len() as u64;
            replica.received_failed(turn.now.mono_ms, &bad, Failure::Refused);
        }
        if !good.is_empty() {
            shop.intake.store(&good, turn);
            let sealed = good
                .into_iter()
                .filter(|s| s.header.stream != Stream::Control)
                .collect();
            shop.intake.open(sealed, &shop.keyring, turn);
        }
        if control {
            shop.intake.control_done();
        }
        if told {
            shop.membership_changed(turn);
            self.standings_changed(turn);
            turn.out.notice(Notice::StatusChanged);
        }
        for link in brought_by {
            // What it really holds of these logs it says anew when it is linked again.
            self.reject_link(link, LinkTrouble::Unsigned, turn);
        }
        self.check_joined(turn);
    }

    /// Takes opened bodies. One that does not lead from its beginning to its end is dropped and
    /// asked for again.
    pub(crate) fn intake_opened(
        &mut self,
        list: Vec<Segment>,
        plains: Vec<Option<Vec<u8>>>,
        turn: &mut Turn<'_>,
    ) {
        let Some(shop) = &mut self.shop else { return };
        shop.intake.list_opened();
        let mut broken = 0;
        for (segment, plain) in list.into_iter().zip(plains) {
            let taken = plain.map(|plain| shop.take_opened(&segment, &plain, turn));
            if !matches!(taken, Some(Ok(()))) {
                broken += 1;
                shop.quarantine_segment(&segment.header);
            }
        }
        if broken > 0 {
            self.count("segments_broken", broken);
        }
        turn.out.notice(Notice::StatusChanged);
        self.check_joined(turn);
        self.settle_start(turn);
    }

    /// Received segments are on the disk, or not.
    pub(crate) fn intake_stored(
        &mut self,
        headers: &[Header],
        result: Result<(), StorageTrouble>,
        turn: &mut Turn<'_>,
    ) {
        let Some(replica) = &mut self.replica else {
            return;
        };
        match result {
            Ok(()) => {
                if let Some(shop) = &mut self.shop {
                    shop.intake.stored(headers);
                }
                replica.received_stored(turn.now.mono_ms, headers);
                self.prove_statements(headers.iter().map(Header::log));
            }
            Err(trouble) => {
                replica.received_failed(turn.now.mono_ms, headers, Failure::NoRoom);
                self.trouble(&Refusal::storage(&trouble), turn);
            }
        }
        self.check_joined(turn);
    }

    /// Takes what a peer asked for, as read from the store.
    pub(crate) fn served(
        &mut self,
        read: ReadId,
        rows: Result<Vec<Vec<base::effect::Row>>, StorageTrouble>,
        turn: &mut Turn<'_>,
    ) {
        let Some(replica) = &mut self.replica else {
            return;
        };
        let values = |rows: Vec<Vec<base::effect::Row>>| {
            rows.into_iter().flatten().map(|(_, value)| value).collect()
        };
        replica.loaded(turn.now.mono_ms, read, rows.map(values).map_err(|_| ()));
    }

    /// What linked devices may have changes with membership.
    fn standings_changed(&mut self, turn: &mut Turn<'_>) {
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
    }
}

/// The signatures that must be right for a segment to count; `None` for an unknown author.
fn proofs(
    shop: base::ShopId,
    membership: &Membership,
    segment: &Segment,
) -> Option<Vec<VerifyTask>> {
    let header = &segment.header;
    let control = header.stream == Stream::Control;
    let raws = if control {
        seal::body::expand(&segment.body, header.count).ok()?
    } else {
        vec![]
    };
    let first = if header.first == 1 {
        raws.first()
    } else {
        None
    };
    let founder = first.and_then(|raw| Membership::founder_of(shop, raw));
    let member = membership.member(header.device).map(|member| member.keys);
    let keys = member
        .or(founder)
        .filter(|keys| keys.device() == header.device)?;
    let message = Header::signed_bytes(&segment.header_raw);
    let mut tasks = vec![VerifyTask {
        public: keys.ed25519,
        message,
        signature: segment.signature,
    }];
    for refound in raws.iter().filter_map(|raw| refound_in(raw)) {
        // Whoever makes a founder must have typed the shop's own twelve words.
        let public = membership.recovery()?.ed25519;
        let message = Refound::signed_bytes(shop, &refound.keys, &refound.letters);
        tasks.push(VerifyTask {
            public,
            message,
            signature: refound.signature,
        });
    }
    Some(tasks)
}

fn refound_in(raw: &[u8]) -> Option<Refound> {
    match Reading::of(raw).control() {
        Some(Control::Refound(refound)) => Some(refound.clone()),
        _ => None,
    }
}
