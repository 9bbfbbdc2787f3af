//! A saved plan: read again, and done file by file as it says.

use std::borrow::Cow;
use std::collections::{BTreeMap, HashMap};
use std::path::{Path, PathBuf};
use std::sync::OnceLock;

use super::Apply;
use crate::apply::Outcome;
use crate::cli::baseline::read_report;
use crate::cli::command::edit::Decide;
use crate::cli::command::plan::digest;
use crate::cli::command::policy::Standard;
use crate::cli::error::CliError;
use crate::cli::flags::encoding_named;
use crate::cli::output::{EditedFile, SavedEdit, SavedEdits, SavedPlan, SavedSource};
use crate::cli::plan_key::PlanKey;
use crate::cli::targets::{Target, inventory_targets};
use crate::fleet::Targets;
use crate::ini::Document;
use crate::plan::{Desired, EncodingPolicy, Plan, Want};
use crate::profile::Profile;
use crate::store::{self, Digest};

/// The version of plans that is understood.
const VERSION: u32 = 1;

/// A plan, and what it takes to get the secrets that it does not hold.
pub(super) struct Saved<'a> {
    plan: SavedPlan,
    encoding: EncodingPolicy,
    /// The files that the plan changes, by path.
    files: BTreeMap<PathBuf, usize>,
    secrets: OnceLock<Result<Secrets<'a>, CliError>>,
    apply: &'a Apply,
}

/// Where secrets are got again.
struct Secrets<'a> {
    standard: Standard<'a>,
    key: PlanKey,
    /// The files that inventories name, with their rows.
    targets: HashMap<PathBuf, Target>,
}

impl<'a> Saved<'a> {
    /// Reads a plan.
    pub(super) fn load(path: &Path, apply: &'a Apply) -> Result<Self, CliError> {
        if apply.files.are_named() {
            let error = CliError::usage("a plan names its files, so none can be named besides");
            return Err(error.hint("make another plan for other files"));
        }
        let plan: SavedPlan = read_report(path, "plan", "msipctl plan POLICY -o FILE")?;
        if plan.schema_version != VERSION {
            let version = plan.schema_version;
            let what = format!("this is a plan of version {version}, expected {VERSION}");
            return Err(CliError::usage(what).at(path).hint("make the plan anew"));
        }
        let encoding = encoding_named(&plan.head.encoding).ok_or_else(|| {
            CliError::usage(format!("`{}` is no policy for encodings", plan.head.encoding)).at(path)
        })?;
        // Seen from the same folder, paths stay as they were given.
        let folder = PathBuf::from(&plan.head.folder);
        let is_here = store::absolute(Path::new(".")) == folder;
        let from = if is_here { PathBuf::new() } else { folder };
        let changed = plan.files.iter().enumerate().filter(|(_, file)| file.state == "changed");
        let files = changed.map(|(index, file)| (from.join(&file.path), index)).collect();
        Ok(Self { encoding, files, plan, secrets: OnceLock::new(), apply })
    }

    /// Returns what an edit may do to the encoding.
    pub(super) fn encoding(&self) -> EncodingPolicy {
        self.encoding
    }

    /// Returns what the policy of the plan consists of.
    pub(super) fn sources(&self) -> Vec<SavedSource> {
        self.plan.head.sources.clone()
    }

    /// Returns the files that the plan changes.
    pub(super) fn targets(&self) -> Targets<CliError> {
        let files = self.files.keys().map(|path| Target::file(path.clone(), None));
        Targets::new(files.collect(), store::identity)
    }

    /// Finds what the plan wants of a file, which has to be the one that the plan was made of.
    fn wanted(&self, target: &Target, document: &Document) -> Result<Desired, CliError> {
        let index = self.files.get(target.path());
        let Some(file) = index.and_then(|index| self.plan.files.get(*index)) else {
            return Err(CliError::runtime("the plan does not name the file"));
        };
        let saved = &file.saved;
        let is = |digest: &Option<String>, bytes: &[u8]| {
            digest.as_ref().is_some_and(|digest| *digest == Digest::of(bytes).to_string())
        };
        let desired = self.of_edits(target, saved, document)?;
        let plan = Plan::new(document, &desired, self.encoding)?;
        // Where all is so already, as after a run that was interrupted, there is nothing to refuse.
        if plan.is_empty() {
            return Ok(desired);
        }
        if !is(&saved.sha256, document.bytes()) {
            let error = CliError::precondition("changed since the plan was made");
            return Err(error.hint("make the plan anew"));
        }
        if saved.sha256_after.is_some() && !is(&saved.sha256_after, plan.after().bytes()) {
            let error = CliError::precondition("would not become what the plan says");
            return Err(error.hint("make the plan anew, with this msipctl"));
        }
        Ok(desired)
    }

