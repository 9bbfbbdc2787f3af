//! `smart-punctuation`: typographic quotes and dashes.

use crate::validate::characters;
use crate::validate::context::{Context, EntryLocation};
use crate::validate::finding::Finding;
use crate::validate::fix::{Fix, Safety};
use crate::validate::rule::rule;
use microsip_schema::{Key, Kind};
use winini::Edit;

rule! {
    /// ## What it does
    /// Checks for typographic quotes and dashes in commands, and around numbers, fixed values, paths, and hosts.
    ///
    /// ## Why is this bad?
    /// Word processors, email programs, and chats turn `"` into curly quotes and `-` into dashes. Windows and other programs don't recognize them, so the hook starts nothing, or the value is invalid.
    ///
    /// ## Example
    /// ```ini
    /// [Settings]
    /// cmdCallEnd=“C:\My Hooks\end.exe” –quiet
    /// ```
    ///
    /// ## Use instead
    /// ```ini
    /// [Settings]
    /// cmdCallEnd="C:\My Hooks\end.exe" -quiet
    /// ```
    ///
    /// ## How to fix
    /// Replace them with straight quotes and hyphens, or delete them.
    ///
    /// ## Fix safety
    /// Removes quotes around a number or fixed value. Unsafe if MicroSIP reads another value than before; safe, for example, for an on/off setting that stays off. In commands, paths, and hosts, writes straight quotes and hyphens, or none. That is unsafe, because MicroSIP then starts or connects to something else.
    SmartPunctuation,
    on Known, requires NON_ASCII,
    fix Always
}

const QUOTES: [char; 10] = ['“', '”', '„', '‟', '«', '»', '‘', '’', '‚', '″'];

fn check(
    context: Context<'_>,
    (section, entry): EntryLocation<'_>,
    known: &'static Key,
    findings: &mut Vec<Finding>,
) {
    if !characters::has_beyond_ascii(context.document, entry.value_span()) {
        return;
    }
    let (key, written) = (entry.key(), entry.written());
    let inner = written.trim_matches(QUOTES);
    let is_wrapped = inner.len() < written.len() && written.starts_with(QUOTES);
    let is_address = matches!(known.name(), "domain" | "server" | "username" | "authID" | "proxy");
    let (safety, text) = match known.kind() {
        Kind::Command => (Safety::Unsafe, straight(&written)),
        Kind::Switch(_) | Kind::Number { .. } | Kind::Choice(_) | Kind::Codecs | Kind::Ports
            if is_wrapped && known.check(inner, context.microsip).is_ok() =>
        {
            (Safety::Safe, inner.to_owned())
        }
        Kind::Path if is_wrapped => (Safety::Unsafe, inner.to_owned()),
        Kind::Text | Kind::List if is_wrapped && is_address => (Safety::Unsafe, inner.to_owned()),
        _ => return,
    };
    if text == *written {
        return;
    }
    let message = message!("`{key}` contains typographic quotes or dashes", key);
    let edit = Edit::ReplaceValue { line: entry.line(), text };
    let title = "replace them with plain characters";
    let fix = Fix::edits(safety, title, vec![edit]);
    findings.push(RULE.at_value((section, entry), message).with_fix(fix));
}

/// Writes straight quotes around words, and hyphens where an option starts.
fn straight(command: &str) -> String {
    let characters: Vec<char> = command.chars().collect();
    let mut text = String::new();
    for (at, character) in characters.iter().enumerate() {
        let before = at.checked_sub(1).and_then(|at| characters.get(at));
        let after = characters.get(at + 1);
        let is_end = |it: Option<&char>| it.is_none_or(|it| *it == ' ');
        let begins = is_end(before) && after.is_some_and(|it| it.is_alphanumeric());
        match character {
            '“' | '”' | '„' | '‟' | '″' => text.push('"'),
            '–' | '−' if begins => text.push('-'),
            '—' if begins => text.push_str("--"),
            _ => text.push(*character),
        }
    }
    text
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::validate::rules::testing::{check, fixes};

    #[test]
    fn smart_punctuation_is_reported_in_values_parsed_by_programs() {
        let before =
            "[Settings]\nDND=“1”\ncmdCallEnd=„C:\\a b\\x.exe“ –q —all\n[Account1]\ndomain=‘x’\n";
        let message = "contains typographic quotes or dashes";
        check(
            &RULE,
            before,
            &[
                &format!("2: error: `DND` {message}"),
                &format!("3: error: `cmdCallEnd` {message}"),
                &format!("5: error: `domain` {message}"),
            ],
        );
        fixes(&RULE, Safety::Safe, before, before);
        // Off, with the quotes and without them.
        fixes(&RULE, Safety::Safe, "[Settings]\nDND=“0”\n", "[Settings]\nDND=0\n");
        let all =
            "[Settings]\nDND=1\ncmdCallEnd=\"C:\\a b\\x.exe\" -q --all\n[Account1]\ndomain=x\n";
        fixes(&RULE, Safety::Unsafe, before, all);
    }

    #[test]
    fn smart_punctuation_in_names_and_paths_is_not_reported() {
        check(
            &RULE,
            "[Settings]\ncmdCallEnd=C:\\Anna’s – x\\a.exe\n[Account1]\nlabel=“x”\ndisplayName=A – B\npassword=“x”\n",
            &[],
        );
    }
}
