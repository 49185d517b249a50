//! Starts that begin with a checkpoint, and those that had better not.

use base::effect::{Change, Durability, Table, Transaction};
use base::release::READER_VERSION;
use base::{Release, Stream};
use device::api::{Reply, Request, StateHash};
use sim::NodeId;
use sim::disk::{Disk, DiskFault};
use sim::shop::wares;

use crate::corner::{Corner, OTHER, OWNER, TILL};
use crate::forks;

/// More than are folded anew for nothing.
const SALES: u32 = 300;
/// Long enough for a checkpoint to be written.
const REST_MS: u64 = 20_000;

/// One sale to sign in by, and the others as fast as somebody presses Pay.
fn sell_many(corner: &mut Corner, node: NodeId, count: u32) {
    corner.sell(node);
    corner.post_sales(node, count - 1);
    corner.world.run_for_ms(5_000);
}

fn restart(corner: &mut Corner, node: NodeId) {
    corner.world.kill(node);
    corner.world.start(node);
    corner.world.run_for_ms(10_000);
}

/// How many entries the last start of a device did not fold anew.
fn from_checkpoint(corner: &mut Corner, node: NodeId) -> u64 {
    corner.counted(node, "entries_from_checkpoint")
}

/// The rows of checkpoints on a disk, by their keys.
fn parts(corner: &Corner, node: NodeId) -> Vec<Vec<u8>> {
    let disk = corner.world.disk(node).expect("it has one");
    let values = disk.records(Table::Values).map(|(key, _)| key.clone());
    values
        .filter(|key| key.windows(10).any(|it| it == b"checkpoint"))
        .collect()
}

/// A till that has sold so much that a checkpoint was worth it.
fn checkpointed(seed: u64) -> Corner {
    let mut corner = Corner::with_tills(seed, 3, 1);
    sell_many(&mut corner, TILL, SALES);
    corner.agree(&[OWNER, TILL]);
    corner.world.run_for_ms(REST_MS);
    for node in [OWNER, TILL] {
        assert_eq!(corner.counted(node, "checkpoints"), 1, "{node:?}");
        assert_eq!(parts(&corner, node).len(), 1, "{node:?}");
    }
    corner
}

/// A device shows what it showed before, lists what it counts, and goes on.
#[track_caller]
fn is_as_before(corner: &mut Corner, node: NodeId, before: &StateHash) {
    assert_eq!(corner.state_hash(node), *before, "{node:?}");
    let Reply::Sales { total, page } = corner.ask(node, wares::sales(0, 1_000)) else {
        panic!("{node:?} lists nothing");
    };
    assert_eq!(total as usize, page.len());
}

#[test]
fn a_start_folds_what_came_since_the_checkpoint_and_nothing_else() {
    let mut corner = checkpointed(301);
    sell_many(&mut corner, TILL, 9);
    corner.agree(&[OWNER, TILL]);
    let before = corner.state_hash(OWNER);
    for node in [OWNER, TILL] {
        restart(&mut corner, node);
        let counted = from_checkpoint(&mut corner, node);
        // The price list and what names devices and people is among them.
        let since = u64::from(SALES)..u64::from(SALES) + 9;
        assert!(since.contains(&counted), "{node:?}: {counted}");
        is_as_before(&mut corner, node, &before);
    }
    let first = corner.sell(TILL);
    corner.agree(&[OWNER, TILL]);
    assert_ne!(corner.state_hash(OWNER).hash, before.hash);
    let Reply::Sales { total, page } = corner.ask(OWNER, wares::sales(0, 1)) else {
        panic!("nothing is listed");
    };
    assert_eq!((total, &page[0].0.number), (SALES + 10, &first.number));
    let Reply::Status(status) = corner.ask(TILL, Request::Status) else {
        panic!("no status");
    };
    assert_eq!((status.pending, status.peer_ack), (0, SALES + 10));
}

#[test]
fn the_next_checkpoint_takes_the_place_of_the_last() {
    let mut corner = checkpointed(302);
    let first = parts(&corner, TILL);
    restart(&mut corner, TILL);
    sell_many(&mut corner, TILL, SALES);
    corner.world.run_for_ms(REST_MS);
    let second = parts(&corner, TILL);
    assert_eq!(second.len(), 1);
    assert_ne!(first, second);
    restart(&mut corner, TILL);
    assert!(from_checkpoint(&mut corner, TILL) >= u64::from(2 * SALES));
    restart(&mut corner, TILL);
    corner.world.run_for_ms(REST_MS);
    assert_eq!(parts(&corner, TILL), second, "nothing came since");
}