    fn of_edits(
        &self,
        target: &Target,
        saved: &SavedEdits,
        document: &Document,
    ) -> Result<Desired, CliError> {
        let mut known = None;
        saved.edits.iter().try_fold(Desired::new(), |desired, edit| {
            let SavedEdit { section, key, after, secret, reason } = edit;
            let Some(key) = key else { return Ok(desired.unset_section(section, reason)) };
            if let Some(secret) = secret {
                let secrets = self.secrets()?;
                if known.is_none() {
                    known = Some(secrets.wanted(target, document)?);
                }
                let wanted = known.as_ref().and_then(|known| value(known, section, key));
                // Of what is as wanted nothing is desired.
                let stands = || Profile::new(document).get(section, key);
                let value = wanted.map(Cow::Borrowed).or_else(stands);
                let value = value.filter(|value| {
                    digest(&secrets.key, target.path(), section, key, value) == secret.digest
                });
                let value = value.ok_or_else(|| {
                    let message = format!("the secret for `{section}.{key}` is another one than when the plan was made");
                    CliError::precondition(message).hint("make the plan anew")
                })?;
                return Ok(desired.set(section, key, value.into_owned(), reason));
            }
            Ok(match after {
                Some(value) => desired.set(section, key, value, reason),
                None => desired.unset(section, key, reason),
            })
        })
    }

    fn secrets(&self) -> Result<&Secrets<'a>, CliError> {
        let secrets = self.secrets.get_or_init(|| Secrets::load(&self.plan, self.apply));
        secrets.as_ref().map_err(Clone::clone)
    }
}

impl Decide for Saved<'_> {
    fn desired(&self, target: &Target, document: &Document) -> Result<Desired, CliError> {
        self.wanted(target, document)
    }

    fn mask(&self, target: &Target, _: &Outcome, file: EditedFile) -> EditedFile {
        let index = self.files.get(target.path());
        let saved = index.and_then(|index| self.plan.files.get(*index));
        let edits = || saved.iter().flat_map(|file| &file.saved.edits);
        file.masking(|section, key| {
            edits().any(|edit| edit.secret.is_some() && edit.is_of(section, key))
        })
    }
}

impl<'a> Secrets<'a> {
    fn load(plan: &SavedPlan, apply: &'a Apply) -> Result<Self, CliError> {
        let policy = Path::new(&plan.head.policy);
        let code_page = apply.files.code_page();
        let standard = Standard::load(policy, &apply.templates, &apply.version, code_page)?;
        let inventories = plan.head.sources.iter().filter(|source| source.is_inventory);
        let inventories: Vec<_> = inventories.map(|source| PathBuf::from(&source.path)).collect();
        if standard.sources(&inventories)? != plan.head.sources {
            let error = CliError::precondition(
                "the policy or the inventory changed since the plan was made",
            );
            return Err(error.hint("make the plan anew"));
        }
        let targets = inventory_targets(&inventories)?;
        let targets = targets.into_iter().map(|it| (store::absolute(it.path()), it)).collect();
        Ok(Self { standard, key: PlanKey::own()?, targets })
    }

    /// Finds what the policy wants of a file, secrets too.
    fn wanted(&self, target: &Target, document: &Document) -> Result<Desired, CliError> {
        let target = self.targets.get(&store::absolute(target.path())).unwrap_or(target);
        Ok(self.standard.wanted(target, document)?.desired(document)?)
    }
}

/// Returns the value that is wanted of a key, the last one if there are several.
fn value<'d>(desired: &'d Desired, section: &str, key: &str) -> Option<&'d str> {
    let wishes = desired.wishes().iter().rev();
    let mut values = wishes.filter_map(|wish| match &wish.want {
        Want::Value(value) => Some((wish.section.as_str(), wish.key.as_deref()?, value.as_str())),
        _ => None,
    });
    values
        .find(|(of, name, _)| of.eq_ignore_ascii_case(section) && name.eq_ignore_ascii_case(key))
        .map(|(_, _, value)| value)
}
