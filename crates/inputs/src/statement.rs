//! Durable statements, and what is kept of them.

use std::collections::BTreeMap;

use base::limits::{STATED_LOGS_MAX, STATED_PLACES_MAX, STATED_RUNS_MAX};
use base::{DeviceId, LogId, Mark, Run, ShopId, Stream, Vector};
use identity::statement::{Holders, Place, STATEMENT_VERSION, SignedStatement, Statement};

use crate::tape::{Tape, piece};

const SHOP: ShopId = ShopId([4; 16]);
const EVERYBODY: fn(DeviceId) -> bool = |_| true;

/// Statements one after another, each in a piece. What is read is the bytes that came, reads the
/// same again, and taken in twice changes nothing; a run counts only where its mark is ours, and
/// what is kept of a signer stays within its bounds and is the same after a restart.
pub fn run(bytes: &[u8]) {
    let mut tape = Tape::new(bytes);
    let mut holders = Holders::default();
    while !tape.is_used_up() {
        let Ok(signed) = SignedStatement::from_bytes(tape.piece()) else {
            continue;
        };
        let again = SignedStatement::from_bytes(&signed.to_bytes());
        assert_eq!(again.as_ref(), Ok(&signed));
        let statement = &signed.statement;
        let rewritten = SignedStatement::new(statement.clone(), signed.signature);
        let reread = SignedStatement::from_bytes(&rewritten.to_bytes());
        assert_eq!(reread.map(|it| it.statement).as_ref(), Ok(statement));
        take(&mut holders, statement);
    }
}

/// Our own entries: at even numbers those with the mark that the seeds carry, at odd ones none yet.
fn ours(_: LogId, run: &Run) -> u64 {
    let ours = run.last.is_multiple_of(2) && run.mark == Mark([3; 8]);
    if ours { run.last } else { 0 }
}

fn take(holders: &mut Holders, statement: &Statement) {
    holders.take(statement, ours);
    assert!(!holders.take(statement, ours), "once is enough");
    for (log, runs) in statement.runs.logs() {
        // Numbers are never counted through: a statement may claim all of them.
        for seq in runs.iter().flat_map(|run| [run.first, run.last]).take(64) {
            let copies = holders.copies(log, seq, EVERYBODY);
            let covered = holders.covered(log, EVERYBODY);
            let covers = covered
                .iter()
                .any(|run| run.first <= seq && seq <= run.last);
            assert_eq!(copies > 0, covers);
            assert_eq!(holders.in_cloud(log, seq), {
                let far = holders.off_premises(log);
                far.iter().any(|run| run.first <= seq && seq <= run.last)
            });
            assert_eq!(holders.copies(log, seq, |_| false), 0);
        }
        let counted = holders.covered(log, EVERYBODY);
        assert!(counted.iter().all(|run| ours(log, run) == run.last));
        let times = holders.vouched(log, EVERYBODY).count();
        assert!(times <= holders.signers().count());
    }
    let shop = statement.shop;
    assert!(holders.signers().count() <= STATED_PLACES_MAX * 4_096);
    if let Some(merged) = holders.merged(shop, statement.signer) {
        let bytes = base::cbor::encode(&merged);
        let read = base::cbor::decode::<Statement>(&bytes, "statement");
        let kept = read.expect("it comes back from the disk");
        assert_eq!(kept.runs, holders.claimed(statement.signer));
        assert!(kept.runs.logs().count() <= STATED_LOGS_MAX);
        let claimed: usize = kept.runs.logs().map(|(_, runs)| runs.len()).sum();
        assert!(claimed <= STATED_RUNS_MAX + counted(&kept.runs));
        let mut restarted = Holders::default();
        restarted.take(&kept, ours);
        assert_eq!(restarted.claimed(statement.signer), kept.runs);
    }
}

fn counted(runs: &Vector) -> usize {
    let ours = |(log, runs): (LogId, &[Run])| {
        let right = |run: &&Run| ours(log, run) > 0;
        runs.iter().filter(right).count()
    };
    runs.logs().map(ours).sum()
}

/// Statements of two signers, newer and older, of every place.
pub fn seeds() -> Vec<Vec<u8>> {
    let bytes = |statement| SignedStatement::new(statement, [6; 64]).to_bytes();
    let places = [
        Place::Device,
        Place::OnPremises("stick".into()),
        Place::OffPremises("drive".into()),
    ];
    let one = |counter, last, place: &Place| statement(2, counter, last, place.clone());
    let each = places.iter().map(|place| piece(&bytes(one(1, 8, place))));
    let all = places.iter().flat_map(|place| {
        let signers = [
            statement(2, 5, 9, place.clone()),
            statement(3, 4, 8, place.clone()),
        ];
        signers.map(|statement| piece(&bytes(statement))).concat()
    });
    let late = [one(3, 8, &places[0]), one(2, 12, &places[0])];
    let late = late.map(|statement| piece(&bytes(statement))).concat();
    let own = piece(&bytes(statement(1, 1, 4, Place::Device)));
    each.chain([all.collect(), late, own]).collect()
}

fn statement(signer: u8, counter: u64, last: u64, place: Place) -> Statement {
    let log = |stream| LogId::new(DeviceId([1; 16]), stream);
    let run = |first, last| Run {
        first,
        last,
        mark: Mark([3; 8]),
    };
    let mut runs: Vector = BTreeMap::from([
        (
            log(Stream::Sales),
            vec![run(1, last), run(last + 2, last + 4)],
        ),
        (log(Stream::Shop), vec![run(1, 2)]),
    ])
    .into_iter()
    .collect();
    runs.mention(log(Stream::Office));
    let signer = DeviceId([signer; 16]);
    Statement {
        version: STATEMENT_VERSION,
        shop: SHOP,
        signer,
        place,
        counter,
        wall_ms: 9,
        runs,
    }
}
