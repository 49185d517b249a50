//! A till that is put out while the weather rages, and its sales that come too late.

use base::DeviceId;
use device::api::{Notice, Reply, Request, RequestId};

use super::closing::testimony;
use super::desk::Desk;
use super::opening::Staff;
use super::{Day, FOUNDER, Stuck, Till};
use crate::clock::Moment;
use crate::crypto::CryptoHands;
use crate::oracle::{Broken, Oracle};
use crate::world::{NodeId, Told, World};

/// How long the manager waits before asking again: in a storm some things must be asked twice.
const PATIENCE_MS: u64 = 30_000;
/// How long before the founder's device is alone, and how long afterwards: others hear of sales
/// that it has not heard of when it cuts the till's log.
const APART_MS: u64 = 60_000;
/// How often the manager lets late sales count, milliseconds.
const COUNT_EVERY_MS: u64 = 30_000;

/// Who is put out, and when.
#[derive(Debug, Clone, Copy)]
pub(super) struct Leaving {
    /// Its node.
    pub node: NodeId,
    device: DeviceId,
    after_ms: u64,
}

/// The till of a day that is put out; `None` when nobody is.
pub(super) fn of<M: Till, H: CryptoHands>(
    day: &Day,
    world: &mut World<M, H>,
    desk: &mut Desk,
) -> Result<Option<Leaving>, Stuck> {
    let (Some(after_ms), Some(node)) = (day.put_out_at_ms, day.last_till()) else {
        return Ok(None);
    };
    match desk.ask(world, node, Request::Status)? {
        Reply::Status(status) => Ok(Some(Leaving {
            node,
            device: status.device,
            after_ms,
        })),
        _ => Err(Stuck::NotReady(node)),
    }
}

/// Whoever puts it out: asks until it is done.
#[derive(Debug)]
pub(super) struct Manager {
    node: NodeId,
    device: DeviceId,
    /// When the founder's device is to be alone, until it is.
    alone: Option<Moment>,
    /// When it is to be so no more, while it is.
    united: Option<Moment>,
    next: Moment,
    asked: Option<RequestId>,
    done: bool,
}

impl Manager {
    pub fn new(leaving: &Leaving, opened: Moment) -> Self {
        let alone = opened.plus_ms(leaving.after_ms);
        Self {
            node: leaving.node,
            device: leaving.device,
            alone: Some(alone),
            united: None,
            next: alone.plus_ms(APART_MS),
            asked: None,
            done: false,
        }
    }

    /// Asks, when it is time and nobody has said that it is done.
    pub fn look<M: Till, H: CryptoHands>(&mut self, world: &mut World<M, H>, desk: &mut Desk) {
        let now = world.now();
        if self.alone.is_some_and(|from| now >= from) {
            self.alone = None;
            world.part(&[FOUNDER]);
            self.united = Some(now.plus_ms(2 * APART_MS));
        }
        if self.united.is_some_and(|at| now >= at) {
            self.leave(world);
        }
        if !self.done && world.now() >= self.next && world.is_running(FOUNDER) {
            self.asked = desk.post(world, FOUNDER, Request::PutOut(self.device));
            self.next = world.now().plus_ms(PATIENCE_MS);
        }
    }

    /// The day is over: nobody is kept apart any more.
    pub fn leave<M: Till, H: CryptoHands>(&mut self, world: &mut World<M, H>) {
        if self.united.take().is_some() {
            world.unite(&[FOUNDER]);
        }
    }

    /// Hears whether it is done.
    pub fn hear<M: Till, H: CryptoHands>(&mut self, world: &mut World<M, H>, told: &Told<Notice>) {
        if let Notice::Reply(id, reply) = &told.notice
            && self.asked == Some(*id)
            && told.node == FOUNDER
            && *reply == Reply::Done
            && !self.done
        {
            world.note(format_args!("{} is put out", self.node));
            self.done = true;
        }
    }
}

/// Lets late sales count in fair weather, until none that was shown as paid is missing at the
/// founder's, at most as long as the day allows. One that nobody puts out by then is put out now.
pub(super) fn count_all<M: Till, H: CryptoHands>(
    day: &Day,
    world: &mut World<M, H>,
    desk: &mut Desk,
    staff: &Staff,
    leaving: &Leaving,
    oracle: &Oracle,
) -> Result<(), Stuck> {
    let sign_in = Request::SignIn {
        employee: staff.employee,
        pin: staff.pin.clone(),
    };
    desk.ask(world, FOUNDER, sign_in)?;
    let latest = world.now().plus_ms(day.settling_ms);
    loop {
        if desk.ask(world, FOUNDER, Request::PutOut(leaving.device))? == Reply::Done {
            world.note(format_args!("late sales of {} are let count", leaving.node));
        }
        world.run_for_ms(COUNT_EVERY_MS);
        let said = [testimony(world, desk, FOUNDER)?];
        let lost = |broken: &Broken| matches!(broken, Broken::Lost { .. });
        if !oracle.check(&said).iter().any(lost) || world.now() >= latest {
            return Ok(());
        }
    }
}
