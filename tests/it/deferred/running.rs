//! Deferred apply while a MicroSIP runs, which is the stand-in.

use std::process::Command;

use serde_json::Value;

use super::POLICY;
use crate::running::Desk;

const QUEUE: [&str; 3] = ["apply", "p.toml", "--when-closed"];

/// Starts MicroSIP, and queues a policy. Returns the run.
fn queued(policy: &str, variables: &[(&str, &str)]) -> Option<(Desk, String)> {
    let desk = Desk::new("MicroSIP")?;
    desk.folder.write("p.toml", policy);
    desk.start(variables);
    let run = desk.run(&[&QUEUE[..], &["--format", "json"]].concat()).code(0);
    let run = run.json()["files"][0]["pending"].as_str().unwrap().to_owned();
    Some((desk, run))
}

fn plans(desk: &Desk, code: i32) -> Vec<Value> {
    let status = desk.folder.run(&["status", "--format", "json"]).code(code).json();
    status["plans"].as_array().unwrap().clone()
}

#[test]
fn plan_is_applied_after_microsip_exits_and_can_be_undone() {
    let Some((desk, run)) = queued(POLICY, &[]) else { return };
    assert!(desk.ini().contains("AA=0"), "{}", desk.ini());
    let plan = plans(&desk, 0).remove(0);
    assert_eq!((&plan["run"], &plan["state"]), (&run.as_str().into(), &"waiting".into()));
    assert_eq!(plan["waits_for"][0]["name"], "MicroSIP.exe");
    let shown = desk.folder.run(&["status"]).code(0).out();
    assert!(shown.contains("waits until MicroSIP (process "), "{shown}");
    assert_eq!(desk.trace(), ["start"], "nothing closes MicroSIP");

    // msipctlw, which `apply` started, waits for this.
    desk.end();
    desk.until("the plan is applied", || desk.ini().contains("AA=1"));
    desk.until("the plan is removed", || plans(&desk, 0).is_empty());
    let after = desk.ini();
    assert!(after.contains("accountId=1"), "{after}");

    desk.folder.run(&["backup", "restore", "--run", &run]).code(0);
    assert!(desk.ini().contains("AA=0"), "{}", desk.ini());
    desk.folder.run(&["apply", "--pending"]).code(0);
    assert!(desk.ini().contains("AA=0"), "{}", desk.ini());
}

#[test]
fn pending_apply_writes_nothing_while_microsip_runs() {
    let Some((desk, _)) = queued(POLICY, &[]) else { return };
    let before = desk.ini();
    let shown = desk.folder.run(&["apply", "--pending"]).code(0).out();
    assert!(shown.contains("waits until MicroSIP (process "), "{shown}");
    assert_eq!((desk.ini(), plans(&desk, 0).len()), (before, 1));
    assert_eq!(plans(&desk, 0)[0]["attempts"], 0);
}

#[test]
fn free_file_is_written_at_once() {
    let Some(desk) = Desk::new("MicroSIP") else { return };
    desk.folder.write("p.toml", POLICY);
    desk.run(&QUEUE).code(0);
    assert!(desk.ini().contains("AA=1"), "{}", desk.ini());
    assert_eq!(plans(&desk, 0).len(), 0);
}

#[test]
fn hook_is_added_after_microsip_saved_its_settings() {
    let hook = "[[hook]]\ntemplate = \"send-message\"\non = \"incoming-call\"\nwith = { window = \"My\" }\n";
    let Some((desk, _)) = queued(hook, &[]) else { return };
    desk.end();
    desk.until("the hook is added", || desk.ini().contains("OnIncomingCall=SendMessage,My,"));
    desk.until("the plan is removed", || plans(&desk, 0).is_empty());
    assert!(desk.ini().contains("cmdIncomingCall="), "{}", desk.ini());
}

#[test]
fn variable_of_the_user_can_be_queued() {
    const KEY: &str = r"HKCU\Environment";
    const NAME: &str = "MSIPCTL_TEST_PIN";
    let Some(desk) = Desk::new("MicroSIP") else { return };
    desk.folder.write("p.toml", format!("[Account1]\npassword = {{ env = \"{NAME}\" }}\n"));
    let reg = |args: &[&str]| {
        let done = Command::new("reg").args(args).output().unwrap();
        assert!(done.status.success(), "{args:?}: {done:?}");
    };
    reg(&["add", KEY, "/v", NAME, "/d", "hunter2", "/f"]);
    desk.start(&[]);
    let args = [&QUEUE[..], &["-i", "MicroSIP.ini"]].concat();
    let with = |value: &str| {
        let value = value.to_owned();
        desk.folder.run_as(&args, move |command| _ = command.env(NAME, &value))
    };
    let other = with("another").code(3).err();
    let queued = with("hunter2").code(0);
    reg(&["delete", KEY, "/v", NAME, "/f"]);
    assert!(other.contains("isn't available later"), "{other}");
    assert!(!String::from_utf8(queued.everything()).unwrap().contains("hunter2"));
    assert_eq!(plans(&desk, 0).len(), 1);
}
