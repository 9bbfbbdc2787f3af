//! `read-only-file`: a file that nobody may write.

use crate::diagnostic::Severity;
use crate::validate::context::Context;
use crate::validate::finding::Finding;
use crate::validate::rule::rule;
use microsip_schema::Version;

rule! {
    /// ## What it does
    /// A file that is marked read-only: the attribute on Windows, or a mode without any right to write elsewhere. The error is for MicroSIP 3.22.16 and newer, a warning for earlier versions.
    ///
    /// ## Why is this bad?
    /// MicroSIP 3.22.16 shows a message box and doesn't start if it can't open the file for exclusive writing. It checks that before it looks for the running MicroSIP, so that `/exit`, `/answer`, and every other command fail, too. Earlier versions start, but can't save any setting. A read-only file is sometimes meant to prevent drift.
    ///
    /// ## Example
    /// ```ini
    /// [Settings]
    /// AA=0
    /// ```
    ///
    /// ## Use instead
    /// A writable file, and a task that runs `msipctl apply POLICY`, which undoes any drift.
    ///
    /// ## How to fix
    /// Remove the read-only attribute: `attrib -r MicroSIP.ini`, or elsewhere `chmod u+w MicroSIP.ini`.
    ReadOnlyFile,
    on Document
}

/// The first version that opens the file for exclusive writing before anything else.
const SINCE: Version = Version::new(3, 22, 16);

fn check(context: Context<'_>, findings: &mut Vec<Finding>) {
    if !context.is_read_only {
        return;
    }
    let (severity, message) = match context.microsip >= SINCE {
        true => (
            Severity::Error,
            message!(
                "the file is read-only, so that MicroSIP doesn't start and accepts no command"
            ),
        ),
        false => {
            let message =
                message!("the file is read-only, so that MicroSIP can't save its settings");
            (Severity::Warning, message)
        }
    };
    let finding = RULE.at_file(context.document, message).with_severity(severity);
    findings
        .push(finding.with_help("remove the read-only attribute; `msipctl apply` undoes drift"));
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::validate::Check;
    use crate::validate::rules::testing::{check, check_for};
    use winini::{Document, Encoding};

    #[test]
    fn read_only_file_is_an_error_since_3_22_16() {
        let message = "1: error: the file is read-only, so that MicroSIP doesn't start and accepts no command";
        check(&RULE, "[Settings]\nAA=0\n", &[message]);
        let message = "1: warning: the file is read-only, so that MicroSIP can't save its settings";
        check_for(&RULE, Version::new(3, 22, 3), "[Settings]\nAA=0\n", &[message]);
    }

    #[test]
    fn writable_file_is_not_reported() {
        let document = Document::parse("[Settings]\nAA=0\n".into(), Encoding::Ascii);
        let findings = crate::validate::check(&document, Check::new(Version::NEWEST));
        assert!(findings.iter().all(|it| it.rule() != RULE.name));
    }
}
