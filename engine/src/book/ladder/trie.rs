//! A sorted map from 64-bit keys to numbers: a radix tree, 64 children a node, with a bitmap in each node that says
//! which are taken. Its height follows the spread of the keys that are in it, and nodes are used again.

/// No node.
const NIL: u32 = u32::MAX;

const BITS: u32 = 6;
const FAN: usize = 1 << BITS;
const MASK: u64 = FAN as u64 - 1;
/// Nodes on a way from the top to a value at most: 10 times 6 bits, and 4 more.
const HEIGHT_MAX: usize = 11;

/// 64 subtrees, or 64 values.
#[derive(Clone, Debug)]
struct Node {
    taken: u64,
    children: [u32; FAN],
}

/// Values by key.
#[derive(Clone, Debug)]
pub(super) struct Trie {
    nodes: Vec<Node>,
    free: Vec<u32>,
    /// The topmost node; `NIL` when there is nothing.
    root: u32,
    /// Nodes on each way from the top to a value.
    height: u32,
    /// What all keys in the trie have in common: the key without the bits that the trie resolves.
    prefix: u64,
}

impl Default for Trie {
    fn default() -> Self {
        Self { nodes: Vec::new(), free: Vec::new(), root: NIL, height: 0, prefix: 0 }
    }
}

/// The child of a node at this height (0 holds values) that leads to `key`.
fn child_index(key: u64, height: u32) -> usize {
    (rest(key, height) & MASK) as usize
}

/// A key without the bits that nodes below this height resolve.
fn rest(key: u64, height: u32) -> u64 {
    key.checked_shr(BITS * height).unwrap_or(0)
}

impl Trie {
    #[inline]
    pub(super) fn is_empty(&self) -> bool {
        self.root == NIL
    }

    /// Whether a key lies among those that the trie resolves.
    fn covers(&self, key: u64) -> bool {
        !self.is_empty() && rest(key, self.height) == self.prefix
    }

    /// The value of this key.
    pub(super) fn get(&self, key: u64) -> Option<u32> {
        if !self.covers(key) {
            return None;
        }
        let mut at = self.root;
        for height in (0..self.height).rev() {
            let node = &self.nodes[at as usize];
            let index = child_index(key, height);
            if node.taken >> index & 1 == 0 {
                return None;
            }
            at = node.children[index];
        }
        Some(at)
    }

    /// Adds a key that is not in the trie.
    pub(super) fn insert(&mut self, key: u64, value: u32) {
        if self.is_empty() {
            self.root = self.new_node();
            self.height = 1;
            self.prefix = key >> BITS;
        }
        self.grow_to(key);
        let mut at = self.root;
        for height in (0..self.height).rev() {
            let index = child_index(key, height);
            if self.nodes[at as usize].taken >> index & 1 == 0 {
                let child = if height == 0 { value } else { self.new_node() };
                let node = &mut self.nodes[at as usize];
                node.taken |= 1 << index;
                node.children[index] = child;
            }
            at = self.nodes[at as usize].children[index];
        }
        debug_assert!(at == value, "the key was not in the trie");
    }

