//! A safe fix changes no value that MicroSIP reads today. Rules propose how safe a fix is; this module has the last word.

use super::finding::Finding;
use super::fix::{Change, Safety};
use crate::ini::{CodePage, Document, Edit, Encoding};
use crate::plan::keeps_values;
use crate::schema::Version;

/// How many bytes are parsed to find out which of a file's fixes are safe.
const MAX_PARSED: usize = 32 << 20;

/// Returns whether a version of MicroSIP reads every value after a change that it reads before.
pub(super) fn is_kept(before: &Document, after: &Document, microsip: Version) -> bool {
    let page = match before.encoding() {
        Encoding::Ansi(page) => page,
        _ => CodePage::WESTERN,
    };
    keeps_values(before, after, page, microsip)
}

/// Makes each safe fix unsafe that changes a value which the target version reads.
pub(super) fn demote(document: &Document, microsip: Version, findings: &mut [Finding]) {
    let mut edits = Vec::new();
    let mut is_unsafe = Vec::new();
    let mut budget = Budget { left: (MAX_PARSED / document.bytes().len().max(1)).clamp(16, 4096) };
    for (index, finding) in findings.iter().enumerate() {
        let Some(fix) = finding.fix().filter(|fix| fix.safety() == Safety::Safe) else { continue };
        let next = match fix.change() {
            Change::Edits(wanted) => {
                edits.push((index, wanted.as_slice()));
                continue;
            }
            Change::Encoding(encoding) => document.convert(*encoding).ok(),
            Change::Whole(next) => Some(next.clone()),
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

/// How many more changes are tried.
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
