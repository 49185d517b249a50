use base::{DeviceId, EmployeeId};

use super::*;
use crate::catalogue::{ProductFields, Unit};
use crate::money::{Currency, Money};
use crate::quantity::Quantity;
use crate::sale::{Tender, TenderKind};
use crate::settings::{BasisPoints, BusinessDate, TaxMode, TaxRate};

fn hex(event: &Event) -> String {
    let (kind, payload) = event.encode().unwrap();
    assert_eq!(Event::decode(kind, &payload).as_ref(), Ok(event));
    format!("{kind} {}", data_encoding::HEXLOWER.encode(&payload))
}

fn product(index: u16) -> ProductId {
    ProductId {
        mark: Mark([9; 8]),
        index,
    }
}

fn sale() -> Sale {
    Sale {
        terminal: "A3".into(),
        counter: 123,
        business_date: BusinessDate(20_778),
        offset_minutes: 330,
        tax_mode: TaxMode::Inclusive,
        lines: vec![
            SaleLine::new(product(4), Money(250), BasisPoints(500), Quantity(1_000)),
            SaleLine::new(product(5), Money(899), BasisPoints(0), Quantity(742)),
        ],
        tenders: vec![Tender {
            kind: TenderKind::Cash,
            amount: Money(1_000),
        }],
    }
}

#[test]
fn golden_bytes_of_a_sale() {
    assert_eq!(
        hex(&Event::Sale(sale())),
        "70 a70062413301187b0219512a0319014a04000582844809090909090909090418fa1901f48548\
         090909090909090905190383001902e6068182001903e8"
    );
}

#[test]
fn golden_bytes_of_settings() {
    let fields = SettingsFields {
        name: Some("Corner".into()),
        currency: Currency::from_code("INR"),
        timezone: Some("Asia/Kolkata".into()),
        tax_mode: Some(TaxMode::Exclusive),
        tax_rates: Some(vec![TaxRate {
            id: 1,
            name: "GST".into(),
            rate: BasisPoints(500),
            default: true,
        }]),
        day_cutoff_minutes: Some(240),
        pin_pepper: Some([8; 32]),
    };
    let event = Event::Settings(SettingsWritten {
        replaces: vec![Mark([7; 8])],
        fields,
    });
    assert_eq!(
        hex(&event),
        "64 a2008148070707070707070701a70066436f726e65720163494e52026c417369612f4b6f6c6b\
         61746103010481a400010163475354021901f403f50518f00658200808080808080808080808\
         080808080808080808080808080808080808080808"
    );
}

#[test]
fn golden_bytes_of_products() {
    let fields = ProductFields {
        sku: Some("M1".into()),
        barcodes: Some(vec!["73513537".into()]),
        name: Some("Milk".into()),
        price: Some(Money(250)),
        tax_rate: Some(1),
        unit: Some(Unit::Litre),
        active: Some(true),
    };
    let event = Event::Products(ProductsWritten {
        products: vec![
            ProductWritten {
                product: None,
                replaces: vec![],
                fields,
                movement: Some(Quantity(5_000)),
            },
            ProductWritten {
                product: Some(product(4)),
                replaces: vec![Mark([7; 8])],
                fields: ProductFields {
                    price: Some(Money(260)),
                    ..ProductFields::default()
                },
                movement: None,
            },
        ],
    });
    assert_eq!(
        hex(&event),
        "65 a10082a3018002a700624d31018168373335313335333702644d696c6b0318fa0401050206f5\
         03191388a3008248090909090909090904018148070707070707070702a103190104"
    );
}

#[test]
fn golden_bytes_of_an_employee() {
    let event = Event::Employee(EmployeeProfile {
        employee: EmployeeId([3; 8]),
        replaces: vec![],
        fields: EmployeeFields {
            name: Some("Asha".into()),
            pin: Some(PinVerifier {
                salt: [1; 16],
                verifier: [2; 32],
            }),
        },
    });
    assert_eq!(
        hex(&event),
        "66 a300480303030303030303018002a20064417368610182500101010101010101010101010101\
         010158200202020202020202020202020202020202020202020202020202020202020202"
    );
}

