//! What `explain` prints.

use std::collections::BTreeSet;
use std::fs;
use std::path::Path;

use crate::runner::Folder;

fn explain(name: &str) -> String {
    Folder::new().run(&["explain", name]).code(0).out()
}

#[test]
fn explain_prints_a_rule_page() {
    insta::assert_snapshot!(explain("hash-comment"), @"
    hash-comment: `#` comment, which Windows doesn't support
    info, group structure, since msipctl 0.1.0
    Fix is always available.

    What it does
    Checks for lines that start with `#` or `//`, in a MicroSIP section or before the first section.

    Why is this bad?
    In Windows, only `;` starts a comment. If the line contains `=`, Windows reads it as a key with
    a name such as `# DND`. It does no harm until a program lists the keys of the section.

    Example
        [Settings]
        # DND=1

    Use instead
        [Settings]
        ; DND=1

    How to fix
    Replace `#` or `//` with `;`.

    Fix safety
    Always safe. The line becomes a comment, and MicroSIP ignores it either way.
    ");
}

#[test]
fn explain_prints_key_pages() {
    insta::assert_snapshot!(explain("settings.autoanswer"), @r#"
    Settings.autoAnswer
    Calls to answer automatically: none (empty), all while the AA button is on (`button`), calls
    that request it (`header`), or all (`all`).

      value       choice: `""` (empty), `button` (since 3.18.5), `header` (since 3.18.5), `all`
                  (since 3.18.5), `0` (up to 3.15.6), `1` (up to 3.15.6), or `2` (up to 3.15.6)
      default     up to 3.19.2: (empty)
      default     button
      versions    3.1.18 and newer
      max length  255 UTF-16 code units; the rest is truncated
      rules       button-without-effect, obsolete-value
    "#);
    insta::assert_snapshot!(explain("silent"), @"
    Settings.silent
    Whether MicroSIP keeps its windows from popping up. Removed in 3.22.3.

      value       switch: `0` or `1`
      reads       up to 3.20.5: on if the value is exactly 1, otherwise off
      reads       on if the value starts with a number other than 0, otherwise off
      default     0
      versions    3.15.6 to 3.21.6
      max length  255 UTF-16 code units; the rest is truncated
      rules       removed-key
    ");
    insta::assert_snapshot!(explain("Account1.password"), @"
    AccountN.password
    Password, in plain text or encrypted by MicroSIP. MicroSIP encrypts a plain-text password in
    place when it loads the account. Anyone can decrypt the encrypted form.

      value       secret: any text
      default     none, or depends on other settings
      versions    3.12.1 and newer
      max length  255 UTF-16 code units, 1040 since 3.18.5; the rest is truncated
      also        secret; shown as *** without --reveal
      rules       password-in-quotes, password-with-outer-whitespace, password-without-username,
                  plain-password
    ");
    insta::assert_snapshot!(explain("disableH264"), @"
    Settings.disableH264
    Whether H.264 is off. Inverted predecessor of `videoH264`.

      value       switch: `0` or `1`
      reads       on if the value is exactly 1, otherwise off
      default     0
      versions    3.1.18 to 3.15.6; replaced by videoH264
      max length  255 UTF-16 code units; the rest is truncated
      rules       renamed-key
    ");
    insta::assert_snapshot!(explain("AccountN.AVPF"), @"
    AccountN.AVPF
    Whether the account uses the media profile with feedback (AVPF).

      value       switch: `0` or `1`
      reads       on if the value starts with a number other than 0, otherwise off
      default     0
      versions    only the fork litkinger 3.20.5
      max length  255 UTF-16 code units; the rest is truncated
    ");
}

#[test]
fn explain_finds_events_by_any_of_their_names() {
    insta::assert_snapshot!(explain("call-busy"), @r#"
    call-busy: a call ends as busy or declined; call-end doesn't follow

      key         cmdCallBusy, since MicroSIP 3.19.10
      directive   OnCallBusy, read by msipctl

    Occurs for outgoing and incoming calls that end with 486, 600, or 603, also if you decline the
    call.

    By version
      up to 3.21.6: The number of a caller is the user part of From.
      from 3.22.3: The number of a caller is the user part of P-Asserted-Identity or
        Remote-Party-ID, or of From if the call has neither.
      3.22.5 to 3.22.16: In an outgoing call, the number can be the one that the server asserts
        instead of the dialed one.
      from 3.22.18: In an outgoing call, the number is the dialed one again.
      from 3.20.1: The number is the user part of the SIP address, or the domain if the address
        has no user part.
      3.19.10: Only an incoming call that ends with 603 runs call-busy, and call-end runs, too.
      3.19.11 to 3.19.27: Calls that MicroSIP itself refuses (do-not-disturb, deny rule, limit, or
        duplicate) run call-busy.
      from 3.20.1: Calls that MicroSIP itself refuses (do-not-disturb, deny rule, limit, or
        duplicate) run neither call-busy nor call-end.

    Example
        [Settings]
        OnCallBusy=Log,C:\ProgramData\calls.csv
        cmdCallBusy="C:\Program Files\msipctl\msipctl.exe" hook run call-busy

    To add this hook, run:
        msipctl hook add call-log --on call-busy --with file=C:\ProgramData\calls.csv
    "#);
    assert_eq!(explain("cmdCallBusy"), explain("call-busy"));
    assert_eq!(explain("OnCallBusy"), explain("call-busy"));
}

#[test]
fn explain_prints_exit_codes() {
    let page = explain("exit-codes");
    let (table, _) = page.split_once("\nIn a terminal, ").unwrap();
    insta::assert_snapshot!(table, @"
    Exit codes

    This page is for authors of scripts; it lists the exit codes of all commands and what to do
    about each one.

      0    success
      1    findings, drift, or key not set
      2    usage or runtime error
      3    blocked: MicroSIP is running, the file is locked, read-only, or was changed by another
           program, or the event already has a command
      4    some files failed
      130  interrupted by Ctrl+C
    ");
    let guide = include_str!("../../docs/exit-codes.md");
    assert_eq!(page.matches("\n- ").count(), guide.matches("\n- ").count());
}

#[test]
fn explain_colors_headings_and_examples() {
    let out = Folder::new().run(&["explain", "hash-comment", "--color", "always"]).code(0).out();
    assert!(
        out.contains("\u{1b}[1mExample\u{1b}[0m\n    \u{1b}[36m[Settings]\u{1b}[0m\n"),
        "{out:?}"
    );
}

#[test]
fn guides_are_all_pages_for_users() {
    // Generated from what `explain` shows anyway, or for contributors.
    let left_out = ["SUMMARY", "architecture", "cli", "index", "keys", "rules"];
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("docs");
    let files = fs::read_dir(folder).unwrap().map(|entry| entry.unwrap().path());
    let pages: BTreeSet<_> = files
        .filter(|path| path.extension().is_some_and(|extension| extension == "md"))
        .map(|path| path.file_stem().unwrap().to_str().unwrap().to_owned())
        .filter(|name| !left_out.contains(&name.as_str()))
        .collect();
    let topics = Folder::new().run(&["explain", "--format", "json"]).code(0).json();
    let guides = topics["topics"].as_array().unwrap().iter().filter(|row| row["kind"] == "guide");
    let mut guides: BTreeSet<_> =
        guides.map(|row| row["name"].as_str().unwrap().to_owned()).collect();
    for short in ["policy", "inventory", "template"] {
        assert!(guides.remove(short), "{short}");
    }
    assert_eq!(guides, pages);
}

#[test]
fn explain_without_topic_lists_all_rules_with_counts() {
    let out = Folder::new().run(&["explain"]).code(0).out();
    let rules = msipctl_core::validate::RULES;
    assert!(out.starts_with("Guides ("), "{out}");
    assert!(out.contains(&format!("\nRules of `msipctl check` ({})\n", rules.len())), "{out}");
    for rule in rules {
        let row = format!("\n  {:<30} {}\n", rule.name, rule.summary);
        assert!(out.contains(&row), "{row}");
    }
    for group in msipctl_core::diagnostic::Group::ALL {
        let number = rules.iter().filter(|rule| rule.group == group).count();
        assert!(out.contains(&format!("\n  {} ({number})\n", group.name())), "{out}");
    }
}

#[test]
fn explain_suggests_a_similar_topic() {
    let err = |name| Folder::new().run(&["explain", name]).code(2).err();
    insta::assert_snapshot!(err("split-progam-path"), @"
    error: unknown topic `split-progam-path`: expected a rule, key, event, or guide
    hint: did you mean `split-program-path`?
    ");
    insta::assert_snapshot!(err("Settings.singleMod"), @"
    error: unknown topic `Settings.singleMod`: expected a rule, key, event, or guide
    hint: did you mean `Settings.singleMode`?
    ");
    insta::assert_snapshot!(err("xyz"), @"
    error: unknown topic `xyz`: expected a rule, key, event, or guide
    hint: run `msipctl explain` to list all topics
    ");
    // Names that another command explains.
    assert!(err("call-log").contains("hint: run `msipctl template show call-log`\n"));
    assert!(err("SendMessage").contains("hint: run `msipctl explain hook-reference`\n"));
}

#[test]
fn shell_completions_include_explain_topics() {
    let folder = Folder::new();
    // The scripts for other shells complete no arguments.
    for shell in ["bash", "zsh"] {
        let script = folder.run(&["completions", shell]).code(0).out();
        for name in ["exit-codes", "split-program-path", "incoming-call", "autoAnswer"] {
            assert!(script.contains(name), "{shell}: {name}");
        }
    }
    let help = folder.run(&["explain", "--help"]).code(0).out();
    assert!(!help.contains("split-argument"), "{help}");
}
