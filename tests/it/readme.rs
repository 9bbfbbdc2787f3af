//! What README shows is what the program prints.

use crate::runner::{Folder, utf16};

const README: &str = include_str!("../../README.md");

/// The file that README's first example begins with.
const BEFORE: &str = "[Settings]\r\naccountId=1\r\nAA=0\r\ncmdCallEnd=\"\"\r\n\
                      [Account1]\r\ndomain=sip.example.com\r\n";

#[track_caller]
fn shows(text: &str) {
    assert!(README.contains(text.trim_end()), "README does not show this:\n{text}");
}

#[test]
fn readme_hook_example_shows_actual_output() {
    let folder = Folder::with(utf16(BEFORE));
    let args =
        ["hook", "add", "send-message", "--on", "incoming-call", "--with", "window=MyAppWindow"];
    let run = folder.on_ini(&[&args[..], &["--diff"]].concat()).code(0);
    let out = run.out();
    let (change, backup) = out.split_once("  backup ").unwrap();
    shows(change);
    assert_eq!(backup.trim_end(), "MicroSIP.ini.[TIME]");
    shows(
        "$ msipctl hook add send-message --on incoming-call --with window=MyAppWindow -i MicroSIP.ini --diff",
    );
}

#[test]
fn readme_shows_actual_errors_and_findings() {
    let before = "[Settings]\r\naccountId=0\r\nAA=0\r\ncmdCallEnd=\"C:\\My Hooks\\end.bat\"\r\n";
    let folder = Folder::with(before);
    shows(&folder.on_ini(&["set", "Settings.autoAnswer=Button"]).code(2).err());
    shows(&folder.on_ini(&["check"]).code(1).out());
}

#[test]
fn readme_explain_example_shows_actual_output() {
    let run = Folder::new().run(&["explain", "Settings.autoAnswer"]).code(0);
    shows(&format!("$ msipctl explain Settings.autoAnswer\n{}", run.out()));
}

#[test]
fn readme_lists_every_exit_code() {
    for exit in msipctl::Exit::ALL {
        shows(&format!("| {} | {}", exit.code(), exit.meaning()));
    }
}

#[test]
fn readme_names_every_template_and_integration() {
    let catalogue = msipctl_core::hook::Catalogue::shipped();
    let templates = catalogue.names().map(|(name, _)| name);
    let integrations = msipctl_core::hook::Integration::names().map(|name| -> &str { name });
    for name in templates.chain(integrations) {
        shows(&format!("`{name}`"));
    }
}

#[test]
fn readme_template_examples_show_actual_output() {
    let folder = Folder::new();
    let args = ["template", "copy", "python-receiver", ".", "--with", "window=Front desk"];
    let run = folder.run(&args).code(0);
    shows(&(run.out().replace('\\', "/") + &run.err()));
    folder.write(
        "desk.ini",
        "[template]\nsummary=Tell the desk\nevents=incoming-call\n[parameter.window]\nsummary=Title\n\
         required=yes\n; to be quoted\n[Settings]\n\
         {{ event.directive }}=SendMessage,{{ window }},WM_USER+100,%number%\n",
    );
    shows(&folder.run(&["template", "check", "desk.ini"]).code(1).out());
}

#[test]
fn readme_fleet_example_shows_actual_output() {
    let folder = Folder::new();
    folder.write("company.toml", "[Settings]\nupdatesInterval = \"never\"\n");
    folder.write("desks.csv", "ini\nanna/MicroSIP.ini\nben/MicroSIP.ini\n");
    for (name, interval) in [("anna", "daily"), ("ben", "never")] {
        std::fs::create_dir(folder.file(name)).unwrap();
        let ini = format!("[Settings]\r\nupdatesInterval={interval}\r\n");
        folder.write(&format!("{name}/MicroSIP.ini"), utf16(&ini));
    }
    for command in [
        "plan company.toml --inventory desks.csv -o plan.json",
        "apply plan.json",
        "audit company.toml --inventory desks.csv",
    ] {
        let args: Vec<_> = command.split(' ').collect();
        let out = folder.run(&args).code(0).out();
        let is_backup = |line: &&str| line.starts_with("  backup ");
        let shown = format!("$ msipctl {command}\n{out}");
        let name = README.lines().rfind(is_backup).unwrap();
        let line = |line| if is_backup(&line) { name } else { line };
        let shown = shown.lines().map(line).collect::<Vec<_>>().join("\n");
        let is_whole = |end| README.contains(&format!("{shown}\n{end}"));
        assert!(is_whole("$ ") || is_whole("```"), "README does not show this:\n{shown}");
    }
}
