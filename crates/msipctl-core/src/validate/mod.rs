//! Checks a file for problems: the rules, and the findings they return. Nothing here prints or writes.
//!
//! Each rule is a file in `rules/` with its page, its declaration, its check, and its tests. One slice lists all rules,
//! and tests iterate over it.

mod apply_fixes;
mod characters;
mod comment;
mod context;
mod driver;
mod features;
mod finding;
mod fix;
mod hazards;
mod listeners;
mod moving;
mod quoting;
mod rule;
mod rule_set;
mod rules;
mod safety;
mod segments;
mod selection;
mod suppression;
mod table;
mod web;

pub use crate::diagnostic::{Group, Severity};
pub use apply_fixes::FixOutcome;
pub use driver::{Check, apply_fixes, check, check_with_suppressions};
pub use finding::Finding;
pub use fix::{Fix, Safety};
pub use rule::{FixAvailability, Rule};
pub use rule_set::PatternError;
pub use rules::RULES;
pub use selection::Selection;
pub use suppression::{CheckOutcome, Source, Suppressed, Suppression};
