//! What a sale in the making consists of. It outlives the page: going to look at something else
//! and coming back finds the cart as it was.

use device::api::carts::HELD_CARTS_MAX;
use device::api::{Refusal, Reply, Request};
use domain::catalogue::{Product, Unit};
use domain::quantity::{ONE, Quantity};
use domain::sale::Receipt;
use leptos::prelude::*;
use leptos::task::spawn_local;

use super::cart::Cart;
use crate::state::State;
use crate::text::sell as text;

/// Most things that can't be sold and stay in the cart; the oldest gives way.
const UNSOLD_MAX: usize = 5;

/// Most scans that wait for the next sale while one is being stored.
const WAITING_MAX: usize = 100;

/// Something that was scanned or tapped and can't be sold as it is.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Unsold {
    /// What was scanned or tapped.
    pub code: String,
    /// The product, when it is known and only lacks a price or is not on sale.
    pub product: Option<Product>,
}

/// The sale in the making.
#[derive(Clone, Copy)]
pub struct Selling {
    /// What is in the cart.
    pub cart: RwSignal<Cart>,
    /// Carts on hold, oldest first.
    pub held: RwSignal<Vec<Cart>>,
    /// What can't be sold, until somebody deals with it.
    pub unsold: RwSignal<Vec<Unsold>>,
    /// How many the next scan adds.
    pub next_quantity: RwSignal<Option<Quantity>>,
    /// What must be weighed before it goes into the cart.
    pub weighing: RwSignal<Option<Product>>,
    /// Whether the payment is being taken.
    pub paying: RwSignal<bool>,
    /// Whether a sale is on its way to the disk. Until the device answers, the cart is that sale's.
    pub storing: RwSignal<bool>,
    /// Why the payment was not taken, until it is tried again.
    pub refusal: RwSignal<Option<Refusal>>,
    /// Codes that were scanned while a sale was being stored: the next sale begins with them.
    pub waiting: RwSignal<Vec<String>>,
    /// How many codes are being looked up.
    pub looking_up: RwSignal<usize>,
    /// The sale that was just paid.
    pub paid: RwSignal<Option<Receipt>>,
    /// The cart that was cleared, until the next item.
    pub cleared: RwSignal<Option<Cart>>,
}

impl Selling {
    /// Whether no sale is open or about to be, and none is on hold: the page may load itself anew.
    pub fn is_idle(self) -> bool {
        self.cart.read().is_empty()
            && self.held.read().is_empty()
            && self.unsold.read().is_empty()
            && self.waiting.read().is_empty()
            && self.looking_up.get() == 0
            && self.next_quantity.read().is_none()
            && self.weighing.read().is_none()
            && !self.paying.get()
            && !self.storing.get()
    }

    /// An empty cart.
    pub fn new() -> Self {
        Self {
            cart: RwSignal::new(Cart::default()),
            held: RwSignal::new(Vec::new()),
            unsold: RwSignal::new(Vec::new()),
            next_quantity: RwSignal::new(None),
            weighing: RwSignal::new(None),
            paying: RwSignal::new(false),
            storing: RwSignal::new(false),
            refusal: RwSignal::new(None),
            waiting: RwSignal::new(Vec::new()),
            looking_up: RwSignal::new(0),
            paid: RwSignal::new(None),
            cleared: RwSignal::new(None),
        }
    }

    /// The sale in the making that the app provides.
    pub fn here() -> Self {
        expect_context::<Self>()
    }

    /// Takes a scanned or typed code. A scan after a paid sale starts the next one; a scan while
    /// a sale is being stored waits for the next one.
    pub fn scan(self, state: State, code: String) {
        if self.storing.get_untracked() {
            self.put_off(code);
            return;
        }
        self.leave_payment(state);
        self.look_up(state, code);
    }

    fn put_off(self, code: String) {
        if self.waiting.read_untracked().len() < WAITING_MAX {
            self.waiting.update(|waiting| waiting.push(code));
        }
    }

