//! Merges any number of reports into one, with little memory.
//!
//! [`Merge`] reads documents in any order. For each computer and path, the newest row wins. [`Merge::finish`] sorts what was
//! read, and [`Rows`] passes on the winners in the order of computers and paths, so the order of reading never shows.

mod collect;
mod document;
mod entry;
mod hosts;
mod merged;
mod sorter;

pub use collect::{Merge, MergeError, MergeOptions};
pub use entry::file_key;
pub use hosts::Absence;
pub use merged::{Broken, Rows, Summary};

#[cfg(test)]
mod tests;
