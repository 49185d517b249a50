//! Somebody guesses a PIN.

use device::api::Reply;
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
