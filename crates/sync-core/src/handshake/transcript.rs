//! What both ends of a link sign.

use base::hash::{TAG_LINK, sha256};

use super::Role;

/// Both hellos, both fingerprints and the cards, hashed.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Transcript([u8; 32]);

impl Transcript {
    /// `offerer`, `answerer`: SHA-256 of the hello, and DTLS fingerprint. `cards`: SHA-256 of the
    /// offer and of the answer card.
    pub fn new(
        offerer: ([u8; 32], [u8; 32]),
        answerer: ([u8; 32], [u8; 32]),
        cards: Option<[[u8; 32]; 2]>,
    ) -> Self {
        let hellos = [offerer.0, answerer.0].concat();
        let fingerprints = [offerer.1, answerer.1].concat();
        let present = [u8::from(cards.is_some())];
        let cards = cards.map(|cards| cards.concat()).unwrap_or_default();
        Self(sha256(&[TAG_LINK, &hellos, &fingerprints, &present, &cards]).0)
    }

    /// The hash, the same at both ends.
    pub const fn hash(&self) -> [u8; 32] {
        self.0
    }

    /// What one side signs: the role keeps its signature from serving the other side.
    pub fn signed_bytes(&self, role: Role) -> Vec<u8> {
        [TAG_LINK, &[role.into()], &self.0].concat()
    }
}
