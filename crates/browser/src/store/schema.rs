//! The shape of the database: one list of object stores.
//!
//! `rexie` deletes every store that a newer schema forgets to list, with its data; so there is
//! one list, made from [`Table::ALL`], and a test that upgrades a filled database.

use base::effect::Table;
use rexie::{ObjectStore, Rexie};

use crate::error::BrowserError;

/// The object store of `CryptoKey`s, which only the hands read. Never renamed.
pub const KEYS: &str = "keys";

/// The version of the schema. Raise it when a store is added.
pub const SCHEMA_VERSION: u32 = 1;

/// Object stores and the version at which they are so.
pub(crate) struct Schema {
    pub(crate) version: u32,
    pub(crate) stores: Vec<&'static str>,
}

impl Schema {
    /// What this release needs: every table, and the keys.
    pub(crate) fn current() -> Self {
        let tables = Table::ALL.into_iter().map(Table::name);
        Self {
            version: SCHEMA_VERSION,
            stores: tables.chain([KEYS]).collect(),
        }
    }

    /// Opens the database in this shape.
    pub(crate) async fn open(&self, name: &str) -> Result<Rexie, BrowserError> {
        let builder = Rexie::builder(name).version(self.version);
        let builder = self.stores.iter().fold(builder, |builder, store| {
            builder.add_object_store(ObjectStore::new(store))
        });
        builder.build().await.map_err(explain)
    }
}

/// The name of a device's database: `tillmesh`, or `tillmesh-<device>` for a device that was
/// opened with `?device=<device>`.
pub fn database_name(device: Option<&str>) -> String {
    match device {
        None | Some("") => "tillmesh".to_owned(),
        Some(device) => format!("tillmesh-{device}"),
    }
}

/// Says what `rexie` met.
pub(crate) fn explain(error: rexie::Error) -> BrowserError {
    named(match &error {
        rexie::Error::IdbError(inner) => inner.to_string(),
        _ => error.to_string(),
    })
}

/// Finds the exception in what `rexie` says of it, as in `DOM exception: QuotaExceededError: …`.
fn named(said: String) -> BrowserError {
    let mut parts = said.splitn(3, ": ").skip(1);
    let (name, message) = match (parts.next(), parts.next()) {
        (Some(name), Some(message)) if name.ends_with("Error") => {
            (name.to_owned(), message.to_owned())
        }
        _ => ("IndexedDB".to_owned(), said),
    };
    BrowserError::Exception { name, message }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_list_of_object_stores_only_grows() {
        let schema = Schema::current();
        assert_eq!(schema.stores, ["segments", "heads", "values", "keys"]);
        assert_eq!(schema.version, 1);
    }

    #[test]
    fn every_device_of_a_browser_has_a_database_of_its_own() {
        assert_eq!(database_name(None), "tillmesh");
        assert_eq!(database_name(Some("lane-2")), "tillmesh-lane-2");
    }

    #[test]
    fn an_exception_is_known_by_its_name() {
        for (said, name) in [
            (
                "DOM exception: QuotaExceededError: full: very",
                "QuotaExceededError",
            ),
            (
                "failed to open new transaction: InvalidStateError: closing.",
                "InvalidStateError",
            ),
            ("couldn't abort a transaction", "IndexedDB"),
            ("failed to get a value: undefined", "IndexedDB"),
        ] {
            assert_eq!(named(said.to_owned()).name(), name);
        }
    }
}
