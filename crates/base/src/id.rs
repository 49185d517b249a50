//! Names of things: devices, shops, logs, entries, epochs, employees.

use core::fmt;

use minicbor::{Decode, Encode};

use crate::hash;

/// Defines a newtype over a fixed number of bytes that is a CBOR byte string.
macro_rules! byte_id {
    ($(#[$doc:meta])* $name:ident, $len:literal) => {
        $(#[$doc])*
        #[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Encode, Decode)]
        #[cbor(transparent)]
        pub struct $name(#[cbor(with = "minicbor::bytes")] pub [u8; $len]);

        impl $name {
            /// Length in bytes.
            pub const LEN: usize = $len;

            /// The bytes as lower-case hexadecimal, the form in which people and logs see it.
            pub fn hex(&self) -> String {
                data_encoding::HEXLOWER.encode(&self.0)
            }

            /// Reads the hexadecimal form; `None` when it is not one.
            pub fn from_hex(text: &str) -> Option<Self> {
                let bytes = data_encoding::HEXLOWER_PERMISSIVE.decode(text.as_bytes()).ok()?;
                Some(Self(bytes.try_into().ok()?))
            }
        }

        impl fmt::Debug for $name {
            fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                // Eight digits tell things apart in a trace and keep a line readable.
                write!(f, concat!(stringify!($name), "({})"), &self.hex()[..8])
            }
        }

        impl fmt::Display for $name {
            fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                f.write_str(&self.hex())
            }
        }
    };
}
pub(crate) use byte_id;

byte_id!(
    /// A device: the first 16 bytes of SHA-256(tag ‖ Ed25519 ‖ X25519 public keys).
    ///
    /// One per browser profile, the same in all its shops.
    DeviceId,
    16
);
byte_id!(
    /// A shop: the first 16 bytes of SHA-256(tag ‖ raw genesis entry).
    ShopId,
    16
);
byte_id!(
    /// The first 8 bytes of an entry's chain value: tells one entry from another at the same seq.
    Mark,
    8
);
byte_id!(
    /// An epoch, named by the mark of the control entry that began it. All zero in `control`.
    EpochName,
    8
);
byte_id!(
    /// An employee, named by the mark of the control entry that added them.
    EmployeeId,
    8
);

impl DeviceId {
    /// The id of a device that holds these public keys.
    pub fn of_keys(ed25519: &[u8; 32], x25519: &[u8; 32]) -> Self {
        Self(hash::sha256(&[hash::TAG_DEVICE, ed25519, x25519]).first())
    }
}

impl ShopId {
    /// The id of the shop that begins with this raw genesis entry.
    pub fn of_genesis(raw: &[u8]) -> Self {
        Self(hash::sha256(&[hash::TAG_SHOP, raw]).first())
    }
}

impl EpochName {
    /// The name that segments of `control` carry: they are signed, not sealed.
    pub const NONE: Self = Self([0; 8]);
}

/// A kind of log. Streams exist so that a till can forward office data that it cannot read, and
/// so that priorities have something to sort.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Encode, Decode)]
#[cbor(index_only)]
pub enum Stream {
    /// Membership, roles, epochs: signed, not sealed, no names.
    #[n(0)]
    Control,
    /// Sales, refunds, payments, stock movements, counts, shifts.
    #[n(1)]
    Sales,
    /// Catalogue, customers, employees' names, settings.
    #[n(2)]
    Shop,
    /// What only the office may read.
    #[n(3)]
    Office,
}

impl Stream {
    /// Every stream, in the order of their numbers.
    pub const ALL: [Self; 4] = [Self::Control, Self::Sales, Self::Shop, Self::Office];

    /// The number that stands in stored keys and headers.
    pub const fn number(self) -> u8 {
        match self {
            Self::Control => 0,
            Self::Sales => 1,
            Self::Shop => 2,
            Self::Office => 3,
        }
    }

    /// The stream with this number.
    pub const fn from_number(number: u8) -> Option<Self> {
        match number {
            0 => Some(Self::Control),
            1 => Some(Self::Sales),
            2 => Some(Self::Shop),
            3 => Some(Self::Office),
            _ => None,
        }
    }

    /// The word that the console and logs use.
    pub const fn word(self) -> &'static str {
        match self {
            Self::Control => "control",
            Self::Sales => "sales",
            Self::Shop => "shop",
            Self::Office => "office",
        }
    }
}

/// A log: what one device writes into one stream of a shop. Seqs in it begin at 1.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Encode, Decode)]
#[cbor(array)]
pub struct LogId {
    /// The author.
    #[n(0)]
    pub device: DeviceId,
    /// The stream.
    #[n(1)]
    pub stream: Stream,
}

impl LogId {
    /// Names the log of `device` in `stream`.
    pub const fn new(device: DeviceId, stream: Stream) -> Self {
        Self { device, stream }
    }
}

impl fmt::Display for LogId {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}/{}", self.device, self.stream.word())
    }
}

/// A reference to one entry, which stays that one entry after a fork.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Encode, Decode)]
#[cbor(array)]
pub struct EntryRef {
    /// The log.
    #[n(0)]
    pub log: LogId,
    /// The number in the log, from 1.
    #[n(1)]
    pub seq: u64,
    /// The first 8 bytes of the entry's chain value.
    #[n(2)]
    pub mark: Mark,
}
