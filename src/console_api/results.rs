//! What the console's functions give.

use std::collections::BTreeMap;

use device::api::{Copies, Counts, EmployeeView, JudgedRun, Member, StateHash, Status, WaitingFor};
use domain::catalogue::Unit;
use domain::import::{ImportReport, ImportSummary, LineNote};
use domain::sale::{Receipt, SaleView};
use serde::Serialize;

use crate::dom;

/// The units with their words.
const UNITS: [(Unit, &str); 4] = [
    (Unit::Piece, "piece"),
    (Unit::Kilogram, "kg"),
    (Unit::Litre, "l"),
    (Unit::Metre, "m"),
];

/// The unit with this word.
pub fn unit_of_word(word: &str) -> Option<Unit> {
    UNITS
        .iter()
        .find(|(_, known)| *known == word)
        .map(|(unit, _)| *unit)
}

/// The word of a unit.
pub fn unit_word(unit: Unit) -> &'static str {
    UNITS
        .iter()
        .find(|(known, _)| *known == unit)
        .map_or("", |(_, word)| word)
}

/// Of `createShop`.
#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
pub struct ShopCreated {
    /// The shop.
    pub shop_id: String,
    /// This device.
    pub device_id: String,
    /// Its terminal code.
    pub terminal: String,
    /// Twelve words.
    pub recovery: String,
}

/// An employee.
#[derive(Serialize)]
pub struct Employee {
    id: String,
    name: String,
    role: &'static str,
    active: bool,
}

impl From<EmployeeView> for Employee {
    fn from(view: EmployeeView) -> Self {
        let EmployeeView {
            id,
            name,
            role,
            active,
        } = view;
        Self {
            id: id.to_string(),
            name,
            role: role.word(),
            active,
        }
    }
}

/// Of `status`.
#[derive(Serialize)]
pub struct Standing {
    device: DeviceStanding,
    employee: Option<Employee>,
    shop: Option<ShopName>,
    writer: bool,
    storage: Option<Storage>,
    copies: CopiesCount,
    links: Vec<String>,
    conflicts: u64,
    quarantined: u32,
    waiting: u32,
    #[serde(rename = "clockSkewMs")]
    clock_skew_ms: Option<i64>,
    keys: Option<Keys>,
    /// Ids of devices that run twice.
    copied: Vec<String>,
}

/// The epoch that a device writes in.
#[derive(Serialize)]
struct Keys {
    epoch: String,
    /// Milliseconds since 1970.
    since: u64,
}

#[derive(Serialize)]
struct DeviceStanding {
    id: String,
    name: String,
    terminal: Option<String>,
    role: Option<&'static str>,
}

#[derive(Serialize)]
struct ShopName {
    id: String,
    name: String,
}

/// Room on the disk, in bytes.
#[derive(Serialize)]
pub struct Storage {
    /// Whether the browser promised to keep it.
    pub persisted: bool,
    /// Used.
    pub usage: u64,
    /// Allowed.
    pub quota: u64,
}

#[derive(Serialize)]
struct CopiesCount {
    pending: u32,
    peer_ack: u32,
    cloud_ack: u32,
}

impl Standing {
    /// Where the device stands. Whoever answers is the writer: another tab has no console.
    pub fn of(status: Status, conflicts: u64, storage: Option<Storage>) -> Self {
        let shop = status.shop;
        Self {
            device: DeviceStanding {
                id: status.device.to_string(),
                name: status.device_name,
                terminal: shop.as_ref().and_then(|shop| shop.terminal.clone()),
                role: shop.as_ref().map(|shop| shop.role.word()),
            },
            employee: status.employee.map(Into::into),
            shop: shop.map(|shop| ShopName {
                id: shop.id.to_string(),
                name: shop.name,
            }),
            writer: true,
            storage,
            copies: CopiesCount {
                pending: status.pending,
                peer_ack: status.peer_ack,
                cloud_ack: status.cloud_ack,
            },
            links: status.linked.iter().map(ToString::to_string).collect(),
            conflicts,
            quarantined: status.quarantined,
            waiting: status.waiting,
            clock_skew_ms: status.clock_skew_ms,
            keys: status.keys.map(|keys| Keys {
                epoch: keys.epoch.to_string(),
                since: keys.since_ms,
            }),
            copied: status
                .copied
                .iter()
                .map(|it| it.device.to_string())
                .collect(),
        }
    }
}

/// Of `importCatalogue`.
#[derive(Serialize)]
pub struct Imported {
    added: u32,
    updated: u32,
    unchanged: u32,
    errors: Vec<Note>,
    warnings: Vec<Note>,
}

#[derive(Serialize)]
struct Note {
    line: u32,
    reason: String,
}

impl Imported {
    /// Counts and notes.
    pub fn of(summary: ImportSummary, report: ImportReport) -> Self {
        let notes = |notes: Vec<LineNote>| {
            notes
                .into_iter()
                .map(|note| Note {
                    line: note.line,
                    reason: note.reason,
                })
                .collect()
        };
        Self {
            added: summary.added,
            updated: summary.updated,
            unchanged: summary.unchanged,
            errors: notes(report.errors),
            warnings: notes(report.warnings),
        }
    }
}

/// A product.
#[derive(Serialize)]
pub struct Product {
    sku: String,
    barcodes: Vec<String>,
    name: String,
    price_minor: Option<i64>,
    stock_milli: i64,
    unit: &'static str,
    active: bool,
}

