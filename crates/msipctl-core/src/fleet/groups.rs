//! Files of which the same is to be said.

use std::collections::HashMap;
use std::hash::Hash;

/// So many groups are told apart; the files of further ones are counted together.
const GROUPS: usize = 200;

/// So many files of each group are named; further ones are counted.
const NAMED: usize = 3;

/// Files by what is said of them. However many files there are, it keeps a few of each group.
///
/// # Example
///
/// ```
/// use msipctl_core::fleet::Groups;
///
/// let mut groups = Groups::default();
/// for (file, change) in [("a", "AA = 1"), ("b", "DND = 0"), ("c", "AA = 1")] {
///     groups.add(change, file);
/// }
/// let (change, group) = groups.by_size()[0];
/// assert_eq!((*change, group.files()), ("AA = 1", 2));
/// assert_eq!(group.named(), "a, c");
/// ```
#[derive(Debug, Clone)]
pub struct Groups<K> {
    groups: HashMap<K, Group>,
    others: usize,
}

/// The files of one group.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Group {
    files: usize,
    named: Vec<String>,
    /// How many groups came before it.
    order: usize,
}

impl<K> Default for Groups<K> {
    fn default() -> Self {
        Self { groups: HashMap::new(), others: 0 }
    }
}

impl<K: Eq + Hash> Groups<K> {
    /// Adds a file to the group of which `what` is said.
    pub fn add(&mut self, what: K, file: &str) {
        let order = self.groups.len();
        if order >= GROUPS && !self.groups.contains_key(&what) {
            self.others += 1;
            return;
        }
        let group = self.groups.entry(what).or_insert(Group { order, ..Group::default() });
        group.add(file);
    }

    /// Returns the groups, the largest first, and of equal ones the one that came first.
    pub fn by_size(&self) -> Vec<(&K, &Group)> {
        let mut groups: Vec<_> = self.groups.iter().collect();
        groups.sort_by_key(|(_, group)| (std::cmp::Reverse(group.files), group.order));
        groups
    }

    /// Returns how many files are in none of the groups, because there were too many.
    pub fn others(&self) -> usize {
        self.others
    }
}

impl Group {
    /// Adds a file.
    pub fn add(&mut self, file: &str) {
        self.files += 1;
        if self.named.len() < NAMED {
            self.named.push(file.to_owned());
        }
    }

    /// Returns the number of files.
    pub fn files(&self) -> usize {
        self.files
    }

    /// Names the first files, and counts the others.
    pub fn named(&self) -> String {
        let named = self.named.join(", ");
        match self.files - self.named.len() {
            0 => named,
            more => format!("{named} and {more} more"),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn groups_above_the_limit_are_counted_together() {
        let mut groups = Groups::default();
        for number in 0..1000 {
            groups.add(number, "a");
            groups.add(0, "b");
        }
        let by_size = groups.by_size();
        assert_eq!((by_size.len(), by_size[0].1.files()), (GROUPS, 1001));
        assert_eq!(by_size[0].1.named(), "a, b, b and 998 more");
        assert_eq!(*by_size[1].0, 1);
        let all: usize = by_size.iter().map(|(_, group)| group.files()).sum();
        assert_eq!(all + groups.others(), 2000);
    }
}
