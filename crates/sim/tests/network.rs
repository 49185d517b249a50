//! What links promise, and what they don't.

use base::LinkEvent;
use base::LinkId;
use base::card::Description;
use base::effect::LinkTask;
use base::limits::{FRAME_BYTES_MAX, SEND_QUEUE_BYTES_MAX};
use base::machine::Channel;
use sim::clock::EventQueue;
use sim::network::{Endpoint, FrameFaults, Network, NetworkEvent, NetworkSettings};
use sim::random::{MILLION, SeededRandom};
use sim::{Moment, NodeId};

const A: Endpoint = endpoint(0);
const B: Endpoint = endpoint(1);

const fn endpoint(node: u32) -> Endpoint {
    Endpoint {
        node: NodeId(node),
        life: 0,
        link: LinkId(7),
    }
}

/// A network with its own little event loop.
struct Bench {
    network: Network,
    queue: EventQueue<NetworkEvent>,
    now: Moment,
    told: Vec<(Endpoint, LinkEvent)>,
}

impl Bench {
    fn new(seed: u64) -> Self {
        let random = SeededRandom::new(seed, "network test", 0);
        Self {
            network: Network::new(NetworkSettings::default(), random),
            queue: EventQueue::default(),
            now: Moment::default(),
            told: Vec::new(),
        }
    }

    fn linked(seed: u64) -> Self {
        let mut bench = Self::new(seed);
        bench.link(A, B);
        assert_eq!(bench.count(A, |e| matches!(e, LinkEvent::Open { .. })), 1);
        assert_eq!(bench.count(B, |e| matches!(e, LinkEvent::Open { .. })), 1);
        bench
    }

    fn link(&mut self, offerer: Endpoint, answerer: Endpoint) {
        self.perform(offerer, LinkTask::Offer);
        self.run_ms(1_000);
        let offer = self.description(offerer);
        self.perform(answerer, LinkTask::Answer(offer));
        self.run_ms(1_000);
        let answer = self.description(answerer);
        self.perform(offerer, LinkTask::Accept(answer));
        self.run_ms(1_000);
    }

    fn perform(&mut self, end: Endpoint, task: LinkTask) {
        self.change(|network, now, plan| network.perform(now, end, task, plan));
    }

    fn change(&mut self, act: impl FnOnce(&mut Network, Moment, &mut sim::network::Plan)) {
        let mut plan = Vec::new();
        act(&mut self.network, self.now, &mut plan);
        for (at, event) in plan {
            self.queue.schedule(at, event);
        }
    }

    fn run_ms(&mut self, ms: u64) {
        let until = self.now.plus_ms(ms);
        while self.queue.next_at().is_some_and(|at| at <= until) {
            let (at, event) = self.queue.pop().unwrap();
            self.now = at;
            let mut told = None;
            self.change(|network, now, plan| told = network.happen(now, event, plan));
            self.told.extend(told);
        }
        self.now = until;
    }

    fn send(&mut self, from: Endpoint, channel: Channel, frame: &[u8]) {
        self.perform(from, LinkTask::Send(channel, frame.to_vec()));
    }

    fn send_numbers(&mut self, channel: Channel, numbers: std::ops::Range<u8>) {
        for number in numbers {
            self.send(A, channel, &[channel.number(), number]);
        }
    }

    fn description(&self, of: Endpoint) -> Description {
        let found = self.told.iter().find_map(|(end, event)| match event {
            LinkEvent::Described(description) if *end == of => Some(description.clone()),
            _ => None,
        });
        found.unwrap()
    }

    fn count(&self, of: Endpoint, wanted: impl Fn(&LinkEvent) -> bool) -> usize {
        let heard = |(end, event): &&(Endpoint, LinkEvent)| *end == of && wanted(event);
        self.told.iter().filter(heard).count()
    }

    fn downs(&self, of: Endpoint) -> usize {
        self.count(of, |event| matches!(event, LinkEvent::Down { .. }))
    }

