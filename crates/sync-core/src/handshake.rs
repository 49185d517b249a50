//! How two devices prove their keys to each other before a link carries anything else.
//!
//! Both send a [`Hello`] with a commitment to a nonce, then the nonce, then a signature over
//! their role, both hellos, both DTLS fingerprints and the cards, if there are cards. So a
//! handshake belongs to one connection and one pair of devices; it cannot be replayed, cut in the
//! middle or sent back. Nonces are committed to before they are known, so that nobody can search
//! for one that makes two check codes look alike (the idea: ZRTP, RFC 6189 §4.4).

use std::collections::VecDeque;

use base::effect::PublicKeys;
use base::hash::{TAG_COMMITMENT, hmac_sha256, sha256};
use base::limits::{EARLY_BYTES_MAX, SHOPS_MAX};
use base::{DeviceId, Random, ShopId};

use crate::error::Fault;
use crate::message::{Hello, Message, PROTOCOL_VERSION};

mod shops;
mod transcript;

pub use transcript::Transcript;

/// Who made the offer.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Role {
    /// This side.
    Offerer,
    /// The other side.
    Answerer,
}

impl Role {
    /// The role of the other side.
    pub const fn other(self) -> Self {
        match self {
            Self::Offerer => Self::Answerer,
            Self::Answerer => Self::Offerer,
        }
    }
}

/// The two cards that were shown, where a link began with cards.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Cards {
    /// SHA-256 of the offer card's bytes.
    pub offer: [u8; 32],
    /// SHA-256 of the answer card's bytes.
    pub answer: [u8; 32],
    /// Derived from both cards' secrets: who has not seen both screens cannot know it.
    pub proof_key: [u8; 32],
}

/// What a handshake begins with.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Setup {
    /// Who made the offer.
    pub role: Role,
    /// Our public keys.
    pub keys: PublicKeys,
    /// SHA-256 fingerprint of our DTLS certificate (or of our side of a relay's challenge).
    pub local: [u8; 32],
    /// The other side's.
    pub remote: [u8; 32],
    /// Rises with every start of this device.
    pub session: u64,
    /// Our reader version.
    pub reader: u16,
    /// Our shops, at most [`SHOPS_MAX`]; what is beyond is not spoken of.
    pub shops: Vec<ShopId>,
    /// The cards, where there are cards.
    pub cards: Option<Cards>,
    /// Who must be there, where a card or an offer said so.
    pub expected: Option<DeviceId>,
}

/// A shop that both are in.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct SharedShop {
    /// What stands in frames: the index in the offerer's list.
    pub handle: u16,
    /// The shop.
    pub shop: ShopId,
}

/// What a finished handshake has shown.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Established {
    /// The other device.
    pub peer: DeviceId,
    /// Its public keys.
    pub keys: PublicKeys,
    /// Shops that both are in, by handle. Whether the peer is a member is another question.
    pub shops: Vec<SharedShop>,
    /// The peer's session number.
    pub session: u64,
    /// The lower of both protocol versions.
    pub protocol: u16,
    /// The peer's reader version.
    pub reader: u16,
    /// Feature bits that both have.
    pub features: u64,
    /// What both have signed, without the role.
    pub transcript: [u8; 32],
    /// The offerer's and the answerer's nonce: the check code is made from them.
    pub nonces: [[u8; 32]; 2],
    /// Whether both have seen the same two cards.
    pub with_cards: bool,
    /// What the peer said before we were ready: shop handle and message, in order.
    pub early: Vec<(u16, Message)>,
}

/// What a handshake wants done.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum HandshakeAction {
    /// Send this in the control channel, with `base::frame::NO_SHOP`.
    Send(Message),
    /// Sign this with the device's identity; then [`Handshake::signed`].
    Sign(Vec<u8>),
    /// Check this signature; then [`Handshake::verified`].
    Verify {
        /// The peer's Ed25519 public key.
        public: [u8; 32],
        /// What it must have signed.
        message: Vec<u8>,
        /// Its signature.
        signature: [u8; 64],
    },
    /// Done; the last action.
    Established(Box<Established>),
}

/// Feature bits of this release.
const FEATURES: u64 = 0;

