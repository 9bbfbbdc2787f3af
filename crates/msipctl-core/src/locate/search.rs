//! Searches for MicroSIP.ini files.

use std::collections::{HashMap, HashSet};
use std::ffi::OsString;
use std::path::{Path, PathBuf};

use super::found::{Error, Found, Kind, Search};
use super::registry::{HIVES, is_installed, is_redirected, listed, registered};
use super::running::{among, is_installed_as_any};
use super::spelling::Spelling;
use super::version::{program_version, written_by};
use crate::store::{self, Location, SkipReason, Skipped};
use msipctl_windows::{Folder, Hive, Process, System};
use winini::{CodePage, Document, Encoding};

/// The registry key with the profiles of all users.
const PROFILES: &str = r"SOFTWARE\Microsoft\Windows NT\CurrentVersion\ProfileList";

/// Returns the files that match a search, each once, the most likely one first.
///
/// Skips folders that can't be read, such as those of another user, without an error.
///
/// # Errors
///
/// If the system can't be queried ([`Error::is_unsupported`] if it isn't Windows), or the root folder can't be listed.
/// A search with a root folder doesn't query the system and works everywhere.
pub fn find(system: &dyn System, search: &Search) -> Result<Vec<Found>, Error> {
    Ok(find_with_skipped(system, search)?.0)
}

/// Returns the same files as [`find()`], and the skipped paths.
///
/// # Errors
///
/// Like [`find()`].
pub fn find_with_skipped(
    system: &dyn System,
    search: &Search,
) -> Result<(Vec<Found>, Vec<Skipped>), Error> {
    let mut finder = Finder::new(system);
    finder.search(search)?;
    let mut skipped = std::mem::take(&mut finder.skipped);
    let mut found = Vec::new();
    for candidate in std::mem::take(&mut finder.candidates) {
        match finder.found(candidate)? {
            Ok(file) => found.push(file),
            Err(path) => skipped.push(Skipped { path, reason: SkipReason::ForeignLink }),
        }
    }
    Ok((found, skipped))
}

/// Returns the same files as [`find()`] without reading them, because a fleet has many, and the skipped paths.
///
/// # Errors
///
/// Like [`find()`].
pub fn paths(
    system: &dyn System,
    search: &Search,
) -> Result<(Vec<Candidate>, Vec<Skipped>), Error> {
    let mut finder = Finder::new(system);
    finder.search(search)?;
    Ok((finder.candidates, finder.skipped))
}

struct Finder<'s> {
    system: &'s dyn System,
    processes: Vec<Process>,
    seen: HashSet<store::Identity>,
    candidates: Vec<Candidate>,
    /// The paths that were skipped in a folder.
    skipped: Vec<Skipped>,
}

/// A file that was found and perhaps not read yet.
#[derive(Debug)]
pub struct Candidate {
    /// The path of the file.
    pub path: PathBuf,
    /// The folder in which other users can create links, if the file was found in such a folder.
    pub base: Option<PathBuf>,
    kind: Kind,
    product: String,
    reason: String,
    program: Option<PathBuf>,
}

impl<'s> Finder<'s> {
    fn new(system: &'s dyn System) -> Self {
        let (processes, seen) = (Vec::new(), HashSet::new());
        Self { system, processes, seen, candidates: Vec::new(), skipped: Vec::new() }
    }

    /// Collects the files that match a search.
    fn search(&mut self, search: &Search) -> Result<(), Error> {
        if let Some(root) = &search.root {
            return self.offline(root, search);
        }
        self.processes = self.system.processes()?;
        search.products.iter().try_for_each(|product| self.installed(product))?;
        search.products.iter().try_for_each(|product| self.portable(product))?;
        if search.all_users {
            self.profiles(&search.products)?;
        }
        Ok(())
    }

    /// Finds the files below `%APPDATA%` whose programs are in the folder that the registry lists.
    fn installed(&mut self, product: &str) -> Result<(), Error> {
        let Ok(roaming) = self.system.folder(Folder::RoamingAppData) else { return Ok(()) };
        let mut homes = Vec::new();
        for hive in HIVES {
            if let Some(home) = registered(self.system, hive, product)? {
                let root = if hive == Hive::CurrentUser { "HKCU" } else { "HKLM" };
                homes.push((home, format!(r"{root}\Software\{product}")));
                break;
            }
        }
        if homes.is_empty() {
            for hive in HIVES {
                let listed = listed(self.system, hive, product)?.into_iter();
                homes
                    .extend(listed.map(|home| (home, "the list of installed programs".to_owned())));
            }
        }
        for (home, source) in homes {
            let programs = files(&home, "exe");
            for ini in files(&roaming.join(product), "ini") {
                let program = programs.iter().find(|program| same_stem(program, &ini));
                if program.is_none() && !is_named(&ini, product) {
                    continue;
                }
                let reason = format!("installed in {} according to {source}", home.display());
                self.push(&ini, Kind::Installed, product, reason, program.map(PathBuf::as_path));
            }
        }
        Ok(())
    }

