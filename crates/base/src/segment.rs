//! A segment: a run of entries of one log, the one unit that is stored, sent, relayed, put on a
//! stick and uploaded.

use minicbor::{Decode, Encode};

use crate::cbor;
use crate::error::Malformed;
use crate::hash::{self, ChainValue};
use crate::id::{DeviceId, EpochName, LogId, ShopId, Stream};
use crate::limits::{BODY_BYTES_MAX, SEGMENT_ENTRIES_MAX};

/// The version of the segment format.
pub const SEGMENT_VERSION: u8 = 1;
/// No entry has a number beyond this: one more can always be counted without running over.
pub const SEQ_MAX: u64 = u64::MAX / 2;

/// The clear part of a segment. All of it is signed; all but the body's hash is bound to the seal.
#[derive(Debug, Clone, PartialEq, Eq, Encode, Decode)]
#[cbor(map)]
pub struct Header {
    /// Always [`SEGMENT_VERSION`].
    #[n(0)]
    pub version: u8,
    /// The shop.
    #[n(1)]
    pub shop: ShopId,
    /// The author.
    #[n(2)]
    pub device: DeviceId,
    /// The stream.
    #[n(3)]
    pub stream: Stream,
    /// Number of the first entry, from 1.
    #[n(4)]
    pub first: u64,
    /// How many entries, 1..=[`SEGMENT_ENTRIES_MAX`].
    #[n(5)]
    pub count: u32,
    /// The epoch whose key seals the body; zero in `control`.
    #[n(6)]
    pub epoch: EpochName,
    /// `c(first − 1)`.
    #[n(7)]
    pub before: ChainValue,
    /// `c(last)`.
    #[n(8)]
    pub last_chain: ChainValue,
    /// Random nonce of the seal; zero in `control`.
    #[cbor(n(9), with = "minicbor::bytes")]
    pub nonce: [u8; 12],
    /// SHA-256 of the body as it travels; absent only in the form that is bound to the seal.
    #[cbor(n(10), with = "minicbor::bytes")]
    pub body_hash: Option<[u8; 32]>,
}

impl Header {
    /// The log that the segment belongs to.
    pub fn log(&self) -> LogId {
        LogId::new(self.device, self.stream)
    }

    /// Number of the last entry.
    pub fn last(&self) -> u64 {
        self.first + u64::from(self.count) - 1
    }

    /// The bytes bound to the seal (additional authenticated data): all but the body's hash.
    pub fn aad(&self) -> Vec<u8> {
        cbor::encode(&Self {
            body_hash: None,
            ..self.clone()
        })
    }

    /// The bytes that the author signs.
    pub fn signed_bytes(header_raw: &[u8]) -> Vec<u8> {
        [hash::TAG_SEGMENT, header_raw].concat()
    }

    fn check(&self) -> Result<(), Malformed> {
        if self.version != SEGMENT_VERSION {
            return Err(Malformed::Version {
                what: "segment",
                version: u32::from(self.version),
            });
        }
        let named_rightly = match self.stream {
            Stream::Control => self.epoch == EpochName::NONE && self.nonce == [0; 12],
            _ => self.epoch != EpochName::NONE,
        };
        if self.count == 0 || self.count > SEGMENT_ENTRIES_MAX {
            Err(Malformed::Rule("a segment holds 1 to 256 entries"))
        } else if self.first == 0 || self.first > SEQ_MAX || self.last() > SEQ_MAX {
            Err(Malformed::Rule(
                "a segment's numbers lie between 1 and 2^63",
            ))
        } else if !named_rightly {
            Err(Malformed::Rule(
                "control is not sealed, and everything else is",
            ))
        } else if self.body_hash.is_none() {
            Err(Malformed::Rule(
                "a segment's header names the hash of its body",
            ))
        } else {
            Ok(())
        }
    }
}

#[derive(Encode, Decode)]
#[cbor(map)]
struct Packed {
    #[cbor(n(0), with = "minicbor::bytes")]
    header: Vec<u8>,
    #[cbor(n(1), with = "minicbor::bytes")]
    signature: [u8; 64],
    #[cbor(n(2), with = "minicbor::bytes")]
    body: Vec<u8>,
}

/// A whole segment: header, signature, body. The bytes that came are kept and passed on as such.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Segment {
    /// The typed header.
    pub header: Header,
    /// The header's bytes, which the signature covers.
    pub header_raw: Vec<u8>,
    /// The author's signature over [`Header::signed_bytes`].
    pub signature: [u8; 64],
    /// The sealed (in `control`: deflated) entries.
    pub body: Vec<u8>,
}

impl Segment {
    /// Puts a segment together from a header, its signature and the body it names.
    pub fn new(header: Header, signature: [u8; 64], body: Vec<u8>) -> Self {
        let header_raw = cbor::encode(&header);
        Self {
            header,
            header_raw,
            signature,
            body,
        }
    }

    /// The bytes in which it is stored and sent.
    pub fn to_bytes(&self) -> Vec<u8> {
        cbor::encode(&Packed {
            header: self.header_raw.clone(),
            signature: self.signature,
            body: self.body.clone(),
        })
    }

    /// Reads the header of a segment of which only the beginning is there; `None` while it is not whole.
    /// Nobody has signed for it yet.
    pub fn header_of(beginning: &[u8]) -> Option<Header> {
        let mut decoder = minicbor::Decoder::new(beginning);
        decoder.map().ok()?;
        let key = decoder.u8().ok()?;
        let raw = decoder.bytes().ok().filter(|_| key == 0)?;
        let header: Header = cbor::decode(raw, "segment header").ok()?;
        header.check().ok().map(|()| header)
    }

