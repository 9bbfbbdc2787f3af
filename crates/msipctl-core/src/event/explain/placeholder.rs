//! Placeholders in a command: those that MicroSIP replaces, and those that users expect it to replace.

use std::borrow::Cow;

use super::call::Call;
use super::shell::Shell;
use crate::diagnostic::Severity;
use crate::event::kind::Event;
use crate::event::launch::split;
use crate::event::path::program_name;
use crate::event::payload::url_encoded;
use microsip_schema::{PlaceholderForm, Version, placeholders};

/// The first version that replaces placeholders, and only in the command of outgoing calls.
const FILLS_IN: Version = Version::new(3, 21, 3);

const KNOWN: [&str; 13] = [
    "server",
    "extension",
    "password",
    "md5_password",
    "duration",
    "time",
    "callid",
    "direction",
    "callerid",
    "user",
    "number",
    "domain",
    "name",
];

/// Returns whether MicroSIP replaces placeholders for an event.
pub(super) fn are_known(call: &Call<'_>) -> bool {
    call.event == Event::OutgoingCall && call.microsip >= FILLS_IN
}

/// Replaces the known placeholders of a command. The others stay unchanged.
pub(super) fn filled(value: &str, call: &Call<'_>) -> String {
    if !are_known(call) || !value.contains('{') {
        return value.to_owned();
    }
    let caller = url_encoded(call.caller);
    let value = value.replace("{number}", &caller).replace("{user}", &caller);
    value.replace("{callid}", "").replace("{direction}", "")
}

/// Returns the placeholders that insert a password into the command.
pub(super) fn passwords(value: &str, call: &Call<'_>) -> Vec<String> {
    let names = ["{password}", "{md5_password}"].into_iter();
    names.filter(|name| are_known(call) && value.contains(name)).map(str::to_owned).collect()
}

/// Returns the texts that look like placeholders but aren't. Text that a shell reads as a variable or code doesn't count,
/// unless its name is a placeholder in other programs.
pub(super) fn unknown(value: &str, call: &Call<'_>, shell: Option<Shell>) -> Vec<Unknown> {
    let is_code = shell == Some(Shell::PowerShell) || runs_code(value);
    let is_known = |name: &str| KNOWN.contains(&name.to_ascii_lowercase().as_str());
    let found = placeholders(value).filter(|found| {
        let (name, is_caller) = (found.name, found.means_caller());
        let is_other = found.names_setting() || found.is_capital();
        match found.form {
            PlaceholderForm::Braces => {
                let is_filled_in = are_known(call) && KNOWN.contains(&name);
                !is_filled_in && (shell != Some(Shell::PowerShell) || is_known(name))
            }
            PlaceholderForm::Percents => shell != Some(Shell::Cmd) || is_known(name),
            // A single letter is also a variable of `for` in cmd.exe, and part of format strings in code.
            PlaceholderForm::Printf => match name {
                "s" => !is_code,
                "d" | "u" | "n" | "S" | "N" | "*" => !is_code && shell != Some(Shell::Cmd),
                _ => true,
            },
            PlaceholderForm::Dollar | PlaceholderForm::Dollared => !is_code,
            PlaceholderForm::Template => shell != Some(Shell::PowerShell),
            PlaceholderForm::Angles => is_caller || found.names_setting(),
            PlaceholderForm::Brackets => is_caller && !is_code,
            PlaceholderForm::DoubleBrackets => !is_code && (is_caller || is_other),
            PlaceholderForm::Ats | PlaceholderForm::Hashes | PlaceholderForm::Underscores => {
                is_caller || is_other
            }
        }
    });
    let mut found: Vec<_> = found
        .map(|found| Unknown {
            placeholder: found.text.to_owned(),
            meaning: match found.form {
                _ if found.means_caller() => Meaning::Caller,
                PlaceholderForm::Percents => Meaning::Variable,
                _ => Meaning::Other,
            },
        })
        .collect();
    // Placeholders in braces come first, because only they can be known.
    found.sort_by_key(|it| !it.placeholder.starts_with('{'));
    found.dedup();
    found
}

