//! Loads a policy once, and resolves it for each file.

use std::borrow::Cow;
use std::io;
use std::path::{Path, PathBuf};
use std::sync::{Mutex, OnceLock, PoisonError};

use super::hook::Findable;
use super::template::TemplateFlags;
use crate::earlier::hook_name;
use crate::error::CliError;
use crate::flags::VersionFlags;
use crate::output::{Output, SavedSource};
use crate::plan_key::PlanKey;
use crate::process;
use microsip_schema::Version;
use msipctl_core::fleet::Audited;
use msipctl_core::fleet::{Target, Targets};
use msipctl_core::hook::NamedIni;
use msipctl_core::policy::{self, Inputs, Policy, ResolvedPolicy, Row, Source};
use msipctl_core::store::{self, Digest, Input};
use winini::{CodePage, Document};

/// The column of an inventory that names the sites of its files.
const SITE: &str = "site";

/// Returns the site of a file in the inventory, unless it's empty.
pub(super) fn site(target: &Target) -> Option<&str> {
    target.row()?.get(SITE).filter(|site| !site.is_empty())
}

/// The number of MicroSIP versions for which a resolved policy is kept. A fleet rarely has more.
const VERSIONS: usize = 8;

/// A policy, and its inputs other than the file.
pub(crate) struct Standard<'f> {
    policy: Policy,
    /// The files of the policy, each with the hash of its bytes.
    files: Vec<(PathBuf, Digest)>,
    version: &'f VersionFlags,
    program: String,
    user: String,
    host: String,
    no_row: Row,
    findable: Findable,
    /// Whether a missing secret is an error.
    requires_secrets: bool,
    /// The policy for each version, if it depends on nothing else.
    resolved: Option<[OnceLock<ResolvedForVersion>; VERSIONS]>,
}

/// What a policy expects of every file that a version reads.
type ResolvedForVersion = (Version, Result<ResolvedPolicy, policy::Error>);

impl<'f> Standard<'f> {
    /// Loads a policy, and the policies that it extends.
    pub(crate) fn load(
        path: &Path,
        templates: &TemplateFlags,
        version: &'f VersionFlags,
        code_page: CodePage,
    ) -> Result<Self, CliError> {
        let (user, host) = process::user_and_host();
        let files = Mutex::new(Vec::new());
        let noting = |path: &Path| {
            let bytes = read(path, policy_input(path))?;
            let file = (path.to_owned(), Digest::of(&bytes));
            files.lock().unwrap_or_else(PoisonError::into_inner).push(file);
            Ok(bytes)
        };
        let templates = templates.catalogue()?;
        let inputs = Inputs { read: &noting, ansi: code_page, templates: &templates };
        let policy = Policy::load(path, &inputs)?;
        let resolved = policy.depends_only_on_version().then(Default::default);
        Ok(Self {
            policy,
            files: files.into_inner().unwrap_or_else(PoisonError::into_inner),
            version,
            program: process::default_program(),
            user,
            host,
            no_row: Row::default(),
            findable: Findable::default(),
            requires_secrets: true,
            resolved,
        })
    }

    /// Doesn't treat a missing secret as an error: keys that need it aren't verified.
    pub(crate) fn without_secrets(self) -> Self {
        Self { requires_secrets: false, ..self }
    }

    /// Checks what doesn't depend on the contents of the files, before any of them is read: the columns of inventories,
    /// the secrets that all files share, and whether rows about the same file contradict each other.
    ///
    /// # Errors
    ///
    /// What the columns or secrets lack, what rows contradict, or that a file to process is itself a policy: then the
    /// arguments are swapped, and writing would destroy the policy.
    pub(crate) fn check_targets(&self, targets: &Targets) -> Result<(), CliError> {
        let is_policy =
            |path: &Path| path.extension().is_some_and(|it| it.eq_ignore_ascii_case("toml"));
        if let Some(policy) = targets.list().iter().map(Target::path).find(|it| is_policy(it)) {
            let hint = "put the policy before the files";
            let message = "the file is a policy: expected a MicroSIP.ini";
            return Err(CliError::usage(message).at(policy).hint(hint));
        }
        // A file without a row fails by itself, as long as others have one.
        let has_rows = targets.list().iter().any(|target| target.row().is_some());
        let targets = targets.list().iter().filter(|target| target.error().is_none());
        let targets = targets.filter(|target| !has_rows || target.row().is_some());
        let paths: Vec<_> = targets.map(|target| (target, user_of(target.path()))).collect();
        let sources = || {
            paths.iter().map(|(target, of_profile)| {
                self.sources_of(target, Version::NEWEST, of_profile.as_deref(), None)
            })
        };
        self.policy.check_sources(sources().flatten())?;
        Ok(self.policy.check_rows(sources().filter(|rows| rows.len() > 1))?)
    }

