//! Finds the MicroSIP that a command is for.

use std::path::{Path, PathBuf};

use crate::locate::{self, Error, Found, Search};
use microsip_schema::Version;
use msipctl_windows::{Process, System};

/// The product name of builds that aren't branded.
const MICROSIP: &str = "MicroSIP";

/// Selects a MicroSIP.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum InstanceSelector {
    /// The MicroSIP of this program.
    Program(PathBuf),
    /// The MicroSIP that reads this MicroSIP.ini.
    Ini(PathBuf),
    /// All running MicroSIPs, or all installed and portable ones if none is running.
    Any,
}

/// A MicroSIP that can be controlled.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Target {
    /// The program.
    pub program: PathBuf,
    /// The product name, which is also the class name of the window.
    pub product: String,
    /// The version, if known.
    pub version: Option<Version>,
    /// The path of its MicroSIP.ini, if known.
    pub ini: Option<PathBuf>,
    /// The running processes of the program.
    pub processes: Vec<Process>,
}

/// Returns the selected MicroSIPs, each program once. Returns a program that is selected by its path even if it
/// doesn't exist.
///
/// # Errors
///
/// If the system can't be queried ([`Error::is_unsupported`] if it isn't Windows).
pub fn targets(system: &dyn System, selector: &InstanceSelector) -> Result<Vec<Target>, Error> {
    let found = locate::find(system, &Search::default())?;
    match selector {
        InstanceSelector::Program(program) => Ok(vec![target(system, program.clone(), &found)?]),
        InstanceSelector::Ini(ini) => {
            let mut target = target(system, program_of(system, ini, &found)?, &found)?;
            target.ini = Some(ini.clone());
            Ok(vec![target])
        }
        InstanceSelector::Any => any(system, &found),
    }
}

impl Target {
    /// Returns a target of which only the program is known.
    pub fn unknown(program: PathBuf) -> Self {
        Self {
            program,
            product: MICROSIP.to_owned(),
            version: None,
            ini: None,
            processes: Vec::new(),
        }
    }
}

fn any(system: &dyn System, found: &[Found]) -> Result<Vec<Target>, Error> {
    // A MicroSIP that was never set up has no MicroSIP.ini yet.
    let is_microsip = |process: &Process| {
        let stem = Path::new(&process.name).file_stem();
        stem.is_some_and(|stem| stem.eq_ignore_ascii_case(MICROSIP))
    };
    let nameless = system.processes()?.into_iter().filter(is_microsip);
    let nameless = nameless.filter_map(|process| process.program);
    let programs = found.iter().filter_map(|found| found.program.clone()).chain(nameless);
    let mut targets: Vec<Target> = Vec::new();
    for program in programs {
        if !targets.iter().any(|other| locate::same_file(&other.program, &program)) {
            targets.push(target(system, program, found)?);
        }
    }
    if targets.iter().any(|target| !target.processes.is_empty()) {
        targets.retain(|target| !target.processes.is_empty());
    }
    Ok(targets)
}

fn target(system: &dyn System, program: PathBuf, found: &[Found]) -> Result<Target, Error> {
    let is_its = |found: &&Found| {
        found.program.as_deref().is_some_and(|other| locate::same_file(other, &program))
    };
    let its = found.iter().find(is_its);
    let numbers = system.program_version(&program).ok().flatten();
    let version = numbers.map(|[major, minor, patch, _]| Version::new(major, minor, patch));
    let processes = locate::running_from(system, &program)?;
    Ok(Target {
        product: its.map_or(MICROSIP, |found| &found.product).to_owned(),
        version: version.or_else(|| its?.version),
        ini: its.map(|found| found.path.clone()),
        processes,
        program,
    })
}

