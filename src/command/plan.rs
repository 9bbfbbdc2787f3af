//! `plan`: previews what a policy would change.

use std::path::{Path, PathBuf};

use clap::Args;

use super::each::{Many, READ_AGAIN};
use super::edit::{NoticeGroups, notices, print_groups};
use super::policy::{Standard, absolute};
use super::template::TemplateFlags;
use crate::error::CliError;
use crate::exit::Exit;
use crate::flags::{FileFlags, Format, VersionFlags, WriteFlags};
use crate::output::{
    JsonText, Output, PlanHead, PlanReport, PlannedFile, Rendered, SavedEdit, SavedSecret,
};
use microsip_schema::SecretKeys;
use msipctl_core::apply;
use msipctl_core::fleet::{Groups, Target};
use msipctl_core::plan::PlannedEdit;
use msipctl_core::policy::ResolvedPolicy;
use msipctl_host::DigestKey;

const EXAMPLES: &str = "\
Examples:
  # Preview the changes of a policy to a file
  msipctl plan company.toml MicroSIP.ini
  # Save a plan for a fleet
  msipctl plan company.toml --inventory pcs.csv -o plan.json
  # Apply the saved plan
  msipctl apply plan.json";

/// Preview what a policy would change
///
/// Writes nothing, and groups files with the same changes. With -o, saves the plan. `apply` makes exactly the changes of a saved
/// plan, and rejects a file that changed since. A saved plan contains no secrets, and works only on the computer where it was
/// created. msipctl can't verify passwords that MicroSIP encrypted; the plan counts them.
#[derive(Debug, Args)]
#[command(after_help = EXAMPLES)]
pub(crate) struct Plan {
    /// Policy, a TOML file or a golden MicroSIP.ini
    #[arg(value_name = "POLICY")]
    policy: PathBuf,

    /// Save the plan to this file, for `apply`
    #[arg(short, long, value_name = "FILE")]
    output: Option<PathBuf>,

    /// Exit with 2 if anything would change
    ///
    /// Exits with 0 if nothing would change, and with 1 on an error.
    #[arg(long)]
    pub(super) detailed_exitcode: bool,

    #[command(flatten)]
    templates: TemplateFlags,

    #[command(flatten)]
    files: FileFlags,

    #[command(flatten)]
    version: VersionFlags,

    #[command(flatten)]
    write: WriteFlags,
}

impl Plan {
    pub(super) fn run(&self, out: &mut Output) -> Result<Exit, CliError> {
        let code_page = self.files.code_page();
        let standard = Standard::load(&self.policy, &self.templates, &self.version, code_page)?;
        standard.warn(out);
        let mut options = self.write.options(&self.files, "plan".to_owned());
        options.dry_run = true;
        let targets = self.files.targets()?;
        standard.check_targets(&targets)?;
        // The output for users has no digests, and needs no key.
        let is_for_people = self.output.is_none() && out.format() == Format::Human;
        let key = if is_for_people { None } else { Some(DigestKey::own()?) };
        let sources = key.as_ref().map(|key| standard.sources(self.files.inventories(), key));
        let head = PlanHead {
            policy: absolute(&self.policy),
            folder: absolute(Path::new(".")),
            sources: sources.transpose()?.unwrap_or_default(),
            encoding: self.write.encoding_name(),
            key: key.as_ref().map(DigestKey::id),
        };
        let count = targets.list().len();
        let is_listed = out.lists_each(count) || self.write.diff;
        let mut report = PlanReport::new(&options.run, count, is_listed, head);
        let mut noted: NoticeGroups = (!is_listed).then(Groups::default);
        let mut saved = self.output.as_ref().map(|_| JsonText::new(&report));
        let format = out.format();
        let work = |target: &Target| {
            let mut resolved = None;
            let outcome = apply::edit(target, &options, |document| {
                let found = standard.resolved(target, document)?;
                let desired = found.desired(document)?;
                resolved = Some(found);
                Ok::<_, CliError>(desired)
            })?;
            let secrets = outcome.plan.secrets();
            let edits = key.iter().flat_map(|key| {
                let edits = outcome.plan.edits().iter();
                edits.map(|edit| saved_edit(target, edit, secrets, resolved.as_deref(), key))
            });
            let edits = edits.collect();
            let rows = target.rows().map(|row| row.origin().to_owned()).collect();
            let notices = notices(&outcome);
            let file = PlannedFile::new(&outcome, self.write.diff, rows, edits, key.as_ref());
            Ok((Rendered::new(file, format), notices))
        };
        let many = Many::new(&self.files, &targets).grouping_errors(out);
        let many = many.suggesting_create(&self.write);
        let done = many.each(out, work, |out, target, planned| {
            let file = match planned {
                Ok((file, notices)) => {
                    notices.into_iter().for_each(|it| it.report(out, target.path(), &mut noted));
                    file
                }
                Err(error) if many.is_several() => {
                    Rendered::new(PlannedFile::failed(target.path(), error), out.format())
                }
                // For a single file, its error is the complete output.
                Err(_) => return,
            };
            saved.iter_mut().for_each(|saved| saved.row(&file.row));
            out.rendered_row(&mut report, file);
        });
        print_groups(out, noted);
        done.end(out, &report);
        // A truncated plan would look like a complete one.
        let is_complete = done.rest().is_empty() && !done.is_total();
        if let (Some(path), Some(saved)) = (&self.output, saved.filter(|_| is_complete)) {
            apply::write_file(path, &saved.end(&report)?, "plan")?;
            if report.has_changes() {
                out.next_step(&format!(
                    "to apply this plan, run `msipctl apply {}`",
                    path.display()
                ));
            }
        }
        let exit = match report.has_changes() && self.detailed_exitcode {
            true => Exit::Changed,
            false => Exit::Success,
        };
        Ok(done.exit(out, exit, READ_AGAIN))
    }
}

/// Returns an edit for a saved plan. A secret is saved as its source and a digest.
fn saved_edit(
    target: &Target,
    edit: &PlannedEdit,
    secrets: &SecretKeys,
    resolved: Option<&ResolvedPolicy>,
    key: &DigestKey,
) -> SavedEdit {
    let PlannedEdit { section, key: name, after, reason, .. } = edit;
    let mut saved = SavedEdit {
        section: section.clone(),
        key: name.clone(),
        after: after.clone(),
        secret: None,
        reason: reason.clone(),
    };
    let (Some(name), Some(value)) = (name, after) else { return saved };
    if secrets.mask(section, name, value) != *value {
        saved.after = None;
        let items = resolved.iter().flat_map(|resolved| resolved.items());
        let origins = items.filter(|item| item.is_of(section, name)).map(|item| &item.origin);
        saved.secret = Some(SavedSecret {
            from: origins.last().map(ToString::to_string),
            digest: digest(key, target.path(), section, name, value),
        });
    }
    saved
}

/// Returns the digest that identifies a secret in a file.
pub(crate) fn digest(
    key: &DigestKey,
    path: &Path,
    section: &str,
    name: &str,
    value: &str,
) -> String {
    let place = [absolute(path), section.to_lowercase(), name.to_lowercase()];
    key.digest(&place.each_ref().map(String::as_str), value)
}
