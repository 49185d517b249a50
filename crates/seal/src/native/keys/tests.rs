//! Devices that hand secrets to each other, and what must not work.

use base::EpochName;
use base::effect::{SEALED_SECRET_BYTES, WRAP_BYTES};

use super::*;
use crate::vectors;

/// Counts up: the same in every run, and never the same twice in one.
struct Counting(u64);

impl Random for Counting {
    fn fill(&mut self, bytes: &mut [u8]) {
        for byte in bytes {
            self.0 += 1;
            *byte = base::hash::sha256(&[&self.0.to_be_bytes()]).0[0];
        }
    }
}

const SALT: [u8; 32] = [5; 32];
const HELD: KeyHandle = KeyHandle(KeyHandle::FIRST_FREE);

fn device(seed: u64) -> (NativeKeys, Counting, PublicKeys) {
    let (mut keys, mut random) = (NativeKeys::new(), Counting(seed << 32));
    let answer = keys.keys(&mut random, &KeyTask::Identity);
    let KeyAnswer::Public(public) = answer else {
        panic!("{answer:?}")
    };
    (keys, random, public)
}

fn wraps_of(answer: KeyAnswer) -> Vec<Vec<u8>> {
    let KeyAnswer::Held { wraps, .. } = answer else {
        panic!("{answer:?}")
    };
    wraps
}

fn seal_task(stream: Stream) -> SealTask {
    SealTask {
        key: HELD,
        stream,
        nonce: [1; 12],
        aad: b"aad".into(),
        plain: b"plain".into(),
    }
}

fn open_task(stream: Stream, sealed: Vec<u8>) -> OpenTask {
    OpenTask {
        key: HELD,
        stream,
        nonce: [1; 12],
        aad: b"aad".into(),
        sealed,
    }
}

fn unwrap_task(by: KeyHandle, wrap: Vec<u8>) -> KeyTask {
    KeyTask::Unwrap {
        handle: HELD,
        by,
        salt: SALT,
        wrap,
    }
}

#[test]
fn the_identity_is_made_once_and_survives_a_restart() {
    let (mut keys, mut random, public) = device(1);
    keys.restart();
    assert_eq!(
        keys.keys(&mut random, &KeyTask::Identity),
        KeyAnswer::Public(public)
    );
    keys.keys(&mut random, &KeyTask::Forget(KeyHandle::IDENTITY));
    assert_eq!(
        keys.keys(&mut random, &KeyTask::Identity),
        KeyAnswer::Public(public)
    );
    assert_ne!(device(2).2, public);
}

#[test]
fn a_secret_reaches_the_device_that_it_was_wrapped_to_and_no_other() {
    let (mut owner, mut random, own) = device(1);
    let (mut till, mut other, public) = device(2);
    let (mut stranger, mut third, _) = device(3);
    let to = vec![own.x25519, public.x25519];
    let made = owner.keys(
        &mut random,
        &KeyTask::MakeSecret {
            handle: HELD,
            salt: SALT,
            to,
        },
    );
    let KeyAnswer::Held { chain, wraps } = made else {
        panic!("{made:?}")
    };
    assert!(wraps.iter().all(|wrap| wrap.len() == WRAP_BYTES));
    let unwrap = unwrap_task(KeyHandle::IDENTITY, wraps[1].clone());
    let held = KeyAnswer::Held {
        chain,
        wraps: Vec::new(),
    };
    assert_eq!(till.keys(&mut other, &unwrap), held);
    assert!(matches!(
        stranger.keys(&mut third, &unwrap),
        KeyAnswer::Refused(_)
    ));
    assert!(matches!(
        owner.keys(&mut random, &unwrap),
        KeyAnswer::Refused(_)
    ));

    let effect = Effect::Seal(vec![seal_task(Stream::Sales)]);
    let Some(Answer::Sealed(sealed)) = owner.perform(&mut random, &effect) else {
        panic!()
    };
    let ours = open_task(Stream::Sales, sealed[0].clone());
    let other_stream = open_task(Stream::Shop, sealed[0].clone());
    let effect = Effect::Open(vec![other_stream, ours.clone()]);
    let opened = Answer::Opened(vec![None, Some(b"plain".to_vec())]);
    assert_eq!(till.perform(&mut other, &effect), Some(opened));
    let answer = stranger.perform(&mut third, &Effect::Open(vec![ours]));
    assert!(
        matches!(answer, Some(Answer::Failed(_))),
        "it says nothing of the body: {answer:?}"
    );
}

