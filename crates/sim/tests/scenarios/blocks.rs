//! Blocks: a full window of a log becomes one row, which travels in place of the loose ones.

use base::effect::{Change, Durability, Table, Transaction};
use base::{DeviceId, ShopId, Stream};
use device::api::{Notice, Reply, Request, Status};
use sim::NodeId;
use sim::disk::DiskFault;
use sim::shop::wares;

use crate::corner::{Corner, OTHER, OWNER, TILL};

const WINDOW: u32 = 256;

fn sell_many(corner: &mut Corner, node: NodeId, count: u32) {
    corner.sell(node);
    for _ in 1..count {
        let sold = corner.try_to_sell(node);
        assert!(matches!(sold, Reply::Sold(_)), "{sold:?}");
    }
}

/// The rows of an author's sales on a node's disk.
fn rows_of(
    corner: &Corner,
    node: NodeId,
    shop: ShopId,
    author: DeviceId,
) -> Vec<(Vec<u8>, Vec<u8>)> {
    let prefix = [shop.0.as_slice(), &[Stream::Sales.number()], &author.0].concat();
    let disk = corner.world.disk(node).expect("it has one");
    let records = disk.records(Table::Segments);
    let records = records.filter(|(key, _)| key.starts_with(&prefix));
    records
        .map(|(key, value)| (key.clone(), value.clone()))
        .collect()
}

/// How many there are.
fn rows(corner: &Corner, node: NodeId, shop: ShopId, author: DeviceId) -> usize {
    rows_of(corner, node, shop, author).len()
}

fn status(corner: &mut Corner, node: NodeId) -> Status {
    match corner.ask(node, Request::Status) {
        Reply::Status(status) => *status,
        reply => panic!("{node:?} has no status: {reply:?}"),
    }
}

fn restart(corner: &mut Corner, node: NodeId) {
    corner.world.kill(node);
    corner.world.start(node);
    corner.world.run_for_ms(10_000);
}

#[test]
fn a_block_takes_the_place_of_loose_sales_here_and_there() {
    let mut corner = Corner::with_tills(91, 3, 1);
    let (shop, till) = (corner.shop(), corner.device(TILL));
    sell_many(&mut corner, TILL, 100);
    corner.agree(&[OWNER, TILL]);
    assert_eq!(rows(&corner, OWNER, shop, till), 100);
    corner.world.kill(OWNER);
    sell_many(&mut corner, TILL, 200);
    corner.world.run_for_ms(30_000);
    assert_eq!(corner.counted(TILL, "blocks"), 1);
    assert_eq!(rows(&corner, TILL, shop, till), 1 + 44);

    // What the owner said it holds ends within the block.
    for _ in 0..2 {
        let kept = status(&mut corner, TILL);
        assert_eq!((kept.peer_ack, kept.pending), (100, 200));
        restart(&mut corner, TILL);
    }

    corner.world.start(OWNER);
    corner.agree(&[OWNER, TILL]);
    // Of the 44 behind the block 32 and 8 come put together, 4 as they are.
    assert_eq!(rows(&corner, OWNER, shop, till), 1 + 2 + 4);
    corner.let_in(OWNER, OTHER);
    corner.agree(&[OWNER, TILL, OTHER]);
    assert_eq!(rows(&corner, OTHER, shop, till), 1 + 2 + 4);
    restart(&mut corner, OWNER);
    corner.agree(&[OWNER, TILL, OTHER]);
    for node in [OWNER, TILL, OTHER] {
        assert_eq!(corner.counted(node, "forks"), 0, "{node:?}");
        let listed = corner.ask(node, wares::sales(0, 300));
        let Reply::Sales { total, page } = listed else {
            panic!("{node:?} lists no sales: {listed:?}");
        };
        assert_eq!((total, page.len()), (300, 300), "{node:?}");
    }
}

#[test]
fn a_block_of_history_is_told_of_as_one_and_a_sale_as_itself() {
    let mut corner = Corner::with_tills(99, 2, 1);
    let till = corner.device(TILL);
    corner.world.kill(OWNER);
    sell_many(&mut corner, TILL, WINDOW);
    corner.world.run_for_ms(30_000);
    assert_eq!(corner.counted(TILL, "blocks"), 1);
    corner.take_told();
    corner.world.start(OWNER);
    corner.world.run_for_ms(30_000);
    corner.post_sales(TILL, 1);
    corner.world.run_for_ms(5_000);
    let told = corner.take_told().into_iter();
    let counts = told.filter_map(|told| match told.notice {
        Notice::Sales { device, sales } if (told.node, device) == (OWNER, till) => {
            Some(sales.len())
        }
        _ => None,
    });
    assert_eq!(counts.collect::<Vec<_>>(), [WINDOW as usize, 1]);
}

