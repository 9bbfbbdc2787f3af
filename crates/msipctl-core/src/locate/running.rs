//! Finds the processes that use a MicroSIP.ini.

use std::io;
use std::path::Path;

use super::registry::is_installed;
use super::spelling::{Spelling, stem};
use msipctl_windows::{Folder, Hive, Process, System};

/// The product name of builds that aren't branded.
const MICROSIP: &str = "MicroSIP";

/// The registry key with a key for each user, by SID.
const PROFILES: &str = r"SOFTWARE\Microsoft\Windows NT\CurrentVersion\ProfileList";

/// Folders in a user's profile that contain the folders of products.
const ROAMING: [&str; 2] = ["/appdata/roaming", "/application data"];

/// Returns the processes that use a MicroSIP.ini, even if the file doesn't exist.
///
/// A process uses the file that has the name of its program. If the program is portable, the file is in the same
/// folder. If it's installed, the file is in the folder of the product below `%APPDATA%`, and the name of that folder
/// is the name of the product. Paths are compared as Windows compares them, with existing links and short names resolved.
///
/// If in doubt, a process counts, because a change that is made while MicroSIP runs is lost when MicroSIP exits:
///
/// - A process whose program is unknown counts if its name matches the name of the file.
/// - An installed MicroSIP counts for the file of this user, unless the system shows that another user runs it.
/// - For a file in another user's profile, a program inside that profile counts, portable or not. Any other program counts
///   if the system shows that this user runs it, because otherwise it could belong to anyone.
///
/// Without the rights of an administrator, Windows shows neither the program nor the user of other users' processes.
///
/// # Errors
///
/// If the system refuses to list processes or to read the registry. The error is
/// [`Unsupported`](io::ErrorKind::Unsupported) if this system isn't Windows.
pub fn running(system: &dyn System, ini: &Path) -> io::Result<Vec<Process>> {
    among(system, &system.processes()?, ini)
}

/// Returns whether a process uses a MicroSIP.ini, as [`running`] determines it.
///
/// # Errors
///
/// Like [`running`].
pub fn is_used_by(system: &dyn System, ini: &Path, process: u32) -> io::Result<bool> {
    Ok(running(system, ini)?.iter().any(|user| user.id == process))
}

/// Returns the processes of a program, for any spelling of its path.
///
/// # Errors
///
/// If the system refuses to list processes. The error is [`Unsupported`](io::ErrorKind::Unsupported) if this system
/// isn't Windows.
pub fn running_from(system: &dyn System, program: &Path) -> io::Result<Vec<Process>> {
    let program = Spelling::resolved(program);
    let runs = |process: &Process| {
        let other = process.program.as_deref();
        // The name excludes most processes, so that their paths aren't resolved on the disk.
        let other = other.filter(|other| Spelling::of(other).stem() == program.stem());
        other.is_some_and(|other| Spelling::resolved(other) == program)
    };
    Ok(system.processes()?.into_iter().filter(runs).collect())
}

/// Returns whether two paths lead to the same file, as Windows compares them.
pub fn same_file(one: &Path, other: &Path) -> bool {
    Spelling::resolved(one) == Spelling::resolved(other)
}

/// Returns whether a path in a MicroSIP.ini, such as that of its launcher, leads to `file`. Like [`same_file`], but the path
/// isn't trusted: a relative path leads nowhere, and a path on a share is compared as text, so that nothing connects to
/// the server.
pub fn leads_to(untrusted: &Path, file: &Path) -> bool {
    let spelling = Spelling::of(untrusted);
    // The text decides most cases, before the disk is queried.
    if spelling == Spelling::of(file) {
        return true;
    }
    let own = Spelling::resolved(file);
    if spelling == own {
        return true;
    }
    // On other systems, a Windows path is never absolute, and never resolved.
    let is_relative = cfg!(windows) && !untrusted.is_absolute();
    !is_relative && !spelling.is_remote() && Spelling::resolved(untrusted) == own
}

/// Returns the processes from a list that use a MicroSIP.ini.
pub(super) fn among(
    system: &dyn System,
    processes: &[Process],
    ini: &Path,
) -> io::Result<Vec<Process>> {
    // A program can use a file by the path of a link or by the path that the link leads to.
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
    // The name excludes most processes, before the disk and the registry are queried.
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
        return Ok(
            is_installed(system, folder.name(), &home)? && !is_of_other_user(system, process.id)
        );
    }
    let Some(profile) = profile(&above) else { return Ok(false) };
    Ok(program.is_below(&profile) || profile_of_user(system, process.id) == Some(profile))
}

/// Returns whether another user is known to run a process.
fn is_of_other_user(system: &dyn System, process: u32) -> bool {
    match (system.user(process), system.user(std::process::id())) {
        (Ok(user), Ok(own)) => user != own,
        _ => false,
    }
}

