//! `plain-http-hook`: hook that sends call data without encryption.

use crate::diagnostic::Severity;
use crate::event::{Action, Directive, Event, Http, Open, SETTINGS};
use crate::validate::context::Context;
use crate::validate::finding::Finding;
use crate::validate::rule::rule;
use crate::validate::web;

rule! {
    /// ## What it does
    /// Checks for `Http` and `Open` directives, and commands, with an `http://` address of another computer.
    ///
    /// ## Why is this bad?
    /// Call data is personal: who called when, and who answered. Attackers on the network path can read and change it, and replace the page that opens. The finding is a warning if the address contains a password or token, and `info` otherwise.
    ///
    /// ## Example
    /// ```ini
    /// [Settings]
    /// OnCallEnd=Http,POST,http://crm.example.com/calls
    /// cmdCallEnd=C:\msipctl\msipctl.exe hook run call-end
    /// ```
    ///
    /// ## Use instead
    /// ```ini
    /// [Settings]
    /// OnCallEnd=Http,POST,https://crm.example.com/calls
    /// cmdCallEnd=C:\msipctl\msipctl.exe hook run call-end
    /// ```
    ///
    /// ## How to fix
    /// Use `https://` if the server supports it. msipctl verifies the server's certificate.
    PlainHttpHook,
    on Document, requires HOOK
}

fn check(context: Context<'_>, findings: &mut Vec<Finding>) {
    let Some(section) = context.profile.section(SETTINGS) else { return };
    for event in Event::ALL {
        let command = context.command(event).map(|entry| (entry, entry.value().into_owned()));
        let directives = context.directives(event);
        let sending = directives.iter().filter_map(|placed| {
            let entry = placed.entry;
            Some((entry, address(&entry.value())?))
        });
        for (entry, text) in command.into_iter().chain(sending) {
            let (key, value) = (entry.key(), entry.value());
            let Some(host) = web::remote(&text).next() else { continue };
            let message = message!("`{key}` connects to `{host}` without encryption", key, host);
            let finding = RULE.at_value((section, entry), message);
            let has_secret = microsip_schema::mask(SETTINGS, &key, &value) != value;
            findings.push(match has_secret {
                true => finding
                    .with_severity(Severity::Warning)
                    .with_help("use `https://`, because the address contains a secret"),
                false => finding,
            });
        }
    }
}

/// Returns the address that a directive connects to or opens.
fn address(directive: &str) -> Option<String> {
    match Directive::parse(directive).ok()?.action() {
        Action::Http(Http { url, .. }) | Action::Open(Open { url }) => Some(url.to_string()),
        _ => None,
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::validate::rules::testing::check;

    #[test]
    fn http_address_is_a_warning_when_it_contains_a_secret() {
        check(
            &RULE,
            r"[Settings]
    cmdCallStart=curl.exe http://h:80/?token=abc
    cmdCallEnd=curl.exe -s http://h/?n=
    cmdCallBusy=curl.exe http://127.0.0.1:8080/
    cmdCallRing=C:\a.exe https://h/
    OnCallEnd=Http,POST,HTTP://crm.example.com/calls
    OnCallEnd.2=Http,POST,http://localhost:8080/
    OnCallEnd.3=CopyData,W,1,http://h/
OnCallEnd.4=Http,POST,https://h/,http://h/
    ",
            &[
                "2: warning: `cmdCallStart` connects to `h` without encryption",
                "3: info: `cmdCallEnd` connects to `h` without encryption",
                "6: info: `OnCallEnd` connects to `crm.example.com` without encryption",
            ],
        );
    }
}
