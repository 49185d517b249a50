//! The meeting place for offers: what a device and the relay say to each other at `/signal`.
//!
//! A WebSocket carries binary messages, one value each, in CBOR. A device joins the room of each
//! of its shops and then sends sealed bytes to other devices that are there. The relay forwards
//! them to exactly that device, keeps nothing, and can open none of it. Leaving is closing the
//! socket. What does not decode, encode to the same bytes or keep a bound closes the socket of
//! whoever sent it, and no other.

use core::ops::Range;

use minicbor::{Decode, Encode};

use crate::DeviceId;
use crate::cbor;
use crate::error::Malformed;
use crate::limits::{MEMBERS_MAX, SIGNAL_BYTES_MAX};

/// The path of the WebSocket at the relay that serves the app.
pub const PATH: &str = "/signal";
/// Rooms that one connection may be in: a device with more shops opens another.
pub const ROOMS_PER_CONNECTION_MAX: usize = 16;
/// Longest message to the relay: one signal and its wrapping.
pub const REQUEST_BYTES_MAX: usize = SIGNAL_BYTES_MAX + 32;
/// Longest message from the relay: everybody in a full room, 17 bytes each, and its wrapping.
pub const REPORT_BYTES_MAX: usize = MEMBERS_MAX * (DeviceId::LEN + 1) + 32;
/// How the relay closes a connection whose device came again on another one: a close code of the
/// range that RFC 6455, §7.4.2 leaves to applications.
pub const REPLACED: u16 = 4000;
/// How long whoever was put out for that stays away, milliseconds: a machine that runs as the same
/// device has the room to itself for so long, and is linked in it.
pub const PUSHED_OUT_MS: Range<u64> = 4_000..8_000;

const _: () = assert!(
    REQUEST_BYTES_MAX < REPORT_BYTES_MAX,
    "a passed-on signal fits a report"
);

