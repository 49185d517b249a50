//! The world, under a toy machine: it is deterministic, and what is durable stays.

mod toy;

use std::collections::BTreeMap;

use sim::crypto::NoCrypto;
use sim::disk::DiskFault;
use sim::weather::{Climate, Fault, Weather};
use sim::world::{Death, StorageStep};
use sim::{Moment, NodeId, Settings, World};
use toy::{CountOne, Fact, Said, Toy};

type Toys = World<Toy, NoCrypto>;

const FRONT: NodeId = NodeId(0);
const BACK: NodeId = NodeId(1);

fn toys(seed: u64, nodes: u32) -> Toys {
    let settings = Settings::new(seed, nodes);
    World::new(settings, move |id, _| Toy::new(id, nodes), |_| NoCrypto)
}

fn linked_toys(seed: u64, nodes: u32) -> Toys {
    let mut world = toys(seed, nodes);
    world.start_all();
    let pairs = (nodes * (nodes - 1) / 2) as usize;
    let latest = world.now().plus_ms(60_000);
    assert!(world.run_until_true(latest, |w| w.network().linked_pairs().len() == pairs));
    world.run_for_ms(1_000);
    world
}

fn counted(world: &mut Toys, node: NodeId) -> Vec<u64> {
    let mine = world.take_told().into_iter().filter(|t| t.node == node);
    mine.filter_map(|told| match told.notice {
        Said::Counted(number) => Some(number),
        _ => None,
    })
    .collect()
}

fn agree(world: &Toys, on: &[Fact]) -> bool {
    world.nodes().iter().all(|node| {
        let facts = world.machine(*node).map(Toy::facts);
        facts.is_some_and(|facts| facts.iter().eq(on))
    })
}

/// The storm for toys: they know nothing of tabs, and count on being alone on their disk.
fn stormy() -> Climate {
    Climate::stormy().without(Fault::SecondTab)
}

/// Counts in a storm, then clears the weather. Gives what was said to be counted.
fn storm(seed: u64, climate: Climate, hours: u64) -> (Toys, Weather, BTreeMap<Fact, u32>) {
    let mut world = toys(seed, 4);
    world.start_all();
    let mut weather = Weather::new(climate, seed, world.now());
    let mut said: BTreeMap<Fact, u32> = BTreeMap::new();
    let mut note = |world: &mut Toys| {
        for told in world.take_told() {
            assert_ne!(told.notice, Said::Confused);
            if let Said::Counted(number) = told.notice {
                let device = told.node.0.to_be_bytes()[3];
                *said.entry((device, number)).or_default() += 1;
            }
        }
    };
    for tick in 1..=hours * 720 {
        for node in world.nodes() {
            world.command(node, CountOne);
        }
        weather.run_until(&mut world, Moment::from_ms(tick * 5_000));
        note(&mut world);
    }
    weather.clear(&mut world);
    world.run_for_ms(120_000);
    note(&mut world);
    assert_eq!(world.breaches(), Vec::<String>::new(), "seed {seed}");
    (world, weather, said)
}

#[test]
fn a_count_is_said_only_when_it_is_on_the_disk_and_reaches_everybody() {
    let mut world = linked_toys(1, 3);
    world.take_told();
    world.command(BACK, CountOne);
    let latest = world.now().plus_ms(5_000);
    assert!(world.run_until_true(latest, |w| !w.told().is_empty()));
    assert_eq!(world.disk(BACK).unwrap().counters().committed, 1);
    assert_eq!(counted(&mut world, BACK), [1]);
    assert!(world.run_until_true(latest, |w| agree(w, &[(1, 1)])));
}

#[test]
fn a_world_is_quiet_when_only_timers_are_left() {
    let mut world = linked_toys(2, 2);
    world.command(FRONT, CountOne);
    let latest = world.now().plus_ms(2_000);
    assert!(world.run_until_quiet(latest));
    assert!(agree(&world, &[(0, 1)]));
}

