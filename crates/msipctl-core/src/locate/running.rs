//! Which processes use an ini.

use std::io;
use std::path::Path;

use super::registry::is_installed;
use super::spelling::{Spelling, stem};
use msipctl_windows::{Folder, Process, System};

/// The product whose name every build had before somebody branded it.
const MICROSIP: &str = "MicroSIP";

/// Folders of a user's profile that hold the folders of products, each below the user's own folder.
const ROAMING: [&str; 2] = ["/appdata/roaming", "/application data"];

/// Returns the processes that use an ini, which need not exist.
///
/// A process uses the ini of its program's name: beside the program if it is portable; in the folder of the
/// product below `%APPDATA%` if it is installed. The folder the ini is in names the product then. Paths are
/// compared as Windows does, with links and short names followed where they exist.
///
/// In doubt a process counts, since what is written while MicroSIP runs is lost when it exits:
///
/// - A process whose program is not known counts if its name fits the name of the ini.
/// - Whose process it is is not asked. So an installed MicroSIP of another user counts for the ini of this
///   user. For the ini in another user's profile only a program inside that profile counts, be it portable
///   or not: any other could be anyone's.
///
/// # Errors
///
/// When the system refuses to list processes or to read the registry;
/// [`Unsupported`](io::ErrorKind::Unsupported) where there is no Windows to ask.
pub fn running(system: &dyn System, ini: &Path) -> io::Result<Vec<Process>> {
    among(system, &system.processes()?, ini)
}

/// Tells whether a process uses an ini, as [`running`] does.
///
/// # Errors
///
/// As [`running`].
pub fn is_used_by(system: &dyn System, ini: &Path, process: u32) -> io::Result<bool> {
    Ok(running(system, ini)?.iter().any(|user| user.id == process))
}

/// Returns the processes that run from a program, however its path is spelled.
///
/// # Errors
///
/// When the system refuses to list processes; [`Unsupported`](io::ErrorKind::Unsupported) where there is
/// no Windows to ask.
pub fn running_from(system: &dyn System, program: &Path) -> io::Result<Vec<Process>> {
    let program = Spelling::resolved(program);
    let runs = |process: &Process| {
        let other = process.program.as_deref();
        // Most processes end at their names, before the disk is asked.
        let other = other.filter(|other| Spelling::of(other).stem() == program.stem());
        other.is_some_and(|other| Spelling::resolved(other) == program)
    };
    Ok(system.processes()?.into_iter().filter(runs).collect())
}

/// Tells whether two paths lead to one file, as Windows compares them.
pub fn same_file(one: &Path, other: &Path) -> bool {
    Spelling::resolved(one) == Spelling::resolved(other)
}

/// Returns those of these processes that use an ini.
pub(super) fn among(
    system: &dyn System,
    processes: &[Process],
    ini: &Path,
) -> io::Result<Vec<Process>> {
    // A link to an ini is as much the ini of a program as what it leads to.
    let mut spellings = vec![Spelling::resolved(ini)];
    let named = match (ini.parent(), ini.file_name()) {
        (Some(folder), Some(name)) => Spelling::resolved(folder).join(&name.to_string_lossy()),
        _ => Spelling::of(ini),
    };
    if !spellings.contains(&named) {
        spellings.push(named);
    }
    let mut found = Vec::new();
    for process in processes {
        for ini in &spellings {
            if uses(system, process, ini)? {
                found.push(process.clone());
                break;
            }
        }
    }
    Ok(found)
}

