//! What people want written, turned into entries when a commit begins.
//!
//! Numbers, prices and replaced writes are read at that moment, so that two intentions that
//! share a commit never take the same receipt number.

mod devices;

use base::limits::COMMANDS_WAITING_MAX;
use base::{DeviceId, EmployeeId, EntryRef, EpochName, LinkId, Stream};
use domain::catalogue::ProductId;
use domain::event::{
    DeviceSucceeds, EmployeeFields, EmployeeProfile, Event, PRODUCTS_PER_ENTRY_MAX, PinVerifier,
    ProductWritten, ProductsWritten, SettingsFields, SettingsWritten,
};
use domain::sale::{Basket, Moment, Printed, SaleId};
use identity::control::{Control, EmployeeSet, Enrol, EpochWraps, Grant, Refound, Scope};
use identity::role::EmployeeRole;

use crate::api::{Refusal, Reply, RequestId};
use crate::configuring::OwnConfig;
use crate::outbox::Turn;
use crate::shop::Shop;
use crate::shop::batch::{Batch, Ground, Written};
use crate::shop::commit::{Commit, Standing};

/// An intention and who waits for it.
#[derive(Debug)]
pub struct Queued {
    /// Who waits; `None` when the device itself wants it.
    pub request: Option<RequestId>,
    /// Who was signed in when it was asked for: it is theirs, whoever comes after them.
    pub employee: Option<EmployeeId>,
    /// What is to be written.
    pub intent: Intent,
}

/// A newcomer that is not let in after all: its link, who waits at the screen, and why.
pub type NotAdmitted = (LinkId, Option<RequestId>, Refusal);

/// Something to be written.
#[derive(Debug)]
pub enum Intent {
    /// A sale.
    Sell(Basket),
    /// Products, all or none.
    Products {
        /// The writes; what they replace is filled in.
        writes: Vec<ProductWritten>,
        /// What to answer; `None` answers with the single product as it then is.
        reply: Option<Reply>,
    },
    /// An employee.
    Employee {
        /// Whom; `None` adds one.
        id: Option<EmployeeId>,
        /// Name.
        name: String,
        /// What they may do.
        role: EmployeeRole,
        /// A new PIN.
        pin: Option<PinVerifier>,
    },
    /// Whether an employee may sign in.
    Active {
        /// Whom.
        employee: EmployeeId,
        /// Whether they may from now on.
        active: bool,
    },
    /// Settings of the shop, and what this device is called.
    Settings {
        /// What changes.
        fields: SettingsFields,
        /// The device's new name.
        device_name: Option<String>,
        /// What is of this device alone.
        own: OwnConfig,
    },
    /// A newcomer.
    Admit {
        /// Its link.
        link: LinkId,
        /// Its enrolment.
        enrol: Enrol,
        /// What people call it.
        name: String,
    },
    /// All machines of a device that runs twice, as devices of their own.
    Separate(DeviceId),
    /// With which keys this machine would go on.
    OfferSuccessor(DeviceSucceeds),
    /// An entry of control that nothing else goes with.
    Control(Control),
    /// This device becomes the founder, and reads what the twelve words opened.
    Refound(Refound, Vec<EpochWraps>),
}

/// What is to happen once a commit is durable.
#[derive(Debug)]
#[expect(
    clippy::large_enum_variant,
    reason = "a commit has a handful of outcomes"
)]
pub enum Outcome {
    /// Answer a request.
    Reply(RequestId, Reply),
    /// Answer with a product as it then is.
    Product(RequestId, ProductId),
    /// Answer with an employee as they then are.
    Employee(RequestId, EmployeeId),
    /// Answer with the configuration as it then is.
    Config(RequestId, OwnConfig),
    /// The first commit of a shop.
    Founded(RequestId),
    /// Tell a newcomer that it is in.
    Admitted {
        /// Who waits at the screen, if anybody.
        request: Option<RequestId>,
        /// Its link.
        link: LinkId,
        /// Which device.
        device: DeviceId,
        /// The entry that let it in.
        entry: EntryRef,
    },
}

impl Outcome {
    /// Whether it is told as things are once everything of the commit is folded.
    pub fn tells_how_things_are(&self) -> bool {
        !matches!(self, Self::Reply(..))
    }

    /// Who waits for it.
    pub fn request(&self) -> Option<RequestId> {
        match self {
            Self::Reply(request, _)
            | Self::Product(request, _)
            | Self::Employee(request, _)
            | Self::Config(request, _)
            | Self::Founded(request) => Some(*request),
            Self::Admitted { request, .. } => *request,
        }
    }
}