#[test]
fn a_killed_node_finds_its_disk_and_goes_on() {
    let mut world = linked_toys(3, 2);
    world.command(BACK, CountOne);
    world.run_for_ms(2_000);
    world.kill(BACK);
    assert!(!world.command(BACK, CountOne));
    assert!(world.machine(BACK).is_none());
    world.run_for_ms(30_000);
    world.start(BACK);
    world.run_for_ms(30_000);
    world.command(BACK, CountOne);
    world.run_for_ms(2_000);
    assert_eq!(counted(&mut world, BACK), [1, 2]);
    assert!(agree(&world, &[(1, 1), (1, 2)]));
}

#[test]
fn a_power_loss_never_takes_a_count_that_was_said() {
    for seed in 0..50 {
        let mut world = toys(seed, 1);
        world.start_all();
        world.run_for_ms(100);
        for _ in 0..20 {
            world.command(FRONT, CountOne);
        }
        world.run_for_ms(seed);
        world.power_loss(FRONT);
        let said = counted(&mut world, FRONT);
        world.start(FRONT);
        world.run_for_ms(1_000);
        let facts = world.machine(FRONT).unwrap().facts();
        let kept = said.iter().all(|number| facts.contains(&(0, *number)));
        assert!(kept, "seed {seed}: {said:?} {facts:?}");
    }
}

/// Asked, done, heard: a death at each leaves what it should.
#[test]
fn a_node_dies_at_the_step_of_its_store_that_it_is_doomed_to() {
    let steps = [
        (StorageStep::Submitted, None, vec![]),
        (StorageStep::Done, Some(1), vec![]),
        (StorageStep::Heard, Some(1), vec![1]),
    ];
    for (step, on_disk, said) in steps {
        let mut world = linked_toys(9, 1);
        world.take_told();
        world.doom(FRONT, step, Death::PowerLoss);
        world.command(FRONT, CountOne);
        world.run_for_ms(1_000);
        assert!(!world.is_running(FRONT), "{step:?}");
        assert_eq!(counted(&mut world, FRONT), said, "{step:?}");
        let committed = world.disk(FRONT).unwrap().counters().committed;
        // What the disk was at work on is there, or it is not.
        assert!(on_disk.is_none_or(|count| count == committed), "{step:?}");
        world.start(FRONT);
        world.command(FRONT, CountOne);
        world.run_for_ms(1_000);
        assert!(world.is_running(FRONT), "it dies of it once");
    }
}

#[test]
fn a_frozen_tab_hears_what_came_when_it_wakes_and_nothing_once_it_is_closed() {
    let mut world = linked_toys(10, 2);
    world.take_told();
    world.command(FRONT, CountOne);
    assert!(world.open_second_tab(FRONT));
    assert!(!world.open_second_tab(FRONT), "there are two already");
    world.run_for_ms(20_000);
    assert_eq!(counted(&mut world, FRONT), [], "nobody was awake to hear");
    assert!(!world.command_old_tab(FRONT, CountOne) && world.command(FRONT, CountOne));
    world.run_for_ms(1_000);
    assert_eq!(counted(&mut world, FRONT), [1], "the second tab counts");
    world.thaw_old_tab(FRONT);
    assert!(world.has_old_tab_awake(FRONT) && world.command_old_tab(FRONT, CountOne));
    world.run_for_ms(1_000);
    let told: Vec<_> = world
        .take_told()
        .into_iter()
        .map(|told| told.notice)
        .collect();
    assert_eq!(told, [Said::Confused, Said::Counted(2)]);
    world.close_old_tab(FRONT);
    assert!(!world.command_old_tab(FRONT, CountOne));
    assert!(world.open_second_tab(FRONT), "there is one again");
    assert_eq!(world.breaches(), Vec::<String>::new());
}