impl From<domain::catalogue::Product> for Product {
    fn from(product: domain::catalogue::Product) -> Self {
        Self {
            sku: product.sku,
            barcodes: product.barcodes,
            name: product.name,
            price_minor: product.price.map(|price| price.0),
            stock_milli: product.stock.0,
            unit: unit_word(product.unit),
            active: product.active,
        }
    }
}

/// Of `sell`.
#[derive(Serialize)]
pub struct Sold {
    #[serde(rename = "saleId")]
    sale_id: String,
    receipt: String,
    total_minor: i64,
    change_minor: i64,
}

impl From<Receipt> for Sold {
    fn from(receipt: Receipt) -> Self {
        Self {
            sale_id: receipt.id.to_string(),
            receipt: receipt.number,
            total_minor: receipt.total.0,
            change_minor: receipt.change.0,
        }
    }
}

/// A sale in a list.
#[derive(Serialize)]
pub struct Sale {
    #[serde(rename = "saleId")]
    sale_id: String,
    receipt: String,
    terminal: String,
    employee: String,
    at: String,
    #[serde(rename = "businessDate")]
    business_date: String,
    total_minor: i64,
    lines: Vec<Line>,
    copies: &'static str,
}

#[derive(Serialize)]
struct Line {
    name: String,
    quantity_milli: i64,
    price_minor: i64,
    total_minor: i64,
}

impl From<(SaleView, Copies)> for Sale {
    fn from((sale, copies): (SaleView, Copies)) -> Self {
        let lines = sale.lines.into_iter().map(|line| Line {
            name: line.name,
            quantity_milli: line.quantity.0,
            price_minor: line.price.0,
            total_minor: line.total.0,
        });
        Self {
            sale_id: sale.id.to_string(),
            receipt: sale.number,
            terminal: sale.terminal,
            employee: sale.cashier,
            at: dom::rfc3339(sale.wall_ms),
            business_date: sale.business_date.to_string(),
            total_minor: sale.total.0,
            lines: lines.collect(),
            copies: match copies {
                Copies::Pending => "pending",
                Copies::Peers(_) => "peer_ack",
                Copies::Cloud => "cloud_ack",
            },
        }
    }
}

/// Of `counts`.
#[derive(Serialize)]
pub struct Numbers {
    entries: u64,
    sales: u64,
    products: u64,
    conflicts: u64,
    quarantined: u64,
    waiting: u64,
}

impl From<Counts> for Numbers {
    fn from(counts: Counts) -> Self {
        let Counts {
            entries,
            sales,
            products,
            conflicts,
            quarantined,
            waiting,
        } = counts;
        Self {
            entries,
            sales,
            products,
            conflicts,
            quarantined,
            waiting,
        }
    }
}

/// Of `stateHash`.
#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
pub struct Hashed {
    scope: &'static str,
    fold_version: u32,
    judged: BTreeMap<String, Vec<Judged>>,
    hash: String,
}

#[derive(Serialize)]
struct Judged {
    first: u64,
    last: u64,
    mark: String,
}

impl From<StateHash> for Hashed {
    fn from(state: StateHash) -> Self {
        let mut judged = BTreeMap::<_, Vec<_>>::new();
        for run in state.judged {
            let JudgedRun {
                log,
                first,
                last,
                mark,
            } = run;
            let runs = judged.entry(log).or_default();
            runs.push(Judged { first, last, mark });
        }
        Self {
            scope: state.scope,
            fold_version: state.fold_version,
            judged,
            hash: state.hash,
        }
    }
}

/// A member of the shop; also a peer, with its link.
#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
pub struct Peer {
    device_id: String,
    name: String,
    terminal: Option<String>,
    role: &'static str,
    this_device: bool,
    link: Option<&'static str>,
    state: &'static str,
    rtt_ms: Option<u32>,
    last_seen: Option<String>,
    last_sync: Option<String>,
    behind: u64,
    lacks: u64,
}

impl From<Member> for Peer {
    fn from(member: Member) -> Self {
        Self {
            device_id: member.device.to_string(),
            name: member.name,
            terminal: member.terminal,
            role: member.role.word(),
            this_device: member.this_device,
            link: member.linked.then_some("webrtc"),
            state: if member.linked {
                "connected"
            } else {
                "disconnected"
            },
            rtt_ms: member.round_trip_ms,
            last_seen: member.last_heard_ms.map(dom::rfc3339),
            last_sync: member.last_sync_ms.map(dom::rfc3339),
            behind: member.we_lack,
            lacks: member.lacks,
        }
    }
}

/// What waits for a member.
#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
pub struct Waiting {
    destination: String,
    topic: &'static str,
    entries: u64,
    created_at: Option<String>,
    priority: u8,
    retry_count: u32,
    peer_acked_at: Option<String>,
    /// Nobody keeps anything off the premises yet.
    cloud_acked_at: Option<String>,
}

impl From<WaitingFor> for Waiting {
    fn from(waiting: WaitingFor) -> Self {
        Self {
            destination: waiting.device.to_string(),
            topic: waiting.topic,
            entries: waiting.entries,
            created_at: waiting.created_at_ms.map(dom::rfc3339),
            priority: waiting.priority.number(),
            retry_count: waiting.retries,
            peer_acked_at: waiting.peer_acked_at_ms.map(dom::rfc3339),
            cloud_acked_at: None,
        }
    }
}
