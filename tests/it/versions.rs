//! What depends on the version of MicroSIP: keys, defaults, ways to read a switch, events, and the command line.

use microsip_schema::Version;
use msipctl_core::event::Event;
use serde_json::Value;

use crate::runner::Folder;

const HOOKS: &str = include_str!("../../docs/hook-reference.md");
const PHONE: &str = include_str!("../../docs/phone-commands.md");
const FILES: &str = include_str!("../../docs/files-and-environment.md");
const SUPPRESS: &str = include_str!("../../docs/suppress-findings.md");
const POLICY: &str = include_str!("../../docs/write-a-policy.md");

/// Official versions whose files and facts are compared, from 3.22.4 on.
const NEW: [&str; 8] =
    ["3.22.4", "3.22.5", "3.22.8", "3.22.11", "3.22.14", "3.22.15", "3.22.16", "3.22.18"];

/// Returns the row of a key that `show --all` prints for a version.
#[track_caller]
fn shown(ini: &str, section: &str, key: &str, microsip: &str) -> Value {
    let args = ["show", section, "--all", "--microsip", microsip, "--format", "json"];
    let json = Folder::with(ini).on_ini(&args).code(0).json();
    let sections = json["files"][0]["sections"].as_array().unwrap();
    let keys = sections.iter().flat_map(|section| section["keys"].as_array().unwrap());
    keys.into_iter().find(|row| row["key"] == key).cloned().unwrap()
}

#[test]
fn show_lists_the_default_of_the_version() {
    let ini = "[Settings]\nAA=0\n[Account1]\ndomain=x\n";
    let default = |section: &str, key: &str, microsip: &str| {
        shown(ini, section, key, microsip)["default"].clone()
    };
    for (section, key, last, before, first, after) in [
        ("Settings", "EC", "3.19.18", Some("0"), "3.19.27", "1"),
        ("Settings", "autoAnswer", "3.19.2", None, "3.19.8", "button"),
        ("Settings", "denyIncoming", "3.19.2", None, "3.19.8", "button"),
        ("Account1", "transport", "3.19.27", None, "3.20.1", "udp"),
        (
            "Settings",
            "audioCodecs",
            "3.19.17",
            Some("opus/48000/2 PCMA/8000/1 PCMU/8000/1"),
            "3.19.18",
            "PCMA/8000/1 PCMU/8000/1",
        ),
    ] {
        assert_eq!(default(section, key, last), Value::from(before), "{key} {last}");
        assert_eq!(default(section, key, first), Value::from(after), "{key} {first}");
        assert_eq!(default(section, key, "3.22.18"), Value::from(after), "{key}");
    }
    assert_eq!(shown(ini, "Settings", "EC", "3.19.18")["on"], false);
    assert_eq!(shown(ini, "Settings", "EC", "3.22.18")["on"], true);
}

#[test]
fn explain_lists_the_defaults_by_version() {
    let out = Folder::new().run(&["explain", "Settings.EC"]).code(0).out();
    assert!(out.contains("default     up to 3.19.18: 0\n  default     1\n"), "{out}");
    let out = Folder::new().run(&["explain", "AccountN.transport"]).code(0).out();
    assert!(out.contains("default     up to 3.19.27: (empty)\n  default     udp\n"), "{out}");
    let json = Folder::new().run(&["explain", "Settings.STUN", "--format", "json"]).code(0).json();
    assert_eq!(json["pages"][0]["not_within"], serde_json::json!(["3.14.0", "3.14.5"]));
}

#[test]
fn switch_state_depends_on_the_version() {
    let ini =
        "[Settings]\nforceCodec=2\ndisableMessaging=2\nrandomAnswerBox=2\nenableLog=2\ndnsSrv=2\n";
    for (key, last, before, first, after) in [
        ("forceCodec", "3.18.5", false, "3.19.0", true),
        ("disableMessaging", "3.21.3", false, "3.21.4", true),
        ("randomAnswerBox", "3.15.6", false, "3.18.5", true),
        ("enableLog", "3.14.5", false, "3.15.6", true),
        ("dnsSrv", "3.19.8", true, "3.19.10", false),
    ] {
        assert_eq!(shown(ini, "Settings", key, last)["on"], before, "{key} {last}");
        assert_eq!(shown(ini, "Settings", key, first)["on"], after, "{key} {first}");
    }
    let old = "[Settings]\nserver=x\npublish=2\nICE=2\nallowRewrite=2\n";
    for key in ["publish", "ICE", "allowRewrite"] {
        assert_eq!(shown(old, "Settings", key, "3.12.1")["on"], false, "{key}");
    }
}

