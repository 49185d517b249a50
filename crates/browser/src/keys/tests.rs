//! WebCrypto and the native hand on the same keys: each opens what the other sealed.

use base::effect::{
    Answer, ChainKeys, Effect, KeyAnswer, KeyHandle, KeyTask, OpenTask, PublicKeys, SealTask,
    SignTask, VerifyTask, WRAP_BYTES,
};
use base::{EpochName, Random, Stream};
use futures_util::future::join_all;
use seal::native::NativeKeys;
use seal::vectors;
use wasm_bindgen_test::wasm_bindgen_test;

use super::Keys;
use super::identity::{Identity, Record};
use crate::random::BrowserRandom;
use crate::store::IndexedDb;

const EPOCH: KeyHandle = KeyHandle(KeyHandle::FIRST_FREE);
const SALT: [u8; 32] = [9; 32];

fn refused(answer: KeyAnswer) -> bool {
    matches!(answer, KeyAnswer::Refused(_))
}

async fn store() -> IndexedDb {
    let name = format!("keys-{}", js_sys::Math::random());
    IndexedDb::open(&name).await.unwrap()
}

async fn browser() -> Keys {
    Keys::new(store().await)
}

fn native() -> NativeKeys {
    NativeKeys::new()
}

async fn ask(keys: &Keys, task: KeyTask) -> KeyAnswer {
    match keys.task(task).await {
        Answer::Keys(answer) => answer,
        other => panic!("{other:?}"),
    }
}

fn ask_native(keys: &mut NativeKeys, task: &KeyTask) -> KeyAnswer {
    keys.keys(&mut BrowserRandom::default() as &mut dyn Random, task)
}

fn public(answer: KeyAnswer) -> PublicKeys {
    match answer {
        KeyAnswer::Public(public) => public,
        other => panic!("{other:?}"),
    }
}

fn held(answer: KeyAnswer) -> (ChainKeys, Vec<Vec<u8>>) {
    match answer {
        KeyAnswer::Held { chain, wraps } => (chain, wraps),
        other => panic!("{other:?}"),
    }
}

fn bytes(answer: KeyAnswer) -> Vec<u8> {
    match answer {
        KeyAnswer::Bytes(bytes) => bytes,
        other => panic!("{other:?}"),
    }
}

fn seal_task() -> SealTask {
    let (nonce, aad, plain) = ([4; 12], b"header".to_vec(), b"entries".repeat(100));
    SealTask {
        key: EPOCH,
        stream: Stream::Sales,
        nonce,
        aad,
        plain,
    }
}

fn open_task(sealed: Vec<u8>) -> OpenTask {
    let SealTask {
        key,
        stream,
        nonce,
        aad,
        ..
    } = seal_task();
    OpenTask {
        key,
        stream,
        nonce,
        aad,
        sealed,
    }
}

#[wasm_bindgen_test]
async fn however_many_ask_at_once_a_device_has_one_identity() {
    let store = store().await;
    let made = join_all((0..6).map(|_| Identity::load_or_make(&store, Record::Own))).await;
    let public = made[0].as_ref().unwrap().public();
    assert!(
        made.iter()
            .all(|one| one.as_ref().unwrap().public() == public)
    );
    let kept = Identity::load(&store, Record::Own).await.unwrap().unwrap();
    assert_eq!(kept.public(), public);
    let signature = kept.sign(b"challenge").await.unwrap();
    assert!(identity::signature::verify(
        &public.ed25519,
        b"challenge",
        &signature
    ));
}

#[wasm_bindgen_test]
async fn the_identity_cannot_be_read_out() {
    let store = store().await;
    let identity = Identity::load_or_make(&store, Record::Own).await.unwrap();
    assert!(!identity.signing.private.extractable());
    assert!(!identity.agreeing.private.extractable());
}

