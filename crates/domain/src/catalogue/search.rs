//! Indexes of the catalogue: codes, and words.
//!
//! Fifty thousand products must answer a keystroke within 50 ms in a browser: lower-case text is
//! made once, when a product is written, and a product whose letters cannot match is passed over
//! by comparing two numbers.

use std::collections::{BTreeMap, BTreeSet};

use base::Mark;

use super::{Product, ProductId};
use crate::barcode;

/// The fewest characters of a barcode's end that find it: fewer would find everything.
const SUFFIX_CHARS_MIN: usize = 3;

/// Sorts before every product.
const FIRST: ProductId = ProductId {
    mark: Mark([0; 8]),
    index: 0,
};

/// Where products are found.
///
/// Order of a search: an exact code, then products all of whose searched words begin a word of
/// the name, then the rest, each by name; products taken off sale come last.
#[derive(Debug, Clone, Default)]
pub(super) struct SearchIndex {
    /// By lower-case name, which is the order of every list.
    by_name: BTreeMap<(Box<str>, ProductId), Entry>,
    /// By barcode and lower-case SKU; `false` (on sale) sorts first.
    by_code: BTreeSet<(Box<str>, bool, ProductId)>,
}

/// What a search looks at besides the name.
#[derive(Debug, Clone)]
struct Entry {
    letters: Letters,
    /// Lower-case SKU, then barcodes, each after a line break.
    codes: Box<str>,
    active: bool,
}

/// Which characters a text has: a bit for each, shared by characters that fall together. A text
/// that holds another has all of its bits.
#[derive(Debug, Clone, Copy)]
struct Letters(u64);

impl Letters {
    fn of(text: &str) -> Self {
        let bit = |c: char| 1_u64 << (u32::from(c) % 64);
        Self(text.chars().fold(0, |bits, c| bits | bit(c)))
    }

    fn may_hold(self, other: Self) -> bool {
        self.0 & other.0 == other.0
    }
}

/// How well a product matches, best first.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
enum Rank {
    Code,
    WordStarts,
    Inside,
    OffSale,
}

impl SearchIndex {
    pub(super) fn insert(&mut self, product: &Product) {
        let name = product.name.to_lowercase();
        let codes = codes_text(product);
        let entry = Entry {
            letters: Letters(Letters::of(&name).0 | Letters::of(&codes).0),
            codes: codes.into(),
            active: product.active,
        };
        self.by_name.insert((name.into(), product.id), entry);
        for code in codes_of(product) {
            self.by_code
                .insert((code.into(), !product.active, product.id));
        }
    }

    pub(super) fn remove(&mut self, product: &Product) {
        self.by_name
            .remove(&(product.name.to_lowercase().into(), product.id));
        for code in codes_of(product) {
            self.by_code
                .remove(&(code.into(), !product.active, product.id));
        }
    }

    pub(super) fn len(&self) -> usize {
        self.by_name.len()
    }

    pub(super) fn by_code(&self, code: &str) -> Option<ProductId> {
        let found = |code: &str| {
            let mut from = self.by_code.range((code.into(), false, FIRST)..);
            let (next, _, id) = from.next()?;
            (**next == *code).then_some(*id)
        };
        found(&code.to_lowercase()).or_else(|| found(&barcode::other_form(code)?))
    }

    pub(super) fn search(
        &self,
        text: &str,
        offset: usize,
        limit: usize,
    ) -> (usize, Vec<ProductId>) {
        let text = text.to_lowercase();
        let words: Vec<(&str, Letters)> = text
            .split_whitespace()
            .map(|word| (word, Letters::of(word)))
            .collect();
        let mut ranked: [Vec<ProductId>; 4] = Default::default();
        for ((name, id), entry) in &self.by_name {
            let rank = rank(&words, name, entry);
            if let Some(list) = rank.and_then(|rank| ranked.get_mut(rank as usize)) {
                list.push(*id);
            }
        }
        let total = ranked
            .iter()
            .fold(0, |sum: usize, list| sum.saturating_add(list.len()));
        let page = ranked.into_iter().flatten().skip(offset).take(limit);
        (total, page.collect())
    }
}

fn rank(words: &[(&str, Letters)], name: &str, entry: &Entry) -> Option<Rank> {
    let mut rank = Rank::Code;
    for (word, letters) in words {
        if !entry.letters.may_hold(*letters) {
            return None;
        }
        rank = rank.max(rank_of_word(word, name, &entry.codes)?);
    }
    Some(if entry.active { rank } else { Rank::OffSale })
}

fn rank_of_word(word: &str, name: &str, codes: &str) -> Option<Rank> {
    let suffix = word.chars().count() >= SUFFIX_CHARS_MIN;
    let mut best = None;
    for code in codes.lines() {
        if code == word {
            return Some(Rank::Code);
        }
        if code.starts_with(word) || (suffix && code.ends_with(word)) {
            best = Some(Rank::Inside);
        }
    }
    // Ranks sort best first.
    best.into_iter().chain(rank_in_name(word, name)).min()
}

/// A plain scan: names are short, and the searcher that `str::find` prepares costs more than
/// going through them.
fn rank_in_name(word: &str, name: &str) -> Option<Rank> {
    let (word, bytes) = (word.as_bytes(), name.as_bytes());
    let first = word.first()?;
    let mut best = None;
    for (at, _) in bytes.iter().enumerate().filter(|(_, byte)| *byte == first) {
        if !bytes.get(at..).is_some_and(|rest| rest.starts_with(word)) {
            continue;
        }
        let before = name.get(..at).and_then(|head| head.chars().next_back());
        if before.is_none_or(|c| !c.is_alphanumeric()) {
            return Some(Rank::WordStarts);
        }
        best = Some(Rank::Inside);
    }
    best
}

fn codes_of(product: &Product) -> impl Iterator<Item = String> {
    let sku = Some(&product.sku).filter(|sku| !sku.is_empty());
    sku.into_iter()
        .chain(&product.barcodes)
        .map(|code| code.to_lowercase())
}

fn codes_text(product: &Product) -> String {
    let mut text = String::new();
    for code in codes_of(product) {
        text.push_str(&code);
        text.push('\n');
    }
    text
}
