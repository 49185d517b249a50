//! From the text of a file to checked rows.

use std::collections::BTreeMap;

use super::csv::{Record, records, separator};
use super::entity::decoded;
use super::{ImportReport, ROWS_MAX};
use crate::barcode;
use crate::catalogue::{ProductFields, Unit};
use crate::event::{BARCODES_MAX, TEXT_CHARS_MAX};
use crate::money::Money;
use crate::quantity::Quantity;
use crate::settings::{BasisPoints, ShopSettings};

/// A checked row.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Row {
    /// The line where it begins, from 1.
    pub line: u32,
    /// What it says; what the file has no column for, or leaves empty, is `None`.
    pub fields: ProductFields,
    /// What should be in stock.
    pub stock: Option<Quantity>,
}

/// The rows that can be taken, and what is to be said about the others.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct Rows {
    /// In the order of the file; of rows for one product the last.
    pub rows: Vec<Row>,
    /// What was left out and what was taken with a doubt.
    pub report: ImportReport,
}

/// What a column is.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
enum Column {
    Sku,
    Barcodes,
    Name,
    Price,
    Tax,
    Unit,
    Stock,
}

/// Header names, in lower case, that stand for a column.
const HEADERS: [(&str, Column); 20] = [
    ("sku", Column::Sku),
    ("code", Column::Sku),
    ("item code", Column::Sku),
    ("barcode", Column::Barcodes),
    ("barcodes", Column::Barcodes),
    ("ean", Column::Barcodes),
    ("gtin", Column::Barcodes),
    ("upc", Column::Barcodes),
    ("name", Column::Name),
    ("product", Column::Name),
    ("description", Column::Name),
    ("price", Column::Price),
    ("mrp", Column::Price),
    ("tax", Column::Tax),
    ("tax rate", Column::Tax),
    ("gst", Column::Tax),
    ("vat", Column::Tax),
    ("unit", Column::Unit),
    ("stock", Column::Stock),
    ("quantity", Column::Stock),
];

/// Reads a file. The first record names the columns, in any order; a name and a SKU or a barcode
/// must be among them, columns that nobody knows are passed over with a warning.
pub fn read(text: &str, settings: &ShopSettings) -> Rows {
    let mut rows = Rows::default();
    let mut records = records(text, separator(text)).into_iter();
    let Some(header) = records.next() else {
        rows.report.error(1, "The file is empty.");
        return rows;
    };
    let Some(columns) = columns(&header, &mut rows.report) else {
        return rows;
    };
    for record in records {
        let line = record.line;
        if rows.rows.len() >= ROWS_MAX {
            let reason = format!("The file has more than {ROWS_MAX} products; split it.");
            rows.report.error(line, reason);
            break;
        }
        let cells = Cells {
            columns: &columns,
            record: &record,
        };
        match row(&cells, settings, &mut rows.report) {
            Ok(row) => rows.rows.push(row),
            Err(reason) => rows.report.error(line, reason),
        }
    }
    keep_last(&mut rows);
    rows
}

fn columns(header: &Record, report: &mut ImportReport) -> Option<BTreeMap<Column, usize>> {
    let mut columns = BTreeMap::new();
    for (at, title) in header.fields.iter().enumerate() {
        let wanted = title.trim().to_lowercase().replace('_', " ");
        match HEADERS.iter().find(|(name, _)| *name == wanted) {
            Some((_, column)) if columns.contains_key(column) => {
                report.warning(
                    1,
                    format!("Column “{title}” was passed over: there are two."),
                );
            }
            Some((_, column)) => {
                columns.insert(*column, at);
            }
            None => report.warning(1, format!("Column “{}” was passed over.", title.trim())),
        }
    }
    let has = |column| columns.contains_key(&column);
    if !has(Column::Sku) && !has(Column::Barcodes) {
        report.error(
            1,
            "There is no column “sku” or “barcode”, so products can’t be told apart.",
        );
        None
    } else if !has(Column::Name) {
        report.error(1, "There is no column “name”.");
        None
    } else {
        Some(columns)
    }
}

/// The cells of a record by column.
struct Cells<'a> {
    columns: &'a BTreeMap<Column, usize>,
    record: &'a Record,
}

impl Cells<'_> {
    /// The cell, trimmed; `None` when empty or not there.
    fn cell(&self, column: Column) -> Option<&str> {
        let text = self.record.fields.get(*self.columns.get(&column)?)?.trim();
        (!text.is_empty()).then_some(text)
    }
}

fn row(
    cells: &Cells<'_>,
    settings: &ShopSettings,
    report: &mut ImportReport,
) -> Result<Row, String> {
    let line = cells.record.line;
    if cells.record.unclosed {
        return Err("A quotation mark is opened and never closed.".to_owned());
    }
    let widest = cells.columns.values().max().copied().unwrap_or_default();
    let too_short = cells.record.fields.len() <= widest;
    let name = cells
        .cell(Column::Name)
        .map(decoded)
        .map(|name| words(&name));
    let name = name.filter(|name| !name.is_empty());
    let Some(name) = name else {
        return Err("The name is missing.".to_owned());
    };
    let fields = ProductFields {
        name: Some(checked_text(name, "name")?),
        sku: sku(cells)?,
        barcodes: barcodes(cells, report)?,
        price: price(cells, settings)?,
        tax_rate: tax_rate(cells, settings)?,
        unit: unit(cells)?,
        active: None,
    };
    if fields.sku.is_none() && fields.barcodes.is_none() {
        return Err("There is neither a SKU nor a barcode.".to_owned());
    }
    if too_short {
        report.warning(line, "The line has fewer cells than the header.");
    }
    if cells.columns.contains_key(&Column::Price) && fields.price.is_none() {
        report.warning(line, "There is no price, so it can’t be sold yet.");
    }
    Ok(Row {
        line,
        fields,
        stock: stock(cells)?,
    })
}

