//! `apply`: applies a policy or a saved plan.

mod arguments;
mod resume;
mod saved;
mod when_closed;

pub(crate) use arguments::Apply;

use std::path::Path;

use serde_json::Value;

use super::edit::{Extras, edit_files_as};
use super::pending;
use super::policy::Standard;
use crate::error::CliError;
use crate::exit::Exit;
use crate::output::Output;
use msipctl_core::apply::Options;
use msipctl_core::fleet::{Target, Targets};
use msipctl_core::plan::Desired;
use msipctl_host::DigestKey;
use when_closed::Origin;
use winini::Document;

impl Apply {
    pub(super) fn run(&self, out: &mut Output) -> Result<Exit, CliError> {
        if self.pending {
            return pending::apply(out, self.write.lock_timeout());
        }
        match (&self.resume, &self.what) {
            (Some(run), _) => match resume::interrupted(out, run)? {
                Some(resume::Interrupted { mut apply, what, left }) => {
                    apply.detailed_exitcode = self.detailed_exitcode;
                    apply.begin(out, &what, Some(left))
                }
                None => Ok(Exit::Success),
            },
            (None, Some(what)) => {
                if !self.write.is_dry_run() {
                    pending::apply_free(out);
                }
                self.begin(out, what, None)
            }
            (None, None) => Err(CliError::usage("missing policy or plan")),
        }
    }

    /// Runs it, or the rest of an interrupted run.
    fn begin(
        &self,
        out: &mut Output,
        what: &Path,
        left: Option<resume::Left>,
    ) -> Result<Exit, CliError> {
        let is_plan = what.extension().is_some_and(|it| it.eq_ignore_ascii_case("json"));
        let flag = if self.when_closed { "--when-closed " } else { "" };
        let command = format!("apply {flag}{}", what.display());
        let mut options = self.write.options(&self.files, command);
        if options.dry_run && self.send.is_set() {
            let message = "`--dry-run` changes nothing, so there is nothing to send";
            return Err(CliError::usage(message).hint("remove `--send` or `--dry-run`"));
        }
        if is_plan {
            let saved = saved::Saved::load(what, self)?;
            options.encoding = saved.encoding();
            let targets = saved.targets();
            let origin = Origin {
                policy: saved.policy(),
                sources: &|_| Ok(saved.sources()),
                plan: Some(saved.itself()),
                variables: &|target, document, section, key| {
                    saved.variables(target, document, section, key)
                },
            };
            let decide = |target: &_, document: &_| saved.desired(target, document);
            return self.edit(out, options, targets, left, &origin, decide);
        }
        let code_page = self.files.code_page();
        let standard = Standard::load(what, &self.templates, &self.version, code_page)?;
        standard.warn(out);
        let targets = self.files.targets()?;
        standard.check_targets(&targets)?;
        let origin = Origin {
            policy: what,
            sources: &|key| standard.sources(self.files.inventories(), key),
            plan: None,
            variables: &|target, document, section, key| {
                Ok(standard.variables(target, document, section, key)?)
            },
        };
        self.edit(out, options, targets, left, &origin, |target, document| {
            Ok(standard.resolved(target, document)?.desired(document)?)
        })
    }

    fn edit(
        &self,
        out: &mut Output,
        mut options: Options,
        mut targets: Targets,
        left: Option<resume::Left>,
        origin: &Origin<'_>,
        decide: impl Fn(&Target, &Document) -> Result<Desired, CliError> + Sync,
    ) -> Result<Exit, CliError> {
        let mut data = Value::Null;
        if let Some(left) = left {
            let sources = origin.all_sources(&DigestKey::own()?)?;
            let (journal, rest) = left.resume(out, &sources, &targets)?;
            targets = rest;
            options.run = left.run();
            options.journal = Some(journal);
            data = resume::data(&sources);
        } else if !options.dry_run && targets.list().len() > 1 {
            // Without a key, the run can't be resumed; everything else works.
            match DigestKey::own() {
                Ok(key) => data = resume::data(&origin.all_sources(&key)?),
                Err(error) => log::info!("the run can't be resumed: {error}"),
            }
        }
        let is_dry_run = options.dry_run;
        let queue = self.when_closed.then(|| origin.queue(self)).transpose()?;
        let what = self.what.as_deref().unwrap_or(Path::new(""));
        let sinks = self.send.begin(&options.run, what, &targets)?;
        let sinks = self.send.is_set().then_some(sinks);
        let extras = Extras { data, queue: queue.as_ref(), sinks };
        let (exit, changed) =
            edit_files_as(out, &self.files, &targets, &self.write, options, extras, decide)?;
        if exit == Exit::Success && !is_dry_run && queue.is_none() {
            pending::discard_outdated(out, origin.policy, &targets);
        }
        Ok(match exit {
            Exit::Success if changed && self.detailed_exitcode => Exit::Changed,
            exit => exit,
        })
    }
}
