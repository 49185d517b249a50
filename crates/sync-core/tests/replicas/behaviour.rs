//! What a replica makes of peers that are wrong, lying, silent or forked.

use std::collections::BTreeMap;

use base::limits::{MESSAGE_TIMEOUT_MS, STORAGE_PAUSE_MS, WANT_RANGES_MAX};
use base::machine::Channel;
use base::{LinkId, LogId, Malformed, Mark, Run, Segment, ShopId, Stream, Vector};
use sync_core::replica::Rows;
use sync_core::{
    Action, Failure, Fault, Holdings, Message, Range, Replica, Span, Standing, Switches,
};

use crate::toy::{SHOP, chain, device, log, segment, segment_on};

const A: LinkId = LinkId(1);
const B: LinkId = LinkId(2);

fn replica() -> Replica {
    let switches = Switches::default();
    let mut replica = Replica::new(device(9), Holdings::new(SHOP, switches), switches);
    replica.link_up(0, A, device(1), Standing::Member);
    replica.link_up(0, B, device(2), Standing::Member);
    drain(&mut replica);
    replica
}

fn drain(replica: &mut Replica) -> Vec<Action> {
    std::iter::from_fn(|| replica.poll()).collect()
}

fn vector(runs: &[(u8, u64, u64)]) -> Message {
    let mut logs: BTreeMap<LogId, Vec<Run>> = BTreeMap::new();
    for (n, first, last) in runs {
        let log = log(*n, Stream::Sales);
        let mark = chain(log, *last, 0).mark();
        let run = Run {
            first: *first,
            last: *last,
            mark,
        };
        logs.entry(log).or_default().push(run);
    }
    Message::Vector {
        vector: logs.into_iter().collect(),
        whole: true,
        asks: false,
    }
}

fn list(segments: &[Segment], done: u32) -> Message {
    let segments = segments
        .iter()
        .map(|segment| segment.to_bytes().into())
        .collect();
    Message::Segments { segments, done }
}

fn sales(n: u8, first: u64, last: u64) -> Segment {
    segment(log(n, Stream::Sales), first, last)
}

/// What was asked of whom.
fn wants(actions: &[Action]) -> Vec<(LinkId, u64, u64)> {
    let want = |action: &Action| match action {
        Action::Send {
            link,
            message: Message::Want { ranges, .. },
            ..
        } => ranges
            .iter()
            .map(|range| (*link, range.first, range.last))
            .collect(),
        _ => vec![],
    };
    actions.iter().flat_map(want).collect()
}

#[track_caller]
fn faulty(replica: &mut Replica, channel: Channel, message: Message, expected: &Fault) {
    replica.message(1, A, channel, message);
    let actions = drain(replica);
    let fault = actions.iter().find_map(|action| match action {
        Action::Fault { link: A, fault } => Some(fault),
        _ => None,
    });
    assert_eq!(fault, Some(expected));
    assert!(
        !actions
            .iter()
            .any(|action| matches!(action, Action::Received { .. }))
    );
}

#[test]
fn segments_that_nobody_asked_for_are_the_peers_fault() {
    let message = list(&[sales(1, 1, 1)], 0);
    faulty(&mut replica(), Channel::Bulk, message, &Fault::PeerUnasked);
    faulty(
        &mut replica(),
        Channel::Bulk,
        list(&[], 1),
        &Fault::PeerUnasked,
    );
}

#[test]
fn segments_of_another_shop_or_damaged_ones_are_the_peers_fault() {
    let mut foreign = sales(1, 1, 1).header;
    foreign.shop = ShopId([77; 16]);
    let foreign = Segment::new(foreign, [0; 64], sales(1, 1, 1).body);
    let message = list(&[foreign], 0);
    faulty(
        &mut replica(),
        Channel::Live,
        message,
        &Fault::PeerForeignShop,
    );
    let message = Message::Segments {
        segments: vec![vec![1, 2, 3].into()],
        done: 0,
    };
    let malformed = Fault::PeerMalformed(Malformed::Bytes("segment"));
    faulty(&mut replica(), Channel::Live, message, &malformed);
}

#[test]
fn messages_out_of_turn_are_the_peers_fault() {
    let message = list(&[sales(1, 1, 1)], 0);
    faulty(
        &mut replica(),
        Channel::Control,
        message,
        &Fault::PeerOutOfTurn("sync_data"),
    );
    let reveal = Message::Reveal([0; 32]);
    faulty(
        &mut replica(),
        Channel::Control,
        reveal,
        &Fault::PeerOutOfTurn("handshake"),
    );
}

