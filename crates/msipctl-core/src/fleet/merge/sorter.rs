//! Sorts any number of entries with little memory.

use std::cmp::Reverse;
use std::collections::BinaryHeap;
use std::io;
use std::vec;

use super::entry::Entry;
use crate::store::{SpillFile, SpillReader};

/// The maximum number of files that are merged at the same time.
const MAX_FILES: usize = 64;

/// Collects entries. When they take more than a maximum of memory, they go to a temporary file.
#[derive(Debug)]
pub(super) struct Sorter {
    entries: Vec<Entry>,
    size: usize,
    max_size: usize,
    files: Vec<SpillFile>,
}

impl Sorter {
    pub(super) fn new(max_size: usize) -> Self {
        Self { entries: Vec::new(), size: 0, max_size, files: Vec::new() }
    }

    pub(super) fn push(&mut self, entry: Entry) -> io::Result<()> {
        self.size += entry.size();
        self.entries.push(entry);
        if self.size > self.max_size { self.spill() } else { Ok(()) }
    }

    fn spill(&mut self) -> io::Result<()> {
        self.entries.sort_unstable();
        let mut file = SpillFile::new()?;
        let mut record = Vec::new();
        for entry in self.entries.drain(..) {
            entry.encode(&mut record);
            file.push(&record)?;
        }
        self.size = 0;
        self.files.push(file);
        if self.files.len() < MAX_FILES {
            return Ok(());
        }
        let mut together = SpillFile::new()?;
        let mut sorted = Sorted::of_files(self.files.drain(..))?;
        while let Some(entry) = sorted.next()? {
            entry.encode(&mut record);
            together.push(&record)?;
        }
        self.files.push(together);
        Ok(())
    }

    /// Returns the entries in order. Equal ones are returned once.
    pub(super) fn finish(mut self) -> io::Result<Sorted> {
        if self.files.is_empty() {
            self.entries.sort_unstable();
            let source = Source::Memory(self.entries.into_iter());
            return Ok(Sorted { source, last: None });
        }
        self.spill()?;
        Sorted::of_files(self.files.drain(..))
    }
}

/// Entries in order.
#[derive(Debug)]
pub(super) struct Sorted {
    source: Source,
    last: Option<Entry>,
}

#[derive(Debug)]
enum Source {
    Memory(vec::IntoIter<Entry>),
    Files { readers: Vec<SpillReader>, heads: BinaryHeap<Reverse<(Entry, usize)>> },
}

impl Sorted {
    fn of_files(files: impl Iterator<Item = SpillFile>) -> io::Result<Self> {
        let mut readers = files.map(SpillFile::into_reader).collect::<io::Result<Vec<_>>>()?;
        let mut heads = BinaryHeap::new();
        for (index, reader) in readers.iter_mut().enumerate() {
            heads.extend(read(reader)?.map(|entry| Reverse((entry, index))));
        }
        Ok(Self { source: Source::Files { readers, heads }, last: None })
    }

    /// Returns the next entry.
    pub(super) fn next(&mut self) -> io::Result<Option<Entry>> {
        loop {
            let entry = match &mut self.source {
                Source::Memory(entries) => entries.next(),
                Source::Files { readers, heads } => match heads.pop() {
                    None => None,
                    Some(Reverse((entry, index))) => {
                        let next = readers.get_mut(index).map(read).transpose()?.flatten();
                        heads.extend(next.map(|entry| Reverse((entry, index))));
                        Some(entry)
                    }
                },
            };
            if entry.is_none() || entry != self.last {
                self.last.clone_from(&entry);
                return Ok(entry);
            }
        }
    }
}

fn read(reader: &mut SpillReader) -> io::Result<Option<Entry>> {
    let mut record = Vec::new();
    if !reader.next(&mut record)? {
        return Ok(None);
    }
    let damaged = || io::Error::other("a temporary file was changed by another program");
    Entry::decode(&record).map(Some).ok_or_else(damaged)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn order_does_not_depend_on_memory_or_order_of_adding() {
        let entry = |number: u32| Entry {
            key: vec![1, (number % 7) as u8],
            time: i128::from(number % 5),
            run: format!("{}", number % 3),
            payload: vec![(number % 11) as u8; 20],
        };
        let sorted = |max_size, numbers: &mut dyn Iterator<Item = u32>| {
            let mut sorter = Sorter::new(max_size);
            numbers.for_each(|number| sorter.push(entry(number)).unwrap());
            let mut sorted = sorter.finish().unwrap();
            std::iter::from_fn(|| sorted.next().unwrap()).collect::<Vec<_>>()
        };
        let expected = sorted(usize::MAX, &mut (0..2000));
        assert_eq!(expected.len(), 7 * 5 * 3 * 11);
        assert!(expected.is_sorted());
        for max_size in [1, 500, 20_000] {
            assert_eq!(sorted(max_size, &mut (0..2000).rev()), expected, "{max_size}");
        }
    }
}
