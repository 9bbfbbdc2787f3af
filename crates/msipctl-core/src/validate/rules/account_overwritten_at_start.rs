//! `account-overwritten-at-start`: an account that MicroSIP overwrites when it starts.

use crate::event::SETTINGS;
use crate::validate::context::Context;
use crate::validate::finding::Finding;
use crate::validate::fix::{Fix, Safety};
use crate::validate::rule::rule;
use microsip_schema::Version;
use winini::profile::{self, Entry};

rule! {
    /// ## What it does
    /// Checks for files without a value for `accountId` that have a `domain` in `[Settings]` and an account in `[Account1]`.
    ///
    /// ## Why is this bad?
    /// Without `accountId`, MicroSIP 3.14.0 and newer treats the file as one of an old version, which stored a single account in `[Settings]`. At the next start, it copies that account over `[Account1]`. The account in `[Account1]` is lost, including its password.
    ///
    /// ## Example
    /// ```ini
    /// [Settings]
    /// domain=old.example.com
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
    /// To keep `[Account1]`, set `accountId` to `1`. To keep the account in `[Settings]`, delete `[Account1]`.
    ///
    /// ## Fix safety
    /// Always unsafe, because MicroSIP then uses `[Account1]` instead of the account in `[Settings]`. The fix sets `accountId` to `1`.
    AccountOverwrittenAtStart,
    on Document, requires ACCOUNTS,
    fix Sometimes
}

/// The first version that copies the account in `[Settings]`.
const COPIES_SINCE: Version = Version::new(3, 14, 0);

fn check(context: Context<'_>, findings: &mut Vec<Finding>) {
    let profile = context.profile;
    let is_missing = profile.entry(SETTINGS, "accountId").is_none_or(Entry::is_empty);
    let domain = profile.entry(SETTINGS, "domain").filter(|entry| !entry.is_empty());
    if !is_missing || context.microsip < COPIES_SINCE {
        return;
    }
    let (Some(domain), Some(settings)) = (domain, profile.section(SETTINGS)) else { return };
    let accounts = context.accounts();
    let first = accounts.iter().find(|account| account.number == 1);
    let Some(first) = first.filter(|account| account.section.entries().any(|it| !it.is_empty()))
    else {
        return;
    };
    let message = message!(
        "MicroSIP overwrites `[{section}]` with the account in `[Settings]` at its next start because `accountId` isn't set",
        section = first.section.name()
    );
    let finding = RULE.at_key((settings, domain), message);
    let finding = finding.with_help("to keep the account, set `accountId` to `1`");
    findings.push(match profile::set(context.document, SETTINGS, "accountId", "1") {
        Ok(edits) => finding.with_fix(Fix::edits(Safety::Unsafe, "set `accountId` to `1`", edits)),
        Err(_) => finding,
    });
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::validate::rules::testing::{check, check_for, fixes};

    const FILE: &str = "[Settings]\ndomain=old\n[Account1]\ndomain=new\nusername=1\n";

    #[test]
    fn account_is_reported_when_settings_contains_another() {
        let message = "2: error: MicroSIP overwrites `[Account1]` with the account in `[Settings]` at its next start because `accountId` isn't set";
        check(&RULE, FILE, &[message]);
        check(&RULE, FILE.replace("[Account1]", "accountId=\n[Account1]"), &[message]);
        // MicroSIP overwrites any account there, also one without a domain.
        check(&RULE, FILE.replace("domain=new\n", ""), &[message]);
        check_for(&RULE, Version::new(3, 14, 0), FILE, &[message]);
        check_for(&RULE, Version::new(3, 12, 1), FILE, &[]);
    }

    #[test]
    fn old_files_and_files_with_account_id_are_not_reported() {
        check(&RULE, "[Settings]\ndomain=old\n", &[]);
        check(&RULE, "[Settings]\ndomain=old\n[Account1]\n[Account2]\ndomain=b\n", &[]);
        check(&RULE, FILE.replace("domain=old", "domain="), &[]);
        check(&RULE, FILE.replace("[Account1]", "accountId=1\n[Account1]"), &[]);
    }

    #[test]
    fn unsafe_fix_sets_account_id() {
        fixes(&RULE, Safety::Safe, FILE, FILE);
        let after = FILE.replace("domain=old\n", "domain=old\naccountId=1\n");
        fixes(&RULE, Safety::Unsafe, FILE, after);
    }
}
