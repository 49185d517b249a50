//! One suite for both kinds: the stand-in fails where the real thing fails.

use base::effect::{
    KeyAnswer, KeyTask, OpenTask, PublicKeys, SEALED_SECRET_BYTES, SealTask, SignTask, VerifyTask,
    WRAP_BYTES,
};
use base::{EpochName, KeyHandle, Stream};

use super::*;
use crate::random::SeededRandom;

const HELD: KeyHandle = KeyHandle(KeyHandle::FIRST_FREE);
const SALT: [u8; 32] = [5; 32];

/// A device with its own randomness.
struct Device {
    hands: Hands,
    random: SeededRandom,
    public: PublicKeys,
}

impl Device {
    fn new(hands: Hands, node: u32) -> Self {
        let random = SeededRandom::new(1, "hands", node);
        let public = PublicKeys {
            ed25519: [0; 32],
            x25519: [0; 32],
        };
        let mut device = Self {
            hands,
            random,
            public,
        };
        let answer = device.keys(KeyTask::Identity);
        let KeyAnswer::Public(public) = answer else {
            panic!("{answer:?}")
        };
        device.public = public;
        device
    }

    fn perform(&mut self, effect: &Effect) -> Answer {
        self.hands.perform(&mut self.random, effect).unwrap()
    }

    fn keys(&mut self, task: KeyTask) -> KeyAnswer {
        let answer = self.perform(&Effect::Keys(task));
        let Answer::Keys(answer) = answer else {
            panic!("{answer:?}")
        };
        answer
    }

    fn make_secret(&mut self, to: &[&Self]) -> Vec<Vec<u8>> {
        let to = to.iter().map(|device| device.public.x25519).collect();
        let made = self.keys(KeyTask::MakeSecret {
            handle: HELD,
            salt: SALT,
            to,
        });
        let KeyAnswer::Held { wraps, .. } = made else {
            panic!("{made:?}")
        };
        wraps
    }

    fn unwrap(&mut self, wrap: &[u8]) -> KeyAnswer {
        self.keys(KeyTask::Unwrap {
            handle: HELD,
            by: KeyHandle::IDENTITY,
            salt: SALT,
            wrap: wrap.to_vec(),
        })
    }

    fn seal(&mut self, stream: Stream) -> Vec<u8> {
        let task = SealTask {
            stream,
            ..seal_task(HELD)
        };
        let answer = self.perform(&Effect::Seal(vec![task]));
        let Answer::Sealed(mut sealed) = answer else {
            panic!("{answer:?}")
        };
        sealed.remove(0)
    }

    fn try_open(&mut self, change: impl FnOnce(&mut OpenTask), sealed: Vec<u8>) -> Answer {
        let mut task = OpenTask {
            key: HELD,
            stream: Stream::Sales,
            nonce: [1; 12],
            aad: b"aad".into(),
            sealed,
        };
        change(&mut task);
        self.perform(&Effect::Open(vec![task]))
    }

    fn open(&mut self, change: impl FnOnce(&mut OpenTask), sealed: Vec<u8>) -> Option<Vec<u8>> {
        let answer = self.try_open(change, sealed);
        let Answer::Opened(mut opened) = answer else {
            panic!("{answer:?}")
        };
        opened.remove(0)
    }

    fn sign(&mut self, message: &[u8]) -> [u8; 64] {
        let task = SignTask {
            key: KeyHandle::IDENTITY,
            message: message.to_vec(),
        };
        let answer = self.perform(&Effect::Sign(vec![task]));
        let Answer::Signed(signed) = answer else {
            panic!("{answer:?}")
        };
        signed[0]
    }

    fn verifies(&mut self, public: [u8; 32], message: &[u8], signature: [u8; 64]) -> bool {
        let task = VerifyTask {
            public,
            message: message.to_vec(),
            signature,
        };
        self.perform(&Effect::Verify(vec![task])) == Answer::Verified(vec![true])
    }
}

fn seal_task(key: KeyHandle) -> SealTask {
    SealTask {
        key,
        stream: Stream::Sales,
        nonce: [1; 12],
        aad: b"aad".into(),
        plain: b"plain".into(),
    }
}

fn pair(kind: &Hands) -> (Device, Device) {
    (Device::new(kind.clone(), 0), Device::new(kind.clone(), 1))
}

fn each_kind(check: impl Fn(&Hands)) {
    check(&Hands::real());
    check(&Hands::fast());
}

