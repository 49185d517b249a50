//! What the relay allows at most, each with its reason.

use std::time::Duration;

use base::limits::MEMBERS_MAX;

/// Bytes of the app that is served from memory; the whole app is a few megabytes.
pub const SITE_BYTES_MAX: u64 = 128 * 1024 * 1024;
/// Files of the app.
pub const SITE_FILES_MAX: usize = 4_096;
/// TLS handshakes that run at the same time: each costs a signature.
pub const HANDSHAKES_MAX: usize = 64;
/// TLS handshakes of one address at the same time: if they all stall, half the places are left.
pub const HANDSHAKES_PER_CALLER_MAX: usize = HANDSHAKES_MAX / 2;
/// How long a TLS handshake may take.
pub const HANDSHAKE_TIME_MAX: Duration = Duration::from_secs(10);
/// How long open requests may go on after the relay was told to stop.
pub const FAREWELL_TIME_MAX: Duration = Duration::from_secs(5);
/// How long a connection that is closed may take to hear why.
pub const FAREWELL_WAIT: Duration = Duration::from_secs(2);

/// Bounds of the meeting place. Tests make them small in order to hit them.
#[derive(Debug, Clone, Copy)]
pub struct MeetingBounds {
    /// Connections at `/signal`: a thousand devices, and the same again while they reconnect.
    pub connections: usize,
    /// Connections at `/signal` from one address: sixty devices behind one router, and the same
    /// again while they reconnect. It takes sixteen addresses to take every place.
    pub connections_per_caller: usize,
    /// Rooms that hold somebody: one for each shop.
    pub rooms: usize,
    /// Devices in one room.
    pub members_per_room: usize,
    /// Messages of one connection in one second. An offer to each of thirty links fits.
    pub messages_per_second: u32,
    /// Messages that wait for one slow reader; one more and it is put out.
    pub waiting_messages: usize,
    /// How often a silent connection is asked whether it lives.
    pub ping_interval: Duration,
    /// A connection that said nothing for this long is closed.
    pub silence: Duration,
    /// How long one message may take to leave.
    pub send_time: Duration,
}

impl Default for MeetingBounds {
    fn default() -> Self {
        Self {
            connections: 2_048,
            connections_per_caller: 128,
            rooms: 1_024,
            members_per_room: MEMBERS_MAX,
            messages_per_second: 64,
            waiting_messages: 256,
            ping_interval: Duration::from_secs(20),
            silence: Duration::from_secs(60),
            send_time: Duration::from_secs(10),
        }
    }
}
