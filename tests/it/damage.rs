//! Tests how common tools damage MicroSIP.ini: each damage must be detected, and repaired as far as possible.
//!
//! A damage changes the bytes of a good file. It lists the rules that detect it, and the values that must be read
//! afterward: all values of the good file, except those that it lists as lost or added. On Windows, the profile
//! functions read the repaired file.

use microsip_schema::Version;
use msipctl_core::validate::{Check, Finding, Safety, Severity, apply_fixes, check};
use winini::profile::{self, Profile};
use winini::{CodePage, Document, Encoding};

use crate::runner::{Folder, utf16};

/// A file as MicroSIP would write it, with each kind of value.
const GOOD: &str = "\
[Settings]\r\n\
accountId=1\r\n\
singleMode=0\r\n\
audioInputDevice=\"\"\r\n\
audioCodecs=opus/48000/2 PCMA/8000/1\r\n\
autoAnswer=button\r\n\
denyIncoming=\r\n\
usersDirectory=https://pbx.example.com/book?site=4&kind=a\r\n\
recordingPath=D:\\calls\\today\r\n\
cmdCallEnd=\r\n\
cmdCallAnswer=\"C:\\My Hooks\\answer.exe\" answer\r\n\
cmdCallRing=C:\\hooks\\in.exe\r\n\
DND=0\r\n\
AA=1\r\n\
[Account1]\r\n\
label=B\u{fc}ro S\u{fc}d\r\n\
server=sip.example.com\r\n\
domain=sip.example.com\r\n\
username=101\r\n\
password=a;b#c \"d\r\n\
displayName=J\u{e4}ger & Co\r\n\
publish=1\r\n\
[Account2]\r\n\
label=Zweite\r\n\
domain=other.example.com\r\n\
username=202\r\n\
password=\" x\"\r\n\
[Dialed]\r\n\
0=100\r\n\
1=200\r\n\
[Shortcuts]\r\n\
0=Reception;100;call\r\n\
1=Support;200;transfer\r\n";

/// How far a damage can be repaired.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Repair {
    /// Every value is read as before: the file is at most untidy.
    Harmless,
    /// With safe fixes.
    Safe,
    /// With unsafe fixes.
    Unsafe,
    /// Not at all: it's only detected.
    No,
    /// The content is lost, and a safe fix writes a new file.
    Replaced,
}

/// A way to damage a file.
struct Case {
    name: &'static str,
    bytes: Vec<u8>,
    page: CodePage,
    found: &'static [&'static str],
    repair: Repair,
    lost: Vec<(&'static str, &'static str)>,
    added: Vec<(&'static str, &'static str, &'static str)>,
}

impl Case {
    /// The damage lost this value permanently.
    fn lost(mut self, section: &'static str, key: &'static str) -> Self {
        self.lost.push((section, key));
        self
    }

    /// The non-ASCII characters are lost.
    fn characters_lost(self) -> Self {
        self.lost("Account1", "label").lost("Account1", "displayName")
    }

    /// The user intended this value.
    fn added(mut self, section: &'static str, key: &'static str, value: &'static str) -> Self {
        self.added.push((section, key, value));
        self
    }

    /// The ANSI code page of the PC.
    fn on(mut self, page: u16) -> Self {
        self.page = CodePage::new(page).unwrap();
        self
    }

    fn document(&self) -> Document {
        Document::parse(self.bytes.clone(), Encoding::detect(&self.bytes, self.page))
    }

    /// Returns the values that must be read: the value of each key, or `None` if it doesn't matter.
    fn expected(&self) -> Vec<(String, String, String)> {
        let good = Document::parse(utf16(GOOD), Encoding::MICROSIP);
        let mut expected = Vec::new();
        for section in Profile::new(&good).counting_sections() {
            for entry in section.counting_entries() {
                let (name, key) = (section.name().into_owned(), entry.key().into_owned());
                let is_it =
                    |section: &str, other: &str| section == name && (other == key || other == "*");
                let is_lost = self.lost.iter().any(|(section, key)| is_it(section, key));
                let is_added = self.added.iter().any(|(section, key, _)| is_it(section, key));
                if !is_lost && !is_added {
                    expected.push((name, key, entry.value().into_owned()));
                }
            }
        }
        let added = self.added.iter().map(|(section, key, value)| {
            ((*section).to_owned(), (*key).to_owned(), (*value).to_owned())
        });
        expected.extend(added);
        expected
    }

    /// Returns the values that differ from the expected ones.
    fn wrong(&self, bytes: &[u8]) -> Vec<String> {
        let encoding = profile::encoding_read(bytes, self.page);
        let document = Document::parse(bytes.to_vec(), encoding);
        let profile = Profile::new(&document);
        self.expected()
            .iter()
            .filter_map(|(section, key, value)| {
                let read = profile.get(section, key);
                let is_right = read.as_deref() == Some(value);
                (!is_right).then(|| format!("[{section}] {key}: {value:?} reads {read:?}"))
            })
            .collect()
    }