/// A file as an official version writes it, which keeps its own keys in this section.
fn written_by(version: &str, own: &str) -> Vec<u8> {
    let own_keys =
        format!("version={version}\r\ncheckUpdatesTime=1767225600\r\ninstance=4f1c2a9e\r\n");
    let (global, settings) = match own {
        "Global" => (format!("[Global]\r\n{own_keys}"), String::new()),
        _ => (String::new(), own_keys),
    };
    let text = format!(
        "{global}[Settings]\r\n{settings}accountId=1\r\nenableLocalAccount=0\r\nsingleMode=1\r\ncrashReport=1\r\n\
         volumeRing=100\r\naudioRingDevice=\"\"\r\naudioCodecs=PCMA/8000/1 PCMU/8000/1\r\nEC=1\r\nVAD=0\r\n\
         networkChanges=1\r\nbuttonAC=1\r\nbuttonCONF=1\r\nautoAnswer=button\r\ndenyIncoming=button\r\n\
         featureCodeCP=**\r\nfeatureCodeBT=##\r\nfeatureCodeAT=*2\r\nupdatesInterval=\r\ncmdCallEnd=\"\"\r\n\
         mainX=10\r\nmainY=20\r\nmainW=300\r\nmainH=400\r\nAA=0\r\nDND=0\r\nFWD=0\r\n\
         [Account1]\r\nlabel=Desk\r\nserver=sip.example.com\r\nproxy=\r\ndomain=sip.example.com\r\nusername=204\r\n\
         password=0123456789abcdef0123456789abcdef\r\nauthID=\r\ndisplayName=\r\nhideCID=\r\ntransport=udp\r\nSRTP=\r\n\
         registerRefresh=300\r\nkeepAlive=15\r\npublish=0\r\nICE=0\r\nallowRewrite=0\r\ndisableSessionTimer=0\r\n"
    );
    let units = text.encode_utf16().flat_map(u16::to_le_bytes);
    [0xff, 0xfe].into_iter().chain(units).collect()
}

#[test]
fn files_of_official_versions_have_no_findings() {
    for version in NEW {
        for own in ["Settings", "Global"] {
            // From 3.22.16 on, the program keeps them in `[Global]`.
            if own == "Settings" && ["3.22.16", "3.22.18"].contains(&version) {
                continue;
            }
            let folder = Folder::with(written_by(version, own));
            for microsip in [&["--microsip", version][..], &[]] {
                // A file of a test may be readable by others.
                let check = ["check", "--ignore", "secrets-readable-by-others"];
                let run = folder.on_ini(&[&check, microsip].concat()).code(0);
                let (out, what) = (run.out(), format!("{version} {own} {microsip:?}"));
                assert!(out.ends_with("No findings in 1 file\n"), "{what}: {out}");
            }
        }
    }
}

#[test]
fn golden_file_of_an_official_version_applies_to_all_of_them() {
    let folder = Folder::with(written_by("3.22.8", "Global"));
    folder.write("golden.ini", written_by("3.22.8", "Global"));
    for version in NEW {
        let args = ["audit", "golden.ini", "--microsip", version];
        let run = folder.on_ini(&args);
        assert_eq!(run.code(0).out(), "MicroSIP.ini: in sync\n", "{version}");
    }
}

#[test]
fn values_are_too_new_before_their_first_version() {
    for (text, last, first) in [
        ("hideCID=soft", "3.22.4", "3.22.5"),
        ("hideCID=hard", "3.22.4", "3.22.5"),
        ("SRTP=dtls-sdes", "3.21.6", "3.22.0"),
    ] {
        let folder = Folder::with(format!("[Account1]\n{text}\n"));
        let check = |microsip| {
            folder.on_ini(&["check", "--select", "value-too-new", "--microsip", microsip])
        };
        assert!(check(last).out().contains(&format!("requires MicroSIP {first},")), "{text}");
        assert!(!check(first).out().contains("value-too-new"), "{text}");
    }
}

#[test]
fn values_are_truncated_at_the_limit_of_the_version() {
    let folder = Folder::with(format!("[Account1]\ndomain={}\n", "x".repeat(300)));
    let cut = |microsip| {
        let args = ["get", "Account1.domain", "--microsip", microsip];
        folder.on_ini(&args).code(0).out().trim_end().len()
    };
    assert_eq!([cut("3.21.3"), cut("3.21.4"), cut("3.22.18")], [255, 300, 300]);
}

