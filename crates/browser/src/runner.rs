//! The one loop that runs a machine in a page.
//!
//! Inputs wait in three queues: urgent ones (commands, most answers, live and control frames) go
//! before history that was opened, and that before frames of history. They are handled for at most
//! [`SLICE_MS`] before the browser gets a turn: a sale must never queue behind a long task. While
//! a signature or something strict is on its way, which somebody may wait for, history waits; and
//! while somebody is at work it rests much longer than it works, for the browser, the disk and
//! whoever sends it are as busy with it as we are.

use std::cell::{Cell, RefCell};
use std::collections::{BTreeSet, VecDeque};
use std::future::ready;
use std::rc::{Rc, Weak};

use base::effect::{Durability, Transaction};
use base::limits::COMMANDS_WAITING_MAX;
use base::machine::{Channel, SignalEvent};
use base::{Answer, Effect, EffectId, Input, LinkEvent, LinkId, Machine, Output};
use gloo::timers::callback::Timeout;
use gloo::timers::future::TimeoutFuture;
use wasm_bindgen_futures::spawn_local;

use crate::{clock, random::BrowserRandom, turn};

/// How long the loop works before it gives the browser a turn, in milliseconds.
pub const SLICE_MS: f64 = 8.0;

/// So long history waits for what is strict, then a slice of it is due as soon as the loop works: a
/// script that sells without a pause would hold it up for ever.
const HISTORY_WAITS_MS: f64 = 100.0;

/// Somebody is at work until so long after what was last scanned or sold: whoever has a queue is
/// faster.
const AT_WORK_MS: f64 = 3_000.0;

/// While somebody is at work, the rest behind a slice of history is so many times as long as that
/// took, which may be much more than [`SLICE_MS`] where others need the processor, too.
const RESTS_AT_WORK: f64 = 3.0;

/// The longest of these rests.
const REST_MS_MAX: f64 = 100.0;

/// More than the few sales hold that a till sells in a moment, packed as they are; a block of 256
/// has some 7,000.
const OPENED_SOON_BYTES_MAX: usize = 1024;

/// The longest wait that a browser's timer takes without wrapping, with room to spare.
const TIMER_MS_MAX: u64 = 24 * 3600 * 1000;

/// What the hands report.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Report {
    /// An effect is done, or failed.
    Answer(EffectId, Answer),
    /// A live connection has news.
    Link(LinkId, LinkEvent),
    /// The meeting place has news.
    Signal(SignalEvent),
}

/// Where the hands put their reports. They may call it at any time, also while performing. With an
/// answer the machine may go on, and ask the hands for more, before the call returns: who gives
/// one holds nothing borrowed.
pub type Inbox = Rc<dyn Fn(Report)>;

/// Whatever performs effects: the browser, or a test.
pub trait Hands {
    /// Begins one effect. Must not block; the outcome is reported to the inbox that the hands
    /// were made with.
    fn perform(&self, id: EffectId, effect: Effect);

    /// Stops everything that goes on by itself: connections, reconnecting.
    fn stop(&self);
}

/// A machine at work. Clones are handles to the same one.
pub struct Runner<M: Machine>(Rc<Work<M>>);

impl<M: Machine> Clone for Runner<M> {
    fn clone(&self) -> Self {
        Self(Rc::clone(&self.0))
    }
}

struct Work<M: Machine> {
    machine: RefCell<M>,
    hands: Box<dyn Hands>,
    on_notice: RefCell<Box<dyn FnMut(M::Notice)>>,
    urgent: RefCell<VecDeque<Input<M::Command>>>,
    opened: RefCell<VecDeque<Input<M::Command>>>,
    bulk: RefCell<VecDeque<Input<M::Command>>>,
    commands_waiting: Cell<usize>,
    working: Cell<bool>,
    turn_given: Cell<bool>,
    /// Whether history will be worked on behind those who were answered.
    going_on: Cell<bool>,
    /// Signatures and strict transactions on their way.
    awaited: RefCell<BTreeSet<EffectId>>,
    /// When history began to wait.
    history_since: Cell<f64>,
    /// When history was first worked on in this task of the browser's.
    slice_since: Cell<Option<f64>>,
    /// Until when somebody is at work.
    at_work_until: Cell<f64>,
    stopped: Cell<bool>,
    /// Whether a deadline that has passed will be told soon.
    due: Cell<bool>,
    timer: RefCell<Option<(u64, Timeout)>>,
    itself: Weak<Self>,
}

