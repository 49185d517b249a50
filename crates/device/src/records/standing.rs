//! Where a device stands in a shop, and how two tabs never go on from one place.
//!
//! Each start of a device is a *writer*. Its commits take the numbers 1, 2, 3 …, each once: that
//! is the compare-and-swap of a commit, and nothing need be read for it. A start takes the number
//! after the last one of the writer before it, for good: a tab that lost the lock, even one that
//! a browser thaws days later, finds its next number taken, whatever was swept meanwhile. Two
//! starts that read the same compete for the number 0 of the next writer, which stays as well.

use std::collections::BTreeMap;

use base::cbor;
use base::effect::{Change, Query, Row, Table};
use base::hash::ChainValue;
use base::{DeviceId, Malformed, ShopId, Stamp, Stream};
use minicbor::{Decode, Encode};

use crate::records;

/// Where a device stands in a shop: one record, because each that a transaction touches makes
/// whoever waits for "Paid" wait longer.
#[derive(Debug, Clone, PartialEq, Eq, Default, Encode, Decode)]
#[cbor(map)]
pub struct StandingRecord {
    /// Receipts, writer, clock.
    #[n(0)]
    pub counters: Counters,
    /// Heads of our logs; a log that is not there has not begun.
    #[n(1)]
    pub heads: BTreeMap<Stream, Head>,
    /// The device that they are of: one that runs twice goes on as another in the same place.
    #[n(2)]
    pub device: Option<DeviceId>,
}

impl StandingRecord {
    /// Where `device` stands: a record of another one says only who the last writer was.
    pub fn of_device(mut self, device: DeviceId) -> Self {
        if self.device.is_some_and(|of| of != device) {
            self.counters.receipt = 0;
            self.heads.clear();
        }
        self.device = Some(device);
        self
    }
}

/// Where an own log stands.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Encode, Decode)]
#[cbor(map)]
pub struct Head {
    /// Number of the last entry.
    #[n(0)]
    pub seq: u64,
    /// `c(seq)`.
    #[n(1)]
    pub chain: ChainValue,
}

/// What goes up beside the logs.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, Encode, Decode)]
#[cbor(map)]
pub struct Counters {
    /// The last receipt number that was used.
    #[n(0)]
    pub receipt: u64,
    /// Raised by every start: a tab that lost the lock fails at its next commit.
    #[n(1)]
    pub writer: u64,
    /// The last hybrid stamp.
    #[n(2)]
    pub stamp: Stamp,
    /// How often this device has spoken to others: tells two sessions of it apart.
    #[n(3)]
    pub session: u64,
    /// How many commits this writer has made; a record's key says the same.
    #[n(4)]
    pub commit: u64,
}

/// What a commit writes of where it leaves us, under the next number of its writer.
pub fn stand(shop: ShopId, record: &StandingRecord) -> Change {
    let Counters { writer, commit, .. } = record.counters;
    Change::Add {
        table: Table::Heads,
        key: standing_key(shop, writer, commit),
        value: cbor::encode(record),
    }
}

/// The next writer, and what its start writes. `last` is where the one before it stands; the
/// default where nothing was committed yet.
pub fn next_writer(shop: ShopId, last: StandingRecord) -> (StandingRecord, Vec<Change>) {
    let Counters { writer, commit, .. } = last.counters;
    let mut next = last;
    next.counters.writer += 1;
    next.counters.session += 1;
    next.counters.commit = 0;
    let end = Change::Add {
        table: Table::Heads,
        key: standing_key(shop, writer, commit + 1),
        value: Vec::new(),
    };
    let changes = vec![stand(shop, &next), end, sweep(shop, writer, commit + 1)];
    (next, changes)
}

/// Makes a transaction fail once another writer has begun after this one: it has read the disk and
/// counts on what it found there. Leaves nothing behind.
pub fn unless_succeeded(shop: ShopId, writer: u64) -> [Change; 2] {
    let (table, key) = (Table::Heads, standing_key(shop, writer + 1, 0));
    let add = Change::Add {
        table,
        key: key.clone(),
        value: Vec::new(),
    };
    [add, Change::Delete { table, key }]
}

/// Removes a writer's numbers before `commit`, but its 0: that one tells whoever would be the same
/// writer that there was one.
///
/// Only a start may sweep. While a writer lives its numbers stay: a start that has read one of
/// them, and was frozen before it wrote, must find the next one taken.
fn sweep(shop: ShopId, writer: u64, commit: u64) -> Change {
    Change::DeleteRange {
        table: Table::Heads,
        from: standing_key(shop, writer, commit.saturating_sub(1)),
        to: standing_key(shop, writer, 0),
    }
}

/// Asks where a device stands: the last number of the last writer.
pub fn last_standing(shop: ShopId) -> Query {
    let mut to = standing_key(shop, 0, 0);
    to.push(0);
    Query::Range {
        table: Table::Heads,
        from: standing_key(shop, u64::MAX, u64::MAX),
        to,
        limit: 1,
    }
}

