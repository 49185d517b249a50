//! The start: where `device` and `browser` are joined, after everything that stands before it.

use std::cell::RefCell;
use std::collections::VecDeque;
use std::rc::Rc;
use std::time::Duration;

use browser::environment::{Requirement, device_name, missing};
use browser::hands::BrowserHands;
use browser::locks::{Acquired, Leave, Writer};
use browser::runner::Runner;
use browser::store::IndexedDb;
use browser::store::schema::database_name;
use device::api::{Command, Notice, Refusal, Reply};
use device::{Device as Machine, Setup};
use futures_util::future::join;
use leptos::prelude::*;
use leptos::task::spawn_local;

use crate::app::Start;
use crate::connection::Device;
use crate::state::State;
use crate::text::trouble as text;

/// How long a tab may finish what it has begun before another one writes. Less than the other
/// one's patience, which ends in taking the lock away.
const FINISHING_MAX: Duration = Duration::from_millis(1_500);

/// How often a tab that finishes looks whether it has.
const LOOK: Duration = Duration::from_millis(10);

const _: () = assert!(FINISHING_MAX.as_millis() < browser::locks::PATIENCE_MS as u128);

/// What runs the device in this tab, while this tab is the one that writes.
#[derive(Clone, Default)]
pub struct Engine(Rc<RefCell<Running>>);

#[derive(Default)]
struct Running {
    runner: Option<(Runner<Machine>, Device)>,
    writer: Option<Writer>,
    store: Option<IndexedDb>,
    /// Commands that came before the machine was there.
    early: VecDeque<Command>,
    /// Who hears that this tab does not write, while another one does.
    resting: Option<Device>,
    /// Whether this tab is taking over: pressed twice, it would take over from itself.
    taking_over: bool,
}

impl Engine {
    /// Hands a command to the machine, now or as soon as it runs. A tab that rests refuses it: a
    /// sale must not be made later, when somebody takes over and thinks of something else.
    pub fn command(&self, command: Command) {
        let (runner, resting) = {
            let running = self.0.borrow();
            (running.runner.clone(), running.resting)
        };
        match (resting, runner) {
            (Some(device), _) => device.hear(refused(&command)),
            (None, Some((runner, device))) => give(&runner, device, command),
            (None, None) => self.0.borrow_mut().early.push_back(command),
        }
    }

    /// Opens the device in this tab, unless something stands in the way.
    pub fn open(&self, device: Device, start: RwSignal<Start>) {
        let engine = self.clone();
        spawn_local(async move {
            let outcome = engine.try_open(device, start, false).await;
            if outcome == Start::OtherTab {
                engine.rest(device);
            }
            start.set(outcome);
        });
    }

    /// Opens the device in this tab, and takes it over from another tab if need be.
    pub fn take_over(&self, state: State, start: RwSignal<Start>) {
        if std::mem::replace(&mut self.0.borrow_mut().taking_over, true) {
            return;
        }
        // First: a cart of before may have been sold elsewhere, and must not be drawn again.
        state.forget_standing();
        let engine = self.clone();
        spawn_local(async move {
            let outcome = engine.try_open(state.device, start, true).await;
            engine.0.borrow_mut().taking_over = false;
            start.set(outcome);
        });
    }

    async fn try_open(&self, device: Device, start: RwSignal<Start>, over: bool) -> Start {
        let name = device_name();
        let lock = name.clone().unwrap_or_default();
        let engine = self.clone();
        let leave = move |why| engine.leave(why, device, start);
        let writer = async {
            if over {
                Writer::take_over(&lock, leave).await.map(Acquired::Held)
            } else {
                Writer::acquire(&lock, leave).await
            }
        };
        // Side by side: a till that was just switched on has its first customer waiting. The
        // database waits for the lock: a newer release changes it as it opens it.
        let (lacking, writer) = join(missing(), writer).await;
        if lacking.contains(&Requirement::SecureContext) {
            return Start::Insecure;
        }
        if !lacking.is_empty() {
            return Start::BrowserTooOld;
        }
        let writer = match writer {
            Ok(Acquired::Held(writer)) => writer,
            Ok(Acquired::Busy) => return Start::OtherTab,
            Err(_) => return Start::StoreShut,
        };
        let store = match IndexedDb::open(&database_name(name.as_deref())).await {
            Ok(store) => store,
            Err(error) if error.is_full() => return Start::DiskFull,
            Err(_) => return Start::StoreShut,
        };
        let hands_store = store.clone();
        let runner = Runner::start(
            Machine::new(Setup::default()),
            move |inbox| BrowserHands::new(hands_store, inbox),
            move |notice| device.hear(notice),
        );
        self.0.borrow_mut().resting = None;
        let early = std::mem::take(&mut self.0.borrow_mut().early);
        for command in early {
            give(&runner, device, command);
        }
        let mut running = self.0.borrow_mut();
        running.runner = Some((runner, device));
        running.writer = Some(writer);
        running.store = Some(store);
        Start::Fit
    }

    /// Takes no more commands, and refuses those that wait for a machine.
    fn rest(&self, device: Device) {
        let early = {
            let mut running = self.0.borrow_mut();
            running.resting = Some(device);
            std::mem::take(&mut running.early)
        };
        for command in &early {
            device.hear(refused(command));
        }
    }

    /// Another tab writes from now on, or as soon as this one has finished what it began.
    fn leave(&self, why: Leave, device: Device, start: RwSignal<Start>) {
        self.rest(device);
        let patience = match why {
            Leave::Asked => FINISHING_MAX,
            Leave::Taken => Duration::ZERO,
        };
        // Not here: the lock, let go of, would take along the listener that calls this.
        let engine = self.clone();
        spawn_local(async move { engine.finish(patience, device, start) });
    }

    /// Waits until nobody waits for a reply any more, but not for ever, then lets go.
    fn finish(&self, patience: Duration, device: Device, start: RwSignal<Start>) {
        if device.is_awaited() && !patience.is_zero() {
            let engine = self.clone();
            let rest = patience.saturating_sub(LOOK);
            set_timeout(move || engine.finish(rest, device, start), LOOK);
            return;
        }
        self.stop();
        device.abandon();
        start.set(Start::OtherTab);
    }

    /// Lets go of everything. What is in flight ends in a swap that fails, never in half a commit.
    fn stop(&self) {
        let (runner, writer, store) = {
            let mut running = self.0.borrow_mut();
            (
                running.runner.take(),
                running.writer.take(),
                running.store.take(),
            )
        };
        if let Some((runner, _)) = runner {
            runner.stop();
        }
        if let Some(store) = store {
            store.close();
        }
        // Last: the next tab comes in with it.
        drop(writer);
    }
}

/// Gives a command to the machine, or says that it takes no more now.
fn give(runner: &Runner<Machine>, device: Device, command: Command) {
    if let Err(command) = runner.command(command) {
        let refusal = Refusal {
            code: "busy",
            message: text::BUSY.into(),
        };
        device.hear(Notice::Reply(command.id, Reply::Refused(refusal)));
    }
}

/// The reply of a tab that does not write.
fn refused(command: &Command) -> Notice {
    let refusal = Refusal {
        code: "other-tab",
        message: text::RESTING.into(),
    };
    Notice::Reply(command.id, Reply::Refused(refusal))
}
