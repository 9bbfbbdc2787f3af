//! `unfilled-placeholder`: template placeholder that was never replaced.

use crate::diagnostic::Severity;
use crate::validate::context::{Context, EntryLocation};
use crate::validate::finding::Finding;
use crate::validate::rule::rule;
use microsip_schema::{Key, Kind, PlaceholderForm, PlaceholderText, Section, placeholders};

rule! {
    /// ## What it does
    /// Checks for template placeholders in values that MicroSIP reads: `{{ row.user }}`, `${ext}`, `{usuario}`, `@PBX_HOST@`, `#NUMBER#`, `__EXT__`, `%EXT%`, `<ext>`, `[[ext]]`, `$ramal`, or `CHANGEME`.
    ///
    /// ## Why is this bad?
    /// A template or script failed to insert the value, and MicroSIP uses the placeholder as it is. For example, the account doesn't register, and every PC that gets the file has the same problem. The finding is an error in hosts, user names, numbers, and on/off settings, where a placeholder can't be a real value, and a warning elsewhere.
    ///
    /// ## Example
    /// ```ini
    /// [Settings]
    /// accountId=1
    /// [Account1]
    /// domain=@PBX_HOST@
    /// username=100
    /// ```
    ///
    /// ## Use instead
    /// ```ini
    /// [Settings]
    /// accountId=1
    /// [Account1]
    /// domain=pbx.example.com
    /// username=100
    /// ```
    ///
    /// ## How to fix
    /// Write the actual value, and fix the template that creates the file. In labels, passwords, and similar text, only obvious placeholders are reported. Placeholders that MicroSIP itself replaces in `usersDirectory` aren't reported. For commands, see `unknown-placeholder`.
    UnfilledPlaceholder,
    on Filled, requires PLACEHOLDER
}

const HELP: &str = "write the actual value, and fix the template that creates this file";

fn check(
    _: Context<'_>,
    location: EntryLocation<'_>,
    row: &'static Key,
    findings: &mut Vec<Finding>,
) {
    // MicroSIP itself writes machine-specific values, and `unknown-placeholder` checks commands.
    if row.is_machine_state() || row.kind() == Kind::Command {
        return;
    }
    let (section, entry) = location;
    let (key, value) = (entry.key(), entry.value());
    let of = ValueKind::of(row);
    let found = placeholders(&value).find(|found| of.is_unfilled(found, &value));
    let (shown, severity) = match found {
        Some(found) => (found.text, of.severity()),
        None if of == ValueKind::Exact && is_reminder(&value) => (&*value, Severity::Warning),
        None => return,
    };
    let message = match row.is_secret() {
        true => message!("`{key}` is a placeholder that was never replaced", key),
        false => message!(
            "`{key}` contains the placeholder `{placeholder}`, which was never replaced",
            key,
            placeholder = shown
        ),
    };
    let message = message.map_values(|value| microsip_schema::mask(&section.name(), "", value));
    let finding = RULE.at_value(location, message).with_severity(severity);
    findings.push(finding.with_help(HELP));
}

/// The kind of values a key has, which decides what can only be a placeholder in them.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum ValueKind {
    /// Hosts, users, numbers, and fixed values: a placeholder can't be a real value.
    Exact,
    /// Text that users read.
    Text,
    /// A path, in which `variable-not-expanded` reports variables.
    Path,
    /// An address in which MicroSIP itself replaces placeholders.
    Directory,
    /// Rules in a special language, such as a dial plan.
    Rules,
    /// A password, which may hold any character.
    Secret,
}

/// The names that MicroSIP replaces in `usersDirectory`.
const DIRECTORY: [&str; 8] =
    ["time", "version", "label", "server", "domain", "username", "password", "md5_password"];

impl ValueKind {
    fn of(row: &Key) -> Self {
        match (row.kind(), row.section(), row.name()) {
            (Kind::Secret, ..) => Self::Secret,
            (Kind::Path, ..) => Self::Path,
            (_, _, "usersDirectory") => Self::Directory,
            (Kind::Record, ..) | (_, _, "dialPlan" | "autoAnswerNumber") => Self::Rules,
            (
                Kind::Text | Kind::List,
                Section::Settings | Section::Account,
                "server" | "proxy" | "domain" | "username" | "authID" | "publicAddr" | "STUN"
                | "dnsSrvNs" | "portKnockerHost" | "voicemailNumber" | "dialingPrefix"
                | "forwardingNumber" | "featureCodeCP" | "featureCodeBT" | "featureCodeAT",
            ) => Self::Exact,
            (Kind::Text | Kind::List, ..) => Self::Text,
            _ => Self::Exact,
        }
    }

