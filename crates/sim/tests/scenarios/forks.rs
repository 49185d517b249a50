//! A till that was copied, or put back to an earlier state: what either sold is kept and counted.

use base::DeviceId;
use base::meeting::PUSHED_OUT_MS;
use device::api::{Reply, Request};
use sim::NodeId;
use sim::random::SeededRandom;
use sim::shop::wares;

use crate::corner::{Corner, OTHER, OWNER, TILL};

pub fn sales(corner: &mut Corner, node: NodeId) -> u64 {
    match corner.ask(node, Request::Counts) {
        Reply::Counts(counts) => counts.sales,
        reply => panic!("{node:?} counts nothing: {reply:?}"),
    }
}

/// How many of its own sales are only on a device, and how many on others.
fn kept(corner: &mut Corner, node: NodeId) -> (u32, u32) {
    match corner.ask(node, Request::Status) {
        Reply::Status(status) => (status.pending, status.peer_ack),
        reply => panic!("{node:?} has no status: {reply:?}"),
    }
}

/// The terminal code on the receipt of another sale.
pub fn code_of_next_sale(corner: &mut Corner, node: NodeId) -> String {
    let receipt = corner.sell(node);
    let (code, _) = receipt.number.split_once('-').expect("a code and a number");
    code.to_owned()
}

/// Devices that run twice, as far as one knows, and whether it is itself.
pub fn copied_devices(corner: &mut Corner, node: NodeId) -> Vec<(DeviceId, bool)> {
    match corner.ask(node, Request::Status) {
        Reply::Status(status) => {
            let copied = status.copied.into_iter();
            copied.map(|it| (it.device, it.this_device)).collect()
        }
        reply => panic!("{node:?} has no status: {reply:?}"),
    }
}

pub fn sell(corner: &mut Corner, node: NodeId, count: u32) {
    for _ in 0..count {
        corner.sell(node);
    }
}

/// A till that has sold five times, and a copy of it on another machine.
pub fn copied(seed: u64) -> Corner {
    let mut corner = Corner::with_tills(seed, 3, 1);
    sell(&mut corner, TILL, 5);
    corner.agree(&[OWNER, TILL]);
    let image = corner.world.image(TILL).expect("it is there");
    corner.world.restore(OTHER, &image);
    corner
}

/// What each of the two sells is at the owner's after one turn of each in the room, whoever is linked.
#[test]
fn a_till_and_its_copy_are_heard_in_turns() {
    for seed in 1_700..1_710 {
        let mut corner = copied(seed);
        corner.world.start(OTHER);
        corner.world.run_for_ms(1_000);
        for count in [10, 15, 20] {
            sell(&mut corner, TILL, 2);
            sell(&mut corner, OTHER, 3);
            corner.world.run_for_ms(2 * PUSHED_OUT_MS.end);
            assert_eq!(sales(&mut corner, OWNER), count, "seed {seed}");
        }
    }
}

#[test]
fn what_a_till_and_its_copy_sell_is_kept_and_counted() {
    let mut corner = copied(171);
    corner.world.kill(OWNER);
    corner.world.start(OTHER);
    corner.world.run_for_ms(5_000);
    sell(&mut corner, TILL, 3);
    sell(&mut corner, OTHER, 4);
    corner.world.start(OWNER);
    corner.agree(&[OWNER, TILL, OTHER]);
    for node in [OWNER, TILL, OTHER] {
        assert_eq!(sales(&mut corner, node), 5 + 3 + 4, "{node:?}");
    }
    corner.world.kill(OWNER);
    corner.world.start(OWNER);
    corner.agree(&[OWNER, TILL, OTHER]);
    assert_eq!(sales(&mut corner, OWNER), 5 + 3 + 4);
}

#[test]
fn every_sale_of_a_till_and_its_copy_is_listed_once_in_pages_of_any_size() {
    let mut corner = copied(172);
    corner.world.start(OTHER);
    corner.world.run_for_ms(5_000);
    sell(&mut corner, TILL, 3);
    sell(&mut corner, OTHER, 4);
    corner.agree(&[OWNER, TILL, OTHER]);
    let mut listed = Vec::new();
    for page_size in [1, 2, 5, 100] {
        let mut all = Vec::new();
        loop {
            let request = wares::sales(all.len(), page_size);
            let Reply::Sales { total, page } = corner.ask(OWNER, request) else {
                panic!("the owner lists nothing");
            };
            assert_eq!(total, 12);
            if page.is_empty() {
                break;
            }
            all.extend(page.into_iter().map(|(sale, _)| sale.number));
        }
        listed.push(all);
    }
    assert!(listed.iter().all(|list| *list == listed[3]));
    let mut receipts = listed.remove(3);
    receipts.sort();
    receipts.dedup();
    assert_eq!(receipts.len(), 12, "{receipts:?}");
}

/// The same goods at the same till at the same moment: still two customers who have paid.
#[test]
fn what_a_till_and_its_copy_sell_in_one_moment_is_two_sales() {
    let mut corner = copied(176);
    corner.world.start(OTHER);
    corner.world.run_for_ms(5_000);
    let both = [TILL, OTHER];
    let pin = corner.staff.pin.clone();
    for node in both {
        assert!(matches!(corner.sign_in(node, &pin), Reply::SignedIn(_)));
    }
    let Reply::Products { page, .. } = corner.ask(TILL, wares::list()) else {
        panic!("the till shows no products");
    };
    let basket = wares::basket(&mut SeededRandom::new(176, "customers", 1), &page);
    for node in both {
        corner.post(node, Request::Sell(basket.clone()));
    }
    corner.agree(&[OWNER, TILL, OTHER]);
    assert_eq!(sales(&mut corner, OWNER), 5 + 2);
}