    /// Damages, checks, repairs, and reads a file. Returns every unexpected result.
    fn compare(&self) -> Result<Outcome, String> {
        let by = Check::new(Version::NEWEST);
        let document = self.document();
        let found = check(&document, by);
        for rule in self.found {
            if !found.iter().any(|finding| finding.rule() == *rule) {
                let rules: Vec<_> = found.iter().map(Finding::rule).collect();
                return Err(format!("`{rule}` finds nothing, but {rules:?} do"));
            }
        }
        if self.found.is_empty() {
            let bad = found.iter().find(|finding| finding.severity() > Severity::Info);
            if let Some(bad) = bad {
                return Err(format!("there is nothing to find, but {bad:?}"));
            }
        }
        let safe = apply_fixes(&document, by, Safety::Safe).after;
        let all = apply_fixes(&document, by, Safety::Unsafe).after;
        let again = apply_fixes(&safe, by, Safety::Safe);
        if again.after != safe {
            return Err(format!("fixed again: {:?}", again.fixed));
        }
        let states = [document.bytes(), safe.bytes(), all.bytes()];
        let wrong = states.map(|bytes| self.wrong(bytes));
        let right = wrong.iter().position(Vec::is_empty);
        let expected = match self.repair {
            Repair::Harmless => Some(0),
            Repair::Safe => Some(1),
            Repair::Unsafe => Some(2),
            Repair::No | Repair::Replaced => None,
        };
        // A correct value stays correct.
        let stays = right.is_none_or(|right| wrong[right..].iter().all(Vec::is_empty));
        if right != expected || !stays {
            return Err(format!("right from state {right:?}, expected {expected:?}: {wrong:#?}"));
        }
        if self.repair == Repair::No {
            let left = check(&all, by);
            let is_left = |rule: &&&str| left.iter().any(|finding| finding.rule() == **rule);
            if !self.found.iter().any(|rule| is_left(&rule)) {
                return Err(format!("it is not repaired, and only {left:?} is left to find"));
            }
        }
        if self.repair == Repair::Replaced
            && check(&safe, by).iter().any(|it| self.found.contains(&it.rule()))
        {
            return Err("it is not replaced".to_owned());
        }
        let repaired = match self.repair {
            Repair::No | Repair::Replaced => None,
            Repair::Unsafe => Some(all.into_bytes()),
            _ => Some(safe.into_bytes()),
        };
        Ok(Outcome { repaired })
    }
}

/// The result for a damaged file.
struct Outcome {
    repaired: Option<Vec<u8>>,
}

fn case(
    name: &'static str,
    bytes: impl Into<Vec<u8>>,
    found: &'static [&'static str],
    repair: Repair,
) -> Case {
    let (bytes, page) = (bytes.into(), CodePage::WESTERN);
    Case { name, bytes, page, found, repair, lost: Vec::new(), added: Vec::new() }
}

/// UTF-16LE without BOM.
fn units(text: &str) -> Vec<u8> {
    text.encode_utf16().flat_map(u16::to_le_bytes).collect()
}

fn big_endian(text: &str) -> Vec<u8> {
    text.encode_utf16().flat_map(u16::to_be_bytes).collect()
}

fn in_page(number: u16, text: &str) -> Vec<u8> {
    Encoding::Ansi(CodePage::new(number).unwrap()).encode(text).unwrap().into_owned()
}

fn ansi(text: &str) -> Vec<u8> {
    in_page(1252, text)
}

/// Decodes bytes in a code page, as a program does that doesn't know the encoding.
fn read_in(number: u16, bytes: &[u8]) -> String {
    Encoding::Ansi(CodePage::new(number).unwrap()).decode(bytes).into_owned()
}

/// Code page 850, for the characters of the good file.
fn oem(text: &str) -> Vec<u8> {
    text.chars()
        .map(|character| match character {
            '\u{fc}' => 0x81,
            '\u{e4}' => 0x84,
            character => u8::try_from(character).unwrap(),
        })
        .collect()
}

/// The good file with one text replaced, which it must contain.
fn with(from: &str, to: &str) -> String {
    assert!(GOOD.contains(from), "{from}");
    GOOD.replace(from, to)
}

/// The good file with each line changed.
fn by_line(change: impl Fn(&str) -> String) -> String {
    GOOD.lines().map(|line| change(line) + "\r\n").collect()
}

/// The good file with the line of each entry changed.
fn by_entry(change: impl Fn(&str, &str) -> String) -> String {
    by_line(|line| match line.split_once('=') {
        Some((key, value)) => change(key, value),
        None => line.to_owned(),
    })
}

/// The good file without non-ASCII characters.
fn plain(text: &str) -> String {
    text.replace('\u{fc}', "ue").replace('\u{e4}', "ae")
}

fn joined(pieces: &[&[u8]]) -> Vec<u8> {
    pieces.concat()
}

fn utf7(text: &str) -> String {
    const DIGITS: &[u8; 64] = b"ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/";
    text.chars().fold(String::new(), |mut coded, character| {
        if character.is_ascii_alphanumeric() || "'(),-./:? \r\n".contains(character) {
            coded.push(character);
        } else {
            let bits = (character as u32) << 2;
            coded.push('+');
            for shift in [12, 6, 0] {
                coded.push(char::from(DIGITS[(bits >> shift & 63) as usize]));
            }
            coded.push('-');
        }
        coded
    })
}

