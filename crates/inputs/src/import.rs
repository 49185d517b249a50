//! Catalogues that somebody reads in from a file.

use base::{DeviceId, EntryRef, LogId, Mark, Stamp, Stream};
use domain::event::Event;
use domain::fold::{Fact, State};
use domain::import::{ImportSummary, Plan, ROWS_MAX, plan, read};
use domain::money::Currency;
use domain::settings::{BasisPoints, ShopSettings, TaxMode, TaxRate};

/// A file, read into an empty catalogue and into one that has other products. What it writes keeps
/// the rules that readers hold writes to, its lines are lines of the file, and once it is in,
/// reading it again adds nothing.
pub fn run(bytes: &[u8]) {
    let text = String::from_utf8_lossy(bytes);
    for mut state in [State::default(), stocked()] {
        let first = planned(&text, &state);
        let added = first.summary.added as usize;
        let products = state.catalogue().products().count();
        take_in(&mut state, first);
        assert_eq!(state.catalogue().products().count(), products + added);
        let again = planned(&text, &state);
        assert!(
            again.summary.added <= ambiguous(&text, &state),
            "{:?}",
            again.writes
        );
    }
}

fn planned(text: &str, state: &State) -> Plan {
    let rows = read(text, &settings());
    assert!(rows.rows.len() <= ROWS_MAX);
    let lines = 1 + text.chars().filter(|c| matches!(c, '\r' | '\n')).count();
    let report = rows.report.errors.iter().chain(&rows.report.warnings);
    assert!(
        report
            .clone()
            .all(|note| (1..=lines).contains(&(note.line as usize)))
    );
    assert!(report.clone().all(|note| !note.reason.is_empty()));
    assert!(
        rows.rows
            .iter()
            .all(|row| row.line > 1 && row.fields.name.is_some())
    );
    let count = rows.rows.len();
    let plan = plan(rows, state);
    let ImportSummary {
        added,
        updated,
        unchanged,
    } = plan.summary;
    assert!((added + updated + unchanged) as usize <= count);
    assert_eq!(plan.writes.len(), (added + updated) as usize);
    plan
}

/// Products that are not known again: their code leads to another one that has it, too.
fn ambiguous(text: &str, state: &State) -> u32 {
    let rows = read(text, &settings()).rows;
    let leads_elsewhere = |sku: &String| {
        let found = state.catalogue().lookup(sku);
        found.is_none_or(|product| !product.sku.eq_ignore_ascii_case(sku))
    };
    let skus = rows.iter().filter_map(|row| row.fields.sku.as_ref());
    skus.filter(|sku| leads_elsewhere(sku)).count() as u32
}

fn take_in(state: &mut State, plan: Plan) {
    for (event, at) in plan.events().iter().zip(10..) {
        let (kind, payload) = event.encode().expect("it keeps the rules");
        assert_eq!(Event::decode(kind, &payload).as_ref(), Ok(event));
        apply(state, event, at);
    }
}

fn apply(state: &mut State, event: &Event, at: u64) {
    let log = LogId::new(DeviceId([1; 16]), Stream::Shop);
    let entry = EntryRef {
        log,
        seq: at,
        mark: Mark(at.to_be_bytes()),
    };
    state.apply(&Fact {
        entry,
        stamp: Stamp(at),
        wall_ms: at,
        event,
    });
}

fn settings() -> ShopSettings {
    let rate = |id, name: &str, rate| TaxRate {
        id,
        name: name.into(),
        rate: BasisPoints(rate),
        default: id == 1,
    };
    ShopSettings {
        name: "Corner".into(),
        currency: Currency::from_code("EUR").expect("it stands in ISO 4217"),
        timezone: "Europe/Rome".into(),
        tax_mode: TaxMode::Inclusive,
        tax_rates: vec![rate(1, "Standard", 2_200), rate(2, "Reduced", 1_000)],
        day_cutoff_minutes: 0,
        pin_pepper: [0; 32],
    }
}

fn stocked() -> State {
    let text = "sku,barcode,name,price,stock\n1,4006381333931,Tea,2.50,4\na,73513537,Milk,1,\n";
    let mut state = State::default();
    for (event, at) in plan(read(text, &settings()), &state)
        .events()
        .iter()
        .zip(1..)
    {
        apply(&mut state, event, at);
    }
    state
}

/// Files as spreadsheets write them, and files that are none.
pub fn seeds() -> Vec<Vec<u8>> {
    let texts = [
        "sku,name,price\n1,Tea,2.50\n2,\"Tea, green\",2\n",
        "\u{feff}Price;NAME;barcodes;sku;tax;unit;stock\r\n\
         12.50;\" Salt &amp;  Pepper\" ;4006381333931|73513537;S1;10%;kg;0.5\r\n",
        "barcode\tname\tMRP\r036000291452\tSoup\t1\r0036000291452\tSoup\t2\r",
        "sku,name,tax,unit,stock\n1,Tea,Reduced,piece,3\nA,Tea,7,dozen,some\n1,Tea,22,,\n",
        "ean,name\n1,&#39;x&#x27;\n\"1\"\"\n2\",Unclosed \"inch\n3,\"never",
        "name,price\nTea,2\n",
        "",
    ];
    texts.iter().map(|text| text.as_bytes().to_vec()).collect()
}
