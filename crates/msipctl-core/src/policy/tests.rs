//! Policies from text to what they want, and what of it a file has.

use std::collections::BTreeMap;
use std::io;
use std::path::Path;

use proptest::prelude::*;

use super::*;
use crate::hook::{Catalogue, NamedIni};
use crate::plan::{EncodingPolicy, Plan};
use winini::profile::Profile;
use winini::{CodePage, Document, Encoding};

/// A disk of texts.
struct Files(BTreeMap<&'static str, Vec<u8>>);

impl Files {
    fn of<const N: usize>(files: [(&'static str, &str); N]) -> Self {
        Self(files.into_iter().map(|(name, text)| (name, text.as_bytes().to_vec())).collect())
    }

    fn read(&self, path: &Path) -> io::Result<Vec<u8>> {
        let name = path.to_str().unwrap().replace('\\', "/");
        // The only steps back that the tests take.
        let name = ["sites/../", "c/../"].iter().fold(name, |name, step| name.replace(step, ""));
        self.0.get(name.as_str()).cloned().ok_or_else(|| io::ErrorKind::NotFound.into())
    }

    fn load(&self, name: &str) -> Result<Policy, Errors> {
        let templates = Catalogue::shipped();
        let read = |path: &Path| self.read(path);
        let inputs = Inputs { read: &read, ansi: CodePage::WESTERN, templates: &templates };
        Policy::load(Path::new(name), &inputs)
    }

    fn resolved(&self, name: &str, with: &With<'_>) -> Result<ResolvedPolicy, Errors> {
        let read = |path: &Path| self.read(path);
        let row = Row::new("pcs.csv:2", with.row.iter().map(|(k, v)| ((*k).into(), (*v).into())));
        let policy = self.load(name)?;
        let resolved = policy.resolved(&Source {
            row: &row,
            microsip: with.microsip.parse().unwrap(),
            user: with.user,
            host: with.host,
            env: &|name| with.env.iter().find(|(it, _)| *it == name).map(|(_, v)| (*v).into()),
            read: &read,
            requires_secrets: true,
            program: r"C:\Program Files\msipctl\msipctl.exe",
            launcher_ini: None,
        });
        resolved.map_err(Errors::from)
    }
}

/// Returns what is known about a file that a row names, without any source of secrets.
fn source(row: &Row) -> Source<'_> {
    Source {
        row,
        microsip: microsip_schema::Version::NEWEST,
        user: "",
        host: "",
        env: &|_| None,
        read: &|_| Err(io::ErrorKind::NotFound.into()),
        requires_secrets: true,
        program: "",
        launcher_ini: None,
    }
}

/// What is known of the file that is asked about.
struct With<'a> {
    row: &'a [(&'a str, &'a str)],
    env: &'a [(&'a str, &'a str)],
    microsip: &'a str,
    user: &'a str,
    host: &'a str,
}

const WITH: With<'_> =
    With { row: &[], env: &[], microsip: "3.22.16", user: "ann", host: "DESK-4" };

fn document(text: &str) -> Document {
    Document::parse(text.as_bytes().to_vec(), Encoding::detect(text.as_bytes(), CodePage::WESTERN))
}

/// Returns the expectation for each key, for people.
fn shown(resolved: &ResolvedPolicy) -> Vec<String> {
    let item = |item: &Item| match &item.expect {
        Expect::Value(value) => format!("{}.{}={value}", item.section, item.key),
        other => format!("{}.{} {other:?}", item.section, item.key),
    };
    resolved.items().map(item).collect()
}

/// Returns the expectations of one TOML file.
#[track_caller]
fn want(text: &str) -> ResolvedPolicy {
    Files::of([("p.toml", text)]).resolved("p.toml", &WITH).unwrap()
}

fn drift(resolved: &ResolvedPolicy, ini: &str) -> Vec<String> {
    let drift = resolved.drift(&document(ini)).into_iter();
    drift
        .map(|it| {
            let Drift { section, key, expected, actual, line, origin, fixable, .. } = it;
            let actual = actual.unwrap_or("-".to_owned());
            let line = line.map_or(String::new(), |line| format!(" in {line}"));
            let fix = if fixable { "" } else { " (by hand)" };
            format!("{origin} {section}.{key}: {actual}{line}, expected {expected}{fix}")
        })
        .collect()
}

/// Applies the policy, and returns the resulting values. Checks that applying it again changes nothing.
#[track_caller]
fn applied(resolved: &ResolvedPolicy, ini: &str) -> String {
    let apply = |document: &Document| {
        let desired = resolved.desired(document).unwrap();
        Plan::new(document, &desired, EncodingPolicy::Auto).unwrap()
    };
    let plan = apply(&document(ini));
    assert!(apply(plan.after()).is_empty(), "{plan:?}");
    let fixable = |drift: &Drift| drift.fixable;
    assert!(!resolved.drift(plan.after()).iter().any(fixable));
    plan.after().encoding().decode_exact(plan.after().bytes()).unwrap().into_owned()
}

#[track_caller]
fn refused(text: &str, expected: &str) {
    let files = Files::of([("p.toml", text)]);
    let errors = files.resolved("p.toml", &WITH).unwrap_err();
    let error = errors.iter().next().unwrap();
    let hint = error.hint().map(|hint| format!(" [{hint}]")).unwrap_or_default();
    let message = format!("{error}{hint}");
    assert!(message.starts_with(expected), "{message}\nexpected {expected}");
}

#[test]
fn policy_values_are_written_in_microsip_format() {
    let resolved = want(
        "[Settings]\nAA = true\ndnd = false\nvolumeRing = 50\nupdatesInterval = \"never\"\n\
         crashReport = { absent = true }\n[account1]\nDomain = \"sip.example.com\"\n\
         [Account2]\nlabel = { value = \"x\" }\n",
    );
    assert_eq!(
        shown(&resolved),
        [
            "Settings.AA=1",
            "Settings.DND=0",
            "Settings.volumeRing=50",
            "Settings.updatesInterval=never",
            "Settings.crashReport Absent",
            "Account1.domain=sip.example.com",
            "Account2.label=x",
        ]
    );
    let after = applied(&resolved, "[Settings]\r\nAA=0\r\ncrashReport=1\r\nDND=0\r\n");
    assert_eq!(
        after,
        "[Settings]\r\nAA=1\r\nDND=0\r\nvolumeRing=50\r\nupdatesInterval=never\r\n\
         [Account1]\r\ndomain=sip.example.com\r\n[Account2]\r\nlabel=x\r\n"
    );
}

#[test]
fn constraints_are_audited_but_not_written() {
    let resolved = want(
        "[Settings]\nrtpPortMin = { min = 16384, max = 32000 }\naudioCodecs = { matches = \"opus\" }\n\
         volumeRing = { max = 80 }\nupdatesInterval = { one_of = [\"never\", \"\"] }\nAA = { present = true }\n",
    );
    let ini = "[Settings]\nrtpPortMin=1000\naudioCodecs=PCMA/8000/1\nupdatesInterval=daily\n";
    assert_eq!(
        drift(&resolved, ini),
        [
            "p.toml:2:1 Settings.rtpPortMin: 1000 in 2, expected 16384 to 32000 (by hand)",
            "p.toml:3:1 Settings.audioCodecs: PCMA/8000/1 in 3, expected text that matches `opus` (by hand)",
            // What is not set is read as its default, 100.
            "p.toml:4:1 Settings.volumeRing: -, expected 80 or less (by hand)",
            "p.toml:5:1 Settings.updatesInterval: daily in 4, expected never or `\"\"` (empty) (by hand)",
            "p.toml:6:1 Settings.AA: -, expected set (by hand)",
        ]
    );
    assert_eq!(applied(&resolved, ini), ini);
    let ini = "[Settings]\nrtpPortMin=32000\naudioCodecs=opus/48000/2\nvolumeRing=80\nupdatesInterval=\nAA=\n";
    assert_eq!(drift(&resolved, ini), [""; 0]);
}

#[test]
fn later_layers_override_and_each_file_loads_once() {
    let files = Files::of([
        ("desk.toml", "extends = [\"sites/a.toml\", \"b.toml\"]\n[Settings]\nAA = true\n"),
        ("sites/a.toml", "extends = [\"../base.toml\"]\n[Settings]\nvolumeRing = 2\n"),
        ("b.toml", "extends = [\"base.toml\"]\n[Settings]\naa = false\nvolumeOutput = 3\n"),
        ("base.toml", "[Settings]\nvolumeRing = 1\nvolumeOutput = 1\nvolumeInput = 1\n"),
    ]);
    let resolved = files.resolved("desk.toml", &WITH).unwrap();
    assert_eq!(
        shown(&resolved),
        [
            "Settings.volumeRing=2",
            "Settings.volumeOutput=3",
            "Settings.volumeInput=1",
            "Settings.AA=1",
        ]
    );
    let layers = files.load("desk.toml").unwrap();
    let layers: Vec<_> = layers.layers().iter().map(|it| it.display().to_string()).collect();
    assert_eq!(layers.len(), 4);
    assert_eq!(layers[3], "desk.toml");
}

#[test]
fn cycle_of_extended_policies_is_reported() {
    let files = Files::of([
        ("a.toml", "extends = [\n  \"b.toml\"]\n"),
        ("b.toml", "extends = [\"c/../c/c.toml\"]\n"),
        ("c/c.toml", "extends = [\"../b.toml\"]\n"),
        ("lost.toml", "\nextends = [\"nowhere.toml\"]\n"),
    ]);
    assert_eq!(
        files.load("a.toml").unwrap_err().to_string().replace('\\', "/"),
        "c/../c/c.toml:1:12: policies extend each other in a cycle: \
         b.toml -> c/../c/c.toml -> c/../c/../b.toml"
    );
    let error = files.load("lost.toml").unwrap_err().to_string();
    assert!(error.starts_with("lost.toml:2:12: can't read nowhere.toml: "), "{error}");
    assert!(files.load("no.toml").unwrap_err().to_string().starts_with("no.toml:1:1: can't"));
}

#[test]
fn conditions_apply_to_a_file_or_a_block() {
    let text = "[match]\nmicrosip = \">=3.20\"\n[Settings]\nAA = true\n\
                [[when]]\nmatch = { host = [\"front\", \"desk-*\"], user = \"a*\" }\n[when.Settings]\nAA = false\n\
                [[when]]\nmatch.microsip = \"3.22\"\nSettings.DND = true\n";
    let files = Files::of([("p.toml", text)]);
    let resolved = |with: &With<'_>| shown(&files.resolved("p.toml", with).unwrap());
    assert_eq!(resolved(&WITH), ["Settings.AA=0", "Settings.DND=1"]);
    assert_eq!(resolved(&With { user: "bob", ..WITH }), ["Settings.AA=1", "Settings.DND=1"]);
    assert_eq!(resolved(&With { microsip: "3.20.5", host: "x", ..WITH }), ["Settings.AA=1"]);
    assert_eq!(resolved(&With { microsip: "3.19.31", ..WITH }), [""; 0]);
}

#[test]
fn row_values_and_secrets_are_filled_in() {
    let files = Files::of([
        (
            "conf/p.toml",
            "[Account1]\nusername = \"{{ row.extension }}\"\nlabel = \"{{ row.extension }} on {{ host | lower }}\"\n\
             password = { row = \"pin\" }\nproxy = { file = \"key.txt\" }\nauthID = { env = \"LOGIN\" }\n",
        ),
        ("conf/key.txt", "p.example.com\r\n"),
    ]);
    let row = &[("extension", "204"), ("pin", "hunter2")];
    let with = With { row, env: &[("LOGIN", "ann")], ..WITH };
    let resolved = files.resolved("conf/p.toml", &with).unwrap();
    assert_eq!(
        shown(&resolved),
        [
            "Account1.username=204",
            "Account1.label=204 on desk-4",
            "Account1.password=hunter2",
            "Account1.proxy=p.example.com",
            "Account1.authID=ann",
        ]
    );
    assert!(!format!("{resolved:?}").contains("hunter2"));
    assert!(
        resolved.secrets().contains("account1", "PROXY")
            && !resolved.secrets().contains("Account1", "label")
    );
    assert_eq!(
        drift(&resolved, "[Account1]\nusername=204\nlabel=204 on desk-4\nproxy=x\npassword=y\n"),
        [
            "conf/p.toml:4:1 Account1.password: *** in 5, expected ***",
            "conf/p.toml:5:1 Account1.proxy: *** in 4, expected ***",
            "conf/p.toml:6:1 Account1.authID: -, expected ***",
        ]
    );
    let message = |with: &With<'_>| {
        let errors = files.resolved("conf/p.toml", with).unwrap_err();
        let error = errors.iter().next().unwrap();
        format!("{error} [{}]", error.hint().unwrap_or_default()).replace('\\', "/")
    };
    assert_eq!(
        message(&With { row: &[("extensions", "1")], ..with }),
        "conf/p.toml:2:12: column `extension` not found in pcs.csv [did you mean `extensions`?]"
    );
    assert_eq!(
        message(&With { env: &[], ..with }),
        "conf/p.toml:6:10: environment variable `LOGIN` isn't set [set it before you run msipctl]"
    );
    let row = &[("extension", "204"), ("pin", "a\nb=c")];
    assert_eq!(
        message(&With { row, ..with }),
        "conf/p.toml:4:12: the value in the row at pcs.csv:2 contains a line break or a NUL character: expected one line []"
    );
}

