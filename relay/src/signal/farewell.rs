//! Why the relay ends a connection: the code and the reason that the other end is told.

use base::meeting::REPLACED;

/// A reason to close a WebSocket.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Farewell {
    /// Us: the relay stops.
    Closing,
    /// Peer: the same device came again on another connection.
    Replaced,
    /// Peer: it does not read as fast as others write to it.
    TooSlow,
    /// Peer: a message could not be read, or broke a bound of its format.
    Malformed,
    /// Peer: too many messages in a second.
    TooFast,
    /// Peer: it said nothing for too long.
    Silent,
    /// Peer: one connection claims to be two devices.
    AnotherDevice,
    /// Us: connections, rooms or places in the room have run out, for all or for one address.
    Full,
}

impl Farewell {
    /// The close code: 1001 of RFC 6455, §7.4.1, or one of the private range from 4000.
    pub const fn code(self) -> u16 {
        match self {
            Self::Closing => 1001,
            Self::Replaced => REPLACED,
            Self::TooSlow => 4001,
            Self::Malformed => 4002,
            Self::TooFast => 4003,
            Self::Silent => 4004,
            Self::AnotherDevice => 4005,
            Self::Full => 4006,
        }
    }

    /// The reason in words, under 123 bytes.
    pub const fn reason(self) -> &'static str {
        match self {
            Self::Closing => "the relay stops",
            Self::Replaced => "the same device connected again",
            Self::TooSlow => "messages are not read fast enough",
            Self::Malformed => "a message could not be read",
            Self::TooFast => "too many messages in a second",
            Self::Silent => "nothing was heard for too long",
            Self::AnotherDevice => "one connection is one device",
            Self::Full => "there is no room left",
        }
    }
}
