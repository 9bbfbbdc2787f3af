//! Shells: programs that interpret characters of the caller ID.

use super::verb::Verb;
use crate::event::launch::arguments;

/// A shell that runs a command.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Shell {
    /// cmd.exe, which also runs batch files.
    Cmd,
    /// PowerShell that receives code instead of a file.
    PowerShell,
}

impl Shell {
    /// Returns the shell that a program and the parameters before the caller ID run.
    pub(super) fn of(verb: Verb, program: &str, own: &str) -> Option<Self> {
        if verb == Verb::Batch {
            return Some(Self::Cmd);
        }
        let name = program.rsplit(['\\', '/']).next().unwrap_or(program).to_ascii_lowercase();
        let own = arguments(own);
        let mut own = own.iter().map(|word| word.to_ascii_lowercase());
        match name.strip_suffix(".exe").unwrap_or(&name) {
            "cmd" => Some(Self::Cmd),
            "powershell" => {
                (!own.any(|word| is_flag(&word, &["file"]))).then_some(Self::PowerShell)
            }
            // `pwsh` treats its argument as a file unless a flag marks it as code.
            "pwsh" => {
                let code = ["commandwithargs", "cwa", "encodedcommand", "ec"];
                own.any(|word| is_flag(&word, &code)).then_some(Self::PowerShell)
            }
            _ => None,
        }
    }

    /// Returns the name of the shell.
    pub(super) fn name(self) -> &'static str {
        match self {
            Self::Cmd => "cmd.exe",
            Self::PowerShell => "PowerShell",
        }
    }

    /// Returns the characters that the shell interprets.
    pub(super) fn characters(self) -> &'static str {
        match self {
            Self::Cmd => "&|<>^%\"",
            Self::PowerShell => ";|&$(){}<>`'\"",
        }
    }
}

/// Returns whether a word is one of these flags of PowerShell, which accepts any prefix of the name of a flag.
fn is_flag(word: &str, flags: &[&str]) -> bool {
    word.strip_prefix(['-', '/'])
        .is_some_and(|flag| !flag.is_empty() && flags.iter().any(|it| it.starts_with(flag)))
}

/// Splits parameters as cmd.exe does for a batch file: whitespace, `,`, `;`, and `=` separate words outside quotes.
/// Quotes are kept. The characters that cmd.exe interprets are ignored.
pub(super) fn batch_arguments(parameters: &str) -> Vec<String> {
    let mut words = vec![String::new()];
    let mut is_quoted = false;
    for character in parameters.chars() {
        is_quoted ^= character == '"';
        match words.last_mut() {
            Some(word) if is_quoted || !" \t,;=".contains(character) => word.push(character),
            _ => words.push(String::new()),
        }
    }
    words.retain(|word| !word.is_empty());
    words
}

#[cfg(test)]
mod tests {
    use super::*;

    #[track_caller]
    fn check(program: &str, own: &str, expected: Option<Shell>) {
        assert_eq!(Shell::of(Verb::of(program), program, own), expected, "{program} {own}");
    }

    #[test]
    fn shells_are_recognized_by_name_and_flags() {
        check(r"C:\x\a.bat", "", Some(Shell::Cmd));
        check(r"C:\Windows\System32\CMD.EXE", "/c x", Some(Shell::Cmd));
        check("powershell", "-Command x", Some(Shell::PowerShell));
        check("powershell.exe", r"-NoProfile -File C:\x.ps1", None);
        check("pwsh.exe", r"-f C:\x.ps1", None);
        check("powershell", r"C:\x.ps1", Some(Shell::PowerShell));
        check("pwsh", r"-NoProfile C:\x.ps1", None);
        check("pwsh", "-c x", Some(Shell::PowerShell));
        check(r"C:\x\a.exe", "-Command x", None);
    }

    #[test]
    fn batch_file_arguments_keep_their_quotes() {
        assert_eq!(batch_arguments(r#"a,b;c=d "e f,g" "#), ["a", "b", "c", "d", r#""e f,g""#]);
    }
}
