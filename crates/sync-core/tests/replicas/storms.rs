//! Cuts, restarts, failing stores and channels that overtake each other, from seeds.

use base::Stream;
use sync_core::Switches;

use crate::network::Network;
use crate::toy::Seeded;

/// A shop in bad weather; then it clears up and everybody is linked.
fn storm(seed: u64, switches: Switches) -> Network {
    let mut random = Seeded::new(seed);
    let mut network = Network::of(3, switches);
    for _ in 0..120 {
        match random.below(13) {
            0 => {
                let (a, b) = (random.below(3), random.below(3));
                if a != b {
                    network.link(a, b);
                }
            }
            1 => {
                let links = network.links();
                if !links.is_empty() {
                    network.cut(links[random.below(links.len())]);
                }
            }
            2 => network.restart(random.below(3)),
            3 => network.nodes[random.below(3)].failing = 1 + random.below(2),
            4 | 5 => {
                network.now_ms += random.below(400) as u64;
                network.tick();
            }
            6..=8 => {
                let stream = Stream::ALL[random.below(4)];
                let (at, entries) = (random.below(3), 1 + random.below(5) as u64);
                network.commit(at, stream, entries, 50);
            }
            9 => network.pack(random.below(3), Stream::ALL[random.below(4)]),
            _ => (0..random.below(60)).for_each(|_| _ = network.step(&mut random)),
        }
    }
    for (a, b) in [(0, 1), (1, 2)] {
        network.link(a, b);
    }
    network.run(60_000, &mut random);
    network
}

#[test]
fn after_every_storm_all_devices_hold_the_same() {
    for seed in 0..300 {
        let network = storm(seed, Switches::default());
        network.assert_all_in_step(seed);
        let holdings = network.nodes[0].replica.holdings();
        assert!(
            holdings
                .logs()
                .all(|(log, _)| holdings.contiguous(log) == holdings.last(log))
        );
    }
}

#[test]
fn a_storm_is_the_same_each_time() {
    let trace = |seed| {
        let network = storm(seed, Switches::default());
        (network.sent, network.nodes[0].arrivals.clone())
    };
    assert_eq!(trace(7), trace(7));
}

#[test]
fn without_gap_tracking_a_storm_loses_entries() {
    let switches = Switches {
        gap_tracking: false,
        ..Switches::default()
    };
    let held = |network: &Network, at: usize| {
        let node = &network.nodes[at];
        node.held_by_the_store(Switches::default()).vector()
    };
    let differs = |network: &Network| held(network, 0) != held(network, 2);
    assert!((0..50).any(|seed| differs(&storm(seed, switches))));
}

#[test]
fn without_deduplication_segments_are_verified_again() {
    let verified = |switches| {
        let storms = (0..50).map(|seed| storm(seed, switches));
        storms
            .flat_map(|network| network.nodes)
            .map(|node| node.verified_again)
            .sum::<usize>()
    };
    let switches = Switches {
        deduplication: false,
        ..Switches::default()
    };
    assert_eq!(verified(Switches::default()), 0);
    assert!(verified(switches) > 0);
}
