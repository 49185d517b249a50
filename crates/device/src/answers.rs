//! Answers to effects, each to whoever its purpose names.

use base::effect::{Answer, KeyAnswer, Row, StorageTrouble};
use base::hash::ChainValue;
use base::limits::EPOCH_RETRY_MS;
use base::{HybridClock, Segment};

use crate::Device;
use crate::api::{Notice, Refusal, Reply};
use crate::founding;
use crate::outbox::Turn;
use crate::purpose::Purpose;
use crate::recovering;
use crate::shop::batch::Written;
use crate::shop::boot;
use crate::shop::commit::{Commit, Durable, Step};
use crate::shop::intake;
use crate::shop::intent::{self, Intent, Outcome};
use crate::shop::unlocking::Unlocking;
use domain::event::PinVerifier;

impl Device {
    /// Takes an answer.
    pub(crate) fn answer(&mut self, purpose: Purpose, answer: Answer, turn: &mut Turn<'_>) {
        match (purpose, answer) {
            (Purpose::Identity, Answer::Keys(KeyAnswer::Public(keys))) => {
                self.identity_known(keys, turn);
            }
            (Purpose::Record, Answer::Loaded(Ok(rows))) => self.record_known(rows, turn),
            (Purpose::Boot(boot::Step::Standing), Answer::Loaded(Ok(rows))) => {
                self.standing_known(rows, turn);
            }
            (Purpose::Boot(boot::Step::Checkpoints), Answer::Loaded(Ok(rows))) => {
                self.checkpoints_known(rows, turn);
            }
            (Purpose::Boot(boot::Step::Page(stream)), Answer::Loaded(Ok(rows))) => {
                self.page_known(stream, rows, turn);
            }
            (Purpose::NextIdentity, Answer::Keys(KeyAnswer::Public(keys))) => {
                self.next_identity_known(keys, turn);
            }
            (Purpose::Succeed, Answer::Keys(KeyAnswer::Public(keys))) => self.succeeded(keys, turn),
            (Purpose::NextIdentity, _) => self.no_next_identity(turn),
            (Purpose::Succeed, answer) => {
                // They may have done it all the same: who we are is asked anew.
                self.keys = None;
                self.cannot_start(&no_start(&answer), turn);
            }
            (Purpose::Identity | Purpose::Record | Purpose::Boot(_), answer) => {
                self.cannot_start(&no_start(&answer), turn);
            }
            (Purpose::Zone(name, around_ms), answer) => {
                // Hands that cannot say are as good as ones that do not know the zone.
                let zone = match answer {
                    Answer::Zone(zone) => zone,
                    _ => None,
                };
                self.zone_known(&(name, around_ms), zone, turn);
            }
            (Purpose::Config(request, change), Answer::Zone(zone)) => {
                self.config_zone(request, *change, zone.is_some(), turn);
            }
            (Purpose::Founding(step), answer) => self.founding_answer(step, answer, turn),
            (Purpose::Commit(step), answer) => self.commit_answer(step, answer, turn),
            (Purpose::Intake(step), answer) => self.intake_answer(step, answer, turn),
            (purpose, answer) => self.other_answer(purpose, answer, turn),
        }
    }

