//! Known answers that every hand is held to: RustCrypto, WebCrypto and whatever comes later.
//!
//! Inputs are chosen. Outputs come from implementations that are not ours: Node's WebCrypto and
//! OpenSSL, the reference implementation of Argon2, the `mnemonic` package of BIP39's authors.

use base::EpochName;
use base::effect::{SEALED_SECRET_BYTES, WRAP_BYTES};

/// An epoch's secret.
pub const SECRET: [u8; 32] = counted(0x00);
/// The key that seals its segments of `sales`.
pub const SEGMENT_KEY_SALES: [u8; 32] =
    hex("a4c3ef4b1c404c2c36f68c268f23211c35c03c66fa7f8ee889084b5aebae018f");
/// The key that seals its segments of `office`.
pub const SEGMENT_KEY_OFFICE: [u8; 32] =
    hex("e0bfe0fa0d1e6241e80d60cd6325e10e7dd4a4d07aa80d88529732ac2cc1b08e");
/// The key of its chains of `sales`.
pub const CHAIN_KEY_SALES: [u8; 32] =
    hex("98db84d10ff1a555a32202803d239a677be601cbc515f532b11d137122315ee3");

/// Nonce of the sealed body.
pub const SEAL_NONCE: [u8; 12] = counted(0x20);
/// What is bound to it.
pub const SEAL_AAD: &[u8] = b"header without the hash of the body";
/// What is in it.
pub const SEAL_PLAIN: &[u8] = b"deflated entries";
/// The body, sealed under [`SEGMENT_KEY_SALES`].
pub const SEALED: [u8; 32] =
    hex("ecc13517487477e41bb43715508ea158726f877df80553029854c211f2b15034");

/// An epoch that another one follows.
pub const PARENT: EpochName = EpochName(counted(0xe0));
/// Its secret.
pub const PARENT_SECRET: [u8; 32] = counted(0x10);
/// The key that seals it under [`SECRET`].
pub const PARENT_KEY: [u8; 32] =
    hex("bd0002728565f25176c996429d545717fcf18138269762e72ae72be4b8bbaa5f");
/// [`PARENT_SECRET`], sealed under [`SECRET`].
pub const PARENT_SEALED: [u8; SEALED_SECRET_BYTES] = hex(concat!(
    "2752951c257a3f5071870f3bed1242f415aa148219d28bede504465e7d3c3eb6",
    "c35429aadf3cfbc665a3b7a16fedf29c"
));

/// X25519 private key of a recipient.
pub const RECIPIENT_PRIVATE: [u8; 32] = counted(0x40);
/// Its public key.
pub const RECIPIENT_PUBLIC: [u8; 32] =
    hex("79a631eede1bf9c98f12032cdeadd0e7a079398fc786b88cc846ec89af85a51a");
/// X25519 private key that a wrap and a message are made with.
pub const EPHEMERAL_PRIVATE: [u8; 32] = counted(0x60);
/// What the wrap is bound to.
pub const WRAP_SALT: [u8; 32] = counted(0x80);
/// [`SECRET`], wrapped to the recipient.
pub const WRAP: [u8; WRAP_BYTES] = hex(concat!(
    "675dd574ed7789310b3d2e7681f3790b466c773b1521fecf36577958371ea52f",
    "6ee779b2b55c19e52fb773191036b2c98bcf4dbda46fe475204defe02e63f012",
    "1dcf3573e2d41de8dafccb08a39618b5",
));
/// A message.
pub const MESSAGE: &[u8] = b"a sealed offer";
/// The message, sealed to the recipient.
pub const SEALED_MESSAGE: [u8; 62] = hex(concat!(
    "675dd574ed7789310b3d2e7681f3790b466c773b1521fecf36577958371ea52f",
    "79566879b9b391c022fba05d444929b3816d7236ee5e87a5da5cb0166e94",
));

/// What a phrase stands for.
pub const PHRASE_ENTROPY: [u8; 16] = counted(0xa0);
/// Its words.
pub const PHRASE_WORDS: &str =
    "pass artist pottery enable foil fatigue pencil crystal produce grace hill gadget";
/// Ed25519 seed that it gives.
pub const RECOVERY_ED25519_SEED: [u8; 32] =
    hex("d16cac74b3936d79ab96650eee19177ae6c0a3a98dbc07865493a81af7a87ca8");
/// The public key of that seed.
pub const RECOVERY_ED25519_PUBLIC: [u8; 32] =
    hex("bf7a9c029fd8883253fd957e4a4ecf2ab26718be67a6add4ad9bb849bbd44eb1");
/// X25519 private key that it gives.
pub const RECOVERY_X25519_PRIVATE: [u8; 32] =
    hex("81f0a16c686d546e151d66d0ae82a8abac1cda090596176f307279de8424c446");
/// The public key of that private key.
pub const RECOVERY_X25519_PUBLIC: [u8; 32] =
    hex("408a4c2edccad7911a75a74d3cb987c0449502af00d963b44b4efc64bf393739");
/// What the recovery key signs.
pub const SIGNED: &[u8] = b"signed";
/// Its signature.
pub const SIGNATURE: [u8; 64] = hex(concat!(
    "63a65ab5259ce19cafdf92dbe22ccf332e52de52a967487d15de70a6189c7bff",
    "1a5369b05f2ecb070d2a72c10292e71ab916729b135396aa216dbeb749da690b",
));

/// A PIN.
pub const PIN: &str = "1234";
/// Salt of its employee.
pub const PIN_SALT: [u8; 16] = counted(0xc0);
/// The shop's PIN secret.
pub const PIN_PEPPER: [u8; 32] = counted(0xd0);
/// The PIN's verifier.
pub const PIN_VERIFIER: [u8; 32] =
    hex("101bebcd207387318ea575db376b1014cc24f3594fd90e3d326b61cfdd148200");

/// `first`, `first + 1`, …
#[allow(
    clippy::indexing_slicing,
    reason = "runs while the program is built, or does not build"
)]
const fn counted<const N: usize>(first: u8) -> [u8; N] {
    let mut bytes = [0; N];
    let mut at = 0;
    while at < N {
        bytes[at] = first + at as u8;
        at += 1;
    }
    bytes
}

/// Reads lower-case hexadecimal while the program is built; a wrong length does not build.
#[allow(
    clippy::indexing_slicing,
    reason = "runs while the program is built, or does not build"
)]
const fn hex<const N: usize>(text: &str) -> [u8; N] {
    let text = text.as_bytes();
    assert!(text.len() == 2 * N, "two digits for each byte");
    let mut bytes = [0; N];
    let mut at = 0;
    while at < N {
        bytes[at] = digit(text[2 * at]) << 4 | digit(text[2 * at + 1]);
        at += 1;
    }
    bytes
}

const fn digit(letter: u8) -> u8 {
    match letter {
        b'0'..=b'9' => letter - b'0',
        b'a'..=b'f' => letter - b'a' + 10,
        _ => panic!("a hexadecimal digit"),
    }
}
