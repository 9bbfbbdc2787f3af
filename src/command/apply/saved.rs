//! A saved plan: reads it, and applies its changes file by file.

use std::collections::HashMap;
use std::path::{Path, PathBuf};
use std::sync::OnceLock;

use serde::Deserialize;

use super::arguments::Apply;
use crate::baseline::{read_json, report_error};
use crate::command::plan::digest;
use crate::command::policy::Standard;
use crate::error::CliError;
use crate::flags::encoding_named;
use crate::output::{BlockedRow, SavedEdit, SavedFile, SavedPlan, SavedSecret, SavedSource};
use microsip_schema::SecretKeys;
use msipctl_core::fleet::{Target, TargetError, Targets, inventory_targets};
use msipctl_core::plan::{Blocked, Desired, EncodingPolicy, Plan, RequestKind};
use msipctl_core::store::{self, Digest, Input};
use msipctl_host::DigestKey;
use winini::Document;
use winini::profile::Profile;

/// The supported version of plans.
const VERSION: u32 = 1;

/// The hint to create a plan.
const COMMAND: &str = "run `msipctl plan POLICY -o FILE` to create a plan";

/// A plan, and the sources of the secrets that it doesn't contain.
pub(super) struct Saved<'a> {
    plan: SavedPlan,
    /// The path of the plan, and the hash of its text.
    own: (PathBuf, Digest),
    encoding: EncodingPolicy,
    /// The folder that the paths of files are relative to.
    from: PathBuf,
    /// The files that the plan changes, by path.
    files: HashMap<PathBuf, usize>,
    secrets: OnceLock<Result<Secrets<'a>, CliError>>,
    key: DigestKey,
    apply: &'a Apply,
}

/// The sources of secrets.
struct Secrets<'a> {
    standard: Standard<'a>,
    /// The files in inventories, with their rows.
    targets: HashMap<PathBuf, Target>,
}

/// The version of a plan.
#[derive(Deserialize)]
struct Versioned {
    schema_version: u32,
}

impl<'a> Saved<'a> {
    /// Reads a plan.
    pub(super) fn load(path: &Path, apply: &'a Apply) -> Result<Self, CliError> {
        if apply.files.are_named() {
            let message = "a saved plan lists its own files, so it can't be combined with `-i`, `--inventory`, `--root`, \
                           or `--all-users`";
            return Err(CliError::usage(message).hint("create a plan for the other files"));
        }
        let text = read_json(path, Input::Plan, COMMAND)?;
        let damaged = |error| report_error(path, &error, "plan").hint(COMMAND);
        let Versioned { schema_version } = serde_json::from_str(&text).map_err(damaged)?;
        if schema_version != VERSION {
            let what = format!("unsupported plan version {schema_version}: expected {VERSION}");
            return Err(CliError::usage(what).at(path).hint("create the plan again"));
        }
        let plan: SavedPlan = serde_json::from_str(&text).map_err(damaged)?;
        let encoding = encoding_named(&plan.head.encoding).ok_or_else(|| {
            CliError::usage(format!("invalid encoding policy `{}`", plan.head.encoding)).at(path)
        })?;
        let key = DigestKey::own()?;
        if plan.head.key.as_ref() != Some(&key.id()) {
            let what = "the plan was created on another computer or by another user";
            let error = CliError::precondition(what).at(path);
            return Err(error.hint("create the plan where you apply it"));
        }
        // In the same folder, paths stay as they were typed.
        let folder = PathBuf::from(&plan.head.folder);
        let is_here = store::absolute(Path::new(".")) == folder;
        let from = if is_here { PathBuf::new() } else { folder };
        let changed = plan.files.iter().enumerate().filter(|(_, file)| file.is_changed());
        let files = changed.map(|(index, file)| (from.join(&file.path), index)).collect();
        let own = (path.to_owned(), Digest::of(text.as_bytes()));
        Ok(Self { plan, own, encoding, from, files, secrets: OnceLock::new(), key, apply })
    }

    /// Returns the encoding policy.
    pub(super) fn encoding(&self) -> EncodingPolicy {
        self.encoding
    }

    /// Returns the sources: the plan itself, and its policy.
    pub(super) fn sources(&self) -> Vec<SavedSource> {
        let (path, hash) = &self.own;
        let own = SavedSource::new(path, hash, false, &self.key);
        self.plan.head.sources.iter().cloned().chain([own]).collect()
    }

    /// Returns the files that the plan changes, and those that failed in `plan`.
    pub(super) fn targets(&self) -> Targets {
        let target = |file: &SavedFile| {
            let path = self.from.join(&file.path);
            match &file.error {
                Some(reason) => Some(Target::failed(path, TargetError::NotPlanned(reason.clone()))),
                None => file.is_changed().then(|| Target::unnamed(path)),
            }
        };
        Targets::new(self.plan.files.iter().filter_map(target).collect())
    }

