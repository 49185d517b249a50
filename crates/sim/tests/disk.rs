//! The contract of a store, as IndexedDB keeps it, and what a kill and a power loss leave.

use base::EffectId;
use base::effect::{Change, Durability, Query, StorageTrouble, Table, Transaction};
use sim::disk::{Disk, DiskFault, Ticket};
use sim::random::SeededRandom;

const TABLE: Table = Table::Heads;

fn put(key: &str, value: &str) -> Change {
    Change::Put {
        table: TABLE,
        key: key.into(),
        value: value.into(),
    }
}

fn add(key: &str, value: &str) -> Change {
    Change::Add {
        table: TABLE,
        key: key.into(),
        value: value.into(),
    }
}

fn delete(key: &str) -> Change {
    Change::Delete {
        table: TABLE,
        key: key.into(),
    }
}

fn delete_range(from: &str, to: &str) -> Change {
    Change::DeleteRange {
        table: TABLE,
        from: from.into(),
        to: to.into(),
    }
}

fn strict(changes: Vec<Change>) -> Transaction {
    Transaction {
        durability: Durability::Strict,
        changes,
    }
}

fn relaxed(changes: Vec<Change>) -> Transaction {
    Transaction {
        durability: Durability::Relaxed,
        changes,
    }
}

fn deferred(changes: Vec<Change>) -> Transaction {
    Transaction {
        durability: Durability::Deferred,
        changes,
    }
}

fn ticket(number: u64) -> Ticket {
    let effect = EffectId(number);
    Ticket { life: 1, effect }
}

fn random() -> SeededRandom {
    SeededRandom::new(1, "disk test", 0)
}

#[track_caller]
fn check(disk: &Disk, expected: &[(&str, &str)]) {
    let held: Vec<(String, String)> = disk
        .records(TABLE)
        .map(|(key, value)| {
            let text = |bytes: &[u8]| String::from_utf8_lossy(bytes).into_owned();
            (text(key), text(value))
        })
        .collect();
    let expected: Vec<_> = expected
        .iter()
        .map(|(key, value)| ((*key).to_owned(), (*value).to_owned()))
        .collect();
    assert_eq!(held, expected);
}

#[test]
fn a_put_overwrites_and_an_add_does_not() {
    let mut disk = Disk::default();
    assert_eq!(disk.commit(strict(vec![add("a", "1")])), Ok(()));
    assert_eq!(disk.commit(strict(vec![put("a", "2")])), Ok(()));
    let added = disk.commit(strict(vec![add("a", "3")]));
    assert_eq!(added, Err(StorageTrouble::Conflict));
    check(&disk, &[("a", "2")]);
}

#[test]
fn a_transaction_happens_altogether_or_not_at_all() {
    let mut disk = Disk::default();
    disk.commit(strict(vec![put("a", "1"), put("b", "1")]))
        .unwrap();
    let changes = vec![put("a", "2"), delete("b"), put("c", "2"), add("a", "3")];
    let done = disk.commit(strict(changes));
    assert_eq!(done, Err(StorageTrouble::Conflict));
    check(&disk, &[("a", "1"), ("b", "1")]);
}

#[test]
fn a_range_is_deleted_without_its_end_and_comes_back_with_the_rest() {
    let mut disk = Disk::default();
    disk.commit(strict(["a", "b", "c", "d"].map(|key| put(key, "1")).into()))
        .unwrap();
    let changes = vec![delete_range("a", "z"), add("b", "2"), add("b", "3")];
    let done = disk.commit(strict(changes));
    assert_eq!(done, Err(StorageTrouble::Conflict));
    check(&disk, &[("a", "1"), ("b", "1"), ("c", "1"), ("d", "1")]);
    let changes = vec![
        delete_range("b", "d"),
        delete_range("a", "a"),
        delete_range("d", "a"),
    ];
    assert_eq!(disk.commit(strict(changes)), Ok(()));
    check(&disk, &[("a", "1"), ("d", "1")]);
}

#[test]
fn a_record_that_the_same_transaction_deleted_can_be_added() {
    let mut disk = Disk::default();
    disk.commit(strict(vec![put("a", "1")])).unwrap();
    let done = disk.commit(strict(vec![delete("a"), add("a", "2")]));
    assert_eq!(done, Ok(()));
    assert_eq!(disk.commit(strict(vec![delete("none")])), Ok(()));
    check(&disk, &[("a", "2")]);
}

#[test]
fn tables_do_not_share_keys() {
    let mut disk = Disk::default();
    let elsewhere = Change::Add {
        table: Table::Values,
        key: b"a".to_vec(),
        value: b"1".to_vec(),
    };
    disk.commit(strict(vec![add("a", "2"), elsewhere])).unwrap();
    check(&disk, &[("a", "2")]);
}

