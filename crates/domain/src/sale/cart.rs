//! The cart of the Sell screen.

use super::{BasketLine, Item};
use crate::catalogue::{Catalogue, Product, ProductId, Unit};
use crate::error::AskerError;
use crate::event::SALE_LINES_MAX;
use crate::money::Money;
use crate::quantity::{ONE, Quantity};
use crate::settings::ShopSettings;
use crate::tax::{Totals, totals};

/// A line of a cart, with the product as it was when it was added.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct CartLine {
    /// The product.
    pub product: Product,
    /// How much of it; more than zero.
    pub quantity: Quantity,
}

impl CartLine {
    /// Price of the line; `None` without a price, or when too large.
    pub fn total(&self) -> Option<Money> {
        self.quantity.times(self.product.price?)
    }
}

/// What was rung up so far. Every change can be taken back, one by one.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct Cart {
    lines: Vec<CartLine>,
    undo: Vec<Vec<CartLine>>,
}

/// How many changes can be taken back.
const UNDO_MAX: usize = 32;

impl Cart {
    /// The lines, in the order in which they were begun.
    pub fn lines(&self) -> &[CartLine] {
        &self.lines
    }

    /// Whether nothing is in it.
    pub fn is_empty(&self) -> bool {
        self.lines.is_empty()
    }

    /// Adds a product. Another piece of one that is there goes onto its line; what is weighed
    /// gets a line of its own each time.
    ///
    /// # Errors
    /// [`AskerError::BadQuantity`], [`AskerError::NotForSale`], [`AskerError::TooManyLines`] or
    /// [`AskerError::Overflow`]; the cart is as before.
    pub fn add(&mut self, product: Product, quantity: Quantity) -> Result<(), AskerError> {
        if product.price.is_none() || !product.active {
            return Err(AskerError::NotForSale(product.name));
        }
        let same = |line: &CartLine| line.product.id == product.id && product.unit == Unit::Piece;
        match self.lines.iter().position(same) {
            Some(at) => {
                let held = self
                    .lines
                    .get(at)
                    .map_or(Quantity::ZERO, |line| line.quantity);
                check_quantity(quantity)?;
                let sum = held.checked_add(quantity).ok_or(AskerError::Overflow)?;
                self.set_quantity(at, sum)
            }
            None if self.lines.len() >= SALE_LINES_MAX => {
                Err(AskerError::TooManyLines(SALE_LINES_MAX))
            }
            None => {
                check_quantity(quantity)?;
                let line = CartLine { product, quantity };
                line.total().ok_or(AskerError::Overflow)?;
                self.remember();
                self.lines.push(line);
                Ok(())
            }
        }
    }

    /// Adds one of what a scanned or typed code stands for.
    ///
    /// # Errors
    /// [`AskerError::UnknownProduct`], or as [`Cart::add`].
    pub fn scan(&mut self, code: &str, catalogue: &Catalogue) -> Result<(), AskerError> {
        let product = catalogue.lookup(code);
        let product = product.ok_or_else(|| AskerError::UnknownProduct(code.to_owned()))?;
        self.add(product, ONE)
    }

    /// Sets the quantity of line `at`; a line that is not there is left alone.
    ///
    /// # Errors
    /// [`AskerError::BadQuantity`] or [`AskerError::Overflow`]; the cart is as before.
    pub fn set_quantity(&mut self, at: usize, quantity: Quantity) -> Result<(), AskerError> {
        check_quantity(quantity)?;
        let Some(line) = self.lines.get(at) else {
            return Ok(());
        };
        let changed = CartLine {
            quantity,
            ..line.clone()
        };
        changed.total().ok_or(AskerError::Overflow)?;
        self.remember();
        if let Some(line) = self.lines.get_mut(at) {
            *line = changed;
        }
        Ok(())
    }

    /// Takes line `at` out; a line that is not there is left alone.
    pub fn remove(&mut self, at: usize) {
        if at < self.lines.len() {
            self.remember();
            self.lines.remove(at);
        }
    }

    /// Empties the cart; can be taken back.
    pub fn clear(&mut self) {
        if !self.lines.is_empty() {
            self.remember();
            self.lines.clear();
        }
    }

    /// Takes the last change back; `false` when there is none.
    pub fn undo(&mut self) -> bool {
        let Some(lines) = self.undo.pop() else {
            return false;
        };
        self.lines = lines;
        true
    }

