//! Finds paths in the arguments of a command that are split into several arguments at a space.
//!
//! Neither Windows nor MicroSIP knows where a path ends: a space outside quotes ends an argument, and MicroSIP removes one
//! pair of quotes. A path counts as split if an argument begins like a path and has no extension, and one of the next
//! arguments without quotes has one.

use super::launch::{arguments, raw_arguments};
use super::path::program_name;

/// A path that becomes several arguments.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct SplitPath {
    /// The intended path with its spaces.
    pub(super) path: String,
    /// The indexes of the first and the last word of the path, as [`split`](super::split) counts them.
    pub(super) words: (usize, usize),
    /// Whether no other interpretation is possible.
    pub(super) is_certain: bool,
    /// Whether the program reads the rest of the command line as code in its own language, so that quotes for one argument
    /// don't help.
    pub(super) is_code: bool,
}

/// Extensions that mark the end of a path.
const EXTENSIONS: [&str; 79] = [
    "ahk", "au3", "bash", "bat", "bmp", "cer", "cfg", "class", "cmd", "com", "conf", "cpl", "csv",
    "dat", "db", "dll", "doc", "docx", "exe", "gif", "hta", "htm", "html", "ico", "ini", "jar",
    "jpeg", "jpg", "js", "jse", "json", "jsonl", "key", "lnk", "log", "lua", "m4a", "md", "mjs",
    "cjs", "mp3", "mp4", "msc", "msi", "ndjson", "ocx", "ogg", "pdf", "pem", "php", "pif", "pl",
    "png", "ps1", "psd1", "psm1", "py", "pyc", "pyw", "pyz", "rb", "reg", "rtf", "scr", "sh",
    "sql", "sqlite", "toml", "ts", "tsv", "txt", "url", "vbe", "vbs", "wav", "wma", "wsf", "wsh",
    "xml",
];

/// Programs that use the first path in their arguments as a script or a library, and the extensions of these files.
const RUNNERS: [(&str, &[&str]); 22] = [
    ("autohotkey", &["ahk"]),
    ("autoit3", &["au3"]),
    ("bash", &["sh", "bash"]),
    ("cmd", &["bat", "cmd", "exe", "com", "vbs", "lnk"]),
    ("cscript", &["vbs", "vbe", "js", "jse", "wsf", "wsh"]),
    ("java", &["jar"]),
    ("javaw", &["jar"]),
    ("mshta", &["hta", "htm", "html"]),
    ("node", &["js", "mjs", "cjs", "ts"]),
    ("perl", &["pl"]),
    ("php", &["php"]),
    ("powershell", &["ps1"]),
    ("pwsh", &["ps1"]),
    ("py", &["py", "pyw", "pyc", "pyz"]),
    ("python", &["py", "pyw", "pyc", "pyz"]),
    ("pythonw", &["py", "pyw", "pyc", "pyz"]),
    ("regsvr32", &["dll", "ocx"]),
    ("ruby", &["rb"]),
    ("rundll32", &["dll", "cpl"]),
    ("sh", &["sh", "bash"]),
    ("wscript", &["vbs", "vbe", "js", "jse", "wsf", "wsh"]),
    ("wsl", &["sh", "bash"]),
];

/// Finds the split paths of a command as MicroSIP reads it.
pub(super) fn split_paths(value: &str) -> Vec<SplitPath> {
    let raw = raw_arguments(value);
    let Some((program, rest)) = raw.split_first() else { return Vec::new() };
    let runner = Runner::of(program, rest);
    let words = runner.words(rest);
    let mut found: Vec<SplitPath> = Vec::new();
    let mut index = 0;
    // A program runs one script. The text after it is the arguments of the script.
    let mut has_script = false;
    while let Some(word) = words.get(index) {
        match runner.split_at(&words, index, has_script) {
            Some((path, end)) => {
                has_script = true;
                found.push(path);
                index = end + 1;
            }
            None => {
                has_script |= runner.path_start(&word.text).is_some();
                index += 1;
            }
        }
    }
    found
}

