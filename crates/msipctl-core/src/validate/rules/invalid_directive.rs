//! `invalid-directive`: a directive that msipctl can't parse.

use crate::event;
use crate::event::{Action, Directive};
use crate::validate::context::Context;
use crate::validate::finding::Finding;
use crate::validate::fix::Safety;
use crate::validate::hazards;
use crate::validate::rule::rule;
use winini::profile;

rule! {
    /// ## What it does
    /// Checks for `On...` directives with an unknown action, the wrong number of fields, or an invalid field.
    ///
    /// ## Why is this bad?
    /// msipctl skips a directive that it can't parse, and logs the error, so nothing happens on the event. An empty directive is reported as `info`.
    ///
    /// ## Example
    /// ```ini
    /// [Settings]
    /// OnCallEnd=SendMesage,MyAppWindow,WM_USER+100,%number%
    /// cmdCallEnd="C:\msipctl\msipctl.exe" hook run call-end
    /// ```
    ///
    /// ## Use instead
    /// ```ini
    /// [Settings]
    /// OnCallEnd=SendMessage,MyAppWindow,WM_USER+100,%number%
    /// cmdCallEnd="C:\msipctl\msipctl.exe" hook run call-end
    /// ```
    ///
    /// ## How to fix
    /// Correct the directive at the column in the message.
    ///
    /// ## Fix safety
    /// Unsafe if the action is misspelled, because the fix replaces it with the most similar one. Safe if the action only has the wrong capitalization. The fix corrects only the action, and requires that the rest is valid.
    InvalidDirective,
    on Document, requires HOOK,
    fix Sometimes
}

fn check(context: Context<'_>, findings: &mut Vec<Finding>) {
    for found in hazards::of(&RULE, context) {
        let (value, finding) = (found.entry().value(), found.finding());
        findings.push(match fixed(&value) {
            Some((safety, name, text)) => finding.with_fix(found.rewrite(
                safety,
                format!("change the action to `{name}`"),
                text,
            )),
            None => finding,
        });
    }
}

/// Returns the directive with the intended action, if that makes it valid.
fn fixed(value: &str) -> Option<(Safety, &'static str, String)> {
    let (name, rest) = value.split_at(value.find(',')?);
    let near = Action::near(name.trim())?;
    let is_same = near.eq_ignore_ascii_case(name.trim());
    let text = format!("{near}{rest}");
    let text = profile::written(&text).ok()?.into_owned();
    Directive::parse(event::read_back(&text)).ok()?;
    Some((if is_same { Safety::Safe } else { Safety::Unsafe }, near, text))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::validate::Check;
    use crate::validate::rules::testing::{check, fixes};
    use microsip_schema::Version;
    use winini::{Document, Encoding};

    const LAUNCHER: &str = "cmdCallEnd=C:\\m.exe hook run call-end\n";

    fn with(directive: &str) -> String {
        format!("[Settings]\nOnCallEnd={directive}\n{LAUNCHER}")
    }

    #[test]
    fn finding_points_at_the_invalid_field() {
        let document = Document::parse(with("\"Udp,x:0,é\"").into(), Encoding::Utf8 { bom: false });
        let findings = crate::validate::check(&document, Check::new(Version::NEWEST));
        let finding = findings.iter().find(|it| it.rule() == RULE.name).unwrap();
        assert_eq!(document.raw(finding.span()), "x:0,é\"".as_bytes());
        assert_eq!(
            finding.message().to_string(),
            "`OnCallEnd`: column 5: invalid address `x:0`: expected host:port"
        );
    }

    #[test]
    fn every_directive_of_an_event_is_checked() {
        check(
            &RULE,
            "[Settings]\nOnCallEnd=Log,C:\\x.csv\nOnCallEnd.2=Beep,1\nOnCallStart=\n",
            &[
                "3: error: `OnCallEnd.2`: column 1: unknown action `Beep`: expected one of SendMessage, PostMessage, CopyData, Run, Open, Http, Log, Udp",
                "4: info: `OnCallStart`: column 1: missing action: expected one of SendMessage, PostMessage, CopyData, Run, Open, Http, Log, Udp",
            ],
        );
    }

    #[test]
    fn fix_corrects_spelling_of_the_action() {
        fixes(&RULE, Safety::Safe, with("log,C:\\x.csv"), with("Log,C:\\x.csv"));
        let misspelled = with("SendMesage,My,WM_USER+1,%number%");
        fixes(&RULE, Safety::Safe, &misspelled, &misspelled);
        fixes(&RULE, Safety::Unsafe, &misspelled, with("SendMessage,My,WM_USER+1,%number%"));
        let incomplete = with("SendMesage,My");
        fixes(&RULE, Safety::Unsafe, &incomplete, &incomplete);
    }
}