    /// Finds the files next to running programs that aren't installed.
    fn portable(&mut self, product: &str) -> Result<(), Error> {
        let system = self.system;
        for process in self.processes.clone() {
            let Some(program) = process.program else { continue };
            let Some(home) = program.parent() else { continue };
            // The folder isn't listed, because the folders of most processes are large and unrelated to MicroSIP.
            let ini = program.with_extension("ini");
            if !store::is_file(&ini) || !(is_named(&program, product) || is_microsip(&ini)) {
                continue;
            }
            let spelled = (Spelling::resolved(&program), Spelling::resolved(home));
            if !self.is_installed(product, home)?
                && !is_installed_as_any(system, &spelled.0, &spelled.1)?
            {
                let reason = format!("next to {}, which is running", name(&program));
                self.push(&ini, Kind::Portable, product, reason, Some(&program));
            }
        }
        let mut homes = Vec::new();
        for hive in HIVES {
            homes.extend(registered(system, hive, product)?);
            homes.extend(listed(system, hive, product)?);
        }
        let known = [
            Folder::ProgramFiles,
            Folder::ProgramFilesX86,
            Folder::LocalAppData,
            Folder::RoamingAppData,
        ];
        let known = known.into_iter().filter_map(|folder| system.folder(folder).ok());
        homes.extend(known.map(|folder| folder.join(product)));
        for home in homes {
            self.next_to_programs(product, &home)?;
        }
        if let Ok(current) = std::path::absolute(".") {
            self.next_to_programs(product, &current)?;
            for ini in files(&current, "ini") {
                if is_named(&ini, product) && !self.is_installed(product, &current)? {
                    let reason = "in the current folder".to_owned();
                    self.push(&ini, Kind::Portable, product, reason, None);
                }
            }
        }
        Ok(())
    }

    /// Finds the files in a folder that have the name of a program in the same folder.
    fn next_to_programs(&mut self, product: &str, home: &Path) -> Result<(), Error> {
        let programs = files(home, "exe");
        if programs.is_empty() || self.is_installed(product, home)? {
            return Ok(());
        }
        for ini in files(home, "ini") {
            let Some(program) = programs.iter().find(|program| same_stem(program, &ini)) else {
                continue;
            };
            if is_named(program, product) || is_microsip(&ini) {
                let reason = format!("next to {}", name(program));
                self.push(&ini, Kind::Portable, product, reason, Some(program));
            }
        }
        Ok(())
    }

    /// Finds the files in the profiles of all users.
    fn profiles(&mut self, products: &[String]) -> Result<(), Error> {
        for user in self.system.registry_keys(Hive::LocalMachine, PROFILES)? {
            let key = format!(r"{PROFILES}\{}", user.to_string_lossy());
            let image =
                self.system.registry_text(Hive::LocalMachine, &key, Some("ProfileImagePath"));
            let Some(profile) = image.ok().flatten().map(PathBuf::from) else { continue };
            for product in products {
                let folder = profile.join("AppData").join("Roaming").join(product);
                for ini in files(&folder, "ini") {
                    let reason = format!("in the profile {}", profile.display());
                    self.push_below(Some(&profile), &ini, Kind::Profile, product, reason, None);
                }
            }
        }
        Ok(())
    }

