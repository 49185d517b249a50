//! The configuration: what it is, who may set it, and that it counts.

use device::api::{Config, ConfigChange, Reply, Request};
use domain::money::Currency;
use domain::settings::{BusinessDate, TaxMode};
use sim::disk::DiskFault;
use sim::shop::wares;

use crate::corner::{Corner, OWNER, TILL};

#[track_caller]
fn config(reply: Reply) -> Config {
    match reply {
        Reply::Config(config) => *config,
        reply => panic!("no configuration: {reply:?}"),
    }
}

fn set(change: ConfigChange) -> Request {
    Request::SetConfig(Box::new(change))
}

#[test]
fn a_shop_that_nobody_configured_has_these_settings() {
    let mut corner = Corner::founded(27, 1);
    let wares = wares::new_shop();
    let expected = Config {
        name: "Corner Shop".into(),
        currency: wares.currency,
        timezone: "Europe/Rome".into(),
        tax_mode: TaxMode::Inclusive,
        tax_rates: wares.tax_rates,
        day_cutoff_minutes: 0,
        device_name: "Till 1".into(),
        reconcile_seconds: 600,
        retry_cap_seconds: 3_600,
    };
    assert_eq!(config(corner.ask(OWNER, Request::Config)), expected);
    let same = set(ConfigChange {
        name: Some(expected.name.clone()),
        currency: Some(expected.currency),
        tax_rates: Some(expected.tax_rates.clone()),
        day_cutoff_minutes: Some(0),
        ..ConfigChange::default()
    });
    let commits = corner.counted(OWNER, "commits");
    assert_eq!(config(corner.ask(OWNER, same)), expected);
    assert_eq!(
        corner.counted(OWNER, "commits"),
        commits,
        "nothing to write"
    );
}

#[test]
fn what_the_owner_sets_holds_on_every_till_and_across_a_restart() {
    let mut corner = Corner::with_tills(28, 2, 1);
    let before = config(corner.ask(TILL, Request::Config));
    let change = set(ConfigChange {
        name: Some("  Corner & Sons ".into()),
        timezone: Some("Asia/Tokyo".into()),
        tax_mode: Some(TaxMode::Exclusive),
        day_cutoff_minutes: Some(240),
        device_name: Some("Counter".into()),
        reconcile_seconds: Some(60),
        ..ConfigChange::default()
    });
    let now = config(corner.ask(OWNER, change));
    assert_eq!(now.name, "Corner & Sons");
    assert_eq!((now.reconcile_seconds, now.retry_cap_seconds), (60, 3_600));
    corner.agree(&[OWNER, TILL]);
    let there = config(corner.ask(TILL, Request::Config));
    let shared = Config {
        device_name: before.device_name,
        reconcile_seconds: 600,
        ..now.clone()
    };
    assert_eq!(there, shared);
    let receipt = corner.sell(TILL);
    assert_eq!(receipt.shop, "Corner & Sons");
    assert_eq!(receipt.tax_mode, TaxMode::Exclusive);
    let tokyo_min = receipt.wall_ms / 60_000 + 9 * 60;
    let time = format!("{:02}:{:02}", tokyo_min / 60 % 24, tokyo_min % 60);
    assert_eq!(receipt.time.time, time, "the new zone counts");
    let day = (tokyo_min - 240) / (24 * 60);
    assert_eq!(receipt.business_date, BusinessDate(day as i32));
    corner.world.kill(OWNER);
    corner.world.start(OWNER);
    corner.world.run_for_ms(10_000);
    assert_eq!(config(corner.ask(OWNER, Request::Config)), now);
}

