//! Where checkpoints lie: in parts, under the number of the writer that wrote them and their own.
//!
//! One counts when all its parts are there, and the last such one is read. The ones before it go
//! when it is complete.

use base::effect::{Change, Query, Row, Table};
use base::hash::TAG_CHECKPOINT;
use base::limits::CHECKPOINT_PARTS_MAX;
use base::{EpochName, Malformed, ShopId, cbor};
use minicbor::{Decode, Encode};

use crate::records;

/// Which checkpoint of a shop.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub struct Name {
    /// Of which start of the device: each has its own numbers.
    pub writer: u64,
    /// Which one of its checkpoints.
    pub number: u32,
}

/// A part of a checkpoint.
#[derive(Debug, Clone, PartialEq, Eq, Encode, Decode)]
#[cbor(map)]
pub struct Part {
    /// How many there are.
    #[n(0)]
    pub count: u16,
    /// The epoch under whose secret it is sealed.
    #[n(1)]
    pub epoch: EpochName,
    /// The nonce.
    #[cbor(n(2), with = "minicbor::bytes")]
    pub nonce: [u8; 12],
    /// The sealed bytes.
    #[cbor(n(3), with = "minicbor::bytes")]
    pub sealed: Vec<u8>,
}

/// What is sealed with a part: where it lies, and of how many it is one.
pub fn aad(shop: ShopId, name: Name, part: u16, count: u16) -> Vec<u8> {
    [TAG_CHECKPOINT, &key(shop, name, part), &count.to_be_bytes()].concat()
}

/// Keeps a part.
pub fn put(shop: ShopId, name: Name, number: u16, part: &Part) -> Change {
    Change::Put {
        table: Table::Values,
        key: key(shop, name, number),
        value: cbor::encode(part),
    }
}

/// Removes every checkpoint before one.
pub fn remove_before(shop: ShopId, name: Name) -> Change {
    Change::DeleteRange {
        table: Table::Values,
        from: prefix(shop),
        to: key(shop, name, 0),
    }
}

/// Removes what there is of one.
pub fn remove(shop: ShopId, name: Name) -> Change {
    let mut to = key(shop, name, u16::MAX);
    to.push(0);
    Change::DeleteRange {
        table: Table::Values,
        from: key(shop, name, 0),
        to,
    }
}

/// Asks for the parts of every checkpoint of a shop.
pub fn all(shop: ShopId) -> Query {
    Query::Range {
        table: Table::Values,
        from: prefix(shop),
        to: end(shop),
        // One that is complete, and one that was not when the device was killed.
        limit: 2 * CHECKPOINT_PARTS_MAX as u32,
    }
}

/// The parts of the last checkpoint that is complete, in order.
pub fn last_complete(shop: ShopId, rows: &[Row]) -> Option<(Name, Vec<Part>)> {
    let read = |(key, value): &Row| {
        let (name, number) = name_of(shop, key)?;
        let part: Result<Part, Malformed> = records::read(value, "part of a checkpoint");
        Some((name, number, part.ok()?))
    };
    let parts: Vec<_> = rows.iter().filter_map(read).collect();
    let checkpoints = parts.chunk_by(|one, next| one.0 == next.0);
    let complete = checkpoints.rev().find(|parts| {
        let count = parts.len();
        let in_order = (0..).zip(parts.iter());
        let mut places = in_order
            .map(|(at, (_, number, part))| *number == at && usize::from(part.count) == count);
        places.all(|right| right)
    })?;
    let (name, ..) = complete.first()?;
    Some((
        *name,
        complete.iter().map(|(.., part)| part.clone()).collect(),
    ))
}

fn prefix(shop: ShopId) -> Vec<u8> {
    [shop.0.as_slice(), b"checkpoint"].concat()
}

fn end(shop: ShopId) -> Vec<u8> {
    [prefix(shop).as_slice(), &[u8::MAX; 15]].concat()
}

fn key(shop: ShopId, name: Name, part: u16) -> Vec<u8> {
    let Name { writer, number } = name;
    let name = [writer.to_be_bytes().as_slice(), &number.to_be_bytes()].concat();
    [prefix(shop), name, part.to_be_bytes().to_vec()].concat()
}

