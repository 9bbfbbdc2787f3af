//! Tests the page in a real browser: headless Chromium, if it's installed.

#![expect(clippy::disallowed_methods, reason = "the tests start a browser and open a file")]

use std::path::{Path, PathBuf};
use std::process::Command;

use super::check::{self, check_head, small_check};
use super::*;

/// Its program names on different systems.
const BROWSERS: [&str; 4] =
    ["chromium", "chromium-browser", "google-chrome", "google-chrome-stable"];

impl Fleet {
    fn head(&self) -> Head {
        let before = Counts { in_sync: 18_950, drifted: 990, failed: 60 };
        let report = "audit-2026-11-01.json".to_owned();
        let generated = Some("2026-11-01T06:00:00Z".to_owned());
        let since = self.since.then_some(Since { report, generated, before });
        Head { since, ..head() }
    }
}

/// The result of loading a page in a browser.
struct Seen {
    dom: String,
    log: String,
}

impl Seen {
    /// Returns the value of an attribute of the root element.
    fn root(&self, name: &str) -> Option<&str> {
        let root = self.dom.split_once("<html")?.1.split_once('>')?.0;
        Some(root.split_once(&format!("data-{name}=\""))?.1.split_once('"')?.0)
    }

    /// Returns the paths in the list of files.
    fn paths(&self) -> Vec<&str> {
        let rows = self.dom.split("<tr data-path=\"").skip(1);
        rows.map(|row| row.split_once('"').unwrap().0).collect()
    }

    /// Returns the detail of one file.
    fn detail(&self) -> &str {
        self.dom.split_once("<aside").unwrap().1.split_once("</aside>").unwrap().0
    }
}

/// A page in a temporary folder, and a browser to open it.
struct Shown {
    folder: tempfile::TempDir,
    browser: &'static str,
}

impl Shown {
    /// Writes a page; `None` and a message if there is no browser.
    fn new(page: &mut Page, head: &Head) -> Option<Self> {
        Self::of(|| written(page, head))
    }

    /// Writes the page of a check; `None` and a message if there is no browser.
    fn of_check(mut page: Page) -> Option<Self> {
        Self::of(|| {
            let mut bytes = Vec::new();
            page.write_check(&mut bytes, &check_head()).unwrap();
            String::from_utf8(bytes).unwrap()
        })
    }

    fn of(page: impl FnOnce() -> String) -> Option<Self> {
        let is_there = |name: &&&str| Command::new(name).arg("--version").output().is_ok();
        let Some(browser) = BROWSERS.iter().find(is_there) else {
            let reason = "not run: the page in a browser (no chromium)";
            assert!(std::env::var_os("CI").is_none(), "{reason}");
            io::stderr().write_all(format!("{reason}\n").as_bytes()).unwrap();
            return None;
        };
        let folder = tempfile::tempdir().unwrap();
        std::fs::write(folder.path().join("report.html"), page()).unwrap();
        Some(Self { folder, browser })
    }

    fn path(&self) -> PathBuf {
        self.folder.path().join("report.html")
    }

    /// Opens the page at a view, and asserts that it has no errors.
    #[track_caller]
    fn at(&self, view: &str) -> Seen {
        let seen = self.browse(view, &["--dump-dom"]);
        let Seen { dom, log } = &seen;
        assert!(seen.root("ready").is_some(), "the script did not come to its end: {log}");
        assert_eq!(seen.root("errors"), None);
        assert!(!log.contains("CONSOLE"), "the console says: {log}");
        assert!(!dom.contains("onerror=alert") || !dom.contains("<img"), "a value became markup");
        seen
    }

    fn browse(&self, view: &str, how: &[&str]) -> Seen {
        let profile = self.folder.path().join("browser");
        let output = Command::new(self.browser)
            .args([
                "--headless",
                "--disable-gpu",
                "--no-sandbox",
                "--hide-scrollbars",
                "--no-first-run",
            ])
            .args(["--enable-logging=stderr", "--v=0", "--virtual-time-budget=10000"])
            .arg(format!("--user-data-dir={}", profile.display()))
            .args(how)
            .arg(format!("file://{}#{view}", self.path().display()))
            .output()
            .unwrap();
        assert!(output.status.success(), "the browser ended with {}", output.status);
        let text = |bytes| String::from_utf8_lossy(bytes).into_owned();
        Seen { dom: text(&output.stdout), log: text(&output.stderr) }
    }
}