/// UTF-16 decoded as UTF-8, with replacement characters for invalid bytes.
fn as_utf8_lossy(bytes: &[u8]) -> Vec<u8> {
    String::from_utf8_lossy(bytes).into_owned().into_bytes()
}

/// Adds CR before each LF byte, or removes each CR byte.
fn with_cr(bytes: &[u8]) -> Vec<u8> {
    bytes
        .iter()
        .flat_map(|byte| if *byte == b'\n' { vec![b'\r', b'\n'] } else { vec![*byte] })
        .collect()
}

const APPENDED: &[u8] = b"minimized=1\r\n";
const THIRD: &str = "[Account3]\r\ndomain=third.example.com\r\n";
const DOUBLE: &[&str] = &["duplicate-section"];

fn powershell() -> Vec<Case> {
    use Repair::{Harmless, No, Safe, Unsafe};
    let bom = || joined(&[b"\xef\xbb\xbf", GOOD.as_bytes()]);
    vec![
        case("Set-Content (5.1: ANSI)", ansi(GOOD), &["ansi-code-page"], Harmless),
        case("Set-Content -Encoding unicode", utf16(GOOD), &[], Harmless),
        case("Set-Content -Encoding utf8 (5.1: with mark)", bom(), &["utf8-bom"], Safe),
        case("Set-Content -Encoding utf8NoBOM", GOOD, &["utf8-without-bom"], Safe),
        case(
            "Set-Content -Encoding ascii",
            GOOD.replace(['\u{fc}', '\u{e4}'], "?"),
            &["lost-characters"],
            No,
        ),
        case(
            "Set-Content -Encoding bigendianunicode",
            joined(&[b"\xfe\xff", &big_endian(GOOD)]),
            &["utf16be"],
            Safe,
        ),
        case("Set-Content -Encoding oem", oem(GOOD), &["oem-code-page"], Unsafe),
        case(
            "Set-Content -Encoding utf32",
            joined(&[
                b"\xff\xfe\0\0",
                &GOOD.chars().flat_map(|it| (it as u32).to_le_bytes()).collect::<Vec<_>>(),
            ]),
            &["utf32"],
            Safe,
        ),
        case("Set-Content -Encoding utf7", utf7(GOOD), &["utf7"], Safe),
        case(
            "Add-Content in ANSI after UTF-16",
            joined(&[&utf16(GOOD), APPENDED]),
            &["mixed-encoding"],
            Safe,
        )
        .added("Settings", "minimized", "1"),
        case(
            ">> in UTF-16 after ASCII",
            joined(&[plain(GOOD).as_bytes(), &units("minimized=1\r\n")]),
            &["mixed-encoding"],
            Safe,
        )
        .characters_lost()
        .added("Settings", "minimized", "1"),
        case(
            ">> in UTF-16 after ANSI characters",
            joined(&[&ansi(GOOD), &units("minimized=1\r\n")]),
            &["mixed-encoding"],
            Unsafe,
        )
        .added("Settings", "minimized", "1"),
        case(
            "Get-Content of UTF-8 as ANSI, saved as UTF-16",
            utf16(&read_in(1252, GOOD.as_bytes())),
            &["mojibake"],
            Unsafe,
        ),
        case(
            "the same in Russia",
            utf16(&read_in(1251, with("Jäger", "Петров").as_bytes())),
            &["mojibake"],
            Unsafe,
        )
        .added("Account1", "displayName", "Петров & Co"),
        case(
            "the same twice",
            utf16(&read_in(1252, read_in(1252, GOOD.as_bytes()).as_bytes())),
            &["mojibake"],
            Unsafe,
        ),
        case(
            "Get-Content of UTF-8 with mark as ANSI",
            utf16(&read_in(1252, &bom())),
            &["junk-before-section", "mojibake"],
            Unsafe,
        ),
        case(
            "-replace with doubled backslashes",
            utf16(&with("C:\\hooks\\in.exe", "C:\\\\hooks\\\\in.exe")),
            &["unsupported-escape"],
            Unsafe,
        ),
        case(
            "-NoNewline: all lines in one",
            utf16(&GOOD.replace("\r\n", "")),
            &["text-after-header"],
            No,
        ),
        case("-join with spaces", utf16(&GOOD.replace("\r\n", " ")), &["text-after-header"], No),
        case("-join with LF", utf16(&GOOD.replace("\r\n", "\n")), &[], Harmless),
        case(
            "Out-String: a blank line after each",
            utf16(&GOOD.replace("\r\n", "\r\n\r\n")),
            &[],
            Harmless,
        ),
        case(
            "a progress message in the file",
            utf16(&format!("Reading MicroSIP.ini ...\r\n{GOOD}")),
            &["text-before-first-section"],
            Harmless,
        ),
        case(
            "Format-List: colons for equals signs",
            utf16(&by_entry(|key, value| format!("{key} : {value}"))),
            &["line-without-equals"],
            Safe,
        )
        .lost("Settings", "cmdCallEnd")
        .lost("Settings", "denyIncoming")
        .lost("Settings", "audioInputDevice")
        .lost("Settings", "usersDirectory")
        .lost("Account2", "password"),
    ]
}

