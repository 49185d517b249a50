//! Starting: with a clock that is wrong, with a disk that was full or has lost something.

use base::Stream;
use device::api::{Command, Notice, PairingStep, Reply, Request, RequestId, Status};
use domain::sale::Receipt;
use sim::NodeId;
use sim::disk::DiskFault;
use sim::random::SeededRandom;
use sim::shop::wares;
use sim::world::Told;

use crate::corner::{Corner, OTHER, OWNER, TILL, admission};

const YEAR_MS: i64 = 365 * 24 * 60 * 60 * 1_000;

#[track_caller]
fn status(corner: &mut Corner, node: NodeId) -> Status {
    match corner.ask(node, Request::Status) {
        Reply::Status(status) => *status,
        reply => panic!("{node:?} has no status: {reply:?}"),
    }
}

/// The counting part of a receipt number, as 123 of `A3-000123·K7QD`.
#[track_caller]
fn number(receipt: &Receipt) -> u32 {
    let (_, counted) = receipt.number.split_once('-').expect("a till's code");
    let (counted, _) = counted.split_once('·').expect("a check");
    counted.parse().expect("a number")
}

fn restart(corner: &mut Corner, node: NodeId) {
    corner.world.kill(node);
    corner.world.start(node);
    corner.world.run_for_ms(10_000);
}

#[test]
fn a_clock_that_is_set_right_years_later_leaves_the_shop_where_it_is() {
    let mut corner = Corner::founded(61, 1);
    let right = status(&mut corner, OWNER).shop.unwrap().business_date;
    corner.world.set_skew_ms(OWNER, -10 * YEAR_MS);
    let at_once = status(&mut corner, OWNER);
    let shop = at_once
        .shop
        .expect("it is in its shop whatever the clock says");
    assert_eq!((shop.business_date, at_once.shut), (None, None));
    corner.world.run_for_ms(1_000);
    let then = status(&mut corner, OWNER).shop.unwrap().business_date;
    assert!(then.is_some() && then < right, "{then:?}");
    restart(&mut corner, OWNER);
    corner.world.set_skew_ms(OWNER, 0);
    status(&mut corner, OWNER);
    corner.world.run_for_ms(1_000);
    assert_eq!(
        status(&mut corner, OWNER).shop.unwrap().business_date,
        right
    );
    corner.sell(OWNER);
}

#[test]
fn a_shop_that_could_not_be_founded_leaves_nothing_behind() {
    let mut corner = Corner::founded(62, 3);
    let found = || Request::CreateShop(wares::new_shop());
    corner.world.set_disk_fault(OTHER, DiskFault::Full);
    assert_eq!(corner.refused(OTHER, found()), "disk-full");
    corner.world.set_disk_fault(OTHER, DiskFault::None);
    // This writes down what the device remembers.
    corner.ask(OTHER, Request::SignOut);
    corner.world.run_for_ms(1_000);
    restart(&mut corner, OTHER);
    let after = status(&mut corner, OTHER);
    assert_eq!((after.shop, after.shut, after.employee), (None, None, None));
    let founded = corner.ask(OTHER, found());
    assert!(matches!(founded, Reply::ShopCreated { .. }), "{founded:?}");
    restart(&mut corner, OTHER);
    assert!(status(&mut corner, OTHER).shop.is_some());
}

#[test]
fn signing_out_while_a_shop_is_founded_does_not_lose_the_shop() {
    let mut corner = Corner::founded(63, 3);
    corner.post(OTHER, Request::CreateShop(wares::new_shop()));
    for _ in 0..200 {
        corner.post(OTHER, Request::SignOut);
        corner.world.run_for_ms(5);
    }
    corner.world.run_for_ms(10_000);
    restart(&mut corner, OTHER);
    assert!(status(&mut corner, OTHER).shop.is_some());
}

#[test]
fn a_shop_that_cannot_be_read_is_a_sentence_and_no_invitation_to_found_another() {
    let mut corner = Corner::with_tills(64, 2, 1);
    corner.sell(TILL);
    corner.heard.borrow_mut().lose(TILL, Stream::Control);
    restart(&mut corner, TILL);
    let shut = status(&mut corner, TILL);
    assert_eq!(shut.shop, None);
    assert_eq!(shut.shut.expect("it says why").code, "shop-unread");
    let found = Request::CreateShop(wares::new_shop());
    assert_eq!(corner.refused(TILL, found), "has-shop");
    let lookup = Request::Lookup { code: "W1".into() };
    assert_eq!(corner.refused(TILL, lookup), "shop-unread");
}

