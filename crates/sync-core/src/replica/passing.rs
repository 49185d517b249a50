//! Passing on what others stated, so that a till learns that the tablet has its sale even when the
//! two never meet.
//!
//! Seldom, and a bounded number at a time: whoever is linked with a signer hears of it at once.

use std::collections::{BTreeMap, BTreeSet};

use base::limits::{PASS_ON_INTERVAL_MS, PASSED_AT_ONCE_MAX, PASSED_BYTES_MAX};
use base::machine::Channel;
use base::{DeviceId, LinkId, LogId};
use identity::statement::SignedStatement;
use minicbor::bytes::ByteVec;

use super::Replica;
use super::action::Standing;
use crate::message::Message;

/// Statements of others whose signatures count: of each signer those that are the latest of some log.
#[derive(Debug, Default)]
pub(super) struct Words {
    of: BTreeMap<DeviceId, BTreeMap<u64, Word>>,
    bytes: usize,
    /// When to pass on what peers may lack.
    pub due_ms: Option<u64>,
}

#[derive(Debug)]
struct Word {
    /// As its signer made it.
    bytes: Vec<u8>,
    /// The logs of which it is the latest.
    logs: BTreeSet<LogId>,
}

/// Which statements of others a peer has.
#[derive(Debug, Default)]
pub(super) struct Heard {
    /// The highest counter of each signer that it sent or was sent. They are passed on in their
    /// order, so it has those before, or something in their place.
    counters: BTreeMap<DeviceId, u64>,
    /// Whose were passed on to it last: the next one's turn comes then.
    last: Option<DeviceId>,
}

impl Heard {
    fn has(&mut self, signer: DeviceId, counter: u64) {
        let highest = self.counters.entry(signer).or_default();
        *highest = counter.max(*highest);
    }

    fn lacks(&self, signer: DeviceId, counter: u64) -> bool {
        self.counters
            .get(&signer)
            .is_none_or(|highest| *highest < counter)
    }
}

impl Words {
    /// Keeps a statement for as long as it is the latest of one of its logs. One that there is no
    /// room for is not passed on.
    fn keep(&mut self, signed: &SignedStatement) {
        let statement = &signed.statement;
        let words = self.of.entry(statement.signer).or_default();
        let newer = words.range(statement.counter..);
        let known: BTreeSet<LogId> = newer.flat_map(|(_, word)| &word.logs).copied().collect();
        let logs = statement.runs.logs().map(|(log, _)| log);
        let logs: BTreeSet<LogId> = logs.filter(|log| !known.contains(log)).collect();
        for (_, older) in words.range_mut(..statement.counter) {
            older.logs.retain(|log| !logs.contains(log));
        }
        words.retain(|_, word| {
            let is_latest = !word.logs.is_empty();
            if !is_latest {
                self.bytes -= word.bytes.len();
            }
            is_latest
        });
        let bytes = signed.to_bytes();
        if !logs.is_empty() && self.bytes + bytes.len() <= PASSED_BYTES_MAX {
            self.bytes += bytes.len();
            words.insert(statement.counter, Word { bytes, logs });
        }
    }

    /// What somebody lacks of whoever does not tell it itself, signer by signer from the one whose
    /// turn it is, and whether there is more.
    fn next(&self, heard: &mut Heard, tells: impl Fn(DeviceId) -> bool) -> (Vec<ByteVec>, bool) {
        let after = self
            .of
            .iter()
            .filter(|(signer, _)| Some(**signer) > heard.last);
        let before = self
            .of
            .iter()
            .filter(|(signer, _)| Some(**signer) <= heard.last);
        let others = after.chain(before).filter(|(signer, _)| !tells(**signer));
        let all = others.flat_map(|(signer, words)| {
            words
                .iter()
                .map(move |(counter, word)| (*signer, *counter, word))
        });
        let lacking = all.filter(|(signer, counter, _)| heard.lacks(*signer, *counter));
        let lacking: Vec<_> = lacking.take(PASSED_AT_ONCE_MAX + 1).collect();
        let more = lacking.len() > PASSED_AT_ONCE_MAX;
        let mut passed = Vec::new();
        for (signer, counter, word) in lacking.into_iter().take(PASSED_AT_ONCE_MAX) {
            heard.has(signer, counter);
            heard.last = Some(signer);
            passed.push(ByteVec::from(word.bytes.clone()));
        }
        (passed, more)
    }
}

impl Replica {
    /// A device has a statement: it sent it, whoever made it.
    pub fn statement_seen(&mut self, link: LinkId, signer: DeviceId, counter: u64) {
        if let Some(peer) = self.peers.get_mut(&link) {
            peer.heard.has(signer, counter);
        }
    }

    /// A statement of somebody else counts: whoever is linked may lack it.
    pub fn pass_on(&mut self, now_ms: u64, signed: &SignedStatement) {
        self.words.keep(signed);
        self.words
            .due_ms
            .get_or_insert(now_ms + PASS_ON_INTERVAL_MS);
    }