fn batch() -> Vec<Case> {
    use Repair::{Harmless, Safe, Unsafe};
    vec![
        case(
            "echo KEY=VALUE >> file",
            joined(&[&utf16(GOOD), b"minimized=1 \r\n"]),
            &["mixed-encoding"],
            Safe,
        )
        .added("Settings", "minimized", "1"),
        case(
            "echo of a hook that is already there, but empty",
            joined(&[&utf16(GOOD), b"cmdCallEnd=C:\\hooks\\end.bat\r\n"]),
            &["mixed-encoding"],
            Unsafe,
        )
        .added("Settings", "cmdCallEnd", "C:\\hooks\\end.bat"),
        case(
            "echo of a key that says something else",
            joined(&[&utf16(GOOD), b"DND=1\r\n"]),
            &["mixed-encoding"],
            Unsafe,
        )
        .added("Settings", "DND", "1"),
        case(
            "echo of three keys, one by one",
            joined(&[&utf16(GOOD), b"minimized=1\r\nenableLog=1\r\nlocalDTMF=0\r\n"]),
            &["mixed-encoding"],
            Safe,
        )
        .added("Settings", "minimized", "1")
        .added("Settings", "enableLog", "1")
        .added("Settings", "localDTMF", "0"),
        case(
            "echo of a header and a key",
            joined(&[&utf16(GOOD), b"[Settings]\r\nminimized=1\r\n"]),
            &["mixed-encoding"],
            Unsafe,
        )
        .added("Settings", "minimized", "1"),
        case(
            "set /p without a line ending",
            joined(&[&utf16(GOOD), b"minimized=1"]),
            &["mixed-encoding"],
            Safe,
        )
        .added("Settings", "minimized", "1"),
        case(
            "echo after a last line without line ending",
            joined(&[&utf16(GOOD.trim_end()), b"minimized=1\r\n"]),
            &["mixed-encoding"],
            Unsafe,
        )
        .added("Settings", "minimized", "1"),
        case(
            "echo of a line in quotes",
            ansi(&with("DND=0\r\n", "DND=0\r\n\"minimized=1\"\r\n")),
            &["quoted-key"],
            Safe,
        )
        .added("Settings", "minimized", "1"),
        case(
            "echo in the code page of the console",
            joined(&[&ansi(&with("label=Zweite\r\n", "")), &oem("[Account3]\r\nlabel=Süd\r\n")]),
            &["oem-code-page"],
            Unsafe,
        )
        .lost("Account2", "label")
        .added("Account3", "label", "Süd"),
        case("echo > for >>", b"minimized=1\r\n".as_slice(), &["key-in-wrong-section"], Unsafe)
            .lost("Settings", "*")
            .lost("Account1", "*")
            .lost("Account2", "*")
            .lost("Dialed", "*")
            .lost("Shortcuts", "*")
            .added("Settings", "minimized", "1"),
        case(
            "type of UTF-16 >> UTF-16",
            joined(&[&utf16(GOOD), &utf16(THIRD)]),
            &["junk-before-section"],
            Safe,
        )
        .added("Account3", "domain", "third.example.com"),
        case(
            "copy /b of ANSI + UTF-8 with mark",
            joined(&[&ansi(GOOD), b"\xef\xbb\xbf", THIRD.as_bytes()]),
            &["junk-before-section"],
            Safe,
        )
        .added("Account3", "domain", "third.example.com"),
        case(
            "copy /b of ANSI + UTF-16",
            joined(&[plain(GOOD).as_bytes(), &utf16(THIRD)]),
            &["mixed-encoding"],
            Safe,
        )
        .characters_lost()
        .added("Account3", "domain", "third.example.com"),
        case(
            "copy /b of UTF-16 + ANSI",
            joined(&[&utf16(GOOD), THIRD.as_bytes()]),
            &["mixed-encoding"],
            Safe,
        )
        .added("Account3", "domain", "third.example.com"),
        case(
            "copy of text: Ctrl-Z after ANSI",
            joined(&[&ansi(GOOD), b"\x1a"]),
            &["line-without-equals"],
            Harmless,
        ),
        case(
            "copy of text: Ctrl-Z after UTF-16",
            joined(&[&utf16(GOOD), b"\x1a"]),
            &["utf16-odd-byte"],
            Harmless,
        ),
        case(
            "copy after a last line without line ending",
            joined(&[&ansi(GOOD.trim_end()), THIRD.as_bytes()]),
            &["header-after-value"],
            Unsafe,
        )
        .added("Account3", "domain", "third.example.com"),
        case("for /f: without comments and blank lines", ansi(GOOD), &[], Harmless),
        case(
            "for /f with delims: cut at the second equals sign",
            ansi(&by_line(|line| match line.split_once('=') {
                Some((key, value)) => format!("{key}={}", value.split('=').next().unwrap()),
                None => format!("{line}="),
            })),
            &["text-after-header"],
            Harmless,
        )
        .lost("Settings", "usersDirectory"),
        case(
            "for /f with delims and echo: all in the console's code page",
            oem(&by_line(
                |line| if line.contains('=') { line.to_owned() } else { format!("{line}=") },
            )),
            &["text-after-header", "oem-code-page"],
            Unsafe,
        ),
    ]
}