    fn look_up(self, state: State, code: String) {
        self.looking_up.update(|codes| *codes += 1);
        spawn_local(async move {
            let request = Request::Lookup { code: code.clone() };
            let reply = state.device.ask(request).await;
            self.take_found(state, code, reply);
            self.looking_up.update(|codes| *codes -= 1);
        });
    }

    fn take_found(self, state: State, code: String, reply: Reply) {
        if self.storing.get_untracked() {
            // Pay was pressed meanwhile, and this is not in what is paid.
            self.put_off(code);
            return;
        }
        match reply {
            Reply::Found(Some(product)) => self.choose(state, product),
            _ => self.set_aside(
                state,
                Unsold {
                    code,
                    product: None,
                },
            ),
        }
    }

    /// Takes a product that was tapped or found: into the cart, or onto the scales first.
    pub fn choose(self, state: State, product: Product) {
        if self.paid.read_untracked().is_some() {
            self.leave_payment(state);
        }
        if product.price.is_none() || !product.active {
            let code = product.name.clone();
            self.set_aside(
                state,
                Unsold {
                    code,
                    product: Some(product),
                },
            );
            return;
        }
        let quantity = self.next_quantity.try_update(Option::take).flatten();
        match (product.unit, quantity) {
            (Unit::Piece, quantity) => self.add(state, product, quantity.unwrap_or(ONE)),
            (_, None) => self.weighing.set(Some(product)),
            (_, Some(quantity)) => self.add(state, product, quantity),
        }
    }

    fn set_aside(self, state: State, what: Unsold) {
        state.announcement.set(text::not_sold(&what.code));
        self.unsold.update(|unsold| {
            unsold.retain(|known| known.code != what.code);
            unsold.push(what);
            if unsold.len() > UNSOLD_MAX {
                unsold.remove(0);
            }
        });
    }

    /// Puts a quantity of a product into the cart.
    pub fn add(self, state: State, product: Product, quantity: Quantity) {
        state.announcement.set(text::added(&product.name));
        self.cleared.set(None);
        self.cart.update(|cart| cart.add(product, quantity));
    }

    /// Empties the cart; it can be brought back until the next item.
    pub fn clear(self) {
        let cart = self.cart.try_update(core::mem::take).unwrap_or_default();
        self.unsold.set(Vec::new());
        self.cleared.set(Some(cart));
    }

    /// Forgets all that this page remembers of sales that are not paid; the carts are on the
    /// device. The change of the last sale may still have to be given.
    pub fn forget(self) {
        self.cart.set(Cart::default());
        self.held.set(Vec::new());
        self.unsold.set(Vec::new());
        self.next_quantity.set(None);
        self.weighing.set(None);
        self.paying.set(self.paid.with_untracked(Option::is_some));
        self.refusal.set(None);
        self.waiting.set(Vec::new());
        self.cleared.set(None);
    }

    /// Puts the cart on hold, or brings the oldest one back when this one is empty.
    pub fn hold_or_resume(self) {
        if self.cart.read_untracked().is_empty() {
            let oldest = self
                .held
                .try_update(|held| (!held.is_empty()).then(|| held.remove(0)));
            if let Some(oldest) = oldest.flatten() {
                self.cart.set(oldest);
            }
        } else if self.held.read_untracked().len() < HELD_CARTS_MAX {
            let cart = self.cart.try_update(core::mem::take).unwrap_or_default();
            self.held.update(|held| held.push(cart));
        }
    }

    /// Puts the payment away, taken or not, and takes up the scans that waited for its end.
    pub fn leave_payment(self, state: State) {
        self.paid.set(None);
        self.refusal.set(None);
        self.paying.set(false);
        let waiting = self.waiting.try_update(core::mem::take);
        for code in waiting.unwrap_or_default() {
            self.look_up(state, code);
        }
    }
}