    /// Finds the files below a root folder: first those in the usual locations, then all others by their names and by the
    /// programs next to them.
    fn offline(&mut self, root: &Path, search: &Search) -> Result<(), Error> {
        store::folders(root)?;
        for product in &search.products {
            self.in_known_folders(root, product);
        }
        let mut found = Vec::new();
        let skipped = store::search_tree(root, search.max_entries, &mut |folder, files| {
            let stem = |name: &OsString, extension: &str| {
                let name = Path::new(name);
                let fits = name.extension().is_some_and(|it| it.eq_ignore_ascii_case(extension));
                fits.then(|| name.file_stem().unwrap_or_default().to_string_lossy().to_lowercase())
            };
            let programs: HashMap<_, _> =
                files.iter().filter_map(|file| Some((stem(file, "exe")?, file))).collect();
            for file in files {
                let Some(stem) = stem(file, "ini") else { continue };
                let program = programs.get(&stem).map(|program| folder.join(program));
                found.push((folder.join(file), stem, program));
            }
        })?;
        self.skipped.extend(skipped);
        for (ini, stem, program) in found {
            let is_product = |product: &&String| product.to_lowercase() == stem;
            let reason = match (search.products.iter().find(is_product), &program) {
                (Some(product), _) => Some((product, "recognized by its name".to_owned())),
                (None, Some(program)) if is_like_microsip(&ini, root) => {
                    let reason = format!("next to {}", name(program));
                    search.products.first().map(|product| (product, reason))
                }
                _ => None,
            };
            if let Some((product, reason)) = reason {
                let base = Some(root);
                self.push_below(base, &ini, Kind::Offline, product, reason, program.as_deref());
            }
        }
        Ok(())
    }

    fn in_known_folders(&mut self, root: &Path, product: &str) {
        for (pattern, reason) in [
            (&["users", "*", "appdata", "roaming"][..], "in the profile of a user"),
            (&["documents and settings", "*", "application data"], "in the profile of a user"),
            (&["program files*"], "in the folder of a program"),
        ] {
            let product_folder = product.to_lowercase();
            let pattern = pattern.iter().copied().chain([product_folder.as_str()]);
            let folders = pattern.fold(vec![root.to_owned()], |folders, part| {
                folders.iter().flat_map(|folder| below(folder, part)).collect()
            });
            for ini in folders.iter().flat_map(|folder| files(folder, "ini")) {
                let home = ini.parent().unwrap_or(Path::new("."));
                let programs = files(home, "exe").into_iter();
                let program = programs.into_iter().find(|program| same_stem(program, &ini));
                let (reason, program) = (reason.to_owned(), program.as_deref());
                self.push_below(Some(root), &ini, Kind::Offline, product, reason, program);
            }
        }
    }

    fn push(
        &mut self,
        ini: &Path,
        kind: Kind,
        product: &str,
        reason: String,
        program: Option<&Path>,
    ) {
        self.push_below(None, ini, kind, product, reason, program);
    }

    fn push_below(
        &mut self,
        base: Option<&Path>,
        ini: &Path,
        kind: Kind,
        product: &str,
        reason: String,
        program: Option<&Path>,
    ) {
        if self.seen.insert(store::identity(ini)) {
            self.candidates.push(Candidate {
                path: ini.to_owned(),
                base: base.map(Path::to_owned),
                kind,
                product: product.to_owned(),
                reason,
                program: program.map(Path::to_owned),
            });
        }
    }

    /// Reads a file that was found. Returns its path if it leads through a link that another user could have created.
    fn found(&self, candidate: Candidate) -> Result<Result<Found, PathBuf>, Error> {
        let Candidate { path, base, kind, product, reason, program } = candidate;
        let document = match load(&path, base.as_deref()) {
            Err(error) if error.kind() == store::Kind::ForeignLink => return Ok(Err(path)),
            loaded => loaded.ok(),
        };
        let process = match kind {
            Kind::Offline => None,
            _ => among(self.system, &self.processes, &path)?.into_iter().next(),
        };
        let program = program.or_else(|| process.as_ref()?.program.clone());
        let of_program = program.as_deref().and_then(|it| program_version(self.system, it));
        Ok(Ok(Found {
            kind,
            product,
            reason,
            version: of_program.or_else(|| document.as_ref().and_then(written_by)),
            encoding: document.map(|document| document.encoding()),
            writable: store::is_writable(&path),
            is_read_only: store::is_read_only(&path),
            is_redirected: kind != Kind::Offline && is_redirected(self.system, &path),
            path,
            program,
            process,
        }))
    }

    fn is_installed(&self, product: &str, home: &Path) -> Result<bool, Error> {
        Ok(is_installed(self.system, product, &Spelling::resolved(home))?)
    }
}

/// Returns the files in a folder that have an extension, or none if the folder can't be listed.
fn files(folder: &Path, extension: &str) -> Vec<PathBuf> {
    let found = store::list(folder, extension).unwrap_or_default();
    found.into_iter().filter(|path| store::is_file(path)).collect()
}