#[test]
fn set_and_policies_accept_the_same_values() {
    // Key and value, the version of the file, and whether it is written.
    for (key, value, microsip, is_written) in [
        ("silent", "1", "3.22.18", false),
        ("silent", "0", "3.22.18", true),
        ("disableH264", "1", "3.22.18", false),
        ("disableH264", "0", "3.22.18", true),
        ("callWaiting", "0", "3.19.8", false),
        ("callWaiting", "1", "3.19.8", true),
        ("STUN", "stun.example.com", "3.14.0", false),
        ("STUN", "stun.example.com", "3.15.6", true),
        ("ziberNodeIP", "10.0.0.1", "3.22.18", true),
        ("crashReport", "0", "3.22.18", true),
        ("domain", "sip.example.com", "3.22.18", false),
        ("localPort", "5070", "3.22.18", false),
        ("registerRefresh", "60", "3.22.18", false),
    ] {
        let what = format!("{key}={value} {microsip}");
        let folder = Folder::with("[Settings]\nAA=0\n");
        folder.write("golden.ini", format!("[Settings]\n{key}={value}\n"));
        folder.write("policy.toml", format!("[Settings]\n{key} = \"{value}\"\n"));
        let assignment = format!("Settings.{key}={value}");
        let version = ["--microsip", microsip, "--no-backup", "--dry-run"];
        let set = folder.on_ini(&[&["set", &assignment], &version[..]].concat());
        let toml = folder.on_ini(&[&["apply", "policy.toml"], &version[..]].concat());
        let golden = folder.on_ini(&[&["apply", "golden.ini"], &version[..]].concat());
        let reasons: Vec<_> = [&set, &toml, &golden]
            .iter()
            .map(|run| {
                let (out, err) = (run.out(), run.err());
                assert_eq!(
                    out.contains(&format!("+ Settings.{key}")),
                    is_written,
                    "{what}: {out}{err}"
                );
                let error = err.lines().find(|line| line.starts_with("error: ")).map(str::to_owned);
                let error = error.unwrap_or_default();
                error.find('`').map_or(error.clone(), |at| error[at..].to_owned())
            })
            .collect();
        assert_eq!(reasons[0].is_empty(), is_written, "{what}: {reasons:?}");
        for reason in &reasons[1..] {
            assert!(reason.starts_with(reasons[0].trim_end()), "{what}: {reasons:?}");
        }
    }
}

#[test]
fn golden_key_is_written_when_a_policy_forces_it() {
    let folder = Folder::with("[Settings]\nAA=0\n");
    folder.write("golden.ini", "[Settings]\nsilent=1\n");
    folder.write(
        "force.toml",
        "extends = [\"golden.ini\"]\n[Settings]\nsilent = { value = true, force = true }\n",
    );
    let apply = |policy| folder.on_ini(&["apply", policy, "--microsip", "3.22.18", "--dry-run"]);
    let err = apply("golden.ini").err();
    assert!(err.contains("delete the line from the golden file"), "{err}");
    assert!(apply("force.toml").code(0).out().contains("+ Settings.silent = 1"));
}

#[test]
fn constraint_uses_the_default_of_the_version() {
    let folder = Folder::with("[Settings]\nAA=0\n");
    folder.write("policy.toml", "[Settings]\nEC = { one_of = [1] }\n");
    let audit = |microsip| folder.on_ini(&["audit", "policy.toml", "--microsip", microsip]);
    audit("3.19.27").code(0);
    audit("3.19.18").code(1);
}

#[test]
fn hook_explain_shows_which_number_the_version_passes() {
    // On Windows, a command whose program is missing starts nothing, and so passes no number.
    const PROGRAM: &str = r"C:\windows\system32\notepad.exe";
    let number = |event: &str, microsip: &str| {
        let args = ["hook", "explain", event, "--line", PROGRAM, "--microsip", microsip];
        let out = Folder::new().run(&args).code(0).out();
        let line = out.lines().find_map(|line| line.trim_start().strip_prefix("number "));
        line.unwrap().trim().to_owned()
    };
    assert_eq!(number("call-ring", "3.21.6"), "user part of From");
    assert_eq!(
        number("call-ring", "3.22.3"),
        "user part of P-Asserted-Identity or Remote-Party-ID, or of From if both are missing"
    );
    assert_eq!(
        number("outgoing-call", "3.22.16"),
        "user part of the dialed address, or of the one that the server asserts"
    );
    assert_eq!(number("outgoing-call", "3.22.18"), "user part of the dialed address");
    assert!(number("call-end", "3.20.1").ends_with("the domain if the user part is missing"));
    assert!(!number("call-end", "3.19.27").contains("domain"));
}