fn libraries() -> Vec<Case> {
    use Repair::{Harmless, No, Safe, Unsafe};
    vec![
        case(
            "configparser: lowercase keys, spaces around =",
            ansi(&by_entry(|key, value| format!("{} = {value}", key.to_lowercase()))),
            &["ansi-code-page"],
            Harmless,
        ),
        case(
            "configparser: saved as UTF-8",
            by_entry(|key, value| format!("{key} = {value}")),
            &["utf8-without-bom"],
            Safe,
        ),
        case(
            "configparser: colons",
            by_entry(|key, value| format!("{key}: {value}")),
            &["utf8-without-bom", "line-without-equals"],
            Safe,
        )
        .lost("Settings", "cmdCallEnd")
        .lost("Settings", "denyIncoming")
        .lost("Settings", "audioInputDevice")
        .lost("Settings", "usersDirectory")
        .lost("Account2", "password"),
        case(
            "configparser: duplicate keys in another case",
            utf16(&with("AA=1\r\n", "AA=1\r\naa = 1\r\ndnd = 0\r\n")),
            &["duplicate-key"],
            Harmless,
        ),
        case(
            "crudini on a file with mark: a second section",
            format!("\u{feff}{GOOD}\r\n[Settings]\r\nminimized = 1\r\n"),
            &["utf8-bom", "duplicate-section"],
            Unsafe,
        )
        .added("Settings", "minimized", "1"),
        case(
            "PHP: all values in quotes",
            ansi(&by_entry(|key, value| match value.is_empty() || value.starts_with('"') {
                true => format!("{key} = {value}"),
                false => format!("{key} = \"{value}\""),
            })),
            &["ansi-code-page"],
            Harmless,
        )
        .lost("Settings", "cmdCallAnswer"),
        case(
            "rust-ini: backslashes doubled",
            ansi(&by_entry(|key, value| format!("{key}={}", value.replace('\\', "\\\\")))),
            &["unsupported-escape"],
            Unsafe,
        ),
        case(
            "node ini: values of JSON",
            ansi(&with(
                "\"C:\\My Hooks\\answer.exe\" answer",
                "\"\\\"C:\\\\My Hooks\\\\answer.exe\\\" answer\"",
            )),
            &["unsupported-escape"],
            Unsafe,
        ),
        case(
            "java.util.Properties: drives and addresses escaped",
            ansi(
                &GOOD
                    .replace(":\\", "\\:\\")
                    .replace("://", "\\://")
                    .replace("\\calls\\", "\\\\calls\\\\"),
            ),
            &["unsupported-escape"],
            Unsafe,
        )
        .lost("Settings", "cmdCallRing")
        .lost("Settings", "cmdCallAnswer")
        .lost("Settings", "recordingPath"),
        case(
            "java.util.Properties: a path",
            ansi(&with("D:\\calls\\today", "D\\:\\\\calls\\\\today")),
            &["unsupported-escape"],
            Unsafe,
        ),
        case(
            "an export of the registry: keys in quotes",
            ansi(&by_entry(|key, value| format!("\"{key}\"={value}"))),
            &["quoted-key"],
            Safe,
        ),
        case(
            "comments of another library",
            utf16(&with("[Settings]\r\n", "# MicroSIP\r\n[Settings]\r\n# DND=1\r\n")),
            &["hash-comment"],
            Harmless,
        ),
        case(
            "comments after values",
            utf16(
                &with("DND=0", "DND=0 ; off")
                    .replace("autoAnswer=button", "autoAnswer=button # AA"),
            ),
            &["inline-comment"],
            Unsafe,
        ),
        case(
            "sections without their first bracket",
            utf16(&with("[Account2]", "Account2]")),
            &["header-without-bracket"],
            Safe,
        ),
        case(
            "sections in parentheses",
            utf16(&with("[Shortcuts]", "(Shortcuts)")),
            &["header-without-bracket"],
            Safe,
        ),
        case(
            "sections without their last bracket",
            utf16(&with("[Settings]", "[Settings")),
            &["header-without-bracket"],
            Harmless,
        ),
        case(
            "sections with a space",
            utf16(&with("[Account2]", "[Account 2]")),
            &["misspelled-section"],
            Safe,
        ),
        case(
            "sections with a zero",
            utf16(&with("[Account2]", "[Account02]")),
            &["misspelled-section"],
            Safe,
        ),
        case(
            "sections misspelt",
            utf16(&with("[Settings]", "[Setings]")),
            &["misspelled-section"],
            Unsafe,
        ),
        case(
            "a header and its first key in one line",
            utf16(&with("[Settings]\r\n", "[Settings]")),
            &["text-after-header"],
            Safe,
        ),
        case(
            "a generator that counts from one",
            utf16(&GOOD.replace("1=Support", "2=Support").replace("0=Reception", "1=Reception")),
            &["numbering-gap"],
            Safe,
        ),
        case(
            "a shortcut removed by hand",
            utf16(&with("0=Reception;100;call\r\n1=", "0=Reception;100;call\r\n2=")),
            &["numbering-gap"],
            Unsafe,
        ),
        case(
            "line prefix replaced in all sections: two accounts of one number",
            utf16(&with("[Account2]", "[Account1]")),
            DOUBLE,
            Unsafe,
        ),
        case(
            "a key put at the end of the file",
            utf16(&format!("{GOOD}cmdCallEnd=C:\\hooks\\end.exe\r\n")),
            &["key-in-wrong-section"],
            Unsafe,
        )
        .added("Settings", "cmdCallEnd", "C:\\hooks\\end.exe"),
        case(
            "a key put at the top of the file",
            utf16(&format!("minimized=1\r\n{GOOD}")),
            &["key-in-wrong-section"],
            Safe,
        )
        .added("Settings", "minimized", "1"),
        case(
            "a key in the middle, in the wrong section, that is set",
            utf16(&with("[Account2]\r\n", "[Account2]\r\nAA=0\r\n")),
            &["key-in-wrong-section"],
            Harmless,
        ),
        case(
            "a template of two programs: a second section with other values",
            utf16(&format!("{GOOD}[Settings]\r\nDND = 1\r\nminimized = 1\r\n")),
            DOUBLE,
            Unsafe,
        )
        .added("Settings", "minimized", "1"),
        case("the file twice in itself", utf16(&format!("{GOOD}{GOOD}")), DOUBLE, Harmless),
        case(
            "the file twice in itself, with its mark",
            joined(&[&utf16(GOOD), &utf16(GOOD)]),
            &["junk-before-section", "duplicate-section"],
            Harmless,
        ),
        case(
            "sections in another order, with duplicates",
            utf16(&format!("[Account2]\r\nlabel=Zweite\r\n{GOOD}")),
            DOUBLE,
            Unsafe,
        ),
        case(
            "a merge that was never finished",
            utf16(&with(
                "DND=0\r\n",
                "<<<<<<< HEAD\r\nDND=1\r\n=======\r\nDND=0\r\n>>>>>>> office\r\n",
            )),
            &["conflict-marker", "duplicate-key"],
            No,
        ),
        case(
            "quoted in a mail",
            utf16(&by_line(|line| format!("> {line}"))),
            &["prefixed-lines"],
            Safe,
        ),
        case(
            "copied from a difference of git",
            by_line(|line| format!("+{line}")),
            &["utf8-without-bom", "prefixed-lines"],
            Safe,
        ),
        case(
            "wrapped by a mail program",
            utf16(&with("\\answer.exe\" answer", "\\answer.exe\"\r\nanswer")),
            &["line-without-equals"],
            No,
        ),
        case("quoted-printable", plain(GOOD).replace('=', "=3D"), &["invalid-value"], No),
    ]
}

