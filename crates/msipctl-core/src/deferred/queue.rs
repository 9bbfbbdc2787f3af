//! Stores a change for later.

use std::collections::BTreeSet;
use std::path::{Path, PathBuf};

use jiff::{SignedDuration, Timestamp};

use super::error::QueueError;
use super::file::{
    Body, Owner, PendingEdit, PendingPlan, PlanState, PolicyOrigin, SavedBackup, SavedEncoding,
    Secret, SecretKey, Want, WriteOptions, name_of, run_of,
};
use super::key::KeyedDigest;
use super::list::{plans_in, read};
use super::verify::{digest_of_owner, digest_of_secret, digest_of_value, identity};
use crate::apply;
use crate::plan::{Desired, EncodingPolicy, Request, RequestKind};
use crate::store::{self, BackupPolicy, PrivateFolder, RunId};
use microsip_schema::{SecretKeys, Section};
use winini::Document;
use winini::profile::Profile;

/// The maximum number of pending plans.
pub const MAX_PLANS: usize = 1000;

/// A change to store for later.
pub struct QueueRequest<'q> {
    /// The file.
    pub path: &'q Path,
    /// The file as it is now.
    pub document: &'q Document,
    /// The state that it must get.
    pub desired: &'q Desired,
    /// How it's written: the command, whether a missing file is created, the encoding, the code page, and the backups.
    pub options: &'q apply::Options,
    /// The policy that the change comes from.
    pub policy: Option<PolicyOrigin>,
    /// After how many days the plan expires.
    pub days: u16,
    /// Returns where to read the secret value of a key later.
    pub secret: &'q dyn Fn(&str, &str) -> SecretOrigin,
}

/// Where a secret is later.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum SecretOrigin {
    /// The policy of the plan says where it is, or contains it.
    Policy,
    /// In a file with one line.
    File(PathBuf),
    /// Nowhere, for this reason. Then the change can't be queued.
    Unavailable(String),
}

/// A change that was stored for later.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Queued {
    /// The run that will make it.
    pub run: RunId,
    /// Whether no plan for the same change was waiting already.
    pub is_new: bool,
}

/// Stores a change in a folder, which is created for this user only, unless a plan for the same change waits already.
/// Removes each older plan for the file that comes from the same policy, or whose keys are all in the new one.
///
/// # Errors
///
/// [`QueueError`]. Then earlier plans are unchanged.
pub fn queue(
    folder: &Path,
    key: &dyn KeyedDigest,
    request: &QueueRequest<'_>,
) -> Result<Queued, QueueError> {
    let path = store::full_path(request.path);
    let body = body(&path, key, request)?;
    let folder = PrivateFolder::open(folder)?;
    for (run, found) in plans_in(&folder, key)? {
        if found.is_ok_and(|waiting| is_same(&waiting, &body)) {
            return Ok(Queued { run, is_new: false });
        }
    }
    let names = folder.names()?;
    let taken: BTreeSet<RunId> = names.iter().filter_map(|name| run_of(name)).collect();
    if taken.len() >= MAX_PLANS {
        return Err(QueueError::TooMany(taken.len()));
    }
    // The names of runs have few random digits.
    let run = std::iter::repeat_with(RunId::new).find(|run| !taken.contains(run));
    let run = run.unwrap_or_else(RunId::new);
    let created = store::now();
    let days = SignedDuration::from_hours(24 * i64::from(request.days));
    let expires = created.checked_add(days).unwrap_or(Timestamp::MAX);
    let (run_name, created_text) = (run.to_string(), created.to_string());
    let body = Body { run: run_name, created: created_text, expires: expires.to_string(), ..body };
    let plan = PendingPlan { run, created, expires, body };
    // What a killed msipctl left can be removed only while no other one writes a plan of this name.
    let _lock = folder.lock(&name_of(&run))?;
    folder.put(&name_of(&run), &plan.to_bytes(key))?;
    // The new plan comes first: a kill leaves both, and the older one is applied before the newer one.
    for (older, found) in plans_in(&folder, key)? {
        if older != run
            && found.is_ok_and(|older| is_replaced(&older.body, &plan.body))
            && let Some(_lock) = folder.lock(&name_of(&older))?
            && read(&folder, older, key).is_ok()
        {
            folder.remove(&name_of(&older))?;
        }
    }
    Ok(Queued { run, is_new: true })
}

/// Returns whether a plan waits to make the same change.
fn is_same(waiting: &PendingPlan, new: &Body) -> bool {
    let Body { run, created, expires, state, attempts, last_error, .. } = new.clone();
    let waits = waiting.state(store::now()) == PlanState::Waiting;
    waits
        && Body { run, created, expires, state, attempts, last_error, ..waiting.body.clone() }
            == *new
}

/// Returns whether a newer plan makes an older one needless.
fn is_replaced(older: &Body, newer: &Body) -> bool {
    let is_same_policy = match (&older.policy, &newer.policy) {
        (Some(older), Some(newer)) => older.path == newer.path,
        _ => false,
    };
    let is_in_newer = |edit: &PendingEdit| {
        newer.edits.iter().any(|other| {
            let names = |edit: &PendingEdit| edit.key.as_ref().map(|key| key.to_lowercase());
            other.section.eq_ignore_ascii_case(&edit.section) && names(other) == names(edit)
        })
    };
    older.identity == newer.identity && (is_same_policy || older.edits.iter().all(is_in_newer))
}