/// The handshake of one link.
#[derive(Debug)]
pub struct Handshake {
    setup: Setup,
    nonce: [u8; 32],
    ours: (Hello, Vec<u8>),
    theirs: Option<(Hello, Vec<u8>)>,
    their_nonce: Option<[u8; 32]>,
    signature_asked: bool,
    proof_sent: bool,
    proof_came: bool,
    verified: bool,
    early: Vec<(u16, Message)>,
    early_bytes: usize,
    actions: VecDeque<HandshakeAction>,
}

impl Handshake {
    /// Begins: the first action sends our hello.
    pub fn begin(setup: Setup, random: &mut dyn Random) -> Self {
        let nonce = random.bytes::<32>();
        let salt = random.bytes::<16>();
        let hello = Hello {
            protocol: PROTOCOL_VERSION,
            reader: setup.reader,
            features: FEATURES,
            ed25519: setup.keys.ed25519,
            x25519: setup.keys.x25519,
            commitment: commitment(&nonce),
            session: setup.session,
            salt,
            shops: shops::hints(&salt, setup.shops.iter().take(SHOPS_MAX)),
        };
        let bytes = hello.to_bytes();
        let send = HandshakeAction::Send(Message::Hello(bytes.clone()));
        Self {
            setup,
            nonce,
            ours: (hello, bytes),
            theirs: None,
            their_nonce: None,
            signature_asked: false,
            proof_sent: false,
            proof_came: false,
            verified: false,
            early: Vec::new(),
            early_bytes: 0,
            actions: VecDeque::from([send]),
        }
    }

    /// The next thing to do.
    pub fn poll(&mut self) -> Option<HandshakeAction> {
        self.actions.pop_front()
    }

    /// Takes a message of the peer. `shop`: the handle in its frame.
    ///
    /// # Errors
    /// A [`Fault`] of the peer; the link is to be closed.
    pub fn message(&mut self, shop: u16, message: Message) -> Result<(), Fault> {
        match message {
            Message::Hello(bytes) if self.theirs.is_none() => self.hello(bytes),
            Message::Reveal(nonce) if self.their_nonce.is_none() => self.reveal(nonce),
            Message::Proof { signature, code } if !self.proof_came => self.proof(signature, code),
            // The peer may be ready while its signature is still being checked here.
            other if self.proof_came => self.early(shop, other),
            other => Err(Fault::PeerOutOfTurn(other.word())),
        }
    }

    /// Keeps what came too early, as far as anybody may say anything before they are known.
    fn early(&mut self, shop: u16, message: Message) -> Result<(), Fault> {
        self.early_bytes += message.to_bytes().len();
        if self.early.len() >= 2 * SHOPS_MAX || self.early_bytes > EARLY_BYTES_MAX {
            return Err(Fault::PeerOutOfTurn(message.word()));
        }
        self.early.push((shop, message));
        Ok(())
    }

    /// Takes our signature.
    pub fn signed(&mut self, signature: [u8; 64]) {
        let Some(transcript) = self.transcript().filter(|_| !self.proof_sent) else {
            return;
        };
        let code = self.code(&transcript, self.setup.role);
        self.proof_sent = true;
        self.actions
            .push_back(HandshakeAction::Send(Message::Proof { signature, code }));
        self.finish();
    }

    /// Takes the verdict on the peer's signature.
    ///
    /// # Errors
    /// [`Fault::PeerForged`] when it is wrong.
    pub fn verified(&mut self, right: bool) -> Result<(), Fault> {
        if !right {
            return Err(Fault::PeerForged);
        }
        self.verified = self.proof_came;
        self.finish();
        Ok(())
    }

    fn hello(&mut self, bytes: Vec<u8>) -> Result<(), Fault> {
        let hello = Hello::from_bytes(&bytes)?;
        let ours = &self.ours.0;
        if hello.ed25519 == ours.ed25519 || hello.x25519 == ours.x25519 || hello.salt == ours.salt {
            return Err(Fault::PeerReflected);
        }
        let peer = DeviceId::of_keys(&hello.ed25519, &hello.x25519);
        if self.setup.expected.is_some_and(|expected| expected != peer) {
            return Err(Fault::PeerUnexpected);
        }
        self.theirs = Some((hello, bytes));
        self.actions
            .push_back(HandshakeAction::Send(Message::Reveal(self.nonce)));
        Ok(())
    }

