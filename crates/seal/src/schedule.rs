//! The key schedule: which key comes from which secret. HKDF-SHA-256 (RFC 5869) throughout.
//!
//! Every use has a tag of its own in `info`, so that no key can serve two purposes. WebCrypto's
//! `deriveBits` with the same salt and info gives the same bytes.
//!
//! | key | secret | salt | info |
//! |---|---|---|---|
//! | of segments | an epoch's secret | – | [`TAG_SEGMENT_KEY`] ‖ stream's number |
//! | of a chain | an epoch's secret | – | [`TAG_CHAIN_KEY`] ‖ stream's number |
//! | of a wrap | X25519(ephemeral, recipient) | the entry's salt | [`TAG_WRAP_KEY`] ‖ ephemeral ‖ recipient |
//! | of a parent's secret | an epoch's secret | – | [`TAG_PARENT_KEY`] ‖ the parent's name |
//! | of a message | X25519(ephemeral, recipient) | – | [`TAG_MESSAGE_KEY`] ‖ ephemeral ‖ recipient |
//! | recovery, Ed25519 | the phrase's 16 bytes | – | [`TAG_RECOVERY_ED25519`] |
//! | recovery, X25519 | the phrase's 16 bytes | – | [`TAG_RECOVERY_X25519`] |
//!
//! Wraps and messages are AES-256-GCM with a nonce of zeros: their key comes from an ephemeral
//! pair that is used once, so no nonce can repeat under it. They are `ephemeral ‖ sealed ‖ tag`.
//! A parent's secret has a nonce of zeros, too: its key seals that secret and nothing else.

use base::effect::ChainKeys;
use base::hash::ChainKey;
use base::{EpochName, Stream};
use hkdf::Hkdf;
use sha2::Sha256;

/// Tag of the key that seals a stream's segments.
pub const TAG_SEGMENT_KEY: &[u8] = b"tillmesh/1 segment key\0";
/// Tag of the key of a stream's chain. It opens nothing.
pub const TAG_CHAIN_KEY: &[u8] = b"tillmesh/1 chain key\0";
/// Tag of the key that wraps an epoch's secret to one recipient.
pub const TAG_WRAP_KEY: &[u8] = b"tillmesh/1 wrap key\0";
/// Tag of the key that seals the secret of an epoch under that of one that follows it.
pub const TAG_PARENT_KEY: &[u8] = b"tillmesh/1 parent key\0";
/// Tag of the key that seals a message to one device.
pub const TAG_MESSAGE_KEY: &[u8] = b"tillmesh/1 message key\0";
/// Tag of the Ed25519 seed that a recovery phrase gives.
pub const TAG_RECOVERY_ED25519: &[u8] = b"tillmesh/1 recovery ed25519\0";
/// Tag of the X25519 private key that a recovery phrase gives.
pub const TAG_RECOVERY_X25519: &[u8] = b"tillmesh/1 recovery x25519\0";

/// The nonce of wraps, parents' secrets and messages, whose keys seal one thing each.
pub const NONCE_ONCE: [u8; 12] = [0; 12];

/// The key that seals segments of `stream` under an epoch's secret. `control` is never sealed.
pub fn segment_key(secret: &[u8; 32], stream: Stream) -> [u8; 32] {
    derive(secret, None, &[TAG_SEGMENT_KEY, &[stream.number()]])
}

/// The chain keys that go with an epoch's secret, one for each sealed stream.
pub fn chain_keys(secret: &[u8; 32]) -> ChainKeys {
    let key = |stream: Stream| {
        ChainKey::Secret(derive(secret, None, &[TAG_CHAIN_KEY, &[stream.number()]]))
    };
    ChainKeys {
        sales: key(Stream::Sales),
        shop: key(Stream::Shop),
        office: key(Stream::Office),
    }
}

/// The key of a wrap, from what X25519 (RFC 7748) agreed on.
pub fn wrap_key(
    shared: &[u8; 32],
    ephemeral: &[u8; 32],
    recipient: &[u8; 32],
    salt: &[u8; 32],
) -> [u8; 32] {
    derive(shared, Some(salt), &[TAG_WRAP_KEY, ephemeral, recipient])
}

