//! Policies from text to what they want, and what of it a file has.

use std::borrow::Cow;
use std::collections::BTreeMap;
use std::io;
use std::path::Path;

use proptest::prelude::*;

use super::*;
use crate::hook::Catalogue;
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

    fn load(&self, name: &str) -> Result<Policy, Error> {
        let templates = Catalogue::shipped();
        let read = |path: &Path| self.read(path);
        let inputs = Inputs { read: &read, ansi: CodePage::WESTERN, templates: &templates };
        Policy::load(Path::new(name), &inputs)
    }

    fn resolved(&self, name: &str, with: &With<'_>) -> Result<ResolvedPolicy, Error> {
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
            program: r"C:\Program Files\msipctl\msipctl.exe",
            launcher_ini: None,
        });
        resolved.map(Cow::into_owned)
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

/// What is wanted of each key, for people.
fn shown(resolved: &ResolvedPolicy) -> Vec<String> {
    let item = |item: &Item| match &item.expect {
        Expect::Value(value) => format!("{}.{}={value}", item.section, item.key),
        other => format!("{}.{} {other:?}", item.section, item.key),
    };
    resolved.items().map(item).collect()
}

/// What is wanted by one file of TOML.
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

/// Applies, and says what stands there then; a second time changes nothing.
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
    let error = files.resolved("p.toml", &WITH).unwrap_err();
    let hint = error.hint().map(|hint| format!(" [{hint}]")).unwrap_or_default();
    let told = format!("{error}{hint}");
    assert!(told.starts_with(expected), "{told}\nexpected {expected}");
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
            "p.toml:3:1 Settings.audioCodecs: PCMA/8000/1 in 3, expected a match of opus (by hand)",
            // What is not set is read as its default, 100.
            "p.toml:4:1 Settings.volumeRing: -, expected 80 or less (by hand)",
            "p.toml:5:1 Settings.updatesInterval: daily in 4, expected never or nothing (by hand)",
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
        "c/../c/c.toml:1:12: policies extend each other in a circle: \
         b.toml -> c/../c/c.toml -> c/../c/../b.toml"
    );
    let error = files.load("lost.toml").unwrap_err().to_string();
    assert!(error.starts_with("lost.toml:2:12: nowhere.toml cannot be read: "), "{error}");
    assert!(files.load("no.toml").unwrap_err().to_string().starts_with("no.toml:1:1: cannot"));
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
    let told = |with: &With<'_>| {
        let error = files.resolved("conf/p.toml", with).unwrap_err();
        format!("{error} [{}]", error.hint().unwrap_or_default()).replace('\\', "/")
    };
    assert_eq!(
        told(&With { row: &[("extensions", "1")], ..with }),
        "conf/p.toml:2:12: there is no column `extension` in the row at pcs.csv:2 [did you mean `extensions`?]"
    );
    assert_eq!(
        told(&With { env: &[], ..with }),
        "conf/p.toml:6:10: the environment has no variable `LOGIN` [set it where msipctl runs]"
    );
    let row = &[("extension", "204"), ("pin", "a\nb=c")];
    assert_eq!(
        told(&With { row, ..with }),
        "conf/p.toml:4:12: the value in the row at pcs.csv:2 has a line break or a NUL, expected one line []"
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
    assert!(warning.starts_with("p.toml:2:12: `Account1.password` stands in the policy itself"));
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
    let told = drift(&resolved, "");
    assert!(told.len() == 3 && !told.concat().contains("hunter2"), "{told:?}");
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
    let told = drift(&resolved, &after.replace("Log,C:\\calls.csv", "Log,C:\\other.csv"));
    let [only] = &told[..] else { panic!("{told:?}") };
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
    let told = drift(&resolved, ini);
    assert!(
        told[0].ends_with("--password=*** (by hand)") && !told[0].contains("hunter2"),
        "{told:?}"
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
        "p.toml:6:1: `OnCallEnd` is written by the hook at p.toml:2:12, too",
    );
}