fn editors() -> Vec<Case> {
    use Repair::{Harmless, No, Replaced, Safe, Unsafe};
    let lossy = as_utf8_lossy(&utf16(GOOD));
    let wide = utf16(GOOD);
    vec![
        case(
            "Notepad: ANSI of Russia",
            in_page(1251, &with("Büro Süd", "Офис").replace('ä', "a")),
            &["ansi-code-page"],
            Harmless,
        )
        .on(1251)
        .added("Account1", "label", "Офис")
        .lost("Account1", "displayName"),
        case(
            "Notepad: ANSI of Japan",
            in_page(932, &with("Büro Süd", "東京").replace('ä', "a")),
            &["double-byte-ansi"],
            Harmless,
        )
        .on(932)
        .added("Account1", "label", "東京")
        .lost("Account1", "displayName"),
        case("Notepad++: UTF-16 without mark", units(GOOD), &["utf16-without-bom"], Safe),
        case("iconv to UTF-16BE", big_endian(GOOD), &["utf16be"], Safe),
        case(
            "a second mark of UTF-8",
            format!("\u{feff}\u{feff}{GOOD}"),
            &["utf8-bom", "junk-before-section"],
            Safe,
        ),
        case(
            "a second mark of UTF-16",
            utf16(&format!("\u{feff}{GOOD}")),
            &["junk-before-section"],
            Safe,
        ),
        case(
            "MicroSIP on a file with the mark of UTF-8",
            utf16(&format!("ï»¿{GOOD}")),
            &["junk-before-section"],
            Safe,
        ),
        case(
            "the same, and the section it then appended",
            utf16(&format!("ï»¿{GOOD}[Settings]\r\naccountId=0\r\nDND=1\r\n")),
            &["junk-before-section"],
            Unsafe,
        ),
        case(
            "the same in China",
            utf16(&with("[Settings]", "锘縖Settings]")),
            &["junk-before-section"],
            Safe,
        ),
        case(
            "the mark as question marks",
            plain(&with("[Settings]", "???[Settings]")),
            &["junk-before-section"],
            Safe,
        )
        .characters_lost(),
        case(
            "lines of ANSI in UTF-8 with mark",
            joined(&[b"\xef\xbb\xbf", &GOOD.as_bytes()[..GOOD.len()], &ansi("2=Süd;3;call\r\n")]),
            &["mixed-encoding"],
            Unsafe,
        )
        .added("Shortcuts", "2", "Süd;3;call"),
        case(
            "a line of ANSI in UTF-8 without mark",
            joined(&[GOOD.as_bytes(), &ansi("2=Süd;3;call\r\n")]),
            &["mojibake"],
            Unsafe,
        )
        .added("Shortcuts", "2", "Süd;3;call"),
        case("UTF-16 read as UTF-8 with replacement characters", lossy, &["mixed-encoding"], Safe)
            .characters_lost(),
        case(
            "and its characters, which are lost",
            utf16(&GOOD.replace(['\u{fc}', '\u{e4}'], "\u{fffd}")),
            &["lost-characters"],
            No,
        ),
        case("git autocrlf on UTF-16", with_cr(&wide), &["utf16-corrupt-line-endings"], Safe),
        case(
            "tr -d of CR in UTF-16",
            wide.iter().copied().filter(|byte| *byte != b'\r').collect::<Vec<_>>(),
            &["utf16-corrupt-line-endings"],
            Safe,
        ),
        case(
            "unix2dos on UTF-16 with LF",
            with_cr(&utf16(&GOOD.replace("\r\n", "\n"))),
            &["utf16-corrupt-line-endings"],
            Safe,
        ),
        case("git with LF and UTF-8", GOOD.replace("\r\n", "\n"), &["utf8-without-bom"], Safe),
        case(
            "text mode twice: CR CR LF",
            utf16(&GOOD.replace("\r\n", "\r\r\n")),
            &["doubled-carriage-return"],
            Harmless,
        ),
        case("CR alone", utf16(&GOOD.replace("\r\n", "\r")), &[], Harmless),
        case(
            "a copy truncated within a character",
            wide[..wide.len() - 5].to_vec(),
            &["utf16-odd-byte"],
            Harmless,
        )
        .lost("Shortcuts", "1"),
        case(
            "NUL characters of a crash after UTF-16",
            joined(&[&wide, &[0; 512]]),
            &["nul-in-text"],
            Harmless,
        ),
        case(
            "NUL characters of a crash after ANSI",
            joined(&[&ansi(GOOD), &[0; 511]]),
            &["nul-in-text"],
            Harmless,
        ),
        case("only NUL characters", vec![0; 4096], &["nul-in-text"], Replaced),
        case(
            "a zero in a value",
            ansi(&with("sip.example.com", "sip.\0example.com")),
            &["nul-in-text"],
            Unsafe,
        ),
        case(
            "Word: curly quotes",
            utf16(&with(
                "\"C:\\My Hooks\\answer.exe\" answer",
                "“C:\\My Hooks\\answer.exe” answer",
            )),
            &["smart-punctuation"],
            Unsafe,
        ),
        case(
            "Word: a switch in curly quotes",
            utf16(&with("DND=0", "DND=“0”")),
            &["smart-punctuation"],
            Safe,
        ),
        case(
            "Word: a dash for a hyphen",
            utf16(&with("C:\\hooks\\in.exe", "C:\\hooks\\in.exe –q")),
            &["smart-punctuation"],
            Unsafe,
        )
        .added("Settings", "cmdCallRing", "C:\\hooks\\in.exe -q"),
        case(
            "a web page: no-break space before =",
            utf16(&with("DND=", "DND\u{a0}=")),
            &["invisible-character"],
            Safe,
        ),
        case(
            "a web page: no-break space after =",
            utf16(&with("AA=1", "AA=\u{a0}1")),
            &["invisible-character"],
            Safe,
        ),
        case(
            "a chat: a zero-width character",
            utf16(&with("[Account2]", "[Account2\u{200b}]")),
            &["invisible-character"],
            Safe,
        ),
        case(
            "a chat: one before a header",
            utf16(&with("[Account2]", "\u{200b}[Account2]")),
            &["junk-before-section"],
            Safe,
        ),
        case(
            "a chat: one in a host",
            utf16(&with("=other.exa", "=other.\u{200b}exa")),
            &["invisible-character"],
            Unsafe,
        ),
        case(
            "a dialog of Windows: mark of direction",
            utf16(&with("D:\\calls", "\u{202a}D:\\calls")),
            &["invisible-character"],
            Unsafe,
        ),
        case(
            "a password copied with a space",
            utf16(&with("\"d\r\n", "\"d\u{a0}\r\n")),
            &["invisible-character"],
            Unsafe,
        ),
        case(
            "an input method: a wide equals sign",
            utf16(&with("DND=0", "DND\u{ff1d}0")),
            &["line-without-equals"],
            Safe,
        ),
        case(
            "a web page: &amp;",
            utf16(&with("site=4&kind", "site=4&amp;kind")),
            &["unsupported-escape"],
            Unsafe,
        ),
        case(
            "a header after a last line without line ending",
            utf16(&with("publish=1\r\n[Account2]", "publish=1[Account2]")),
            &["header-after-value"],
            Unsafe,
        ),
        case(
            "a space at the end of a name",
            utf16(&with("label=Zweite", "label=Zweite ")),
            &["whitespace-stripped"],
            Harmless,
        ),
        case(
            "a name of two quoted pieces",
            utf16(&with("Jäger & Co", "\"Jäger\" & \"Co\"")),
            &["value-quotes-stripped"],
            Unsafe,
        )
        .added("Account1", "displayName", "\"Jäger\" & \"Co\""),
    ]
}

