//! Somebody guesses a PIN.

use device::api::{Notice, Reply};
use domain::staff::{PIN_TRIES_FREE, PIN_WAIT_FIRST_MS};

use crate::corner::{Corner, TILL};

#[track_caller]
fn code(reply: Reply) -> &'static str {
    match reply {
        Reply::Refused(refusal) => refusal.code,
        reply => panic!("it was right: {reply:?}"),
    }
}

#[test]
fn after_five_wrong_pins_even_the_right_one_must_wait_and_works_then() {
    let mut corner = Corner::with_tills(1, 2, 1);
    let right = corner.staff.pin.clone();
    for _ in 0..PIN_TRIES_FREE {
        assert_eq!(code(corner.sign_in(TILL, "9999")), "wrong-pin");
    }
    assert_eq!(code(corner.sign_in(TILL, "9999")), "try-later");
    assert_eq!(code(corner.sign_in(TILL, &right)), "try-later");
    assert_eq!(code(corner.try_to_sell(TILL)), "not-signed-in");
    corner.world.run_for_ms(PIN_WAIT_FIRST_MS);
    assert!(matches!(corner.sign_in(TILL, &right), Reply::SignedIn(_)));
    corner.sell(TILL);
}

#[test]
fn a_restart_forgives_no_wrong_pin() {
    let mut corner = Corner::with_tills(2, 2, 1);
    let right = corner.staff.pin.clone();
    for _ in 0..PIN_TRIES_FREE {
        assert_eq!(code(corner.sign_in(TILL, "9999")), "wrong-pin");
    }
    corner.world.run_for_ms(PIN_WAIT_FIRST_MS / 2);
    restart(&mut corner);
    assert_eq!(code(corner.sign_in(TILL, &right)), "try-later");
    // Nobody knows how much of the wait had passed: it begins anew.
    corner.world.run_for_ms(PIN_WAIT_FIRST_MS);
    assert!(matches!(corner.sign_in(TILL, &right), Reply::SignedIn(_)));
    restart(&mut corner);
    assert_eq!(code(corner.sign_in(TILL, "9999")), "wrong-pin");
    assert!(matches!(corner.sign_in(TILL, &right), Reply::SignedIn(_)));
    corner.sell(TILL);
}

fn restart(corner: &mut Corner) {
    corner.world.kill(TILL);
    corner.take_told();
    corner.world.start(TILL);
    corner.hear(TILL, |notice| *notice == Notice::Ready);
}
