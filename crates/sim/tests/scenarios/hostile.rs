//! Somebody on the shop's network sends what nobody asked for.

use base::effect::{Change, Durability, KeyAnswer, KeyTask, SignTask, Table, Transaction};
use base::frame::Frame;
use base::hash::{ChainValue, sha256};
use base::{Answer, Effect, Header, KeyHandle, LinkId, LogId, Mark, Run, Segment, Stream};
use device::api::{Copies, LinkTrouble, Notice, Reply, Request};
use sim::disk::DiskFault;
use sim::random::SeededRandom;
use sim::world::Told;
use sim::{CryptoHands, Hands, NodeId};

use crate::corner::{Corner, OTHER, OWNER, TILL};
use crate::forge;

/// Numbers that no message of these short stories has reached.
const UNUSED_MESSAGE: u32 = 1_000_000;

/// A shop of three in which the till has sold, and all have heard of it.
fn shop(seed: u64) -> Corner {
    let mut corner = Corner::with_tills(seed, 3, 2);
    corner.sell(TILL);
    corner.agree(&[OWNER, TILL, OTHER]);
    corner
}

/// The newest sale of the till, as the owner holds it.
fn sale(corner: &Corner) -> Segment {
    let disk = corner.world.disk(TILL).unwrap();
    let rows = disk.records(Table::Segments);
    let segments = rows.map(|(_, bytes)| Segment::from_bytes(bytes).unwrap());
    let sales = segments.filter(|segment| segment.header.stream == Stream::Sales);
    sales.max_by_key(|segment| segment.header.last()).unwrap()
}

/// The link by which the owner heard of a segment, and the frame that brought it.
fn frame_with(corner: &Corner, segment: &Segment) -> (LinkId, Frame) {
    let bytes = segment.to_bytes();
    let holds = |frame: &Frame| frame.payload.windows(bytes.len()).any(|part| part == bytes);
    let links = corner.heard.borrow().links(OWNER);
    let frames = links.into_iter().flat_map(|(link, frames)| {
        let read = |bytes: &Vec<u8>| Some((link, Frame::from_bytes(bytes).ok()?));
        frames.iter().filter_map(read).collect::<Vec<_>>()
    });
    let mut brought = frames.filter(|(_, frame)| holds(frame));
    brought.next().expect("the owner heard of the sale")
}

/// The same frame as a new message, with another segment in place of the old one.
fn swap(frame: &Frame, old: &Segment, new: &Segment) -> Vec<u8> {
    let (old, new) = (old.to_bytes(), new.to_bytes());
    assert_eq!(old.len(), new.len(), "only then the message stays readable");
    let mut frame = frame.clone();
    let places = frame.payload.windows(old.len());
    let place = places.into_iter().position(|part| part == old).unwrap();
    frame.payload[place..place + old.len()].copy_from_slice(&new);
    frame.message = UNUSED_MESSAGE;
    frame.to_bytes()
}

/// A segment after the newest sale, as a forger would write it: everything but the key is right.
fn next_sale(old: &Segment) -> (Header, Vec<u8>) {
    let mut body = old.body.clone();
    body[0] ^= 1;
    let mut header = old.header.clone();
    header.first = old.header.last() + 1;
    header.before = old.header.last_chain;
    header.last_chain.0[0] ^= 1;
    header.nonce[0] ^= 1;
    header.body_hash = Some(sha256(&[&body]).0);
    (header, body)
}

/// Injects a frame at the owner's, on the link where the sale came, or on all that are open when
/// that one was closed meanwhile; nothing changes, and the shop goes on selling. Gives what the
/// owner was told of members.
#[track_caller]
fn check_harmless(corner: &mut Corner, link: LinkId, frames: Vec<Vec<u8>>) -> Vec<LinkTrouble> {
    corner.take_told();
    let before = corner.state_hash(OWNER);
    for frame in frames {
        corner.world.inject(OWNER, link, frame.clone());
        for (open, _) in corner.heard.borrow().links(OWNER) {
            if open != link {
                corner.world.inject(OWNER, open, frame.clone());
            }
        }
        corner.world.run_for_ms(2_000);
    }
    let troubles = corner
        .take_told()
        .into_iter()
        .filter_map(of_owner)
        .collect();
    let after = corner.state_hash(OWNER);
    assert_eq!(after.hash, before.hash);
    assert_eq!(after.judged, before.judged);
    corner.sell(TILL);
    corner.sell(OWNER);
    corner.agree(&[OWNER, TILL, OTHER]);
    assert_ne!(corner.state_hash(OWNER).hash, before.hash);
    assert_eq!(corner.world.breaches(), Vec::<String>::new());
    troubles
}

