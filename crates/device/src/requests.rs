//! Requests of screens and scripts: checked here, then answered or put on their way.

use base::EmployeeId;
use base::limits::COMMANDS_WAITING_MAX;
use domain::sale::Basket;
use identity::role::Right;
use sync_core::Message;
use sync_core::Role;

use crate::Device;
use crate::api::{Command, NewShop, Refusal, Reply, Request, RequestId};
use crate::founding::Founding;
use crate::links::Aim;
use crate::outbox::Turn;
use crate::people;
use crate::recovering::Goal;
use crate::sales;
use crate::shop::Shop;
use crate::shop::intent::Intent;

/// What a request comes to at once: a reply, or nothing yet.
pub(crate) type Outcome = Result<Option<Reply>, Refusal>;

impl Device {
    /// Takes a command. Before the disk is read it waits.
    pub(crate) fn command(&mut self, command: Command, turn: &mut Turn<'_>) {
        // Why the start failed is told at once: the next one may be long in coming.
        let why = self.no_start.is_some() && command.request == Request::Status;
        if !self.ready && !why {
            if self.early.len() < COMMANDS_WAITING_MAX {
                self.early.push_back(command);
            } else {
                turn.out.refuse(
                    command.id,
                    Refusal::new("busy", "Still starting. Try again."),
                );
            }
            return;
        }
        match self.request(command.id, command.request, turn) {
            Ok(Some(reply)) => turn.out.reply(command.id, reply),
            Ok(None) => {}
            Err(refusal) => turn.out.refuse(command.id, refusal),
        }
    }

    fn request(&mut self, id: RequestId, request: Request, turn: &mut Turn<'_>) -> Outcome {
        match request {
            Request::CreateShop(wanted) => self.create_shop(id, wanted, turn),
            Request::Offer { device_name } => {
                self.offer(id, device_name, turn);
                Ok(None)
            }
            Request::Answer { card, consent } => {
                self.answer_card(id, &card, consent, turn).map(|()| None)
            }
            Request::Accept { card } => self.accept_card(id, &card, turn).map(|()| None),
            Request::Approve(admission) => self.approve(admission, Some(id), turn).map(|()| None),
            Request::CancelPairing => {
                self.cancel_pairing(turn);
                Ok(Some(Reply::Done))
            }
            Request::Recover { words } => self.recover(id, words, Goal::Refound, turn),
            Request::CheckWords { words } => self.recover(id, words, Goal::Check, turn),
            Request::SignIn { employee, pin } => self.sign_in(id, employee, pin, turn),
            Request::SignOut => {
                self.signed_in_as(None, Some((id, Reply::Done)), turn);
                Ok(None)
            }
            Request::SetEmployee {
                id: employee,
                name,
                role,
                pin,
            } => self.set_employee(id, employee, (name, role, pin), turn),
            Request::SetActive { employee, active } => self.set_active(id, employee, active),
            Request::Import { csv, dry_run } => self.import(id, &csv, dry_run),
            Request::SetProduct { which, fields } => self.set_product(id, which, fields),
            Request::Sell(basket) => self.sell(id, basket),
            Request::KeepCarts(carts) => self.keep_carts(id, carts, turn),
            Request::Carts => self.kept_carts(),
            Request::Sales {
                from,
                to,
                offset,
                limit,
            } => {
                let page = sales::Page {
                    from,
                    to,
                    offset,
                    limit,
                };
                sales::list(self.in_shop()?, id, page, turn);
                Ok(None)
            }
            Request::PutOut(device) => self.put_out(id, device),
            Request::Separate { device, machines } => self.separate(id, device, &machines),
            Request::Connect(device) => self.connect(device, turn),
            Request::Disconnect(device) => {
                let link = self.links.to(device).ok_or_else(Refusal::not_linked)?;
                self.close_link(link, turn);
                Ok(Some(Reply::Done))
            }
            Request::Awake => {
                self.awake(turn);
                Ok(Some(Reply::Done))
            }
            Request::SyncNow => self.sync_now(turn.now.mono_ms),
            Request::SetConfig(change) => self.set_config(id, *change, turn),
            Request::SyncWith(device) => self.sync_with(id, device, turn),
            Request::Message { to, kind, data } => self.script(to, &kind, &data, turn),
            question => self.question(question, turn.now.wall_ms),
        }
    }

