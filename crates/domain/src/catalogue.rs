//! Products, and how they are found by code and by words.

mod product;
mod search;

use std::collections::BTreeMap;

use minicbor::{Decode, Encode};

pub use product::{Product, ProductFields, ProductId, Unit};

use crate::quantity::Quantity;
use crate::register::{Register, Write};
use search::SearchIndex;

/// Every product that was ever written, its stock, and the indexes by which it is found.
#[derive(Debug, Clone, Default)]
pub struct Catalogue {
    products: BTreeMap<ProductId, Register<ProductFields>>,
    stock: BTreeMap<ProductId, Stock>,
    index: SearchIndex,
}

/// The movements of one product.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, Encode, Decode)]
#[cbor(array)]
pub(crate) struct Stock {
    /// Signed movements. Wraps, so that taking one out restores what was before it.
    #[n(0)]
    sum: i64,
    /// How many there are.
    #[n(1)]
    movements: u64,
    /// How many of them were goods received or a figure put right.
    #[n(2)]
    counted: u64,
}

/// A signed movement of stock, and whether it is one that makes stock worth watching.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct StockChange {
    pub product: ProductId,
    pub quantity: Quantity,
    pub counted: bool,
}

impl Catalogue {
    /// The product as it now is; `None` until somebody gave it a name.
    pub fn product(&self, id: ProductId) -> Option<Product> {
        let register = self.products.get(&id)?;
        let stock = self.stock.get(&id).copied().unwrap_or_default();
        let tracked = stock.counted > 0;
        Some(Product {
            id,
            sku: register
                .winner(|f| f.sku.as_deref())
                .unwrap_or_default()
                .to_owned(),
            barcodes: register
                .winner(|f| f.barcodes.as_deref())
                .unwrap_or_default()
                .to_owned(),
            name: register.winner(|f| f.name.as_deref())?.to_owned(),
            price: register.winner(|f| f.price.as_ref()).copied(),
            tax_rate: register.winner(|f| f.tax_rate.as_ref()).copied(),
            unit: register
                .winner(|f| f.unit.as_ref())
                .copied()
                .unwrap_or_default(),
            active: register
                .winner(|f| f.active.as_ref())
                .copied()
                .unwrap_or(true),
            stock: Quantity(stock.sum),
            stock_tracked: tracked,
            stock_flag: tracked && stock.sum < 0,
        })
    }

    /// How many products there are.
    pub fn len(&self) -> usize {
        self.index.len()
    }

    /// Whether there is no product.
    pub fn is_empty(&self) -> bool {
        self.len() == 0
    }

    /// The product behind a scanned or typed code: barcode, SKU, or the other form of a UPC-A.
    ///
    /// Products on sale come first, then the one that was written first by id; two with one code
    /// are the owner's to sort out.
    pub fn lookup(&self, code: &str) -> Option<Product> {
        self.index
            .by_code(code.trim())
            .and_then(|id| self.product(id))
    }

    /// Finds products by words, SKU or the end of a barcode; see [`SearchIndex`] for the order.
    ///
    /// Gives how many match in all, and a page of them. An empty text lists all by name.
    pub fn search(&self, text: &str, offset: usize, limit: usize) -> (usize, Vec<Product>) {
        let (total, ids) = self.index.search(text, offset, limit);
        let page = ids.into_iter().filter_map(|id| self.product(id));
        (total, page.collect())
    }

    /// Every product, by id.
    pub fn products(&self) -> impl Iterator<Item = Product> + '_ {
        self.products.keys().filter_map(|id| self.product(*id))
    }

    /// The writes of a product, for whoever writes it next or settles a conflict.
    pub fn register(&self, id: ProductId) -> Option<&Register<ProductFields>> {
        self.products.get(&id)
    }

    pub(crate) fn write(&mut self, id: ProductId, write: Write<ProductFields>) {
        self.reindexed(id, |register| register.insert(write));
    }

    pub(crate) fn unwrite(&mut self, id: ProductId, mark: base::Mark) {
        self.reindexed(id, |register| register.remove(mark));
    }

    fn reindexed(&mut self, id: ProductId, change: impl FnOnce(&mut Register<ProductFields>)) {
        if let Some(before) = self.product(id) {
            self.index.remove(&before);
        }
        let register = self.products.entry(id).or_default();
        change(register);
        if register.is_empty() {
            self.products.remove(&id);
        }
        if let Some(after) = self.product(id) {
            self.index.insert(&after);
        }
    }

    pub(crate) fn move_stock(&mut self, change: StockChange) {
        let stock = self.stock.entry(change.product).or_default();
        stock.sum = stock.sum.wrapping_add(change.quantity.0);
        stock.movements = stock.movements.wrapping_add(1);
        stock.counted = stock.counted.wrapping_add(u64::from(change.counted));
    }

    pub(crate) fn unmove_stock(&mut self, change: StockChange) {
        let stock = self.stock.entry(change.product).or_default();
        stock.sum = stock.sum.wrapping_sub(change.quantity.0);
        stock.movements = stock.movements.wrapping_sub(1);
        stock.counted = stock.counted.wrapping_sub(u64::from(change.counted));
        // None left, none counted: as if there had never been one, whatever the order.
        if *stock == Stock::default() {
            self.stock.remove(&change.product);
        }
    }

    pub(crate) fn parts(
        &self,
    ) -> (
        &BTreeMap<ProductId, Register<ProductFields>>,
        &BTreeMap<ProductId, Stock>,
    ) {
        (&self.products, &self.stock)
    }

    pub(crate) fn from_parts(
        products: BTreeMap<ProductId, Register<ProductFields>>,
        stock: BTreeMap<ProductId, Stock>,
    ) -> Self {
        let mut catalogue = Self {
            products,
            stock,
            index: SearchIndex::default(),
        };
        let ids: Vec<_> = catalogue.products.keys().copied().collect();
        for id in ids {
            if let Some(product) = catalogue.product(id) {
                catalogue.index.insert(&product);
            }
        }
        catalogue
    }
}

#[cfg(test)]
mod tests;