    /// What the cart comes to; `None` when too large.
    pub fn totals(&self, settings: &ShopSettings) -> Option<Totals> {
        let lines: Option<Vec<_>> = self
            .lines
            .iter()
            .map(|line| Some((settings.rate(line.product.tax_rate), line.total()?)))
            .collect();
        totals(settings.tax_mode, lines?)
    }

    /// The lines of the basket to sell.
    pub fn basket_lines(&self) -> Vec<BasketLine> {
        let line = |line: &CartLine| BasketLine {
            item: Item::Product(line.product.id),
            quantity: line.quantity,
        };
        self.lines.iter().map(line).collect()
    }

    /// Where a product's line is.
    pub fn position(&self, product: ProductId) -> Option<usize> {
        self.lines
            .iter()
            .position(|line| line.product.id == product)
    }

    fn remember(&mut self) {
        if self.undo.len() >= UNDO_MAX {
            self.undo.remove(0);
        }
        self.undo.push(self.lines.clone());
    }
}

fn check_quantity(quantity: Quantity) -> Result<(), AskerError> {
    if quantity.0 <= 0 {
        Err(AskerError::BadQuantity)
    } else {
        Ok(())
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::sale::example::shop;

    fn quantities(cart: &Cart) -> Vec<(String, i64)> {
        let line = |line: &CartLine| (line.product.sku.clone(), line.quantity.0);
        cart.lines().iter().map(line).collect()
    }

    #[test]
    fn another_piece_goes_onto_its_line_and_another_weight_does_not() {
        let state = shop();
        let mut cart = Cart::default();
        cart.scan("BREAD", state.catalogue()).unwrap();
        cart.scan("bread", state.catalogue()).unwrap();
        let apples = state.catalogue().lookup("APPLES").unwrap();
        cart.add(apples.clone(), Quantity(500)).unwrap();
        cart.add(apples, Quantity(700)).unwrap();
        let expected = [("BREAD", 2_000), ("APPLES", 500), ("APPLES", 700)];
        assert_eq!(
            quantities(&cart),
            expected.map(|(sku, n)| (sku.to_owned(), n))
        );
        let totals = cart.totals(&state.settings().unwrap()).unwrap();
        assert_eq!(totals.payable, Money(250 + 150 + 209));
    }

    #[test]
    fn every_change_can_be_taken_back() {
        let state = shop();
        let mut cart = Cart::default();
        assert!(!cart.undo());
        cart.scan("BREAD", state.catalogue()).unwrap();
        cart.set_quantity(0, Quantity(3_000)).unwrap();
        cart.remove(0);
        assert!(cart.is_empty());
        assert!(cart.undo());
        assert_eq!(quantities(&cart), [("BREAD".to_owned(), 3_000)]);
        cart.clear();
        assert!(cart.undo() && cart.undo());
        assert_eq!(quantities(&cart), [("BREAD".to_owned(), 1_000)]);
        assert!(cart.undo());
        assert!(cart.is_empty());
    }

    #[test]
    fn what_is_refused_leaves_the_cart_as_it_was() {
        let state = shop();
        let mut cart = Cart::default();
        cart.scan("BREAD", state.catalogue()).unwrap();
        let before = cart.clone();
        let catalogue = state.catalogue();
        assert!(cart.scan("NONE", catalogue).is_err());
        assert!(cart.scan("OLD", catalogue).is_err());
        assert!(cart.scan("FREE", catalogue).is_err());
        assert!(cart.set_quantity(0, Quantity(0)).is_err());
        assert!(cart.set_quantity(0, Quantity(i64::MAX)).is_err());
        assert!(
            cart.add(catalogue.lookup("BREAD").unwrap(), Quantity(-5))
                .is_err()
        );
        cart.remove(7);
        assert_eq!(cart, before);
    }

    #[test]
    fn no_more_changes_are_remembered_than_the_limit() {
        let state = shop();
        let mut cart = Cart::default();
        for _ in 0..2 * UNDO_MAX {
            cart.scan("BREAD", state.catalogue()).unwrap();
        }
        let undone = (0..2 * UNDO_MAX).filter(|_| cart.undo()).count();
        assert_eq!(undone, UNDO_MAX);
    }
}