#[wasm_bindgen_test]
async fn a_device_goes_on_with_its_next_identity_once_and_for_good() {
    let store = store().await;
    let keys = Keys::new(store.clone());
    let own = public(ask(&keys, KeyTask::Identity).await);
    assert_eq!(public(ask(&keys, KeyTask::Succeed).await), own);
    let next_but = |but| KeyTask::NextIdentity { but };
    let useless = public(ask(&keys, next_but(None)).await);
    let next = public(ask(&keys, next_but(Some(useless.ed25519))).await);
    assert_ne!(next, useless);
    assert_eq!(
        public(ask(&keys, next_but(Some(useless.ed25519))).await),
        next
    );
    assert_eq!(public(ask(&keys, next_but(None)).await), next);
    assert_eq!(public(ask(&keys, KeyTask::Identity).await), own);
    assert_eq!(public(ask(&keys, KeyTask::Succeed).await), next);
    assert_eq!(public(ask(&keys, KeyTask::Succeed).await), next);
    let reopened = Keys::new(store);
    assert_eq!(public(ask(&reopened, KeyTask::Identity).await), next);
    assert_ne!(public(ask(&reopened, next_but(None)).await), next);
}

#[wasm_bindgen_test]
async fn what_the_browser_wraps_and_seals_the_native_hand_opens() {
    let (browser, mut native) = (browser().await, native());
    let theirs = public(ask_native(&mut native, &KeyTask::Identity));
    let ours = public(ask(&browser, KeyTask::Identity).await);
    let to = vec![ours.x25519, theirs.x25519];
    let make = KeyTask::MakeSecret {
        handle: EPOCH,
        salt: SALT,
        to,
    };
    let (chain, wraps) = held(ask(&browser, make).await);
    assert!(wraps.iter().all(|wrap| wrap.len() == WRAP_BYTES));

    let (by, wrap) = (KeyHandle::IDENTITY, wraps[1].clone());
    let unwrap = KeyTask::Unwrap {
        handle: EPOCH,
        by,
        salt: SALT,
        wrap,
    };
    assert_eq!(held(ask_native(&mut native, &unwrap)), (chain, Vec::new()));

    // A body as long as a sale's is sealed in here, a longer one by WebCrypto.
    let (nonce, plain) = ([5; 12], seal_task().plain.repeat(2));
    let long = SealTask {
        nonce,
        plain,
        ..seal_task()
    };
    let plains = vec![Some(seal_task().plain), Some(long.plain.clone())];
    let Answer::Sealed(sealed) = browser.seal(vec![seal_task(), long]).await else {
        panic!("not sealed");
    };
    let mut open = sealed.into_iter().map(open_task).collect::<Vec<_>>();
    open[1].nonce = nonce;
    let opened = native.perform(&mut BrowserRandom::default(), &Effect::Open(open.clone()));
    assert_eq!(opened, Some(Answer::Opened(plains.clone())));
    assert_eq!(browser.open(open).await, Answer::Opened(plains));
}

#[wasm_bindgen_test]
async fn what_the_native_hand_wraps_and_seals_the_browser_opens() {
    let (browser, mut native) = (browser().await, native());
    let ours = public(ask(&browser, KeyTask::Identity).await);
    let make = KeyTask::MakeSecret {
        handle: EPOCH,
        salt: SALT,
        to: vec![ours.x25519],
    };
    let (chain, wraps) = held(ask_native(&mut native, &make));
    let (by, wrap) = (KeyHandle::IDENTITY, wraps[0].clone());
    let unwrap = KeyTask::Unwrap {
        handle: EPOCH,
        by,
        salt: SALT,
        wrap,
    };
    assert_eq!(held(ask(&browser, unwrap).await), (chain, Vec::new()));

    let seal = Effect::Seal(vec![seal_task()]);
    let Some(Answer::Sealed(sealed)) = native.perform(&mut BrowserRandom::default(), &seal) else {
        panic!("not sealed");
    };
    let good = open_task(sealed[0].clone());
    let mut altered = good.clone();
    altered.sealed[3] ^= 1;
    let mut elsewhere = good.clone();
    elsewhere.stream = Stream::Shop;
    let mut not_held = good.clone();
    not_held.key = KeyHandle(99);
    let opened = browser.open(vec![good.clone(), altered, elsewhere]).await;
    assert_eq!(
        opened,
        Answer::Opened(vec![Some(seal_task().plain), None, None])
    );
    let answer = browser.open(vec![good, not_held]).await;
    assert!(
        matches!(answer, Answer::Failed(_)),
        "it says nothing of the bodies: {answer:?}"
    );
}

