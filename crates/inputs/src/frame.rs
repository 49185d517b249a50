//! Frames and the messages that are put together from them.

use base::frame::{Assembled, Assembler, Cutter, FRAME_PAYLOAD_MAX, Frame};
use base::limits::{FRAME_BYTES_MAX, MESSAGE_BYTES_MAX};
use base::machine::Channel;

use crate::tape::{Tape, piece};

/// Frames as a link brings them: a byte that tells whole frames from a message to cut, then
/// pieces. A frame that is read is written as it came; what is put together is as long as its
/// frames said; what is cut comes together again.
pub fn run(bytes: &[u8]) {
    let mut tape = Tape::new(bytes);
    if tape.flag() {
        return there_and_back(tape.rest());
    }
    let mut assembler = Assembler::default();
    while !tape.is_used_up() {
        let raw = tape.piece();
        let Ok(frame) = Frame::from_bytes(raw) else {
            assert!(assembles_alone(raw).is_none());
            return;
        };
        assert_eq!(frame.to_bytes(), raw);
        let total = frame.total as usize;
        match assembler.take(frame) {
            Ok(Some(whole)) => assert_eq!(whole.bytes.len(), total),
            Ok(None) => {}
            // The link is closed.
            Err(_) => return,
        }
    }
}

fn assembles_alone(raw: &[u8]) -> Option<Assembled> {
    Assembler::default()
        .take(Frame::from_bytes(raw).ok()?)
        .ok()?
}

fn there_and_back(message: &[u8]) {
    // Longer messages than anybody mutates, from a few bytes.
    let times = message
        .first()
        .map_or(1, |times| 1 + usize::from(*times) * 4);
    let message = message.repeat(times);
    let cut = Cutter::default().cut(Channel::Live, 7, &message);
    assert_eq!(cut.is_ok(), message.len() <= MESSAGE_BYTES_MAX);
    let Ok(frames) = cut else { return };
    assert_eq!(
        frames.len(),
        message.len().div_ceil(FRAME_PAYLOAD_MAX).max(1)
    );
    let mut assembler = Assembler::default();
    let mut arrived = Vec::new();
    for raw in frames {
        assert!(raw.len() <= FRAME_BYTES_MAX);
        let frame = Frame::from_bytes(&raw).expect("what we cut can be read");
        let whole = assembler.take(frame).expect("what we cut fits together");
        arrived.extend(whole);
    }
    let whole = Assembled {
        channel: Channel::Live,
        shop: 7,
        bytes: message,
    };
    assert_eq!(arrived, [whole]);
}

/// A message in one frame, one in two, two that come at the same time, one to be cut.
pub fn seeds() -> Vec<Vec<u8>> {
    let cut = |channel, length| {
        let frames = Cutter::default().cut(channel, 3, &vec![7; length]);
        frames.expect("it is short enough")
    };
    let tape = |frames: Vec<Vec<u8>>| {
        let pieces: Vec<u8> = frames.iter().flat_map(|frame| piece(frame)).collect();
        [vec![0], pieces].concat()
    };
    let small = |channel, at: u32| {
        let payload = vec![u8::try_from(at).expect("it is small")];
        let (shop, message, total) = (1, 9, 2);
        Frame {
            channel,
            shop,
            message,
            offset: at,
            total,
            payload,
        }
        .to_bytes()
    };
    vec![
        tape(cut(Channel::Control, 0).into()),
        tape(cut(Channel::Control, 5).into()),
        tape(cut(Channel::Bulk, FRAME_PAYLOAD_MAX + 1).into()),
        tape(vec![
            small(Channel::Live, 0),
            small(Channel::Bulk, 0),
            small(Channel::Live, 1),
            small(Channel::Bulk, 1),
        ]),
        vec![1, 255, 3],
        [vec![1, 200], vec![1; 2_000]].concat(),
    ]
}
