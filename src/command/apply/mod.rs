//! `apply`: applies a policy or a saved plan.

mod arguments;
mod resume;
mod saved;

pub(crate) use arguments::Apply;

use std::path::Path;

use serde_json::Value;

use super::edit::{Extras, edit_files_as};
use super::policy::Standard;
use crate::error::CliError;
use crate::exit::Exit;
use crate::output::{Output, SavedSource};
use msipctl_core::apply::Options;
use msipctl_core::fleet::{Target, Targets};
use msipctl_core::plan::Desired;
use msipctl_host::DigestKey;
use winini::Document;

impl Apply {
    pub(super) fn run(&self, out: &mut Output) -> Result<Exit, CliError> {
        match (&self.resume, &self.what) {
            (Some(run), _) => match resume::interrupted(out, run)? {
                Some(resume::Interrupted { mut apply, what, left }) => {
                    apply.detailed_exitcode = self.detailed_exitcode;
                    apply.begin(out, &what, Some(left))
                }
                None => Ok(Exit::Success),
            },
            (None, Some(what)) => self.begin(out, what, None),
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
        let command = format!("apply {}", what.display());
        let mut options = self.write.options(&self.files, command);
        if options.dry_run && self.send.is_set() {
            let message = "`--dry-run` changes nothing, so there is nothing to send";
            return Err(CliError::usage(message).hint("remove `--send` or `--dry-run`"));
        }
        if is_plan {
            let saved = saved::Saved::load(what, self)?;
            options.encoding = saved.encoding();
            let targets = saved.targets();
            let decide = |target: &_, document: &_| saved.desired(target, document);
            return self.edit(out, options, targets, left, |_| Ok(saved.sources()), decide);
        }
        let code_page = self.files.code_page();
        let standard = Standard::load(what, &self.templates, &self.version, code_page)?;
        standard.warn(out);
        let targets = self.files.targets()?;
        standard.check_targets(&targets)?;
        let sources = |key: &_| standard.sources(self.files.inventories(), key);
        self.edit(out, options, targets, left, sources, |target, document| {
            Ok(standard.resolved(target, document)?.desired(document)?)
        })
    }

    fn edit(
        &self,
        out: &mut Output,
        mut options: Options,
        mut targets: Targets,
        left: Option<resume::Left>,
        sources: impl FnOnce(&DigestKey) -> Result<Vec<SavedSource>, CliError>,
        decide: impl Fn(&Target, &Document) -> Result<Desired, CliError> + Sync,
    ) -> Result<Exit, CliError> {
        let mut data = Value::Null;
        if let Some(left) = left {
            let sources = sources(&DigestKey::own()?)?;
            let (journal, rest) = left.resume(out, &sources, &targets)?;
            targets = rest;
            options.run = left.run();
            options.journal = Some(journal);
            data = resume::data(&sources);
        } else if !options.dry_run && targets.list().len() > 1 {
            // Without a key, the run can't be resumed; everything else works.
            match DigestKey::own() {
                Ok(key) => data = resume::data(&sources(&key)?),
                Err(error) => log::info!("the run can't be resumed: {error}"),
            }
        }
        let what = self.what.as_deref().unwrap_or(Path::new(""));
        let sinks = self.send.begin(&options.run, what, &targets)?;
        let extras = Extras { data, sinks: self.send.is_set().then_some(sinks) };
        let (exit, changed) =
            edit_files_as(out, &self.files, &targets, &self.write, options, extras, decide)?;
        Ok(match exit {
            Exit::Success if changed && self.detailed_exitcode => Exit::Changed,
            exit => exit,
        })
    }
}
