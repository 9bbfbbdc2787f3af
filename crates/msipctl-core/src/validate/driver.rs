//! Checks a document: reads its lines once, and calls each rule only for the lines it listens to.

use std::cell::OnceCell;
use std::sync::LazyLock;

use super::apply_fixes::{self, FixOutcome};
use super::comment;
use super::context::Context;
use super::features::FeatureSet;
use super::finding::Finding;
use super::fix::Safety;
use super::rule::Run;
use super::rules::RULES;
use super::safety;
use super::selection::{Selection, named};
use super::suppression::{self, CheckOutcome, Suppression};
use super::table::LineTable;
use crate::event::{Facts, Target};
use microsip_schema::Version;
use winini::Document;
use winini::profile::Profile;

/// The options of a check.
#[derive(Clone, Copy)]
pub struct Check<'c> {
    /// The target version of MicroSIP.
    pub microsip: Version,
    /// The rules that run.
    pub selection: &'c Selection,
    /// The facts about the PC on which MicroSIP runs.
    pub facts: &'c dyn Facts,
    /// Returns whether other users can read the file, or `None` if that is unknown. Called only if the result matters.
    pub readable_by_others: &'c dyn Fn() -> Option<bool>,
    /// Whether the file is read-only.
    pub is_read_only: bool,
    /// Whether Windows redirects the profile calls for the file's name to the registry (IniFileMapping).
    pub is_redirected: bool,
    /// The suppressions from the configuration, in addition to the comments in the file.
    pub suppress: &'c [&'c Suppression],
}

impl Check<'_> {
    /// Creates a check with the default rules for a version, without facts about the PC.
    pub fn new(microsip: Version) -> Self {
        static DEFAULT_SELECTION: LazyLock<Selection> = LazyLock::new(Selection::default);
        Self {
            microsip,
            selection: &DEFAULT_SELECTION,
            facts: &Elsewhere,
            readable_by_others: &|| None,
            is_read_only: false,
            is_redirected: false,
            suppress: &[],
        }
    }
}

/// Another PC, about which no facts are known.
struct Elsewhere;

impl Facts for Elsewhere {
    fn target(&self, _: &str) -> Option<Target> {
        None
    }
}

/// Checks a file, and returns the findings in the order of their lines, without the suppressed ones.
///
/// # Example
///
/// ```
/// use winini::{Document, Encoding};
/// use microsip_schema::Version;
/// use msipctl_core::validate::{Check, check};
///
/// let document = Document::parse(b"[Settings]\nsingleMod=1\n".to_vec(), Encoding::Ascii);
/// let findings = check(&document, Check::new(Version::NEWEST));
/// assert_eq!(findings[0].rule(), "unknown-key");
/// assert_eq!(findings[0].help(), Some("did you mean `singleMode`?"));
/// ```
pub fn check(document: &Document, by: Check<'_>) -> Vec<Finding> {
    check_with_suppressions(document, by).findings
}

/// Checks a file as [`check()`] does, and also returns the suppressed findings and their reasons.
pub fn check_with_suppressions(document: &Document, by: Check<'_>) -> CheckOutcome {
    check_with(document, by, call_listeners)
}