/// Returns the placeholders of other programs that refer to the caller in a directive. Placeholders with percent signs
/// already make the directive invalid, and code has its own variables.
pub(super) fn unknown_in_directive(directive: &str) -> Vec<String> {
    let forms = [
        PlaceholderForm::Template,
        PlaceholderForm::Braces,
        PlaceholderForm::Dollared,
        PlaceholderForm::Angles,
        PlaceholderForm::DoubleBrackets,
        PlaceholderForm::Hashes,
    ];
    let is_caller = |name: &str| name.bytes().any(|byte| byte.is_ascii_alphabetic());
    let found = placeholders(directive).filter(|found| {
        forms.contains(&found.form) && found.means_caller() && is_caller(found.name)
    });
    let mut found: Vec<_> = found.map(|found| found.text.to_owned()).collect();
    found.dedup();
    found
}

/// A text that looks like a placeholder but isn't.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Unknown {
    pub(super) placeholder: String,
    pub(super) meaning: Meaning,
}

impl Unknown {
    /// Returns the hint and the severity for the command of a call that starts this program.
    pub(super) fn advice(&self, call: &Call<'_>, program: &str) -> (Cow<'static, str>, Severity) {
        let placeholder = self.placeholder.as_str();
        let word = call.written.split([' ', '\t']).find(|word| word.contains(placeholder));
        let word = word.unwrap_or_default();
        let is_address = word.contains("://");
        let is_word = word.trim_matches(['"', '\'', '\\']) == placeholder;
        let is_program = program.contains(placeholder) && !is_address;
        let help = match self.meaning {
            _ if is_program => "write the full path".into(),
            Meaning::Variable => "write the value itself".into(),
            Meaning::Other => {
                "write the actual value, or fix the template that creates this file".into()
            }
            Meaning::Caller if are_known(call) => {
                "write `{number}`, which MicroSIP replaces in `cmdOutgoingCall`".into()
            }
            Meaning::Caller if is_word => {
                "delete it, because MicroSIP appends the caller ID".into()
            }
            Meaning::Caller => {
                let template = if is_address { "http-event` or `open-url" } else { "run-program" };
                let directive = call.event.directive();
                format!(
                    "use a directive with `%number%`: `msipctl hook add {template}` writes `{directive}`"
                )
                .into()
            }
        };
        let is_lost = is_program || is_address;
        (help, if is_lost { Severity::Error } else { Severity::Warning })
    }
}

/// The probable intention of a placeholder that MicroSIP doesn't know.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Meaning {
    /// The caller ID.
    Caller,
    /// A Windows environment variable.
    Variable,
    /// A value that a template should have inserted.
    Other,
}

