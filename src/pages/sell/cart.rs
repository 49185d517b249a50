//! The cart: what was scanned, in order. Plain data, so that a test can sell without a screen.

use domain::catalogue::{Product, Unit};
use domain::money::Money;
use domain::quantity::Quantity;

/// A line of the cart.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Line {
    /// Tells the line from others while the cart lives.
    pub key: u32,
    /// What is sold.
    pub product: Product,
    /// How much, in thousandths.
    pub quantity: Quantity,
    /// The price at the first scan, where it is another one now.
    pub was: Option<Money>,
}

impl Line {
    /// Takes the product as it is now, and remembers the price if that is another one.
    fn take(&mut self, now: Product) {
        let first = self.was.or(self.product.price);
        self.was = first.filter(|first| now.price != Some(*first));
        self.product = now;
    }

    /// What the line comes to; `None` without a price, or when it is too large.
    pub fn total(&self) -> Option<Money> {
        self.quantity.times(self.product.price?)
    }
}

/// What was scanned and not yet paid.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct Cart {
    lines: Vec<Line>,
    last: Option<u32>,
    next_key: u32,
    before: Option<Vec<Line>>,
}

impl Cart {
    /// The lines in the order of their first scan.
    pub fn lines(&self) -> &[Line] {
        &self.lines
    }

    /// Whether nothing is in it.
    pub fn is_empty(&self) -> bool {
        self.lines.is_empty()
    }

    /// The line that the last scan touched.
    pub fn last(&self) -> Option<&Line> {
        self.lines.iter().find(|line| Some(line.key) == self.last)
    }

    /// Whether the last change can be undone.
    pub fn can_undo(&self) -> bool {
        self.before.is_some()
    }

    /// Adds a product. Pieces of one product share a line; each weighing is a line of its own.
    pub fn add(&mut self, product: Product, quantity: Quantity) {
        self.before = Some(self.lines.clone());
        let pieces = product.unit == Unit::Piece;
        let same = |line: &&mut Line| pieces && line.product.id == product.id;
        if let Some(line) = self.lines.iter_mut().find(same) {
            // Beyond the largest quantity the line stays as it is.
            line.quantity = line.quantity.checked_add(quantity).unwrap_or(line.quantity);
            line.take(product);
            self.last = Some(line.key);
            return;
        }
        let key = self.next_key;
        self.next_key += 1;
        self.last = Some(key);
        self.lines.push(Line {
            key,
            product,
            quantity,
            was: None,
        });
    }

    /// Puts a line of before a restart back, with the price of its first scan.
    pub fn put_back(&mut self, product: Product, quantity: Quantity, first: Option<Money>) {
        let key = self.next_key;
        self.next_key += 1;
        let was = first.filter(|first| product.price != Some(*first));
        self.lines.push(Line {
            key,
            product,
            quantity,
            was,
        });
    }

    /// Puts the lines of an earlier cart before its own.
    pub fn put_before(&mut self, mut earlier: Self) {
        for line in core::mem::take(&mut self.lines) {
            earlier.add(line.product, line.quantity);
        }
        *self = earlier;
    }

    /// Takes a product as the catalogue has it now. Gives whether that changed any line.
    pub fn refresh(&mut self, now: &Product) -> bool {
        let earlier = self.before.iter_mut().flatten();
        let lines = self.lines.iter_mut().chain(earlier);
        let stale = lines.filter(|line| line.product.id == now.id && line.product != *now);
        stale.map(|line| line.take(now.clone())).count() > 0
    }

    /// Sets how much a line sells; nothing or less removes it.
    pub fn set_quantity(&mut self, key: u32, quantity: Quantity) {
        self.before = Some(self.lines.clone());
        self.last = Some(key);
        if quantity <= Quantity::ZERO {
            self.lines.retain(|line| line.key != key);
        } else if let Some(line) = self.lines.iter_mut().find(|line| line.key == key) {
            line.quantity = quantity;
        }
    }

    /// Takes the last change back.
    pub fn undo(&mut self) {
        if let Some(before) = self.before.take() {
            self.lines = before;
            self.last = None;
        }
    }
}

