//! What commands print: data on stdout in one of the formats, messages on stderr.
//!
//! A command passes a [`Report`], or its rows one by one. The formats know nothing about commands, and the reports know
//! nothing about streams. Only this module has serializable types.

/// Writes a part of a line for people.
macro_rules! put {
    ($out:expr, $($text:tt)+) => { $out.put(format_args!($($text)+)) };
}

/// Writes a line for people, or the rest of one.
macro_rules! putln {
    ($out:expr) => { $out.put_line(format_args!("")) };
    ($out:expr, $($text:tt)+) => { $out.put_line(format_args!($($text)+)) };
}

mod audit_list;
mod audit_rows;
mod audits;
mod backups;
mod captured;
mod change_groups;
mod changes;
mod compared;
mod count;
mod document;
mod duplicates;
mod edits;
mod engine_line;
mod explained;
mod files;
mod findings;
mod found;
mod github;
mod grouped;
mod guide;
mod hook_changes;
mod hooks;
mod html;
mod json;
mod junit;
mod keys;
mod locate;
mod markdown;
mod merged;
mod messages;
mod notes;
mod pages;
mod pending;
mod phones;
mod plans;
mod printer;
mod progress;
mod pushed;
mod report;
mod sarif;
mod schemas;
mod screen;
mod started;
mod templates;
mod trend;
mod wrap;

pub(super) use audit_list::AuditList;
pub(super) use audit_rows::AuditedFile;
pub(super) use audits::AuditReport;
pub(super) use backups::{BackupRow, BackupsReport, RunsReport, VerifyReport};
pub(super) use captured::CaptureReport;
pub(super) use compared::{ChangesReport, CompareOptions, ComparedFile, ComparedReport};
pub(super) use count::count;
pub(super) use edits::{BlockedRow, EditedFile, EditsReport};
pub(super) use engine_line::{EngineLine, print_refused_line};
pub(super) use explained::{ExplainReport, ExplainedRow};
pub(super) use files::FilesReport;
pub(super) use findings::{CheckedFile, FindingsReport};
pub(super) use hooks::{HookRow, HooksReport, MissingReport, MissingRow};
pub(super) use html::{Counts, Since as EarlierReport};
pub(super) use json::{JsonText, Rendered};
pub(super) use keys::{FileRow, KeyRow, ReadNow, SectionRow, ShowReport, ValueReport, ValueRow};
pub(super) use locate::LocateReport;
pub(super) use merged::Merged;
pub(super) use messages::{MessageRow, MessagesReport};
pub(super) use notes::{NoteRow, NotesReport};
pub(super) use pages::{ExitRow, PageRow, PagesReport, TopicRow, TopicsReport};
pub(super) use pending::{PendingReport, PendingRow};
pub(super) use phones::{PhoneCommandReport, PhoneCommandRow, StatusReport, StatusRow};
pub(super) use plans::{
    PlanHead, PlanReport, PlannedFile, SavedEdit, SavedFile, SavedPlan, SavedSecret, SavedSource,
};
pub(super) use printer::{Output, print_stderr, replaces_target};
pub(super) use pushed::{PushReport, PushState, PushedRow};
pub(super) use report::Report;
pub(super) use schemas::{inventory_schema, pending_schema, plan_schema, report_schema};
pub(super) use screen::shown;
pub(super) use started::{StartedReport, StartedRow};
pub(super) use templates::{
    IntegrationReport, ParameterRow, TemplateReport, TemplateRow, TemplatesReport,
};
pub(super) use trend::{AgainRow, Trend, TrendPoint};
