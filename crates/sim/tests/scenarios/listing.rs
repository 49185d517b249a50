//! The list of sales.

use std::collections::BTreeSet;

use base::Stream;
use base::limits::EFFECT_ITEMS_MAX;
use device::api::{Notice, Reply};
use domain::sale::SaleView;
use sim::NodeId;
use sim::shop::wares;

use crate::corner::{Corner, OTHER, OWNER, TILL};

#[track_caller]
fn page(corner: &mut Corner, node: NodeId, offset: usize, limit: u32) -> Vec<SaleView> {
    match corner.ask(node, wares::sales(offset, limit)) {
        Reply::Sales { page, .. } => page.into_iter().map(|(sale, _)| sale).collect(),
        reply => panic!("{node:?} lists no sales: {reply:?}"),
    }
}

#[test]
fn every_page_has_the_newest_of_all_tills_first() {
    let mut corner = Corner::with_tills(41, 3, 2);
    let mut sold = Vec::new();
    for _ in 0..3 {
        for till in [TILL, OTHER] {
            sold.push(wares::number(&corner.sell(till)));
            corner.world.run_for_ms(5_000);
        }
    }
    corner.agree(&[OWNER, TILL, OTHER]);
    sold.reverse();
    for restarted in [false, true] {
        if restarted {
            corner.world.kill(OWNER);
            corner.world.start(OWNER);
            corner.world.run_for_ms(10_000);
        }
        let mut listed = Vec::new();
        for offset in [0, 2, 4, 6] {
            let page = page(&mut corner, OWNER, offset, 2);
            listed.extend(page.into_iter().map(|sale| sale.number));
        }
        assert_eq!(listed, sold, "restarted: {restarted}");
    }
}

/// Whoever looks at the latest sales must not wait for a disk that is at work.
#[test]
fn the_latest_of_all_tills_need_no_disk() {
    let mut corner = Corner::with_tills(43, 3, 2);
    let mut sold = Vec::new();
    for round in 0..20 {
        if round == 15 {
            corner.agree(&[OWNER, TILL, OTHER]);
            corner.world.kill(OWNER);
            corner.world.start(OWNER);
            corner.world.run_for_ms(30_000);
        }
        for till in [TILL, OTHER] {
            sold.push(wares::number(&corner.sell(till)));
            corner.world.run_for_ms(5_000);
        }
    }
    corner.agree(&[OWNER, TILL, OTHER]);
    sold.reverse();
    corner.heard.borrow_mut().lose(OWNER, Stream::Sales);
    let page = page(&mut corner, OWNER, 0, 12);
    let listed: Vec<_> = page.into_iter().map(|sale| sale.number).collect();
    assert_eq!(listed, sold[..12]);
}

/// "Paid" is said before the sale is folded; nobody must be able to tell.
#[test]
fn whoever_asks_right_after_paid_is_told_of_the_sale() {
    let mut corner = Corner::with_tills(44, 2, 1);
    for _ in 0..20 {
        let sold = wares::number(&corner.sell(TILL));
        let page = page(&mut corner, TILL, 0, 1);
        assert_eq!(page.first().map(|sale| &sale.number), Some(&sold));
    }
}

#[test]
fn a_sale_is_told_of_right_after_paid_though_nobody_asks() {
    let mut corner = Corner::founded(45, 1);
    corner.post_sales(OWNER, 1);
    let told = corner.hear(OWNER, |notice| matches!(notice, Notice::Sales { .. }));
    let at = |wanted: &dyn Fn(&Notice) -> bool| {
        let found = told.iter().find(|told| wanted(&told.notice));
        found.expect("it was told").at
    };
    let paid = at(&|notice| matches!(notice, Notice::Reply(_, Reply::Sold(_))));
    let sale = at(&|notice| matches!(notice, Notice::Sales { .. }));
    assert!(paid < sale && sale <= paid.plus_ms(10), "{paid:?} {sale:?}");
}

/// As with more tills on a page than one question to the store may have parts; here one till sells
/// on two days in turns, as far as its clock knows.
#[test]
fn a_page_of_many_runs_is_asked_of_the_store_a_list_at_a_time() {
    const ROUNDS: usize = EFFECT_ITEMS_MAX + 10;
    const DAY_MS: i64 = 24 * 3_600_000;
    let mut corner = Corner::founded(46, 1);
    corner.sell(OWNER);
    for _ in 0..ROUNDS {
        for skew_ms in [DAY_MS, 0] {
            corner.world.set_skew_ms(OWNER, skew_ms);
            corner.try_to_sell(OWNER);
        }
    }
    corner.world.kill(OWNER);
    corner.world.start(OWNER);
    corner.world.run_for_ms(10_000);
    let listed = page(&mut corner, OWNER, ROUNDS, 1_000);
    let days: BTreeSet<_> = listed.iter().map(|sale| sale.business_date).collect();
    assert_eq!((listed.len(), days.len()), (ROUNDS + 1, 1));
    assert_eq!(corner.world.breaches(), [""; 0]);
}
