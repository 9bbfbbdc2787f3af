//! Directives run by the program, as MicroSIP's start of the launcher would.

use std::io;
use std::net::{TcpListener, UdpSocket};
use std::process::Command;
use std::thread;
use std::time::{Duration, Instant};

use crate::runner::{Folder, Run, started, utf16};

/// A caller with all that shells and files act on.
pub(crate) const CALLER: &str = "+49 30 \"x\" & calc";

/// The longest that anything here takes.
pub(crate) const PATIENCE: Duration = Duration::from_secs(60);

pub(crate) fn folder(directives: &str) -> Folder {
    Folder::with(utf16(&format!("[Settings]\r\n{directives}")))
}

/// Runs the directives of incoming calls.
#[track_caller]
pub(crate) fn call(folder: &Folder, caller: &[&str]) -> Run {
    call_with(folder, caller, |_| ())
}

/// Runs the directives of incoming calls, with more in the environment.
#[track_caller]
pub(crate) fn call_with(folder: &Folder, caller: &[&str], more: impl Fn(&mut Command)) -> Run {
    folder.run_as(&["hook", "run", "--ini", "MicroSIP.ini", "incoming-call"], |command| {
        keep_journal(folder, command);
        // MicroSIP hands over the caller's text as it came; there the launcher has no arguments but one line.
        #[cfg(windows)]
        std::os::windows::process::CommandExt::raw_arg(command, caller.join(" "));
        #[cfg(not(windows))]
        command.args(caller);
        more(command);
    })
}

/// Runs the program as `Folder::run`, with the journal in the folder.
#[track_caller]
fn run(folder: &Folder, args: &[&str]) -> Run {
    folder.run_as(args, |command| keep_journal(folder, command))
}

/// Has the journal kept in the folder. Elsewhere that is so by the home folder.
fn keep_journal(folder: &Folder, command: &mut Command) {
    if cfg!(windows) {
        command.env("LOCALAPPDATA", folder.path());
    }
}

pub(crate) fn journal() -> &'static str {
    if cfg!(windows) { r"msipctl\hooks.ndjson" } else { ".local/state/msipctl/hooks.ndjson" }
}

#[test]
fn msipctlw_accepts_only_background_commands() {
    let place = Folder::new();
    let log = place.file("calls.csv");
    let directive = format!("[Settings]\r\nOnIncomingCall=Log,{}\r\n", log.display());
    place.write("MicroSIP.ini", utf16(&directive));
    let run = |args: &[&str]| {
        started(|| {
            let mut command = place.program_command(env!("CARGO_BIN_EXE_msipctlw"), args);
            keep_journal(&place, &mut command);
            command.output()
        })
    };
    let done = run(&["hook", "run", "--ini", "MicroSIP.ini", "incoming-call", "--ini", "7"]);
    assert_eq!((done.status.code(), done.stdout.as_slice()), (Some(0), &b""[..]));
    assert!(wait_for(&place, "calls.csv", "--ini 7").contains("incoming-call"));

    for other in [&["set", "Settings.AA=1", "-i", "MicroSIP.ini"][..], &["hook", "list"], &[]] {
        let before = place.read("MicroSIP.ini");
        let refused = run(other);
        assert_eq!(refused.status.code(), Some(2));
        let said = String::from_utf8(refused.stderr).unwrap();
        assert!(said.contains("msipctlw only runs in the background"), "{said}");
        assert_eq!(place.read("MicroSIP.ini"), before);
    }
}

/// Waits until a file in the folder holds a text, and returns all of it.
#[track_caller]
pub(crate) fn wait_for(folder: &Folder, name: &str, text: &str) -> String {
    let begin = Instant::now();
    loop {
        let found = std::fs::read(folder.file(name)).unwrap_or_default();
        let found = String::from_utf8(found).unwrap();
        // A line that is still being written is waited for.
        if found.contains(text) && found.ends_with('\n') {
            return found;
        }
        assert!(begin.elapsed() < PATIENCE, "waited for `{text}` in {name}: {found}");
        thread::sleep(Duration::from_millis(10));
    }
}

