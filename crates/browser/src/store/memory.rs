//! The store in memory, with the same rules as the one on disk.

use std::cell::RefCell;
use std::collections::BTreeMap;

use base::effect::{Change, Query, Row, StorageTrouble, Table, Transaction};

use super::Store;

type Records = BTreeMap<(Table, Vec<u8>), Vec<u8>>;

/// A store that forgets when it is dropped.
#[derive(Debug, Default)]
pub struct Memory {
    records: RefCell<Records>,
}

impl Store for Memory {
    async fn commit(&self, transaction: &Transaction) -> Result<(), StorageTrouble> {
        let mut records = self.records.borrow().clone();
        for change in &transaction.changes {
            apply(&mut records, change)?;
        }
        self.records.replace(records);
        Ok(())
    }

    async fn load(&self, queries: &[Query]) -> Result<Vec<Vec<Row>>, StorageTrouble> {
        let records = self.records.borrow();
        Ok(queries
            .iter()
            .map(|query| answer(&records, query))
            .collect())
    }
}

fn apply(records: &mut Records, change: &Change) -> Result<(), StorageTrouble> {
    match change {
        Change::Add { table, key, value } => {
            if records
                .insert((*table, key.clone()), value.clone())
                .is_some()
            {
                return Err(StorageTrouble::Conflict);
            }
        }
        Change::Put { table, key, value } => {
            records.insert((*table, key.clone()), value.clone());
        }
        Change::Delete { table, key } => {
            records.remove(&(*table, key.clone()));
        }
        Change::DeleteRange { table, from, to } => {
            records.retain(|(within, key), _| within != table || key < from || key >= to);
        }
    }
    Ok(())
}

fn answer(records: &Records, query: &Query) -> Vec<Row> {
    match query {
        Query::Get { table, key } => {
            let value = records.get(&(*table, key.clone()));
            value
                .map(|value| (key.clone(), value.clone()))
                .into_iter()
                .collect()
        }
        Query::Range {
            table,
            from,
            to,
            limit,
        } if from < to => {
            let within = records.range((*table, from.clone())..(*table, to.clone()));
            let rows = within.map(|((_, key), value)| (key.clone(), value.clone()));
            rows.take(*limit as usize).collect()
        }
        Query::Range { .. } => Vec::new(),
    }
}
