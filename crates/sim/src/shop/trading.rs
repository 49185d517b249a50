//! Selling while the weather rages. Each till has one cashier, who asks for one thing at a time,
//! signs in again after a restart, and serves the next customer whatever the network does.

use std::collections::BTreeMap;

use device::api::{Notice, Reply, Request, RequestId};
use domain::catalogue::Product;
use domain::sale::Basket;

use super::desk::Desk;
use super::happenings::Happenings;
use super::opening::Staff;
use super::roles::Hired;
use super::{Day, FOUNDER, Till, wares};
use crate::clock::Moment;
use crate::crypto::CryptoHands;
use crate::oracle::{Oracle, Paid};
use crate::random::{SeededRandom, Spread};
use crate::weather::Weather;
use crate::world::{NodeId, Told, World};

/// How long a cashier waits for a reply before asking again, milliseconds. A broken disk can take
/// this long, and a browser that was killed never answers.
const PATIENCE_MS: u64 = 30_000;
/// From one look at the screen to the next, milliseconds.
const LOOK_MS: u64 = 50;

/// What a cashier waits for.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Waiting {
    Wares,
    SignIn,
    Sale,
}

/// One cashier.
#[derive(Debug)]
struct Cashier {
    wares: Vec<Product>,
    signed_in: bool,
    waiting: Option<(RequestId, Waiting, Moment)>,
    next_customer: Moment,
    /// Whether Pay was pressed in the old tab that is awake.
    tapped_old_tab: bool,
    random: SeededRandom,
}

impl Cashier {
    fn new(seed: u64, node: NodeId) -> Self {
        Self {
            wares: Vec::new(),
            signed_in: false,
            waiting: None,
            next_customer: Moment::default(),
            tapped_old_tab: false,
            random: SeededRandom::new(seed, "customers", node.0),
        }
    }

    /// What the cashier asks for now, if anything.
    fn next_request(
        &mut self,
        now: Moment,
        sign_in: Request,
        customers: Spread,
    ) -> Option<(Waiting, Request)> {
        let busy = self
            .waiting
            .is_some_and(|(_, _, since)| now < since.plus_ms(PATIENCE_MS));
        if busy || now < self.next_customer {
            return None;
        }
        self.next_customer = now + self.random.duration(customers);
        if !self.signed_in {
            return Some((Waiting::SignIn, sign_in));
        }
        if self.wares.is_empty() {
            return Some((Waiting::Wares, wares::list()));
        }
        let basket = wares::basket(&mut self.random, &self.wares);
        Some((Waiting::Sale, Request::Sell(basket)))
    }

    /// What the cashier presses Pay for in a tab that has lost the lock and does not say so, once.
    fn taps_old_tab(&mut self, is_awake: bool) -> Option<Basket> {
        let taps = is_awake && !self.tapped_old_tab && !self.wares.is_empty();
        self.tapped_old_tab = is_awake && (taps || self.tapped_old_tab);
        taps.then(|| wares::basket(&mut self.random, &self.wares))
    }

    /// Takes a reply, when it is to what was asked last. Gives whether the page is to be loaded anew.
    fn hear(&mut self, id: RequestId, reply: Reply) -> bool {
        if self.waiting.is_none_or(|(waiting, ..)| waiting != id) {
            return false;
        }
        self.waiting = None;
        match reply {
            Reply::Refused(refusal) if refusal.code == OTHER_TAB => return true,
            Reply::SignedIn(_) => self.signed_in = true,
            Reply::Products { page, .. } => self.wares = page,
            Reply::Refused(refusal) if refusal.code == NOT_SIGNED_IN => self.signed_in = false,
            _ => {}
        }
        false
    }
}

/// The code with which a device says that nobody is signed in.
const NOT_SIGNED_IN: &str = "not-signed-in";
/// The code with which it says that another tab has written.
const OTHER_TAB: &str = "other-tab";