/// Returns the content of a plan, without its run and its times.
fn body(
    path: &Path,
    key: &dyn KeyedDigest,
    request: &QueueRequest<'_>,
) -> Result<Body, QueueError> {
    let QueueRequest { document, desired, options, policy, .. } = request;
    let profile = Profile::new(document);
    let path_text = text_of(path)?;
    let mut edits = Vec::new();
    for wanted in desired.requests() {
        edits.extend(edit(&path_text, profile, key, request, wanted)?);
    }
    let secret_keys = desired.secrets().iter();
    let secret_keys = secret_keys
        .map(|(section, key)| SecretKey { section: section.to_owned(), key: key.to_owned() });
    let mut sections: Vec<&str> = Vec::new();
    for PendingEdit { section, .. } in &edits {
        let is_known = sections.iter().any(|it| it.eq_ignore_ascii_case(section));
        if !is_known && Section::of(section) == Some(Section::Account) {
            sections.push(section);
        }
    }
    // A section that the plan removes keeps its owner here, so that no other account is removed.
    let after = |section: &str, name: &str| {
        let is_it = |request: &&Request| {
            let key = request.key.as_deref().unwrap_or_default();
            request.section.eq_ignore_ascii_case(section) && key.eq_ignore_ascii_case(name)
        };
        match desired.requests().iter().rfind(is_it).map(|request| &request.want) {
            Some(RequestKind::Value(value) | RequestKind::Written(value)) => value.clone(),
            Some(RequestKind::Absent | RequestKind::AbsentIfBare) => String::new(),
            None => profile.get(section, name).unwrap_or_default().into_owned(),
        }
    };
    let owner = |section: &&str| Owner {
        section: (*section).to_owned(),
        before: digest_of_owner(key, &path_text, section, |name| {
            profile.get(section, name).unwrap_or_default().into_owned()
        }),
        after: digest_of_owner(key, &path_text, section, |name| after(section, name)),
    };
    let backup = match &options.backup {
        BackupPolicy::None => None,
        BackupPolicy::Keep { dir, keep } => {
            let dir = dir.as_deref().map(|dir| text_of(&store::full_path(dir))).transpose()?;
            Some(SavedBackup { dir, keep: *keep })
        }
    };
    Ok(Body {
        run: String::new(),
        created: String::new(),
        expires: String::new(),
        command: options.command.clone(),
        identity: identity(key, path),
        policy: policy.clone(),
        write: WriteOptions {
            create: options.create,
            encoding: match options.encoding {
                EncodingPolicy::Auto => SavedEncoding::Auto,
                EncodingPolicy::Keep => SavedEncoding::Keep,
                EncodingPolicy::Utf16Le => SavedEncoding::Utf16Le,
            },
            code_page: options.code_page.number(),
            backup,
        },
        owners: sections.iter().map(owner).collect(),
        edits,
        secret_keys: secret_keys.collect(),
        state: PlanState::Waiting,
        attempts: 0,
        last_error: None,
        path: path_text,
    })
}

/// Returns the edit for a request; `None` if the file matches it already.
fn edit(
    path: &str,
    profile: Profile<'_>,
    key: &dyn KeyedDigest,
    request: &QueueRequest<'_>,
    wanted: &Request,
) -> Result<Option<PendingEdit>, QueueError> {
    let Request { section, key: name, want, reason } = wanted;
    let found = name.as_deref().and_then(|name| profile.get(section, name));
    let is_there = match (want, name) {
        (RequestKind::Value(value), Some(_)) => found.as_deref() == Some(value),
        (RequestKind::Absent, Some(_)) => found.is_none(),
        (RequestKind::Absent, None) => profile.section(section).is_none(),
        _ => false,
    };
    if is_there {
        return Ok(None);
    }
    let hidden = request.desired.secrets();
    let is_secret = |name: &str, value: &str| hides(hidden, section, name, value);
    let want = match (want, name) {
        (RequestKind::Value(value) | RequestKind::Written(value), Some(name))
            if is_secret(name, value) =>
        {
            let unavailable = |reason: String| {
                let (section, key) = (section.clone(), name.clone());
                QueueError::Secret { section, key, reason }
            };
            if matches!(want, RequestKind::Written(_)) {
                return Err(unavailable(
                    "the earlier text to restore contains a secret".to_owned(),
                ));
            }
            let file = match (request.secret)(section, name) {
                SecretOrigin::Policy => None,
                SecretOrigin::File(file) => Some(text_of(&store::full_path(&file))?),
                SecretOrigin::Unavailable(reason) => return Err(unavailable(reason)),
            };
            let digest = digest_of_secret(key, path, section, name, value);
            Want::Secret(Secret { file, digest })
        }
        (RequestKind::Value(value), _) => Want::Value(value.clone()),
        (RequestKind::Written(text), _) => Want::Written(text.clone()),
        (RequestKind::Absent, _) => Want::Absent,
        (RequestKind::AbsentIfBare, _) => Want::AbsentIfBare,
    };
    let name_text = name.as_deref().unwrap_or_default();
    let before = digest_of_value(key, path, section, name_text, found.as_deref());
    let (section, reason) = (section.clone(), hidden.mask_text(reason).into_owned());
    Ok(Some(PendingEdit { section, key: name.clone(), want, reason, before }))
}

/// Returns whether a value is, or contains, a secret.
fn hides(secrets: &SecretKeys, section: &str, key: &str, value: &str) -> bool {
    !value.is_empty() && secrets.mask(section, key, value) != value
}

fn text_of(path: &Path) -> Result<String, QueueError> {
    let text = path.to_str().map(str::to_owned);
    text.ok_or_else(|| QueueError::Path(path.display().to_string()))
}