#[test]
fn encrypted_password_is_unchanged_when_it_may_match() {
    let resolved = want("[Account1]\npassword = \"hunter2\"\n");
    let stored = |digits: usize| {
        format!("[Account1]\npassword={}\n", "0123456789abcdef".repeat(digits / 16))
    };
    for (ini, drifts, unverified) in [
        ("[Account1]\npassword=hunter2\n".to_owned(), 0, 0),
        (stored(48), 0, 1),
        (stored(32), 1, 0),
        ("[Account1]\npassword=other\n".to_owned(), 1, 0),
        ("[Account1]\n".to_owned(), 1, 0),
    ] {
        assert_eq!(resolved.drift(&document(&ini)).len(), drifts, "{ini}");
        assert_eq!(resolved.unverified(&document(&ini)).len(), unverified, "{ini}");
        let desired = resolved.desired(&document(&ini)).unwrap();
        assert_eq!(desired.requests().len(), drifts, "{ini}");
    }
    let policy =
        Files::of([("p.toml", "[Account1]\npassword = \"hunter2\"\n")]).load("p.toml").unwrap();
    let [warning] = &policy.warnings()[..] else { panic!() };
    assert!(
        warning.starts_with("p.toml:2:12: `Account1.password` is written in the policy itself")
    );
    assert!(!warning.contains("hunter2") && !format!("{policy:?}").contains("hunter2"));
}

#[test]
fn value_rendered_from_a_secret_is_a_secret() {
    let files = Files::of([(
        "p.toml",
        "[Account1]\nlabel = \"{{ row.pin_token }}\"\nauthID = \"{{ row['pin' ~ '_token'] }}\"\n\
         [[hook]]\ntemplate = \"native-command\"\non = [\"call-end\"]\n\
         with = { program = 'C:\\a.exe', argument = { env = \"KEY\" } }\n",
    )]);
    let with = With { row: &[("pin_token", "hunter2")], env: &[("KEY", "hunter2")], ..WITH };
    let resolved = files.resolved("p.toml", &with).unwrap();
    let drifted = drift(&resolved, "");
    assert!(drifted.len() == 3 && !drifted.concat().contains("hunter2"), "{drifted:?}");
    let desired = resolved.desired(&document("")).unwrap();
    for request in desired.requests() {
        let key = request.key.as_deref().unwrap();
        let holds =
            matches!(&request.want, crate::plan::RequestKind::Value(it) if it.contains("hunter2"));
        assert!(
            desired.secrets().contains(&request.section, key) || !holds,
            "{}.{key}",
            request.section
        );
    }
    assert!(!format!("{resolved:?} {desired:?}").contains("hunter2"));
}

