use base::{DeviceId, EntryRef, LogId, Mark, Stamp, Stream};

use super::*;
use crate::catalogue::Unit;
use crate::event::Event;
use crate::fold::{Fact, State};
use crate::money::Money;
use crate::quantity::Quantity;
use crate::sale::example::shop;

fn rows(text: &str) -> Rows {
    read(text, &shop().settings().unwrap())
}

fn row(text: &str) -> Row {
    let rows = rows(text);
    assert_eq!(rows.report, ImportReport::default(), "{text}");
    assert_eq!(rows.rows.len(), 1, "{text}");
    rows.rows.into_iter().next().unwrap()
}

/// The one error of a file whose one record is bad.
#[track_caller]
fn refused(text: &str, reason: &str) {
    let rows = rows(text);
    assert_eq!(rows.rows, [], "{text}");
    assert_eq!(rows.report.errors.len(), 1, "{text}");
    let said = &rows.report.errors[0].reason;
    assert!(said.contains(reason), "{said:?} should say {reason:?}");
}

fn apply(state: &mut State, events: &[Event], first: u8) {
    for (mark, event) in (first..).zip(events) {
        let entry = EntryRef {
            log: LogId::new(DeviceId([2; 16]), Stream::Shop),
            seq: u64::from(mark),
            mark: Mark([mark; 8]),
        };
        state.apply(&Fact {
            entry,
            stamp: Stamp(u64::from(mark)),
            wall_ms: 0,
            event,
        });
    }
}

#[test]
fn a_whole_row_is_read_in_any_order_of_columns() {
    let text = "\u{feff}Price;NAME;barcodes;sku;tax;unit;stock\r\n\
        12.50;\" Salt &amp;  Pepper\" ;4006381333931|73513537;S1;10%;kg;0.5\r\n";
    let row = row(text);
    assert_eq!(row.line, 2);
    assert_eq!(row.fields.name.as_deref(), Some("Salt & Pepper"));
    assert_eq!(row.fields.sku.as_deref(), Some("S1"));
    assert_eq!(
        row.fields.barcodes,
        Some(vec!["4006381333931".into(), "73513537".into()])
    );
    assert_eq!(
        (row.fields.price, row.fields.tax_rate),
        (Some(Money(1_250)), Some(2))
    );
    assert_eq!(
        (row.fields.unit, row.stock),
        (Some(Unit::Kilogram), Some(Quantity(500)))
    );
}

#[test]
fn quoted_commas_belong_to_the_name() {
    let row = row("sku,name,price\n1,\"Tea, green\",2\n");
    assert_eq!(row.fields.name.as_deref(), Some("Tea, green"));
}

#[test]
fn rows_that_cannot_be_taken_say_why() {
    refused("sku,name,price\n1,Tea,-2\n", "negative");
    refused("sku,name,price\n1,Tea,two\n", "not an amount");
    refused("sku,name,price\n1,Tea,2.005\n", "more decimals");
    refused("sku,name,price\n1,  ,2\n", "name is missing");
    refused("sku,name,price\n1,&nbsp;,2\n", "name is missing");
    refused("sku,name,price\n,Tea,2\n", "neither a SKU nor a barcode");
    refused("sku,name,unit\n1,Tea,dozen\n", "dozen");
    refused("sku,name,tax\n1,Tea,7\n", "no tax rate");
    refused("sku,name,stock\n1,Tea,some\n", "not a quantity");
    refused("sku,name\n1,\"Tea\n", "never closed");
    refused(
        &format!("barcode,name\n{},Tea\n", "7".repeat(200)),
        "this one has 200",
    );
    refused(&format!("sku,name\n1,{}\n", "x".repeat(513)), "512");
}

#[test]
fn files_that_are_no_catalogue_say_why() {
    refused("", "empty");
    refused("name,price\nTea,2\n", "“sku” or “barcode”");
    refused("sku,price\n1,2\n", "“name”");
}

