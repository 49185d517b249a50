//! The handshake, against whoever is at the other end.

use std::collections::VecDeque;

use base::effect::PublicKeys;
use base::frame::NO_SHOP;
use base::hash::sha256;
use base::limits::SHOPS_MAX;
use base::release::READER_VERSION;
use base::{Random, ShopId};
use sync_core::{Cards, Established, Handshake, HandshakeAction, Message, Role, Setup};

use crate::tape::{Tape, piece};

/// A device and its honest peer, and somebody in between who lets through, drops, repeats, turns
/// back and adds messages, and answers late. Whoever comes to an end of the handshake has met
/// exactly the other one: the same transcript, the same nonces, the same cards.
pub fn run(bytes: &[u8]) {
    let mut tape = Tape::new(bytes);
    let cards = match tape.below(3) {
        0 => [false, false],
        1 => [true, true],
        _ => [true, false],
    };
    let mut sides = [Side::begin(0, cards[0]), Side::begin(1, cards[1])];
    while !tape.is_used_up() {
        let at = tape.below(2);
        step(&mut sides, at, &mut tape);
        if sides.iter().any(|side| side.is_closed) {
            break;
        }
    }
    let [one, other] = &sides;
    for (side, peer) in [(one, other), (other, one)] {
        let Some(done) = &side.established else {
            continue;
        };
        assert_eq!(done.keys, peer.keys);
        assert_eq!(done.with_cards, cards == [true, true]);
        assert!(done.early.len() <= 2 * SHOPS_MAX);
        assert!(side.verified, "nobody is believed without a signature");
        if let Some(theirs) = &peer.established {
            assert_eq!(
                (done.transcript, done.nonces),
                (theirs.transcript, theirs.nonces)
            );
            assert_eq!(done.shops, theirs.shops);
        }
    }
}

struct Side {
    handshake: Handshake,
    keys: PublicKeys,
    inbox: VecDeque<Message>,
    /// What it asked its hands to sign and to check, not answered yet.
    signing: VecDeque<Vec<u8>>,
    checking: VecDeque<bool>,
    verified: bool,
    is_closed: bool,
    established: Option<Established>,
}

impl Side {
    fn begin(n: u8, with_cards: bool) -> Self {
        let keys = PublicKeys {
            ed25519: [n + 1; 32],
            x25519: [n + 101; 32],
        };
        let cards = Cards {
            offer: [50; 32],
            answer: [51; 32],
            proof_key: [52; 32],
        };
        let setup = Setup {
            role: [Role::Offerer, Role::Answerer][usize::from(n)],
            keys,
            local: [n + 10; 32],
            remote: [11 - n; 32],
            session: u64::from(n),
            reader: READER_VERSION,
            shops: vec![ShopId([n; 16]), ShopId([7; 16]), ShopId([8; 16])],
            cards: with_cards.then_some(cards),
            expected: None,
        };
        Self {
            handshake: Handshake::begin(setup, &mut Counting(u64::from(n))),
            keys,
            inbox: VecDeque::new(),
            signing: VecDeque::new(),
            checking: VecDeque::new(),
            verified: false,
            is_closed: false,
            established: None,
        }
    }

    /// Takes down what the handshake wants; gives what it sends.
    fn wishes(&mut self) -> Vec<Message> {
        let mut sent = Vec::new();
        while let Some(action) = self.handshake.poll() {
            match action {
                HandshakeAction::Send(message) => sent.push(message),
                HandshakeAction::Sign(message) => self.signing.push_back(message),
                HandshakeAction::Verify {
                    public,
                    message,
                    signature,
                } => {
                    self.checking.push_back(sign(public, &message) == signature);
                }
                HandshakeAction::Established(done) => {
                    assert!(self.established.is_none(), "it ends once");
                    self.established = Some(*done);
                }
            }
        }
        sent
    }

    fn take(&mut self, shop: u16, message: Message) {
        self.is_closed |= self.handshake.message(shop, message).is_err();
    }
}

fn step(sides: &mut [Side; 2], at: usize, tape: &mut Tape<'_>) {
    let side = &mut sides[at];
    match tape.below(8) {
        0..=2 => {
            if let Some(message) = side.inbox.pop_front() {
                side.take(NO_SHOP, message);
            }
        }
        3 => {
            if let Some(message) = side.signing.pop_front() {
                side.handshake.signed(sign(side.keys.ed25519, &message));
            }
        }
        4 => {
            if let Some(right) = side.checking.pop_front() {
                side.verified |= right;
                side.is_closed |= side.handshake.verified(right).is_err();
            }
        }
        5 => {
            side.inbox.pop_front();
        }
        6 => {
            if let Some(message) = side.inbox.front().cloned() {
                side.inbox.push_back(message.clone());
                sides[1 - at].inbox.push_back(message);
            }
        }
        _ => {
            let shop = u16::from(tape.byte());
            if let Ok(Some(message)) = Message::from_bytes(tape.piece()) {
                side.take(shop, message);
            }
        }
    }
    for at in [0, 1] {
        let sent = sides[at].wishes();
        sides[1 - at].inbox.extend(sent);
    }
}

/// A toy signature: whoever knows the public key can make it, which no input here can.
fn sign(public: [u8; 32], message: &[u8]) -> [u8; 64] {
    let half = sha256(&[b"signature", &public, message]).0;
    let mut signature = [0; 64];
    signature[..32].copy_from_slice(&half);
    signature[32..].copy_from_slice(&half);
    signature
}

struct Counting(u64);

impl Random for Counting {
    fn fill(&mut self, bytes: &mut [u8]) {
        for byte in bytes {
            self.0 = self
                .0
                .wrapping_mul(6_364_136_223_846_793_005)
                .wrapping_add(1);
            *byte = (self.0 >> 33) as u8;
        }
    }
}

/// Handshakes that come to their end, without and with cards; one with a message too early; one
/// with every message added by somebody else.
pub fn seeds() -> Vec<Vec<u8>> {
    let take = [0, 0, 1, 0];
    let sign = [0, 3, 1, 3];
    let check = [0, 4, 1, 4];
    // Hellos, nonces, signatures, proofs, verdicts. The first step sends both hellos.
    let whole = [&[0, 5], &take[..], &take, &sign, &take, &check].concat();
    let early = examples(&[4, 6]);
    let added = examples(&(0..17).collect::<Vec<_>>());
    vec![
        [vec![0], whole.clone()].concat(),
        [vec![1], whole.clone()].concat(),
        [vec![2], whole.clone()].concat(),
        [vec![0], whole, early].concat(),
        [vec![0, 0, 6, 1, 6], take.repeat(4)].concat(),
        [vec![0], added].concat(),
    ]
}

fn examples(which: &[usize]) -> Vec<u8> {
    let all = crate::message::examples();
    let add = |at: &usize| [vec![0, 7, 1], piece(&all[*at].to_bytes())].concat();
    which.iter().flat_map(add).collect()
}
