//! Durable statements: ours, behind a strict barrier, and others', once their signature counts.

use std::collections::BTreeSet;

use base::effect::{Change, Durability, SignTask, StorageTrouble, Table, Transaction, VerifyTask};
use base::limits::{STATEMENTS_KEPT_MS, STORAGE_PAUSE_MS};
use base::{Answer, DeviceId, Effect, EntryRef, KeyHandle, LinkId, LogId, Run, Vector, cbor};
use identity::statement::{Place, STATEMENT_VERSION, SignedStatement, Statement};

use sync_core::Holdings;

use crate::Device;
use crate::api::Notice;
use crate::outbox::Turn;
use crate::purpose::Purpose;
use crate::records;
use crate::shop::Shop;
use crate::shop::commit::Standing;

/// The count of our own statements, and what others stated that is not kept yet.
#[derive(Default)]
pub struct Statements {
    counter: u64,
    /// Whose were heard since they were last kept.
    heard_of: BTreeSet<DeviceId>,
    /// When to keep them, by [`base::Now::mono_ms`].
    keep_ms: Option<u64>,
    /// How many are on their way to the disk.
    being_kept: usize,
}

impl Statements {
    /// Goes on from what is on the disk.
    pub fn go_on_from(&mut self, counter: u64) {
        self.counter = self.counter.max(counter);
    }

    fn next(&mut self) -> u64 {
        self.counter += 1;
        self.counter
    }

    /// A statement of somebody else counts from now on.
    fn heard(&mut self, signer: DeviceId, now_ms: u64) {
        self.heard_of.insert(signer);
        self.keep_ms.get_or_insert(now_ms + STATEMENTS_KEPT_MS);
    }

    /// When what was heard is to be kept.
    pub fn deadline(&self) -> Option<u64> {
        self.keep_ms
    }

    /// Whose statements to keep now.
    fn take_due(&mut self, now_ms: u64) -> BTreeSet<DeviceId> {
        match self.keep_ms.take_if(|due| *due <= now_ms) {
            Some(_) => std::mem::take(&mut self.heard_of),
            None => BTreeSet::new(),
        }
    }

    /// Whether all that was heard is on the disk.
    pub fn are_kept(&self) -> bool {
        self.heard_of.is_empty() && self.being_kept == 0
    }
}

impl Device {
    /// Begins a statement of these runs: the strict write of its counter is the barrier behind
    /// which everything that was stored before is durable. It is for these links.
    pub(crate) fn state(&mut self, runs: Vector, to: Vec<LinkId>, turn: &mut Turn<'_>) {
        let Some(shop) = &mut self.shop else { return };
        let statement = Statement {
            version: STATEMENT_VERSION,
            shop: shop.id,
            signer: shop.me,
            place: Place::Device,
            counter: self.statements.next(),
            wall_ms: turn.now.wall_ms,
            runs,
        };
        let key = records::statements_key(shop.id, shop.me);
        let kept = Statement {
            runs: Vector::default(),
            ..statement.clone()
        };
        let put = Change::Put {
            table: Table::Values,
            key,
            value: cbor::encode(&kept),
        };
        let transaction = Transaction {
            durability: Durability::Strict,
            changes: vec![put],
        };
        turn.out
            .effect(Purpose::Barrier(statement, to), Effect::Store(transaction));
    }

    /// The barrier holds: signs the statement.
    pub(crate) fn barrier_passed(
        &mut self,
        statement: Statement,
        to: Vec<LinkId>,
        turn: &mut Turn<'_>,
    ) {
        let message = Statement::signed_bytes(&cbor::encode(&statement));
        let task = SignTask {
            key: KeyHandle::IDENTITY,
            message,
        };
        turn.out.effect(
            Purpose::SignStatement(statement, to),
            Effect::Sign(vec![task]),
        );
    }

    /// Our statement is signed, or not: it goes to whomever it is for.
    pub(crate) fn statement_signed(
        &mut self,
        statement: Statement,
        to: &[LinkId],
        answer: Answer,
        turn: &mut Turn<'_>,
    ) {
        let signature = match answer {
            Answer::Signed(signatures) => signatures.into_iter().next(),
            _ => None,
        };
        let Some(signature) = signature else {
            return self.statement_failed(&statement, to, turn);
        };
        let Some(replica) = &mut self.replica else {
            return;
        };
        let runs = statement.runs.clone();
        let bytes = SignedStatement::new(statement, signature).to_bytes();
        replica.statement_made(turn.now.mono_ms, &bytes, &runs, to);
    }

    /// More of these logs is held: what others said of them may count now.
    pub(crate) fn prove_statements(&mut self, logs: impl IntoIterator<Item = LogId>) {
        let (Some(shop), Some(replica)) = (&mut self.shop, &self.replica) else {
            return;
        };
        let Shop {
            me,
            holders,
            standing,
            ..
        } = shop;
        let holdings = replica.holdings();
        for log in logs {
            holders.prove(log, |run| counts_up_to(*me, standing, holdings, log, run));
        }
    }

