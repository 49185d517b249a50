//! The corner shop of these stories.

use std::cell::RefCell;
use std::rc::Rc;

use base::{DeviceId, ShopId};
use device::api::{
    Admission, DeviceRole, NotCounted, Notice, PairingStep, Reply, Request, RequestId, StateHash,
};
use domain::sale::Receipt;
use sim::random::SeededRandom;
use sim::shop::desk::Desk;
use sim::shop::opening::{self, Staff};
use sim::shop::wares;
use sim::world::Told;
use sim::{Hands, NodeId, Settings, World};

use crate::tap::{Heard, Tapped};

/// The tablet that founds the shop.
pub const OWNER: NodeId = NodeId(0);
/// The first till.
pub const TILL: NodeId = NodeId(1);
/// Another device.
pub const OTHER: NodeId = NodeId(2);

/// A shop, its world and whoever asks its devices something.
pub struct Corner {
    pub world: World<Tapped, Hands>,
    pub staff: Staff,
    pub heard: Rc<RefCell<Heard>>,
    desk: Desk,
    customers: SeededRandom,
}

impl Corner {
    /// A shop founded on [`OWNER`] that nobody else was let into, among so many devices.
    pub fn founded(seed: u64, devices: u32) -> Self {
        let heard = Rc::new(RefCell::new(Heard::default()));
        let tap = heard.clone();
        let make = move |node, release| Tapped::new(node, release, tap.clone());
        let mut world = World::new(Settings::new(seed, devices), make, |_| Hands::real());
        let mut desk = Desk::default();
        world.start_all();
        let staff = opening::found_shop(&mut world, &mut desk, OWNER).unwrap();
        let customers = SeededRandom::new(seed, "customers", 0);
        Self {
            world,
            staff,
            heard,
            desk,
            customers,
        }
    }

    /// The same with the first so many devices as tills that have heard of everything.
    pub fn with_tills(seed: u64, devices: u32, tills: u32) -> Self {
        let mut corner = Self::founded(seed, devices);
        for till in 1..=tills {
            corner.let_in(OWNER, NodeId(till));
        }
        corner.world.run_for_ms(30_000);
        corner
    }

    pub fn let_in(&mut self, owner: NodeId, node: NodeId) {
        let role = DeviceRole::Till;
        opening::let_in(&mut self.world, &mut self.desk, owner, node, role).unwrap();
    }

    /// Lets a node in as a further device of the owner.
    #[track_caller]
    pub fn let_in_tablet(&mut self, owner: NodeId, node: NodeId) {
        let role = DeviceRole::Owner;
        opening::let_in(&mut self.world, &mut self.desk, owner, node, role).unwrap();
    }

    pub fn post(&mut self, node: NodeId, request: Request) -> RequestId {
        let posted = self.desk.post(&mut self.world, node, request);
        posted.expect("the node runs")
    }

    pub fn ask(&mut self, node: NodeId, request: Request) -> Reply {
        self.desk.ask(&mut self.world, node, request).unwrap()
    }