#[cfg(test)]
mod tests {
    use base::Mark;
    use domain::catalogue::ProductId;
    use domain::quantity::ONE;

    use super::*;

    fn product(index: u16, unit: Unit) -> Product {
        Product {
            id: ProductId {
                mark: Mark([7; 8]),
                index,
            },
            sku: index.to_string(),
            barcodes: Vec::new(),
            name: format!("Product {index}"),
            price: Some(Money(250)),
            tax_rate: None,
            unit,
            active: true,
            stock: Quantity::ZERO,
            stock_tracked: false,
            stock_flag: false,
        }
    }

    fn quantities(cart: &Cart) -> Vec<i64> {
        cart.lines().iter().map(|line| line.quantity.0).collect()
    }

    #[test]
    fn scanning_the_same_piece_again_makes_two_of_it() {
        let mut cart = Cart::default();
        cart.add(product(1, Unit::Piece), ONE);
        cart.add(product(2, Unit::Piece), ONE);
        cart.add(product(1, Unit::Piece), ONE);
        assert_eq!(quantities(&cart), [2000, 1000]);
        assert_eq!(cart.last().unwrap().total(), Some(Money(500)));
    }

    #[test]
    fn each_weighing_is_a_line_of_its_own() {
        let mut cart = Cart::default();
        cart.add(product(1, Unit::Kilogram), Quantity(742));
        cart.add(product(1, Unit::Kilogram), Quantity(300));
        assert_eq!(quantities(&cart), [742, 300]);
    }

    #[test]
    fn a_price_that_changes_is_the_lines_price_and_the_first_one_is_remembered() {
        let mut cart = Cart::default();
        let mut bread = product(1, Unit::Piece);
        cart.add(bread.clone(), ONE);
        assert!(!cart.refresh(&bread));
        for (price, was) in [(300, Some(250)), (280, Some(250)), (250, None)] {
            bread.price = Some(Money(price));
            assert!(cart.refresh(&bread));
            assert_eq!(cart.lines()[0].total(), Some(Money(price)));
            assert_eq!(cart.lines()[0].was, was.map(Money));
        }
    }

    #[test]
    fn what_is_put_back_says_that_its_price_changed_and_what_was_scanned_since_comes_behind() {
        let mut earlier = Cart::default();
        earlier.put_back(product(1, Unit::Piece), ONE, Some(Money(200)));
        earlier.put_back(product(2, Unit::Kilogram), Quantity(742), Some(Money(250)));
        let was: Vec<_> = earlier.lines().iter().map(|line| line.was).collect();
        assert_eq!(was, [Some(Money(200)), None]);
        assert!(!earlier.can_undo());
        let mut cart = Cart::default();
        cart.add(product(3, Unit::Piece), ONE);
        cart.add(product(1, Unit::Piece), ONE);
        cart.put_before(earlier);
        assert_eq!(quantities(&cart), [2000, 742, 1000]);
        let keys: Vec<_> = cart.lines().iter().map(|line| line.key).collect();
        assert_eq!(keys, [0, 1, 2]);
    }

    #[test]
    fn undo_does_not_bring_an_old_price_back() {
        let mut cart = Cart::default();
        let mut bread = product(1, Unit::Piece);
        cart.add(bread.clone(), ONE);
        cart.add(bread.clone(), ONE);
        bread.price = Some(Money(300));
        cart.refresh(&bread);
        cart.undo();
        assert_eq!(cart.lines()[0].total(), Some(Money(300)));
    }

    #[test]
    fn undo_takes_back_the_last_scan_only() {
        let mut cart = Cart::default();
        cart.add(product(1, Unit::Piece), ONE);
        cart.add(product(1, Unit::Piece), ONE);
        cart.undo();
        assert_eq!(quantities(&cart), [1000]);
        assert!(!cart.can_undo());
    }

    #[test]
    fn removing_a_line_can_be_undone() {
        let mut cart = Cart::default();
        cart.add(product(1, Unit::Piece), ONE);
        let key = cart.lines()[0].key;
        cart.set_quantity(key, Quantity::ZERO);
        assert!(cart.is_empty());
        cart.undo();
        assert_eq!(quantities(&cart), [1000]);
    }
}
