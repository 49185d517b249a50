//! An entry: one thing that a device wrote, in the bytes in which it is hashed for ever.

use minicbor::{Decode, Encode};

use crate::cbor;
use crate::error::Malformed;
use crate::id::{DeviceId, EmployeeId};
use crate::limits::ENTRY_BYTES_MAX;
use crate::time::Stamp;

/// How far an author had applied each `control` log when it wrote an entry.
///
/// Sorted by device. It stands in every entry (repeats deflate away), so that a verdict on the
/// entry cannot depend on how entries are packed.
#[derive(Debug, Clone, PartialEq, Eq, Default, Encode, Decode)]
#[cbor(transparent)]
pub struct ControlVector(#[n(0)] pub Vec<(DeviceId, u64)>);

impl ControlVector {
    /// How far `device`'s control log had been applied; 0 when not at all.
    pub fn reach(&self, device: DeviceId) -> u64 {
        match self.0.binary_search_by_key(&device, |(id, _)| *id) {
            Ok(at) => self.0.get(at).map_or(0, |(_, seq)| *seq),
            Err(_) => 0,
        }
    }

    /// Whether this vector has applied at least as much as `other` of every log.
    pub fn covers(&self, other: &Self) -> bool {
        other
            .0
            .iter()
            .all(|(device, seq)| self.reach(*device) >= *seq)
    }
}

/// The typed view of an entry. Its raw bytes are kept beside it and never made again.
#[derive(Debug, Clone, PartialEq, Eq, Encode, Decode)]
#[cbor(map)]
pub struct Entry {
    /// What it does; numbers are handed out by `identity` (below 64) and `domain` (from 64).
    #[n(0)]
    pub kind: u16,
    /// The lowest reader version that may apply it.
    #[n(1)]
    pub min_reader: u16,
    /// Hybrid stamp.
    #[n(2)]
    pub stamp: Stamp,
    /// The author's raw wall clock, milliseconds since 1970, when it differs from the stamp.
    #[n(3)]
    pub wall_ms: Option<u64>,
    /// Who was signed in.
    #[n(4)]
    pub employee: Option<EmployeeId>,
    /// How far the author had applied each control log.
    #[n(5)]
    pub control: ControlVector,
    /// The payload of this kind, CBOR.
    #[cbor(n(6), with = "minicbor::bytes")]
    pub payload: Vec<u8>,
    /// Random bytes in the first entry that a start of its author writes in a log. A copied device
    /// that does the same in the same millisecond would write the same bytes without them, and two
    /// sales would be one; from there on chain values differ.
    #[cbor(n(7), with = "minicbor::bytes")]
    pub salt: Option<[u8; 8]>,
}

/// What every release can read of an entry.
#[derive(Decode)]
#[cbor(map)]
struct Heading {
    #[n(1)]
    min_reader: u16,
}

impl Entry {
    /// Whether only a release with a higher reader version than `reader` may apply these bytes;
    /// whatever else they hold, it may be of a shape that older ones do not know.
    pub fn is_newer(raw: &[u8], reader: u16) -> bool {
        let heading = cbor::decode_open::<Heading>(raw, "entry");
        heading.is_ok_and(|heading| heading.min_reader > reader)
    }

    /// The author's raw wall clock when it wrote the entry.
    pub fn wall_ms(&self) -> u64 {
        self.wall_ms.unwrap_or(self.stamp.ms())
    }

    /// The raw bytes of an entry of our own making.
    pub fn to_raw(&self) -> Vec<u8> {
        cbor::encode(self)
    }

    /// Reads raw bytes; unknown keys are left for newer readers.
    ///
    /// # Errors
    /// [`Malformed`] when too long, not CBOR, or when the control vector is not sorted.
    pub fn from_raw(raw: &[u8]) -> Result<Self, Malformed> {
        if raw.len() > ENTRY_BYTES_MAX {
            return Err(Malformed::TooLong {
                what: "entry",
                size: raw.len(),
                max: ENTRY_BYTES_MAX,
            });
        }
        let entry: Self = cbor::decode_open(raw, "entry")?;
        if entry.control.0.is_sorted_by(|a, b| a.0 < b.0) {
            Ok(entry)
        } else {
            Err(Malformed::Rule("an entry's control vector must be sorted"))
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn example() -> Entry {
        Entry {
            kind: 64,
            min_reader: 1,
            stamp: Stamp::new(1_700_000_000_000, 3),
            wall_ms: None,
            employee: Some(EmployeeId([7; 8])),
            control: ControlVector(vec![(DeviceId([1; 16]), 4), (DeviceId([2; 16]), 9)]),
            payload: vec![1, 2, 3],
            salt: None,
        }
    }

    #[test]
    fn golden_bytes_of_an_entry() {
        let hex = data_encoding::HEXLOWER.encode(&example().to_raw());
        let head = "a60018400101021b018bcfe568000003044807070707070707070582";
        let first = format!("8250{}04", "01".repeat(16));
        let second = format!("8250{}09", "02".repeat(16));
        assert_eq!(hex, format!("{head}{first}{second}0643010203"));
        let salted = Entry {
            salt: Some([9; 8]),
            ..example()
        };
        let hex = data_encoding::HEXLOWER.encode(&salted.to_raw());
        let head = head.replacen("a6", "a7", 1);
        let salt = format!("0748{}", "09".repeat(8));
        assert_eq!(hex, format!("{head}{first}{second}0643010203{salt}"));
    }

    #[test]
    fn raw_bytes_survive_a_round_trip() {
        let raw = example().to_raw();
        assert_eq!(Entry::from_raw(&raw), Ok(example()));
    }

    #[test]
    fn a_newer_entry_is_told_whatever_else_has_changed_in_it() {
        let mut entry = example();
        assert!(!Entry::is_newer(&entry.to_raw(), 1));
        entry.min_reader = 2;
        assert!(Entry::is_newer(&entry.to_raw(), 1));
        assert!(!Entry::is_newer(&entry.to_raw(), 2));
        // {0: "of another type", 1: 2, 40: null}
        let shape = b"\xa3\x00\x6fof another type\x01\x02\x18\x28\xf6";
        assert!(Entry::is_newer(shape, 1) && Entry::from_raw(shape).is_err());
        assert!(!Entry::is_newer(&[1, 2, 3], 1));
    }

    #[test]
    fn an_unsorted_control_vector_is_refused() {
        let mut entry = example();
        entry.control.0.reverse();
        assert!(Entry::from_raw(&entry.to_raw()).is_err());
    }

    #[test]
    fn the_control_vector_answers_for_devices_it_lacks() {
        let vector = example().control;
        assert_eq!(vector.reach(DeviceId([2; 16])), 9);
        assert_eq!(vector.reach(DeviceId([3; 16])), 0);
        assert!(vector.covers(&ControlVector::default()));
        assert!(!ControlVector::default().covers(&vector));
    }
}
