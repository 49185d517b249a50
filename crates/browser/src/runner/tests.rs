//! The loop, with a machine and hands that only record.

use std::collections::VecDeque;

use base::effect::{Durability, Transaction};
use base::frame::{FRAME_VERSION, Frame, NO_SHOP};
use base::{Now, Random};
use futures_channel::mpsc;
use futures_util::{FutureExt, StreamExt};
use js_sys::Promise;
use wasm_bindgen::JsValue;
use wasm_bindgen::prelude::Closure;
use wasm_bindgen_test::wasm_bindgen_test;

use super::*;

/// Notices every input by name; a command asks for a store, a deadline or work of some length.
#[derive(Default)]
struct Recorder {
    outputs: VecDeque<Output<String>>,
    deadline: Option<u64>,
    stores: u64,
    /// How long it takes to handle what the disk answers.
    answers_take_ms: f64,
    /// Whether a sale waits for the disk to answer for the one before it.
    sale_waits: bool,
}

enum Order {
    Store,
    Seal,
    WakeIn(u64),
}

impl Machine for Recorder {
    type Command = Order;
    type Notice = String;

    fn handle(&mut self, now: Now, _: &mut dyn Random, input: Input<Order>) {
        let said = match input {
            Input::Command(Order::Store) => {
                let (durability, changes) = (Durability::Strict, Vec::new());
                let effect = Effect::Store(Transaction {
                    durability,
                    changes,
                });
                let id = EffectId(7 + self.stores);
                self.stores += 1;
                self.outputs.push_back(Output::Effect(id, effect));
                "command".to_owned()
            }
            Input::Command(Order::Seal) => {
                let effect = Effect::Seal(Vec::new());
                self.outputs.push_back(Output::Effect(EffectId(6), effect));
                "sale".to_owned()
            }
            Input::Command(Order::WakeIn(ms)) => {
                self.deadline = Some(now.mono_ms + ms);
                "wake".to_owned()
            }
            Input::Answer(id, Answer::Opened(_)) => {
                take_ms(3.0);
                format!("opened {}", id.0)
            }
            Input::Answer(id, _) => {
                take_ms(self.answers_take_ms);
                if std::mem::take(&mut self.sale_waits) {
                    let effect = Effect::Seal(Vec::new());
                    self.outputs.push_back(Output::Effect(EffectId(6), effect));
                }
                format!("answer {}", id.0)
            }
            Input::Link(_, LinkEvent::Frame(bytes)) => {
                take_ms(3.0);
                format!("frame {}", bytes[1])
            }
            Input::Link(..) => "link".to_owned(),
            Input::Signal(_) => "signal".to_owned(),
            Input::Timeout => {
                assert!(self.deadline.take().is_some_and(|at| at <= now.mono_ms));
                "timeout".to_owned()
            }
        };
        self.outputs.push_back(Output::Notice(said));
    }

    fn poll(&mut self) -> Option<Output<String>> {
        self.outputs.pop_front()
    }

    fn deadline(&self) -> Option<u64> {
        self.deadline
    }
}

/// As slow as a real fold: a few of these fill a slice.
fn take_ms(milliseconds: f64) {
    let until = clock::mono_ms() + milliseconds;
    while clock::mono_ms() < until {}
}

struct Echo(Inbox);

impl Hands for Echo {
    fn perform(&self, id: EffectId, _: Effect) {
        // Within the call, as the worst hands would.
        (self.0)(Report::Answer(id, Answer::Stored(Ok(()))));
    }

    fn stop(&self) {}
}

/// Takes as long as a disk.
struct Disk(Inbox);

impl Hands for Disk {
    fn perform(&self, id: EffectId, _: Effect) {
        let inbox = Rc::clone(&self.0);
        let written = move || inbox(Report::Answer(id, Answer::Stored(Ok(()))));
        Timeout::new(30, written).forget();
    }

    fn stop(&self) {}
}

struct Watched {
    runner: Runner<Recorder>,
    inbox: Inbox,
    notices: mpsc::UnboundedReceiver<String>,
}

