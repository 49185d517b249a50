//! What is lacking arrives, in the right order, once, and by few messages.

use base::limits::{ANNOUNCE_INTERVAL_MS, CREDIT_BYTES_MAX, STATEMENT_INTERVAL_MS};
use base::{Segment, Stream};
use sync_core::{Span, Standing, Switches};

use crate::network::Network;
use crate::toy::{Seeded, device, log};

fn network(nodes: u8) -> (Network, Seeded) {
    (Network::of(nodes, Switches::default()), Seeded::new(1))
}

/// Until the first segments are stored at a device.
fn some_arrive(network: &mut Network, at: usize, random: &mut Seeded) {
    while network.nodes[at].replica.holdings().entries() == 0 {
        assert!(network.step(random));
    }
}

#[test]
fn two_devices_that_differ_are_equal_after_one_round_trip() {
    let (mut network, _) = network(2);
    network.fill(0, Stream::Sales, 100);
    network.fill(1, Stream::Sales, 70);
    network.link(0, 1);
    network.flight();
    // Both vectors have crossed. Wants go out and data comes back:
    network.flight();
    network.flight();
    network.assert_all_equal();
    assert_eq!(network.nodes[0].replica.holdings().entries(), 170);
    assert_eq!(network.sent["sync_data"], 4, "lists of 64 segments");
    assert!(network.sent["sync_request"] <= 6, "{:?}", network.sent);
}

#[test]
fn a_block_takes_the_place_of_what_was_loose() {
    let (mut network, mut random) = network(2);
    network.link(0, 1);
    network.run(1_000, &mut random);
    network.fill(0, Stream::Sales, 4);
    network.run(1_000, &mut random);
    assert_eq!(network.nodes[1].store.len(), 4);
    network.cut(network.links()[0]);
    network.fill(0, Stream::Sales, 12);
    network.pack(0, Stream::Sales);
    network.link(0, 1);
    network.run(60_000, &mut random);
    network.assert_all_equal();
    let there = &network.nodes[1];
    assert_eq!((there.store.len(), there.forks), (1, 0));
    network.restart(1);
    let log = log(1, Stream::Sales);
    assert_eq!(network.nodes[1].replica.holdings().contiguous(log), 16);
}

#[test]
fn what_is_held_loose_is_fetched_as_blocks_when_nothing_is_lacking() {
    let (mut network, mut random) = network(3);
    network.link(0, 1);
    network.link(1, 2);
    network.fill(0, Stream::Sales, 3_000);
    network.run(10_000, &mut random);
    network.assert_all_equal();
    assert_eq!(network.nodes[2].store.len(), 3_000);
    let verified = network.nodes[1].verified;
    network.pack(0, Stream::Sales);
    network.run(10_000, &mut random);
    // What is behind the last full window stays as it came.
    for (node, rows) in network.nodes.iter().zip([12, 11 + 184, 11 + 184]) {
        assert_eq!((node.store.len(), node.forks), (rows, 0), "{}", node.number);
        let holdings = node.replica.holdings();
        assert_eq!(holdings.packed(log(1, Stream::Sales)), 2_816);
        assert_eq!(holdings.entries(), 3_000);
    }
    assert_eq!(network.nodes[1].verified, verified + 11, "each block once");
    // Everybody has been told, and nobody asks again.
    let asked = network.sent["sync_request"];
    network.run(60_000, &mut random);
    assert_eq!(network.sent["sync_request"], asked);
    network.restart(1);
    let held = network.nodes[1].replica.holdings();
    assert_eq!(held.packed(log(1, Stream::Sales)), 2_816);
}

