//! `split-program-path`: program path that is split at a space.

use crate::event;
use crate::event::Target;
use crate::validate::context::Context;
use crate::validate::finding::Finding;
use crate::validate::hazards;
use crate::validate::quoting::{IntendedCommand, fix};
use crate::validate::rule::rule;

rule! {
    /// ## What it does
    /// Checks for `cmd...` keys whose program path contains a space and is no longer quoted when MicroSIP parses the command.
    ///
    /// ## Why is this bad?
    /// Windows strips the outer quotes when it reads the value. MicroSIP then treats everything before the first space as the program. It silently starts the wrong program, or none.
    ///
    /// ## Example
    /// ```ini
    /// [Settings]
    /// cmdCallEnd="C:\My Hooks\end.exe"
    /// ```
    ///
    /// ## Use instead
    /// ```ini
    /// [Settings]
    /// cmdCallEnd="C:\My Hooks\end.exe" call-end
    /// ```
    ///
    /// ## How to fix
    /// Put quotes around the program, and end the line with an argument without quotes, such as the name of the event.
    ///
    /// ## Fix safety
    /// Unsafe, because MicroSIP then starts another program than today. Puts quotes around the program that Windows doesn't strip. Before 3.21.6, a path with a space also needs an argument without quotes after it. If it's missing, the fix adds the name of the event, which the program gets as an argument. No fix is available if the path could end at more than one space.
    SplitProgramPath,
    on Document, requires HOOK,
    fix Sometimes
}

fn check(context: Context<'_>, findings: &mut Vec<Finding>) {
    for found in hazards::of(&RULE, context) {
        let started = found.argument("program");
        let written = found.entry().written();
        let meant = IntendedCommand::with_split_program(event::read_back(&written));
        // After the space, a file name without a folder may be an argument of the program.
        let is_one_path = meant.as_ref().is_none_or(|meant| {
            meant.program.get(started.len()..).is_some_and(|rest| rest.contains('\\'))
        });
        let target = found.explanation.target;
        let exists = matches!(target, Some(Target::File { .. }));
        if exists && !is_one_path {
            continue;
        }
        let fix = meant.and_then(|meant| {
            fix(&found, &meant, context.microsip).or_else(|| {
                let meant =
                    IntendedCommand::with_split_program_rejoined(event::read_back(&written))?;
                fix(&found, &meant, context.microsip)
            })
        });
        findings.push(found.finding().with_fix(fix));
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::validate::Safety;
    use crate::validate::rules::testing::{check, fixes, fixes_for};
    use microsip_schema::Version;

    const SPLIT: &str = "[Settings]\ncmdCallEnd=\"C:\\My Hooks\\a.bat\"\n";

    #[test]
    fn program_path_split_at_a_space_is_reported() {
        let message = r"2: error: `cmdCallEnd`: the program path is split at the space: MicroSIP starts `C:\My`";
        check(&RULE, SPLIT, &[message]);
        check(&RULE, "[Settings]\ncmdCallEnd=C:\\My Hooks\\a.bat\n", &[message]);
    }

    #[test]
    fn working_commands_are_not_reported() {
        for value in [r"C:\hooks\a.bat", r#""C:\My Hooks\a.bat" end"#, "", "\"\"", "notepad a.exe"]
        {
            check(&RULE, format!("[Settings]\ncmdCallEnd={value}\n"), &[]);
        }
        check(&RULE, "[Settings]\n", &[]);
    }

    #[test]
    fn unsafe_fix_adds_quotes_that_windows_keeps() {
        let doubled = "[Settings]\ncmdCallEnd=\"\"C:\\My Hooks\\a.bat\"\"\n";
        fixes(&RULE, Safety::Unsafe, SPLIT, doubled);
        let with_word = "[Settings]\ncmdCallEnd=C:\\My Hooks\\a.bat /x \"two words\" end\n";
        let quoted =
            "[Settings]\ncmdCallEnd=\"C:\\My Hooks\\a.bat\" /x \"\\\"two words\\\"\" end\n";
        fixes(&RULE, Safety::Unsafe, with_word, quoted);
        let both = "[Settings]\ncmdCallEnd=C:\\My Hooks\\a.bat C:\\my x\\b.txt end\n";
        fixes(&RULE, Safety::Safe, both, both);
        let quoted =
            "[Settings]\ncmdCallEnd=\"C:\\My Hooks\\a.bat\" \"\\\"C:\\my x\\b.txt\\\"\" end\n";
        fixes(&RULE, Safety::Unsafe, both, quoted);
        let two_ways = "[Settings]\ncmdCallEnd=C:\\My Hooks\\a.exe b.exe\n";
        fixes(&RULE, Safety::Unsafe, two_ways, two_ways);
    }

    #[test]
    fn file_after_the_space_is_an_argument_when_the_program_exists() {
        // msipctl doesn't know whether that program exists.
        let unsure = "[Settings]\ncmdCallEnd=C:\\tool x.bat end\n";
        check(
            &RULE,
            unsure,
            &[
                "2: error: `cmdCallEnd`: the program path is split at the space: MicroSIP starts `C:\\tool`",
            ],
        );
        fixes(&RULE, Safety::Safe, unsure, unsure);
        let quoted = "[Settings]\ncmdCallEnd=\"C:\\tool x.bat\" end\n";
        fixes(&RULE, Safety::Unsafe, unsure, quoted);
        // The program exists, or doesn't.
        check(&RULE, "[Settings]\ncmdCallEnd=C:\\open\\tool x.bat end\n", &[]);
        let missing = "[Settings]\ncmdCallEnd=C:\\missing x.bat end\n";
        let quoted = "[Settings]\ncmdCallEnd=\"C:\\missing x.bat\" end\n";
        fixes(&RULE, Safety::Unsafe, missing, quoted);
        // A file that exists where the path is split isn't the intended program.
        let other = "[Settings]\ncmdCallEnd=C:\\open x\\a.bat end\n";
        fixes(&RULE, Safety::Safe, other, other);
        fixes(&RULE, Safety::Unsafe, other, "[Settings]\ncmdCallEnd=\"C:\\open x\\a.bat\" end\n");
    }

    #[test]
    fn unsafe_fix_appends_an_argument_before_3_21_6() {
        let old = Version::new(3, 21, 3);
        fixes_for(&RULE, old, Safety::Safe, SPLIT, SPLIT);
        let longer = "[Settings]\ncmdCallEnd=\"C:\\My Hooks\\a.bat\" call-end\n";
        fixes_for(&RULE, old, Safety::Unsafe, SPLIT, longer);
    }
}
