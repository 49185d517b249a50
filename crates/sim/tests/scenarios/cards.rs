//! Letting a device in when something is wrong with the cards or the link.

use base::limits::CARD_LIFETIME_MS;
use device::api::{Admission, DeviceRole, Notice, PairingStep, Reply, Request};
use sim::NodeId;
use sim::disk::DiskFault;
use sim::world::Told;

use crate::corner::{Corner, OTHER, OWNER, TILL, admission, asks_owner};

fn answer(card: &str) -> Request {
    Request::Answer {
        card: card.into(),
        consent: None,
    }
}

fn accept(card: &str) -> Request {
    Request::Accept { card: card.into() }
}

#[test]
fn a_link_that_dies_right_after_the_owners_tap_costs_two_new_cards_and_no_second_code() {
    let mut corner = Corner::founded(1, 2);
    let offered = corner.offer(TILL);
    let answered = corner.card(OWNER, answer(&offered));
    let accepting = corner.post(TILL, accept(&answered));
    corner.hear(OWNER, asks_owner);
    let approving = corner.post(OWNER, Request::Approve(admission()));
    corner.hear(OWNER, |notice| {
        *notice == Notice::Reply(approving, Reply::Done)
    });
    assert_eq!(corner.world.cut(OWNER, TILL), 1, "what let it in is lost");
    let told = corner.hear(
        TILL,
        |notice| matches!(notice, Notice::Reply(of, Reply::Refused(_)) if *of == accepting),
    );
    let lost = |notice: &Notice| matches!(notice, Notice::Reply(_, Reply::Refused(r)) if r.code == "link-lost");
    assert!(told.iter().any(|told| lost(&told.notice)), "{told:#?}");

    let offered = corner.offer(TILL);
    let answered = corner.card(OWNER, answer(&offered));
    let linked = corner.ask(TILL, accept(&answered));
    assert!(matches!(linked, Reply::Linked { .. }), "{linked:?}");
    let told = corner.take_told();
    assert!(
        !told.iter().any(|told| asks_owner(&told.notice)),
        "a second code"
    );
    corner.sell(TILL);
    corner.agree(&[OWNER, TILL]);
}

#[test]
fn what_is_no_card_or_half_a_card_is_refused_and_a_whole_one_works() {
    let mut corner = Corner::founded(2, 2);
    let offered = corner.offer(TILL);
    for other in ["", "https://example.com/", "8711327359918"] {
        assert_eq!(corner.refused(OWNER, answer(other)), "not-a-card");
    }
    let half = &offered[..offered.len() / 2];
    assert_eq!(corner.refused(OWNER, answer(half)), "card-damaged");
    assert_eq!(corner.refused(TILL, accept(half)), "card-damaged");
    corner.let_in(OWNER, TILL);
    corner.sell(TILL);
}

#[test]
fn a_card_held_to_the_wrong_side_or_to_its_own_screen_is_refused() {
    let mut corner = Corner::founded(3, 3);
    let offered = corner.offer(TILL);
    let own = corner.offer(OWNER);
    assert_eq!(corner.refused(OWNER, answer(&own)), "card-wrong-side");
    assert_eq!(corner.refused(TILL, accept(&offered)), "card-wrong-side");
    let answered = corner.card(OWNER, answer(&offered));
    assert_eq!(corner.refused(OWNER, answer(&answered)), "card-wrong-side");
    assert_eq!(corner.refused(OWNER, accept(&own)), "card-wrong-side");
    corner.let_in(OWNER, TILL);
    corner.sell(TILL);
}

#[test]
fn a_card_works_once() {
    let mut corner = Corner::founded(4, 3);
    let offered = corner.offer(TILL);
    let answered = corner.card(OWNER, answer(&offered));
    assert_eq!(corner.refused(OWNER, answer(&offered)), "card-used");
    corner.post(TILL, accept(&answered));
    corner.hear(OWNER, asks_owner);
    assert_eq!(corner.refused(TILL, accept(&answered)), "card-used");
    // What was refused has not disturbed what was under way.
    assert_eq!(
        corner.ask(OWNER, Request::Approve(admission())),
        Reply::Done
    );
    corner.world.run_for_ms(10_000);
    corner.sell(TILL);
}