/// Returns whether a program receives code in its own language, in which `$` and `%` have other meanings.
fn runs_code(value: &str) -> bool {
    const PROGRAMS: [&str; 11] =
        ["bash", "sh", "wsl", "perl", "php", "ruby", "node", "py", "python", "python3", "mshta"];
    const FLAGS: [&str; 6] = ["-c", "-e", "-r", "-E", "--eval", "-p"];
    let words = split(value.trim());
    let Some((program, rest)) = words.split_first() else { return false };
    let name = program_name(program);
    let is_code = |word: &String| FLAGS.contains(&word.as_str()) || word.contains("script:");
    PROGRAMS.iter().any(|it| it.eq_ignore_ascii_case(name)) && rest.iter().any(is_code)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn unknown(value: &str, call: &Call<'_>, shell: Option<Shell>) -> Vec<String> {
        super::unknown(value, call, shell).into_iter().map(|it| it.placeholder).collect()
    }

    fn call(event: Event, microsip: Version) -> Call<'static> {
        Call { event, microsip, ..Call::new(event, "") }
    }

    #[test]
    fn brace_placeholders_are_filled_only_for_outgoing_calls() {
        let outgoing = call(Event::OutgoingCall, Version::NEWEST);
        let others =
            [call(Event::CallEnd, FILLS_IN), call(Event::OutgoingCall, Version::new(3, 20, 1))];
        assert_eq!(unknown("a.exe {number} {x} {1-2}", &outgoing, None), ["{x}"]);
        assert_eq!(passwords("a.exe {password}", &outgoing), ["{password}"]);
        for other in others {
            assert_eq!(unknown("a.exe {number}", &other, None), ["{number}"]);
            assert_eq!(filled("a.exe {number}", &other), "a.exe {number}");
            assert!(passwords("a.exe {password}", &other).is_empty());
        }
    }

    #[test]
    fn percent_placeholders_are_unknown_for_every_event() {
        let call = call(Event::CallEnd, Version::NEWEST);
        let unknown = |value| unknown(value, &call, None);
        assert_eq!(
            unknown(r"%ProgramFiles(x86)%\a.exe %callerid% %1 100% %date%"),
            ["%ProgramFiles(x86)%", "%callerid%", "%1", "%date%"]
        );
        assert!(unknown("a 50% b%c d").is_empty());
    }

    #[test]
    fn placeholders_of_other_programs_are_reported() {
        let call = call(Event::CallEnd, Version::NEWEST);
        for placeholder in [
            "%s",
            "%1",
            "%*",
            "%number%",
            "%callerid%",
            "%CallerID%",
            "{number}",
            "{CallerId}",
            "$1",
            "$number",
            "${number}",
            "[number]",
            "<number>",
            "#number#",
            "#NUMBER#",
            "@number@",
            "@HOOK_DIR@",
            "__X__",
            "{{ row.x }}",
            "[[number]]",
            "<%= number %>",
            "$(number)",
            "#{number}",
            "<ext>",
        ] {
            for value in [
                format!("curl.exe https://x.example/?n={placeholder}"),
                format!("curl \"https://x.example/?n={placeholder}&m=1\""),
                format!(r"C:\a.exe {placeholder} x"),
            ] {
                assert_eq!(unknown(&value, &call, None), [placeholder], "{value}");
            }
        }
    }

    #[test]
    fn syntax_of_scripting_languages_is_not_reported() {
        let call = call(Event::CallEnd, Version::NEWEST);
        for value in [
            r"curl.exe -w %{http_code} -o NUL https://x.example/",
            r"C:\x\date.exe +%s",
            r"\\srv\c$\x\a.exe",
            r"C:\$Recycle.Bin\a.exe",
            r"C:\Python\python.exe C:\x\__main__.py",
            r"python.exe -c print('%s'%1)",
            r"bash.exe -c echo $HOME $1x",
            r"C:\a.exe user@example.com *8# ## 100% [x] <b>",
            r"C:\a.exe {1FAE-2} {} a{2}",
        ] {
            let found = unknown(value, &call, None);
            assert!(found.iter().all(|it| it == "%1"), "{value} {found:?}");
        }
        let code = "powershell -Command $n = 1; Write-Host ${n} [string] {x}";
        assert!(unknown(code, &call, Some(Shell::PowerShell)).is_empty());
        assert!(unknown("cmd /c for %d in (a b) do x", &call, Some(Shell::Cmd)).is_empty());
    }

    #[test]
    fn foreign_placeholders_in_directives_are_reported() {
        for (directive, expected) in [
            ("Http,GET,https://x.example/?n={number}", &["{number}"][..]),
            (
                "Udp,h:1,<callerid> ${number} {{ caller }} #NUMBER#",
                &["<callerid>", "${number}", "{{ caller }}", "#NUMBER#"],
            ),
            (r#"Http,POST,https://x.example/,"{""number"":""%number%""}""#, &[]),
            ("Udp,h:1,%number% $1 {x} <b> #1# {0}", &[]),
        ] {
            assert_eq!(unknown_in_directive(directive), expected, "{directive}");
        }
    }

    #[test]
    fn percent_encoded_address_has_no_placeholders() {
        let call = call(Event::CallEnd, Version::NEWEST);
        for value in ["curl http://h/?a=%20b%2C%D0%B0%d1%8f", "x 100%"] {
            assert!(unknown(value, &call, None).is_empty(), "{value}");
        }
    }

    #[test]
    fn variables_and_code_of_a_shell_are_not_reported() {
        let call = call(Event::CallEnd, Version::NEWEST);
        let cmd = unknown("cmd /c echo %DATE% %callerid% {date} %1", &call, Some(Shell::Cmd));
        assert_eq!(cmd, ["{date}", "%callerid%", "%1"]);
        let value = "powershell -Command x | % {date} {Number} %DATE%";
        assert_eq!(unknown(value, &call, Some(Shell::PowerShell)), ["{Number}", "%DATE%"]);
    }

    #[test]
    fn caller_id_is_percent_encoded_for_outgoing_calls() {
        let mut call = call(Event::OutgoingCall, Version::NEWEST);
        call.caller = "+49 ü&";
        assert_eq!(filled("x {number}{callid}", &call), "x %2B49%20%C3%BC%26");
    }
}
