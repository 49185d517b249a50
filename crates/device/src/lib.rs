//! DEVICE: a device and the shop it is a member of, composed of the pure rooms.
//!
//! A command or an input goes in, effects and notices come out. No I/O, no async, no clock: the
//! same code runs in the till's page and in the simulator.

#![cfg_attr(
    not(test),
    deny(clippy::unwrap_used, clippy::expect_used, clippy::indexing_slicing)
)]

pub mod api;

mod answers;
mod carts;
mod catalogue;
mod checkpointing;
mod comparing;
mod configuring;
mod conflicts;
mod copied;
mod epochs;
mod founding;
mod incoming;
mod linking;
mod links;
mod machine;
mod meeting;
mod merging;
mod metrics;
mod outbox;
mod packing;
mod pairing;
mod people;
mod purpose;
mod putting_out;
mod records;
mod recounting;
mod recovering;
mod refusal;
mod requests;
mod restored;
mod sales;
mod serving;
mod shop;
mod signing_in;
mod staff;
mod starting;
mod statements;
mod status;
mod succeeding;
mod syncing;
mod waiting;
mod zone;

use std::collections::{BTreeMap, VecDeque};

use base::effect::PublicKeys;
use base::{EmployeeId, Release};
use domain::staff::PinGuard;
use identity::role::EmployeeRole;
use sync_core::{Backoff, Replica};
pub use sync_core::{Message, Switches};

use api::{Command, CommitTimes, Refusal};
use checkpointing::Checkpointer;
use epochs::Epochs;
use founding::Founding;
use links::Links;
use meeting::Meeting;
use outbox::Outbox;
use packing::Packer;
use pairing::Pairing;
use records::DeviceRecord;
use recounting::Recounter;
use recovering::Recovering;
use restored::Restored;
use serving::Server;
use shop::Shop;
use statements::Statements;
use succeeding::Succession;

/// What a device is started with.
#[derive(Debug, Clone, Copy, Default)]
pub struct Setup {
    /// Safeties that the simulator turns off to prove that it would notice. All on by default.
    pub switches: Switches,
    /// What it is built from: the simulator runs newer releases beside this one.
    pub release: Release,
}

impl Setup {
    /// A release as it is meant to be, with every safety on.
    pub fn of(release: Release) -> Self {
        Self {
            switches: Switches::default(),
            release,
        }
    }
}

/// A device and the shop it is a member of.
pub struct Device {
    setup: Setup,
    out: Outbox,
    /// Our public keys, once the hands have given them.
    keys: Option<PublicKeys>,
    record: DeviceRecord,
    /// Whether our own record was read.
    record_read: bool,
    /// With which keys it would go on where it runs twice.
    succession: Succession,
    /// Why the start failed, until one succeeds.
    no_start: Option<Refusal>,
    /// When a start that failed is tried again.
    retry_ms: Option<u64>,
    /// How long to wait before the next start when one fails.
    starts: Backoff,
    /// Whether the disk has been read.
    ready: bool,
    /// Commands that came before that.
    early: VecDeque<Command>,
    shop: Option<Shop>,
    /// How many shops were opened since the start, given up or not.
    opened: u32,
    replica: Option<Replica>,
    /// What the disk holds, while it is being read.
    restored: Option<Restored>,
    founding: Option<Founding>,
    recovering: Option<Recovering>,
    pairing: Option<Pairing>,
    links: Links,
    meeting: Meeting,
    statements: Statements,
    packer: Packer,
    server: Server,
    recounter: Recounter,
    checkpointer: Checkpointer,
    epochs: Epochs,
    /// Who works here, as whoever watches last heard.
    staff: Vec<(EmployeeId, EmployeeRole, bool)>,
    /// Wrong PINs by employee.
    guards: BTreeMap<EmployeeId, PinGuard>,
    /// When we last heard of a device, milliseconds since 1970 by our clock.
    heard: BTreeMap<base::DeviceId, u64>,
    /// When neither we nor a device lacked anything for the last time, milliseconds since 1970.
    in_step: BTreeMap<base::DeviceId, u64>,
    /// What the disk last said when it could not.
    storage_trouble: Option<String>,
    /// Whether another start of this device has written since: nothing more is stored.
    overtaken: bool,
    /// Objects in conflict, as whoever watches last heard.
    conflicts: u64,
    counters: BTreeMap<&'static str, u64>,
    commit_times: CommitTimes,
}

impl Device {
    /// A device that reads its disk first. Drain it at once: its first wishes are there.
    pub fn new(setup: Setup) -> Self {
        let mut device = Self {
            setup,
            out: Outbox::default(),
            keys: None,
            record: DeviceRecord::default(),
            succession: Succession::default(),
            record_read: false,
            no_start: None,
            retry_ms: None,
            starts: Backoff::default(),
            ready: false,
            early: VecDeque::new(),
            shop: None,
            opened: 0,
            replica: None,
            restored: None,
            founding: None,
            recovering: None,
            pairing: None,
            links: Links::default(),
            meeting: Meeting::default(),
            statements: Statements::default(),
            packer: Packer::default(),
            server: Server::default(),
            recounter: Recounter::default(),
            checkpointer: Checkpointer::default(),
            epochs: Epochs::default(),
            staff: Vec::new(),
            guards: BTreeMap::new(),
            heard: BTreeMap::new(),
            in_step: BTreeMap::new(),
            storage_trouble: None,
            overtaken: false,
            conflicts: 0,
            counters: BTreeMap::new(),
            commit_times: CommitTimes::default(),
        };
        let mut out = Outbox::default();
        device.wake(&mut out);
        device.out = out;
        device
    }

    /// Counts something for `metrics()`.
    fn count(&mut self, what: &'static str, by: u64) {
        *self.counters.entry(what).or_insert(0) += by;
    }
}
