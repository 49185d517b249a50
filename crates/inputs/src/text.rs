//! What people type and scan, and what is written into addresses and keys.

use base::{DeviceId, EmployeeId, Mark, ShopId};
use domain::barcode;
use domain::catalogue::ProductId;
use domain::money::{Currency, MONEY_MAX, Money, round_ratio};
use domain::quantity::{QUANTITY_MAX, Quantity};
use domain::sale::{SaleId, TenderKind};
use domain::settings::{BasisPoints, BusinessDate};
use identity::role::{DeviceRole, EmployeeRole};
use identity::terminal::{CODE_CHARS_MAX, TerminalCode};
use seal::SealError;
use seal::phrase::{Phrase, WORDS};

/// One text, read in every way in which a text is read. What is read lies within its bounds, and
/// what it is written as reads the same again.
pub fn run(bytes: &[u8]) {
    let text = String::from_utf8_lossy(bytes);
    amounts(&text);
    barcodes(&text);
    names(&text);
    phrase(&text);
}

fn amounts(text: &str) {
    for code in ["EUR", "JPY", "KWD"] {
        let currency = Currency::from_code(code).expect("it stands in ISO 4217");
        let Ok(money) = Money::from_text(text, currency) else {
            continue;
        };
        assert!(money.0.unsigned_abs() <= MONEY_MAX.0.unsigned_abs());
        assert_eq!(
            Money::from_text(&money.to_text(currency), currency),
            Ok(money)
        );
        let exact = round_ratio(i128::from(money.0) * 1_000, 1_000);
        assert_eq!(exact, Some(money.0));
    }
    if let Ok(quantity) = Quantity::from_text(text) {
        assert!(quantity.0.unsigned_abs() <= QUANTITY_MAX.0.unsigned_abs());
        assert_eq!(Quantity::from_text(&quantity.to_text()), Ok(quantity));
        let cost = quantity.times(Money(100));
        let exact = i128::from(quantity.0) * 100;
        assert!(cost.is_none_or(|cost| (i128::from(cost.0) * 1_000 - exact).abs() <= 500));
    }
    if let Some(rate) = BasisPoints::from_text(text) {
        assert!(rate <= BasisPoints::MAX);
        assert_eq!(BasisPoints::from_text(&rate.to_text()), Some(rate));
    }
    if let Ok(date) = BusinessDate::from_text(text) {
        assert_eq!(date.to_string(), text);
        let (year, month, day) = date.ymd();
        assert_eq!(BusinessDate::from_ymd(year, month, day), Some(date));
    }
    if let Some(currency) = Currency::from_code(text) {
        assert_eq!(currency.code(), text);
    }
}

fn barcodes(text: &str) {
    if barcode::is_usable(text) {
        assert!(text.chars().count() <= barcode::BARCODE_CHARS_MAX && text.trim() == text);
    }
    let right = barcode::check_digit_is_right(text);
    if let Some(other) = barcode::other_form(text) {
        assert_eq!(
            barcode::check_digit_is_right(&other),
            right,
            "a 0 in front weighs nothing"
        );
        assert_eq!(barcode::other_form(&other).as_deref(), Some(text));
    }
}

fn names(text: &str) {
    if let Some(code) = TerminalCode::parse(text) {
        let written = code.to_string();
        assert!(written.len() <= CODE_CHARS_MAX && written.eq_ignore_ascii_case(text.trim()));
        assert_eq!(TerminalCode::parse(&written).as_ref(), Some(&code));
        let next = TerminalCode::next(&code.letters, [&code].into_iter());
        assert_ne!(next, code);
        assert_eq!(TerminalCode::parse(&next.to_string()), Some(next));
    }
    if let Some(sale) = SaleId::from_text(text) {
        assert_eq!(SaleId::from_text(&sale.to_string()), Some(sale));
    }
    if let Some(product) = ProductId::from_text(text) {
        assert_eq!(ProductId::from_text(&product.to_string()), Some(product));
    }
    let hex = [
        DeviceId::from_hex(text).map(|id| id.hex()),
        ShopId::from_hex(text).map(|id| id.hex()),
        EmployeeId::from_hex(text).map(|id| id.hex()),
        Mark::from_hex(text).map(|id| id.hex()),
    ];
    assert!(
        hex.into_iter()
            .flatten()
            .all(|hex| hex.eq_ignore_ascii_case(text))
    );
    let words = [
        DeviceRole::from_word(text).map(DeviceRole::word),
        EmployeeRole::from_word(text).map(EmployeeRole::word),
        TenderKind::from_word(text).map(TenderKind::word),
    ];
    assert!(words.into_iter().flatten().all(|word| word == text));
}

fn phrase(text: &str) {
    match Phrase::parse(text) {
        Ok(phrase) => {
            let words = phrase.words();
            assert_eq!(words.split(' ').count(), WORDS);
            assert_eq!(Phrase::parse(&words.to_uppercase()), Ok(phrase));
        }
        Err(SealError::UserWordCount { found }) => assert_ne!(found, WORDS),
        Err(SealError::UserWordUnknown { position }) => assert!((1..=WORDS).contains(&position)),
        Err(error) => assert_eq!(error, SealError::UserWordsDoNotBelong),
    }
}

/// Texts that are read, and some that nearly are.
pub fn seeds() -> Vec<Vec<u8>> {
    let sale = format!("{}/sales/12/{}", "0a".repeat(16), "0b".repeat(8));
    let product = format!("{}.3", "0c".repeat(8));
    let phrase = Phrase::from_entropy([0x7f; 16]).words();
    let numbered: String = phrase
        .split(' ')
        .enumerate()
        .map(|(at, word)| format!("{}. {word},\n", at + 1))
        .collect();
    let texts = [
        "12.50",
        "-0.5",
        "0.742",
        "1000000",
        "99999999999999999999",
        "5.5 %",
        "22",
        "2026-11-21",
        "2028-02-29",
        "4006381333931",
        "036000291452",
        "0036000291452",
        "A3",
        "ba12",
        "A0",
        "A4294967295",
        "ABCDEFGH9999",
        "EUR",
        "owner",
        "cash",
        &sale,
        &product,
        &phrase,
        &numbered,
    ];
    texts.iter().map(|text| text.as_bytes().to_vec()).collect()
}
