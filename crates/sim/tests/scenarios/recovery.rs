//! The owner's tablet falls into a bucket.

use device::api::{Reply, Request};

use crate::corner::{Corner, OTHER, OWNER, TILL};

/// Twelve words of some other shop (the first test vector of BIP-39).
const OTHER_WORDS: &str = "abandon abandon abandon abandon abandon abandon abandon abandon \
                           abandon abandon abandon about";

fn recover(words: &str) -> Request {
    Request::Recover {
        words: words.into(),
    }
}

#[test]
fn the_twelve_words_make_a_till_the_founder_that_lets_others_in() {
    let mut corner = Corner::with_tills(1, 3, 1);
    let before = corner.sell(OWNER);
    corner.sell(TILL);
    corner.agree(&[OWNER, TILL]);
    corner.world.kill(OWNER);

    let untouched = corner.state_hash(TILL);
    for wrong in ["", "twelve words", OTHER_WORDS] {
        assert_eq!(corner.refused(TILL, recover(wrong)), "wrong-words");
    }
    assert_eq!(corner.state_hash(TILL), untouched);
    let words = corner.staff.recovery.clone();
    assert_eq!(corner.ask(TILL, recover(&words)), Reply::Done);

    corner.sell(TILL);
    corner.let_in(TILL, OTHER);
    let sold = corner.sell(OTHER);
    corner.agree(&[TILL, OTHER]);
    let numbers = numbers(&mut corner);
    assert!(numbers.contains(&before.number), "{numbers:?}");
    assert!(numbers.contains(&sold.number), "{numbers:?}");
    assert_eq!(numbers.len(), 4, "{numbers:?}");
}

#[test]
fn the_new_founder_lets_in_an_owners_tablet_too() {
    let mut corner = Corner::with_tills(2, 3, 1);
    corner.world.kill(OWNER);
    let words = corner.staff.recovery.clone();
    assert_eq!(corner.ask(TILL, recover(&words)), Reply::Done);
    // What the words opened is on its disk, not only in its memory.
    corner.world.power_loss(TILL);
    corner.world.start(TILL);
    corner.world.run_for_ms(30_000);
    corner.sell(TILL);
    corner.let_in_tablet(TILL, OTHER);
    corner.agree(&[TILL, OTHER]);
}

/// Receipt numbers of all sales, as the newest device counts them.
fn numbers(corner: &mut Corner) -> Vec<String> {
    match corner.ask(OTHER, sim::shop::wares::sales(0, 100)) {
        Reply::Sales { page, .. } => page.into_iter().map(|(sale, _)| sale.number).collect(),
        reply => panic!("no sales: {reply:?}"),
    }
}

#[test]
fn words_are_asked_for_until_somebody_has_typed_them_and_checking_them_writes_nothing() {
    let mut corner = Corner::with_tills(3, 2, 1);
    assert!(unconfirmed(&mut corner, OWNER));
    assert!(!unconfirmed(&mut corner, TILL), "only the founder had them");
    let untouched = corner.state_hash(OWNER);
    let check = |words: &str| Request::CheckWords {
        words: words.into(),
    };
    assert_eq!(corner.refused(OWNER, check(OTHER_WORDS)), "wrong-words");
    assert!(unconfirmed(&mut corner, OWNER));
    let words = corner.staff.recovery.clone();
    assert_eq!(corner.ask(OWNER, check(&words)), Reply::Done);
    assert!(!unconfirmed(&mut corner, OWNER));
    assert_eq!(corner.state_hash(OWNER), untouched);
    corner.world.run_for_ms(1_000);
    corner.world.kill(OWNER);
    corner.world.start(OWNER);
    corner.world.run_for_ms(5_000);
    assert!(!unconfirmed(&mut corner, OWNER));
}

fn unconfirmed(corner: &mut Corner, node: sim::NodeId) -> bool {
    match corner.ask(node, Request::Status) {
        Reply::Status(status) => status.words_unconfirmed,
        reply => panic!("{node:?} has no status: {reply:?}"),
    }
}