fn cases() -> Vec<Case> {
    [powershell(), batch(), libraries(), editors()].into_iter().flatten().collect()
}

/// Returns every damaged file: its name, its bytes, and the ANSI code page of its PC.
pub(crate) fn damaged() -> Vec<(&'static str, Vec<u8>, CodePage)> {
    cases().into_iter().map(|case| (case.name, case.bytes, case.page)).collect()
}

#[test]
fn every_kind_of_damage_is_reported_and_fixed_when_possible() {
    let cases = cases();
    let mut failed = Vec::new();
    let mut count = std::collections::BTreeMap::new();
    for case in &cases {
        *count.entry(format!("{:?}", case.repair)).or_insert(0) += 1;
        match case.compare() {
            Ok(outcome) => {
                if let Some(bytes) = &outcome.repaired
                    && let Err(why) = read_by_windows(case, bytes)
                {
                    failed.push(format!("{}: {why}", case.name));
                }
            }
            Err(why) => failed.push(format!("{}: {why}", case.name)),
        }
    }
    assert!(failed.is_empty(), "{} cases:\n{}", failed.len(), failed.join("\n"));
    let found = cases.iter().filter(|case| !case.found.is_empty()).count();
    let of = |repair: &str| count.get(repair).copied().unwrap_or(0);
    say(&format!(
        "damage: {} cases, {found} found, {} repaired ({} by safe fixes), {} read as before, {} beyond repair",
        cases.len(),
        of("Safe") + of("Unsafe"),
        of("Safe"),
        of("Harmless"),
        of("No"),
    ));
    assert!(cases.len() >= 60);
}