#[test]
fn a_window_that_cannot_be_packed_better_holds_nobody_up() {
    let (mut network, mut random) = network(2);
    network.link(0, 1);
    network.fill(0, Stream::Sales, 256);
    network.run(10_000, &mut random);
    // As where an epoch ended in the middle.
    network.nodes[0]
        .replica
        .packed_to(network.now_ms, log(1, Stream::Sales), 256);
    network.work(0);
    network.fill(0, Stream::Sales, 256);
    network.run(10_000, &mut random);
    network.pack_window(0, Stream::Sales, Span::new(257, 512));
    network.run(60_000, &mut random);
    let [author, reader] = [&network.nodes[0], &network.nodes[1]];
    assert!(author.store == reader.store);
    assert_eq!(reader.faults, []);
    assert_eq!(reader.store.len(), 256 + 1);
    let asked = network.sent["sync_request"];
    network.run(60_000, &mut random);
    assert_eq!(network.sent["sync_request"], asked, "asked once");
}

#[test]
fn what_is_packed_while_its_end_is_read_is_read_again() {
    let (mut network, mut random) = network(2);
    network.link(0, 1);
    network.run(1_000, &mut random);
    network.fill(0, Stream::Sales, 4);
    network.run(1_000, &mut random);
    network.cut(network.links()[0]);
    network.fill(0, Stream::Sales, 12);
    network.link(0, 1);
    while !network.nodes[0].is_reading() {
        assert!(network.step(&mut random));
    }
    network.pack(0, Stream::Sales);
    network.settle(&mut random);
    network.assert_all_equal();
}

#[test]
fn devices_that_are_equal_exchange_vectors_and_nothing_else() {
    let (mut network, mut random) = network(2);
    network.fill(0, Stream::Sales, 10);
    network.link(0, 1);
    network.run(1_000, &mut random);
    let link = network.links()[0];
    network.cut(link);
    network.sent.clear();
    network.link(0, 1);
    network.flight();
    network.flight();
    assert_eq!(network.sent["sync_request"], 2);
    assert!(!network.sent.contains_key("sync_data"));
}

#[test]
fn a_sale_goes_to_everybody_linked_in_one_message_each() {
    let (mut network, mut random) = network(3);
    for (a, b) in [(0, 1), (1, 2), (0, 2)] {
        network.link(a, b);
    }
    network.run(1_000, &mut random);
    network.sent.clear();
    network.commit(0, Stream::Sales, 1, 60);
    network.flight();
    network.assert_all_equal();
    assert_eq!(network.sent["sync_data"], 2);
    network.run(5_000, &mut random);
    assert_eq!(
        network.sent["sync_data"], 2,
        "what was told of afterwards made nobody send again"
    );
    assert!(
        network
            .nodes
            .iter()
            .all(|node| node.replica.duplicates() == 0)
    );
}

#[test]
fn what_one_device_cannot_send_another_passes_on() {
    let (mut network, mut random) = network(3);
    network.link(0, 1);
    network.link(1, 2);
    network.run(1_000, &mut random);
    network.commit(0, Stream::Sales, 3, 200);
    network.run(STATEMENT_INTERVAL_MS.max(ANNOUNCE_INTERVAL_MS), &mut random);
    network.assert_all_equal();
    assert_eq!(network.nodes[2].replica.holdings().entries(), 3);
}

#[test]
fn a_newcomer_gets_control_then_the_shop_then_the_newest_sales() {
    let (mut network, mut random) = network(2);
    for stream in Stream::ALL {
        network.fill(0, stream, 300);
    }
    network.link(0, 1);
    network.run(10_000, &mut random);
    network.assert_all_equal();
    let arrivals = &network.nodes[1].arrivals;
    let mut streams: Vec<_> = arrivals.iter().map(|(stream, _)| *stream).collect();
    streams.dedup();
    assert_eq!(
        streams,
        [Stream::Control, Stream::Shop, Stream::Sales, Stream::Office]
    );
    let sales = arrivals.iter().find(|(stream, _)| *stream == Stream::Sales);
    assert_eq!(sales, Some(&(Stream::Sales, 257)));
}

#[test]
fn a_sale_overtakes_history() {
    let (mut network, mut random) = network(2);
    network.fill(0, Stream::Sales, 3_000);
    network.link(0, 1);
    some_arrive(&mut network, 1, &mut random);
    assert!(network.nodes[1].replica.holdings().entries() < 3_000);
    network.commit(0, Stream::Sales, 1, 60);
    network.flight();
    assert_eq!(
        network.nodes[1]
            .replica
            .holdings()
            .last(log(1, Stream::Sales)),
        3_001
    );
    network.run(10_000, &mut random);
    network.assert_all_equal();
}

