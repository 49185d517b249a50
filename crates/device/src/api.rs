//! What screens and scripts can ask of a device, and what it tells them.
//!
//! Owned messages only: the device can move into a worker without a screen noticing.

pub mod carts;
pub mod config;
mod conflicts;
mod members;
mod notice;

use base::{DeviceId, EmployeeId, EpochName, ShopId};
use domain::catalogue::{Product, ProductFields, ProductId};
use domain::import::{ImportReport, ImportSummary};
use domain::money::Currency;
use domain::sale::{Basket, Receipt, SaleView};
use domain::settings::{BusinessDate, TaxMode, TaxRate};
use domain::today::Today;
pub use identity::role::{DeviceRole, EmployeeRole, Right};

pub use carts::{CartLine, Carts};
pub use config::{Config, ConfigChange};
pub use conflicts::{ConflictView, ContestedField, ContestedValue};
pub use members::{CopiedDevice, Heard, Member, NotCounted, PutOutDevice, WaitingFor};
pub use notice::{FoldedSale, LinkTrouble, Notice, PairingStep};

/// Numbers a request, so that its reply finds home. Chosen by whoever asks.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct RequestId(pub u64);

/// A request with its number.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Command {
    /// The number that the reply will carry.
    pub id: RequestId,
    /// What is asked.
    pub request: Request,
}

