//! Windows paths as text, without access to a disk.

/// Extensions of files that contain text for another program and can't be started directly.
const SCRIPTS: [&str; 11] =
    ["vbs", "vbe", "js", "jse", "wsf", "ps1", "py", "pyw", "ahk", "lnk", "url"];

/// Returns whether a path begins at a drive or a share, so that Windows doesn't search for it.
pub(super) fn is_full(path: &str) -> bool {
    let bytes = path.as_bytes();
    let has_drive = matches!(bytes, [drive, b':', b'\\' | b'/', ..] if drive.is_ascii_alphabetic());
    has_drive || path.starts_with(r"\\")
}

/// Returns whether no file can have this path: it contains a character that Windows doesn't allow, such as a quote, or a
/// colon that isn't after a drive letter.
pub(super) fn is_impossible(path: &str) -> bool {
    let has_letter =
        path.contains(|character: char| character < ' ' || "\"<>|*?".contains(character));
    let after_drive = path.strip_prefix(|first: char| first.is_ascii_alphabetic());
    let rest = after_drive.and_then(|rest| rest.strip_prefix(':')).unwrap_or(path);
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

/// Windows programs that are usually started by their names.
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

/// Returns whether a program belongs to Windows, determined only by its name.
pub(super) fn is_of_windows(program: &str) -> bool {
    let program = program.to_ascii_lowercase();
    OF_WINDOWS.contains(&program.strip_suffix(".exe").unwrap_or(&program))
}

/// Returns whether a path leads to a script, determined by its extension.
pub(super) fn is_script(path: &str) -> bool {
    let name = path.rsplit(['\\', '/']).next().unwrap_or(path);
    let extension = name.rsplit_once('.').map_or("", |(_, extension)| extension);
    SCRIPTS.iter().any(|script| extension.eq_ignore_ascii_case(script))
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