#[test]
fn a_range_is_not_asked_of_two_devices() {
    let (mut network, mut random) = network(3);
    network.fill(0, Stream::Sales, 2_000);
    network.link(0, 1);
    network.run(10_000, &mut random);
    network.link(0, 2);
    network.link(1, 2);
    network.run(10_000, &mut random);
    network.assert_all_equal();
    assert_eq!(network.nodes[2].replica.duplicates(), 0);
    assert_eq!(network.nodes[2].verified, 2_000);
}

#[test]
fn when_a_device_goes_its_share_is_asked_of_another() {
    let (mut network, mut random) = network(3);
    network.fill(0, Stream::Sales, 2_000);
    network.link(0, 1);
    network.run(10_000, &mut random);
    network.link(0, 2);
    let first = network.links()[1];
    some_arrive(&mut network, 2, &mut random);
    network.link(1, 2);
    let before = network.nodes[2].replica.holdings().entries();
    assert!(before > 0 && before < 2_000, "{before} came before the cut");
    network.cut(first);
    network.settle(&mut random);
    network.assert_all_equal();
}

#[test]
fn a_catalogue_import_does_not_flood_the_live_channel() {
    let (mut network, mut random) = network(2);
    network.link(0, 1);
    network.run(1_000, &mut random);
    for _ in 0..300 {
        network.commit(0, Stream::Shop, 256, 20_000);
    }
    network.run(20_000, &mut random);
    network.assert_all_equal();
    assert_eq!(network.nodes[1].replica.holdings().entries(), 300 * 256);
    // No more than was under way in the live channel when it was told of.
    assert!(network.nodes[1].replica.duplicates() <= 4);
}

#[test]
fn segments_bigger_than_the_window_get_through() {
    let (mut network, mut random) = network(2);
    for _ in 0..3 {
        network.commit(0, Stream::Shop, 1, 1_200_000);
    }
    network.link(0, 1);
    network.run(1_000, &mut random);
    network.assert_all_equal();
    network.commit(0, Stream::Shop, 1, 1_400_000);
    network.run(1_000, &mut random);
    network.assert_all_equal();
}

#[test]
fn what_is_being_stored_stays_within_credit() {
    let (mut network, mut random) = network(2);
    network.fill(0, Stream::Sales, 5_000);
    network.link(0, 1);
    let bytes = Segment::to_bytes(&crate::toy::segment(log(1, Stream::Sales), 1, 1)).len();
    while network.step(&mut random) {
        let waiting = network.nodes[1].replica.arriving() * bytes;
        assert!(waiting <= CREDIT_BYTES_MAX as usize + 64 * bytes);
    }
    network.assert_all_equal();
}

#[test]
fn devices_that_stored_say_so_and_nothing_waits_any_more() {
    let (mut network, mut random) = network(2);
    network.link(0, 1);
    network.run(1_000, &mut random);
    network.commit(0, Stream::Sales, 4, 60);
    let waits = |network: &Network| {
        let replica = &network.nodes[0].replica;
        replica.lacks(device(2))
    };
    assert_eq!(waits(&network), [(Stream::Sales, 4)].into());
    network.run(STATEMENT_INTERVAL_MS, &mut random);
    assert!(waits(&network).is_empty());
}

#[test]
fn statements_are_made_at_most_once_in_an_interval() {
    let (mut network, mut random) = network(2);
    network.link(0, 1);
    network.run(1_000, &mut random);
    network.sent.clear();
    for _ in 0..100 {
        network.commit(0, Stream::Sales, 1, 60);
        network.run(STATEMENT_INTERVAL_MS / 10, &mut random);
    }
    network.run(STATEMENT_INTERVAL_MS, &mut random);
    assert!(
        (10..=12).contains(&network.sent["sync_ack"]),
        "{:?}",
        network.sent
    );
}