/// Returns the words of a command with each path that is certainly split rejoined. Returns `None` if no path is split, or
/// if the path would need the quotes of another language.
pub(super) fn rejoined(value: &str) -> Option<Vec<String>> {
    let paths: Vec<_> = split_paths(value).into_iter().filter(|path| path.is_certain).collect();
    if paths.is_empty() || paths.iter().any(|path| path.is_code) {
        return None;
    }
    let mut words = Vec::new();
    let mut paths = paths.into_iter().peekable();
    for (index, word) in super::launch::split(value).into_iter().enumerate() {
        match paths.peek().map(|path| path.words) {
            Some((first, last)) if (first..=last).contains(&index) => {
                if index == last {
                    words.extend(paths.next().map(|path| path.path));
                }
            }
            _ => words.push(word),
        }
    }
    Some(words)
}

/// A word of a command.
struct Argument {
    text: String,
    /// Whether the written word contains no quote.
    is_bare: bool,
    /// The index of the word in the command.
    index: usize,
}

/// How a program uses paths in its arguments.
struct Runner {
    name: String,
    scripts: &'static [&'static str],
    /// Whether the program supports Unix paths.
    is_unix: bool,
    /// Whether the arguments are code in the program's own language, in which the quotes for MicroSIP have no meaning.
    is_code: bool,
}

impl Runner {
    fn of(program: &str, rest: &[&str]) -> Self {
        let name = program_name(program.trim_matches('"')).to_ascii_lowercase();
        let base =
            name.trim_end_matches(|character: char| character.is_ascii_digit() || character == '.');
        let known = |name: &str| RUNNERS.iter().find(|(runner, _)| *runner == name);
        let scripts = known(&name).or_else(|| known(base)).map_or(&[][..], |(_, scripts)| scripts);
        let is_unix = matches!(name.as_str(), "bash" | "sh" | "wsl" | "zsh" | "dash");
        let has_flag = |flags: &[&str]| {
            let mut words = rest.iter().map(|word| word.to_ascii_lowercase());
            words.any(|word| {
                let flag = word.strip_prefix(['-', '/']).unwrap_or_default();
                !flag.is_empty() && flags.iter().any(|known| known.starts_with(flag))
            })
        };
        let is_code = match name.as_str() {
            "cmd" => true,
            "powershell" => !has_flag(&["file"]),
            "pwsh" => {
                has_flag(&["command", "commandwithargs", "encodedcommand"]) && !has_flag(&["file"])
            }
            "mshta" => rest.first().is_some_and(|word| word.contains("script:")),
            _ => is_unix && has_flag(&["c"]),
        };
        Self { name, scripts, is_unix, is_code }
    }

    /// Returns the words to check: those of the command, and those inside quotes if quotes have no meaning.
    fn words(&self, rest: &[&str]) -> Vec<Argument> {
        let mut words = Vec::new();
        for (index, raw) in rest.iter().enumerate() {
            let index = index + 1;
            let is_bare = !raw.contains('"');
            let text = match is_bare {
                true => (*raw).to_owned(),
                // As MicroSIP reads the word before it joins the words.
                false => super::launch::split(&format!("x {raw}")).into_iter().skip(1).collect(),
            };
            if self.is_code && !is_bare && !text.contains('"') {
                let inner = text.split([' ', '\t']).filter(|word| !word.is_empty());
                words.extend(inner.map(|word| Argument {
                    text: word.to_owned(),
                    is_bare: true,
                    index,
                }));
            } else {
                words.push(Argument { text, is_bare, index });
            }
        }
        words
    }

