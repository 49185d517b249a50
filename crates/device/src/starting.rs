//! The start: who we are, which shop we are in, and everything that is on the disk.

use base::effect::{
    Change, Durability, KeyTask, PublicKeys, Query, Row, StorageTrouble, Table, Transaction,
};
use base::hash::ChainValue;
use base::limits::START_RETRY_MS_MAX;
use base::{DeviceId, Effect, Segment, ShopId, Stream, cbor};
use domain::staff::PinGuard;
use identity::statement::Statement;
use sync_core::Replica;

use crate::Device;
use crate::api::{Notice, Refusal, Reply, RequestId};
use crate::epochs::Epochs;
use crate::outbox::{Outbox, Turn};
use crate::packing::Packer;
use crate::purpose::Purpose;
use crate::records::{self, DEVICE_KEY, DeviceRecord, standing};
use crate::recounting::Recounter;
use crate::restored::Restored;
use crate::serving::Server;
use crate::shop::intake::Origin;
use crate::shop::keyring::Keyring;
use crate::shop::{Shop, boot};

impl Device {
    /// The first wishes: our keys and our record.
    pub(crate) fn wake(&mut self, out: &mut Outbox) {
        // Keys that are known stay the same: answered twice, the shop would be read twice at once.
        if self.keys.is_none() {
            out.effect(Purpose::Identity, Effect::Keys(KeyTask::Identity));
        }
        let query = Query::Get {
            table: Table::Values,
            key: DEVICE_KEY.to_vec(),
        };
        out.effect(Purpose::Record, Effect::Load(vec![query]));
    }

    /// Our id, once the keys are known.
    pub(crate) fn me(&self) -> Option<DeviceId> {
        self.keys
            .map(|keys| DeviceId::of_keys(&keys.ed25519, &keys.x25519))
    }

    /// Takes our public keys.
    pub(crate) fn identity_known(&mut self, keys: PublicKeys, turn: &mut Turn<'_>) {
        self.keys = Some(keys);
        self.read_shop(turn);
    }

    /// Takes our own record.
    pub(crate) fn record_known(&mut self, rows: Vec<Vec<Row>>, turn: &mut Turn<'_>) {
        let row = rows.into_iter().flatten().next();
        let read = row.map(|(_, value)| records::read(&value, "device record"));
        // One that cannot be read is not one that is not there: nothing is written over it.
        let Ok(record) = read.transpose() else {
            return self.cannot_start(&Refusal::unread(), turn);
        };
        self.record = record.unwrap_or_default();
        self.record_read = true;
        let counted = self.record.wrong_pins.iter();
        let guard = |wrong: u32| PinGuard::after_restart(wrong, turn.now.mono_ms);
        self.guards = counted.map(|(id, wrong)| (*id, guard(*wrong))).collect();
        self.heed_record(turn.now.mono_ms);
        self.read_shop(turn);
    }

    /// Reads the shop once both keys and record are known.
    fn read_shop(&mut self, turn: &mut Turn<'_>) {
        let (Some(me), true) = (self.me(), self.record_read) else {
            return;
        };
        match self.record.shop {
            Some(id) => {
                self.open_shop(id, me);
                boot::ask(id, boot::Step::Standing, turn);
            }
            None => self.now_ready(turn),
        }
    }

    /// Makes room for a shop: nothing of it is known yet.
    pub(crate) fn open_shop(&mut self, id: ShopId, me: DeviceId) {
        self.opened += 1;
        let mut shop = Shop::new(id, me, self.setup);
        shop.keyring = Keyring::of_opening(self.opened);
        self.shop = Some(shop);
        self.restored = Some(Restored::new(id, self.setup.switches));
        // What was under way for another shop is nobody's any more.
        self.packer = Packer::default();
        self.server = Server::default();
        self.recounter = Recounter::default();
        self.checkpointer = self.checkpointer.of_next_start();
        self.epochs = Epochs::default();
    }