#[test]
fn what_was_judged_by_other_control_is_judged_anew() {
    let mut corner = checkpointed(303);
    corner.world.kill(TILL);
    corner.let_in(OWNER, OTHER);
    corner.world.start(TILL);
    let knows = |corner: &mut Corner| matches!(corner.ask(TILL, Request::Members), Reply::Members(members) if members.len() == 3);
    while !knows(&mut corner) {
        corner.world.run_for_ms(100);
    }
    // Before another one is written.
    restart(&mut corner, TILL);
    assert_eq!(from_checkpoint(&mut corner, TILL), 0);
    corner.agree(&[OWNER, TILL, OTHER]);
    let before = corner.state_hash(OWNER);
    is_as_before(&mut corner, TILL, &before);
    corner.world.run_for_ms(REST_MS);
    restart(&mut corner, TILL);
    assert!(from_checkpoint(&mut corner, TILL) >= u64::from(SALES));
    is_as_before(&mut corner, TILL, &before);
}

#[test]
fn a_newer_release_judges_anew() {
    let mut corner = checkpointed(304);
    let before = corner.state_hash(TILL);
    let next = Release {
        reader: READER_VERSION + 1,
        changed: &[],
    };
    corner.world.update(TILL, next);
    corner.world.run_for_ms(10_000);
    assert_eq!(from_checkpoint(&mut corner, TILL), 0);
    is_as_before(&mut corner, TILL, &before);
}

#[test]
fn a_checkpoint_that_counts_what_the_disk_has_lost_is_not_believed() {
    let mut corner = checkpointed(305);
    let before = corner.state_hash(TILL);
    let believed = parts(&corner, TILL);
    corner.world.kill(OWNER);
    corner.heard.borrow_mut().lose(TILL, Stream::Shop);
    corner.world.kill(TILL);
    corner.world.start(TILL);
    corner.world.run_for_ms(30_000);
    assert_eq!(corner.counted(TILL, "checkpoints_distrusted"), 1);
    assert_eq!(from_checkpoint(&mut corner, TILL), 0);
    assert_ne!(parts(&corner, TILL), believed);
    corner.world.start(OWNER);
    corner.agree(&[OWNER, TILL]);
    is_as_before(&mut corner, TILL, &before);
    corner.sell(TILL);
}

/// Nothing can be removed from it, and the start must not wait for that.
#[test]
fn a_checkpoint_that_is_not_believed_keeps_no_start_from_ending() {
    let mut corner = checkpointed(311);
    corner.heard.borrow_mut().lose(TILL, Stream::Shop);
    for fault in [DiskFault::Full, DiskFault::None] {
        corner.world.set_disk_fault(TILL, fault);
        corner.world.part(&[TILL]);
        restart(&mut corner, TILL);
        let Reply::Counts(counts) = corner.ask(TILL, Request::Counts) else {
            panic!("{fault:?}: it never began");
        };
        assert_eq!(counts.sales, u64::from(SALES), "{fault:?}");
        assert_eq!(from_checkpoint(&mut corner, TILL), 0, "{fault:?}");
    }
}

#[test]
fn a_checkpoint_that_was_changed_on_the_disk_is_as_good_as_none() {
    let mut corner = checkpointed(306);
    let before = corner.state_hash(TILL);
    corner.world.kill(TILL);
    let key = parts(&corner, TILL).remove(0);
    let disk = corner.world.disk_mut(TILL).expect("it has one");
    let mut value = disk.get(Table::Values, &key).expect("its row").clone();
    *value.last_mut().unwrap() ^= 1;
    let table = Table::Values;
    change(disk, Change::Put { table, key, value });
    corner.world.start(TILL);
    corner.world.run_for_ms(10_000);
    assert_eq!(from_checkpoint(&mut corner, TILL), 0);
    is_as_before(&mut corner, TILL, &before);
}

fn change(disk: &mut Disk, change: Change) {
    let transaction = Transaction {
        durability: Durability::Strict,
        changes: vec![change],
    };
    disk.commit(transaction).expect("the disk is sound");
}

