//! HAIL: whatever bytes come from outside, and what must hold of each.
//!
//! One function for each target: it takes bytes, does with them what a device does, and panics
//! where a promise is broken. The fuzzer in `fuzz/` looks for such bytes; the tests here replay
//! what it found worth keeping. Its table of targets is `fuzz/README.md`.

mod body;
mod card;
mod control;
mod disk;
mod event;
mod frame;
mod handshake;
mod holdings;
mod import;
mod meeting;
mod membership;
mod message;
mod replica;
mod segment;
mod statement;
mod tape;
mod text;

/// Something that takes bytes from outside.
#[derive(Debug, Clone, Copy)]
pub struct Target {
    /// What people call it; the name of its program and of the folder of its corpus.
    pub name: &'static str,
    /// Takes the bytes. Panics where something does not hold that must.
    pub run: fn(&[u8]),
    /// Bytes as honest devices and people write them, to begin with.
    pub seeds: fn() -> Vec<Vec<u8>>,
}

/// Lists a target for each of these modules.
macro_rules! targets {
    ($($module:ident),* $(,)?) => {
        /// Every target, by name.
        pub const TARGETS: &[Target] = &[$(Target {
            name: stringify!($module),
            run: $module::run,
            seeds: $module::seeds,
        }),*];
    };
}

targets![
    body, card, control, disk, event, frame, handshake, holdings, import, meeting, membership,
    message, replica, segment, statement, text,
];

/// Gives a target the bytes, as its fuzzer does.
///
/// # Panics
/// Where a promise is broken, and without a target of this name.
pub fn run(name: &str, bytes: &[u8]) {
    let target = TARGETS.iter().find(|target| target.name == name);
    let target = target.unwrap_or_else(|| panic!("there is no target `{name}`"));
    (target.run)(bytes);
}