/// It has written nothing itself, and finds entries of its own on its disk: its original's.
#[test]
fn a_copy_of_a_till_that_never_sold_starts_again_and_sells() {
    let mut corner = Corner::with_tills(177, 3, 1);
    let image = corner.world.image(TILL).expect("it is there");
    sell(&mut corner, TILL, 3);
    corner.world.restore(OTHER, &image);
    corner.world.start(OTHER);
    corner.agree(&[OWNER, TILL, OTHER]);
    corner.world.kill(OTHER);
    corner.world.start(OTHER);
    sell(&mut corner, OTHER, 2);
    corner.agree(&[OWNER, TILL, OTHER]);
    assert_eq!(sales(&mut corner, OWNER), 3 + 2);
}

/// What it lacks comes back from others; it goes on behind that, where it would be unheard else.
#[test]
fn an_owner_whose_disk_was_put_back_is_heard_again() {
    let mut corner = Corner::with_tills(178, 3, 1);
    let image = corner.world.image(OWNER).expect("it is there");
    corner.let_in(OWNER, OTHER);
    corner.agree(&[OWNER, TILL, OTHER]);
    corner.world.kill(OWNER);
    corner.world.restore(OWNER, &image);
    corner.world.start(OWNER);
    corner.agree(&[OWNER, TILL, OTHER]);
    corner.world.kill(OWNER);
    corner.world.start(OWNER);
    let other = corner.device(OTHER);
    assert_eq!(corner.ask(OWNER, Request::PutOut(other)), Reply::Done);
    corner.agree(&[OWNER, TILL]);
    let members = corner.ask(TILL, Request::PutOutDevices);
    assert!(matches!(members, Reply::PutOut(out) if out.len() == 1));
}

/// A till whose disk was put back sells under numbers that it has used; nobody loses a sale by it.
#[test]
fn what_a_till_sells_that_was_put_back_is_kept_beside_what_it_sold_before() {
    let mut corner = Corner::with_tills(173, 2, 1);
    sell(&mut corner, TILL, 5);
    let image = corner.world.image(TILL).expect("it is there");
    sell(&mut corner, TILL, 3);
    corner.agree(&[OWNER, TILL]);
    corner.world.kill(OWNER);
    corner.world.restore(TILL, &image);
    corner.world.start(TILL);
    corner.world.run_for_ms(5_000);
    sell(&mut corner, TILL, 4);
    corner.world.start(OWNER);
    corner.agree(&[OWNER, TILL]);
    for node in [OWNER, TILL] {
        assert_eq!(sales(&mut corner, node), 5 + 3 + 4, "{node:?}");
    }
    let kept = kept(&mut corner, TILL);
    assert_eq!(kept, (0, 9), "its own nine are on the tablet");
}

/// From the moment that they can know, no number is used twice.
#[test]
fn whoever_hears_of_its_copy_numbers_receipts_under_a_code_of_its_own() {
    let mut corner = copied(175);
    corner.world.start(OTHER);
    corner.world.run_for_ms(5_000);
    sell(&mut corner, TILL, 2);
    sell(&mut corner, OTHER, 2);
    corner.agree(&[OWNER, TILL, OTHER]);
    let device = corner.device(TILL);
    let codes = [TILL, OTHER].map(|node| code_of_next_sale(&mut corner, node));
    assert!(
        codes
            .iter()
            .all(|code| code.starts_with("A2") && code.len() == 7),
        "{codes:?}"
    );
    assert_ne!(codes[0], codes[1]);
    for (node, code) in [TILL, OTHER].into_iter().zip(codes) {
        let copied = copied_devices(&mut corner, node);
        assert_eq!(copied, [(device, true)]);
        // It does not forget.
        corner.world.kill(node);
        corner.world.start(node);
        corner.world.run_for_ms(5_000);
        assert_eq!(code_of_next_sale(&mut corner, node), code);
    }
    assert_eq!(
        copied_devices(&mut corner, OWNER),
        [(device, false)],
        "the owner is told"
    );
    corner.agree(&[OWNER, TILL, OTHER]);
    assert_eq!(sales(&mut corner, OWNER), 5 + 4 + 4);
}

/// Which of the two came first at the owner's tablet must not matter.
#[test]
fn what_a_till_and_its_copy_sold_stays_when_the_device_is_put_out() {
    for first in [TILL, OTHER] {
        let mut corner = copied(174);
        let device = corner.device(TILL);
        corner.world.kill(OWNER);
        corner.world.start(OTHER);
        corner.world.run_for_ms(5_000);
        sell(&mut corner, TILL, 3);
        sell(&mut corner, OTHER, 30);
        let second = if first == TILL { OTHER } else { TILL };
        corner.world.kill(second);
        corner.world.start(OWNER);
        corner.agree(&[OWNER, first]);
        corner.world.start(second);
        corner.agree(&[OWNER, TILL, OTHER]);
        assert_eq!(sales(&mut corner, OWNER), 5 + 3 + 30);
        let pin = corner.staff.pin.clone();
        corner.sign_in(OWNER, &pin);
        assert_eq!(corner.ask(OWNER, Request::PutOut(device)), Reply::Done);
        corner.world.run_for_ms(30_000);
        assert_eq!(
            sales(&mut corner, OWNER),
            5 + 3 + 30,
            "{first:?} came first"
        );
    }
}