#[test]
fn explain_and_hooks_page_list_version_facts_of_events() {
    for event in Event::ALL {
        let out = Folder::new().run(&["explain", event.name()]).code(0).out();
        let out = out.split_whitespace().collect::<Vec<_>>().join(" ");
        for fact in event.facts() {
            let (versions, text) = (fact.versions(), fact.text());
            assert!(out.contains(&format!("{versions}: {text}")), "{event}: {fact}");
            let rows =
                HOOKS.lines().filter(|line| line.ends_with(&format!("| {versions} | {text} |")));
            let is_listed = rows.into_iter().any(|row| row.contains(&format!("`{event}`")));
            assert!(is_listed, "docs/hook-reference.md doesn't list for {event}: {fact}");
        }
    }
}

#[test]
fn phone_decline_works_since_3_21_4() {
    let print = |microsip| {
        let args =
            ["phone", "decline", "--print", "--program", "C:\\M.exe", "--microsip", microsip];
        Folder::new().run(&args)
    };
    assert!(print("3.21.4").code(0).out().ends_with("/hangupincoming\n"));
    print("3.21.3").code(2);
}

#[test]
fn pages_document_the_microsip_command_line_by_version() {
    for row in [
        "| `msip:micmute`, `msip:speakmute` | 3.19.8 | Up to 3.21.3, they toggle the microphone or the speaker. From 3.21.4 on, they turn it off. |",
        "| `msip:micunmute`, `msip:speakunmute` | 3.21.4 |",
        "| `msip:micmuteclick`, `msip:speakmuteclick` | 3.21.4 | They toggle",
        "| `dial:NUMBER`, `dialpad:NUMBER` | 3.21.4 | Both dial",
        "delete the **whole folder of an installed MicroSIP**",
        "That includes `.msipctl`",
    ] {
        assert!(PHONE.contains(row), "docs/phone-commands.md: {row}");
    }
    for text in [
        "`/resetnoask` delete the whole folder of an installed MicroSIP",
        "`call_log.db`",
        "`Contacts.xml`",
        "`<name>_log.txt`",
        "`crash-dump_*.dmp`",
        "An export that was made without the settings has no `accountId`.",
        "encrypts the plain passwords *inside the imported file*",
    ] {
        assert!(FILES.contains(text), "docs/files-and-environment.md: {text}");
    }
    assert!(POLICY.contains("`RunAtSystemStartup`"));
    for fork in ["4phone", "G4FSIP", "HU VoIP", "SpoofSIP", "PertinentSIP", "imZerux"] {
        assert!(SUPPRESS.contains(fork), "docs/suppress-findings.md: {fork}");
    }
}

#[test]
fn newest_known_version_is_the_target_by_default() {
    let json = Folder::with("[Settings]\n").on_ini(&["show", "--format", "json"]).code(0).json();
    assert_eq!(json["files"][0]["microsip"], Version::NEWEST.to_string());
}

#[test]
fn explain_states_version_changes_of_values_and_fields() {
    for (key, text) in [
        ("AccountN.keepAlive", "Since 3.22.3, MicroSIP reads 1 as 2."),
        ("AccountN.hideCID", "since 3.22.5 also `soft` or `hard`"),
        ("AccountN.SRTP", "since 3.22.0 also `dtls-sdes`, and since 3.22.3 also `dtls`"),
        ("Shortcuts.0", "`label2` (since 3.22.5)"),
        ("Global.version", "Versions 3.22.4 to 3.22.15 store it here or in `[Settings]`."),
        ("Settings.checkUpdatesTime", "Versions 3.22.4 to 3.22.15 store it here or in `[Global]`"),
        ("Settings.callsLastKey", "3.19.27 to 3.22.4"),
        ("Settings.STUN", "3.1.18 and newer, except 3.14.0 to 3.14.5"),
    ] {
        let out = Folder::new().run(&["explain", key]).code(0).out();
        let out = out.split_whitespace().collect::<Vec<_>>().join(" ");
        assert!(out.contains(text), "{key}: {out}");
    }
}

#[test]
fn section_of_a_fork_has_no_findings() {
    let ini =
        "[Settings]\naccountId=1\n[Account1]\ndomain=x\nusername=1\nserver=x\n[4phone]\nbuild=3\n";
    let run = Folder::with(ini).on_ini(&["check"]).code(0);
    assert_eq!(run.out(), "No findings in 1 file\n");
}