/// Reads what [`last_standing`] found.
///
/// # Errors
/// [`Malformed`] when it is no such record, or one of another number: whoever went on from there
/// would take a number that is taken, again and again.
pub fn read_standing(shop: ShopId, (key, value): &Row) -> Result<StandingRecord, Malformed> {
    let record: StandingRecord = records::read(value, "standing")?;
    let Counters { writer, commit, .. } = record.counters;
    if *key == standing_key(shop, writer, commit) {
        Ok(record)
    } else {
        Err(Malformed::Rule("a standing lies under its own number"))
    }
}

/// Numbers count downwards in keys: ranges are read from their beginning, and the last number is
/// what is asked for.
fn standing_key(shop: ShopId, writer: u64, commit: u64) -> Vec<u8> {
    let down = |number: u64| (u64::MAX - number).to_be_bytes();
    [
        &shop.0,
        b"standing".as_slice(),
        &down(writer),
        &down(commit),
    ]
    .concat()
}

#[cfg(test)]
mod tests {
    use super::*;

    const SHOP: ShopId = ShopId([1; 16]);

    #[test]
    fn the_last_number_of_the_last_writer_comes_first() {
        let Query::Range { from, to, .. } = last_standing(SHOP) else {
            panic!("a range is asked for");
        };
        let keys = [(9, 1), (9, 0), (2, 300), (2, 255), (2, 1), (0, 0)]
            .map(|(writer, commit)| standing_key(SHOP, writer, commit));
        assert!(keys.is_sorted());
        assert!(keys.iter().all(|key| *key >= from && *key < to));
        assert!(from.starts_with(&SHOP.0) && to < standing_key(ShopId([2; 16]), 9, 9));
    }

    #[test]
    fn what_is_swept_is_a_writers_numbers_before_its_last() {
        let Change::DeleteRange { from, to, .. } = sweep(SHOP, 2, 64) else {
            panic!("a sweep deletes");
        };
        let swept = |writer, commit| {
            let key = standing_key(SHOP, writer, commit);
            from <= key && key < to
        };
        assert!(swept(2, 1) && swept(2, 63));
        assert!(!swept(2, 0) && !swept(2, 64) && !swept(2, 65) && !swept(1, 3) && !swept(3, 3));
    }

    #[test]
    fn where_another_device_stood_says_only_who_wrote_last() {
        let [one, other] = [1, 2].map(|byte| DeviceId([byte; 16]));
        let head = Head {
            seq: 3,
            chain: ChainValue([4; 32]),
        };
        let counters = Counters {
            receipt: 9,
            writer: 5,
            stamp: Stamp(6),
            session: 7,
            commit: 8,
        };
        let stands = StandingRecord {
            counters,
            heads: BTreeMap::from([(Stream::Sales, head)]),
            device: Some(one),
        };
        assert_eq!(stands.clone().of_device(one), stands);
        let after = StandingRecord {
            counters: Counters {
                receipt: 0,
                ..counters
            },
            heads: BTreeMap::new(),
            device: Some(other),
        };
        assert_eq!(stands.of_device(other), after);
    }

    type Heads = BTreeMap<Vec<u8>, Vec<u8>>;

    /// Does a transaction as stores do.
    fn commit(heads: &mut Heads, changes: Vec<Change>) -> bool {
        let mut after = heads.clone();
        for change in changes {
            match change {
                Change::Add { key, value, .. } => {
                    if after.insert(key, value).is_some() {
                        return false;
                    }
                }
                Change::DeleteRange { from, to, .. } => {
                    after.retain(|key, _| *key < from || *key >= to);
                }
                Change::Delete { key, .. } => {
                    after.remove(&key);
                }
                Change::Put { .. } => panic!("nothing is overwritten"),
            }
        }
        *heads = after;
        true
    }

    fn read(heads: &Heads) -> Option<StandingRecord> {
        let Query::Range { from, to, .. } = last_standing(SHOP) else {
            panic!("a range is asked for");
        };
        let (key, value) = heads.range(from..to).next()?;
        Some(read_standing(SHOP, &(key.clone(), value.clone())).unwrap())
    }

    /// A tab: what it read, where it stands, and what its start could not write, because the disk
    /// was full: that goes along with its first commit.
    enum Tab {
        Reading(StandingRecord),
        Starting(StandingRecord, StandingRecord, Vec<Change>),
        Writing(StandingRecord),
    }

    /// Where a tab believes the shop to stand, and its next commit.
    fn commit_of(tab: &Tab) -> (StandingRecord, StandingRecord, Vec<Change>) {
        let (read, standing, opening) = match tab {
            Tab::Starting(read, next, opening) => (read, next, opening.clone()),
            Tab::Reading(standing) | Tab::Writing(standing) => (standing, standing, Vec::new()),
        };
        let mut after = standing.clone();
        after.counters.commit += 1;
        after.counters.receipt += 1;
        let mut changes = vec![stand(SHOP, &after)];
        changes.extend(opening);
        (read.clone(), after, changes)
    }