#[test]
fn policy_hooks_are_added_once() {
    let resolved = want(
        "[[hook]]\ntemplate = \"send-message\"\non = [\"incoming-call\", \"call-end\"]\nwith = { window = \"My App\" }\n\
         [[hook]]\ntemplate = \"call-log\"\non = [\"call-end\"]\nwith = { file = 'C:\\calls.csv' }\n",
    );
    let after = applied(&resolved, "[Settings]\r\nAA=1\r\n");
    for line in [
        "OnIncomingCall=SendMessage,My App,WM_USER+100,%number%\r\n",
        "cmdIncomingCall=\"C:\\Program Files\\msipctl\\msipctl.exe\" hook run incoming-call\r\n",
        "OnCallEnd=SendMessage,My App,WM_USER+100,%number%\r\n",
        "OnCallEnd.2=Log,C:\\calls.csv\r\n",
    ] {
        assert!(after.contains(line), "{line}{after}");
    }
    let drifted = drift(&resolved, &after.replace("Log,C:\\calls.csv", "Log,C:\\other.csv"));
    let [only] = &drifted[..] else { panic!("{drifted:?}") };
    assert!(only.contains("p.toml:6:12 Settings.OnCallEnd.2: Log,C:\\other.csv"), "{only}");
    assert!(applied(&resolved, "").contains("created=Settings"));
}

#[test]
fn foreign_command_is_drift_that_is_not_fixed() {
    let hook =
        "[[hook]]\ntemplate = \"call-log\"\non = [\"call-end\"]\nwith = { file = 'C:\\c.csv' }\n";
    let ini = "[Settings]\ncmdCallEnd=C:\\a.exe --password=hunter2\n";
    let resolved = want(hook);
    let error = resolved.desired(&document(ini)).unwrap_err();
    assert!(error.is_precondition() && !error.to_string().contains("hunter2"), "{error}");
    let drifted = drift(&resolved, ini);
    assert!(
        drifted[0].ends_with("--password=*** (by hand)") && !drifted[0].contains("hunter2"),
        "{drifted:?}"
    );
    let replaced = applied(&want(&format!("{hook}replace = true\n")), ini);
    assert!(replaced.contains("cmdCallEnd.before="), "{replaced}");
    let chained = applied(&want(&format!("{hook}chain = true\n")), ini);
    assert!(chained.contains("OnCallEnd=Run,C:\\a.exe"), "{chained}");
}

#[test]
fn hook_of_a_later_layer_overrides_keys() {
    let files = Files::of([
        ("golden.ini", "[Settings]\ncmdCallEnd=\ncmdCallStart=\nAA=1\n"),
        (
            "p.toml",
            "extends = [\"golden.ini\"]\n[[hook]]\ntemplate = \"call-log\"\non = [\"call-end\"]\nwith = { file = 'C:\\c.csv' }\n",
        ),
    ]);
    let resolved = files.resolved("p.toml", &WITH).unwrap();
    assert_eq!(shown(&resolved), ["Settings.cmdCallStart=", "Settings.AA=1"]);
    applied(&resolved, "[Settings]\ncmdCallEnd=\n");
    refused(
        "[[hook]]\ntemplate = \"call-log\"\non = [\"call-end\"]\nwith = { file = 'C:\\c.csv' }\n[Settings]\nOnCallEnd = { absent = true }\n",
        "p.toml:6:1: the hook at p.toml:2:12 also writes `OnCallEnd`",
    );
}

#[test]
fn golden_file_is_rejected_when_nul_characters_end_its_text() {
    for (bytes, expected) in [
        (&b"\0\0\0\0"[..], "golden.ini:1:1: the file holds only NUL characters"),
        (b"[Settings]\r\nAA=1\r\n\0\0", "golden.ini:1:1: the file ends in NUL characters"),
        (b"[Settings]\r\nAA=\x001\r\n", "golden.ini:2:1: line 2 holds a NUL character"),
    ] {
        let errors = Files([("golden.ini", bytes.to_vec())].into()).load("golden.ini").unwrap_err();
        let error = errors.iter().next().unwrap();
        let shown = format!("{}: {}", error.location(), error.message());
        assert!(shown.starts_with(expected), "{shown}");
        assert!(error.hint().is_some_and(|hint| hint.contains("msipctl check --fix")), "{error:?}");
    }
}

#[test]
fn golden_file_is_parsed_as_windows_reads_it() {
    let text = "; ours\r\n[Settings]\r\nAA=\"1\"\r\naa=0\r\nmainX=5\r\nlastCallNumber=1\r\naudioInputDevice=x\r\n\
                [msipctl]\r\nOnCallEnd=call-log\r\n[Calls]\r\n0=1;x\r\n[Account1]\r\npassword=0123\r\nlabel=Zoë\r\n";
    let mut bytes = b"\xff\xfe".to_vec();
    bytes.extend(text.encode_utf16().flat_map(u16::to_le_bytes));
    let files = Files([("golden.ini", bytes)].into());
    let resolved = files.resolved("golden.ini", &WITH).unwrap();
    assert_eq!(shown(&resolved), ["Settings.AA=1", "Account1.password=0123", "Account1.label=Zoë"]);
    assert_eq!(resolved.items().next().unwrap().origin.to_string(), "golden.ini:3:1");
    assert_eq!(files.load("golden.ini").unwrap().warnings().len(), 1);
}

#[test]
fn policy_errors_report_their_location() {
    for (text, expected) in [
        ("[Settings\n", "p.toml:1:10: invalid TOML: "),
        (
            "[Settings]\nsingleMod = 1\n",
            "p.toml:2:1: unknown key `singleMod` in `[Settings]` [did you mean `singleMode`?]",
        ),
        (
            "[Setings]\nAA = 1\n",
            "p.toml:1:2: unknown section `[Setings]` [did you mean `[Settings]`?]",
        ),
        ("[Ours]\nAA = 1\n", "p.toml:2:1: unknown section `[Ours]`"),
        (
            "[Settings]\nAA = \"yes\"\n",
            "p.toml:2:6: invalid value `yes` for `Settings.AA`: expected `0` or `1`",
        ),
        (
            "[Settings]\nAA = 1.5\n",
            "p.toml:2:6: invalid value `1.5` for `Settings.AA`: expected a string, an integer, `true`, or `false`",
        ),
        (
            "[Settings]\nAA = 2027-01-31\n",
            "p.toml:2:6: invalid value `2027-01-31` for `Settings.AA`",
        ),
        (
            "[Settings]\nAA = { abent = true }\n",
            "p.toml:2:8: unknown key `abent` in the value of `Settings.AA` [did you mean `absent`?]",
        ),
        (
            "[Settings]\nAA = { min = 1, absent = true }\n",
            "p.toml:2:6: `min` or `max`, `absent` can't be combined for `Settings.AA`: expected one of them",
        ),
        (
            "[Settings]\nAA = { env = \"A\", row = \"b\" }\n",
            "p.toml:2:6: `env`, `row` can't be combined for `Settings.AA`",
        ),
        (
            "[Settings]\nAA = {}\n",
            "p.toml:2:6: the table for `Settings.AA` is missing the expectation",
        ),
        (
            "[Settings]\nvolumeRing = { min = 5, max = 1 }\n",
            "p.toml:2:14: `min` is 5, which is more than `max`, 1",
        ),
        (
            "[Settings]\nuserAgent = { matches = \"(\" }\n",
            "p.toml:2:25: invalid value `(` for `Settings.userAgent.matches`: expected a regular expression that matches allowed values, but it isn't one",
        ),
        (
            "[Settings]\nAA = { absent = false }\n",
            "p.toml:2:17: invalid value `false` for `absent`: expected `true` [remove `absent`]",
        ),
        ("[Settings]\nAA = 1\naa = 0\n", "p.toml:3:1: duplicate key `AA`: it's already in line 2"),
        (
            "[Settings]\nuserAgent = \"{{ rwo.x }}\"\n",
            "p.toml:2:13: unknown name `rwo.x` in a template",
        ),
        ("[Settings]\nuserAgent = \"{{ row.x\"\n", "p.toml:2:13: invalid template: syntax error"),
        (
            "[Settings]\nbitrateVP8 = 5\n",
            "p.toml:2:14: MicroSIP stopped reading `Settings.bitrateVP8` after 3.15.6; the target version is 3.22.16 [use `Settings.videoBitrate`",
        ),
        (
            "[Settings]\nOnCallEnd = \"Rnu,x\"\n",
            "p.toml:2:13: `OnCallEnd`: column 1: unknown action `Rnu`",
        ),
        (
            "[Account1]\npasswordSize = \"hunter2\"\n",
            "p.toml:2:16: invalid value for `Account1.passwordSize`: expected an integer",
        ),
        (
            "AA = 1\n",
            "p.toml:1:1: `AA` is an integer outside of a section [write it below `[Settings]`]",
        ),
        (
            "extend = [\"a.toml\"]\n",
            "p.toml:1:1: `extend` is a list outside of a section [did you mean `extends`?]",
        ),
        ("[match]\nmicrosip = \"new\"\n", "p.toml:2:12: invalid version condition `new`"),
        (
            "[match]\nhost = 3\n",
            "p.toml:2:8: invalid value `3` for `host`: expected a string or a list of strings",
        ),
        (
            "[[when]]\n[when.Settings]\nAA = 1\n",
            "p.toml:1:1: `[[when]]` is missing `match`, which selects the files it applies to [for example: `match = { host = \"front-*\" }`]",
        ),
        ("[when]\n", "p.toml:1:1: `when` is a table: expected `[[when]]`"),
        (
            "extends = 3\n",
            "p.toml:1:11: invalid value `3` for `extends`: expected a string or a list of strings",
        ),
        (
            "[[hook]]\ntemplate = \"sendmessage\"\non = [\"call-end\"]\n",
            "p.toml:2:12: unknown template `sendmessage` [did you mean `send-message`?]",
        ),
        (
            "[[hook]]\ntemplate = \"call-log\"\non = [\"callend\"]\n",
            "p.toml:3:7: unknown event `callend` [did you mean `call-end`?]",
        ),
        (
            "[[hook]]\ntemplate = \"call-log\"\non = []\n",
            "p.toml:3:6: `on` is empty: expected at least one event",
        ),
        ("[[hook]]\non = \"call-end\"\n", "p.toml:1:1: `[[hook]]` is missing `template`"),
        (
            "[[hook]]\ntemplate = \"send-message\"\non = [\"call-end\"]\n",
            "p.toml:2:12: missing parameter `window` for template `send-message`",
        ),
        (
            "[[hook]]\ntemplate = \"send-message\"\non = [\"call-end\"]\nwith = { window = \"a\", message = \"x\" }\n",
            "p.toml:4:34: invalid value for parameter `message` of template `send-message`: Message ID to send",
        ),
        (
            "[[hook]]\ntemplate = \"call-log\"\non = [\"call-end\"]\nreplace = true\nchain = true\n",
            "p.toml:5:1: `chain` can't be combined with `replace`",
        ),
    ] {
        refused(text, expected);
    }
}