impl<M: Machine + 'static> Runner<M> {
    /// Sets a machine to work.
    ///
    /// `hands` makes the hands around the inbox that they report to. `on_notice` is called once
    /// for each notice, in order, never while a command is being given.
    pub fn start<H: Hands + 'static>(
        machine: M,
        hands: impl FnOnce(Inbox) -> H,
        on_notice: impl FnMut(M::Notice) + 'static,
    ) -> Self {
        let work = Rc::new_cyclic(|itself: &Weak<Work<M>>| {
            let inbox = Weak::clone(itself);
            let hands = hands(Rc::new(move |report| {
                if let Some(work) = inbox.upgrade() {
                    work.take(report);
                }
            }));
            Work {
                machine: RefCell::new(machine),
                hands: Box::new(hands),
                on_notice: RefCell::new(Box::new(on_notice)),
                urgent: RefCell::default(),
                opened: RefCell::default(),
                bulk: RefCell::default(),
                commands_waiting: Cell::default(),
                working: Cell::default(),
                turn_given: Cell::default(),
                going_on: Cell::default(),
                awaited: RefCell::default(),
                history_since: Cell::default(),
                slice_since: Cell::default(),
                at_work_until: Cell::default(),
                stopped: Cell::default(),
                due: Cell::default(),
                timer: RefCell::default(),
                itself: Weak::clone(itself),
            }
        });
        // A machine may have things to do from birth.
        work.work_soon();
        Self(work)
    }

    /// Gives a command. It is handled soon, in order, before any history.
    ///
    /// # Errors
    /// Gives the command back when [`COMMANDS_WAITING_MAX`] wait already, or after
    /// [`Runner::stop`].
    pub fn command(&self, command: M::Command) -> Result<(), M::Command> {
        let waiting = self.0.commands_waiting.get();
        if self.0.stopped.get() || waiting >= COMMANDS_WAITING_MAX {
            return Err(command);
        }
        self.0.commands_waiting.set(waiting + 1);
        self.0
            .urgent
            .borrow_mut()
            .push_back(Input::Command(command));
        self.0.work_soon();
        Ok(())
    }

    /// Stops for good: closes connections, drops what waits. What the store is doing it finishes.
    pub fn stop(&self) {
        self.0.stopped.set(true);
        self.0.urgent.borrow_mut().clear();
        self.0.opened.borrow_mut().clear();
        self.0.bulk.borrow_mut().clear();
        self.0.timer.replace(None);
        self.0.hands.stop();
    }
}

