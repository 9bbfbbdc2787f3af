//! `unknown-hook`: hook for an event that doesn't exist.

use crate::diagnostic::Severity;
use crate::event::{Directive, Event, SETTINGS};
use crate::validate::context::Context;
use crate::validate::features::FeatureSet;
use crate::validate::finding::Finding;
use crate::validate::fix::{Fix, Safety};
use crate::validate::moving;
use crate::validate::rule::rule;
use winini::profile::Entry;

rule! {
    /// ## What it does
    /// Checks for `cmd...` and `On...` keys in `[Settings]` that have a value but belong to no event.
    ///
    /// ## Why is this bad?
    /// The name is misspelled, its words are in another order, or its number is invalid. MicroSIP keeps the key and never reads it, and msipctl doesn't run such a directive. Many guides use the names `cmdCallIncoming` and `cmdCallOutcoming`, but no MicroSIP version reads them.
    ///
    /// ## Example
    /// ```ini
    /// [Settings]
    /// cmdCallIncoming=C:\hooks\ring.exe
    /// ```
    ///
    /// ## Use instead
    /// ```ini
    /// [Settings]
    /// cmdIncomingCall=C:\hooks\ring.exe
    /// ```
    ///
    /// ## How to fix
    /// Write the name of the event correctly. The first directive has no number, and the next ones end with `.2`, `.3`, and so on.
    ///
    /// ## Fix safety
    /// Renames the key to the most similar name, if that name isn't used. Unsafe, because the hook then runs.
    UnknownHook,
    on Document, requires UNKNOWN_KEY,
    fix Sometimes
}

fn check(context: Context<'_>, findings: &mut Vec<Finding>) {
    let mut given = Vec::new();
    for ((section, entry), _) in context.entries_with(FeatureSet::UNKNOWN_KEY) {
        let Some(meant) = unknown(&section.name(), entry) else { continue };
        let key = entry.key();
        let is_directive = !is_command(&key);
        let message = match is_directive {
            true => message!("unknown event in directive `{key}`, which never runs", key),
            false => message!("unknown hook `{key}`, which MicroSIP doesn't read", key),
        };
        let finding = RULE.at_key((section, entry), message);
        let Some(meant) = meant else {
            let names = Event::ALL.map(|it| if is_directive { it.directive() } else { it.key() });
            let help = format!("use one of {}", names.join(", "));
            findings.push(finding.with_severity(Severity::Warning).with_help(help));
            continue;
        };
        let finding = finding.with_help(format!("did you mean `{meant}`?"));
        // If two keys have the same correct name, only one can get it.
        let edits = moving::renamed(context, entry, &meant).filter(|_| !given.contains(&meant));
        findings.push(match edits {
            Some(edits) => {
                let title = format!("rename `{key}` to `{meant}`");
                finding.with_fix(Fix::edits(Safety::Unsafe, title, edits))
            }
            None => finding,
        });
        given.push(meant);
    }
}

/// Returns `Some` if an entry is an unknown hook, with the key that was probably meant if there is one.
pub(super) fn unknown(section: &str, entry: Entry<'_>) -> Option<Option<String>> {
    let key = entry.key();
    // Few keys start like this, and the rest is slow.
    if !is_command(&key) && suffix(&key, "On").is_none() {
        return None;
    }
    let is_known = Event::of_directive(&key).is_some()
        || microsip_schema::find(section, &key).is_some()
        || !microsip_schema::sections_of(&key).is_empty();
    if is_known || !section.eq_ignore_ascii_case(SETTINGS) || entry.is_empty() {
        return None;
    }
    let (name, number) = match key.split_once('.') {
        Some((name, number)) => (name, Some(number)),
        None => (&*key, None),
    };
    if is_command(name) {
        let rest = suffix(name, "cmdOn").unwrap_or(&name["cmd".len()..]);
        let meant = number.is_none().then(|| near(rest)).flatten();
        return match meant {
            Some(event) => Some(Some(event.key().to_owned())),
            None => rest.starts_with(|first: char| first.is_ascii_uppercase()).then_some(None),
        };
    }
    let rest = suffix(name, "On")?;
    let event = near(rest);
    let number = match number {
        None => Some(1),
        Some(digits) => digits.trim_start_matches('0').parse().ok(),
    };
    match (event, number) {
        (Some(event), Some(number)) => Some(Some(event.directive_key(number))),
        _ => (event.is_some() || Directive::parse(&entry.value()).is_ok()).then_some(None),
    }
}

fn is_command(key: &str) -> bool {
    suffix(key, "cmd").is_some()
}

