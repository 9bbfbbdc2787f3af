//! Checks that a file still fits a pending plan.

use std::path::Path;

use super::file::{Owner, PendingEdit, PendingPlan, Secret, SecretReader, Want};
use super::key::KeyedDigest;
use crate::event::{Event, RECORD, SETTINGS};
use crate::plan::{Desired, EncodingPolicy, Plan};
use crate::policy::secret_line;
use crate::store::{self, Digest, Input};
use microsip_schema::SecretKeys;
use winini::Document;
use winini::profile::Profile;

/// Why a plan isn't applied to a file.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) enum Refusal {
    /// The file or the policy no longer fits.
    Conflict(String),
    /// A secret was changed since.
    SecretChanged { section: String, key: String },
    /// A secret can't be read now.
    SecretUnavailable(String),
}

impl std::fmt::Display for Refusal {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        match self {
            Self::Conflict(reason) | Self::SecretUnavailable(reason) => f.write_str(reason),
            Self::SecretChanged { section, key } => {
                write!(f, "the secret for `{section}.{key}` was changed since the plan was queued")
            }
        }
    }
}

/// Checks the policy and the path of a plan. A file of the policy that can't be read now isn't a reason to wait, because
/// the plan has all values except secrets.
pub(super) fn check_origin(plan: &PendingPlan, key: &dyn KeyedDigest) -> Result<(), Refusal> {
    for source in plan.body.policy.iter().flat_map(|policy| &policy.sources) {
        let path = Path::new(&source.path);
        let input = if source.is_inventory { Input::Inventory } else { Input::GoldenFile };
        let Ok(found) = store::read_as(path, input) else { continue };
        if key.digest_of_hash(path, &Digest::of(found.bytes())) != source.digest {
            let path = &source.path;
            return Err(Refusal::Conflict(format!("{path} was changed since the plan was queued")));
        }
    }
    match identity(key, plan.path()) == plan.body.identity {
        true => Ok(()),
        false => {
            Err(Refusal::Conflict("the path leads to another file than when it was queued".into()))
        }
    }
}

/// Returns the state that a file must get by a plan.
///
/// MicroSIP has written the file since the plan was queued, so a setting may have any value. The key of a hook must have
/// the value that it had, or the new one: otherwise, the command of another program would be lost.
pub(super) fn desired(
    plan: &PendingPlan,
    document: &Document,
    key: &dyn KeyedDigest,
    secret: SecretReader<'_>,
) -> Result<Desired, Refusal> {
    let profile = Profile::new(document);
    let mut secrets = SecretKeys::default();
    plan.body.secret_keys.iter().for_each(|it| secrets.add(&it.section, &it.key));
    let mut desired = Desired::new();
    for edit in &plan.body.edits {
        let PendingEdit { section, key: name, want, reason, before } = edit;
        let state = match (name, want) {
            (Some(name), Want::Value(value)) => Desired::new().set(section, name, value, reason),
            (Some(name), Want::Written(text)) => {
                Desired::new().set_written(section, name, text, reason)
            }
            (Some(name), Want::Secret(known)) => {
                let value = value_of(plan, document, key, secret, (section, name), known)?;
                secrets.add(section, name);
                secrets.add_value(&value);
                Desired::new().set(section, name, value, reason)
            }
            (Some(name), Want::Absent | Want::AbsentIfBare) => {
                Desired::new().unset(section, name, reason)
            }
            (None, Want::AbsentIfBare) => Desired::new().unset_section_if_bare(section, reason),
            (None, _) => Desired::new().unset_section(section, reason),
        };
        if let Some(name) = name
            && is_of_hook(section, name)
        {
            let found = profile.get(section, name);
            let is_known = digest_of_value(key, &plan.body.path, section, name, found.as_deref());
            if is_known != *before && !is_there(document, &state) {
                let what = format!("`{section}.{name}` was changed since the plan was queued");
                return Err(Refusal::Conflict(what));
            }
        }
        desired = desired.and(state);
    }
    check_owners(plan, profile, key)?;
    Ok(desired.hiding(&secrets))
}

