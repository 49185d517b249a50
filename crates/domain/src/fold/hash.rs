//! The state's hash, and the state as bytes for a checkpoint.

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

/// Everything of the state, in the order in which it is hashed.
#[derive(Encode, Decode)]
#[cbor(array)]
struct Checkpoint {
    #[n(0)]
    version: u32,
    #[n(1)]
    settings: Register<SettingsFields>,
    #[n(2)]
    products: BTreeMap<ProductId, Register<ProductFields>>,
    #[n(3)]
    stock: BTreeMap<ProductId, Stock>,
    #[n(4)]
    employees: BTreeMap<EmployeeId, Register<EmployeeFields>>,
    #[n(5)]
    device_names: BTreeMap<DeviceId, Register<DeviceName>>,
    #[n(6)]
    days: BTreeMap<BusinessDate, Day>,
    #[n(7)]
    receipts: BTreeMap<String, Numbers>,
    #[n(8)]
    latest: BTreeMap<String, u64>,
    #[n(9)]
    successors: BTreeMap<DeviceId, Successors>,
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
            settings: self.settings.clone(),
            products: products.clone(),
            stock: stock.clone(),
            employees: self.employees.clone(),
            device_names: self.device_names.clone(),
            days: self.days.clone(),
            receipts: self.receipts.clone(),
            latest: self.latest.clone(),
            successors: self.successors.clone(),
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
            settings: read.settings,
            catalogue: Catalogue::from_parts(read.products, read.stock),
            employees: read.employees,
            device_names: read.device_names,
            days: read.days,
            receipts: read.receipts,
            latest: read.latest,
            successors: read.successors,
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