#[test]
fn what_one_device_seals_another_opens_that_was_given_the_secret() {
    each_kind(|kind| {
        let (mut owner, mut till) = pair(kind);
        let wraps = owner.make_secret(&[&till]);
        assert_eq!(wraps[0].len(), WRAP_BYTES);
        assert!(matches!(owner.unwrap(&wraps[0]), KeyAnswer::Refused(_)));
        assert!(matches!(till.unwrap(&wraps[0]), KeyAnswer::Held { .. }));
        let sealed = owner.seal(Stream::Sales);
        assert_eq!(sealed.len(), b"plain".len() + 16);
        assert_eq!(till.open(|_| (), sealed).as_deref(), Some(&b"plain"[..]));
    });
}

#[test]
fn any_altered_byte_key_nonce_stream_or_header_breaks_a_seal() {
    each_kind(|kind| {
        let (mut owner, mut till) = pair(kind);
        let sealed = owner.seal_after_secret();
        for at in 0..sealed.len() {
            let mut bad = sealed.clone();
            bad[at] ^= 1;
            assert_eq!(owner.open(|_| (), bad), None, "byte {at}");
        }
        assert_eq!(owner.open(|it| it.nonce[0] ^= 1, sealed.clone()), None);
        assert_eq!(
            owner.open(|it| it.stream = Stream::Shop, sealed.clone()),
            None
        );
        assert_eq!(owner.open(|it| it.aad.push(0), sealed.clone()), None);
        assert_eq!(owner.open(|it| it.sealed.truncate(9), sealed.clone()), None);
        till.make_secret(&[]);
        assert_eq!(till.open(|_| (), sealed), None);
    });
}

#[test]
fn a_key_that_is_not_held_says_nothing_of_what_it_should_open() {
    each_kind(|kind| {
        let (mut owner, mut till) = pair(kind);
        let sealed = owner.seal_after_secret();
        let not_held = |it: &mut OpenTask| it.key = KeyHandle(99);
        for answer in [
            till.try_open(|_| (), sealed.clone()),
            owner.try_open(not_held, sealed.clone()),
            owner.try_open(|it| it.stream = Stream::Control, sealed.clone()),
            owner.try_open(not_held, vec![]),
        ] {
            assert!(matches!(answer, Answer::Failed(_)), "{answer:?}");
        }
    });
}

impl Device {
    fn seal_after_secret(&mut self) -> Vec<u8> {
        self.make_secret(&[]);
        self.seal(Stream::Sales)
    }
}

#[test]
fn any_altered_byte_breaks_a_wrap_and_a_message() {
    each_kind(|kind| {
        let (mut owner, mut till) = pair(kind);
        let wrap = owner.make_secret(&[&till]).remove(0);
        for at in 0..wrap.len() {
            let mut bad = wrap.clone();
            bad[at] ^= 1;
            assert!(matches!(till.unwrap(&bad), KeyAnswer::Refused(_)), "{at}");
        }
        let to = till.public.x25519;
        let plain = b"offer".to_vec();
        let sealed = owner.keys(KeyTask::SealTo { to, plain });
        let KeyAnswer::Bytes(sealed) = sealed else {
            panic!("{sealed:?}")
        };
        for at in 0..sealed.len() {
            let mut bad = sealed.clone();
            bad[at] ^= 1;
            let answer = till.keys(KeyTask::OpenSealed { sealed: bad });
            assert!(matches!(answer, KeyAnswer::Refused(_)), "{at}");
        }
        let opened = till.keys(KeyTask::OpenSealed { sealed });
        assert_eq!(opened, KeyAnswer::Bytes(b"offer".to_vec()));
    });
}

#[test]
fn a_secret_under_another_opens_by_that_one_alone() {
    const OTHER: KeyHandle = KeyHandle(HELD.0 + 1);
    const EPOCH: EpochName = EpochName([5; 8]);
    each_kind(|kind| {
        let (mut owner, mut till) = pair(kind);
        let wraps = owner.make_secret(&[&till]);
        let (salt, to) = (SALT, Vec::new());
        let handle = OTHER;
        owner.keys(KeyTask::MakeSecret { handle, salt, to });
        let sealed = owner.keys(KeyTask::SealSecret {
            handle: OTHER,
            under: HELD,
            epoch: EPOCH,
        });
        let KeyAnswer::Bytes(sealed) = sealed else {
            panic!("{sealed:?}")
        };
        assert_eq!(sealed.len(), SEALED_SECRET_BYTES);
        let open = |epoch, sealed: &[u8]| KeyTask::OpenSecret {
            handle: OTHER,
            under: HELD,
            epoch,
            sealed: sealed.to_vec(),
        };
        let refused = |answer| matches!(answer, KeyAnswer::Refused(_));
        assert!(refused(till.keys(open(EPOCH, &sealed))), "not held yet");
        till.unwrap(&wraps[0]);
        assert!(refused(till.keys(open(EpochName([6; 8]), &sealed))));
        for at in 0..sealed.len() {
            let mut bad = sealed.clone();
            bad[at] ^= 1;
            assert!(refused(till.keys(open(EPOCH, &bad))), "byte {at}");
        }
        let held = till.keys(open(EPOCH, &sealed));
        assert!(matches!(held, KeyAnswer::Held { .. }), "{held:?}");
        let body = owner.perform(&Effect::Seal(vec![seal_task(OTHER)]));
        assert_eq!(body, till.perform(&Effect::Seal(vec![seal_task(OTHER)])));
    });
}