/// Returns the program that reads a MicroSIP.ini: a running one, one that was found with it, or the default
/// program next to it.
fn program_of(system: &dyn System, ini: &Path, found: &[Found]) -> Result<PathBuf, Error> {
    let running = locate::running(system, ini)?;
    if let Some(program) = running.into_iter().find_map(|process| process.program) {
        return Ok(program);
    }
    let its = found.iter().find(|found| locate::same_file(&found.path, ini));
    let program = its.and_then(|found| found.program.clone());
    Ok(program.unwrap_or_else(|| ini.with_extension("exe")))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::locate::fake::{Fake, write};

    /// Returns a folder with these programs, each with its MicroSIP.ini.
    fn disk(stems: &[&str]) -> tempfile::TempDir {
        let disk = tempfile::tempdir().unwrap();
        for stem in stems {
            write(&disk.path().join(format!("{stem}.exe")), "");
            write(&disk.path().join(format!("{stem}.ini")), "[Settings]\r\n");
        }
        disk
    }

    /// Checks the names of the selected programs and the number of processes of each.
    #[track_caller]
    fn check(
        system: &Fake,
        selector: &InstanceSelector,
        expected: &[(&str, usize)],
    ) -> Vec<Target> {
        let targets = targets(system, selector).unwrap();
        let name = |target: &Target| target.program.file_name().unwrap().to_owned();
        let shown: Vec<_> =
            targets.iter().map(|target| (name(target), target.processes.len())).collect();
        let expected: Vec<_> =
            expected.iter().map(|(name, count)| ((*name).into(), *count)).collect();
        assert_eq!(shown, expected);
        targets
    }

    #[test]
    fn running_program_takes_precedence_over_installed_one() {
        let disk = disk(&["MicroSIP", "Reception"]);
        let path = |name: &str| disk.path().join(name);
        let system = Fake::default().version(&path("Reception.exe"), [3, 20, 5, 0]);
        let runs = |system: Fake, name: &str, id| system.process(id, &path(name).to_string_lossy());
        let one = runs(system, "Reception.exe", 7);
        let targets = check(&one, &InstanceSelector::Any, &[("Reception.exe", 1)]);
        assert_eq!(targets[0].version, Some(Version::new(3, 20, 5)));
        assert_eq!(targets[0].ini, Some(path("Reception.ini")));
        let both = runs(one, "MicroSIP.exe", 8);
        let targets =
            check(&both, &InstanceSelector::Any, &[("Reception.exe", 1), ("MicroSIP.exe", 1)]);
        assert_eq!(targets[1].version, None);
    }

    #[test]
    fn selected_program_does_not_have_to_be_running() {
        let disk = disk(&["MicroSIP", "Reception"]);
        let path = |name: &str| disk.path().join(name);
        let system = Fake::default().process(7, &path("Reception.exe").to_string_lossy());
        check(&system, &InstanceSelector::Program(path("MicroSIP.exe")), &[("MicroSIP.exe", 0)]);
        check(&system, &InstanceSelector::Ini(path("MicroSIP.ini")), &[("MicroSIP.exe", 0)]);
        check(&system, &InstanceSelector::Ini(path("Reception.ini")), &[("Reception.exe", 1)]);
        check(&system, &InstanceSelector::Program(path("none.exe")), &[("none.exe", 0)]);
        check(&Fake::default(), &InstanceSelector::Any, &[]);
    }

    #[test]
    fn running_program_without_ini_matches_by_name() {
        let system =
            Fake::default().process(7, r"D:\new\MICROSIP.EXE").process(8, r"C:\x\other.exe");
        let targets = targets(&system, &InstanceSelector::Any).unwrap();
        assert_eq!(targets.len(), 1);
        assert_eq!((targets[0].processes[0].id, targets[0].ini.as_deref()), (7, None));
    }

    #[test]
    fn phone_target_search_is_unsupported_outside_windows() {
        if cfg!(not(windows)) {
            let error = targets(msipctl_windows::system(), &InstanceSelector::Any).unwrap_err();
            assert!(error.is_unsupported());
        }
    }
}
