//! Flags that several commands share, each converted once to the type of the library.

use std::num::NonZero;
use std::path::{Path, PathBuf};
use std::thread;
use std::time::Duration;

use anstream::ColorChoice;
use clap::builder::{PossibleValuesParser, TypedValueParser as _};
use clap::{ArgAction, Args, ValueEnum};

use super::config::Config;
use super::error::CliError;
use super::targets::TargetFlags;
use microsip_schema::Version;
use msipctl_core::apply::{self, IfRunning, Running};
use msipctl_core::diff::Secrets;
use msipctl_core::fleet::{Target, Targets};
use msipctl_core::locate;
use msipctl_core::phone;
use msipctl_core::plan::EncodingPolicy;
use msipctl_core::store::{BackupPolicy, Durability};
use msipctl_host::process;
use winini::{CodePage, Document};

/// Flags of every command.
#[derive(Debug, Args)]
#[command(next_help_heading = "Output")]
pub(super) struct GlobalFlags {
    /// Output format
    #[arg(
        long,
        global = true,
        value_enum,
        default_value_t,
        value_name = "FORMAT",
        hide_possible_values = true
    )]
    pub(super) format: Format,

    /// When to use colors
    #[arg(
        long,
        global = true,
        value_enum,
        default_value_t,
        value_name = "WHEN",
        hide_short_help = true
    )]
    pub(super) color: Color,

    /// List every file, and log each step to stderr (repeatable)
    ///
    /// Without it, a run over many files prints groups of equal results.
    #[arg(short, long, global = true, action = ArgAction::Count)]
    pub(super) verbose: u8,
}

/// A form of output.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, ValueEnum)]
pub(super) enum Format {
    /// Text for a terminal
    #[default]
    Human,
    /// One JSON document
    Json,
    /// One JSON object per line, and a summary as the last line
    Ndjson,
    /// SARIF 2.1.0, for code scanning
    Sarif,
    /// JUnit XML, with one suite per file and one case per rule
    Junit,
    /// Annotations for GitHub workflows
    Github,
    /// One Markdown table per file
    Markdown,
    /// One HTML page for a browser
    Html,
}

impl Format {
    /// The formats that every command supports.
    pub(super) const COMMON: &[Self] = &[Self::Human, Self::Json, Self::Ndjson];

    /// Returns whether it is a format for findings.
    pub(super) fn is_for_findings(self) -> bool {
        !Self::COMMON.contains(&self)
    }

    /// Returns the formats that a command supports, by the names of the command and the commands above it.
    pub(super) fn of_command(path: &[&str]) -> &'static [Self] {
        match path {
            ["audit" | "check"] | ["report", "merge"] => Self::value_variants(),
            _ => Self::COMMON,
        }
    }

    /// Returns the `--format` flag of a command that supports these formats.
    pub(super) fn flag(formats: &'static [Self]) -> clap::Arg {
        let values = formats.iter().filter_map(ValueEnum::to_possible_value);
        let parser = PossibleValuesParser::new(values).try_map(|name| Self::from_str(&name, false));
        clap::Arg::new("format")
            .long("format")
            .value_name("FORMAT")
            .value_parser(parser)
            .default_value("human")
            .help_heading("Output")
            .help("Output format")
    }

    /// Returns its name on the command line.
    pub(super) fn name(self) -> String {
        self.to_possible_value().map(|value| value.get_name().to_owned()).unwrap_or_default()
    }
}

/// Which configuration.
#[derive(Debug, Args)]
pub(super) struct ConfigFlags {
    /// Configuration file [default: the nearest msipctl.toml]
    ///
    /// msipctl looks for msipctl.toml in the current folder and the folders above it. If there is none, it uses your
    /// user configuration.
    #[arg(long, value_name = "FILE", hide_short_help = true)]
    config: Option<PathBuf>,
}

impl ConfigFlags {
    /// Reads the configuration.
    pub(super) fn config(&self) -> Result<Config, CliError> {
        Config::nearest(self.config.as_deref())
    }
}

/// When to use colors.
#[derive(Debug, Clone, Copy, Default, ValueEnum)]
pub(super) enum Color {
    /// On terminals, unless NO_COLOR is set
    #[default]
    Auto,
    /// Always, also in pipes
    Always,
    /// Never
    Never,
}

impl Color {
    /// Makes it the choice of all output from now on.
    pub(super) fn write_global(self) {
        let choice = match self {
            Self::Auto => ColorChoice::Auto,
            Self::Always => ColorChoice::Always,
            Self::Never => ColorChoice::Never,
        };
        choice.write_global();
    }
}

/// Which files.
#[derive(Debug, Clone, Args)]
#[command(next_help_heading = "Files")]
pub(super) struct FileFlags {
    #[command(flatten)]
    targets: TargetFlags,