#[test]
fn all_errors_of_a_policy_are_reported_with_corrected_lines() {
    let files = Files::of([
        (
            "p.toml",
            "extends = \"base.toml\"\n[Settings]\nsingleMod = true\nAA = \"yes\"\nupdatesInterval = \"Never\"\n\
             [Account1]\npasword = \"hunter2\"\npassword = { value = \"hunter2\", froce = true }\n\
             [[hook]]\ntemplate = \"call-log\"\non = \"callend\"\nwith = { file = 3.5 }\n",
        ),
        ("base.toml", "[Settings]\nvolumeRing = { one_of = 5 }\n"),
    ]);
    let errors = files.load("p.toml").unwrap_err();
    let shown: Vec<_> = errors
        .iter()
        .map(|error| {
            let excerpt = error.excerpt().unwrap();
            let marked = &excerpt.text[excerpt.marked.clone()];
            let (path, line) = (error.location().path().display(), error.location().line());
            format!("{path}:{line} {marked} -> {}", error.correction().unwrap_or("?"))
        })
        .collect();
    assert_eq!(
        shown,
        [
            "p.toml:3 singleMod -> singleMode = true",
            "p.toml:4 \"yes\" -> AA = true",
            "p.toml:5 \"Never\" -> updatesInterval = \"never\"",
            "p.toml:7 pasword -> ?",
            "p.toml:8 froce -> ?",
            "p.toml:11 \"callend\" -> on = \"call-end\"",
            "p.toml:12 3.5 -> with = { file = \"3.5\" }",
            "base.toml:2 5 -> volumeRing = { one_of = [5] }",
        ]
    );
}

#[test]
fn event_and_extended_policy_can_be_single_strings() {
    let files = Files::of([
        (
            "p.toml",
            "extends = \"base.toml\"\n[[hook]]\ntemplate = \"call-log\"\non = \"call-end\"\nwith = { file = 'C:\\c.csv' }\n",
        ),
        ("base.toml", "[Settings]\nAA = 1\n"),
    ]);
    assert_eq!(files.resolved("p.toml", &WITH).unwrap().len(), 2);
}

#[test]
fn number_of_reported_errors_is_limited() {
    let text =
        format!("[Settings]\n{}", (0..200).map(|it| format!("x{it} = 1\n")).collect::<String>());
    let errors = Files::of([("p.toml", &text)]).load("p.toml").unwrap_err();
    assert_eq!((errors.iter().count(), errors.count()), (50, 200));
    assert!(errors.to_string().ends_with("(and 199 more errors)"), "{errors}");
}

#[test]
fn utf16_policy_is_decoded() {
    let mut bytes = b"\xff\xfe".to_vec();
    bytes.extend("[Settings]\r\nuserAgent = \"Zoë\"\r\n".encode_utf16().flat_map(u16::to_le_bytes));
    let resolved = Files([("p.toml", bytes)].into()).resolved("p.toml", &WITH).unwrap();
    assert_eq!(shown(&resolved), ["Settings.userAgent=Zoë"]);
}

/// Checks a policy for rows of an inventory, each with its columns and its host, before any file.
fn checked(text: &str, rows: &[(&str, &[&str])], env: &[(&str, &str)]) -> Vec<String> {
    let policy = Files::of([("p.toml", text)]).load("p.toml").unwrap();
    let rows: Vec<_> = rows
        .iter()
        .map(|(host, columns)| {
            let columns = columns.iter().map(|name| ((*name).to_owned(), "1".to_owned()));
            (Row::new("pcs.csv:2", columns), *host)
        })
        .collect();
    let env = |name: &str| env.iter().find(|(it, _)| *it == name).map(|(_, v)| (*v).to_owned());
    let sources =
        rows.iter().map(|(row, host)| Source { user: "ann", host, env: &env, ..source(row) });
    let errors = policy.check_sources(sources).err().unwrap_or_default();
    errors.iter().map(ToString::to_string).collect()
}

#[test]
fn missing_columns_are_reported_once_before_any_file() {
    let text = "[Account1]\nusername = \"{{ row.ext }}\"\nlabel = \"{{ row.name }}\"\n\
                [[when]]\nmatch = { host = \"front-*\" }\n[when.Account1]\ndisplayName = \"{{ row.desk }}\"\n\
                [[when]]\nmatch = { microsip = \"<3.20\" }\n[when.Account1]\nauthID = \"{{ row.old }}\"\nlabel = \"x\"\n";
    let ext = "p.toml:2:12: column `ext` not found in pcs.csv";
    assert_eq!(checked(text, &[("a", &["ini"]), ("b", &["ini"])], &[]), [ext]);
    // Another header, and a block that applies to one of the rows.
    let rows: &[(&str, &[&str])] = &[("a", &["ini", "ext"]), ("front-1", &["ini", "ext"])];
    assert_eq!(checked(text, rows, &[]), ["p.toml:7:15: column `desk` not found in pcs.csv"]);
    let hook = "[[hook]]\ntemplate = \"call-log\"\non = \"call-end\"\nwith = { file = \"{{ row.log }}\" }\n";
    assert_eq!(checked(hook, rows, &[]), ["p.toml:4:17: column `log` not found in pcs.csv"]);
}