#[test]
fn wants_are_bounded() {
    let mut replica = replica();
    let range = Range::new(log(3, Stream::Sales), Span::new(1, 9));
    let want = || Message::Want {
        ranges: vec![range; WANT_RANGES_MAX],
        bulk_limit: 0,
        begun: Vec::new(),
    };
    replica.message(1, A, Channel::Control, want());
    let actions = drain(&mut replica);
    assert!(
        !actions
            .iter()
            .any(|action| matches!(action, Action::Fault { .. }))
    );
    faulty(
        &mut replica,
        Channel::Control,
        want(),
        &Fault::PeerOutOfTurn("sync_request"),
    );
}

#[test]
fn a_live_flood_beyond_credit_is_the_peers_fault() {
    let mut replica = replica();
    for n in 0..200 {
        let big = segment_on(log(1, Stream::Sales), n + 1, n + 1, 60_000, 0);
        replica.message(1, A, Channel::Live, list(&[big], 0));
    }
    let fault = Action::Fault {
        link: A,
        fault: Fault::PeerOverCredit,
    };
    assert!(drain(&mut replica).contains(&fault));
    assert!(replica.arriving() < 50);
}

#[test]
fn what_a_peer_claimed_and_does_not_have_is_asked_of_another() {
    let mut replica = replica();
    replica.message(1, A, Channel::Control, vector(&[(1, 1, 10)]));
    assert_eq!(wants(&drain(&mut replica)), [(A, 1, 10)]);
    replica.message(1, B, Channel::Control, vector(&[(1, 1, 10)]));
    assert_eq!(wants(&drain(&mut replica)), [], "it is asked for already");
    replica.message(1, A, Channel::Bulk, list(&[sales(1, 1, 4)], 1));
    assert_eq!(wants(&drain(&mut replica)), [(B, 5, 10)]);
    replica.message(1, B, Channel::Bulk, list(&[], 1));
    assert_eq!(
        wants(&drain(&mut replica)),
        [],
        "nobody has it; there is no endless asking"
    );
}

#[test]
fn what_was_refused_is_asked_of_another_and_not_of_the_same_again() {
    let mut replica = replica();
    replica.message(1, A, Channel::Control, vector(&[(1, 1, 4)]));
    replica.message(1, B, Channel::Control, vector(&[(1, 1, 4)]));
    replica.message(1, A, Channel::Bulk, list(&[sales(1, 1, 4)], 1));
    drain(&mut replica);
    replica.received_failed(2, &[sales(1, 1, 4).header], Failure::Refused);
    assert_eq!(wants(&drain(&mut replica)), [(B, 1, 4)]);
    replica.message(3, B, Channel::Bulk, list(&[sales(1, 1, 4)], 1));
    replica.received_failed(4, &[sales(1, 1, 4).header], Failure::Refused);
    for link in [A, B] {
        replica.message(5, link, Channel::Control, vector(&[(1, 1, 6)]));
    }
    assert_eq!(wants(&drain(&mut replica)), [(A, 5, 6)]);
    assert_eq!(replica.holdings().entries(), 0);
}

#[test]
fn what_was_refused_is_asked_for_again_when_other_members_are_known() {
    let mut replica = replica();
    replica.message(1, A, Channel::Control, vector(&[(1, 1, 4)]));
    replica.message(1, A, Channel::Bulk, list(&[sales(1, 1, 4)], 1));
    drain(&mut replica);
    replica.received_failed(2, &[sales(1, 1, 4).header], Failure::Refused);
    assert_eq!(wants(&drain(&mut replica)), []);
    replica.members_changed(3);
    assert_eq!(wants(&drain(&mut replica)), [(A, 1, 4)]);
}

#[test]
fn what_is_set_aside_is_neither_held_nor_asked_for_again() {
    let mut replica = replica();
    replica.message(1, A, Channel::Control, vector(&[(1, 1, 4)]));
    replica.message(1, A, Channel::Bulk, list(&[sales(1, 1, 4)], 1));
    replica.received_set_aside(2, &[sales(1, 1, 4).header]);
    drain(&mut replica);
    replica.message(3, B, Channel::Control, vector(&[(1, 1, 4)]));
    assert_eq!(wants(&drain(&mut replica)), []);
    assert_eq!(replica.holdings().entries(), 0);
    replica.received_stored(4, &[sales(1, 1, 4).header]);
    assert_eq!(replica.holdings().entries(), 4);
}

