//! What a broken link brought is not brought again, down to the byte.

use base::limits::{
    BEGUN_BYTES_MIN, BEGUN_SEGMENTS_MAX, ENTRY_BYTES_MAX, FRAME_BYTES_MAX, MESSAGE_TIMEOUT_MS,
};
use base::machine::Channel;
use base::{LinkId, Stream};
use sync_core::message::Begun;
use sync_core::{Action, Fault, Holdings, Message, Replica, Standing, Switches};

use crate::network::Network;
use crate::toy::{SHOP, Seeded, chain, device, log, segment_on};

/// Lets so many frames arrive by the only link, then cuts it and makes another one.
fn cut_after(network: &mut Network, frames: usize, random: &mut Seeded) {
    let begin = network.arrived_bytes;
    while network.arrived_bytes < begin + frames * FRAME_BYTES_MAX && network.step(random) {}
    network.cut(network.links()[0]);
    network.link(0, 1);
}

#[test]
fn an_entry_as_big_as_any_passes_a_link_that_never_lives_that_long() {
    for seed in 0..10 {
        let mut network = Network::of(2, Switches::default());
        let mut random = Seeded::new(seed);
        network.commit(0, Stream::Shop, 1, ENTRY_BYTES_MAX);
        network.link(0, 1);
        for _ in 0..100 {
            cut_after(&mut network, 3, &mut random);
        }
        network.settle(&mut random);
        network.assert_all_in_step(seed);
        let once = ENTRY_BYTES_MAX;
        // Vectors and wants of a hundred links, and what was on its way when they were cut.
        let most = once + 100 * FRAME_BYTES_MAX;
        assert!(
            (once..most).contains(&network.arrived_bytes),
            "{}",
            network.arrived_bytes
        );
    }
}

/// A link that carries less than all of it before the answer is overdue is given up, and made anew.
#[test]
fn an_entry_passes_a_link_that_is_too_slow_for_it() {
    let mut network = Network::of(2, Switches::default());
    let mut random = Seeded::new(4);
    network.commit(0, Stream::Shop, 1, ENTRY_BYTES_MAX);
    network.link(0, 1);
    for _ in 0..40 {
        let begin = network.arrived_bytes;
        while network.arrived_bytes < begin + 4 * FRAME_BYTES_MAX && network.step(&mut random) {}
        network.now_ms += MESSAGE_TIMEOUT_MS;
        network.tick();
        if network.links().is_empty() {
            network.link(0, 1);
        }
    }
    let unanswered = network.nodes[1].faults.len();
    assert!(unanswered > 10, "{unanswered} links were too slow");
    assert!(
        network.nodes[1]
            .faults
            .iter()
            .all(|it| *it == Fault::PeerUnanswered)
    );
    assert_eq!(network.nodes[1].store, network.nodes[0].store);
}

#[test]
fn what_a_stranger_begins_is_not_kept() {
    let (message, _) = list(BIG, 0);
    let standings = [Standing::Member, Standing::PutOut, Standing::Stranger];
    let kept = standings.map(|standing| Asking::after_link(standing, &message[..50_000]));
    assert_eq!(kept.map(|asking| asking.asked.len()), [1, 0, 0]);
}

#[test]
fn of_a_list_that_was_cut_short_all_that_came_whole_is_stored() {
    let mut network = Network::of(2, Switches::default());
    let mut random = Seeded::new(1);
    (0..20).for_each(|_| network.commit(0, Stream::Sales, 1, 10_000));
    network.link(0, 1);
    // The first window of credit holds one list of these.
    cut_after(&mut network, 4, &mut random);
    let stored = network.nodes[1].arrivals.len();
    assert!((3..20).contains(&stored), "{stored}");
    network.settle(&mut random);
    network.assert_all_in_step(1);
    assert_eq!(network.nodes[1].verified_again, 0);
    assert_eq!(network.nodes[1].verified, 20);
}

#[test]
fn whoever_holds_the_same_goes_on_where_another_one_broke_off() {
    let mut network = Network::of(3, Switches::default());
    let mut random = Seeded::new(2);
    network.commit(0, Stream::Shop, 1, 400_000);
    network.link(0, 2);
    network.settle(&mut random);
    network.cut(network.links()[0]);
    network.link(0, 1);
    while network.arrived_bytes < 600_000 {
        assert!(network.step(&mut random));
    }
    network.cut(network.links()[0]);
    let before = network.arrived_bytes;
    network.link(2, 1);
    network.settle(&mut random);
    network.assert_all_in_step(2);
    let came = network.arrived_bytes - before;
    assert!((150_000..210_000).contains(&came), "{came}");
}