#[test]
fn what_cannot_be_set_is_refused_by_name_and_nothing_changes() {
    let mut corner = Corner::founded(29, 1);
    let before = config(corner.ask(OWNER, Request::Config));
    let twice = before.tax_rates.iter().chain(&before.tax_rates);
    let wrong = [
        (
            "dayCutoffMinutes",
            "out-of-range",
            ConfigChange {
                day_cutoff_minutes: Some(1_440),
                ..ConfigChange::default()
            },
        ),
        (
            "reconcileSeconds",
            "out-of-range",
            ConfigChange {
                reconcile_seconds: Some(-1),
                ..ConfigChange::default()
            },
        ),
        (
            "retryCapSeconds",
            "out-of-range",
            ConfigChange {
                retry_cap_seconds: Some(i64::MAX),
                ..ConfigChange::default()
            },
        ),
        (
            "taxRates",
            "out-of-range",
            ConfigChange {
                tax_rates: Some(twice.cloned().collect()),
                ..ConfigChange::default()
            },
        ),
        (
            "deviceName",
            "out-of-range",
            ConfigChange {
                device_name: Some("   ".into()),
                ..ConfigChange::default()
            },
        ),
        (
            "currency",
            "fixed-key",
            ConfigChange {
                currency: Currency::from_code("USD"),
                ..ConfigChange::default()
            },
        ),
    ];
    for (key, code, change) in wrong {
        let change = ConfigChange {
            name: Some("Another name".into()),
            ..change
        };
        match corner.ask(OWNER, set(change)) {
            Reply::Refused(refusal) => {
                assert_eq!(refusal.code, code);
                assert!(refusal.message.contains(key), "{}", refusal.message);
            }
            reply => panic!("{key}: {reply:?}"),
        }
    }
    assert_eq!(config(corner.ask(OWNER, Request::Config)), before);
}

#[test]
fn a_zone_that_nobody_knows_changes_nothing() {
    let mut corner = Corner::founded(30, 1);
    let before = config(corner.ask(OWNER, Request::Config));
    let nowhere = ConfigChange {
        timezone: Some("Europe/Atlantis".into()),
        name: Some("Another name".into()),
        ..ConfigChange::default()
    };
    assert_eq!(corner.refused(OWNER, set(nowhere)), "unknown-timezone");
    assert_eq!(config(corner.ask(OWNER, Request::Config)), before);
}

#[test]
fn only_the_owner_sets_and_what_all_share_only_on_an_owners_device() {
    let mut corner = Corner::with_tills(31, 2, 1);
    let longer = || {
        set(ConfigChange {
            day_cutoff_minutes: Some(60),
            ..ConfigChange::default()
        })
    };
    assert_eq!(corner.refused(TILL, longer()), "not-signed-in");
    let pin = corner.staff.pin.clone();
    corner.sign_in(TILL, &pin);
    assert_eq!(corner.refused(TILL, longer()), "not-owner-device");
    let own = set(ConfigChange {
        retry_cap_seconds: Some(30),
        ..ConfigChange::default()
    });
    assert_eq!(config(corner.ask(TILL, own)).retry_cap_seconds, 30);
}

#[test]
fn a_change_that_cannot_be_kept_changes_neither_the_shop_nor_the_device() {
    let mut corner = Corner::founded(32, 1);
    let before = config(corner.ask(OWNER, Request::Config));
    let own = || ConfigChange {
        reconcile_seconds: Some(60),
        ..ConfigChange::default()
    };
    let both = || ConfigChange {
        name: Some("Another name".into()),
        ..own()
    };
    corner.world.set_disk_fault(OWNER, DiskFault::Full);
    assert_eq!(corner.refused(OWNER, set(own())), "disk-full");
    assert_eq!(corner.refused(OWNER, set(both())), "disk-full");
    corner.world.set_disk_fault(OWNER, DiskFault::None);
    // Whatever the device writes down next takes nothing of it along.
    let pin = corner.staff.pin.clone();
    corner.sign_in(OWNER, &pin);
    assert_eq!(config(corner.ask(OWNER, Request::Config)), before);
    corner.world.kill(OWNER);
    corner.world.start(OWNER);
    assert_eq!(config(corner.ask(OWNER, Request::Config)), before);
    let now = config(corner.ask(OWNER, set(both())));
    assert_eq!(
        (now.name.as_str(), now.reconcile_seconds),
        ("Another name", 60)
    );
    // Told is kept: a reload at once finds it.
    corner.world.kill(OWNER);
    corner.world.start(OWNER);
    assert_eq!(config(corner.ask(OWNER, Request::Config)), now);
}

#[test]
fn a_change_of_the_device_alone_does_not_sign_anybody_in_again() {
    let mut corner = Corner::founded(33, 1);
    let own = ConfigChange {
        retry_cap_seconds: Some(30),
        name: Some("Another name".into()),
        ..ConfigChange::default()
    };
    corner.post(OWNER, set(own));
    corner.ask(OWNER, Request::SignOut);
    corner.world.run_for_ms(5_000);
    corner.world.kill(OWNER);
    corner.world.start(OWNER);
    let Reply::Status(status) = corner.ask(OWNER, Request::Status) else {
        panic!("no status");
    };
    assert_eq!(status.employee, None);
    assert_eq!(
        config(corner.ask(OWNER, Request::Config)).retry_cap_seconds,
        30
    );
}