/// Returns the folders in a folder that match a lowercase name. A star at the end of the name matches any text.
fn below(folder: &Path, pattern: &str) -> Vec<PathBuf> {
    let fits = |path: &PathBuf| {
        let name = name(path).to_lowercase();
        match pattern.strip_suffix('*') {
            Some(start) => name.starts_with(start),
            None => name == pattern,
        }
    };
    store::folders(folder).unwrap_or_default().into_iter().filter(fits).collect()
}

/// Returns whether a file has one of the sections that are in every MicroSIP.ini.
fn is_microsip(ini: &Path) -> bool {
    load(ini, None).is_ok_and(|document| {
        let names = document.sections().map(|section| document.line(section.header()).name());
        names
            .into_iter()
            .any(|name| document.is_name(name, "Settings") || document.is_name(name, "Account1"))
    })
}

/// Returns whether a file with any name belongs to MicroSIP: it has `[Settings]`, which many programs use, with several
/// keys of MicroSIP, or an account with a domain.
fn is_like_microsip(ini: &Path, root: &Path) -> bool {
    const MIN_KEYS: usize = 3;
    load(ini, Some(root)).is_ok_and(|document| {
        document.sections().any(|section| {
            let name = document.text(document.line(section.header()).name());
            let keys = section.body().map(|index| document.text(document.line(index).name()));
            let mut keys = keys.filter(|key| microsip_schema::find(&name, key).is_some());
            match name.eq_ignore_ascii_case("Settings") {
                true => keys.nth(MIN_KEYS - 1).is_some(),
                false => {
                    microsip_schema::account_number(&name).is_some()
                        && keys.any(|key| key.eq_ignore_ascii_case("domain"))
                }
            }
        })
    })
}

fn load(ini: &Path, base: Option<&Path>) -> Result<Document, store::Error> {
    let location = match base {
        Some(base) => Location::found(ini, base),
        None => Location::named(ini),
    };
    let bytes = store::read(&location)?.into_bytes();
    let encoding = Encoding::detect(&bytes, CodePage::WESTERN);
    Ok(Document::parse(bytes, encoding))
}

fn is_named(file: &Path, stem: &str) -> bool {
    let own = file.file_stem().map(|own| own.to_string_lossy().to_lowercase());
    own.is_some_and(|own| own == stem.to_lowercase())
}

fn same_stem(one: &Path, other: &Path) -> bool {
    one.file_stem().is_some_and(|stem| is_named(other, &stem.to_string_lossy()))
}

