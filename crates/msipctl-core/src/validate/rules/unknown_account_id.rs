//! `unknown-account-id`: accountId of an account that doesn't exist.

use crate::diagnostic::Prose;
use crate::event::SETTINGS;
use crate::validate::context::{Account, Context, leading_number};
use crate::validate::finding::Finding;
use crate::validate::fix::{Fix, Safety};
use crate::validate::rule::rule;
use winini::Edit;

rule! {
    /// ## What it does
    /// Checks for an `accountId` that refers to an account without a section or without a domain.
    ///
    /// ## Why is this bad?
    /// MicroSIP can't load the account and starts without an active account. It drops numbers that are dialed from the command line.
    ///
    /// ## Example
    /// ```ini
    /// [Settings]
    /// accountId=2
    /// [Account1]
    /// domain=sip.example.com
    /// ```
    ///
    /// ## Use instead
    /// ```ini
    /// [Settings]
    /// accountId=1
    /// [Account1]
    /// domain=sip.example.com
    /// ```
    ///
    /// ## How to fix
    /// Set `accountId` to an existing account, or add the missing account.
    ///
    /// ## Fix safety
    /// Sets `accountId` to the only account that exists. Unsafe, because the missing account may be the intended one. With several accounts, no fix is available.
    UnknownAccountId,
    on Document, requires ACCOUNTS,
    fix Sometimes
}

fn check(context: Context<'_>, findings: &mut Vec<Finding>) {
    let profile = context.profile;
    let Some(section) = profile.section(SETTINGS) else { return };
    let Some(entry) = section.entry("accountId") else { return };
    let number = leading_number(&entry.value());
    if number == 0 {
        return;
    }
    let account = format!("Account{number}");
    let accounts = context.accounts();
    // A fork may get the domain from another source.
    let has_number = |account: &&Account<'_>| u64::from(account.number) == number;
    if accounts.iter().find(has_number).is_some_and(|account| account.is_of_fork()) {
        return;
    }
    let problem = match profile.get(&account, "domain") {
        Some(domain) if !domain.is_empty() => return,
        Some(_) => "has no domain",
        None if profile.section(&account).is_some() => "has no domain",
        None => "doesn't exist",
    };
    let message = message!(
        "`accountId` refers to `[{account}]`, which {problem}",
        account,
        problem = Prose(problem)
    );
    let finding = RULE.at_value((section, entry), message);
    let existing: Vec<_> = accounts.iter().filter(|account| account.loads()).collect();
    findings.push(match existing.as_slice() {
        [only] => {
            let edit = Edit::ReplaceValue { line: entry.line(), text: only.number.to_string() };
            let title = format!("set `accountId` to `{}`, the only account", only.number);
            finding.with_fix(Fix::edits(Safety::Unsafe, title, vec![edit]))
        }
        _ => finding,
    });
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::validate::rules::testing::{check, fixes};

    #[test]
    fn account_id_is_reported_when_its_section_or_domain_is_missing() {
        check(
            &RULE,
            "[Settings]\naccountId=3\n",
            &["2: error: `accountId` refers to `[Account3]`, which doesn't exist"],
        );
        check(
            &RULE,
            "[Settings]\naccountId=1\n[Account1]\nusername=a\n",
            &["2: error: `accountId` refers to `[Account1]`, which has no domain"],
        );
        check(&RULE, "[Settings]\naccountId=0\n", &[]);
        check(&RULE, "[Settings]\naccountId=\n", &[]);
        check(&RULE, "[account1]\nDOMAIN=a\n[Settings]\naccountId=1\n", &[]);
    }

    #[test]
    fn account_of_a_fork_without_domain_is_not_reported() {
        check(&RULE, "[Settings]\naccountId=1\n[Account1]\napiLogin=a\n", &[]);
    }

    #[test]
    fn unsafe_fix_selects_the_only_account() {
        let before = "[Settings]\naccountId=152\n[Account1]\ndomain=a\n";
        fixes(&RULE, Safety::Unsafe, before, "[Settings]\naccountId=1\n[Account1]\ndomain=a\n");
        fixes(&RULE, Safety::Safe, before, before);
        let several = "[Settings]\naccountId=9\n[Account1]\ndomain=a\n[Account2]\ndomain=a\n";
        fixes(&RULE, Safety::Unsafe, several, several);
    }
}
