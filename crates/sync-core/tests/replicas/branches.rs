//! A device whose disk was copied goes on along two branches of its logs: everybody holds both.

use base::Stream;
use base::limits::RECONCILE_INTERVAL_MS;
use sync_core::Switches;

use crate::network::Network;
use crate::toy::{Seeded, log};

fn network(nodes: u8) -> (Network, Seeded) {
    (Network::of(nodes, Switches::default()), Seeded::new(9))
}

#[test]
fn both_branches_reach_a_third_device_and_each_other() {
    let (mut network, mut random) = network(2);
    network.fill(0, Stream::Sales, 8);
    let copy = network.copy(0, 200);
    network.fill(0, Stream::Sales, 2);
    network.fill(copy, Stream::Sales, 4);
    network.link(0, 1);
    network.run(1_000, &mut random);
    network.link(copy, 1);
    network.run(1_000, &mut random);
    network.assert_all_branches_everywhere(0);
    let tablet = &network.nodes[1].replica;
    assert_eq!(tablet.holdings().entries(), 8 + 2 + 4);
    assert!(tablet.holdings().is_forked(log(1, Stream::Sales)));
    assert!(network.nodes[1].in_step_ms.is_some());
    // What either sells goes on arriving.
    network.fill(0, Stream::Sales, 3);
    network.fill(copy, Stream::Sales, 1);
    network.run(1_000, &mut random);
    network.assert_all_branches_everywhere(0);
    assert_eq!(network.nodes[1].forks, 1, "told once");
}

#[test]
fn the_end_of_a_branch_alone_leads_back_to_where_it_began() {
    for ours in [0, 2, 9] {
        let (mut network, mut random) = network(2);
        network.fill(0, Stream::Sales, 8);
        let copy = network.copy(0, 200);
        network.fill(0, Stream::Sales, ours);
        network.link(0, 1);
        network.run(1_000, &mut random);
        network.fill(copy, Stream::Sales, 4);
        network.link(copy, 1);
        // A sale that comes live, before anybody has asked for what leads to it.
        network.fill(copy, Stream::Sales, 1);
        network.run(1_000, &mut random);
        network.assert_all_branches_everywhere(ours);
    }
}

#[test]
fn a_branch_of_a_branch_is_a_branch() {
    let (mut network, mut random) = network(2);
    network.fill(0, Stream::Sales, 300);
    let copy = network.copy(0, 201);
    network.fill(copy, Stream::Sales, 10);
    let copy_of_copy = network.copy(copy, 202);
    for (at, count) in [(0, 30), (copy, 20), (copy_of_copy, 40)] {
        network.fill(at, Stream::Sales, count);
    }
    // The youngest first: what leads to it comes last.
    for at in [copy_of_copy, 0, copy] {
        network.link(at, 1);
        network.run(1_000, &mut random);
    }
    network.assert_all_branches_everywhere(0);
    assert_eq!(
        network.nodes[1].replica.holdings().entries(),
        300 + 30 + 10 + 20 + 40
    );
}

#[test]
fn blocks_of_both_branches_take_the_place_of_what_was_loose() {
    let (mut network, mut random) = network(2);
    network.fill(0, Stream::Sales, 8);
    let copy = network.copy(0, 200);
    network.fill(0, Stream::Sales, 260);
    network.fill(copy, Stream::Sales, 500);
    network.link(0, 1);
    network.link(copy, 1);
    network.run(1_000, &mut random);
    network.assert_all_branches_everywhere(0);
    network.pack(0, Stream::Sales);
    network.pack(copy, Stream::Sales);
    network.run(2 * RECONCILE_INTERVAL_MS, &mut random);
    network.assert_all_branches_everywhere(0);
}

/// Devices that sell, are cut off, start again and pack, two of them under one name.
#[test]
fn after_every_storm_everybody_holds_every_branch() {
    for seed in 0..100 {
        let mut random = Seeded::new(seed);
        let mut network = Network::of(3, Switches::default());
        let streams = [Stream::Sales, Stream::Shop];
        let branch = [200, 201][random.below(2)];
        for stream in streams {
            network.fill(0, stream, crate::toy::forked_at(branch));
        }
        if random.below(2) == 0 {
            network.pack(0, Stream::Sales);
        }
        let mut copied = false;
        for _ in 0..40 {
            let at = random.below(network.nodes.len());
            let other = random.below(network.nodes.len());
            match random.below(10) {
                0 if !copied => {
                    copied = true;
                    network.copy(0, branch);
                }
                // Until it is copied the device writes nothing more.
                1..=4 if copied || at != 0 => {
                    let entries = 1 + random.below(3) as u64;
                    network.commit(at, streams[random.below(2)], entries, 60);
                }
                5 if at != other => network.link(at, other),
                6 => {
                    let links = network.links();
                    if !links.is_empty() {
                        network.cut(links[random.below(links.len())]);
                    }
                }
                7 if random.below(3) == 0 => network.restart(at),
                8 => network.pack(at, Stream::Sales),
                _ => {
                    for _ in 0..random.below(60) {
                        network.step(&mut random);
                    }
                }
            }
        }
        network
            .links()
            .into_iter()
            .for_each(|link| network.cut(link));
        for other in 1..network.nodes.len() {
            network.link(0, other);
        }
        network.run(3 * RECONCILE_INTERVAL_MS, &mut random);
        network.assert_all_branches_everywhere(seed);
    }
}