#[test]
fn golden_file_is_rejected_when_nul_characters_end_its_text() {
    for (bytes, expected) in [
        (&b"\0\0\0\0"[..], "golden.ini:1:1: the file holds only NUL characters"),
        (b"[Settings]\r\nAA=1\r\n\0\0", "golden.ini:1:1: the file ends in NUL characters"),
        (b"[Settings]\r\nAA=\x001\r\n", "golden.ini:2:1: line 2 holds a NUL character"),
    ] {
        let error = Files([("golden.ini", bytes.to_vec())].into()).load("golden.ini").unwrap_err();
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
        ("[Settings\n", "p.toml:1:10: "),
        (
            "[Settings]\nsingleMod = 1\n",
            "p.toml:2:1: MicroSIP reads no key `singleMod` in `[Settings]` [did you mean `singleMode`?]",
        ),
        ("[Setings]\nAA = 1\n", "p.toml:2:1: MicroSIP reads no section `[Setings]`"),
        (
            "[Settings]\nAA = \"yes\"\n",
            "p.toml:2:6: `Settings.AA`: `yes` is no switch, expected 0 or 1",
        ),
        (
            "[Settings]\nAA = 1.5\n",
            "p.toml:2:6: invalid type: a number with a fraction, expected a text, a whole number, true or false",
        ),
        ("[Settings]\nAA = 2027-01-31\n", "p.toml:2:6: `AA` is a date"),
        ("[Settings]\nAA = { mn = 1 }\n", "p.toml:2:8: unknown field `mn`"),
        ("[Settings]\nAA = { min = 1, absent = true }\n", "p.toml:2:6: expected just one of value"),
        (
            "[Settings]\nAA = { env = \"A\", row = \"b\" }\n",
            "p.toml:2:6: expected just one of value",
        ),
        ("[Settings]\nAA = {}\n", "p.toml:2:6: expected just one of value"),
        (
            "[Settings]\nvolumeRing = { min = 5, max = 1 }\n",
            "p.toml:2:14: the least number 5 is above the most, 1",
        ),
        ("[Settings]\nuserAgent = { matches = \"(\" }\n", "p.toml:2:25: no regular expression"),
        ("[Settings]\nAA = { absent = false }\n", "p.toml:2:17: false, expected true or nothing"),
        ("[Settings]\nAA = 1\naa = 0\n", "p.toml:3:1: `AA` stands at p.toml:2:1 already"),
        (
            "[Settings]\nuserAgent = \"{{ rwo.x }}\"\n",
            "p.toml:2:13: `rwo.x` is unknown in a template",
        ),
        ("[Settings]\nuserAgent = \"{{ row.x\"\n", "p.toml:2:13: no template: syntax error"),
        (
            "[Settings]\nbitrateVP8 = 5\n",
            "p.toml:2:14: `Settings.bitrateVP8` is read up to MicroSIP 3.15.6, not by 3.22.16; its heir is `videoBitrate` [`{ value",
        ),
        (
            "[Settings]\nOnCallEnd = \"Rnu,x\"\n",
            "p.toml:2:13: `OnCallEnd`: column 1: `Rnu` is no action",
        ),
        (
            "[Account1]\npasswordSize = \"hunter2\"\n",
            "p.toml:2:16: `Account1.passwordSize`: the value does not fit this key",
        ),
        ("AA = 1\n", "p.toml:1:1: `AA` is a number, expected a section"),
        ("[match]\nmicrosip = \"new\"\n", "p.toml:2:12: `new` compares with no MicroSIP version"),
        ("[match]\nhost = 3\n", "p.toml:2:8: expected a name with"),
        ("[[when]]\n[when.Settings]\nAA = 1\n", "p.toml:1:1: `[[when]]` has no `match`"),
        ("[when]\n", "p.toml:1:1: `when` is a table, expected `[[when]]`"),
        ("extends = \"a.toml\"\n", "p.toml:1:11: invalid type"),
        (
            "[[hook]]\ntemplate = \"sendmessage\"\non = [\"call-end\"]\n",
            "p.toml:2:12: there is no template `sendmessage` [did you mean `send-message`?]",
        ),
        (
            "[[hook]]\ntemplate = \"call-log\"\non = [\"callend\"]\n",
            "p.toml:3:7: `callend` is no event, did you mean `call-end`?",
        ),
        ("[[hook]]\ntemplate = \"call-log\"\non = []\n", "p.toml:1:1: a hook on no event"),
        (
            "[[hook]]\ntemplate = \"send-message\"\non = [\"call-end\"]\n",
            "p.toml:2:12: template `send-message` needs parameter `window`",
        ),
        (
            "[[hook]]\ntemplate = \"send-message\"\non = [\"call-end\"]\nwith = { window = \"a\", message = \"x\" }\n",
            "p.toml:4:34: parameter `message` of template `send-message` does not match",
        ),
        (
            "[[hook]]\ntemplate = \"call-log\"\non = [\"call-end\"]\nreplace = true\nchain = true\n",
            "p.toml:5:9: `chain` beside `replace`",
        ),
    ] {
        refused(text, expected);
    }
}

#[test]
fn forced_values_accept_unknown_keys_and_invalid_values() {
    let resolved = want(
        "[Ours]\nx = { value = 1, force = true }\n[Settings]\nAA = { value = \"yes\", force = true }\n",
    );
    assert_eq!(shown(&resolved), ["Ours.x=1", "Settings.AA=yes"]);
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