    fn other_answer(&mut self, purpose: Purpose, answer: Answer, turn: &mut Turn<'_>) {
        match (purpose, answer) {
            (Purpose::Unlock(unlocking), answer) => self.unlock_answer(unlocking, answer, turn),
            (Purpose::SignIn { request, employee }, Answer::Keys(KeyAnswer::Pin(verifier))) => {
                self.pin_typed(request, employee, &verifier, turn);
            }
            (Purpose::NewPin(new), Answer::Keys(KeyAnswer::Pin(verifier))) => {
                let (id, name, role, salt) = (new.id, new.name, new.role, new.salt);
                let pin = Some(PinVerifier { salt, verifier });
                let Some(shop) = &mut self.shop else { return };
                let wanted = shop.want(
                    Some(new.request),
                    Some(new.by),
                    Intent::Employee {
                        id,
                        name,
                        role,
                        pin,
                    },
                );
                if let Err(refusal) = wanted {
                    turn.out.refuse(new.request, refusal);
                }
            }
            (Purpose::Sales(listing), Answer::Loaded(Ok(rows))) => {
                if let Some(shop) = &self.shop {
                    listing.loaded(shop, rows, turn);
                }
            }
            (Purpose::Sales(listing), Answer::Opened(plains)) => {
                if let Some(shop) = &self.shop {
                    listing.opened(shop, plains, turn);
                }
            }
            (Purpose::Sales(listing), _) => {
                turn.out.refuse(
                    listing.request,
                    Refusal::ours("the store could not be read"),
                );
            }
            (Purpose::Serve(read), Answer::Loaded(rows)) => {
                let value = |(_, value): Row| value;
                let values = |rows: Vec<Vec<Row>>| rows.into_iter().flatten().map(value).collect();
                self.served(read, rows.map(values).map_err(|_| ()), turn);
            }
            (Purpose::Epochs(step), answer) => self.epochs_answer(step, answer, turn),
            (Purpose::Recount(step), answer) => self.recount_answer(step, answer, turn),
            (Purpose::Checkpoint(step), answer) => self.checkpoint_answer(step, answer, turn),
            (Purpose::Serving(serving), answer) => self.serving_answer(*serving, answer, turn),
            (Purpose::Packing(packing), answer) => self.packing_answer(*packing, answer, turn),
            (purpose, answer) => self.kept_answer(purpose, answer, turn),
        }
    }

    fn unlock_answer(&mut self, unlocking: Unlocking, answer: Answer, turn: &mut Turn<'_>) {
        let Some(shop) = &mut self.shop else { return };
        match answer {
            Answer::Keys(KeyAnswer::Held { chain, .. }) => shop.unlocked(unlocking, chain, turn),
            Answer::Keys(_) => shop.not_unlocked(unlocking, turn),
            // A shop without its secrets looks like an empty one.
            answer if !self.ready => return self.cannot_start(&no_start(&answer), turn),
            _ => {
                shop.unlocking_failed(unlocking);
                self.epochs.look(turn.now.mono_ms + EPOCH_RETRY_MS);
            }
        }
        self.settle_start(turn);
    }

    /// Answers of the store to what is kept beside the commits.
    fn kept_answer(&mut self, purpose: Purpose, answer: Answer, turn: &mut Turn<'_>) {
        match (purpose, answer) {
            (Purpose::KeepRecord(then), answer) => {
                if let Err(trouble) = stored(answer) {
                    self.not_stored(&trouble, turn);
                }
                // It holds until the next start at least.
                if let Some((request, reply)) = then.map(|then| *then) {
                    turn.out.reply(request, reply);
                }
            }
            (Purpose::Join(joining), answer) => {
                self.join_stored(joining, stored(answer), turn);
            }
            (Purpose::OwnConfig(request, own), answer) => {
                self.own_config_stored((request, own), stored(answer), turn);
            }
            (Purpose::TakeOver(changes), answer) => {
                self.took_over(changes, stored(answer), turn);
            }
            (Purpose::Nobody, Answer::Stored(Err(trouble))) => {
                self.not_stored(&trouble, turn);
            }
            (Purpose::Nobody, Answer::Stored(Ok(())) | Answer::Keys(KeyAnswer::Done)) => {}
            (Purpose::KeepStatement(signer), answer) => {
                self.statement_kept(signer, stored(answer), turn);
            }
            (Purpose::Barrier(statement, to), Answer::Stored(Ok(()))) => {
                self.barrier_passed(statement, to, turn);
            }
            (Purpose::Barrier(statement, to), Answer::Stored(Err(trouble))) => {
                self.statement_failed(&statement, &to, turn);
                self.not_stored(&trouble, turn);
            }
            (purpose, answer) => self.proof_answer(purpose, answer, turn),
        }
    }

