//! `account-id-to-nowhere`: an active account that is not there.

use super::leading_number;
use crate::event::SETTINGS;
use crate::validate::rule::rule;
use crate::validate::{Context, Finding};

rule! {
    /// ## What it checks
    /// An `accountId` that names an account without section or without domain.
    ///
    /// ## Why it matters
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
    /// ## Instead
    /// ```ini
    /// [Settings]
    /// accountId=1
    /// [Account1]
    /// domain=sip.example.com
    /// ```
    ///
    /// ## Fix
    /// Name an account that is there, or add the one that is named.
    "account-id-to-nowhere", "accountId that names no account", Error, Accounts, since "0.1.0"
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
    let missing = match profile.get(&account, "domain") {
        Some(domain) if !domain.is_empty() => return,
        Some(_) => "has no domain",
        None if profile.section(&account).is_some() => "has no domain",
        None => "is not there",
    };
    let message = format!("`accountId` names `[{account}]`, which {missing}");
    findings.push(RULE.at_value((section, entry), message));
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::validate::rules::testing::check;

    #[test]
    fn an_account_needs_its_section_and_its_domain() {
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
}