#[test]
fn whose_key_is_none_goes_without_and_keeps_nobody_else_from_a_secret() {
    let (mut owner, mut random, own) = device(1);
    let make = KeyTask::MakeSecret {
        handle: HELD,
        salt: SALT,
        to: vec![[0; 32], own.x25519],
    };
    let KeyAnswer::Held { wraps, .. } = owner.keys(&mut random, &make) else {
        panic!("nobody got any");
    };
    let lengths: Vec<_> = wraps.iter().map(Vec::len).collect();
    assert_eq!(lengths, [0, WRAP_BYTES]);
}

#[test]
fn the_secret_of_an_epoch_opens_those_that_were_sealed_under_it() {
    const PARENT: KeyHandle = KeyHandle(HELD.0 + 1);
    let (mut owner, mut random, _) = device(1);
    owner.secrets.insert(HELD, vectors::SECRET);
    owner.secrets.insert(PARENT, vectors::PARENT_SECRET);
    let seal = KeyTask::SealSecret {
        handle: PARENT,
        under: HELD,
        epoch: vectors::PARENT,
    };
    let sealed = owner.keys(&mut random, &seal);
    assert_eq!(sealed, KeyAnswer::Bytes(vectors::PARENT_SEALED.to_vec()));

    let (mut till, mut other, _) = device(2);
    let open = |epoch, sealed: [u8; SEALED_SECRET_BYTES]| KeyTask::OpenSecret {
        handle: PARENT,
        under: HELD,
        epoch,
        sealed: sealed.to_vec(),
    };
    let right = open(vectors::PARENT, vectors::PARENT_SEALED);
    let refused = |answer| matches!(answer, KeyAnswer::Refused(_));
    assert!(refused(till.keys(&mut other, &right)), "it holds no secret");
    till.secrets.insert(HELD, vectors::SECRET);
    let of_another = open(EpochName([9; 8]), vectors::PARENT_SEALED);
    assert!(refused(till.keys(&mut other, &of_another)));
    let mut altered = vectors::PARENT_SEALED;
    altered[0] ^= 1;
    let altered = open(vectors::PARENT, altered);
    assert!(refused(till.keys(&mut other, &altered)));
    let KeyAnswer::Held { chain, wraps } = till.keys(&mut other, &right) else {
        panic!("it does not open");
    };
    assert_eq!(chain, schedule::chain_keys(&vectors::PARENT_SECRET));
    assert!(wraps.is_empty());
    assert_eq!(till.secrets[&PARENT], vectors::PARENT_SECRET);
}

#[test]
fn a_held_secret_can_be_wrapped_to_the_next_device() {
    let (mut owner, mut random, own) = device(1);
    let (mut till, mut other, public) = device(2);
    let to = vec![own.x25519];
    owner.keys(
        &mut random,
        &KeyTask::MakeSecret {
            handle: HELD,
            salt: SALT,
            to,
        },
    );
    let to = vec![public.x25519];
    let wrap = KeyTask::Wrap {
        handle: HELD,
        salt: SALT,
        to,
    };
    let wraps = wraps_of(owner.keys(&mut random, &wrap));
    let unwrap = unwrap_task(KeyHandle::IDENTITY, wraps[0].clone());
    assert!(matches!(
        till.keys(&mut other, &unwrap),
        KeyAnswer::Held { .. }
    ));
    assert_ne!(
        wraps_of(owner.keys(&mut random, &wrap)),
        wraps,
        "every wrap is fresh"
    );
}

#[test]
fn with_the_twelve_words_a_new_device_opens_what_the_old_one_sealed() {
    let (mut old, mut random, _) = device(1);
    let made = old.keys(&mut random, &KeyTask::MakeRecovery);
    let KeyAnswer::Phrase { words, public } = made else {
        panic!("{made:?}")
    };
    let to = vec![public.x25519];
    let made = old.keys(
        &mut random,
        &KeyTask::MakeSecret {
            handle: HELD,
            salt: SALT,
            to,
        },
    );
    let wrap = wraps_of(made).remove(0);

    let (mut new, mut other, _) = device(2);
    let unwrap = unwrap_task(KeyHandle::RECOVERY, wrap);
    assert!(matches!(
        new.keys(&mut other, &unwrap),
        KeyAnswer::Refused(_)
    ));
    let recovered = new.keys(&mut other, &KeyTask::Recover { words });
    assert_eq!(recovered, KeyAnswer::Public(public));
    assert!(matches!(
        new.keys(&mut other, &unwrap),
        KeyAnswer::Held { .. }
    ));
    new.keys(&mut other, &KeyTask::Forget(KeyHandle::RECOVERY));
    assert!(matches!(
        new.keys(&mut other, &unwrap),
        KeyAnswer::Refused(_)
    ));
}

