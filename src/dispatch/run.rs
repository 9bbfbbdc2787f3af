//! Run: a program, without a shell.

use std::path::Path;

use super::Outcome;
use super::call::Call;
use super::start;
use crate::event::Text;

/// Programs that take their arguments for commands.
const SHELLS: [&str; 9] =
    ["cmd", "command", "powershell", "pwsh", "sh", "bash", "wsl", "mshta", "wscript"];

/// Starts a program and does not wait for it. To batch files and shells, values bring only characters on
/// which these cannot act; a remark names what was dropped.
pub(super) fn run(call: &Call, program: &str, arguments: &[Text]) -> Outcome {
    let path = Path::new(program);
    if !path.is_absolute() {
        return Err(format!("`{program}` is no full path"));
    }
    let is_shell = is_shell(program);
    let filled: Vec<_> = arguments
        .iter()
        .map(|text| if is_shell { call.filled(text, harmless) } else { call.plain(text) })
        .collect();
    start::start(path, &filled).map_err(|error| format!("`{program}`: {error}"))?;
    let is_same = arguments.iter().zip(&filled).all(|(text, filled)| call.plain(text) == *filled);
    let dropped = "characters of the caller's text that a shell acts on were dropped";
    Ok((!is_same).then(|| dropped.to_owned()))
}

/// Says whether Windows would start a shell: by the ending of a batch file, or by the program's name. Dots
/// and blanks at the end of a name count not.
fn is_shell(program: &str) -> bool {
    let name = program.rsplit(['/', '\\']).next().unwrap_or(program);
    let name = name.trim_end_matches(['.', ' ']).to_ascii_lowercase();
    let (stem, ending) = name.rsplit_once('.').unwrap_or((&name, ""));
    matches!(ending, "bat" | "cmd") || SHELLS.contains(&stem)
}

/// Keeps letters and digits, which no shell acts on, and what numbers and addresses are made of: blank
/// (arguments are quoted), `+` `-` `_` `.` `:` `@` `/` `#` `*`. None of these ends a word or a quotation,
/// joins commands, redirects or names a variable. So no quotes, `&|<>^%!()=,;` `~` `` ` `` `$` and the like.
fn harmless(value: &str) -> String {
    let kept = |letter: &char| letter.is_alphanumeric() || " +-_.:@/#*".contains(*letter);
    value.chars().filter(kept).collect()
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::dispatch::call::testing::call;

    #[test]
    fn shells_are_known_by_ending_and_name() {
        for program in [r"C:\a\x.bat", r"C:\x.CMD. ", r"C:\Windows\System32\cmd.exe", "/bin/sh"] {
            assert!(is_shell(program), "{program}");
        }
        for program in [r"C:\a.bat\x.exe", r"C:\cmdx.exe"] {
            assert!(!is_shell(program), "{program}");
        }
    }

    #[test]
    fn what_a_shell_acts_on_is_dropped() {
        assert_eq!(harmless("+49 30 \"x\" & calc %PATH% ^|!$(`~"), "+49 30 x  calc PATH ");
    }

    #[test]
    fn a_program_without_full_path_is_refused() {
        assert!(run(&call("1"), "calc.exe", &[]).is_err());
    }
}