/// The text with every run of blanks made one blank.
fn words(text: &str) -> String {
    text.split_whitespace().collect::<Vec<_>>().join(" ")
}

fn checked_text(text: String, what: &str) -> Result<String, String> {
    if text.chars().count() > TEXT_CHARS_MAX {
        Err(format!(
            "The {what} has more than {TEXT_CHARS_MAX} characters."
        ))
    } else if text.chars().any(char::is_control) {
        Err(format!("The {what} has characters that can’t be printed."))
    } else {
        Ok(text)
    }
}

fn sku(cells: &Cells<'_>) -> Result<Option<String>, String> {
    let sku = cells.cell(Column::Sku).map(str::to_owned);
    sku.map(|sku| checked_text(sku, "SKU")).transpose()
}

/// Several barcodes stand in one cell, with `|`, `;` or blanks between them.
fn barcodes(cells: &Cells<'_>, report: &mut ImportReport) -> Result<Option<Vec<String>>, String> {
    let Some(cell) = cells.cell(Column::Barcodes) else {
        return Ok(None);
    };
    let mut codes: Vec<String> = Vec::new();
    let between = |c: char| c == '|' || c == ';' || c.is_whitespace();
    for code in cell.split(between).filter(|code| !code.is_empty()) {
        if !barcode::is_usable(code) {
            return Err(format!(
                "A barcode has 1 to {} printable characters; this one has {}.",
                barcode::BARCODE_CHARS_MAX,
                code.chars().count()
            ));
        }
        if barcode::check_digit_is_right(code) == Some(false) {
            let reason = format!("The check digit of barcode {code} is wrong.");
            report.warning(cells.record.line, reason);
        }
        if !codes.iter().any(|known| known == code) {
            codes.push(code.to_owned());
        }
    }
    if codes.len() > BARCODES_MAX {
        return Err(format!("There are more than {BARCODES_MAX} barcodes."));
    }
    Ok((!codes.is_empty()).then_some(codes))
}

fn price(cells: &Cells<'_>, settings: &ShopSettings) -> Result<Option<Money>, String> {
    let Some(cell) = cells.cell(Column::Price) else {
        return Ok(None);
    };
    let price = Money::from_text(cell, settings.currency);
    let price = price.map_err(|error| format!("The price can’t be read: {error}."))?;
    if price.0 < 0 {
        return Err(format!("The price {cell} is negative."));
    }
    Ok(Some(price))
}

/// A rate is named by how high it is, or by its name.
fn tax_rate(cells: &Cells<'_>, settings: &ShopSettings) -> Result<Option<u8>, String> {
    let Some(cell) = cells.cell(Column::Tax) else {
        return Ok(None);
    };
    let points = BasisPoints::from_text(cell);
    let mut rates = settings.tax_rates.iter();
    rates
        .find(|rate| rate.name.eq_ignore_ascii_case(cell) || Some(rate.rate) == points)
        .map(|rate| Some(rate.id))
        .ok_or_else(|| format!("The shop has no tax rate “{cell}”."))
}

fn unit(cells: &Cells<'_>) -> Result<Option<Unit>, String> {
    let Some(cell) = cells.cell(Column::Unit) else {
        return Ok(None);
    };
    match cell.to_lowercase().as_str() {
        "piece" | "pieces" | "pc" | "pcs" | "each" | "ea" | "unit" => Ok(Some(Unit::Piece)),
        "kg" | "kilogram" | "kilo" => Ok(Some(Unit::Kilogram)),
        "l" | "litre" | "liter" => Ok(Some(Unit::Litre)),
        "m" | "metre" | "meter" => Ok(Some(Unit::Metre)),
        _ => Err(format!("The unit “{cell}” is not piece, kg, l or m.")),
    }
}

fn stock(cells: &Cells<'_>) -> Result<Option<Quantity>, String> {
    let Some(cell) = cells.cell(Column::Stock) else {
        return Ok(None);
    };
    let stock = Quantity::from_text(cell);
    let stock = stock.map_err(|_| format!("The stock “{cell}” is not a quantity."))?;
    Ok(Some(stock))
}

/// Of rows with one SKU, or without a SKU and with one first barcode, the last counts.
fn keep_last(rows: &mut Rows) {
    let key = |row: &Row| match (&row.fields.sku, &row.fields.barcodes) {
        (Some(sku), _) => (true, sku.to_lowercase()),
        (None, codes) => {
            let first = codes.iter().flatten().next();
            (false, first.cloned().unwrap_or_default())
        }
    };
    let mut last = BTreeMap::new();
    for row in &rows.rows {
        if let Some(before) = last.insert(key(row), row.line) {
            let reason = format!("The same product stands on line {} again.", row.line);
            rows.report
                .warning(before, format!("{reason} That line counts."));
        }
    }
    rows.rows
        .retain(|row| last.get(&key(row)) == Some(&row.line));
    rows.report.warnings.sort_by_key(|note| note.line);
}