#[wasm_bindgen_test]
async fn a_wrap_opens_for_its_reader_under_its_salt_only() {
    let (browser, other) = (browser().await, self::browser().await);
    let ours = public(ask(&browser, KeyTask::Identity).await);
    let make = KeyTask::MakeSecret {
        handle: EPOCH,
        salt: SALT,
        to: vec![ours.x25519],
    };
    let (_, wraps) = held(ask(&other, make).await);
    let by = KeyHandle::IDENTITY;
    let unwrap = |salt, wrap| KeyTask::Unwrap {
        handle: KeyHandle(17),
        by,
        salt,
        wrap,
    };
    assert!(refused(
        ask(&browser, unwrap([8; 32], wraps[0].clone())).await
    ));
    assert!(refused(ask(&other, unwrap(SALT, wraps[0].clone())).await));
    assert!(refused(
        ask(&browser, unwrap(SALT, wraps[0][..60].to_vec())).await
    ));
    held(ask(&browser, unwrap(SALT, wraps[0].clone())).await);
    assert_eq!(
        ask(&browser, KeyTask::Forget(KeyHandle(17))).await,
        KeyAnswer::Done
    );
    let wrap = KeyTask::Wrap {
        handle: KeyHandle(17),
        salt: SALT,
        to: Vec::new(),
    };
    assert!(
        refused(ask(&browser, wrap).await),
        "what was forgotten is not held"
    );
}

#[wasm_bindgen_test]
async fn whose_key_is_none_goes_without_and_keeps_nobody_else_from_a_secret() {
    let browser = browser().await;
    let own = public(ask(&browser, KeyTask::Identity).await).x25519;
    let make = KeyTask::MakeSecret {
        handle: EPOCH,
        salt: SALT,
        to: vec![[0; 32], own],
    };
    let (_, wraps) = held(ask(&browser, make).await);
    let lengths: Vec<_> = wraps.iter().map(Vec::len).collect();
    assert_eq!(lengths, [0, WRAP_BYTES]);
}

#[wasm_bindgen_test]
async fn a_secret_under_another_opens_on_both_sides() {
    const PARENT: KeyHandle = KeyHandle(EPOCH.0 + 1);
    let (browser, mut native) = (browser().await, native());
    let own = public(ask(&browser, KeyTask::Identity).await).x25519;
    let theirs = public(ask_native(&mut native, &KeyTask::Identity)).x25519;
    let make = |handle, to| KeyTask::MakeSecret {
        handle,
        salt: SALT,
        to,
    };
    let (_, wraps) = held(ask(&browser, make(EPOCH, vec![theirs])).await);
    let unwrap = KeyTask::Unwrap {
        handle: EPOCH,
        by: KeyHandle::IDENTITY,
        salt: SALT,
        wrap: wraps[0].clone(),
    };
    held(ask_native(&mut native, &unwrap));
    let epoch = EpochName([5; 8]);
    let seal = || KeyTask::SealSecret {
        handle: PARENT,
        under: EPOCH,
        epoch,
    };
    let open = |epoch, sealed| KeyTask::OpenSecret {
        handle: PARENT,
        under: EPOCH,
        epoch,
        sealed,
    };
    let (chain, _) = held(ask(&browser, make(PARENT, vec![own])).await);
    let KeyAnswer::Bytes(here) = ask(&browser, seal()).await else {
        panic!("not sealed");
    };
    let opened = held(ask_native(&mut native, &open(epoch, here.clone()))).0;
    assert_eq!(opened, chain);
    let KeyAnswer::Bytes(there) = ask_native(&mut native, &seal()) else {
        panic!("not sealed");
    };
    assert_eq!(here, there, "the key seals one thing");
    assert_eq!(held(ask(&browser, open(epoch, there)).await).0, chain);
    let other = open(EpochName([6; 8]), here.clone());
    assert!(refused(ask(&browser, other).await));
    let broken = open(epoch, here[1..].to_vec());
    assert!(refused(ask(&browser, broken).await));
}

