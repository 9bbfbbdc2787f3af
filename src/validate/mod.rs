//! What is wrong with a file: rules, and the findings they return. Nothing here prints or writes.
//!
//! A rule is a file in `rules/`: its page, its declaration, its check and its tests. One slice lists
//! them all, and tests walk it.

mod finding;
mod rule;
mod rules;

pub use finding::{Finding, Severity};
pub use rule::Rule;
pub use rules::RULES;

use crate::ini::Document;
use crate::profile::Profile;
use crate::schema::Version;

/// What a rule looks at.
#[derive(Debug, Clone, Copy)]
pub struct Context<'d> {
    document: &'d Document,
    profile: Profile<'d>,
    microsip: Version,
}

/// Checks a file against all rules. The findings come in the order of their lines.
///
/// # Example
///
/// ```
/// use msipctl::ini::{Document, Encoding};
/// use msipctl::schema::Version;
/// use msipctl::validate::check;
///
/// let document = Document::parse(b"[Settings]\nsingleMod=1\n".to_vec(), Encoding::Ascii);
/// let findings = check(&document, Version::NEWEST);
/// assert_eq!(findings[0].rule().name, "unknown-key");
/// assert_eq!(findings[0].help(), Some("did you mean `singleMode`?"));
/// ```
pub fn check(document: &Document, microsip: Version) -> Vec<Finding> {
    let context = Context { document, profile: Profile::new(document), microsip };
    let mut findings = Vec::new();
    for rule in RULES {
        rule.check(context, &mut findings);
    }
    findings.sort_by_key(Finding::line);
    findings
}
