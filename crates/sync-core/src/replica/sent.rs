//! What was sent to whom since the start, and how much of it more than once.

use std::collections::BTreeMap;

use base::{DeviceId, LogId};

use crate::spans::{Span, Spans};

/// Entries sent to other devices, whatever link they went by.
#[derive(Debug, Default)]
pub(super) struct Sent {
    devices: BTreeMap<DeviceId, ToOne>,
}

#[derive(Debug, Default)]
struct ToOne {
    logs: BTreeMap<LogId, Spans>,
    again: u64,
}

impl Sent {
    /// Takes note that `span` goes out to a device.
    pub fn note(&mut self, device: DeviceId, log: LogId, span: Span) {
        let to = self.devices.entry(device).or_default();
        let sent = to.logs.entry(log).or_default();
        to.again = to.again.saturating_add(sent.count_in(span));
        sent.insert(span);
    }

    /// How many entries went to a device although they had gone to it before.
    pub fn again(&self, device: DeviceId) -> u64 {
        self.devices.get(&device).map_or(0, |to| to.again)
    }
}

#[cfg(test)]
mod tests {
    use base::Stream;

    use super::*;

    #[test]
    fn only_what_went_to_the_same_device_before_counts() {
        let (a, b) = (DeviceId([1; 16]), DeviceId([2; 16]));
        let log = LogId::new(a, Stream::Sales);
        let mut sent = Sent::default();
        sent.note(a, log, Span::new(1, 10));
        sent.note(b, log, Span::new(1, 10));
        assert_eq!((sent.again(a), sent.again(b)), (0, 0));
        sent.note(a, log, Span::new(8, 12));
        sent.note(a, LogId::new(a, Stream::Shop), Span::new(1, 2));
        assert_eq!((sent.again(a), sent.again(b)), (3, 0));
    }
}