    fn proof_answer(&mut self, purpose: Purpose, answer: Answer, turn: &mut Turn<'_>) {
        match (purpose, answer) {
            (Purpose::SignStatement(statement, to), answer) => {
                self.statement_signed(statement, &to, answer, turn);
            }
            (Purpose::VerifyStatement(by, signed), Answer::Verified(right)) => {
                if right.first() == Some(&true) {
                    self.statement_verified(by, &signed, turn);
                }
            }
            (Purpose::HandshakeSign(link), Answer::Signed(signatures)) => {
                if let Some(signature) = signatures.into_iter().next() {
                    self.handshake_signed(link, signature, turn);
                }
            }
            (Purpose::HandshakeVerify(link), Answer::Verified(right)) => {
                self.handshake_verified(link, right.first() == Some(&true), turn);
            }
            (Purpose::SealCard(to), Answer::Keys(KeyAnswer::Bytes(sealed))) => {
                self.card_sealed(to, sealed, turn);
            }
            (Purpose::OpenCard(from), Answer::Keys(KeyAnswer::Bytes(plain))) => {
                self.card_came(from, &plain, turn);
            }
            (
                Purpose::WrapFor { link, epoch, scope },
                Answer::Keys(KeyAnswer::Held { wraps, .. }),
            ) => self.wrapped(link, (epoch, scope), wraps, turn),
            (
                Purpose::Recovering(recovering::Step::Words),
                Answer::Keys(KeyAnswer::Public(keys)),
            ) => self.words_known(keys, turn),
            (
                Purpose::Recovering(recovering::Step::Unwrap(epoch, scope, handle)),
                Answer::Keys(KeyAnswer::Held { chain, .. }),
            ) => self.secret_recovered((epoch, scope, handle), &chain, turn),
            (
                Purpose::Recovering(
                    recovering::Step::Unwrap(epoch, scope, handle)
                    | recovering::Step::Wrap(epoch, scope, handle),
                ),
                answer,
            ) => {
                let wrap = match answer {
                    Answer::Keys(KeyAnswer::Held { wraps, .. }) => wraps.into_iter().next(),
                    _ => None,
                };
                self.secret_wrapped((epoch, scope, handle), wrap, turn);
            }
            (Purpose::Recovering(recovering::Step::Sign), Answer::Signed(signatures))
                if !signatures.is_empty() =>
            {
                if let Some(signature) = signatures.into_iter().next() {
                    self.refound_signed(signature, turn);
                }
            }
            (Purpose::Recovering(recovering::Step::Forget), _) => self.recovery_forgotten(turn),
            (Purpose::Recovering(_), answer) => {
                let said = match answer {
                    Answer::Keys(KeyAnswer::Refused(said)) => said,
                    _ => "they could not be used",
                };
                let message = format!("These are not the twelve words: {said}. Nothing changed.");
                self.recovery_failed(Refusal::new("wrong-words", message), turn);
            }
            (purpose, _) => self.answer_failed(purpose, turn),
        }
    }

    /// The hands did not do what was asked: whoever waits for it is told.
    fn answer_failed(&mut self, purpose: Purpose, turn: &mut Turn<'_>) {
        self.count("answers_failed", 1);
        match purpose {
            Purpose::SignIn { request, .. } => {
                turn.out
                    .refuse(request, Refusal::ours("the PIN could not be used"));
            }
            Purpose::NewPin(new) => {
                turn.out
                    .refuse(new.request, Refusal::ours("the PIN could not be used"));
            }
            Purpose::Config(request, _) => {
                turn.out.refuse(
                    request,
                    Refusal::ours("the time zone could not be looked up"),
                );
            }
            Purpose::WrapFor { link, .. } => self.wrap_failed(link, turn),
            Purpose::HandshakeSign(link) | Purpose::HandshakeVerify(link) => {
                self.fail_link(link, Refusal::ours("keys could not be used"), turn);
            }
            _ => {}
        }
    }

