//! `redirected-to-registry`: file name that Windows redirects to the registry.

use crate::validate::context::Context;
use crate::validate::finding::Finding;
use crate::validate::rule::rule;

rule! {
    /// ## What it does
    /// Checks for files whose name is a key below `HKLM\SOFTWARE\Microsoft\Windows NT\CurrentVersion\IniFileMapping`.
    ///
    /// ## Why is this bad?
    /// Windows then answers every profile call for a file with this name from the registry, in any folder. MicroSIP reads and writes nothing in the file, so edits by msipctl don't reach it either. msipctl checks this only on Windows, where MicroSIP would run.
    ///
    /// ## Example
    /// ```ini
    /// [Settings]
    /// AA=0
    /// ```
    ///
    /// ## Use instead
    /// No key with this name below `IniFileMapping`.
    ///
    /// ## How to fix
    /// As an administrator, run `reg delete "HKLM\SOFTWARE\Microsoft\Windows NT\CurrentVersion\IniFileMapping\MicroSIP.ini"` with the name of your file. Then restart MicroSIP.
    RedirectedToRegistry,
    on Document
}

fn check(context: Context<'_>, findings: &mut Vec<Finding>) {
    if context.is_redirected {
        let message = message!(
            "Windows redirects this file name to the registry (IniFileMapping), so MicroSIP doesn't read the file"
        );
        let finding = RULE.at_file(context.document, message);
        let help = "delete the registry key with this file name below `IniFileMapping`";
        findings.push(finding.with_help(help));
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::validate::Check;
    use crate::validate::rules::testing::check;
    use microsip_schema::Version;
    use winini::{Document, Encoding};

    #[test]
    fn only_redirected_files_are_reported() {
        let message = "1: error: Windows redirects this file name to the registry (IniFileMapping), so MicroSIP doesn't read the file";
        check(&RULE, "[Settings]\nAA=0\n", &[message]);
        let document = Document::parse("[Settings]\nAA=0\n".into(), Encoding::Ascii);
        let findings = crate::validate::check(&document, Check::new(Version::NEWEST));
        assert!(findings.iter().all(|it| it.rule() != RULE.name));
    }
}
