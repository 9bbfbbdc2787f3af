//! Orders for a running MicroSIP.

use crate::runner::Folder;

const PAGE: &str = include_str!("../../docs/phone-commands.md");
const GUIDE: &str = include_str!("../../docs/control-a-running-phone.md");

/// Runs `phone` with these words, and `--print` for a program that is named.
fn print(args: &[&str]) -> crate::runner::Run {
    let program = ["--program", r"C:\Phones\Reception.exe", "--print"];
    Folder::new().run(&[&["phone"], args, &program].concat())
}

/// Returns the commands that the page lists, each with the version since which it works.
fn commands() -> impl Iterator<Item = (&'static str, &'static str)> {
    let table = PAGE.lines().skip_while(|line| !line.starts_with("| Command |")).skip(2);
    table.take_while(|line| line.starts_with('|')).map(|row| {
        let cells: Vec<_> = row.split('|').map(str::trim).collect();
        (cells[1].trim_matches('`'), cells[3])
    })
}

#[test]
fn page_has_an_example_of_every_command_except_status() {
    let commands: Vec<_> = commands().map(|(command, _)| command).collect();
    assert_eq!(commands.len(), 12);
    for command in commands.iter().filter(|command| **command != "status") {
        // Capital letters stand for an argument.
        let typed = command.trim_end_matches(|character: char| character.is_ascii_uppercase());
        let examples = PAGE.lines().filter_map(|line| line.strip_prefix("$ msipctl phone "));
        let mut examples = examples.filter_map(|line| line.strip_suffix(" --print"));
        assert!(examples.any(|line| line.starts_with(typed)), "{command}");
    }
}

#[test]
fn phone_page_states_the_first_version_of_each_command() {
    for (command, since) in commands().filter(|(_, since)| *since != "all") {
        let args: Vec<_> = command
            .split(' ')
            .map(|word| match word {
                "NUMBER" => "1002",
                "DIGITS" => "42",
                "N" => "2",
                word => word,
            })
            .collect();
        print(&[&args[..], &["--microsip", since]].concat()).code(0);
        // The newest version that is older.
        let mut numbers: Vec<u32> = since.split('.').map(|part| part.parse().unwrap()).collect();
        match numbers[2] {
            0 => (numbers[1], numbers[2]) = (numbers[1] - 1, 99),
            _ => numbers[2] -= 1,
        }
        let older = numbers.iter().map(u32::to_string).collect::<Vec<_>>().join(".");
        let err = print(&[&args[..], &["--microsip", &older]].concat()).code(2).err();
        assert!(
            err.contains(&format!(
                "requires MicroSIP {since} or newer; MicroSIP {older} would dial it"
            )),
            "{err}"
        );
    }
}

#[test]
fn dial_rejects_documented_command_names() {
    for word in ["answer", "hangup", "call", "exit", "hide", "show"] {
        assert!(GUIDE.contains(&format!("| `{word}")), "{word}");
        let run = print(&["dial", word]).code(2);
        assert!(run.err().contains("which would dial it"), "{}", run.err());
        assert_eq!(run.out(), "");
    }
}

