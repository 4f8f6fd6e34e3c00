//! One side's price levels: a trie over the price, 64 children a node, with a bitmap in each node that says which
//! are taken. Any 64-bit price has its place, the next best level is a bit scan away, and the height follows the
//! spread of the prices that are in use: a book that lies within 4,096 ticks is two nodes deep.
//!
//! Levels are keyed so that the lowest key is the best price on either side (bids are mirrored by their caller).

use super::slab::NIL;
use crate::units::Qty;

const BITS: u32 = 6;
const FAN: usize = 1 << BITS;
const MASK: u64 = FAN as u64 - 1;
/// Nodes above the leaves that a 64-bit key needs at most: 6 bits in the leaf, 10 times 6 above.
const HEIGHT_MAX: usize = 10;
/// A level is named by its leaf's index and its place in the leaf, in 32 bits.
const LEAVES_MAX: usize = 1 << (32 - BITS);

/// A queue of orders at one price.
#[derive(Clone, Copy, Debug)]
pub(super) struct Queue {
    /// The oldest order's slot.
    pub head: u32,
    /// The youngest order's slot.
    pub tail: u32,
    /// Sum of what is left of its orders.
    pub qty: Qty,
}

const EMPTY: Queue = Queue { head: NIL, tail: NIL, qty: Qty::ZERO };

/// 64 neighbouring prices.
#[derive(Clone, Debug)]
struct Leaf {
    /// The key of its first level, without the lowest 6 bits.
    base: u64,
    taken: u64,
    queues: [Queue; FAN],
}

/// 64 subtrees.
#[derive(Clone, Debug)]
struct Node {
    taken: u64,
    children: [u32; FAN],
}

/// The levels of one side.
#[derive(Clone, Debug)]
pub(super) struct Ladder {
    leaves: Vec<Leaf>,
    free_leaves: Vec<u32>,
    nodes: Vec<Node>,
    free_nodes: Vec<u32>,
    /// The topmost node, or the only leaf when `height` is 0; `NIL` when nothing rests.
    root: u32,
    height: u32,
    /// What all keys in the trie have in common: the key without the bits that the trie resolves.
    prefix: u64,
    /// The lowest key in use and its level; meaningless when nothing rests.
    best: (u64, u32),
}

impl Default for Ladder {
    fn default() -> Self {
        Self {
            leaves: Vec::new(),
            free_leaves: Vec::new(),
            nodes: Vec::new(),
            free_nodes: Vec::new(),
            root: NIL,
            height: 0,
            prefix: 0,
            best: (0, NIL),
        }
    }
}

/// The bits of `key` above what a trie of this height resolves.
#[inline]
fn above(key: u64, height: u32) -> u64 {
    key.checked_shr(BITS * (height + 1)).unwrap_or(0)
}

/// The child of a node at this height (1 is just above the leaves) that leads to `key`.
#[inline]
fn child_index(key: u64, height: u32) -> usize {
    (key.checked_shr(BITS * height).unwrap_or(0) & MASK) as usize
}

impl Ladder {
    #[inline]
    pub(super) fn is_empty(&self) -> bool {
        self.root == NIL
    }

    /// The lowest key and its level.
    #[inline]
    pub(super) fn best(&self) -> Option<(u64, u32)> {
        if self.is_empty() { None } else { Some(self.best) }
    }

    #[inline]
    pub(super) fn queue(&self, level: u32) -> &Queue {
        &self.leaves[(level >> BITS) as usize].queues[(level as u64 & MASK) as usize]
    }

    #[inline]
    pub(super) fn queue_mut(&mut self, level: u32) -> &mut Queue {
        &mut self.leaves[(level >> BITS) as usize].queues[(level as u64 & MASK) as usize]
    }

    /// The key of a level in use.
    #[inline]
    pub(super) fn key(&self, level: u32) -> u64 {
        self.leaves[(level >> BITS) as usize].base << BITS | level as u64 & MASK
    }

    /// Whether one more level can be named.
    pub(super) fn has_room(&self) -> bool {
        !self.free_leaves.is_empty() || self.leaves.len() < LEAVES_MAX - 1
    }

    /// The level at `key`, if it is in use.
    pub(super) fn find(&self, key: u64) -> Option<u32> {
        let leaf = self.find_leaf(key)?;
        let index = (key & MASK) as u32;
        (self.leaves[leaf as usize].taken >> index & 1 == 1).then_some(leaf << BITS | index)
    }

