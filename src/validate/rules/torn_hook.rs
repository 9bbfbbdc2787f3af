//! `torn-hook`: a hook command whose quotes do not hold.

use crate::event::{self, SETTINGS};
use crate::schema;
use crate::validate::rule::rule;
use crate::validate::{Context, Finding};

rule! {
    /// ## What it checks
    /// A `cmd...` key that does not start the program it names, or tears one of its arguments, once Windows has dropped the outer quotes and MicroSIP has split and joined the rest.
    ///
    /// ## Why it matters
    /// MicroSIP says nothing: the hook simply never runs, or runs with half an argument.
    ///
    /// ## Example
    /// ```ini
    /// [Settings]
    /// cmdCallEnd="C:\My Hooks\end.exe"
    /// ```
    ///
    /// ## Instead
    /// ```ini
    /// [Settings]
    /// cmdCallEnd="C:\My Hooks\end.exe" call-end
    /// ```
    ///
    /// ## Fix
    /// End the command with a bare word, quote inner arguments as `"\"C:\my x\a.py\""`, or let `msipctl hook add` write the line.
    "torn-hook", "hook command torn by its quotes", Error, Hooks, since "0.1.0"
}

fn check(context: Context<'_>, findings: &mut Vec<Finding>) {
    for (event, place) in context.commands() {
        for fault in event::faults(&place.1.written(), context.microsip) {
            if fault.is_torn() {
                // It repeats part of the command, which may hold a token.
                let fault = fault.to_string();
                let fault = schema::mask(SETTINGS, event.key(), &fault);
                let message = format!("`{}`: {fault}", event.key());
                let help = r#"quote the program and end the line with a bare word: "C:\a b\x.exe" call-end"#;
                findings.push(RULE.at_value(place, message).with_help(help));
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::validate::rules::testing::check;

    fn is_found(value: &str) -> bool {
        let text = format!("[Settings]\ncmdCallEnd={value}\n");
        let document = crate::ini::Document::parse(text.into(), crate::ini::Encoding::Ascii);
        let findings =
            crate::validate::check(&document, crate::validate::Check::new(schema::Version::NEWEST));
        findings.iter().any(|finding| finding.rule() == RULE.name)
    }

    #[test]
    fn what_nearly_everyone_writes_is_found() {
        assert!(is_found(r#""C:\Users\Ann B\a.bat""#));
        assert!(is_found(r"C:\My Hooks\a.bat"));
        assert!(is_found(r#""C:\py.exe" "C:\h.py""#));
    }

    #[test]
    fn what_works_is_not() {
        for value in [r"C:\hooks\a.bat", r#""C:\My Hooks\a.bat" end"#, "", "\"\""] {
            assert!(!is_found(value), "{value}");
        }
        check(&RULE, "[Settings]\n", &[]);
    }
}