fn uses(system: &dyn System, process: &Process, ini: &Spelling) -> io::Result<bool> {
    if !ini.name().ends_with(".ini") {
        return Ok(false);
    }
    let Some(program) = &process.program else {
        let name = process.name.to_string_lossy().to_lowercase();
        return Ok(name.ends_with(".exe") && stem(&name) == ini.stem());
    };
    // Most processes end here, before the disk and the registry are asked.
    if Spelling::of(program).stem() != ini.stem() {
        return Ok(false);
    }
    let program = Spelling::resolved(program);
    let (Some(home), Some(folder)) = (program.folder(), ini.folder()) else { return Ok(false) };
    if home == folder {
        return Ok(!is_installed_as_any(system, &program, &home)?);
    }
    let Some(above) = folder.folder() else { return Ok(false) };
    let own = system.folder(Folder::RoamingAppData).ok();
    if own.is_some_and(|own| Spelling::resolved(&own) == above) {
        return is_installed(system, folder.name(), &home);
    }
    Ok(profile(&above).is_some_and(|profile| program.is_below(&profile)))
}

/// Tells whether a program is installed by any of the names its product is likely to have.
pub(super) fn is_installed_as_any(
    system: &dyn System,
    program: &Spelling,
    home: &Spelling,
) -> io::Result<bool> {
    let microsip = MICROSIP.to_lowercase();
    let mut products = vec![microsip.as_str(), program.stem(), home.name()];
    products.dedup();
    for product in products {
        if is_installed(system, product, home)? {
            // An installed program of this name has its ini elsewhere, unless it lives there.
            let own = system.folder(Folder::RoamingAppData).ok();
            let place = own.map(|own| Spelling::resolved(&own).join(product));
            return Ok(place.as_ref() != Some(home));
        }
    }
    Ok(false)
}