    /// Number of files to process in parallel [default: number of CPUs]
    #[arg(long, value_name = "N", hide_short_help = true)]
    jobs: Option<NonZero<usize>>,

    #[command(flatten)]
    code_page: CodePageFlags,
}

/// Which code page.
#[derive(Debug, Clone, Args)]
#[command(next_help_heading = "Files")]
pub(super) struct CodePageFlags {
    /// Windows code page of files in a legacy encoding [default: detected]
    ///
    /// Applies to files that have no byte order mark and aren't UTF-8. The default is the system's ANSI code page on
    /// Windows, and 1252 on other systems.
    #[arg(long, value_name = "NUMBER", value_parser = code_page, hide_short_help = true)]
    ansi_code_page: Option<CodePage>,
}

impl CodePageFlags {
    /// Returns the code page of `--ansi-code-page`, or the system's.
    pub(super) fn code_page(&self) -> CodePage {
        let of_system = || process::ansi_code_page(msipctl_windows::system());
        self.ansi_code_page.or_else(of_system).unwrap_or(CodePage::WESTERN)
    }
}

impl FileFlags {
    /// Returns the files, at least one, each once.
    pub(super) fn targets(&self) -> Result<Targets, CliError> {
        self.targets.targets()
    }

    /// Returns the files that exist as far as msipctl knows, each once.
    pub(super) fn present_targets(&self) -> Result<Targets, CliError> {
        self.targets.present_targets()
    }

    /// Splits the arguments that aren't flags into names, for which `is_name` returns `true`, and files. Returns the names,
    /// and the flags with the files alone.
    ///
    /// # Errors
    ///
    /// When an argument isn't valid Unicode.
    pub(super) fn split(
        &self,
        note: &mut dyn FnMut(&str),
        is_name: impl Fn(&str) -> bool,
    ) -> Result<(Vec<String>, Self), CliError> {
        let (names, targets) = self.targets.split(note, is_name)?;
        Ok((names, Self { targets, ..self.clone() }))
    }

    /// Returns the files, all of which must exist.
    pub(super) fn files(&self) -> Result<Vec<Target>, CliError> {
        let targets = self.targets()?;
        let path = |target: &Target| match target.error() {
            Some(error) => Err(CliError::of_target(target, error)),
            None => Ok(target.clone()),
        };
        targets.list().iter().map(path).collect()
    }

    /// Returns the inventories that list files.
    pub(super) fn inventories(&self) -> &[PathBuf] {
        self.targets.inventories()
    }

    /// Returns how many of `files` files are processed in parallel.
    pub(super) fn jobs(&self, files: usize) -> NonZero<usize> {
        // Counting CPUs takes time, and doesn't matter for one file.
        let count = || (files > 1).then(thread::available_parallelism)?.ok();
        self.jobs.or_else(count).unwrap_or(NonZero::<usize>::MIN)
    }

    /// Returns whether any file is selected.
    pub(super) fn are_named(&self) -> bool {
        self.targets.are_named()
    }

    /// Returns the code page of files in a legacy encoding.
    pub(super) fn code_page(&self) -> CodePage {
        self.code_page.code_page()
    }
}

/// Whether secrets are shown.
#[derive(Debug, Args)]
#[command(next_help_heading = "Output")]
pub(super) struct SecretFlags {
    /// Show passwords and other secrets
    #[arg(long)]
    reveal: bool,
}

impl SecretFlags {
    pub(super) fn secrets(&self) -> Secrets<'static> {
        if self.reveal { Secrets::Revealed } else { Secrets::Masked }
    }
}

/// Which MicroSIP version.
#[derive(Debug, Args)]
#[command(next_help_heading = "Files")]
pub(super) struct VersionFlags {
    /// Target MicroSIP version, such as 3.22.3 [default: detected]
    ///
    /// Detection order: the program that reads the file, the version that wrote the file, the newest known version.
    #[arg(long, value_name = "VERSION")]
    pub(super) microsip: Option<Version>,
}

/// A target MicroSIP version, and where it comes from.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct TargetVersion {
    pub(super) microsip: Version,
    why: VersionSource,
}

/// Where a target version comes from.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum VersionSource {
    Asked,
    Configured,
    Program,
    Written,
    Newest,
}

impl VersionFlags {
    /// Returns the target version for a file.
    pub(super) fn target_version(&self, path: &Path, document: &Document) -> TargetVersion {
        self.target_version_or(None, path, document)
    }