fn watched() -> Watched {
    watched_with(Recorder::default(), Echo)
}

fn watched_with<H: Hands + 'static>(machine: Recorder, hands: impl FnOnce(Inbox) -> H) -> Watched {
    let (sender, notices) = mpsc::unbounded();
    let mut inbox = None;
    let hands = |to: Inbox| {
        inbox = Some(Rc::clone(&to));
        hands(to)
    };
    let runner = Runner::start(machine, hands, move |notice| {
        let _ = sender.unbounded_send(notice);
    });
    let inbox = inbox.unwrap();
    Watched {
        runner,
        inbox,
        notices,
    }
}

fn frame(channel: Channel) -> Report {
    let payload = vec![FRAME_VERSION];
    let (shop, message, offset, total) = (NO_SHOP, 0, 0, 1);
    let frame = Frame {
        channel,
        shop,
        message,
        offset,
        total,
        payload,
    };
    Report::Link(LinkId(1), LinkEvent::Frame(frame.to_bytes()))
}

#[wasm_bindgen_test]
async fn a_command_is_handled_performed_and_answered() {
    let watched = watched();
    assert!(watched.runner.command(Order::Store).is_ok());
    let said: Vec<_> = watched.notices.take(2).collect().await;
    assert_eq!(said, ["command", "answer 7"]);
}

#[wasm_bindgen_test]
async fn live_frames_and_commands_go_before_history() {
    let watched = watched();
    for _ in 0..6 {
        (watched.inbox)(frame(Channel::Bulk));
    }
    (watched.inbox)(frame(Channel::Live));
    let runner = watched.runner.clone();
    // A tap that falls into the middle of the history.
    gloo::timers::callback::Timeout::new(1, move || {
        assert!(runner.command(Order::Store).is_ok());
    })
    .forget();
    let said: Vec<_> = watched.notices.take(9).collect().await;
    assert_eq!(said[0], "frame 1", "{said:?}");
    let command = said.iter().position(|s| s == "command").unwrap();
    assert!(
        command < 7,
        "the tap must not wait for all history: {said:?}"
    );
    assert_eq!(said.iter().filter(|s| *s == "frame 2").count(), 6);
}

#[wasm_bindgen_test]
async fn whoever_was_answered_goes_on_before_history() {
    let said = Rc::new(RefCell::new(Vec::new()));
    let (heard, by_script) = (Rc::clone(&said), Rc::clone(&said));
    let goes_on: Closure<dyn FnMut(JsValue)> =
        Closure::new(move |_| by_script.borrow_mut().push("script".to_owned()));
    let mut inbox = None;
    let hands = |to: Inbox| {
        inbox = Some(Rc::clone(&to));
        Echo(to)
    };
    let runner = Runner::start(Recorder::default(), hands, move |notice: String| {
        if notice.starts_with("answer") {
            let _ = Promise::resolve(&JsValue::NULL).then(&goes_on);
        }
        heard.borrow_mut().push(notice);
    });
    // All in one task, so that the loop is asked to work three times in a row.
    inbox.unwrap()(frame(Channel::Bulk));
    for _ in 0..2 {
        assert!(runner.command(Order::Store).is_ok());
    }
    while said.borrow().len() < 7 {
        turn::give().await;
    }
    let answers = ["command", "command", "answer 7", "answer 8"];
    assert_eq!(said.borrow()[..4], answers);
    assert_eq!(said.borrow()[4..], ["script", "script", "frame 2"]);
}

#[wasm_bindgen_test]
async fn history_waits_while_something_strict_is_on_its_way_to_the_disk() {
    let watched = watched_with(Recorder::default(), Disk);
    assert!(watched.runner.command(Order::Store).is_ok());
    turn::give().await;
    (watched.inbox)(frame(Channel::Bulk));
    (watched.inbox)(opened(1, 7_000));
    (watched.inbox)(frame(Channel::Live));
    let said: Vec<_> = watched.notices.take(5).collect().await;
    assert_eq!(
        said,
        ["command", "frame 1", "answer 7", "opened 1", "frame 2"]
    );
}

