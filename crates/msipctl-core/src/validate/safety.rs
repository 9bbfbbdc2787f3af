//! Verifies that a safe fix changes no value that MicroSIP reads today. Rules propose the safety of a fix, and this module
//! decides.

use super::features::FeatureSet;
use super::finding::Finding;
use super::fix::{Change, Fix, Safety};
use super::table::LineTable;
use crate::plan::{is_same, keeps_values};
use microsip_schema::{Availability, Version};
use winini::profile::{Profile, read_rule};
use winini::{CodePage, Document, Edit, Encoding, LineKind};

/// The maximum number of bytes that are parsed to find out which fixes of a file are safe.
const MAX_PARSED: usize = 32 << 20;

/// Returns whether a version of MicroSIP reads every value after a change that it reads before.
pub(super) fn is_kept(before: &Document, after: &Document, microsip: Version) -> bool {
    let page = match before.encoding() {
        Encoding::Ansi(page) => page,
        _ => CodePage::WESTERN,
    };
    keeps_values(before, after, page, microsip)
}

/// Marks each safe fix as unsafe that changes a value which the target version reads.
pub(super) fn demote(
    document: &Document,
    table: &LineTable,
    microsip: Version,
    findings: &mut [Finding],
) {
    let mut safe =
        findings.iter().filter_map(Finding::fix).filter(|it| it.safety() == Safety::Safe);
    if safe.all(|fix| keeps_lines(document, table, microsip, fix)) {
        return;
    }
    let mut edits = Vec::new();
    let mut is_unsafe = Vec::new();
    let mut budget = Budget { left: (MAX_PARSED / document.bytes().len().max(1)).clamp(16, 4096) };
    for (index, finding) in findings.iter().enumerate() {
        let Some(fix) = finding.fix().filter(|fix| fix.safety() == Safety::Safe) else { continue };
        let next = match fix.change() {
            Change::Edits(change) => {
                edits.push((index, change.as_slice()));
                continue;
            }
            Change::Encoding(encoding) => document.convert(*encoding).ok(),
            Change::Document(next) => Some(next.clone()),
        };
        let is_safe = budget.spend() && next.is_none_or(|next| is_kept(document, &next, microsip));
        is_unsafe.extend((!is_safe).then_some(index));
    }
    let check = EditCheck { document, microsip };
    check.find(&edits, &mut budget, &mut is_unsafe);
    for index in is_unsafe {
        findings[index].make_fix_unsafe();
    }
}

/// Returns whether the edited lines alone prove that a fix changes no value that a version reads. Returns `false` if that
/// requires the edited document.
pub(super) fn keeps_lines(
    document: &Document,
    table: &LineTable,
    microsip: Version,
    fix: &Fix,
) -> bool {
    // MicroSIP reads the same lines as msipctl.
    let is_read_as_is = match document.encoding() {
        Encoding::MICROSIP => true,
        Encoding::Ascii => !table.features().has(FeatureSet::WIDE),
        _ => false,
    };
    match fix.change() {
        Change::Edits(edits) => {
            is_read_as_is && edits.iter().all(|edit| keeps_line(document, table, microsip, edit))
        }
        Change::Encoding(_) | Change::Document(_) => false,
    }
}

fn keeps_line(document: &Document, table: &LineTable, microsip: Version, edit: &Edit) -> bool {
    let is_comment = |text: &str| text.starts_with(';') && !text.contains(['\r', '\n']);
    // The key and the entry of a line that the version reads.
    let read = |line: usize| {
        let facts = table.lines().get(line).filter(|facts| facts.is_counted())?;
        let key = facts.key().filter(|key| key.available(microsip) == Availability::Yes)?;
        Some((key, Profile::new(document).entry_at(line)?.1))
    };
    let is_header =
        |line: usize| document.lines().get(line).is_none_or(|line| line.kind() == LineKind::Header);
    match edit {
        Edit::ReplaceValue { line, text } => read(*line).is_some_and(|(key, entry)| {
            !text.contains(['\r', '\n']) && is_same(key, &entry.value(), read_rule(text), microsip)
        }),
        Edit::ReplaceLine { line, text } => {
            is_comment(text) && !is_header(*line) && read(*line).is_none()
        }
        Edit::RemoveLine { line } => !is_header(*line) && read(*line).is_none(),
        Edit::InsertLine { text, .. } => is_comment(text),
    }
}

/// The number of changes that can still be tried.
struct Budget {
    left: usize,
}

impl Budget {
    fn spend(&mut self) -> bool {
        let is_left = self.left > 0;
        self.left = self.left.saturating_sub(1);
        is_left
    }
}

/// Tries the edits of fixes on a document.
struct EditCheck<'d> {
    document: &'d Document,
    microsip: Version,
}

impl EditCheck<'_> {
    /// Finds the fixes that change a value: all of them are tried together, and each half if that changes one. Once the budget
    /// is spent, all others count as unsafe.
    fn find(&self, fixes: &[(usize, &[Edit])], budget: &mut Budget, is_unsafe: &mut Vec<usize>) {
        if fixes.is_empty() {
            return;
        }
        if !budget.spend() {
            is_unsafe.extend(fixes.iter().map(|(index, _)| *index));
            return;
        }
        let edits: Vec<_> = fixes.iter().flat_map(|(_, edits)| edits.iter().cloned()).collect();
        let next = self.document.edit(&edits);
        if next.as_ref().is_ok_and(|next| is_kept(self.document, next, self.microsip)) {
            return;
        }
        match fixes {
            // A fix that can't be applied changes nothing.
            [(index, _)] => is_unsafe.extend(next.is_ok().then_some(*index)),
            _ => {
                let (first, second) = fixes.split_at(fixes.len() / 2);
                self.find(first, budget, is_unsafe);
                self.find(second, budget, is_unsafe);
            }
        }
    }
}
