//! `unknown-account-id`: an active account that is not there.

use crate::diagnostic::Prose;
use crate::event::SETTINGS;
use crate::validate::context::{Account, Context, leading_number};
use crate::validate::finding::Finding;
use crate::validate::fix::{Fix, Safety};
use crate::validate::rule::rule;
use winini::Edit;

rule! {
    /// ## What it does
    /// An `accountId` that names an account without section or without domain.
    ///
    /// ## Why is this bad?
    /// MicroSIP cannot load it and starts without an active account; numbers dialled from the command line are dropped.
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
    /// Name an account that is there, or add the one that is named.
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
    // A fork may know the domain from elsewhere.
    let is_named = |account: &&Account<'_>| u64::from(account.number) == number;
    if accounts.iter().find(is_named).is_some_and(|account| account.is_of_fork()) {
        return;
    }
    let missing = match profile.get(&account, "domain") {
        Some(domain) if !domain.is_empty() => return,
        Some(_) => "has no domain",
        None if profile.section(&account).is_some() => "has no domain",
        None => "is not there",
    };
    let message = message!(
        "`accountId` names `[{account}]`, which {missing}",
        account,
        missing = Prose(missing)
    );
    let finding = RULE.at_value((section, entry), message);
    let there: Vec<_> = accounts.iter().filter(|account| account.loads()).collect();
    findings.push(match there.as_slice() {
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
            &["2: error: `accountId` names `[Account3]`, which is not there"],
        );
        check(
            &RULE,
            "[Settings]\naccountId=1\n[Account1]\nusername=a\n",
            &["2: error: `accountId` names `[Account1]`, which has no domain"],
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
