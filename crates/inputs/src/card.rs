//! Pairing cards, as bytes and as the text that a scanner types.

use std::net::{Ipv4Addr, Ipv6Addr, SocketAddr};

use base::card::{ANSWER_RANDOM_BYTES, Candidate, Card, CardKind, Description};
use base::hash::sha256;
use base::limits::{CARD_BYTES_MAX, CARD_CANDIDATES_MAX};
use base::{DeviceId, ShopId};

use crate::tape::Tape;

/// A byte that says what the rest is: a card's bytes without their check, or a text. A card that
/// is read keeps its bounds, holds nothing that could break out of a session description, and is
/// read again from what it writes.
pub fn run(bytes: &[u8]) {
    let mut tape = Tape::new(bytes);
    if tape.flag() {
        let text = String::from_utf8_lossy(tape.rest()).into_owned();
        if let Ok(card) = Card::from_text(&text) {
            holds(&card);
        }
        return;
    }
    let body = tape.rest();
    // Chance does not find a check of two bytes twice, so it is added.
    let check: [u8; 2] = sha256(&[body]).first();
    if let Ok(card) = Card::from_bytes(&[body, &check].concat()) {
        holds(&card);
    }
    let wrong = [check[0] ^ 1, check[1]];
    assert!(Card::from_bytes(&[body, &wrong].concat()).is_err());
}

fn holds(card: &Card) {
    let description = &card.description;
    assert!(description.candidates.len() <= CARD_CANDIDATES_MAX);
    assert!((4..=32).contains(&description.ufrag.len()));
    assert!((22..=64).contains(&description.password.len()));
    for text in [&description.ufrag, &description.password] {
        assert!(
            text.bytes()
                .all(|b| b.is_ascii_alphanumeric() || b == b'+' || b == b'/')
        );
    }
    assert!(!card.is_of(ShopId([0x5a; 16])) || card.kind == CardKind::Answer([0x5a; 4]));
    // One that is longer than a QR code holds is read, and never written.
    let Ok(text) = card.to_text() else { return };
    assert!(
        card.to_bytes()
            .is_ok_and(|bytes| bytes.len() <= CARD_BYTES_MAX)
    );
    let again = Card::from_text(&text.to_lowercase()).expect("what we write can be read");
    let unchanged = Card {
        description: description.clone(),
        ..again.clone()
    };
    assert_eq!(&unchanged, card);
    assert!(
        again
            .description
            .candidates
            .iter()
            .all(|it| description.candidates.contains(it))
    );
    assert_eq!(again.to_text().as_deref(), Ok(text.as_str()));
    let secret = Card::answering(card, [9; ANSWER_RANDOM_BYTES]).expect("it is written");
    let answer = Card {
        kind: CardKind::Answer([1; 4]),
        secret,
        ..card.clone()
    };
    assert!(answer.answers(card));
}

/// An offer and an answer, with candidates of every kind, as bytes and as text.
pub fn seeds() -> Vec<Vec<u8>> {
    let four = Candidate::Address(SocketAddr::from((Ipv4Addr::new(192, 168, 1, 7), 50_000)));
    let six = Candidate::Address(SocketAddr::from((Ipv6Addr::LOCALHOST, 50_000)));
    let cards = [
        card(CardKind::Offer, vec![four; 3]),
        card(CardKind::Answer([1, 2, 3, 4]), vec![six]),
        card(CardKind::Offer, vec![Candidate::Local([8; 16], 9), four]),
    ];
    let bytes = cards.iter().map(|card| {
        let mut bytes = card.to_bytes().expect("it fits");
        bytes.truncate(bytes.len() - 2);
        [vec![0], bytes].concat()
    });
    let texts = cards.iter().map(|card| {
        let text = card.to_text().expect("it fits");
        [vec![1], text.into_bytes()].concat()
    });
    bytes.chain(texts).collect()
}

fn card(kind: CardKind, candidates: Vec<Candidate>) -> Card {
    let description = Description {
        ufrag: "aB+/".into(),
        password: "0123456789abcdefghijkl".into(),
        fingerprint: [7; 32],
        candidates,
    };
    Card {
        kind,
        device: DeviceId([5; 16]),
        secret: [6; 12],
        description,
    }
}