    /// Puts nodes on top until the trie covers `key`.
    fn grow_to(&mut self, key: u64) {
        while !self.covers(key) {
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

    fn new_node(&mut self) -> u32 {
        let node = self.free.pop().unwrap_or_else(|| {
            self.nodes.push(Node { taken: 0, children: [NIL; FAN] });
            self.free.reserve(self.nodes.len());
            self.nodes.len() as u32 - 1
        });
        self.nodes[node as usize].taken = 0;
        node
    }

    /// Takes out a key that is in the trie, and every node that it leaves without children.
    pub(super) fn remove(&mut self, key: u64) {
        let mut path = [NIL; HEIGHT_MAX];
        let mut at = self.root;
        for height in (0..self.height).rev() {
            path[height as usize] = at;
            at = self.nodes[at as usize].children[child_index(key, height)];
        }
        for height in 0..self.height {
            let node = &mut self.nodes[path[height as usize] as usize];
            node.taken &= !(1 << child_index(key, height));
            if node.taken != 0 {
                return self.shrink();
            }
            self.free.push(path[height as usize]);
        }
        self.root = NIL;
    }

    /// Drops topmost nodes that have one child: a key far away must not slow down the others after it left.
    fn shrink(&mut self) {
        while self.height > 1 && self.nodes[self.root as usize].taken.is_power_of_two() {
            let top = self.root;
            let index = self.nodes[top as usize].taken.trailing_zeros();
            self.root = self.nodes[top as usize].children[index as usize];
            self.free.push(top);
            self.height -= 1;
            self.prefix = self.prefix << BITS | u64::from(index);
        }
    }

    /// The lowest key.
    pub(super) fn first(&self) -> Option<u64> {
        (!self.is_empty()).then(|| self.first_below(self.root, self.height, self.prefix))
    }

    /// The lowest key of a subtree whose keys begin with `prefix`.
    fn first_below(&self, mut at: u32, height: u32, mut prefix: u64) -> u64 {
        for _ in 0..height {
            let node = &self.nodes[at as usize];
            let index = node.taken.trailing_zeros();
            at = node.children[index as usize];
            prefix = prefix << BITS | u64::from(index);
        }
        prefix
    }

    /// The lowest key that is not below `key`.
    pub(super) fn ceiling(&self, key: u64) -> Option<u64> {
        if self.is_empty() {
            return None;
        }
        let above = rest(key, self.height);
        match above.cmp(&self.prefix) {
            std::cmp::Ordering::Less => self.first(),
            std::cmp::Ordering::Equal => self.ceiling_below(self.root, self.height, key),
            std::cmp::Ordering::Greater => None,
        }
    }

    /// As [`Trie::ceiling`] in one subtree that covers `key`.
    fn ceiling_below(&self, at: u32, height: u32, key: u64) -> Option<u64> {
        let Some(below) = height.checked_sub(1) else { return Some(key) };
        let node = &self.nodes[at as usize];
        let index = child_index(key, below);
        let within = (node.taken >> index & 1 == 1).then(|| self.ceiling_below(node.children[index], below, key));
        if let Some(found) = within.flatten() {
            return Some(found);
        }
        let higher = node.taken & (u64::MAX << index) << 1;
        let next = u64::from(higher.trailing_zeros());
        let prefix = || rest(key, height) << BITS | next;
        (higher != 0).then(|| self.first_below(node.children[next as usize], below, prefix()))
    }
}

#[cfg(test)]
mod tests {
    use std::collections::BTreeMap;

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
        fn the_trie_is_a_sorted_map(steps in prop::collection::vec((keys(), any::<bool>()), 1..400)) {
            let mut trie = Trie::default();
            let mut model = BTreeMap::new();
            for (value, (key, insert)) in (0_u32..).zip(steps) {
                if insert && !model.contains_key(&key) {
                    trie.insert(key, value);
                    model.insert(key, value);
                } else if let Some((&victim, _)) = model.range(key..).next() {
                    trie.remove(victim);
                    model.remove(&victim);
                }
                prop_assert_eq!(trie.first(), model.keys().next().copied());
                prop_assert_eq!(trie.get(key), model.get(&key).copied());
                prop_assert_eq!(trie.ceiling(key), model.range(key..).next().map(|(key, _)| *key));
            }
        }
    }

    #[test]
    fn a_far_key_leaves_no_trace() {
        let mut trie = Trie::default();
        trie.insert(1_000, 0);
        trie.insert(1_001, 1);
        assert_eq!(trie.height, 1);
        trie.insert(u64::MAX, 2);
        assert_eq!(trie.height, 11);
        trie.remove(u64::MAX);
        assert_eq!(trie.height, 1);
        assert_eq!(trie.free.len() + 1, trie.nodes.len());
    }
}