    /// Returns the target version for a file, which a configuration may set.
    pub(super) fn target_version_or(
        &self,
        configured: Option<Version>,
        path: &Path,
        document: &Document,
    ) -> TargetVersion {
        // Only Windows can report the version of a program next to the file.
        let of_program = || match cfg!(windows) {
            true => locate::version_of(msipctl_windows::system(), path),
            false => None,
        };
        let asked =
            self.microsip.map(|microsip| TargetVersion { microsip, why: VersionSource::Asked });
        asked
            .or_else(|| {
                Some(TargetVersion { microsip: configured?, why: VersionSource::Configured })
            })
            .or_else(|| {
                Some(TargetVersion { microsip: of_program()?, why: VersionSource::Program })
            })
            .unwrap_or_else(|| Self::written(locate::written_by(document)))
    }

    /// Returns the target version by the content of the file alone, because scripts read one key after another.
    pub(super) fn target_version_quickly(&self, document: &Document) -> TargetVersion {
        match self.microsip {
            Some(microsip) => TargetVersion { microsip, why: VersionSource::Asked },
            None => Self::written(locate::written_by(document)),
        }
    }

    /// Returns the version of `--microsip`, or the newest, for commands that read no file.
    pub(super) fn asked(&self) -> Version {
        self.microsip.unwrap_or(Version::NEWEST)
    }

    fn written(by: Option<Version>) -> TargetVersion {
        match by {
            Some(microsip) => TargetVersion { microsip, why: VersionSource::Written },
            None => TargetVersion { microsip: Version::NEWEST, why: VersionSource::Newest },
        }
    }
}

impl TargetVersion {
    /// Describes the version and its origin for users, unless it is the newest.
    pub(super) fn notice(self) -> Option<String> {
        let why = match self.why {
            VersionSource::Asked => "",
            VersionSource::Configured => ", set in the configuration",
            VersionSource::Program => ", which reads the file",
            VersionSource::Written => ", recorded in the file",
            VersionSource::Newest => return None,
        };
        let is_newest = self.microsip == Version::NEWEST;
        (!is_newest).then(|| format!("MicroSIP {}{why}", self.microsip))
    }
}

/// How to write.
#[derive(Debug, Args)]
#[command(next_help_heading = "Writing")]
pub(super) struct WriteFlags {
    /// Show what would change, and write nothing
    #[arg(short = 'n', long)]
    dry_run: bool,

    /// Show changes as a unified diff
    #[arg(long)]
    pub(super) diff: bool,

    /// Create the file and its folders if they are missing
    #[arg(long)]
    create: bool,

    /// Stop after N changed files
    ///
    /// Processes the files one after the other. With --dry-run, stops after N files that would change.
    #[arg(long, visible_alias = "canary", value_name = "N")]
    pub(super) limit: Option<NonZero<usize>>,

    #[command(flatten)]
    running: RunningFlags,

    /// How to handle the encoding of the file
    #[arg(long, value_enum, default_value_t, value_name = "POLICY", hide_short_help = true)]
    encoding: Encoding,

    /// When to flush writes to disk
    ///
    /// In either mode, a crash leaves each file complete, and each new version has a backup.
    #[arg(long, value_enum, default_value_t, value_name = "WHEN", hide_short_help = true)]
    durability: When,

    /// Stop after N failed files
    ///
    /// Finishes the files in progress and lists the rest as skipped.
    #[arg(long, value_name = "N", hide_short_help = true)]
    pub(super) max_failures: Option<NonZero<usize>>,

    /// Time to wait for another msipctl that writes the same file
    #[arg(long, value_name = "SECONDS", default_value_t = 30, hide_short_help = true)]
    lock_timeout: u64,

    /// Folder for backups [default: `.msipctl` next to the file]
    #[arg(long, value_name = "DIR", help_heading = "Backups", hide_short_help = true)]
    backup_dir: Option<PathBuf>,

    /// Don't create a backup
    #[arg(long, conflicts_with = "backup_dir", help_heading = "Backups", hide_short_help = true)]
    no_backup: bool,

    /// Number of backups to keep per file
    #[arg(long, value_name = "N", default_value_t = 20, value_parser = keep, help_heading = "Backups", hide_short_help = true)]
    keep: usize,
}

/// What to do if MicroSIP is running.
#[derive(Debug, Args)]
#[command(next_help_heading = "Writing")]
pub(super) struct RunningFlags {
    /// If MicroSIP is running: fail, wait, exit, or restart
    ///
    /// Applies if MicroSIP uses the file. It overwrites the file when it exits, so a change made while it runs would be lost. `fail` writes nothing.
    /// `wait` waits until MicroSIP exits, 60 s by default, or as long as `wait=SECONDS` sets. `exit` makes MicroSIP exit. `restart` also starts it again.
    #[arg(long, value_name = "POLICY", default_value = "fail", value_parser = if_running)]
    if_running: IfRunning,
}

impl RunningFlags {
    /// Returns the policy with the system and the programs of this machine.
    pub(super) fn running(&self) -> Running {
        Running::new(self.if_running, msipctl_windows::system(), phone::phone())
    }
}

