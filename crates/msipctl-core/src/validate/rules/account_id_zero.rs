//! `account-id-zero`: an `accountId` of 0, which MicroSIP reads as 1.

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
    /// Checks for `accountId=0`, or a value without digits, in a file that has accounts while the local account is off.
    ///
    /// ## Why is this bad?
    /// MicroSIP 3.14.0 and newer then uses the value 1. If `[Account1]` exists, MicroSIP uses it despite the `0`, and the finding is `info`. Otherwise, no account is active.
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
    /// Set `accountId` to the number of the account to use. To use no account, remove the accounts.
    ///
    /// ## Fix safety
    /// Always unsafe, because the file can be meant to use no account. The fix sets `accountId` to the number of the first account. msipctl has no fix if `[Account1]` exists and `disableLocalAccount` is set to anything but `1`, because the file then selects the local account.
    AccountIdZero,
    on Document, requires ACCOUNTS,
    fix Sometimes
}

fn check(context: Context<'_>, findings: &mut Vec<Finding>) {
    let Some(location) = context.setting("accountId") else { return };
    let value = location.1.value();
    // Older versions have an inverted setting for the local account.
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
    let edit = Edit::ReplaceValue { line: location.1.line(), text: number.to_string() };
    // A file for older versions that doesn't turn the local account off selects it.
    let disabled = context.profile.get(SETTINGS, "disableLocalAccount");
    let selects_local_account = disabled.is_some_and(|disabled| disabled != "1");
    let title = format!("set `accountId` to `{number}`");
    let fix = Fix::edits(Safety::Unsafe, title, vec![edit]);
    let finding = if number == 1 {
        let message = message!(
            "`accountId` is `{value}`, which MicroSIP reads as 1: it uses `[{section}]`",
            value,
            section = name
        );
        let finding = RULE.at_value(location, message).with_severity(Severity::Info);
        if selects_local_account { finding } else { finding.with_fix(fix) }
    } else {
        let message = message!(
            "`accountId` is `{value}`, which MicroSIP reads as 1, but the first account is `[{section}]`",
            value,
            section = name
        );
        RULE.at_value(location, message).with_fix(fix)
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
            &["2: info: `accountId` is `0`, which MicroSIP reads as 1: it uses `[Account1]`"],
        );
        check(
            &RULE,
            "[Settings]\naccountId=0\n[Account3]\ndomain=a\n",
            &[
                "2: warning: `accountId` is `0`, which MicroSIP reads as 1, but the first account is `[Account3]`",
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
