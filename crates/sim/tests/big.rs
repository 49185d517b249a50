//! Shops too big for everybody to be linked with everybody.

use std::collections::BTreeSet;

use device::{Device, Setup};
use sim::shop::desk::Desk;
use sim::shop::opening;
use sim::world::NodeId;
use sim::{Hands, Settings, World};

/// Tills of a big shop: more than are all linked with each other where nobody says otherwise.
const TILLS: u32 = 24;

#[test]
fn tills_link_with_their_neighbours_and_nobody_else() {
    let settings = Settings::new(2, TILLS);
    let graph = settings.graph();
    let made = |_| Device::new(Setup::default());
    let mut world = World::new(settings, made, |_| Hands::fast());
    world.start_all();
    opening::open_shop(&mut world, &mut Desk::default()).expect("it opens");
    world.run_for_ms(30_000);
    let linked: BTreeSet<_> = world.network().linked_pairs().into_iter().collect();
    let nodes = (0..TILLS).map(NodeId);
    let met = nodes.flat_map(|node| {
        let later = graph.neighbours(node).filter(move |other| node < *other);
        later.map(move |other| (node, other))
    });
    assert_eq!(linked, met.collect::<BTreeSet<_>>());
    assert!(linked.len() < TILLS as usize * 3 + 1, "six each");
}
