//! Flags that several commands share, each turned once into what the library takes.

use std::num::NonZero;
use std::path::{Path, PathBuf};
use std::thread;
use std::time::Duration;

use anstream::ColorChoice;
use clap::{ArgAction, Args, ValueEnum};

use super::config::Config;
use super::error::CliError;
use super::process;
use super::targets::TargetFlags;
use microsip_schema::Version;
use msipctl_core::apply::{self, IfRunning, Running};
use msipctl_core::diff::Secrets;
use msipctl_core::fleet::{Target, Targets};
use msipctl_core::locate;
use msipctl_core::phone;
use msipctl_core::plan::EncodingPolicy;
use msipctl_core::store::{BackupPolicy, Durability};
use winini::{CodePage, Document};

/// Flags of every command.
#[derive(Debug, Args)]
#[command(next_help_heading = "Output")]
pub(super) struct GlobalFlags {
    /// Form of the output
    #[arg(long, global = true, value_enum, default_value_t, value_name = "FORMAT")]
    pub(super) format: Format,

    /// When to use colours
    #[arg(long, global = true, value_enum, default_value_t, value_name = "WHEN")]
    pub(super) color: Color,

    /// Say on stderr what is done, step by step
    #[arg(short, long, global = true, action = ArgAction::Count)]
    pub(super) verbose: u8,
}

/// A form of output.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, ValueEnum)]
pub(super) enum Format {
    /// For people
    #[default]
    Human,
    /// One JSON document
    Json,
    /// One JSON object a line, then one with a summary
    Ndjson,
    /// SARIF 2.1.0, for code scanning; like the next ones for findings only
    Sarif,
    /// JUnit XML: one suite a file, one case a rule
    Junit,
    /// Annotations of GitHub's workflows
    Github,
    /// A Markdown table a file
    Markdown,
    /// One HTML page to look at, of `audit`
    Html,
}

impl Format {
    /// Says whether it is one for findings only.
    pub(super) fn is_for_findings(self) -> bool {
        !matches!(self, Self::Human | Self::Json | Self::Ndjson)
    }

    /// Returns its name on the command line.
    pub(super) fn name(self) -> String {
        self.to_possible_value().map(|value| value.get_name().to_owned()).unwrap_or_default()
    }
}

/// Which configuration.
#[derive(Debug, Args)]
pub(super) struct ConfigFlags {
    /// Configuration to go by, instead of the nearest msipctl.toml in this folder and those above it, or else
    /// the user's
    #[arg(long, value_name = "FILE")]
    config: Option<PathBuf>,
}

impl ConfigFlags {
    /// Reads the configuration.
    pub(super) fn config(&self) -> Result<Config, CliError> {
        Config::nearest(self.config.as_deref())
    }
}

/// When to use colours.
#[derive(Debug, Clone, Copy, Default, ValueEnum)]
pub(super) enum Color {
    /// On terminals, unless NO_COLOR is set
    #[default]
    Auto,
    /// Also into pipes
    Always,
    /// Not at all
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
#[derive(Debug, Args)]
pub(super) struct FileFlags {
    #[command(flatten)]
    targets: TargetFlags,

    /// How many files to work on at a time; as many as there are processors unless told otherwise
    #[arg(long, value_name = "N")]
    jobs: Option<NonZero<usize>>,

    #[command(flatten)]
    code_page: CodePageFlags,
}

/// Which code page.
#[derive(Debug, Args)]
pub(super) struct CodePageFlags {
    /// Windows code page of files without byte order mark that are not UTF-8; without it the system's,
    /// and 1252 elsewhere
    #[arg(long, value_name = "NUMBER", value_parser = code_page)]
    ansi_code_page: Option<CodePage>,
}

impl CodePageFlags {
    /// Returns the code page: the one named, or else the system's.
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

