//! Keys that do nothing: nobody waits for ever.

use device::api::{Notice, PairingStep, Reply, Request};

use crate::corner::{Corner, OTHER, OWNER, TILL, admission, asks_owner};
use crate::forge;
use crate::tap::Heard;

fn set_keyless(corner: &Corner, keyless: bool) {
    corner.heard.borrow_mut().set_keyless(OWNER, keyless);
}

#[test]
fn a_pin_that_cannot_be_used_is_refused_and_works_again_later() {
    let mut corner = Corner::founded(71, 1);
    let (employee, pin) = (corner.staff.employee, corner.staff.pin.clone());
    set_keyless(&corner, true);
    let sign_in = Request::SignIn {
        employee,
        pin: pin.clone(),
    };
    assert_eq!(corner.refused(OWNER, sign_in), "internal");
    set_keyless(&corner, false);
    assert!(matches!(corner.sign_in(OWNER, &pin), Reply::SignedIn(_)));
}

#[test]
fn an_approval_whose_key_cannot_be_shared_is_refused_and_can_be_given_again() {
    let mut corner = Corner::founded(72, 3);
    let card = corner.offer(OTHER);
    let answer = Request::Answer {
        card,
        consent: None,
    };
    let card = corner.card(OWNER, answer);
    let accepted = corner.post(OTHER, Request::Accept { card });
    corner.hear(OWNER, asks_owner);
    set_keyless(&corner, true);
    let approve = || Request::Approve(admission());
    assert_eq!(corner.refused(OWNER, approve()), "internal");
    set_keyless(&corner, false);
    assert_eq!(corner.ask(OWNER, approve()), Reply::Done);
    corner.hear(
        OTHER,
        |notice| matches!(notice, Notice::Reply(of, Reply::Linked { .. }) if *of == accepted),
    );
}

#[test]
fn a_newcomer_whose_key_cannot_be_shared_is_told() {
    let mut corner = Corner::founded(73, 3);
    let card = corner.offer(OTHER);
    let consent = Some(admission());
    let card = corner.card(OWNER, Request::Answer { card, consent });
    set_keyless(&corner, true);
    corner.take_told();
    let accept = Request::Accept { card };
    assert_eq!(corner.refused(OTHER, accept), "link-lost");
    let told = corner.take_told();
    let failed = |notice: &Notice| matches!(notice, Notice::Pairing(PairingStep::Failed(_)));
    assert!(
        told.iter()
            .any(|told| told.node == OWNER && failed(&told.notice))
    );
}

#[test]
fn keys_that_verify_nothing_accuse_nobody_and_lose_nothing() {
    let mut corner = Corner::with_tills(74, 2, 1);
    corner.heard.borrow_mut().set_blind(OWNER, true);
    corner.take_told();
    corner.sell(TILL);
    corner.world.run_for_ms(20_000);
    let accused = |notice: &Notice| matches!(notice, Notice::LinkTrouble { .. });
    let told = corner.take_told();
    assert!(!told.iter().any(|told| accused(&told.notice)), "{told:?}");
    assert!(corner.counted(OWNER, "segments_unverified") > 0);
    assert_eq!(corner.counted(OWNER, "segments_refused"), 0);
    corner.heard.borrow_mut().set_blind(OWNER, false);
    corner.agree(&[OWNER, TILL]);
    assert_eq!(corner.world.breaches(), Vec::<String>::new());
}

#[test]
fn keys_that_open_nothing_at_a_start_delete_nothing() {
    let mut corner = Corner::with_tills(75, 2, 1);
    corner.sell(TILL);
    corner.agree(&[OWNER, TILL]);
    let before = corner.state_hash(OWNER);
    let kept = forge::segments(&corner, OWNER);
    corner.world.part(&[OWNER]);
    for blind in [true, false] {
        corner.heard.borrow_mut().set_blind(OWNER, blind);
        corner.world.kill(OWNER);
        corner.world.start(OWNER);
        corner.world.run_for_ms(10_000);
        assert_eq!(forge::segments(&corner, OWNER), kept);
    }
    assert_eq!(corner.state_hash(OWNER), before);
}

#[test]
fn a_start_whose_keys_do_nothing_for_a_while_is_no_empty_shop_and_ends_well_by_itself() {
    let mut corner = Corner::with_tills(76, 2, 1);
    corner.sell(TILL);
    corner.agree(&[OWNER, TILL]);
    let before = corner.state_hash(OWNER);
    corner.world.part(&[OWNER]);
    for fails in [Heard::set_locked_out, Heard::set_blind] {
        fails(&mut corner.heard.borrow_mut(), OWNER, true);
        corner.world.kill(OWNER);
        corner.take_told();
        corner.world.start(OWNER);
        corner.world.run_for_ms(5_000);
        let told = corner.take_told();
        let mut ready = told.iter().filter(|told| told.notice == Notice::Ready);
        assert_eq!(ready.next(), None);
        fails(&mut corner.heard.borrow_mut(), OWNER, false);
        corner.hear(OWNER, |notice| *notice == Notice::Ready);
        assert_eq!(corner.state_hash(OWNER), before);
    }
}