/// What can be asked.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Request {
    /// Founds a shop on this device. Answered by [`Reply::ShopCreated`].
    CreateShop(NewShop),
    /// Names this device before it joins a shop, and makes an offer card. [`Reply::Card`].
    Offer {
        /// What people call it, as `Till 2`; the owner can change it when letting it in.
        device_name: String,
    },
    /// Answers a newcomer's card (or one of a member that lost its links). [`Reply::Card`].
    ///
    /// `consent` is the owner's approval given beforehand, as scripts do; without it the owner
    /// sees [`Notice::Pairing`] with the check code and sends [`Request::Approve`].
    Answer {
        /// The card's text.
        card: String,
        /// Role, name and code to give when approval is given beforehand.
        consent: Option<Admission>,
    },
    /// Takes the answer card. [`Reply::Linked`] once linked and, for a newcomer, let in.
    Accept {
        /// The card's text.
        card: String,
    },
    /// "Codes match: add this till". [`Reply::Done`] once the enrolment is durable.
    Approve(Admission),
    /// Gives up pairing. [`Reply::Done`].
    CancelPairing,
    /// Signs an employee in. [`Reply::SignedIn`].
    SignIn {
        /// Who.
        employee: EmployeeId,
        /// What was typed.
        pin: String,
    },
    /// Signs whoever it is out. [`Reply::Done`].
    SignOut,
    /// Who works here. [`Reply::Employees`].
    Employees,
    /// Adds or changes an employee. [`Reply::Employee`].
    SetEmployee {
        /// Whom to change; `None` adds one.
        id: Option<EmployeeId>,
        /// Name.
        name: String,
        /// Role.
        role: EmployeeRole,
        /// A new PIN; needed for somebody new.
        pin: Option<String>,
    },
    /// Ends an employee's access, or gives it back. [`Reply::Employee`].
    ///
    /// Whoever is not active cannot sign in, and is signed out wherever they are. The only owner
    /// who can sign in stays: refused with `last-owner`.
    SetActive {
        /// Whom.
        employee: EmployeeId,
        /// Whether they may sign in.
        active: bool,
    },
    /// Reads a catalogue from CSV. [`Reply::Imported`].
    Import {
        /// The file's text.
        csv: String,
        /// Only say what would happen.
        dry_run: bool,
    },
    /// Searches the catalogue. [`Reply::Products`].
    Products {
        /// Words, SKU or the end of a barcode; empty lists all by name.
        search: String,
        /// How many to skip.
        offset: u32,
        /// How many at most.
        limit: u32,
    },
    /// What was written apart and stands against each other. [`Reply::Conflicts`].
    Conflicts {
        /// How many to skip.
        offset: u32,
        /// How many at most.
        limit: u32,
    },
    /// What a scanned or typed code stands for. [`Reply::Found`].
    Lookup {
        /// Barcode or SKU.
        code: String,
    },
    /// Adds or changes a product. [`Reply::Product`].
    ///
    /// A code that another product has is refused with `code-taken`, which names that product.
    SetProduct {
        /// Which.
        which: ProductKey,
        /// What changes.
        fields: ProductFields,
    },
    /// Closes a sale. [`Reply::Sold`], once it is durable.
    Sell(Basket),
    /// Keeps carts that are not paid yet over a restart, in place of those kept before.
    /// [`Reply::Done`] once they are stored, relaxed.
    KeepCarts(Carts),
    /// The carts that were kept. [`Reply::Carts`].
    Carts,
    /// Sales of a stretch of business days, newest first. [`Reply::Sales`].
    Sales {
        /// First day.
        from: BusinessDate,
        /// Last day, included.
        to: BusinessDate,
        /// How many to skip.
        offset: u32,
        /// How many at most.
        limit: u32,
    },
    /// The owner's numbers of a business day, for whoever may see them. [`Reply::Today`].
    Today {
        /// Which day; `None` is the current one.
        day: Option<BusinessDate>,
    },
    /// Where this device stands. [`Reply::Status`].
    Status,
    /// Every member of the shop. [`Reply::Members`].
    Members,
    /// What is not yet everywhere. [`Reply::Waiting`].
    Waiting,
    /// How many of everything. [`Reply::Counts`].
    Counts,
    /// The hash of the folded state. [`Reply::StateHash`].
    StateHash {
        /// `true` for the office's own scope.
        office: bool,
    },
    /// What is held. [`Reply::Vector`].
    Vector,
    /// Frames, bytes, commits, retries, in all and per link. [`Reply::Metrics`].
    Metrics,
    /// The typed configuration, whole. [`Reply::Config`].
    Config,
    /// Changes the configuration. [`Reply::Config`], once it is durable.
    SetConfig(Box<ConfigChange>),
    /// Puts a device out. [`Reply::Done`] once that is durable.
    ///
    /// What is held of it here stays counted; what comes later is kept and not counted. Of one that
    /// is out already, sales and stock that have come since are counted from then on.
    PutOut(DeviceId),
    /// Lets the machines in that a device runs on, each as a device of its own. [`Reply::Done`].
    Separate {
        /// The device that was copied.
        device: DeviceId,
        /// What they ask to be, as [`CopiedDevice::machines`] said: if that is not all of them any
        /// more, nobody is let in.
        machines: Vec<DeviceId>,
    },
    /// Devices that were put out. [`Reply::PutOut`].
    PutOutDevices,
    /// What is kept and not counted, and why. [`Reply::NotCounted`].
    NotCounted,
    /// Begins a connection to a member now. [`Reply::Done`].
    Connect(DeviceId),
    /// Closes the connection to a member. [`Reply::Done`].
    Disconnect(DeviceId),
    /// The screen or the network is back: tries everybody who is not linked. [`Reply::Done`].
    Awake,
    /// Compares vectors with everybody linked now. [`Reply::Done`].
    SyncNow,
    /// Compares with one linked device; [`Reply::Done`] once each holds what the other held.
    SyncWith(DeviceId),
    /// With the twelve words: makes this living device the shop's founder. [`Reply::Done`].
    Recover {
        /// What was typed.
        words: String,
    },
    /// Whether these are the twelve words of this shop; from then on nobody is asked for them
    /// any more. [`Reply::Done`], or refused.
    CheckWords {
        /// What was typed.
        words: String,
    },
    /// Sends a small message to members' scripts. [`Reply::Reached`].
    Message {
        /// To one, or to all linked.
        to: Option<DeviceId>,
        /// Free word.
        kind: String,
        /// JSON text.
        data: String,
    },
}

/// Which product is written.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum ProductKey {
    /// One that is not there yet.
    New,
    /// The one with this id.
    Id(ProductId),
    /// The one with the SKU that is among the fields; a new one where there is none.
    Sku,
}

/// What founding a shop needs.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct NewShop {
    /// Name on the receipt.
    pub name: String,
    /// ISO 4217.
    pub currency: Currency,
    /// IANA name.
    pub timezone: String,
    /// Whether prices include tax.
    pub tax_mode: TaxMode,
    /// Rates; exactly one is the default.
    pub tax_rates: Vec<TaxRate>,
    /// The owner, who is the first employee.
    pub owner_name: String,
    /// The owner's PIN, 4 to 8 digits.
    pub owner_pin: String,
    /// What this device is called.
    pub device_name: String,
}

/// What the owner gives a newcomer.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Admission {
    /// What people call it.
    pub name: String,
    /// What it may do.
    pub role: DeviceRole,
    /// Its terminal code, as `A3`, with the letters of the owner device that gives it; `None`
    /// takes the next free one. Devices that do not sell get none, whatever stands here.
    pub terminal: Option<String>,
}