    /// Returns the files, where all must be there.
    pub(super) fn files(&self) -> Result<Vec<Target>, CliError> {
        let targets = self.targets()?;
        let path = |target: &Target| match target.error() {
            Some(error) => Err(CliError::of_target(target, error)),
            None => Ok(target.clone()),
        };
        targets.list().iter().map(path).collect()
    }

    /// Returns the inventories that name files.
    pub(super) fn inventories(&self) -> &[PathBuf] {
        self.targets.inventories()
    }

    /// Returns how many of so many files are worked on at a time.
    pub(super) fn jobs(&self, files: usize) -> NonZero<usize> {
        // Counting processors takes a while, and means nothing for one file.
        let count = || (files > 1).then(thread::available_parallelism)?.ok();
        self.jobs.or_else(count).unwrap_or(NonZero::<usize>::MIN)
    }

    /// Says whether any file is named.
    pub(super) fn are_named(&self) -> bool {
        self.targets.are_named()
    }

    /// Returns the code page of files that do not say what they are.
    pub(super) fn code_page(&self) -> CodePage {
        self.code_page.code_page()
    }
}

/// Whether secrets are shown.
#[derive(Debug, Args)]
pub(super) struct SecretFlags {
    /// Show passwords and other secrets as they are
    #[arg(long)]
    reveal: bool,
}

impl SecretFlags {
    pub(super) fn secrets(&self) -> Secrets<'static> {
        if self.reveal { Secrets::Revealed } else { Secrets::Masked }
    }
}

/// Which MicroSIP.
#[derive(Debug, Args)]
pub(super) struct VersionFlags {
    /// MicroSIP version to aim at, such as 3.22.3 or 3.19; without it the one of the program that reads the
    /// file, or the one that wrote the file, or the newest
    #[arg(long, value_name = "VERSION")]
    microsip: Option<Version>,
}

/// A MicroSIP version to aim at, and why that one.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct TargetVersion {
    pub(super) microsip: Version,
    why: VersionSource,
}

/// Why a version is aimed at.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum VersionSource {
    Asked,
    Configured,
    Program,
    Written,
    Newest,
}

impl VersionFlags {
    /// Finds the version to aim at in a file.
    pub(super) fn target_version(&self, path: &Path, document: &Document) -> TargetVersion {
        self.target_version_or(None, path, document)
    }