#[test]
fn a_slow_disk_answers_late_and_a_mended_one_soon() {
    let mut world = linked_toys(11, 1);
    world.take_told();
    world.set_disk_slowness(FRONT, 1_000);
    world.command(FRONT, CountOne);
    world.run_for_ms(900);
    assert_eq!(counted(&mut world, FRONT), []);
    world.set_disk_slowness(FRONT, 1);
    world.run_for_ms(600_000);
    world.command(FRONT, CountOne);
    world.run_for_ms(1_000);
    assert_eq!(counted(&mut world, FRONT), [1, 2]);
}

#[test]
fn a_full_disk_refuses_and_works_again_when_there_is_room() {
    let mut world = linked_toys(5, 1);
    world.take_told();
    world.set_disk_fault(FRONT, DiskFault::Full);
    world.command(FRONT, CountOne);
    world.run_for_ms(1_000);
    assert_eq!(world.take_told().pop().unwrap().notice, Said::Refused);
    world.set_disk_fault(FRONT, DiskFault::None);
    world.command(FRONT, CountOne);
    world.run_for_ms(1_000);
    assert_eq!(counted(&mut world, FRONT), [2]);
}

#[test]
fn islands_count_alone_and_agree_once_united() {
    let mut world = linked_toys(6, 4);
    world.part(&[FRONT, BACK]);
    for node in world.nodes() {
        world.command(node, CountOne);
    }
    world.run_for_ms(60_000);
    let front = world.machine(FRONT).unwrap().facts().clone();
    assert!(front.iter().eq(&[(0, 1), (1, 1)]));
    world.unite(&[FRONT, BACK]);
    world.run_for_ms(60_000);
    assert!(agree(&world, &[(0, 1), (1, 1), (2, 1), (3, 1)]));
}

#[test]
fn without_the_meeting_place_nobody_links_and_with_it_everybody_does() {
    let mut world = toys(7, 3);
    world.set_meeting_place(false);
    world.start_all();
    world.run_for_ms(60_000);
    assert_eq!(world.network().linked_pairs(), []);
    world.set_meeting_place(true);
    world.run_for_ms(60_000);
    assert_eq!(world.network().linked_pairs().len(), 3);
}

#[test]
fn after_a_storm_nothing_that_was_said_is_lost_or_doubled_and_all_agree() {
    let mut struck: BTreeMap<Fault, u64> = BTreeMap::new();
    for seed in 0..10 {
        let (world, weather, said) = storm(seed, stormy(), 1);
        for (fault, times) in weather.struck() {
            *struck.entry(*fault).or_default() += times;
        }
        let facts: Vec<Fact> = world
            .machine(FRONT)
            .unwrap()
            .facts()
            .iter()
            .copied()
            .collect();
        assert!(agree(&world, &facts), "seed {seed}: they differ");
        for (fact, times) in &said {
            assert_eq!(*times, 1, "seed {seed}: {fact:?} was said {times} times");
            assert!(facts.contains(fact), "seed {seed}: {fact:?} is lost");
        }
        eprintln!(
            "{seed} {} {:?} {:?} {}",
            world.trace().1,
            world.network().counters(),
            world.meeting_place().counters(),
            weather
        );
        assert!(said.len() > 1_000, "seed {seed}: {}", said.len());
    }
    assert_eq!(struck.len(), Fault::ALL.len() - 1, "{struck:?}");
}

#[test]
fn a_seed_gives_the_same_trace_twice_and_another_seed_another() {
    let trace = |seed| storm(seed, stormy(), 1).0.trace();
    let (hash, steps) = trace(42);
    assert_eq!(trace(42), (hash, steps));
    assert_ne!(trace(43).0, hash);
    assert!(steps > 50_000, "{steps}");
}

#[test]
fn calm_weather_strikes_nothing() {
    let (world, weather, said) = storm(8, Climate::calm(), 1);
    assert!(weather.struck().is_empty());
    assert_eq!(world.network().counters().broken, 0);
    assert_eq!(said.len(), 4 * 720 - 4, "all but those before it was ready");
}
