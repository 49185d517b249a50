//! Meeting again without cards, when what passes through the meeting place comes late.

use device::api::Notice;

use crate::corner::{Corner, OWNER, TILL};

/// An answer and a connection take a second; a card that nobody answers is given up after thirty.
const LINKED_AGAIN_MS: u64 = 5_000;

#[test]
fn of_two_offers_that_come_at_once_the_later_one_links() {
    let mut corner = Corner::founded(1, 2);
    corner.let_in(OWNER, TILL);
    corner.heard.borrow_mut().set_late(TILL, true);
    corner.world.part(&[TILL]);
    // The owner doubts a link over which nothing comes, and offers; it loses the link, and offers
    // again.
    let lost = |notice: &Notice| matches!(notice, Notice::PeerDisconnected(_));
    corner.hear(OWNER, lost);
    corner.world.run_for_ms(2_000);
    corner.world.unite(&[TILL]);
    corner.heard.borrow_mut().set_late(TILL, false);
    corner.sell(TILL);
    let latest = corner.world.now().plus_ms(LINKED_AGAIN_MS);
    let linked = corner.world.run_until_true(latest, |world| {
        let connected = |notice: &Notice| matches!(notice, Notice::PeerConnected(_));
        world.told().iter().any(|told| connected(&told.notice))
    });
    assert!(linked, "apart: {:#?}", corner.take_told());
    corner.agree(&[OWNER, TILL]);
}
