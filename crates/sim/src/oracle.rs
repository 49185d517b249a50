//! The ledger of an incorruptible bystander: it writes down every "Paid" that a screen showed,
//! and at the end compares what the devices say with it.

use std::collections::{BTreeMap, BTreeSet};
use std::fmt;

use base::machine::Channel;

use crate::clock::Moment;
use crate::world::NodeId;

/// A sale that a screen showed as paid.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Paid {
    /// The receipt's number, as printed.
    pub receipt: String,
    /// The total, minor units.
    pub total: i64,
    /// Which node's screen.
    pub node: NodeId,
    /// When it was shown.
    pub at: Moment,
}

/// What one device says at the end.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Testimony {
    /// Which node.
    pub node: NodeId,
    /// Every sale that it counts: receipt number and total, minor units. Order is of no account.
    pub sales: Vec<(String, i64)>,
    /// The hash of its state.
    pub state_hash: String,
}

/// A promise that was broken.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord)]
pub enum Broken {
    /// A receipt number was shown twice as paid.
    ReusedNumber {
        /// The number.
        receipt: String,
    },
    /// A device does not have a sale that was shown as paid.
    Lost {
        /// Which device.
        node: NodeId,
        /// The sale.
        receipt: String,
    },
    /// A device counts a sale more than once.
    Doubled {
        /// Which device.
        node: NodeId,
        /// The sale.
        receipt: String,
        /// How many times.
        times: u64,
    },
    /// A device has another total than the one that was shown.
    WrongTotal {
        /// Which device.
        node: NodeId,
        /// The sale.
        receipt: String,
        /// What it says.
        said: i64,
        /// What was shown.
        shown: i64,
    },
    /// A device counts more sales than were ever asked for.
    Invented {
        /// Which device.
        node: NodeId,
        /// How many.
        counted: u64,
        /// How many sales were asked for.
        asked: u64,
    },
    /// A side of a link had more bytes under way than credit allows.
    TooMuchUnderWay {
        /// By which channel.
        channel: Channel,
        /// How many, at the most.
        bytes: usize,
        /// How many there may be.
        bound: usize,
    },
    /// Two devices have different states.
    StatesDiffer {
        /// One hash.
        one: (NodeId, String),
        /// Another.
        other: (NodeId, String),
    },
}

impl fmt::Display for Broken {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{self:?}")
    }
}

/// `A3-000123` of `A3-000123·K7QD`: what follows tells two sales apart that took the same number.
fn counted_part(receipt: &str) -> &str {
    receipt
        .split_once('·')
        .map_or(receipt, |(counted, _)| counted)
}

/// States that are not the same as the first one's.
pub fn differing(states: &[(NodeId, String)]) -> Vec<Broken> {
    let Some((first, others)) = states.split_first() else {
        return Vec::new();
    };
    let differ = others.iter().filter(|other| other.1 != first.1);
    let broken = differ.map(|other| Broken::StatesDiffer {
        one: first.clone(),
        other: other.clone(),
    });
    broken.collect()
}

/// The bystander.
#[derive(Debug, Clone, Default)]
pub struct Oracle {
    asked: u64,
    paid: BTreeMap<String, Paid>,
    /// On which node each number was taken last.
    numbers: BTreeMap<String, NodeId>,
    reused: BTreeSet<String>,
    /// Nodes that run one device, and do not know it.
    copies: BTreeSet<NodeId>,
    /// Receipts of sales that were on a disk which somebody wrote over; whether anywhere else the
    /// oracle cannot know.
    overwritten: BTreeSet<String>,
}

impl Oracle {
    /// Somebody asked a device to close a sale. It may still fail, or succeed without anybody
    /// seeing it: the device can die between storing and showing.
    pub fn asked(&mut self) {
        self.asked += 1;
    }

    /// These nodes are one device from here on: neither can know that a number is taken.
    pub fn may_take_the_same_numbers(&mut self, nodes: [NodeId; 2]) {
        self.copies.extend(nodes);
    }

