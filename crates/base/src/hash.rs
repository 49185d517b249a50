//! Hashes and chains. Every use has a tag of its own, so that a hash made for one purpose can
//! never be passed off as another.

use hmac::{Hmac, KeyInit, Mac};
use sha2::{Digest as _, Sha256};

use crate::id::{LogId, Mark, ShopId, byte_id};
use core::fmt;
use minicbor::{Decode, Encode};

/// Tag of a device id.
pub const TAG_DEVICE: &[u8] = b"tillmesh/1 device\0";
/// Tag of a shop id.
pub const TAG_SHOP: &[u8] = b"tillmesh/1 shop\0";
/// Tag of `c(0)`, where a log's chain begins.
pub const TAG_CHAIN_START: &[u8] = b"tillmesh/1 chain\0";
/// Tag of the unkeyed chain of `control`.
pub const TAG_CHAIN_CONTROL: &[u8] = b"tillmesh/1 control chain\0";
/// Tag under which a segment's header is signed.
pub const TAG_SEGMENT: &[u8] = b"tillmesh/1 segment\0";
/// Tag under which a durable statement is signed.
pub const TAG_STATEMENT: &[u8] = b"tillmesh/1 statement\0";
/// Tag of what both ends of a link sign.
pub const TAG_LINK: &[u8] = b"tillmesh/1 link\0";
/// Tag of a nonce commitment in a link's handshake.
pub const TAG_COMMITMENT: &[u8] = b"tillmesh/1 commitment\0";
/// Tag of the check code that both screens show.
pub const TAG_CHECK_CODE: &[u8] = b"tillmesh/1 check code\0";
/// Tag of the salted shop hash in a hello.
pub const TAG_SHOP_HINT: &[u8] = b"tillmesh/1 shop hint\0";
/// Tag of a shop's room at a relay.
pub const TAG_ROOM: &[u8] = b"tillmesh/1 room\0";
/// Tag of what binds an answer card to its offer.
pub const TAG_ANSWER: &[u8] = b"tillmesh/1 answer card\0";
/// Tag of a state hash.
pub const TAG_STATE: &[u8] = b"tillmesh/1 state\0";
/// Tag of what is sealed with a part of a checkpoint.
pub const TAG_CHECKPOINT: &[u8] = b"tillmesh/1 checkpoint\0";

/// Tag of what tells an epoch's secret from any other.
pub const TAG_SECRET: &[u8] = b"tillmesh/1 epoch secret\0";

/// A SHA-256 value.
#[derive(Clone, Copy, PartialEq, Eq)]
pub struct Sha(pub [u8; 32]);

impl Sha {
    /// The first `N` bytes (`N` ≤ 32).
    pub fn first<const N: usize>(&self) -> [u8; N] {
        let mut out = [0; N];
        out.copy_from_slice(&self.0[..N]);
        out
    }
}

/// SHA-256 over the concatenation of `parts`.
pub fn sha256(parts: &[&[u8]]) -> Sha {
    let mut hasher = Sha256::new();
    for part in parts {
        hasher.update(part);
    }
    Sha(hasher.finalize().into())
}

/// HMAC-SHA-256 (RFC 2104) over the concatenation of `parts`.
pub fn hmac_sha256(key: &[u8; 32], parts: &[&[u8]]) -> [u8; 32] {
    let mut mac = keyed(key);
    for part in parts {
        mac.update(part);
    }
    mac.finalize().into_bytes().into()
}

/// HMAC-SHA-256 that has taken its key in, which is half of the work for a short message.
fn keyed(key: &[u8; 32]) -> Hmac<Sha256> {
    // RFC 2104 pads a key shorter than the block with zeros.
    let mut block = [0; 64];
    block[..32].copy_from_slice(key);
    <Hmac<Sha256> as KeyInit>::new(&block.into())
}

byte_id!(
    /// A link of a log's chain: `c(n)`. Whoever knows `c(n)` has pinned every entry up to n.
    ChainValue,
    32
);

impl ChainValue {
    /// `c(0)` of a log: where its chain begins.
    pub fn start(shop: ShopId, log: LogId) -> Self {
        let stream = [log.stream.number()];
        Self(sha256(&[TAG_CHAIN_START, &shop.0, &log.device.0, &stream]).0)
    }

    /// `c(n)` from `c(n−1)` and the raw bytes of entry n.
    pub fn next(&self, key: &ChainKey, raw: &[u8]) -> Self {
        key.linker().next(self, raw)
    }

    /// The first 8 bytes: what references and vectors carry.
    pub fn mark(&self) -> Mark {
        Mark(Sha(self.0).first())
    }

    /// The first 20 bits as four base-32 characters: the check part of a receipt number.
    pub fn receipt_check(&self) -> String {
        let mut text = data_encoding::BASE32_NOPAD.encode(&self.0[..3]);
        text.truncate(4);
        text
    }
}

/// What a log's chain is keyed with.
///
/// A chain key opens nothing; it only keeps strangers from guessing an entry from its hash.
#[derive(Clone, PartialEq, Eq)]
pub enum ChainKey {
    /// `control` is signed but not sealed: its chain is a plain hash.
    Control,
    /// Derived from the epoch's secret and the stream.
    Secret([u8; 32]),
}

impl ChainKey {
    /// What makes link after link of a chain.
    pub fn linker(&self) -> Linker {
        Linker(match self {
            Self::Control => None,
            Self::Secret(secret) => Some(keyed(secret)),
        })
    }
}

/// Makes the links of a chain; its key is taken in once for all of them.
#[derive(Clone)]
pub struct Linker(Option<Hmac<Sha256>>);

impl Linker {
    /// `c(n)` from `c(n−1)` and the raw bytes of entry n.
    pub fn next(&self, before: &ChainValue, raw: &[u8]) -> ChainValue {
        let Some(keyed) = &self.0 else {
            return ChainValue(sha256(&[TAG_CHAIN_CONTROL, &before.0, raw]).0);
        };
        let mut mac = keyed.clone();
        mac.update(&before.0);
        mac.update(raw);
        ChainValue(mac.finalize().into_bytes().into())
    }
}

impl fmt::Debug for ChainKey {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::Control => "ChainKey::Control",
            Self::Secret(_) => "ChainKey::Secret(…)",
        })
    }
}
