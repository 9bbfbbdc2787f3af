//! A policy and its inputs, for many files: loaded once, and resolved for each file.

use std::borrow::Cow;
use std::io;
use std::path::{Path, PathBuf};
use std::sync::{Mutex, OnceLock, PoisonError};

use super::launcher_ini::Findable;
use super::targets::{Target, Targets};
use crate::hook::{Catalogue, NamedIni};
use crate::policy::{self, Inputs, Policy, ResolvedPolicy, Row, Source};
use crate::store::{self, Digest, Input};
use microsip_schema::Version;
use winini::CodePage;

/// The number of MicroSIP versions for which a resolved policy is kept. A fleet rarely has more.
const VERSIONS: usize = 8;

/// What a policy can depend on besides a file and its inventory row.
#[derive(Debug, Clone)]
pub struct HostFacts {
    /// The name of the user; empty if unknown.
    pub user: String,
    /// The name of this computer; empty if unknown.
    pub host: String,
    /// The full path of the program that launchers start.
    pub program: String,
    /// Returns an environment variable.
    pub env: fn(&str) -> Option<String>,
}

/// A policy, and its inputs other than the file.
pub struct Standard {
    policy: Policy,
    /// The files of the policy, each with the hash of its bytes.
    files: Vec<(PathBuf, Digest)>,
    facts: HostFacts,
    no_row: Row,
    findable: Findable,
    /// Whether the policy is a text without a folder.
    is_inline: bool,
    /// Whether a missing secret is an error.
    requires_secrets: bool,
    /// The policy for each version, if it depends on nothing else.
    resolved: Option<[OnceLock<ResolvedForVersion>; VERSIONS]>,
}

/// What a policy expects of every file that a version reads.
type ResolvedForVersion = (Version, Result<ResolvedPolicy, policy::Error>);

/// An error about the files that a policy is applied to, before any of them is read.
#[derive(Debug, thiserror::Error)]
pub enum TargetsError {
    /// A file is itself a policy: the arguments are swapped, and writing would destroy the policy.
    #[error("the file is a policy: expected a MicroSIP.ini")]
    IsPolicy(PathBuf),
    /// A column or secret is missing, or rows contradict each other.
    #[error("the policy doesn't fit the files")]
    Policy(policy::Errors),
}

impl Standard {
    /// Loads a policy, and the policies that it extends.
    ///
    /// # Errors
    ///
    /// Everything that is invalid in them, or that can't be read.
    pub fn load(
        path: &Path,
        templates: &Catalogue,
        code_page: CodePage,
        facts: HostFacts,
    ) -> Result<Self, policy::Errors> {
        Self::load_with(path, None, templates, code_page, facts)
    }

    /// Loads a policy from its text, and the policies that it extends. Errors name `path`, which doesn't exist. The policy
    /// can name other files only by absolute paths.
    ///
    /// # Errors
    ///
    /// Everything that is invalid in them, or that can't be read.
    pub fn of_text(
        path: &Path,
        text: &str,
        templates: &Catalogue,
        code_page: CodePage,
        facts: HostFacts,
    ) -> Result<Self, policy::Errors> {
        Self::load_with(path, Some(text), templates, code_page, facts)
    }

    fn load_with(
        path: &Path,
        text: Option<&str>,
        templates: &Catalogue,
        code_page: CodePage,
        facts: HostFacts,
    ) -> Result<Self, policy::Errors> {
        let files = Mutex::new(Vec::new());
        let noting = |file: &Path| {
            let bytes = match text {
                Some(text) if file == path => text.as_bytes().to_vec(),
                Some(_) if !file.is_absolute() => return Err(relative()),
                _ => read(file, policy_input(file))?,
            };
            let file = (file.to_owned(), Digest::of(&bytes));
            files.lock().unwrap_or_else(PoisonError::into_inner).push(file);
            Ok(bytes)
        };
        let inputs = Inputs { read: &noting, ansi: code_page, templates };
        let policy = Policy::load(path, &inputs)?;
        let resolved = policy.depends_only_on_version().then(Default::default);
        Ok(Self {
            policy,
            files: files.into_inner().unwrap_or_else(PoisonError::into_inner),
            facts,
            no_row: Row::default(),
            findable: Findable::default(),
            is_inline: text.is_some(),
            requires_secrets: true,
            resolved,
        })
    }

    /// Doesn't treat a missing secret as an error: keys that need it aren't verified.
    #[must_use]
    pub fn without_secrets(self) -> Self {
        Self { requires_secrets: false, ..self }
    }