/// Who waits for something: a request, and a newcomer by its link.
type Waiting = (Option<RequestId>, Option<LinkId>);

impl Queued {
    fn waiting(&self) -> Waiting {
        let newcomer = match self.intent {
            Intent::Admit { link, .. } => Some(link),
            _ => None,
        };
        (self.request, newcomer)
    }
}

impl Shop {
    /// Takes an intention; it shares the next commit.
    ///
    /// # Errors
    /// Too many wait already.
    pub fn want(
        &mut self,
        request: Option<RequestId>,
        employee: Option<EmployeeId>,
        intent: Intent,
    ) -> Result<(), Refusal> {
        if self.queue.len() >= COMMANDS_WAITING_MAX {
            return Err(Refusal::new(
                "busy",
                "Too much is waiting to be saved. Try again soon.",
            ));
        }
        self.queue.push_back(Queued {
            request,
            employee,
            intent,
        });
        Ok(())
    }
}

/// Begins a commit of what waits, as much as one commit takes and at least one. Whoever waits for
/// what is refused is told, but for newcomers, which go to `not_admitted`.
pub(super) fn begin(
    shop: &mut Shop,
    not_admitted: &mut Vec<NotAdmitted>,
    turn: &mut Turn<'_>,
) -> Option<Commit<Outcome>> {
    let mut refuse = |(request, newcomer): Waiting, refusal: Refusal, turn: &mut Turn<'_>| {
        if let Some(link) = newcomer {
            not_admitted.push((link, request, refusal));
        } else if let Some(request) = request {
            turn.out.refuse(request, refusal);
        }
    };
    let Some(epoch) = writing_epoch(shop) else {
        for queued in std::mem::take(&mut shop.queue) {
            refuse(
                queued.waiting(),
                Refusal::ours("no key to write with"),
                turn,
            );
        }
        return None;
    };
    let before = shop.standing.clone();
    let mut draft = Draft {
        receipt: before.counters.receipt,
        batch: Batch::new(
            shop.release,
            ground(shop, turn),
            shop.keyring.chain_keys(epoch),
        ),
        outcomes: Vec::new(),
    };
    while let Some(queued) = shop.queue.pop_front() {
        // Which till numbers are free is asked of what is durable, too.
        let alone = match &queued.intent {
            Intent::Products { writes, .. } => writes.len() > 1,
            Intent::Separate(_) => true,
            _ => false,
        };
        if alone && !draft.batch.is_empty() {
            shop.queue.push_front(queued);
            break;
        }
        // Whether an owner remains is asked of what is durable: one change of staff at a time.
        let staff = matches!(
            queued.intent,
            Intent::Employee { .. } | Intent::Active { .. }
        );
        let waiting = queued.waiting();
        let (batch, receipt, outcomes) = (draft.batch.clone(), draft.receipt, draft.outcomes.len());
        if let Err(refusal) = draft.write(shop, queued, turn.now.wall_ms) {
            // Some of its entries may be in the batch already: nothing of it stays.
            draft.batch = batch;
            draft.receipt = receipt;
            draft.outcomes.truncate(outcomes);
            refuse(waiting, refusal, turn);
        }
        if alone || staff {
            break;
        }
    }
    if draft.batch.is_empty() {
        return None;
    }
    let after = draft.standing(&before);
    let runs = draft.batch.into_runs();
    Commit::begin(after, runs, draft.outcomes, epoch, &shop.keyring, turn)
}

/// What goes into the device's own record together with a commit.
pub fn own_config(outcomes: &[Outcome]) -> OwnConfig {
    let set = outcomes.iter().filter_map(|outcome| match outcome {
        Outcome::Config(_, own) => Some(*own),
        _ => None,
    });
    set.fold(OwnConfig::default(), |earlier, own| own.over(earlier))
}

/// The epoch that we write in: rather one of which we hold all that our role reads.
pub fn writing_epoch(shop: &Shop) -> Option<EpochName> {
    let held = |name, scope: &Scope| shop.keyring.secret(name, *scope).is_some();
    let scopes = shop.own().map_or(&[][..], |own| own.role.scopes());
    let sells = |name| held(name, &Scope::Shop);
    let all = |name| sells(name) && scopes.iter().all(|scope| held(name, scope));
    let membership = &shop.membership;
    membership
        .clean_epoch(all)
        .or_else(|| membership.writing_epoch(sells))
}

fn ground(shop: &Shop, turn: &mut Turn<'_>) -> Ground {
    let mut ground = shop.standing.ground.clone();
    ground.salt = turn.random.bytes();
    ground.wall_ms = turn.now.wall_ms;
    ground.control = shop.membership.vector();
    ground
}