#[test]
fn secret_that_no_file_accepts_is_reported_once_before_any_file() {
    let text = "[Settings]\nvolumeRing = { env = \"VOLUME\" }\nAA = { env = \"AA\" }\n[Account1]\npassword = { file = \"pw\" }\n";
    let rows: &[(&str, &[&str])] = &[("a", &["ini"]), ("b", &["ini"])];
    let errors = checked(text, rows, &[("VOLUME", "geheim")]);
    assert_eq!(errors.len(), 3, "{errors:?}");
    assert!(!errors.concat().contains("geheim"), "{errors:?}");
    assert!(errors[1].contains("environment variable `AA` isn't set"), "{errors:?}");
    assert!(errors[2].contains("can't read the secret in pw"), "{errors:?}");
}

#[test]
fn launcher_that_names_the_file_in_another_spelling_complies() {
    let text = "[[hook]]\ntemplate = \"call-log\"\non = \"call-end\"\nmsipctl = 'c:/MSIPCTL.exe'\n\
                with = { file = 'C:\\a.csv' }\n";
    let policy = Files::of([("p.toml", text)]).load("p.toml").unwrap();
    let own = NamedIni {
        path: r"C:\Phones\MicroSIP.ini".to_owned(),
        is_same: |own, other| own == other.replace('/', r"\"),
    };
    let resolved = policy.resolved(&Source {
        program: r"C:\msipctl.exe",
        launcher_ini: Some(&own),
        ..source(&Row::default())
    });
    let resolved = resolved.unwrap();
    let with = |arguments: &str| {
        format!(
            "[Settings]\nOnCallEnd=Log,C:\\a.csv\ncmdCallEnd=\"C:\\msipctl.exe\" hook run{arguments} call-end\n\
             [msipctl]\nOnCallEnd=call-log\ncmdCallEnd=launcher\n"
        )
    };
    let named = with(r" --ini C:\Phones\MicroSIP.ini");
    assert_eq!(applied(&resolved, "[Settings]\n"), named.replace(r"C:\msipctl", "c:/MSIPCTL"));
    for ini in [named, with(" --ini C:/Phones/MicroSIP.ini")] {
        assert_eq!(drift(&resolved, &ini), [""; 0]);
        assert_eq!(applied(&resolved, &ini), ini);
    }
    for ini in ["", r" --ini C:\Phones\Other.ini"] {
        let drift = resolved.drift(&document(&with(ini)));
        let problems: Vec<_> = drift.into_iter().map(|it| it.hook.unwrap().problem).collect();
        assert_eq!(problems, [HookProblem::NoLauncher], "{ini}");
    }
}

#[test]
fn forced_values_accept_unknown_keys_and_invalid_values() {
    let resolved = want(
        "[Ours]\nx = { value = 1, force = true }\n[Settings]\nAA = { value = \"yes\", force = true }\n",
    );
    assert_eq!(shown(&resolved), ["Ours.x=1", "Settings.AA=yes"]);
}

#[test]
fn block_can_depend_on_a_row() {
    let text = "[[when]]\nmatch = { row.site = [\"Ber*\", \"Bonn\"], row.role = \"agent\" }\n[when.Settings]\nAA = 1\n";
    let files = Files::of([("p.toml", text)]);
    let resolved =
        |row: &[(&str, &str)]| shown(&files.resolved("p.toml", &With { row, ..WITH }).unwrap());
    assert_eq!(resolved(&[("site", "berlin"), ("role", "Agent")]), ["Settings.AA=1"]);
    assert_eq!(resolved(&[("site", "Hamburg"), ("role", "agent")]), [""; 0]);
    assert_eq!(resolved(&[("site", "bonn"), ("role", "")]), [""; 0]);
    let rows: &[(&str, &[&str])] = &[("a", &["ini", "site"]), ("b", &["ini", "site"])];
    assert_eq!(checked(text, rows, &[]), ["p.toml:2:44: column `role` not found in pcs.csv"]);
    assert_eq!(checked(text, &[("a", &["role", "site"])], &[]), [""; 0]);
}

#[test]
fn default_is_written_only_when_the_key_is_not_set() {
    let text =
        "[Settings]\nvolumeRing = { default = 70 }\nuserAgent = { default = \"{{ host }}\" }\n";
    let resolved = want(text);
    assert_eq!(drift(&resolved, "[Settings]\nvolumeRing=5\nuserAgent=x\n"), [""; 0]);
    let expected = "[Settings]\nvolumeRing=70\nuserAgent=DESK-4\n";
    assert_eq!(applied(&resolved, "[Settings]\nvolumeRing=\n"), expected);
    refused(
        "[Settings]\nvolumeRing = { default = 500 }\n",
        "p.toml:2:14: invalid value `500` for `Settings.volumeRing`",
    );
}

#[test]
fn key_of_each_account_is_written_to_existing_accounts() {
    let text = "[\"Account*\"]\ndomain = \"sip.example.com\"\npassword = { row = \"pin\" }\n\
                [Account2]\nDomain = \"other.example.com\"\n";
    let row = &[("pin", "hunter2")];
    let resolved = Files::of([("p.toml", text)]).resolved("p.toml", &With { row, ..WITH }).unwrap();
    let before = "[Settings]\nAA=1\n[Account1]\ndomain=x\n[Account2]\nlabel=b\n[Account3]\n";
    let after = applied(&resolved, before);
    assert_eq!(
        after,
        "[Settings]\nAA=1\n[Account1]\ndomain=sip.example.com\npassword=hunter2\n\
         [Account2]\nlabel=b\ndomain=other.example.com\npassword=hunter2\n\
         [Account3]\ndomain=sip.example.com\npassword=hunter2\n"
    );
    let drifted = drift(&resolved, before);
    assert!(
        drifted.iter().any(|it| it.contains("Account3.password: -, expected ***")),
        "{drifted:?}"
    );
    assert!(!drifted.concat().contains("hunter2"), "{drifted:?}");
    let only_other = applied(&resolved, "[Settings]\nAA=1\n");
    assert_eq!(
        only_other,
        "[Settings]\nAA=1\n[Account2]\ndomain=other.example.com\npassword=hunter2\n"
    );
    refused("[\"Account*\"]\ndomian = \"x\"\n", "p.toml:2:1: unknown key `domian` in `[Account1]`");
    refused(
        "[\"Account*\"]\nabsent = true\n",
        "p.toml:2:1: `absent` isn't available for `[\"Account*\"]`",
    );
}

/// Resolves a policy for one file that several rows name.
fn of_rows(text: &str, rows: &[&[(&str, &str)]]) -> Result<ResolvedPolicy, Error> {
    let policy = Files::of([("p.toml", text)]).load("p.toml").unwrap();
    let rows: Vec<_> = (2..)
        .zip(rows)
        .map(|(line, row)| {
            let columns = row.iter().map(|(name, value)| ((*name).into(), (*value).into()));
            Row::new(format!("pcs.csv:{line}"), columns)
        })
        .collect();
    let env = |name: &str| name.strip_prefix("PW_").map(|name| format!("secret-{name}"));
    let sources: Vec<_> = rows.iter().map(|row| Source { env: &env, ..source(row) }).collect();
    let resolved = policy.resolved_for_rows(&sources);
    let checked = policy.check_rows([sources].into_iter());
    if resolved.is_ok() {
        assert_eq!(checked, Ok(()));
    }
    resolved
}

const ROW_ACCOUNTS: &str = "[Settings]\nAA = 1\n[\"Account{{ row.account }}\"]\nusername = \"{{ row.username }}\"\n\
                            password = { env = \"PW_{{ row.username }}\" }\n[Account2]\nlabel = \"two\"\n";

#[test]
fn each_row_states_the_account_that_it_names() {
    let rows: &[&[_]] =
        &[&[("account", "1"), ("username", "100")], &[("account", "2"), ("username", "200")]];
    let resolved = of_rows(ROW_ACCOUNTS, rows).unwrap();
    let ini = "[Settings]\nAA=0\n[Account1]\nusername=7\n";
    assert_eq!(
        applied(&resolved, ini),
        "[Settings]\nAA=1\n[Account1]\nusername=100\npassword=secret-100\n\
         [Account2]\nlabel=two\nusername=200\npassword=secret-200\n"
    );
    let drifted = drift(&resolved, ini);
    assert!(drifted.iter().any(|it| it.contains("Account2.username: -, expected 200")));
    assert!(!drifted.concat().contains("secret-"), "{drifted:?}");
}

#[test]
fn rows_that_state_different_values_of_a_key_are_rejected() {
    let same: &[&[_]] =
        &[&[("account", "2"), ("username", "100")], &[("account", "2"), ("username", "200")]];
    let error = of_rows(ROW_ACCOUNTS, same).unwrap_err().to_string();
    assert_eq!(
        error,
        "p.toml:4:1: the rows pcs.csv:2 and pcs.csv:3 name the same file, but state different values for `Account2.username`"
    );
    let rows: &[&[_]] = &[&[("n", "a")], &[("n", "b")]];
    for text in [
        "[Account1]\nlabel = \"{{ row.n }}\"\n",
        "[\"Account*\"]\nlabel = \"{{ row.n }}\"\n",
        "[\"Account*\"]\nmatch = { domain = \"x\" }\nlabel = \"{{ row.n }}\"\n",
        "[Settings]\nAA = 0\n[[when]]\nmatch = { row.n = \"b\" }\nSettings.AA = 1\n",
        "[[hook]]\ntemplate = \"call-log\"\non = \"call-end\"\nwith = { file = 'C:\\{{ row.n }}.csv' }\n",
        "[[when]]\nmatch = { row.n = \"a\" }\nAccount1.absent = true\n[[when]]\nmatch = { row.n = \"b\" }\nAccount1.replace = true\n",
    ] {
        let error = of_rows(text, rows).unwrap_err().to_string();
        assert!(error.contains("the rows pcs.csv:2 and pcs.csv:3 name the same file"), "{error}");
    }
    // Each row finds its own account by value, but both find the same one.
    let text = "[\"Account*\"]\nmatch = { username = [\"7\", \"{{ row.n }}\"] }\nlabel = \"{{ row.n }}\"\n";
    let resolved = of_rows(text, rows).unwrap();
    let apart = document("[Account1]\nusername=a\n[Account2]\nusername=b\n");
    assert!(resolved.desired(&apart).is_ok());
    let error = resolved.desired(&document("[Account1]\nusername=7\n")).unwrap_err().to_string();
    assert!(error.contains("different values for `Account1.label`"), "{error}");
}

#[test]
fn row_can_name_only_an_account() {
    for account in ["x", "01", "Settings", "1]\n[Settings", "-1", "1 ", "99999999999"] {
        let row: &[&[_]] = &[&[("account", account), ("username", "100")]];
        let error = of_rows(ROW_ACCOUNTS, row).unwrap_err();
        let is_expected = error.message().starts_with("invalid account `")
            || error.message().contains("line break");
        assert!(is_expected && error.location().line() == 3, "{error}");
    }
    let row: &[&[_]] = &[&[("account", ""), ("username", "100")]];
    let error = of_rows(ROW_ACCOUNTS, row).unwrap_err().to_string();
    assert!(error.contains("column `account` is empty in the row at pcs.csv:2"), "{error}");
    refused(
        "[\"{{ row.a }}\"]\nAA = 1\n",
        "p.toml:1:2: `[{{ row.a }}]` is a template: a row can name only accounts",
    );
    refused(
        "[\"Account{{ row.pin }}\"]\nlabel = \"x\"\n",
        "p.toml:1:2: the name of a section uses a secret column",
    );
    let rows: &[(&str, &[&str])] = &[("a", &["ini", "acount", "username"])];
    assert_eq!(
        checked("[\"Account{{ row.account }}\"]\nlabel = \"x\"\nport = 1\n", rows, &[]),
        ["p.toml:1:2: column `account` not found in pcs.csv"]
    );
}

#[test]
fn account_is_found_by_its_values() {
    let text = "[[\"Account*\"]]\nlabel = \"any\"\n[[\"Account*\"]]\nmatch = { domain = [\"SIP.example.com\", \"*.example.net\"], username = \"2*\" }\n\
                label = \"{{ host }}\"\nproxy = { default = \"p.example.com\" }\n[Account4]\nlabel = \"four\"\n";
    let resolved = want(text);
    let ini = "[Account1]\ndomain=\"sip.example.com\"\ndomain=x\nusername=204\n[Account2]\ndomain=sip.example.com\nusername=304\n\
               [Account3]\ndomain=a.example.net\nusername=2\nproxy=q\n[Account4]\ndomain=sip.example.com\nusername=2\n";
    let after = applied(&resolved, ini);
    let after = document(&after);
    let get = |section: &str, key: &str| {
        Profile::new(&after).get(section, key).unwrap_or_default().into_owned()
    };
    let labels = ["Account1", "Account2", "Account3", "Account4"].map(|it| get(it, "label"));
    assert_eq!(labels, ["DESK-4", "any", "DESK-4", "four"]);
    let proxies = ["Account1", "Account2", "Account3", "Account4"].map(|it| get(it, "proxy"));
    assert_eq!(proxies, ["p.example.com", "", "q", "p.example.com"]);
    let none = document("[Account1]\ndomain=x\n");
    let note = "no account has `domain` `SIP.example.com` or `*.example.net` and `username` `2*` (p.toml:4:9)";
    assert_eq!(resolved.for_file(&none).notes(), [note]);
    assert_eq!(resolved.desired(&none).unwrap().notes(), [note]);
    assert_eq!(resolved.for_file(&document(ini)).notes(), [""; 0]);
}

#[test]
fn block_can_change_the_key_by_which_it_finds_an_account() {
    let text = "[[\"Account*\"]]\nmatch = { domain = \"new.example\" }\nlabel = \"new\"\n\
                [[\"Account*\"]]\nmatch = { domain = \"old.example\" }\ndomain = \"new.example\"\n";
    let resolved = want(text);
    let after = "[Account1]\ndomain=new.example\nlabel=new\n";
    assert_eq!(applied(&resolved, "[Account1]\ndomain=old.example\n"), after);
    // The label would depend on whether the policy was applied before.
    let text = "[[\"Account*\"]]\nmatch = { domain = \"*\" }\nlabel = \"any\"\n\
                [[\"Account*\"]]\nmatch = { domain = \"old\" }\ndomain = \"new\"\nlabel = \"was old\"\n";
    let error = want(text).desired(&document("[Account1]\ndomain=old\n")).unwrap_err();
    let expected = "p.toml:3:1: `match` selects `[Account1]` only before the change, so the next `apply` would change `label` again";
    assert_eq!(error.to_string(), expected);
}

#[test]
fn matching_account_can_be_absent_or_replaced() {
    let text = "[[\"Account*\"]]\nlabel = \"x\"\n[[\"Account*\"]]\nmatch = { domain = \"old\" }\nabsent = true\n\
                [[\"Account*\"]]\nmatch = { domain = \"new\" }\nreplace = true\ndomain = \"new\"\nusername = { absent = true }\n";
    let ini = "[Account1]\ndomain=old\n[Account2]\ndomain=new\nusername=2\nproxy=p\n[Account3]\nproxy=p\n";
    assert_eq!(
        applied(&want(text), ini),
        "[Account2]\ndomain=new\nlabel=x\n[Account3]\nproxy=p\nlabel=x\n"
    );
}

#[test]
fn value_of_a_row_in_match_has_no_wildcards() {
    let text = "[\"Account*\"]\nmatch = { username = \"{{ row.user }}\" }\npassword = { env = \"PW_{{ row.user }}\" }\n";
    let two = "[Account1]\nusername=100\n[Account2]\nusername=200\n";
    let rows: &[&[_]] = &[&[("user", "200")], &[("user", "100")]];
    assert_eq!(
        applied(&of_rows(text, rows).unwrap(), two),
        "[Account1]\nusername=100\npassword=secret-100\n[Account2]\nusername=200\npassword=secret-200\n"
    );
    let any = of_rows(text, &[&[("user", "*")]]).unwrap();
    assert_eq!(applied(&any, two), two);
    let text = text.split("password").next().unwrap().to_owned() + "label = \"x\"\n";
    let error = of_rows(&text, &[&[("user", "")]]).unwrap_err().to_string();
    assert!(error.starts_with("p.toml:2:22: column `user` is empty"), "{error}");
    refused(
        "[\"Account*\"]\nmatch = { password = \"x\" }\n",
        "p.toml:2:11: `match` can't test `password`, because its value is secret",
    );
    refused(
        "[\"Account*\"]\nmatch = { domian = \"x\" }\n",
        "p.toml:2:11: unknown key `domian` in `[Account1]` [did you mean `domain`?]",
    );
    refused("[\"Account*\"]\nmatch = {}\n", "p.toml:2:9: `match` is empty");
    refused("[\"Account*\"]\nmatch = { domain = [] }\n", "p.toml:2:20: `match.domain` is empty");
    refused("[\"Account*\"]\nmatch = \"x\"\n", "p.toml:2:9: invalid value `x` for `match`");
}

#[test]
fn rows_that_contradict_each_other_for_some_versions_are_found_before_any_file() {
    let text =
        "[[when]]\nmatch = { microsip = \">=3.19, <3.20\" }\nAccount1.label = \"{{ row.n }}\"\n";
    let policy = Files::of([("p.toml", text)]).load("p.toml").unwrap();
    let rows =
        ["a", "b"].map(|n| Row::new(format!("pcs.csv:{n}"), [("n".to_owned(), n.to_owned())]));
    let sources: Vec<_> = rows.iter().map(source).collect();
    assert!(policy.resolved_for_rows(&sources).is_ok());
    let errors = policy.check_rows([sources].into_iter()).unwrap_err().to_string();
    assert!(errors.contains("the rows pcs.csv:a and pcs.csv:b"), "{errors}");
}

#[test]
fn section_can_be_absent_or_replaced() {
    let ini = "[Settings]\nAA=1\n[Account1]\nlabel=a\n[Account2]\nlabel=b\nusername=2\n[Shortcuts]\n0=old\n1=older\n";
    let resolved = want(
        "[Account2]\nabsent = true\n[Account3]\nabsent = true\n[Shortcuts]\nreplace = true\n0 = { value = \"new\", force = true }\n",
    );
    assert_eq!(
        drift(&resolved, ini),
        [
            "p.toml:7:1 Shortcuts.0: old in 8, expected new",
            "p.toml:2:1 Account2.label: b in 6, expected not set",
            "p.toml:2:1 Account2.username: 2 in 7, expected not set",
            "p.toml:6:1 Shortcuts.1: older in 10, expected not set",
        ]
        .map(|line| line.replace("old in 8", "old in 9"))
    );
    assert_eq!(
        applied(&resolved, ini),
        "[Settings]\nAA=1\n[Account1]\nlabel=a\n[Shortcuts]\n0=new\n"
    );
    // A hook of the policy isn't removed, and a section with a stated key stays.
    let resolved = want(
        "[Settings]\nreplace = true\nAA = 1\n[Account1]\nabsent = true\nlabel = \"a\"\n[[hook]]\ntemplate = \"native-command\"\non = \"call-end\"\nwith = { program = 'C:\\a.exe' }\n",
    );
    let after = applied(&resolved, "[Settings]\nDND=1\n[Account1]\nusername=1\n");
    assert!(
        after.contains("AA=1") && after.contains("cmdCallEnd=") && !after.contains("DND"),
        "{after}"
    );
    assert!(after.contains("[Account1]\nlabel=a\n"), "{after}");
    refused("[Account1]\nabsent = false\n", "p.toml:2:10: invalid value `false` for `absent`");
}

#[test]
fn ini_template_is_rendered_only_when_it_is_named_as_one() {
    let text = "[Settings]\r\nAA=1\r\n[Account1]\r\nusername={{ row.extension }}\r\npassword={{ row.pin }}\r\n";
    let row = &[("extension", "204"), ("pin", "hunter2")];
    let files = Files::of([("golden.ini", text), ("phone.template.ini", text)]);
    let resolved = files.resolved("phone.template.ini", &With { row, ..WITH }).unwrap();
    assert_eq!(
        shown(&resolved),
        ["Settings.AA=1", "Account1.username=204", "Account1.password=hunter2"]
    );
    let errors = files.load("golden.ini").unwrap_err();
    let messages: Vec<_> = errors.iter().map(ToString::to_string).collect();
    assert_eq!(
        messages,
        [
            "golden.ini:4:10: the value of `Account1.username` is a template, but msipctl doesn't render a golden file",
            "golden.ini:5:10: the value of `Account1.password` is a template, but msipctl doesn't render a golden file",
        ]
    );
    // The placeholders of MicroSIP aren't tags.
    let files = Files::of([("golden.ini", "[Settings]\ncmdOutgoingCall=a.exe {number}\n")]);
    assert_eq!(files.resolved("golden.ini", &WITH).unwrap().len(), 1);
}

/// A policy with a secret per PC: by variable, and by file.
const PER_PC: &str = "[Account1]\npassword = { env = \"SIP_PASSWORD_{{ row.extension }}\" }\n\
                      proxy = { file = \"../secrets/{{ row.site }}/{{ row.extension }}.txt\" }\n";

#[test]
fn secret_name_is_rendered_for_each_row() {
    let files =
        Files::of([("conf/p.toml", PER_PC), ("conf/../secrets/b/204.txt", "p.example.com\n")]);
    let row = &[("extension", "204"), ("site", "b")];
    let env = &[("SIP_PASSWORD_204", "hunter2")];
    let resolved = files.resolved("conf/p.toml", &With { row, env, ..WITH }).unwrap();
    assert_eq!(shown(&resolved), ["Account1.password=hunter2", "Account1.proxy=p.example.com"]);
    assert!(resolved.secrets().contains("Account1", "proxy"));
    let message = |row: &[(&str, &str)]| {
        files.resolved("conf/p.toml", &With { row, env, ..WITH }).unwrap_err().to_string()
    };
    assert!(
        message(&[("extension", "205"), ("site", "b")]).contains("`SIP_PASSWORD_205` isn't set")
    );
    assert!(message(&[("extension", ""), ("site", "b")]).contains("column `extension` is empty"));
    assert!(message(&[("extension", "204"), ("site", "c")]).contains("can't read the secret in"));
}

#[test]
fn row_cannot_select_a_file_outside_of_the_folder() {
    let files = Files::of([
        ("conf/p.toml", PER_PC),
        ("conf/../secrets/b/204.txt", "p.example.com\n"),
        ("conf/p2.toml", "[Account1]\nproxy = { file = \"{{ row.site | replace('_', '/') }}\" }\n"),
    ]);
    let env = &[("SIP_PASSWORD_204", "hunter2")];
    for site in
        ["..", ".", "b/../..", "/etc", "b/.", "C:", "b\\..", "b.", "b ", "nul", "\\\\host", ""]
    {
        let row = &[("extension", "204"), ("site", site)];
        let error = files.resolved("conf/p.toml", &With { row, env, ..WITH }).unwrap_err();
        let is_refused = error
            .to_string()
            .contains("the path of the secret file in the row at pcs.csv:2 is invalid");
        assert!(is_refused || site.is_empty(), "{site}: {error}");
    }
    for site in [".._.._etc_passwd", "_etc_passwd", "a_.._b", "c:_x"] {
        let error =
            files.resolved("conf/p2.toml", &With { row: &[("site", site)], ..WITH }).unwrap_err();
        assert!(error.to_string().contains("is invalid"), "{site}: {error}");
    }
}

#[test]
fn unsafe_names_of_secrets_are_rejected_when_loading() {
    refused(
        "[Account1]\npassword = { env = \"{{ row.name }}\" }\n",
        "p.toml:2:12: the name of the environment variable begins with a template",
    );
    refused(
        "[Account1]\npassword = { file = \"{{ row['a' ~ 'b'] }}\" }\n",
        "p.toml:2:12: the name of a secret can use columns only as `row.COLUMN`",
    );
    for text in [
        "[Account1]\npassword = { env = \"X_{{ row.pin }}\" }\n",
        "[Account1]\npassword = { file = \"{{ row.code }}\" }\nlabel = { row = \"code\" }\n",
    ] {
        refused(text, "p.toml:2:12: the name of a secret uses the secret column `");
    }
}

#[test]
fn missing_secret_leaves_only_its_key_unverified_when_not_required() {
    let text = "[Settings]\nAA = 1\n[Account1]\nusername = \"1\"\npassword = { env = \"PW_{{ row.ext }}\" }\n\
                [[hook]]\ntemplate = \"http-event\"\non = \"call-end\"\nwith = { url = { env = \"URL\" } }\n";
    let policy = Files::of([("p.toml", text)]).load("p.toml").unwrap();
    let row = Row::new("pcs.csv:2", [("ext".to_owned(), "7".to_owned())]);
    let source = Source { requires_secrets: false, ..source(&row) };
    assert_eq!(policy.check_sources([source.clone()].into_iter()), Ok(()));
    let resolved = policy.resolved(&source).unwrap();
    let set =
        document("[Settings]\nAA=0\ncmdCallEnd=x\n[Account1]\nusername=1\npassword=hunter2\n");
    let (drift, unverified) = resolved.compare(&set);
    assert_eq!(drift.iter().map(|it| it.key.as_str()).collect::<Vec<_>>(), ["AA"]);
    let unverified: Vec<_> =
        unverified.iter().map(|it| (&*it.key, it.unverified_reason())).collect();
    assert_eq!(
        unverified,
        [
            ("password", "environment variable `PW_7` isn't set"),
            ("cmdCallEnd", "environment variable `URL` isn't set"),
        ]
    );
    // A key that isn't set can't have the secret.
    let (drift, unverified) =
        resolved.compare(&document("[Settings]\nAA=1\n[Account1]\nusername=1\n"));
    assert_eq!(
        drift.iter().map(|it| it.key.as_str()).collect::<Vec<_>>(),
        ["password", "cmdCallEnd"]
    );
    assert!(unverified.is_empty() && drift.iter().all(|it| it.expected == "***" && !it.fixable));
    assert!(policy.resolved(&Source { requires_secrets: true, ..source }).is_err());
}

proptest! {
    #[test]
    fn loading_any_bytes_does_not_panic(bytes in prop::collection::vec(any::<u8>(), 0..80), ini: bool) {
        let name = if ini { "p.ini" } else { "p.toml" };
        let _ = Files([(name, bytes)].into()).resolved(name, &WITH);
    }

    #[test]
    fn loading_malformed_policies_does_not_panic(
        parts in prop::collection::vec(prop::sample::select(vec![
            "[Settings]\n", "[[when]]\n", "[match]\n", "[[hook]]\n", "[when.Settings]\n", "AA", " = ", "true\n",
            "{ min = 1, max = 2 }\n", "\"{{ row.a }}\"\n", "{ env = \"A\" }\n", "match", "host", "\"*\"\n", "extends",
            "[\"p.toml\"]\n", "template", "\"udp\"\n", "on", "[\"call-end\"]\n", "volumeRing", "5\n", "with", "{}\n", ".",
        ]), 0..14),
    ) {
        let text = parts.concat();
        let _ = Files::of([("p.toml", &text)]).resolved("p.toml", &WITH);
    }

    #[test]
    fn blocks_with_match_change_nothing_the_second_time_or_are_rejected(
        blocks in prop::collection::vec(
            (prop::option::of(("domain|label|proxy", "[ab*]")), prop::collection::btree_map("domain|label|proxy", "[ab]", 1..3)),
            1..5,
        ),
        accounts in prop::collection::vec(prop::collection::btree_map("domain|label|proxy", "[ab]", 0..3), 1..3),
    ) {
        let mut text = String::new();
        for (tested, keys) in &blocks {
            let keys: String = keys.iter().map(|(key, value)| format!("{key} = \"{value}\"\n")).collect();
            let (key, value) = tested.clone().unwrap_or(("label".to_owned(), "*".to_owned()));
            text += &format!("[[\"Account*\"]]\nmatch = {{ {key} = \"{value}\" }}\n{keys}");
        }
        let ini: String = accounts.iter().zip(1..).map(|(keys, number)| {
            let keys: String = keys.iter().map(|(key, value)| format!("{key}={value}\n")).collect();
            format!("[Account{number}]\n{keys}")
        }).collect();
        let resolved = want(&text);
        let plan = |document: &Document| {
            let desired = resolved.desired(document).ok()?;
            Some(Plan::new(document, &desired, EncodingPolicy::Auto).unwrap())
        };
        if let Some(first) = plan(&document(&ini)) {
            prop_assert!(plan(first.after()).unwrap().is_empty(), "{text}{ini}");
            prop_assert!(resolved.drift(first.after()).is_empty(), "{text}{ini}");
        }
    }

    #[test]
    fn layered_value_is_that_of_the_last_layer(
        layers in prop::collection::vec(prop::collection::btree_map("[a-d]", 0..9u8, 0..4), 1..5),
    ) {
        const NAMES: [&str; 5] = ["0.toml", "1.toml", "2.toml", "3.toml", "4.toml"];
        const KEYS: [(&str, &str); 4] =
            [("a", "volumeRing"), ("b", "volumeInput"), ("c", "volumeOutput"), ("d", "videoBitrate")];
        let key = |short: &str| KEYS.iter().find(|(it, _)| *it == short).unwrap().1;
        let mut expected = BTreeMap::new();
        let mut files = BTreeMap::new();
        for (number, layer) in layers.iter().enumerate() {
            let below = number.checked_sub(1).map(|below| format!("extends = [\"{}\"]\n", NAMES[below]));
            let lines = layer.iter().map(|(short, value)| format!("{} = {value}\n", key(short)));
            let text = below.unwrap_or_default() + "[Settings]\n" + &lines.collect::<String>();
            files.insert(NAMES[number], text.into_bytes());
            expected.extend(layer.iter().map(|(short, value)| (key(short), value.to_string())));
        }
        let resolved = Files(files).resolved(NAMES[layers.len() - 1], &WITH).unwrap();
        let found: BTreeMap<_, _> = resolved.items().map(|item| match &item.expect {
            Expect::Value(value) => (item.key.as_str(), value.clone()),
            _ => unreachable!(),
        }).collect();
        prop_assert_eq!(found, expected);
    }

    #[test]
    fn row_value_cannot_add_lines_keys_or_sections(
        value in "\\PC{0,12}|[\\[\\]=;\"' \r\n\0ab{}%#]{0,8}",
        ini in "(\\[(Settings|Account1)\\]\r?\n|(label|AA)=[a-z]{0,3}\r?\n){0,5}",
    ) {
        let text = "[Account1]\nlabel = \"{{ row.a }}\"\nauthID = { row = \"a\" }\n\
                    [[hook]]\ntemplate = \"call-log\"\non = [\"call-end\"]\nwith = { file = \"C:\\\\{{ row.a }}\" }\n";
        let row = &[("a", value.as_str())];
        let files = Files::of([("p.toml", text)]);
        let Ok(resolved) = files.resolved("p.toml", &With { row, ..WITH }) else { return Ok(()) };
        let before = document(&ini);
        let Ok(desired) = resolved.desired(&before) else { return Ok(()) };
        let Ok(plan) = Plan::new(&before, &desired, EncodingPolicy::Auto) else { return Ok(()) };
        let profile = Profile::new(plan.after());
        prop_assert_eq!(profile.get("Account1", "label").unwrap(), value.clone());
        prop_assert_eq!(profile.get("Account1", "authID").unwrap(), value.clone());
        let names = |document: &Document| -> Vec<String> {
            let sections = Profile::new(document).counting_sections().map(|it| it.name().to_string());
            sections.collect()
        };
        let ours = ["Account1", "Settings", "msipctl"];
        let added: Vec<_> =
            names(plan.after()).into_iter().filter(|it| !names(&before).contains(it)).collect();
        prop_assert!(added.iter().all(|it| ours.contains(&it.as_str())), "{added:?}");
        let wished: usize = desired.requests().len();
        let added_lines = plan.after().lines().len().saturating_sub(before.lines().len());
        prop_assert!(added_lines <= wished + added.len(), "{added_lines} {wished}");
    }
}