    /// Requests that only look.
    fn question(&self, request: Request, wall_ms: u64) -> Outcome {
        Ok(Some(match request {
            Request::Status => {
                let status = self
                    .status(wall_ms)
                    .ok_or_else(|| Refusal::ours("no identity"))?;
                Reply::Status(Box::new(status))
            }
            Request::Employees => {
                let shop = self.shop.as_ref();
                let views = |shop: &Shop| people::views(&shop.membership, &shop.state);
                Reply::Employees(shop.map(views).unwrap_or_default())
            }
            Request::Products {
                search,
                offset,
                limit,
            } => {
                let catalogue = self.in_shop()?.state.catalogue();
                let (total, page) = catalogue.search(&search, offset as usize, limit as usize);
                Reply::Products {
                    total: total as u32,
                    page,
                }
            }
            Request::Conflicts { offset, limit } => {
                Reply::Conflicts(self.conflicts(offset, limit)?)
            }
            Request::Lookup { code } => {
                Reply::Found(self.in_shop()?.state.catalogue().lookup(&code))
            }
            Request::Today { day } => {
                self.allowed(Right::Numbers)?;
                let shop = self.in_shop()?;
                let day = day
                    .or_else(|| shop.business_date(wall_ms))
                    .ok_or_else(no_zone)?;
                let today = domain::today::today(&shop.state, day);
                Reply::Today {
                    today,
                    heard: self.selling_members(),
                }
            }
            Request::Members => Reply::Members(self.members()),
            Request::NotCounted => Reply::NotCounted(self.not_counted()),
            Request::PutOutDevices => Reply::PutOut(self.put_out_devices()),
            Request::Waiting => Reply::Waiting(self.waiting_for()),
            Request::Counts => Reply::Counts(self.counts()),
            Request::StateHash { office } => Reply::StateHash(self.state_hash(office)),
            Request::Vector => Reply::Vector(self.vector()),
            Request::Config => {
                let config = self.config().ok_or_else(Refusal::no_shop)?;
                Reply::Config(Box::new(config))
            }
            Request::Metrics => Reply::Metrics(Box::new(self.metrics())),
            _ => return Err(Refusal::ours("an unknown request")),
        }))
    }

    pub(crate) fn in_shop(&self) -> Result<&Shop, Refusal> {
        self.shop
            .as_ref()
            .filter(|shop| shop.open && shop.own().is_some())
            .ok_or_else(|| self.shut().unwrap_or_else(Refusal::no_shop))
    }

    pub(crate) fn in_shop_mut(&mut self) -> Result<&mut Shop, Refusal> {
        self.in_shop()?;
        self.shop.as_mut().ok_or_else(Refusal::no_shop)
    }

    /// Checks that whoever is signed in may do something.
    pub(crate) fn allowed(&self, right: Right) -> Result<EmployeeId, Refusal> {
        people::allowed(&self.in_shop()?.membership, self.record.employee, right)
    }

    fn create_shop(&mut self, id: RequestId, wanted: NewShop, turn: &mut Turn<'_>) -> Outcome {
        if self.shop.is_some() || self.founding.is_some() {
            return Err(Refusal::has_shop());
        }
        let keys = self.keys.ok_or_else(|| Refusal::ours("no identity"))?;
        self.founding = Some(Founding::begin(id, wanted, keys, turn)?);
        Ok(None)
    }

    fn sell(&mut self, id: RequestId, basket: Basket) -> Outcome {
        let by = self.allowed(Right::Sell)?;
        let shop = self.in_shop_mut()?;
        if shop
            .own()
            .is_none_or(|own| own.code.is_none() || !own.role.sells())
        {
            return Err(Refusal::no_terminal());
        }
        if shop.zone.is_empty() {
            return Err(no_zone());
        }
        shop.want(Some(id), Some(by), Intent::Sell(basket))
            .map(|()| None)
    }

    fn connect(&mut self, device: base::DeviceId, turn: &mut Turn<'_>) -> Outcome {
        if !self.is_member(device) {
            return Err(Refusal::unknown_device());
        }
        if !self.meeting.joined() {
            return Err(Refusal::new(
                "no-road",
                "There is no road to that device now. Link it with two cards in Devices.",
            ));
        }
        if self.links.to(device).is_none() && !self.links.pursued(device) {
            self.links
                .begin(Role::Offerer, Aim::Member(device), None, None, turn);
        }
        Ok(Some(Reply::Done))
    }

    fn script(
        &mut self,
        to: Option<base::DeviceId>,
        kind: &str,
        data: &str,
        turn: &mut Turn<'_>,
    ) -> Outcome {
        self.in_shop()?;
        let targets: Vec<_> = self
            .links
            .linked()
            .into_iter()
            .filter(|device| self.is_member(*device) && to.is_none_or(|to| to == *device))
            .filter_map(|device| self.links.to(device))
            .collect();
        let message = Message::Script {
            kind: kind.to_owned(),
            data: data.to_owned(),
        };
        let reached = targets.len() as u32;
        for link in targets {
            self.send(link, base::frame::NO_SHOP, &message, turn);
        }
        Ok(Some(Reply::Reached(reached)))
    }
}

fn no_zone() -> Refusal {
    Refusal::new(
        "unknown-timezone",
        "This device does not know the shop's time zone, so it cannot tell the business day.",
    )
}