    /// Returns the split path that begins in a word, and the last word of the path.
    fn split_at(
        &self,
        words: &[Argument],
        index: usize,
        has_script: bool,
    ) -> Option<(SplitPath, usize)> {
        let word = &words[index];
        let start = self.path_start(&word.text)?;
        let path = |path: String, last: usize, is_certain: bool| SplitPath {
            path,
            words: (word.index, words[last].index),
            is_certain,
            is_code: self.is_code,
        };
        if !word.is_bare {
            // Quotes keep the path in one argument until MicroSIP removes them.
            let is_split = word.text.contains([' ', '\t']) && arguments(&word.text).len() > 1;
            return is_split.then(|| (path(word.text.clone(), index, true), index));
        }
        let begin = &word.text[start..];
        let is_quoted = begin.starts_with('\'');
        if is_quoted && (self.is_code || begin.len() > 1 && begin.ends_with('\'')) {
            return None;
        }
        if !is_quoted && (has_extension(begin) || begin.ends_with(['\\', '/', ':'])) {
            return None;
        }
        let mut joined = word.text.clone();
        let mut has_separator = false;
        for (last, next) in words.iter().enumerate().skip(index + 1) {
            if !next.is_bare || self.begins_other(&next.text) {
                return None;
            }
            joined.push(' ');
            joined.push_str(&next.text);
            has_separator |= next.text.contains(['\\', '/']);
            let is_program_files =
                last == index + 1 && ends_as(begin, "Program") && starts_as(&next.text, "Files\\");
            let is_end = match is_quoted {
                true => next.text.ends_with('\''),
                false => has_known_extension(&next.text),
            };
            if is_end {
                let is_script = !has_script && self.is_script(words, index, &next.text);
                let is_certain = is_quoted || has_separator || is_script;
                return Some((path(joined, last, is_certain), last));
            }
            if is_program_files
                && words.get(last + 1).is_none_or(|next| self.begins_other(&next.text))
            {
                return Some((path(joined, last, true), last));
            }
        }
        None
    }

    /// Returns where a path begins in a word: at its start, or after `=`, `>`, or the name of an option.
    fn path_start(&self, word: &str) -> Option<usize> {
        let after = |sign: char| word.find(sign).map(|at| at + 1);
        let is_option = word.starts_with(['-', '/']);
        let redirect = word.find(|character: char| {
            !character.is_ascii_digit() && character != '>' && character != '<'
        });
        let redirect = redirect.filter(|at| word[..*at].contains(['>', '<']));
        let starts = [Some(0), after('=').filter(|_| !word.contains("://")), redirect]
            .into_iter()
            .chain([after(':').filter(|_| is_option), after('@').filter(|at| *at == 1)]);
        let mut starts = starts.flatten();
        starts.find(|start| self.is_rooted(word[*start..].trim_start_matches('\'')))
    }

    /// Returns whether a text begins like a path: with a drive, a share, a variable, or the current folder.
    fn is_rooted(&self, text: &str) -> bool {
        let bytes = text.as_bytes();
        let is_drive =
            matches!(bytes, [drive, b':', b'\\' | b'/', ..] if drive.is_ascii_alphabetic());
        let is_share = matches!(bytes, [b'\\', b'\\', other, ..] if *other != b'\\');
        let is_current = [".\\", "./", "..\\", "../"].iter().any(|start| text.starts_with(start));
        let is_variable = text.strip_prefix('%').and_then(|rest| rest.split_once('%')).is_some_and(
            |(name, rest)| !name.is_empty() && !name.contains(' ') && rest.starts_with(['\\', '/']),
        );
        let is_unix = self.is_unix
            && (text.starts_with("~/")
                || text.strip_prefix('/').is_some_and(|rest| rest.contains('/')));
        is_drive || is_share || is_current || is_variable || is_unix
    }

    /// Returns whether a word can't continue the path before it.
    fn begins_other(&self, word: &str) -> bool {
        let is_operator = match word {
            "-" => return false,
            "&" => return self.is_code || self.is_unix,
            _ => word.starts_with(['&', '|', '>', '<', '^']),
        };
        is_operator
            || word.starts_with(['-', '/', '{', '%', '$', '"', '='])
            || word.contains("://")
            || word.contains('=')
            || self.path_start(word).is_some()
    }

    /// Returns whether the program runs the path that begins in a word and has this end as a script.
    fn is_script(&self, words: &[Argument], index: usize, end: &str) -> bool {
        let is_after_switch = || {
            let before = index.checked_sub(1).map(|before| words[before].text.to_ascii_lowercase());
            before.is_some_and(|before| matches!(before.as_str(), "/c" | "/k" | "/s" | "call"))
        };
        let ends = self
            .scripts
            .iter()
            .any(|script| extensions(end).any(|it| it.eq_ignore_ascii_case(script)));
        ends && (self.name != "cmd" || is_after_switch())
    }
}