#[test]
fn a_signature_is_of_one_key_and_one_message() {
    each_kind(|kind| {
        let (mut owner, mut till) = pair(kind);
        let (own, other) = (owner.public.ed25519, till.public.ed25519);
        let signature = owner.sign(b"message");
        assert!(till.verifies(own, b"message", signature));
        assert!(!till.verifies(other, b"message", signature));
        assert!(!till.verifies(own, b"massage", signature));
        for at in 0..64 {
            let mut bad = signature;
            bad[at] ^= 1;
            assert!(!till.verifies(own, b"message", bad), "byte {at}");
        }
    });
}

#[test]
fn the_twelve_words_give_the_same_keys_on_another_device() {
    each_kind(|kind| {
        let (mut old, mut new) = pair(kind);
        let answer = old.keys(KeyTask::MakeRecovery);
        let KeyAnswer::Phrase { words, public } = answer else {
            panic!("{answer:?}")
        };
        let recovered = new.keys(KeyTask::Recover { words });
        assert_eq!(recovered, KeyAnswer::Public(public));
        let words = "no words at all".into();
        let refused = new.keys(KeyTask::Recover { words });
        assert_eq!(
            refused,
            KeyAnswer::Refused("a recovery phrase has twelve words")
        );
    });
}

#[test]
fn a_restart_keeps_the_identity_and_forgets_secrets() {
    each_kind(|kind| {
        let (mut device, _) = pair(kind);
        let sealed = device.seal_after_secret();
        device.hands.restart();
        let answer = device.try_open(|_| (), sealed);
        assert!(matches!(answer, Answer::Failed(_)), "{answer:?}");
        let public = device.public;
        assert_eq!(device.keys(KeyTask::Identity), KeyAnswer::Public(public));
    });
}

#[test]
fn a_device_goes_on_with_its_next_identity_once_and_for_good() {
    each_kind(|kind| {
        let (mut device, _) = pair(kind);
        let own = KeyAnswer::Public(device.public);
        assert_eq!(device.keys(KeyTask::Succeed), own);
        let next_but = |but| KeyTask::NextIdentity { but };
        let useless = device.keys(next_but(None));
        let KeyAnswer::Public(PublicKeys { ed25519, .. }) = useless else {
            panic!("{useless:?}");
        };
        let next = device.keys(next_but(Some(ed25519)));
        assert_ne!(next, useless);
        device.hands.restart();
        assert_eq!(device.keys(next_but(Some(ed25519))), next);
        assert_eq!(device.keys(next_but(None)), next);
        assert_eq!(device.keys(KeyTask::Identity), own);
        assert_eq!(device.keys(KeyTask::Succeed), next);
        assert_eq!(device.keys(KeyTask::Succeed), next);
        device.hands.restart();
        assert_eq!(device.keys(KeyTask::Identity), next);
        assert_ne!(device.keys(next_but(None)), next);
    });
}

#[test]
fn pins_are_told_apart() {
    each_kind(|kind| {
        let (mut device, _) = pair(kind);
        let mut hash = |pin: &str, salt: u8| {
            device.keys(KeyTask::HashPin {
                pin: pin.into(),
                salt: [salt; 16],
                pepper: [2; 32],
            })
        };
        let first = hash("1234", 1);
        assert!(matches!(first, KeyAnswer::Pin(_)));
        assert_eq!(first, hash("1234", 1));
        assert_ne!(first, hash("1235", 1));
        assert_ne!(first, hash("1234", 3));
    });
}

#[test]
fn the_same_seed_gives_the_same_keys() {
    each_kind(|kind| {
        let (first, other) = pair(kind);
        assert_eq!(Device::new(kind.clone(), 0).public, first.public);
        assert_ne!(first.public, other.public);
    });
}

#[test]
fn zones_are_answered_and_other_effects_left_to_others() {
    each_kind(|kind| {
        let (mut device, _) = pair(kind);
        let (name, around_ms) = ("Asia/Kolkata".into(), 0);
        let answer = device.perform(&Effect::Zone { name, around_ms });
        assert_eq!(answer, Answer::Zone(Some(vec![(0, 330)])));
        let load = Effect::Load(Vec::new());
        assert_eq!(device.hands.perform(&mut device.random, &load), None);
    });
}