/// Returns a small fleet whose files are all known.
fn small() -> Page {
    let mut page = Page::default();
    let row = |key, actual, is_new| DriftRow {
        section: "Settings",
        key,
        expected: Some("0"),
        actual,
        line: Some(14),
        is_new,
    };
    let mut add = |path, site, state| page.add(&Host { path, site: Some(site), state });
    let (alice, carla) =
        ([row("AA", Some("1"), true)], [row("AA", Some("1"), false), row("DND", None, false)]);
    add("/srv/alice.ini", "muc", HostState::Drifted(&alice));
    add("/srv/bob.ini", "muc", HostState::InSync);
    add("/srv/carla.ini", "ber", HostState::Drifted(&carla));
    add("/srv/dora.ini", "ber", HostState::Failed("locked by another program"));
    page
}

#[test]
fn html_view_shows_only_matching_files() {
    let since = Since { report: "old.json".to_owned(), generated: None, before: Counts::default() };
    let head = Head { since: Some(since), ..head() };
    let Some(shown) = Shown::new(&mut small(), &head) else { return };
    for (view, expected) in [
        ("", &["/srv/dora.ini", "/srv/carla.ini", "/srv/alice.ini", "/srv/bob.ini"][..]),
        ("q=ALICE", &["/srv/alice.ini"]),
        ("q=program%20ber", &["/srv/dora.ini"]),
        ("q=alice&state=in_sync", &[]),
        ("state=drifted&site=ber", &["/srv/carla.ini"]),
        ("key=Settings.AA&sort=path", &["/srv/alice.ini", "/srv/carla.ini"]),
        (
            "sort=-path&page=99",
            &["/srv/dora.ini", "/srv/carla.ini", "/srv/bob.ini", "/srv/alice.ini"],
        ),
        ("change=new", &["/srv/alice.ini"]),
        ("state=nonsense&q=bob", &["/srv/bob.ini"]),
        ("site=nowhere", &[]),
    ] {
        let seen = shown.at(view);
        assert_eq!(seen.paths(), expected, "at {view}");
        assert_eq!(seen.root("found"), Some(&*expected.len().to_string()));
    }
}

#[test]
fn html_detail_shows_the_drift_of_a_file() {
    let Some(shown) = Shown::new(&mut small(), &head()) else { return };
    let seen = shown.at("host=%2Fsrv%2Fcarla.ini");
    for text in ["Settings.AA", "Settings.DND", "line 14", "not set", "2 of 4"] {
        assert!(seen.detail().contains(text), "{text} is missing: {}", seen.detail());
    }
    assert!(shown.at("host=%2Fsrv%2Fdora.ini").detail().contains("locked by another program"));
    assert!(shown.at("host=nobody").detail().contains("no such file"));
    assert_eq!(shown.at("theme=dark").root("theme"), Some("dark"));
}

#[test]
fn html_file_listed_twice_has_two_rows_and_one_detail() {
    let mut page = small();
    let path = "/srv/bob.ini";
    page.add(&Host { path, site: Some("ber"), state: HostState::Failed("named twice") });
    let Some(shown) = Shown::new(&mut page, &head()) else { return };
    let seen = shown.at("q=bob&host=%2Fsrv%2Fbob.ini");
    assert_eq!(seen.paths(), [path, path]);
    assert!(seen.detail().contains("named twice") && seen.detail().contains("In sync"));
}