/// Returns the possible extensions of a path: that of the complete path, and that before a comma, a semicolon, or a quote.
fn extensions(path: &str) -> impl Iterator<Item = &str> {
    let end = path.find([',', ';', '\'', '|', '>', ')']).unwrap_or(path.len());
    [path, &path[..end]].into_iter().filter_map(|path| {
        let name = path.rsplit(['\\', '/']).next().unwrap_or(path);
        let (stem, extension) = name.rsplit_once('.')?;
        (!stem.is_empty()).then_some(extension)
    })
}

fn has_known_extension(path: &str) -> bool {
    extensions(path).any(|it| EXTENSIONS.iter().any(|known| known.eq_ignore_ascii_case(it)))
}

/// Returns whether a path ends with text like an extension, known or not. A number doesn't count.
fn has_extension(path: &str) -> bool {
    extensions(path).any(|it| {
        (1..=5).contains(&it.len())
            && it.bytes().all(|byte| byte.is_ascii_alphanumeric())
            && it.bytes().any(|byte| byte.is_ascii_alphabetic())
    })
}

fn ends_as(text: &str, end: &str) -> bool {
    let at = text.len().checked_sub(end.len());
    at.and_then(|at| text.get(at..)).is_some_and(|suffix| suffix.eq_ignore_ascii_case(end))
}

