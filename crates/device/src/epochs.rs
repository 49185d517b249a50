//! Epochs: an owner's device begins another one when somebody reads the newest who was put out, or
//! when it is old, and gives members the secrets that they lack.
//!
//! Any owner's device may. So that not all of them do at once, the highest goes first and each
//! further one waits a little longer: when its turn comes there is nothing left to do.

use base::limits::{EPOCH_LIFETIME_MS, EPOCH_LOOK_MS, EPOCH_RETRY_MS, EPOCH_TURN_MS};
use base::{Answer, EpochName};
use identity::control::{Control, Scope};
use identity::role::DeviceRole;

use crate::Device;
use crate::outbox::Turn;
use crate::shop::Shop;
use crate::shop::intent::Intent;

mod beginning;
mod giving;

use beginning::Beginning;
use giving::Giving;

/// When to look after the epochs, and what is under way.
#[derive(Debug, Default)]
pub struct Epochs {
    /// By [`base::Now::mono_ms`].
    due_ms: Option<u64>,
    work: Option<Work>,
}

/// Secrets on their way into control.
#[derive(Debug)]
enum Work {
    Begin(Beginning),
    Give(Giving),
}

/// Which answer is waited for.
#[derive(Debug)]
pub enum Step {
    /// To the beginning of an epoch.
    Begin(beginning::Step),
    /// To giving secrets to members.
    Give(giving::Step),
}

/// What has come of an answer.
enum Progress {
    /// More answers are awaited.
    Waits,
    /// This is to be written.
    Write(Vec<Control>),
    /// Keys did not do what was asked.
    Failed,
}

impl Epochs {
    /// Looks at `at_ms`, or before where that is due already.
    pub fn look(&mut self, at_ms: u64) {
        self.due_ms = Some(self.due_ms.map_or(at_ms, |due| due.min(at_ms)));
    }
}

impl Device {
    /// Others are members now, or no more: looks after the epochs when it is our turn, at a start
    /// one turn later: others may have done so meanwhile.
    pub(crate) fn look_after_epochs(&mut self, now_ms: u64) {
        if let Some(turns) = self.shop.as_ref().and_then(owners_before) {
            let turns = turns + u64::from(!self.ready);
            self.epochs.look(now_ms + turns * EPOCH_TURN_MS);
        }
    }

    /// When to look again, by [`base::Now::mono_ms`].
    pub(crate) fn epochs_due_ms(&self) -> Option<u64> {
        // What is on its way to the disk already is not begun once more.
        let idle = |shop: &Shop| shop.open && !shop.writes_control();
        // A newcomer that is still receiving the shop writes nothing in it.
        let joined = self.ready && !self.joining();
        let idle = joined && self.shop.as_ref().is_some_and(idle);
        let epochs = &self.epochs;
        epochs.due_ms.filter(|_| idle && epochs.work.is_none())
    }

    /// Begins an epoch, or gives the newest ones to whoever lacks them, when it is time.
    pub(crate) fn keep_epochs(&mut self, turn: &mut Turn<'_>) {
        let now_ms = turn.now.mono_ms;
        let due = self.epochs_due_ms().is_some_and(|due| due <= now_ms);
        let Some(shop) = self.shop.as_mut().filter(|_| due) else {
            return;
        };
        self.epochs.due_ms = None;
        shop.unlock(turn);
        let Some(turns) = owners_before(shop) else {
            return;
        };
        if !shop.keyring.settled() {
            return self.epochs.look(now_ms + EPOCH_RETRY_MS);
        }
        let left = time_left(shop, turns, turn.now.wall_ms);
        self.epochs.work = match left {
            Some(0) => Beginning::begin(shop, turn).map(Work::Begin),
            _ => Giving::begin(shop, turn).map(Work::Give),
        };
        let again = left.unwrap_or(EPOCH_LOOK_MS);
        self.epochs
            .look(now_ms + again.clamp(EPOCH_RETRY_MS, EPOCH_LOOK_MS));
    }

    /// Goes on with what is under way.
    pub(crate) fn epochs_answer(&mut self, step: Step, answer: Answer, turn: &mut Turn<'_>) {
        let (Some(shop), Some(work)) = (&mut self.shop, &mut self.epochs.work) else {
            return;
        };
        let progress = match (work, step) {
            (Work::Begin(beginning), Step::Begin(step)) => {
                beginning.answer(shop, step, answer, turn)
            }
            (Work::Give(giving), Step::Give(step)) => giving.answer(step, answer),
            // Of something that was given up.
            _ => Progress::Waits,
        };
        let control = match progress {
            Progress::Waits => return,
            Progress::Failed => Vec::new(),
            Progress::Write(control) => control,
        };
        if let Some(Work::Begin(beginning)) = self.epochs.work.take() {
            beginning.forget(turn);
        }
        for control in control {
            // Where too much waits to be written already it is tried again later.
            let _ = shop.want(None, None, Intent::Control(control));
        }
        self.epochs.look(turn.now.mono_ms + EPOCH_RETRY_MS);
    }
}

/// How many owners' devices come before this one; `None` when it is none itself.
fn owners_before(shop: &Shop) -> Option<u64> {
    let own = shop.own().filter(|own| own.role == DeviceRole::Owner)?;
    let own = (own.rank, shop.me);
    let living = shop
        .membership
        .members()
        .filter(|(_, it)| it.cuts.is_none());
    let owners = living.filter(|(_, it)| it.role == DeviceRole::Owner);
    let before = owners.filter(|(device, it)| (it.rank, *device) < own);
    Some(before.count() as u64)
}

/// How long the epoch that we would write in stays the right one for an owner's device with so many
/// before it, milliseconds: not at all where somebody reads it who is no living member. `None` where
/// we hold none: it is not for us to say.
///
/// One that we do not hold does not count: nobody might. One that began in the future, by a wrong
/// clock, is as good as new.
fn time_left(shop: &Shop, turns: u64, wall_ms: u64) -> Option<u64> {
    let held = |name: EpochName| shop.keyring.secret(name, Scope::Shop).is_some();
    let Some(clean) = shop.membership.clean_epoch(held) else {
        return shop.membership.writing_epoch(held).map(|_| 0);
    };
    let epoch = shop.membership.epochs().get(&clean)?;
    let age = wall_ms.saturating_sub(epoch.began_ms);
    let lifetime = EPOCH_LIFETIME_MS + turns * EPOCH_TURN_MS;
    Some(lifetime.saturating_sub(age))
}
