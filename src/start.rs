//! The start: where `device` and `browser` are joined, after everything that stands before it.

use std::cell::RefCell;
use std::collections::VecDeque;
use std::rc::Rc;

use browser::environment::{Requirement, device_name, missing};
use browser::hands::BrowserHands;
use browser::locks::{Acquired, Leave, Writer};
use browser::runner::Runner;
use browser::store::IndexedDb;
use browser::store::schema::database_name;
use device::api::Command;
use device::{Device as Machine, Setup};
use leptos::prelude::*;
use leptos::task::spawn_local;

use crate::app::Start;
use crate::connection::Device;

/// What runs the device in this tab, while this tab is the one that writes.
#[derive(Clone, Default)]
pub struct Engine(Rc<RefCell<Running>>);

#[derive(Default)]
struct Running {
    runner: Option<Runner<Machine>>,
    writer: Option<Writer>,
    store: Option<IndexedDb>,
    /// Commands that came before the machine was there.
    early: VecDeque<Command>,
}

impl Engine {
    /// Hands a command to the machine, now or as soon as it runs.
    pub fn command(&self, command: Command) {
        let runner = self.0.borrow().runner.clone();
        match runner {
            // A stopped runner belongs to a tab that was told so already.
            Some(runner) => drop(runner.command(command)),
            None => self.0.borrow_mut().early.push_back(command),
        }
    }

    /// Opens the device in this tab, unless something stands in the way.
    pub fn open(&self, device: Device, start: RwSignal<Start>) {
        let engine = self.clone();
        spawn_local(async move {
            let outcome = engine.try_open(device, start, false).await;
            start.set(outcome);
        });
    }

    /// Opens the device in this tab, and takes it over from another tab if need be.
    pub fn take_over(&self, device: Device, start: RwSignal<Start>) {
        let engine = self.clone();
        spawn_local(async move {
            let outcome = engine.try_open(device, start, true).await;
            start.set(outcome);
        });
    }

    async fn try_open(&self, device: Device, start: RwSignal<Start>, over: bool) -> Start {
        let lacking = missing().await;
        if lacking.contains(&Requirement::SecureContext) {
            return Start::Insecure;
        }
        if !lacking.is_empty() {
            return Start::BrowserTooOld;
        }
        let name = device_name();
        let lock = name.clone().unwrap_or_default();
        let engine = self.clone();
        let leave = move |why| engine.leave(why, start);
        let writer = if over {
            Writer::take_over(&lock, leave).await.map(Acquired::Held)
        } else {
            Writer::acquire(&lock, leave).await
        };
        let writer = match writer {
            Ok(Acquired::Held(writer)) => writer,
            Ok(Acquired::Busy) => return Start::OtherTab,
            Err(_) => return Start::BrowserTooOld,
        };
        let store = match IndexedDb::open(&database_name(name.as_deref())).await {
            Ok(store) => store,
            Err(error) if error.name() == "QuotaExceededError" => return Start::DiskFull,
            Err(_) => return Start::Crashed,
        };
        let hands_store = store.clone();
        let runner = Runner::start(
            Machine::new(Setup::default()),
            move |inbox| BrowserHands::new(hands_store, inbox),
            move |notice| device.hear(notice),
        );
        let early = std::mem::take(&mut self.0.borrow_mut().early);
        for command in early {
            drop(runner.command(command));
        }
        let mut running = self.0.borrow_mut();
        running.runner = Some(runner);
        running.writer = Some(writer);
        running.store = Some(store);
        Start::Fit
    }

    /// Another tab writes from now on. What is in flight ends in a swap that fails, never in half
    /// a commit.
    fn leave(&self, _why: Leave, start: RwSignal<Start>) {
        let running = std::mem::take(&mut *self.0.borrow_mut());
        if let Some(runner) = &running.runner {
            runner.stop();
        }
        if let Some(store) = &running.store {
            store.close();
        }
        start.set(Start::OtherTab);
    }
}
