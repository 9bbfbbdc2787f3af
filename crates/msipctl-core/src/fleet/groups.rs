//! Files with the same message, counted together.

use std::borrow::Cow;
use std::collections::HashMap;
use std::hash::{DefaultHasher, Hash, Hasher as _};

/// The maximum number of separate groups. The files of further groups are counted together.
const MAX_GROUPS: usize = 200;

/// The maximum number of files that a group names. Further files are only counted.
const MAX_NAMED: usize = 3;

/// The maximum length of a text that a group keeps, in characters.
const MAX_LENGTH: usize = 200;

/// Counts files by the message about them. Stores a few file names per group, even if a group has many files.
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
    /// A hash of all names in their order, which identifies the set of files.
    names: u64,
    /// The number of groups that were created before it.
    order: usize,
}

impl<K> Default for Groups<K> {
    fn default() -> Self {
        Self { groups: HashMap::new(), others: 0 }
    }
}

impl<K: Eq + Hash> Groups<K> {
    /// Adds a file to the group of `what`.
    pub fn add(&mut self, what: K, file: &str) {
        let order = self.groups.len();
        if order >= MAX_GROUPS && !self.groups.contains_key(&what) {
            self.others += 1;
            return;
        }
        let group = self.groups.entry(what).or_insert(Group { order, ..Group::default() });
        group.add(file);
    }

    /// Returns the groups, the largest first. Groups of the same size are in the order in which they were created.
    pub fn by_size(&self) -> Vec<(&K, &Group)> {
        let mut groups: Vec<_> = self.groups.iter().collect();
        groups.sort_by_key(|(_, group)| (std::cmp::Reverse(group.files), group.order));
        groups
    }

    /// Returns the groups in the order in which they were created.
    pub fn in_order(&self) -> Vec<(&K, &Group)> {
        let mut groups: Vec<_> = self.groups.iter().collect();
        groups.sort_by_key(|(_, group)| group.order);
        groups
    }

    /// Returns the number of additions that found no group, because there were too many groups.
    pub fn others(&self) -> usize {
        self.others
    }

    /// Returns whether nothing was added.
    pub fn is_empty(&self) -> bool {
        self.groups.is_empty()
    }
}

impl Group {
    /// Adds a file.
    pub fn add(&mut self, file: &str) {
        self.files += 1;
        let mut hasher = DefaultHasher::new();
        (self.names, file).hash(&mut hasher);
        self.names = hasher.finish();
        if self.named.len() < MAX_NAMED {
            self.named.push(shortened(file).into_owned());
        }
    }

    /// Returns the number of files.
    pub fn files(&self) -> usize {
        self.files
    }

    /// Names the first files, and counts the others: `a, b, c, and 7 more`.
    pub fn named(&self) -> String {
        let named = self.named.join(", ");
        match self.files - self.named.len() {
            0 => named,
            more => format!("{named}, and {more} more"),
        }
    }

    /// Returns whether another group has the same files, added in the same order.
    pub fn has_files_of(&self, other: &Self) -> bool {
        (self.files, self.names) == (other.files, other.names)
    }
}

/// Returns a text as a group keeps it: a long one is truncated and ends with `…`.
///
/// # Example
///
/// ```
/// use msipctl_core::fleet::shortened;
///
/// assert_eq!(shortened("sip.example.com"), "sip.example.com");
/// assert_eq!(shortened(&"x".repeat(5000)).chars().count(), 201);
/// ```
pub fn shortened(text: &str) -> Cow<'_, str> {
    match text.char_indices().nth(MAX_LENGTH) {
        None => Cow::Borrowed(text),
        Some((end, _)) => Cow::Owned(format!("{}…", &text[..end])),
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
        assert_eq!((by_size.len(), by_size[0].1.files()), (MAX_GROUPS, 1001));
        assert_eq!(by_size[0].1.named(), "a, b, b, and 998 more");
        assert_eq!(*by_size[1].0, 1);
        let in_order = groups.in_order().into_iter().map(|(number, _)| *number);
        assert!(in_order.eq(0..200));
        let all: usize = by_size.iter().map(|(_, group)| group.files()).sum();
        assert_eq!(all + groups.others(), 2000);
    }

    #[test]
    fn groups_with_the_same_files_are_recognized() {
        let group = |files: &[&str]| {
            let mut group = Group::default();
            files.iter().for_each(|file| group.add(file));
            group
        };
        let one = group(&["a", "b", "c", "d"]);
        assert!(one.has_files_of(&group(&["a", "b", "c", "d"])));
        assert!(!one.has_files_of(&group(&["a", "b", "c", "e"])));
        assert!(!one.has_files_of(&group(&["a", "b", "c"])));
        let long = "x".repeat(1_000_000);
        assert!(group(&[&long]).named().len() < 1000);
    }
}