/// Loose rows that were on their way to the disk when the block came are cleared at the start,
/// whichever of two rows with one number is read first.
#[test]
fn loose_rows_that_outlive_their_block_go_at_the_next_start() {
    let mut corner = Corner::with_tills(93, 2, 1);
    let (shop, till) = (corner.shop(), corner.device(TILL));
    corner.world.kill(OWNER);
    sell_many(&mut corner, TILL, WINDOW);
    let loose = rows_of(&corner, TILL, shop, till);
    corner.world.run_for_ms(10_000);
    corner.world.start(OWNER);
    corner.agree(&[OWNER, TILL]);
    for node in [TILL, OWNER] {
        let changes = loose.iter().map(|(key, value)| Change::Put {
            table: Table::Segments,
            key: key.clone(),
            value: value.clone(),
        });
        let stale = Transaction {
            durability: Durability::Strict,
            changes: changes.collect(),
        };
        let disk = corner.world.disk_mut(node).expect("it has one");
        disk.commit(stale).unwrap();
        restart(&mut corner, node);
        assert_eq!(rows(&corner, node, shop, till), 1, "{node:?}");
        assert_eq!(corner.counted(node, "forks"), 0, "{node:?}");
    }
    corner.agree(&[OWNER, TILL]);
}

#[test]
fn whoever_holds_a_window_loose_fetches_its_block() {
    let mut corner = Corner::with_tills(94, 3, 2);
    let (shop, till) = (corner.shop(), corner.device(TILL));
    corner.world.kill(OTHER);
    sell_many(&mut corner, TILL, 2 * WINDOW + 9);
    corner.agree(&[OWNER, TILL]);
    corner.world.run_for_ms(20_000);
    for node in [TILL, OWNER] {
        assert_eq!(rows(&corner, node, shop, till), 2 + 9, "{node:?}");
        assert_eq!(corner.counted(node, "forks"), 0, "{node:?}");
    }
    // What the owner fetched it passes on, and keeps.
    corner.world.kill(TILL);
    corner.world.start(OTHER);
    restart(&mut corner, OWNER);
    corner.agree(&[OWNER, OTHER]);
    for node in [OWNER, OTHER] {
        assert_eq!(rows(&corner, node, shop, till), 2 + 9, "{node:?}");
    }
}

#[test]
fn what_is_loose_travels_put_together_where_its_author_sends_it() {
    let mut corner = Corner::with_tills(95, 2, 1);
    let (shop, till) = (corner.shop(), corner.device(TILL));
    corner.world.kill(OWNER);
    sell_many(&mut corner, TILL, 100);
    // It begins with what its disk has.
    restart(&mut corner, TILL);
    corner.world.start(OWNER);
    corner.agree(&[OWNER, TILL]);
    assert_eq!(rows(&corner, TILL, shop, till), 100);
    // 64, 32, and 4 that are not worth it.
    assert_eq!(rows(&corner, OWNER, shop, till), 2 + 4);
    assert_eq!(corner.counted(TILL, "merged"), 2);
    // A block takes its place, too.
    corner.world.kill(OWNER);
    sell_many(&mut corner, TILL, 160);
    corner.world.run_for_ms(10_000);
    corner.world.start(OWNER);
    corner.agree(&[OWNER, TILL]);
    assert_eq!(
        rows(&corner, OWNER, shop, till),
        1 + 4,
        "too few to be merged"
    );
    restart(&mut corner, OWNER);
    corner.agree(&[OWNER, TILL]);
    assert_eq!(corner.counted(OWNER, "forks"), 0);
}

#[test]
fn what_was_sold_lately_is_sent_whatever_the_disk_does() {
    let mut corner = Corner::with_tills(96, 2, 1);
    let (shop, till) = (corner.shop(), corner.device(TILL));
    corner.world.kill(OWNER);
    sell_many(&mut corner, TILL, 100);
    corner.world.set_disk_fault(TILL, DiskFault::Broken);
    corner.world.start(OWNER);
    corner.agree(&[OWNER, TILL]);
    assert_eq!(rows(&corner, OWNER, shop, till), 2 + 4);
    assert_eq!(corner.counted(TILL, "merged"), 2);
    corner.world.set_disk_fault(TILL, DiskFault::None);
}

#[test]
fn a_block_is_made_of_what_the_disk_has_where_the_till_was_opened_since() {
    let mut corner = Corner::with_tills(97, 2, 1);
    let (shop, till) = (corner.shop(), corner.device(TILL));
    sell_many(&mut corner, TILL, WINDOW - 1);
    restart(&mut corner, TILL);
    sell_many(&mut corner, TILL, 2);
    corner.world.run_for_ms(10_000);
    assert_eq!(corner.counted(TILL, "blocks"), 1);
    assert_eq!(rows(&corner, TILL, shop, till), 2);
    corner.agree(&[OWNER, TILL]);
}

#[test]
fn a_till_that_sells_on_packs_nothing_until_it_rests() {
    let mut corner = Corner::with_tills(92, 2, 1);
    let (shop, till) = (corner.shop(), corner.device(TILL));
    sell_many(&mut corner, TILL, WINDOW);
    assert_eq!(rows(&corner, TILL, shop, till), WINDOW as usize);
    corner.world.run_for_ms(10_000);
    assert_eq!(rows(&corner, TILL, shop, till), 1);
    sell_many(&mut corner, TILL, 3);
    corner.agree(&[OWNER, TILL]);
    assert_eq!(rows(&corner, TILL, shop, till), 4);
}
