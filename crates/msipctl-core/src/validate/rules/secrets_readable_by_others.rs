//! `secrets-readable-by-others`: a password in a file that others may read.

use crate::validate::context::Context;
use crate::validate::finding::Finding;
use crate::validate::rule::rule;

rule! {
    /// ## What it does
    /// A file with a password or another secret in it that other users may read: by its mode and those of the folders above it, or on Windows by the rights of everyone, of all users or of guests. Placeholders of templates are no secrets.
    ///
    /// ## Why is this bad?
    /// MicroSIP encrypts passwords with a key that is the same everywhere and known. Who reads the file has them, and calls at the cost of their owner.
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
    /// `chmod 600 MicroSIP.ini`, or on Windows `icacls MicroSIP.ini /inheritance:r /grant:r "%USERNAME%:F"`. An installed MicroSIP keeps its file where only its user reads it.
    SecretsReadableByOthers,
    on Document
}

fn check(context: Context<'_>, findings: &mut Vec<Finding>) {
    if context.readable_by_others() != Some(true) {
        return;
    }
    let places = context
        .profile
        .sections()
        .flat_map(|section| section.entries().map(move |entry| (section, entry)));
    for place in places {
        let (name, key, value) = (place.0.name(), place.1.key(), place.1.value());
        if microsip_schema::mask(&name, &key, &value) != value && !is_placeholder(&value) {
            let message = message!(
                "other users may read the file, and with it `{key}` in `[{section}]`",
                key,
                section = name
            );
            findings
                .push(RULE.at_value(place, message).with_help("take their right to read it away"));
            // One tells enough: it is about the file.
            return;
        }
    }
}

/// Says whether something else is put in the place of a value before MicroSIP reads it.
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
            "3: warning: other users may read the file, and with it `password` in `[Account1]`";
        check(&RULE, "[Account1]\nusername=a\npassword=b\n[Account2]\npassword=c\n", &[message]);
        let message =
            "2: warning: other users may read the file, and with it `cmdCallEnd` in `[Settings]`";
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