/// What comes back.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Reply {
    /// It is done.
    Done,
    /// A shop was founded and its owner is signed in.
    ShopCreated {
        /// Its id.
        shop: ShopId,
        /// This device.
        device: DeviceId,
        /// This device's terminal code.
        terminal: String,
        /// Twelve words, shown once.
        recovery: String,
    },
    /// A card to show or to copy.
    Card {
        /// Its text.
        text: String,
    },
    /// Linked, and a member.
    Linked {
        /// With whom.
        device: DeviceId,
    },
    /// Who is signed in now.
    SignedIn(EmployeeView),
    /// Who works here.
    Employees(Vec<EmployeeView>),
    /// The employee as they now are.
    Employee(EmployeeView),
    /// What an import did, or would do.
    Imported {
        /// Counts.
        summary: ImportSummary,
        /// Errors and warnings by line.
        report: ImportReport,
    },
    /// A page of products.
    Products {
        /// How many match in all.
        total: u32,
        /// This page.
        page: Vec<Product>,
    },
    /// A page of objects in conflict: products first, by id, settings last.
    Conflicts(Vec<ConflictView>),
    /// The product behind a code, if any.
    Found(Option<Product>),
    /// The product as it now is.
    Product(Product),
    /// Paid: durable on this device.
    Sold(Receipt),
    /// The carts that were kept.
    Carts {
        /// The carts; an open one that was sold since is empty.
        carts: Carts,
        /// Every product in them, as it now is.
        products: Vec<Product>,
    },
    /// A page of sales.
    Sales {
        /// How many there are in all.
        total: u32,
        /// This page, with where each is kept.
        page: Vec<(SaleView, Copies)>,
    },
    /// The owner's numbers.
    Today {
        /// The numbers.
        today: Today,
        /// How complete they are: every selling member, and how fresh what we have of it is.
        heard: Vec<Heard>,
    },
    /// Where this device stands.
    Status(Box<Status>),
    /// Every member.
    Members(Vec<Member>),
    /// Answers [`Request::NotCounted`].
    NotCounted(Vec<NotCounted>),
    /// Answers [`Request::PutOutDevices`].
    PutOut(Vec<PutOutDevice>),
    /// What waits for whom.
    Waiting(Vec<WaitingFor>),
    /// How many of everything.
    Counts(Counts),
    /// The hash of the folded state.
    StateHash(StateHash),
    /// Highest number up to which nothing is missing, per log (`deviceId/stream`).
    Vector(Vec<(String, u64)>),
    /// Everything that is counted.
    Metrics(Box<Metrics>),
    /// The configuration as it now is.
    Config(Box<Config>),
    /// How many devices it was sent to.
    Reached(u32),
    /// It was not done; nothing changed.
    Refused(Refusal),
}

/// Why something was not done. Each has a steady short code and a sentence for people.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Refusal {
    /// Steady short code, as `not-signed-in`.
    pub code: &'static str,
    /// What happened, what was kept, what to do next.
    pub message: String,
}

/// An employee as screens show them.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct EmployeeView {
    /// Who.
    pub id: EmployeeId,
    /// Name.
    pub name: String,
    /// What they may do.
    pub role: EmployeeRole,
    /// Whether they can sign in.
    pub active: bool,
}

/// Where a sale is kept.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Copies {
    /// Only on the device that made it, as far as anybody has signed.
    Pending,
    /// Also durable on this many other devices of the shop.
    Peers(u32),
    /// Also durable off the premises.
    Cloud,
}

