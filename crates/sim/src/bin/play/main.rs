//! Plays days in a storm, a line per seed: `cargo xtask sim --tills 5 --seed 1 --seeds 100`.

mod options;

use std::process::ExitCode;
use std::thread;

use device::{Device, Setup};
use sim::Hands;
use sim::promises::Promise;
use sim::scenario::Scenario;
use sim::seeds::run_all;
use sim::shop::{Figures, Report, Stuck, play};

use options::{Asked, Wanted};

/// What came of a day.
type Played = Result<Report, Stuck>;

fn play_one(scenario: &Scenario, seed: u64, real: bool) -> Played {
    let make_hands = if real { Hands::real } else { Hands::fast };
    let day = scenario.day(seed);
    play(
        &day,
        |_, release| Device::new(Setup::of(release)),
        |_| make_hands(),
    )
}

/// The promises that a day broke; a day that got stuck broke none that has a name, and is told
/// apart from one that kept all.
fn failure(played: &Played) -> Option<Vec<Promise>> {
    let Ok(report) = played else {
        return Some(Vec::new());
    };
    let all = Promise::ALL.into_iter();
    let broken: Vec<_> = all.filter(|it| !it.is_kept_by(report)).collect();
    (!broken.is_empty()).then_some(broken)
}

/// Whether two failures have something in common.
fn alike(one: &[Promise], other: &[Promise]) -> bool {
    one == other || one.iter().any(|promise| other.contains(promise))
}

fn show_line(seed: u64, played: &Played) {
    match played {
        Ok(report) => println!("{report}"),
        Err(stuck) => println!("seed {seed}: {stuck}"),
    }
}

/// Says of every promise whether it was kept, and by which seeds it was not.
fn show_promises(played: &[(u64, Played)]) {
    println!("\npromises:");
    for promise in Promise::ALL {
        let broke = |(_, played): &&(u64, Played)| {
            failure(played).is_some_and(|broken| broken.contains(&promise))
        };
        let seeds: Vec<_> = played
            .iter()
            .filter(broke)
            .map(|it| it.0.to_string())
            .collect();
        if seeds.is_empty() {
            println!("  kept    {promise}");
        } else {
            println!("  BROKEN  {promise} (seeds {})", seeds.join(", "));
        }
    }
    let stuck = played.iter().filter(|(_, played)| played.is_err()).count();
    if stuck > 0 {
        println!("  STUCK   {stuck} days could not be played to their end");
    }
}

fn show_sums(played: &[(u64, Played)]) {
    let reports = || played.iter().filter_map(|(_, played)| played.as_ref().ok());
    let count = |counter: fn(&Report) -> u64| -> u64 { reports().map(counter).sum() };
    let fine = played
        .iter()
        .filter(|(_, it)| failure(it).is_none())
        .count();
    println!(
        "\n{fine} of {} seeds kept every promise: {} sales paid, {} frames dropped, {} doubled, \
         {} reordered, {} restarts",
        played.len(),
        count(|report| report.paid),
        count(|report| report.network.dropped),
        count(|report| report.network.doubled),
        count(|report| report.network.reordered),
        count(|report| report.restarts),
    );
    let figures: Figures = reports().map(|report| report.figures).sum();
    println!("  {figures}");
    let settled = reports().filter_map(|report| report.settled_ms);
    if let Some(longest_ms) = settled.max() {
        println!("  all equal at the latest {longest_ms} ms after the weather cleared");
    }
}

/// Looks for the shortest scenario in which a seed still fails in the same way, and shows it.
fn show_shortest(wanted: &Wanted, seed: u64, broken: &[Promise]) {
    let fails = |scenario: &Scenario| {
        let again = failure(&play_one(scenario, seed, wanted.real));
        again.is_some_and(|again| alike(&again, broken))
    };
    let shortest = Wanted {
        scenario: wanted.scenario.clone().shrunk(fails),
        first_seed: seed,
        seeds: 1,
        ..wanted.clone()
    };
    println!("\nthe shortest scenario in which seed {seed} fails alike:\n  {shortest}");
    let played = play_one(&shortest.scenario, seed, wanted.real);
    show_line(seed, &played);
    show_timeline(&played);
}

fn show_timeline(played: &Played) {
    if let Ok(report) = played {
        println!(
            "\nwhat happened, in hours of virtual time:\n{}",
            report.timeline
        );
    }
}

fn play_all(wanted: &Wanted) -> ExitCode {
    let seeds = wanted.first_seed..wanted.first_seed.saturating_add(wanted.seeds);
    let threads = thread::available_parallelism().map_or(1, usize::from);
    let played = run_all(seeds, threads, |seed| {
        let played = play_one(&wanted.scenario, seed, wanted.real);
        show_line(seed, &played);
        (seed, played)
    });
    if let [(_, only)] = played.as_slice() {
        show_timeline(only);
    }
    show_promises(&played);
    show_sums(&played);
    let failures = played
        .iter()
        .filter_map(|(seed, it)| failure(it).map(|broken| (*seed, broken)));
    let failures: Vec<_> = failures.collect();
    for (seed, _) in &failures {
        let again = Wanted {
            first_seed: *seed,
            seeds: 1,
            ..wanted.clone()
        };
        println!("  play it again: {again}");
    }
    match failures.first() {
        Some((seed, broken)) => {
            if !wanted.unshrunk {
                show_shortest(wanted, *seed, broken);
            }
            ExitCode::FAILURE
        }
        None => ExitCode::SUCCESS,
    }
}

fn main() -> ExitCode {
    match options::parse(lexopt::Parser::from_env()) {
        Ok(Asked::Play(wanted)) => play_all(&wanted),
        Ok(Asked::Help) => {
            print!("{}", options::help());
            ExitCode::SUCCESS
        }
        Err(problem) => {
            eprintln!("{problem}");
            ExitCode::FAILURE
        }
    }
}
