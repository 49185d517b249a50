//! What came from others, on its way to verified, opened, stored, folded; or dropped.

use std::collections::BTreeSet;

use base::effect::{Change, StorageTrouble, Table, Transaction, VerifyTask};
use base::hash::ChainValue;
use base::{Effect, Header, Segment, Stream};
use identity::Membership;
use identity::control::{Control, Refound};
use sync_core::replica::Failure;
use sync_core::{Holdings, Replica};

use crate::Device;
use crate::api::{LinkTrouble, Notice, Refusal};
use crate::outbox::Turn;
use crate::purpose::Purpose;
use crate::records;
use crate::shop::intake::{self, Arrived, Origin};
use crate::shop::{Shop, Untaken};

impl Device {
    /// Gives the disk again what it refused, when that is due.
    pub(crate) fn store_again(&mut self, turn: &mut Turn<'_>) {
        if let Some(shop) = &mut self.shop {
            shop.intake.storing.store_again(turn);
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
        let aside = shop.intake.set_aside();
        if let Some(replica) = &mut self.replica
            && !aside.is_empty()
        {
            replica.received_set_aside(turn.now.mono_ms, &aside);
            turn.out.notice(Notice::StatusChanged);
        }
        let crowded_out = shop.intake.crowded_out();
        if let Some(replica) = &mut self.replica
            && !crowded_out.is_empty()
        {
            replica.received_failed(turn.now.mono_ms, &crowded_out, Failure::Refused);
        }
    }

    /// Takes verdicts on signatures; none at all when keys did not do what was asked.
    pub(crate) fn intake_verified(
        &mut self,
        list: Vec<Arrived>,
        verdicts: Vec<bool>,
        turn: &mut Turn<'_>,
    ) {
        if verdicts.is_empty() {
            return self.intake_unverified(&list, turn);
        }
        let (Some(shop), Some(replica)) = (&mut self.shop, &mut self.replica) else {
            return;
        };
        let mut verdicts = verdicts.into_iter();
        let (mut good, mut bad) = (Vec::new(), Vec::new());
        let mut brought_by = BTreeSet::new();
        let mut replaced = Vec::new();
        let (mut control, mut told) = (false, false);
        for arrived in list {
            let proofs: Vec<bool> = verdicts.by_ref().take(arrived.proofs).collect();
            // A verdict that did not come is no verdict in favour.
            let right = proofs.len() == arrived.proofs && proofs.iter().all(|right| *right);
            let is_control = intake::is_control(&arrived.segment);
            control |= is_control;
            let taken = match (right, is_control) {
                (false, _) => Err(Untaken::Broken),
                (true, true) => shop.take_control(&arrived.segment).map(Some),
                (true, false) => Ok(None),
            };
            // Also by what came before an entry that is refused.
            told |= right && is_control && !matches!(taken, Err(Untaken::Gap));
            match taken {
                Ok(chain) => {
                    if let Some(chain) = chain {
                        replaced.extend(replaced_rows(replica, &arrived.segment.header, &chain));
                    }
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
        let (control_segments, sealed): (Vec<_>, Vec<_>) =
            good.into_iter().partition(intake::is_control);
        if !control_segments.is_empty() {
            let removals = shop.remove_rows(replaced);
            let durability = intake::durability_of(Stream::Control);
            let storing = &mut shop.intake.storing;
            storing.store(&control_segments, removals, durability, turn);
        }
        shop.intake.open(sealed, Origin::Link, &shop.keyring, turn);
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

    /// Keys did not do what was asked, which says nothing of the segments: they are asked for
    /// again.
    fn intake_unverified(&mut self, list: &[Arrived], turn: &mut Turn<'_>) {
        self.count("segments_unverified", list.len() as u64);
        let (Some(shop), Some(replica)) = (&mut self.shop, &mut self.replica) else {
            return;
        };
        let headers: Vec<_> = list.iter().map(|it| it.segment.header.clone()).collect();
        replica.received_failed(turn.now.mono_ms, &headers, Failure::NoRoom);
        if headers.iter().any(|it| it.stream == Stream::Control) {
            shop.intake.control_done();
        }
    }

    /// Takes opened bodies, and stores what came by a link. One that cannot be opened, or does not
    /// lead from its beginning to its end, is dropped and asked for elsewhere.
    pub(crate) fn intake_opened(
        &mut self,
        list: Vec<Segment>,
        origin: Origin,
        plains: Vec<Option<Vec<u8>>>,
        turn: &mut Turn<'_>,
    ) {
        let Some(shop) = &mut self.shop else { return };
        let (mut right, mut wrong) = (Vec::new(), Vec::new());
        let (mut opened, mut needless) = (BTreeSet::new(), Vec::new());
        let plains = plains.into_iter().chain(std::iter::repeat(None));
        for (segment, plain) in list.into_iter().zip(plains) {
            let taken = plain.map(|plain| shop.take_opened(&segment, &plain, turn));
            if let Some(Ok(chain)) = taken {
                let header = &segment.header;
                if !shop.keeps(header) {
                    continue;
                }
                let mut replaced = Vec::new();
                match (origin, &mut self.replica, &mut self.restored) {
                    (Origin::Link, Some(replica), _) => {
                        replaced = replaced_rows(replica, header, &chain);
                    }
                    // What it takes the place of goes with the next start.
                    (Origin::OnItsWay, Some(replica), _) => {
                        replica.received_opened(header, &chain);
                    }
                    (Origin::Disk, Some(replica), _) => {
                        replica.stored_opened(turn.now.mono_ms, header, &chain);
                        opened.insert(header.log());
                        if replica.holdings().is_needless(header) {
                            needless.push(records::segment_key(header));
                        }
                    }
                    (Origin::Disk, None, Some(restored)) => {
                        restored.opened(header, chain.iter().map(ChainValue::mark));
                    }
                    _ => {}
                }
                right.push((segment, replaced));
            } else {
                shop.quarantine_segment(&segment.header);
                wrong.push(segment.header);
            }
        }
        if origin == Origin::Link {
            shop.store_opened(right, turn);
        }
        if !wrong.is_empty() {
            self.count("segments_broken", wrong.len() as u64);
            match (origin, &mut self.replica) {
                (Origin::Link, Some(replica)) => {
                    replica.received_failed(turn.now.mono_ms, &wrong, Failure::Refused);
                }
                (Origin::Link, None) => {}
                (Origin::OnItsWay | Origin::Disk, _) => {
                    wrong.iter().for_each(|it| self.drop_stored(it, turn));
                }
            }
        }
        self.clear_rows(needless, turn);
        self.prove_statements(opened);
        self.list_done(turn);
    }

    /// Removes rows that bring nothing: others hold the same.
    pub(crate) fn clear_rows(&self, keys: Vec<Vec<u8>>, turn: &mut Turn<'_>) {
        let Some(shop) = &self.shop else { return };
        for (durability, keys) in intake::by_durability(keys, |key| records::stream_of(key)) {
            let transaction = Transaction {
                durability,
                changes: shop.remove_rows(keys),
            };
            if !transaction.changes.is_empty() {
                turn.out.effect(Purpose::Nobody, Effect::Store(transaction));
            }
        }
    }

    /// Keys did not do what was asked, which says nothing of the segments: what came by a link is
    /// asked for again, what is on the disk stays there. A start begins anew.
    pub(crate) fn intake_unopened(
        &mut self,
        list: &[Segment],
        origin: Origin,
        turn: &mut Turn<'_>,
    ) {
        self.count("segments_unopened", list.len() as u64);
        let headers: Vec<_> = list.iter().map(|segment| segment.header.clone()).collect();
        match (origin, &mut self.replica, &mut self.shop) {
            (Origin::Disk, ..) if !self.ready => {
                return self.cannot_start(&Refusal::unread(), turn);
            }
            (Origin::Link, Some(replica), _) => {
                replica.received_failed(turn.now.mono_ms, &headers, Failure::NoRoom);
            }
            (Origin::OnItsWay | Origin::Disk, _, Some(shop)) => {
                for header in &headers {
                    shop.quarantine_segment(header);
                    if let Some(restored) = &mut self.restored {
                        restored.holdings.add(header, &[]);
                    }
                }
            }
            _ => {}
        }
        self.list_done(turn);
    }

    fn list_done(&mut self, turn: &mut Turn<'_>) {
        if let Some(shop) = &mut self.shop {
            shop.intake.list_opened();
        }
        turn.out.notice(Notice::StatusChanged);
        self.check_joined(turn);
        self.settle_start(turn);
    }

    /// A segment on the disk, or on its way there, does not open: it is not held any more. Its row
    /// goes too, unless nothing shows that our secret is the right one. Our own rows stay: nobody
    /// else may have them.
    fn drop_stored(&mut self, header: &Header, turn: &mut Turn<'_>) {
        let Some(shop) = &mut self.shop else { return };
        if header.device == shop.me {
            return;
        }
        let on_its_way = shop.intake.storing.drop_unopened(header);
        if shop.keyring.has_opened(header.epoch, header.stream) {
            let delete = Change::Delete {
                table: Table::Segments,
                key: records::segment_key(header),
            };
            let transaction = Transaction {
                durability: intake::durability_of(header.stream),
                changes: vec![delete],
            };
            turn.out.effect(Purpose::Nobody, Effect::Store(transaction));
        }
        if let Some(restored) = &mut self.restored
            && is_held(&restored.holdings, header)
        {
            restored.holdings.remove(header);
        }
        let Some(replica) = self.replica.as_mut().filter(|_| !on_its_way) else {
            return;
        };
        if is_held(replica.holdings(), header) {
            replica.lost(turn.now.mono_ms, header);
        } else {
            // The disk had refused it.
            let header = std::slice::from_ref(header);
            replica.received_failed(turn.now.mono_ms, header, Failure::Refused);
        }
    }

    /// Received segments are on the disk, or not.
    pub(crate) fn intake_stored(
        &mut self,
        headers: &[Header],
        result: Result<(), StorageTrouble>,
        turn: &mut Turn<'_>,
    ) {
        let (Some(shop), Some(replica)) = (&mut self.shop, &mut self.replica) else {
            return;
        };
        let now_ms = turn.now.mono_ms;
        let stored = shop.intake.stored(headers, result.is_ok(), now_ms);
        if !stored.dropped.is_empty() {
            replica.received_failed(now_ms, &stored.dropped, Failure::Refused);
        }
        if let Err(trouble) = result {
            replica.received_unstored(now_ms, &stored.again);
            if !stored.failed.is_empty() {
                replica.received_failed(now_ms, &stored.failed, Failure::NoRoom);
            }
            self.not_stored(&trouble, turn);
        } else {
            replica.received_stored(now_ms, &stored.kept);
            self.prove_statements(stored.kept.iter().map(Header::log));
        }
        self.check_joined(turn);
    }
}

/// Whether a segment is held, and nothing else in its place.
fn is_held(holdings: &Holdings, header: &Header) -> bool {
    holdings.has(header.log(), header.last(), header.last_chain.mark())
}

/// The keys of the rows whose place a segment takes that came by a link and was opened.
fn replaced_rows(replica: &mut Replica, header: &Header, chain: &[ChainValue]) -> Vec<Vec<u8>> {
    let replaced = replica.received_opened(header, chain).into_iter();
    replaced
        .map(|(first, mark)| records::row_key(header.shop, header.log(), first, mark))
        .collect()
}

/// The signatures that must be right for a segment to count; `None` for an unknown author.
fn proofs(
    shop: base::ShopId,
    membership: &Membership,
    segment: &Segment,
) -> Option<Vec<VerifyTask>> {
    let header = &segment.header;
    let is_control = intake::is_control(segment);
    let raws = if is_control {
        // One that cannot be read has the author's own signature to show all the same: nobody else
        // may hold a range up with it.
        seal::body::expand(&segment.body, header.count).unwrap_or_default()
    } else {
        vec![]
    };
    let first = if header.first == 1 {
        raws.first()
    } else {
        None
    };
    let founder = first.and_then(|raw| membership.founder_of(raw));
    let member = membership.member(header.device).map(|member| member.keys);
    // Others may have taken it for a member: what they wrote since names its control.
    let named = || membership.named_keys(header.device).filter(|_| is_control);
    let keys = member
        .or(founder)
        .or_else(named)
        .filter(|keys| keys.device() == header.device)?;
    let message = Header::signed_bytes(&segment.header_raw);
    let mut tasks = vec![VerifyTask {
        public: keys.ed25519,
        message,
        signature: segment.signature,
    }];
    for refound in raws.iter().filter_map(|raw| refound_in(membership, raw)) {
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

fn refound_in(membership: &Membership, raw: &[u8]) -> Option<Refound> {
    match membership.read(raw).control() {
        Some(Control::Refound(refound)) => Some(refound.clone()),
        _ => None,
    }
}