/// Where a device stands.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Status {
    /// This device.
    pub device: DeviceId,
    /// What people call it.
    pub device_name: String,
    /// The shop, once it is a member.
    pub shop: Option<ShopStatus>,
    /// Why the shop that it belongs to cannot be used here; `None` while it can, and where there
    /// is no shop.
    pub shut: Option<Refusal>,
    /// Who is signed in.
    pub employee: Option<EmployeeView>,
    /// Sales that only this device holds.
    pub pending: u32,
    /// When the oldest of them was made, milliseconds since 1970.
    pub pending_since_ms: Option<u64>,
    /// Sales durable on another device.
    pub peer_ack: u32,
    /// Sales durable off the premises.
    pub cloud_ack: u32,
    /// Members linked right now.
    pub linked: Vec<DeviceId>,
    /// How far our wall clock is ahead of the others', milliseconds; negative: behind. The middle
    /// one of the differences to every member linked now; `None` while none is known.
    pub clock_skew_ms: Option<i64>,
    /// Entries that could not be applied, with the reason in Devices.
    pub quarantined: u32,
    /// Entries that wait for something.
    pub waiting: u32,
    /// How many of them wait for a newer release of the app on this device.
    pub newer: u32,
    /// What storage last said, when it could not store.
    pub storage_trouble: Option<String>,
    /// Whether the shop was founded here and nobody has typed its recovery words since.
    pub words_unconfirmed: bool,
    /// Devices of the shop that run twice, as far as this one knows.
    pub copied: Vec<CopiedDevice>,
    /// Whether the next start makes a device of its own of this one, which runs twice.
    pub succeeds: bool,
    /// Whether another start of this device has written since, as when the shop was opened in another
    /// tab: nothing more is saved by this one, and what the other wrote it does not count. The next
    /// start does.
    pub overtaken: bool,
    /// The keys that this device writes with; `None` while it holds none.
    pub keys: Option<KeysInUse>,
}

/// The epoch whose secrets a device writes with.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct KeysInUse {
    /// Its name.
    pub epoch: EpochName,
    /// When it began, milliseconds since 1970 by the clock of the owner's device that began it.
    pub since_ms: u64,
}

/// The shop that a device is a member of.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ShopStatus {
    /// Its id.
    pub id: ShopId,
    /// Its name.
    pub name: String,
    /// Its currency.
    pub currency: Currency,
    /// Whether prices include tax.
    pub tax_mode: TaxMode,
    /// Its rates.
    pub tax_rates: Vec<TaxRate>,
    /// This device's role.
    pub role: DeviceRole,
    /// This device's terminal code; `None` for devices that do not sell.
    pub terminal: Option<String>,
    /// The current business day; `None` while the clock or the time zone is not known well enough
    /// to tell, when nothing can be sold.
    pub business_date: Option<BusinessDate>,
}

/// Everything that is counted, since the device was opened.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct Metrics {
    /// By name: `commits`, `duplicates`, `faults` and others.
    pub counters: Vec<(String, u64)>,
    /// How long commits took, from the first wish to the disk's word.
    pub commit_times: CommitTimes,
    /// What went over all links.
    pub traffic: Traffic,
    /// What went over the links to each device.
    pub links: Vec<(DeviceId, Traffic)>,
}

/// What went over links.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub struct Traffic {
    /// Frames sent.
    pub frames_out: u64,
    /// Frames received.
    pub frames_in: u64,
    /// Bytes of frames sent.
    pub bytes_out: u64,
    /// Bytes of frames received.
    pub bytes_in: u64,
    /// How often a connection was tried again after one had failed.
    pub retries: u64,
    /// Entries that were sent although they had been sent before.
    pub resent: u64,
}

/// How many commits took how long.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub struct CommitTimes {
    /// All of them together, milliseconds.
    pub total_ms: u64,
    /// How many took at most as many milliseconds as the bound with the same index in
    /// [`CommitTimes::BOUNDS_MS`], and more than the bound before it; the last one counts what is
    /// beyond every bound.
    pub counts: [u64; Self::BOUNDS_MS.len() + 1],
}

/// How many of everything.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub struct Counts {
    /// Entries held.
    pub entries: u64,
    /// Sales folded.
    pub sales: u64,
    /// Products in the catalogue.
    pub products: u64,
    /// Open conflicts.
    pub conflicts: u64,
    /// Entries in quarantine.
    pub quarantined: u64,
    /// Entries that wait.
    pub waiting: u64,
}

/// A run of entries that were folded or rejected.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct JudgedRun {
    /// The log, as `deviceId/stream`.
    pub log: String,
    /// Number of its first entry.
    pub first: u64,
    /// Number of its last entry.
    pub last: u64,
    /// The mark of the chain at `last`, hexadecimal.
    pub mark: String,
}

/// A hash that is equal on any two devices that judged the same entries.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct StateHash {
    /// `shop` or `office`.
    pub scope: &'static str,
    /// Version of the fold's rules.
    pub fold_version: u32,
    /// What was judged: every run of every log, in order. Two runs of one log have a gap between
    /// them.
    pub judged: Vec<JudgedRun>,
    /// Hexadecimal.
    pub hash: String,
}