    /// Returns the changes of the plan to a file, which must be unchanged since.
    pub(super) fn desired(
        &self,
        target: &Target,
        document: &Document,
    ) -> Result<Desired, CliError> {
        let index = self.files.get(target.path());
        let Some(file) = index.and_then(|index| self.plan.files.get(*index)) else {
            return Err(CliError::runtime("the plan doesn't list the file"));
        };
        let saved = &file.saved;
        let is = |digest: &Option<String>, bytes: &[u8]| {
            let is = self.key.digest_of_file(target.path(), bytes);
            digest.as_ref().is_some_and(|digest| *digest == is)
        };
        let plan_of = |desired: &Desired| Plan::new(document, desired, self.encoding);
        if !is(&saved.digest, document.bytes()) {
            // After an interrupted run, the file may already match.
            let present = |section: &str, key: &str, secret: &SavedSecret| {
                self.present(target, document, section, key, secret)
            };
            if let Some(desired) = desired_of(file, present)?
                && plan_of(&desired)?.is_empty()
            {
                return Ok(desired);
            }
            let error = CliError::precondition("file was changed since the plan was created");
            return Err(error.hint("create the plan again"));
        }
        let mut known = None;
        let fetched = |section: &str, key: &str, secret: &SavedSecret| {
            if known.is_none() {
                known = Some(self.secrets()?.resolved(target, document)?);
            }
            let value = known.as_ref().and_then(|known| value(known, section, key));
            let is_it = |value: &&str| {
                digest(&self.key, target.path(), section, key, value) == secret.digest
            };
            match value.filter(is_it) {
                Some(value) => Ok(Some(value.to_owned())),
                None => {
                    let message = format!(
                        "the secret for `{section}.{key}` was changed since the plan was created"
                    );
                    Err(CliError::precondition(message).hint("create the plan again"))
                }
            }
        };
        let mut desired = desired_of(file, fetched)?.unwrap_or_default();
        if let Some(known) = known {
            desired = desired.hiding(known.secrets());
        }
        if !is(&saved.digest_after, plan_of(&desired)?.after().bytes()) {
            let error = CliError::precondition("the result would differ from the plan");
            return Err(error.hint("create the plan again, with this version of msipctl"));
        }
        Ok(desired)
    }

    /// Returns the value in a file, if it is the secret of the plan.
    fn present(
        &self,
        target: &Target,
        document: &Document,
        section: &str,
        key: &str,
        secret: &SavedSecret,
    ) -> Result<Option<String>, CliError> {
        let Some(value) = Profile::new(document).get(section, key) else { return Ok(None) };
        let is_it = digest(&self.key, target.path(), section, key, &value) == secret.digest;
        Ok(is_it.then(|| value.into_owned()))
    }

    fn secrets(&self) -> Result<&Secrets<'a>, CliError> {
        let load = || Secrets::load(&self.plan, self.apply, &self.key);
        let secrets = self.secrets.get_or_init(load);
        secrets.as_ref().map_err(Clone::clone)
    }
}

/// Returns the state after the edits of a file; `None` if `secret` finds no value for a secret.
fn desired_of(
    file: &SavedFile,
    mut secret: impl FnMut(&str, &str, &SavedSecret) -> Result<Option<String>, CliError>,
) -> Result<Option<Desired>, CliError> {
    let mut secrets = SecretKeys::default();
    file.saved.secret_keys.iter().for_each(|of| secrets.add(&of.section, &of.key));
    let mut desired = Desired::new().hiding(&secrets);
    if let Some(passwords) = file.unverified {
        desired = desired.with_unverified(passwords);
    }
    for BlockedRow { section, reason } in file.blocked.iter().flatten() {
        let (section, reason) = (section.clone(), reason.clone());
        desired = desired.with_blocked(Blocked { section, reason });
    }
    for SavedEdit { section, key, after, secret: saved, reason } in &file.saved.edits {
        desired = match (key, saved, after) {
            (None, _, _) => desired.unset_section(section, reason),
            (Some(key), Some(saved), _) => match secret(section, key, saved)? {
                Some(value) => desired.set(section, key, value, reason),
                None => return Ok(None),
            },
            (Some(key), None, Some(value)) => desired.set(section, key, value, reason),
            (Some(key), None, None) => desired.unset(section, key, reason),
        };
    }
    Ok(Some(desired))
}

impl<'a> Secrets<'a> {
    fn load(plan: &SavedPlan, apply: &'a Apply, key: &DigestKey) -> Result<Self, CliError> {
        let policy = Path::new(&plan.head.policy);
        let code_page = apply.files.code_page();
        let standard = Standard::load(policy, &apply.templates, &apply.version, code_page)?;
        let inventories = plan.head.sources.iter().filter(|source| source.is_inventory);
        let inventories: Vec<_> = inventories.map(|source| PathBuf::from(&source.path)).collect();
        if standard.sources(&inventories, key)? != plan.head.sources {
            let error = CliError::precondition(
                "the policy or the inventory changed since the plan was created",
            );
            return Err(error.hint("create the plan again"));
        }
        let targets = Targets::new(inventory_targets(&inventories)?);
        let targets = targets.list().iter();
        let targets = targets.map(|it| (store::absolute(it.path()), it.clone())).collect();
        Ok(Self { standard, targets })
    }

    /// Returns the changes of the policy to a file, with secrets.
    fn resolved(&self, target: &Target, document: &Document) -> Result<Desired, CliError> {
        let target = self.targets.get(&store::absolute(target.path())).unwrap_or(target);
        Ok(self.standard.resolved(target, document)?.desired(document)?)
    }
}

/// Returns the expected value of a key, the last one if there are several.
fn value<'d>(desired: &'d Desired, section: &str, key: &str) -> Option<&'d str> {
    let requests = desired.requests().iter().rev();
    let mut values = requests.filter_map(|request| match &request.want {
        RequestKind::Value(value) => {
            Some((request.section.as_str(), request.key.as_deref()?, value.as_str()))
        }
        _ => None,
    });
    values
        .find(|(of, name, _)| of.eq_ignore_ascii_case(section) && name.eq_ignore_ascii_case(key))
        .map(|(_, _, value)| value)
}
