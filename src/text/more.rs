//! The page of everything else.

pub const TITLE: &str = "More";
pub const INSTALL: &str = "Install the app";
pub const INSTALL_NOTE: &str =
    "Puts the till on the home screen; it then starts without a network.";
pub const PERMISSIONS: &str = "Permissions";
pub const PERMISSIONS_NOTE: &str = "Keeping the data, camera, local network, notifications.";
pub const RECOVERY: &str = "Recover the shop with twelve words";
pub const RECOVERY_NOTE: &str = "Makes this device the owner's, when the owner's one is lost.";
pub const ABOUT: &str = "About";
pub const VERSION: &str = "Version";
pub const SHOP: &str = "Shop";
pub const DEVICE: &str = "This device";
pub const NUMBERS: &str = "What this device holds";
pub const ENTRIES: &str = "Entries";
pub const SALES: &str = "Sales";
pub const PRODUCTS: &str = "Products";
pub const CONFLICTS: &str = "Conflicts";
pub const WAITING: &str = "Waiting";
pub const QUARANTINED: &str = "Kept aside";