#[test]
fn program_flag_selects_the_executable() {
    let run = print(&["answer"]).code(0);
    assert_eq!(run.out(), "\"C:\\Phones\\Reception.exe\" /answer\n");
    let json = print(&["dial", "1001", "--microsip", "3.20.5", "--format", "json"]).code(0).json();
    insta::assert_snapshot!(json["commands"][0], @r#"{"argument":"1001","command":"dial","command_line":"\"C:\\Phones\\Reception.exe\" 1001","process":null,"program":"C:\\Phones\\Reception.exe","state":"printed","version":"3.20.5"}"#);
}

#[test]
fn phone_errors_explain_the_rejection() {
    let err = print(&["dial", "1001 hello"]).code(2).err();
    insta::assert_snapshot!(err, @"
    error: `1001 hello` contains a space: MicroSIP would send the text after it as a message
    hint: write the number without spaces
    ");
    let err = print(&["decline", "--microsip", "3.20.5"]).code(2).err();
    insta::assert_snapshot!(err, @"
    error: `/hangupincoming` requires MicroSIP 3.21.4 or newer; MicroSIP 3.20.5 would dial it
    hint: use the window of MicroSIP, or update MicroSIP
    ");
    for args in [
        &["dial", ""][..],
        &["dial", "/exit"],
        &["dial", "/reset"],
        &["transfer", "1,2"],
        &["dtmf", "x"],
        &["account", "0"],
        &["reset"],
        &["answer", "1001"],
    ] {
        print(args).code(2);
    }
}

#[cfg(not(windows))]
#[test]
fn phone_commands_fail_outside_windows() {
    let run = Folder::new().run(&["phone", "answer"]).code(2);
    insta::assert_snapshot!(run.err(), @"
    error: `phone` commands work only on Windows
    hint: pass `--print` to show the command line
    ");
    Folder::new().run(&["phone", "status"]).code(2);
}

#[cfg(windows)]
mod running {
    use crate::running::Desk;

    /// Gives an order to the MicroSIP of a desk.
    fn tell(desk: &Desk, args: &[&str]) -> crate::runner::Run {
        let program = desk.program().into_os_string().into_string().unwrap();
        desk.folder.run(&[&["phone"], args, &["--program", &program]].concat())
    }

    #[test]
    fn every_phone_command_arrives_as_one_argument() {
        let Some(desk) = Desk::new("MicroSIP") else { return };
        desk.start(&[]);
        let orders: &[(&[&str], &str)] = &[
            (&["dial", "sip:1001@pbx,42#"], "command sip:1001@pbx,42#"),
            (&["dial", "(030)123;x=[1]~"], "command (030)123;x=[1]~"),
            (&["answer"], "command /answer"),
            (&["hangup"], "command /hangupall"),
            (&["hangup", "--outgoing"], "command /hangupcalling"),
            (&["decline"], "command /hangupincoming"),
            (&["transfer", "tel:1002"], "command /transfer:1002"),
            (&["dtmf", "42#"], "command /dtmf:42#"),
            (&["account", "2"], "command /account:2"),
            (&["hide"], "command msip:minimize"),
            (&["show"], "command"),
            (&["exit"], "command /exit"),
        ];
        let mut expected = vec!["start".to_owned()];
        for (args, arrived) in orders {
            let out = tell(&desk, args).code(0).out();
            assert!(out.starts_with("sent: \""), "{out}");
            expected.push((*arrived).to_owned());
            desk.until("it arrived", || desk.trace().len() >= expected.len());
        }
        expected.push("exit".to_owned());
        desk.until("it ended", || desk.count("exit") == 1);
        assert_eq!(desk.trace(), expected);
    }

    #[test]
    fn phone_commands_start_nothing_when_microsip_is_not_running() {
        let Some(desk) = Desk::new("MicroSIP") else { return };
        for args in [
            &["dial", "1001"][..],
            &["answer"],
            &["hangup"],
            &["decline"],
            &["transfer", "1002"],
            &["dtmf", "1"],
            &["account", "2"],
            &["show"],
            &["hide"],
        ] {
            let err = tell(&desk, args).code(3).err();
            assert!(err.contains("MicroSIP isn't running"), "{err}");
        }
        assert!(tell(&desk, &["exit"]).code(0).err().contains("note: MicroSIP isn't running"));
        assert!(tell(&desk, &["status"]).code(1).out().contains("not running"));
        assert_eq!(desk.trace(), [""; 0]);
    }

    #[test]
    fn start_flag_starts_microsip() {
        let Some(desk) = Desk::new("MicroSIP") else { return };
        let out = tell(&desk, &["hide", "--start"]).code(0).out();
        assert!(out.starts_with("started: \"") && out.ends_with("\" /minimized\n"), "{out}");
        desk.until("it runs", || desk.count("start") == 1);
        assert_eq!(desk.trace(), ["start /minimized"]);
    }

    #[test]
    fn phone_targets_the_version_stored_in_the_ini() {
        let Some(desk) = Desk::new("Reception") else { return };
        desk.folder.write("Reception.ini", "[Settings]\r\nAA=0\r\n[Global]\r\nversion=3.20.5\r\n");
        desk.start(&[]);
        let err = desk.run(&["phone", "decline"]).code(2).err();
        assert!(err.contains("MicroSIP 3.20.5 would dial it"), "{err}");
        let json = desk.run(&["phone", "status", "--format", "json"]).code(0).json();
        let phone = &json["instances"][0];
        assert_eq!((&phone["running"], &phone["version"]), (&true.into(), &"3.20.5".into()));
        assert_eq!(phone["processes"].as_array().unwrap().len(), 1);
        assert!(phone["program"].as_str().unwrap().ends_with("Reception.exe"));
        assert!(phone["ini"].as_str().unwrap().ends_with("Reception.ini"));
        assert_eq!(desk.trace(), ["start"]);
    }
}
