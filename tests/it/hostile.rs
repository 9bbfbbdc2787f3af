//! Callers from the network, put to programs that are really started: whatever the text, it is one argument and no more.

use std::fs;
use std::path::PathBuf;
use std::process::Stdio;
use std::thread::sleep;
use std::time::{Duration, Instant};

use msipctl_core::event::{clean, field};
use proptest::prelude::*;
use proptest::test_runner::{Config, TestRunner};

use crate::runner::{Folder, started, utf16};

/// The longest that a start takes.
const PATIENCE: Duration = Duration::from_secs(30);

/// A program that writes down its arguments, in a folder where `calc` is another copy of it.
struct Target {
    folder: Folder,
}

impl Target {
    /// Makes the target; `program` is its file in the folder.
    fn of(folder: Folder, program: &str) -> Self {
        let program = folder.file(program).to_str().unwrap().replace('%', "%%");
        let directive = format!("Run,{},%event%,<%number%>,end", field(&program));
        folder.write("MicroSIP.ini", utf16(&format!("[Settings]\r\nOnCallEnd={directive}\r\n")));
        Self { folder }
    }

    fn out(&self) -> PathBuf {
        self.folder.file("out.txt")
    }

    /// Lets msipctl run it for a caller, and returns what each start of it was given.
    fn started_with(&self, caller: &str) -> Vec<Vec<String>> {
        let args = ["hook", "run", "--now", "--ini", "MicroSIP.ini", "call-end"];
        let mut command = self.folder.bare_command(&args);
        // As it comes behind the launcher: on Windows the text itself, whatever is in it.
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
        // Whoever else was started needs no longer than the one that was meant.
        sleep(Duration::from_millis(if cfg!(windows) { 60 } else { 5 }));
        let found = self.records();
        fs::remove_file(self.out()).unwrap();
        found
    }
}

/// Letters on which shells, readers of arguments and terminals act, and any others.
fn callers() -> impl Strategy<Value = String> {
    let nasty = r#"(["&|<>^%!()$`;,='\\ \t\r\n*?~{}-]|calc|%PATH%|\$\(calc\)|" & calc & "|[a-z0-9+é電]){0,10}"#;
    prop_oneof![4 => nasty, 1 => "[^\0]{0,20}"]
}

/// Puts callers to a target, of which `passed` says what shall arrive.
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
            // A record is put at the end of the file whole: by one write.
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
        /// Makes the target; `None` where there is no probe.
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
            // The first text is the command line as it came.
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
