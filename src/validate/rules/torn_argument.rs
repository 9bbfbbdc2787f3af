//! `torn-argument`: an argument that falls apart at its blank.

use crate::event;
use crate::validate::quoting;
use crate::validate::rule::rule;
use crate::validate::{Context, Finding};

rule! {
    /// ## What it checks
    /// A path with a blank among the arguments of a `cmd...` key, in quotes that MicroSIP drops.
    ///
    /// ## Why it matters
    /// MicroSIP splits the command, and joins the words again without their quotes. The program then gets half a path, and the rest as another argument.
    ///
    /// ## Example
    /// ```ini
    /// [Settings]
    /// cmdCallEnd="C:\Py 3\python.exe" "C:\my x\end.py" call-end
    /// ```
    ///
    /// ## Instead
    /// ```ini
    /// [Settings]
    /// cmdCallEnd="C:\Py 3\python.exe" "\"C:\my x\end.py\"" call-end
    /// ```
    ///
    /// ## Fix
    /// An unsafe fix puts escaped quotes within the quotes: MicroSIP then starts another command than today. Before 3.21.6, a path with a space and no word without quotes after it needs one, so the fix also adds the name of the event, which the program gets as an argument.
    "torn-argument", "argument that falls apart at its blank", Error, Hooks, since "0.1.0",
    where HOOK | UNKNOWN_KEY
}

fn check(context: Context<'_>, findings: &mut Vec<Finding>) {
    const HELP: &str = r#"quotes within the quotes hold it: "\"C:\my x\a.py\"""#;
    findings.extend(quoting::found(&RULE, context, HELP, event::read_back));
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::validate::Safety;
    use crate::validate::rules::testing::{check, mends};

    #[test]
    fn a_path_in_quotes_is_found_and_escaped() {
        let torn = "[Settings]\ncmdCallEnd=C:\\py.exe \"C:\\my x\\h.py\"\n";
        let message = r"2: error: `cmdCallEnd`: the argument `C:\my x\h.py` is torn at its blank";
        check(&RULE, torn, &[message]);
        let held = "[Settings]\ncmdCallEnd=C:\\py.exe \"\\\"C:\\my x\\h.py\\\"\"\n";
        check(&RULE, held, &[]);
        mends(&RULE, Safety::Unsafe, torn, held);
    }

    #[test]
    fn arguments_with_quotes_of_their_own_are_left() {
        let torn = "[Settings]\ncmdCallEnd=C:\\a.exe \"\\\"x y\\\"\" \"C:\\my x\\h.py\" end\n";
        mends(&RULE, Safety::Unsafe, torn, torn);
    }
}
