//! What stands in `control`: signed, not sealed, no names of people.
//!
//! Kinds below 64 are control's; a kind and its bytes are never changed, only joined by new ones.

use std::collections::BTreeMap;

use base::effect::{Commitment, PublicKeys, SEALED_SECRET_BYTES, WRAP_BYTES};
use base::hash::ChainValue;
use base::{DeviceId, EmployeeId, Entry, EpochName, Malformed, ShopId, Stream, cbor};
use minicbor::{Decode, Encode};

use crate::role::{DeviceRole, EmployeeRole};

/// Tag under which a recovery key signs a [`Refound`].
pub const TAG_REFOUND: &[u8] = b"tillmesh/1 refound\0";

/// The public keys of a device or of a recovery phrase.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Encode, Decode)]
#[cbor(map)]
pub struct Keys {
    /// Ed25519.
    #[cbor(n(0), with = "minicbor::bytes")]
    pub ed25519: [u8; 32],
    /// X25519.
    #[cbor(n(1), with = "minicbor::bytes")]
    pub x25519: [u8; 32],
}

impl Keys {
    /// The id of the device that has these keys.
    pub fn device(&self) -> DeviceId {
        DeviceId::of_keys(&self.ed25519, &self.x25519)
    }
}

impl From<PublicKeys> for Keys {
    fn from(keys: PublicKeys) -> Self {
        Self {
            ed25519: keys.ed25519,
            x25519: keys.x25519,
        }
    }
}

/// The first entry of a shop. Its raw bytes hold no shop id, so that their hash can be one.
#[derive(Debug, Clone, PartialEq, Eq, Encode, Decode)]
#[cbor(map)]
pub struct Genesis {
    /// The founder.
    #[n(0)]
    pub founder: Keys,
    /// What the recovery phrase gives.
    #[n(1)]
    pub recovery: Keys,
    /// Random: two shops of one founder differ.
    #[cbor(n(2), with = "minicbor::bytes")]
    pub salt: [u8; 16],
}

/// To whom a secret is wrapped.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Encode, Decode)]
pub enum Recipient {
    /// A member.
    #[n(0)]
    Device(#[n(0)] DeviceId),
    /// The recovery key.
    #[n(1)]
    Recovery,
}

/// Which of an epoch's two secrets.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Encode, Decode)]
#[cbor(index_only)]
pub enum Scope {
    /// Opens `sales` and `shop`.
    #[n(0)]
    Shop,
    /// Opens `office`.
    #[n(1)]
    Office,
}

impl Scope {
    /// Both, in the order in which a [`Parent`] has them.
    pub const ALL: [Self; 2] = [Self::Shop, Self::Office];

