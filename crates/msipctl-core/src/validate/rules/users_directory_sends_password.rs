//! `users-directory-sends-password`: directory URL that contains the account's password.

use crate::diagnostic::{Prose, Severity};
use crate::validate::context::{Context, EntryLocation};
use crate::validate::finding::Finding;
use crate::validate::rule::rule;
use crate::validate::web;
use microsip_schema::Key;

rule! {
    /// ## What it does
    /// Checks for `usersDirectory` with `{password}`, `{md5_password}`, or a second `%s`, which MicroSIP replaces with the account's password.
    ///
    /// ## Why is this bad?
    /// MicroSIP downloads the directory when it starts, and then repeatedly. Over `http://`, attackers on the network path can read the password. Over `https://`, which is only `info`, MicroSIP doesn't verify certificates, so attackers who can redirect the connection get the password too.
    ///
    /// ## Example
    /// ```ini
    /// [Settings]
    /// usersDirectory=http://pbx.example.com/book?user=%s&password=%s
    /// ```
    ///
    /// ## Use instead
    /// ```ini
    /// [Settings]
    /// usersDirectory=https://pbx.example.com/book?user={username}
    /// ```
    ///
    /// ## How to fix
    /// Identify users to the server by something other than the account's password. An MD5 hash doesn't protect the password, because attackers can guess it. Addresses of the local PC aren't reported.
    UsersDirectorySendsPassword,
    on Known, keys Settings "usersDirectory", requires FILLED
}

fn check(
    _: Context<'_>,
    location: EntryLocation<'_>,
    _: &'static Key,
    findings: &mut Vec<Finding>,
) {
    let value = location.1.value();
    let Some(secret) = sent(&value) else { return };
    let scheme = value.split_once("://").map_or("", |(scheme, _)| scheme).trim();
    if scheme.eq_ignore_ascii_case("https") {
        let message = message!(
            "`usersDirectory` sends {secret} to a server whose certificate MicroSIP doesn't verify",
            secret = Prose(secret)
        );
        findings.push(RULE.at_value(location, message).with_severity(Severity::Info));
    } else if web::remote(&value).next().is_some() {
        let message = message!(
            "`usersDirectory` sends {secret} unencrypted over the network",
            secret = Prose(secret)
        );
        findings.push(RULE.at_value(location, message));
    }
}

/// Returns which form of the password an address contains.
fn sent(value: &str) -> Option<&'static str> {
    // The placeholders `%s` are the user, the password, and the server, in this order.
    if value.contains("{password}") || value.matches("%s").count() > 1 {
        Some("the account's password")
    } else if value.contains("{md5_password}") {
        Some("an MD5 hash of the account's password")
    } else {
        None
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::validate::rules::testing::check;

    #[track_caller]
    fn check_address(address: &str, expected: &[&str]) {
        check(&RULE, format!("[Settings]\nusersDirectory={address}\n"), expected);
    }

    #[test]
    fn severity_depends_on_password_form_and_encryption() {
        let message = |what: &str| {
            format!("2: warning: `usersDirectory` sends {what} unencrypted over the network")
        };
        check_address("http://h/?u=%s&p=%s&s=%s", &[&message("the account's password")]);
        check_address(
            "http://h/?p={md5_password}",
            &[&message("an MD5 hash of the account's password")],
        );
        check_address(
            "https://h/?p={password}",
            &[
                "2: info: `usersDirectory` sends the account's password to a server whose certificate MicroSIP doesn't verify",
            ],
        );
        for address in [
            "",
            "http://h/",
            "http://h/?u=%s",
            "http://localhost/?p={password}",
            "http://h/{username}",
        ] {
            check_address(address, &[]);
        }
    }
}