    /// Reads a segment and checks everything that needs no key: form, limits, the body's hash.
    ///
    /// # Errors
    /// [`Malformed`]; whoever sent it is at fault.
    pub fn from_bytes(bytes: &[u8]) -> Result<Self, Malformed> {
        let packed: Packed = cbor::decode(bytes, "segment")?;
        if packed.body.len() > BODY_BYTES_MAX {
            return Err(Malformed::TooLong {
                what: "segment body",
                size: packed.body.len(),
                max: BODY_BYTES_MAX,
            });
        }
        let header: Header = cbor::decode(&packed.header, "segment header")?;
        header.check()?;
        if header.body_hash != Some(hash::sha256(&[&packed.body]).0) {
            return Err(Malformed::Rule(
                "a segment's body does not match its header",
            ));
        }
        Ok(Self {
            header,
            header_raw: packed.header,
            signature: packed.signature,
            body: packed.body,
        })
    }
}

/// Puts raw entries one behind the other, each as a CBOR byte string: the plain form of a body.
pub fn join_entries<'a>(entries: impl IntoIterator<Item = &'a [u8]>) -> Vec<u8> {
    let mut plain = Vec::new();
    for raw in entries {
        let mut encoder = minicbor::Encoder::new(&mut plain);
        if encoder.bytes(raw).is_err() {
            unreachable!("encoding into memory cannot fail");
        }
    }
    plain
}

/// Takes the plain form of a body apart again.
///
/// # Errors
/// [`Malformed::Bytes`] when there are not exactly `count` entries.
pub fn split_entries(plain: &[u8], count: u32) -> Result<Vec<Vec<u8>>, Malformed> {
    let mut decoder = minicbor::Decoder::new(plain);
    let mut entries = Vec::new();
    while decoder.position() < plain.len() {
        if entries.len() >= count as usize {
            return Err(Malformed::Bytes("segment body"));
        }
        let raw = decoder
            .bytes()
            .map_err(|_| Malformed::Bytes("segment body"))?;
        entries.push(raw.to_vec());
    }
    if entries.len() == count as usize {
        Ok(entries)
    } else {
        Err(Malformed::Bytes("segment body"))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn example() -> Segment {
        let body = vec![9; 40];
        let header = Header {
            version: SEGMENT_VERSION,
            shop: ShopId([1; 16]),
            device: DeviceId([2; 16]),
            stream: Stream::Sales,
            first: 5,
            count: 2,
            epoch: EpochName([3; 8]),
            before: ChainValue([4; 32]),
            last_chain: ChainValue([5; 32]),
            nonce: [6; 12],
            body_hash: Some(hash::sha256(&[&body]).0),
        };
        Segment::new(header, [7; 64], body)
    }

    #[test]
    fn a_segment_survives_a_round_trip() {
        let segment = example();
        assert_eq!(segment.header.last(), 6);
        assert_eq!(Segment::from_bytes(&segment.to_bytes()), Ok(segment));
    }

    #[test]
    fn golden_hash_of_a_segment() {
        let bytes = example().to_bytes();
        let hash = data_encoding::HEXLOWER.encode(&hash::sha256(&[&bytes]).first::<8>());
        assert_eq!((bytes.len(), hash.as_str()), (288, "24ad09f26c4678ac"));
    }

    #[test]
    fn every_altered_byte_of_header_or_body_is_noticed_or_changes_what_is_signed() {
        let good = example();
        let bytes = good.to_bytes();
        for at in 0..bytes.len() {
            let mut bad = bytes.clone();
            bad[at] ^= 1;
            if let Ok(read) = Segment::from_bytes(&bad) {
                let same_signed = read.header_raw == good.header_raw;
                assert!(
                    !same_signed || read.signature != good.signature,
                    "byte {at}"
                );
            }
        }
    }

    #[test]
    fn control_must_not_be_sealed_and_sales_must() {
        let mut header = example().header;
        header.epoch = EpochName::NONE;
        let segment = Segment::new(header, [7; 64], vec![9; 40]);
        assert!(Segment::from_bytes(&segment.to_bytes()).is_err());
    }

    #[test]
    fn a_segment_ends_where_numbers_end() {
        let reaching = |first, count| {
            let header = Header {
                first,
                count,
                ..example().header
            };
            Segment::from_bytes(&Segment::new(header, [7; 64], vec![9; 40]).to_bytes()).is_ok()
        };
        assert!(reaching(SEQ_MAX, 1) && reaching(SEQ_MAX - 1, 2));
        // Nobody could be told of it: vectors end there, too.
        assert!(!reaching(SEQ_MAX, 2) && !reaching(SEQ_MAX + 1, 1) && !reaching(u64::MAX, 256));
        assert!(!reaching(0, 1) && !reaching(1, 0));
    }

    #[test]
    fn entries_come_apart_as_they_were_joined() {
        let entries = vec![vec![1, 2], vec![], vec![3; 300]];
        let plain = join_entries(entries.iter().map(Vec::as_slice));
        assert_eq!(split_entries(&plain, 3), Ok(entries));
        assert!(split_entries(&plain, 2).is_err());
        assert!(split_entries(&plain[..plain.len() - 1], 3).is_err());
    }
}