#[test]
fn a_card_of_more_than_ten_minutes_is_refused_and_a_new_one_works() {
    let mut corner = Corner::founded(5, 2);
    let offered = corner.offer(TILL);
    corner.world.run_for_ms(CARD_LIFETIME_MS / 2);
    let answered = corner.card(OWNER, answer(&offered));
    corner.world.run_for_ms(CARD_LIFETIME_MS / 2 + 1_000);
    let told = corner.take_told();
    let lapsed = |notice: &Notice| matches!(notice, Notice::Pairing(PairingStep::Failed(why)) if why.code == "card-expired");
    assert!(
        told.iter()
            .any(|told| told.node == TILL && lapsed(&told.notice))
    );
    assert_eq!(corner.refused(TILL, accept(&answered)), "card-expired");
    corner.let_in(OWNER, TILL);
    corner.sell(TILL);
}

#[test]
fn a_member_refuses_the_card_of_another_shop() {
    let mut corner = Corner::with_tills(6, 3, 1);
    let other = Request::CreateShop(sim::shop::wares::new_shop());
    assert!(matches!(
        corner.ask(OTHER, other),
        Reply::ShopCreated { .. }
    ));
    let offered = corner.offer(TILL);
    let answered = corner.card(OTHER, answer(&offered));
    assert_eq!(corner.refused(TILL, accept(&answered)), "card-foreign");
    corner.sell(TILL);
    corner.agree(&[OWNER, TILL]);
}

#[test]
fn two_members_link_again_by_two_cards_and_both_screens_say_so() {
    let mut corner = Corner::with_tills(7, 2, 1);
    corner.world.set_meeting_place(false);
    assert_eq!(corner.world.cut(OWNER, TILL), 1);
    corner.sell(TILL);
    corner.take_told();
    let offered = corner.offer(TILL);
    let answered = corner.card(OWNER, answer(&offered));
    let accepting = corner.post(TILL, accept(&answered));
    let complete =
        |notice: &Notice| matches!(notice, Notice::Pairing(PairingStep::Complete { .. }));
    let mut told = corner.hear(OWNER, complete);
    told.extend(corner.hear(
        TILL,
        |notice| matches!(notice, Notice::Reply(of, Reply::Linked { .. }) if *of == accepting),
    ));
    assert!(
        !told.iter().any(|told| asks_owner(&told.notice)),
        "a second code"
    );
    corner.agree(&[OWNER, TILL]);
}

#[test]
fn the_answer_to_an_older_card_is_refused_at_once_and_that_to_the_newest_works() {
    let mut corner = Corner::founded(8, 2);
    let older = corner.offer(TILL);
    let answered = corner.card(OWNER, answer(&older));
    corner.world.kill(TILL);
    corner.world.start(TILL);
    corner.world.run_for_ms(1_000);
    let newer = corner.offer(TILL);
    assert_eq!(corner.refused(TILL, accept(&answered)), "card-used");
    let answered = corner.card(OWNER, answer(&newer));
    corner.post(TILL, accept(&answered));
    corner.hear(OWNER, asks_owner);
    let approved = corner.ask(OWNER, Request::Approve(admission()));
    assert_eq!(approved, Reply::Done);
    corner.world.run_for_ms(10_000);
    corner.sell(TILL);
}

#[test]
fn whichever_open_card_was_answered_is_the_one_that_is_linked() {
    let mut corner = Corner::founded(9, 2);
    let older = corner.offer(TILL);
    let answered = corner.card(OWNER, answer(&older));
    corner.offer(TILL);
    corner.post(TILL, accept(&answered));
    corner.hear(OWNER, asks_owner);
    let approved = corner.ask(OWNER, Request::Approve(admission()));
    assert_eq!(approved, Reply::Done);
    corner.world.run_for_ms(CARD_LIFETIME_MS + 1_000);
    let lapsed =
        |told: &Told<Notice>| matches!(told.notice, Notice::Pairing(PairingStep::Failed(_)));
    assert!(!corner.take_told().iter().any(lapsed), "the other card");
    corner.sell(TILL);
}