/// Does something again when a signal, of which other tests make many, came between.
#[track_caller]
pub(crate) fn finished(mut receive: impl FnMut() -> io::Result<usize>) -> usize {
    loop {
        match receive() {
            Err(error) if error.kind() == io::ErrorKind::Interrupted => (),
            received => return received.unwrap(),
        }
    }
}

/// Receives one datagram.
#[track_caller]
pub(crate) fn datagram(socket: &UdpSocket) -> String {
    let mut buffer = [0; 2000];
    let length = finished(|| socket.recv(&mut buffer));
    str::from_utf8(&buffer[..length]).unwrap().to_owned()
}

pub(crate) fn udp() -> UdpSocket {
    let socket = UdpSocket::bind("127.0.0.1:0").unwrap();
    socket.set_read_timeout(Some(PATIENCE)).unwrap();
    socket
}

#[test]
fn every_directive_runs_in_the_background_process() {
    let udp = udp();
    let to_udp = udp.local_addr().unwrap();
    let place = Folder::new();
    let csv = place.file("calls.csv");
    let folder = folder(&format!(
        "OnIncomingCall=Open,crm:%number%\r\n\
         OnIncomingCall.2=Udp,{to_udp},%event% %number%\r\n\
         OnIncomingCall.3=Log,{}\r\n",
        csv.display()
    ));

    let first = call(&folder, &[CALLER]).code(0);
    assert_eq!((first.out(), first.err()), (String::new(), String::new()));

    assert_eq!(datagram(&udp), format!("incoming-call {CALLER}"));
    let lines = wait_for(&place, "calls.csv", "calc");
    assert!(lines.contains(",incoming-call,\"'+49 30 \"\"x\"\" & calc\","), "{lines}");

    // The refused scheme stopped nobody, and is told.
    wait_for(&folder, journal(), "must be http or https");
    let log = run(&folder, &["hook", "log", "--format", "json"]).code(0).json();
    let notes = log["notes"].as_array().unwrap();
    assert_eq!(notes.len(), 1, "{notes:?}");
    assert_eq!(
        (&notes[0]["directive"], &notes[0]["action"]),
        (&"OnIncomingCall".into(), &"Open".into())
    );
}

/// Runs a directive that opens an address of another scheme, with this configuration, and returns what is noted.
#[track_caller]
fn opened(config: &str) -> (String, String) {
    let folder = folder("OnIncomingCall=Open,crm:%number%\r\nOnIncomingCall.2=Nonsense\r\n");
    folder.write("ours.toml", config);
    let path = folder.file("ours.toml");
    call_with(&folder, &["49 & calc"], |command| _ = command.env("MSIPCTL_CONFIG", &path)).code(0);
    wait_for(&folder, journal(), "Nonsense");
    let notes = run(&folder, &["hook", "log", "--format", "json"]).code(0).json();
    let note = &notes["notes"][0];
    assert_eq!(
        (&note["directive"], &note["action"], &note["level"]),
        (&"OnIncomingCall".into(), &"Open".into(), &"error".into())
    );
    (note["message"].as_str().unwrap().to_owned(), path.display().to_string())
}

#[test]
fn url_schemes_are_opened_only_when_configured() {
    for config in ["", "[hook]\n", "[hook]\nopen_schemes = []\n", "hook.open_schemes = ['cr']"] {
        let refused = "can't open this URL: its scheme must be http or https, or listed in `open_schemes` in msipctl.toml";
        assert_eq!(opened(config).0, refused, "{config}");
    }
    // On Windows this would ask for a program that is there.
    #[cfg(not(windows))]
    for config in ["[hook]\nopen_schemes = ['crm']", "[hook]\nopen_schemes = ['tel', 'CRM:']"] {
        assert_eq!(opened(config).0, "only Windows can do that", "{config}");
    }
}

