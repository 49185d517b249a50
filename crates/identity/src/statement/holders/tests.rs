use base::{Mark, Stream};

use super::*;
use crate::statement::tests::{log, statement};

/// What is kept of what that signer said.
fn merged(holders: &Holders) -> Statement {
    let merged = holders.merged(ShopId([4; 16]), DeviceId([2; 16]));
    merged.unwrap()
}

/// Our own entries: those whose marks these statements carry.
fn ours(_: LogId, run: &Run) -> u64 {
    if run.mark == Mark([3; 8]) {
        run.last
    } else {
        0
    }
}

#[test]
fn late_and_repeated_statements_change_nothing() {
    let mut holders = Holders::default();
    assert!(holders.take(&statement(2, 9), ours));
    assert!(!holders.take(&statement(2, 9), ours));
    assert!(!holders.take(&statement(1, 4), ours));
    assert_eq!(holders.copies(log(), 9, |_| true), 1);
    assert_eq!(holders.copies(log(), 10, |_| true), 0);
    assert_eq!(holders.copies(log(), 9, |_| false), 0);
    assert!(!holders.in_cloud(log(), 9));
}

#[test]
fn a_statement_over_another_branch_of_a_fork_does_not_count() {
    let mut holders = Holders::default();
    let branch = |_, run: &Run| u64::from(run.mark == Mark([7; 8])) * run.last;
    assert!(holders.take(&statement(2, 9), branch));
    assert_eq!(holders.copies(log(), 9, |_| true), 0);
    assert_eq!(holders.covered(log(), |_| true), []);
    let off = Statement {
        place: Place::OffPremises("elsewhere".into()),
        ..statement(2, 9)
    };
    holders.take(&off, branch);
    assert!(!holders.in_cloud(log(), 9));
    assert!(!holders.prove(log(), |run| branch(log(), run)));
    assert_eq!(holders.copies(log(), 9, |_| true), 0);
}

#[test]
fn what_both_branches_share_counts_whichever_a_run_ends_on() {
    let mut holders = Holders::default();
    holders.take(&statement(2, 9), |_, _| 5);
    let copies = |seq| holders.copies(log(), seq, |_| true);
    assert_eq!((copies(5), copies(6)), (1, 0));
    assert_eq!(holders.covered(log(), |_| true)[0].last, 5);
    let kept = merged(&holders);
    assert_eq!(kept, statement(2, 9), "kept as it was said");
}

#[test]
fn what_ends_beyond_what_we_hold_counts_once_we_hold_it() {
    let mut holders = Holders::default();
    let nothing = |_, _: &Run| 0;
    assert!(holders.take(&statement(2, 9), nothing));
    assert_eq!(holders.copies(log(), 4, |_| true), 0);
    let kept = merged(&holders);
    assert_eq!(kept, statement(2, 9), "kept as it was said");
    for holders in [&mut holders, &mut Holders::default()] {
        holders.take(&kept, nothing);
        assert!(!holders.prove(log(), |run| u64::from(run.last == 8) * 8));
        assert!(holders.prove(log(), |run| u64::from(run.last == 9) * 9));
        assert!(!holders.prove(log(), |_| 0), "once is enough");
        assert!(holders.said.values().all(|word| word.unproven == 0));
        assert!(holders.awaiting.values().all(BTreeSet::is_empty));
        assert_eq!(holders.copies(log(), 4, |_| true), 1);
    }
}

#[test]
fn nobody_fills_the_memory_with_what_cannot_be_checked() {
    let mut holders = Holders::default();
    let nothing = |_, _: &Run| 0;
    let run = |n: u64| Run {
        first: 2 * n,
        last: 2 * n,
        mark: Mark([3; 8]),
    };
    let log = |n: usize| {
        LogId::new(
            DeviceId(
                [(n / 256) as u8, (n % 256) as u8]
                    .repeat(8)
                    .try_into()
                    .unwrap(),
            ),
            Stream::Sales,
        )
    };
    for counter in 0..8 {
        let logs = (0..1_000).map(|n| (log(counter * 1_000 + n), (1..6).map(run).collect()));
        let told = Statement {
            counter: counter as u64,
            place: Place::OnPremises(format!("stick {}", counter % 2)),
            runs: logs.collect(),
            ..statement(1, 1)
        };
        holders.take(&told, nothing);
    }
    for place in 0..50 {
        let place = Place::OffPremises(format!("cloud {place}"));
        holders.take(
            &Statement {
                place,
                ..statement(1, 1)
            },
            nothing,
        );
    }
    assert_eq!(holders.said.len(), STATED_PLACES_MAX);
    for Word { logs, unproven } in holders.said.values() {
        assert!(logs.len() <= STATED_LOGS_MAX && *unproven <= STATED_RUNS_MAX);
        assert_eq!(logs.values().map(Said::unproven).sum::<usize>(), *unproven);
    }
    for (key, word) in &holders.said {
        for (log, said) in &word.logs {
            let awaited = holders.awaiting.get(log);
            let awaited = awaited.is_some_and(|awaiting| awaiting.contains(key));
            assert_eq!(awaited, said.unproven() > 0);
        }
    }
}

#[test]
fn when_something_was_vouched_for_survives_being_kept() {
    let mut holders = Holders::default();
    holders.take(&statement(2, 9), ours);
    let mut restarted = Holders::default();
    let kept = merged(&holders);
    restarted.take(&kept, ours);
    let vouched: Vec<_> = restarted.vouched(log(), |_| true).collect();
    assert_eq!(vouched.len(), 1);
    assert_eq!((vouched[0].0, vouched[0].1[0].last), (9, 9));
}

#[test]
fn what_is_off_the_premises_is_listed() {
    let mut holders = Holders::default();
    let mut far = statement(1, 4);
    far.place = Place::OffPremises("drive".into());
    holders.take(&far, ours);
    assert_eq!(holders.off_premises(log())[0].last, 4);
    assert!(holders.in_cloud(log(), 4) && !holders.in_cloud(log(), 5));
    assert_eq!(holders.copies(log(), 4, |_| true), 0);
}

#[test]
fn what_the_author_says_of_itself_is_no_copy() {
    let mut holders = Holders::default();
    let mut own = statement(1, 9);
    own.signer = log().device;
    holders.take(&own, ours);
    assert_eq!(holders.copies(log(), 3, |_| true), 0);
}
