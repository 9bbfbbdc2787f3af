//! What is wrong with a file: rules, and the findings they return. Nothing here prints or writes.
//!
//! A rule is a file in `rules/`: its page, its declaration, its check and its tests. One slice lists
//! them all, and tests walk it.

mod comment;
mod context;
mod driver;
mod features;
mod finding;
mod fix;
mod hazards;
mod letters;
mod listeners;
mod mend;
mod moving;
mod pieces;
mod quoting;
mod rule;
mod rule_set;
mod rules;
mod safety;
mod selection;
mod suppression;
mod table;
mod web;

pub use crate::diagnostic::{Group, Severity};
pub use driver::{Check, check, judge, mend};
pub use finding::Finding;
pub use fix::{Fix, Safety};
pub use mend::Mended;
pub use rule::Rule;
pub use rule_set::PatternError;
pub use rules::RULES;
pub use selection::Selection;
pub use suppression::{Judged, Source, Suppressed, Suppression};
