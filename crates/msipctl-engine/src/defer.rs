//! Queues a change that a running MicroSIP blocks. The installed msipctl makes it later.

use std::path::Path;

use microsip_schema::Version;
use msipctl_core::deferred::{
    self, PolicyOrigin, PolicySource, QueueError, QueueRequest, Queued, SecretOrigin,
};
use msipctl_core::engine::{
    EngineResult, Error, Host, PolicySource as EnginePolicy, Queueable, SecretSource, StateDocument,
};
use msipctl_core::fleet::{Standard, Target};
use msipctl_core::locate;
use msipctl_core::store;
use msipctl_host::{DigestKey, HostError, has_program, installed_program, process};

/// After how many days a plan expires.
const DAYS: u16 = 30;

/// The program that waits for MicroSIP.
const WATCHER_PROGRAM: &str = "msipctlw.exe";

/// The command line of the program that waits for MicroSIP.
const WATCHER: [&str; 2] = ["pending", "run"];

/// Queues the change that blocks a result. Starts the program that waits for MicroSIP.
pub(crate) fn defer(
    document: &StateDocument,
    result: EngineResult,
    host: &Host<'_>,
) -> EngineResult {
    let Some(queueable) = result.queueable() else { return result };
    match queue(document, queueable, host) {
        Ok(queued) => {
            let mut result = result.queued(&queued.run.to_string(), queued.is_new);
            if let Err(note) = start_watcher(host) {
                result.notes.push(note);
            }
            result
        }
        Err(error) => result.not_queued(&error),
    }
}

fn queue(
    document: &StateDocument,
    queueable: &Queueable,
    host: &Host<'_>,
) -> Result<Queued, Error> {
    let program = watcher(host);
    if !has_program(&program) {
        let error = Error::precondition(format!(
            "can't queue the change: missing program {program}, which makes it later"
        ));
        return Err(error.with_hint("install msipctl, or set `if_running` to another value"));
    }
    let key = DigestKey::own().map_err(of_host)?;
    let folder = process::pending_folder(host.system);
    let folder = folder.ok_or(HostError::NoFolder).map_err(of_host)?;
    let policy = Origin::new(document, queueable, host, &key)?;
    let request = QueueRequest {
        path: &document.path,
        document: &queueable.document,
        desired: &queueable.desired,
        options: &queueable.options,
        policy: policy.as_ref().map(|policy| policy.origin.clone()),
        days: DAYS,
        secret: &|section, key| secret(document, policy.as_ref(), host, section, key),
    };
    deferred::queue(&folder, &key, &request).map_err(|error| match error {
        QueueError::Store(error) => error.into(),
        error => {
            let hint = error.hint().unwrap_or("set `if_running` to another value");
            Error::precondition(error.to_string()).with_hint(hint)
        }
    })
}

/// The policy file of a document.
struct Origin {
    origin: PolicyOrigin,
    standard: Standard,
    target: Target,
    version: Version,
}

impl Origin {
    /// Returns the policy, if it's a file. An inline policy can't be read again.
    fn new(
        document: &StateDocument,
        queueable: &Queueable,
        host: &Host<'_>,
        key: &DigestKey,
    ) -> Result<Option<Self>, Error> {
        let Some(EnginePolicy::File(path)) = &document.policy else { return Ok(None) };
        let code_page = queueable.options.code_page;
        let standard = Standard::load(path, host.templates, code_page, host.facts.clone())?;
        let text = |path: &Path| store::absolute(path).display().to_string();
        let sources = standard.files().iter().map(|(path, hash)| PolicySource {
            path: text(path),
            digest: key.digest_of_hash(path, hash),
            is_inventory: false,
        });
        let origin = PolicyOrigin {
            path: text(path),
            sources: sources.collect(),
            template_dirs: document.options.template_dirs.iter().map(|dir| text(dir)).collect(),
            microsip: document.options.microsip.map(|version| version.to_string()),
        };
        let written_by = || locate::written_by(&queueable.document);
        let version = document.options.microsip.or_else(written_by).unwrap_or(Version::NEWEST);
        let target = Target::unnamed(document.path.clone());
        Ok(Some(Self { origin, standard, target, version }))
    }

    /// Returns whether the policy says where a secret is later.
    fn secret(&self, queueable_key: (&str, &str), host: &Host<'_>) -> SecretOrigin {
        let (section, key) = queueable_key;
        let resolved = match self.standard.resolved(&self.target, self.version) {
            Ok(resolved) => resolved,
            Err(error) => return SecretOrigin::Unavailable(error.to_string()),
        };
        let variables = resolved.variables_of(section, key);
        let lost = variables.into_iter().find(|it| !process::is_lasting_variable(host.system, it));
        match lost {
            Some(name) => unavailable_variable(name),
            None => SecretOrigin::Policy,
        }
    }
}

/// Returns where the secret value of a key is later.
fn secret(
    document: &StateDocument,
    policy: Option<&Origin>,
    host: &Host<'_>,
    section: &str,
    key: &str,
) -> SecretOrigin {
    let setting = document.settings.iter().find(|setting| {
        let is_key = |of: &String| of.eq_ignore_ascii_case(key);
        setting.section.eq_ignore_ascii_case(section) && setting.key.as_ref().is_some_and(is_key)
    });
    match (setting.map(|setting| &setting.secret), policy) {
        (Some(Some(SecretSource::File(path))), _) => SecretOrigin::File(path.clone()),
        (Some(Some(SecretSource::Env(name))), _) => unavailable_variable(name),
        (None, Some(policy)) => policy.secret((section, key), host),
        _ => SecretOrigin::Unavailable("msipctl doesn't store secrets".to_owned()),
    }
}

fn unavailable_variable(name: &str) -> SecretOrigin {
    SecretOrigin::Unavailable(format!("the environment variable `{name}` isn't available later"))
}

fn of_host(error: HostError) -> Error {
    match error {
        HostError::Store(error) => error.into(),
        error => {
            let of_error = Error::runtime(error.to_string());
            match error.hint() {
                Some(hint) => of_error.with_hint(hint),
                None => of_error,
            }
        }
    }
}

/// Returns the program that waits for MicroSIP: the one next to this program, which a copy that an engine transferred doesn't
/// have, or the installed one.
fn watcher(host: &Host<'_>) -> String {
    let own = process::own_program().ok().map(|program| program.with_file_name(WATCHER_PROGRAM));
    let own = own.filter(|program| store::is_file(program));
    let own = own.and_then(|program| program.into_os_string().into_string().ok());
    own.unwrap_or_else(|| installed_program(host.system))
}

/// Starts the program that waits for MicroSIP. Only Windows has a MicroSIP to wait for. If it doesn't start, returns what to
/// do instead.
fn start_watcher(host: &Host<'_>) -> Result<(), String> {
    let later = "to make the change later, run `msipctl apply --pending`";
    if !cfg!(windows) {
        return Err(later.to_owned());
    }
    let program = watcher(host);
    let started = msipctl_hook::start_detached(Path::new(&program), &WATCHER);
    started.map_err(|error| format!("can't start {program}: {error}; {later}"))
}