    /// Returns what is known about a file, for each of its rows.
    fn sources_of<'s>(
        &'s self,
        target: &'s Target,
        microsip: Version,
        of_profile: Option<&'s str>,
        launcher_ini: Option<&'s NamedIni>,
    ) -> Vec<Source<'s>> {
        let source = |row| self.source(row, microsip, of_profile, launcher_ini);
        match target.rows().len() {
            0 => vec![source(&self.no_row)],
            _ => target.rows().map(source).collect(),
        }
    }

    /// Returns what is known about a file, with one of its rows.
    fn source<'s>(
        &'s self,
        row: &'s Row,
        microsip: Version,
        of_profile: Option<&'s str>,
        launcher_ini: Option<&'s NamedIni>,
    ) -> Source<'s> {
        Source {
            row,
            microsip,
            user: row.get("user").or(of_profile).unwrap_or(&self.user),
            host: row.get("host").unwrap_or(&self.host),
            env: &process::variable,
            read: &|path| read(path, Input::Secret),
            requires_secrets: self.requires_secrets,
            program: &self.program,
            launcher_ini,
        }
    }

    /// Prints the warnings about secrets in the policy.
    pub(crate) fn warn(&self, out: &mut Output) {
        self.policy.warnings().iter().for_each(|warning| out.warning(warning));
    }

    /// Returns the files of the policy.
    pub(crate) fn policies(&self) -> Vec<String> {
        self.files.iter().map(|(path, _)| absolute(path)).collect()
    }

    /// Returns the files of the policy and these inventories, each with its digest.
    pub(crate) fn sources(
        &self,
        inventories: &[PathBuf],
        key: &PlanKey,
    ) -> Result<Vec<SavedSource>, CliError> {
        let policy = self.files.iter().map(|(path, hash)| SavedSource::new(path, hash, false, key));
        let mut sources: Vec<_> = policy.collect();
        for path in inventories {
            let hash = Digest::of(store::read_as(path, Input::Inventory)?.bytes());
            sources.push(SavedSource::new(path, &hash, true, key));
        }
        Ok(sources)
    }

    /// Returns the site of a file in the inventory; `None` if the policy uses that column as a secret.
    pub(crate) fn site<'t>(&self, target: &'t Target) -> Option<Cow<'t, str>> {
        let site = site(target).filter(|_| !self.policy.is_secret_column(SITE))?;
        Some(self.policy.secrets_of(target.row()?).mask_text(site))
    }

    /// Resolves the policy for a file.
    pub(crate) fn resolved(
        &self,
        target: &Target,
        document: &Document,
    ) -> Result<Cow<'_, ResolvedPolicy>, CliError> {
        self.resolved_by(target, self.version.target_version(target.path(), document).microsip)
    }

    /// Compares a file with the policy. Also returns the notes about it, and the names of the keys of the policy, if
    /// `has_names` is set.
    pub(crate) fn audit(
        &self,
        target: &Target,
        document: &Document,
        has_names: bool,
    ) -> Result<(Audited, Vec<String>, Vec<String>), CliError> {
        let at_path = |error: CliError| error.at(target.path());
        let resolved = self.resolved(target, document).map_err(at_path)?;
        let resolved = resolved.for_file(document);
        if let Some(problem) = resolved.problem() {
            return Err(at_path(problem.clone().into()));
        }
        let names = if has_names { names_of(&resolved) } else { Vec::new() };
        Ok((Audited::new(document, &resolved), resolved.notes().to_vec(), names))
    }

    fn resolved_by(
        &self,
        target: &Target,
        microsip: Version,
    ) -> Result<Cow<'_, ResolvedPolicy>, CliError> {
        // Secrets in the rows of a file are masked in messages about it, even if the policy doesn't use them.
        let has_secrets = |row: &Row| row.names().any(|name| self.policy.is_secret_column(name));
        let kept = self.resolved.as_ref().filter(|_| !target.rows().any(has_secrets));
        for kept in kept.into_iter().flatten() {
            let (version, resolved) = kept.get_or_init(|| {
                let source = self.source(&self.no_row, microsip, None, None);
                (microsip, self.policy.resolved(&source))
            });
            if *version == microsip {
                return resolved.as_ref().map(Cow::Borrowed).map_err(|error| error.clone().into());
            }
        }
        let path = target.path();
        let of_profile = user_of(path);
        let launcher_ini = self.findable.to_name(path);
        let of_profile = of_profile.as_deref();
        let sources = self.sources_of(target, microsip, of_profile, launcher_ini.as_ref());
        Ok(Cow::Owned(self.policy.resolved_for_rows(&sources)?))
    }
}

/// Returns the names of the keys and hooks of a policy.
fn names_of(policy: &ResolvedPolicy) -> Vec<String> {
    let keys = policy.items().map(|item| format!("{}.{}", item.section, item.key));
    let hooks = policy.hooks().map(|(template, event)| hook_name(template, event.name()));
    keys.chain(hooks).collect()
}

/// Reads a policy, or the file of a secret.
fn read(path: &Path, input: Input) -> io::Result<Vec<u8>> {
    // The caller adds the path.
    let error = |error: store::Error| {
        let hint = error.hint().filter(|_| error.kind() == store::Kind::TooLarge);
        let hint = hint.map(|hint| format!("; {hint}")).unwrap_or_default();
        io::Error::other(CliError::from(error).without_path() + &hint)
    };
    store::read_as(path, input).map(store::Snapshot::into_bytes).map_err(error)
}

/// Returns the kind of input of a file of a policy.
fn policy_input(path: &Path) -> Input {
    let is_ini = path.extension().is_some_and(|it| it.eq_ignore_ascii_case("ini"));
    if is_ini { Input::GoldenFile } else { Input::Policy }
}

/// Returns the user whose profile contains a file: the folder below `Users`.
fn user_of(path: &Path) -> Option<String> {
    let mut parts = path.iter().skip_while(|part| !part.eq_ignore_ascii_case("users")).skip(1);
    let user = parts.next()?.to_string_lossy().into_owned();
    parts.next().map(|_| user)
}

/// Returns the full path, for a file that is read later in another folder.
pub(super) fn absolute(path: &Path) -> String {
    store::absolute(path).display().to_string()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn user_name_is_derived_from_the_profile_path() {
        let of = |path: &str| user_of(Path::new(path));
        assert_eq!(
            of("/mnt/c/Users/ann/AppData/Roaming/MicroSIP/MicroSIP.ini").as_deref(),
            Some("ann")
        );
        assert_eq!(of("/mnt/users/MicroSIP.ini"), None);
        assert_eq!(of("MicroSIP.ini"), None);
    }
}