impl<M: Machine + 'static> Work<M> {
    fn take(&self, report: Report) {
        if self.stopped.get() {
            return;
        }
        let had_history = self.has_history();
        let queue = if is_opened_history(&report) {
            &self.opened
        } else if is_history(&report) || self.ends_history(&report) {
            &self.bulk
        } else {
            &self.urgent
        };
        let answer = matches!(report, Report::Answer(..));
        let input = match report {
            Report::Answer(id, answer) => {
                self.awaited.borrow_mut().remove(&id);
                Input::Answer(id, answer)
            }
            Report::Link(link, event) => Input::Link(link, event),
            Report::Signal(event) => Input::Signal(event),
        };
        queue.borrow_mut().push_back(input);
        let has_history = self.has_history();
        if has_history && !had_history {
            self.history_since.set(clock::mono_ms());
        }
        if answer && !has_history {
            self.work();
        } else {
            // Links and the meeting place report out of the middle of calls of theirs; and the
            // store begins what waits for it before history is worked on.
            self.work_soon();
        }
    }

    /// Whether a link went down while frames of it, or what others may have been opened from, still
    /// wait: they came first, so they are told first.
    fn ends_history(&self, report: &Report) -> bool {
        let Report::Link(down, LinkEvent::Down { .. }) = report else {
            return false;
        };
        let bulk = self.bulk.borrow();
        !self.opened.borrow().is_empty()
            || bulk
                .iter()
                .any(|input| matches!(input, Input::Link(link, _) if link == down))
    }

    /// Works as soon as whoever calls us is done.
    fn work_soon(&self) {
        self.work_after(ready(()));
    }

    fn work_after(&self, wait: impl Future<Output = ()> + 'static) {
        let itself = Weak::clone(&self.itself);
        spawn_local(async move {
            wait.await;
            if let Some(work) = itself.upgrade() {
                work.work();
            }
        });
    }

    fn work(&self) {
        if self.working.replace(true) {
            return;
        }
        self.drain_outputs();
        let begin = clock::mono_ms();
        let mut worked_until = begin;
        let mut was_urgent = false;
        loop {
            let input = match self.next_urgent() {
                Some(input) => {
                    was_urgent = true;
                    input
                }
                // Whoever was answered goes on first.
                None if was_urgent => {
                    self.go_on_behind_answers();
                    break;
                }
                None => match self.next_of_history(worked_until) {
                    Some(input) => input,
                    None => break,
                },
            };
            let now = clock::now_at(worked_until);
            let is_command = matches!(input, Input::Command(_));
            self.machine
                .borrow_mut()
                .handle(now, &mut BrowserRandom::default(), input);
            let asked = self.drain_outputs();
            worked_until = clock::mono_ms();
            if is_of_work(is_command, asked, worked_until < self.at_work_until.get()) {
                self.at_work_until.set(worked_until + AT_WORK_MS);
            }
            let since = self.slice_since.get();
            if since.is_some_and(|since| worked_until >= since + SLICE_MS) {
                self.give_turn();
            }
            if worked_until >= begin + SLICE_MS {
                if !self.urgent.borrow().is_empty() {
                    self.work_after(turn::give());
                } else if was_urgent {
                    self.go_on_behind_answers();
                }
                break;
            }
        }
        self.working.set(false);
        self.set_timer(worked_until as u64);
    }

    fn next_urgent(&self) -> Option<Input<M::Command>> {
        let input = self.urgent.borrow_mut().pop_front()?;
        if matches!(input, Input::Command(_)) {
            self.commands_waiting
                .set(self.commands_waiting.get().saturating_sub(1));
        }
        Some(input)
    }

    /// Nothing while the browser or whoever was answered has a turn, or something is awaited.
    fn next_of_history(&self, now_ms: f64) -> Option<Input<M::Command>> {
        if self.turn_given.get() || self.going_on.get() {
            return None;
        }
        if self.awaited.borrow().is_empty() {
            self.history_since.set(now_ms);
        } else if now_ms < self.history_since.get() + HISTORY_WAITS_MS {
            return None;
        }
        let opened = self.opened.borrow_mut().pop_front();
        let input = opened.or_else(|| self.bulk.borrow_mut().pop_front())?;
        self.begin_slice(now_ms);
        Some(input)
    }

    /// The slice lasts as long as this task of the browser's: much of what history brings is
    /// verified and opened within it, and comes back before it ends.
    fn begin_slice(&self, now_ms: f64) {
        if self.slice_since.get().is_some() {
            return;
        }
        self.slice_since.set(Some(now_ms));
        let itself = Weak::clone(&self.itself);
        spawn_local(async move {
            turn::give().await;
            if let Some(work) = itself.upgrade() {
                work.slice_since.set(None);
            }
        });
    }

    fn has_history(&self) -> bool {
        !self.opened.borrow().is_empty() || !self.bulk.borrow().is_empty()
    }

    /// Works on history in a task of its own.
    fn go_on_behind_answers(&self) {
        if !self.has_history() || self.going_on.replace(true) {
            return;
        }
        let itself = Weak::clone(&self.itself);
        spawn_local(async move {
            turn::give().await;
            if let Some(work) = itself.upgrade() {
                work.going_on.set(false);
                work.work();
            }
        });
    }

    fn drain_outputs(&self) -> Asked {
        let mut asked = Asked::default();
        loop {
            let Some(output) = self.machine.borrow_mut().poll() else {
                return asked;
            };
            if self.stopped.get() {
                continue;
            }
            match output {
                Output::Effect(id, effect) => {
                    asked.to_seal |= matches!(effect, Effect::Seal(_));
                    asked.to_store |= matches!(effect, Effect::Store(_));
                    if is_awaited(&effect) {
                        self.awaited.borrow_mut().insert(id);
                    }
                    self.hands.perform(id, effect);
                }
                Output::Notice(notice) => (self.on_notice.borrow_mut())(notice),
            }
        }
    }

    fn give_turn(&self) {
        if self.turn_given.replace(true) {
            return;
        }
        let now_ms = clock::mono_ms();
        self.history_since.set(now_ms);
        let rest_ms = self.rest_ms(now_ms);
        let itself = Weak::clone(&self.itself);
        spawn_local(async move {
            if rest_ms > 0 {
                TimeoutFuture::new(rest_ms).await;
            }
            turn::rest().await;
            if let Some(work) = itself.upgrade() {
                work.turn_given.set(false);
                work.slice_since.set(None);
                work.work();
            }
        });
    }

    /// How long history rests behind a slice, besides the browser's turn. Nobody stands before a
    /// page that is hidden, where timers take a second.
    fn rest_ms(&self, now_ms: f64) -> u32 {
        let is_at_work = now_ms < self.at_work_until.get();
        let Some(since) = self.slice_since.get().filter(|_| is_at_work) else {
            return 0;
        };
        let is_seen = !gloo::utils::document().hidden();
        let rest_ms = RESTS_AT_WORK * (now_ms - since);
        u32::from(is_seen) * rest_ms.min(REST_MS_MAX) as u32
    }

    /// Sees to it that the machine hears of its deadline. A timer that is set for an earlier one
    /// stays: what it finds then sets the next. Each sale puts deadlines off, and to tell the
    /// browser so takes a moment that a cashier would wait for.
    fn set_timer(&self, now_ms: u64) {
        let deadline = self.machine.borrow().deadline();
        let Some(deadline) = deadline.filter(|_| !self.stopped.get()) else {
            return;
        };
        if deadline <= now_ms {
            return self.time_out_soon();
        }
        let mut timer = self.timer.borrow_mut();
        // One that is overdue may wait long in a page that nobody sees.
        let serves = |at: u64| now_ms < at && at <= deadline;
        if !timer.as_ref().is_some_and(|(at, _)| serves(*at)) {
            *timer = Some((deadline, self.timeout_at(deadline, now_ms)));
        }
    }

    /// Tells it behind whoever was answered just now. Where the browser can, not by a timer: in a
    /// tab that nobody sees those wait for up to a minute.
    fn time_out_soon(&self) {
        if self.due.replace(true) {
            return;
        }
        let itself = Weak::clone(&self.itself);
        spawn_local(async move {
            turn::round().await;
            turn::give().await;
            if let Some(work) = itself.upgrade() {
                work.due.set(false);
                if !work.stopped.get() {
                    work.urgent.borrow_mut().push_back(Input::Timeout);
                    work.work();
                }
            }
        });
    }

    /// Tells the machine that its deadline has passed, if it has: it may have been put off, and a
    /// very long wait is taken in steps.
    fn time_out(&self) {
        self.timer.replace(None);
        let now_ms = clock::mono_ms() as u64;
        let deadline = self.machine.borrow().deadline();
        if deadline.is_some_and(|at| at <= now_ms) {
            self.urgent.borrow_mut().push_back(Input::Timeout);
        }
        self.work();
    }

    fn timeout_at(&self, deadline: u64, now_ms: u64) -> Timeout {
        let wait = deadline.saturating_sub(now_ms).min(TIMER_MS_MAX);
        let itself = Weak::clone(&self.itself);
        Timeout::new(wait as u32, move || {
            if let Some(work) = itself.upgrade() {
                work.time_out();
            }
        })
    }
}