#[test]
fn what_the_store_refused_is_not_asked_for_while_it_is_given_to_it_again() {
    let mut replica = replica();
    replica.message(1, A, Channel::Control, vector(&[(1, 1, 4)]));
    replica.message(1, A, Channel::Bulk, list(&[sales(1, 1, 4)], 1));
    replica.received_unstored(2, &[sales(1, 1, 4).header]);
    drain(&mut replica);
    replica.message(3, B, Channel::Control, vector(&[(1, 1, 4), (2, 1, 4)]));
    assert_eq!(wants(&drain(&mut replica)), [], "it waits for the store");
    assert_eq!(replica.holdings().entries(), 0);
    replica.tick(2 + STORAGE_PAUSE_MS);
    assert_eq!(wants(&drain(&mut replica)), [(B, 1, 4)], "of the other log");
    replica.received_stored(9_000, &[sales(1, 1, 4).header]);
    assert_eq!(replica.holdings().entries(), 4);
}

#[test]
fn what_was_lost_from_the_store_is_asked_for_again() {
    let mut replica = replica();
    replica.message(1, A, Channel::Control, vector(&[(1, 1, 4)]));
    replica.message(
        1,
        A,
        Channel::Bulk,
        list(&[sales(1, 1, 2), sales(1, 3, 4)], 1),
    );
    replica.received_stored(2, &[sales(1, 1, 2).header, sales(1, 3, 4).header]);
    drain(&mut replica);
    replica.lost(3, &sales(1, 3, 4).header);
    assert_eq!(wants(&drain(&mut replica)), [(A, 3, 4)]);
}

#[test]
fn a_peer_that_does_not_answer_is_given_up_and_another_is_asked() {
    let mut replica = replica();
    replica.message(1, A, Channel::Control, vector(&[(1, 1, 4)]));
    replica.message(1, B, Channel::Control, vector(&[(1, 1, 4)]));
    drain(&mut replica);
    replica.tick(MESSAGE_TIMEOUT_MS);
    assert_eq!(wants(&drain(&mut replica)), []);
    replica.tick(1 + MESSAGE_TIMEOUT_MS);
    let actions = drain(&mut replica);
    assert!(actions.contains(&Action::Fault {
        link: A,
        fault: Fault::PeerUnanswered
    }));
    assert_eq!(wants(&actions), []);
    replica.link_down(1 + MESSAGE_TIMEOUT_MS, A);
    assert_eq!(wants(&drain(&mut replica)), [(B, 1, 4)]);
}

#[test]
fn the_same_segment_by_two_links_is_verified_once() {
    let mut replica = replica();
    replica.message(1, A, Channel::Live, list(&[sales(1, 1, 1)], 0));
    replica.message(1, B, Channel::Live, list(&[sales(1, 1, 1)], 0));
    let received = |actions: &[Action]| {
        actions
            .iter()
            .filter(|action| matches!(action, Action::Received { .. }))
            .count()
    };
    assert_eq!(received(&drain(&mut replica)), 1);
    replica.received_stored(2, &[sales(1, 1, 1).header]);
    replica.message(3, B, Channel::Live, list(&[sales(1, 1, 1)], 0));
    assert_eq!(received(&drain(&mut replica)), 0);
    assert_eq!(replica.duplicates(), 2);
}

/// A run of one log, as a peer tells that it is all that it holds.
fn told(log: LogId, first: u64, last: u64, branch: u8) -> Message {
    let mark = chain(log, last, branch).mark();
    let vector = [(log, vec![Run { first, last, mark }])]
        .into_iter()
        .collect();
    Message::Vector {
        vector,
        whole: true,
        asks: false,
    }
}

#[test]
fn a_branch_is_held_beside_ours_and_told_of() {
    let mut replica = replica();
    let log = log(1, Stream::Sales);
    let ours = [sales(1, 1, 9).header, sales(1, 10, 10).header];
    replica.received_stored(1, &ours);
    let other = segment_on(log, 10, 12, 40, 200);
    replica.message(1, A, Channel::Live, list(std::slice::from_ref(&other), 0));
    replica.received_stored(2, &[other.header]);
    assert!(drain(&mut replica).contains(&Action::Forked { log }));
    let runs = replica.holdings().vector().runs(log).to_vec();
    let ends: Vec<_> = runs.iter().map(|run| (run.first, run.last)).collect();
    assert_eq!(ends, [(1, 10), (10, 12)]);
    assert_eq!(runs[1].mark, chain(log, 12, 200).mark());
    replica.message(3, A, Channel::Control, told(log, 10, 12, 200));
    assert_eq!(wants(&drain(&mut replica)), [], "all of it is here");
}