#[test]
fn html_shows_hostile_values_as_text() {
    let mut page = Page::default();
    for value in hostile() {
        let row = DriftRow {
            section: value,
            key: value,
            expected: Some(value),
            actual: Some(value),
            line: None,
            is_new: true,
        };
        page.add(&Host { path: value, site: Some(value), state: HostState::Drifted(&[row]) });
        page.add(&Host {
            path: &format!("{value}/x"),
            site: None,
            state: HostState::Failed(value),
        });
    }
    let head =
        Head { title: hostile()[0].to_owned(), policy: vec![hostile()[2].to_owned()], ..head() };
    let Some(shown) = Shown::new(&mut page, &head) else { return };
    let seen = shown.at("");
    assert_eq!(seen.root("found"), Some("18"));
    assert!(seen.dom.contains("U+202E"), "what turns text around is shown as it acts");
    shown.at("host=%3C%2Fscript%3E%3Cimg%20src%3Dx%20onerror%3Dalert(1)%3E&q=script");
}

#[test]
fn html_report_of_20000_files_can_be_filtered() {
    let fleet = Fleet { files: 20_000, drifted: 30, failed: 3, keys: None, since: true };
    let mut page = fleet.page();
    let counts = page.counts;
    let Some(shown) = Shown::new(&mut page, &fleet.head()) else { return };
    let seen = shown.at("");
    assert_eq!((seen.root("found"), seen.paths().len()), (Some("20000"), 50));
    assert_eq!(shown.at("state=failed").root("found"), Some(&*counts.failed.to_string()));
    assert_eq!(shown.at("q=00077").paths().len(), 1);
}

#[test]
fn html_report_without_files_states_it() {
    let Some(shown) = Shown::new(&mut Page::default(), &head()) else { return };
    let seen = shown.at("");
    assert_eq!((seen.root("found"), seen.paths().len()), (Some("0"), 0));
    assert!(seen.dom.contains("There are no files."));
}

#[test]
fn check_view_shows_only_matching_files() {
    let Some(shown) = Shown::of_check(small_check()) else { return };
    let [alice, bob, carla, dora, emil] =
        ["alice", "bob", "carla", "dora", "emil"].map(|name| format!("/srv/{name}.ini"));
    for (view, expected) in [
        ("", &[&dora, &carla, &alice, &emil, &bob][..]),
        ("state=error", &[&carla]),
        ("state=warning", &[&alice]),
        ("state=clean", &[&bob]),
        ("state=in_sync&q=bob", &[&bob]),
        ("rule=unknown-key&sort=path", &[&alice, &carla]),
        ("site=10&sort=-path", &[&bob, &alice]),
        ("q=%60aaa%60", &[&carla, &alice]),
        ("change=new", &[&dora, &carla, &alice, &emil, &bob]),
    ] {
        assert_eq!(&shown.at(view).paths(), expected, "at {view}");
    }
}

#[test]
fn check_detail_shows_the_findings_of_a_file() {
    let Some(shown) = Shown::of_check(small_check()) else { return };
    let seen = shown.at("host=%2Fsrv%2Fcarla.ini");
    for text in ["the path is split", "write it again", "line 7", "2 findings", "#rule-unknown-key"]
    {
        assert!(seen.detail().contains(text), "{text} is missing: {}", seen.detail());
    }
    assert!(shown.at("host=%2Fsrv%2Fbob.ini").detail().contains("This file has no findings."));
    let seen = shown.at("rule-unknown-key");
    assert_eq!(seen.dom.matches("<details class=\"rule\" open").count(), 1);
    assert_eq!(seen.root("found"), Some("5"));
}

#[test]
fn check_page_shows_hostile_values_as_text() {
    let mut page = Page::default();
    for value in hostile() {
        let row = FindingRow {
            rule: "unknown-key",
            severity: msipctl_core::diagnostic::Severity::Error,
            line: 1,
            message: value,
            help: Some(value),
        };
        page.add(&Host { path: value, site: Some(value), state: HostState::Found(&[row]) });
        page.add(&Host { path: "x", site: None, state: HostState::Failed(value) });
    }
    let Some(shown) = Shown::of_check(page) else { return };
    let seen = shown.at("");
    assert_eq!(seen.root("found"), Some("18"));
    assert!(seen.dom.contains("U+202E"));
    shown.at("host=%3C%2Fscript%3E%3Cimg%20src%3Dx%20onerror%3Dalert(1)%3E&q=script");
}