/// The selling of one day.
pub(super) struct Trading<'a, H> {
    day: &'a Day,
    staff: &'a Staff,
    hired: Option<&'a Hired>,
    happenings: Happenings<H>,
    cashiers: BTreeMap<NodeId, Cashier>,
}

impl<'a, H: CryptoHands> Trading<'a, H> {
    /// Puts a cashier at every till.
    pub fn new(
        day: &'a Day,
        staff: &'a Staff,
        hired: Option<&'a Hired>,
        happenings: Happenings<H>,
    ) -> Self {
        let cashier = |node| (node, Cashier::new(day.world.seed, node));
        let nodes = (0..day.world.nodes).map(NodeId);
        Self {
            day,
            staff,
            hired,
            happenings,
            cashiers: nodes.map(cashier).collect(),
        }
    }

    /// Sells until the day is over; the oracle hears of every sale asked for and every "Paid".
    pub fn run<M: Till>(
        mut self,
        world: &mut World<M, H>,
        weather: &mut Weather,
        desk: &mut Desk,
        oracle: &mut Oracle,
    ) {
        let closes = world.now().plus_ms(self.day.selling_ms);
        while world.now() < closes {
            let now = world.now();
            self.serve(world, desk, oracle);
            self.happenings.look(world, desk, oracle);
            weather.run_until(world, now.plus_ms(LOOK_MS));
            for told in desk.take_told(world) {
                self.happenings.hear(world, desk, &told);
                let node = told.node;
                if hear(told, &mut self.cashiers, oracle) && world.is_running(node) {
                    world.reload(node);
                }
            }
            if let Some(reach) = desk.reach() {
                reach.look(world);
            }
        }
        self.happenings.leave(world, oracle);
    }

    /// Lets every cashier do what they do next.
    fn serve<M: Till>(&mut self, world: &mut World<M, H>, desk: &mut Desk, oracle: &mut Oracle) {
        let now = world.now();
        for (node, cashier) in &mut self.cashiers {
            if let Some(basket) = cashier.taps_old_tab(world.has_old_tab_awake(*node)) {
                oracle.asked();
                desk.tap_old_tab(world, *node, Request::Sell(basket));
            }
            if !world.is_running(*node) {
                continue;
            }
            let is_owners = [Some(FOUNDER), self.day.second_owner()].contains(&Some(*node));
            let hired = self.hired.filter(|_| !is_owners);
            let (employee, pin) = match hired {
                Some(hired) => (hired.employee, &hired.pin),
                None => (self.staff.employee, &self.staff.pin),
            };
            let sign_in = Request::SignIn {
                employee,
                pin: pin.clone(),
            };
            let Some((waiting, request)) = cashier.next_request(now, sign_in, self.day.customers)
            else {
                continue;
            };
            if waiting == Waiting::Sale {
                oracle.asked();
            }
            let posted = desk.post(world, *node, request);
            cashier.waiting = posted.map(|id| (id, waiting, now));
        }
    }
}

/// Hears what is still said when the shop closes: a sale may be shown as paid a little later.
pub(super) fn note_paid(told: &Told<Notice>, oracle: &mut Oracle) {
    if let Notice::Reply(_, Reply::Sold(receipt)) = &told.notice {
        oracle.paid(Paid {
            receipt: wares::number(receipt),
            total: wares::total(receipt),
            node: told.node,
            at: told.at,
        });
    }
}

/// Lets the cashier hear what was told. Gives whether the page is to be loaded anew.
fn hear(told: Told<Notice>, cashiers: &mut BTreeMap<NodeId, Cashier>, oracle: &mut Oracle) -> bool {
    note_paid(&told, oracle);
    let Some(cashier) = cashiers.get_mut(&told.node) else {
        return false;
    };
    match told.notice {
        // The machine was started again: whoever was signed in is not, what was asked is void.
        Notice::Ready => {
            cashier.signed_in = false;
            cashier.waiting = None;
        }
        Notice::Reply(id, reply) => return cashier.hear(id, reply),
        _ => {}
    }
    false
}
