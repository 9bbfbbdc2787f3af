//! `account-without-username`: an account without a user.

use crate::validate::context::Context;
use crate::validate::finding::Finding;
use crate::validate::rule::rule;

rule! {
    /// ## What it does
    /// Checks for accounts with a `domain`, but with neither a `username` nor a password.
    ///
    /// ## Why is this bad?
    /// At each start, MicroSIP opens the account dialog and asks for the user. In a large deployment, each dialog can mean a call to the help desk. An account with a password is worse: see `password-without-username`.
    ///
    /// ## Example
    /// ```ini
    /// [Settings]
    /// accountId=1
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
    /// username=1001
    /// ```
    ///
    /// ## How to fix
    /// Set `username`.
    AccountWithoutUsername,
    on Document, requires ACCOUNTS
}

fn check(context: Context<'_>, findings: &mut Vec<Finding>) {
    for account in context.accounts() {
        let is_anonymous =
            account.get("username").is_empty() && account.filled("password").is_none();
        if account.loads() && is_anonymous && !account.is_of_fork() {
            let (name, header) = (account.section.name(), account.section.place().header());
            let message = message!(
                "`[{section}]` has no `username`, so MicroSIP asks for it when it starts",
                section = name
            );
            let span = context.document.line(header).content();
            findings.push(RULE.at(header, span, message).about(&name, Some("username")));
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::validate::rules::testing::check;

    #[test]
    fn numbered_accounts_without_username_or_password_are_reported() {
        check(
            &RULE,
            "[Account0]\ndomain=a\n[Account1]\ndomain=a\nusername=\n[Account2]\nlabel=x\n",
            &["3: warning: `[Account1]` has no `username`, so MicroSIP asks for it when it starts"],
        );
        check(&RULE, "[Account1]\ndomain=a\npassword=x\n", &[]);
    }
}