    /// Takes where we stand, and statements; ends the writer before us, so that a tab that lost
    /// the lock fails at its next commit.
    pub(crate) fn standing_known(&mut self, rows: Vec<Vec<Row>>, turn: &mut Turn<'_>) {
        let Some(shop) = &mut self.shop else { return };
        let mut rows = rows.into_iter();
        let kept = rows.next().and_then(|found| found.into_iter().next());
        let kept = kept.map(|row| standing::read_standing(shop.id, &row));
        let Ok(kept) = kept.transpose() else {
            return self.cannot_start(&Refusal::unread(), turn);
        };
        for (_, value) in rows.flatten() {
            if let Ok(statement) = records::read::<Statement>(&value, "statement") {
                if statement.signer == shop.me {
                    self.statements.go_on_from(statement.counter);
                }
                // What counts of it shows when it is known what we hold ourselves.
                shop.holders.take(&statement, |_, _| 0);
            }
        }
        let kept = kept.unwrap_or_default();
        let receipt = kept.counters.receipt;
        let last = kept.of_device(shop.me);
        if let Some(carts) = &mut self.record.carts
            && carts.receipt == receipt
        {
            // What was not paid as the device that we were is not paid now.
            carts.receipt = last.counters.receipt;
        }
        let (after, changes) = standing::next_writer(shop.id, last);
        let transaction = Transaction {
            durability: Durability::Strict,
            changes: changes.clone(),
        };
        shop.stand(after);
        let purpose = Purpose::TakeOver(changes);
        turn.out.effect(purpose, Effect::Store(transaction));
    }

    /// The writer is raised: from here on nobody else removes rows, and control is read. When
    /// another tab wrote in between we stand elsewhere, and begin anew.
    /// What a full disk did not take goes along with our first commit, when it has room again.
    pub(crate) fn took_over(
        &mut self,
        changes: Vec<Change>,
        result: Result<(), StorageTrouble>,
        turn: &mut Turn<'_>,
    ) {
        match (result, &mut self.shop) {
            (Err(StorageTrouble::Conflict), _) => return self.begin_anew(turn),
            (Err(trouble), Some(shop)) => {
                shop.standing.opening = changes;
                self.not_stored(&trouble, turn);
            }
            _ => {}
        }
        if let Some(shop) = &self.shop {
            boot::ask(shop.id, boot::Step::Page(Stream::Control), turn);
        }
    }

    /// Takes a page of a stream and asks for the next one.
    pub(crate) fn page_known(&mut self, stream: Stream, rows: Vec<Vec<Row>>, turn: &mut Turn<'_>) {
        let (Some(shop), Some(restored)) = (&mut self.shop, &mut self.restored) else {
            return;
        };
        let rows = rows.into_iter().next().unwrap_or_default();
        let after = boot::next_page(&rows).map(<[u8]>::to_vec);
        let (segments, damaged) = boot::segments(rows);
        *self.counters.entry("rows_damaged").or_insert(0) += u64::from(damaged);
        if stream == Stream::Control {
            let damaged = take_control(shop, restored, &segments);
            *self.counters.entry("rows_damaged").or_insert(0) += damaged;
            shop.membership_changed(turn);
        } else {
            let segments = uncounted(shop, restored, segments);
            shop.intake
                .open(segments, Origin::Disk, &shop.keyring, turn);
        }
        match (after, boot::after_stream(stream)) {
            (Some(after), _) => boot::ask_page_after(shop.id, stream, &after, turn),
            (None, Some(next)) => {
                shop.read_next = Some(next);
                self.read_next(turn);
            }
            (None, None) => self.disk_read(turn),
        }
    }

    /// Reads what is next, once every secret is there that control has to give: what waits for one
    /// takes memory.
    fn read_next(&mut self, turn: &mut Turn<'_>) {
        let Some(shop) = self.shop.as_mut().filter(|shop| shop.keyring.settled()) else {
            return;
        };
        if let Some(next) = shop.read_next.take() {
            boot::ask(shop.id, next, turn);
        }
    }

