//! On a bad link what is big goes on where it broke.

use std::fmt::Write;

use device::api::{Reply, Request};
use sim::Hands;
use sim::random::SeededRandom;

use crate::corner::{Corner, OWNER, TILL};
use crate::tap::Tapped;

type World = sim::World<Tapped, Hands>;

/// How long a link lives once both ends know of it, milliseconds: some dozen frames.
const ALIVE_MS: u64 = 60;

/// Products whose names do not deflate: one entry of some 200 kB.
fn price_list() -> String {
    let mut random = SeededRandom::new(1, "names", 0);
    let mut csv = String::from("sku,name,price\n");
    for number in 0..2_000 {
        let mut name = String::new();
        while name.len() < 180 {
            let _ = write!(name, "{:x}", random.between(0, u64::MAX - 1));
        }
        let _ = writeln!(csv, "S{number},{name},1.00");
    }
    csv
}

#[test]
fn a_price_list_passes_links_that_break_before_it_is_through() {
    let mut corner = Corner::with_tills(74, 2, 1);
    corner.world.block(OWNER, TILL);
    corner.world.block(TILL, OWNER);
    let (csv, dry_run) = (price_list(), false);
    let reply = corner.ask(OWNER, Request::Import { csv, dry_run });
    assert!(matches!(reply, Reply::Imported { .. }), "{reply:?}");
    corner.world.run_for_ms(30_000);
    corner.take_told();
    corner.world.unblock(OWNER, TILL);
    corner.world.unblock(TILL, OWNER);
    let mut cuts = 0;
    while corner.state_hash(TILL) != corner.state_hash(OWNER) {
        assert!(cuts < 40, "it never comes through");
        let latest = corner.world.now().plus_ms(120_000);
        let linked = |world: &World| world.network().linked_with(TILL).next().is_some();
        assert!(corner.world.run_until_true(latest, linked));
        corner.world.run_for_ms(ALIVE_MS);
        corner.world.cut(OWNER, TILL);
        cuts += 1;
    }
    assert!(cuts > 2, "no link was too short for it: {cuts}");
}
