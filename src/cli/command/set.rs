//! `set`: values, checked against what MicroSIP reads.

use clap::Args;

use super::edit::edit_files;
use crate::cli::error::CliError;
use crate::cli::exit::Exit;
use crate::cli::flags::{FileFlags, VersionFlags, WriteFlags};
use crate::cli::name::assignment;
use crate::cli::output::Output;
use crate::plan::Desired;
use crate::schema::{self, Availability, Section, Version};

const EXAMPLES: &str = "\
Examples:
  msipctl set Settings.AA=1 Settings.DND=0 -i MicroSIP.ini --diff
  msipctl set Account1.domain=sip.example.com Settings.accountId=1 -i MicroSIP.ini";

/// Set values; several keys are one write
///
/// Keys and values are checked against what the MicroSIP aimed at reads.
#[derive(Debug, Args)]
#[command(after_help = EXAMPLES)]
pub(in crate::cli) struct Set {
    /// What to set; a name with a dot stands in double quotes
    #[arg(value_name = "SECTION.KEY=VALUE", required = true)]
    assignments: Vec<String>,

    /// Also write what the checks refuse
    #[arg(long)]
    force: bool,

    #[command(flatten)]
    files: FileFlags,

    #[command(flatten)]
    version: VersionFlags,

    #[command(flatten)]
    write: WriteFlags,
}

impl Set {
    pub(super) fn run(&self, out: &mut Output) -> Result<Exit, CliError> {
        let assignments: Vec<_> =
            self.assignments.iter().map(|text| assignment(text)).collect::<Result<_, _>>()?;
        let mut desired = Desired::new();
        let mut command = "set".to_owned();
        for (section, key, value) in &assignments {
            let (section, key) = spelled(section, key);
            command.push_str(&format!(" {section}.{key}"));
            desired = desired.set(&section, &key, value.clone(), "asked for");
        }
        let targets = self.files.targets()?;
        edit_files(out, &self.files, &targets, &self.write, command, |path, document| {
            if !self.force {
                let version = self.version.aim(path, document).microsip;
                assignments
                    .iter()
                    .try_for_each(|(section, key, value)| check(section, key, value, version))?;
            }
            Ok(desired.clone())
        })
    }
}

/// Refuses what MicroSIP would not read as it is meant.
fn check(section: &str, key: &str, value: &str, version: Version) -> Result<(), CliError> {
    let name = format!("{section}.{key}");
    if Section::of(section).is_none() {
        return Err(unknown_section(section));
    }
    let known = schema::find(section, key).ok_or_else(|| unknown(section, key))?;
    if known.is_legacy_account() && version >= ACCOUNTS {
        let message = format!("`{name}` is of the one account that MicroSIP 3.1.18 had");
        return Err(
            CliError::usage(message).hint(format!("`Account1.{}` is meant now", known.name()))
        );
    }
    match known.available(version) {
        Availability::NotBefore(since) => {
            let read = format!("is read from MicroSIP {since} on, not by {version}");
            return Err(refused(format!("`{name}` {read}")));
        }
        Availability::NotAfter(until) => {
            let heir = schema::renamed(section, key).map(|heir| format!("; its heir is `{heir}`"));
            let read = format!("is read up to MicroSIP {until}, not by {version}");
            return Err(refused(format!("`{name}` {read}{}", heir.unwrap_or_default())));
        }
        Availability::Yes | Availability::Fork(_) | Availability::Unread => {}
    }
    known.check(value, version).map_err(|error| refused(format!("`{name}`: {error}")))?;
    let (units, limit) = (value.encode_utf16().count(), known.limit(version));
    if units > limit {
        let cut = format!("MicroSIP {version} cuts it at {limit}");
        return Err(refused(format!("`{name}` has {units} UTF-16 units, and {cut}")));
    }
    Ok(())
}

fn unknown_section(section: &str) -> CliError {
    let expected = "Settings, Account1, Account2 and so on, or Shortcuts";
    let error =
        CliError::usage(format!("MicroSIP reads no section `[{section}]`, expected {expected}"));
    let nearness = |known: &Section| {
        strsim::jaro_winkler(&section.to_lowercase(), &known.label().to_lowercase())
    };
    let near = Section::ALL.into_iter().max_by(|a, b| nearness(a).total_cmp(&nearness(b)));
    match near.filter(|near| nearness(near) > 0.85) {
        Some(near) => error.hint(format!("did you mean `{}`?", near.label())),
        None => error.hint(FORCE),
    }
}

fn unknown(section: &str, key: &str) -> CliError {
    let error = CliError::usage(format!("MicroSIP reads no key `{key}` in `[{section}]`"));
    let places: Vec<_> = schema::sections_of(key).iter().map(|place| place.label()).collect();
    match schema::suggest(section, key) {
        _ if !places.is_empty() => {
            error.hint(format!("it stands in `[{}]`", places.join("]`, `[")))
        }
        Some(near) => error.hint(format!("did you mean `{}`?", near.name())),
        None => error.hint(FORCE),
    }
}

fn refused(message: String) -> CliError {
    CliError::usage(message).hint(FORCE)
}

/// The first version with sections of accounts.
const ACCOUNTS: Version = Version::new(3, 12, 1);

const FORCE: &str = "`--force` writes it all the same";

/// The names as MicroSIP spells them, for keys that are not in the file yet.
fn spelled(section: &str, key: &str) -> (String, String) {
    let known = schema::find(section, key).filter(|known| known.name().eq_ignore_ascii_case(key));
    let key = known.map_or(key, |known| known.name()).to_owned();
    let section = match (Section::of(section), schema::account_number(section)) {
        (_, Some(number)) => format!("Account{number}"),
        (Some(known), None) => known.label().to_owned(),
        (None, None) => section.to_owned(),
    };
    (section, key)
}