#[test]
fn settings_that_the_disk_has_lost_come_from_another_device() {
    let mut corner = Corner::with_tills(65, 2, 1);
    corner.heard.borrow_mut().lose(TILL, Stream::Shop);
    corner.world.part(&[TILL]);
    restart(&mut corner, TILL);
    let alone = status(&mut corner, TILL);
    assert_eq!(alone.shut.expect("it says why").code, "shop-unread");
    corner.world.unite(&[TILL]);
    corner.agree(&[OWNER, TILL]);
    let again = status(&mut corner, TILL);
    assert_eq!(again.shut, None);
    assert!(again.shop.unwrap().business_date.is_some());
    corner.sell(TILL);
}

#[test]
fn a_newcomer_that_cannot_remember_the_shop_is_not_told_that_it_is_in() {
    let mut corner = Corner::founded(66, 3);
    let card = corner.offer(OTHER);
    let consent = Some(admission());
    let answered = corner.card(OWNER, Request::Answer { card, consent });
    corner.world.set_disk_fault(OTHER, DiskFault::Full);
    corner.take_told();
    let accept = Request::Accept { card: answered };
    assert_eq!(corner.refused(OTHER, accept), "disk-full");
    let told = corner.take_told();
    let complete = |told: &Told<Notice>| {
        let step = matches!(told.notice, Notice::Pairing(PairingStep::Complete { .. }));
        told.node == OTHER && step
    };
    assert!(!told.iter().any(complete));
    assert_eq!(status(&mut corner, OTHER).shop, None);
    corner.world.set_disk_fault(OTHER, DiskFault::None);
    // The owner has let it in: two new cards are enough.
    corner.let_in(OWNER, OTHER);
    corner.sell(OTHER);
}

#[test]
fn what_was_told_to_a_script_is_there_after_a_reload_at_once() {
    let mut corner = Corner::founded(67, 3);
    corner.let_in(OWNER, OTHER);
    restart_at_once(&mut corner, OTHER);
    assert!(status(&mut corner, OTHER).shop.is_some());
    let pin = corner.staff.pin.clone();
    corner.sign_in(OTHER, &pin);
    restart_at_once(&mut corner, OTHER);
    assert!(status(&mut corner, OTHER).employee.is_some());
    corner.ask(OTHER, Request::SignOut);
    restart_at_once(&mut corner, OTHER);
    assert_eq!(status(&mut corner, OTHER).employee, None);
}

/// Loses whatever the disk was not yet asked for, as a reload does.
fn restart_at_once(corner: &mut Corner, node: NodeId) {
    corner.world.kill(node);
    corner.world.start(node);
}

#[test]
fn a_tab_that_is_overtaken_at_its_start_reads_again_and_sells() {
    let mut corner = Corner::with_tills(68, 2, 1);
    corner.sell(TILL);
    corner.world.kill(TILL);
    corner.heard.borrow_mut().overtake(TILL);
    corner.world.start(TILL);
    corner.sell(TILL);
    assert_eq!(status(&mut corner, TILL).storage_trouble, None);
}

#[test]
fn a_tab_that_wakes_up_late_sells_nothing_and_uses_no_number() {
    let mut corner = Corner::with_tills(72, 2, 1);
    let before = number(&corner.sell(TILL));
    let Reply::Products { page, .. } = corner.ask(TILL, wares::list()) else {
        panic!("the till shows no products");
    };
    assert!(corner.world.open_second_tab(TILL));
    assert_eq!(number(&corner.sell(TILL)), before + 1);
    corner.take_told();
    corner.world.thaw_old_tab(TILL);
    let basket = wares::basket(&mut SeededRandom::new(72, "old tab", 0), &page);
    let id = RequestId(u64::MAX);
    let request = Request::Sell(basket);
    let pay = Command { id, request };
    assert!(corner.world.command_old_tab(TILL, pay));
    corner.world.run_for_ms(5_000);
    let told = corner.take_told();
    let refused = |told: &Told<Notice>| matches!(&told.notice, Notice::Reply(of, Reply::Refused(_)) if *of == id);
    assert!(told.iter().any(refused), "{told:#?}");
    corner.world.close_old_tab(TILL);
    assert_eq!(number(&corner.sell(TILL)), before + 2);
    corner.agree(&[OWNER, TILL]);
}

