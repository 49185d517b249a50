//! What was written apart and stands against each other, as screens and scripts see it.

use base::DeviceId;
use domain::fold::{Field, Object, Value};

/// An object in conflict.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ConflictView {
    /// Which.
    pub object: Object,
    /// What people call it; of settings the shop's name. Empty where nobody gave it one.
    pub name: String,
    /// Its fields in conflict.
    pub fields: Vec<ContestedField>,
}

/// A field of an object in conflict.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ContestedField {
    /// Which.
    pub field: Field,
    /// What was written, the one that counts first.
    pub values: Vec<ContestedValue>,
}

/// A value that stands against others.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ContestedValue {
    /// The value.
    pub value: Value,
    /// Who wrote it.
    pub device: DeviceId,
    /// What people call that device.
    pub device_name: String,
    /// When, milliseconds since 1970: by that device's clock, or a later one that it had seen.
    pub at_ms: u64,
}