    /// A statement came, its signer's own or somebody else's that was passed on: asks whether its
    /// signature is its signer's, unless it has come by another road.
    pub(crate) fn statement_came(&mut self, link: LinkId, bytes: &[u8], turn: &mut Turn<'_>) {
        let (Some(shop), Some(replica)) = (&self.shop, &mut self.replica) else {
            return;
        };
        let Ok(signed) = SignedStatement::from_bytes(bytes) else {
            return;
        };
        let Some(by) = self.links.get(link).and_then(|live| live.peer()) else {
            return;
        };
        let Statement {
            shop: of,
            signer,
            counter,
            ..
        } = signed.statement;
        let member = shop.membership.living(signer);
        let Some(public) = member.map(|member| member.keys.ed25519) else {
            return;
        };
        if of != shop.id || signer == shop.me {
            return;
        }
        replica.statement_seen(link, signer, counter);
        // What a signer says itself is how things are, be its count that of a disk that was put back.
        let is_known = || {
            let passed = replica.passes_on(signer, counter);
            let is_latest = shop.holders.is_latest(&signed.statement);
            shop.holders.news(&signed.statement).logs().next().is_none() && (passed || !is_latest)
        };
        if by != signer && is_known() {
            return;
        }
        let message = Statement::signed_bytes(&signed.raw);
        let task = VerifyTask {
            public,
            message,
            signature: signed.signature,
        };
        let purpose = Purpose::VerifyStatement(by, Box::new(signed));
        turn.out.effect(purpose, Effect::Verify(vec![task]));
    }

    /// The signature of a statement counts: what it says is known, and kept for after a restart.
    pub(crate) fn statement_verified(
        &mut self,
        by: DeviceId,
        signed: &SignedStatement,
        turn: &mut Turn<'_>,
    ) {
        let (Some(shop), Some(replica)) = (&mut self.shop, &mut self.replica) else {
            return;
        };
        let statement = &signed.statement;
        let is_own = by == statement.signer;
        let news = shop.holders.news(statement);
        let said = if is_own { &statement.runs } else { &news };
        let sound = replica.stated(turn.now.mono_ms, statement.signer, said, Some(by));
        let holdings = replica.holdings();
        let Shop {
            me,
            holders,
            standing,
            ..
        } = shop;
        let own = |log, run: &Run| counts_up_to(*me, standing, holdings, log, run);
        if !sound {
            return;
        }
        let is_news = holders.take(statement, own);
        replica.pass_on(turn.now.mono_ms, signed);
        if !is_news {
            return;
        }
        if is_own {
            self.heard.insert(statement.signer, turn.now.wall_ms);
        }
        self.statements.heard(statement.signer, turn.now.mono_ms);
        turn.out.notice(Notice::StatusChanged);
    }

    /// Keeps what others said, when it is time: for after a restart, so deferred.
    pub(crate) fn keep_statements(&mut self, turn: &mut Turn<'_>) {
        let signers = self.statements.take_due(turn.now.mono_ms);
        let Some(shop) = &self.shop else { return };
        let said = |signer| Some((signer, shop.holders.merged(shop.id, signer)?));
        for (signer, merged) in signers.into_iter().filter_map(said) {
            let put = Change::Put {
                table: Table::Values,
                key: records::statements_key(shop.id, signer),
                value: cbor::encode(&merged),
            };
            let transaction = Transaction {
                durability: Durability::Deferred,
                changes: vec![put],
            };
            self.statements.being_kept += 1;
            turn.out
                .effect(Purpose::KeepStatement(signer), Effect::Store(transaction));
        }
    }

    /// What somebody said is on the disk, or not.
    pub(crate) fn statement_kept(
        &mut self,
        signer: DeviceId,
        result: Result<(), StorageTrouble>,
        turn: &mut Turn<'_>,
    ) {
        self.statements.being_kept = self.statements.being_kept.saturating_sub(1);
        match result {
            Ok(()) => turn.out.notice(Notice::StatusChanged),
            Err(trouble) => {
                self.statements
                    .heard(signer, turn.now.mono_ms + STORAGE_PAUSE_MS);
                self.not_stored(&trouble, turn);
            }
        }
    }

    /// A statement could not be made: nobody heard it.
    pub(crate) fn statement_failed(
        &mut self,
        statement: &Statement,
        to: &[LinkId],
        turn: &Turn<'_>,
    ) {
        if let Some(replica) = &mut self.replica {
            replica.statement_failed(turn.now.mono_ms, &statement.runs, to);
        }
    }
}

/// Up to which number a run that somebody told counts, 0 where it does not: it must end with an entry
/// that we hold. Of our own logs, as far as it leads the way that we wrote, and not a copy of this
/// device.
fn counts_up_to(
    me: DeviceId,
    standing: &Standing,
    holdings: &Holdings,
    log: LogId,
    run: &Run,
) -> u64 {
    let head = standing.ground.heads.get(&log.stream);
    match head.filter(|_| log.device == me) {
        Some(head) => {
            let (seq, mark) = (head.seq, head.chain.mark());
            let shared = holdings.shared_by(EntryRef { log, seq, mark }, run);
            // What lies behind our head was written before our disk was put back.
            shared.min(seq)
        }
        None if holdings.has(log, run.last, run.mark) => run.last,
        None => 0,
    }
}