    /// The same where a configuration may name one.
    pub(super) fn target_version_or(
        &self,
        configured: Option<Version>,
        path: &Path,
        document: &Document,
    ) -> TargetVersion {
        // Elsewhere than on Windows, no program that lies beside the file can be asked.
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

    /// Finds the version to aim at in a file by what stands in it. Nothing else is asked, as scripts read one key
    /// after another.
    pub(super) fn target_version_quickly(&self, document: &Document) -> TargetVersion {
        match self.microsip {
            Some(microsip) => TargetVersion { microsip, why: VersionSource::Asked },
            None => Self::written(locate::written_by(document)),
        }
    }

    /// Returns the version that is asked for, or else the newest: where no file is looked at.
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
    /// Says for people which version it is and why, unless that is the newest.
    pub(super) fn notice(self) -> Option<String> {
        let why = match self.why {
            VersionSource::Asked => "",
            VersionSource::Configured => ", which the configuration names",
            VersionSource::Program => ", which reads the file",
            VersionSource::Written => ", which the file names",
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
    /// Show what would change and write nothing
    #[arg(short = 'n', long)]
    dry_run: bool,

    /// Show the change as a unified diff
    #[arg(long)]
    pub(super) diff: bool,

    /// Folder for backups instead of `.msipctl` beside the file
    #[arg(long, value_name = "DIR")]
    backup_dir: Option<PathBuf>,

    /// Keep no backup
    #[arg(long, conflicts_with = "backup_dir")]
    no_backup: bool,

    /// How many backups to keep for each file
    #[arg(long, value_name = "N", default_value_t = 20, value_parser = keep)]
    keep: usize,

    /// When what is written is flushed to disk. A crash leaves each file whole either way, and what is new with its backup
    #[arg(long, value_enum, default_value_t, value_name = "WHEN")]
    durability: When,

    /// What to do with the file's encoding
    #[arg(long, value_enum, default_value_t, value_name = "POLICY")]
    encoding: Encoding,

    /// Make the file if it is missing
    #[arg(long)]
    create: bool,

    /// Stop after so many files that failed; those in hand are ended, and the rest is listed as not done
    #[arg(long, value_name = "N")]
    pub(super) max_failures: Option<NonZero<usize>>,

    /// Only the first N files that change or, with --dry-run, would; one after the other
    #[arg(long, visible_alias = "canary", value_name = "N")]
    pub(super) limit: Option<NonZero<usize>>,

    /// How long to wait for another msipctl that is writing the same file
    #[arg(long, value_name = "SECONDS", default_value_t = 30)]
    lock_timeout: u64,

    #[command(flatten)]
    running: RunningFlags,
}

/// What a running MicroSIP means.
#[derive(Debug, Args)]
#[command(next_help_heading = "Writing")]
pub(super) struct RunningFlags {
    /// What to do when MicroSIP uses the file, which it overwrites when it exits: fail, wait[=SECONDS]
    /// for its end, tell it to exit, or restart it
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
    /// Keep what MicroSIP reads rightly, convert the rest to UTF-16LE
    #[default]
    Auto,
    /// Never convert
    Keep,
    /// Convert to UTF-16LE with byte order mark
    #[value(name = "utf-16le")]
    Utf16le,
}

/// When to flush, as typed.
#[derive(Debug, Clone, Copy, Default, ValueEnum)]
enum When {
    /// Each file before the next one is begun
    #[default]
    Full,
    /// Many files together, which waits for the disk less often; a crash may take back the last few hundred
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

/// Returns the policy for encodings of this name.
pub(super) fn encoding_named(name: &str) -> Option<EncodingPolicy> {
    Encoding::from_str(name, false).ok().map(EncodingPolicy::from)
}

impl WriteFlags {
    /// Returns the name of the policy for encodings.
    pub(super) fn encoding_name(&self) -> String {
        let value = self.encoding.to_possible_value();
        value.map(|value| value.get_name().to_owned()).unwrap_or_default()
    }

    /// Returns when what is written is flushed.
    pub(super) fn durability(&self) -> Durability {
        match self.durability {
            When::Full => Durability::Full,
            When::Batch => Durability::Batch,
        }
    }

    /// Returns what the pipeline takes. `command` names the command and its keys, never a value.
    pub(super) fn options(&self, files: &FileFlags, command: String) -> apply::Options {
        apply::Options {
            dry_run: self.dry_run,
            create: self.create,
            wait: Duration::from_secs(self.lock_timeout),
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
        "expected an ANSI code page of Windows: 874, 932, 936, 949, 950, 1250 to 1258, or 65001"
            .to_owned()
    })
}

/// How long `--if-running wait` waits when it does not say.
const WAIT: u64 = 60;

fn if_running(text: &str) -> Result<IfRunning, String> {
    let wait = |seconds| IfRunning::Wait(Duration::from_secs(seconds));
    match (text, text.strip_prefix("wait=")) {
        ("fail", _) => Ok(IfRunning::Fail),
        ("exit", _) => Ok(IfRunning::Exit),
        ("restart", _) => Ok(IfRunning::Restart),
        ("wait", _) => Ok(wait(WAIT)),
        (_, Some(seconds)) => {
            let seconds = seconds.parse().map_err(|_| "expected whole seconds behind `wait=`")?;
            Ok(wait(seconds))
        }
        _ => Err("expected fail, wait, wait=SECONDS, exit or restart".to_owned()),
    }
}

/// Reads a number of backups to keep, at least 1.
pub(super) fn keep(text: &str) -> Result<usize, String> {
    match text.parse() {
        Ok(0) => Err("expected 1 or more".to_owned()),
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