#[test]
fn whoever_holds_something_else_in_its_place_sends_all_of_that() {
    // What both hold ends with the same entry, in other bytes.
    for (ours, theirs) in [(100_000, 90_000), (100_000, 100_000)] {
        let mut network = Network::of(3, Switches::default());
        let mut random = Seeded::new(3);
        network.commit(0, Stream::Shop, 1, ours);
        let mut other = segment_on(log(1, Stream::Shop), 1, 1, theirs, 0);
        other.signature = [1; 64];
        network.nodes[2].put(&other);
        network.restart(2);
        network.link(0, 1);
        while network.arrived_bytes < 60_000 {
            assert!(network.step(&mut random));
        }
        network.cut(network.links()[0]);
        network.link(2, 1);
        network.settle(&mut random);
        assert_eq!(network.nodes[1].faults, []);
        assert_eq!(network.nodes[1].store, network.nodes[2].store);
    }
}

/// A replica, linked with a member that has told of one entry, and asked for it.
struct Asking {
    replica: Replica,
    asked: Vec<Begun>,
}

const LINK: LinkId = LinkId(1);
const BIG: usize = 100_000;

impl Asking {
    /// Each of these beginnings came by a link that broke.
    fn after(beginnings: &[&[u8]]) -> Self {
        let holdings = Holdings::new(SHOP, Switches::default());
        let mut replica = Replica::new(device(2), holdings, Switches::default());
        for (number, beginning) in (10..).zip(beginnings) {
            break_off(&mut replica, LinkId(number), Standing::Member, beginning);
        }
        Self::linked(replica)
    }

    /// This beginning came by a link to a device of such standing.
    fn after_link(standing: Standing, beginning: &[u8]) -> Self {
        let holdings = Holdings::new(SHOP, Switches::default());
        let mut replica = Replica::new(device(2), holdings, Switches::default());
        break_off(&mut replica, LinkId(10), standing, beginning);
        Self::linked(replica)
    }

    fn linked(mut replica: Replica) -> Self {
        replica.link_up(0, LINK, device(1), Standing::Member);
        let shop = log(1, Stream::Shop);
        let run = base::Run {
            first: 1,
            last: 1,
            mark: chain(shop, 1, 0).mark(),
        };
        let vector = Message::Vector {
            vector: [(shop, vec![run])].into_iter().collect(),
            whole: true,
            asks: false,
        };
        replica.message(0, LINK, Channel::Control, vector);
        let mut asked = Vec::new();
        while let Some(action) = replica.poll() {
            if let Action::Send {
                message: Message::Want { begun, .. },
                ..
            } = action
            {
                asked.extend(begun);
            }
        }
        Self { replica, asked }
    }

    /// What comes of a rest: segments to be verified, or a fault.
    fn hears(&mut self, of: Begun, bytes: Vec<u8>) -> Result<usize, Fault> {
        let rest = Message::Rest { of, bytes };
        self.replica.message(1, LINK, Channel::Bulk, rest);
        let mut received = 0;
        while let Some(action) = self.replica.poll() {
            match action {
                Action::Received { segments, .. } => received += segments.len(),
                Action::Fault { fault, .. } => return Err(fault),
                _ => {}
            }
        }
        Ok(received)
    }
}

fn break_off(replica: &mut Replica, link: LinkId, standing: Standing, beginning: &[u8]) {
    replica.link_up(0, link, device(1), standing);
    replica.broken_off(0, link, Channel::Live, beginning);
    replica.link_down(0, link);
}

/// A message with one segment, and where its bytes begin in it.
fn list(bytes: usize, branch: u8) -> (Vec<u8>, Vec<u8>) {
    let segment = segment_on(log(1, Stream::Shop), 1, 1, bytes, branch).to_bytes();
    let message = Message::Segments {
        segments: vec![segment.clone().into()],
        done: 1,
    };
    (message.to_bytes(), segment)
}

#[test]
fn what_follows_makes_it_whole() {
    let (message, segment) = list(BIG, 0);
    let mut asking = Asking::after(&[&message[..50_000]]);
    let [begun] = asking.asked[..] else {
        panic!("{:?}", asking.asked);
    };
    let rest = segment[begun.bytes as usize..].to_vec();
    assert_eq!(asking.hears(begun, rest), Ok(1));
}

