//! Plans that are queued, changed, damaged, and applied.

use std::hash::{DefaultHasher, Hash, Hasher};
use std::io;
use std::path::{Path, PathBuf};
use std::sync::Mutex;
use std::time::Duration;

use super::*;
use crate::apply::{self, State};
use crate::locate::fake::{Fake, write};
use crate::plan::Desired;
use crate::store::{
    self, Digest, LockOptions, PrivateFolder, Progress, Record, RestoreOptions, Run, RunId,
};
use microsip_schema::SecretKeys;
use msipctl_windows::{Folder, Hive, Process, System};
use winini::{CodePage, Document};

const BEFORE: &str =
    "[Settings]\r\nAA=0\r\ncmdCallEnd=\r\n[Account1]\r\nusername=204\r\ndomain=a\r\n";

/// A key for tests. Its digests depend on all inputs.
struct TestKey(&'static str);

impl KeyedDigest for TestKey {
    fn id(&self) -> String {
        self.0.to_owned()
    }

    fn digest(&self, location: &[&str], text: &str) -> String {
        let mut hasher = DefaultHasher::new();
        (self.0, location, text).hash(&mut hasher);
        format!("{:016x}", hasher.finish())
    }

    fn digest_of_hash(&self, path: &Path, hash: &Digest) -> String {
        self.digest(&["file", &path.to_string_lossy()], &hash.to_string())
    }
}

const KEY: TestKey = TestKey("one");

/// A file, and a folder of plans.
struct World {
    folder: tempfile::TempDir,
}

impl World {
    fn new() -> Self {
        let folder = tempfile::tempdir().unwrap();
        write(&folder.path().join("MicroSIP.ini"), BEFORE);
        Self { folder }
    }

    fn file(&self, name: &str) -> PathBuf {
        self.folder.path().join(name)
    }

    fn ini(&self) -> PathBuf {
        self.file("MicroSIP.ini")
    }

    fn pending(&self) -> PathBuf {
        self.file("pending")
    }

    fn text(&self) -> String {
        text_of(&self.ini())
    }

    fn write(&self, text: &str) {
        write(&self.ini(), text);
    }

    fn queue(&self, desired: &Desired) -> RunId {
        self.try_queue(desired, &|_, _| SecretOrigin::Policy).unwrap().run
    }

    fn try_queue(
        &self,
        desired: &Desired,
        secret: &dyn Fn(&str, &str) -> SecretOrigin,
    ) -> Result<Queued, QueueError> {
        self.queue_from(desired, secret, None, 30)
    }

    fn queue_from(
        &self,
        desired: &Desired,
        secret: &dyn Fn(&str, &str) -> SecretOrigin,
        policy: Option<PolicyOrigin>,
        days: u16,
    ) -> Result<Queued, QueueError> {
        let document = apply::load(&self.ini(), CodePage::WESTERN).unwrap();
        let options = apply::Options::new("apply --when-closed company.toml");
        let (path, document, options) = (&self.ini(), &document, &options);
        let request = QueueRequest { path, document, desired, options, policy, days, secret };
        queue(&self.pending(), &KEY, &request)
    }

    /// Applies the plans while no MicroSIP runs. No policy is available.
    fn pass(&self) -> Vec<PassResult> {
        self.pass_with(&|_, _, _, _| Err("no policy".to_owned()))
    }

    fn pass_with(&self, secret: SecretReader<'_>) -> Vec<PassResult> {
        self.pass_on(Box::leak(Box::new(Fake::default())), secret)
    }

    fn pass_on(&self, system: &'static dyn System, secret: SecretReader<'_>) -> Vec<PassResult> {
        let runs = self.file("runs");
        let wait = Duration::ZERO;
        let pass = Pass { key: &KEY, system, runs: Some(&runs), wait, secret };
        apply_pending(&self.pending(), &pass).unwrap()
    }

    /// Applies the only plan, which must be kept, and returns its state and error.
    #[track_caller]
    fn kept(&self, secret: SecretReader<'_>) -> (PlanState, String) {
        let results = self.pass_with(secret);
        let [PassResult { plan: Ok(plan), result: PlanResult::Kept, .. }] = results.as_slice()
        else {
            panic!("{results:?}");
        };
        let stored = self.plans().remove(0);
        assert_eq!(stored.last_error(), plan.last_error());
        (plan.state(store::now()), plan.last_error().unwrap_or_default().to_owned())
    }

    fn plans(&self) -> Vec<PendingPlan> {
        let plans = pending(&self.pending(), &KEY).unwrap();
        plans.into_iter().map(|(_, plan)| plan.unwrap()).collect()
    }

    fn plan_file(&self, run: RunId) -> PathBuf {
        self.pending().join(format!("{run}.plan"))
    }

    /// Returns the text of all files, to search it for secrets.
    fn everything(&self) -> String {
        let folder = PrivateFolder::open(&self.pending()).unwrap();
        let files = folder.names().unwrap();
        files.iter().map(|name| String::from_utf8(folder.read(name).unwrap()).unwrap()).collect()
    }
}

/// Returns the text of a file.
fn text_of(path: &Path) -> String {
    store::read_text(path).unwrap()
}

#[track_caller]
fn check_applied(results: &[PassResult]) -> State {
    match results {
        [PassResult { result: PlanResult::Applied(applied), .. }] => {
            assert!(applied.journal_error.is_none());
            applied.outcome.as_ref().unwrap().state
        }
        other => panic!("{other:?}"),
    }
}

fn aa() -> Desired {
    Desired::new().set("Settings", "AA", "1", "policy company.toml:2:1")
}

fn hook() -> Desired {
    Desired::new().set("Settings", "cmdCallEnd", "new.exe", "hook")
}

#[test]
fn plan_is_applied_once_and_can_be_undone() {
    let world = World::new();
    let run = world.queue(&aa().set("Settings", "DND", "1", ""));
    assert_eq!(world.text(), BEFORE);
    let plan = world.plans().remove(0);
    assert_eq!((plan.run(), plan.keys()), (run, vec!["Settings.AA".into(), "Settings.DND".into()]));
    assert_eq!(plan.command(), "apply --when-closed company.toml");

    assert_eq!(check_applied(&world.pass()), State::Changed);
    let after = world.text();
    assert!(after.contains("AA=1\r\n") && after.contains("DND=1\r\n"), "{after}");
    assert!(world.plans().is_empty());
    world.write(&after.replace("AA=1", "AA=2"));
    assert!(world.pass().is_empty());
    assert!(world.text().contains("AA=2"));

    world.write(&after);
    let runs = world.file("runs");
    let noted = Run::read(&runs, &run).unwrap();
    assert_eq!(noted.progress, Progress::Finished);
    let undos = noted.undo().unwrap();
    assert_eq!(undos.len(), 1);
    let record = Record { run: RunId::new(), command: "undo".to_owned() };
    assert!(undos[0].undo(&record, &RestoreOptions::default(), None).unwrap().changed);
    assert_eq!(world.text(), BEFORE);
}

#[test]
fn same_change_is_queued_once() {
    let world = World::new();
    let queue = |desired: &Desired| world.try_queue(desired, &|_, _| SecretOrigin::Policy).unwrap();
    let first = queue(&aa());
    assert!(first.is_new);
    assert_eq!(queue(&aa()), Queued { run: first.run, is_new: false });
    assert_eq!(world.plans().len(), 1);
    // MicroSIP has saved the file since, so the plan would restore another value.
    world.write(&BEFORE.replace("AA=0", "AA=7"));
    let second = queue(&aa());
    assert!(second.is_new && second.run != first.run);
    assert_eq!(world.plans().len(), 1);
    assert!(queue(&Desired::new().set("Settings", "AA", "3", "")).is_new);
}

#[test]
fn plan_waits_while_microsip_uses_the_file() {
    let world = World::new();
    world.queue(&aa());
    let program = world.file("MicroSIP.exe");
    write(&program, "");
    let system: &'static Fake =
        Box::leak(Box::new(Fake::default().process(77, &program.to_string_lossy())));
    let results = world.pass_on(system, &|_, _, _, _| Ok(None));
    let [PassResult { result: PlanResult::InUse(users), .. }] = results.as_slice() else {
        panic!("{results:?}");
    };
    assert_eq!(users[0].id, 77);
    assert_eq!((world.text().as_str(), world.plans()[0].attempts()), (BEFORE, 0));
}

#[test]
fn plan_waits_while_another_msipctl_writes_the_file() {
    let world = World::new();
    world.queue(&aa());
    let lock = store::lock(&world.ini(), &LockOptions::default()).unwrap();
    let (state, reason) = world.kept(&|_, _, _, _| Ok(None));
    assert_eq!(state, PlanState::Waiting);
    assert!(reason.contains("locked"), "{reason}");
    assert_eq!(world.plans()[0].attempts(), 1);
    drop(lock);
    assert_eq!(check_applied(&world.pass()), State::Changed);
}

#[test]
fn setting_is_applied_when_microsip_rewrote_the_file() {
    let world = World::new();
    world.queue(&aa().and(hook()));
    // MicroSIP saves its own values, and keys that weren't set as empty.
    world.write("[Settings]\r\nAA=7\r\ncmdCallEnd=\"\"\r\ncmdCallStart=\r\nvolume=3\r\n[Account1]\r\nusername=204\r\ndomain=a\r\n");
    assert_eq!(check_applied(&world.pass()), State::Changed);
    let after = world.text();
    assert!(after.contains("AA=1\r\ncmdCallEnd=new.exe\r\ncmdCallStart=\r\nvolume=3"), "{after}");
}

#[test]
fn changed_hook_is_a_conflict_that_leaves_the_file_unchanged() {
    for key in ["cmdCallEnd", "OnCallEnd", "OnCallEnd.2"] {
        let world = World::new();
        world.queue(&aa().set("Settings", key, "new.exe", "hook"));
        let changed = BEFORE.replace("AA=0", &format!("AA=0\r\n{key}=foreign.exe"));
        let changed = changed.replace("cmdCallEnd=\r\n", "");
        world.write(&changed);
        let (state, reason) = world.kept(&|_, _, _, _| Ok(None));
        assert_eq!(state, PlanState::Conflict);
        assert_eq!(reason, format!("`Settings.{key}` was changed since the plan was queued"));
        assert_eq!(world.text(), changed);
        // It isn't tried again, even if the file fits again.
        world.write(BEFORE);
        world.pass();
        assert_eq!(world.text(), BEFORE);
    }
}

#[test]
fn changed_record_of_a_hook_is_a_conflict() {
    let world = World::new();
    world.queue(&Desired::new().set("msipctl", "OnCallEnd", "log", "hook"));
    world.write(&format!("{BEFORE}[msipctl]\r\nOnCallEnd=other\r\n"));
    let (state, reason) = world.kept(&|_, _, _, _| Ok(None));
    assert_eq!(state, PlanState::Conflict);
    assert!(reason.starts_with("`msipctl.OnCallEnd` "), "{reason}");
}

#[test]
fn hook_that_already_has_the_new_value_is_no_conflict() {
    let world = World::new();
    world.queue(&aa().and(hook()));
    world.write(&BEFORE.replace("cmdCallEnd=", "cmdCallEnd=new.exe"));
    assert_eq!(check_applied(&world.pass()), State::Changed);
    assert!(world.text().contains("AA=1\r\ncmdCallEnd=new.exe"), "{}", world.text());
}

#[test]
fn account_that_is_another_one_now_is_a_conflict() {
    let world = World::new();
    world.queue(&Desired::new().set("Account1", "label", "Desk", ""));
    let changed = BEFORE.replace("username=204", "username=317");
    world.write(&changed);
    let (state, reason) = world.kept(&|_, _, _, _| Ok(None));
    assert_eq!(state, PlanState::Conflict);
    assert_eq!(reason, "`[Account1]` is another account than when the plan was queued");
    assert_eq!(world.text(), changed);
}

#[test]
fn account_that_the_plan_changes_is_no_conflict() {
    let world = World::new();
    let desired = Desired::new().set("Account1", "username", "317", "");
    world.queue(&desired.set("Account1", "label", "Desk", ""));
    world.write(&BEFORE.replace("username=204", "username=317"));
    assert_eq!(check_applied(&world.pass()), State::Changed);
    assert!(world.text().contains("label=Desk"));
}

#[test]
fn plans_with_other_keys_or_files_are_kept_and_applied_in_order() {
    let world = World::new();
    let both = aa().set("Settings", "DND", "1", "");
    world.queue(&both);
    world.queue(&Desired::new().set("Settings", "AA", "2", ""));
    assert_eq!(world.plans().len(), 2);
    assert_eq!(world.pass().len(), 2);
    assert!(world.text().contains("AA=2\r\n") && world.text().contains("DND=1\r\n"));
}

#[test]
fn newer_plan_of_the_same_policy_replaces_the_older_one() {
    let world = World::new();
    let policy = |path: &str| {
        let (path, sources, template_dirs) = (path.to_owned(), Vec::new(), Vec::new());
        Some(PolicyOrigin { path, sources, template_dirs, microsip: None })
    };
    let dnd = Desired::new().set("Settings", "DND", "1", "");
    for (desired, path, plans) in
        [(aa(), "/a.toml", 1), (dnd.clone(), "/b.toml", 2), (dnd, "/a.toml", 1)]
    {
        world.queue_from(&desired, &|_, _| SecretOrigin::Policy, policy(path), 30).unwrap();
        assert_eq!(world.plans().len(), plans, "{path}");
    }
}

#[test]
fn newer_plan_with_the_same_keys_replaces_the_older_one() {
    let world = World::new();
    world.queue(&aa());
    let newer = world.queue(&Desired::new().set("Settings", "AA", "2", ""));
    let runs: Vec<_> = world.plans().iter().map(PendingPlan::run).collect();
    assert_eq!(runs, [newer]);
    check_applied(&world.pass());
    assert!(world.text().contains("AA=2"));
}

#[test]
fn expired_plan_is_not_applied() {
    let world = World::new();
    world.queue_from(&aa(), &|_, _| SecretOrigin::Policy, None, 0).unwrap();
    let results = world.pass();
    assert!(matches!(results[0].result, PlanResult::Kept));
    assert_eq!(results[0].plan.as_ref().unwrap().state(store::now()), PlanState::Expired);
    assert_eq!(world.text(), BEFORE);
}

#[test]
fn changed_policy_is_a_conflict_and_missing_policy_is_none() {
    for (text, expected) in [(Some("new"), true), (Some("old"), false), (None, false)] {
        let world = World::new();
        let path = world.file("company.toml");
        let source = PolicySource {
            path: path.to_string_lossy().into_owned(),
            digest: KEY.digest_of_hash(&path, &Digest::of(b"old")),
            is_inventory: false,
        };
        let path_text = source.path.clone();
        let (sources, template_dirs) = (vec![source], Vec::new());
        let policy = PolicyOrigin { path: path_text, sources, template_dirs, microsip: None };
        world.queue_from(&aa(), &|_, _| SecretOrigin::Policy, Some(policy), 30).unwrap();
        if let Some(text) = text {
            write(&path, text);
        }
        match expected {
            true => {
                let (state, reason) = world.kept(&|_, _, _, _| Ok(None));
                assert_eq!(state, PlanState::Conflict);
                assert!(reason.ends_with("company.toml was changed since the plan was queued"));
            }
            false => assert_eq!(check_applied(&world.pass()), State::Changed),
        }
    }
}

/// Returns a state with the secret `hunter2` in an account, and in a hook.
fn secrets() -> Desired {
    let mut hidden = SecretKeys::default();
    hidden.add_value("hunter2");
    let desired = Desired::new().set("Account1", "password", "hunter2", "");
    desired.set("Settings", "cmdCallEnd", "curl.exe hunter2", "hook").hiding(&hidden)
}

#[test]
fn secrets_are_read_again_and_never_stored() {
    let world = World::new();
    let file = world.file("secret");
    write(&file, "hunter2\r\n");
    let origin = |section: &str, _: &str| match section {
        "Account1" => SecretOrigin::File(file.clone()),
        _ => SecretOrigin::Policy,
    };
    world.try_queue(&secrets(), &origin).unwrap();
    assert!(!world.everything().contains("hunter2"), "{}", world.everything());
    let asked = Mutex::new(Vec::new());
    let results = world.pass_with(&|_, _, section, key| {
        asked.lock().unwrap().push(format!("{section}.{key}"));
        Ok(Some("curl.exe hunter2".to_owned()))
    });
    assert_eq!(check_applied(&results), State::Changed);
    assert_eq!(*asked.lock().unwrap(), ["Settings.cmdCallEnd"]);
    let after = world.text();
    assert!(after.contains("password=hunter2") && after.contains("cmdCallEnd=curl.exe hunter2"));
}

#[test]
fn changed_secret_blocks_the_plan() {
    let world = World::new();
    let file = world.file("secret");
    world.try_queue(&secrets(), &|_, _| SecretOrigin::File(file.clone())).unwrap();
    let (state, reason) = world.kept(&|_, _, _, _| Ok(None));
    assert_eq!(state, PlanState::Failed, "a file that is missing now may come back");
    assert!(reason.starts_with("can't read the secret for `Account1.password`: "), "{reason}");

    write(&file, "other");
    let (state, reason) = world.kept(&|_, _, _, _| Ok(None));
    assert_eq!(state, PlanState::BlockedSecret);
    let expected = "the secret for `Account1.password` was changed since the plan was queued";
    assert_eq!(reason, expected);
    assert_eq!(world.text(), BEFORE);
}

#[test]
fn secret_that_is_not_available_later_refuses_the_complete_change() {
    let world = World::new();
    let reason = "the environment variable `PIN` isn't available later";
    let error =
        world.try_queue(&aa().and(secrets()), &|_, _| SecretOrigin::Unavailable(reason.to_owned()));
    let error = error.unwrap_err();
    assert_eq!(error.to_string(), format!("can't defer `Account1.password`: {reason}"));
    assert!(error.hint().unwrap().contains("file ="));
    assert!(!store::exists(&world.pending()));
}

#[test]
fn secret_that_the_file_has_already_needs_no_source() {
    let world = World::new();
    world.write(&format!("{BEFORE}password=hunter2\r\n"));
    let desired = aa().set("Account1", "password", "hunter2", "");
    world.try_queue(&desired, &|_, _| SecretOrigin::Unavailable(String::new())).unwrap();
    assert_eq!(world.plans()[0].keys(), ["Settings.AA"]);
}

#[test]
fn damaged_or_foreign_plan_is_never_applied() {
    let world = World::new();
    let run = world.queue(&aa());
    let path = world.plan_file(run);
    let good = text_of(&path);
    let (first, rest) = good.split_once('\n').unwrap();
    let forged = |rest: String| {
        let digest = KEY.digest(&["pending", &run.to_string()], &rest);
        format!("{{\"schema_version\":1,\"key\":\"one\",\"digest\":\"{digest}\"}}\n{rest}")
    };
    assert!(PendingPlan::parse(run, forged(rest.to_owned()).as_bytes(), &KEY).is_ok());
    let changed = "the plan was changed after msipctl queued it";
    let format = "not a pending plan of msipctl";
    let cases = [
        (String::new(), format),
        ("{}\n{}\n".to_owned(), format),
        (first.to_owned(), format),
        (good.replace("\"1\"", "\"9\""), changed),
        (good[..good.len() - 2].to_owned(), changed),
        (format!("{first}\n{first}\n{rest}"), changed),
        (good.replacen("schema_version\":1", "schema_version\":2", 1), "unsupported version 2"),
        (good.replacen("\"one\"", "\"two\"", 1), "the plan was queued with a key"),
        (good.replacen('{', "{\"more\":1,", 1), format),
        (forged(rest.replacen('{', "{\"more\":1,", 1)), format),
        (forged(rest.replacen(&run.to_string(), "20261201T000000Z-0000", 1)), format),
        (forged("{}\n".to_owned()), format),
        (forged("[".repeat(100_000)), format),
    ];
    for (text, expected) in cases {
        write(&path, &text);
        let results = world.pass();
        let [PassResult { plan: Err(error), result: PlanResult::Kept, .. }] = results.as_slice()
        else {
            panic!("{text}: {results:?}");
        };
        assert!(error.to_string().starts_with(expected), "{text}: {error}");
        assert_eq!(world.text(), BEFORE);
    }
    // Another run's plan under this name.
    let other = world.queue(&Desired::new().set("Settings", "DND", "1", ""));
    write(&path, text_of(&world.plan_file(other)));
    assert_eq!(discard(&world.pending(), other).unwrap(), Discarded::Done);
    assert!(matches!(world.pass()[0].plan, Err(InvalidPlan::Digest)));
    assert_eq!(discard(&world.pending(), run).unwrap(), Discarded::Done);
    assert_eq!(discard(&world.pending(), run).unwrap(), Discarded::NotFound);
    assert!(world.pass().is_empty());
}

#[test]
fn other_files_in_the_folder_are_ignored() {
    let world = World::new();
    world.queue(&aa());
    for name in ["note.txt", "x.plan", "20261201T000000Z-00g0.plan", ".20261201T000000Z-0000.plan"]
    {
        write(&world.pending().join(name), "x");
    }
    assert_eq!(world.plans().len(), 1);
    check_applied(&world.pass());
}

#[cfg(unix)]
#[test]
fn path_that_leads_elsewhere_now_is_a_conflict() {
    let world = World::new();
    world.queue(&aa());
    let other = world.file("other.ini");
    write(&other, BEFORE);
    PrivateFolder::open(world.folder.path()).unwrap().remove("MicroSIP.ini").unwrap();
    std::os::unix::fs::symlink(&other, world.ini()).unwrap();
    let (state, reason) = world.kept(&|_, _, _, _| Ok(None));
    assert_eq!(state, PlanState::Conflict);
    assert_eq!(reason, "the path leads to another file than when it was queued");
    assert_eq!(text_of(&other), BEFORE);
}

#[test]
fn interrupted_plan_is_completed_with_the_same_journal() {
    let world = World::new();
    let run = world.queue(&aa());
    let plan = text_of(&world.plan_file(run));
    check_applied(&world.pass());
    // As after a kill between the end of the run and the removal of the plan.
    write(&world.plan_file(run), &plan);
    let later = world.text().replace("AA=1", "AA=5");
    world.write(&later);
    let results = world.pass();
    assert!(
        matches!(&results[0].result, PlanResult::Applied(applied) if applied.outcome.is_none())
    );
    assert_eq!(world.text(), later, "a finished plan isn't applied again");
    assert!(world.plans().is_empty());

    // As after a kill just before the new file was put in place.
    let journal = world.file("runs").join(format!("{run}.ndjson"));
    let lines = text_of(&journal);
    let lines: Vec<_> = lines.lines().filter(|line| !line.contains("\"finished\"")).collect();
    write(&journal, lines.join("\n") + "\n");
    write(&world.plan_file(run), &plan);
    world.write(BEFORE);
    assert_eq!(check_applied(&world.pass()), State::Changed);
    let noted = Run::read(&world.file("runs"), &run).unwrap();
    assert_eq!(noted.progress, Progress::Finished);
    assert!(world.text().contains("AA=1"));
}

/// A system on which MicroSIP runs until someone waits for it.
#[derive(Debug)]
struct UntilWait {
    program: PathBuf,
    is_running: Mutex<bool>,
}

impl System for UntilWait {
    fn processes(&self) -> io::Result<Vec<Process>> {
        let process =
            Process { id: 5, program: Some(self.program.clone()), name: "MicroSIP.exe".into() };
        Ok(if *self.is_running.lock().unwrap() { vec![process] } else { Vec::new() })
    }

    fn user(&self, _: u32) -> io::Result<String> {
        Err(io::ErrorKind::PermissionDenied.into())
    }

    fn wait(&self, process: u32, at_most: Duration) -> io::Result<bool> {
        assert_eq!((process, at_most), (5, Duration::from_secs(60)));
        *self.is_running.lock().unwrap() = false;
        Ok(true)
    }

    fn registry_text(
        &self,
        _: Hive,
        _: &str,
        _: Option<&str>,
    ) -> io::Result<Option<std::ffi::OsString>> {
        Ok(None)
    }

    fn registry_keys(&self, _: Hive, _: &str) -> io::Result<Vec<std::ffi::OsString>> {
        Ok(Vec::new())
    }

    fn folder(&self, _: Folder) -> io::Result<PathBuf> {
        Err(io::ErrorKind::NotFound.into())
    }

    fn program_version(&self, _: &Path) -> io::Result<Option<[u16; 4]>> {
        Ok(None)
    }
}

#[test]
fn watcher_applies_plans_after_microsip_exits() {
    let world = World::new();
    world.queue(&aa());
    let program = world.file("MicroSIP.exe");
    write(&program, "");
    let system: &'static UntilWait =
        Box::leak(Box::new(UntilWait { program, is_running: Mutex::new(true) }));
    let mut passes = 0;
    watch(&world.pending(), &KEY, system, || {
        assert!(!*system.is_running.lock().unwrap());
        passes += 1;
        check_applied(&world.pass_on(system, &|_, _, _, _| Ok(None)));
    })
    .unwrap();
    assert_eq!(passes, 1);
    assert!(world.text().contains("AA=1"));
}

#[test]
fn watcher_ends_when_nothing_waits_or_another_one_watches() {
    let world = World::new();
    let system = Fake::default();
    let never = || panic!("there is no plan");
    watch(&world.pending(), &KEY, &system, never).unwrap();
    world.queue(&aa());
    let folder = PrivateFolder::open(&world.pending()).unwrap();
    let lock = folder.lock("watcher").unwrap().unwrap();
    watch(&world.pending(), &KEY, &system, never).unwrap();
    drop(lock);
    // A plan that can't be applied is tried once.
    let mut passes = 0;
    watch(&world.pending(), &KEY, &system, || passes += 1).unwrap();
    assert_eq!(passes, 1);
}

#[test]
fn debug_output_of_a_plan_hides_values() {
    let world = World::new();
    world.queue(&Desired::new().set("Settings", "userAgent", "private", ""));
    let plan = world.plans().remove(0);
    assert!(!format!("{plan:?}").contains("private"));
    let document: Document = apply::load(&world.ini(), CodePage::WESTERN).unwrap();
    assert_eq!(document.bytes(), BEFORE.as_bytes());
}