#[test]
fn a_range_includes_its_first_key_excludes_its_last_and_keeps_order_and_limit() {
    let mut disk = Disk::default();
    let keys = ["b", "a", "d", "ab", "c"];
    disk.commit(strict(keys.map(|key| put(key, "1")).into()))
        .unwrap();
    let range = |from: &str, to: &str, limit| Query::Range {
        table: TABLE,
        from: from.into(),
        to: to.into(),
        limit,
    };
    let get = |key: &str| Query::Get {
        table: TABLE,
        key: key.into(),
    };
    let answers = disk
        .load(&[
            range("a", "c", 9),
            range("a", "z", 2),
            range("c", "a", 9),
            range("c", "c", 9),
            get("d"),
            get("none"),
        ])
        .unwrap();
    let keys: Vec<Vec<&[u8]>> = answers
        .iter()
        .map(|rows| rows.iter().map(|(key, _)| key.as_slice()).collect())
        .collect();
    let expected: [&[&[u8]]; 6] = [&[b"a", b"ab", b"b"], &[b"a", b"ab"], &[], &[], &[b"d"], &[]];
    assert_eq!(keys, expected);
}

#[test]
fn a_full_disk_refuses_what_grows_and_lets_delete() {
    let mut disk = Disk::default();
    disk.commit(strict(vec![put("a", "1"), put("b", "1")]))
        .unwrap();
    disk.set_fault(DiskFault::Full);
    let done = disk.commit(strict(vec![delete("a"), put("b", "2")]));
    assert_eq!(done, Err(StorageTrouble::Full));
    check(&disk, &[("a", "1"), ("b", "1")]);
    assert_eq!(disk.commit(strict(vec![delete("a")])), Ok(()));
    disk.set_fault(DiskFault::None);
    assert_eq!(disk.commit(strict(vec![put("c", "1")])), Ok(()));
    check(&disk, &[("b", "1"), ("c", "1")]);
}

#[test]
fn a_broken_disk_neither_writes_nor_reads_and_forgets_nothing() {
    let mut disk = Disk::default();
    disk.commit(strict(vec![put("a", "1")])).unwrap();
    disk.set_fault(DiskFault::Broken);
    let done = disk.commit(strict(vec![delete("a")]));
    assert!(matches!(done, Err(StorageTrouble::Broken(_))));
    assert!(matches!(disk.load(&[]), Err(StorageTrouble::Broken(_))));
    disk.set_fault(DiskFault::None);
    check(&disk, &[("a", "1")]);
}

#[test]
fn a_kill_keeps_what_was_done_and_does_only_the_oldest_of_what_waited() {
    let mut random = random();
    let mut seen = std::collections::BTreeSet::new();
    for _ in 0..100 {
        let mut disk = Disk::default();
        disk.commit(relaxed(vec![put("a", "done")])).unwrap();
        for key in ["b", "c", "d"] {
            disk.submit(ticket(0), relaxed(vec![put(key, "waited")]));
        }
        disk.kill(&mut random);
        let keys: Vec<Vec<u8>> = disk.records(TABLE).map(|(key, _)| key.clone()).collect();
        assert_eq!(keys, [b"a", b"b", b"c", b"d"][..keys.len()]);
        seen.insert(keys.len());
        assert!(disk.commit_next().is_none(), "nothing waits any more");
    }
    assert_eq!(seen.into_iter().collect::<Vec<_>>(), [1, 2, 3, 4]);
}

#[test]
fn what_is_deferred_lets_all_others_go_first_and_keeps_its_order() {
    let mut disk = Disk::default();
    let waiting: [fn(Vec<Change>) -> Transaction; 6] =
        [relaxed, deferred, strict, deferred, relaxed, strict];
    for (number, transaction) in (1..).zip(waiting) {
        disk.submit(ticket(number), transaction(vec![]));
    }
    let done = std::iter::from_fn(|| disk.commit_next());
    let order: Vec<u64> = done.map(|(ticket, _)| ticket.effect.0).collect();
    assert_eq!(order, [1, 3, 5, 6, 2, 4]);
}

#[test]
fn a_power_loss_takes_unsynced_writes_from_the_newest_end_only() {
    let mut random = random();
    let mut seen = std::collections::BTreeSet::new();
    for _ in 0..100 {
        let mut disk = Disk::default();
        disk.commit(relaxed(vec![put("early", "1")])).unwrap();
        disk.commit(strict(vec![put("a", "0")])).unwrap();
        for number in 1..=3 {
            let value = number.to_string();
            disk.commit(relaxed(vec![put("a", &value), put(&value, "1")]))
                .unwrap();
        }
        disk.power_loss(&mut random);
        let last = disk.get(TABLE, b"a").unwrap().clone();
        let last: usize = String::from_utf8(last).unwrap().parse().unwrap();
        let mut expected = vec![("1", "1"), ("2", "1"), ("3", "1")];
        expected.truncate(last);
        let text = last.to_string();
        expected.extend([("a", text.as_str()), ("early", "1")]);
        check(&disk, &expected);
        seen.insert(last);
    }
    assert_eq!(seen.into_iter().collect::<Vec<_>>(), [0, 1, 2, 3]);
}

#[test]
fn a_strict_transaction_under_way_at_a_power_loss_is_there_or_not() {
    let mut random = random();
    let mut seen = std::collections::BTreeSet::new();
    for _ in 0..100 {
        let mut disk = Disk::default();
        disk.submit(ticket(0), strict(vec![put("a", "1"), put("b", "1")]));
        disk.submit(ticket(0), strict(vec![put("c", "1")]));
        disk.power_loss(&mut random);
        let records = disk.records(TABLE).count();
        assert!(records == 0 || records == 2, "{records}");
        seen.insert(records);
    }
    assert_eq!(seen.len(), 2);
}