#[test]
fn codes_that_match_let_nobody_in_once_the_owner_has_left() {
    let mut corner = Corner::founded(10, 2);
    let offer = corner.offer(TILL);
    let answered = corner.card(OWNER, answer(&offer));
    corner.post(TILL, accept(&answered));
    corner.hear(OWNER, asks_owner);
    corner.ask(OWNER, Request::SignOut);
    assert_eq!(
        corner.refused(OWNER, Request::Approve(admission())),
        "not-signed-in"
    );
    let pin = corner.staff.pin.clone();
    corner.sign_in(OWNER, &pin);
    let approved = corner.ask(OWNER, Request::Approve(admission()));
    assert_eq!(approved, Reply::Done);
}

#[test]
fn a_device_that_reads_nothing_is_refused_at_once() {
    let mut corner = Corner::founded(12, 2);
    let relay = Admission {
        role: DeviceRole::Relay,
        terminal: None,
        ..admission()
    };
    let refused = admit(&mut corner, OWNER, TILL, relay);
    assert!(
        matches!(&refused, Reply::Refused(why) if why.code == "bad-role"),
        "{refused:?}"
    );
    corner.let_in(OWNER, TILL);
    corner.sell(TILL);
}

/// Lets a device in with a role and a till number, as a script does.
fn admit(corner: &mut Corner, owner: NodeId, node: NodeId, consent: Admission) -> Reply {
    let card = corner.offer(node);
    let consent = Some(consent);
    match corner.ask(owner, Request::Answer { card, consent }) {
        Reply::Card { text } => corner.ask(node, accept(&text)),
        refused => refused,
    }
}

fn terminal_of(corner: &mut Corner, node: NodeId) -> Option<String> {
    match corner.ask(node, Request::Status) {
        Reply::Status(status) => status.shop.expect("it is in").terminal,
        reply => panic!("{node:?} has no status: {reply:?}"),
    }
}

#[test]
fn an_owner_gives_till_numbers_with_its_own_letters_only() {
    let mut corner = Corner::founded(5, 3);
    let with = |role, terminal: &str| Admission {
        role,
        terminal: Some(terminal.into()),
        ..admission()
    };
    let foreign = admit(&mut corner, OWNER, TILL, with(DeviceRole::Till, "B7"));
    assert!(
        matches!(&foreign, Reply::Refused(why) if why.code == "bad-terminal"),
        "{foreign:?}"
    );
    let owner = admit(&mut corner, OWNER, TILL, with(DeviceRole::Owner, "A9"));
    assert!(matches!(owner, Reply::Linked { .. }), "{owner:?}");
    assert_eq!(terminal_of(&mut corner, TILL).as_deref(), Some("A9"));
    // The second owner's device has letters of its own.
    let pin = corner.staff.pin.clone();
    corner.agree(&[OWNER, TILL]);
    corner.sign_in(TILL, &pin);
    let foreign = admit(&mut corner, TILL, OTHER, with(DeviceRole::Till, "A10"));
    assert!(
        matches!(&foreign, Reply::Refused(why) if why.code == "bad-terminal"),
        "{foreign:?}"
    );
    let own = admit(&mut corner, TILL, OTHER, with(DeviceRole::Till, "b3"));
    assert!(matches!(own, Reply::Linked { .. }), "{own:?}");
    assert_eq!(terminal_of(&mut corner, OTHER).as_deref(), Some("B3"));
}

#[test]
fn a_device_that_does_not_sell_gets_no_till_number() {
    let mut corner = Corner::founded(6, 3);
    let looks_on = Admission {
        role: DeviceRole::Viewer,
        terminal: Some("A2".into()),
        ..admission()
    };
    let linked = admit(&mut corner, OWNER, OTHER, looks_on);
    assert!(matches!(linked, Reply::Linked { .. }), "{linked:?}");
    assert_eq!(terminal_of(&mut corner, OTHER), None);
    corner.let_in(OWNER, TILL);
    assert_eq!(terminal_of(&mut corner, TILL).as_deref(), Some("A2"));
}

