//! Passes hostile caller IDs to programs that are really started: each must arrive as exactly one argument.

use std::fs;
use std::path::PathBuf;
use std::process::Stdio;
use std::thread::sleep;
use std::time::{Duration, Instant};

use msipctl_core::event::{clean, field};
use proptest::prelude::*;
use proptest::test_runner::{Config, TestRunner};

use crate::runner::{Folder, started, utf16};

/// The maximum duration of a start.
const PATIENCE: Duration = Duration::from_secs(30);

/// A program that logs its arguments, in a folder where `calc` is a copy of it.
struct Target {
    folder: Folder,
}

impl Target {
    /// Creates the target; `program` is its file in the folder.
    fn of(folder: Folder, program: &str) -> Self {
        let program = folder.file(program).to_str().unwrap().replace('%', "%%");
        let directive = format!("Run,{},%event%,<%number%>,end", field(&program));
        folder.write("MicroSIP.ini", utf16(&format!("[Settings]\r\nOnCallEnd={directive}\r\n")));
        Self { folder }
    }

    fn out(&self) -> PathBuf {
        self.folder.file("out.txt")
    }

    /// Runs msipctl for a caller ID, and returns the arguments of each start of the target.
    fn started_with(&self, caller: &str) -> Vec<Vec<String>> {
        let args = ["hook", "run", "--now", "--ini", "MicroSIP.ini", "call-end"];
        let mut command = self.folder.bare_command(&args);
        // The caller ID as it follows the launcher: on Windows, the text itself, whatever it contains.
        #[cfg(windows)]
        std::os::windows::process::CommandExt::raw_arg(&mut command, caller);
        #[cfg(not(windows))]
        command.arg(caller);
        command.env("PROBE_OUT", self.out()).env("PROBE_SEEN", "1");
        command.env("MSIPCTL_HOOK_LOG", self.folder.file("journal.ndjson"));
        command.stdin(Stdio::null()).stdout(Stdio::null()).stderr(Stdio::null());
        assert!(started(|| command.status()).success());
        let begin = Instant::now();
        while self.records().is_empty() {
            assert!(begin.elapsed() < PATIENCE, "nothing was started for {caller:?}");
            sleep(Duration::from_millis(2));
        }
        // Another program that was started needs at most as long as the intended one.
        sleep(Duration::from_millis(if cfg!(windows) { 60 } else { 5 }));
        let found = self.records();
        fs::remove_file(self.out()).unwrap();
        found
    }
}

/// Characters that have a meaning for shells, argument parsers, and terminals, and others.
fn callers() -> impl Strategy<Value = String> {
    let nasty = r#"(["&|<>^%!()$`;,='\\ \t\r\n*?~{}-]|calc|%PATH%|\$\(calc\)|" & calc & "|[a-z0-9+é電]){0,10}"#;
    prop_oneof![4 => nasty, 1 => "[^\0]{0,20}"]
}

/// Passes caller IDs to a target; `passed` returns the expected argument.
fn check(target: &Target, cases: u32, passed: impl Fn(&str) -> String) {
    let config = Config { failure_persistence: None, cases, ..Config::default() };
    let result = TestRunner::new(config).run(&callers(), |caller| {
        let found = target.started_with(&caller);
        let expected = ["call-end".to_owned(), format!("<{}>", passed(&caller)), "end".to_owned()];
        prop_assert_eq!(found, [expected.to_vec()]);
        Ok(())
    });
    result.unwrap_or_else(|error| panic!("{error}"));
}

#[cfg(unix)]
mod unix {
    use super::*;
    use crate::runner::copy_program;

    const PROGRAM: &str = "it's a & \"program\" %d $x";

    impl Target {
        fn new() -> Self {
            let folder = Folder::new();
            // A record is appended to the file in a single write.
            let script = "#!/bin/sh\nf=$(mktemp \"$PROBE_OUT.XXXXXX\")\n\
                          for a; do printf '%s\\0' \"$a\" >>\"$f\"; done\n\
                          printf '\\001' >>\"$f\"\ncat \"$f\" >>\"$PROBE_OUT\"\n";
            folder.write("script.sh", script);
            for name in [PROGRAM, "calc"] {
                copy_program(folder.file("script.sh"), folder.file(name));
            }
            Self::of(folder, PROGRAM)
        }

        pub(super) fn records(&self) -> Vec<Vec<String>> {
            let bytes = fs::read(self.out()).unwrap_or_default();
            let records = bytes.split_inclusive(|byte| *byte == 1);
            records
                .filter_map(|record| record.strip_suffix(b"\x01"))
                .map(|record| {
                    let text = str::from_utf8(record.strip_suffix(b"\0").unwrap()).unwrap();
                    text.split('\0').map(str::to_owned).collect()
                })
                .collect()
        }
    }

    #[test]
    fn any_caller_id_is_one_argument_of_a_program() {
        check(&Target::new(), 200, clean);
    }
}

#[cfg(windows)]
mod windows {
    use super::*;
    use crate::probe::Record;
    use crate::runner::program;

    impl Target {
        /// Creates the target; `None` if there is no probe.
        fn new(name: &str, batch: Option<&str>) -> Option<Self> {
            let probe = program("MSIPCTL_PROBE", "hostile", "probe program")?;
            let folder = Folder::new();
            let copy = if batch.is_some() { "probe.exe" } else { name };
            for copy in [copy, "calc.exe"] {
                fs::copy(&probe, folder.file(copy)).unwrap();
            }
            if let Some(text) = batch {
                folder.write(name, text);
            }
            Some(Self::of(folder, name))
        }

        pub(super) fn records(&self) -> Vec<Vec<String>> {
            let text = fs::read_to_string(self.out()).unwrap_or_default();
            let whole = text.split_inclusive('\n').filter_map(|line| line.strip_suffix('\n'));
            // The first text is the unchanged command line.
            whole.map(|line| Record::parse(line).texts.split_off(1)).collect()
        }
    }

    #[test]
    fn any_caller_id_is_one_argument_of_a_program() {
        let Some(target) = Target::new("the & program 100%.exe", None) else { return };
        check(&target, 60, clean);
    }

    #[test]
    fn any_caller_id_is_one_argument_of_a_batch_file() {
        let batch = "@\"%~dp0probe.exe\" %*\r\n";
        let Some(target) = Target::new("the batch.bat", Some(batch)) else { return };
        check(&target, 60, |caller| msipctl_core::event::harmless(&clean(caller)));
    }
}