fn of_owner(told: Told<Notice>) -> Option<LinkTrouble> {
    match told.notice {
        Notice::LinkTrouble { trouble, .. } if told.node == OWNER => Some(trouble),
        _ => None,
    }
}

#[test]
fn a_segment_that_its_author_did_not_sign_changes_nothing() {
    let mut corner = shop(1);
    let old = sale(&corner);
    let (link, frame) = frame_with(&corner, &old);
    let (header, body) = next_sale(&old);
    let forged = Segment::new(header, old.signature, body);
    let told = check_harmless(&mut corner, link, vec![swap(&frame, &old, &forged)]);
    assert_eq!(told, [LinkTrouble::Unsigned]);
    assert!(corner.counted(OWNER, "segments_refused") > 0);
}

#[test]
fn a_segment_altered_on_the_way_changes_nothing() {
    let mut corner = shop(2);
    let old = sale(&corner);
    let (link, frame) = frame_with(&corner, &old);
    let mut body = old.body.clone();
    *body.last_mut().unwrap() ^= 1;
    let mut header = old.header.clone();
    header.body_hash = Some(sha256(&[&body]).0);
    let altered = Segment::new(header, old.signature, body);
    let mut garbled = frame.clone();
    garbled.message = UNUSED_MESSAGE + 1;
    *garbled.payload.last_mut().unwrap() ^= 0xff;
    let frames = vec![swap(&frame, &old, &altered), garbled.to_bytes()];
    check_harmless(&mut corner, link, frames);
}

#[test]
fn a_segment_of_a_device_that_was_never_let_in_changes_nothing() {
    let mut corner = shop(3);
    let old = sale(&corner);
    let (link, frame) = frame_with(&corner, &old);
    let (mut hands, mut random) = (Hands::real(), SeededRandom::new(3, "stranger", 0));
    let identity = Effect::Keys(KeyTask::Identity);
    let Some(Answer::Keys(KeyAnswer::Public(keys))) = hands.perform(&mut random, &identity) else {
        panic!("hands make keys");
    };
    let (mut header, body) = next_sale(&old);
    header.device = identity_of(keys);
    header.first = 1;
    let message = Header::signed_bytes(&Segment::new(header.clone(), [0; 64], vec![]).header_raw);
    let key = KeyHandle::IDENTITY;
    let sign = Effect::Sign(vec![SignTask { key, message }]);
    let Some(Answer::Signed(signatures)) = hands.perform(&mut random, &sign) else {
        panic!("hands sign");
    };
    let strange = Segment::new(header, signatures[0], body);
    let told = check_harmless(&mut corner, link, vec![swap(&frame, &old, &strange)]);
    assert_eq!(told, [], "a member may pass on what it can't judge yet");
    assert!(corner.waiting(OWNER) > 0, "it waits for whoever lets it in");
}

#[test]
fn frames_heard_before_change_nothing_when_they_come_again() {
    let mut corner = shop(4);
    let (link, frame) = frame_with(&corner, &sale(&corner));
    let links = corner.heard.borrow().links(OWNER);
    let (_, all) = links.into_iter().find(|(id, _)| *id == link).unwrap();
    let mut frames = vec![frame.to_bytes(), frame.to_bytes()];
    frames.extend(all);
    check_harmless(&mut corner, link, frames);
}

#[test]
fn frames_cut_short_change_nothing() {
    let mut corner = shop(5);
    let (link, frame) = frame_with(&corner, &sale(&corner));
    let bytes = frame.to_bytes();
    let cuts = [0, 1, 8, 15, 16, 17, bytes.len() / 2, bytes.len() - 1];
    let frames = cuts.iter().map(|cut| bytes[..*cut].to_vec()).collect();
    let told = check_harmless(&mut corner, link, frames);
    assert!(told.contains(&LinkTrouble::Unreadable), "{told:?}");
}

