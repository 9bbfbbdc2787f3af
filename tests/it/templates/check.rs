//! `template check`.

use msipctl_core::hook::Catalogue;

use crate::runner::Folder;

const BAD: &str = "[template]\nsummary=Tell the desk\nevents=incoming-call call-end\n\n\
                   [parameter.window]\nrequired=yes\n\n[parameter.program]\nsummary=Program\n\
                   required=yes\npattern=^C:.*$\n\n[Settings]\n\
                   {{ event.directive }}=Run,{{ program | field }},{{ window }},%number%\n";

#[test]
fn template_findings_point_at_their_location() {
    let folder = Folder::new();
    folder.write("desk.ini", BAD);
    let run = folder.run(&["template", "check", "desk.ini"]).code(1);
    insta::assert_snapshot!(run.out(), @r"
    warning[template-undescribed-parameter]: missing summary for parameter `window`
     --> desk.ini:5:1
      |
    5 | [parameter.window]
      | ^^^^^^^^^^^^^^^^^^
      |
      = help: describe the parameter in one line

    warning[template-unquoted-field]: `window` with the value `MyAppWindow,` becomes several fields
      --> desk.ini:14:23
       |
    14 | {{ event.directive }}=Run,{{ program | field }},{{ window }},%number%
       |                       ^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^
       |
       = help: write `{{ window | field }}`

    warning[template-unescaped-percent]: `program` with the value `C:\My Tools\a.exe%`: `%` in the value starts a placeholder
      --> desk.ini:14:23
       |
    14 | {{ event.directive }}=Run,{{ program | field }},{{ window }},%number%
       |                       ^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^
       |
       = help: write `{{ program | literal | field }}`

    Found 3 warnings in 1 file
    ");
    assert_eq!(run.err(), "");
    let args = ["template", "check", "desk.ini", "--format", "json"];
    let document = folder.run(&args).code(1).json();
    let file = &document["files"][0];
    assert_eq!((&file["path"], &file["encoding"]), (&"desk.ini".into(), &"utf-8".into()));
    insta::assert_snapshot!(file["findings"][0], @r#"{"arguments":{"name":"window"},"column":1,"fix":null,"help":"describe the parameter in one line","key":null,"line":5,"message":"missing summary for parameter `window`","rule":"template-undescribed-parameter","section":null,"severity":"warning"}"#);
    insta::assert_snapshot!(document["summary"], @r#"{"errors":0,"fixable":0,"fixed":0,"infos":0,"known":null,"resolved":null,"suppressed":0,"warnings":3}"#);
}

#[test]
fn malformed_template_is_reported_with_its_line() {
    let folder = Folder::new();
    folder.write("desk.ini", "[template]\nsummary=s\nevents=call-end call-stop\n");
    let run = folder.run(&["template", "check", "desk.ini"]).code(1);
    insta::assert_snapshot!(run.out(), @"
    error[template-malformed]: missing line to add: expected a directive or command in `[Settings]`
     --> desk.ini:1:1
      |
    1 | [template]
      | ^^^^^^^^^^

    error[template-malformed]: unknown event `call-stop`; did you mean `call-start`?
     --> desk.ini:3:17
      |
    3 | events=call-end call-stop
      |                 ^^^^^^^^^

    Found 2 errors in 1 file
    ");
}

#[test]
fn every_error_of_a_template_is_reported_when_it_is_used() {
    let folder = Folder::new();
    std::fs::create_dir(folder.file("own")).unwrap();
    folder.write(
        "own/desk.ini",
        "[template]\nsumary=s\nevents=call-end call-stop\n[parameter.p]\nrequired=true\n[Settings\n\
         {{ event.key }}=https://ann:hunter2@example.com/\n",
    );
    let args = ["hook", "add", "desk", "--on", "call-end", "--template-dir", "own"];
    let run = folder.on_ini(&args).code(2);
    insta::assert_snapshot!(run.err().replace('\\', "/"), @"
    error: unknown key `sumary` in `[template]`: expected `summary`, `events`, or `microsip`
     --> own/desk.ini:2:1
      |
    2 | sumary=s
      | ^^^^^^
      |
      = help: did you mean `summary`?

    error: unknown event `call-stop`; did you mean `call-start`?
     --> own/desk.ini:3:17
      |
    3 | events=call-end call-stop
      |                 ^^^^^^^^^

    error: invalid value `true` for `required` of parameter `p`: expected `yes` or `no`
     --> own/desk.ini:5:10
      |
    5 | required=true
      |          ^^^^
      |
      = help: write `required=yes`

    error: missing `]` after the name of the section
     --> own/desk.ini:6:1
      |
    6 | [Settings
      | ^^^^^^^^^
      |
      = help: write `[Settings]`

    error: found 4 errors in own/desk.ini
    ");
    assert_eq!(run.out(), "");
    let shown = folder.run(&["template", "show", "desk", "--template-dir", "own"]).code(2).err();
    assert_eq!(shown, run.err());
    let listed = folder.run(&["template", "list", "--template-dir", "own"]).code(0).out();
    assert!(listed.contains("(and 3 more errors)"), "{listed}");
    let checked = folder.run(&["template", "check", "desk", "--template-dir", "own"]).code(1).out();
    assert!(checked.ends_with("Found 4 errors in 1 file\n"), "{checked}");
    let args = [&args[..], &["--format", "json"]].concat();
    let document: serde_json::Value =
        serde_json::from_str(&folder.on_ini(&args).code(2).err()).unwrap();
    let error = &document["error"];
    assert_eq!(error["errors"][1]["line"], 3);
    assert_eq!(error["errors"][1]["column"], 17);
    assert_eq!(error["errors"].as_array().unwrap().len(), 4);
}

#[test]
fn built_in_and_new_templates_have_no_findings() {
    let folder = Folder::new();
    let catalogue = Catalogue::shipped();
    let names = catalogue.names().map(|(name, _)| name);
    let args: Vec<_> = ["template", "check"].into_iter().chain(names).collect();
    let files = args.len() - 2;
    let out = folder.run(&args).code(0).out();
    assert_eq!(out, format!("No findings in {files} files\n"));

    for action in ["run", "command", "http"] {
        let name = format!("my-{action}");
        let args = ["template", "new", &name, "--action", action, "--dir", "own"];
        folder.run(&args).code(0);
    }
    let out = folder.run(&["template", "check", "--template-dir", "own"]).code(0).out();
    assert_eq!(out, "No findings in 3 files\n");
}

#[test]
fn template_check_accepts_names_and_paths_and_reports_missing_ones() {
    let folder = Folder::new();
    let run = folder.run(&["template", "check"]).code(0);
    assert!(run.err().contains("to create one, run `msipctl template new NAME`"), "{}", run.err());
    let err = folder.run(&["template", "check", "none.ini"]).code(2).err();
    assert!(err.contains("none.ini: file not found"), "{err}");
    let err = folder.run(&["template", "check", "sendmessage"]).code(2).err();
    assert!(err.contains("did you mean `send-message`?"), "{err}");
    let err = folder.run(&["template", "check", "home-assistant"]).code(2).err();
    assert!(err.contains("is an integration: expected a hook template"), "{err}");
    let err = folder.run(&["template", "check", "udp", "--with", "adress=a:1"]).code(2).err();
    assert!(err.contains("unknown parameter `adress`"), "{err}");
    let run = folder.run(&["template", "check", "udp", "none.ini"]).code(4);
    assert_eq!(run.out(), "No findings in 1 file\n");
    folder.write("latin.ini", b"[template]\nsummary=\xff\n");
    let err = folder.run(&["template", "check", "./latin.ini"]).code(2).err();
    assert!(err.contains("invalid UTF-8"), "{err}");
}

#[test]
fn template_check_masks_secret_values() {
    let folder = Folder::new();
    folder.write(
        "pager.ini",
        "[template]\nsummary=s\nevents=call-end\n[parameter.url]\nsummary=s\nrequired=yes\n\
         [Settings]\n{{ event.directive }}=Http,PUSH,{{ url | field }}\n",
    );
    let url = "url=https://pager.example.com/?token=hunter2";
    let run = folder.run(&["template", "check", "pager.ini", "--with", url]).code(1);
    assert!(run.out().contains("token=***") && !run.out().contains("hunter2"), "{}", run.out());
}