    /// The code with which something is refused.
    #[track_caller]
    pub fn refused(&mut self, node: NodeId, request: Request) -> &'static str {
        match self.ask(node, request) {
            Reply::Refused(refusal) => refusal.code,
            reply => panic!("{node:?} did it: {reply:?}"),
        }
    }

    /// The text of the card that an answer shows.
    #[track_caller]
    pub fn card(&mut self, node: NodeId, request: Request) -> String {
        match self.ask(node, request) {
            Reply::Card { text } => text,
            reply => panic!("{node:?} showed no card: {reply:?}"),
        }
    }

    pub fn offer(&mut self, node: NodeId) -> String {
        let device_name = "New till".into();
        self.card(node, Request::Offer { device_name })
    }

    pub fn sign_in(&mut self, node: NodeId, pin: &str) -> Reply {
        let (employee, pin) = (self.staff.employee, pin.to_owned());
        self.ask(node, Request::SignIn { employee, pin })
    }

    /// Asks for a sale.
    pub fn try_to_sell(&mut self, node: NodeId) -> Reply {
        let Reply::Products { page, .. } = self.ask(node, wares::list()) else {
            panic!("{node:?} shows no products");
        };
        let basket = wares::basket(&mut self.customers, &page);
        self.ask(node, Request::Sell(basket))
    }

    /// Presses Pay so often and waits for nothing.
    pub fn post_sales(&mut self, node: NodeId, count: u32) {
        let Reply::Products { page, .. } = self.ask(node, wares::list()) else {
            panic!("{node:?} shows no products");
        };
        for _ in 0..count {
            let basket = wares::basket(&mut self.customers, &page);
            self.post(node, Request::Sell(basket));
        }
    }

    /// Sells something, signing in first.
    #[track_caller]
    pub fn sell(&mut self, node: NodeId) -> Receipt {
        let pin = self.staff.pin.clone();
        assert!(matches!(self.sign_in(node, &pin), Reply::SignedIn(_)));
        match self.try_to_sell(node) {
            Reply::Sold(receipt) => receipt,
            reply => panic!("{node:?} did not sell: {reply:?}"),
        }
    }

    /// The id of a node's device.
    pub fn device(&mut self, node: NodeId) -> DeviceId {
        match self.ask(node, Request::Status) {
            Reply::Status(status) => status.device,
            reply => panic!("{node:?} has no status: {reply:?}"),
        }
    }

    /// The shop.
    pub fn shop(&mut self) -> ShopId {
        match self.ask(OWNER, Request::Status) {
            Reply::Status(status) => status.shop.expect("it is in a shop").id,
            reply => panic!("the owner has no status: {reply:?}"),
        }
    }

    pub fn state_hash(&mut self, node: NodeId) -> StateHash {
        match self.ask(node, Request::StateHash { office: false }) {
            Reply::StateHash(hash) => hash,
            reply => panic!("{node:?} has no state: {reply:?}"),
        }
    }

    /// What a device keeps and does not count.
    pub fn not_counted(&mut self, node: NodeId) -> Vec<NotCounted> {
        match self.ask(node, Request::NotCounted) {
            Reply::NotCounted(runs) => runs,
            reply => panic!("{node:?} counts everything: {reply:?}"),
        }
    }

    /// A counter of a device.
    pub fn counted(&mut self, node: NodeId, what: &str) -> u64 {
        match self.ask(node, Request::Metrics) {
            Reply::Metrics(all) => {
                let counter = all.counters.iter().find(|(name, _)| name == what);
                counter.map_or(0, |(_, count)| *count)
            }
            reply => panic!("{node:?} counts nothing: {reply:?}"),
        }
    }

    /// How many entries and segments wait on a device.
    pub fn waiting(&mut self, node: NodeId) -> u32 {
        match self.ask(node, Request::Status) {
            Reply::Status(status) => status.waiting,
            reply => panic!("{node:?} has no status: {reply:?}"),
        }
    }

    /// Waits until these devices show the same state.
    #[track_caller]
    pub fn agree(&mut self, nodes: &[NodeId]) {
        let mut hashes = Vec::new();
        for _ in 0..60 {
            self.world.run_for_ms(5_000);
            hashes = nodes.iter().map(|node| self.state_hash(*node)).collect();
            if hashes.iter().all(|hash| *hash == hashes[0]) {
                return;
            }
        }
        panic!("they never agreed: {hashes:#?}");
    }

    /// Waits until a device says something; gives everything that was said meanwhile.
    #[track_caller]
    pub fn hear(&mut self, node: NodeId, wanted: impl Fn(&Notice) -> bool) -> Vec<Told<Notice>> {
        let latest = self.world.now().plus_ms(120_000);
        let told = |told: &Told<Notice>| told.node == node && wanted(&told.notice);
        let came = self
            .world
            .run_until_true(latest, |world| world.told().iter().any(told));
        let all = self.desk.take_told(&mut self.world);
        assert!(came, "{node:?} did not say it, but {all:#?}");
        all
    }

    /// What was said since somebody last took it.
    pub fn take_told(&mut self) -> Vec<Told<Notice>> {
        self.desk.take_told(&mut self.world)
    }
}

/// What an owner fills in.
pub fn admission() -> Admission {
    Admission {
        name: "New till".into(),
        role: DeviceRole::Till,
        terminal: None,
    }
}

/// Whether a screen asks its owner to compare codes.
pub fn asks_owner(notice: &Notice) -> bool {
    matches!(
        notice,
        Notice::Pairing(PairingStep::Check { approver: true, .. })
    )
}