#[test]
fn an_approval_with_a_number_that_is_taken_can_be_given_again_for_another_role() {
    let mut corner = Corner::with_tills(11, 3, 1);
    let offered = corner.offer(OTHER);
    let answered = corner.card(OWNER, answer(&offered));
    let accepting = corner.post(OTHER, accept(&answered));
    corner.hear(OWNER, asks_owner);
    let office = Admission {
        role: DeviceRole::Office,
        terminal: Some("A2".into()),
        ..admission()
    };
    assert_eq!(
        corner.refused(OWNER, Request::Approve(office)),
        "code-taken"
    );
    assert_eq!(
        corner.ask(OWNER, Request::Approve(admission())),
        Reply::Done
    );
    corner.hear(
        OTHER,
        |notice| matches!(notice, Notice::Reply(of, Reply::Linked { .. }) if *of == accepting),
    );
    assert_eq!(terminal_of(&mut corner, OTHER).as_deref(), Some("A3"));
}

#[test]
fn two_taps_at_once_let_a_device_in_once_and_both_are_answered() {
    let mut corner = Corner::founded(12, 2);
    let offered = corner.offer(TILL);
    let answered = corner.card(OWNER, answer(&offered));
    corner.post(TILL, accept(&answered));
    corner.hear(OWNER, asks_owner);
    let first = corner.post(OWNER, Request::Approve(admission()));
    assert_eq!(corner.refused(OWNER, Request::Approve(admission())), "busy");
    // Also while keys are wrapped, the enrolment is written, and after it.
    let later = Request::Approve(admission());
    let taps: Vec<_> = (0..200)
        .map(|_| {
            corner.world.run_for_ms(1);
            corner.post(OWNER, later.clone())
        })
        .collect();
    corner.world.run_for_ms(10_000);
    let told = corner.take_told();
    let replies = |request| {
        let reply = |told: &Told<Notice>| match &told.notice {
            Notice::Reply(of, reply) if told.node == OWNER && *of == request => Some(reply.clone()),
            _ => None,
        };
        told.iter().filter_map(reply).collect::<Vec<_>>()
    };
    assert_eq!(replies(first), [Reply::Done]);
    for tap in taps {
        let [Reply::Refused(refusal)] = &replies(tap)[..] else {
            panic!("{:?}", replies(tap));
        };
        assert!(
            ["busy", "not-pairing"].contains(&refusal.code),
            "{refusal:?}"
        );
    }
    corner.sell(TILL);
}

/// Answers a newcomer's card with consent that comes to nothing: gives the code of why, as the
/// owner's screen is told, and checks that the newcomer waits no longer.
#[track_caller]
fn fails_to_admit(corner: &mut Corner, card: String) -> &'static str {
    corner.take_told();
    assert_eq!(corner.refused(TILL, Request::Accept { card }), "link-lost");
    let told = corner.take_told();
    let why = told.iter().find_map(|told| match &told.notice {
        Notice::Pairing(PairingStep::Failed(why)) if told.node == OWNER => Some(why.code),
        _ => None,
    });
    why.unwrap_or_else(|| panic!("the owner is told nothing: {told:#?}"))
}

#[test]
fn a_newcomer_whose_enrolment_cannot_be_saved_is_told() {
    let mut corner = Corner::founded(13, 2);
    let card = corner.offer(TILL);
    let consent = Some(admission());
    let card = corner.card(OWNER, Request::Answer { card, consent });
    corner.world.set_disk_fault(OWNER, DiskFault::Full);
    assert_eq!(fails_to_admit(&mut corner, card), "disk-full");
    corner.world.set_disk_fault(OWNER, DiskFault::None);
    corner.let_in(OWNER, TILL);
    corner.sell(TILL);
}

#[test]
fn a_newcomer_whose_enrolment_cannot_be_written_is_told() {
    let mut corner = Corner::founded(14, 2);
    let card = corner.offer(TILL);
    let endless = Admission {
        name: "a".repeat(100_000),
        ..admission()
    };
    let consent = Some(endless);
    let card = corner.card(OWNER, Request::Answer { card, consent });
    assert_eq!(fails_to_admit(&mut corner, card), "bad-input");
    corner.let_in(OWNER, TILL);
    corner.sell(TILL);
}
