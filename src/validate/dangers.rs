//! What explaining calls a danger, as findings: each rule takes those of its name.

use super::context::{Context, Explained, Place};
use super::finding::Finding;
use super::fix::{Fix, Safety};
use super::rule::Rule;
use crate::event::{Action, Danger, Directive, Event, Explanation, Fault, Run, SETTINGS};
use crate::ini::Edit;
use crate::profile::Entry;
use crate::schema;

/// A danger, and where it stands.
pub(super) struct Found<'d> {
    pub(super) event: Event,
    /// The command or directive that it is about.
    pub(super) place: Place<'d>,
    pub(super) danger: &'d Danger,
    pub(super) explanation: &'d Explanation,
    rule: &'static Rule,
}

/// Finds the dangers of a rule's name.
pub(super) fn of<'d>(rule: &'static Rule, context: Context<'d>) -> impl Iterator<Item = Found<'d>> {
    context.explained().iter().flat_map(move |explained| {
        let Explained { event, place, explanation } = explained;
        let dangers = explanation.dangers.iter().enumerate();
        dangers.filter(|(_, danger)| danger.rule() == rule.name).map(move |(index, danger)| {
            let place = directive(explained, index).unwrap_or(*place);
            Found { event: *event, place, danger, explanation, rule }
        })
    })
}

impl<'d> Found<'d> {
    /// Makes its finding, which points at the value and shows no secret.
    pub(super) fn finding(&self) -> Finding {
        self.rule.at_value(self.place, self.message())
    }

    /// Makes its finding, which points at a part of the value, from that character on.
    pub(super) fn finding_at(&self, context: Context<'_>, column: usize) -> Finding {
        let (section, entry) = self.place;
        let span = entry.value_span();
        let span = match offset(context, entry, column) {
            Some(offset) if offset < span.range().len() => span.behind(offset),
            _ => span,
        };
        let finding = self.rule.at(entry.line(), span, self.message());
        finding.about(&section.name(), Some(&entry.key()))
    }

    /// Makes the fix that writes another text where the value stands.
    pub(super) fn rewrite(&self, safety: Safety, title: impl Into<String>, text: String) -> Fix {
        Fix::edits(safety, title, vec![Edit::ReplaceValue { line: self.entry().line(), text }])
    }

    /// Says whether it is about the command, and not about a directive.
    pub(super) fn is_of_command(&self) -> bool {
        self.entry().is_named(self.event.key())
    }

    /// Returns the entry that it is about.
    pub(super) fn entry(&self) -> Entry<'d> {
        self.place.1
    }

    /// Says whether a part of the value is a secret because of what is before it, such as an option.
    pub(super) fn is_hidden(&self, part: &str) -> bool {
        let value = self.entry().value();
        value.contains(part) && !schema::mask(SETTINGS, &self.entry().key(), &value).contains(part)
    }

    fn message(&self) -> String {
        let text = self.danger.to_string();
        let key = self.entry().key();
        if let Danger::Fault(Fault::TornArgument { argument, .. }) = self.danger
            && self.is_hidden(argument)
        {
            return format!("`{key}`: an argument is split at the space");
        }
        // It repeats part of the value, which may hold a token.
        let text = schema::mask(SETTINGS, &key, &text);
        let names_key = matches!(
            self.danger,
            Danger::EventTooNew { .. }
                | Danger::SystemMessage { .. }
                | Danger::UnescapedXml { .. }
                | Danger::SchemeNotPermitted { .. }
                | Danger::DirectiveInvalid { .. }
                | Danger::ForeignName { .. }
        );
        if names_key { text.into_owned() } else { format!("`{key}`: {text}") }
    }
}

/// Finds the directive that a danger is about, if it is not about the command.
fn directive<'d>(explained: &Explained<'d>, index: usize) -> Option<Place<'d>> {
    let Explained { explanation, place: (section, _), .. } = explained;
    let danger = &explanation.dangers[index];
    let key = match danger {
        Danger::DirectiveInvalid { key, .. }
        | Danger::SystemMessage { key, .. }
        | Danger::UnescapedXml { key }
        | Danger::ForeignName { key, .. }
        | Danger::SchemeNotPermitted { key, .. } => key,
        Danger::TargetMissing { program }
        | Danger::TargetIsFolder { program }
        | Danger::TargetWritable { program } => {
            // The command is told of first, then the directives that run the program, in their order.
            let above = explanation.dangers[..index].iter().filter(|it| *it == danger).count();
            let of_command = usize::from(explanation.program.as_ref() == Some(program));
            let mut runs =
                explanation.effects.iter().filter(|effect| runs(&effect.directive, program));
            &runs.nth(above.checked_sub(of_command)?)?.key
        }
        _ => return None,
    };
    Some((*section, section.entry(key)?))
}

fn runs(directive: &str, path: &str) -> bool {
    let directive = Directive::parse(directive);
    matches!(directive.as_ref().map(Directive::action), Ok(Action::Run(Run { program, .. })) if program == path)
}

/// Returns where a character of a value as it is read stands, in bytes behind the begin of the value as it is written.
/// Characters are counted from 1.
fn offset(context: Context<'_>, entry: Entry<'_>, column: usize) -> Option<usize> {
    let (written, value) = (entry.written_exact()?, entry.value());
    let quote = usize::from(written.len() != value.len());
    let before: String = written.chars().take(quote + column.saturating_sub(1)).collect();
    Some(context.document.encoding().encode(&before).ok()?.len())
}

#[cfg(test)]
mod tests {
    use std::collections::BTreeMap;

    use crate::ini::{Document, Encoding};
    use crate::profile::Profile;
    use crate::schema::Version;
    use crate::validate::{Check, Finding, Safety, Selection, check, mend};
    use proptest::prelude::*;

