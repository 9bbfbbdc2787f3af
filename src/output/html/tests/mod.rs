#[cfg(unix)]
mod browser;
mod check;

use std::fmt::Write as _;

use proptest::prelude::*;

use super::*;

/// Returns a head with plain texts.
fn head() -> Head {
    Head {
        title: "Audit of company.toml".to_owned(),
        generated: "2026-11-23T09:01:02Z".to_owned(),
        policy: vec!["company.toml".to_owned(), "sites/muc.toml".to_owned()],
        score: Measure { part: 238_412, of: 240_000, what: "values match" },
        coverage: Measure { part: 19_940, of: 20_000, what: "files read" },
        since: None,
        trend: None,
        merged: None,
        unverified: 0,
    }
}

fn written(page: &mut Page, head: &Head) -> String {
    let mut bytes = Vec::new();
    page.write(&mut bytes, head).unwrap();
    String::from_utf8(bytes).unwrap()
}

/// A realistic fleet: sites of different sizes, and keys of which some drift more than others.
struct Fleet {
    files: u32,
    /// How many of a thousand files drift, and how many fail.
    drifted: u32,
    failed: u32,
    /// The number of drifted keys in a file; `None` for a few.
    keys: Option<u32>,
    since: bool,
}

impl Fleet {
    fn page(&self) -> Page {
        const SITES: [&str; 14] = [
            "Munich",
            "Berlin",
            "Vienna",
            "Zürich",
            "Lyon",
            "Porto",
            "Gdańsk",
            "Dublin",
            "Oslo",
            "Malmö",
            "Turin",
            "Graz",
            "Bern",
            "Home office",
        ];
        const KEYS: [(&str, &str, Option<&str>, &str); 18] = [
            (
                "Settings",
                "cmdCallEnd",
                Some(r#""C:\Program Files\msipctl\msipctl.exe" hook run call-end"#),
                r#"C:\old\hook.exe"#,
            ),
            (
                "Settings",
                "audioCodecs",
                Some("opus/48000/2 PCMA/8000/1 PCMU/8000/1"),
                "PCMA/8000/1 PCMU/8000/1 GSM/8000/1",
            ),
            ("Settings", "updatesInterval", Some("never"), "weekly"),
            ("Account1", "domain", Some("sip.example.com"), "sip.example.org"),
            ("Settings", "AA", Some("0"), "1"),
            ("Settings", "rtpPortMin", Some("16384 to 32000"), "4000"),
            ("Account1", "password", Some("***"), "***"),
            ("Settings", "crashReport", None, "1"),
            ("Account1", "transport", Some("tls"), "udp"),
            ("Settings", "singleMode", Some("1"), "0"),
            ("Account1", "SRTP", Some("mandatory"), "disabled"),
            ("Settings", "DTMFMethod", Some("2"), "0"),
            (
                "Settings",
                "ringingSound",
                Some(r"\\fs1\share\ring.wav"),
                r"C:\Users\Public\Music\a very long name of a ringing sound.wav",
            ),
            ("Settings", "recordingPath", Some(r"D:\Recordings"), r"C:\Users\Public\Recordings"),
            ("Settings", "denyIncoming", Some(""), "button"),
            ("Account1", "proxy", Some("sbc.example.com:5061"), ""),
            ("Account1", "ICE", Some("1"), "0"),
            (
                "Settings",
                "userDirectory",
                Some("one of https://dir.example.com/a, https://dir.example.com/b"),
                "http://old.example.com/users.xml",
            ),
        ];
        const NAMES: [&str; 10] =
            ["alice", "bob", "carla", "dietmar", "eve", "farid", "greta", "henrik", "ines", "jörg"];
        let mut seed = 7_u32;
        let mut random = move |below: u32| {
            seed = seed.wrapping_mul(1_664_525).wrapping_add(1_013_904_223);
            (seed >> 8) % below
        };
        let mut page = Page::default();
        for number in 0..self.files {
            let site = (random(14) * random(14) / 13) as usize;
            let name = NAMES[random(10) as usize];
            let path = format!(
                r"\\fs{}\profiles$\{name}{number:05}\AppData\Roaming\MicroSIP\MicroSIP.ini",
                site + 1
            );
            let bad = random(1000);
            let worse = if site == 3 { self.drifted * 3 } else { self.drifted };
            let keys = self.keys.unwrap_or(1 + random(3) * random(3));
            let mut rows = Vec::new();
            if bad < worse {
                let mut key = random(18) * random(18) / 17;
                for _ in 0..keys {
                    let (section, name, expected, actual) = KEYS[key as usize % 18];
                    rows.push(DriftRow {
                        section,
                        key: name,
                        expected,
                        actual: (random(6) > 0).then_some(actual),
                        line: Some(2 + random(60)),
                        is_new: self.since && random(9) == 0,
                    });
                    key += 1 + random(4);
                }
                rows.iter_mut().filter(|row| row.actual.is_none()).for_each(|row| row.line = None);
            }
            let state = if bad >= 1000 - self.failed {
                HostState::Failed(
                    [
                        "MicroSIP.ini: can't read the file: access is denied (os error 5)",
                        "MicroSIP.ini: no such file, expected one that the inventory names",
                        "MicroSIP.ini: locked by another program",
                    ][random(3) as usize],
                )
            } else if rows.is_empty() {
                HostState::InSync
            } else {
                HostState::Drifted(&rows)
            };
            page.add(&Host { path: &path, site: Some(SITES[site]), state });
            if self.since && random(60) == 0 {
                page.add_resolved(&path, "Settings", "updatesInterval");
            }
        }
        page
    }
}

/// Returns the block of JSON as a browser extracts it from the page: up to the first end of a script.
fn block(page: &str) -> serde_json::Value {
    let begin = r#"<script type="application/json" id="data">"#;
    assert_eq!(page.matches(begin).count(), 1);
    let text = page.split_once(begin).unwrap().1.split_once("</script>").unwrap().0;
    assert!(!text.contains('<'));
    serde_json::from_str(text).unwrap()
}

fn one_file(path: &str, site: Option<&str>, row: &DriftRow<'_>) -> Page {
    let mut page = Page::default();
    page.add(&Host { path, site, state: HostState::Drifted(std::slice::from_ref(row)) });
    page
}

#[test]
fn html_data_stores_each_text_once() {
    let row = |actual, line| DriftRow {
        section: "Settings",
        key: "AA",
        expected: Some("0"),
        actual,
        line,
        is_new: line.is_none(),
    };
    let mut page = Page::default();
    let mut add = |path, state| page.add(&Host { path, site: Some("muc"), state });
    add("/srv/a.ini", HostState::InSync);
    let rows = [row(Some("1"), Some(14)), row(None, None)];
    add("/srv/b.ini", HostState::Drifted(&rows));
    add("/srv/b.txt", HostState::Failed("locked"));
    page.add_resolved("/srv/a.ini", "Account1", "domain");
    let expected = serde_json::json!({
        "items": [["Settings", "AA"], ["Account1", "domain"]],
        "texts": ["0", "1", "locked"],
        "sites": ["muc"],
        "files": [[0, "/srv/a.ini", 0], [5, "b.ini", 0, 0, 1, 2, 14, 0, 0, 1, 0, 0, 1], [7, "txt", 0, 2]],
        "resolved": [[0, "/srv/a.ini", 1]],
        "since": false,
    });
    let mut block = block(&written(&mut page, &head()));
    let words = block.as_object_mut().unwrap().remove("words").unwrap();
    assert_eq!(words["item"], "key");
    assert_eq!(block, expected);
}

#[test]
fn html_report_shows_numbers_without_javascript() {
    let mut page = Fleet { files: 200, drifted: 100, failed: 20, keys: None, since: true }.page();
    let counts = page.counts;
    let head = Head { score: Measure { part: 1, of: 3, what: "values match" }, ..head() };
    let text = written(&mut page, &head);
    assert!(text.contains("<strong>33.3%</strong>"));
    assert!(text.contains("1 of 3 values match"));
    for number in [counts.files(), counts.in_sync, counts.drifted, counts.failed] {
        assert!(text.contains(&format!("<strong>{number}</strong>")), "{number} is missing");
    }
    assert!(text.contains("Settings.cmdCallEnd"));
    let listed = text.split_once("<noscript>\n<section").unwrap().1;
    let rows = listed.split_once("</noscript>").unwrap().0.matches("<tr><td>").count();
    assert_eq!(rows as u64, (counts.drifted + counts.failed).min(50));
}

#[test]
fn html_report_loads_nothing_and_allows_only_its_own_script() {
    let text = written(&mut Page::default(), &head());
    assert!(text.contains("default-src 'none'"));
    assert!(!text.contains("unsafe-"));
    for loaded in [
        " src=",
        "@import",
        "url(",
        "fetch(",
        "XMLHttpRequest",
        "innerHTML",
        " onclick=",
        " style=",
    ] {
        assert!(!text.contains(loaded), "the page has `{loaded}`");
    }
    // The icon contains the name of its format, SVG.
    let plain = text.replace("http://www.w3.org/2000/svg", "");
    assert!(!plain.contains("http:") && !plain.contains("https:"));
    let policy = text.split_once("Content-Security-Policy").unwrap().1.split_once('>').unwrap().0;
    assert_eq!(policy.matches("sha256-").count(), 2);
    let scripts = text.matches("<script").count();
    assert_eq!((scripts, text.matches("</script>").count()), (2, 2));
}

#[test]
fn html_report_of_20000_files_has_bounded_size() {
    let size = |drifted, keys| {
        let mut page = Fleet { files: 20_000, drifted, failed: 3, keys, since: false }.page();
        written(&mut page, &head()).len()
    };
    let (few, all) = (size(30, None), size(1000, Some(3)));
    assert!(few < 2_000_000, "{few} bytes with 3 % drifted");
    assert!(all < 4_000_000, "{all} bytes with all drifted");
}

#[test]
fn html_report_of_distinct_values_has_bounded_size() {
    let mut page = Page::default();
    for number in 0..20_000 {
        let path = format!(
            r"\\fs{}\profiles$\user{number}\AppData\Roaming\MicroSIP\MicroSIP.ini",
            number % 7
        );
        let value = format!("user{number}@sip.example.com");
        let row = |key| DriftRow {
            section: "Account1",
            key,
            expected: Some("one of the company's"),
            actual: Some(&value),
            line: Some(12),
            is_new: false,
        };
        let rows = ["username", "authID", "displayName"].map(row);
        page.add(&Host { path: &path, site: None, state: HostState::Drifted(&rows) });
    }
    let size = written(&mut page, &head()).len();
    assert!(size < 6_000_000, "{size} bytes");
}

/// Returns the names of the charts on a page of these sites; in each site, a file drifts in these keys.
fn charts(sites: &[&str], keys: &[&str]) -> Vec<String> {
    let mut page = Page::default();
    for (number, site) in sites.iter().enumerate() {
        let row = |key| DriftRow {
            section: "Settings",
            key,
            expected: Some("1"),
            actual: None,
            line: None,
            is_new: false,
        };
        let rows: Vec<_> = keys.iter().copied().map(row).collect();
        let state = HostState::Drifted(&rows);
        page.add(&Host { path: &format!("{number}.ini"), site: Some(site), state });
    }
    let text = written(&mut page, &head());
    assert!(!text.contains("No key drifts."));
    let charts = text.split("<h2 id=\"by-").skip(1);
    charts.map(|chart| chart.split('"').next().unwrap().to_owned()).collect()
}

#[test]
fn html_report_omits_charts_with_a_single_bar() {
    assert_eq!(charts(&["a", "b"], &["AA", "DND"]), ["key", "site"]);
    assert_eq!(charts(&["a", "a"], &["AA", "DND"]), ["key"]);
    assert_eq!(charts(&["a", "b"], &["AA"]), ["site"]);
    assert_eq!(charts(&["a"], &["AA"]), [""; 0]);
}

#[test]
fn html_report_sorts_sites_by_number() {
    let sites = ["10", "9", "2", "1"];
    let mut page = Page::default();
    for site in sites {
        let row = DriftRow {
            section: "",
            key: "hook call-log on call-end",
            expected: None,
            actual: None,
            line: None,
            is_new: false,
        };
        let state = HostState::Drifted(std::slice::from_ref(&row));
        page.add(&Host { path: &format!("{site}.ini"), site: Some(site), state });
    }
    let text = written(&mut page, &head());
    let bars = text.split("data-site=\"").skip(1);
    let bars: Vec<_> = bars.map(|bar| bar.split('"').next().unwrap()).collect();
    assert_eq!(bars, ["1", "2", "9", "10"]);
    // A hook has no section.
    assert!(text.contains("<td>hook call-log on call-end</td>"), "{text}");
}

#[test]
fn report_page_documents_every_url_parameter() {
    let script = include_str!("../report.js");
    let fields = script.split_once("const FIELDS = {").unwrap().1.split_once('}').unwrap().0;
    let mut expected: Vec<_> =
        fields.split(", ").map(|field| field.trim().split(':').next().unwrap()).collect();
    let manual = include_str!("../../../../docs/audit-drift.md");
    let table = manual.split_once("| Name | Value |").unwrap().1.split_once("\n\n").unwrap().0;
    let names = table
        .lines()
        .skip(2)
        .flat_map(|row| row.split('|').nth(1).unwrap().split('`').skip(1).step_by(2));
    let mut names: Vec<_> = names.collect();
    names.sort_unstable();
    expected.sort_unstable();
    assert_eq!(names, expected);
}

/// Returns values that try to break out of their context.
fn hostile() -> [&'static str; 9] {
    [
        "</script><img src=x onerror=alert(1)>",
        "<!--<script>",
        "-->]]></noscript></title></style><svg onload=alert(1)>",
        "\" autofocus onfocus=alert(1) x='",
        "{{ head.title }}{% for x in keys %}",
        "<!--block-->",
        "a\u{2028}b\u{2029}c\0d\u{202e}e\u{feff}",
        "javascript:alert(1)&amp;&lt;\\u003c",
        "😀\u{7f}\r\n\t\u{1b}[31m",
    ]
}

/// Returns the names of all tags of a page.
fn tags(text: &str) -> String {
    let mut tags = String::new();
    for part in text.split('<').skip(1) {
        let name = part.split(|character: char| {
            !character.is_ascii_alphanumeric() && !"!/-".contains(character)
        });
        writeln!(tags, "{}", name.into_iter().next().unwrap_or_default()).unwrap();
    }
    tags
}

proptest! {
    #[test]
    fn values_cannot_break_out_of_html_elements(
        parts in prop::collection::vec(prop_oneof![prop::sample::select(hostile().to_vec()).prop_map(str::to_owned), ".{0,8}"], 6),
        failed in any::<bool>(),
    ) {
        let [path, site, section, key, expected, actual] = parts.try_into().unwrap();
        let row = DriftRow {
            section: &section,
            key: &key,
            expected: Some(&expected),
            actual: Some(&actual),
            line: Some(1),
            is_new: true,
        };
        let mut page = one_file(&path, Some(&site), &row);
        page.add_resolved(&path, &section, &key);
        if failed {
            page.add(&Host { path: &path, site: None, state: HostState::Failed(&actual) });
        }
        let head = Head {
            title: site.clone(),
            generated: actual.clone(),
            policy: vec![path.clone()],
            since: Some(Since { report: key.clone(), generated: Some(path.clone()), before: Counts::default() }),
            ..head()
        };
        let text = written(&mut page, &head);
        let block = block(&text);
        prop_assert_eq!(&block["items"][0], &serde_json::json!([section, key]));
        prop_assert_eq!(&block["files"][0][1], &path);
        prop_assert_eq!(&block["sites"][0], &site);
        let texts = block["texts"].as_array().unwrap();
        prop_assert!(texts.iter().any(|text| *text == expected) && texts.iter().any(|text| *text == actual));

        // The markup doesn't depend on the values.
        let row = DriftRow { section: "s", key: "k", expected: Some("e"), actual: Some("a"), ..row };
        let mut plain = one_file("p", Some("p"), &row);
        if failed {
            plain.add(&Host { path: "p", site: None, state: HostState::Failed("a") });
        }
        plain.add_resolved("p", "s", "k");
        let nothing = Head {
            title: String::new(),
            policy: vec![String::new()],
            since: Some(Since { report: String::new(), generated: Some(String::new()), before: Counts::default() }),
            ..head
        };
        let plain = written(&mut plain, &nothing);
        prop_assert_eq!(tags(&text), tags(&plain));
    }
}