    #[test]
    fn what_asks_to_come_before_the_next_writer_fails_behind_it_and_leaves_nothing() {
        let mut heads = Heads::new();
        let (first, changes) = next_writer(SHOP, StandingRecord::default());
        assert!(commit(&mut heads, changes));
        let before = heads.clone();
        let ours = first.counters.writer;
        assert!(commit(&mut heads, unless_succeeded(SHOP, ours).into()));
        assert_eq!(heads, before);
        let (_, changes) = next_writer(SHOP, first);
        assert!(commit(&mut heads, changes));
        assert!(!commit(&mut heads, unless_succeeded(SHOP, ours).into()));
        assert!(commit(&mut heads, unless_succeeded(SHOP, ours + 1).into()));
    }

    /// Tabs start, read, freeze and thaw in any order: a commit succeeds exactly where its tab
    /// stands where the shop stands, so each receipt number is used once.
    #[test]
    fn only_who_stands_where_the_shop_stands_goes_on() {
        let mut random = 0x9E37_79B9_7F4A_7C15_u64;
        let mut pick = |below: usize| {
            random ^= random << 13;
            random ^= random >> 7;
            random ^= random << 17;
            (random % below as u64) as usize
        };
        let (mut heads, mut tabs) = (Heads::new(), Vec::new());
        let (mut used, mut refused, mut started, mut late) = (0, 0, 0, 0);
        // Where the shop stands: whoever read this, or wrote it, may go on.
        let mut stands = StandingRecord::default();
        for _ in 0..30_000 {
            if tabs.is_empty() || pick(300) == 0 {
                // The first one has joined the shop and has committed nothing.
                if tabs.is_empty() {
                    tabs.push(Tab::Writing(stands.clone()));
                }
                let both = [Tab::Reading(stands.clone()), Tab::Reading(stands.clone())];
                tabs.extend(both);
            }
            // Mostly one of the newest: then sweeps happen while others are frozen.
            let back = if pick(8) == 0 {
                pick(tabs.len())
            } else {
                pick(3)
            };
            let place = tabs.len().saturating_sub(1 + back);
            match &tabs[place] {
                Tab::Reading(last) => {
                    let expected = *last == stands;
                    let (next, changes) = next_writer(SHOP, last.clone());
                    tabs[place] = if pick(4) == 0 {
                        late += 1;
                        Tab::Starting(last.clone(), next, changes)
                    } else {
                        assert_eq!(commit(&mut heads, changes), expected);
                        if expected {
                            started += 1;
                            stands = next.clone();
                            Tab::Writing(next)
                        } else {
                            Tab::Reading(stands.clone())
                        }
                    };
                }
                tab => {
                    let (read, after, changes) = commit_of(tab);
                    let expected = read == stands;
                    assert_eq!(commit(&mut heads, changes), expected);
                    if expected {
                        used += 1;
                        assert_eq!(after.counters.receipt, used);
                        started += u64::from(matches!(tab, Tab::Starting(..)));
                        stands = after.clone();
                        tabs[place] = Tab::Writing(after);
                    } else {
                        refused += 1;
                    }
                }
            }
            if stands.counters.writer > 0 {
                assert_eq!(read(&heads).as_ref(), Some(&stands));
            }
        }
        assert!(used > 1_000 && refused > 100 && started > 10 && late > 10);
        // Each start leaves two numbers that are never free again.
        let (last, changes) = next_writer(SHOP, stands);
        assert!(commit(&mut heads, changes));
        assert_eq!(read(&heads), Some(last));
        assert_eq!(heads.len() as u64, 2 * (started + 1));
    }

    #[test]
    fn a_standing_under_the_number_of_another_is_not_believed() {
        let (record, changes) = next_writer(SHOP, StandingRecord::default());
        let Some(Change::Add { key, value, .. }) = changes.into_iter().next() else {
            panic!("a start writes where it stands");
        };
        let mut row = (key, value);
        assert_eq!(read_standing(SHOP, &row), Ok(record));
        row.0 = standing_key(SHOP, 7, 0);
        assert!(read_standing(SHOP, &row).is_err());
        row.0 = standing_key(ShopId([2; 16]), 1, 0);
        assert!(read_standing(SHOP, &row).is_err());
    }

    #[test]
    fn golden_bytes_of_where_a_device_stands() {
        let hex = |bytes: Vec<u8>| bytes.iter().map(|b| format!("{b:02x}")).collect::<String>();
        let counters = Counters {
            receipt: 7,
            writer: 2,
            stamp: Stamp::new(5, 1),
            session: 3,
            commit: 4,
        };
        let head = Head {
            seq: 1,
            chain: ChainValue([2; 32]),
        };
        let standing = StandingRecord {
            counters,
            heads: BTreeMap::from([(Stream::Sales, head)]),
            device: None,
        };
        assert_eq!(
            hex(cbor::encode(&standing)),
            format!(
                "a200a500070102021a000500010303040401a101a20001015820{}",
                "02".repeat(32)
            )
        );
    }
}
