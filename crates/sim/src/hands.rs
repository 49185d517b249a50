//! Hands that hold keys: the real cryptography, or a quick stand-in for long runs.

mod fast;
#[cfg(test)]
mod tests;
mod zone;

use base::{Answer, Effect, Random};
use seal::native::NativeKeys;

use crate::crypto::CryptoHands;
use fast::FastKeys;

/// Keys and time zones of one node.
///
/// All nodes of a world need the same kind: neither opens what the other sealed.
#[derive(Debug, Clone)]
pub struct Hands(Kind);

#[derive(Debug, Clone)]
enum Kind {
    Real(NativeKeys),
    Fast(FastKeys),
}

impl Hands {
    /// Ed25519, X25519, AES-GCM and Argon2id, byte for byte what tills do.
    pub fn real() -> Self {
        Self(Kind::Real(NativeKeys::new()))
    }

    /// A stand-in made of SHA-256, for thousands of seeds.
    ///
    /// Lengths are those of the real thing, and any altered byte, another key or another header
    /// fails like there. It keeps out accidents, not attackers: nothing is secret, and whoever
    /// knows a public key can sign for it. Nothing about secrecy may be concluded from it.
    pub fn fast() -> Self {
        Self(Kind::Fast(FastKeys::default()))
    }
}

impl CryptoHands for Hands {
    fn perform(&mut self, random: &mut dyn Random, effect: &Effect) -> Option<Answer> {
        if let Effect::Zone { name, around_ms } = effect {
            return Some(Answer::Zone(zone::offsets(name, *around_ms)));
        }
        match &mut self.0 {
            Kind::Real(keys) => keys.perform(random, effect),
            Kind::Fast(keys) => keys.perform(random, effect),
        }
    }

    fn restart(&mut self) {
        match &mut self.0 {
            Kind::Real(keys) => keys.restart(),
            Kind::Fast(keys) => keys.restart(),
        }
    }
}
