//! What msipctl suggests for names that MicroSIP doesn't read, in every command.

use crate::runner::Folder;

/// Sections, names that people invent or put into the wrong section, and what msipctl says.
const NAMES: &[(&str, &str, &str)] = &[
    ("Settings", "localPort", "did you mean `sourcePort`?"),
    ("Settings", "enableLocalDTMF", "did you mean `localDTMF`?"),
    ("Settings", "volumeIn", "did you mean `volumeInput`?"),
    ("Settings", "checkUpdates", "did you mean `updatesInterval`?"),
    ("Settings", "updateInterval", "did you mean `updatesInterval`?"),
    ("Settings", "hideCallerId", "did you mean `hideCID` in `[AccountN]`?"),
    ("Settings", "registerRefresh", "it belongs in `[AccountN]`"),
    ("Account1", "hideCallerId", "did you mean `hideCID`?"),
    ("Account1", "user", "did you mean `username`?"),
    ("Account1", "login", "did you mean `authID`?"),
    ("Account1", "regInterval", "did you mean `registerRefresh`?"),
    ("Account1", "accountName", "did you mean `label`?"),
    ("Account1", "localPort", "did you mean `sourcePort` in `[Settings]`?"),
    ("Account1", "volumeRing", "it belongs in `[Settings]`"),
];

#[test]
fn every_command_suggests_the_same_key() {
    for (section, key, suggestion) in NAMES {
        let name = format!("{section}.{key}");
        let folder = Folder::with("[Settings]\naccountId=1\n[Account1]\ndomain=x\nusername=1\n");
        folder.write("used.ini", format!("[{section}]\n{key}=1\n"));
        folder.write("golden.ini", format!("[{section}]\n{key}=1\n"));
        folder.write("policy.toml", format!("[{section}]\n{key} = 1\n"));
        let said = |what: &str, text: String| {
            assert!(text.contains(suggestion), "{what} {name}: {text}");
        };
        let run = folder.run(&["check", "-i", "used.ini", "--microsip", "3.22.18"]);
        said("check", run.out());
        said("set", folder.on_ini(&["set", &format!("{name}=1")]).code(2).err());
        said("get", folder.on_ini(&["get", &name]).code(1).err());
        said("unset", folder.on_ini(&["unset", &name]).code(0).err());
        said("golden.ini", folder.on_ini(&["apply", "golden.ini", "--dry-run"]).err());
        // The corrected line of a policy contains the suggestion.
        let err = folder.on_ini(&["apply", "policy.toml", "--dry-run"]).err();
        let line = suggestion.replace("did you mean", "write").replace("`?", " = 1`");
        assert!(err.contains(suggestion) || err.contains(&line), "policy.toml {name}: {err}");
        // `explain` names the section as well, as the name it was asked for had one.
        let err = folder.run(&["explain", &name]).code(2).err();
        let meant = suggestion.split('`').nth(1).unwrap();
        let meant = if meant.starts_with('[') { key } else { meant };
        assert!(err.contains(&format!(".{meant}`?")), "explain {name}: {err}");
    }
}

#[test]
fn invented_hook_names_suggest_the_correct_event_key() {
    for (key, event) in
        [("cmdCallIncoming", "cmdIncomingCall"), ("cmdCallOutcoming", "cmdOutgoingCall")]
    {
        let folder = Folder::with(format!("[Settings]\n{key}=C:\\a.exe\n"));
        let out = folder.on_ini(&["check"]).out();
        assert!(out.contains(&format!("`{event}`")), "{out}");
        let name = format!("Settings.{key}");
        let err = Folder::with("[Settings]\n").on_ini(&["get", &name]).code(1).err();
        assert!(err.contains(&format!("did you mean `{event}`?")), "{err}");
    }
}

#[test]
fn unset_suggests_nothing_when_the_key_was_set() {
    let folder = Folder::with("[Settings]\nlocalPort=1\nAA=0\n");
    let run = folder.on_ini(&["unset", "Settings.localPort", "--no-backup"]).code(0);
    assert!(!run.err().contains("did you mean"), "{}", run.err());
    let run = folder.on_ini(&["unset", "Settings.AA2x", "Settings.DND"]).code(0);
    assert!(!run.err().contains("did you mean"), "{}", run.err());
}

#[test]
fn account_keys_of_3_1_18_suggest_an_account_section() {
    let err =
        Folder::with("[Settings]\naccountId=1\n").on_ini(&["get", "Settings.domain"]).code(1).err();
    assert!(err.contains("it belongs in `[AccountN]`"), "{err}");
    let ini = "[Settings]\naccountId=1\nusername=5\n[Account1]\ndomain=x\nusername=5\n";
    let out = Folder::with(ini).on_ini(&["check"]).out();
    assert!(out.contains("MicroSIP doesn't read it when `accountId` is set"), "{out}");
    assert!(out.contains("it belongs in `[AccountN]`"), "{out}");
}