    /// A disk was put back to what it was at a moment: what was sold there since may be nowhere else.
    /// If anybody has it, everybody must.
    pub fn overwritten(&mut self, node: NodeId, since: Moment) {
        let sold = self.paid.values();
        let sold = sold.filter(|paid| paid.node == node && paid.at >= since);
        let receipts: Vec<_> = sold.map(|paid| paid.receipt.clone()).collect();
        self.overwritten.extend(receipts);
    }

    /// A screen showed a sale as paid.
    pub fn paid(&mut self, paid: Paid) {
        let number = counted_part(&paid.receipt).to_owned();
        if let Some(first) = self.numbers.insert(number.clone(), paid.node)
            && ![first, paid.node].iter().all(|it| self.copies.contains(it))
        {
            self.reused.insert(number);
        }
        self.paid.insert(paid.receipt.clone(), paid);
    }

    /// How many sales were asked for.
    pub fn asked_count(&self) -> u64 {
        self.asked
    }

    /// What was shown as paid, by receipt number.
    pub fn ledger(&self) -> &BTreeMap<String, Paid> {
        &self.paid
    }

    /// Compares what devices say with the ledger. Empty is right.
    pub fn check(&self, testimonies: &[Testimony]) -> Vec<Broken> {
        let reused = self.reused.iter().cloned();
        let mut broken: Vec<Broken> = reused
            .map(|receipt| Broken::ReusedNumber { receipt })
            .collect();
        let kept: BTreeSet<&str> = testimonies
            .iter()
            .flat_map(|it| it.sales.iter().map(|(receipt, _)| receipt.as_str()))
            .collect();
        let is_gone = |receipt: &str| self.overwritten.contains(receipt) && !kept.contains(receipt);
        for testimony in testimonies {
            self.check_sales(testimony, is_gone, &mut broken);
        }
        let state = |said: &Testimony| (said.node, said.state_hash.clone());
        let states: Vec<_> = testimonies.iter().map(state).collect();
        broken.extend(differing(&states));
        broken.sort();
        broken
    }