    /// The scope whose secret seals a stream; `None` for `control`, which is not sealed.
    pub const fn of(stream: Stream) -> Option<Self> {
        match stream {
            Stream::Control => None,
            Stream::Sales | Stream::Shop => Some(Self::Shop),
            Stream::Office => Some(Self::Office),
        }
    }
}

/// One secret, wrapped to one recipient.
#[derive(Debug, Clone, PartialEq, Eq, Encode, Decode)]
#[cbor(map)]
pub struct Wrap {
    /// To whom.
    #[n(0)]
    pub to: Recipient,
    /// Which secret.
    #[n(1)]
    pub scope: Scope,
    /// Ephemeral key, sealed secret, tag.
    #[cbor(n(2), with = "minicbor::bytes")]
    pub bytes: [u8; WRAP_BYTES],
}

/// Wraps of one epoch.
#[derive(Debug, Clone, PartialEq, Eq, Encode, Decode)]
#[cbor(map)]
pub struct EpochWraps {
    /// Which epoch.
    #[n(0)]
    pub epoch: EpochName,
    /// Bound into these wraps.
    #[cbor(n(1), with = "minicbor::bytes")]
    pub salt: [u8; 32],
    /// The wraps.
    #[n(2)]
    pub wraps: Vec<Wrap>,
}

impl EpochWraps {
    /// Wraps of several epochs, all bound to one salt.
    pub fn bound_to(salt: [u8; 32], wraps: BTreeMap<EpochName, Vec<Wrap>>) -> Vec<Self> {
        let of = |(epoch, wraps)| Self { epoch, salt, wraps };
        wraps.into_iter().map(of).collect()
    }
}

/// Begins an epoch. Its name is the mark of this entry.
#[derive(Debug, Clone, PartialEq, Eq, Encode, Decode)]
#[cbor(map)]
pub struct Epoch {
    /// Bound into the wraps.
    #[cbor(n(0), with = "minicbor::bytes")]
    pub salt: [u8; 32],
    /// Both secrets, wrapped to members and to the recovery key.
    #[n(1)]
    pub wraps: Vec<Wrap>,
    /// The epochs that this one follows, with their secrets sealed under it.
    #[n(2)]
    pub parents: Vec<Parent>,
    /// Tells the secret that opens `sales` and `shop` from any other.
    #[n(3)]
    pub shop: Commitment,
    /// Tells the secret that opens `office` from any other.
    #[n(4)]
    pub office: Commitment,
}

impl Epoch {
    /// What tells the secret of a scope from any other.
    pub const fn commitment(&self, scope: Scope) -> Commitment {
        match scope {
            Scope::Shop => self.shop,
            Scope::Office => self.office,
        }
    }
}

/// An epoch that another one follows.
#[derive(Debug, Clone, PartialEq, Eq, Encode, Decode)]
#[cbor(map)]
pub struct Parent {
    /// Which.
    #[n(0)]
    pub epoch: EpochName,
    /// Its `shop` secret sealed under the new epoch's, then its `office` secret likewise;
    /// [`SEALED_SECRET_BYTES`] each.
    #[cbor(n(1), with = "minicbor::bytes")]
    pub secrets: Vec<u8>,
}

impl Parent {
    /// The sealed secret of a scope, if it is there.
    pub fn sealed(&self, scope: Scope) -> Option<&[u8]> {
        let mut secrets = self.secrets.chunks_exact(SEALED_SECRET_BYTES);
        match scope {
            Scope::Shop => secrets.next(),
            Scope::Office => secrets.nth(1),
        }
    }
}

/// Lets a device in. Idempotent per device: the first that counts stays.
#[derive(Debug, Clone, PartialEq, Eq, Encode, Decode)]
#[cbor(map)]
pub struct Enrol {
    /// The device.
    #[n(0)]
    pub keys: Keys,
    /// What it may do.
    #[n(1)]
    pub role: DeviceRole,
    /// Its rank; lower is higher, the founder has 0.
    #[n(2)]
    pub rank: u32,
    /// Its terminal code, if it sells.
    #[n(3)]
    pub code: Option<String>,
    /// Its own letters, if it gives codes.
    #[n(4)]
    pub letters: Option<String>,
    /// Epochs that it may read.
    #[n(5)]
    pub epochs: Vec<EpochWraps>,
}

/// Gives a member epochs that it lacks.
#[derive(Debug, Clone, PartialEq, Eq, Encode, Decode)]
#[cbor(map)]
pub struct Grant {
    /// The member.
    #[n(0)]
    pub device: DeviceId,
    /// The epochs.
    #[n(1)]
    pub epochs: Vec<EpochWraps>,
}

/// Adds or changes an employee. Names and PINs are not here: they are sealed, in `shop`.
#[derive(Debug, Clone, PartialEq, Eq, Encode, Decode)]
#[cbor(map)]
pub struct EmployeeSet {
    /// Whom; `None` adds one, whose id is the mark of this entry.
    #[n(0)]
    pub id: Option<EmployeeId>,
    /// What they may do.
    #[n(1)]
    pub role: EmployeeRole,
    /// Whether they still work here.
    #[n(2)]
    pub active: bool,
}

/// The last entry of a log that still counts.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Encode, Decode)]
#[cbor(map)]
pub struct Cut {
    /// The log's stream.
    #[n(0)]
    pub stream: Stream,
    /// The last number that counts.
    #[n(1)]
    pub seq: u64,
    /// `c(seq)`.
    #[n(2)]
    pub chain: ChainValue,
}

/// Puts a device out. Logs that are not listed are cut at 0.
#[derive(Debug, Clone, PartialEq, Eq, Encode, Decode)]
#[cbor(map)]
pub struct Revoke {
    /// The device.
    #[n(0)]
    pub device: DeviceId,
    /// What of its logs still counts.
    #[n(1)]
    pub cuts: Vec<Cut>,
}

/// The last word of an identity: somebody else goes on.
#[derive(Debug, Clone, PartialEq, Eq, Encode, Decode)]
#[cbor(map)]
pub struct Closed {
    /// The successor.
    #[n(0)]
    pub successor: Option<Keys>,
}

/// Makes a device the founder, by the recovery phrase. Outranks all.
#[derive(Debug, Clone, PartialEq, Eq, Encode, Decode)]
#[cbor(map)]
pub struct Refound {
    /// The device.
    #[n(0)]
    pub keys: Keys,
    /// Random letters, for the codes that it gives.
    #[n(1)]
    pub letters: String,
    /// The recovery key's signature over [`Refound::signed_bytes`].
    #[cbor(n(2), with = "minicbor::bytes")]
    pub signature: [u8; 64],
}

impl Refound {
    /// What the recovery key signs.
    pub fn signed_bytes(shop: ShopId, keys: &Keys, letters: &str) -> Vec<u8> {
        [
            TAG_REFOUND,
            &shop.0,
            &keys.ed25519,
            &keys.x25519,
            letters.as_bytes(),
        ]
        .concat()
    }
}

/// The number of [`Control::Genesis`] in entries.
pub const KIND_GENESIS: u16 = 1;
/// The number of [`Control::Epoch`] in entries.
pub const KIND_EPOCH: u16 = 2;
/// The number of [`Control::Enrol`] in entries.
pub const KIND_ENROL: u16 = 3;
/// The number of [`Control::Grant`] in entries.
pub const KIND_GRANT: u16 = 4;
/// The number of [`Control::Employee`] in entries.
pub const KIND_EMPLOYEE: u16 = 5;
/// The number of [`Control::Revoke`] in entries.
pub const KIND_REVOKE: u16 = 6;
/// The number of [`Control::Closed`] in entries.
pub const KIND_CLOSED: u16 = 7;
/// The number of [`Control::Refound`] in entries.
pub const KIND_REFOUND: u16 = 9;

/// A control entry's payload.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Control {
    /// The shop begins.
    Genesis(Genesis),
    /// An epoch begins.
    Epoch(Epoch),
    /// A device is let in.
    Enrol(Enrol),
    /// A member may read more.
    Grant(Grant),
    /// An employee is added or changed.
    Employee(EmployeeSet),
    /// A device is put out.
    Revoke(Revoke),
    /// An identity ends.
    Closed(Closed),
    /// A new founder, by the recovery phrase.
    Refound(Refound),
    /// A kind that this release does not know.
    Unknown(u16),
}

