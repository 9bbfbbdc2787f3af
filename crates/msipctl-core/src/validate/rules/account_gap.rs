//! `account-gap`: accounts that MicroSIP doesn't list because an earlier one is missing.

use crate::diagnostic::Prose;
use crate::event::SETTINGS;
use crate::validate::context::{Context, leading_number};
use crate::validate::finding::Finding;
use crate::validate::fix::{Fix, Safety};
use crate::validate::rule::rule;
use winini::Edit;
use winini::profile;
use winini::profile::SectionView;

rule! {
    /// ## What it does
    /// Checks for accounts with a domain whose number follows a missing account, or one without a domain.
    ///
    /// ## Why is this bad?
    /// MicroSIP lists `[Account1]`, `[Account2]`, and so on, and stops at the first one that is missing or has no domain. Later accounts don't appear in any menu, unless `accountId` selects them.
    ///
    /// ## Example
    /// ```ini
    /// [Settings]
    /// accountId=1
    /// [Account1]
    /// domain=a.example.com
    /// [Account3]
    /// domain=b.example.com
    /// ```
    ///
    /// ## Use instead
    /// ```ini
    /// [Settings]
    /// accountId=1
    /// [Account1]
    /// domain=a.example.com
    /// [Account2]
    /// domain=b.example.com
    /// ```
    ///
    /// ## How to fix
    /// Number the accounts without gaps, and change `accountId` to match.
    ///
    /// ## Fix safety
    /// Always unsafe, because the number of an account changes. If a section is missing, the fix gives its number to the first account after the gap. It also updates `accountId` if that selects the account.
    AccountGap,
    on Document, requires ACCOUNTS,
    fix Sometimes
}

fn check(context: Context<'_>, findings: &mut Vec<Finding>) {
    let accounts = context.accounts();
    let loads: Vec<_> = accounts.iter().filter(|account| account.loads()).collect();
    // The accounts before the gap have the numbers 1, 2, 3, and so on.
    let listed =
        (1..).zip(&loads).take_while(|(number, account)| *number == account.number).count();
    let Some(gap) = u32::try_from(listed).ok().map(|listed| listed + 1) else { return };
    let section_at_gap = context.profile.section(&format!("Account{gap}"));
    // A fork can get the domain from another source.
    if accounts.iter().any(|account| account.number == gap && account.is_of_fork()) {
        return;
    }
    for (index, account) in loads.iter().skip(listed).enumerate() {
        let (name, header) = (account.section.name(), account.section.place().header());
        let reason = if section_at_gap.is_some() { "has no domain" } else { "is missing" };
        let message = message!(
            "MicroSIP doesn't list `[{section}]` because `[Account{gap}]` {reason}",
            section = name,
            gap,
            reason = Prose(reason)
        );
        let span = context.document.line(header).content();
        let finding = RULE.at(header, span, message).about(&name, None);
        // The first account fills the gap. The next run of the rule then finds the others.
        let fix = if index == 0 && section_at_gap.is_none() {
            renumbered(context, account.section, account.number, gap)
        } else {
            None
        };
        findings.push(match fix {
            Some(edits) => {
                let title =
                    format!("rename it to `[Account{gap}]`, also in `{SETTINGS}.accountId`");
                finding.with_fix(Fix::edits(Safety::Unsafe, title, edits))
            }
            None => finding,
        });
    }
}

/// Returns the edits that give an account another number, also in `accountId`.
fn renumbered(
    context: Context<'_>,
    section: SectionView<'_>,
    old: u32,
    new: u32,
) -> Option<Vec<Edit>> {
    let (document, name) = (context.document, section.name());
    // If the name appears twice, Windows would read the second section after the change.
    if context.profile.sections_named(&name).count() > 1 {
        return None;
    }
    let header = section.place().header();
    let line = document.line(header);
    let text = |range| document.encoding().decode_exact(&document.bytes()[range]);
    let (content, name) = (line.content().range(), line.name().range());
    let (before, after) = (text(content.start..name.start)?, text(name.end..content.end)?);
    let mut edits =
        vec![Edit::ReplaceLine { line: header, text: format!("{before}Account{new}{after}") }];
    let id = context.profile.get(SETTINGS, "accountId");
    if id.is_some_and(|id| leading_number(&id) == u64::from(old)) {
        edits.extend(profile::set(document, SETTINGS, "accountId", &new.to_string()).ok()?);
    }
    Some(edits)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::validate::rules::testing::{check, fixes};

    #[test]
    fn accounts_after_a_gap_are_reported() {
        check(
            &RULE,
            "[Account4]\ndomain=a\n[Account1]\ndomain=b\n[Account3]\ndomain=c\n",
            &[
                "1: warning: MicroSIP doesn't list `[Account4]` because `[Account2]` is missing",
                "5: warning: MicroSIP doesn't list `[Account3]` because `[Account2]` is missing",
            ],
        );
        check(
            &RULE,
            "[Account1]\n[Account2]\ndomain=a\n",
            &["2: warning: MicroSIP doesn't list `[Account2]` because `[Account1]` has no domain"],
        );
        check(&RULE, "[Account1]\napiLogin=a\n[Account2]\ndomain=a\n", &[]);
        check(&RULE, "[Account0]\n[Account1]\ndomain=a\n[Account2]\n[Account3]\n", &[]);
    }

    #[test]
    fn fix_renumbers_accounts_and_updates_account_id() {
        fixes(
            &RULE,
            Safety::Unsafe,
            "[Settings]\naccountId=7\n[Account7]\ndomain=a\n[ACCOUNT1] x\ndomain=b\n[Account3]\ndomain=c\n",
            "[Settings]\naccountId=3\n[Account3]\ndomain=a\n[ACCOUNT1] x\ndomain=b\n[Account2]\ndomain=c\n",
        );
        let duplicated = "[Account2]\ndomain=a\n[Account2]\nx=1\n";
        fixes(&RULE, Safety::Unsafe, duplicated, duplicated);
        let without_domain = "[Account1]\n[Account2]\ndomain=a\n";
        fixes(&RULE, Safety::Unsafe, without_domain, without_domain);
    }
}