    /// Everything is read; what is still being opened follows in order.
    fn disk_read(&mut self, turn: &mut Turn<'_>) {
        if let Some(shop) = &mut self.shop {
            shop.go_on_behind_own_control();
            shop.read_whole = true;
        }
        self.settle_start(turn);
    }

    /// Becomes ready once all that was read is folded and the time zone is known.
    pub(crate) fn settle_start(&mut self, turn: &mut Turn<'_>) {
        self.read_next(turn);
        let Some(shop) = &mut self.shop else { return };
        if self.ready || !shop.read_whole || shop.intake.opening() || !shop.keyring.settled() {
            return;
        }
        // Without settings there is no zone to wait for: what is missing may come from others.
        if shop.state.settings().is_some() && !shop.zone_answered {
            self.ask_zone(turn);
            return;
        }
        if self.distrusts_checkpoint(turn) {
            return;
        }
        self.begin_replica(turn);
        if !self.succeeds_at_start(turn) {
            self.now_ready(turn);
        }
    }

    /// The device can be used.
    pub(crate) fn now_ready(&mut self, turn: &mut Turn<'_>) {
        self.look_after_epochs(turn.now.mono_ms);
        self.ready = true;
        self.no_start = None;
        self.starts.reset();
        self.begin_replica(turn);
        self.packer.wait(turn.now.mono_ms);
        if let Some(shop) = &mut self.shop {
            shop.open = true;
        }
        self.offer_successor(turn);
        self.join_meeting(turn);
        turn.out.notice(Notice::Ready);
        turn.out.notice(Notice::StatusChanged);
        for command in std::mem::take(&mut self.early) {
            self.command(command, turn);
        }
    }

    /// What is on the disk is what the replica begins with.
    pub(crate) fn begin_replica(&mut self, turn: &mut Turn<'_>) {
        let (Some(me), Some(restored)) = (self.me(), self.restored.take()) else {
            return;
        };
        let (holdings, needless) = restored.finish();
        self.clear_rows(needless, turn);
        let mut replica = Replica::new(me, holdings, self.setup.switches);
        let shop = self.shop.as_ref();
        for signer in shop.iter().flat_map(|shop| shop.holders.signers()) {
            let said = shop.map(|shop| shop.holders.claimed(signer));
            if let Some(runs) = said.filter(|_| signer != me) {
                // What others held before the restart they hold still.
                replica.stated(0, signer, &runs, None);
            }
        }
        let logs: Vec<_> = replica.holdings().logs().map(|(log, _)| log).collect();
        let forked: Vec<_> = replica.holdings().forked().collect();
        if let Some(shop) = &mut self.shop {
            shop.forked.extend(forked);
        }
        self.replica = Some(replica);
        self.look_for_copies(turn);
        self.prove_statements(logs);
        self.heed_record(0);
    }

    /// Keeps our record, relaxed: losing it costs a sign-in, no sale. Answers `then` afterwards:
    /// whoever reloads the page right away finds it kept.
    pub(crate) fn keep_record(&mut self, then: Option<(RequestId, Reply)>, turn: &mut Turn<'_>) {
        if self.founding.is_some() {
            // The commit of the founding brings its own, and must not be undone by an older one.
            if let Some((request, reply)) = then {
                turn.out.reply(request, reply);
            }
            return;
        }
        let counted = self.guards.iter().filter(|(_, guard)| guard.wrong() > 0);
        self.record.wrong_pins = counted.map(|(id, guard)| (*id, guard.wrong())).collect();
        let change = record_change(&self.record);
        let changes = vec![change];
        let transaction = Transaction {
            durability: Durability::Relaxed,
            changes,
        };
        let purpose = Purpose::KeepRecord(then.map(Box::new));
        turn.out.effect(purpose, Effect::Store(transaction));
    }