    fn check_sales(
        &self,
        testimony: &Testimony,
        is_gone: impl Fn(&str) -> bool,
        broken: &mut Vec<Broken>,
    ) {
        let node = testimony.node;
        let mut counted: BTreeMap<&str, (u64, i64)> = BTreeMap::new();
        for (receipt, total) in &testimony.sales {
            let entry = counted.entry(receipt).or_insert((0, *total));
            entry.0 += 1;
        }
        for (receipt, (times, _)) in counted.iter().filter(|(_, (times, _))| *times > 1) {
            broken.push(Broken::Doubled {
                node,
                receipt: (*receipt).into(),
                times: *times,
            });
        }
        for (receipt, paid) in &self.paid {
            match counted.get(receipt.as_str()) {
                None if is_gone(receipt) => {}
                None => broken.push(Broken::Lost {
                    node,
                    receipt: receipt.clone(),
                }),
                Some((_, said)) if *said != paid.total => broken.push(Broken::WrongTotal {
                    node,
                    receipt: receipt.clone(),
                    said: *said,
                    shown: paid.total,
                }),
                Some(_) => {}
            }
        }
        if counted.len() as u64 > self.asked {
            broken.push(Broken::Invented {
                node,
                counted: counted.len() as u64,
                asked: self.asked,
            });
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn paid(receipt: &str, total: i64) -> Paid {
        Paid {
            receipt: receipt.into(),
            total,
            node: NodeId(0),
            at: Moment::default(),
        }
    }

    fn oracle() -> Oracle {
        let mut oracle = Oracle::default();
        for (receipt, total) in [("A1-000001·AAAA", 100), ("A1-000002·BBBB", 250)] {
            oracle.asked();
            oracle.paid(paid(receipt, total));
        }
        oracle
    }

    fn testimony(node: u32, sales: &[(&str, i64)], state_hash: &str) -> Testimony {
        Testimony {
            node: NodeId(node),
            sales: sales.iter().map(|(r, t)| ((*r).into(), *t)).collect(),
            state_hash: state_hash.into(),
        }
    }

    const ALL: [(&str, i64); 2] = [("A1-000002·BBBB", 250), ("A1-000001·AAAA", 100)];

    #[test]
    fn devices_that_have_everything_once_and_agree_break_nothing() {
        let said = [testimony(0, &ALL, "same"), testimony(1, &ALL, "same")];
        assert_eq!(oracle().check(&said), []);
    }

    #[test]
    fn a_lost_sale_is_found() {
        let said = [testimony(0, &ALL[..1], "same")];
        let node = NodeId(0);
        let receipt = "A1-000001·AAAA".into();
        assert_eq!(oracle().check(&said), [Broken::Lost { node, receipt }]);
    }

    #[test]
    fn a_doubled_sale_and_a_wrong_total_are_found() {
        let sales = [ALL[0], ALL[0], ("A1-000001·AAAA", 101)];
        let broken = oracle().check(&[testimony(0, &sales, "same")]);
        assert!(matches!(broken[0], Broken::Doubled { times: 2, .. }));
        assert!(matches!(
            broken[1],
            Broken::WrongTotal {
                said: 101,
                shown: 100,
                ..
            }
        ));
        assert_eq!(broken.len(), 2);
    }

    #[test]
    fn two_sales_that_took_one_number_are_found_though_their_checks_differ() {
        let mut oracle = oracle();
        oracle.asked();
        oracle.paid(paid("A1-000002·DDDD", 7));
        let three = [ALL[0], ALL[1], ("A1-000002·DDDD", 7)];
        let receipt = "A1-000002".into();
        let broken = oracle.check(&[testimony(0, &three, "same")]);
        assert_eq!(broken, [Broken::ReusedNumber { receipt }]);
    }

    #[test]
    fn what_was_written_over_may_be_gone_but_not_here_and_there() {
        let mut oracle = oracle();
        oracle.overwritten(NodeId(0), Moment::default());
        let nowhere = [testimony(0, &[], "same"), testimony(1, &[], "same")];
        assert_eq!(oracle.check(&nowhere), []);
        let somewhere = [testimony(0, &ALL, "same"), testimony(1, &ALL[..1], "same")];
        assert!(matches!(
            oracle.check(&somewhere)[..],
            [Broken::Lost { .. }]
        ));
    }

    #[test]
    fn only_copies_of_one_device_may_take_a_number_twice() {
        let twice = |nodes: [u32; 2]| {
            let mut oracle = oracle();
            oracle.may_take_the_same_numbers([NodeId(0), NodeId(3)]);
            for (node, check) in nodes.into_iter().zip(["DDDD", "EEEE"]) {
                oracle.asked();
                oracle.paid(Paid {
                    node: NodeId(node),
                    ..paid(&format!("A1-000003·{check}"), 7)
                });
            }
            oracle.reused.len()
        };
        assert_eq!(
            [twice([0, 3]), twice([0, 0]), twice([0, 1]), twice([1, 1])],
            [0, 0, 1, 1]
        );
    }

    #[test]
    fn a_reused_number_an_invented_sale_and_differing_states_are_found() {
        let mut oracle = oracle();
        oracle.paid(paid("A1-000001·AAAA", 100));
        let three = [ALL[0], ALL[1], ("A1-000003·CCCC", 1)];
        let said = [testimony(0, &ALL, "one"), testimony(1, &three, "other")];
        let broken = oracle.check(&said);
        assert!(matches!(broken[0], Broken::ReusedNumber { .. }));
        assert!(matches!(
            broken[1],
            Broken::Invented {
                counted: 3,
                asked: 2,
                ..
            }
        ));
        assert!(matches!(broken[2], Broken::StatesDiffer { .. }));
        assert_eq!(broken.len(), 3);
    }
}