    /// Checks what doesn't depend on the contents of the files, before any of them is read: the columns of inventories,
    /// the secrets that all files share, and whether rows about the same file contradict each other.
    ///
    /// # Errors
    ///
    /// What the columns or secrets lack, what rows contradict, or that a file is itself a policy.
    pub fn check_targets(&self, targets: &Targets) -> Result<(), TargetsError> {
        let is_policy =
            |path: &Path| path.extension().is_some_and(|it| it.eq_ignore_ascii_case("toml"));
        if let Some(policy) = targets.list().iter().map(Target::path).find(|it| is_policy(it)) {
            return Err(TargetsError::IsPolicy(policy.to_owned()));
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
        let checked = self.policy.check_sources(sources().flatten());
        let rows = || self.policy.check_rows(sources().filter(|rows| rows.len() > 1));
        checked.and_then(|()| rows()).map_err(TargetsError::Policy)
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
            user: row.get("user").or(of_profile).unwrap_or(&self.facts.user),
            host: row.get("host").unwrap_or(&self.facts.host),
            env: &self.facts.env,
            read: if self.is_inline { &read_absolute_secret } else { &read_secret },
            requires_secrets: self.requires_secrets,
            program: &self.facts.program,
            launcher_ini,
        }
    }

    /// Returns the warnings about secrets in the policy.
    pub fn warnings(&self) -> Vec<String> {
        self.policy.warnings()
    }

    /// Returns a hash of the policy without the secrets in it, which is the same on every computer.
    pub fn fingerprint(&self) -> Digest {
        self.policy.fingerprint().into()
    }

    /// Returns the files of the policy, each with the hash of its bytes.
    pub fn files(&self) -> &[(PathBuf, Digest)] {
        &self.files
    }

    /// Returns the value of a column of the inventory for a file, unless it's empty or the policy uses the column as a secret.
    pub fn column<'t>(&self, target: &'t Target, column: &str) -> Option<Cow<'t, str>> {
        let row = target.row()?;
        let value = row.get(column).filter(|value| !value.is_empty());
        let value = value.filter(|_| !self.policy.is_secret_column(column))?;
        Some(self.policy.secrets_of(row).mask_text(value))
    }

    /// Resolves the policy for a file and a version.
    ///
    /// # Errors
    ///
    /// When the policy needs a variable, a column, or a secret that is missing, or a value is invalid.
    pub fn resolved(
        &self,
        target: &Target,
        microsip: Version,
    ) -> Result<Cow<'_, ResolvedPolicy>, policy::Error> {
        // Secrets in the rows of a file are masked in messages about it, even if the policy doesn't use them.
        let has_secrets = |row: &Row| row.names().any(|name| self.policy.is_secret_column(name));
        let kept = self.resolved.as_ref().filter(|_| !target.rows().any(has_secrets));
        for kept in kept.into_iter().flatten() {
            let (version, resolved) = kept.get_or_init(|| {
                let source = self.source(&self.no_row, microsip, None, None);
                (microsip, self.policy.resolved(&source))
            });
            if *version == microsip {
                return resolved.as_ref().map(Cow::Borrowed).map_err(Clone::clone);
            }
        }
        let path = target.path();
        let of_profile = user_of(path);
        let launcher_ini = self.findable.to_name(path);
        let of_profile = of_profile.as_deref();
        let sources = self.sources_of(target, microsip, of_profile, launcher_ini.as_ref());
        self.policy.resolved_for_rows(&sources).map(Cow::Owned)
    }
}

/// The error of an inline policy that names another file by a relative path.
fn relative() -> io::Error {
    io::Error::other("an inline policy can name other files only by absolute paths")
}

fn read_secret(path: &Path) -> io::Result<Vec<u8>> {
    read(path, Input::Secret)
}

fn read_absolute_secret(path: &Path) -> io::Result<Vec<u8>> {
    if path.is_absolute() { read_secret(path) } else { Err(relative()) }
}

/// Reads a policy, or the file of a secret.
fn read(path: &Path, input: Input) -> io::Result<Vec<u8>> {
    // The caller adds the path.
    let error = |error: store::Error| {
        let hint = error.hint().filter(|_| error.kind() == store::Kind::TooLarge);
        let hint = hint.map(|hint| format!("; {hint}")).unwrap_or_default();
        io::Error::other(error.without_path() + &hint)
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
