//! `read-only-file`: file that MicroSIP can't write.

use crate::diagnostic::Severity;
use crate::validate::context::Context;
use crate::validate::finding::Finding;
use crate::validate::rule::rule;
use microsip_schema::Version;

rule! {
    /// ## What it does
    /// Checks for files with the read-only attribute on Windows, or without any write permission in their mode on other systems.
    ///
    /// ## Why is this bad?
    /// MicroSIP 3.22.16 and newer shows a message box and doesn't start if it can't open the file for exclusive writing. It checks this before it looks for a running MicroSIP, so `/exit`, `/answer`, and every other command fail too. Earlier versions start but can't save any setting, so the finding is only a warning for them.
    ///
    /// ## Example
    /// ```ini
    /// [Settings]
    /// AA=0
    /// ```
    ///
    /// ## Use instead
    /// A writable file, and a scheduled task that runs `msipctl apply POLICY` to undo drift.
    ///
    /// ## How to fix
    /// Remove the read-only attribute: `attrib -r MicroSIP.ini`, or on other systems `chmod u+w MicroSIP.ini`. If the file was read-only to prevent drift, run `msipctl apply POLICY` as a scheduled task instead.
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
            message!("the file is read-only, so MicroSIP doesn't start and accepts no commands"),
        ),
        false => {
            let message = message!("the file is read-only, so MicroSIP can't save its settings");
            (Severity::Warning, message)
        }
    };
    let finding = RULE.at_file(context.document, message).with_severity(severity);
    let help = "remove the read-only attribute; to undo drift, run `msipctl apply` regularly";
    findings.push(finding.with_help(help));
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::validate::Check;
    use crate::validate::rules::testing::{check, check_for};
    use winini::{Document, Encoding};

    #[test]
    fn read_only_file_is_an_error_since_3_22_16() {
        let message =
            "1: error: the file is read-only, so MicroSIP doesn't start and accepts no commands";
        check(&RULE, "[Settings]\nAA=0\n", &[message]);
        let message = "1: warning: the file is read-only, so MicroSIP can't save its settings";
        check_for(&RULE, Version::new(3, 22, 3), "[Settings]\nAA=0\n", &[message]);
    }

    #[test]
    fn writable_file_is_not_reported() {
        let document = Document::parse("[Settings]\nAA=0\n".into(), Encoding::Ascii);
        let findings = crate::validate::check(&document, Check::new(Version::NEWEST));
        assert!(findings.iter().all(|it| it.rule() != RULE.name));
    }
}