/// The name of a room: a tagged hash of the shop's id, which the relay is never told.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Encode, Decode)]
#[cbor(transparent)]
pub struct RoomName(#[cbor(with = "minicbor::bytes")] pub [u8; 16]);

/// What a device asks of the relay.
#[derive(Debug, Clone, PartialEq, Eq, Encode, Decode)]
#[cbor(flat)]
pub enum MeetingRequest {
    /// Come into a room: `[0, room, device]`. A connection is one device in all its rooms.
    ///
    /// Answered by [`MeetingReport::Joined`]. The same device on an older connection is put out of
    /// the room, and that connection is closed.
    #[n(0)]
    Join {
        /// Which room.
        #[n(0)]
        room: RoomName,
        /// Who comes. The relay believes it; the seal of what is sent proves it.
        #[n(1)]
        device: DeviceId,
    },
    /// Pass sealed bytes on: `[1, to, sealed]`. Forgotten when `to` shares no room with us now.
    #[n(1)]
    Send {
        /// To whom.
        #[n(0)]
        to: DeviceId,
        /// At most [`SIGNAL_BYTES_MAX`] bytes.
        #[cbor(n(1), with = "minicbor::bytes")]
        sealed: Vec<u8>,
    },
}

/// What the relay tells a device.
#[derive(Debug, Clone, PartialEq, Eq, Encode, Decode)]
#[cbor(flat)]
pub enum MeetingReport {
    /// You are in the room: `[0, room, [device, …]]`.
    #[n(0)]
    Joined {
        /// Which room.
        #[n(0)]
        room: RoomName,
        /// Who else is there now, sorted, at most [`MEMBERS_MAX`].
        #[n(1)]
        present: Vec<DeviceId>,
    },
    /// Somebody came into a room of yours, or came again: `[1, device]`.
    #[n(1)]
    Arrived {
        /// Who.
        #[n(0)]
        device: DeviceId,
    },
    /// Somebody in a room of yours sent you this: `[2, from, sealed]`.
    #[n(2)]
    Received {
        /// Who says so.
        #[n(0)]
        from: DeviceId,
        /// At most [`SIGNAL_BYTES_MAX`] bytes.
        #[cbor(n(1), with = "minicbor::bytes")]
        sealed: Vec<u8>,
    },
}

impl MeetingRequest {
    /// The bytes of one message.
    pub fn to_bytes(&self) -> Vec<u8> {
        cbor::encode(self)
    }

    /// Reads one message.
    ///
    /// # Errors
    /// [`Malformed`]; the device that sent it is at fault.
    pub fn from_bytes(bytes: &[u8]) -> Result<Self, Malformed> {
        let request: Self = cbor::decode(bytes, "request to the meeting place")?;
        match &request {
            Self::Send { sealed, .. } => within_bound(sealed).map(|()| request),
            Self::Join { .. } => Ok(request),
        }
    }
}

impl MeetingReport {
    /// The bytes of one message.
    pub fn to_bytes(&self) -> Vec<u8> {
        cbor::encode(self)
    }

    /// Reads one message.
    ///
    /// # Errors
    /// [`Malformed`]; the relay is at fault.
    pub fn from_bytes(bytes: &[u8]) -> Result<Self, Malformed> {
        let report: Self = cbor::decode(bytes, "report of the meeting place")?;
        match &report {
            Self::Received { sealed, .. } => within_bound(sealed).map(|()| report),
            Self::Joined { present, .. } if present.len() > MEMBERS_MAX => {
                Err(Malformed::TooLong {
                    what: "list of who is present",
                    size: present.len(),
                    max: MEMBERS_MAX,
                })
            }
            Self::Joined { .. } | Self::Arrived { .. } => Ok(report),
        }
    }
}

fn within_bound(sealed: &[u8]) -> Result<(), Malformed> {
    if sealed.len() <= SIGNAL_BYTES_MAX {
        return Ok(());
    }
    Err(Malformed::TooLong {
        what: "signal",
        size: sealed.len(),
        max: SIGNAL_BYTES_MAX,
    })
}

#[cfg(test)]
mod tests {
    use data_encoding::HEXLOWER;

    use super::*;

    const ROOM: RoomName = RoomName([0xaa; 16]);
    const FRONT: DeviceId = DeviceId([0x01; 16]);
    const BACK: DeviceId = DeviceId([0x02; 16]);

    #[track_caller]
    fn check_request(request: MeetingRequest, golden: &str) {
        assert_eq!(HEXLOWER.encode(&request.to_bytes()), golden);
        assert_eq!(MeetingRequest::from_bytes(&request.to_bytes()), Ok(request));
    }

    #[track_caller]
    fn check_report(report: MeetingReport, golden: &str) {
        assert_eq!(HEXLOWER.encode(&report.to_bytes()), golden);
        assert_eq!(MeetingReport::from_bytes(&report.to_bytes()), Ok(report));
    }

    fn hex(byte: &str) -> String {
        byte.repeat(16)
    }

    #[test]
    fn requests_keep_their_bytes() {
        let join = MeetingRequest::Join {
            room: ROOM,
            device: FRONT,
        };
        check_request(join, &format!("830050{}50{}", hex("aa"), hex("01")));
        let send = MeetingRequest::Send {
            to: BACK,
            sealed: vec![7, 8, 9],
        };
        check_request(send, &format!("830150{}43070809", hex("02")));
    }

    #[test]
    fn reports_keep_their_bytes() {
        let joined = MeetingReport::Joined {
            room: ROOM,
            present: vec![FRONT, BACK],
        };
        let golden = format!("830050{}8250{}50{}", hex("aa"), hex("01"), hex("02"));
        check_report(joined, &golden);
        let arrived = MeetingReport::Arrived { device: BACK };
        check_report(arrived, &format!("820150{}", hex("02")));
        let received = MeetingReport::Received {
            from: FRONT,
            sealed: vec![7, 8, 9],
        };
        check_report(received, &format!("830250{}43070809", hex("01")));
    }

    #[test]
    fn a_signal_of_the_longest_size_passes_and_one_byte_more_does_not() {
        let send = |length| {
            MeetingRequest::Send {
                to: BACK,
                sealed: vec![0; length],
            }
            .to_bytes()
        };
        assert!(send(SIGNAL_BYTES_MAX).len() <= REQUEST_BYTES_MAX);
        assert!(MeetingRequest::from_bytes(&send(SIGNAL_BYTES_MAX)).is_ok());
        assert!(MeetingRequest::from_bytes(&send(SIGNAL_BYTES_MAX + 1)).is_err());
    }

    #[test]
    fn a_full_room_fits_a_report() {
        let present = vec![FRONT; MEMBERS_MAX];
        let joined = MeetingReport::Joined {
            room: ROOM,
            present,
        };
        assert!(joined.to_bytes().len() <= REPORT_BYTES_MAX);
    }

    #[test]
    fn truncated_and_trailing_bytes_are_refused() {
        let good = MeetingRequest::Join {
            room: ROOM,
            device: FRONT,
        }
        .to_bytes();
        for length in 0..good.len() {
            assert!(MeetingRequest::from_bytes(&good[..length]).is_err());
        }
        assert!(MeetingRequest::from_bytes(&[&good[..], &[0]].concat()).is_err());
    }
}
