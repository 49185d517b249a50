//! How many messages a connection may send in a second.

use std::time::{Duration, Instant};

/// Counts messages in windows of one second.
#[derive(Debug)]
pub struct Pace {
    messages_max: u32,
    messages: u32,
    window: Option<Instant>,
}

impl Pace {
    /// Allows `messages_max` in each second.
    pub const fn new(messages_max: u32) -> Self {
        Self {
            messages_max,
            messages: 0,
            window: None,
        }
    }

    /// Counts one more message; `false` when it is one too many.
    pub fn allows(&mut self, now: Instant) -> bool {
        let since = self
            .window
            .map(|start| now.saturating_duration_since(start));
        if since.is_none_or(|since| since >= Duration::from_secs(1)) {
            self.window = Some(now);
            self.messages = 0;
        }
        self.messages = self.messages.saturating_add(1);
        self.messages <= self.messages_max
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn one_message_too_many_is_refused_until_the_next_second() {
        let start = Instant::now();
        let mut pace = Pace::new(2);
        assert!(pace.allows(start));
        assert!(pace.allows(start + Duration::from_millis(999)));
        assert!(!pace.allows(start + Duration::from_millis(999)));
        assert!(pace.allows(start + Duration::from_secs(1)));
    }
}
