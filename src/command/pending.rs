//! Applies pending plans: `apply --pending`, every `apply` before its own work, and `msipctlw pending run`.

use std::collections::HashSet;
use std::path::{Path, PathBuf};
use std::time::Duration;

use super::policy::{Standard, absolute};
use super::policy_secrets::{PolicySecrets, wanted_value};
use super::template::TemplateFlags;
use crate::error::CliError;
use crate::exit::Exit;
use crate::flags::VersionFlags;
use crate::output::{Output, PendingReport, PendingRow, SavedSource, count};
use msipctl_core::deferred::{self, Pass, PassResult, PendingPlan, PlanResult, PolicySource};
use msipctl_core::fleet::{Target, Targets};
use msipctl_core::store;
use msipctl_host::{DigestKey, process};
use winini::{CodePage, Document};

/// How long the watcher lets msipctl wait for another one that writes the same file, in seconds.
const WATCHER_LOCK_TIMEOUT: &str = "600";

/// The command line of the watcher.
const WATCHER: [&str; 2] = ["pending", "run"];

/// Applies the plans whose files are free, and reports all of them.
pub(super) fn apply(out: &mut Output, wait: Duration) -> Result<Exit, CliError> {
    let results = pass(wait)?;
    for result in &results {
        warn_of_journal(out, result);
    }
    let report = PendingReport::new(results.iter().map(PendingRow::of_result).collect());
    if report.is_empty() {
        out.note("no pending plans");
    }
    out.report(&report);
    Ok(report.exit())
}

/// Applies the plans whose files are free, before another run. What fails here doesn't affect that run.
pub(super) fn apply_free(out: &mut Output) {
    let results = match pass(Duration::ZERO) {
        Ok(results) => results,
        Err(error) => return out.warning(&format!("pending plans weren't applied: {error}")),
    };
    for result in &results {
        if let (PlanResult::Applied(_), Ok(plan)) = (&result.result, &result.plan) {
            let path = plan.path().display();
            out.note(&format!("{path}: applied the pending plan {}", result.run));
            warn_of_journal(out, result);
        }
    }
    let rows = results.iter().map(PendingRow::of_result);
    let failed = rows.filter(PendingRow::has_problem).count();
    if failed > 0 {
        let plans = count(failed, "pending plan");
        out.warning(&format!("{plans} not applied; run `msipctl status` to see why"));
    }
}

/// Discards the plans of a policy for files that it was applied to now, because they are outdated.
pub(super) fn discard_outdated(out: &mut Output, policy: &Path, targets: &Targets) {
    let Some(folder) = folder() else { return };
    let discard = || -> Result<usize, CliError> {
        let policy = absolute(policy);
        let applied: HashSet<_> =
            targets.list().iter().map(|target| store::absolute(target.path())).collect();
        let mut discarded = 0;
        for (run, plan) in deferred::pending(&folder, &DigestKey::own()?)? {
            let Ok(plan) = plan else { continue };
            let is_same = plan.policy().is_some_and(|it| it.path == policy);
            if is_same && applied.contains(&store::absolute(plan.path())) {
                deferred::discard(&folder, run)?;
                discarded += 1;
            }
        }
        Ok(discarded)
    };
    match discard() {
        Ok(0) => {}
        Ok(discarded) => {
            out.note(&format!("discarded {}", count(discarded, "outdated pending plan")));
        }
        Err(error) => out.warning(&format!("outdated pending plans weren't discarded: {error}")),
    }
}

/// Warns if the run of a plan has no journal.
fn warn_of_journal(out: &mut Output, result: &PassResult) {
    if let PlanResult::Applied(applied) = &result.result
        && let Some(error) = &applied.journal_error
    {
        let (run, error) = (result.run, CliError::from(error));
        out.warning(&format!("run {run} has no journal, so undo needs its file (`-i`): {error}"));
    }
}

/// Applies the plans whose files are free.
fn pass(wait: Duration) -> Result<Vec<PassResult>, CliError> {
    let Some(folder) = folder() else { return Ok(Vec::new()) };
    let key = DigestKey::own()?;
    let system = msipctl_windows::system();
    let runs = process::runs_folder(system).map(|dir| store::full_path(&dir));
    let secret = |plan: &PendingPlan, document: &Document, section: &str, name: &str| {
        secret_of(plan, document, section, name, &key).map_err(|error| error.to_string())
    };
    let pass = Pass { key: &key, system, runs: runs.as_deref(), wait, secret: &secret };
    Ok(deferred::apply_pending(&folder, &pass)?)
}

/// Returns the folder of plans, if there are any.
pub(super) fn folder() -> Option<PathBuf> {
    let folder = process::pending_folder(msipctl_windows::system())?;
    store::exists(&folder).then_some(folder)
}

/// Returns the secret value of a key by the policy of a plan, for a file as it is now.
fn secret_of(
    plan: &PendingPlan,
    document: &Document,
    section: &str,
    name: &str,
    key: &DigestKey,
) -> Result<Option<String>, CliError> {
    let Some(policy) = plan.policy() else { return Ok(None) };
    let templates = TemplateFlags::new(policy.template_dirs.iter().map(PathBuf::from).collect());
    let microsip = policy.microsip.as_ref().map(|version| version.parse());
    let version = VersionFlags { microsip: microsip.and_then(Result::ok) };
    let code_page = CodePage::new(plan.code_page()).unwrap_or(CodePage::WESTERN);
    let standard = Standard::load(Path::new(&policy.path), &templates, &version, code_page)?;
    let source = |source: &PolicySource| {
        let PolicySource { path, digest, is_inventory } = source.clone();
        SavedSource { path, digest, is_inventory }
    };
    let sources: Vec<_> = policy.sources.iter().map(source).collect();
    let secrets = PolicySecrets::load(standard, &sources, key)?;
    let target = Target::unnamed(plan.path().to_owned());
    let desired = secrets.desired(&target, document)?;
    Ok(wanted_value(&desired, section, name).map(str::to_owned))
}

/// Starts the program that waits for MicroSIP in the background, and returns whether it did. Only Windows has a MicroSIP
/// to wait for.
pub(super) fn start_watcher() -> bool {
    if !cfg!(windows) {
        return false;
    }
    let program = process::own_program().map(|program| program.with_file_name("msipctlw.exe"));
    let started = program.and_then(|program| msipctl_hook::start_detached(&program, &WATCHER));
    if let Err(error) = &started {
        log::info!("can't start msipctlw: {error}");
    }
    started.is_ok()
}

/// Runs `pending run`, which waits until the files of pending plans are free; `None` if the command line is another one.
pub(crate) fn watch() -> Option<Result<Exit, CliError>> {
    (process::arguments() == WATCHER).then(|| {
        if let Some(folder) = folder() {
            let key = DigestKey::own()?;
            deferred::watch(&folder, &key, msipctl_windows::system(), apply_in_msipctl)?;
        }
        Ok(Exit::Success)
    })
}

/// Applies the plans in msipctl next to this program, which has what reading a policy needs.
fn apply_in_msipctl() {
    let name = if cfg!(windows) { "msipctl.exe" } else { "msipctl" };
    let program = process::own_program().map(|program| program.with_file_name(name));
    let arguments = ["apply", "--pending", "--lock-timeout", WATCHER_LOCK_TIMEOUT];
    let done = program.and_then(|program| msipctl_hook::run_hidden(&program, &arguments));
    log::debug!("applied pending plans: {done:?}");
}