fn name_of(shop: ShopId, key: &[u8]) -> Option<(Name, u16)> {
    let rest = key.strip_prefix(prefix(shop).as_slice())?;
    let (writer, rest) = rest.split_first_chunk()?;
    let (number, rest) = rest.split_first_chunk()?;
    let part = u16::from_be_bytes(rest.try_into().ok()?);
    let name = Name {
        writer: u64::from_be_bytes(*writer),
        number: u32::from_be_bytes(*number),
    };
    Some((name, part))
}

#[cfg(test)]
mod tests {
    use super::*;

    const SHOP: ShopId = ShopId([1; 16]);

    fn name(writer: u64, number: u32) -> Name {
        Name { writer, number }
    }

    fn row(name: Name, number: u16, count: u16) -> Row {
        let part = Part {
            count,
            epoch: EpochName([2; 8]),
            nonce: [3; 12],
            sealed: vec![number as u8; 4],
        };
        match put(SHOP, name, number, &part) {
            Change::Put { key, value, .. } => (key, value),
            _ => panic!("a part is put"),
        }
    }

    /// The rows of some parts, in the order of their keys.
    fn rows(parts: &[(Name, u16, u16)]) -> Vec<Row> {
        let mut rows: Vec<_> = parts
            .iter()
            .map(|(of, number, count)| row(*of, *number, *count))
            .collect();
        rows.sort();
        rows
    }

    #[test]
    fn the_last_one_counts_of_which_every_part_is_there() {
        let last = |parts: &[_]| {
            last_complete(SHOP, &rows(parts)).map(|(name, parts)| (name, parts.len()))
        };
        let (old, new, later) = (name(3, 9), name(256, 0), name(256, 1));
        assert_eq!(last(&[]), None);
        assert_eq!(last(&[(old, 0, 1)]), Some((old, 1)));
        assert_eq!(
            last(&[(new, 0, 2), (old, 0, 1), (new, 1, 2)]),
            Some((new, 2))
        );
        // The one that was being written when the device was killed.
        assert_eq!(
            last(&[(new, 0, 2), (new, 1, 2), (later, 0, 2)]),
            Some((new, 2))
        );
        assert_eq!(
            last(&[(new, 0, 2), (new, 1, 2), (later, 1, 2)]),
            Some((new, 2))
        );
        assert_eq!(last(&[(new, 1, 2), (new, 2, 2)]), None);
    }

    #[test]
    fn what_cannot_be_read_is_no_part() {
        let mut rows = rows(&[(name(1, 1), 0, 2), (name(1, 1), 1, 2)]);
        rows[1].1.pop();
        assert_eq!(last_complete(SHOP, &rows), None);
    }

    #[test]
    fn removing_those_before_one_leaves_it_and_nothing_else_of_the_shop_is_among_them() {
        let keys = [name(1, 7), name(2, 0), name(2, 1)].map(|name| row(name, 0, 1).0);
        assert!(keys.is_sorted());
        let within = |change: Change, key: &Vec<u8>| match change {
            Change::DeleteRange { from, to, .. } => from <= *key && *key < to,
            _ => panic!("a range is removed"),
        };
        let removed = |change: Change| keys.clone().map(|key| within(change.clone(), &key));
        assert_eq!(
            removed(remove_before(SHOP, name(2, 1))),
            [true, true, false]
        );
        assert_eq!(removed(remove(SHOP, name(2, 0))), [false, true, false]);
        for other in [
            records::statements_key(SHOP, base::DeviceId([9; 16])),
            records::DEVICE_KEY.to_vec(),
        ] {
            assert!(!within(remove_before(SHOP, name(u64::MAX, 0)), &other));
        }
    }

    #[test]
    fn golden_bytes_of_a_part() {
        let (key, value) = row(name(2, 3), 1, 4);
        let hex = |bytes: &[u8]| bytes.iter().map(|b| format!("{b:02x}")).collect::<String>();
        let shop = "01".repeat(16);
        assert_eq!(
            hex(&key),
            format!("{shop}636865636b706f696e740000000000000002000000030001")
        );
        assert_eq!(
            hex(&value),
            "a400040148020202020202020202 4c030303030303030303030303 034401010101".replace(' ', "")
        );
    }
}