    /// The disk or the keys could not be read: says so, does nothing half, and begins anew.
    pub(crate) fn cannot_start(&mut self, refusal: &Refusal, turn: &mut Turn<'_>) {
        self.no_start = Some(refusal.clone());
        self.begin_anew(turn);
        self.trouble(refusal, turn);
    }

    /// Forgets this attempt at a start, and makes another one soon.
    pub(crate) fn begin_anew(&mut self, turn: &mut Turn<'_>) {
        debug_assert!(!self.ready, "only a start that has not ended begins anew");
        // Answers of this attempt that are still on their way must not meet the next one.
        turn.out.forget_purposes();
        for handle in self.shop.iter().flat_map(|shop| shop.keyring.handles()) {
            let forget = Effect::Keys(KeyTask::Forget(handle));
            turn.out.effect(Purpose::Nobody, forget);
        }
        self.shop = None;
        self.restored = None;
        self.replica = None;
        self.record_read = false;
        self.overtaken = false;
        let wait_ms = self.starts.next_alone_ms(START_RETRY_MS_MAX);
        self.retry_ms = Some(turn.now.mono_ms + wait_ms);
    }

    /// The same, and makes the other one now.
    pub(crate) fn begin_at_once(&mut self, turn: &mut Turn<'_>) {
        self.begin_anew(turn);
        self.retry_ms = None;
        self.wake(turn.out);
    }

    /// Begins anew when it is time.
    pub(crate) fn start_again(&mut self, turn: &mut Turn<'_>) {
        if self
            .retry_ms
            .take_if(|at| *at <= turn.now.mono_ms)
            .is_some()
        {
            self.wake(turn.out);
        }
    }

    /// The store did not take it. Says it at once, and gives what to tell whoever waits.
    pub(crate) fn not_stored(&mut self, trouble: &StorageTrouble, turn: &mut Turn<'_>) -> Refusal {
        // Only a start that came after this one takes a number that was to be ours.
        self.overtaken |= *trouble == StorageTrouble::Conflict;
        let refusal = Refusal::storage(trouble);
        self.trouble(&refusal, turn);
        refusal
    }

    /// The store did not do what it should. Says it at once.
    pub(crate) fn trouble(&mut self, refusal: &Refusal, turn: &mut Turn<'_>) {
        self.storage_trouble = Some(refusal.message.clone());
        turn.out
            .notice(Notice::StorageTrouble(refusal.message.clone()));
        turn.out.notice(Notice::StatusChanged);
    }
}

/// Takes control that was read. Gives how many rows lead nowhere: they are not held, and asked for
/// again.
fn take_control(shop: &mut Shop, restored: &mut Restored, segments: &[Segment]) -> u64 {
    let mut damaged = 0;
    for segment in segments {
        match shop.take_control(segment) {
            Ok(chain) => restored.opened(&segment.header, chain.iter().map(ChainValue::mark)),
            Err(_) => damaged += 1,
        }
    }
    damaged
}

/// Takes note of rows that need no opening. Gives the others: what can be opened shows then where it
/// belongs.
fn uncounted(shop: &Shop, restored: &mut Restored, mut segments: Vec<Segment>) -> Vec<Segment> {
    let has_checkpoint = restored.has_checkpoint();
    let take = |segment: &Segment| {
        let header = &segment.header;
        let counted = has_checkpoint.then(|| shop.counted(header)).flatten();
        let is_counted = counted.is_some();
        if let Some(marks) = counted {
            restored.opened(header, marks);
        } else if !shop.keyring.opens(header) {
            restored.holdings.add(header, &[]);
        }
        !is_counted
    };
    segments.retain(take);
    segments
}

/// The change that keeps our record.
pub(crate) fn record_change(record: &DeviceRecord) -> Change {
    let (key, value) = (DEVICE_KEY.to_vec(), cbor::encode(record));
    Change::Put {
        table: Table::Values,
        key,
        value,
    }
}
