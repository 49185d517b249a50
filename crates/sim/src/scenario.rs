//! A day by its ingredients: how many tills, how long, and what goes wrong; and the shortest one
//! that still goes wrong in the same way.

use std::collections::BTreeSet;
use std::fmt;

use crate::random::{SeededRandom, Spread};
use crate::shop::Day;
use crate::weather::{Climate, Fault};
use crate::world::Settings;

/// Something that makes a day harder.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub enum Trouble {
    /// A fault of the weather.
    Weather(Fault),
    /// Somebody's role changes all the time who changes prices.
    NewRoles,
    /// The last till is an owner's device, too, and at times apart.
    TwoOwners,
    /// Long price lists are read in.
    PriceLists,
    /// The last till is put out, at a moment that the seed says.
    PutOut,
    /// A copy of the first till's disk is started beside it.
    Clone,
    /// The first till's disk is put back to what it was some time before.
    Rollback,
    /// The shop's network is gone while they sell, and comes back when the shop closes.
    Night,
    /// The tills are updated to a newer release, one after the other.
    VersionSkew,
}

impl Trouble {
    /// Every trouble, those of the weather first.
    pub fn all() -> impl Iterator<Item = Self> {
        let people = [
            Self::NewRoles,
            Self::TwoOwners,
            Self::PriceLists,
            Self::PutOut,
            Self::Clone,
            Self::Rollback,
            Self::Night,
            Self::VersionSkew,
        ];
        Fault::ALL.into_iter().map(Self::Weather).chain(people)
    }

    /// The standard bad weather.
    pub fn weather() -> BTreeSet<Self> {
        Fault::ALL.into_iter().map(Self::Weather).collect()
    }

    /// The word for it on a command line.
    pub const fn word(self) -> &'static str {
        match self {
            Self::Weather(fault) => fault.word(),
            Self::NewRoles => "new-roles",
            Self::TwoOwners => "two-owners",
            Self::PriceLists => "price-lists",
            Self::PutOut => "put-out",
            Self::Clone => "clone",
            Self::Rollback => "rollback",
            Self::Night => "night",
            Self::VersionSkew => "version-skew",
        }
    }

    /// What it is, in one line.
    pub const fn about(self) -> &'static str {
        match self {
            Self::Weather(fault) => fault.about(),
            Self::NewRoles => "somebody changes prices who may do so at times, and at times not",
            Self::TwoOwners => {
                "the last till is an owner's device, too, at times apart; both change such a role"
            }
            Self::PriceLists => {
                "the founder's device reads in more at once than links have room for"
            }
            Self::PutOut => "the last till is put out, and its late sales are let count at the end",
            Self::Clone => {
                "the first till's disk, or the second owner's, is copied and started beside it"
            }
            Self::Rollback => "the same disk is put back to what it was some time before",
            Self::Night => "the shop's network is gone while they sell, then all come back at once",
            Self::VersionSkew => {
                "tills are updated to a newer release one after the other while all sell"
            }
        }
    }

    /// Reads words with commas between them; `weather` stands for all faults of the weather, `none`
    /// for nothing.
    ///
    /// # Errors
    /// The word that nothing goes by.
    pub fn list(words: &str) -> Result<BTreeSet<Self>, String> {
        let mut list = BTreeSet::new();
        for word in words.split(',').map(str::trim) {
            match (word, Self::all().find(|trouble| trouble.word() == word)) {
                (_, Some(trouble)) => {
                    list.insert(trouble);
                }
                ("weather", None) => list.extend(Self::weather()),
                ("none", None) => {}
                (unknown, None) => return Err(unknown.to_owned()),
            }
        }
        Ok(list)
    }
}

/// What a day is made from, but for its seed.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Scenario {
    /// How many tills there are, the founder's device among them.
    pub tills: u32,
    /// How many others each meets, as [`Settings::degree`](crate::Settings::degree) says it.
    pub degree: Option<u32>,
    /// How long is sold, minutes of virtual time.
    pub minutes: u64,
    /// How many sales a second all tills make together; `None`: each one in 2.6 seconds.
    pub sales_per_second: Option<u32>,
    /// What goes wrong.
    pub troubles: BTreeSet<Trouble>,
}

impl Scenario {
    /// The day of a seed.
    pub fn day(&self, seed: u64) -> Day {
        let selling_ms = self.minutes.saturating_mul(60_000);
        let has = |trouble| self.troubles.contains(&trouble);
        let faults = Fault::ALL.into_iter();
        let faults: Vec<_> = faults.filter(|it| has(Trouble::Weather(*it))).collect();
        let copies = u32::from(has(Trouble::Clone));
        let stormy = Day::stormy(seed, self.tills + copies);
        let world = Settings {
            degree: self.degree,
            ..stormy.world
        };
        let some_time = |purpose| SeededRandom::new(seed, purpose, 0).below(selling_ms);
        Day {
            world,
            climate: Climate::stormy().only(&faults),
            selling_ms,
            put_out_at_ms: has(Trouble::PutOut).then(|| some_time("leaving")),
            customers: self.customers().unwrap_or(stormy.customers),
            night: has(Trouble::Night),
            roles_change: [Trouble::NewRoles, Trouble::VersionSkew, Trouble::TwoOwners]
                .into_iter()
                .any(has),
            two_owners: has(Trouble::TwoOwners),
            price_lists_at_ms: has(Trouble::PriceLists).then(|| some_time("price lists")),
            is_copied: has(Trouble::Clone),
            is_rolled_back: has(Trouble::Rollback),
            is_updated: has(Trouble::VersionSkew),
            ..stormy
        }
    }

