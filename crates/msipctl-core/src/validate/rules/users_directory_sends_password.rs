//! `users-directory-sends-password`: a directory address that carries the password.

use crate::diagnostic::{Prose, Severity};
use crate::validate::context::{Context, EntryLocation};
use crate::validate::finding::Finding;
use crate::validate::rule::rule;
use crate::validate::web;
use microsip_schema::Key;

rule! {
    /// ## What it does
    /// `usersDirectory` with `{password}`, `{md5_password}`, or a second `%s`, in whose place MicroSIP puts the account's password. Over `http://` it is a warning, over `https://` information. The own computer is left out.
    ///
    /// ## Why is this bad?
    /// MicroSIP fetches the directory at its start and again and again. Over `http://` everybody on the way reads the password. It never checks certificates, so over `https://` whoever can lead the connection elsewhere gets it, too. An MD5 of it is found out by trying.
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
    /// Let the server tell users apart by something else than the password of their account.
    UsersDirectorySendsPassword,
    on Known, keys Settings "usersDirectory", requires FILLED
}

fn check(_: Context<'_>, place: EntryLocation<'_>, _: &'static Key, findings: &mut Vec<Finding>) {
    let value = place.1.value();
    let Some(what) = sent(&value) else { return };
    let scheme = value.split_once("://").map_or("", |(scheme, _)| scheme).trim();
    if scheme.eq_ignore_ascii_case("https") {
        let message = message!(
            "`usersDirectory` sends {what} to a server whose certificate MicroSIP does not check",
            what = Prose(what)
        );
        findings.push(RULE.at_value(place, message).with_severity(Severity::Info));
    } else if web::remote(&value).next().is_some() {
        let message = message!(
            "`usersDirectory` sends {what} readable for everybody on the way",
            what = Prose(what)
        );
        findings.push(RULE.at_value(place, message));
    }
}

/// Says which form of the password an address carries.
fn sent(value: &str) -> Option<&'static str> {
    // User, password, server, in this order.
    if value.contains("{password}") || value.matches("%s").count() > 1 {
        Some("the account's password")
    } else if value.contains("{md5_password}") {
        Some("an MD5 of the account's password")
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
            format!("2: warning: `usersDirectory` sends {what} readable for everybody on the way")
        };
        check_address("http://h/?u=%s&p=%s&s=%s", &[&message("the account's password")]);
        check_address(
            "http://h/?p={md5_password}",
            &[&message("an MD5 of the account's password")],
        );
        check_address(
            "https://h/?p={password}",
            &[
                "2: info: `usersDirectory` sends the account's password to a server whose certificate MicroSIP does not check",
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