#[test]
fn a_statement_over_another_branch_of_a_log_counts_for_no_copy() {
    let mut corner = shop(6);
    for full in [TILL, OTHER] {
        corner.world.set_disk_fault(full, DiskFault::Full);
    }
    corner.sell(OWNER);
    corner.world.run_for_ms(10_000);
    let owner = corner.device(OWNER);
    let sale = forge::newest_sale(&corner, OWNER, owner).header;
    let run = |mark| Run {
        first: 1,
        last: sale.last(),
        mark,
    };
    let (right, wrong) = (sale.last_chain.mark(), Mark([7; 8]));
    let link = forge::a_link(&corner, OWNER);
    for (number, mark, pending) in [(0, wrong, 1), (1, right, 0)] {
        let run = run(mark);
        let mut told = forge::statement(&mut corner, TILL, sale.log(), run);
        if number == 1 {
            told = forge::statement(&mut corner, OTHER, sale.log(), run);
        }
        forge::bring(&mut corner, OWNER, link, number, &told);
        corner.world.run_for_ms(1_000);
        let Reply::Status(status) = corner.ask(OWNER, Request::Status) else {
            panic!("the owner has no status");
        };
        assert_eq!(status.pending, pending, "{mark:?}");
    }
    // It is the same after a restart, once it is kept.
    corner.world.run_for_ms(2_000);
    corner.world.kill(OWNER);
    corner.world.start(OWNER);
    corner.world.run_for_ms(30_000);
    let Reply::Sales { page, .. } = corner.ask(OWNER, sim::shop::wares::sales(0, 9)) else {
        panic!("the owner lists no sales");
    };
    assert_eq!(
        page[0].1,
        Copies::Peers(1),
        "what the till said is of no sale"
    );
}

/// How far a device holds a log without a gap.
pub fn holds(corner: &mut Corner, node: NodeId, log: LogId) -> u64 {
    match corner.ask(node, Request::Vector) {
        Reply::Vector(logs) => {
            let found = logs.into_iter().find(|(name, _)| *name == log.to_string());
            found.map_or(0, |(_, last)| last)
        }
        reply => panic!("{node:?} has no vector: {reply:?}"),
    }
}

#[test]
fn a_segment_that_its_author_sealed_wrongly_is_neither_kept_nor_vouched_for() {
    let mut corner = shop(7);
    let old = sale(&corner);
    let (link, frame) = frame_with(&corner, &old);
    let (header, body) = next_sale(&old);
    let wrong = forge::signed(&mut corner, TILL, header, body);
    let told = check_harmless(&mut corner, link, vec![swap(&frame, &old, &wrong)]);
    assert_eq!(told, [], "whoever brings it has no part in it");
    assert!(corner.counted(OWNER, "segments_broken") > 0);
    for node in [OWNER, OTHER] {
        assert!(!forge::segments(&corner, node).contains(&wrong));
        // The till's next sale has taken its number.
        assert_eq!(
            holds(&mut corner, node, old.header.log()),
            wrong.header.last()
        );
    }
}

#[test]
fn what_does_not_open_at_the_start_is_thrown_out_but_never_our_own() {
    let mut corner = shop(8);
    corner.sell(OWNER);
    corner.agree(&[OWNER, TILL, OTHER]);
    let owner = corner.device(OWNER);
    let old = sale(&corner);
    let own = forge::newest_sale(&corner, OWNER, owner);
    let before = corner.state_hash(OWNER);
    let wrong = [(TILL, &old), (OWNER, &own)].map(|(author, newest)| {
        let (header, body) = next_sale(newest);
        forge::signed(&mut corner, author, header, body)
    });
    corner.world.kill(OWNER);
    let put = |(before, segment): (&Segment, &Segment)| Change::Put {
        table: Table::Segments,
        key: forge::row_after(&corner, OWNER, before, segment),
        value: segment.to_bytes(),
    };
    let transaction = Transaction {
        durability: Durability::Strict,
        changes: [&old, &own].into_iter().zip(&wrong).map(put).collect(),
    };
    corner
        .world
        .disk_mut(OWNER)
        .unwrap()
        .commit(transaction)
        .unwrap();
    corner.world.part(&[OWNER]);
    corner.world.start(OWNER);
    corner.world.run_for_ms(10_000);
    let rows = forge::segments(&corner, OWNER);
    let kept = wrong.each_ref().map(|segment| rows.contains(segment));
    assert_eq!(kept, [false, true]);
    assert_eq!(
        holds(&mut corner, OWNER, old.header.log()),
        old.header.last()
    );
    assert_eq!(corner.state_hash(OWNER), before);
    corner.sell(TILL);
    corner.world.unite(&[OWNER]);
    corner.agree(&[OWNER, TILL, OTHER]);
}

