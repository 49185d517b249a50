//! Names of employees and devices, and how PINs are checked, as they are written.

use base::{DeviceId, EmployeeId, Malformed, Mark};
use minicbor::{Decode, Encode};

use super::{check_replaces, check_text};
use crate::register::{Fields, mask};

/// What an employee is called and how their PIN is checked. Role and rights are in `control`.
#[derive(Clone, PartialEq, Eq, Encode, Decode)]
#[cbor(map)]
pub struct EmployeeProfile {
    /// Who.
    #[n(0)]
    pub employee: EmployeeId,
    /// The writes that this one replaces.
    #[n(1)]
    pub replaces: Vec<Mark>,
    /// What is written.
    #[n(2)]
    pub fields: EmployeeFields,
}

impl core::fmt::Debug for EmployeeProfile {
    fn fmt(&self, f: &mut core::fmt::Formatter<'_>) -> core::fmt::Result {
        write!(f, "EmployeeProfile({:?}, {:?})", self.employee, self.fields)
    }
}

/// Fields of an employee to write; what is `None` stays as it is.
#[derive(Clone, PartialEq, Eq, Default, Encode, Decode)]
#[cbor(map)]
pub struct EmployeeFields {
    /// Name.
    #[n(0)]
    pub name: Option<String>,
    /// How the PIN is checked.
    #[n(1)]
    pub pin: Option<PinVerifier>,
}

impl core::fmt::Debug for EmployeeFields {
    fn fmt(&self, f: &mut core::fmt::Formatter<'_>) -> core::fmt::Result {
        // A verifier of four digits is nearly the PIN and has no place in a trace.
        write!(
            f,
            "EmployeeFields({:?}, pin: {})",
            self.name,
            self.pin.is_some()
        )
    }
}

impl Fields for EmployeeFields {
    fn written(&self) -> u32 {
        mask([self.name.is_some(), self.pin.is_some()])
    }
}

/// How a PIN is checked: Argon2id over the PIN and the shop's pepper.
#[derive(Clone, Copy, PartialEq, Eq, Encode, Decode)]
#[cbor(array)]
pub struct PinVerifier {
    /// Random, one for each PIN.
    #[cbor(n(0), with = "minicbor::bytes")]
    pub salt: [u8; 16],
    /// What the hash must come to.
    #[cbor(n(1), with = "minicbor::bytes")]
    pub verifier: [u8; 32],
}

impl core::fmt::Debug for PinVerifier {
    fn fmt(&self, f: &mut core::fmt::Formatter<'_>) -> core::fmt::Result {
        f.write_str("PinVerifier(…)")
    }
}

/// A name given to a device.
#[derive(Debug, Clone, PartialEq, Eq, Encode, Decode)]
#[cbor(map)]
pub struct DeviceNamed {
    /// Which.
    #[n(0)]
    pub device: DeviceId,
    /// The writes that this one replaces.
    #[n(1)]
    pub replaces: Vec<Mark>,
    /// What people call it.
    #[n(2)]
    pub name: String,
}

/// The public keys with which a copied device would go on, one for each machine that it runs on.
///
/// They say nothing about who holds them: whoever lets them in must know that.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Encode, Decode)]
#[cbor(array)]
pub struct DeviceSucceeds {
    /// Ed25519 public key.
    #[cbor(n(0), with = "minicbor::bytes")]
    pub ed25519: [u8; 32],
    /// X25519 public key.
    #[cbor(n(1), with = "minicbor::bytes")]
    pub x25519: [u8; 32],
}

impl EmployeeProfile {
    pub(super) fn check(&self) -> Result<(), Malformed> {
        check_replaces(&self.replaces)?;
        check_text(self.fields.name.as_deref())
    }
}

impl DeviceNamed {
    pub(super) fn check(&self) -> Result<(), Malformed> {
        check_replaces(&self.replaces)?;
        check_text(Some(&self.name))
    }
}