/// The key that seals the secret of the epoch `parent` under that of an epoch that follows it.
pub fn parent_key(secret: &[u8; 32], parent: EpochName) -> [u8; 32] {
    derive(secret, None, &[TAG_PARENT_KEY, &parent.0])
}

/// The key of a message to one device, from what X25519 (RFC 7748) agreed on.
pub fn message_key(shared: &[u8; 32], ephemeral: &[u8; 32], recipient: &[u8; 32]) -> [u8; 32] {
    derive(shared, None, &[TAG_MESSAGE_KEY, ephemeral, recipient])
}

/// The private keys that a recovery phrase gives: Ed25519 seed, X25519 private key.
///
/// The phrase holds 128 random bits, so nothing has to be stretched.
pub fn recovery_keys(entropy: &[u8; 16]) -> ([u8; 32], [u8; 32]) {
    let seed = derive(entropy, None, &[TAG_RECOVERY_ED25519]);
    (seed, derive(entropy, None, &[TAG_RECOVERY_X25519]))
}

fn derive(secret: &[u8], salt: Option<&[u8]>, info: &[&[u8]]) -> [u8; 32] {
    let mut key = [0; 32];
    match Hkdf::<Sha256>::new(salt, secret).expand_multi_info(info, &mut key) {
        Ok(()) => key,
        // RFC 5869 allows 255 × 32 bytes.
        Err(_) => unreachable!("32 bytes are never too many for HKDF-SHA-256"),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::vectors;
    use std::collections::BTreeSet;

    #[test]
    fn hkdf_gives_the_first_answer_of_rfc_5869() {
        let salt: Vec<u8> = (0..13).collect();
        let info: Vec<u8> = (0xf0..0xfa).collect();
        let key = derive(&[0x0b; 22], Some(&salt), &[&info]);
        let expected = "3cb25f25faacd57a90434f64d0362f2a2d2d0a90cf1a5a4c5db02d56ecc4c5bf";
        assert_eq!(data_encoding::HEXLOWER.encode(&key), expected);
    }

    #[test]
    fn the_schedule_gives_its_known_answers() {
        let secret = &vectors::SECRET;
        assert_eq!(
            segment_key(secret, Stream::Sales),
            vectors::SEGMENT_KEY_SALES
        );
        assert_eq!(
            segment_key(secret, Stream::Office),
            vectors::SEGMENT_KEY_OFFICE
        );
        assert_eq!(
            chain_keys(secret).sales,
            ChainKey::Secret(vectors::CHAIN_KEY_SALES)
        );
        assert_eq!(parent_key(secret, vectors::PARENT), vectors::PARENT_KEY);
        let (seed, private) = recovery_keys(&vectors::PHRASE_ENTROPY);
        assert_eq!(seed, vectors::RECOVERY_ED25519_SEED);
        assert_eq!(private, vectors::RECOVERY_X25519_PRIVATE);
    }

    #[test]
    fn no_key_serves_two_purposes() {
        let (same, other) = ([7; 32], [8; 32]);
        let chain = chain_keys(&same);
        let mut keys = BTreeSet::new();
        for stream in Stream::ALL {
            assert!(keys.insert(segment_key(&same, stream)));
            if let ChainKey::Secret(key) = chain.of(stream) {
                assert!(keys.insert(key));
            }
        }
        assert!(keys.insert(wrap_key(&same, &same, &same, &same)));
        assert!(keys.insert(wrap_key(&same, &same, &same, &other)));
        assert!(keys.insert(wrap_key(&same, &other, &same, &same)));
        assert!(keys.insert(wrap_key(&same, &same, &other, &same)));
        assert!(keys.insert(parent_key(&same, EpochName([7; 8]))));
        assert!(keys.insert(parent_key(&same, EpochName([8; 8]))));
        assert!(keys.insert(message_key(&same, &same, &same)));
        assert!(keys.insert(message_key(&same, &same, &other)));
        assert!(keys.insert(segment_key(&other, Stream::Sales)));
    }
}