#[test]
fn the_word_of_the_whole_does_not_wait_behind_that_of_a_part() {
    let (mut network, _) = network(2);
    network.fill(0, Stream::Sales, 5_000);
    network.link(0, 1);
    let flight = |network: &mut Network| {
        network.now_ms += 25;
        network.flight();
        network.tick();
    };
    let entries = |network: &Network, at: usize| network.nodes[at].replica.holdings().entries();
    let said = |network: &Network| network.sent.get("sync_ack").copied().unwrap_or(0);
    let lacks = |network: &Network| entries(network, 1) < entries(network, 0);
    let (mut parts, mut last_ms) = (0, 0);
    while lacks(&network) {
        flight(&mut network);
        if parts < said(&network) && lacks(&network) {
            (parts, last_ms) = (said(&network), network.now_ms);
        }
        assert!(network.now_ms < 60_000, "it does not come");
    }
    assert!(parts > 0 && network.now_ms < last_ms + STATEMENT_INTERVAL_MS / 2);
    for _ in 0..2 {
        flight(&mut network);
    }
    assert_eq!(said(&network), parts + 1);
    assert!(network.nodes[0].replica.lacks(device(2)).is_empty());
}

#[test]
fn a_stranger_gets_nothing_and_proves_itself_with_control() {
    let (mut network, mut random) = network(2);
    network.fill(0, Stream::Control, 5);
    network.fill(0, Stream::Sales, 5);
    network.fill(1, Stream::Control, 3);
    network.fill(1, Stream::Sales, 3);
    network.link_as(0, 1, [Standing::Stranger, Standing::Member]);
    network.run(1_000, &mut random);
    assert_eq!(
        network.nodes[0].replica.holdings().entries(),
        13,
        "its control came, no sales"
    );
    assert_eq!(
        network.nodes[1].replica.holdings().entries(),
        6,
        "and it learned nothing"
    );
    let link = network.links()[0];
    let now_ms = network.now_ms;
    network.nodes[0]
        .replica
        .set_standing(now_ms, link, Standing::Member);
    network.work(0);
    network.run(1_000, &mut random);
    network.assert_all_equal();
}

#[test]
fn a_device_that_was_put_out_gets_control_and_may_bring_its_own() {
    let (mut network, mut random) = network(2);
    network.fill(0, Stream::Control, 5);
    network.fill(0, Stream::Sales, 5);
    network.fill(1, Stream::Sales, 3);
    network.link_as(0, 1, [Standing::PutOut, Standing::Member]);
    network.run(1_000, &mut random);
    let held = |at: usize, n, stream| network.nodes[at].replica.holdings().last(log(n, stream));
    assert_eq!(held(1, 1, Stream::Control), 5);
    assert_eq!(held(1, 1, Stream::Sales), 0);
    assert_eq!(held(0, 2, Stream::Sales), 3);
}

#[test]
fn a_failing_store_is_tried_again_after_a_pause() {
    let (mut network, mut random) = network(2);
    network.fill(0, Stream::Sales, 200);
    network.nodes[1].failing = 3;
    network.link(0, 1);
    network.settle(&mut random);
    assert!(network.nodes[1].replica.holdings().entries() < 200);
    network.run(30_000, &mut random);
    network.assert_all_equal();
}

#[test]
fn what_is_lost_with_a_link_is_sent_again_and_counted() {
    let (mut network, mut random) = network(2);
    network.link(0, 1);
    network.run(1_000, &mut random);
    network.commit(0, Stream::Sales, 4, 60);
    let link = network.links()[0];
    network.cut(link);
    assert_eq!(network.nodes[0].replica.resent(device(2)), 0);
    network.link(0, 1);
    network.run(1_000, &mut random);
    network.assert_all_equal();
    assert_eq!(network.nodes[0].replica.resent(device(2)), 4);
    network.fill(0, Stream::Sales, 20);
    network.run(1_000, &mut random);
    assert_eq!(network.nodes[0].replica.resent(device(2)), 4);
}
