//! Windows paths as texts: what can be told of one without a disk.

/// Endings of files that hold text for another program, and are not started themselves.
const SCRIPTS: [&str; 11] =
    ["vbs", "vbe", "js", "jse", "wsf", "ps1", "py", "pyw", "ahk", "lnk", "url"];

/// Says whether a path begins at a drive or a share, so that nothing is looked for.
pub(super) fn is_full(path: &str) -> bool {
    let bytes = path.as_bytes();
    let has_drive = matches!(bytes, [drive, b':', b'\\' | b'/', ..] if drive.is_ascii_alphabetic());
    has_drive || path.starts_with(r"\\")
}

/// Says whether no file can have this name, so that nothing needs to be looked for: it has a letter that Windows
/// allows in none, a quote above all, or a colon behind more than the letter of a drive.
pub(super) fn is_impossible(path: &str) -> bool {
    let has_letter =
        path.contains(|character: char| character < ' ' || "\"<>|*?".contains(character));
    let behind_drive = path.strip_prefix(|first: char| first.is_ascii_alphabetic());
    let rest = behind_drive.and_then(|rest| rest.strip_prefix(':')).unwrap_or(path);
    has_letter && !path.starts_with(r"\\?\") || !is_full(path) && rest.contains(':')
}

/// Returns the name of a program from its path, without the extension `.exe`.
pub(super) fn program_name(path: &str) -> &str {
    let name = path.rsplit(['\\', '/']).next().unwrap_or(path);
    let start = name.len().saturating_sub(4);
    match name.get(start..) {
        Some(extension) if extension.eq_ignore_ascii_case(".exe") => &name[..start],
        _ => name,
    }
}

/// Programs of Windows that are commonly started by their names.
const OF_WINDOWS: [&str; 12] = [
    "cmd",
    "cscript",
    "curl",
    "explorer",
    "msg",
    "mshta",
    "notepad",
    "powershell",
    "rundll32",
    "schtasks",
    "taskkill",
    "wscript",
];

/// Says whether a program is one of Windows, by its name alone.
pub(super) fn is_of_windows(program: &str) -> bool {
    let program = program.to_ascii_lowercase();
    OF_WINDOWS.contains(&program.strip_suffix(".exe").unwrap_or(&program))
}

/// Says whether a path names a script, by its ending.
pub(super) fn is_script(path: &str) -> bool {
    let name = path.rsplit(['\\', '/']).next().unwrap_or(path);
    let ending = name.rsplit_once('.').map_or("", |(_, ending)| ending);
    SCRIPTS.iter().any(|script| ending.eq_ignore_ascii_case(script))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn impossible_file_names_are_recognized() {
        for path in [r"'C:\a.exe'", "C:\\a.exe\"", "a<b.exe", "a\tb", r"xyz:\a.exe", r"C:\*.exe"] {
            assert!(is_impossible(path), "{path}");
        }
        for path in [
            r"C:\it's.exe",
            r"C:a.exe",
            "tool",
            r"\\h\s\a.exe",
            r"\\?\C:\a.exe",
            "D:/a.exe",
            "é.exe",
        ] {
            assert!(!is_impossible(path), "{path}");
        }
    }

    #[test]
    fn scripts_are_recognized_by_file_extension() {
        assert!(is_script(r"C:\a\b.PS1") && is_script("x.py"));
        assert!(!is_script(r"C:\a.py\b.exe") && !is_script(r"C:\py") && !is_script(r"C:\x.bat"));
    }
}
