//! A till ends in the middle of a sale: the belt is still full.

use device::api::{CartLine, Carts, Notice, Reply, Request};
use domain::catalogue::Product;
use domain::quantity::ONE;
use sim::shop::wares;

use crate::corner::{Corner, TILL};

/// An open cart with this product, and one on hold.
fn carts(product: &Product) -> Carts {
    let line = CartLine {
        product: product.id,
        quantity: ONE,
        price: product.price,
    };
    Carts {
        open: vec![line],
        held: vec![vec![line, line]],
    }
}

/// A till that keeps two carts, and the carts.
fn till_with_carts(seed: u64) -> (Corner, Carts) {
    let mut corner = Corner::with_tills(seed, 2, 1);
    corner.sell(TILL);
    let Reply::Products { page, .. } = corner.ask(TILL, wares::list()) else {
        panic!("there is nothing to sell");
    };
    let carts = carts(&page[0]);
    let kept = corner.ask(TILL, Request::KeepCarts(carts.clone()));
    assert_eq!(kept, Reply::Done);
    (corner, carts)
}

#[track_caller]
fn kept(corner: &mut Corner) -> Carts {
    match corner.ask(TILL, Request::Carts) {
        Reply::Carts { carts, products } => {
            assert_eq!(products.len(), 1, "each product comes once");
            carts
        }
        reply => panic!("there are no carts: {reply:?}"),
    }
}

fn restart(corner: &mut Corner) {
    corner.world.kill(TILL);
    corner.take_told();
    corner.world.start(TILL);
    corner.hear(TILL, |notice| *notice == Notice::Ready);
}

#[test]
fn carts_come_back_after_a_restart() {
    let (mut corner, carts) = till_with_carts(1);
    restart(&mut corner);
    assert_eq!(kept(&mut corner), carts);
}

#[test]
fn a_cart_whose_sale_was_stored_just_before_the_end_does_not_come_back() {
    let (mut corner, carts) = till_with_carts(2);
    corner.sell(TILL);
    restart(&mut corner);
    let left = Carts {
        open: Vec::new(),
        ..carts
    };
    assert_eq!(kept(&mut corner), left);
}

#[test]
fn more_lines_than_a_sale_may_have_are_not_kept() {
    let (mut corner, carts) = till_with_carts(3);
    let lines = domain::event::SALE_LINES_MAX + 1;
    let open = carts.open.iter().cycle().take(lines).copied().collect();
    let many = Carts {
        open,
        ..Carts::default()
    };
    assert_eq!(corner.refused(TILL, Request::KeepCarts(many)), "too-large");
    assert_eq!(kept(&mut corner), carts);
}
