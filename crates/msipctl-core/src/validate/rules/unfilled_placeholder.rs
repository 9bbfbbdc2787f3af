//! `unfilled-placeholder`: a placeholder that no template filled in.

use crate::diagnostic::Severity;
use crate::validate::context::{Context, EntryLocation};
use crate::validate::finding::Finding;
use crate::validate::rule::rule;
use microsip_schema::{Key, Kind, PlaceholderForm, PlaceholderText, Section, placeholders};

rule! {
    /// ## What it does
    /// A placeholder in the value of a key that MicroSIP reads: `{{ row.user }}`, `${ext}`, `{usuario}`, `@PBX_HOST@`, `#NUMBER#`, `__EXT__`, `%EXT%`, `<ext>`, `[[ext]]`, `$ramal`, or `CHANGEME`. Placeholders that MicroSIP itself replaces in `usersDirectory` aren't reported, and commands have a rule of their own, `unknown-placeholder`.
    ///
    /// ## Why is this bad?
    /// A template or script failed to fill in the value. MicroSIP uses the placeholder as it is: an account doesn't register, and every PC that gets the file has the same fault.
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
    /// Write the value that belongs there, and correct the template that creates the file. An error where the value can't be a real one: hosts, users, numbers, and switches. A warning elsewhere, such as in a label or a password, where only what can hardly be meant otherwise is reported.
    UnfilledPlaceholder,
    on Filled, requires PLACEHOLDER
}

const HELP: &str =
    "write the value that belongs there, and correct the template that creates this file";

fn check(_: Context<'_>, place: EntryLocation<'_>, row: &'static Key, findings: &mut Vec<Finding>) {
    // MicroSIP writes what belongs to one computer by itself, and commands have a rule of their own.
    if row.is_machine_state() || row.kind() == Kind::Command {
        return;
    }
    let (section, entry) = place;
    let (key, value) = (entry.key(), entry.value());
    let of = ValueKind::of(row);
    let found = placeholders(&value).find(|found| of.is_unfilled(found, &value));
    let (shown, severity) = match found {
        Some(found) => (found.text, of.severity()),
        None if of == ValueKind::Exact && is_reminder(&value) => (&*value, Severity::Warning),
        None => return,
    };
    let message = match row.is_secret() {
        true => message!("`{key}` is a placeholder that was never filled in", key),
        false => message!(
            "`{key}` holds the placeholder `{placeholder}`, which was never filled in",
            key,
            placeholder = shown
        ),
    };
    let message = message.map_values(|value| microsip_schema::mask(&section.name(), "", value));
    let finding = RULE.at_value(place, message).with_severity(severity);
    findings.push(finding.with_help(HELP));
}

/// What values of a key are like, and so what in them can only be a placeholder.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum ValueKind {
    /// Hosts, users, numbers, and words: no placeholder can be a real value.
    Exact,
    /// A text for people.
    Text,
    /// A path, in which a variable has a rule of its own.
    Path,
    /// An address in which MicroSIP replaces placeholders of its own.
    Directory,
    /// Rules in a language of their own.
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

    /// Says whether what looks like a placeholder in a value can only be one.
    fn is_unfilled(self, found: &PlaceholderText<'_>, value: &str) -> bool {
        use PlaceholderForm::*;
        let is_whole = found.text == value;
        let is_named = found.names_setting();
        let is_marked = matches!(found.form, Ats | Hashes | Underscores);
        let is_template = matches!(found.form, Template | Dollared);
        let is_likely = is_template || is_marked && (found.is_capital() || is_named);
        match self {
            // `#A#` is dialed.
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

/// Says whether a name consists of characters that a phone dials.
fn is_dialed(name: &str) -> bool {
    name.bytes().all(|byte| matches!(byte, b'A'..=b'D' | b'a'..=b'd' | b'0'..=b'9'))
}

/// Says whether a value reminds somebody to change it.
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
    let is_letter = |character: &char| !matches!(character, '_' | '-' | '.');
    let value: String = value.to_ascii_lowercase().chars().filter(is_letter).collect();
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
                    "2: error: `{key}` holds the placeholder `{placeholder}`, which was never filled in"
                );
                check_account(&format!("{key}={placeholder}"), &[&message]);
                check_account(&format!("{key}=\"{placeholder}\""), &[&message]);
            }
        }
        let message =
            "2: error: `domain` holds the placeholder `{{host}}`, which was never filled in";
        check_account("domain=sip.{{host}}.example.com:5060", &[message]);
        let text = "[Settings]\nDND={{ dnd }}\nrtpPortMin=@PORT@\nautoAnswer=<mode>\nAA=1\n";
        check(
            &RULE,
            text,
            &[
                "2: error: `DND` holds the placeholder `{{ dnd }}`, which was never filled in",
                "3: error: `rtpPortMin` holds the placeholder `@PORT@`, which was never filled in",
                "4: error: `autoAnswer` holds the placeholder `<mode>`, which was never filled in",
            ],
        );
    }

    #[test]
    fn placeholders_in_text_and_passwords_are_warnings() {
        for placeholder in
            ["{{ row.x }}", "{usuario}", "@LABEL_1@", "__NAME__", "$ramal", "<ext>", "%EXT%"]
        {
            let message = format!(
                "2: warning: `label` holds the placeholder `{placeholder}`, which was never filled in"
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
            let message = "2: warning: `password` is a placeholder that was never filled in";
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
                "2: warning: `usersDirectory` holds the placeholder `{tenant}`, which was never filled in",
                "3: warning: `recordingPath` holds the placeholder `<user>`, which was never filled in",
            ],
        );
    }

    #[test]
    fn reminder_texts_in_hosts_and_usernames_are_warnings() {
        for value in ["CHANGEME", "change_me", "your_domain", "your-sip-server.com"] {
            let message = format!(
                "2: warning: `domain` holds the placeholder `{value}`, which was never filled in"
            );
            check_account(&format!("domain={value}"), &[&message]);
        }
        check_account("domain=yourdomainregistrar.example\nusername=change", &[]);
    }
}
