//! Where things lie in the store: keys that sort the way they are read, and the small records.
//!
//! Stored names are never renamed; a record changes only together with a migration.

use std::collections::BTreeMap;

use base::cbor;
use base::effect::{Query, Table};
use base::limits::BRANCHES_PER_LOG_MAX;
use base::{DeviceId, EmployeeId, Header, LogId, Malformed, Mark, ShopId, Stream};
use minicbor::{Decode, Encode};

use crate::carts::KeptCarts;

pub mod checkpoint;
pub mod standing;

pub use standing::{Counters, Head, StandingRecord};

/// Rows that one question to the store may bring: keeps one answer within a few milliseconds.
pub const PAGE_ROWS: u32 = 256;

/// The key of a segment: shop, stream, author, first number, mark of the end.
///
/// The mark keeps both branches of a fork apart; the rest sorts a log in its order.
pub fn segment_key(header: &Header) -> Vec<u8> {
    row_key(
        header.shop,
        header.log(),
        header.first,
        header.last_chain.mark(),
    )
}

/// The stream of a row, from its key: behind the shop's id stands its number.
pub fn stream_of(key: &[u8]) -> Option<Stream> {
    let number = key.get(size_of::<ShopId>())?;
    Stream::from_number(*number)
}

/// The key of the segment of a log that begins at `first` and ends with `mark`.
pub fn row_key(shop: ShopId, log: LogId, first: u64, mark: Mark) -> Vec<u8> {
    let mut key = log_prefix(shop, log);
    key.extend_from_slice(&first.to_be_bytes());
    key.extend_from_slice(&mark.0);
    key
}

/// Asks for the segments of a log that begin at `first..=last`.
///
/// A segment that begins before `first` and reaches into it is found by asking from
/// `first − 255`: no segment is longer than a block.
pub fn segments_of(shop: ShopId, log: LogId, first: u64, last: u64) -> Query {
    let numbers = last.saturating_sub(first).saturating_add(2);
    let rows = numbers.saturating_mul(BRANCHES_PER_LOG_MAX as u64);
    let rows = u32::try_from(rows).unwrap_or(u32::MAX);
    page_of(shop, log, first, last, rows)
}

/// Asks for at most `rows` segments of a log that begin at `first..=last`.
pub fn page_of(shop: ShopId, log: LogId, first: u64, last: u64, rows: u32) -> Query {
    let mut from = log_prefix(shop, log);
    let mut to = from.clone();
    from.extend_from_slice(&first.to_be_bytes());
    to.extend_from_slice(&last.saturating_add(1).to_be_bytes());
    Query::Range {
        table: Table::Segments,
        from,
        to,
        limit: rows,
    }
}

/// Asks for a page of the segments of a stream, of every author, after the row with key `after`.
pub fn stream_page(shop: ShopId, stream: Stream, after: Option<&[u8]>) -> Query {
    let prefix = [shop.0.as_slice(), &[stream.number()]].concat();
    let mut to = prefix.clone();
    to.push(u8::MAX);
    to.extend_from_slice(&[u8::MAX; 40]);
    let from = match after {
        // The next key in order: the same bytes and one more.
        Some(key) => [key, &[0]].concat(),
        None => prefix,
    };
    Query::Range {
        table: Table::Segments,
        from,
        to,
        limit: PAGE_ROWS,
    }
}

fn log_prefix(shop: ShopId, log: LogId) -> Vec<u8> {
    [shop.0.as_slice(), &[log.stream.number()], &log.device.0].concat()
}

/// The key of this device's own record.
pub const DEVICE_KEY: &[u8] = b"device";

/// The key of what is kept of statements: ours and the highest of everybody's.
pub fn statements_key(shop: ShopId, signer: DeviceId) -> Vec<u8> {
    [shop.0.as_slice(), b"statement", &signer.0].concat()
}

/// Asks for the statements of everybody in a shop.
pub fn statements_of(shop: ShopId) -> Query {
    let from = [shop.0.as_slice(), b"statement"].concat();
    let mut to = from.clone();
    to.extend_from_slice(&[u8::MAX; 17]);
    Query::Range {
        table: Table::Values,
        from,
        to,
        limit: base::limits::MEMBERS_MAX as u32,
    }
}

