//! Edits files for every command that writes: one pipeline, one report, one exit code.

use std::path::Path;
use std::sync::LazyLock;

use serde_json::Value;

use super::each::{GO_ON, Many};
use super::send::print_warnings;
use crate::error::CliError;
use crate::exit::Exit;
use crate::flags::{FileFlags, WriteFlags};
use crate::output::{EditedFile, EditsReport, Output, count};
use crate::sink::{FileResult, Sinks};
use microsip_schema::Version;
use msipctl_core::apply::{Options, Outcome, OutcomeNotice, State};
use msipctl_core::event::SETTINGS;
use msipctl_core::fleet::{End, Groups, Target, Targets};
use msipctl_core::locate;
use msipctl_core::plan::Desired;
use msipctl_core::validate::{self, Check, Finding, Selection};
use winini::Document;
use winini::profile::Profile;

/// Changes the files to the state that `decide` returns, in parallel. A failed file doesn't stop the others. A run over several
/// files keeps a journal.
pub(super) fn edit_files(
    out: &mut Output,
    files: &FileFlags,
    targets: &Targets,
    write: &WriteFlags,
    command: String,
    decide: impl Fn(&Target, &Document) -> Result<Desired, CliError> + Sync,
) -> Result<Exit, CliError> {
    let options = write.options(files, command);
    let extras = Extras::default();
    edit_files_as(out, files, targets, write, options, extras, decide).map(|(exit, _)| exit)
}

/// What only some runs have.
#[derive(Default)]
pub(super) struct Extras {
    /// The data to resume the run, stored in its journal.
    pub(super) data: Value,
    /// Where the results go.
    pub(super) sinks: Option<Sinks>,
}

/// Edits files in a run that can be resumed, and whose results are sent. Continues the journal of the options, if they have
/// one. Also returns whether anything changed, or would change.
pub(super) fn edit_files_as(
    out: &mut Output,
    files: &FileFlags,
    targets: &Targets,
    write: &WriteFlags,
    options: Options,
    Extras { data, mut sinks }: Extras,
    decide: impl Fn(&Target, &Document) -> Result<Desired, CliError> + Sync,
) -> Result<(Exit, bool), CliError> {
    let is_resumable = !data.is_null() && !options.dry_run;
    let many = Many::new(files, targets).writing(write).resumable(data);
    let many = many.grouping_errors(out).suggesting_create(write);
    let run = options.run;
    let number = targets.list().len();
    let is_listed = out.lists_each(number) || write.diff;
    let mut report = EditsReport::new(&run, options.dry_run, number, is_listed);
    let mut noted: NoticeGroups = (!is_listed).then(Groups::default);
    let digest =
        |_: &Target, outcome: Outcome| (EditedFile::new(&outcome, write.diff), notices(&outcome));
    let done = many.apply(out, options, decide, digest, |out, target, edited| match edited {
        Ok((file, notices)) => {
            notices.into_iter().for_each(|it| it.report(out, target.path(), &mut noted));
            if let Some(sinks) = &mut sinks {
                sinks.applied(file.is_changed(), result(target, &file));
            }
            out.row(&mut report, file);
        }
        Err(error) => {
            if let Some(sinks) = &mut sinks {
                sinks.not_applied(target.path(), error.without_path());
            }
            // For a single file, its error is the complete output.
            if many.is_several() {
                out.row(&mut report, EditedFile::failed(target.path(), error));
            }
        }
    });
    print_groups(out, noted);
    if done.reason() == End::MaxFailures {
        let rest = done.rest().iter().map(|target| EditedFile::skipped(target.path()));
        rest.for_each(|file| out.row(&mut report, file));
    }
    if many.is_several() || !done.is_total() {
        out.end(&report);
    }
    done.report_limit(out);
    if let Some(sinks) = sinks {
        print_warnings(out, &sinks.end_apply(!done.is_interrupted()));
    }
    let exit = report.exit(done.exit(out, Exit::Success, GO_ON));
    let is_left = matches!(done.reason(), End::Stopped | End::MaxFailures);
    if is_resumable && is_left && report.changed() > 0 {
        out.note(&format!("to resume this run, run `msipctl apply --resume {run}`"));
    }
    Ok((exit, report.changed() > 0))
}