    /// Keys of hooks, right and wrong, in one section or the other.
    fn lines() -> impl Strategy<Value = String> {
        let key = prop::sample::select(vec![
            "[Settings]\n[Account1]\nlabel",
            "cmdCallEnd",
            "cmdCallStart",
            "cmdIncomingCall",
            "cmdOutgoingCall",
            "cmdCallIncoming",
            "cmdHold",
            "OnCallEnd",
            "oncallend.2",
            "OnCallEnd.01",
            "OnIncommingCall",
            "OnCallStart",
            "usersDirectory",
            "password",
        ]);
        let value = prop::sample::select(vec![
            "",
            "\"\"",
            "\" \"",
            r"C:\My Hooks\a.bat",
            r#""C:\My Hooks\a.ps1""#,
            r#""C:\py.exe" "C:\my x\h.py""#,
            r#""C:\Py 3\py.exe" "C:\my x\h.py" end"#,
            r#"""C:\Py 3\py.exe" "C:\my h.py"""#,
            r"C:\a.exe %callerid%",
            r#""C:\m.exe" hook run call-end"#,
            r#""C:\m.exe" hook run --ini C:\other.ini call-start"#,
            r"Log,C:\x.csv",
            "sendmesage,W,WM_USER+1,%number%",
            "udp,h:1,x",
            "http://h/?a=%s&b=%s",
        ]);
        let any = r#"[ "\\Ca:.exbtps1%{}&,=é]{0,20}"#;
        let line = (key, prop_oneof![value.prop_map(str::to_owned), any.prop_map(|text| text)]);
        let lines =
            prop::collection::vec(line.prop_map(|(key, value)| format!("{key}={value}\n")), 0..9);
        lines.prop_map(|lines| format!("[Settings]\nAA=1\n{}", lines.concat()))
    }

    /// What Windows reads of the keys that are of no hook.
    fn others(document: &Document) -> BTreeMap<(String, String), String> {
        let profile = Profile::new(document);
        let sections = profile.counting_sections();
        let entries = sections.flat_map(|section| {
            section.counting_entries().into_iter().map(move |entry| (section, entry))
        });
        let is_hook = |key: &str| {
            let key = key.to_ascii_lowercase();
            key.starts_with("cmd") || key.starts_with("on")
        };
        entries
            .map(|(section, entry)| {
                ((section.name().into(), entry.key().into()), entry.value().into())
            })
            .filter(|((_, key), _): &((String, String), String)| !is_hook(key))
            .collect()
    }

    #[test]
    fn no_secret_is_shown() {
        let text = r#"[Settings]
cmdCallEnd="C:\py.exe" "C:\my x\h.py --token hunter2"
cmdCallStart=C:\My Hooks\a.bat --password hunter2 %number%
cmdCallBusy=C:\py.exe "C:\a b --token hunter2"
cmdCallRing=C:\py.exe --password C:\my hunter2\x.txt {{ token }}
cmdCallAnswer=C:\py.exe --password=C:\my hunter2.txt https://x/?n=%s&token=hunter2
cmdIncomingCall=C:\x.exe hook run call-end
OnIncomingCall=Http,GET,ftp://u:hunter2@h/
OnIncomingCall.2=Open,crm://u:hunter2@h/
OnRinging=Http,GET,http://u:hunter2@h/?token=hunter2
usersDirectory=http://u:hunter2@h/?p={password}
"#;
        let by = Check {
            facts: &crate::validate::rules::testing::Machine,
            readable_by_others: &|| Some(true),
            ..Check::new(Version::NEWEST)
        };
        let document = Document::parse(text.into(), Encoding::Ascii);
        let findings = check(&document, by);
        assert!(findings.len() > 8);
        for finding in findings {
            let fix = finding.fix().map(|fix| fix.title().to_owned());
            let texts = [Some(finding.message()), finding.help(), fix.as_deref()];
            let is_shown = texts.iter().flatten().any(|text| text.contains("hunter2"));
            assert!(!is_shown && !format!("{finding:?}").contains("hunter2"), "{finding:?}");
        }
    }

    proptest! {
        #[test]
        fn mending_hooks_ends_and_changes_nothing_else(
            text in lines(),
            at_most in prop::sample::select(vec![Safety::Safe, Safety::Unsafe]),
            version in prop::sample::select(vec![(3, 19, 8), (3, 21, 3), (3, 22, 16)]),
        ) {
            let selection = Selection::new(&["hooks", "security"], &[]).unwrap();
            let microsip = Version::new(version.0, version.1, version.2);
            let by = Check {
                selection: &selection,
                facts: &crate::validate::rules::testing::Machine,
                ..Check::new(microsip)
            };
            let document = Document::parse(text.into(), Encoding::Utf8 { bom: false });
            let mended = mend(&document, by, at_most);
            prop_assert_eq!(others(&mended.after), others(&document));
            let again = mend(&mended.after, by, at_most);
            prop_assert_eq!(&again.after, &mended.after);
            prop_assert!(again.mended.is_empty());
            // What was mended is not found any more, but for what a fix brought to light.
            let is_left = |finding: &Finding| {
                finding.fix().is_some_and(|fix| fix.safety() <= at_most)
            };
            prop_assert!(!check(&mended.after, by).iter().any(is_left), "{:?}", mended.after);
        }

        #[test]
        fn no_bytes_panic(bytes: Vec<u8>) {
            let bytes = [b"[Settings]\ncmdCallEnd=".as_slice(), &bytes].concat();
            let encoding = Encoding::detect(&bytes, crate::ini::CodePage::WESTERN);
            let document = Document::parse(bytes, encoding);
            let _ = mend(&document, Check::new(Version::NEWEST), Safety::Unsafe);
        }
    }
}
