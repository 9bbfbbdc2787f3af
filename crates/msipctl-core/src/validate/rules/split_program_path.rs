//! `split-program-path`: a program whose path is torn at its blank.

use crate::event;
use crate::event::Target;
use crate::validate::context::Context;
use crate::validate::finding::Finding;
use crate::validate::hazards;
use crate::validate::quoting::{IntendedCommand, fix};
use crate::validate::rule::rule;

rule! {
    /// ## What it does
    /// A `cmd...` key whose program has a blank in its path that no quotes hold together when MicroSIP splits the command.
    ///
    /// ## Why is this bad?
    /// Windows drops one pair of quotes round a value on reading. MicroSIP then takes what stands in front of the first blank for the program: it starts nothing, or something else, and says nothing.
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
    /// An unsafe fix puts quotes around the program and keeps them from being dropped: MicroSIP then starts another program than today. Before 3.21.6, a path with a space and no word without quotes after it needs one, so the fix also adds the name of the event, which the program gets as an argument. Nothing is changed where the path can have been meant to end at more than one space.
    SplitProgramPath,
    on Document, requires HOOK,
    fix Sometimes
}

fn check(context: Context<'_>, findings: &mut Vec<Finding>) {
    for found in hazards::of(&RULE, context) {
        let starts = found.argument("starts");
        let written = found.entry().written();
        let meant = IntendedCommand::with_split_program(event::read_back(&written));
        // Behind a program's blank a file without folder may as well be its argument.
        let goes_on = meant.as_ref().is_none_or(|meant| {
            meant.program.get(starts.len()..).is_some_and(|rest| rest.contains('\\'))
        });
        let target = found.explanation.target;
        let is_there = matches!(target, Some(Target::File { .. }));
        if is_there && !goes_on {
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

    const TORN: &str = "[Settings]\ncmdCallEnd=\"C:\\My Hooks\\a.bat\"\n";

    #[test]
    fn program_path_split_at_a_space_is_reported() {
        let message =
            r"2: error: `cmdCallEnd`: the path is torn at its blank, MicroSIP starts `C:\My`";
        check(&RULE, TORN, &[message]);
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
        fixes(&RULE, Safety::Unsafe, TORN, doubled);
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
        // Whether that is there is not known.
        let unsure = "[Settings]\ncmdCallEnd=C:\\tool x.bat end\n";
        check(
            &RULE,
            unsure,
            &["2: error: `cmdCallEnd`: the path is torn at its blank, MicroSIP starts `C:\\tool`"],
        );
        fixes(&RULE, Safety::Safe, unsure, unsure);
        let quoted = "[Settings]\ncmdCallEnd=\"C:\\tool x.bat\" end\n";
        fixes(&RULE, Safety::Unsafe, unsure, quoted);
        // It is there, or is not.
        check(&RULE, "[Settings]\ncmdCallEnd=C:\\open\\tool x.bat end\n", &[]);
        let missing = "[Settings]\ncmdCallEnd=C:\\missing x.bat end\n";
        let quoted = "[Settings]\ncmdCallEnd=\"C:\\missing x.bat\" end\n";
        fixes(&RULE, Safety::Unsafe, missing, quoted);
        // A file that stands where a path is torn is none that was meant.
        let other = "[Settings]\ncmdCallEnd=C:\\open x\\a.bat end\n";
        fixes(&RULE, Safety::Safe, other, other);
        fixes(&RULE, Safety::Unsafe, other, "[Settings]\ncmdCallEnd=\"C:\\open x\\a.bat\" end\n");
    }

    #[test]
    fn unsafe_fix_appends_an_argument_before_3_21_6() {
        let old = Version::new(3, 21, 3);
        fixes_for(&RULE, old, Safety::Safe, TORN, TORN);
        let longer = "[Settings]\ncmdCallEnd=\"C:\\My Hooks\\a.bat\" call-end\n";
        fixes_for(&RULE, old, Safety::Unsafe, TORN, longer);
    }
}