/// What an employee may do, and whether they may sign in.
fn standing_of(shop: &Shop, employee: EmployeeId) -> Result<(EmployeeRole, bool), Refusal> {
    let mut staff = shop.membership.employees();
    let found = staff.find(|(id, ..)| *id == employee);
    let (_, role, active) = found.ok_or_else(Refusal::unknown_employee)?;
    Ok((role, active))
}

/// Checks that an owner who can sign in remains without this employee.
fn keep_an_owner(shop: &Shop, without: EmployeeId) -> Result<(), Refusal> {
    let mut staff = shop.membership.employees();
    let remains = staff.any(|(id, role, active)| {
        let has_pin = || shop.state.employee(id).pin.is_some();
        id != without && active && role == EmployeeRole::Owner && has_pin()
    });
    remains.then_some(()).ok_or_else(Refusal::last_owner)
}

/// A commit that is being written.
struct Draft {
    receipt: u64,
    batch: Batch,
    outcomes: Vec<Outcome>,
}

impl Draft {
    fn standing(&self, before: &Standing) -> Standing {
        let ground = self.batch.ground().clone();
        let counters = crate::records::Counters {
            receipt: self.receipt,
            stamp: ground.clock.last(),
            ..before.counters
        };
        Standing {
            ground,
            counters,
            opening: before.opening.clone(),
        }
    }

    fn write(&mut self, shop: &Shop, queued: Queued, wall_ms: u64) -> Result<(), Refusal> {
        let (request, signed_in) = (queued.request, queued.employee);
        match queued.intent {
            Intent::Sell(basket) => self.sell(shop, signed_in, request, &basket, wall_ms),
            Intent::Products { writes, reply } => {
                self.products(shop, signed_in, request, writes, reply)
            }
            Intent::Employee {
                id,
                name,
                role,
                pin,
            } => self.employee(shop, signed_in, request, id, (name, role, pin)),
            Intent::Active { employee, active } => {
                self.active(shop, signed_in, request, employee, active)
            }
            Intent::Settings {
                fields,
                device_name,
                own,
            } => {
                self.settings(shop, signed_in, fields, device_name)?;
                self.outcomes
                    .extend(request.map(|request| Outcome::Config(request, own)));
                Ok(())
            }
            Intent::Admit { link, enrol, name } => {
                self.admit(shop, signed_in, request, link, enrol, name)
            }
            Intent::Separate(device) => self.separate(shop, signed_in, request, device),
            Intent::OfferSuccessor(offer) => {
                self.event(&Event::DeviceSucceeds(offer), None).map(|_| ())
            }
            Intent::Control(control) => {
                self.control(&control, signed_in)?;
                self.done(request);
                Ok(())
            }
            Intent::Refound(refound, epochs) => {
                self.control(&Control::Refound(refound), signed_in)?;
                if !epochs.is_empty() {
                    let device = shop.me;
                    self.control(&Control::Grant(Grant { device, epochs }), signed_in)?;
                }
                self.outcomes
                    .extend(request.map(|request| Outcome::Reply(request, Reply::Done)));
                Ok(())
            }
        }
    }

    fn sell(
        &mut self,
        shop: &Shop,
        signed_in: Option<EmployeeId>,
        request: Option<RequestId>,
        basket: &Basket,
        wall_ms: u64,
    ) -> Result<(), Refusal> {
        let code = shop.terminal().ok_or_else(Refusal::no_terminal)?;
        let settings = shop.state.settings().ok_or_else(Refusal::no_shop)?;
        let wrong = |wrong: domain::error::AskerError| {
            Refusal::new("bad-basket", format!("{wrong}. Nothing was sold."))
        };
        let moment = Moment::at(wall_ms, &shop.zone, &settings).map_err(wrong)?;
        let counter = self.receipt + 1;
        let number =
            u32::try_from(counter).map_err(|_| Refusal::ours("receipt numbers ran out"))?;
        let catalogue = shop.state.catalogue();
        let sale = domain::sale::close(basket, catalogue, &settings, &moment, &code, number)
            .map_err(wrong)?;
        let event = Event::Sale(sale);
        let written = self.event(&event, signed_in)?;
        self.receipt = counter;
        if let (Some(request), Event::Sale(sale)) = (request, &event) {
            let id = SaleId(written.reference);
            let chain = &written.chain;
            let printed = Printed {
                id,
                chain,
                wall_ms,
                employee: signed_in,
                sale,
            };
            let receipt = printed.receipt(&shop.state, &settings);
            self.outcomes
                .push(Outcome::Reply(request, Reply::Sold(receipt)));
        }
        Ok(())
    }

