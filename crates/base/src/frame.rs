//! Frames: what travels on a link, and how bigger messages are cut and put together again.

use std::collections::{BTreeMap, VecDeque};

use crate::error::Malformed;
use crate::limits::{FRAME_BYTES_MAX, MESSAGE_BYTES_MAX, MESSAGES_PARTIAL_MAX};
use crate::machine::Channel;

/// The version of the frame format.
pub const FRAME_VERSION: u8 = 1;
/// Version, channel, shop handle, message id, offset, total.
pub const FRAME_HEADER_BYTES: usize = 1 + 1 + 2 + 4 + 4 + 4;
/// What one frame carries of a message.
pub const FRAME_PAYLOAD_MAX: usize = FRAME_BYTES_MAX - FRAME_HEADER_BYTES;
/// The shop handle of messages that belong to no shop: the handshake.
pub const NO_SHOP: u16 = u16::MAX;

/// One frame.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Frame {
    /// Which queue it travels in.
    pub channel: Channel,
    /// Index of the shop in the offerer's list, or [`NO_SHOP`].
    pub shop: u16,
    /// Number of the message in its channel; never used twice on a link.
    pub message: u32,
    /// Where in the message the payload begins.
    pub offset: u32,
    /// Length of the whole message.
    pub total: u32,
    /// The piece.
    pub payload: Vec<u8>,
}

impl Frame {
    /// The bytes of the frame: fixed header, big-endian, then the piece.
    pub fn to_bytes(&self) -> Vec<u8> {
        let mut bytes = Vec::with_capacity(FRAME_HEADER_BYTES + self.payload.len());
        bytes.push(FRAME_VERSION);
        bytes.push(self.channel.number());
        bytes.extend_from_slice(&self.shop.to_be_bytes());
        bytes.extend_from_slice(&self.message.to_be_bytes());
        bytes.extend_from_slice(&self.offset.to_be_bytes());
        bytes.extend_from_slice(&self.total.to_be_bytes());
        bytes.extend_from_slice(&self.payload);
        bytes
    }

    /// Reads a frame.
    ///
    /// # Errors
    /// [`Malformed`]; the peer is at fault.
    pub fn from_bytes(bytes: &[u8]) -> Result<Self, Malformed> {
        if bytes.len() > FRAME_BYTES_MAX {
            return Err(Malformed::TooLong {
                what: "frame",
                size: bytes.len(),
                max: FRAME_BYTES_MAX,
            });
        }
        let (head, payload) = bytes
            .split_first_chunk::<FRAME_HEADER_BYTES>()
            .ok_or(Malformed::Bytes("frame"))?;
        let [
            version,
            channel,
            s0,
            s1,
            m0,
            m1,
            m2,
            m3,
            o0,
            o1,
            o2,
            o3,
            t0,
            t1,
            t2,
            t3,
        ] = *head;
        if version != FRAME_VERSION {
            return Err(Malformed::Version {
                what: "frame",
                version: u32::from(version),
            });
        }
        let frame = Self {
            channel: Channel::from_number(channel).ok_or(Malformed::Bytes("frame"))?,
            shop: u16::from_be_bytes([s0, s1]),
            message: u32::from_be_bytes([m0, m1, m2, m3]),
            offset: u32::from_be_bytes([o0, o1, o2, o3]),
            total: u32::from_be_bytes([t0, t1, t2, t3]),
            payload: payload.to_vec(),
        };
        let total = frame.total as usize;
        // In 64 bits: in a browser the sum may be beyond what a size can say.
        let end = u64::from(frame.offset) + frame.payload.len() as u64;
        if total > MESSAGE_BYTES_MAX {
            Err(Malformed::TooLong {
                what: "message",
                size: total,
                max: MESSAGE_BYTES_MAX,
            })
        } else if end > u64::from(frame.total) || (frame.payload.is_empty() && total > 0) {
            Err(Malformed::Rule(
                "a frame must carry a piece inside its message",
            ))
        } else {
            Ok(frame)
        }
    }
}

/// Cuts messages into frames and numbers them.
#[derive(Debug, Default)]
pub struct Cutter {
    next: u32,
}

impl Cutter {
    /// Cuts one message.
    ///
    /// # Errors
    /// [`Malformed::TooLong`] when it is beyond [`MESSAGE_BYTES_MAX`]: our own fault.
    pub fn cut(
        &mut self,
        channel: Channel,
        shop: u16,
        message: &[u8],
    ) -> Result<VecDeque<Vec<u8>>, Malformed> {
        if message.len() > MESSAGE_BYTES_MAX {
            return Err(Malformed::TooLong {
                what: "message",
                size: message.len(),
                max: MESSAGE_BYTES_MAX,
            });
        }
        let number = self.next;
        self.next = self.next.wrapping_add(1);
        let total = message.len() as u32;
        let frame = |offset: usize, payload: &[u8]| {
            let payload = payload.to_vec();
            Frame {
                channel,
                shop,
                message: number,
                offset: offset as u32,
                total,
                payload,
            }
            .to_bytes()
        };
        if message.is_empty() {
            return Ok(VecDeque::from([frame(0, &[])]));
        }
        let pieces = message.chunks(FRAME_PAYLOAD_MAX).enumerate();
        Ok(pieces
            .map(|(at, piece)| frame(at * FRAME_PAYLOAD_MAX, piece))
            .collect())
    }
}

/// A whole message, put together from frames.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Assembled {
    /// Which queue it came in.
    pub channel: Channel,
    /// The shop handle.
    pub shop: u16,
    /// The message.
    pub bytes: Vec<u8>,
}

