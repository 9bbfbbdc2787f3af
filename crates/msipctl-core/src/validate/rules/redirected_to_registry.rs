//! `redirected-to-registry`: a file whose name Windows maps to the registry.

use crate::validate::context::Context;
use crate::validate::finding::Finding;
use crate::validate::rule::rule;

rule! {
    /// ## What it does
    /// A file whose name is a key below `HKLM\SOFTWARE\Microsoft\Windows NT\CurrentVersion\IniFileMapping`. msipctl checks it on Windows, where MicroSIP would run.
    ///
    /// ## Why is this bad?
    /// Windows then answers every profile call for a file of that name from the registry, wherever the file is. MicroSIP reads and writes nothing of what the file says, and neither does an edit by msipctl reach it.
    ///
    /// ## Example
    /// ```ini
    /// [Settings]
    /// AA=0
    /// ```
    ///
    /// ## Use instead
    /// No key of that name below `IniFileMapping`.
    ///
    /// ## How to fix
    /// As an administrator, run `reg delete "HKLM\SOFTWARE\Microsoft\Windows NT\CurrentVersion\IniFileMapping\MicroSIP.ini"` with the name of your file, then restart MicroSIP.
    RedirectedToRegistry,
    on Document
}

fn check(context: Context<'_>, findings: &mut Vec<Finding>) {
    if context.is_redirected {
        let message = message!(
            "Windows redirects the name of this file to the registry (IniFileMapping), so that MicroSIP \
                       doesn't read the file"
        );
        let finding = RULE.at_file(context.document, message);
        findings.push(finding.with_help("delete the key of the file's name below IniFileMapping"));
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
        let message = "1: error: Windows redirects the name of this file to the registry (IniFileMapping), so that MicroSIP doesn't read the file";
        check(&RULE, "[Settings]\nAA=0\n", &[message]);
        let document = Document::parse("[Settings]\nAA=0\n".into(), Encoding::Ascii);
        let findings = crate::validate::check(&document, Check::new(Version::NEWEST));
        assert!(findings.iter().all(|it| it.rule() != RULE.name));
    }
}
