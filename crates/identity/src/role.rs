//! What a device may do, and what a person may do. A device's role is the ceiling for whoever
//! stands at it.

use minicbor::{Decode, Encode};

use crate::control::Scope;

/// What a device may do in a shop.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Encode, Decode)]
#[cbor(index_only)]
pub enum DeviceRole {
    /// Everything; lets devices in and puts them out.
    #[n(0)]
    Owner,
    /// The office: reads everything, edits the catalogue.
    #[n(1)]
    Office,
    /// Sells.
    #[n(2)]
    Till,
    /// Receives goods and counts shelves.
    #[n(3)]
    Stock,
    /// Looks on.
    #[n(4)]
    Viewer,
    /// Keeps and forwards what it cannot read.
    #[n(5)]
    Relay,
}

impl DeviceRole {
    /// Every role.
    pub const ALL: [Self; 6] = [
        Self::Owner,
        Self::Office,
        Self::Till,
        Self::Stock,
        Self::Viewer,
        Self::Relay,
    ];

    /// The word that the console uses.
    pub const fn word(self) -> &'static str {
        match self {
            Self::Owner => "owner",
            Self::Office => "office",
            Self::Till => "till",
            Self::Stock => "stock",
            Self::Viewer => "viewer",
            Self::Relay => "relay",
        }
    }

    /// The role with this word.
    pub fn from_word(word: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|role| role.word() == word)
    }

    /// Whether a device of this role may sell, given a terminal code.
    pub const fn sells(self) -> bool {
        matches!(self, Self::Owner | Self::Office | Self::Till)
    }

    /// Whether a device of this role reads what is only for the office.
    pub const fn reads_office(self) -> bool {
        matches!(self, Self::Owner | Self::Office)
    }

    /// Whether a device of this role reads sales and the catalogue.
    pub const fn reads_shop(self) -> bool {
        !matches!(self, Self::Relay)
    }

    /// Which secrets of an epoch a device of this role is given.
    pub const fn scopes(self) -> &'static [Scope] {
        match self {
            role if role.reads_office() => &[Scope::Shop, Scope::Office],
            role if role.reads_shop() => &[Scope::Shop],
            _ => &[],
        }
    }
}

/// What a person may do in a shop.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Encode, Decode)]
#[cbor(index_only)]
pub enum EmployeeRole {
    /// Everything.
    #[n(0)]
    Owner,
    /// Sells, edits the catalogue, sees the numbers.
    #[n(1)]
    Manager,
    /// Sells.
    #[n(2)]
    Cashier,
    /// Receives goods and counts shelves.
    #[n(3)]
    Stock,
}

impl EmployeeRole {
    /// Every role.
    pub const ALL: [Self; 4] = [Self::Owner, Self::Manager, Self::Cashier, Self::Stock];

    /// The word that the console uses.
    pub const fn word(self) -> &'static str {
        match self {
            Self::Owner => "owner",
            Self::Manager => "manager",
            Self::Cashier => "cashier",
            Self::Stock => "stock",
        }
    }

    /// The role with this word.
    pub fn from_word(word: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|role| role.word() == word)
    }

    /// Whether a person of this role has a right.
    pub const fn has(self, right: Right) -> bool {
        match self {
            Self::Owner => true,
            Self::Manager => !matches!(right, Right::Staff | Right::Devices | Right::Settings),
            Self::Cashier => matches!(right, Right::Sell),
            Self::Stock => matches!(right, Right::Stock),
        }
    }
}

/// Something that a person needs a role for.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub enum Right {
    /// Sell.
    Sell,
    /// Receive goods and count shelves.
    Stock,
    /// Add and change products.
    Catalogue,
    /// See the owner's numbers.
    Numbers,
    /// Add and change employees.
    Staff,
    /// Let devices in and put them out.
    Devices,
    /// Change the shop's settings.
    Settings,
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn words_and_roles_are_one_to_one() {
        for role in DeviceRole::ALL {
            assert_eq!(DeviceRole::from_word(role.word()), Some(role));
        }
        for role in EmployeeRole::ALL {
            assert_eq!(EmployeeRole::from_word(role.word()), Some(role));
        }
        assert_eq!(DeviceRole::from_word("king"), None);
    }

    #[test]
    fn a_cashier_sells_and_nothing_else() {
        assert!(EmployeeRole::Cashier.has(Right::Sell));
        for right in [
            Right::Catalogue,
            Right::Numbers,
            Right::Staff,
            Right::Devices,
        ] {
            assert!(!EmployeeRole::Cashier.has(right), "{right:?}");
        }
    }
}