#[test]
fn check_page_of_20000_files_can_be_filtered() {
    let Some(shown) = Shown::of_check(check::fleet(20_000, 30, 40)) else { return };
    let seen = shown.at("");
    assert_eq!((seen.root("found"), seen.paths().len()), (Some("20000"), 50));
    assert_eq!(shown.at("q=user00077").paths().len(), 1);
}

/// Screenshots for developers who change the page: `MSIPCTL_SHOTS=FOLDER cargo test --lib -- --ignored screenshots`.
#[test]
#[ignore = "takes screenshots, for developers who change the page"]
fn html_report_screenshots_are_written() {
    let folder = std::env::var_os("MSIPCTL_SHOTS").expect("MSIPCTL_SHOTS must name a folder");
    let fleet = |files, drifted, since| Fleet { files, drifted, failed: 3, keys: None, since };
    if let Some(shown) = Shown::new(&mut one_site(), &head()) {
        shown.pictures(Path::new(&folder), "one", "state=drifted");
    }
    for (name, fleet) in [
        ("large", fleet(20_000, 30, true)),
        ("small", fleet(60, 200, false)),
        ("clean", Fleet { failed: 0, ..fleet(300, 0, false) }),
        ("all", Fleet { keys: Some(3), ..fleet(20_000, 1000, false) }),
    ] {
        let Some(shown) = Shown::new(&mut fleet.page(), &fleet.head()) else { return };
        shown.pictures(Path::new(&folder), name, "state=drifted");
    }
    for (name, page) in [
        ("check-one", check::fleet(12, 800, 1)),
        ("check-eight", check::fleet(60, 700, 8)),
        ("check-large", check::fleet(20_000, 60, 40)),
    ] {
        let Some(shown) = Shown::of_check(page) else { return };
        shown.pictures(Path::new(&folder), name, "state=warning");
    }
}

/// Returns the files of one PC.
fn one_site() -> Page {
    let mut page = Page::default();
    let rows = ["AA", "DND", "volumeRing", "updatesInterval"].map(|key| DriftRow {
        section: "Settings",
        key,
        expected: Some("1"),
        actual: Some("0"),
        line: Some(4),
        is_new: false,
    });
    for number in 0..9_usize {
        let path = format!(r"C:\Users\user{number}\AppData\Roaming\MicroSIP\MicroSIP.ini");
        let state = match number % 3 {
            0 => HostState::InSync,
            _ => HostState::Drifted(&rows[..1 + number % 4]),
        };
        page.add(&Host { path: &path, site: None, state });
    }
    page
}

impl Shown {
    /// Takes screenshots of a page: light, dark, one file, narrow, and printed.
    #[track_caller]
    fn pictures(&self, folder: &Path, name: &str, state: &str) {
        let file = self
            .at(state)
            .paths()
            .first()
            .map_or("", |path| path)
            .replace('\\', "%5C")
            .replace('$', "%24");
        let detail = format!("host={file}&{state}&theme=light");
        std::fs::copy(self.path(), folder.join(format!("{name}.html"))).unwrap();
        for (kind, view, size) in [
            ("light", "theme=light", "1400,2000"),
            ("dark", "theme=dark", "1400,2000"),
            ("first", "theme=light&key=Settings.AA", "1400,1000"),
            ("site", "theme=light&site=Z%C3%BCrich&key=Settings.audioCodecs", "1400,2200"),
            ("file", &*detail, "1400,1000"),
            ("narrow", "theme=dark", "390,4200"),
        ] {
            let picture = folder.join(format!("{name}-{kind}.png"));
            let picture = format!("--screenshot={}", picture.display());
            self.browse(view, &[&picture, &format!("--window-size={size}")]);
        }
        let printed = format!("--print-to-pdf={}", folder.join(format!("{name}.pdf")).display());
        self.browse(&format!("{state}&theme=dark"), &[&printed, "--no-pdf-header-footer"]);
    }
}