/// A policy for encodings, as typed.
#[derive(Debug, Clone, Copy, Default, ValueEnum)]
enum Encoding {
    /// Keep encodings that MicroSIP reads correctly, convert others to UTF-16LE
    #[default]
    Auto,
    /// Never convert
    Keep,
    /// Convert to UTF-16LE with a byte order mark
    #[value(name = "utf-16le")]
    Utf16le,
}

/// When to flush, as typed.
#[derive(Debug, Clone, Copy, Default, ValueEnum)]
enum When {
    /// Flush each file before the next one
    #[default]
    Full,
    /// Flush many files together; faster, but a crash can revert the last few hundred files
    Batch,
}

impl From<Encoding> for EncodingPolicy {
    fn from(encoding: Encoding) -> Self {
        match encoding {
            Encoding::Auto => Self::Auto,
            Encoding::Keep => Self::Keep,
            Encoding::Utf16le => Self::Utf16Le,
        }
    }
}

/// Returns the encoding policy with this name.
pub(super) fn encoding_named(name: &str) -> Option<EncodingPolicy> {
    Encoding::from_str(name, false).ok().map(EncodingPolicy::from)
}

impl WriteFlags {
    /// Returns the name of the encoding policy.
    pub(super) fn encoding_name(&self) -> String {
        let value = self.encoding.to_possible_value();
        value.map(|value| value.get_name().to_owned()).unwrap_or_default()
    }

    /// Returns whether nothing is written.
    pub(super) fn is_dry_run(&self) -> bool {
        self.dry_run
    }

    /// Returns whether missing files are created.
    pub(super) fn creates(&self) -> bool {
        self.create
    }

    /// Returns how long to wait for another msipctl that writes the same file.
    pub(super) fn lock_timeout(&self) -> Duration {
        Duration::from_secs(self.lock_timeout)
    }

    /// Returns when writes are flushed.
    pub(super) fn durability(&self) -> Durability {
        match self.durability {
            When::Full => Durability::Full,
            When::Batch => Durability::Batch,
        }
    }

    /// Returns the options of the pipeline. `command` names the command and its keys, never a value.
    pub(super) fn options(&self, files: &FileFlags, command: String) -> apply::Options {
        apply::Options {
            dry_run: self.dry_run,
            create: self.create,
            wait: self.lock_timeout(),
            running: self.running.running(),
            code_page: files.code_page(),
            encoding: self.encoding.into(),
            backup: if self.no_backup {
                BackupPolicy::None
            } else {
                BackupPolicy::Keep { dir: self.backup_dir.clone(), keep: self.keep }
            },
            ..apply::Options::new(command)
        }
    }
}

fn code_page(text: &str) -> Result<CodePage, String> {
    let page = text.parse().ok().and_then(CodePage::new);
    page.ok_or_else(|| {
        "expected a Windows ANSI code page: 874, 932, 936, 949, 950, 1250 to 1258, or 65001"
            .to_owned()
    })
}

/// How many seconds `--if-running wait` waits by default.
const WAIT: u64 = 60;

fn if_running(text: &str) -> Result<IfRunning, String> {
    let wait = |seconds| IfRunning::Wait(Duration::from_secs(seconds));
    match (text, text.strip_prefix("wait=")) {
        ("fail", _) => Ok(IfRunning::Fail),
        ("exit", _) => Ok(IfRunning::Exit),
        ("restart", _) => Ok(IfRunning::Restart),
        ("wait", _) => Ok(wait(WAIT)),
        (_, Some(seconds)) => {
            let seconds = seconds.parse().map_err(|_| "expected whole seconds after `wait=`")?;
            Ok(wait(seconds))
        }
        _ => Err("expected `fail`, `wait`, `wait=SECONDS`, `exit`, or `restart`".to_owned()),
    }
}

/// Parses a number of backups to keep, at least 1.
pub(super) fn keep(text: &str) -> Result<usize, String> {
    match text.parse() {
        Ok(0) => Err("expected at least 1".to_owned()),
        Ok(keep) => Ok(keep),
        Err(_) => Err("expected a number".to_owned()),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn if_running_values_are_parsed() {
        assert_eq!(if_running("fail"), Ok(IfRunning::Fail));
        assert_eq!(if_running("wait"), Ok(IfRunning::Wait(Duration::from_secs(60))));
        assert_eq!(if_running("wait=5"), Ok(IfRunning::Wait(Duration::from_secs(5))));
        assert_eq!(if_running("exit"), Ok(IfRunning::Exit));
        assert_eq!(if_running("restart"), Ok(IfRunning::Restart));
        for wrong in ["", "kill", "wait=", "wait=-1", "wait=1s", "exit=3", "Fail"] {
            assert!(if_running(wrong).unwrap_err().starts_with("expected"), "{wrong}");
        }
    }
}