    fn find_leaf(&self, key: u64) -> Option<u32> {
        let (_, best_level) = self.best()?;
        let best_leaf = best_level >> BITS;
        if self.leaves[best_leaf as usize].base == key >> BITS {
            return Some(best_leaf);
        }
        if above(key, self.height) != self.prefix {
            return None;
        }
        let mut at = self.root;
        for height in (1..=self.height).rev() {
            let node = &self.nodes[at as usize];
            let index = child_index(key, height);
            if node.taken >> index & 1 == 0 {
                return None;
            }
            at = node.children[index];
        }
        Some(at)
    }

    /// The level at `key`, taken into use if it is not. A new level is empty: the caller puts an order there.
    pub(super) fn open(&mut self, key: u64) -> u32 {
        let leaf = self.open_leaf(key);
        let index = (key & MASK) as u32;
        let level = leaf << BITS | index;
        let entry = &mut self.leaves[leaf as usize];
        entry.taken |= 1 << index;
        if self.best.1 == NIL || key < self.best.0 {
            self.best = (key, level);
        }
        level
    }

    fn open_leaf(&mut self, key: u64) -> u32 {
        if self.is_empty() {
            self.root = self.new_leaf(key);
            self.height = 0;
            self.prefix = above(key, 0);
            self.best = (key, NIL);
            return self.root;
        }
        if let Some(leaf) = self.find_leaf(key) {
            return leaf;
        }
        self.grow_to(key);
        let mut at = self.root;
        for height in (1..=self.height).rev() {
            let index = child_index(key, height);
            if self.nodes[at as usize].taken >> index & 1 == 0 {
                let child = if height == 1 { self.new_leaf(key) } else { self.new_node() };
                let node = &mut self.nodes[at as usize];
                node.taken |= 1 << index;
                node.children[index] = child;
            }
            at = self.nodes[at as usize].children[index];
        }
        at
    }

    /// Puts nodes on top until the trie covers `key`.
    fn grow_to(&mut self, key: u64) {
        while above(key, self.height) != self.prefix {
            let top = self.new_node();
            let index = (self.prefix & MASK) as usize;
            let node = &mut self.nodes[top as usize];
            node.taken = 1 << index;
            node.children[index] = self.root;
            self.root = top;
            self.height += 1;
            self.prefix >>= BITS;
        }
    }

    fn new_leaf(&mut self, key: u64) -> u32 {
        let leaf = self.free_leaves.pop().unwrap_or_else(|| {
            self.leaves.push(Leaf { base: 0, taken: 0, queues: [EMPTY; FAN] });
            self.leaves.len() as u32 - 1
        });
        self.leaves[leaf as usize].base = key >> BITS;
        leaf
    }

    fn new_node(&mut self) -> u32 {
        self.free_nodes.pop().unwrap_or_else(|| {
            self.nodes.push(Node { taken: 0, children: [NIL; FAN] });
            self.nodes.len() as u32 - 1
        })
    }

    /// Gives up a level whose last order left.
    pub(super) fn close(&mut self, level: u32) {
        let key = self.key(level);
        *self.queue_mut(level) = EMPTY;
        let leaf = level >> BITS;
        let taken = &mut self.leaves[leaf as usize].taken;
        *taken &= !(1 << (level as u64 & MASK));
        let leaf_taken = *taken;
        if leaf_taken == 0 {
            self.cut(key, leaf);
        }
        if key == self.best.0 {
            self.best = self.lowest(leaf, leaf_taken);
        }
    }

    /// The lowest key in use, knowing the leaf in which the best level just closed.
    fn lowest(&self, leaf: u32, leaf_taken: u64) -> (u64, u32) {
        if leaf_taken != 0 {
            let level = leaf << BITS | leaf_taken.trailing_zeros();
            return (self.key(level), level);
        }
        if self.is_empty() { (0, NIL) } else { self.lowest_below(self.root, self.height) }
    }

    /// The lowest key below a node (or in a leaf, at height 0).
    fn lowest_below(&self, mut at: u32, height: u32) -> (u64, u32) {
        for _ in 0..height {
            let node = &self.nodes[at as usize];
            at = node.children[node.taken.trailing_zeros() as usize];
        }
        let level = at << BITS | self.leaves[at as usize].taken.trailing_zeros();
        (self.key(level), level)
    }