#[test]
fn golden_bytes_of_a_device_name() {
    let event = Event::DeviceName(DeviceNamed {
        device: DeviceId([5; 16]),
        replaces: vec![Mark([7; 8])],
        name: "Till 2".into(),
    });
    assert_eq!(
        hex(&event),
        "67 a30050050505050505050505050505050505050181480707070707070707026654696c6c2032"
    );
}

#[test]
fn golden_bytes_of_a_successor() {
    let event = Event::DeviceSucceeds(DeviceSucceeds {
        ed25519: [1; 32],
        x25519: [2; 32],
    });
    let keys = ["5820", &"01".repeat(32), "5820", &"02".repeat(32)].concat();
    assert_eq!(hex(&event), format!("68 82{keys}"));
}

#[test]
fn golden_bytes_of_a_stock_movement() {
    let event = Event::Stock(StockMoved {
        reason: MovementReason::Received,
        movements: vec![Movement {
            product: product(4),
            quantity: Quantity(-12_000),
        }],
        note: None,
    });
    assert_eq!(hex(&event), "71 a200000181828248090909090909090904392edf");
}

#[test]
fn a_kind_that_is_not_known_is_no_error_and_is_never_written() {
    assert_eq!(Event::decode(999, &[1, 2, 3]), Ok(Event::Unknown(999)));
    assert!(Event::Unknown(999).encode().is_err());
}

#[test]
fn a_key_that_a_newer_release_added_is_left_alone() {
    let (kind, mut payload) = Event::Sale(sale()).encode().unwrap();
    payload[0] += 1;
    payload.extend([0x18, 99, 1]);
    assert_eq!(Event::decode(kind, &payload), Ok(Event::Sale(sale())));
}

#[test]
fn sales_that_nobody_can_add_up_are_refused() {
    let refused = |change: &dyn Fn(&mut Sale)| {
        let mut sale = sale();
        change(&mut sale);
        let payload = cbor::encode(&sale);
        assert!(Event::decode(KIND_SALE, &payload).is_err());
        assert!(Event::Sale(sale).encode().is_err());
    };
    let of = |quantity| SaleLine::new(product(4), Money(250), BasisPoints(500), quantity);
    refused(&|sale| sale.lines.clear());
    refused(&|sale| sale.terminal.clear());
    refused(&|sale| sale.counter = 0);
    refused(&|sale| sale.lines[0].price = Money(-1));
    refused(&|sale| sale.lines[0] = of(Quantity(0)));
    refused(&|sale| sale.lines[0] = of(Quantity(i64::MAX)));
    refused(&|sale| sale.lines[0].rate = BasisPoints(10_001));
    refused(&|sale| sale.tenders[0].amount = Money(-1));
    refused(&|sale| sale.lines = vec![sale.lines[0]; SALE_LINES_MAX + 1]);
    refused(&|sale| sale.offset_minutes = 1_440);
}

#[test]
fn a_product_stands_once_in_an_entry() {
    let write = ProductWritten {
        product: Some(product(4)),
        replaces: vec![],
        fields: ProductFields::default(),
        movement: None,
    };
    let written = ProductsWritten {
        products: vec![write.clone(), write],
    };
    assert!(Event::Products(written).encode().is_err());
}

#[test]
fn no_cut_payload_makes_the_reader_panic() {
    let (kind, payload) = Event::Sale(sale()).encode().unwrap();
    for len in 0..payload.len() {
        assert!(Event::decode(kind, &payload[..len]).is_err());
    }
}

#[test]
fn change_and_totals_follow_from_the_lines() {
    let sale = sale();
    assert_eq!(sale.totals().payable, Money(917));
    assert_eq!(sale.change(), Money(83));
    assert_eq!(sale.cash(), Money(1_000));
}