/// What the machine asked its hands for behind one input.
#[derive(Debug, Clone, Copy, Default)]
struct Asked {
    to_seal: bool,
    to_store: bool,
}

/// Whether an input is of somebody at work: a command that seals or writes is of one who sells, or
/// scans what will be paid soon; who looks on seldom asks for either. Who pays faster than the disk
/// writes has the next sale sealed when the one before it is answered.
fn is_of_work(is_command: bool, asked: Asked, is_at_work: bool) -> bool {
    is_command && asked.to_store || asked.to_seal && (is_command || is_at_work)
}

/// Whether somebody may wait for it: a sale is signed, then written.
fn is_awaited(effect: &Effect) -> bool {
    match effect {
        Effect::Sign(_) => true,
        Effect::Store(Transaction { durability, .. }) => *durability == Durability::Strict,
        _ => false,
    }
}

/// Whether it is a frame of the bulk channel: its number is the second byte of every frame.
fn is_history(report: &Report) -> bool {
    match report {
        Report::Link(_, LinkEvent::Frame(bytes)) => bytes.get(1) == Some(&Channel::Bulk.number()),
        _ => false,
    }
}

/// Whether it is much that was opened: to fold it takes as long as many sales.
fn is_opened_history(report: &Report) -> bool {
    match report {
        Report::Answer(_, Answer::Opened(plains)) => {
            let bytes: usize = plains.iter().flatten().map(Vec::len).sum();
            bytes > OPENED_SOON_BYTES_MAX
        }
        _ => false,
    }
}

#[cfg(all(test, target_arch = "wasm32"))]
mod tests;
