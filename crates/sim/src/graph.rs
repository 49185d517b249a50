//! Who may meet whom: everybody everybody, or each a few, as in a shop too big for one room.

use std::collections::{BTreeMap, BTreeSet};

use crate::random::SeededRandom;
use crate::world::NodeId;

/// Nodes up to which everybody meets everybody where nobody says otherwise.
pub const NODES_COMPLETE_MAX: u32 = 20;
/// How many others each meets in a bigger world where nobody says otherwise.
pub const DEGREE: u32 = 6;

/// Who meets whom at the meeting place. Cards, which people carry, link any two.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Graph {
    neighbours: BTreeMap<NodeId, BTreeSet<NodeId>>,
}

impl Graph {
    /// Everybody meets everybody.
    pub fn complete(nodes: u32) -> Self {
        let all: BTreeSet<_> = (0..nodes).map(NodeId).collect();
        let others = |node: &NodeId| {
            let others = all.iter().filter(|other| *other != node);
            (*node, others.copied().collect())
        };
        Self {
            neighbours: all.iter().map(others).collect(),
        }
    }

    /// A random connected graph in which each meets at most `degree` others, and where the rings
    /// do not touch exactly so many: `degree / 2` random rings through all nodes, laid over each
    /// other (Law and Siu 2003). With as many others as there are, or more, it is
    /// [`Graph::complete`].
    ///
    /// An odd `degree` counts as the even one below it, and one below 2 as 2: fewer connect nobody.
    pub fn random(nodes: u32, degree: u32, random: &mut SeededRandom) -> Self {
        if nodes <= degree.saturating_add(1) {
            return Self::complete(nodes);
        }
        let mut graph = Self {
            neighbours: BTreeMap::new(),
        };
        for _ in 0..(degree / 2).max(1) {
            let mut ring: Vec<_> = (0..nodes).map(NodeId).collect();
            random.shuffle(&mut ring);
            let next = ring.iter().cycle().skip(1);
            for (one, other) in ring.iter().zip(next) {
                graph.join(*one, *other);
            }
        }
        graph
    }

    fn join(&mut self, one: NodeId, other: NodeId) {
        self.neighbours.entry(one).or_default().insert(other);
        self.neighbours.entry(other).or_default().insert(one);
    }

    /// Whether two nodes meet.
    pub fn joins(&self, one: NodeId, other: NodeId) -> bool {
        let neighbours = self.neighbours.get(&one);
        neighbours.is_some_and(|neighbours| neighbours.contains(&other))
    }

    /// Whom a node meets, in order.
    pub fn neighbours(&self, node: NodeId) -> impl Iterator<Item = NodeId> {
        self.neighbours.get(&node).into_iter().flatten().copied()
    }

    /// Every node that there is a road to, `first` before all others and each after one of its
    /// neighbours.
    pub fn outwards(&self, first: NodeId) -> Vec<NodeId> {
        let mut reached = BTreeSet::from([first]);
        let mut order = vec![first];
        let mut next = 0;
        while let Some(node) = order.get(next).copied() {
            next += 1;
            order.extend(self.neighbours(node).filter(|other| reached.insert(*other)));
        }
        order
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn random(nodes: u32, degree: u32, seed: u64) -> Graph {
        Graph::random(nodes, degree, &mut SeededRandom::new(seed, "graph", 0))
    }

    #[test]
    fn a_random_graph_is_connected_and_nobody_meets_more_than_the_degree() {
        for seed in 0..50 {
            let graph = random(100, 6, seed);
            let nodes: Vec<_> = (0..100).map(NodeId).collect();
            let met = |node: &NodeId| graph.neighbours(*node).count();
            assert!(nodes.iter().all(|node| (2..=6).contains(&met(node))));
            let links: usize = nodes.iter().map(met).sum();
            assert!(links > 570, "rings hardly ever touch: {links}");
            let mut reached = graph.outwards(NodeId(0));
            reached.sort();
            assert_eq!(reached, nodes);
        }
        assert_ne!(random(100, 6, 1), random(100, 6, 2));
    }

    #[test]
    fn whoever_comes_outwards_has_a_neighbour_before_them() {
        let graph = random(60, 4, 3);
        let order = graph.outwards(NodeId(7));
        for (place, node) in order.iter().enumerate().skip(1) {
            let before = order.iter().take(place);
            assert!(before.into_iter().any(|other| graph.joins(*node, *other)));
        }
    }

    #[test]
    fn a_meeting_goes_both_ways_and_nobody_meets_themselves() {
        for graph in [random(40, 6, 1), random(5, 6, 1), random(9, 1, 1)] {
            for node in graph.outwards(NodeId(0)) {
                assert!(!graph.joins(node, node));
                let back = |other| graph.joins(other, node);
                assert!(graph.neighbours(node).all(back));
            }
        }
    }

    #[test]
    fn in_a_small_world_everybody_meets_everybody() {
        assert_eq!(random(7, 6, 1), Graph::complete(7));
        assert_ne!(random(8, 6, 1), Graph::complete(8));
        assert_eq!(Graph::complete(5).neighbours(NodeId(2)).count(), 4);
        assert_eq!(Graph::complete(1).outwards(NodeId(0)), [NodeId(0)]);
    }
}