fn starts_as(text: &str, start: &str) -> bool {
    text.get(..start.len()).is_some_and(|head| head.eq_ignore_ascii_case(start))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::event::split;
    use proptest::prelude::*;

    #[track_caller]
    fn check(value: &str, expected: &[&str]) {
        let found: Vec<_> = split_paths(value)
            .into_iter()
            .map(|path| if path.is_certain { path.path } else { format!("{} ?", path.path) })
            .collect();
        assert_eq!(found, expected, "{value}");
    }

    #[test]
    fn unquoted_script_paths_are_reported_for_every_runner() {
        for runner in [
            "powershell.exe -NoProfile -File",
            "pwsh -f",
            "python",
            r"C:\Python312\python3.exe -u",
            "py -3",
            "wscript.exe //B",
            "cscript //nologo",
            "cmd.exe /c",
            "cmd /d /c",
            "node",
            "php.exe -f",
            "java -jar",
            "rundll32",
            "mshta",
            r"C:\AutoHotkey\AutoHotkey64.exe",
            r"C:\tools\any.exe",
        ] {
            for path in [
                r"C:\Users\Rep One\b.ps1",
                r"C:\Users\J. Doe\my hooks v1.2\b.py",
                r"\\srv\my share\b.vbs",
                r"%USERPROFILE%\My Hooks\b.bat",
                r".\my hooks\b.js",
                "D:/my hooks/b.php",
                r"C:\App - Copy\b.jar",
                r"C:\Program Files\App\b.dll",
            ] {
                check(&format!("{runner} {path} start"), &[path]);
                check(&format!("{runner} {path}"), &[path]);
            }
        }
        check(r"rundll32.exe C:\My App\a.dll,Entry x", &[r"C:\My App\a.dll,Entry"]);
        check("bash.exe /mnt/c/my hooks/a.sh start", &["/mnt/c/my hooks/a.sh"]);
        check("wsl -e ~/my hooks/a.sh", &["~/my hooks/a.sh"]);
    }

    #[test]
    fn split_paths_in_options_and_redirections_are_reported() {
        check(r"a.exe --log=C:\My Logs\a.log x", &[r"--log=C:\My Logs\a.log"]);
        check(r"a.exe /out:C:\My Logs\a.txt", &[r"/out:C:\My Logs\a.txt"]);
        check(r"cmd /c echo x >>C:\My Logs\a.txt", &[r">>C:\My Logs\a.txt"]);
        check(r"cmd /c echo x >> C:\My Logs\a.txt", &[r"C:\My Logs\a.txt"]);
        check(r"a.exe C:\my x\a.txt C:\my y\b.txt", &[r"C:\my x\a.txt", r"C:\my y\b.txt"]);
        check(r"a.exe C:\Program Files\Vendor -v", &[r"C:\Program Files\Vendor"]);
    }

    #[test]
    fn paths_in_quotes_that_microsip_strips_are_reported() {
        check(r#"C:\py.exe "C:\my x\h.py" end"#, &[r"C:\my x\h.py"]);
        check(r#"C:\py.exe "C:\my x" end"#, &[r"C:\my x"]);
        check(r#"a.exe "--log=C:\my x\a.log" end"#, &[r"--log=C:\my x\a.log"]);
        check(r#"a.exe --log="C:\my x\a.log" end"#, &[r"--log=C:\my x\a.log"]);
        check(r"python 'C:\my x\h.py' end", &[r"'C:\my x\h.py'"]);
        check(r#"cmd /c "C:\My Hooks\a.bat" end"#, &[r"C:\My Hooks\a.bat"]);
    }

    #[test]
    fn file_name_without_folder_is_uncertain_unless_it_is_the_script() {
        check(r"a.exe C:\My file.txt", &[r"C:\My file.txt ?"]);
        check(r"powershell.exe -File C:\My script.ps1", &[r"C:\My script.ps1"]);
        check(r"python C:\a.py D:\out b.py", &[r"D:\out b.py ?"]);
        check(r"robocopy C:\src D:\dst file.txt", &[r"D:\dst file.txt ?"]);
        check(r"cmd /c C:\My script.bat", &[r"C:\My script.bat"]);
        check(r"cmd /c start /d C:\dir app.exe", &[r"C:\dir app.exe ?"]);
    }

    #[test]
    fn separate_arguments_are_not_reported() {
        for value in [
            "",
            r"C:\hooks\a.exe call end",
            r"a.exe C:\hooks\script end",
            r"powershell.exe -File C:\a.ps1 D:\b.txt",
            r"powershell.exe -File C:\a.ps1 sub\b.txt",
            r"powershell -NoProfile -Command & 'C:\My Hooks\a.ps1'",
            r#"powershell -Command "& 'C:\My Hooks\a.ps1'""#,
            r"a.exe C:\in -o out\b.txt",
            r"a.exe C:\in /o out\b.txt",
            r"a.exe C:\in --out=b.txt",
            r"a.exe C:\dir https://example.com/a/b.html",
            r"curl https://example.com/a b.txt",
            r"a.exe C:\dir\ b.txt",
            r#"a.exe "C:\dir" out\b.txt"#,
            r#"a.exe "\"C:\my x\h.py\"" end"#,
            r#"a.exe \"C:\my x\h.py\" end"#,
            r"cmd /c cd C:\dir & sub\b.exe",
            r#"cmd /c "C:\x\a.bat two words""#,
            r"a.exe C:\dir {number} sub\b.txt",
            r"a.exe C:\dir %number% sub\b.txt",
            r"tool /run C:\x\a.bat",
            r"rundll32.exe C:\x\a.dll,Entry sub\b.txt",
            r"bash -c '/mnt/c/my hooks/a.sh'",
            r"sh a.sh /x y/b.txt",
        ] {
            check(value, &[]);
        }
    }

    #[test]
    fn only_certain_paths_are_rejoined() {
        let words = rejoined(r"a.exe -f C:\my x\a.txt C:\t b.txt end").unwrap();
        assert_eq!(words, ["a.exe", "-f", r"C:\my x\a.txt", r"C:\t", "b.txt", "end"]);
        assert_eq!(rejoined("a.exe b"), None);
        assert_eq!(rejoined(r"cmd /c C:\my x\a.bat"), None);
    }

    proptest! {
        #[test]
        fn splitting_any_text_does_not_panic(value in r#"[ "\\Ca:.exps1%'=,>-é/]{0,40}"#, any: String) {
            let _ = (split_paths(&value), rejoined(&value), split_paths(&any), rejoined(&any));
        }

        #[test]
        fn split_path_consists_of_consecutive_arguments(value in r#"[ C:\\a.txp1%'=,>/-]{0,40}"#) {
            let words = split(&value);
            for path in split_paths(&value) {
                let (first, last) = path.words;
                prop_assert!(0 < first && first <= last && last < words.len(), "{:?}", path);
                prop_assert!(path.path.contains(' '));
                if !path.is_code {
                    prop_assert_eq!(words[first..=last].join(" "), path.path);
                }
            }
        }
    }
}