#[test]
fn check_fix_repairs_the_same_damage_as_the_library() {
    for case in cases() {
        let flag = match case.repair {
            Repair::Safe => "--fix",
            Repair::Unsafe => "--unsafe-fixes",
            _ => continue,
        };
        let folder = Folder::with(&case.bytes);
        let page = case.page.number().to_string();
        folder.on_ini(&["check", flag, "--exit-zero", "--ansi-code-page", &page]).code(0);
        assert_eq!(case.wrong(&folder.ini()), Vec::<String>::new(), "{}", case.name);
    }
}

#[test]
fn damaged_files_do_not_reveal_passwords() {
    let mut shown = Vec::new();
    for case in cases() {
        let folder = Folder::with(&case.bytes);
        let page = case.page.number().to_string();
        let flags = ["--diff", "--dry-run", "--unsafe-fixes"];
        for flags in [&[][..], &flags[..]] {
            let args = [&["check", "--exit-zero", "--ansi-code-page", &page], flags].concat();
            let printed = folder.on_ini(&args).code(0).everything();
            let printed = String::from_utf8_lossy(&printed).replace('\0', "");
            if printed.contains("b#c") {
                shown.push(format!("{} {flags:?}: {printed}", case.name));
            }
        }
    }
    assert!(shown.is_empty(), "{}", shown.join("\n"));
}

#[test]
fn undamaged_file_has_no_findings() {
    let case = case("none", utf16(GOOD), &[], Repair::Harmless);
    let found = check(&case.document(), Check::new(Version::NEWEST)).into_iter();
    // A password that MicroSIP hasn't encrypted yet is a finding, but not a damage.
    let found: Vec<_> = found.filter(|finding| finding.severity() > Severity::Info).collect();
    assert_eq!(found, []);
    assert_eq!(case.wrong(&case.bytes), Vec::<String>::new());
    assert_eq!(case.expected().len(), 28);
}

#[test]
fn damage_names_are_unique() {
    let mut names: Vec<_> = cases().iter().map(|case| case.name).collect();
    names.sort_unstable();
    let before = names.len();
    names.dedup();
    assert_eq!(names.len(), before);
}

/// Reads a repaired file with the profile functions.
#[cfg(windows)]
fn read_by_windows(case: &Case, bytes: &[u8]) -> Result<(), String> {
    use msipctl_windows::profile_calls as calls;

    // The functions decode ANSI in the code page of this PC.
    let is_utf16 = bytes.starts_with(b"\xff\xfe");
    if !is_utf16 && case.page != CodePage::WESTERN {
        return Ok(());
    }
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("MicroSIP.ini");
    std::fs::write(&path, bytes).unwrap();
    for (section, key, value) in case.expected() {
        let read = calls::get(&path, &section, &key).unwrap();
        if read.as_deref() != Some(value.as_str()) {
            return Err(format!("Windows reads [{section}] {key} as {read:?}, expected {value:?}"));
        }
    }
    Ok(())
}

#[cfg(not(windows))]
fn read_by_windows(_: &Case, _: &[u8]) -> Result<(), String> {
    Ok(())
}

#[cfg(windows)]
fn say(text: &str) {
    crate::runner::say(text);
}

#[cfg(not(windows))]
#[expect(clippy::print_stdout, reason = "prints the count with --nocapture")]
fn say(text: &str) {
    println!("{text}");
}
