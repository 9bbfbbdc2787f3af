//! `account-id-zero`: no account by the number, and the first one in fact.

use crate::diagnostic::Severity;
use crate::event::SETTINGS;
use crate::validate::context::{Context, leading_number};
use crate::validate::finding::Finding;
use crate::validate::fix::{Fix, Safety};
use crate::validate::rule::rule;
use microsip_schema::Version;
use winini::Edit;

rule! {
    /// ## What it does
    /// `accountId=0`, or one without digits, in a file that has accounts, while the local account is off.
    ///
    /// ## Why is this bad?
    /// MicroSIP then takes it for 1. With `[Account1]` there, that account is in use, whatever the line says; without it none is.
    ///
    /// ## Example
    /// ```ini
    /// [Settings]
    /// accountId=0
    /// [Account2]
    /// domain=sip.example.com
    /// ```
    ///
    /// ## Use instead
    /// ```ini
    /// [Settings]
    /// accountId=2
    /// [Account2]
    /// domain=sip.example.com
    /// ```
    ///
    /// ## How to fix
    /// An unsafe fix names the account. If no account should be in use, remove the accounts.
    AccountIdZero,
    on Document, requires ACCOUNTS,
    fix Sometimes
}

fn check(context: Context<'_>, findings: &mut Vec<Finding>) {
    let Some(place) = context.setting("accountId") else { return };
    let value = place.1.value();
    // Before, the local account had a switch of the opposite sense.
    if context.microsip < Version::new(3, 14, 0) {
        return;
    }
    if value.is_empty() || leading_number(&value) != 0 || context.is_on("enableLocalAccount") {
        return;
    }
    let accounts = context.accounts();
    let Some(first) = accounts.iter().find(|account| account.loads()) else { return };
    let number = first.number;
    let name = first.section.name();
    let edit = Edit::ReplaceValue { line: place.1.line(), text: number.to_string() };
    // Whoever wrote a file for those versions meant the local account.
    let old = context.profile.get(SETTINGS, "disableLocalAccount");
    let is_local_meant = old.is_some_and(|old| old != "1");
    let title = format!("set `accountId` to `{number}`");
    let fix = Fix::edits(Safety::Unsafe, title, vec![edit]);
    let finding = if number == 1 {
        let message = message!(
            "`accountId` is 0, which MicroSIP takes for 1: `[{section}]` is in use",
            section = name
        );
        let finding = RULE.at_value(place, message).with_severity(Severity::Info);
        if is_local_meant { finding } else { finding.with_fix(fix) }
    } else {
        let message = message!(
            "`accountId` is 0, which MicroSIP takes for 1, and only `[{section}]` is there",
            section = name
        );
        RULE.at_value(place, message).with_fix(fix)
    };
    findings.push(finding);
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::validate::rules::testing::{check, fixes};

    #[test]
    fn account_id_zero_is_reported_when_accounts_exist() {
        check(
            &RULE,
            "[Settings]\naccountId=0\n[Account1]\ndomain=a\n",
            &["2: info: `accountId` is 0, which MicroSIP takes for 1: `[Account1]` is in use"],
        );
        check(
            &RULE,
            "[Settings]\naccountId=0\n[Account3]\ndomain=a\n",
            &[
                "2: warning: `accountId` is 0, which MicroSIP takes for 1, and only `[Account3]` is there",
            ],
        );
        check(&RULE, "[Settings]\naccountId=0\n[Account1]\ndomain=\n", &[]);
        check(&RULE, "[Settings]\naccountId=0\nenableLocalAccount=1\n[Account1]\ndomain=a\n", &[]);
    }

    #[test]
    fn unsafe_fix_sets_account_id_to_the_account_in_use() {
        let after = "[Settings]\naccountId=1\n[Account1]\ndomain=a\n";
        let before = "[Settings]\naccountId=x\n[Account1]\ndomain=a\n";
        fixes(&RULE, Safety::Safe, before, before);
        fixes(&RULE, Safety::Unsafe, before, after);
    }

    #[test]
    fn fix_keeps_account_id_when_the_local_account_is_enabled() {
        let old = "[Settings]\naccountId=0\ndisableLocalAccount=0\n[Account1]\ndomain=a\n";
        fixes(&RULE, Safety::Unsafe, old, old);
    }
}