#[test]
fn a_barcode_of_one_character_is_fine_and_a_wrong_check_digit_a_warning() {
    assert_eq!(
        row("barcode,name\n7,Tea\n").fields.barcodes,
        Some(vec!["7".into()])
    );
    let rows = rows("barcode,name\n4006381333932,Tea\n");
    assert_eq!((rows.rows.len(), rows.report.errors.len()), (1, 0));
    assert_eq!(rows.report.warnings[0].line, 2);
    assert!(rows.report.warnings[0].reason.contains("check digit"));
}

#[test]
fn doubts_are_said_and_the_rows_taken() {
    let rows = rows("sku,name,price,colour\n1,Tea,,red\n2,Salt\n");
    assert_eq!(rows.rows.len(), 2);
    let warned: Vec<_> = rows.report.warnings.iter().map(|note| note.line).collect();
    assert_eq!(warned, [1, 2, 3, 3]);
}

#[test]
fn of_one_product_twice_the_last_line_counts() {
    let rows = rows("sku,name,price\nA,Tea,1\nB,Salt,1\na,Tea,2\n");
    let lines: Vec<_> = rows.rows.iter().map(|row| row.line).collect();
    assert_eq!(lines, [3, 4]);
    assert_eq!(rows.report.warnings[0].line, 2);
    assert!(rows.report.warnings[0].reason.contains("line 4"));
}

#[test]
fn a_second_import_of_the_same_file_changes_nothing() {
    let text = "sku,barcode,name,price,stock\nT1,73513537,Tea,2.50,5\nBREAD,,Bread,1.50,\n";
    let mut state = shop();
    let first = plan(rows(text), &state);
    let counts = (
        first.summary.added,
        first.summary.updated,
        first.summary.unchanged,
    );
    assert_eq!(counts, (1, 1, 0));
    apply(&mut state, &first.events(), 50);
    let tea = state.catalogue().lookup("73513537").unwrap();
    assert_eq!((tea.price, tea.stock), (Some(Money(250)), Quantity(5_000)));
    let bread = state.catalogue().lookup("BREAD").unwrap();
    assert_eq!(
        (bread.price, bread.stock_tracked),
        (Some(Money(150)), false)
    );
    let second = plan(rows(text), &state);
    assert_eq!(second.summary.unchanged, 2);
    assert!(second.events().is_empty());
    assert_eq!(state.conflicts(), 0);
}

#[test]
fn stock_is_put_right_by_the_difference() {
    let mut state = shop();
    let import = |state: &mut State, stock: &str, mark: u8| {
        let text = format!("sku,name,stock\nWINE,Wine,{stock}\n");
        let plan = plan(rows(&text), state);
        let moved = plan.writes.first().and_then(|write| write.movement);
        apply(state, &plan.events(), mark);
        moved
    };
    assert_eq!(import(&mut state, "0", 50), Some(Quantity(0)));
    assert_eq!(import(&mut state, "12", 51), Some(Quantity(12_000)));
    assert_eq!(import(&mut state, "10", 52), Some(Quantity(-2_000)));
    assert_eq!(import(&mut state, "10", 53), None);
    assert_eq!(
        state.catalogue().lookup("WINE").unwrap().stock,
        Quantity(10_000)
    );
}

#[test]
fn a_product_without_a_sku_is_known_again_by_any_of_its_barcodes() {
    let mut state = shop();
    let first = plan(rows("barcode,name,price\n73513537|12345,Tea,1\n"), &state);
    apply(&mut state, &first.events(), 50);
    let again = plan(rows("barcode,name,price\n12345,Tea,2\n"), &state);
    assert_eq!((again.summary.added, again.summary.updated), (0, 1));
    // There a barcode says which product it is; the others stay.
    assert_eq!(again.writes[0].fields.barcodes, None);
    let twice = plan(
        rows("barcode,name,price\n12345,Tea,2\n73513537,Tea,3\n"),
        &state,
    );
    assert_eq!(twice.report.errors.len(), 1);
    assert!(twice.report.errors[0].reason.contains("line above"));
}

#[test]
fn pages_hold_at_most_256_products() {
    let mut text = "sku,name,price\n".to_owned();
    for at in 0..600 {
        text.push_str(&format!("S{at},Product {at},1\n"));
    }
    let events = plan(rows(&text), &shop()).events();
    assert_eq!(events.len(), 3);
    assert!(events.iter().all(|event| event.encode().is_ok()));
}