/// What the bytes of a control entry are to a release.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Reading {
    /// They can be judged.
    Known(Box<(Entry, Control)>),
    /// They break a rule of their kind: alike on every device they do nothing.
    Void,
    /// Only a newer release can judge them, and so whatever follows them in their log.
    Newer,
}

impl Reading {
    /// Reads raw bytes as a release with this reader version does.
    pub fn of(raw: &[u8], reader: u16) -> Self {
        if Entry::is_newer(raw, reader) {
            return Self::Newer;
        }
        let Ok(entry) = Entry::from_raw(raw) else {
            return Self::Void;
        };
        match Control::decode(entry.kind, &entry.payload) {
            Ok(Control::Unknown(_)) => Self::Newer,
            Ok(control) => Self::Known(Box::new((entry, control))),
            Err(_) => Self::Void,
        }
    }

    /// What it does, if it can be judged and does anything.
    pub fn control(&self) -> Option<&Control> {
        match self {
            Self::Known(known) => Some(&known.1),
            Self::Void | Self::Newer => None,
        }
    }
}

impl Control {
    /// The number that stands in the entry.
    pub const fn kind(&self) -> u16 {
        match self {
            Self::Genesis(_) => KIND_GENESIS,
            Self::Epoch(_) => KIND_EPOCH,
            Self::Enrol(_) => KIND_ENROL,
            Self::Grant(_) => KIND_GRANT,
            Self::Employee(_) => KIND_EMPLOYEE,
            Self::Revoke(_) => KIND_REVOKE,
            Self::Closed(_) => KIND_CLOSED,
            Self::Refound(_) => KIND_REFOUND,
            Self::Unknown(kind) => *kind,
        }
    }

    /// The payload's bytes.
    pub fn encode(&self) -> Vec<u8> {
        match self {
            Self::Genesis(it) => cbor::encode(it),
            Self::Epoch(it) => cbor::encode(it),
            Self::Enrol(it) => cbor::encode(it),
            Self::Grant(it) => cbor::encode(it),
            Self::Employee(it) => cbor::encode(it),
            Self::Revoke(it) => cbor::encode(it),
            Self::Closed(it) => cbor::encode(it),
            Self::Refound(it) => cbor::encode(it),
            Self::Unknown(_) => Vec::new(),
        }
    }

