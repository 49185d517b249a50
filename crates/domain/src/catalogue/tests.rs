use base::{Mark, Stamp};

use super::*;
use crate::money::Money;

fn id(index: u16) -> ProductId {
    ProductId {
        mark: Mark([1; 8]),
        index,
    }
}

fn fields(name: &str, sku: &str, barcode: &str) -> ProductFields {
    ProductFields {
        name: Some(name.into()),
        sku: Some(sku.into()),
        barcodes: Some(vec![barcode.into()]),
        price: Some(Money(100)),
        ..ProductFields::default()
    }
}

fn write(mark: u8, replaces: &[u8], fields: ProductFields) -> Write<ProductFields> {
    Write {
        mark: Mark([mark; 8]),
        stamp: Stamp(u64::from(mark)),
        replaces: replaces.iter().map(|mark| Mark([*mark; 8])).collect(),
        fields,
    }
}

fn shop() -> Catalogue {
    let mut catalogue = Catalogue::default();
    let products = [
        ("Whole Milk 1 l", "M1", "4006381333931"),
        ("Buttermilk", "M2", "0036000291452"),
        ("Coffee, whole beans", "C1", "73513537"),
        ("दूध", "H1", "2000000000008"),
    ];
    for (index, (name, sku, barcode)) in products.into_iter().enumerate() {
        catalogue.write(id(index as u16), write(1, &[], fields(name, sku, barcode)));
    }
    catalogue
}

fn names(catalogue: &Catalogue, text: &str) -> Vec<String> {
    let (total, page) = catalogue.search(text, 0, 10);
    assert_eq!(total, page.len());
    page.into_iter().map(|product| product.name).collect()
}

#[test]
fn words_find_beginnings_before_insides() {
    let shop = shop();
    assert_eq!(names(&shop, "milk"), ["Whole Milk 1 l", "Buttermilk"]);
    assert_eq!(names(&shop, "MIL who"), ["Whole Milk 1 l"]);
    assert_eq!(
        names(&shop, "whole"),
        ["Coffee, whole beans", "Whole Milk 1 l"]
    );
    assert_eq!(names(&shop, "दू"), ["दूध"]);
    assert_eq!(names(&shop, "tea"), Vec::<String>::new());
}

#[test]
fn codes_and_ends_of_barcodes_find_products() {
    let shop = shop();
    assert_eq!(names(&shop, "c1"), ["Coffee, whole beans"]);
    assert_eq!(names(&shop, "3931"), ["Whole Milk 1 l"]);
    assert_eq!(names(&shop, "4006381333931"), ["Whole Milk 1 l"]);
    // A single digit is no end of a barcode, but it is a word of a name.
    assert_eq!(names(&shop, "1"), ["Whole Milk 1 l"]);
}

#[test]
fn an_empty_search_lists_all_by_name_in_pages() {
    let shop = shop();
    let (total, page) = shop.search("", 1, 2);
    let names: Vec<_> = page.into_iter().map(|product| product.name).collect();
    assert_eq!(
        (total, names),
        (
            4,
            vec!["Coffee, whole beans".into(), "Whole Milk 1 l".into()]
        )
    );
    assert_eq!(shop.search("", 9, 2).1.len(), 0);
}

#[test]
fn a_scan_finds_barcode_sku_and_either_form_of_a_upc_a() {
    let shop = shop();
    let name = |code: &str| shop.lookup(code).map(|product| product.name);
    assert_eq!(name("4006381333931").as_deref(), Some("Whole Milk 1 l"));
    assert_eq!(name("m2").as_deref(), Some("Buttermilk"));
    assert_eq!(name(" 036000291452 ").as_deref(), Some("Buttermilk"));
    assert_eq!(name("0036000291452").as_deref(), Some("Buttermilk"));
    assert_eq!(name("999"), None);
    assert_eq!(name(""), None);
}

#[test]
fn a_changed_product_is_found_by_its_new_name_only() {
    let mut shop = shop();
    let renamed = ProductFields {
        name: Some("Lassi".into()),
        ..ProductFields::default()
    };
    shop.write(id(1), write(2, &[1], renamed));
    assert_eq!(names(&shop, "buttermilk"), Vec::<String>::new());
    assert_eq!(names(&shop, "lassi"), ["Lassi"]);
    assert_eq!(shop.lookup("M2").unwrap().name, "Lassi");
    shop.unwrite(id(1), Mark([2; 8]));
    assert_eq!(names(&shop, "buttermilk"), ["Buttermilk"]);
    assert_eq!(shop.len(), 4);
}

#[test]
fn products_off_sale_come_last_and_give_their_code_away() {
    let mut shop = shop();
    let off = ProductFields {
        active: Some(false),
        ..ProductFields::default()
    };
    shop.write(id(0), write(2, &[1], off));
    assert_eq!(names(&shop, "milk"), ["Buttermilk", "Whole Milk 1 l"]);
    assert_eq!(shop.lookup("M1").unwrap().name, "Whole Milk 1 l");
    shop.write(id(9), write(3, &[], fields("New milk", "M1", "1")));
    assert_eq!(shop.lookup("M1").unwrap().name, "New milk");
}

#[test]
fn stock_is_flagged_only_where_it_was_ever_counted() {
    let mut shop = shop();
    let change = |quantity, counted| StockChange {
        product: id(0),
        quantity: Quantity(quantity),
        counted,
    };
    shop.move_stock(change(-2_000, false));
    assert!(!shop.product(id(0)).unwrap().stock_flag);
    shop.move_stock(change(1_000, true));
    let product = shop.product(id(0)).unwrap();
    assert_eq!(
        (product.stock, product.stock_flag),
        (Quantity(-1_000), true)
    );
    shop.unmove_stock(change(1_000, true));
    shop.unmove_stock(change(-2_000, false));
    assert!(shop.parts().1.is_empty());
}

#[test]
fn a_product_is_not_there_until_it_has_a_name() {
    let mut catalogue = Catalogue::default();
    let price = ProductFields {
        price: Some(Money(1)),
        ..ProductFields::default()
    };
    catalogue.write(id(0), write(2, &[1], price));
    assert_eq!(catalogue.product(id(0)), None);
    catalogue.write(id(0), write(1, &[], fields("Tea", "T", "1")));
    assert_eq!(catalogue.product(id(0)).unwrap().price, Some(Money(1)));
}