    fn severity(self) -> Severity {
        if self == Self::Exact { Severity::Error } else { Severity::Warning }
    }

    /// Returns whether text that looks like a placeholder can't be anything else.
    fn is_unfilled(self, found: &PlaceholderText<'_>, value: &str) -> bool {
        use PlaceholderForm::*;
        let is_whole = found.text == value;
        let is_named = found.names_setting();
        let is_marked = matches!(found.form, Ats | Hashes | Underscores);
        let is_template = matches!(found.form, Template | Dollared);
        let is_likely = is_template || is_marked && (found.is_capital() || is_named);
        match self {
            // A phone can dial `#A#`.
            Self::Exact => !(found.form == Hashes && is_dialed(found.name)),
            Self::Rules => is_likely,
            Self::Path => {
                is_likely
                    || found.form == Angles
                    || is_named && matches!(found.form, Braces | Dollar | DoubleBrackets)
            }
            Self::Directory => match found.form {
                Braces => !DIRECTORY.contains(&found.name),
                Angles => true,
                Percents => {
                    found.is_capital() && !found.name.bytes().all(|it| it.is_ascii_hexdigit())
                }
                Dollar | DoubleBrackets => is_named,
                _ => is_likely,
            },
            Self::Text => match found.form {
                Braces | Angles | Dollar | DoubleBrackets => is_named,
                Brackets => is_named && is_whole,
                Percents => is_named || is_whole && found.is_capital(),
                Printf => false,
                _ => is_likely,
            },
            Self::Secret => {
                is_whole
                    && (is_template || is_named && found.form != Printf)
                        | (is_marked && found.is_capital() && found.name.contains('_'))
            }
        }
    }
}

/// Returns whether a name consists of characters that a phone can dial.
fn is_dialed(name: &str) -> bool {
    name.bytes().all(|byte| matches!(byte, b'A'..=b'D' | b'a'..=b'd' | b'0'..=b'9'))
}