    /// Takes an empty leaf out of the trie, and every node that it leaves without children.
    fn cut(&mut self, key: u64, leaf: u32) {
        self.free_leaves.push(leaf);
        let mut path = [NIL; HEIGHT_MAX + 1];
        let mut at = self.root;
        for height in (1..=self.height).rev() {
            path[height as usize] = at;
            at = self.nodes[at as usize].children[child_index(key, height)];
        }
        for height in 1..=self.height {
            let node = &mut self.nodes[path[height as usize] as usize];
            node.taken &= !(1 << child_index(key, height));
            if node.taken != 0 {
                return self.shrink();
            }
            self.free_nodes.push(path[height as usize]);
        }
        self.root = NIL;
        self.best = (0, NIL);
    }

    /// Drops topmost nodes that have one child: an order far away must not slow down the book after it left.
    fn shrink(&mut self) {
        while self.height > 0 && self.nodes[self.root as usize].taken.is_power_of_two() {
            let top = self.root;
            let index = self.nodes[top as usize].taken.trailing_zeros();
            self.root = self.nodes[top as usize].children[index as usize];
            self.nodes[top as usize].taken = 0;
            self.free_nodes.push(top);
            self.height -= 1;
            self.prefix = self.prefix << BITS | u64::from(index);
        }
    }

    /// The lowest key in use that is above `key`, and its level.
    pub(super) fn next(&self, key: u64) -> Option<(u64, u32)> {
        let (best, level) = self.best()?;
        if key < best {
            return Some((best, level));
        }
        // Every key in use is above `key` if the common prefix is; that was the case above. None is if it is below.
        if above(key, self.height) != self.prefix {
            return None;
        }
        self.next_below(self.root, self.height, key)
    }

    /// As [`Ladder::next`] in one subtree that covers `key`.
    fn next_below(&self, at: u32, height: u32, key: u64) -> Option<(u64, u32)> {
        if height == 0 {
            let higher = self.leaves[at as usize].taken & higher_than(key & MASK);
            let level = at << BITS | higher.trailing_zeros();
            return (higher != 0).then(|| (self.key(level), level));
        }
        let node = &self.nodes[at as usize];
        let index = child_index(key, height);
        let within = (node.taken >> index & 1 == 1).then(|| self.next_below(node.children[index], height - 1, key));
        if let Some(found) = within.flatten() {
            return Some(found);
        }
        let higher = node.taken & higher_than(index as u64);
        let child = (higher != 0).then(|| node.children[higher.trailing_zeros() as usize]);
        child.map(|child| self.lowest_below(child, height - 1))
    }
}

/// A mask of the bits above `bit`.
#[inline]
fn higher_than(bit: u64) -> u64 {
    (u64::MAX << bit) << 1
}

#[cfg(test)]
mod tests {
    use std::collections::BTreeSet;

    use proptest::prelude::*;

    use super::*;

    fn keys() -> impl Strategy<Value = u64> {
        prop_oneof![
            0_u64..200,
            (0_u64..2_000).prop_map(|offset| 6_000_000 + offset),
            any::<u64>(),
            (0_u64..3).prop_map(|offset| u64::MAX - offset),
            (0_u32..64).prop_map(|bit| 1 << bit),
        ]
    }

    proptest! {
        #[test]
        fn the_ladder_is_a_sorted_set(steps in prop::collection::vec((keys(), any::<bool>()), 1..400)) {
            let mut ladder = Ladder::default();
            let mut model = BTreeSet::new();
            for (key, insert) in steps {
                if insert {
                    let level = ladder.open(key);
                    model.insert(key);
                    prop_assert_eq!(ladder.key(level), key);
                } else if let Some(&victim) = model.range(key..).next() {
                    ladder.close(ladder.find(victim).expect("the model has it"));
                    model.remove(&victim);
                }
                prop_assert_eq!(ladder.best().map(|best| best.0), model.first().copied());
                prop_assert_eq!(ladder.find(key).is_some(), model.contains(&key));
                let above = key.checked_add(1).and_then(|next| model.range(next..).next().copied());
                prop_assert_eq!(ladder.next(key).map(|next| next.0), above);
            }
            let mut walked = Vec::new();
            let mut at = ladder.best();
            while let Some((key, _)) = at {
                walked.push(key);
                at = ladder.next(key);
            }
            prop_assert_eq!(walked, model.into_iter().collect::<Vec<_>>());
        }
    }

    #[test]
    fn a_far_order_leaves_no_trace() {
        let mut ladder = Ladder::default();
        ladder.open(1_000);
        ladder.open(1_001);
        assert_eq!(ladder.height, 0);
        let far = ladder.open(u64::MAX);
        assert_eq!(ladder.height, 10);
        ladder.close(far);
        assert_eq!(ladder.height, 0);
        assert_eq!(ladder.free_nodes.len(), ladder.nodes.len());
    }
}
