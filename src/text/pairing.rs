//! Joining a shop, adding a device, linking two devices again.

use device::api::DeviceRole;

pub const JOIN_TITLE: &str = "Join a shop";
pub const JOIN_LEAD: &str = "You need a device of the shop beside you, with its owner signed in.";
pub const DEVICE_NAME: &str = "What this device is called";
pub const DEVICE_NAME_NOTE: &str = "For example: Till 2. The owner can change it.";
pub const DEVICE_NAME_NEEDED: &str = "Give the device a name first.";
pub const MAKE_CARD: &str = "Make this device's card";

pub const JOIN_STEPS: &[&str] = &["Show this card", "Scan the answer", "Compare codes"];
pub const ADD_STEPS: &[&str] = &["Scan the new device", "Show the answer", "Compare codes"];

pub const SHOW_OFFER: &str =
    "On the owner's device, open Devices, tap Add a device, and scan this.";
pub const SHOW_ANSWER: &str = "Let the other device scan this answer.";
pub const SHOW_RECONNECT: &str =
    "On the other device, open Devices, tap Link again, and scan this.";
pub const NEXT_SCAN: &str = "Next: scan the answer";
pub const SHOW_CARD_AGAIN: &str = "Show this card again";
pub const SCAN_ANSWER: &str = "Scan the answer card on the owner's screen.";
pub const SCAN_OFFER: &str = "Scan the card on the other device's screen.";

pub const CARD: &str = "Pairing card";
pub const CARD_TEXT: &str = "Card text";
pub const NO_CAMERA: &str = "No camera? Copy the card's text";
pub const COPY_CARD: &str = "Copy the card text";
pub const COPIED: &str = "Copied";
pub const PASTE: &str = "Card text from the other device";
pub const PASTE_NOTE: &str = "Paste it here, or let a hand scanner type it.";
pub const USE_CARD: &str = "Use this card";
pub const OPEN_CAMERA: &str = "Scan with the camera";
pub const CLOSE_CAMERA: &str = "Close the camera";
pub const CAMERA_VIEW: &str = "What the camera sees";
pub const CARD_NEEDED: &str = "Paste the card's text first. It begins with TILLMESH.";

pub const CODE: &str = "Check code";
pub const COMPARE: &str = "Both screens must show this code. If they differ, cancel.";
pub const COMPARE_NEWCOMER: &str =
    "The other screen must show the same code. Its owner lets this device in with one tap.";
pub const WAIT_OWNER: &str = "Waiting for the owner";
pub const WAIT_LINK: &str = "Waiting for the other device";
pub const APPROVE: &str = "Codes match: add this till";
pub const APPROVING: &str = "Adding";
pub const ROLE: &str = "Role";
pub const ROLES: [(DeviceRole, &str); 5] = [
    (DeviceRole::Till, "Till: sells"),
    (DeviceRole::Stock, "Stock: receives and counts goods"),
    (DeviceRole::Viewer, "Viewer: sees the day, changes nothing"),
    (DeviceRole::Office, "Office: prices and reports"),
    (DeviceRole::Owner, "Owner: everything"),
];
pub const NAME: &str = "Name";
pub const TERMINAL: &str = "Till code";
pub const TERMINAL_NOTE: &str = "Stands on its receipts. Never used again for another till.";
pub const RECEIVING: &str = "Receiving prices, staff and settings";
pub const STOP: &str = "Cancel pairing";
pub const START_AGAIN: &str = "Start again";
pub const START_SELLING: &str = "Start selling";
pub const BACK_TO_DEVICES: &str = "Back to Devices";

pub const ADD_TITLE: &str = "Add a device";
pub const ADD_LEAD: &str =
    "On the new device, open this app, tap Join a shop, and keep its card on the screen.";
pub const LINK_TITLE: &str = "Link again";
pub const LINK_LEAD: &str = "Two devices of the shop that lost each other link again by showing each other a card. Nothing is lost meanwhile.";
pub const LINK_SHOW: &str = "Show this device's card";
pub const LINK_SCAN: &str = "Scan the other device's card";

pub fn joined(shop: &str) -> String {
    format!("This device belongs to {shop}")
}

pub fn added(device: &str) -> String {
    format!("{device} is in")
}

pub const JOINED_NEXT: &str =
    "It has the prices, the staff and the settings, and can sell, with or without a network.";
pub const ADDED_NEXT: &str = "It is receiving prices, staff and settings, and says itself when it can sell. Leave both on until then.";
pub const LINKED: &str = "Linked again";
pub const LINKED_NEXT: &str = "What each of the two lacked is on its way.";

/// What people call a device's role in a list.
pub fn role_name(role: DeviceRole) -> &'static str {
    match role {
        DeviceRole::Owner => "Owner",
        DeviceRole::Office => "Office",
        DeviceRole::Till => "Till",
        DeviceRole::Stock => "Stock",
        DeviceRole::Viewer => "Viewer",
        DeviceRole::Relay => "Relay",
    }
}
