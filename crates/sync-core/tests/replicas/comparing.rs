//! Rounds of comparing that somebody waits for, and who is in step.

use base::limits::{ANNOUNCE_INTERVAL_MS, MESSAGE_TIMEOUT_MS};
use base::machine::Channel;
use base::{LinkId, Stream};
use sync_core::{Action, Holdings, Message, Replica, Standing, Switches};

use crate::network::Network;
use crate::toy::{SHOP, Seeded, device, log, segment};

#[test]
fn a_round_ends_when_both_hold_what_the_other_held() {
    let random = &mut Seeded::new(3);
    let mut network = Network::of(2, Switches::default());
    network.link(0, 1);
    network.fill(0, Stream::Sales, 300);
    network.fill(1, Stream::Shop, 20);
    let link = network.links()[0];
    assert!(network.nodes[0].replica.compare(0, link));
    network.work(0);
    while network.nodes[0].rounds.is_empty() {
        if !network.step(random) {
            network.now_ms += ANNOUNCE_INTERVAL_MS;
            network.tick();
        }
        assert!(network.now_ms < MESSAGE_TIMEOUT_MS);
        // Somebody goes on selling: the round does not wait for that.
        if random.below(40) == 0 {
            network.commit(1, Stream::Sales, 1, 60);
        }
    }
    assert_eq!(network.nodes[0].rounds, [(link, true)]);
    let held = |at: usize, n, stream| network.nodes[at].replica.holdings().last(log(n, stream));
    assert_eq!(held(0, 2, Stream::Shop), 20);
    assert_eq!(held(1, 1, Stream::Sales), 300);
    network.run(2_000, random);
    network.assert_all_equal();
}

#[test]
fn two_that_hold_the_same_compare_in_one_round_trip() {
    let random = &mut Seeded::new(4);
    let mut network = Network::of(2, Switches::default());
    network.link(0, 1);
    network.fill(0, Stream::Sales, 5);
    network.run(2_000, random);
    let link = network.links()[0];
    let now_ms = network.now_ms;
    assert!(network.nodes[0].replica.compare(now_ms, link));
    network.work(0);
    network.flight();
    assert_eq!(network.nodes[0].rounds, [], "the other has not answered");
    network.flight();
    assert_eq!(network.nodes[0].rounds, [(link, true)]);
}

#[test]
fn a_round_in_which_nothing_moves_comes_to_an_end() {
    let switches = Switches::default();
    let mut replica = Replica::new(device(9), Holdings::new(SHOP, switches), switches);
    let link = LinkId(1);
    replica.link_up(0, link, device(1), Standing::Member);
    assert!(!replica.compare(1_000, LinkId(2)), "nobody there");
    assert!(replica.compare(1_000, link));
    assert_eq!(replica.deadline(), Some(1_000 + MESSAGE_TIMEOUT_MS));
    replica.tick(1_000 + MESSAGE_TIMEOUT_MS);
    let actions: Vec<_> = std::iter::from_fn(|| replica.poll()).collect();
    assert!(actions.contains(&Action::Compared { link, done: false }));
    assert!(!actions.contains(&Action::InStep { link }));
}

#[test]
fn everybody_linked_is_compared_with_as_often_as_is_said() {
    let random = &mut Seeded::new(6);
    let mut network = Network::of(2, Switches::default());
    network.link(0, 1);
    network.run(2_000, random);
    let started_ms = network.now_ms;
    network.nodes[0]
        .replica
        .set_reconcile_interval(started_ms, 60_000);
    network.sent.clear();
    network.run(59_000, random);
    assert!(network.sent.is_empty(), "{:?}", network.sent);
    network.run(122_000, random);
    assert_eq!(network.sent["sync_request"], 3);
}

#[test]
fn who_asks_for_everything_is_told_everything() {
    let switches = Switches::default();
    let mut replica = Replica::new(device(9), Holdings::new(SHOP, switches), switches);
    let link = LinkId(1);
    replica.link_up(0, link, device(1), Standing::Member);
    replica.committed(0, &[segment(log(9, Stream::Sales), 1, 3)], &[]);
    while replica.poll().is_some() {}
    let asks = |asks| Message::Vector {
        vector: base::Vector::default(),
        whole: true,
        asks,
    };
    let mut told = |message| {
        replica.message(1, link, Channel::Control, message);
        let whole = |action| match action {
            Action::Send {
                message:
                    Message::Vector {
                        vector,
                        whole: true,
                        asks,
                    },
                ..
            } => Some((vector.entries(), asks)),
            _ => None,
        };
        std::iter::from_fn(|| replica.poll()).find_map(whole)
    };
    assert_eq!(told(asks(true)), Some((3, false)));
    assert_eq!(told(asks(false)), None);
}

#[test]
fn two_are_in_step_when_neither_lacks_anything() {
    let random = &mut Seeded::new(5);
    let mut network = Network::of(2, Switches::default());
    network.link(0, 1);
    network.fill(0, Stream::Sales, 5);
    network.run(2_000, random);
    let first = network.nodes[0].in_step_ms.unwrap();
    assert!(network.nodes[1].in_step_ms.is_some());
    network.run(60_000, random);
    let idle = network.nodes[0].in_step_ms.unwrap();
    assert_eq!(idle, first, "nothing was compared since");
    let link = network.links()[0];
    network.cut(link);
    network.commit(0, Stream::Sales, 1, 60);
    network.run(60_000, random);
    assert_eq!(network.nodes[0].in_step_ms, Some(first));
    network.link(0, 1);
    network.run(2_000, random);
    assert!(network.nodes[0].in_step_ms > Some(120_000));
}
