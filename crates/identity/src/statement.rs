//! Durable statements: signed words that certain entries are safely on a device.
//!
//! They travel by any road, so a till learns that the tablet has its sale even when the two never
//! meet, and nobody in between can invent one.

mod holders;

use base::hash::TAG_STATEMENT;
use base::{DeviceId, Malformed, ShopId, Vector, cbor};
use minicbor::{Decode, Encode};

pub use holders::Holders;

/// The version of a statement.
pub const STATEMENT_VERSION: u8 = 1;

/// Where the entries are held.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Encode, Decode)]
pub enum Place {
    /// On the signer itself.
    #[n(0)]
    Device,
    /// In a place that cannot sign, on the premises; the signer wrote and read it back.
    #[n(1)]
    OnPremises(#[n(0)] String),
    /// In a place that cannot sign, off the premises.
    #[n(2)]
    OffPremises(#[n(0)] String),
}

/// What a signer says is durable.
#[derive(Debug, Clone, PartialEq, Eq, Encode, Decode)]
#[cbor(map)]
pub struct Statement {
    /// Always [`STATEMENT_VERSION`].
    #[n(0)]
    pub version: u8,
    /// The shop.
    #[n(1)]
    pub shop: ShopId,
    /// Who says so.
    #[n(2)]
    pub signer: DeviceId,
    /// Where.
    #[n(3)]
    pub place: Place,
    /// Goes up with every statement of a signer.
    #[n(4)]
    pub counter: u64,
    /// The signer's wall clock, milliseconds since 1970.
    #[n(5)]
    pub wall_ms: u64,
    /// The logs whose runs changed, each whole.
    #[n(6)]
    pub runs: Vector,
}

/// A statement with its signature, in the bytes that travel.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct SignedStatement {
    /// What is said.
    pub statement: Statement,
    /// Its bytes.
    pub raw: Vec<u8>,
    /// Over [`Statement::signed_bytes`].
    pub signature: [u8; 64],
}

#[derive(Encode, Decode)]
#[cbor(map)]
struct Packed {
    #[cbor(n(0), with = "minicbor::bytes")]
    raw: Vec<u8>,
    #[cbor(n(1), with = "minicbor::bytes")]
    signature: [u8; 64],
}

impl Statement {
    /// What the signer signs.
    pub fn signed_bytes(raw: &[u8]) -> Vec<u8> {
        [TAG_STATEMENT, raw].concat()
    }
}

impl SignedStatement {
    /// Puts a statement and its signature together.
    pub fn new(statement: Statement, signature: [u8; 64]) -> Self {
        Self {
            raw: cbor::encode(&statement),
            statement,
            signature,
        }
    }

    /// The bytes that travel.
    pub fn to_bytes(&self) -> Vec<u8> {
        cbor::encode(&Packed {
            raw: self.raw.clone(),
            signature: self.signature,
        })
    }

    /// Reads a statement. The signature is not checked here.
    ///
    /// # Errors
    /// [`Malformed`]; the peer is at fault.
    pub fn from_bytes(bytes: &[u8]) -> Result<Self, Malformed> {
        let packed: Packed = cbor::decode_open(bytes, "statement")?;
        let statement: Statement = cbor::decode_open(&packed.raw, "statement")?;
        if statement.version != STATEMENT_VERSION {
            let version = u32::from(statement.version);
            return Err(Malformed::Version {
                what: "statement",
                version,
            });
        }
        Ok(Self {
            statement,
            raw: packed.raw,
            signature: packed.signature,
        })
    }
}

#[cfg(test)]
mod tests {
    use base::{LogId, Mark, Run, Stream};

    use super::*;

    pub fn log() -> LogId {
        LogId::new(DeviceId([1; 16]), Stream::Sales)
    }

    pub fn statement(counter: u64, last: u64) -> Statement {
        let run = Run {
            first: 1,
            last,
            mark: Mark([3; 8]),
        };
        Statement {
            version: STATEMENT_VERSION,
            shop: ShopId([4; 16]),
            signer: DeviceId([2; 16]),
            place: Place::Device,
            counter,
            wall_ms: 9,
            runs: [(log(), vec![run])].into_iter().collect(),
        }
    }

    #[test]
    fn golden_bytes_of_a_statement() {
        let signed = SignedStatement::new(statement(5, 7), [6; 64]);
        let bytes = signed.to_bytes();
        assert_eq!(SignedStatement::from_bytes(&bytes), Ok(signed));
        let hash = base::Mark(base::hash::sha256(&[&bytes]).first());
        assert_eq!(hash.hex(), "997859fe2039aef0");
    }

    #[test]
    fn keys_of_a_newer_release_are_passed_over() {
        // Both maps get a key 40 with the value 1 behind their last one.
        let newer = |mut bytes: Vec<u8>| {
            bytes[0] += 1;
            bytes.extend([0x18, 40, 1]);
            bytes
        };
        let raw = newer(cbor::encode(&statement(5, 7)));
        let packed = Packed {
            raw: raw.clone(),
            signature: [6; 64],
        };
        let read = SignedStatement::from_bytes(&newer(cbor::encode(&packed))).unwrap();
        assert_eq!(read.statement, statement(5, 7));
        assert_eq!(
            read.raw, raw,
            "the signature is over the bytes as they came"
        );
    }
}