#[test]
fn what_turns_out_not_to_open_when_its_secret_comes_is_held_no_more() {
    let mut corner = shop(9);
    let (shop, device) = (corner.shop(), corner.device(OWNER));
    let log = LogId::new(device, Stream::Office);
    let mut header = sale(&corner).header;
    header.device = device;
    header.stream = Stream::Office;
    header.first = 1;
    header.count = 1;
    header.before = ChainValue::start(shop, log);
    let wrong = forge::signed(&mut corner, OWNER, header, vec![7; 99]);
    corner.world.kill(OWNER);
    corner.world.run_for_ms(15_000);
    let link = forge::a_link(&corner, TILL);
    forge::bring(
        &mut corner,
        TILL,
        link,
        0,
        &forge::live(std::slice::from_ref(&wrong)),
    );
    corner.world.run_for_ms(10_000);
    for node in [TILL, OTHER] {
        assert_eq!(
            holds(&mut corner, node, log),
            1,
            "who has no key passes it on"
        );
    }
    let words = corner.staff.recovery.clone();
    assert_eq!(corner.ask(TILL, Request::Recover { words }), Reply::Done);
    corner.world.run_for_ms(30_000);
    assert!(corner.counted(TILL, "segments_broken") > 0);
    assert_eq!(holds(&mut corner, TILL, log), 0);
    assert_eq!(holds(&mut corner, OTHER, log), 1);
    corner.sell(OTHER);
    corner.agree(&[TILL, OTHER]);
}

#[test]
fn control_that_cannot_be_read_holds_nothing_up_unless_its_author_signed_it() {
    let mut corner = shop(10);
    let mut right = forge::control(&mut corner, TILL, &[b"anything".to_vec()]).remove(0);
    right.header.count = 256;
    let body = b"no entries".to_vec();
    right.header.body_hash = Some(sha256(&[&body]).0);
    let wrong = Segment::new(right.header, [7; 64], body);
    let link = forge::a_link(&corner, OWNER);
    corner.take_told();
    let wrong = forge::live(std::slice::from_ref(&wrong));
    forge::bring(&mut corner, OWNER, link, 0, &wrong);
    corner.world.run_for_ms(2_000);
    let told: Vec<_> = corner
        .take_told()
        .into_iter()
        .filter_map(of_owner)
        .collect();
    assert_eq!(told, [LinkTrouble::Unsigned]);
    assert!(corner.counted(OWNER, "segments_refused") > 0);
    assert_eq!(corner.waiting(OWNER), 0);
    // The author's own words at these numbers still come.
    let words = corner.staff.recovery.clone();
    assert_eq!(corner.ask(TILL, Request::Recover { words }), Reply::Done);
    corner.agree(&[OWNER, TILL, OTHER]);
    let log = LogId::new(corner.device(TILL), Stream::Control);
    assert!(holds(&mut corner, OWNER, log) > 0);
}

#[test]
fn a_rejected_entry_stays_rejected_when_it_comes_again() {
    let mut corner = shop(11);
    let old = sale(&corner);
    let wrong = forge::sealed_after(&mut corner, TILL, &old, b"no entry at all");
    let link = forge::a_link(&corner, OWNER);
    // It cannot be kept, so it is opened again when it comes again.
    for (number, fault) in [(0, DiskFault::Full), (1, DiskFault::None)] {
        corner.world.set_disk_fault(OWNER, fault);
        let message = forge::live(std::slice::from_ref(&wrong));
        forge::bring(&mut corner, OWNER, link, number, &message);
        corner.world.run_for_ms(10_000);
        let kept = forge::segments(&corner, OWNER).contains(&wrong);
        assert_eq!(kept, fault == DiskFault::None);
        let Reply::Status(status) = corner.ask(OWNER, Request::Status) else {
            panic!("the owner has no status");
        };
        assert_eq!(status.quarantined, 1, "{fault:?}");
    }
}

fn identity_of(keys: base::effect::PublicKeys) -> base::DeviceId {
    base::DeviceId::of_keys(&keys.ed25519, &keys.x25519)
}
