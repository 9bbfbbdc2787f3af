//! Mending what was found: fixes, and the document that all of them lead to.

use std::collections::HashMap;
use std::fmt;

use super::finding::Finding;
use crate::ini::{Document, Edit, Encoding};

/// The most rounds of finding and mending. Each round mends what the one before uncovered.
const ROUNDS: usize = 20;

/// Whether a fix needs somebody's agreement.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub enum Safety {
    /// MicroSIP then reads what the file's author can only have meant.
    Safe,
    /// It is likely what was meant, or takes away what nobody reads.
    Unsafe,
}

impl Safety {
    /// Returns its name in output.
    pub fn name(self) -> &'static str {
        match self {
            Self::Safe => "safe",
            Self::Unsafe => "unsafe",
        }
    }
}

/// How a finding is mended. Line numbers are those of the document that was checked.
#[derive(Clone, PartialEq, Eq)]
pub struct Fix {
    safety: Safety,
    title: String,
    change: Change,
}

#[derive(Clone, PartialEq, Eq)]
enum Change {
    Edits(Vec<Edit>),
    Encoding(Encoding),
    Whole(Document),
}

// The new text may be secret, so it is not shown.
impl fmt::Debug for Fix {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "Fix({}, {:?})", self.safety.name(), self.title)
    }
}

impl Fix {
    /// Makes a fix of edits; `title` says what it does, without secret values.
    pub(super) fn edits(safety: Safety, title: impl Into<String>, edits: Vec<Edit>) -> Self {
        Self { safety, title: title.into(), change: Change::Edits(edits) }
    }

    /// Makes the fix that writes the file as MicroSIP itself does: UTF-16LE with byte order mark.
    pub(super) fn as_microsip_writes() -> Self {
        let title = "write the file as UTF-16LE with byte order mark".to_owned();
        Self { safety: Safety::Safe, title, change: Change::Encoding(Encoding::MICROSIP) }
    }

    /// Makes the fix of a file whose bytes are torn: another document in its place.
    pub(super) fn whole(safety: Safety, title: impl Into<String>, document: Document) -> Self {
        Self { safety, title: title.into(), change: Change::Whole(document) }
    }

    /// Says whether it needs somebody's agreement.
    pub fn safety(&self) -> Safety {
        self.safety
    }

    /// Returns what it does.
    pub fn title(&self) -> &str {
        &self.title
    }
}

/// A document that was mended.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Mended {
    /// The document after all fixes.
    pub after: Document,
    /// What was mended, in the order in which it was done.
    pub mended: Vec<Finding>,
}

/// Mends what `find` finds, again and again until it finds nothing that may be mended. A finding is mended if
/// its fix is at most as unsafe as `at_most`; those that touch the same lines wait for the next round.
pub(super) fn mend(
    document: &Document,
    at_most: Safety,
    find: impl Fn(&Document) -> Vec<Finding>,
) -> Mended {
    let mut after = document.clone();
    let mut mended = Vec::new();
    for _ in 0..ROUNDS {
        let found = find(&after).into_iter();
        let fixable = found.filter(|it| it.fix().is_some_and(|fix| fix.safety <= at_most));
        let Some((next, done)) = round(&after, fixable.collect()) else { break };
        after = next;
        mended.extend(done);
    }
    Mended { after, mended }
}

/// Does as many fixes as stand apart; `None` if none can be done.
fn round(document: &Document, fixable: Vec<Finding>) -> Option<(Document, Vec<Finding>)> {
    // Other bytes, then another encoding, change every line, so they come first and alone.
    let change = |finding: &Finding| finding.fix().map(|fix| fix.change.clone());
    for finding in &fixable {
        if let Some(Change::Whole(next)) = change(finding)
            && next != *document
        {
            return Some((next, vec![finding.clone()]));
        }
    }
    for finding in &fixable {
        if let Some(Change::Encoding(encoding)) = change(finding)
            && let Ok(next) = document.convert(encoding)
            && next != *document
        {
            return Some((next, vec![finding.clone()]));
        }
    }
    // Lines, and the keys of the lines that are put below them; `None` where the line itself is touched.
    let mut touched: HashMap<usize, Option<Vec<String>>> = HashMap::new();
    let (mut edits, mut done): (Vec<Edit>, Vec<Finding>) = (Vec::new(), Vec::new());
    for finding in fixable {
        let Some(Change::Edits(wanted)) = finding.fix().map(|fix| &fix.change) else { continue };
        let is_apart = wanted.iter().all(|edit| match (touched.get(&edit.line()), new_key(edit)) {
            (None, _) => true,
            (Some(Some(keys)), Some(key)) => !keys.contains(&key),
            _ => false,
        });
        if !is_apart || wanted.is_empty() {
            continue;
        }
        // One that cannot be done, as a letter does not fit the encoding, holds up no other.
        let together = [edits.as_slice(), wanted].concat();
        if document.edit(&together).is_err() {
            continue;
        }
        for edit in wanted {
            let keys = touched.entry(edit.line()).or_insert_with(|| Some(Vec::new()));
            match new_key(edit) {
                Some(key) => keys.iter_mut().for_each(|keys| keys.push(key.clone())),
                None => *keys = None,
            }
        }
        edits = together;
        done.push(finding);
    }
    let next = document.edit(&edits).ok()?;
    (next != *document).then_some((next, done))
}

/// Returns the key, or the whole, of a new line.
fn new_key(edit: &Edit) -> Option<String> {
    let Edit::InsertLine { text, .. } = edit else { return None };
    Some(text.split('=').next().unwrap_or_default().trim().to_ascii_lowercase())
}
