//! The shop's promises, after a day of weather: no sale lost, none doubled, all hashes equal.

use device::{Device, Setup};
use sim::Hands;
use sim::shop::{Day, play};

#[track_caller]
fn check(day: &Day) {
    let once = play(day, |_| Device::new(Setup::default()), |_| Hands::real());
    let report = match once {
        Ok(report) => report,
        Err(stuck) => panic!("seed {}: {stuck}", day.world.seed),
    };
    println!("{report}");
    assert!(report.is_fine(), "seed {}: {report}", day.world.seed);
    let again = play(day, |_| Device::new(Setup::default()), |_| Hands::real());
    assert_eq!(
        again.map(|report| report.trace),
        Ok(report.trace),
        "the same seed, twice"
    );
}

#[test]
fn a_calm_day_with_two_tills() {
    check(&Day::calm(1, 2));
}