    /// From one customer of a till to the next, where so many a second come to all tills together.
    fn customers(&self) -> Option<Spread> {
        let tills_us = u64::from(self.tills).saturating_mul(1_000_000);
        let mean_us = tills_us.checked_div(u64::from(self.sales_per_second?))?;
        Some(Spread::even(mean_us / 10, 2 * mean_us - mean_us / 10))
    }

    /// The least number of tills with which it can be played.
    fn tills_least(&self) -> u32 {
        let needs_a_till = [
            Trouble::PutOut,
            Trouble::Clone,
            Trouble::Rollback,
            Trouble::VersionSkew,
        ];
        let has = |trouble: &Trouble| self.troubles.contains(trouble);
        let needs_a_till = u32::from(needs_a_till.iter().any(has));
        1 + needs_a_till + u32::from(has(&Trouble::TwoOwners))
    }

    /// Makes it as short as it can be made one step at a time, while it still fails: less time,
    /// fewer tills, fewer troubles, and so on until no step is left.
    pub fn shrunk(self, fails: impl Fn(&Self) -> bool) -> Self {
        let mut shortest = self;
        loop {
            let before = shortest.clone();
            for minutes in [1, before.minutes / 4, before.minutes / 2] {
                let minutes = minutes.max(1);
                let shorter = Self {
                    minutes,
                    ..shortest.clone()
                };
                if minutes < shortest.minutes && fails(&shorter) {
                    shortest = shorter;
                    break;
                }
            }
            for tills in before.tills_least()..before.tills {
                let smaller = Self {
                    tills,
                    ..shortest.clone()
                };
                if fails(&smaller) {
                    shortest = smaller;
                    break;
                }
            }
            for trouble in &before.troubles {
                let mut calmer = shortest.clone();
                calmer.troubles.remove(trouble);
                if fails(&calmer) {
                    shortest = calmer;
                }
            }
            if shortest == before {
                return shortest;
            }
        }
    }
}

impl fmt::Display for Scenario {
    /// As options of a command line.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "--tills {} --minutes {}", self.tills, self.minutes)?;
        if let Some(degree) = self.degree {
            write!(f, " --degree {degree}")?;
        }
        if let Some(sales) = self.sales_per_second {
            write!(f, " --sales-rate {sales}")?;
        }
        let mut words = Vec::new();
        let weather = Trouble::weather();
        let whole = weather.is_subset(&self.troubles);
        if whole {
            words.push("weather");
        }
        let others = self.troubles.iter();
        let others = others.filter(|trouble| !whole || !weather.contains(trouble));
        words.extend(others.map(|trouble| trouble.word()));
        if words.is_empty() {
            words.push("none");
        }
        write!(f, " --faults {}", words.join(","))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn scenario(words: &str) -> Scenario {
        Scenario {
            tills: 5,
            degree: None,
            minutes: 20,
            sales_per_second: None,
            troubles: Trouble::list(words).expect("these are troubles"),
        }
    }

    #[test]
    fn a_list_is_read_as_it_is_written() {
        for words in ["weather", "none", "cut,second-tab", "weather,put-out"] {
            let written = scenario(words).to_string();
            assert_eq!(written, format!("--tills 5 --minutes 20 --faults {words}"));
        }
        assert_eq!(Trouble::list("cut,flood"), Err("flood".to_owned()));
        let words: BTreeSet<_> = Trouble::all().map(Trouble::word).collect();
        assert_eq!(words.len(), Fault::ALL.len() + 8, "each has its own");
    }

    #[test]
    fn what_is_shrunk_fails_still_and_nothing_can_be_left_out() {
        let needs = Trouble::list("kill,put-out").expect("these are troubles");
        let fails =
            |it: &Scenario| it.tills >= 3 && it.minutes >= 4 && needs.is_subset(&it.troubles);
        let shortest = scenario("weather,put-out").shrunk(fails);
        assert!(fails(&shortest));
        let words = shortest.to_string();
        assert_eq!(words, "--tills 3 --minutes 5 --faults kill,put-out");
    }

    #[test]
    fn so_many_sales_a_second_come_to_all_tills_together() {
        let busy = Scenario {
            sales_per_second: Some(2),
            ..scenario("none")
        };
        let customers = busy.day(7).customers;
        let mean_us = (customers.least_us + customers.most_us) / 2;
        assert_eq!(
            mean_us, 2_500_000,
            "five tills, each one sale in 2.5 seconds"
        );
        let words = busy.to_string();
        assert!(words.contains(" --sales-rate 2 "), "{words}");
    }

    #[test]
    fn the_standard_weather_is_that_of_a_stormy_day() {
        let day = Scenario {
            minutes: 10,
            ..scenario("weather")
        };
        let (day, stormy) = (day.day(7), Day::stormy(7, 5));
        assert_eq!(format!("{day:?}"), format!("{stormy:?}"));
        assert!(scenario("none").day(7).climate.per_hour.is_empty());
    }
}