#[wasm_bindgen_test]
async fn a_script_that_sells_without_a_pause_does_not_hold_history_up_for_ever() {
    let mut watched = watched_with(Recorder::default(), Disk);
    for _ in 0..3 {
        (watched.inbox)(frame(Channel::Bulk));
    }
    let mut said = Vec::new();
    // Each is on its way for 30 ms, and the next one is asked for at once.
    while said.iter().filter(|said| *said == "frame 2").count() < 3 {
        assert!(said.len() < 100, "history came to nothing: {said:?}");
        assert!(watched.runner.command(Order::Store).is_ok());
        for _ in 0..2 {
            said.extend(watched.notices.next().await);
        }
    }
}

fn opened(id: u64, bytes: usize) -> Report {
    Report::Answer(EffectId(id), Answer::Opened(vec![Some(vec![0; bytes])]))
}

#[wasm_bindgen_test]
async fn blocks_that_were_opened_share_slices_and_let_few_sales_go_first() {
    let watched = watched();
    // Each answer comes by itself, all within one task of the browser's.
    for id in 0..20 {
        (watched.inbox)(opened(id, 7_000));
    }
    let inbox = Rc::clone(&watched.inbox);
    let sold = move || inbox(opened(100, 300));
    Timeout::new(1, sold).forget();
    let mut said: Vec<_> = watched.notices.take(21).collect().await;
    let place = said.iter().position(|s| s == "opened 100").unwrap();
    assert!(place <= 4, "{place} blocks were before it");
    said.remove(place);
    let in_order: Vec<_> = (0..20).map(|id| format!("opened {id}")).collect();
    assert_eq!(said, in_order);
}

#[wasm_bindgen_test]
async fn what_a_slice_brings_back_in_the_same_task_is_part_of_it() {
    let mut watched = watched();
    let given = Rc::new(Cell::new(false));
    let turn = Rc::clone(&given);
    spawn_local(async move {
        turn::give().await;
        turn.set(true);
    });
    let mut said = 0;
    for id in 0..10 {
        (watched.inbox)(opened(id, 7_000));
        // The loop works in the next round of this task; then something else takes a while.
        turn::round().await;
        take_ms(3.0);
        while watched.notices.next().now_or_never().is_some() {
            said += 1;
        }
    }
    assert!(!given.get(), "it was all in one task");
    assert!((1..=3).contains(&said), "{said} of 10 in one task");
    let rest: Vec<_> = watched.notices.take(10 - said).collect().await;
    assert_eq!(rest.last().unwrap(), "opened 9");
}

#[wasm_bindgen_test]
async fn history_goes_on_behind_an_answer_that_took_a_whole_slice() {
    let machine = Recorder {
        answers_take_ms: SLICE_MS + 1.0,
        ..Recorder::default()
    };
    let watched = watched_with(machine, Disk);
    assert!(watched.runner.command(Order::Store).is_ok());
    turn::give().await;
    (watched.inbox)(frame(Channel::Bulk));
    let said: Vec<_> = watched.notices.take(3).collect().await;
    assert_eq!(said, ["command", "answer 7", "frame 2"]);
}

/// Gives how long 24 frames of history take behind an order, in milliseconds.
async fn history_behind(order: Order) -> f64 {
    let watched = watched();
    let mut notices = watched.notices;
    let answers = usize::from(!matches!(order, Order::WakeIn(_)));
    assert!(watched.runner.command(order).is_ok());
    assert_eq!(
        notices.by_ref().take(1 + answers).count().await,
        1 + answers
    );
    let begin = clock::mono_ms();
    for _ in 0..24 {
        (watched.inbox)(frame(Channel::Bulk));
    }
    assert_eq!(notices.take(24).count().await, 24);
    clock::mono_ms() - begin
}

/// While somebody sells, or scans what is written down.
#[wasm_bindgen_test]
async fn history_takes_its_time_while_somebody_is_at_work() {
    let idle_ms = history_behind(Order::WakeIn(100_000)).await;
    for order in [Order::Seal, Order::Store] {
        let took_ms = history_behind(order).await;
        // 24 frames are eight slices of 9 ms; behind the last there is nothing to rest for.
        let rests_ms = 7.0 * 3.0 * 9.0;
        assert!(took_ms >= rests_ms, "{took_ms} ms");
        assert!(idle_ms < took_ms, "{idle_ms} ms when nobody is at work");
    }
}

