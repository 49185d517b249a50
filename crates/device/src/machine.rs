//! The device as a [`Machine`]: inputs to whoever they concern, then whatever follows.

use base::{Input, Machine, Now, Output, Random};

use crate::Device;
use crate::api::{Command, Notice};
use crate::outbox::Turn;
use crate::shop::Shop;
use crate::shop::intake::Storing;

impl Machine for Device {
    type Command = Command;
    type Notice = Notice;

    fn handle(&mut self, now: Now, random: &mut dyn Random, input: Input<Command>) {
        // The outbox leaves the device for the turn, so that every room can be given both.
        let mut out = std::mem::take(&mut self.out);
        let mut turn = Turn {
            now,
            random,
            out: &mut out,
        };
        self.catch_up(&mut turn);
        match input {
            Input::Command(command) => self.command(command, &mut turn),
            Input::Answer(id, answer) => {
                if let Some(purpose) = turn.out.purpose(id) {
                    self.answer(purpose, answer, &mut turn);
                }
            }
            Input::Link(link, event) => self.link_event(link, event, &mut turn),
            Input::Signal(event) => self.signal(event, &mut turn),
            Input::Timeout => {}
        }
        self.follow_up(&mut turn);
        self.out = out;
    }

    fn poll(&mut self) -> Option<Output<Notice>> {
        self.out.take()
    }

    fn deadline(&self) -> Option<u64> {
        let links = self.links.deadline();
        let replica = self.replica.as_ref().and_then(|replica| replica.deadline());
        let meeting = self.meeting.deadline();
        let behind = self.shop.as_ref().is_some_and(Shop::is_behind).then_some(0);
        let packer = self.packer.deadline().filter(|_| self.may_pack());
        let recounter = self.recounter.deadline();
        let storing = self.shop.as_ref().map(|shop| &shop.intake.storing);
        let again = storing.and_then(Storing::deadline);
        let epochs = self.epochs_due_ms();
        let checkpoint = self.checkpoint_due_ms();
        let statements = self.statements.deadline();
        let due = [
            self.retry_ms,
            links,
            replica,
            meeting,
            behind,
            packer,
            recounter,
            again,
            epochs,
            checkpoint,
            statements,
        ];
        due.into_iter().flatten().min()
    }
}

impl Device {
    /// What follows from any input: commits, what the sync wants, what is due by the clock.
    fn follow_up(&mut self, turn: &mut Turn<'_>) {
        self.start_again(turn);
        self.expire_links(turn);
        self.meet(turn);
        if self.ready {
            self.ask_zone(turn);
            self.keep_epochs(turn);
        }
        if let Some(shop) = &mut self.shop
            && self.ready
        {
            for (link, request, refusal) in shop.pump(turn) {
                self.not_admitted(link, request, refusal, turn);
            }
        }
        self.recount(turn);
        self.pack(turn);
        self.put_together(turn);
        self.keep_checkpoint(turn);
        self.keep_statements(turn);
        self.store_again(turn);
        self.verify_intake(turn);
        self.sync(turn);
        self.tell_of_conflicts(turn);
        self.follow_staff(turn);
        for link in self.links.ids() {
            self.links.flush(link, turn);
        }
    }

    /// Folds what was sold, first of all: nothing that follows sees numbers without it.
    pub(crate) fn catch_up(&mut self, turn: &mut Turn<'_>) {
        if let Some(shop) = &mut self.shop {
            shop.catch_up(turn);
        }
    }

    /// Says when more is in conflict than before. What the disk gives back at the start is no news.
    fn tell_of_conflicts(&mut self, turn: &mut Turn<'_>) {
        let shop = self.shop.as_ref();
        let conflicts = shop.map_or(0, |shop| shop.state.conflicts() as u64);
        if conflicts > self.conflicts && shop.is_some_and(|shop| shop.open) {
            turn.out.notice(Notice::ConflictsDetected { conflicts });
        }
        self.conflicts = conflicts;
    }
}

impl Default for Device {
    fn default() -> Self {
        Self::new(crate::Setup::default())
    }
}