/// Returns whether a value is a reminder to change it.
fn is_reminder(value: &str) -> bool {
    const REMINDERS: [&str; 14] = [
        "changeme",
        "changethis",
        "replaceme",
        "replacethis",
        "yourdomain",
        "yourdomaincom",
        "yourextension",
        "yourhost",
        "yourserver",
        "yoursipdomain",
        "yoursipserver",
        "yoursipservercom",
        "youruser",
        "yourusername",
    ];
    let is_kept = |character: &char| !matches!(character, '_' | '-' | '.');
    let value: String = value.to_ascii_lowercase().chars().filter(is_kept).collect();
    REMINDERS.contains(&value.as_str())
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::validate::rules::testing::check;

    #[track_caller]
    fn check_account(line: &str, expected: &[&str]) {
        check(&RULE, format!("[Account1]\n{line}\n"), expected);
    }

    #[test]
    fn placeholders_in_technical_values_are_errors() {
        for placeholder in [
            "#NUMBER#",
            "@PBX_HOST@",
            "{usuario}",
            "__X__",
            "$ramal",
            "${ext}",
            "%EXT%",
            "<ext>",
            "{{ row.x }}",
            "[[x]]",
            "%s",
            "%1",
            "[domain]",
            "<% x %>",
            "$(x)",
        ] {
            for key in [
                "domain",
                "server",
                "proxy",
                "username",
                "authID",
                "voicemailNumber",
                "registerRefresh",
            ] {
                let message = format!(
                    "2: error: `{key}` contains the placeholder `{placeholder}`, which was never replaced"
                );
                check_account(&format!("{key}={placeholder}"), &[&message]);
                check_account(&format!("{key}=\"{placeholder}\""), &[&message]);
            }
        }
        let message =
            "2: error: `domain` contains the placeholder `{{host}}`, which was never replaced";
        check_account("domain=sip.{{host}}.example.com:5060", &[message]);
        let text = "[Settings]\nDND={{ dnd }}\nrtpPortMin=@PORT@\nautoAnswer=<mode>\nAA=1\n";
        check(
            &RULE,
            text,
            &[
                "2: error: `DND` contains the placeholder `{{ dnd }}`, which was never replaced",
                "3: error: `rtpPortMin` contains the placeholder `@PORT@`, which was never replaced",
                "4: error: `autoAnswer` contains the placeholder `<mode>`, which was never replaced",
            ],
        );
    }

    #[test]
    fn placeholders_in_text_and_passwords_are_warnings() {
        for placeholder in
            ["{{ row.x }}", "{usuario}", "@LABEL_1@", "__NAME__", "$ramal", "<ext>", "%EXT%"]
        {
            let message = format!(
                "2: warning: `label` contains the placeholder `{placeholder}`, which was never replaced"
            );
            check_account(&format!("label=Desk {placeholder}"), &[&message]);
        }
        for placeholder in [
            "{{ row.x }}",
            "{senha}",
            "@SIP_PASSWORD@",
            "__PASSWORD__",
            "%PASSWORD%",
            "<password>",
            "${pw}",
        ] {
            let message = "2: warning: `password` is a placeholder that was never replaced";
            check_account(&format!("password={placeholder}"), &[message]);
        }
    }

    #[test]
    fn ordinary_values_are_not_reported() {
        for line in [
            "label=Sales [EU] {A} <b> $5 #1# 100%",
            "label=Tom & <Unknown> @home@ a__b",
            "label={GUID}",
            "displayName=\"Bob\" <100>",
            "username=100@example.com",
            "username=john_doe",
            "server=[2001:db8::1]:5060",
            "domain=_sip._udp.example.com",
            "proxy=sip:pbx.example.com;lr sip:b.example.com",
            "voicemailNumber=*97",
            "voicemailNumber=#31#100",
            "dialingPrefix=*8#",
            "dialPlan=(<:+49>x.|[2-9]xx|{3,5}%s)",
            "password=a{b}<c>$d%e%#f#@g@__h__[[i]]",
            "password={x}",
            "password=<secretly>",
            "password=$1%s",
            "password=0123456789abcdef0123456789abcdef",
            "password=changeme",
        ] {
            check_account(line, &[]);
        }
        for line in [
            "usersDirectory=https://x/?u=%s&p=%s&h=%s&d={server}&t={time}&v={version}&m={md5_password}",
            "usersDirectory=https://x/?a=%C3%A9%20b&c=%DE%AD",
            "usersDirectory=https://user@x/a*20b",
            "cmdCallEnd=C:\\a.exe %callerid%",
            "cmdOutgoingCall=C:\\a.exe {number}",
            "recordingPath=%USERPROFILE%\\Recordings",
            "ringingSound=%windir%\\media\\{1F-2}.wav",
            "featureCodeCP=**",
            "featureCodeBT=##",
            "featureCodeAT=#A#",
            "autoAnswerNumber=*@example.com;1??",
            "lastCallNumber={x}",
            "audioRingDevice=Headset (2- @Phone)",
            "userAgent=a/1.0 (x)",
        ] {
            check(&RULE, format!("[Settings]\n{line}\n"), &[]);
        }
        check(&RULE, "[Other]\ndomain={{ x }}\n[Account1]\nnotAKey={{ x }}\n", &[]);
    }

    #[test]
    fn placeholders_within_addresses_and_paths_are_reported() {
        let text = "[Settings]\nusersDirectory=https://x/{tenant}/?u={username}\nrecordingPath=C:\\Users\\<user>\\Recordings\n";
        check(
            &RULE,
            text,
            &[
                "2: warning: `usersDirectory` contains the placeholder `{tenant}`, which was never replaced",
                "3: warning: `recordingPath` contains the placeholder `<user>`, which was never replaced",
            ],
        );
    }

    #[test]
    fn reminder_texts_in_hosts_and_usernames_are_warnings() {
        for value in ["CHANGEME", "change_me", "your_domain", "your-sip-server.com"] {
            let message = format!(
                "2: warning: `domain` contains the placeholder `{value}`, which was never replaced"
            );
            check_account(&format!("domain={value}"), &[&message]);
        }
        check_account("domain=yourdomainregistrar.example\nusername=change", &[]);
    }
}
