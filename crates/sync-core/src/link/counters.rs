//! How much went through a link.

/// Counters of one link since it opened.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub struct Counters {
    /// Frames sent.
    pub frames_out: u64,
    /// Frames received.
    pub frames_in: u64,
    /// Bytes of frames sent.
    pub bytes_out: u64,
    /// Bytes of frames received.
    pub bytes_in: u64,
    /// Messages sent.
    pub messages_out: u64,
    /// Messages received.
    pub messages_in: u64,
    /// Messages of kinds that only a newer release knows.
    pub passed_over: u64,
}

impl Counters {
    /// Adds what went through another link.
    pub fn add(&mut self, other: &Self) {
        self.frames_out += other.frames_out;
        self.frames_in += other.frames_in;
        self.bytes_out += other.bytes_out;
        self.bytes_in += other.bytes_in;
        self.messages_out += other.messages_out;
        self.messages_in += other.messages_in;
        self.passed_over += other.passed_over;
    }

    pub(super) fn sent(&mut self, frames: impl Iterator<Item = usize>) {
        self.messages_out += 1;
        for bytes in frames {
            self.frames_out += 1;
            self.bytes_out += bytes as u64;
        }
    }

    pub(super) fn came(&mut self, bytes: usize) {
        self.frames_in += 1;
        self.bytes_in += bytes as u64;
    }
}
