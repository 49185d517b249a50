//! A net with a hole in it must be noticed: with each safety turned off the simulator finds the
//! promise that it keeps broken, within a few of the seeds that keep every promise with it.

use device::{Device, Setup, Switches};
use sim::Hands;
use sim::oracle::Broken;
use sim::scenario::{Scenario, Trouble};
use sim::shop::{Day, Report, Stuck, play};
use sim::weather::Fault;

/// Tills of a day.
const TILLS: u32 = 4;
/// Within how many seeds a hole must be noticed.
const SEEDS: u64 = 40;
/// How long a net with a hole may take to agree, milliseconds; a whole one takes seconds.
const NOTICE_MS: u64 = 10 * 60_000;

fn run(day: &Day, switches: Switches) -> Result<Report, Stuck> {
    let made = move |_, release| Device::new(Setup { switches, release });
    play(day, made, |_| Hands::fast())
}

/// Looks for a day without a safety that breaks a promise which the same day keeps with it.
#[track_caller]
fn check_noticed(without: Switches, day: fn(u64, u32) -> Day, promise: fn(&Broken) -> bool) {
    for seed in 1..=SEEDS {
        let day = Day {
            settling_ms: NOTICE_MS,
            ..day(seed, TILLS)
        };
        match run(&day, Switches::default()) {
            Ok(whole) => assert!(whole.is_fine(), "nothing is turned off: {whole}"),
            Err(stuck) => panic!("nothing is turned off: seed {seed}: {stuck}"),
        }
        // A day that gets stuck shows something, but not that this promise was broken.
        let torn = run(&day, without);
        let broken = torn.map(|report| report.broken).unwrap_or_default();
        if let Some(broken) = broken.iter().find(|broken| promise(broken)) {
            println!("seed {seed}: {broken}");
            return;
        }
    }
    panic!("nobody noticed in {SEEDS} seeds");
}

fn lost(broken: &Broken) -> bool {
    matches!(broken, Broken::Lost { .. })
}

fn states_differ(broken: &Broken) -> bool {
    matches!(broken, Broken::StatesDiffer { .. })
}

fn number_reused(broken: &Broken) -> bool {
    matches!(broken, Broken::ReusedNumber { .. })
}

#[test]
fn a_net_without_deduplication_is_noticed() {
    let without = Switches {
        deduplication: false,
        ..Switches::default()
    };
    check_noticed(without, Day::stormy, states_differ);
}

#[test]
fn a_net_without_gap_tracking_is_noticed() {
    let without = Switches {
        gap_tracking: false,
        ..Switches::default()
    };
    check_noticed(without, Day::stormy, states_differ);
}

/// Long price lists go out at once to whoever is linked, room or not.
#[test]
fn a_net_without_credit_is_noticed() {
    let without = Switches {
        credit: false,
        ..Switches::default()
    };
    check_noticed(without, Day::with_price_lists, |broken| {
        matches!(broken, Broken::TooMuchUnderWay { .. })
    });
}

/// The page cache goes with the power, and a sale with it that was shown as paid.
#[test]
fn a_till_that_does_not_wait_for_its_disk_is_noticed() {
    let without = Switches {
        strict_commit: false,
        ..Switches::default()
    };
    check_noticed(without, Day::stormy, lost);
}

/// A tab that was frozen wakes up, and takes the number that the other one took.
#[test]
fn two_tabs_that_go_on_from_one_place_are_noticed() {
    let without = Switches {
        compare_and_swap: false,
        ..Switches::default()
    };
    check_noticed(without, Day::stormy, number_reused);
}

/// Who may change prices when the change is made may not when it comes to another till.
#[test]
fn people_who_are_judged_by_what_is_known_now_are_noticed() {
    let without = Switches {
        control_vector: false,
        ..Switches::default()
    };
    check_noticed(without, Day::with_changing_roles, states_differ);
}

/// A till and a copy of its disk sell under the same numbers.
#[test]
fn tills_that_tell_sales_apart_by_their_numbers_alone_are_noticed() {
    let without = Switches {
        forks: false,
        ..Switches::default()
    };
    check_noticed(without, Day::with_copy, lost);
}

/// What was there before the cut is taken out, what comes after it is not.
#[test]
fn a_till_that_is_put_out_and_counts_on_is_noticed() {
    let without = Switches {
        cuts: false,
        ..Switches::default()
    };
    check_noticed(without, Day::with_leaving, states_differ);
}

/// An older till drops what it cannot read yet, and lacks it once it can.
#[test]
fn tills_that_drop_what_a_newer_release_wrote_are_noticed() {
    let without = Switches {
        newer: false,
        ..Switches::default()
    };
    check_noticed(without, Day::with_updates, states_differ);
}

/// Of all that goes wrong on the day the second tab is what matters.
#[test]
fn the_shortest_scenario_that_fails_names_the_fault_that_matters() {
    let without = Switches {
        compare_and_swap: false,
        ..Switches::default()
    };
    let (tills, minutes, troubles) = (3, 10, Trouble::weather());
    let scenario = Scenario {
        tills,
        degree: None,
        minutes,
        sales_per_second: None,
        troubles,
    };
    let seed = 2;
    let fails = |scenario: &Scenario| {
        let day = Day {
            settling_ms: 0,
            ..scenario.day(seed)
        };
        run(&day, without).is_ok_and(|report| report.broken.iter().any(number_reused))
    };
    assert!(fails(&scenario));
    let shortest = scenario.shrunk(fails);
    assert!(fails(&shortest) && shortest.minutes < minutes && shortest.tills < tills);
    let second_tab = Trouble::Weather(Fault::SecondTab);
    assert!(shortest.troubles.iter().eq([&second_tab]), "{shortest}");
}