/// What the device keeps about itself.
#[derive(Debug, Clone, PartialEq, Eq, Default, Encode, Decode)]
#[cbor(map)]
pub struct DeviceRecord {
    /// What people call it.
    #[n(0)]
    pub name: String,
    /// The shop it is a member of.
    #[n(1)]
    pub shop: Option<ShopId>,
    /// Who is signed in: a reload must not send the cashier to the PIN pad.
    #[n(2)]
    pub employee: Option<EmployeeId>,
    /// Wrong PINs since the last right one: a reload must not make guessing free.
    #[n(3)]
    pub wrong_pins: BTreeMap<EmployeeId, u32>,
    /// How often to compare with everybody linked, seconds, where somebody set it.
    #[n(4)]
    pub reconcile_s: Option<u32>,
    /// The longest wait before a connection is tried again, seconds, where somebody set it.
    #[n(5)]
    pub retry_cap_s: Option<u32>,
    /// There while the shop was founded here and nobody has typed its recovery words since.
    #[n(6)]
    pub words_unconfirmed: Option<bool>,
    /// Carts that are not paid yet.
    #[n(7)]
    pub carts: Option<KeptCarts>,
    /// What its terminal code gets on top since it knows that it was copied or put back.
    #[n(9)]
    pub copy_mark: Option<CopyMark>,
}

/// What the terminal code of a device gets on top that was copied or put back.
#[derive(Debug, Clone, PartialEq, Eq, Encode, Decode)]
#[cbor(map)]
pub struct CopyMark {
    /// The device that was copied: whoever goes on as another one is no copy any more.
    #[n(0)]
    pub device: DeviceId,
    /// The characters.
    #[n(1)]
    pub characters: String,
}

/// Reads one of the small records.
///
/// # Errors
/// [`Malformed`]: the store gave back something that we did not write.
pub fn read<'b, T: Decode<'b, ()> + Encode<()>>(
    bytes: &'b [u8],
    what: &'static str,
) -> Result<T, Malformed> {
    cbor::decode(bytes, what)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::api::{CartLine, Carts};
    use base::EpochName;
    use base::hash::ChainValue;
    use domain::catalogue::ProductId;
    use domain::money::Money;
    use domain::quantity::Quantity;

    fn header(first: u64, count: u32) -> Header {
        Header {
            version: 1,
            shop: ShopId([1; 16]),
            device: DeviceId([2; 16]),
            stream: Stream::Sales,
            first,
            count,
            epoch: EpochName([1; 8]),
            before: ChainValue([0; 32]),
            last_chain: ChainValue([9; 32]),
            nonce: [0; 12],
            body_hash: None,
        }
    }

    fn bounds(query: Query) -> (Vec<u8>, Vec<u8>) {
        match query {
            Query::Range { from, to, .. } => (from, to),
            Query::Get { .. } => panic!("asked for a range"),
        }
    }

    #[test]
    fn a_log_sorts_in_its_order_and_its_range_holds_exactly_it() {
        let keys: Vec<_> = [1, 2, 255, 256, 70_000]
            .map(|n| segment_key(&header(n, 1)))
            .into();
        assert!(keys.is_sorted());
        let (from, to) = bounds(segments_of(ShopId([1; 16]), header(1, 1).log(), 2, 256));
        let inside: Vec<_> = keys.iter().map(|key| *key >= from && *key < to).collect();
        assert_eq!(inside, [false, true, true, true, false]);
    }

    #[test]
    fn a_page_goes_on_behind_the_last_row() {
        let keys: Vec<_> = [1, 2, 3].map(|n| segment_key(&header(n, 1))).into();
        let (from, to) = bounds(stream_page(ShopId([1; 16]), Stream::Sales, Some(&keys[1])));
        assert!(keys[1] < from && from <= keys[2] && keys[2] < to);
        let (from, _) = bounds(stream_page(ShopId([1; 16]), Stream::Shop, None));
        assert!(keys[2] < from);
    }

    #[test]
    fn golden_bytes_of_the_small_records() {
        let hex = |bytes: Vec<u8>| bytes.iter().map(|b| format!("{b:02x}")).collect::<String>();
        let record = DeviceRecord {
            name: "Till".into(),
            shop: None,
            employee: None,
            wrong_pins: BTreeMap::from([(EmployeeId([5; 8]), 6)]),
            reconcile_s: Some(60),
            retry_cap_s: Some(9),
            words_unconfirmed: None,
            carts: None,
            copy_mark: None,
        };
        assert_eq!(
            hex(cbor::encode(&record)),
            "a4006454696c6c03a14805050505050505050604183c0509"
        );
        let line = CartLine {
            product: ProductId {
                mark: Mark([7; 8]),
                index: 1,
            },
            quantity: Quantity(2_000),
            price: Some(Money(250)),
        };
        let carts = Carts {
            open: vec![line],
            held: vec![vec![CartLine {
                price: None,
                ..line
            }]],
        };
        let record = DeviceRecord {
            words_unconfirmed: Some(true),
            carts: Some(KeptCarts { carts, receipt: 3 }),
            ..DeviceRecord::default()
        };
        assert_eq!(
            hex(cbor::encode(&record)),
            "a4006003a006f507a200a200818382480707070707070707011907d018fa018181828248070707070707070701\
             1907d00103"
        );
    }
}
