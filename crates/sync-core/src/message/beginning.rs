//! What the beginning of a message is good for whose end never came.

use base::limits::EFFECT_ITEMS_MAX;
use minicbor::Decoder;
use minicbor::bytes::ByteVec;

use super::Begun;

/// The numbers of [`super::Message::Segments`] and [`super::Message::Rest`].
const SEGMENTS: u32 = 7;
const REST: u32 = 18;

/// What came of segments before a link broke.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) enum Beginning {
    /// Whole ones, and the beginning of the next one.
    Segments(Vec<ByteVec>, Vec<u8>),
    /// More of one of which the beginning was there before.
    Rest(Begun, Vec<u8>),
}

impl Beginning {
    /// Reads the beginning of a message; `None` where it is of another kind, or too short.
    pub fn read(bytes: &[u8]) -> Option<Self> {
        let mut decoder = Decoder::new(bytes);
        decoder.array().ok()?;
        let kind = decoder.u32().ok()?;
        decoder.array().ok()?;
        match kind {
            SEGMENTS => {
                let count = decoder.array().ok()??;
                if count > EFFECT_ITEMS_MAX as u64 {
                    return None;
                }
                let mut whole = Vec::new();
                let mut begun = Vec::new();
                for _ in 0..count {
                    let rest = bytes.get(decoder.position()..)?;
                    let Ok(segment) = decoder.bytes() else {
                        begun.extend_from_slice(begun_bytes(rest).unwrap_or_default());
                        break;
                    };
                    whole.push(segment.to_vec().into());
                }
                Some(Self::Segments(whole, begun))
            }
            REST => {
                let of = decoder.decode().ok()?;
                let rest = bytes.get(decoder.position()..)?;
                Some(Self::Rest(of, begun_bytes(rest)?.to_vec()))
            }
            _ => None,
        }
    }
}

/// What is there of a byte string (RFC 8949, section 3.1) that goes on beyond the end.
fn begun_bytes(item: &[u8]) -> Option<&[u8]> {
    const BYTE_STRING: u8 = 2;
    let (first, rest) = item.split_first()?;
    let length_bytes = match first & 0x1f {
        0..=23 => 0,
        24 => 1,
        25 => 2,
        26 => 4,
        _ => return None,
    };
    (first >> 5 == BYTE_STRING)
        .then(|| rest.get(length_bytes..))
        .flatten()
}

#[cfg(test)]
mod tests {
    use base::{DeviceId, LogId, Stream};

    use super::*;
    use crate::message::Message;
    use crate::spans::{Range, Span};

    fn segment(byte: u8, bytes: usize) -> ByteVec {
        vec![byte; bytes].into()
    }

    #[test]
    fn each_beginning_of_a_list_shows_what_has_come_of_it() {
        let sizes = [10, 100, 1_000, 70_000];
        let segments: Vec<_> = (1..).zip(sizes).map(|(byte, n)| segment(byte, n)).collect();
        let bytes = Message::Segments {
            segments: segments.clone(),
            done: 3,
        }
        .to_bytes();
        let steps = (0..1_200).chain((1_200..bytes.len()).step_by(997));
        for come in steps.chain(bytes.len() - 3..bytes.len()) {
            let Some(Beginning::Segments(whole, begun)) = Beginning::read(&bytes[..come]) else {
                assert!(come <= 4, "{come}");
                continue;
            };
            assert_eq!(whole, segments[..whole.len()]);
            let next = segments.get(whole.len()).map_or(&[][..], |next| next);
            assert!(next.starts_with(&begun) && (begun.is_empty() || begun.len() < next.len()));
            // What is neither is how kinds, lists and byte strings are written.
            let found = whole.iter().map(|it| it.len()).sum::<usize>() + begun.len();
            assert!(come - found <= 4 + 5 * sizes.len() + 1, "{come} {found}");
        }
    }

    #[test]
    fn each_beginning_of_a_rest_shows_what_has_come_of_it() {
        let log = LogId::new(DeviceId([1; 16]), Stream::Sales);
        let of = Begun {
            range: Range::new(log, Span::new(1, 9)),
            bytes: 16_000,
            hash: [7; 32],
        };
        let rest = vec![3; 5_000];
        let message = Message::Rest {
            of,
            bytes: rest.clone(),
        };
        let bytes = message.to_bytes();
        let mut longest = 0;
        for come in 0..bytes.len() {
            match Beginning::read(&bytes[..come]) {
                None => assert_eq!(longest, 0),
                Some(Beginning::Rest(read, begun)) => {
                    assert_eq!((read, &begun[..]), (of, &rest[..begun.len()]));
                    longest = longest.max(begun.len());
                }
                other => panic!("{other:?}"),
            }
        }
        assert_eq!(longest, rest.len() - 1);
    }

    #[test]
    fn the_beginning_of_anything_else_is_good_for_nothing() {
        let bytes = Message::Ping(9).to_bytes();
        assert_eq!(Beginning::read(&bytes), None);
        assert_eq!(Beginning::read(&[]), None);
        assert_eq!(Beginning::read(&[0x82, 0x07, 0x82, 0x9b, 0xff]), None);
    }
}
