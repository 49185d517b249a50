//! What is sealed: bodies that inflate, wraps and messages that open.

use std::sync::OnceLock;

use base::effect::{KeyAnswer, KeyTask, OpenTask, SealTask};
use base::limits::BODY_BYTES_MAX;
use base::{Answer, Effect, KeyHandle, Stream};
use seal::SealError;
use seal::body::{compress, expand};
use seal::native::NativeKeys;
use sim::random::SeededRandom;

use crate::tape::Tape;

/// A byte that says what the rest is: a body to inflate, or something sealed to open. A body gives
/// exactly as many entries as are counted, within its bound, and the same ones after being packed
/// again. Nothing opens that was not sealed.
pub fn run(bytes: &[u8]) {
    let mut tape = Tape::new(bytes);
    match tape.below(4) {
        0 => opened(tape.rest()),
        1 => inflated(tape.rest(), 1),
        2 => inflated(tape.rest(), 256),
        _ => inflated(tape.rest(), 3),
    }
}

fn inflated(plain: &[u8], count: u32) {
    let entries = match expand(plain, count) {
        Ok(entries) => entries,
        Err(error) => {
            assert!(matches!(
                error,
                SealError::PeerNotDeflated | SealError::PeerBodyGrows | SealError::PeerMalformed(_)
            ));
            return;
        }
    };
    assert_eq!(entries.len(), count as usize);
    assert!(entries.iter().map(Vec::len).sum::<usize>() <= BODY_BYTES_MAX);
    let packed = compress(entries.iter().map(Vec::as_slice));
    assert_eq!(expand(&packed, count), Ok(entries));
}

/// What the hands hold: their keys, a secret, and what was sealed with them.
struct Sealed {
    keys: NativeKeys,
    body: Vec<u8>,
    message: Vec<u8>,
    wrap: Vec<u8>,
}

const SECRET: KeyHandle = KeyHandle(KeyHandle::FIRST_FREE);
const SALT: [u8; 32] = [3; 32];

fn sealed() -> &'static Sealed {
    static SEALED: OnceLock<Sealed> = OnceLock::new();
    SEALED.get_or_init(|| {
        let mut keys = NativeKeys::new();
        let mut random = SeededRandom::new(1, "inputs", 0);
        let mut key = |task| match keys.perform(&mut random, &Effect::Keys(task)) {
            Some(Answer::Keys(answer)) => answer,
            other => panic!("keys answer with {other:?}"),
        };
        let KeyAnswer::Public(own) = key(KeyTask::Identity) else {
            panic!("it has public keys")
        };
        let to = vec![own.x25519];
        let made = key(KeyTask::MakeSecret {
            handle: SECRET,
            salt: SALT,
            to,
        });
        let KeyAnswer::Held { wraps, .. } = made else {
            panic!("a secret is held")
        };
        let plain = b"an offer".to_vec();
        let KeyAnswer::Bytes(message) = key(KeyTask::SealTo {
            to: own.x25519,
            plain,
        }) else {
            panic!("a message is sealed")
        };
        let task = SealTask {
            key: SECRET,
            stream: Stream::Sales,
            nonce: [2; 12],
            aad: b"header".to_vec(),
            plain: b"body".to_vec(),
        };
        let body = match keys.perform(&mut random, &Effect::Seal(vec![task])) {
            Some(Answer::Sealed(bodies)) => bodies.concat(),
            other => panic!("a body is sealed, not {other:?}"),
        };
        Sealed {
            keys,
            body,
            message,
            wrap: wraps.concat(),
        }
    })
}

fn opened(bytes: &[u8]) {
    let sealed = sealed();
    let mut keys = sealed.keys.clone();
    let mut random = SeededRandom::new(2, "inputs", 0);
    let mut perform = |effect| keys.perform(&mut random, &effect);
    let task = OpenTask {
        key: SECRET,
        stream: Stream::Sales,
        nonce: [2; 12],
        aad: b"header".to_vec(),
        sealed: bytes.to_vec(),
    };
    let body = (bytes == sealed.body).then(|| b"body".to_vec());
    assert_eq!(
        perform(Effect::Open(vec![task])),
        Some(Answer::Opened(vec![body]))
    );
    let message = perform(Effect::Keys(KeyTask::OpenSealed {
        sealed: bytes.to_vec(),
    }));
    let is_opened = matches!(message, Some(Answer::Keys(KeyAnswer::Bytes(_))));
    assert_eq!(is_opened, bytes == sealed.message);
    let handle = KeyHandle(KeyHandle::FIRST_FREE + 1);
    let (by, wrap) = (KeyHandle::IDENTITY, bytes.to_vec());
    let wrap = perform(Effect::Keys(KeyTask::Unwrap {
        handle,
        by,
        salt: SALT,
        wrap,
    }));
    let is_held = matches!(wrap, Some(Answer::Keys(KeyAnswer::Held { .. })));
    assert_eq!(is_held, bytes == sealed.wrap);
}

/// Bodies that are stored and deflated, one that grows too far, what was sealed, and what was not.
pub fn seeds() -> Vec<Vec<u8>> {
    let lone = vec![vec![1; 60]];
    let three = vec![vec![1; 60], vec![], (0..200).cycle().take(800).collect()];
    let block: Vec<Vec<u8>> = (0..=255).map(|n| [vec![7; 60], vec![n]].concat()).collect();
    let packed = |entries: &[Vec<u8>]| compress(entries.iter().map(Vec::as_slice));
    let bomb = packed(&[vec![0; 2 * BODY_BYTES_MAX]]);
    let sealed = sealed();
    vec![
        [vec![1], packed(&lone)].concat(),
        [vec![3], packed(&three)].concat(),
        [vec![2], packed(&block)].concat(),
        [vec![1], bomb].concat(),
        [&[0], &sealed.body[..]].concat(),
        [&[0], &sealed.message[..]].concat(),
        [&[0], &sealed.wrap[..]].concat(),
        [vec![0], vec![5; 80]].concat(),
    ]
}