#[test]
fn what_does_not_follow_is_the_fault_of_whoever_said_so() {
    let (message, segment) = list(BIG, 0);
    let begun_of = |asking: &Asking| *asking.asked.first().unwrap();
    let mut asking = Asking::after(&[&message[..50_000]]);
    let begun = begun_of(&asking);
    let mut rest = segment[begun.bytes as usize..].to_vec();
    rest[9] ^= 1;
    let heard = asking.hears(begun, rest);
    assert!(matches!(heard, Err(Fault::PeerMalformed(_))), "{heard:?}");

    let mut asking = Asking::after(&[&message[..50_000]]);
    let mut elsewhere = begun_of(&asking);
    elsewhere.range.first += 1;
    elsewhere.range.last += 1;
    let heard = asking.hears(elsewhere, Vec::new());
    assert_eq!(heard, Err(Fault::PeerUnasked));
}

#[test]
fn what_follows_a_beginning_that_is_not_here_is_passed_over_and_asked_for_again() {
    let (message, segment) = list(BIG, 0);
    let mut asking = Asking::after(&[&message[..50_000]]);
    let begun = asking.asked[0];
    let other = Begun {
        hash: [9; 32],
        ..begun
    };
    let rest = segment[begun.bytes as usize..].to_vec();
    assert_eq!(asking.hears(other, rest.clone()), Ok(0));
    // The range has not ended yet: the right one may still come.
    assert_eq!(asking.hears(begun, rest), Ok(1));
}

#[test]
fn of_two_beginnings_of_one_segment_the_longer_one_counts() {
    let (message, _) = list(BIG, 0);
    let (short, long) = (&message[..30_000], &message[..60_000]);
    for order in [[short, long], [long, short]] {
        let asked = Asking::after(&order).asked;
        let bytes: Vec<_> = asked.iter().map(|begun| begun.bytes).collect();
        assert!(matches!(bytes[..], [59_000..60_000]), "{bytes:?}");
    }
}

#[test]
fn of_two_beginnings_that_differ_the_last_one_counts() {
    let [(wrong, _), (right, segment)] = [1, 0].map(|branch| {
        let (message, segment) = list(BIG, branch);
        (
            message[..50_000 + 10_000 * usize::from(branch)].to_vec(),
            segment,
        )
    });
    let mut asking = Asking::after(&[&wrong, &right]);
    let [begun] = asking.asked[..] else {
        panic!("{:?}", asking.asked);
    };
    let rest = segment[begun.bytes as usize..].to_vec();
    assert_eq!(asking.hears(begun, rest), Ok(1));
}

#[test]
fn a_short_beginning_and_one_of_another_shop_are_not_kept() {
    let (message, _) = list(BIG, 0);
    let short = Asking::after(&[&message[..BEGUN_BYTES_MIN]]);
    assert_eq!(short.asked, []);
    let mut segment = segment_on(log(1, Stream::Shop), 1, 1, BIG, 0);
    segment.header.shop = base::ShopId([9; 16]);
    let bytes = base::Segment::new(segment.header, [0; 64], segment.body).to_bytes();
    let foreign = Message::Segments {
        segments: vec![bytes.into()],
        done: 1,
    };
    let foreign = Asking::after(&[&foreign.to_bytes()[..50_000]]);
    assert_eq!(foreign.asked, []);
}

#[test]
fn no_more_beginnings_are_kept_than_there_is_room_for() {
    let (first, _) = list(BIG, 0);
    let others: Vec<_> = (2..)
        .take(BEGUN_SEGMENTS_MAX)
        .map(|seq| {
            let segment = segment_on(log(1, Stream::Shop), seq, seq, BIG, 0);
            let segments = vec![segment.to_bytes().into()];
            Message::Segments { segments, done: 1 }.to_bytes()
        })
        .collect();
    let mut beginnings = vec![&first[..50_000]];
    let room = others.iter().map(|message| &message[..50_000]);
    beginnings.extend(room.clone().take(BEGUN_SEGMENTS_MAX - 1));
    assert_eq!(Asking::after(&beginnings).asked.len(), 1);
    beginnings.extend(room.skip(BEGUN_SEGMENTS_MAX - 1));
    assert_eq!(Asking::after(&beginnings).asked, []);
}
