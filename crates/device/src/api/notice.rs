//! What a device tells whoever watches it.

use base::DeviceId;
use domain::money::Money;
use domain::sale::SaleId;

use super::{Refusal, Reply, RequestId};

/// A sale that was folded.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct FoldedSale {
    /// Which.
    pub id: SaleId,
    /// Its total.
    pub total: Money,
}

/// What a device tells whoever watches.
#[derive(Debug, Clone, PartialEq, Eq)]
#[expect(
    clippy::large_enum_variant,
    reason = "a notice is moved once and never kept in numbers"
)]
pub enum Notice {
    /// The state is there and the device can be used.
    Ready,
    /// A request is answered.
    Reply(RequestId, Reply),
    /// Something in [`Status`] changed.
    StatusChanged,
    /// Catalogue or settings changed.
    CatalogueChanged,
    /// Another device's products or stock came in.
    InventoryReceived {
        /// Who wrote them.
        device: DeviceId,
        /// How many products it is about.
        products: u32,
    },
    /// Sales were folded; our own or another till's. A block of history is told as one.
    Sales {
        /// Who made them.
        device: DeviceId,
        /// Which, at least one.
        sales: Vec<FoldedSale>,
    },
    /// A step of pairing.
    Pairing(PairingStep),
    /// A member is linked.
    PeerConnected(DeviceId),
    /// A member is not linked any more.
    PeerDisconnected(DeviceId),
    /// A member sent something that was not taken; nothing changed by it.
    LinkTrouble {
        /// Who.
        device: DeviceId,
        /// What people call it.
        name: String,
        /// What it sent.
        trouble: LinkTrouble,
    },
    /// Writes came that did not know each other; the losing ones are kept.
    ConflictsDetected {
        /// How many objects are in conflict now, more than before.
        conflicts: u64,
    },
    /// History is coming in.
    Progress {
        /// From whom.
        device: DeviceId,
        /// Entries here by now.
        done: u64,
        /// Entries in all.
        total: u64,
    },
    /// The store refused; nothing that was shown as paid is lost.
    StorageTrouble(String),
    /// A message of a member's script.
    Message {
        /// From whom.
        from: DeviceId,
        /// Free word.
        kind: String,
        /// JSON text.
        data: String,
    },
}

/// What a member sent that was not taken.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub enum LinkTrouble {
    /// Bytes that cannot be read, or that have no place there. The link was closed.
    Unreadable,
    /// Somebody who claimed to be this member could not prove it. The link was closed.
    Unproven,
    /// Entries that their author did not sign. The link was closed.
    Unsigned,
}

/// How far pairing is.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum PairingStep {
    /// The link is open; both screens show this code.
    Check {
        /// Six digits.
        code: String,
        /// What the other device calls itself.
        device_name: String,
        /// Whether this side is the owner, who has the button.
        approver: bool,
        /// The terminal code that would be given.
        suggested_terminal: Option<String>,
    },
    /// The newcomer is let in and receives what it needs to sell.
    Receiving {
        /// Entries here by now.
        done: u64,
        /// Entries in all.
        total: u64,
    },
    /// The newcomer can sell.
    Complete {
        /// The other device's name.
        device_name: String,
        /// The shop's name.
        shop_name: String,
    },
    /// It did not work; what happened and what to do.
    Failed(Refusal),
}
