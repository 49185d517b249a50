//! The rooms of the house, and which doors each may open. The table of ARCHITECTURE.md as data.

/// One room.
pub struct Room {
    /// Its package.
    pub package: &'static str,
    /// Its folder.
    pub folder: &'static str,
    /// Rooms that it may name in its manifest.
    pub may_import: &'static [&'static str],
    /// Packages, ours or not, that must not be in what is built from it, not even through others.
    pub never_holds: &'static [&'static str],
    /// Whether it runs in a browser only.
    pub is_for_browser: bool,
}

/// What speaks to JavaScript or runs tasks: neither belongs into a room without either.
const HANDS: &[&str] = &[
    "js-sys",
    "web-sys",
    "wasm-bindgen-futures",
    "tokio",
    "leptos",
];

/// Rooms that take time and randomness as arguments and give the same bytes on every machine.
pub const PURE: [&str; 6] = ["base", "identity", "seal", "domain", "sync-core", "device"];

/// Every room.
pub const ROOMS: &[Room] = &[
    Room {
        package: "base",
        folder: "crates/base",
        may_import: &[],
        never_holds: HANDS,
        is_for_browser: false,
    },
    Room {
        package: "identity",
        folder: "crates/identity",
        may_import: &["base"],
        never_holds: HANDS,
        is_for_browser: false,
    },
    Room {
        package: "seal",
        folder: "crates/seal",
        may_import: &["base", "identity"],
        never_holds: HANDS,
        is_for_browser: false,
    },
    Room {
        package: "domain",
        folder: "crates/domain",
        may_import: &["base"],
        never_holds: HANDS,
        is_for_browser: false,
    },
    Room {
        package: "sync-core",
        folder: "crates/sync-core",
        may_import: &["base", "identity"],
        never_holds: HANDS,
        is_for_browser: false,
    },
    Room {
        package: "device",
        folder: "crates/device",
        may_import: &["base", "identity", "seal", "domain", "sync-core"],
        never_holds: HANDS,
        is_for_browser: false,
    },
    Room {
        package: "browser",
        folder: "crates/browser",
        may_import: &["base", "identity", "seal"],
        never_holds: &["domain", "sync-core", "device", "leptos"],
        is_for_browser: true,
    },
    Room {
        package: "sim",
        folder: "crates/sim",
        may_import: &["base", "identity", "seal", "device", "domain"],
        never_holds: &["browser", "js-sys", "web-sys"],
        is_for_browser: false,
    },
    Room {
        package: "inputs",
        folder: "crates/inputs",
        may_import: &[
            "base",
            "identity",
            "seal",
            "domain",
            "sync-core",
            "device",
            "sim",
        ],
        never_holds: &["browser", "js-sys", "web-sys"],
        is_for_browser: false,
    },
    Room {
        package: "tillmesh",
        folder: "src",
        may_import: &["base", "domain", "device", "browser"],
        never_holds: &["relay", "sim"],
        is_for_browser: true,
    },
    Room {
        package: "sw",
        folder: "sw",
        may_import: &["base", "identity", "browser"],
        never_holds: &["seal", "domain", "sync-core", "device", "leptos"],
        is_for_browser: true,
    },
    Room {
        package: "relay",
        folder: "relay",
        may_import: &["base", "identity", "sync-core"],
        never_holds: &["seal", "domain", "device", "browser", "aes-gcm"],
        is_for_browser: false,
    },
    Room {
        package: "xtask",
        folder: "xtask",
        may_import: &[],
        never_holds: &["seal", "domain", "device", "browser"],
        is_for_browser: false,
    },
];
