//! Handshakes that work, and every kind that must not.

use base::frame::NO_SHOP;
use base::release::READER_VERSION;

use super::*;

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

/// A toy signature: who knows the public key can make it, which no test here does by accident.
fn sign(public: [u8; 32], message: &[u8]) -> [u8; 64] {
    let half = sha256(&[&public, message]).0;
    [half, half].concat().try_into().unwrap()
}

fn keys(n: u8) -> PublicKeys {
    PublicKeys {
        ed25519: [n; 32],
        x25519: [n + 100; 32],
    }
}

fn shop(n: u8) -> ShopId {
    ShopId([n; 16])
}

fn cards() -> Cards {
    Cards {
        offer: [50; 32],
        answer: [51; 32],
        proof_key: [52; 32],
    }
}

fn setup(role: Role) -> Setup {
    let (own, local, remote) = match role {
        Role::Offerer => (1, [10; 32], [20; 32]),
        Role::Answerer => (2, [20; 32], [10; 32]),
    };
    Setup {
        role,
        keys: keys(own),
        local,
        remote,
        session: u64::from(own),
        reader: READER_VERSION,
        shops: vec![shop(own), shop(7), shop(8)],
        cards: None,
        expected: None,
    }
}

fn begin(setup: Setup) -> Handshake {
    let mut random = Counting(u64::from(setup.keys.ed25519[0]));
    Handshake::begin(setup, &mut random)
}

/// Does what a handshake asks for; gives what it sends.
fn work(handshake: &mut Handshake) -> Result<(Vec<Message>, Option<Established>), Fault> {
    let mut sent = Vec::new();
    let mut established = None;
    while let Some(action) = handshake.poll() {
        match action {
            HandshakeAction::Send(message) => sent.push(message),
            HandshakeAction::Sign(message) => {
                handshake.signed(sign(handshake.setup.keys.ed25519, &message));
            }
            HandshakeAction::Verify {
                public,
                message,
                signature,
            } => {
                handshake.verified(sign(public, &message) == signature)?;
            }
            HandshakeAction::Established(done) => established = Some(*done),
        }
    }
    Ok((sent, established))
}

/// Runs two against each other; `between` may change or add messages on their way.
fn meet(
    offerer: Setup,
    answerer: Setup,
    between: &mut dyn FnMut(Role, Message) -> Vec<Message>,
) -> [Result<Option<Established>, Fault>; 2] {
    let mut sides = [begin(offerer), begin(answerer)];
    let mut results = [Ok(None), Ok(None)];
    let mut inbox: [VecDeque<Message>; 2] = Default::default();
    for _ in 0..10 {
        for at in [0, 1] {
            let outcome = (|| {
                while let Some(message) = inbox[at].pop_front() {
                    sides[at].message(NO_SHOP, message)?;
                }
                work(&mut sides[at])
            })();
            match outcome {
                Ok((sent, established)) => {
                    let role = sides[at].setup.role;
                    inbox[1 - at].extend(sent.into_iter().flat_map(|m| between(role, m)));
                    if let (Some(done), Ok(slot)) = (established, &mut results[at]) {
                        *slot = Some(done);
                    }
                }
                Err(fault) if results[at].is_ok() => results[at] = Err(fault),
                Err(_) => {}
            }
        }
    }
    results
}

fn honest(_: Role, message: Message) -> Vec<Message> {
    vec![message]
}

#[test]
fn both_ends_agree_on_who_and_what_they_share() {
    let results = meet(setup(Role::Offerer), setup(Role::Answerer), &mut honest);
    let [Ok(Some(a)), Ok(Some(b))] = results else {
        panic!("{results:?}")
    };
    assert_eq!(a.peer, DeviceId::of_keys(&[2; 32], &[102; 32]));
    assert_eq!(b.peer, DeviceId::of_keys(&[1; 32], &[101; 32]));
    assert_eq!((a.transcript, a.nonces), (b.transcript, b.nonces));
    assert_eq!((a.session, b.session), (2, 1));
    let shops: Vec<_> = a.shops.iter().map(|shared| shared.shop).collect();
    assert!(shops.len() == 2 && shops.contains(&shop(7)) && shops.contains(&shop(8)));
    assert_eq!(a.shops, b.shops);
    assert!(!a.with_cards);
}

#[test]
fn golden_hash_of_what_is_signed() {
    let transcript = Transcript::new(([1; 32], [2; 32]), ([3; 32], [4; 32]), None);
    let hex = data_encoding::HEXLOWER.encode(&transcript.hash()[..8]);
    assert_eq!(hex, "d44ca316eacca0ab");
    let cards = Some([[5; 32], [6; 32]]);
    let transcript = Transcript::new(([1; 32], [2; 32]), ([3; 32], [4; 32]), cards);
    let hex = data_encoding::HEXLOWER.encode(&transcript.hash()[..8]);
    assert_eq!(hex, "5e30e9ecb6847a63");
}