    /// Numbers of the frames that reached B on a channel.
    fn heard(&self, channel: Channel) -> Vec<u8> {
        let frames = self.told.iter().filter_map(|(end, event)| match event {
            LinkEvent::Frame(frame) if *end == B => Some(frame),
            _ => None,
        });
        frames
            .filter(|frame| frame[0] == channel.number())
            .map(|frame| frame[1])
            .collect()
    }
}

#[test]
fn both_ends_see_the_same_two_fingerprints() {
    let bench = Bench::linked(1);
    let opens: Vec<_> = bench
        .told
        .iter()
        .filter_map(|(end, event)| match event {
            LinkEvent::Open { local, remote } => Some((*end, *local, *remote)),
            _ => None,
        })
        .collect();
    let [(_, a_local, a_remote), (_, b_local, b_remote)] = opens[..] else {
        panic!("two ends open, not {}", opens.len());
    };
    assert_eq!((a_local, a_remote), (b_remote, b_local));
    assert_ne!(a_local, a_remote);
}

#[test]
fn a_wrong_password_never_opens_and_the_offerer_is_told() {
    let mut bench = Bench::new(2);
    bench.perform(A, LinkTask::Offer);
    bench.run_ms(1_000);
    let offer = bench.description(A);
    bench.perform(B, LinkTask::Answer(offer));
    bench.run_ms(1_000);
    let mut answer = bench.description(B);
    answer.password.replace_range(..1, "!");
    bench.perform(A, LinkTask::Accept(answer));
    bench.run_ms(60_000);
    assert_eq!(bench.network.counters().opened, 0);
    assert_eq!(bench.downs(A), 1);
}

#[test]
fn a_foreign_certificate_takes_both_ends_down() {
    let mut bench = Bench::new(3);
    bench.perform(A, LinkTask::Offer);
    bench.run_ms(1_000);
    let mut offer = bench.description(A);
    offer.fingerprint[0] ^= 1;
    bench.perform(B, LinkTask::Answer(offer));
    bench.run_ms(1_000);
    let answer = bench.description(B);
    bench.perform(A, LinkTask::Accept(answer));
    bench.run_ms(60_000);
    assert_eq!(bench.network.counters().opened, 0);
    assert_eq!((bench.downs(A), bench.downs(B)), (1, 1));
}

#[test]
fn channels_keep_their_order_and_overtake_each_other() {
    let mut overtaken = false;
    for seed in 0..20 {
        let mut bench = Bench::linked(seed);
        for number in 0..50 {
            bench.send_numbers(Channel::Bulk, number..number + 1);
            bench.send_numbers(Channel::Control, number..number + 1);
            bench.run_ms(1);
        }
        bench.run_ms(10_000);
        let all: Vec<u8> = (0..50).collect();
        assert_eq!(bench.heard(Channel::Bulk), all);
        assert_eq!(bench.heard(Channel::Control), all);
        let channels = bench.told.iter().filter_map(|(_, event)| match event {
            LinkEvent::Frame(frame) => Some(frame[0]),
            _ => None,
        });
        let alternating: Vec<u8> = [2, 0].repeat(50);
        overtaken |= channels.collect::<Vec<_>>() != alternating;
    }
    assert!(overtaken);
}

#[test]
fn a_cut_loses_what_is_under_way_and_both_ends_learn_of_it_once() {
    let mut bench = Bench::linked(4);
    bench.send_numbers(Channel::Live, 0..9);
    bench.change(|network, now, plan| {
        assert_eq!(network.cut(now, B.node, A.node, plan), 1);
    });
    bench.send_numbers(Channel::Live, 9..10);
    bench.run_ms(60_000);
    assert_eq!(bench.heard(Channel::Live), []);
    assert_eq!((bench.downs(A), bench.downs(B)), (1, 1));
    let counters = bench.network.counters();
    assert_eq!((counters.dropped, counters.unsent), (9, 1));
}