/// Seed 230022: the tab that holds the lock could not know, and counted less than its disk has.
#[test]
fn a_tab_that_another_one_has_overtaken_says_so_and_the_next_start_has_what_both_sold() {
    let mut corner = Corner::with_tills(73, 2, 1);
    let before = number(&corner.sell(TILL));
    let Reply::Products { page, .. } = corner.ask(TILL, wares::list()) else {
        panic!("the till shows no products");
    };
    corner.world.kill(TILL);
    corner.world.set_disk_fault(TILL, DiskFault::Broken);
    corner.world.start(TILL);
    corner.world.run_for_ms(1_000);
    // The first one waits for its disk, and does not hear that it has lost the lock.
    assert!(corner.world.open_second_tab(TILL));
    corner.world.set_disk_fault(TILL, DiskFault::None);
    corner.sell(TILL);
    corner.world.thaw_old_tab(TILL);
    corner.world.run_for_ms(60_000);
    let basket = wares::basket(&mut SeededRandom::new(73, "old tab", 0), &page);
    assert!(!status(&mut corner, TILL).overtaken);
    let refused = corner.ask(TILL, Request::Sell(basket.clone()));
    assert!(
        matches!(&refused, Reply::Refused(refusal) if refusal.code == "other-tab"),
        "{refused:?}"
    );
    assert!(status(&mut corner, TILL).overtaken);
    corner.world.close_old_tab(TILL);
    corner.world.reload(TILL);
    assert_eq!(number(&corner.sell(TILL)), before + 2);
    assert!(!status(&mut corner, TILL).overtaken);
    corner.agree(&[OWNER, TILL]);
}

#[test]
fn a_till_that_starts_on_a_full_disk_sells_when_there_is_room() {
    let mut corner = Corner::with_tills(69, 2, 1);
    let before = number(&corner.sell(TILL));
    corner.world.kill(TILL);
    corner.world.set_disk_fault(TILL, DiskFault::Full);
    corner.world.start(TILL);
    corner.world.run_for_ms(10_000);
    assert!(status(&mut corner, TILL).storage_trouble.is_some());
    corner.world.set_disk_fault(TILL, DiskFault::None);
    assert_eq!(number(&corner.sell(TILL)), before + 1);
    restart(&mut corner, TILL);
    assert_eq!(number(&corner.sell(TILL)), before + 2);
    corner.agree(&[OWNER, TILL]);
}

#[test]
fn a_disk_that_gives_back_nothing_is_told_of_and_read_again() {
    let mut corner = Corner::with_tills(70, 2, 1);
    corner.world.kill(TILL);
    corner.world.set_disk_fault(TILL, DiskFault::Broken);
    corner.world.start(TILL);
    corner.world.run_for_ms(10_000);
    assert_eq!(
        status(&mut corner, TILL).shut.expect("it says why").code,
        "storage"
    );
    corner.world.set_disk_fault(TILL, DiskFault::None);
    corner.world.run_for_ms(10_000);
    assert_eq!(status(&mut corner, TILL).shut, None);
    corner.sell(TILL);
}

/// It writes beside what it has written, as a copy would.
#[test]
fn a_till_that_lost_its_place_sells_on_under_a_code_of_its_own() {
    let mut corner = Corner::with_tills(71, 2, 1);
    let before = corner.sell(TILL).number;
    corner.heard.borrow_mut().set_displaced(TILL, true);
    restart(&mut corner, TILL);
    assert_eq!(status(&mut corner, TILL).shut, None);
    let meanwhile = corner.sell(TILL).number;
    assert!(
        before.starts_with("A2-") && meanwhile.starts_with("A2") && meanwhile[7..].starts_with('-')
    );
    corner.heard.borrow_mut().set_displaced(TILL, false);
    restart(&mut corner, TILL);
    corner.sell(TILL);
    corner.agree(&[OWNER, TILL]);
    let Reply::Counts(counts) = corner.ask(OWNER, Request::Counts) else {
        panic!("the owner counts nothing");
    };
    assert_eq!(counts.sales, 3);
}