/// Reads a secret again.
fn value_of(
    plan: &PendingPlan,
    document: &Document,
    key: &dyn KeyedDigest,
    secret: SecretReader<'_>,
    (section, name): (&str, &str),
    Secret { file, digest }: &Secret,
) -> Result<String, Refusal> {
    let unavailable = |reason: String| {
        Refusal::SecretUnavailable(format!(
            "can't read the secret for `{section}.{name}`: {reason}"
        ))
    };
    let value = match file {
        Some(file) => {
            let bytes = store::read_as(Path::new(file), Input::Secret);
            let bytes = bytes.map_err(|error| unavailable(error.with_cause()))?.into_bytes();
            secret_line(bytes)
                .ok_or_else(|| unavailable(format!("{file}: expected one line of UTF-8 text")))?
        }
        None => match secret(plan, document, section, name).map_err(unavailable)? {
            Some(value) => value,
            None => return Err(unavailable("the policy has no value for it".to_owned())),
        },
    };
    match digest_of_secret(key, &plan.body.path, section, name, &value) == *digest {
        true => Ok(value),
        false => Err(Refusal::SecretChanged { section: section.to_owned(), key: name.to_owned() }),
    }
}

/// Checks that each account is still the one that the plan was made for, or already as the plan wants it.
fn check_owners(
    plan: &PendingPlan,
    profile: Profile<'_>,
    key: &dyn KeyedDigest,
) -> Result<(), Refusal> {
    for Owner { section, before, after } in &plan.body.owners {
        let found = |name: &str| profile.get(section, name).unwrap_or_default().into_owned();
        let digest = digest_of_owner(key, &plan.body.path, section, found);
        if digest != *before && digest != *after {
            let what = format!("`[{section}]` is another account than when the plan was queued");
            return Err(Refusal::Conflict(what));
        }
    }
    Ok(())
}

/// Returns whether a file already is in a state.
fn is_there(document: &Document, state: &Desired) -> bool {
    Plan::new(document, state, EncodingPolicy::Keep).is_ok_and(|plan| plan.edits().is_empty())
}

/// Returns whether a key belongs to a hook: a command, a directive, or a record of msipctl.
fn is_of_hook(section: &str, key: &str) -> bool {
    let is_settings = section.eq_ignore_ascii_case(SETTINGS);
    let is_command = || Event::of_key(key).is_some() || Event::of_directive(key).is_some();
    section.eq_ignore_ascii_case(RECORD) || is_settings && is_command()
}

/// The keys that say whose account it is.
const OWNER: [&str; 3] = ["username", "server", "domain"];

/// Identifies the owner of an account by the values of its keys.
pub(super) fn digest_of_owner(
    key: &dyn KeyedDigest,
    path: &str,
    section: &str,
    value: impl Fn(&str) -> String,
) -> String {
    let values = OWNER.map(value);
    let [username, server, domain] = values.each_ref().map(String::as_str);
    key.digest(&["pending owner", path, &section.to_lowercase(), username, server], domain)
}

/// Identifies the value of a key. MicroSIP writes keys that weren't set as empty, so both count as the same.
pub(super) fn digest_of_value(
    key: &dyn KeyedDigest,
    path: &str,
    section: &str,
    name: &str,
    value: Option<&str>,
) -> String {
    let place = ["pending value", path, &section.to_lowercase(), &name.to_lowercase()];
    key.digest(&place, value.unwrap_or_default())
}

/// Identifies a secret.
pub(super) fn digest_of_secret(
    key: &dyn KeyedDigest,
    path: &str,
    section: &str,
    name: &str,
    value: &str,
) -> String {
    let place = ["pending secret", path, &section.to_lowercase(), &name.to_lowercase()];
    key.digest(&place, value)
}

/// Identifies the file that a path leads to.
pub(super) fn identity(key: &dyn KeyedDigest, path: &Path) -> String {
    key.digest(&["pending file"], &store::absolute(path).to_string_lossy())
}
