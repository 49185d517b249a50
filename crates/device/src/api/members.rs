//! Who is in the shop, who was put out, and what waits for whom.

use base::DeviceId;
use base::machine::Channel;
use identity::role::DeviceRole;

/// A member of the shop.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Member {
    /// Which device.
    pub device: DeviceId,
    /// What people call it.
    pub name: String,
    /// What it may do.
    pub role: DeviceRole,
    /// Its terminal code.
    pub terminal: Option<String>,
    /// Whether it is this device.
    pub this_device: bool,
    /// Whether this device may put it out: it is an owner's and stands above it.
    pub below: bool,
    /// Whether it is linked right now.
    pub linked: bool,
    /// Whether all its machines that have asked were let in as other devices.
    pub succeeded: bool,
    /// When it was last heard of, milliseconds since 1970.
    pub last_heard_ms: Option<u64>,
    /// When neither of the two lacked anything of the other's for the last time, milliseconds
    /// since 1970; `None` when never since this device was opened.
    pub last_sync_ms: Option<u64>,
    /// Round-trip time of the link, milliseconds.
    pub round_trip_ms: Option<u32>,
    /// Entries that it lacks of what we hold, as far as it told us.
    pub lacks: u64,
    /// Entries that we lack of what it holds.
    pub we_lack: u64,
}

/// A device that runs twice: its profile was copied, or its disk put back.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct CopiedDevice {
    /// Which.
    pub device: DeviceId,
    /// What people call it.
    pub name: String,
    /// Whether it is this device.
    pub this_device: bool,
    /// The devices that machines which it runs on ask to be.
    pub machines: Vec<DeviceId>,
    /// Whether it is an owner's: such a one can only be put out, and added anew.
    pub of_owner: bool,
}

/// A device that was put out.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct PutOutDevice {
    /// Which.
    pub device: DeviceId,
    /// What people called it.
    pub name: String,
    /// Its terminal code, if it sold.
    pub terminal: Option<String>,
    /// Sales and stock of its that came after it was put out: they are kept and not counted.
    pub late: u64,
}

/// Entries that follow each other and are not counted for one reason, alike on every device.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct NotCounted {
    /// Who wrote them.
    pub device: DeviceId,
    /// What people call it.
    pub name: String,
    /// The topic, as `transaction`.
    pub topic: &'static str,
    /// Number of the first entry in its log.
    pub first: u64,
    /// Number of the last entry.
    pub last: u64,
    /// The reason, in the owner's words; what goes before it is "it".
    pub why: &'static str,
}

/// How fresh what we hold of a selling device is.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Heard {
    /// Which device.
    pub device: DeviceId,
    /// Its name.
    pub name: String,
    /// Its terminal code.
    pub terminal: String,
    /// Whether it is linked right now.
    pub linked: bool,
    /// When it was last heard of, milliseconds since 1970; `None` when never.
    pub last_heard_ms: Option<u64>,
}

/// What waits for a member.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct WaitingFor {
    /// Whom it waits for.
    pub device: DeviceId,
    /// Its name.
    pub name: String,
    /// The topic, as `transaction`.
    pub topic: &'static str,
    /// How many entries.
    pub entries: u64,
    /// When the oldest was made, milliseconds since 1970.
    pub created_at_ms: Option<u64>,
    /// Which queue it travels in.
    pub priority: Channel,
    /// How often a connection was tried.
    pub retries: u32,
    /// When the last of our own entries among them became durable on another member, milliseconds
    /// since 1970 by that member's clock; `None` while one of them is only here, and where
    /// others wrote all of them.
    pub peer_acked_at_ms: Option<u64>,
}