#[test]
fn both_branches_of_a_copied_till_are_counted_once_by_whoever_begins_with_a_checkpoint() {
    let mut corner = forks::copied(307);
    corner.world.start(OTHER);
    corner.world.run_for_ms(5_000);
    sell_many(&mut corner, TILL, 150);
    sell_many(&mut corner, OTHER, 150);
    corner.agree(&[OWNER, TILL, OTHER]);
    corner.world.run_for_ms(REST_MS);
    let before = corner.state_hash(OWNER);
    restart(&mut corner, OWNER);
    assert!(from_checkpoint(&mut corner, OWNER) >= 300);
    corner.agree(&[OWNER, TILL, OTHER]);
    is_as_before(&mut corner, OWNER, &before);
}

#[test]
fn what_was_rejected_stays_so_and_is_told_with_its_reason() {
    let mut corner = Corner::with_tills(308, 3, 2);
    let till = corner.device(TILL);
    sell_many(&mut corner, TILL, SALES);
    corner.agree(&[OWNER, TILL, OTHER]);
    corner.world.kill(OWNER);
    sell_many(&mut corner, TILL, 100);
    corner.agree(&[TILL, OTHER]);
    corner.world.kill(TILL);
    corner.world.kill(OTHER);
    corner.world.start(OWNER);
    corner.world.run_for_ms(10_000);
    let pin = corner.staff.pin.clone();
    corner.sign_in(OWNER, &pin);
    assert_eq!(corner.ask(OWNER, Request::PutOut(till)), Reply::Done);
    corner.world.start(OTHER);
    corner.agree(&[OWNER, OTHER]);
    corner.world.run_for_ms(60_000);
    let before = corner.state_hash(OTHER);
    let rejected = corner.ask(OTHER, Request::NotCounted);
    restart(&mut corner, OTHER);
    assert!(from_checkpoint(&mut corner, OTHER) >= u64::from(SALES));
    assert_eq!(corner.ask(OTHER, Request::NotCounted), rejected);
    is_as_before(&mut corner, OTHER, &before);
    assert!(matches!(rejected, Reply::NotCounted(runs) if runs[0].last == u64::from(SALES) + 100));
    // What is rejected at each start is nothing new.
    let written = parts(&corner, OTHER);
    corner.world.run_for_ms(REST_MS);
    assert_eq!(parts(&corner, OTHER), written);
}

#[test]
fn a_full_disk_gives_no_room_to_a_checkpoint() {
    let mut corner = Corner::with_tills(309, 2, 1);
    sell_many(&mut corner, TILL, SALES);
    corner.world.set_disk_fault(TILL, DiskFault::Full);
    corner.world.run_for_ms(REST_MS);
    assert_eq!(corner.counted(TILL, "checkpoints"), 0);
    corner.world.set_disk_fault(TILL, DiskFault::None);
    corner.world.run_for_ms(REST_MS);
    assert!(parts(&corner, TILL).is_empty());
    let before = corner.state_hash(TILL);
    restart(&mut corner, TILL);
    corner.agree(&[OWNER, TILL]);
    is_as_before(&mut corner, TILL, &before);
}

/// A price list of more than one part.
#[test]
fn a_checkpoint_of_several_parts_is_begun_with_once_all_are_there() {
    let mut corner = Corner::founded(310, 1);
    let pin = corner.staff.pin.clone();
    corner.sign_in(OWNER, &pin);
    for list in 0..8 {
        let line = |n: u32| format!("L{list}-{n},{} no. {n},1.99\n", "long ".repeat(50));
        let lines: String = (0..500).map(line).collect();
        let csv = format!("sku,name,price\n{lines}");
        let dry_run = false;
        let reply = corner.ask(OWNER, Request::Import { csv, dry_run });
        assert!(matches!(reply, Reply::Imported { .. }), "{reply:?}");
    }
    sell_many(&mut corner, OWNER, SALES);
    corner.world.run_for_ms(REST_MS);
    let before = corner.state_hash(OWNER);
    let all = parts(&corner, OWNER);
    assert!(all.len() > 1, "{}", all.len());
    restart(&mut corner, OWNER);
    assert!(from_checkpoint(&mut corner, OWNER) >= u64::from(SALES));
    is_as_before(&mut corner, OWNER, &before);
    // Killed before its last part was there, or the disk has lost one.
    corner.world.kill(OWNER);
    let disk = corner.world.disk_mut(OWNER).expect("it has one");
    let (table, key) = (Table::Values, all[1].clone());
    change(disk, Change::Delete { table, key });
    corner.world.start(OWNER);
    corner.world.run_for_ms(10_000);
    assert_eq!(from_checkpoint(&mut corner, OWNER), 0);
    is_as_before(&mut corner, OWNER, &before);
}
