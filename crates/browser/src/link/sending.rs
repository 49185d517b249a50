//! One data channel's way out: frames wait here while the browser's buffer is full.

use std::cell::{Cell, RefCell};
use std::collections::VecDeque;

use base::limits::SEND_QUEUE_BYTES_MAX;
use web_sys::{RtcDataChannel, RtcDataChannelState};

use crate::error::BrowserError;

/// No more is handed to the browser above this; Chrome throws at 16 MiB.
const BUFFERED_BYTES_HIGH: u32 = 1024 * 1024;
/// The browser tells when its buffer has sunk to this.
pub(super) const BUFFERED_BYTES_LOW: u32 = 256 * 1024;

const _: () = assert!(BUFFERED_BYTES_LOW < BUFFERED_BYTES_HIGH);

/// The frames of one channel, in order.
pub(super) struct Sending {
    channel: RtcDataChannel,
    waiting: RefCell<VecDeque<Vec<u8>>>,
    waiting_bytes: Cell<usize>,
}

impl Sending {
    pub(super) fn new(channel: RtcDataChannel) -> Self {
        Self {
            channel,
            waiting: RefCell::default(),
            waiting_bytes: Cell::default(),
        }
    }

    /// Sends a frame, or lets it wait.
    ///
    /// Fails when more than [`SEND_QUEUE_BYTES_MAX`] wait: the other side is too slow to be of use.
    pub(super) fn send(&self, frame: Vec<u8>) -> Result<(), BrowserError> {
        let bytes = self.waiting_bytes.get() + frame.len();
        if bytes > SEND_QUEUE_BYTES_MAX {
            return Err(BrowserError::Peer("nothing back for too many frames"));
        }
        self.waiting_bytes.set(bytes);
        self.waiting.borrow_mut().push_back(frame);
        self.drain()
    }

    /// Hands over what the browser's buffer takes. Called again when it has sunk.
    pub(super) fn drain(&self) -> Result<(), BrowserError> {
        let mut waiting = self.waiting.borrow_mut();
        while self.channel.ready_state() == RtcDataChannelState::Open
            && self.channel.buffered_amount() < BUFFERED_BYTES_HIGH
        {
            let Some(frame) = waiting.pop_front() else {
                break;
            };
            self.waiting_bytes
                .set(self.waiting_bytes.get() - frame.len());
            self.channel.send_with_u8_array(&frame)?;
        }
        Ok(())
    }
}
