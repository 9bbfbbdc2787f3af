//! Describes how Windows opens a file that MicroSIP starts.

use std::fmt;

/// How Windows opens a file by its type.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Verb {
    /// Runs the program.
    Run,
    /// Runs the batch file with cmd.exe.
    Batch,
    /// Runs the script with the script host.
    Script,
    /// Follows the shortcut.
    Link,
    /// Opens the script in an editor.
    Editor,
    /// Opens the address. Parameters aren't added to it.
    Browser,
    /// Searches for a program with this name and any known extension.
    Search,
    /// Opens the file with the program that is associated with its type.
    Association,
}

/// The extensions that Windows adds to a path without an extension, in this order.
pub(super) const COMPLETIONS: [&str; 6] = [".pif", ".com", ".exe", ".bat", ".lnk", ".cmd"];

impl Verb {
    /// Returns how the file at this path is opened.
    pub(super) fn of(program: &str) -> Self {
        if is_address(program) {
            return Self::Browser;
        }
        let name = program.rsplit(['\\', '/']).next().unwrap_or(program);
        let Some((_, extension)) = name.rsplit_once('.') else { return Self::Search };
        match extension.to_ascii_lowercase().as_str() {
            "exe" | "com" | "pif" | "scr" => Self::Run,
            "bat" | "cmd" => Self::Batch,
            "vbs" | "vbe" | "js" | "jse" | "wsf" => Self::Script,
            "lnk" => Self::Link,
            "ps1" => Self::Editor,
            _ => Self::Association,
        }
    }

    /// Returns the name in JSON.
    pub fn name(self) -> &'static str {
        match self {
            Self::Run => "run",
            Self::Batch => "batch",
            Self::Script => "script",
            Self::Link => "link",
            Self::Editor => "editor",
            Self::Browser => "browser",
            Self::Search => "search",
            Self::Association => "association",
        }
    }

    /// Returns whether the started program receives the parameters.
    pub(super) fn takes_parameters(self) -> bool {
        !matches!(self, Self::Editor | Self::Browser)
    }
}

impl fmt::Display for Verb {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::Run => "is run",
            Self::Batch => "is run by cmd.exe",
            Self::Script => "is run by the script host",
            Self::Link => "is followed as a shortcut",
            Self::Editor => "is opened in an editor",
            Self::Browser => "is opened in the browser",
            Self::Search => "is searched for as .com, .exe, .bat, .lnk, or .cmd",
            Self::Association => "is opened with the program that Windows is set to use",
        })
    }
}

/// Returns whether a text begins with a scheme, which is longer than a drive letter.
fn is_address(text: &str) -> bool {
    let scheme = text.split_once(':').map_or("", |(scheme, _)| scheme);
    scheme.len() > 1
        && scheme.starts_with(|first: char| first.is_ascii_alphabetic())
        && scheme.bytes().all(|byte| byte.is_ascii_alphanumeric() || b"+-.".contains(&byte))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn verb_depends_on_the_file_extension() {
        for (program, verb) in [
            (r"C:\a b\x.EXE", Verb::Run),
            (r"C:\a.d\x.cmd", Verb::Batch),
            ("x.vbs", Verb::Script),
            ("x.lnk", Verb::Link),
            (r"C:\x.ps1", Verb::Editor),
            ("https://example.com/a.exe", Verb::Browser),
            ("mailto:x", Verb::Browser),
            (r"C:\a.d\tool", Verb::Search),
            ("x.py", Verb::Association),
        ] {
            assert_eq!(Verb::of(program), verb, "{program}");
        }
    }
}
