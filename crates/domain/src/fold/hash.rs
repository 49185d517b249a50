//! The state's hash, and the state as bytes for a checkpoint.

use std::borrow::Cow;

use base::hash::{TAG_STATE, sha256};
use base::{Malformed, cbor};
use minicbor::{Decode, Encode};

use super::{
    BTreeMap, BTreeSet, BusinessDate, Catalogue, Day, DeviceId, DeviceName, EmployeeFields,
    EmployeeId, Numbers, ProductFields, ProductId, Register, SettingsFields, State, Successors,
};
use crate::catalogue::Stock;

/// The version of the fold's rules. Hashes of different versions are not compared, and a
/// checkpoint of another version is not read: raise it whenever anything comes to something else, a
/// fault that is mended included.
pub const FOLD_VERSION: u32 = 1;

/// What a hash covers.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub enum Scope {
    /// The streams `sales` and `shop`.
    Shop,
    /// The stream `office`.
    Office,
}

/// Everything of the state, in the order in which it is hashed. Borrowed when it is written: a copy of
/// the whole would be as big as the state.
#[derive(Encode, Decode)]
#[cbor(array)]
struct Checkpoint<'a> {
    #[n(0)]
    version: u32,
    #[n(1)]
    settings: Cow<'a, Register<SettingsFields>>,
    #[n(2)]
    products: Cow<'a, BTreeMap<ProductId, Register<ProductFields>>>,
    #[n(3)]
    stock: Cow<'a, BTreeMap<ProductId, Stock>>,
    #[n(4)]
    employees: Cow<'a, BTreeMap<EmployeeId, Register<EmployeeFields>>>,
    #[n(5)]
    device_names: Cow<'a, BTreeMap<DeviceId, Register<DeviceName>>>,
    #[n(6)]
    days: Cow<'a, BTreeMap<BusinessDate, Day>>,
    #[n(7)]
    receipts: Cow<'a, BTreeMap<String, Numbers>>,
    #[n(8)]
    latest: Cow<'a, BTreeMap<String, u64>>,
    #[n(9)]
    successors: Cow<'a, BTreeMap<DeviceId, Successors>>,
}

impl State {
    /// The hash of the state: equal on any two devices that folded the same facts, whatever the
    /// order, and different when one amount differs by one minor unit.
    pub fn hash(&self, scope: Scope) -> [u8; 32] {
        let version = FOLD_VERSION.to_be_bytes();
        let (products, stock) = self.catalogue.parts();
        match scope {
            Scope::Shop => {
                let parts = [
                    part(&self.settings),
                    part_of_map(products),
                    part_of_map(stock),
                    part_of_map(&self.employees),
                    part_of_map(&self.device_names),
                    part_of_map(&self.successors),
                    part_of_map(&self.days),
                    part_of_map(&self.receipts),
                ];
                sha256(&[TAG_STATE, &version, b"shop", &parts.concat()]).0
            }
            // Nothing is folded from the office's stream yet.
            Scope::Office => sha256(&[TAG_STATE, &version, b"office"]).0,
        }
    }

    /// The whole state as bytes, to be sealed and kept as a cache.
    pub fn to_checkpoint(&self) -> Vec<u8> {
        let (products, stock) = self.catalogue.parts();
        cbor::encode(&Checkpoint {
            version: FOLD_VERSION,
            settings: Cow::Borrowed(&self.settings),
            products: Cow::Borrowed(products),
            stock: Cow::Borrowed(stock),
            employees: Cow::Borrowed(&self.employees),
            device_names: Cow::Borrowed(&self.device_names),
            days: Cow::Borrowed(&self.days),
            receipts: Cow::Borrowed(&self.receipts),
            latest: Cow::Borrowed(&self.latest),
            successors: Cow::Borrowed(&self.successors),
        })
    }

    /// Reads a checkpoint.
    ///
    /// # Errors
    /// [`Malformed`]: it is only a cache, and everything is folded anew.
    pub fn from_checkpoint(bytes: &[u8]) -> Result<Self, Malformed> {
        let read: Checkpoint = cbor::decode(bytes, "checkpoint")?;
        if read.version != FOLD_VERSION {
            return Err(Malformed::Version {
                what: "checkpoint",
                version: read.version,
            });
        }
        let mut state = Self {
            settings: read.settings.into_owned(),
            catalogue: Catalogue::from_parts(read.products.into_owned(), read.stock.into_owned()),
            employees: read.employees.into_owned(),
            device_names: read.device_names.into_owned(),
            days: read.days.into_owned(),
            receipts: read.receipts.into_owned(),
            latest: read.latest.into_owned(),
            successors: read.successors.into_owned(),
            in_conflict: BTreeSet::new(),
        };
        state.look_at_all();
        Ok(state)
    }
}

fn part<T: Encode<()>>(value: &T) -> [u8; 32] {
    sha256(&[&cbor::encode(value)]).0
}

/// Item by item, so that hashing needs no copy of the whole.
fn part_of_map<K: Encode<()>, V: Encode<()>>(map: &BTreeMap<K, V>) -> [u8; 32] {
    map.iter().fold([0; 32], |before, (key, value)| {
        sha256(&[&before, &cbor::encode(key), &cbor::encode(value)]).0
    })
}
