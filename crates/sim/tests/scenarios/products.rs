//! Adding and changing products.

use device::api::{Admission, DeviceRole, Notice, ProductKey, Reply, Request};
use domain::catalogue::{Product, ProductFields};
use domain::money::Money;
use domain::quantity::{ONE, Quantity};
use domain::sale::{Basket, BasketLine, Item, Tender, TenderKind};

use crate::corner::{Corner, OTHER, OWNER, admission};

fn tea(sku: &str, barcode: &str) -> ProductFields {
    ProductFields {
        sku: Some(sku.into()),
        barcodes: Some(vec![barcode.into()]),
        name: Some("Tea".into()),
        price: Some(Money(250)),
        ..ProductFields::default()
    }
}

fn set(which: ProductKey, fields: ProductFields) -> Request {
    Request::SetProduct { which, fields }
}

#[track_caller]
fn saved(corner: &mut Corner, request: Request) -> Product {
    match corner.ask(OWNER, request) {
        Reply::Product(product) => product,
        reply => panic!("the product was not saved: {reply:?}"),
    }
}

#[track_caller]
fn products(corner: &mut Corner) -> u64 {
    match corner.ask(OWNER, Request::Counts) {
        Reply::Counts(counts) => counts.products,
        reply => panic!("nothing is counted: {reply:?}"),
    }
}

#[test]
fn a_code_that_another_product_has_is_refused_by_its_name() {
    let mut corner = Corner::founded(51, 1);
    let first = saved(
        &mut corner,
        set(ProductKey::New, tea("TEA", "4006381333931")),
    );
    let before = products(&mut corner);
    let taken = [
        tea("tea", "1"),
        tea("TEA2", "4006381333931"),
        tea("4006381333931", "1"),
    ];
    for fields in taken {
        let request = set(
            ProductKey::New,
            ProductFields {
                name: Some("Coffee".into()),
                ..fields
            },
        );
        match corner.ask(OWNER, request) {
            Reply::Refused(refusal) => {
                assert_eq!(refusal.code, "code-taken");
                assert!(refusal.message.contains("“Tea”"), "{}", refusal.message);
            }
            reply => panic!("it was saved: {reply:?}"),
        }
    }
    // A script that takes a barcode for a SKU does not write over the product behind it.
    let by_barcode = set(ProductKey::Sku, tea("4006381333931", "1"));
    assert_eq!(corner.refused(OWNER, by_barcode), "code-taken");
    let mut other = tea("COFFEE", "4006381333948");
    other.name = Some("Coffee".into());
    let other = saved(&mut corner, set(ProductKey::New, other));
    let moved = ProductFields {
        barcodes: Some(vec!["4006381333931".into()]),
        ..ProductFields::default()
    };
    let moved = set(ProductKey::Id(other.id), moved);
    assert_eq!(corner.refused(OWNER, moved), "code-taken");
    assert_eq!(products(&mut corner), before + 1);
    let Reply::Found(now) = corner.ask(OWNER, Request::Lookup { code: "TEA".into() }) else {
        panic!("no product");
    };
    assert_eq!(now, Some(first));
}

#[test]
fn a_product_is_changed_by_its_id_and_by_its_sku() {
    let mut corner = Corner::founded(52, 1);
    let added = saved(
        &mut corner,
        set(ProductKey::Sku, tea("TEA", "4006381333931")),
    );
    let mut green = tea("TEA", "4006381333931");
    green.name = Some("Green tea".into());
    let by_id = saved(&mut corner, set(ProductKey::Id(added.id), green));
    assert_eq!((by_id.id, by_id.name.as_str()), (added.id, "Green tea"));
    let price = ProductFields {
        sku: Some("tea".into()),
        price: Some(Money(300)),
        ..ProductFields::default()
    };
    let by_sku = saved(&mut corner, set(ProductKey::Sku, price));
    assert_eq!((by_sku.id, by_sku.price), (added.id, Some(Money(300))));
}

#[test]
fn a_device_that_looks_on_writes_no_products() {
    let mut corner = Corner::founded(53, 3);
    let offered = corner.offer(OTHER);
    let looks_on = Admission {
        role: DeviceRole::Viewer,
        ..admission()
    };
    let answer = Request::Answer {
        card: offered,
        consent: Some(looks_on),
    };
    let answered = corner.card(OWNER, answer);
    let linked = corner.ask(OTHER, Request::Accept { card: answered });
    assert!(matches!(linked, Reply::Linked { .. }), "{linked:?}");
    corner.agree(&[OWNER, OTHER]);
    let pin = corner.staff.pin.clone();
    assert!(matches!(corner.sign_in(OTHER, &pin), Reply::SignedIn(_)));
    let request = set(ProductKey::New, tea("TEA", "4006381333931"));
    assert_eq!(corner.refused(OTHER, request), "device-role");
    let import = Request::Import {
        csv: "sku,name,price\nTEA,Tea,2.50\n".into(),
        dry_run: false,
    };
    assert_eq!(corner.refused(OTHER, import), "device-role");
}

#[test]
fn a_product_is_told_as_it_is_after_the_sales_of_the_same_commit() {
    let mut corner = Corner::founded(55, 1);
    let tea = saved(&mut corner, set(ProductKey::New, tea("TEA", "1")));
    let sell = Request::Sell(Basket {
        lines: vec![BasketLine {
            item: Item::Product(tea.id),
            quantity: ONE,
        }],
        tenders: vec![Tender {
            kind: TenderKind::Cash,
            amount: Money(1_000),
        }],
    });
    let renamed = ProductFields {
        sku: Some("TEA".into()),
        name: Some("Green tea".into()),
        ..ProductFields::default()
    };
    // While the first is saved the other two wait; then they share a commit.
    corner.post(OWNER, sell.clone());
    corner.post(OWNER, sell);
    let changed = corner.post(OWNER, set(ProductKey::Sku, renamed));
    corner.world.run_for_ms(2_000);
    let told = corner.take_told();
    let product = told.iter().find_map(|told| match &told.notice {
        Notice::Reply(of, Reply::Product(product)) if *of == changed => Some(product),
        _ => None,
    });
    let stock = product.map(|product| product.stock);
    assert_eq!(stock, Some(Quantity(-2 * ONE.0)), "{told:#?}");
}