/// Returns the rest of a name after its start, ignoring case.
fn suffix<'k>(name: &'k str, start: &str) -> Option<&'k str> {
    let (found, rest) = name.split_at_checked(start.len())?;
    (found.eq_ignore_ascii_case(start) && !rest.is_empty()).then_some(rest)
}

/// Returns the event whose name is most similar to a name without `cmd` and `On`, such as `CallIncoming` or `Incoming`.
fn near(name: &str) -> Option<Event> {
    let is_short = |event: &Event| {
        let camel = event.key()["cmd".len()..].to_owned();
        camel.replace("Call", "").eq_ignore_ascii_case(name)
    };
    let key = format!("cmd{name}");
    if let Some(event) = Event::of_key(&key) {
        return Some(event);
    }
    let suggested = || microsip_schema::suggest(SETTINGS, &key);
    Event::ALL
        .into_iter()
        .find(is_short)
        .or_else(|| Event::of_key(suggested()?.in_same_section()?.name()))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::validate::Check;
    use crate::validate::rules::testing::{check, fixes};
    use microsip_schema::Version;
    use winini::profile::Profile;
    use winini::{Document, Encoding};

    #[test]
    fn misspelled_hook_names_are_recognized() {
        let found = |key: &str, meant: Option<&str>| {
            let document = Document::parse(
                format!("[Settings]\n{key}=Log,C:\\x.csv\n").into(),
                Encoding::Ascii,
            );
            let section = Profile::new(&document).section(SETTINGS).unwrap();
            let entry = section.entries().next().unwrap();
            assert_eq!(unknown("Settings", entry), Some(meant.map(str::to_owned)), "{key}");
        };
        found("cmdCallIncoming", Some("cmdIncomingCall"));
        found("cmdCallOutcoming", Some("cmdOutgoingCall"));
        found("cmdOnCallEnd", Some("cmdCallEnd"));
        found("cmdRing", Some("cmdCallRing"));
        found("cmdIncommingCall", Some("cmdIncomingCall"));
        found("OnIncommingCall", Some("OnIncomingCall"));
        found("OnEnd.3", Some("OnCallEnd.3"));
        found("OnCallEnd.1", Some("OnCallEnd"));
        found("OnCallEnd.02", Some("OnCallEnd.2"));
        found("OnCallEnd.b", None);
        found("cmdRegister", None);
        found("OnTransfer", None);
    }

    #[test]
    fn unknown_hook_is_reported_once() {
        check(
            &RULE,
            "[Settings]\ncmdCallIncoming=C:\\a.exe\ncmdHold=x\nOnTop=1\ncmdCallIncomings=\ncommand=x\ncmdCallEnd=C:\\a.exe\n[Other]\ncmdX=1\n",
            &[
                "2: error: unknown hook `cmdCallIncoming`, which MicroSIP doesn't read",
                "3: warning: unknown hook `cmdHold`, which MicroSIP doesn't read",
            ],
        );
        let both = crate::validate::Selection::new(&["unknown-*"], &[]).unwrap();
        let text = "[Settings]\ncmdCallIncoming=x\nOnIncommingCall=Log,C:\\x.csv\ncmdHold=x\n";
        let document = Document::parse(text.into(), Encoding::Ascii);
        let by = Check { selection: &both, ..Check::new(Version::NEWEST) };
        assert_eq!(crate::validate::check(&document, by).len(), 3);
    }

    #[test]
    fn unsafe_fix_renames_hook_when_the_correct_key_is_unused() {
        let wrong = "[Settings]\r\n  cmdCallIncoming = \"C:\\a.exe\" x\r\nAA=1\r\n";
        fixes(&RULE, Safety::Safe, wrong, wrong);
        fixes(&RULE, Safety::Unsafe, wrong, wrong.replace("cmdCallIncoming", "cmdIncomingCall"));
        let empty = format!("{wrong}cmdIncomingCall=\"\"\r\n");
        let moved = "[Settings]\r\nAA=1\r\ncmdIncomingCall=\"C:\\a.exe\" x\r\n";
        fixes(&RULE, Safety::Unsafe, empty, moved);
        let twice = format!("{wrong}cmdIncommingCall=C:\\b.exe\r\n");
        let one = twice.replace("cmdCallIncoming", "cmdIncomingCall");
        fixes(&RULE, Safety::Unsafe, twice, one);
        let taken = format!("{wrong}cmdIncomingCall=C:\\b.exe\r\n");
        fixes(&RULE, Safety::Unsafe, &taken, &taken);
    }
}
