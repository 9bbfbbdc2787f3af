//! A policy and its inputs, from the flags of a command.

use std::borrow::Cow;
use std::path::{Path, PathBuf};

use super::template::TemplateFlags;
use crate::error::CliError;
use crate::flags::VersionFlags;
use crate::output::{Output, SavedSource};
use msipctl_core::audit_report::{AuditRow, Identity, hook_name};
use msipctl_core::fleet::{self, Audited, Target, Targets, TargetsError};
use msipctl_core::policy::{self, ResolvedPolicy};
use msipctl_core::store::{self, Digest, Input, RunId};
use msipctl_host::{DigestKey, machine_id, process, system_name};
use winini::{CodePage, Document};

/// A policy, and its inputs other than the file.
pub(crate) struct Standard<'f> {
    standard: fleet::Standard,
    version: &'f VersionFlags,
}

impl<'f> Standard<'f> {
    /// Loads a policy, and the policies that it extends.
    pub(crate) fn load(
        path: &Path,
        templates: &TemplateFlags,
        version: &'f VersionFlags,
        code_page: CodePage,
    ) -> Result<Self, CliError> {
        let templates = templates.catalogue()?;
        let facts = process::facts(process::default_program());
        let standard = fleet::Standard::load(path, &templates, code_page, facts)?;
        Ok(Self { standard, version })
    }

    /// Doesn't treat a missing secret as an error: keys that need it aren't verified.
    pub(crate) fn without_secrets(self) -> Self {
        Self { standard: self.standard.without_secrets(), ..self }
    }

    /// Checks what doesn't depend on the contents of the files, before any of them is read.
    pub(crate) fn check_targets(&self, targets: &Targets) -> Result<(), CliError> {
        Ok(self.standard.check_targets(targets)?)
    }

    /// Prints the warnings about secrets in the policy.
    pub(crate) fn warn(&self, out: &mut Output) {
        self.standard.warnings().iter().for_each(|warning| out.warning(warning));
    }

    /// Returns the files of the policy.
    pub(crate) fn policies(&self) -> Vec<String> {
        self.standard.files().iter().map(|(path, _)| absolute(path)).collect()
    }

    /// Returns the files of the policy and these inventories, each with its digest.
    pub(crate) fn sources(
        &self,
        inventories: &[PathBuf],
        key: &DigestKey,
    ) -> Result<Vec<SavedSource>, CliError> {
        let files = self.standard.files().iter();
        let policy = files.map(|(path, hash)| SavedSource::new(path, hash, false, key));
        let mut sources: Vec<_> = policy.collect();
        for path in inventories {
            let hash = Digest::of(store::read_as(path, Input::Inventory)?.bytes());
            sources.push(SavedSource::new(path, &hash, true, key));
        }
        Ok(sources)
    }

    /// Returns the identity of the report of a run about this policy, from this computer.
    pub(crate) fn identity(&self, run: &RunId) -> Identity {
        let known = |name: String| Some(name).filter(|name| !name.is_empty());
        let (user, host) = process::user_and_host();
        let time = store::now();
        Identity {
            host: known(host),
            // Windows names the account of the computer instead of SYSTEM.
            user: known(if cfg!(windows) && user.ends_with('$') {
                "system".to_owned()
            } else {
                user
            }),
            system: system_name().to_owned(),
            machine_id: machine_id(msipctl_windows::system()),
            policy: Some(self.standard.fingerprint().to_string()),
            run: run.to_string(),
            time,
        }
    }

    /// Adds to the row of a file what its row in the inventory says about it.
    pub(crate) fn describe(&self, target: &Target, row: &mut AuditRow) {
        if target.row().is_some() {
            let column = |name| self.standard.column(target, name).map(Cow::into_owned);
            (row.host, row.user, row.site) = (column("host"), column("user"), column("site"));
        }
    }

    /// Resolves the policy for a file.
    pub(crate) fn resolved(
        &self,
        target: &Target,
        document: &Document,
    ) -> Result<Cow<'_, ResolvedPolicy>, policy::Error> {
        let microsip = self.version.target_version(target.path(), document).microsip;
        self.standard.resolved(target, microsip)
    }

    /// Returns the environment variables that the value of a key in a file comes from.
    pub(crate) fn variables(
        &self,
        target: &Target,
        document: &Document,
        section: &str,
        key: &str,
    ) -> Result<Vec<String>, policy::Error> {
        let resolved = self.resolved(target, document)?;
        let resolved = resolved.for_file(document);
        Ok(resolved.variables_of(section, key).into_iter().map(str::to_owned).collect())
    }

    /// Compares a file with the policy. Also returns the notes about it, and the names of the keys of the policy, if
    /// `has_names` is set.
    pub(crate) fn audit(
        &self,
        target: &Target,
        document: &Document,
        has_names: bool,
    ) -> Result<(Audited, Vec<String>, Vec<String>), CliError> {
        let at_path = |error: policy::Error| CliError::from(error).at(target.path());
        let resolved = self.resolved(target, document).map_err(at_path)?;
        let resolved = resolved.for_file(document);
        if let Some(problem) = resolved.problem() {
            return Err(at_path(problem.clone()));
        }
        let names = if has_names { names_of(&resolved) } else { Vec::new() };
        Ok((Audited::new(document, &resolved), resolved.notes().to_vec(), names))
    }
}

/// Returns the names of the keys and hooks of a policy.
fn names_of(policy: &ResolvedPolicy) -> Vec<String> {
    let keys = policy.items().map(|item| format!("{}.{}", item.section, item.key));
    let hooks = policy.hooks().map(|(template, event)| hook_name(template, event.name()));
    keys.chain(hooks).collect()
}

impl From<TargetsError> for CliError {
    fn from(error: TargetsError) -> Self {
        match error {
            TargetsError::IsPolicy(ref policy) => {
                Self::usage(error.to_string()).at(policy).hint("put the policy before the files")
            }
            TargetsError::Policy(errors) => errors.into(),
        }
    }
}

/// Returns the full path, for a file that is read later in another folder.
pub(super) fn absolute(path: &Path) -> String {
    store::absolute(path).display().to_string()
}
