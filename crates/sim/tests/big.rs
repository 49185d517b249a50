//! Shops too big for everybody to be linked with everybody, and shops after a night apart.

use std::collections::BTreeSet;

use device::{Device, Setup};
use sim::scenario::{Scenario, Trouble};
use sim::shop::desk::Desk;
use sim::shop::{Report, opening, play};
use sim::world::NodeId;
use sim::{Hands, Settings, World};

/// Tills of a big shop: more than are all linked with each other where nobody says otherwise.
const TILLS: u32 = 24;
/// Within how long all have everything after a night, milliseconds.
const FULL_SYNC_MS: u64 = 5 * 60_000;

fn scenario(tills: u32, troubles: &str) -> Scenario {
    Scenario {
        tills,
        degree: None,
        minutes: 1,
        sales_per_second: Some(5),
        troubles: Trouble::list(troubles).expect("these are troubles"),
    }
}

#[track_caller]
fn run(scenario: &Scenario, seed: u64) -> Report {
    let day = scenario.day(seed);
    let made = |_, release| Device::new(Setup::of(release));
    let report = play(&day, made, |_| Hands::fast()).expect("it can be played");
    println!("{report}");
    assert!(report.is_fine(), "{report}");
    report
}

#[test]
fn a_big_shop_keeps_every_promise_and_its_sales_reach_everybody_soon() {
    let shop = scenario(TILLS, "weather");
    let report = run(&shop, 1);
    assert_eq!(run(&shop, 1).trace, report.trace, "it ran differently");
    let (figures, others) = (report.figures, u64::from(TILLS) - 1);
    let reached = figures.reached;
    assert!(report.paid > 100, "{report}");
    assert_eq!(figures.deliveries, report.paid * others);
    assert_eq!(reached.pairs, figures.deliveries);
    assert!(reached.pairs_joined > 0 && reached.soon_joined == reached.pairs_joined);
    // What is asked for may be stored and never shown as paid, and then it is sent all the same.
    assert!(figures.ideal_frames <= report.asked * others);
    assert!(figures.ideal_bytes > 300 * figures.ideal_frames);
    assert!(figures.frames > figures.ideal_frames && figures.frame_bytes > figures.ideal_bytes);
    let price = figures.frame_bytes / figures.ideal_bytes;
    assert!(price < 10, "what is sent is {price} times the ideal");
}

#[test]
fn tills_link_with_their_neighbours_and_nobody_else() {
    let settings = Settings::new(2, TILLS);
    let graph = settings.graph();
    let made = |_, release| Device::new(Setup::of(release));
    let mut world = World::new(settings, made, |_| Hands::fast());
    world.start_all();
    opening::open_shop(&mut world, &mut Desk::default(), None, None).expect("it opens");
    world.run_for_ms(30_000);
    let linked: BTreeSet<_> = world.network().linked_pairs().into_iter().collect();
    let nodes = (0..TILLS).map(NodeId);
    let met = nodes.flat_map(|node| {
        let later = graph.neighbours(node).filter(move |other| node < *other);
        later.map(move |other| (node, other))
    });
    assert_eq!(linked, met.collect::<BTreeSet<_>>());
    assert!(linked.len() < TILLS as usize * 3 + 1, "six each");
}

#[test]
fn after_a_night_apart_all_have_everything_within_minutes() {
    let report = run(&scenario(8, "night"), 3);
    let dawn = report.dawn.expect("there was a night");
    let (reached, deliveries) = (dawn.reached, report.paid * 7);
    assert_eq!((reached.pairs, reached.soon), (deliveries, deliveries));
    assert!(dawn.full_ms.is_some_and(|ms| ms <= FULL_SYNC_MS), "{dawn}");
    // Nothing was sent while they were apart, and what came then came packed.
    assert!(
        report.figures.frames < report.figures.ideal_frames,
        "{report}"
    );
}

#[test]
fn after_a_night_apart_all_have_everything_in_a_storm_too() {
    let report = run(&scenario(8, "weather,night"), 4);
    let dawn = report.dawn.expect("there was a night");
    assert!(dawn.full_ms.is_some(), "{dawn}");
}
