//! Answering a card, step by step. It outlives the page: whoever looks at something else and comes
//! back finds the same check code, and the newcomer does not wait in vain.

use device::api::{Admission, PairingStep, Refusal, Reply, Request};
use leptos::prelude::*;
use leptos::task::spawn_local;

use crate::state::{State, refusal_of};
use crate::text::pairing as text;

/// Where this side stands.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Stage {
    /// The other card is awaited.
    Reading,
    /// The answer is being made.
    Making,
    /// The answer is on the screen.
    Showing(String),
    /// The link is open; both screens show the code.
    Checking {
        /// The code.
        code: String,
        /// What the other device calls itself.
        device_name: String,
        /// The terminal code that it would be given.
        terminal: String,
    },
    /// The other device is being let in.
    Adding,
    /// Done; the other device's name.
    Complete(String),
}

/// What this side does, and what came of it.
#[derive(Clone, Copy)]
pub struct Answering {
    state: State,
    /// Where it stands.
    pub stage: RwSignal<Stage>,
    /// Why it stopped, until it is tried again.
    pub refusal: RwSignal<Option<Refusal>>,
}

impl Answering {
    /// Waits for a card and follows the steps of pairing.
    pub fn following(state: State) -> Self {
        let answering = Self {
            state,
            stage: RwSignal::new(Stage::Reading),
            refusal: RwSignal::new(None),
        };
        Effect::new(move |_| {
            if let Some(step) = state.pairing.get() {
                answering.follow(step);
            }
        });
        answering
    }

    /// The one that the app provides.
    pub fn here() -> Self {
        expect_context::<Self>()
    }

    fn follow(self, step: PairingStep) {
        let under_way = !matches!(
            *self.stage.read_untracked(),
            Stage::Reading | Stage::Complete(_)
        );
        match step {
            PairingStep::Check {
                code,
                device_name,
                approver: true,
                suggested_terminal,
            } => self.stage.set(Stage::Checking {
                code,
                device_name,
                terminal: suggested_terminal.unwrap_or_default(),
            }),
            PairingStep::Complete { device_name, .. } if under_way => {
                self.stage.set(Stage::Complete(device_name));
            }
            PairingStep::Failed(why) if under_way => self.stop(why),
            // Steps of the side that shows its card first, or of one that was given up.
            PairingStep::Check { .. }
            | PairingStep::Receiving { .. }
            | PairingStep::Complete { .. }
            | PairingStep::Failed(_) => {}
        }
    }

    fn stop(self, why: Refusal) {
        self.refusal.set(Some(why));
        self.stage.set(Stage::Reading);
    }

    /// Takes the other device's card and makes the answer.
    pub fn answer(self, card: String) {
        self.refusal.set(None);
        self.stage.set(Stage::Making);
        spawn_local(async move {
            let request = Request::Answer {
                card,
                consent: None,
            };
            match self.state.device.ask(request).await {
                Reply::Card { text } => self.stage.set(Stage::Showing(text)),
                other => self.stop(refusal_of(other)),
            }
        });
    }

    /// "Codes match: add this till".
    pub fn approve(self, admission: Admission) {
        let checking = self.stage.get_untracked();
        self.refusal.set(None);
        self.stage.set(Stage::Adding);
        spawn_local(async move {
            let reply = self.state.device.ask(Request::Approve(admission)).await;
            if let Reply::Refused(why) = reply
                && *self.stage.read_untracked() == Stage::Adding
            {
                // The link is open still: a name or a code that was refused can be put right.
                self.refusal.set(Some(why));
                self.stage.set(checking);
            }
        });
    }

    /// Gives up, and waits for another card.
    pub fn cancel(self) {
        // First, so that the device's word that it was given up is no news.
        self.stage.set(Stage::Reading);
        self.refusal.set(None);
        spawn_local(async move {
            self.state.device.ask(Request::CancelPairing).await;
        });
    }

    /// Somebody has seen how it ended: the next one who comes begins anew.
    pub fn seen(self) {
        self.refusal.set(None);
        if matches!(*self.stage.read_untracked(), Stage::Complete(_)) {
            self.stage.set(Stage::Reading);
        }
    }

    /// Which of the three steps it is.
    pub fn step(self) -> usize {
        match self.stage.get() {
            Stage::Reading | Stage::Making => 0,
            Stage::Showing(_) => 1,
            Stage::Checking { .. } | Stage::Adding => 2,
            Stage::Complete(_) => text::ADD_STEPS.len(),
        }
    }
}
