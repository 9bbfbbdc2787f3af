//! `secrets-readable-by-others`: password in a file that other users can read.

use crate::validate::context::Context;
use crate::validate::finding::Finding;
use crate::validate::rule::rule;

rule! {
    /// ## What it does
    /// Checks for files that contain a password or another secret and that other users can read.
    ///
    /// ## Why is this bad?
    /// MicroSIP encrypts passwords with a key that is public and the same everywhere. A user who reads the file knows the passwords, and can make calls at their owner's expense. msipctl checks the modes of the file and its folders, or on Windows the permissions that everyone, all users, or guests have.
    ///
    /// ## Example
    /// ```ini
    /// [Account1]
    /// domain=sip.example.com
    /// password=hunter2
    /// ```
    ///
    /// ## Use instead
    /// ```ini
    /// [Account1]
    /// domain=sip.example.com
    /// password=
    /// ```
    ///
    /// ## How to fix
    /// Run `chmod 600 MicroSIP.ini`, or on Windows `icacls MicroSIP.ini /inheritance:r /grant:r "%USERNAME%:F"`. An installed MicroSIP stores its file where only its user can read it. Template placeholders aren't secrets.
    SecretsReadableByOthers,
    on Document
}

fn check(context: Context<'_>, findings: &mut Vec<Finding>) {
    if context.readable_by_others() != Some(true) {
        return;
    }
    let locations = context
        .profile
        .sections()
        .flat_map(|section| section.entries().map(move |entry| (section, entry)));
    for location in locations {
        let (name, key, value) = (location.0.name(), location.1.key(), location.1.value());
        if microsip_schema::mask(&name, &key, &value) != value && !is_placeholder(&value) {
            let message = message!(
                "other users can read this file, including `{key}` in `[{section}]`",
                key,
                section = name
            );
            let finding = RULE.at_value(location, message);
            findings.push(finding.with_help("remove the read permission of other users"));
            // The finding is about the file, so one is enough.
            return;
        }
    }
}

/// Returns whether a value is a placeholder, which is replaced before MicroSIP reads the file.
fn is_placeholder(value: &str) -> bool {
    value.starts_with(['{', '<', '%', '$', '@']) && value.ends_with(['}', '>', '%', '@'])
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::validate::Check;
    use crate::validate::rules::testing::check;
    use microsip_schema::Version;
    use winini::{Document, Encoding};

    #[test]
    fn finding_names_the_first_secret() {
        let message =
            "3: warning: other users can read this file, including `password` in `[Account1]`";
        check(&RULE, "[Account1]\nusername=a\npassword=b\n[Account2]\npassword=c\n", &[message]);
        let message =
            "2: warning: other users can read this file, including `cmdCallEnd` in `[Settings]`";
        check(&RULE, "[Settings]\ncmdCallEnd=C:\\a.exe --token abc x\n", &[message]);
    }

    #[test]
    fn file_without_secrets_is_not_reported() {
        check(
            &RULE,
            "[Account1]\nusername=a\npassword=\n[Account2]\npassword={{ password }}\n",
            &[],
        );
    }

    #[test]
    fn nothing_is_reported_when_permissions_are_unknown_or_private() {
        let document = Document::parse("[Account1]\npassword=b\n".into(), Encoding::Ascii);
        for readable_by_others in [None, Some(false)] {
            let by =
                Check { readable_by_others: &|| readable_by_others, ..Check::new(Version::NEWEST) };
            assert!(crate::validate::check(&document, by).iter().all(|it| it.rule() != RULE.name));
        }
    }
}