#[test]
fn strangers_share_no_shop_and_learn_none() {
    let mut other = setup(Role::Answerer);
    other.shops = vec![shop(30)];
    let results = meet(setup(Role::Offerer), other, &mut honest);
    let [Ok(Some(a)), Ok(Some(b))] = results else {
        panic!("{results:?}")
    };
    assert!(a.shops.is_empty() && b.shops.is_empty());
}

#[test]
fn the_hello_sent_back_is_refused() {
    let mut alone = begin(setup(Role::Offerer));
    let (sent, _) = work(&mut alone).unwrap();
    assert_eq!(
        alone.message(NO_SHOP, sent[0].clone()),
        Err(Fault::PeerReflected)
    );
}

#[test]
fn a_copied_salt_under_other_keys_is_refused() {
    let mut alone = begin(setup(Role::Offerer));
    let mut copy = alone.ours.0.clone();
    (copy.ed25519, copy.x25519) = ([9; 32], [8; 32]);
    let message = Message::Hello(copy.to_bytes());
    assert_eq!(alone.message(NO_SHOP, message), Err(Fault::PeerReflected));
}

#[test]
fn a_signature_sent_back_does_not_serve_the_other_role() {
    let mut own = None;
    let results = meet(
        setup(Role::Offerer),
        setup(Role::Answerer),
        &mut |role, message| {
            match (role, &message) {
                (Role::Offerer, Message::Proof { .. }) => own = Some(message.clone()),
                (Role::Answerer, Message::Proof { .. }) => return own.take().into_iter().collect(),
                _ => {}
            }
            vec![message]
        },
    );
    assert_eq!(results[0], Err(Fault::PeerForged));
}

#[test]
fn a_forged_signature_is_refused() {
    let results = meet(
        setup(Role::Offerer),
        setup(Role::Answerer),
        &mut |_, message| {
            vec![match message {
                Message::Proof { code, .. } => Message::Proof {
                    signature: [0; 64],
                    code,
                },
                other => other,
            }]
        },
    );
    assert_eq!(results, [Err(Fault::PeerForged), Err(Fault::PeerForged)]);
}

#[test]
fn a_handshake_recorded_on_another_connection_is_refused() {
    let mut recorded = Vec::new();
    let first = meet(
        setup(Role::Offerer),
        setup(Role::Answerer),
        &mut |role, message| {
            if role == Role::Answerer {
                recorded.push(message.clone());
            }
            vec![message]
        },
    );
    assert!(first.iter().all(Result::is_ok));
    let mut later = setup(Role::Offerer);
    later.local = [11; 32];
    let mut victim = Handshake::begin(later, &mut Counting(99));
    let mut outcome = work(&mut victim).map(|_| ());
    for message in recorded {
        outcome = outcome.and_then(|()| victim.message(NO_SHOP, message));
        outcome = outcome.and_then(|()| work(&mut victim).map(|_| ()));
    }
    assert_eq!(outcome, Err(Fault::PeerForged));
}

#[test]
fn somebody_in_the_middle_has_other_fingerprints_and_is_refused() {
    let mut answerer = setup(Role::Answerer);
    answerer.remote = [77; 32];
    let results = meet(setup(Role::Offerer), answerer, &mut honest);
    assert_eq!(results, [Err(Fault::PeerForged), Err(Fault::PeerForged)]);
}

#[test]
fn a_changed_hello_is_refused() {
    let results = meet(
        setup(Role::Offerer),
        setup(Role::Answerer),
        &mut |role, message| {
            vec![match message {
                Message::Hello(bytes) if role == Role::Answerer => {
                    let mut hello = Hello::from_bytes(&bytes).unwrap();
                    hello.session += 1;
                    Message::Hello(hello.to_bytes())
                }
                other => other,
            }]
        },
    );
    assert_eq!(results, [Err(Fault::PeerForged), Err(Fault::PeerForged)]);
}

#[test]
fn another_nonce_than_committed_is_refused() {
    let results = meet(
        setup(Role::Offerer),
        setup(Role::Answerer),
        &mut |role, message| {
            vec![match message {
                Message::Reveal(_) if role == Role::Answerer => Message::Reveal([0; 32]),
                other => other,
            }]
        },
    );
    assert_eq!(results[0], Err(Fault::PeerChangedNonce));
}

#[test]
fn nobody_reveals_before_the_other_has_committed() {
    let mut side = begin(setup(Role::Offerer));
    let (sent, _) = work(&mut side).unwrap();
    assert!(matches!(sent.as_slice(), [Message::Hello(_)]));
    assert_eq!(
        side.message(NO_SHOP, Message::Reveal([0; 32])),
        Err(Fault::PeerOutOfTurn("a nonce"))
    );
}

