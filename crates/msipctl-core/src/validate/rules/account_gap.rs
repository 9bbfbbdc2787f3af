//! `account-gap`: accounts that are not seen, as one before them is missing.

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
    /// An account with a domain whose number comes behind one that is missing or has no domain.
    ///
    /// ## Why is this bad?
    /// MicroSIP lists `[Account1]`, `[Account2]` and so on, and stops at the first that is not there or has no domain. What comes behind is in no menu, unless `accountId` names it.
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
    /// Number the accounts without a gap, and `accountId` with them.
    AccountGap,
    on Document, requires ACCOUNTS,
    fix Sometimes
}

fn check(context: Context<'_>, findings: &mut Vec<Finding>) {
    let accounts = context.accounts();
    let loads: Vec<_> = accounts.iter().filter(|account| account.loads()).collect();
    // Those before the gap are numbered 1, 2, 3 and so on.
    let seen = (1..).zip(&loads).take_while(|(number, account)| *number == account.number).count();
    let Some(free) = u32::try_from(seen).ok().map(|seen| seen + 1) else { return };
    let gap = context.profile.section(&format!("Account{free}"));
    // A fork may know the domain from elsewhere.
    if accounts.iter().any(|account| account.number == free && account.is_of_fork()) {
        return;
    }
    for (index, account) in loads.iter().skip(seen).enumerate() {
        let (name, header) = (account.section.name(), account.section.place().header());
        let what = if gap.is_some() { "has no domain" } else { "is missing" };
        let message = message!(
            "`[{section}]` is not listed, as `[Account{free}]` {what}",
            section = name,
            free,
            what = Prose(what)
        );
        let span = context.document.line(header).content();
        let finding = RULE.at(header, span, message).about(&name, None);
        // The first one fills the gap; the others then follow it.
        let fix = if index == 0 && gap.is_none() {
            renumbered(context, account.section, account.number, free)
        } else {
            None
        };
        findings.push(match fix {
            Some(edits) => {
                let title =
                    format!("call it `[Account{free}]`, also in `accountId` of `[{SETTINGS}]`");
                finding.with_fix(Fix::edits(Safety::Unsafe, title, edits))
            }
            None => finding,
        });
    }
}

fn renumbered(
    context: Context<'_>,
    section: SectionView<'_>,
    old: u32,
    new: u32,
) -> Option<Vec<Edit>> {
    let (document, name) = (context.document, section.name());
    // Of two sections of that name the second one would come to light.
    if context.profile.sections_named(&name).count() > 1 {
        return None;
    }
    let header = section.place().header();
    let line = document.line(header);
    let text = |range| document.encoding().decode_exact(&document.bytes()[range]);
    let (whole, inner) = (line.content().range(), line.name().range());
    let (before, behind) = (text(whole.start..inner.start)?, text(inner.end..whole.end)?);
    let mut edits =
        vec![Edit::ReplaceLine { line: header, text: format!("{before}Account{new}{behind}") }];
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
                "1: warning: `[Account4]` is not listed, as `[Account2]` is missing",
                "5: warning: `[Account3]` is not listed, as `[Account2]` is missing",
            ],
        );
        check(
            &RULE,
            "[Account1]\n[Account2]\ndomain=a\n",
            &["2: warning: `[Account2]` is not listed, as `[Account1]` has no domain"],
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
        let twice = "[Account2]\ndomain=a\n[Account2]\nx=1\n";
        fixes(&RULE, Safety::Unsafe, twice, twice);
        let kept = "[Account1]\n[Account2]\ndomain=a\n";
        fixes(&RULE, Safety::Unsafe, kept, kept);
    }
}