    /// Passes on what is due.
    pub(super) fn pass(&mut self, now_ms: u64) {
        let Self { words, peers, .. } = self;
        if words.due_ms.take_if(|due| *due <= now_ms).is_none() {
            return;
        }
        let mut passed = Vec::new();
        let members = peers
            .iter_mut()
            .filter(|(_, peer)| peer.ready && peer.standing == Standing::Member);
        let mut any_more = false;
        for (link, peer) in members {
            let (device, linked_with) = (peer.device, &peer.linked_with);
            let tells = |signer| signer == device || linked_with.contains(&signer);
            let (statements, more) = words.next(&mut peer.heard, tells);
            any_more |= more;
            if !statements.is_empty() {
                passed.push((*link, statements));
            }
        }
        if any_more {
            words.due_ms = Some(now_ms + PASS_ON_INTERVAL_MS);
        }
        for (link, statements) in passed {
            self.send(link, Channel::Control, Message::Passed(statements));
        }
    }
}

#[cfg(test)]
mod tests {
    use base::{Mark, Run, ShopId, Stream};
    use identity::statement::{Place, STATEMENT_VERSION, Statement};

    use super::*;

    const SIGNER: DeviceId = DeviceId([2; 16]);
    const PEER: DeviceId = DeviceId([9; 16]);

    fn log(device: u8) -> LogId {
        LogId::new(DeviceId([device; 16]), Stream::Sales)
    }

    fn signed(signer: DeviceId, counter: u64, logs: &[u8]) -> SignedStatement {
        let run = |device: &u8| {
            let (first, last, mark) = (1, counter, Mark([1; 8]));
            (log(*device), vec![Run { first, last, mark }])
        };
        let statement = Statement {
            version: STATEMENT_VERSION,
            shop: ShopId([4; 16]),
            signer,
            place: Place::Device,
            counter,
            wall_ms: 9,
            runs: logs.iter().map(run).collect(),
        };
        SignedStatement::new(statement, [0; 64])
    }

    /// The counters of what is passed on.
    fn passed(words: &Words, heard: &mut Heard) -> Vec<u64> {
        let (passed, _) = words.next(heard, |signer| signer == PEER);
        let read = |bytes: ByteVec| SignedStatement::from_bytes(&bytes).unwrap();
        let counters = passed
            .into_iter()
            .map(|bytes| read(bytes).statement.counter);
        counters.collect()
    }

    #[test]
    fn what_is_the_latest_of_some_log_is_passed_on_once_in_order() {
        let mut words = Words::default();
        for (counter, logs) in [(1, &[5, 6, 7][..]), (2, &[5]), (4, &[5, 6]), (3, &[6])] {
            words.keep(&signed(SIGNER, counter, logs));
        }
        let mut heard = Heard::default();
        assert_eq!(passed(&words, &mut heard), [1, 4]);
        assert_eq!(passed(&words, &mut heard), [0; 0]);
        words.keep(&signed(SIGNER, 5, &[5, 6, 7]));
        assert_eq!(passed(&words, &mut heard), [5]);
        assert_eq!(words.of[&SIGNER].len(), 1, "nothing else is the latest");
        assert_eq!(words.bytes, words.of[&SIGNER][&5].bytes.len());
    }

    #[test]
    fn who_made_it_or_has_sent_it_is_not_told() {
        let mut words = Words::default();
        words.keep(&signed(PEER, 1, &[5]));
        words.keep(&signed(SIGNER, 3, &[5]));
        let mut heard = Heard::default();
        heard.has(SIGNER, 3);
        assert_eq!(passed(&words, &mut heard), [0; 0]);
    }

    #[test]
    fn everybody_has_a_turn_however_much_is_said() {
        let mut words = Words::default();
        let signers = || (1..=PASSED_AT_ONCE_MAX as u8 + 4).map(|byte| DeviceId([byte; 16]));
        let signers: Vec<_> = signers().filter(|signer| *signer != PEER).collect();
        let mut heard = Heard::default();
        let mut told = BTreeSet::new();
        for counter in 1..=2 {
            for signer in &signers {
                words.keep(&signed(*signer, counter, &[200]));
            }
            let (passed, more) = words.next(&mut heard, |signer| signer == PEER);
            assert!(more && passed.len() == PASSED_AT_ONCE_MAX);
            for bytes in passed {
                told.insert(
                    SignedStatement::from_bytes(&bytes)
                        .unwrap()
                        .statement
                        .signer,
                );
            }
        }
        assert!(told.into_iter().eq(signers));
    }

    #[test]
    fn what_is_kept_for_it_is_bounded() {
        let mut words = Words::default();
        let logs: Vec<u8> = (10..200).collect();
        let size = signed(SIGNER, 1, &logs).to_bytes().len();
        let fit = PASSED_BYTES_MAX / size;
        for number in 0..fit as u16 + 9 {
            let mut signer = SIGNER;
            signer.0[..2].copy_from_slice(&number.to_be_bytes());
            words.keep(&signed(signer, 1, &logs));
        }
        assert!(words.bytes <= PASSED_BYTES_MAX);
        let kept: usize = words.of.values().map(BTreeMap::len).sum();
        assert_eq!(kept, fit);
    }
}