/// Returns the profile of the user whose roaming folder this is.
fn profile(roaming: &Spelling) -> Option<Spelling> {
    ROAMING.iter().find_map(|end| roaming.without(end))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::locate::fake::{Fake, write};
    use msipctl_windows::{Hive, system};

    const OWN: &str = r"C:\Users\me\AppData\Roaming\MicroSIP\MicroSIP.ini";
    const FOREIGN: &str = r"C:\Users\X\AppData\Roaming\MicroSIP\MicroSIP.ini";

    fn fake() -> Fake {
        Fake::default().roaming(r"C:\Users\me\AppData\Roaming")
    }

    #[track_caller]
    fn check(system: &Fake, ini: &str, expected: &[u32]) {
        let found = running(system, Path::new(ini)).unwrap();
        let found: Vec<_> = found.iter().map(|process| process.id).collect();
        assert_eq!(found, expected, "{ini}");
    }

    #[test]
    fn portable_program_uses_ini_in_its_own_folder() {
        let system = fake()
            .process(1, r"C:\Phones\Reception.exe")
            .process(2, r"C:\Phones\MicroSIP.exe")
            .process(3, r"D:\Other\MicroSIP.exe");
        check(&system, r"c:\phones\RECEPTION.INI", &[1]);
        check(&system, r"\\?\C:\Phones\MicroSIP.ini", &[2]);
        check(&system, "d:/other/microsip.ini", &[3]);
        check(&system, OWN, &[]);
    }

    #[test]
    fn installed_program_uses_ini_in_the_roaming_folder() {
        for hive in [Hive::CurrentUser, Hive::LocalMachine] {
            let system = fake()
                .text(hive, r"Software\MicroSIP", None, r"c:\program files\microsip\")
                .process(1, r"C:\Program Files\MicroSIP\MicroSIP.exe")
                .process(2, r"C:\Program Files\MicroSIP\Reception.exe")
                .process(3, r"D:\MicroSIP\MicroSIP.exe");
            check(&system, OWN, &[1]);
            check(&system, r"C:\Users\me\AppData\Roaming\MicroSIP\Reception.ini", &[2]);
            check(&system, r"C:\Program Files\MicroSIP\MicroSIP.ini", &[]);
            check(&system, r"D:\MicroSIP\MicroSIP.ini", &[3]);
        }
    }

    #[test]
    fn branded_program_uses_ini_in_its_own_roaming_folder() {
        let system = fake()
            .text(Hive::CurrentUser, r"Software\LSPhone", None, r"C:\LSPhone")
            .process(1, r"C:\LSPhone\LSPhone.exe");
        check(&system, r"C:\Users\me\AppData\Roaming\LSPhone\LSPhone.ini", &[1]);
        check(&system, r"C:\LSPhone\LSPhone.ini", &[]);
    }

    #[test]
    fn uninstall_list_is_used_when_the_product_key_is_missing() {
        let key = r"SOFTWARE\Microsoft\Windows\CurrentVersion\Uninstall\{1}";
        let system = fake()
            .text(Hive::LocalMachine, key, Some("DisplayName"), "MicroSIP")
            .text(Hive::LocalMachine, key, Some("InstallLocation"), r"C:\MSI\")
            .process(1, r"C:\MSI\MicroSIP.exe");
        check(&system, OWN, &[1]);
        let system = system.text(Hive::CurrentUser, r"Software\MicroSIP", None, r"C:\Other");
        check(&system, OWN, &[]);
        check(&system, r"C:\MSI\MicroSIP.ini", &[1]);
    }

    #[test]
    fn user_registry_key_takes_precedence_over_machine_key() {
        let system = fake()
            .text(Hive::CurrentUser, r"Software\MicroSIP", None, r"C:\Mine")
            .text(Hive::LocalMachine, r"Software\MicroSIP", None, r"C:\All")
            .process(1, r"C:\All\MicroSIP.exe");
        check(&system, OWN, &[]);
        check(&system, r"C:\All\MicroSIP.ini", &[1]);
    }

    #[test]
    fn process_with_unknown_path_matches_by_name() {
        let system = fake().unknown(7, "microsip.EXE").unknown(8, "explorer.exe");
        check(&system, OWN, &[7]);
        check(&system, r"X:\anywhere\MicroSIP.ini", &[7]);
        check(&system, r"X:\anywhere\Reception.ini", &[]);
    }

    #[test]
    fn ini_of_another_user_matches_only_programs_in_that_profile() {
        let system = fake()
            .text(Hive::LocalMachine, r"Software\MicroSIP", None, r"C:\All")
            .process(1, r"C:\All\MicroSIP.exe")
            .process(2, r"C:\Users\X\AppData\Local\MicroSIP\MicroSIP.exe");
        check(&system, FOREIGN, &[2]);
        check(&system, OWN, &[1]);
    }

    #[test]
    fn relative_paths_and_links_resolve_to_the_same_ini() {
        let folder = tempfile::tempdir().unwrap();
        let real = folder.path().join("real");
        write(&real.join("MicroSIP.ini"), "[Settings]");
        let program = real.join("MicroSIP.exe");
        let system = fake().process(1, &program.to_string_lossy());
        let ini = real.join("..").join("real").join("MicroSIP.ini");
        check(&system, &ini.to_string_lossy(), &[1]);
        #[cfg(unix)]
        {
            std::os::unix::fs::symlink(&real, folder.path().join("link")).unwrap();
            let ini = folder.path().join("link/MicroSIP.ini");
            check(&system, &ini.to_string_lossy(), &[1]);
            let ini = folder.path().join("other.ini");
            std::os::unix::fs::symlink(real.join("MicroSIP.ini"), &ini).unwrap();
            check(&system, &ini.to_string_lossy(), &[1]);
        }
    }

    #[test]
    fn missing_ini_still_matches_its_process() {
        let folder = tempfile::tempdir().unwrap();
        let system = fake().process(1, &folder.path().join("MicroSIP.exe").to_string_lossy());
        check(&system, &folder.path().join("MicroSIP.ini").to_string_lossy(), &[1]);
    }

    #[cfg(not(windows))]
    #[test]
    fn process_search_is_unsupported_outside_windows() {
        let error = running(system(), Path::new("MicroSIP.ini")).unwrap_err();
        assert_eq!(error.kind(), io::ErrorKind::Unsupported);
    }

    #[cfg(windows)]
    #[test]
    fn process_search_finds_the_current_process_on_windows() {
        let processes = system().processes().unwrap();
        let own = processes.into_iter().find(|process| process.id == std::process::id()).unwrap();
        let ini = own.program.as_ref().unwrap().with_extension("ini");
        assert!(running(system(), &ini).unwrap().contains(&own));
    }
}