#[test]
fn invalid_configuration_opens_no_scheme_and_is_located() {
    for (config, place, what) in [
        ("[hook]\nopen_schemes = ['crm', 'é' 'tel']\n", "2:28", "missing comma"),
        ("[hook]\nopen_schemes = 3\n", "2:16", "invalid value `3`"),
        ("[hook]\nopen_scheme = ['crm']\n", "2:1", "unknown key `open_scheme`"),
        ("# é\n[hook", "2:6", "unclosed table"),
    ] {
        let (message, path) = opened(config);
        let rest = message.strip_prefix(&format!("{path}:{place}: "));
        assert!(rest.is_some_and(|rest| rest.contains(what)), "{config}: {message}");
    }
}

#[cfg(not(windows))]
#[test]
fn configuration_is_found_in_the_user_config_folder() {
    for (name, variable) in [("xdg", Some("XDG_CONFIG_HOME")), (".config", None)] {
        let folder = folder("OnIncomingCall=Open,crm:%number%\r\n");
        let place = folder.file(name);
        std::fs::create_dir_all(place.join("msipctl")).unwrap();
        let config = "hook.open_schemes = ['crm']";
        std::fs::write(place.join("msipctl/msipctl.toml"), config).unwrap();
        call_with(&folder, &["1"], |command| {
            command.envs(variable.map(|variable| (variable, &place)));
        })
        .code(0);
        wait_for(&folder, journal(), "only Windows can do that");
    }
}

#[test]
fn options_after_the_event_are_part_of_the_caller_id() {
    let udp = udp();
    let folder = folder(&format!("OnIncomingCall=Udp,{},%number%\r\n", udp.local_addr().unwrap()));
    for (caller, expected) in [
        (&["--ini", "none.ini"][..], "--ini none.ini"),
        (&["--", "--help"], "-- --help"),
        (&["--now  a"], "--now  a"),
        (&["-h"], "-h"),
    ] {
        call(&folder, caller).code(0);
        assert_eq!(datagram(&udp), expected);
    }
}

#[test]
fn failed_directives_are_reported_only_in_the_journal() {
    let closed = TcpListener::bind("127.0.0.1:0").unwrap().local_addr().unwrap();
    let folder = folder(&format!(
        "OnIncomingCall=SendMessage,msipctl test no window,WM_USER+1,%number%\r\n\
         OnIncomingCall.2=Nonsense\r\n\
         OnIncomingCall.3=Run,calc.exe,%number%\r\n\
         OnIncomingCall.4=Http,POST,http://ann:Tr0ub4dor@{closed}/\r\n\
         OnIncomingCall.5=Udp,[localhost]:9,%number%\r\n\
         OnIncomingCall.6=Http,GET,https://{closed}/\r\n"
    ));
    call(&folder, &["100"]).code(0);
    let lines = wait_for(&folder, journal(), "OnIncomingCall.6");
    assert_eq!(lines.lines().count(), 6, "{lines}");
    assert!(!lines.contains("Tr0ub4dor"), "{lines}");
    let log = run(&folder, &["hook", "log", "-n", "5"]).code(0).out();
    assert!(log.contains("unknown action `Nonsense`"), "{log}");
    assert!(log.contains("invalid path `calc.exe`: expected a full path such as"), "{log}");
    assert!(log.contains("invalid URL: it contains a user or password"), "{log}");
    assert!(log.contains("[localhost]:9: expected host:port (100)"), "{log}");
    assert_eq!(log.lines().count(), 5, "{log}");

    let none = Folder::new();
    run(&none, &["hook", "run", "--ini", "none.ini", "call-end", "1"]).code(0);
    wait_for(&none, journal(), "none.ini: file not found");
    run(&none, &["hook", "run", "call-end-x", "1"]).code(2);
    run(&none, &["hook", "run", "--verbose", "call-end", "1"]).code(2);
}