    /// Reads a payload; keys of newer releases are ignored, kinds of newer releases kept apart.
    ///
    /// # Errors
    /// [`Malformed`]; the author is at fault.
    pub fn decode(kind: u16, payload: &[u8]) -> Result<Self, Malformed> {
        Ok(match kind {
            KIND_GENESIS => Self::Genesis(cbor::decode_open(payload, "genesis")?),
            KIND_EPOCH => Self::Epoch(cbor::decode_open(payload, "epoch")?),
            KIND_ENROL => Self::Enrol(cbor::decode_open(payload, "enrolment")?),
            KIND_GRANT => Self::Grant(cbor::decode_open(payload, "grant")?),
            KIND_EMPLOYEE => Self::Employee(cbor::decode_open(payload, "employee")?),
            KIND_REVOKE => Self::Revoke(cbor::decode_open(payload, "revocation")?),
            KIND_CLOSED => Self::Closed(cbor::decode_open(payload, "closure")?),
            KIND_REFOUND => Self::Refound(cbor::decode_open(payload, "new founder")?),
            kind => Self::Unknown(kind),
        })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const KEYS: Keys = Keys {
        ed25519: [1; 32],
        x25519: [2; 32],
    };

    #[track_caller]
    fn check(control: &Control, golden: &str) {
        let bytes = control.encode();
        assert_eq!(
            Control::decode(control.kind(), &bytes).as_ref(),
            Ok(control)
        );
        assert_eq!(
            base::hash::sha256(&[&bytes]).first::<8>(),
            unhex(golden),
            "{bytes:02x?}"
        );
    }

    fn unhex(text: &str) -> [u8; 8] {
        base::Mark::from_hex(text).unwrap().0
    }

    #[test]
    fn golden_bytes_of_every_control_entry() {
        let wrap = Wrap {
            to: Recipient::Recovery,
            scope: Scope::Office,
            bytes: [3; WRAP_BYTES],
        };
        let epochs = vec![EpochWraps {
            epoch: EpochName([4; 8]),
            salt: [5; 32],
            wraps: vec![wrap.clone()],
        }];
        let device = DeviceId([6; 16]);
        let recovery = Keys {
            ed25519: [8; 32],
            x25519: [9; 32],
        };
        check(
            &Control::Genesis(Genesis {
                founder: KEYS,
                recovery,
                salt: [7; 16],
            }),
            GOLDEN[0],
        );
        let parents = vec![Parent {
            epoch: EpochName([1; 8]),
            secrets: vec![2; 3],
        }];
        check(
            &Control::Epoch(Epoch {
                salt: [5; 32],
                wraps: vec![wrap],
                parents,
                shop: Commitment([6; 16]),
                office: Commitment([7; 16]),
            }),
            GOLDEN[1],
        );
        let (code, letters) = (Some("A3".into()), None);
        let role = DeviceRole::Till;
        let enrol = Enrol {
            keys: KEYS,
            role,
            rank: 2,
            code,
            letters,
            epochs: epochs.clone(),
        };
        check(&Control::Enrol(enrol), GOLDEN[2]);
        check(&Control::Grant(Grant { device, epochs }), GOLDEN[3]);
    }

    #[test]
    fn golden_bytes_of_people_and_endings() {
        let device = DeviceId([6; 16]);
        let id = Some(EmployeeId([2; 8]));
        let employee = EmployeeSet {
            id,
            role: EmployeeRole::Cashier,
            active: true,
        };
        check(&Control::Employee(employee), GOLDEN[4]);
        let cuts = vec![Cut {
            stream: Stream::Sales,
            seq: 9,
            chain: ChainValue([1; 32]),
        }];
        check(&Control::Revoke(Revoke { device, cuts }), GOLDEN[5]);
        check(
            &Control::Closed(Closed {
                successor: Some(KEYS),
            }),
            GOLDEN[6],
        );
        let refound = Refound {
            keys: KEYS,
            letters: "QXZ".into(),
            signature: [4; 64],
        };
        check(&Control::Refound(refound), GOLDEN[7]);
    }

    const GOLDEN: [&str; 8] = [
        "e9addbd8db146458",
        "8198f0f637745557",
        "14fc7602bce156bd",
        "cba42ce5145e82f1",
        "08ec03e550ea9a1c",
        "289ecabbd08deef5",
        "b57a496794c49edc",
        "2dc40e7459dc90f7",
    ];

    #[test]
    fn a_kind_of_a_newer_release_is_kept_apart() {
        assert_eq!(Control::decode(40, b"anything"), Ok(Control::Unknown(40)));
        assert!(Control::decode(3, b"anything").is_err());
    }
}