fn name(path: &Path) -> String {
    path.file_name().unwrap_or_default().to_string_lossy().into_owned()
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::locate::fake::{Fake, write};
    use microsip_schema::Version;

    const INI: &str = "[Settings]\r\nAA=0\r\n";

    struct Disk(tempfile::TempDir);

    impl Disk {
        fn new(files: &[&str]) -> Self {
            let disk = Self(tempfile::tempdir().unwrap());
            for file in files {
                write(&disk.path(file), INI);
            }
            disk
        }

        fn path(&self, name: &str) -> PathBuf {
            self.0.path().join(name)
        }

        fn text(&self, name: &str) -> String {
            self.path(name).to_string_lossy().into_owned()
        }
    }

    /// Checks the files that are found below the folder, each as `kind path`.
    #[track_caller]
    fn check(disk: &Disk, system: &Fake, search: &Search, expected: &[&str]) -> Vec<Found> {
        let found = find(system, search).unwrap();
        let shown: Vec<_> = found
            .iter()
            .map(|found| {
                let path = found.path.strip_prefix(disk.0.path()).unwrap();
                format!("{} {}", found.kind, path.display()).replace('\\', "/")
            })
            .collect();
        assert_eq!(shown, expected);
        found
    }

    fn for_all_users() -> Search {
        Search { all_users: true, ..Search::default() }
    }

    #[test]
    fn installed_programs_are_found_with_ini_in_the_roaming_folder() {
        let disk = Disk::new(&[
            "R/MicroSIP/MicroSIP.ini",
            "R/MicroSIP/Reception.ini",
            "R/MicroSIP/leftover.ini",
            "P/microsip.exe",
            "P/Reception.exe",
            "P/Reception.ini",
        ]);
        for hive in HIVES {
            let program = disk.path("P").join("microsip.exe");
            let system = Fake::default()
                .roaming(disk.path("R"))
                .text(hive, r"Software\MicroSIP", None, &disk.text("P"))
                .version(&program, [3, 21, 6, 0])
                .process(7, &program.to_string_lossy());
            let found = check(
                &disk,
                &system,
                &Search::default(),
                &["installed R/MicroSIP/MicroSIP.ini", "installed R/MicroSIP/Reception.ini"],
            );
            assert_eq!(found[0].version, Some(Version::new(3, 21, 6)));
            assert_eq!(found[0].process.as_ref().unwrap().id, 7);
            assert_eq!(found[1].process, None);
            assert!(found[0].reason.contains(r"\Software\MicroSIP"), "{}", found[0].reason);
            assert!(found[0].writable);
        }
    }

    #[test]
    fn packaged_program_is_found_in_the_uninstall_list() {
        let disk = Disk::new(&["R/MicroSIP/MicroSIP.ini", "P/microsip.exe"]);
        let key = r"SOFTWARE\Microsoft\Windows\CurrentVersion\Uninstall\{1}";
        let system = Fake::default()
            .roaming(disk.path("R"))
            .text(Hive::LocalMachine, key, Some("DisplayName"), "MicroSIP")
            .text(Hive::LocalMachine, key, Some("InstallLocation"), &disk.text("P"));
        check(&disk, &system, &Search::default(), &["installed R/MicroSIP/MicroSIP.ini"]);
    }

    #[test]
    fn portable_programs_are_found_with_ini_in_the_same_folder() {
        let disk = Disk::new(&["A/Reception.ini", "A/other.ini", "B/MicroSIP.ini", "C/notes.ini"]);
        write(&disk.path("C/notes.ini"), "[window]\r\n");
        let system = Fake::default()
            .process(1, &disk.text("A/Reception.exe"))
            .process(2, &disk.text("B/MicroSIP.exe"))
            .process(3, &disk.text("C/notes.exe"));
        let expected = ["portable A/Reception.ini", "portable B/MicroSIP.ini"];
        let found = check(&disk, &system, &Search::default(), &expected);
        assert_eq!(found[0].process.as_ref().unwrap().id, 1);
        assert_eq!(found[0].reason, "next to Reception.exe, which is running");
    }

    #[test]
    fn program_copied_to_the_roaming_folder_is_portable() {
        let disk = Disk::new(&["R/MicroSIP/MicroSIP.ini", "R/MicroSIP/microsip.exe", "R/x.ini"]);
        let system = Fake::default().roaming(disk.path("R"));
        check(&disk, &system, &Search::default(), &["portable R/MicroSIP/MicroSIP.ini"]);
    }

    #[test]
    fn branded_builds_are_found_by_name() {
        let disk =
            Disk::new(&["R/MicroSIP/MicroSIP.ini", "R/LSPhone/LSPhone.ini", "P/LSPhone.exe"]);
        let system = Fake::default().roaming(disk.path("R")).text(
            Hive::CurrentUser,
            r"Software\LSPhone",
            None,
            &disk.text("P"),
        );
        check(&disk, &system, &Search::default(), &[]);
        let search =
            Search { products: vec!["MicroSIP".into(), "LSPhone".into()], ..Search::default() };
        let found = check(&disk, &system, &search, &["installed R/LSPhone/LSPhone.ini"]);
        assert_eq!(found[0].product, "LSPhone");
    }

    #[test]
    fn all_users_search_uses_the_profile_list_without_duplicates() {
        let disk = Disk::new(&[
            "U/a/AppData/Roaming/MicroSIP/MicroSIP.ini",
            "U/b/AppData/Roaming/MicroSIP/Reception.ini",
            "P/microsip.exe",
        ]);
        let mut system = Fake::default().roaming(disk.path("U/a/AppData/Roaming")).text(
            Hive::LocalMachine,
            r"Software\MicroSIP",
            None,
            &disk.text("P"),
        );
        for user in ["a", "b", "none"] {
            let key = format!(r"{PROFILES}\S-1-{user}");
            let profile = disk.path("U").join(user);
            let profile = profile.to_string_lossy();
            system = system.text(Hive::LocalMachine, &key, Some("ProfileImagePath"), &profile);
        }
        let own = "installed U/a/AppData/Roaming/MicroSIP/MicroSIP.ini";
        check(&disk, &system, &Search::default(), &[own]);
        let all = [own, "profile U/b/AppData/Roaming/MicroSIP/Reception.ini"];
        check(&disk, &system, &for_all_users(), &all);
    }

    #[test]
    fn offline_folder_is_searched_without_the_registry() {
        let disk = Disk::new(&[
            "users/x/APPDATA/Roaming/microsip/Reception.ini",
            "Documents and Settings/y/Application Data/MicroSIP/MicroSIP.ini",
            "Program Files (x86)/MicroSIP/microsip.ini",
            "1/2/3/4/5/6/MicroSIP.ini",
            "1/2/3/4/5/6/7/MicroSIP.ini",
            "1/other.ini",
        ]);
        write(&disk.path("1/MicroSIP.ini"), "[Global]\r\nversion=3.22.16\r\n");
        let search = Search { root: Some(disk.0.path().to_owned()), ..Search::default() };
        let expected = [
            "offline users/x/APPDATA/Roaming/microsip/Reception.ini",
            "offline Documents and Settings/y/Application Data/MicroSIP/MicroSIP.ini",
            "offline Program Files (x86)/MicroSIP/microsip.ini",
            "offline 1/MicroSIP.ini",
            "offline 1/2/3/4/5/6/MicroSIP.ini",
            "offline 1/2/3/4/5/6/7/MicroSIP.ini",
        ];
        let found = check(&disk, &Fake::default(), &search, &expected);
        assert_eq!(found[3].version, Some(Version::new(3, 22, 16)));
        assert_eq!(found[0].encoding, Some(Encoding::Ascii));
        assert_eq!(find(msipctl_windows::system(), &search).unwrap().len(), 6);
        let none = Search { root: Some(disk.path("none")), ..Search::default() };
        assert!(!find(&Fake::default(), &none).unwrap_err().is_unsupported());
    }

    #[test]
    fn renamed_portable_copies_are_found_at_any_depth() {
        let deep = (0..40).map(|depth| depth.to_string()).collect::<Vec<_>>().join("/");
        let portable = format!("{deep}/Reception.ini");
        let disk = Disk::new(&["a/other.ini", "a/other.exe", "b/Reception.ini"]);
        write(&disk.path(&portable), "[Settings]\r\nAA=0\r\nDND=0\r\nsingleMode=1\r\n");
        write(&disk.path(&format!("{deep}/Reception.exe")), "MZ");
        let search = Search { root: Some(disk.0.path().to_owned()), ..Search::default() };
        let found = check(&disk, &Fake::default(), &search, &[&format!("offline {portable}")]);
        assert_eq!(found[0].reason, "next to Reception.exe");
    }

    #[test]
    fn folder_search_stops_at_its_limit_and_reports_it() {
        let disk = Disk::new(&["1/MicroSIP.ini", "2/MicroSIP.ini", "3/MicroSIP.ini"]);
        let search =
            Search { root: Some(disk.0.path().to_owned()), max_entries: 5, ..Search::default() };
        let (found, skipped) = find_with_skipped(&Fake::default(), &search).unwrap();
        assert_eq!(found.len(), 2);
        assert!(
            matches!(skipped[..], [Skipped { reason: SkipReason::Limit(5), .. }]),
            "{skipped:?}"
        );
        assert!(skipped[0].path.ends_with("3"));
    }

    #[test]
    fn registry_redirection_is_detected_by_file_name() {
        let disk = Disk::new(&["P/MicroSIP.ini", "P/MicroSIP.exe", "P/b.ini", "P/b.exe"]);
        let key = r"SOFTWARE\Microsoft\Windows NT\CurrentVersion\IniFileMapping\microsip.INI";
        let system = Fake::default()
            .process(1, &disk.text("P/MicroSIP.exe"))
            .process(2, &disk.text("P/b.exe"))
            .text(Hive::LocalMachine, key, None, "SYS:Microsoft");
        let expected = ["portable P/MicroSIP.ini", "portable P/b.ini"];
        let found = check(&disk, &system, &Search::default(), &expected);
        assert_eq!([found[0].is_redirected, found[1].is_redirected], [true, false]);
    }

    #[cfg(unix)]
    #[test]
    fn links_in_a_folder_are_not_followed() {
        let disk = Disk::new(&["real/MicroSIP.ini"]);
        std::os::unix::fs::symlink(disk.0.path(), disk.path("real/cycle")).unwrap();
        let search = Search { root: Some(disk.0.path().to_owned()), ..Search::default() };
        check(&disk, &Fake::default(), &search, &["offline real/MicroSIP.ini"]);
        let skipped = find_with_skipped(&Fake::default(), &search).unwrap().1;
        let [Skipped { path, reason: SkipReason::Link }] = &skipped[..] else {
            panic!("{skipped:?}")
        };
        assert!(path.ends_with("real/cycle"));
    }

    #[cfg(not(windows))]
    #[test]
    fn default_search_is_unsupported_outside_windows() {
        let error = find(msipctl_windows::system(), &Search::default()).unwrap_err();
        assert!(error.is_unsupported());
    }
}