    fn reveal(&mut self, nonce: [u8; 32]) -> Result<(), Fault> {
        let (hello, _) = self
            .theirs
            .as_ref()
            .ok_or(Fault::PeerOutOfTurn("a nonce"))?;
        if hello.commitment != commitment(&nonce) {
            return Err(Fault::PeerChangedNonce);
        }
        self.their_nonce = Some(nonce);
        if let Some(transcript) = self.transcript().filter(|_| !self.signature_asked) {
            self.signature_asked = true;
            let message = transcript.signed_bytes(self.setup.role);
            self.actions.push_back(HandshakeAction::Sign(message));
        }
        Ok(())
    }

    fn proof(&mut self, signature: [u8; 64], code: Option<[u8; 32]>) -> Result<(), Fault> {
        let early = Fault::PeerOutOfTurn("a proof");
        let transcript = self.transcript().ok_or(early.clone())?;
        let (hello, _) = self.theirs.as_ref().ok_or(early)?;
        let role = self.setup.role.other();
        if !equal(self.code(&transcript, role), code) {
            return Err(Fault::PeerCards);
        }
        let (public, message) = (hello.ed25519, transcript.signed_bytes(role));
        self.proof_came = true;
        self.actions.push_back(HandshakeAction::Verify {
            public,
            message,
            signature,
        });
        Ok(())
    }

    /// What is signed; there once both hellos and the peer's nonce are.
    fn transcript(&self) -> Option<Transcript> {
        self.their_nonce?;
        let (_, theirs) = self.theirs.as_ref()?;
        let own = (sha256(&[&self.ours.1]).0, self.setup.local);
        let other = (sha256(&[theirs]).0, self.setup.remote);
        let (offerer, answerer) = self.by_role(own, other);
        let cards = self
            .setup
            .cards
            .as_ref()
            .map(|cards| [cards.offer, cards.answer]);
        Some(Transcript::new(offerer, answerer, cards))
    }

    fn code(&self, transcript: &Transcript, role: Role) -> Option<[u8; 32]> {
        let cards = self.setup.cards.as_ref()?;
        Some(hmac_sha256(
            &cards.proof_key,
            &[&transcript.signed_bytes(role)],
        ))
    }

    /// Ours and theirs, as offerer's and answerer's.
    fn by_role<T>(&self, ours: T, theirs: T) -> (T, T) {
        match self.setup.role {
            Role::Offerer => (ours, theirs),
            Role::Answerer => (theirs, ours),
        }
    }

    fn finish(&mut self) {
        if !self.proof_sent || !self.verified {
            return;
        }
        let (Some(transcript), Some(their_nonce), Some((hello, _))) =
            (self.transcript(), self.their_nonce, &self.theirs)
        else {
            return;
        };
        let (offerer, answerer) = self.by_role(self.nonce, their_nonce);
        let (ours, listed) = (&self.ours.0, &self.setup.shops);
        let numbering = self.by_role(ours, hello).0;
        let established = Established {
            peer: DeviceId::of_keys(&hello.ed25519, &hello.x25519),
            keys: PublicKeys {
                ed25519: hello.ed25519,
                x25519: hello.x25519,
            },
            shops: shops::shared(listed.iter().take(SHOPS_MAX), hello, numbering),
            session: hello.session,
            protocol: hello.protocol.min(PROTOCOL_VERSION),
            reader: hello.reader,
            features: hello.features & FEATURES,
            transcript: transcript.hash(),
            nonces: [offerer, answerer],
            with_cards: self.setup.cards.is_some(),
            early: std::mem::take(&mut self.early),
        };
        self.actions
            .push_back(HandshakeAction::Established(Box::new(established)));
    }
}

fn commitment(nonce: &[u8; 32]) -> [u8; 32] {
    sha256(&[TAG_COMMITMENT, nonce]).0
}

/// Compares without telling by its duration where two codes differ.
fn equal(expected: Option<[u8; 32]>, came: Option<[u8; 32]>) -> bool {
    match (expected, came) {
        (None, None) => true,
        (Some(a), Some(b)) => {
            a.iter()
                .zip(b)
                .fold(0, |different, (a, b)| different | (a ^ b))
                == 0
        }
        _ => false,
    }
}

impl From<Role> for u8 {
    fn from(role: Role) -> Self {
        match role {
            Role::Offerer => 0,
            Role::Answerer => 1,
        }
    }
}

#[cfg(test)]
mod tests;