    fn products(
        &mut self,
        shop: &Shop,
        signed_in: Option<EmployeeId>,
        request: Option<RequestId>,
        writes: Vec<ProductWritten>,
        reply: Option<Reply>,
    ) -> Result<(), Refusal> {
        let named = |write: ProductWritten| {
            let movement = write.movement;
            ProductWritten {
                movement,
                ..shop.state.product_write(write.product, write.fields)
            }
        };
        let writes: Vec<_> = writes.into_iter().map(named).collect();
        let mut single = None;
        for page in writes.chunks(PRODUCTS_PER_ENTRY_MAX) {
            let first = page.first().and_then(|write| write.product);
            let event = Event::Products(ProductsWritten {
                products: page.to_vec(),
            });
            let written = self.event(&event, signed_in)?;
            let added = ProductId {
                mark: written.reference.mark,
                index: 0,
            };
            single = Some(first.unwrap_or(added));
        }
        if let Some(request) = request {
            match (reply, single) {
                (Some(reply), _) => self.outcomes.push(Outcome::Reply(request, reply)),
                (None, Some(id)) => self.outcomes.push(Outcome::Product(request, id)),
                (None, None) => return Err(Refusal::ours("nothing to write")),
            }
        }
        Ok(())
    }

    fn employee(
        &mut self,
        shop: &Shop,
        signed_in: Option<EmployeeId>,
        request: Option<RequestId>,
        id: Option<EmployeeId>,
        (name, role, pin): (String, EmployeeRole, Option<PinVerifier>),
    ) -> Result<(), Refusal> {
        let known = id.map(|id| standing_of(shop, id)).transpose()?;
        let employee = match (id, known) {
            (Some(id), Some((before, _))) if before == role => id,
            _ => {
                if let Some(id) = id.filter(|_| role != EmployeeRole::Owner) {
                    keep_an_owner(shop, id)?;
                }
                let active = known.is_none_or(|(_, active)| active);
                let set = Control::Employee(EmployeeSet { id, role, active });
                let written = self.control(&set, signed_in)?;
                id.unwrap_or(EmployeeId(written.reference.mark.0))
            }
        };
        let fields = EmployeeFields {
            name: Some(name),
            pin,
        };
        let replaces = shop.state.employee_replaced_by(employee, &fields);
        let profile = Event::Employee(EmployeeProfile {
            employee,
            replaces,
            fields,
        });
        self.event(&profile, signed_in)?;
        self.outcomes
            .extend(request.map(|request| Outcome::Employee(request, employee)));
        Ok(())
    }

    fn active(
        &mut self,
        shop: &Shop,
        signed_in: Option<EmployeeId>,
        request: Option<RequestId>,
        employee: EmployeeId,
        active: bool,
    ) -> Result<(), Refusal> {
        let (role, _) = standing_of(shop, employee)?;
        if !active {
            keep_an_owner(shop, employee)?;
        }
        let set = Control::Employee(EmployeeSet {
            id: Some(employee),
            role,
            active,
        });
        self.control(&set, signed_in)?;
        self.outcomes
            .extend(request.map(|request| Outcome::Employee(request, employee)));
        Ok(())
    }

    fn settings(
        &mut self,
        shop: &Shop,
        signed_in: Option<EmployeeId>,
        fields: SettingsFields,
        device_name: Option<String>,
    ) -> Result<(), Refusal> {
        if fields != SettingsFields::default() {
            let replaces = shop.state.settings_replaced_by(&fields);
            let written = Event::Settings(SettingsWritten { replaces, fields });
            self.event(&written, signed_in)?;
        }
        if let Some(name) = device_name {
            self.device_name(shop, signed_in, shop.me, name)?;
        }
        Ok(())
    }

    fn done(&mut self, request: Option<RequestId>) {
        let done = request.map(|request| Outcome::Reply(request, Reply::Done));
        self.outcomes.extend(done);
    }

    fn control(
        &mut self,
        control: &Control,
        employee: Option<EmployeeId>,
    ) -> Result<Written, Refusal> {
        self.batch
            .append(Stream::Control, control.kind(), employee, control.encode())
            .map_err(|_| Refusal::ours("a control entry did not fit"))
    }

    fn event(&mut self, event: &Event, employee: Option<EmployeeId>) -> Result<Written, Refusal> {
        let (kind, payload) = event
            .encode()
            .map_err(|wrong| Refusal::new("bad-input", format!("{wrong}.")))?;
        self.batch
            .append(event.stream(), kind, employee, payload)
            .map_err(|_| Refusal::ours("an entry did not fit"))
    }
}