#[test]
fn a_vector_that_contradicts_ours_tells_of_a_branch_which_is_asked_for_backwards() {
    let mut replica = replica();
    let log = log(1, Stream::Sales);
    let ours = [sales(1, 1, 350).header, sales(1, 351, 400).header];
    replica.received_stored(1, &ours);
    drain(&mut replica);
    replica.message(2, A, Channel::Control, told(log, 1, 350, 200));
    assert_eq!(wants(&drain(&mut replica)), [(A, 257, 350)]);
    let last = segment_on(log, 257, 350, 40, 200);
    replica.message(3, A, Channel::Bulk, list(std::slice::from_ref(&last), 1));
    replica.received_stored(4, &[last.header]);
    assert_eq!(wants(&drain(&mut replica)), [(A, 1, 256)]);
    // It has nothing of that after all: it is not asked over and over.
    replica.message(5, A, Channel::Bulk, list(&[], 1));
    replica.message(6, A, Channel::Control, told(log, 1, 400, 0));
    assert_eq!(wants(&drain(&mut replica)), []);
}

#[test]
fn a_peer_that_holds_more_of_our_own_log_shows_a_rollback() {
    let mut replica = replica();
    replica.committed(1, &[sales(9, 1, 2)], &[]);
    drain(&mut replica);
    replica.message(2, A, Channel::Control, vector(&[(9, 1, 6)]));
    let actions = drain(&mut replica);
    let log = log(9, Stream::Sales);
    assert!(actions.contains(&Action::OwnLogAhead { log, last: 6 }));
    assert_eq!(wants(&actions), [(A, 3, 6)], "what is ours is fetched back");
}

#[test]
fn a_range_of_which_the_store_has_nothing_ends_all_the_same() {
    let mut replica = replica();
    replica.committed(1, &[sales(9, 1, 2)], &[]);
    let range = Range::new(log(9, Stream::Sales), Span::new(1, 2));
    let want = Message::Want {
        ranges: vec![range],
        bulk_limit: 9_999,
        begun: Vec::new(),
    };
    replica.message(1, A, Channel::Control, want);
    let read = drain(&mut replica)
        .into_iter()
        .find_map(|action| match action {
            Action::Read { read, .. } => Some(read),
            _ => None,
        });
    replica.loaded(2, read.unwrap(), Err(()));
    let message = Message::Segments {
        segments: vec![],
        done: 1,
    };
    let answer = Action::Send {
        link: A,
        channel: Channel::Bulk,
        message,
    };
    assert!(drain(&mut replica).contains(&answer));
}

#[test]
fn without_credit_nothing_is_sent_in_bulk_and_credit_lets_it_go_on() {
    let mut replica = replica();
    let segments: Vec<_> = (1..=4)
        .map(|seq| segment_on(log(9, Stream::Sales), seq, seq, 50_000, 0))
        .collect();
    replica.committed(1, &segments, &[]);
    let range = Range::new(log(9, Stream::Sales), Span::new(1, 4));
    let want = Message::Want {
        ranges: vec![range],
        bulk_limit: 65_536,
        begun: Vec::new(),
    };
    replica.message(1, A, Channel::Control, want);
    let read = drain(&mut replica)
        .into_iter()
        .find_map(|action| match action {
            Action::Read { read, .. } => Some(read),
            _ => None,
        });
    let rows = segments.iter().map(Segment::to_bytes).collect();
    replica.loaded(2, read.unwrap(), Ok(Rows::as_read(rows)));
    let sent = |replica: &mut Replica| {
        let lists = drain(replica)
            .into_iter()
            .filter_map(|action| match action {
                Action::Send {
                    message: Message::Segments { segments, .. },
                    ..
                } => Some(segments.len()),
                _ => None,
            });
        lists.sum::<usize>()
    };
    assert_eq!(sent(&mut replica), 2);
    let credit = Message::Credit {
        live_limit: 0,
        bulk_limit: 120_000,
    };
    replica.message(3, A, Channel::Control, credit);
    assert_eq!(sent(&mut replica), 1);
    let credit = Message::Credit {
        live_limit: 0,
        bulk_limit: 1_000_000,
    };
    replica.message(3, A, Channel::Control, credit);
    assert_eq!(sent(&mut replica), 1);
}

#[test]
fn a_statement_with_runs_that_cannot_be_is_refused() {
    let mut replica = replica();
    let run = Run {
        first: 5,
        last: 2,
        mark: Mark([0; 8]),
    };
    let runs: Vector = [(log(1, Stream::Sales), vec![run])].into_iter().collect();
    assert!(!replica.stated(1, device(1), &runs, None));
    assert_eq!(replica.delivery().we_lack(device(1), replica.holdings()), 0);
}