    fn founding_answer(&mut self, step: founding::Step, answer: Answer, turn: &mut Turn<'_>) {
        let Some(founding) = &mut self.founding else {
            return;
        };
        let request = founding.request;
        let taken = match (step, answer) {
            (founding::Step::Zone, Answer::Zone(zone)) => founding.zone(zone),
            (founding::Step::Recovery, Answer::Keys(KeyAnswer::Phrase { words, public })) => {
                founding.recovery(words, public, turn);
                Ok(())
            }
            (founding::Step::Pin, Answer::Keys(KeyAnswer::Pin(verifier))) => {
                founding.pin(verifier);
                Ok(())
            }
            (founding::Step::Secret(scope), Answer::Keys(KeyAnswer::Held { chain, wraps })) => {
                founding.secret(scope, chain, wraps);
                Ok(())
            }
            _ => Err(Refusal::ours("keys could not be made")),
        };
        if let Err(refusal) = taken {
            self.founding = None;
            return turn.out.refuse(request, refusal);
        }
        self.found(turn);
    }

    fn commit_answer(&mut self, step: Step, answer: Answer, turn: &mut Turn<'_>) {
        let Some(shop) = &mut self.shop else { return };
        let Some(commit) = shop.commit.as_mut() else {
            return;
        };
        match (step, answer) {
            (Step::Seal, Answer::Sealed(bodies)) => commit.sealed(bodies, turn),
            (Step::Sign, Answer::Signed(signatures)) => {
                let own = intent::own_config(&commit.outcomes);
                if !own.is_empty() {
                    // As late as can be: carts may have been kept since the commit began.
                    commit.also(own.change(&self.record));
                }
                commit.bring(shop.intake.storing.refused_control());
                commit.signed(signatures, self.setup.switches, turn);
            }
            (Step::Store, Answer::Stored(result)) => {
                let Some(commit) = shop.commit.take() else {
                    return;
                };
                self.commit_stored(commit, result, turn);
            }
            (_, answer) => {
                let said = match answer {
                    Answer::Failed(said) => said,
                    _ => "keys".to_owned(),
                };
                let outcomes = shop.commit.take().map(|commit| commit.outcomes);
                self.commit_failed(outcomes.unwrap_or_default(), &Refusal::ours(&said), turn);
            }
        }
    }

    fn commit_stored(
        &mut self,
        commit: Commit<Outcome>,
        result: Result<(), StorageTrouble>,
        turn: &mut Turn<'_>,
    ) {
        match commit.stored(result) {
            Ok(durable) => self.durable(durable, turn),
            Err((trouble, outcomes)) => {
                let refusal = self.not_stored(&trouble, turn);
                self.commit_failed(outcomes, &refusal, turn);
            }
        }
    }

    /// A commit is on the disk: takes it, sends it, and answers whoever waits.
    fn durable(&mut self, durable: Durable<Outcome>, turn: &mut Turn<'_>) {
        let Durable {
            segments,
            brought,
            entries,
            began_ms,
            after,
            outcomes,
        } = durable;
        self.count("commits", 1);
        let took_ms = turn.now.mono_ms.saturating_sub(began_ms);
        self.commit_times.add(took_ms);
        self.storage_trouble = None;
        self.packer.wait(turn.now.mono_ms);
        let Some(shop) = &mut self.shop else { return };
        // Stamps of others that came meanwhile must not be forgotten.
        let seen = shop.standing.ground.clock.last();
        shop.standing = after;
        let clock = &mut shop.standing.ground.clock;
        *clock = HybridClock::from_last(clock.last().max(seen));
        let mut written = entries.iter();
        let of = |segment: &Segment| -> Vec<Written> {
            let count = segment.header.count as usize;
            written.by_ref().take(count).cloned().collect()
        };
        let written: Vec<_> = segments.iter().map(of).collect();
        let chain = |written: &Vec<Written>| written.iter().map(|entry| entry.chain).collect();
        let chains: Vec<Vec<_>> = written.iter().map(chain).collect();
        shop.take_own(entries, turn);
        let brought = shop.intake.stored(&brought, true, turn.now.mono_ms).kept;
        if let Some(replica) = &mut self.replica {
            if !brought.is_empty() {
                replica.received_stored(turn.now.mono_ms, &brought);
            }
            replica.committed(turn.now.mono_ms, &segments, &chains);
        } else if let Some(restored) = &mut self.restored {
            for (segment, chain) in segments.iter().zip(chains) {
                restored.opened(&segment.header, chain.iter().map(ChainValue::mark));
            }
        }
        let tells_of_control = segments.iter().any(intake::is_control);
        if let Some(shop) = &mut self.shop {
            for (segment, entries) in segments.into_iter().zip(written) {
                shop.loose.hold(segment, entries);
            }
        }
        if tells_of_control {
            self.standings_changed(turn);
            // What we did ourselves, nobody else is to follow up.
            self.epochs.look(turn.now.mono_ms);
        }
        if outcomes.iter().any(Outcome::tells_how_things_are) {
            self.catch_up(turn);
        }
        for outcome in outcomes {
            self.settle_outcome(outcome, turn);
        }
        turn.out.notice(Notice::StatusChanged);
    }

