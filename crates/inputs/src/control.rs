//! Control entries: what bytes say of members, employees and epochs.

use base::effect::{Commitment, WRAP_BYTES};
use base::hash::ChainValue;
use base::release::READER_VERSION;
use base::{DeviceId, EmployeeId, EpochName, Malformed, ShopId, Stream};
use identity::control::{
    Closed, Cut, EmployeeSet, Enrol, Epoch, EpochWraps, Genesis, Grant, Keys, Parent, Reading,
    Recipient, Refound, Revoke, Scope, Wrap,
};
use identity::role::{DeviceRole, EmployeeRole};
use identity::{Control, Membership};

use crate::tape::Tape;

/// Kinds are below this.
const KINDS: usize = 12;

/// A kind, and the payload behind it. What is read is read again from what it encodes to; in an
/// entry it is judged as what it is, whatever the payload.
pub fn run(bytes: &[u8]) {
    let mut tape = Tape::new(bytes);
    let kind = u16::try_from(tape.below(KINDS)).unwrap_or_default();
    let payload = tape.rest();
    let read = Control::decode(kind, payload);
    match &read {
        Ok(Control::Unknown(unknown)) => assert_eq!(*unknown, kind),
        Ok(control) => {
            assert_eq!(control.kind(), kind);
            let again = Control::decode(kind, &control.encode());
            assert_eq!(again.as_ref(), Ok(control));
        }
        Err(malformed) => assert!(matches!(malformed, Malformed::Bytes(_))),
    }
    let entry = base::Entry {
        kind,
        payload: payload.to_vec(),
        ..crate::segment::example()
    };
    let raw = entry.to_raw();
    let reading = Reading::of(&raw, READER_VERSION);
    match read {
        Ok(Control::Unknown(_)) => assert_eq!(reading, Reading::Newer),
        Ok(control) => assert_eq!(reading.control(), Some(&control)),
        Err(_) => assert_eq!(reading, Reading::Void),
    }
    let shop = ShopId::of_genesis(&raw);
    let founder_of = |shop| Membership::new(shop, READER_VERSION).founder_of(&raw);
    let founder = founder_of(shop);
    assert_eq!(
        founder.is_some(),
        matches!(reading.control(), Some(Control::Genesis(_)))
    );
    assert_eq!(founder_of(ShopId([0; 16])), None);
}

/// One of each kind, one of a kind that only a newer release knows.
pub fn seeds() -> Vec<Vec<u8>> {
    let seed = |control: &Control| {
        let kind = u8::try_from(control.kind()).expect("kinds are small");
        [vec![kind], control.encode()].concat()
    };
    let mut seeds: Vec<_> = examples().iter().map(seed).collect();
    seeds.push(vec![8, 1, 2, 3]);
    seeds
}

const KEYS: Keys = Keys {
    ed25519: [1; 32],
    x25519: [2; 32],
};
const DEVICE: DeviceId = DeviceId([6; 16]);

fn examples() -> Vec<Control> {
    [devices_and_epochs(), people_and_endings()].concat()
}

fn devices_and_epochs() -> Vec<Control> {
    let (keys, device) = (KEYS, DEVICE);
    let wrap = |to, scope| Wrap {
        to,
        scope,
        bytes: [3; WRAP_BYTES],
    };
    let wraps = vec![
        wrap(Recipient::Recovery, Scope::Office),
        wrap(Recipient::Device(device), Scope::Shop),
    ];
    let epochs = vec![EpochWraps {
        epoch: EpochName([4; 8]),
        salt: [5; 32],
        wraps: wraps.clone(),
    }];
    let parents = vec![Parent {
        epoch: EpochName([1; 8]),
        secrets: vec![2; 3],
    }];
    vec![
        Control::Genesis(Genesis {
            founder: keys,
            recovery: keys,
            salt: [7; 16],
        }),
        Control::Epoch(Epoch {
            salt: [5; 32],
            wraps,
            parents,
            shop: Commitment([6; 16]),
            office: Commitment([7; 16]),
        }),
        Control::Enrol(Enrol {
            keys,
            role: DeviceRole::Till,
            rank: 2,
            code: Some("A3".into()),
            letters: None,
            epochs: epochs.clone(),
        }),
        Control::Grant(Grant { device, epochs }),
    ]
}

fn people_and_endings() -> Vec<Control> {
    let (keys, device) = (KEYS, DEVICE);
    let cut = |stream| Cut {
        stream,
        seq: 9,
        chain: ChainValue([1; 32]),
    };
    vec![
        Control::Employee(EmployeeSet {
            id: Some(EmployeeId([2; 8])),
            role: EmployeeRole::Cashier,
            active: true,
        }),
        Control::Employee(EmployeeSet {
            id: None,
            role: EmployeeRole::Owner,
            active: false,
        }),
        Control::Revoke(Revoke {
            device,
            cuts: vec![cut(Stream::Sales), cut(Stream::Shop)],
        }),
        Control::Closed(Closed {
            successor: Some(keys),
        }),
        Control::Closed(Closed { successor: None }),
        Control::Refound(Refound {
            keys,
            letters: "QXZ".into(),
            signature: [4; 64],
        }),
    ]
}