#[wasm_bindgen_test]
async fn a_phrase_gives_the_same_keys_everywhere() {
    let (browser, mut native) = (browser().await, native());
    let KeyAnswer::Phrase {
        words,
        public: made,
    } = ask(&browser, KeyTask::MakeRecovery).await
    else {
        panic!("no phrase");
    };
    let recover = KeyTask::Recover { words };
    assert_eq!(public(ask_native(&mut native, &recover)), made);
    assert_eq!(public(ask(&browser, recover).await), made);
    let known = KeyTask::Recover {
        words: vectors::PHRASE_WORDS.to_owned(),
    };
    let (here, there) = (
        ask(&browser, known.clone()).await,
        ask_native(&mut native, &known),
    );
    assert_eq!(here, there);
    let typo = KeyTask::Recover {
        words: "not a phrase".to_owned(),
    };
    assert_eq!(
        ask(&browser, typo.clone()).await,
        ask_native(&mut native, &typo)
    );

    let make = KeyTask::MakeSecret {
        handle: EPOCH,
        salt: SALT,
        to: vec![public(here).x25519],
    };
    let (chain, wraps) = held(ask_native(&mut native, &make));
    let (by, wrap) = (KeyHandle::RECOVERY, wraps[0].clone());
    let unwrap = KeyTask::Unwrap {
        handle: EPOCH,
        by,
        salt: SALT,
        wrap,
    };
    assert_eq!(held(ask(&browser, unwrap).await).0, chain);
}

#[wasm_bindgen_test]
async fn signatures_hold_on_both_sides_and_altered_ones_on_neither() {
    let (browser, mut native) = (browser().await, native());
    let sign = || {
        vec![SignTask {
            key: KeyHandle::IDENTITY,
            message: b"message".to_vec(),
        }]
    };
    let Answer::Signed(ours) = browser.sign(sign()).await else {
        panic!("not signed");
    };
    let theirs_public = public(ask_native(&mut native, &KeyTask::Identity)).ed25519;
    let Some(Answer::Signed(theirs)) =
        native.perform(&mut BrowserRandom::default(), &Effect::Sign(sign()))
    else {
        panic!("not signed");
    };
    let ours_public = public(ask(&browser, KeyTask::Identity).await).ed25519;
    let check = |public, signature, message: &[u8]| VerifyTask {
        public,
        message: message.to_vec(),
        signature,
    };
    let tasks = vec![
        check(ours_public, ours[0], b"message"),
        check(theirs_public, theirs[0], b"message"),
        check(theirs_public, ours[0], b"message"),
        check(ours_public, ours[0], b"massage"),
        check([0xff; 32], ours[0], b"message"),
    ];
    let expected = Answer::Verified(vec![true, true, false, false, false]);
    assert_eq!(browser.verify(tasks.clone()).await, expected);
    let native = native.perform(&mut BrowserRandom::default(), &Effect::Verify(tasks));
    assert_eq!(native, Some(expected));
}

#[wasm_bindgen_test]
async fn messages_to_one_device_cross_in_both_directions() {
    let (browser, mut native) = (browser().await, native());
    let ours = public(ask(&browser, KeyTask::Identity).await).x25519;
    let theirs = public(ask_native(&mut native, &KeyTask::Identity)).x25519;
    let plain = b"an offer".to_vec();
    let to_them = KeyTask::SealTo {
        to: theirs,
        plain: plain.clone(),
    };
    let sealed = bytes(ask(&browser, to_them).await);
    assert_eq!(
        bytes(ask_native(
            &mut native,
            &KeyTask::OpenSealed {
                sealed: sealed.clone()
            }
        )),
        plain
    );
    let broken = ask(&browser, KeyTask::OpenSealed { sealed }).await;
    assert!(matches!(broken, KeyAnswer::Refused(_)), "it was not for us");
    let to_us = KeyTask::SealTo {
        to: ours,
        plain: plain.clone(),
    };
    let sealed = bytes(ask_native(&mut native, &to_us));
    assert_eq!(
        bytes(ask(&browser, KeyTask::OpenSealed { sealed }).await),
        plain
    );
    let long = KeyTask::SealTo {
        to: theirs,
        plain: vec![0; 5_000],
    };
    assert_eq!(
        ask(&browser, long.clone()).await,
        ask_native(&mut native, &long)
    );
    // A key of low order agrees with everybody on nothing.
    let nobody = KeyTask::SealTo { to: [0; 32], plain };
    assert_eq!(
        ask(&browser, nobody.clone()).await,
        ask_native(&mut native, &nobody)
    );
}

#[wasm_bindgen_test]
async fn a_pin_gives_its_known_answer() {
    let (salt, pepper) = (vectors::PIN_SALT, vectors::PIN_PEPPER);
    let hash = KeyTask::HashPin {
        pin: vectors::PIN.to_owned(),
        salt,
        pepper,
    };
    assert_eq!(
        ask(&browser().await, hash).await,
        KeyAnswer::Pin(vectors::PIN_VERIFIER)
    );
}