#[test]
fn a_phrase_gives_its_known_keys_and_signature() {
    let (mut keys, mut random, _) = device(1);
    let words = vectors::PHRASE_WORDS.to_owned();
    let public = PublicKeys {
        ed25519: vectors::RECOVERY_ED25519_PUBLIC,
        x25519: vectors::RECOVERY_X25519_PUBLIC,
    };
    let answer = keys.keys(&mut random, &KeyTask::Recover { words });
    assert_eq!(answer, KeyAnswer::Public(public));
    let task = SignTask {
        key: KeyHandle::RECOVERY,
        message: vectors::SIGNED.to_vec(),
    };
    let answer = keys.perform(&mut random, &Effect::Sign(vec![task]));
    assert_eq!(answer, Some(Answer::Signed(vec![vectors::SIGNATURE])));
}

#[test]
fn a_wrong_word_is_refused_and_named_by_its_place() {
    let (mut keys, mut random, _) = device(1);
    let words = vectors::PHRASE_WORDS.replacen(' ', "zzz ", 1);
    let answer = keys.keys(&mut random, &KeyTask::Recover { words });
    assert_eq!(
        answer,
        KeyAnswer::Refused("word 1 is not in the list of words")
    );
}

#[test]
fn a_signature_is_checked_item_by_item() {
    let (mut keys, mut random, public) = device(1);
    let task = SignTask {
        key: KeyHandle::IDENTITY,
        message: b"message".to_vec(),
    };
    let answer = keys.perform(&mut random, &Effect::Sign(vec![task]));
    let Some(Answer::Signed(signed)) = answer else {
        panic!("{answer:?}")
    };
    let check = |message: &[u8]| VerifyTask {
        public: public.ed25519,
        message: message.to_vec(),
        signature: signed[0],
    };
    let answer = keys.perform(
        &mut random,
        &Effect::Verify(vec![check(b"m"), check(b"message")]),
    );
    assert_eq!(answer, Some(Answer::Verified(vec![false, true])));
}

#[test]
fn a_message_reaches_one_device_and_is_bounded() {
    let (mut from, mut random, own) = device(1);
    let (mut to, mut other, public) = device(2);
    let task = KeyTask::SealTo {
        to: public.x25519,
        plain: b"offer".to_vec(),
    };
    let answer = from.keys(&mut random, &task);
    let KeyAnswer::Bytes(sealed) = answer else {
        panic!("{answer:?}")
    };
    let open = KeyTask::OpenSealed { sealed };
    assert_eq!(
        to.keys(&mut other, &open),
        KeyAnswer::Bytes(b"offer".to_vec())
    );
    assert!(matches!(
        from.keys(&mut random, &open),
        KeyAnswer::Refused(_)
    ));
    let task = KeyTask::SealTo {
        to: own.x25519,
        plain: vec![0; SIGNAL_BYTES_MAX],
    };
    assert!(matches!(from.keys(&mut random, &task), KeyAnswer::Bytes(_)));
    let task = KeyTask::SealTo {
        to: own.x25519,
        plain: vec![0; SIGNAL_BYTES_MAX + 1],
    };
    assert!(matches!(
        from.keys(&mut random, &task),
        KeyAnswer::Refused(_)
    ));
}

#[test]
fn what_is_only_in_memory_is_gone_after_a_restart() {
    let (mut keys, mut random, own) = device(1);
    let to = vec![own.x25519];
    keys.keys(
        &mut random,
        &KeyTask::MakeSecret {
            handle: HELD,
            salt: SALT,
            to,
        },
    );
    keys.restart();
    let answer = keys.perform(&mut random, &Effect::Seal(vec![seal_task(Stream::Sales)]));
    assert!(matches!(answer, Some(Answer::Failed(_))));
}

#[test]
fn control_is_never_sealed() {
    let (mut keys, mut random, own) = device(1);
    let to = vec![own.x25519];
    keys.keys(
        &mut random,
        &KeyTask::MakeSecret {
            handle: HELD,
            salt: SALT,
            to,
        },
    );
    let answer = keys.perform(&mut random, &Effect::Seal(vec![seal_task(Stream::Control)]));
    assert!(matches!(answer, Some(Answer::Failed(_))));
}

#[test]
fn other_effects_are_for_other_hands() {
    let (mut keys, mut random, _) = device(1);
    assert_eq!(keys.perform(&mut random, &Effect::Load(Vec::new())), None);
}

#[test]
fn keys_stay_out_of_traces() {
    assert_eq!(format!("{:?}", device(1).0), "NativeKeys(0 secrets)");
}