#[test]
fn another_device_than_the_card_named_is_refused() {
    let mut offerer = setup(Role::Offerer);
    offerer.expected = Some(DeviceId([9; 16]));
    let results = meet(offerer, setup(Role::Answerer), &mut honest);
    assert_eq!(results[0], Err(Fault::PeerUnexpected));
}

#[test]
fn cards_must_be_the_same_at_both_ends() {
    let with = |role, cards: Option<Cards>| Setup {
        cards,
        ..setup(role)
    };
    let other_secret = Cards {
        proof_key: [1; 32],
        ..cards()
    };
    let other_card = Cards {
        answer: [1; 32],
        ..cards()
    };
    for wrong in [None, Some(other_secret), Some(other_card)] {
        let offerer = with(Role::Offerer, Some(cards()));
        let results = meet(offerer, with(Role::Answerer, wrong), &mut honest);
        assert_eq!(results, [Err(Fault::PeerCards), Err(Fault::PeerCards)]);
    }
    let [offerer, answerer] = [Role::Offerer, Role::Answerer].map(|role| with(role, Some(cards())));
    let results = meet(offerer, answerer, &mut honest);
    assert!(matches!(&results, [Ok(Some(a)), Ok(Some(b))] if a.with_cards && b.with_cards));
}

#[test]
fn frames_of_a_shop_before_the_proof_are_out_of_turn() {
    let mut side = begin(setup(Role::Offerer));
    let fault = side.message(
        0,
        Message::Credit {
            live_limit: 0,
            bulk_limit: 0,
        },
    );
    assert_eq!(fault, Err(Fault::PeerOutOfTurn("sync_request")));
}

#[test]
fn repeated_steps_are_out_of_turn() {
    let results = meet(
        setup(Role::Offerer),
        setup(Role::Answerer),
        &mut |role, message| match role {
            Role::Answerer => vec![message.clone(), message],
            Role::Offerer => vec![message],
        },
    );
    assert_eq!(results[0], Err(Fault::PeerOutOfTurn("handshake")));
}

/// An offerer whose answerer's signature is there and not checked yet.
fn waiting_for_the_verdict() -> Handshake {
    let [mut offerer, mut answerer] = [begin(setup(Role::Offerer)), begin(setup(Role::Answerer))];
    for _ in 0..3 {
        let (sent, _) = work(&mut answerer).unwrap();
        sent.into_iter()
            .for_each(|m| offerer.message(NO_SHOP, m).unwrap());
        if offerer.proof_came {
            break;
        }
        let (sent, _) = work(&mut offerer).unwrap();
        sent.into_iter()
            .for_each(|m| answerer.message(NO_SHOP, m).unwrap());
    }
    assert!(offerer.proof_came && !offerer.verified);
    offerer
}

#[test]
fn one_long_vector_may_come_early_and_not_two() {
    let mut offerer = waiting_for_the_verdict();
    let statement = |bytes| Message::Statement(vec![0; bytes]);
    let most = base::limits::EARLY_BYTES_MAX - 64;
    offerer.message(3, statement(most)).unwrap();
    offerer.message(3, statement(9)).unwrap();
    let fault = Fault::PeerOutOfTurn("sync_ack");
    assert_eq!(offerer.message(3, statement(64)), Err(fault));
}

#[test]
fn what_comes_while_the_signature_is_checked_is_kept_in_order_and_bounded() {
    let mut offerer = waiting_for_the_verdict();
    let credit = |n| Message::Credit {
        live_limit: n,
        bulk_limit: n,
    };
    for n in 0..2 * SHOPS_MAX as u64 {
        offerer.message(3, credit(n)).unwrap();
    }
    assert!(offerer.message(3, credit(0)).is_err());
    let (_, established) = work(&mut offerer).unwrap();
    let early = established.unwrap().early;
    assert_eq!(early.len(), 2 * SHOPS_MAX);
    assert_eq!(early[1], (3, credit(1)));
}

#[test]
fn a_truncated_hello_is_malformed() {
    let mut sender = begin(setup(Role::Answerer));
    let (sent, _) = work(&mut sender).unwrap();
    let [Message::Hello(bytes)] = sent.as_slice() else {
        panic!("{sent:?}")
    };
    for cut in 0..bytes.len() {
        let mut side = begin(setup(Role::Offerer));
        let outcome = side.message(NO_SHOP, Message::Hello(bytes[..cut].to_vec()));
        assert!(
            matches!(outcome, Err(Fault::PeerMalformed(_))),
            "cut at {cut}"
        );
    }
}
