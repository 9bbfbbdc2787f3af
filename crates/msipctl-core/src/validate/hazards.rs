//! The hazards of a file's hooks as findings. Each rule reports the hazards of its code.

use super::context::{Context, EntryLocation};
use super::finding::{Finding, Location};
use super::fix::{Fix, Safety};
use super::rule::Rule;
use crate::event::{Event, Explanation, Hazard};
use winini::Edit;
use winini::profile::Entry;

/// A hazard and its location in the file.
pub(super) struct LocatedHazard<'d> {
    pub(super) event: Event,
    /// The command or directive with the hazard.
    pub(super) place: EntryLocation<'d>,
    pub(super) hazard: &'d Hazard,
    pub(super) explanation: &'d Explanation,
    context: Context<'d>,
}

/// Returns the hazards with the code of a rule.
pub(super) fn of<'d>(
    rule: &'static Rule,
    context: Context<'d>,
) -> impl Iterator<Item = LocatedHazard<'d>> {
    context.explained().iter().flat_map(move |explained| {
        let hazards = explained.explanation.hazards.iter();
        hazards.filter(|hazard| hazard.code() == rule.code).map(move |hazard| {
            let (section, _) = explained.place;
            let directive = hazard.location().directive().and_then(|key| section.entry(key));
            let location = directive.map_or(explained.place, |entry| (section, entry));
            let explanation = &explained.explanation;
            LocatedHazard { event: explained.event, place: location, hazard, explanation, context }
        })
    })
}

/// Returns the findings of a rule that reports its hazards unchanged.
pub(super) fn findings(rule: &'static Rule, context: Context<'_>) -> impl Iterator<Item = Finding> {
    of(rule, context).map(|found| found.finding())
}

impl<'d> LocatedHazard<'d> {
    /// Returns its finding, which points at the value or at the part of it with the hazard.
    pub(super) fn finding(&self) -> Finding {
        let (section, entry) = self.place;
        let span = entry.value_span();
        let column = self.hazard.location().column();
        let offset = column.and_then(|column| offset(self.context, entry, column));
        let span = match offset {
            Some(offset) if offset < span.range().len() => span.after(offset),
            _ => span,
        };
        let key = entry.key();
        let diagnostic = self.hazard.clone().map_message(|message| message.about_key(&key));
        let finding = Finding::from(diagnostic.at(Location::new(entry.line(), span)));
        finding.about(&section.name(), Some(&key))
    }

    /// Returns the fix that replaces the value.
    pub(super) fn rewrite(&self, safety: Safety, title: impl Into<String>, text: String) -> Fix {
        Fix::edits(safety, title, vec![Edit::ReplaceValue { line: self.entry().line(), text }])
    }

    /// Returns whether it's in the command, and not in a directive.
    pub(super) fn is_of_command(&self) -> bool {
        self.hazard.location().directive().is_none()
    }

    /// Returns the entry with the hazard.
    pub(super) fn entry(&self) -> Entry<'d> {
        self.place.1
    }

    /// Returns an argument of its message.
    pub(super) fn argument(&self, name: &str) -> &'d str {
        self.hazard.message().argument(name).unwrap_or_default()
    }
}

/// Returns the offset of a character, in bytes from the start of the value in the file. `column` counts the characters of
/// the value as Windows reads it, starting at 1.
fn offset(context: Context<'_>, entry: Entry<'_>, column: usize) -> Option<usize> {
    let (written, value) = (entry.written_exact()?, entry.value());
    let quote = usize::from(written.len() != value.len());
    let before: String = written.chars().take(quote + column.saturating_sub(1)).collect();
    Some(context.document.encoding().encode(&before).ok()?.len())
}

#[cfg(test)]
mod tests {
    use std::collections::BTreeMap;

    use crate::validate::{Check, Finding, Safety, Selection, apply_fixes, check};
    use microsip_schema::Version;
    use proptest::prelude::*;
    use winini::profile::Profile;
    use winini::{Document, Encoding};

    /// Keys of hooks, correct and wrong, in several sections.
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

    /// Returns the values of all keys that aren't hooks, as Windows reads them.
    fn other_values(document: &Document) -> BTreeMap<(String, String), String> {
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
    fn hook_findings_contain_no_secrets() {
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
            let message = finding.message().to_string();
            let texts = [Some(message.as_str()), finding.help(), fix.as_deref()];
            let is_shown = texts.iter().flatten().any(|text| text.contains("hunter2"));
            assert!(!is_shown && !format!("{finding:?}").contains("hunter2"), "{finding:?}");
        }
    }

    proptest! {
        #[test]
        fn hook_fixes_are_idempotent_and_change_only_hooks(
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
            let fixed = apply_fixes(&document, by, at_most);
            prop_assert_eq!(other_values(&fixed.after), other_values(&document));
            let again = apply_fixes(&fixed.after, by, at_most);
            prop_assert_eq!(&again.after, &fixed.after);
            prop_assert!(again.fixed.is_empty());
            // No fixable finding is left.
            let is_left = |finding: &Finding| {
                finding.fix().is_some_and(|fix| fix.safety() <= at_most)
            };
            prop_assert!(!check(&fixed.after, by).iter().any(is_left), "{:?}", fixed.after);
        }

        #[test]
        fn fixing_any_hook_bytes_does_not_panic(bytes: Vec<u8>) {
            let bytes = [b"[Settings]\ncmdCallEnd=".as_slice(), &bytes].concat();
            let encoding = Encoding::detect(&bytes, winini::CodePage::WESTERN);
            let document = Document::parse(bytes, encoding);
            let _ = apply_fixes(&document, Check::new(Version::NEWEST), Safety::Unsafe);
        }
    }
}