#[test]
fn a_short_block_holds_frames_back_and_keeps_their_order() {
    let mut bench = Bench::linked(5);
    bench.send_numbers(Channel::Live, 0..3);
    bench.change(|network, now, plan| network.block(now, A.node, B.node, plan));
    bench.send_numbers(Channel::Live, 3..6);
    bench.run_ms(40);
    assert_eq!(bench.heard(Channel::Live), []);
    bench.change(|network, now, plan| network.unblock(now, A.node, B.node, plan));
    bench.send_numbers(Channel::Live, 6..9);
    bench.run_ms(60_000);
    assert_eq!(bench.heard(Channel::Live), (0..9).collect::<Vec<u8>>());
    assert_eq!((bench.downs(A), bench.downs(B)), (0, 0));
}

#[test]
fn a_block_in_one_direction_lets_the_other_pass_until_the_link_starves() {
    let mut bench = Bench::linked(6);
    bench.change(|network, now, plan| network.block(now, B.node, A.node, plan));
    bench.send_numbers(Channel::Live, 0..3);
    bench.run_ms(40);
    assert_eq!(bench.heard(Channel::Live), [0, 1, 2]);
    bench.run_ms(60_000);
    assert_eq!((bench.downs(A), bench.downs(B)), (1, 1));
}

#[test]
fn a_path_blocked_twice_is_free_only_when_both_blocks_are_gone() {
    let mut bench = Bench::new(7);
    for _ in 0..2 {
        bench.change(|network, now, plan| network.block(now, A.node, B.node, plan));
    }
    bench.change(|network, now, plan| network.unblock(now, A.node, B.node, plan));
    assert!(bench.network.is_blocked(A.node, B.node));
    bench.change(|network, now, plan| network.unblock(now, A.node, B.node, plan));
    assert!(!bench.network.is_blocked(A.node, B.node));
}

#[test]
fn when_a_node_dies_the_other_side_falls_silent_and_then_down() {
    let mut bench = Bench::linked(8);
    bench.change(|network, now, plan| network.node_gone(now, A.node, plan));
    bench.run_ms(60_000);
    assert_eq!((bench.downs(A), bench.downs(B)), (0, 1));
    assert_eq!(bench.network.linked_pairs(), []);
}

#[test]
fn a_closed_link_tells_only_the_other_side() {
    let mut bench = Bench::linked(9);
    bench.perform(A, LinkTask::Close);
    bench.run_ms(60_000);
    assert_eq!((bench.downs(A), bench.downs(B)), (0, 1));
}

#[test]
fn a_sender_that_never_stops_is_cut_off() {
    let mut bench = Bench::linked(10);
    let frame = vec![2; FRAME_BYTES_MAX];
    for _ in 0..=SEND_QUEUE_BYTES_MAX / FRAME_BYTES_MAX {
        assert_eq!(bench.network.counters().broken, 0);
        bench.send(A, Channel::Bulk, &frame);
    }
    assert_eq!(bench.network.counters().broken, 1);
}

#[test]
fn a_frame_that_is_too_long_is_a_breach_and_never_sent() {
    let mut bench = Bench::linked(11);
    bench.send(A, Channel::Bulk, &vec![2; FRAME_BYTES_MAX + 1]);
    assert_eq!(bench.network.breaches().len(), 1);
    assert_eq!(bench.network.counters().sent, 0);
}

#[test]
fn a_broken_peer_doubles_and_reorders_and_loses_nothing() {
    let mut bench = Bench::linked(12);
    bench.network.set_frame_faults(FrameFaults {
        doubled_per_million: MILLION / 4,
        reordered_per_million: MILLION / 4,
    });
    bench.send_numbers(Channel::Live, 0..100);
    bench.run_ms(10_000);
    let mut heard = bench.heard(Channel::Live);
    let counters = bench.network.counters();
    assert_eq!(heard.len() as u64, 100 + counters.doubled);
    assert!(counters.doubled > 0 && counters.reordered > 0);
    assert!(!heard.is_sorted());
    heard.sort_unstable();
    heard.dedup();
    assert_eq!(heard, (0..100).collect::<Vec<u8>>());
}
