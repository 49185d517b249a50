//! Segments: their header, their body's plain form, the entries in it.

use base::hash::{ChainValue, sha256};
use base::limits::{BODY_BYTES_MAX, ENTRY_BYTES_MAX, SEGMENT_ENTRIES_MAX};
use base::release::READER_VERSION;
use base::segment::{SEGMENT_VERSION, join_entries, split_entries};
use base::{
    ControlVector, DeviceId, EmployeeId, Entry, EpochName, Header, Segment, ShopId, Stamp, Stream,
};
use identity::control::Reading;

use crate::tape::Tape;

/// A byte that says what the rest is: a segment, a header's segment with the right hash of its
/// body, the plain form of a body, an entry. What is read is written as it came, keeps its
/// bounds, and names its entries without a number running over.
pub fn run(bytes: &[u8]) {
    let mut tape = Tape::new(bytes);
    match tape.below(4) {
        0 => segment(tape.rest()),
        1 => repaired(tape.rest()),
        2 => body(tape.byte(), tape.rest()),
        _ => entry(tape.rest()),
    }
}

fn segment(bytes: &[u8]) {
    let Ok(segment) = Segment::from_bytes(bytes) else {
        return;
    };
    assert_eq!(segment.to_bytes(), bytes);
    let header = &segment.header;
    assert!((1..=SEGMENT_ENTRIES_MAX).contains(&header.count) && header.first > 0);
    assert_eq!(header.last() - header.first + 1, u64::from(header.count));
    assert!(segment.body.len() <= BODY_BYTES_MAX);
    assert_ne!(
        header.aad(),
        segment.header_raw,
        "the seal does not bind the body's hash"
    );
    assert_eq!(
        header.stream == Stream::Control,
        header.epoch == EpochName::NONE
    );
    let again = Segment::new(header.clone(), segment.signature, segment.body.clone());
    assert_eq!(again, segment);
}

/// Chance does not find a body's hash, so it is put right: 32 bytes at a place that is told.
fn repaired(bytes: &[u8]) {
    let body = bytes.rchunks(40).next().unwrap_or_default();
    let hash = sha256(&[body]).0;
    let mut bytes = bytes.to_vec();
    let marker = [0xee; 32];
    let place = bytes.windows(32).position(|window| window == marker);
    if let Some(place) = place {
        bytes[place..place + 32].copy_from_slice(&hash);
    }
    segment(&bytes);
}

fn body(count: u8, plain: &[u8]) {
    let Ok(entries) = split_entries(plain, u32::from(count)) else {
        return;
    };
    assert_eq!(entries.len(), usize::from(count));
    let joined = join_entries(entries.iter().map(Vec::as_slice));
    assert!(joined.len() <= plain.len(), "ours is the shortest form");
    assert_eq!(split_entries(&joined, u32::from(count)), Ok(entries));
}

fn entry(raw: &[u8]) {
    let newer = Entry::is_newer(raw, READER_VERSION);
    let read = Entry::from_raw(raw);
    let reading = Reading::of(raw, READER_VERSION);
    assert!(!newer || reading == Reading::Newer);
    let Ok(entry) = read else { return };
    assert!(raw.len() <= ENTRY_BYTES_MAX);
    assert_eq!(entry.min_reader > READER_VERSION, newer);
    assert_eq!(Entry::from_raw(&entry.to_raw()).as_ref(), Ok(&entry));
    assert!(entry.control.covers(&entry.control));
    for (device, seq) in &entry.control.0 {
        assert_eq!(entry.control.reach(*device), *seq);
    }
    let _ = entry.wall_ms();
}

/// One of each, as devices write them.
pub fn seeds() -> Vec<Vec<u8>> {
    let plain = join_entries([&b"one"[..], &[], &[3; 300]]);
    vec![
        [vec![0], made(Stream::Sales, 5, 2, vec![9; 40]).to_bytes()].concat(),
        [vec![0], made(Stream::Control, 1, 256, vec![]).to_bytes()].concat(),
        [vec![1], marked()].concat(),
        [vec![2, 3], plain].concat(),
        [vec![2, 0], vec![]].concat(),
        [vec![3], example().to_raw()].concat(),
        // {0: "of another type", 1: 2, 40: null}
        [
            vec![3],
            b"\xa3\x00\x6fof another type\x01\x02\x18\x28\xf6".to_vec(),
        ]
        .concat(),
    ]
}

/// An entry as a till writes it.
pub fn example() -> Entry {
    Entry {
        kind: 70,
        min_reader: 1,
        stamp: Stamp::new(1_700_000_000_000, 3),
        wall_ms: Some(1_700_000_000_001),
        employee: Some(EmployeeId([7; 8])),
        control: ControlVector(vec![(DeviceId([1; 16]), 4), (DeviceId([2; 16]), 9)]),
        payload: vec![1, 2, 3],
        salt: None,
    }
}

/// A segment of this run with this body.
pub fn made(stream: Stream, first: u64, count: u32, body: Vec<u8>) -> Segment {
    let sealed = stream != Stream::Control;
    let header = Header {
        version: SEGMENT_VERSION,
        shop: ShopId([1; 16]),
        device: DeviceId([2; 16]),
        stream,
        first,
        count,
        epoch: if sealed {
            EpochName([3; 8])
        } else {
            EpochName::NONE
        },
        before: ChainValue([4; 32]),
        last_chain: ChainValue([5; 32]),
        nonce: if sealed { [6; 12] } else { [0; 12] },
        body_hash: Some(sha256(&[&body]).0),
    };
    Segment::new(header, [7; 64], body)
}

/// A segment with a body of 40 bytes and a mark in the place of its hash.
fn marked() -> Vec<u8> {
    let segment = made(Stream::Shop, 300, 7, vec![8; 40]);
    let mut bytes = segment.to_bytes();
    let hash = segment.header.body_hash.unwrap_or_default();
    let place = bytes.windows(32).position(|window| window == hash);
    let place = place.expect("the header names it");
    bytes[place..place + 32].fill(0xee);
    bytes
}