/// Reads a document once, and calls the rules with the given function.
fn check_with(
    document: &Document,
    by: Check<'_>,
    call: impl FnOnce(Context<'_>, &Selection, &mut Vec<Finding>),
) -> CheckOutcome {
    let table = LineTable::new(document, by.microsip);
    let has_comments = table.features().has(FeatureSet::COMMENT);
    let comments = if has_comments { comment::comments(document, named) } else { Vec::new() };
    let explained = OnceCell::new();
    let context = Context {
        document,
        profile: Profile::new(document),
        table: &table,
        microsip: by.microsip,
        facts: by.facts,
        readable_by_others: by.readable_by_others,
        is_read_only: by.is_read_only,
        is_redirected: by.is_redirected,
        comments: &comments,
        explained: &explained,
    };
    let mut findings = Vec::new();
    call(context, by.selection, &mut findings);
    // Findings in the same line are sorted by the name of the rule.
    findings.sort_by_key(|finding| (finding.line(), finding.rule()));
    safety::demote(document, &table, by.microsip, &mut findings);
    if comments.is_empty() && by.suppress.is_empty() {
        return CheckOutcome { findings, suppressed: Vec::new() };
    }
    suppression::apply(findings, &comments, by.suppress, by.selection)
}

/// Calls each rule for the lines that it listens to, and for the document if it listens to that.
fn call_listeners(context: Context<'_>, selection: &Selection, findings: &mut Vec<Finding>) {
    let listeners = selection.listeners();
    for (index, line) in context.table.lines().iter().enumerate() {
        let Some(rules) = listeners.of_line(line) else { continue };
        for rule in rules.iter().map(|rule| RULES[rule]) {
            let requires = rule.listens.requires;
            if requires.is_empty() || line.features.has(requires) {
                rule.check_line(context, index, findings);
            }
        }
    }
    for rule in listeners.of_document(context.table.features()) {
        if let Run::Document(check) = RULES[rule].run {
            check(context, findings);
        }
    }
}

/// Applies the fixes of a check repeatedly until no applicable fix is left. `at_most` states whether unsafe fixes are
/// applied too.
pub fn apply_fixes(document: &Document, by: Check<'_>, at_most: Safety) -> FixOutcome {
    apply_fixes::apply_fixes(document, by.microsip, at_most, |document| check(document, by))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::validate::fix::Change;
    use crate::validate::rules::testing::Machine;
    use crate::validate::table::LineFacts;
    use proptest::prelude::*;
    use winini::{CodePage, Encoding};

    /// Calls every rule for every line, and for the document.
    fn call_all(context: Context<'_>, selection: &Selection, findings: &mut Vec<Finding>) {
        for rule in selection.rules().iter().map(|rule| RULES[rule]) {
            if let Run::Document(check) = rule.run {
                check(context, findings);
            }
            for line in 0..context.document.lines().len() {
                rule.check_line(context, line, findings);
            }
        }
    }

    /// A file without problems.
    const CLEAN: &str = "\
[Settings]
accountId=2
enableLocalAccount=0
singleMode=1
volumeRing=100
audioRingDevice=Headset (USB)
audioCodecs=opus/48000/2 PCMA/8000/1
sourcePort=0
rtpPortMin=0
rtpPortMax=0
dnsSrv=0
dnsSrvNs=
enableSTUN=0
STUN=
portKnockerPorts=
recordingPath=C:\\Recordings
autoAnswer=button
denyIncoming=button
forwarding=
forwardingNumber=
usersDirectory=
cmdCallStart=
mainX=-5
AA=0
DND=0
FWD=0
lastCallNumber=5
[Account1]
label=Line 1
server=pbx.example.com
proxy=
domain=pbx.example.com
username=100
password=0123456789abcdef0123456789abcdef
authID=100
SRTP=
transport=udp
publicAddr=
[Account2]
domain=pbx.example.com
username=101
[Dialed]
0=1
1=2
[Shortcuts]
0=Desk;1;call
[Calls]
7=1;Ann;0;1700000000;5;Ended
9=1;Ann;0;1700000000;5;Ended
[Global]
version=3.22.18
";

    /// Lines in which rules find problems.
    const LINES: [&str; 48] = [
        "",
        " ",
        ";",
        "; msipctl: ignore",
        "#",
        "text",
        "[",
        "[Settings]",
        "[settings",
        "[Account1]",
        "[Account3]",
        "[Account0]",
        "[Account 1]",
        "[Other]",
        "[msipctl]",
        "[Global] x",
        "[Calls]]",
        "{Settings}",
        "Settings]",
        ">",
        "=",
        "=======",
        "<<<<<<< a=b",
        "OnCallEnd=Log,C:\\x.csv",
        "label=B\\xfcro",
        "0=\\x41e;1;call",
        "OnCallEnd.2=x",
        "cmdCallEnd=C:\\a.exe",
        "cmdCallIncoming=x",
        "\"AA\"=1",
        "telnumjoy1=5",
        "allowedPC=1",
        "disableVP8=1",
        "silent=1",
        "crashReport=0",
        "STUN=h",
        "password=\u{a0}x",
        "nokey=1",
        "note",
        "2=x",
        "10=x",
        "007=x",
        "accountId=0",
        "// x=1",
        "domain",
        "AVPF=1",
        "+AD0-",
        "Version=3.19.8",
    ];

    /// Values in which rules find problems.
    const VALUES: [&str; 53] = [
        "",
        "0",
        "1",
        "2",
        "9",
        "-1",
        "true",
        "Button",
        "all",
        "header",
        "rdomain",
        "3.19.8",
        "\"1\"",
        "' '",
        "a:5060",
        "sip:a",
        "tls",
        "mandatory",
        "a b",
        " a",
        "a ",
        "a;b",
        "0 ; off",
        "a?b",
        "B\u{fc}ro",
        "B\u{c3}\u{bc}ro",
        "\u{201c}a\u{201d}",
        "x]",
        "[Account1]",
        "%TEMP%",
        "C:\\\\a",
        "a&amp;b",
        "{password}",
        "{{ row.x }}",
        "@PBX_HOST@",
        "#NUMBER#",
        "__EXT__",
        "$ramal",
        "${ext}",
        "<ext>",
        "[[ext]]",
        "%s",
        "CHANGEME",
        "\"your_domain\"",
        "PCMA/8000/1 PCMA/8000/1",
        "PCMA,PCMU",
        "5060",
        "4000",
        "0x",
        "hunter2",
        "0123456789abcdef",
        "\0",
        "1\0",
    ];

    const VERSIONS: [Version; 5] = [
        Version::NEWEST,
        Version::new(3, 22, 3),
        Version::new(3, 20, 5),
        Version::new(3, 15, 6),
        Version::new(3, 1, 18),
    ];

    /// Compares the findings of the listeners with those of all rules.
    #[track_caller]
    fn compare(text: &str) {
        let text = text.replace('\n', "\r\n");
        let bytes = [b"\xff\xfe", &*Encoding::MICROSIP.encode(&text).unwrap()].concat();
        let document = Document::parse(bytes, Encoding::MICROSIP);
        let selection = Selection::new(&["all"], &[]).unwrap();
        for microsip in VERSIONS {
            let by = Check { selection: &selection, facts: &Machine, ..Check::new(microsip) };
            let all = check_with(&document, by, call_all);
            assert_eq!(check_with_suppressions(&document, by), all, "{microsip} {text}");
        }
    }

    #[test]
    fn rules_are_called_for_every_value_of_every_key() {
        for value in VALUES {
            let of = |line: &str| match line.split_once('=') {
                Some((key, _)) => format!("{key}={value}\n"),
                None => format!("{line}\n"),
            };
            compare(&CLEAN.lines().map(of).collect::<String>());
        }
    }

    #[test]
    fn rules_are_called_for_every_line_in_every_section() {
        for line in LINES {
            let of = |above: &str| match above.starts_with('[') {
                true => format!("{above}\n{line}\n"),
                false => format!("{above}\n"),
            };
            compare(&CLEAN.lines().map(of).collect::<String>());
            compare(&format!("{line}\n{CLEAN}"));
        }
    }

    fn documents() -> impl Strategy<Value = Document> {
        let line = prop::sample::select(&LINES);
        let value = prop_oneof![
            4 => prop::sample::select(&VALUES).prop_map(str::to_owned),
            1 => Just("x".repeat(300)),
            2 => "[ -~\u{a0}-\u{ff}]{0,6}",
        ];
        let change = (0..60_usize, 0..6_u8, line, value, any::<prop::sample::Index>());
        let encoding = prop::sample::select(vec![
            Encoding::MICROSIP,
            Encoding::MICROSIP,
            Encoding::Utf8 { bom: false },
            Encoding::Utf8 { bom: true },
            Encoding::Utf16Le { bom: false },
            Encoding::Utf16Be { bom: true },
            Encoding::Ansi(CodePage::WESTERN),
        ]);
        let corruption = prop::option::weighted(0.2, (any::<prop::sample::Index>(), any::<u8>()));
        let line_ending = prop::sample::select(vec!["\r\n", "\n", "\r"]);
        (prop::collection::vec(change, 0..8), encoding, corruption, line_ending).prop_map(
            |(changes, encoding, corruption, line_ending)| {
                let mut lines: Vec<String> = CLEAN.lines().map(str::to_owned).collect();
                for (at, kind, line, value, other) in changes {
                    let at = at % lines.len();
                    match kind {
                        0 => lines.insert(at, line.to_owned()),
                        1 => drop(lines.remove(at)),
                        2 => lines[at] = line.to_owned(),
                        3 => {
                            let copy = lines[other.index(lines.len())].clone();
                            lines.insert(at, copy);
                        }
                        _ => {
                            let key = lines[at].split('=').next().unwrap_or_default().to_owned();
                            lines[at] = format!("{key}={value}");
                        }
                    }
                }
                let text = lines.join(line_ending) + line_ending;
                let mut bytes = encoding.byte_order_mark().to_vec();
                bytes.extend_from_slice(&encoding.encode(&text).unwrap());
                match corruption {
                    Some((at, byte)) if byte % 2 == 0 => drop(bytes.remove(at.index(bytes.len()))),
                    Some((at, byte)) => bytes.insert(at.index(bytes.len()), byte),
                    None => {}
                }
                let encoding = Encoding::detect(&bytes, CodePage::WESTERN);
                Document::parse(bytes, encoding)
            },
        )
    }

    #[test]
    fn no_line_rules_are_called_for_a_valid_file() {
        let text = CLEAN.replace('\n', "\r\n");
        let bytes = [b"\xff\xfe", &*Encoding::MICROSIP.encode(&text).unwrap()].concat();
        let document = Document::parse(bytes, Encoding::MICROSIP);
        let selection = Selection::default();
        let called = |microsip| {
            let table = LineTable::new(&document, microsip);
            let has_listener = |(_, line): &(usize, &LineFacts)| {
                let listeners = selection.listeners().of_line(line);
                let requires = |rule: usize| RULES[rule].listens.requires;
                listeners
                    .is_some_and(|rules| rules.iter().any(|it| line.features.has(requires(it))))
            };
            let lines = table.lines().iter().enumerate().filter(has_listener);
            let lines: Vec<_> = lines.map(|(index, _)| index).collect();
            let documents = selection.listeners().of_document(table.features());
            (lines, documents.map(|rule| RULES[rule].name).collect::<Vec<_>>())
        };
        let file_rules = ["read-only-file", "redirected-to-registry", "secrets-readable-by-others"];
        assert_eq!(called(Version::NEWEST), (vec![], file_rules.to_vec()));
        // Versions before 3.18.5 don't support the value `button`.
        let button = CLEAN.lines().position(|line| line == "autoAnswer=button").unwrap();
        assert!(called(Version::new(3, 15, 6)).0.contains(&button));
    }

    proptest! {
        #![proptest_config(ProptestConfig::with_cases(ProptestConfig::default().cases * 4))]

        #[test]
        fn skipped_rules_would_find_nothing(
            document in documents(),
            microsip in prop::sample::select(&VERSIONS),
        ) {
            let selection = Selection::new(&["all"], &[]).unwrap();
            let by = Check {
                selection: &selection,
                facts: &Machine,
                readable_by_others: &|| Some(true),
                ..Check::new(microsip)
            };
            let found = check_with_suppressions(&document, by);
            let reference = check_with(&document, by, call_all);
            let text = document.encoding().decode(document.bytes());
            prop_assert_eq!(found, reference, "{} {:?}", document.encoding(), text);
        }

        #[test]
        fn fix_that_keeps_its_lines_keeps_all_values(
            document in documents(),
            microsip in prop::sample::select(vec![Version::NEWEST, Version::new(3, 15, 6)]),
        ) {
            let table = LineTable::new(&document, microsip);
            for finding in check(&document, Check::new(microsip)) {
                let Some(fix) = finding.fix() else { continue };
                if let Change::Edits(edits) = fix.change()
                    && safety::keeps_lines(&document, &table, microsip, fix)
                    && let Ok(after) = document.edit(edits)
                {
                    prop_assert!(safety::is_kept(&document, &after, microsip), "{finding:?}");
                }
            }
        }
    }
}
