//! `missing-account-id`: accounts without an `accountId` that selects one.

use crate::event::SETTINGS;
use crate::validate::context::Context;
use crate::validate::finding::Finding;
use crate::validate::fix::{Fix, Safety};
use crate::validate::rule::rule;
use microsip_schema::Version;
use winini::profile::{self, Entry};

rule! {
    /// ## What it does
    /// Checks for files without `accountId` that have an account with a `domain`, or a `server` but no `domain` in `[Settings]`.
    ///
    /// ## Why is this bad?
    /// MicroSIP doesn't select `[Account1]` by itself: no account is active, nothing registers, and numbers from the command line are dropped. MicroSIP moves an account of 3.1.18 from `[Settings]` to `[Account1]` at the next start only if it has a `domain`. Files with such an account, or with the local account turned on, aren't reported.
    ///
    /// ## Example
    /// ```ini
    /// [Account1]
    /// domain=sip.example.com
    /// username=1001
    /// ```
    ///
    /// ## Use instead
    /// ```ini
    /// [Settings]
    /// accountId=1
    /// [Account1]
    /// domain=sip.example.com
    /// username=1001
    /// ```
    ///
    /// ## How to fix
    /// Set `accountId` in `[Settings]` to the number of the account. An empty value counts as missing.
    ///
    /// ## Fix safety
    /// Unsafe if the first account isn't `[Account1]`, because the file doesn't show which account is intended. The fix sets `accountId` to the number of the first account.
    MissingAccountId,
    on Document, requires ACCOUNTS,
    fix Sometimes
}

fn check(context: Context<'_>, findings: &mut Vec<Finding>) {
    let id = context.profile.entry(SETTINGS, "accountId");
    let is_missing = id.is_none_or(Entry::is_empty);
    // 3.1.18 stores a single account in `[Settings]`.
    let is_old = context.microsip < Version::new(3, 12, 1);
    let legacy = |key: &str| context.profile.entry(SETTINGS, key).filter(|it| !it.is_empty());
    if !is_missing || is_old || legacy("domain").is_some() || context.is_on("enableLocalAccount") {
        return;
    }
    let accounts = context.accounts();
    let Some(first) = accounts.iter().find(|account| account.loads()) else {
        if let (Some(server), Some(settings)) =
            (legacy("server"), context.profile.section(SETTINGS))
        {
            let message = message!(
                "no account is active because `[Settings]` has a `server` but no `domain`"
            );
            let finding = RULE.at_key((settings, server), message);
            findings
                .push(finding.with_help("move the account to `[Account1]`, and set its `domain`"));
        }
        return;
    };
    let message = message!(
        "no account is active because `accountId` doesn't select `[{section}]`",
        section = first.section.name()
    );
    let finding = match (id, context.profile.section(SETTINGS)) {
        (Some(entry), Some(section)) => RULE.at_value((section, entry), message),
        _ => {
            let header = first.section.place().header();
            let span = context.document.line(header).content();
            RULE.at(header, span, message).about(SETTINGS, Some("accountId"))
        }
    };
    let number = first.number.to_string();
    let edits = profile::set(context.document, SETTINGS, "accountId", &number);
    // Without `accountId`, only `[Account1]` is certain to be intended.
    let safety = if first.number == 1 { Safety::Safe } else { Safety::Unsafe };
    findings.push(match edits {
        Ok(edits) => {
            finding.with_fix(Fix::edits(safety, format!("set `accountId` to `{number}`"), edits))
        }
        Err(_) => finding,
    });
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::validate::rules::testing::{check, check_for, fixes};

    #[test]
    fn accounts_are_reported_when_account_id_selects_no_account() {
        let message =
            "1: error: no account is active because `accountId` doesn't select `[Account1]`";
        check(&RULE, "[Account1]\ndomain=a\n", &[message]);
        let message =
            "2: error: no account is active because `accountId` doesn't select `[account2]`";
        check(&RULE, "[Settings]\naccountId=\n[account2]\ndomain=a\n", &[message]);
        check(&RULE, "[Account1]\nusername=a\n[Account0]\ndomain=b\n", &[]);
        check(&RULE, "[Settings]\naccountId=0\n[Account1]\ndomain=a\n", &[]);
        check(&RULE, "[Settings]\nenableLocalAccount=1\n[Account1]\ndomain=a\n", &[]);
        check(&RULE, "[Settings]\ndomain=b\n[Account1]\ndomain=a\n", &[]);
    }

    #[test]
    fn server_in_settings_is_reported_when_nothing_registers() {
        let message =
            "2: error: no account is active because `[Settings]` has a `server` but no `domain`";
        check(&RULE, "[Settings]\nserver=a\nusername=1\n", &[message]);
        check(&RULE, "[Settings]\nserver=a\naccountId=\n[Account1]\nserver=b\n", &[message]);
        let message =
            "3: error: no account is active because `accountId` doesn't select `[Account1]`";
        check(&RULE, "[Settings]\nserver=a\n[Account1]\ndomain=b\n", &[message]);
        check(&RULE, "[Settings]\nserver=a\ndomain=a\n", &[]);
        check(&RULE, "[Settings]\nserver=a\naccountId=1\n", &[]);
        check(&RULE, "[Settings]\nserver=\n", &[]);
        check_for(&RULE, Version::new(3, 1, 18), "[Settings]\nserver=a\n", &[]);
    }

    #[test]
    fn fix_sets_account_id_to_the_first_account() {
        let before = "[Account1]\ndomain=a\n";
        fixes(&RULE, Safety::Safe, before, "[Account1]\ndomain=a\n[Settings]\naccountId=1\n");
        let before = "[Settings]\nAA=0\n[Account2]\ndomain=a\n";
        let after = "[Settings]\nAA=0\naccountId=2\n[Account2]\ndomain=a\n";
        fixes(&RULE, Safety::Safe, before, before);
        fixes(&RULE, Safety::Unsafe, before, after);
    }
}