/// Returns the result for a file, for sinks.
fn result(target: &Target, file: &EditedFile) -> FileResult {
    FileResult {
        path: target.path().display().to_string(),
        keys: file.key_names(),
        hooks: file.hook_names(),
        ..FileResult::default()
    }
}

/// A note or a warning about an edited file, without its path.
#[derive(Debug, Clone, PartialEq, Eq, Hash)]
pub(super) enum EditNotice {
    Note(String),
    Warning(String),
}

/// Notices about many files, the same ones together; `None` if each is printed at once.
pub(super) type NoticeGroups = Option<Groups<EditNotice>>;

impl From<OutcomeNotice> for EditNotice {
    fn from(notice: OutcomeNotice) -> Self {
        match notice {
            OutcomeNotice::Note(text) => Self::Note(text),
            OutcomeNotice::Warning(text) => Self::Warning(text),
        }
    }
}

impl EditNotice {
    /// Prints the notice, or adds it to the groups.
    pub(super) fn report(self, out: &mut Output, path: &Path, groups: &mut NoticeGroups) {
        let path = path.display().to_string();
        match groups {
            Some(groups) => groups.add(self, &path),
            None => self.print(out, &path),
        }
    }

    fn print(&self, out: &mut Output, about: &str) {
        match self {
            Self::Note(text) => out.note(&format!("{about}: {text}")),
            Self::Warning(text) => out.warning(&format!("{about}: {text}")),
        }
    }
}

/// Prints the notices that were grouped, each with the number of files and a few of them.
pub(super) fn print_groups(out: &mut Output, groups: NoticeGroups) {
    let groups = groups.unwrap_or_default();
    for (notice, group) in groups.in_order() {
        match group.files() {
            1 => notice.print(out, &group.named()),
            files => notice.print(out, &format!("{files} files ({})", group.named())),
        }
    }
    if groups.others() > 0 {
        let others = count(groups.others(), "more message");
        out.note(&format!("{others}; to print each, pass `-v`"));
    }
}

/// Returns the warnings if an edit makes MicroSIP use no account, or overwrite one.
fn lost_accounts(outcome: &Outcome) -> Vec<String> {
    // With an `accountId`, MicroSIP does neither.
    let id = Profile::new(outcome.plan.after()).entry(SETTINGS, "accountId");
    if id.is_some_and(|id| !id.is_empty()) {
        return Vec::new();
    }
    static SELECTION: LazyLock<Option<Selection>> = LazyLock::new(|| {
        Selection::new(&["missing-account-id", "account-overwritten-at-start"], &[]).ok()
    });
    let Some(selection) = &*SELECTION else { return Vec::new() };
    let found = |document: &Document| {
        let microsip = locate::written_by(document).unwrap_or(Version::NEWEST);
        let by = Check { selection, ..Check::new(microsip) };
        validate::check(document, by)
    };
    let after = found(outcome.plan.after());
    if after.is_empty() {
        return Vec::new();
    }
    let before = found(&outcome.before);
    let is_new = |finding: &&Finding| !before.iter().any(|it| it.rule() == finding.rule());
    let warning = |finding: &Finding| {
        let message = finding.message();
        format!("{message}; set `Settings.accountId`, for example to `1`")
    };
    after.iter().filter(is_new).map(warning).collect()
}

/// Returns the notes and warnings about an edit.
pub(super) fn notices(outcome: &Outcome) -> Vec<EditNotice> {
    let mut notices: Vec<_> = outcome.notices().into_iter().map(EditNotice::from).collect();
    if outcome.state != State::Unchanged {
        notices.extend(lost_accounts(outcome).into_iter().map(EditNotice::Warning));
    }
    notices
}