    fn settle_outcome(&mut self, outcome: Outcome, turn: &mut Turn<'_>) {
        let Some(shop) = &self.shop else { return };
        match outcome {
            Outcome::Reply(request, reply) => turn.out.reply(request, reply),
            Outcome::Product(request, id) => match shop.state.catalogue().product(id) {
                Some(product) => turn.out.reply(request, Reply::Product(product)),
                None => turn
                    .out
                    .refuse(request, Refusal::ours("the product is not there")),
            },
            Outcome::Employee(request, id) => {
                match crate::people::view(&shop.membership, &shop.state, id) {
                    Some(view) => turn.out.reply(request, Reply::Employee(view)),
                    None => turn.out.refuse(request, Refusal::ours("nobody was added")),
                }
            }
            Outcome::Config(request, own) => self.configured(request, own, turn),
            Outcome::Founded(_) => self.founded(turn),
            Outcome::Admitted {
                request,
                link,
                device,
                entry,
            } => {
                self.enrolled(request, link, device, entry, turn);
            }
        }
    }

    /// A commit did not happen: everybody who waits is told, and the numbers are free again.
    fn commit_failed(&mut self, outcomes: Vec<Outcome>, refusal: &Refusal, turn: &mut Turn<'_>) {
        for outcome in outcomes {
            if matches!(outcome, Outcome::Founded(_)) {
                self.founding = None;
                self.shop = None;
                self.restored = None;
            }
            if let Outcome::Admitted { request, link, .. } = outcome {
                self.not_admitted(link, request, refusal.clone(), turn);
            } else if let Some(request) = outcome.request() {
                turn.out.refuse(request, refusal.clone());
            }
        }
    }

    fn intake_answer(&mut self, step: intake::Step, answer: Answer, turn: &mut Turn<'_>) {
        match (step, answer) {
            (intake::Step::Verify(list), Answer::Verified(verdicts)) => {
                self.intake_verified(list, verdicts, turn);
            }
            (intake::Step::Verify(list), _) => self.intake_verified(list, Vec::new(), turn),
            (intake::Step::Open(list, origin), Answer::Opened(plains)) => {
                self.intake_opened(list, origin, plains, turn);
            }
            (intake::Step::Open(list, origin), _) => self.intake_unopened(&list, origin, turn),
            (intake::Step::Store(headers), Answer::Stored(result)) => {
                self.intake_stored(&headers, result, turn);
            }
            (intake::Step::Store(headers), _) => {
                let broken = StorageTrouble::Broken("no answer".into());
                self.intake_stored(&headers, Err(broken), turn);
            }
        }
    }
}

/// What the store said; hands that say something else have not stored it.
fn stored(answer: Answer) -> Result<(), StorageTrouble> {
    match answer {
        Answer::Stored(result) => result,
        _ => Err(StorageTrouble::Broken("no answer".into())),
    }
}

/// Why a start failed, from the answer that should have been another.
fn no_start(answer: &Answer) -> Refusal {
    match answer {
        Answer::Loaded(Err(trouble)) => Refusal::storage(trouble),
        Answer::Failed(said) => Refusal::ours(said),
        _ => Refusal::ours("the device could not start"),
    }
}
