//! Registers: values that are written over, each write naming the writes that it replaces.
//!
//! An object (a product, the settings) has many fields and a write sets some of them. A write is
//! superseded *in a field* when another write that sets the field names it. Of the writes that
//! are left the highest stamp wins, and the mark breaks ties; two or more that are left did not
//! know each other, and where they differ that is a conflict. So a stamp from 2036 loses to any later write that saw it.
//!
//! Superseded writes are kept: a verdict may take a later write away again, and then the earlier
//! one counts. A replacement may arrive before what it replaces.

use base::{Mark, Stamp};
use minicbor::{Decode, Encode};

/// The most writes that one write names: more never live side by side in an honest shop.
pub const REPLACES_MAX: usize = 64;

/// One write of some fields of an object.
#[derive(Debug, Clone, PartialEq, Eq, Encode, Decode)]
#[cbor(array)]
pub struct Write<F> {
    /// The entry that holds the write.
    #[n(0)]
    pub mark: Mark,
    /// The entry's stamp; only breaks ties.
    #[n(1)]
    pub stamp: Stamp,
    /// The writes that it replaces.
    #[n(2)]
    pub replaces: Vec<Mark>,
    /// What it sets.
    #[n(3)]
    pub fields: F,
}

/// Every write of an object, sorted by mark, so that the order of arrival leaves no trace.
#[derive(Debug, Clone, PartialEq, Eq, Encode, Decode)]
#[cbor(transparent)]
pub struct Register<F>(#[n(0)] Vec<Write<F>>);

impl<F> Default for Register<F> {
    fn default() -> Self {
        Self(Vec::new())
    }
}

impl<F> Register<F> {
    /// Takes a write in. Doing it twice changes nothing.
    pub fn insert(&mut self, write: Write<F>) {
        if let Err(at) = self.0.binary_search_by_key(&write.mark, |held| held.mark) {
            self.0.insert(at, write);
        }
    }

    /// Takes a write out again, as if it had never been.
    pub fn remove(&mut self, mark: Mark) {
        self.0.retain(|held| held.mark != mark);
    }

    /// Whether nothing was ever written.
    pub fn is_empty(&self) -> bool {
        self.0.is_empty()
    }

    /// The value of a field now; `None` when nobody set it.
    pub fn winner<'a, T: ?Sized + 'a>(
        &'a self,
        field: impl Fn(&'a F) -> Option<&'a T>,
    ) -> Option<&'a T> {
        self.live(&field)
            .max_by_key(|(write, _)| (write.stamp, write.mark))
            .map(|(_, value)| value)
    }

    /// Writes that set a field and are not superseded in it; two or more did not know each other.
    pub fn live<'a, T: ?Sized + 'a>(
        &'a self,
        field: impl Fn(&'a F) -> Option<&'a T>,
    ) -> impl Iterator<Item = (&'a Write<F>, &'a T)> {
        self.0.iter().filter_map(move |write| {
            let value = field(&write.fields)?;
            let superseded = self.0.iter().any(|other| {
                other.mark != write.mark
                    && other.replaces.contains(&write.mark)
                    && field(&other.fields).is_some()
            });
            (!superseded).then_some((write, value))
        })
    }

    /// Marks that a new write of these fields has to name: of every write that is not superseded
    /// in one of them. With more than [`REPLACES_MAX`] those that would win first.
    pub fn replaced_by(&self, fields: &F) -> Vec<Mark>
    where
        F: Fields,
    {
        let mut replaced: Vec<_> = self
            .0
            .iter()
            .filter(|write| self.live_fields(write) & fields.written() != 0)
            .collect();
        replaced.sort_by_key(|write| core::cmp::Reverse((write.stamp, write.mark)));
        replaced.truncate(REPLACES_MAX);
        let mut marks: Vec<_> = replaced.iter().map(|write| write.mark).collect();
        marks.sort();
        marks
    }

    /// Whether some field has two or more writes that did not know each other.
    pub fn is_written_apart(&self) -> bool
    where
        F: Fields,
    {
        let mut seen = 0;
        self.0.iter().any(|write| {
            let live = self.live_fields(write);
            let twice = seen & live != 0;
            seen |= live;
            twice
        })
    }

    /// The fields that a write sets and no other write has replaced.
    fn live_fields(&self, write: &Write<F>) -> u32
    where
        F: Fields,
    {
        let later = self
            .0
            .iter()
            .filter(|other| other.mark != write.mark && other.replaces.contains(&write.mark));
        later.fold(write.fields.written(), |live, other| {
            live & !other.fields.written()
        })
    }
}

/// Something whose fields are written one by one.
pub trait Fields {
    /// A bit for each field that is set.
    fn written(&self) -> u32;
}

/// Makes the mask of [`Fields::written`] from whether each field is set, first field lowest.
pub(crate) fn mask<const N: usize>(set: [bool; N]) -> u32 {
    set.iter()
        .rev()
        .fold(0, |mask: u32, set| mask << 1 | u32::from(*set))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
    struct Pair {
        name: Option<u8>,
        price: Option<u8>,
    }

    impl Fields for Pair {
        fn written(&self) -> u32 {
            mask([self.name.is_some(), self.price.is_some()])
        }
    }

    fn write(mark: u8, stamp: u64, replaces: &[u8], fields: Pair) -> Write<Pair> {
        Write {
            mark: Mark([mark; 8]),
            stamp: Stamp(stamp),
            replaces: replaces.iter().map(|mark| Mark([*mark; 8])).collect(),
            fields,
        }
    }

    fn name(name: u8) -> Pair {
        Pair {
            name: Some(name),
            price: None,
        }
    }

    fn price(price: u8) -> Pair {
        Pair {
            name: None,
            price: Some(price),
        }
    }

    fn both(value: u8) -> Pair {
        Pair {
            name: Some(value),
            price: Some(value),
        }
    }

    fn register(writes: &[Write<Pair>]) -> Register<Pair> {
        let mut register = Register::default();
        for write in writes {
            register.insert(write.clone());
        }
        register
    }

    fn values(register: &Register<Pair>) -> (Option<u8>, Option<u8>) {
        (
            register.winner(|fields| fields.name.as_ref()).copied(),
            register.winner(|fields| fields.price.as_ref()).copied(),
        )
    }

    #[test]
    fn a_stamp_from_2036_loses_to_a_later_write_that_saw_it() {
        let register = register(&[write(1, 9_999, &[], both(1)), write(2, 5, &[1], both(2))]);
        assert_eq!(values(&register), (Some(2), Some(2)));
        assert!(!register.is_written_apart());
    }

    #[test]
    fn a_write_replaces_only_the_fields_that_it_sets() {
        let register = register(&[write(1, 1, &[], both(1)), write(2, 2, &[1], price(2))]);
        assert_eq!(values(&register), (Some(1), Some(2)));
    }

    #[test]
    fn of_two_writes_that_did_not_know_each_other_the_later_wins_and_both_are_listed() {
        let register = register(&[
            write(1, 1, &[], both(1)),
            write(3, 7, &[1], price(3)),
            write(2, 7, &[1], price(2)),
        ]);
        assert_eq!(values(&register), (Some(1), Some(3)));
        assert!(register.is_written_apart());
        assert_eq!(register.live(|fields| fields.price.as_ref()).count(), 2);
    }

    #[test]
    fn a_replacement_may_come_before_what_it_replaces() {
        let register = register(&[write(2, 2, &[1], both(2)), write(1, 9, &[], both(1))]);
        assert_eq!(values(&register), (Some(2), Some(2)));
    }

    #[test]
    fn a_write_that_is_taken_out_gives_way_to_what_it_had_replaced() {
        let mut register = register(&[write(1, 1, &[], both(1)), write(2, 2, &[1], both(2))]);
        register.remove(Mark([2; 8]));
        assert_eq!(values(&register), (Some(1), Some(1)));
        register.remove(Mark([1; 8]));
        assert!(register.is_empty());
    }

    #[test]
    fn a_new_write_names_what_still_holds_its_fields() {
        let register = register(&[write(1, 1, &[], both(1)), write(2, 2, &[1], price(2))]);
        assert_eq!(register.replaced_by(&name(5)), vec![Mark([1; 8])]);
        assert_eq!(register.replaced_by(&price(5)), vec![Mark([2; 8])]);
        assert_eq!(
            register.replaced_by(&both(5)),
            vec![Mark([1; 8]), Mark([2; 8])]
        );
    }

    #[test]
    fn no_write_names_more_than_the_limit() {
        let writes: Vec<_> = (0..=REPLACES_MAX as u8)
            .map(|mark| write(mark, u64::from(mark), &[], both(mark)))
            .collect();
        let replaced = register(&writes).replaced_by(&both(0));
        assert_eq!(replaced.len(), REPLACES_MAX);
        assert!(!replaced.contains(&Mark([0; 8])));
    }
}