/// Whoever pays faster than the disk writes has the next sale sealed when the disk answers.
#[wasm_bindgen_test]
async fn somebody_is_at_work_while_sales_that_waited_are_sealed() {
    let machine = Recorder {
        sale_waits: true,
        ..Recorder::default()
    };
    let watched = watched_with(machine, Disk);
    assert!(watched.runner.command(Order::Store).is_ok());
    let mut notices = watched.notices;
    assert_eq!(notices.next().await.as_deref(), Some("command"));
    let since_command = watched.runner.0.at_work_until.get();
    assert_eq!(notices.next().await.as_deref(), Some("answer 7"));
    turn::give().await;
    assert!(watched.runner.0.at_work_until.get() > since_command);
}

#[wasm_bindgen_test]
async fn a_link_goes_down_after_what_it_brought() {
    let watched = watched();
    (watched.inbox)(frame(Channel::Bulk));
    (watched.inbox)(frame(Channel::Bulk));
    let reason = "gone".to_owned();
    (watched.inbox)(Report::Link(LinkId(1), LinkEvent::Down { reason }));
    let said: Vec<_> = watched.notices.take(3).collect().await;
    assert_eq!(said, ["frame 2", "frame 2", "link"]);
}

#[wasm_bindgen_test]
async fn the_deadline_is_kept() {
    let watched = watched();
    assert!(watched.runner.command(Order::WakeIn(20)).is_ok());
    let said: Vec<_> = watched.notices.take(2).collect().await;
    assert_eq!(said, ["wake", "timeout"]);
}

/// Orders to be woken, each behind what the last one led to; gives what is said until the first time.
async fn wake_in_turns(orders: [u64; 2]) -> Vec<String> {
    let mut watched = watched();
    let mut said = Vec::new();
    for ms in orders {
        assert!(watched.runner.command(Order::WakeIn(ms)).is_ok());
        said.extend(watched.notices.next().await);
        turn::give().await;
    }
    said.extend(watched.notices.next().await);
    said
}

#[wasm_bindgen_test]
async fn a_deadline_that_is_put_off_is_kept_when_it_comes_and_not_before() {
    let began_ms = clock::mono_ms();
    assert_eq!(wake_in_turns([40, 90]).await, ["wake", "wake", "timeout"]);
    // The recorder looks whether the deadline that it has then has passed, too.
    assert!(clock::mono_ms() - began_ms >= 89.0);
}

#[wasm_bindgen_test]
async fn a_deadline_that_comes_nearer_is_kept() {
    assert_eq!(
        wake_in_turns([1_000_000, 20]).await,
        ["wake", "wake", "timeout"]
    );
}

#[wasm_bindgen_test]
async fn a_deadline_that_has_passed_is_told_behind_what_is_under_way() {
    let watched = watched();
    assert!(watched.runner.command(Order::WakeIn(0)).is_ok());
    assert!(watched.runner.command(Order::Store).is_ok());
    let said: Vec<_> = watched.notices.take(4).collect().await;
    assert_eq!(said, ["wake", "command", "answer 7", "timeout"]);
}

#[wasm_bindgen_test]
async fn the_queue_of_commands_is_bounded_and_a_stopped_runner_takes_none() {
    let watched = watched();
    for _ in 0..COMMANDS_WAITING_MAX {
        assert!(watched.runner.command(Order::WakeIn(100_000)).is_ok());
    }
    assert!(watched.runner.command(Order::Store).is_err());
    let said: Vec<_> = watched.notices.take(COMMANDS_WAITING_MAX).collect().await;
    assert!(said.iter().all(|s| s == "wake"));
    assert!(watched.runner.command(Order::Store).is_ok());
    watched.runner.stop();
    assert!(watched.runner.command(Order::Store).is_err());
}