/// Puts messages together. Bounded: at most [`MESSAGES_PARTIAL_MAX`] at a time.
///
/// Channels are ordered, so pieces of a message come in order; anything else is the peer's fault.
#[derive(Debug, Default)]
pub struct Assembler {
    partial: BTreeMap<(Channel, u32), Partial>,
}

#[derive(Debug)]
struct Partial {
    shop: u16,
    total: u32,
    bytes: Vec<u8>,
}

impl Assembler {
    /// Takes one frame; gives the message when it was the last piece.
    ///
    /// # Errors
    /// [`Malformed`]; the peer is at fault and the link should be closed.
    pub fn take(&mut self, frame: Frame) -> Result<Option<Assembled>, Malformed> {
        let key = (frame.channel, frame.message);
        if !self.partial.contains_key(&key) && self.partial.len() >= MESSAGES_PARTIAL_MAX {
            return Err(Malformed::Rule("too many messages begun at once"));
        }
        let partial = self.partial.entry(key).or_insert(Partial {
            shop: frame.shop,
            total: frame.total,
            bytes: Vec::new(),
        });
        if partial.shop != frame.shop || partial.total != frame.total {
            return Err(Malformed::Rule("pieces of one message disagree"));
        }
        if partial.bytes.len() != frame.offset as usize {
            return Err(Malformed::Rule(
                "a piece of a message is missing or repeated",
            ));
        }
        partial.bytes.extend_from_slice(&frame.payload);
        if partial.bytes.len() < frame.total as usize {
            return Ok(None);
        }
        Ok(self.partial.remove(&key).map(|done| Assembled {
            channel: frame.channel,
            shop: done.shop,
            bytes: done.bytes,
        }))
    }

    /// What has come of messages whose last piece has not, oldest first within a channel.
    pub fn begun(&self) -> impl Iterator<Item = (Channel, &[u8])> {
        let begun = self.partial.iter();
        begun.map(|((channel, _), partial)| (*channel, partial.bytes.as_slice()))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn through(message: &[u8]) -> Vec<Assembled> {
        let mut assembler = Assembler::default();
        let frames = Cutter::default().cut(Channel::Bulk, 3, message).unwrap();
        let take = |bytes: Vec<u8>| {
            assert!(bytes.len() <= FRAME_BYTES_MAX);
            assembler.take(Frame::from_bytes(&bytes).unwrap()).unwrap()
        };
        frames.into_iter().filter_map(take).collect()
    }

    #[test]
    fn messages_of_every_size_arrive_whole() {
        for size in [0, 1, FRAME_PAYLOAD_MAX, FRAME_PAYLOAD_MAX + 1, 100_000] {
            let message = vec![7; size];
            let arrived = through(&message);
            assert_eq!(arrived.len(), 1);
            assert_eq!(arrived[0].bytes, message);
            assert_eq!((arrived[0].channel, arrived[0].shop), (Channel::Bulk, 3));
        }
    }

    #[test]
    fn what_has_come_of_a_message_is_there_until_its_last_piece_comes() {
        let message: Vec<u8> = (0..40_000_u32).map(|at| at as u8).collect();
        let frames = Cutter::default().cut(Channel::Bulk, 0, &message).unwrap();
        let mut assembler = Assembler::default();
        for (come, frame) in (1..).zip(&frames) {
            assembler.take(Frame::from_bytes(frame).unwrap()).unwrap();
            let begun: Vec<_> = assembler.begun().collect();
            let so_far = message.get(..come * FRAME_PAYLOAD_MAX);
            let expected = so_far.map(|bytes| (Channel::Bulk, bytes));
            assert_eq!(begun, Vec::from_iter(expected));
        }
    }

    #[test]
    fn a_repeated_or_missing_piece_is_the_peers_fault() {
        let frames = Cutter::default()
            .cut(Channel::Live, 0, &[1; 40_000])
            .unwrap();
        let first = Frame::from_bytes(&frames[0]).unwrap();
        let last = Frame::from_bytes(&frames[2]).unwrap();
        let mut assembler = Assembler::default();
        assert_eq!(assembler.take(first.clone()), Ok(None));
        assert!(assembler.take(first.clone()).is_err());
        let mut assembler = Assembler::default();
        assert_eq!(assembler.take(first), Ok(None));
        assert!(assembler.take(last).is_err());
    }

    #[test]
    fn truncated_oversized_and_foreign_frames_are_refused() {
        assert!(Frame::from_bytes(&[]).is_err());
        assert!(Frame::from_bytes(&[FRAME_VERSION; FRAME_HEADER_BYTES - 1]).is_err());
        assert!(Frame::from_bytes(&vec![0; FRAME_BYTES_MAX + 1]).is_err());
        let mut bytes = Cutter::default().cut(Channel::Live, 0, b"x").unwrap()[0].clone();
        bytes[0] = 9;
        assert!(matches!(
            Frame::from_bytes(&bytes),
            Err(Malformed::Version { .. })
        ));
    }

    #[test]
    fn only_so_many_messages_may_be_begun() {
        let mut assembler = Assembler::default();
        let mut cutter = Cutter::default();
        for n in 0..=MESSAGES_PARTIAL_MAX {
            let frames = cutter.cut(Channel::Bulk, 0, &[1; 20_000]).unwrap();
            let result = assembler.take(Frame::from_bytes(&frames[0]).unwrap());
            assert_eq!(result.is_err(), n == MESSAGES_PARTIAL_MAX);
        }
    }
}