/// Returns the profile folder of the user who runs a process, or `None` if it's unknown.
fn profile_of_user(system: &dyn System, process: u32) -> Option<Spelling> {
    let key = format!(r"{PROFILES}\{}", system.user(process).ok()?);
    let folder = system.registry_text(Hive::LocalMachine, &key, Some("ProfileImagePath"));
    folder.ok()?.map(|folder| Spelling::resolved(Path::new(&folder)))
}

/// Returns whether a program is installed under one of the likely names of its product.
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
            // An installed program with this name has its file in another folder, unless the program is in this folder.
            let own = system.folder(Folder::RoamingAppData).ok();
            let location = own.map(|own| Spelling::resolved(&own).join(product));
            return Ok(location.as_ref() != Some(home));
        }
    }
    Ok(false)
}

/// Returns the profile folder that contains this roaming folder.
fn profile(roaming: &Spelling) -> Option<Spelling> {
    ROAMING.iter().find_map(|end| roaming.without(end))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::locate::fake::{Fake, write};
    use msipctl_windows::system;

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

    /// Returns a server on which MicroSIP is installed for all users. This user runs 1, X runs 2, and Y runs 3. Windows
    /// doesn't show who runs 4.
    fn server() -> Fake {
        let program = r"C:\Program Files\MicroSIP\MicroSIP.exe";
        let installed = fake()
            .text(Hive::LocalMachine, r"Software\MicroSIP", None, r"C:\Program Files\MicroSIP")
            .user(std::process::id(), "S-1-5-21-1-2-3-1000");
        let users = [(1, "1000"), (2, "1001"), (3, "1002")];
        let server = users.into_iter().fold(installed, |server, (process, number)| {
            server.process(process, program).user(process, &format!("S-1-5-21-1-2-3-{number}"))
        });
        let profile = |server: Fake, number: &str, folder: &str| {
            let key = format!(r"{PROFILES}\S-1-5-21-1-2-3-{number}");
            server.text(Hive::LocalMachine, &key, Some("ProfileImagePath"), folder)
        };
        let server = profile(server, "1001", r"C:\USERS\x");
        profile(server, "1002", r"C:\Users\Y").process(4, program)
    }

    #[test]
    fn installed_program_of_another_user_is_ignored_when_the_user_is_known() {
        check(&server(), OWN, &[1, 4]);
    }

    #[test]
    fn installed_program_uses_ini_in_the_profile_of_its_user() {
        check(&server(), FOREIGN, &[2]);
        check(&server(), r"C:\Users\Y\Application Data\MicroSIP\MicroSIP.ini", &[3]);
        check(&server(), r"C:\Users\Z\AppData\Roaming\MicroSIP\MicroSIP.ini", &[]);
        check(&server(), r"C:\Users\X\AppData\Roaming\MicroSIP\Reception.ini", &[]);
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
    fn path_in_a_file_leads_to_the_file_in_any_spelling() {
        let folder = tempfile::tempdir().unwrap();
        write(&folder.path().join("MicroSIP.ini"), "[Settings]");
        write(&folder.path().join("other.ini"), "[Settings]");
        let ini = folder.path().join("MicroSIP.ini");
        let winding = folder.path().join(".").join("x").join("..").join("MicroSIP.ini");
        assert!(leads_to(&ini, &ini));
        assert_eq!(leads_to(&winding, &ini), cfg!(windows), "the folder x doesn't exist");
        assert!(!leads_to(&folder.path().join("other.ini"), &ini));
        assert!(!leads_to(&folder.path().join("missing.ini"), &ini));
        let own = Path::new(r"C:\Phones\MicroSIP.ini");
        for same in [r"\\?\c:\phones\MICROSIP.INI", "C:/Phones/MicroSIP.ini"] {
            assert!(leads_to(Path::new(same), own), "{same}");
        }
        for other in [r"D:\Phones\MicroSIP.ini", r"\\pc\c$\Phones\MicroSIP.ini", "MicroSIP.ini"] {
            assert!(!leads_to(Path::new(other), own), "{other}");
        }
        let share = Path::new(r"\\?\UNC\files\profiles\MicroSIP.ini");
        assert!(leads_to(Path::new(r"\\FILES\profiles\microsip.ini"), share));
    }

    #[cfg(unix)]
    #[test]
    fn path_in_a_file_is_not_resolved_on_a_share() {
        let folder = tempfile::tempdir().unwrap();
        let ini = folder.path().join("MicroSIP.ini");
        write(&ini, "[Settings]");
        let local = dunce::canonicalize(&ini).unwrap();
        std::os::unix::fs::symlink(folder.path(), folder.path().join("link")).unwrap();
        let linked = folder.path().join("link").join("MicroSIP.ini");
        assert!(leads_to(&linked, &local));
        // On Unix, two slashes lead to the same file. On Windows, they lead to a server.
        let share = format!("/{}", linked.display());
        assert!(!leads_to(Path::new(&share), &local));
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
