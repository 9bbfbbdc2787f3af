//! The page of a check.

use msipctl_core::diagnostic::Severity;
use msipctl_core::validate::RULES;

use super::*;

/// Returns a head with all rules.
pub(super) fn check_head() -> CheckHead {
    let rules = RULES.iter().map(|rule| RuleHead {
        name: rule.name,
        summary: rule.summary,
        page: rule.text(),
    });
    CheckHead {
        title: "MicroSIP check".to_owned(),
        generated: "2026-11-23T09:01:02Z".to_owned(),
        rules: rules.collect(),
        counts: FindingCounts {
            errors: 3,
            warnings: 4,
            infos: 1,
            fixable_safely: 2,
            fixable: 6,
            fixed: 5,
            suppressed: 9,
            of_baseline: Some((11, 0)),
        },
    }
}

fn written_check(page: &mut Page) -> String {
    let mut bytes = Vec::new();
    page.write_check(&mut bytes, &check_head()).unwrap();
    String::from_utf8(bytes).unwrap()
}

pub(super) const fn finding(
    rule: &'static str,
    severity: Severity,
    message: &'static str,
) -> FindingRow<'static> {
    FindingRow { rule, severity, line: 7, message, help: Some("write it again") }
}

fn add(page: &mut Page, path: &str, site: &str, findings: &[FindingRow<'_>]) {
    let state = if findings.is_empty() { HostState::InSync } else { HostState::Found(findings) };
    page.add(&Host { path, site: Some(site), state });
}

const UNKNOWN_KEY: FindingRow<'static> =
    finding("unknown-key", Severity::Warning, "MicroSIP doesn't read `AAA`");
const SPLIT_PATH: FindingRow<'static> =
    finding("split-program-path", Severity::Error, "the path is split");

/// Returns a page with files in each state.
pub(super) fn small_check() -> Page {
    let mut page = Page::default();
    add(&mut page, "/srv/alice.ini", "10", &[UNKNOWN_KEY, UNKNOWN_KEY]);
    add(&mut page, "/srv/bob.ini", "10", &[]);
    add(&mut page, "/srv/carla.ini", "9", &[UNKNOWN_KEY, SPLIT_PATH]);
    add(&mut page, "/srv/emil.ini", "9", &[finding("ansi-code-page", Severity::Info, "ANSI")]);
    let state = HostState::Failed("locked by another program");
    page.add(&Host { path: "/srv/dora.ini", site: Some("9"), state });
    page
}

/// A realistic fleet: sites of different sizes, and rules of which some are more frequent than others.
pub(super) fn fleet(files: u32, found: u32, sites: u32) -> Page {
    let rules: Vec<_> = RULES.iter().step_by(3).collect();
    let mut seed = 5_u32;
    let mut random = move |below: u32| {
        seed = seed.wrapping_mul(1_664_525).wrapping_add(1_013_904_223);
        (seed >> 8) % below
    };
    let mut page = Page::default();
    for number in 0..files {
        let site = 1 + random(sites) * random(sites) / sites;
        let path =
            format!(r"\\fs{site}\profiles$\user{number:05}\AppData\Roaming\MicroSIP\MicroSIP.ini");
        let mut findings = Vec::new();
        if random(1000) < found {
            for _ in 0..1 + random(3) * random(4) {
                let count = u32::try_from(rules.len()).unwrap();
                let rule = rules[(random(count) * random(count) / count) as usize];
                findings.push(FindingRow {
                    rule: rule.name,
                    severity: rule.severity,
                    line: 1 + random(60),
                    message: rule.summary,
                    help: Some("set it to `0` or `1`").filter(|_| number % 2 == 0),
                });
            }
        }
        let site = format!("Site {site}");
        if random(1000) < 3 {
            let state = HostState::Failed("access is denied (os error 5)");
            page.add(&Host { path: &path, site: Some(&site), state });
        } else {
            add(&mut page, &path, &site, &findings);
        }
    }
    page
}

/// Returns the text of the elements that begin with a tag.
fn texts<'t>(page: &'t str, begin: &str) -> Vec<&'t str> {
    page.split(begin).skip(1).map(|text| text.split('<').next().unwrap()).collect()
}

#[test]
fn check_page_counts_files_by_their_worst_finding() {
    let page = written_check(&mut small_check());
    // Files, errors, warnings, infos, no findings, failed, findings, fixable.
    assert_eq!(texts(&page, "<strong>"), ["5", "1", "1", "1", "1", "1", "8", "75%"]);
    assert!(page.contains("3 errors, 4 warnings, 1 info; 9 suppressed; 5 fixed; 11 known"));
    assert!(page.contains("2 with --fix, 4 more with --unsafe-fixes"));
    let bar = "aria-label=\"1 No findings, 1 Info, 1 Warning, 1 Error, 1 Failed\"";
    assert!(page.contains(bar), "{page}");
}

#[test]
fn check_page_lists_rules_with_counts_and_sites_sorted_by_number() {
    let page = written_check(&mut small_check());
    let table = page.split_once("<table class=\"rules\"").unwrap().1;
    let table = table.split_once("</table>").unwrap().0;
    assert_eq!(
        texts(table, "<a href=\"#rule-")
            .iter()
            .map(|it| it.split('"').next().unwrap())
            .collect::<Vec<_>>(),
        ["split-program-path", "unknown-key", "ansi-code-page"]
    );
    let row = table.split("<tr>").find(|row| row.contains("unknown-key")).unwrap();
    assert_eq!(texts(row, "<td class=\"number\">"), ["3", "2 "]);
    assert_eq!(texts(row, "<span class=\"site-count\">"), ["9 ", "10 "]);
    for head in ["Severity", "Rule", "Findings", "Files", "Sites, by files"] {
        assert!(table.contains("scope=\"col\"") && table.contains(head), "{head}");
    }
}

#[test]
fn check_page_explains_each_rule_that_it_links() {
    let page = written_check(&mut small_check());
    for rule in texts(&page, "<a href=\"#rule-") {
        let name = rule.split('"').next().unwrap();
        assert_eq!(page.matches(&format!("id=\"rule-{name}\"")).count(), 1, "{name}");
    }
    let explained = page.split_once("id=\"rule-unknown-key\"").unwrap().1;
    let explained = explained.split_once("</details>").unwrap().0;
    for text in
        ["<h3>What it does</h3>", "<h3>How to fix</h3>", "<pre><code>", "alice.ini", "carla.ini"]
    {
        assert!(explained.contains(text), "{text} is missing: {explained}");
    }
    assert!(!page.contains("id=\"rule-unknown-codec\""), "a rule without findings is explained");
}

#[test]
fn check_page_omits_rules_and_single_bars_when_there_are_no_findings() {
    let mut page = Page::default();
    add(&mut page, "/srv/bob.ini", "muc", &[]);
    let text = written_check(&mut page);
    assert!(text.contains("No file has findings."));
    assert!(!text.contains("rules-title") && !text.contains("<h2 id=\"by-"));
    let mut page = Page::default();
    add(&mut page, "/srv/bob.ini", "muc", &[UNKNOWN_KEY, SPLIT_PATH]);
    let text = written_check(&mut page);
    let charts = text.split("<h2 id=\"by-").skip(1).map(|chart| chart.split('"').next().unwrap());
    assert_eq!(charts.collect::<Vec<_>>(), ["rule"]);
    assert!(text.contains("<div class=\"charts one\">"));
}

#[test]
fn check_page_counts_further_findings_of_a_rule() {
    let mut page = Page::default();
    let many: Vec<_> = (0..1000).map(|_| UNKNOWN_KEY).chain([SPLIT_PATH]).collect();
    add(&mut page, "/srv/bob.ini", "muc", &many);
    let text = written_check(&mut page);
    let block = block(&text);
    let rows = block["files"][0].as_array().unwrap()[3..].to_vec();
    assert_eq!(rows.len(), (20 + 1 + 1) * 5);
    let more = &rows[21 * 5..];
    assert_eq!(serde_json::json!(more), serde_json::json!([0, 0, 0, 980, 1]));
    assert!(text.contains("unknown-key \u{d7}1,000, split-program-path"));
    let row = text.split("<tr>").find(|row| row.contains("#rule-unknown-key")).unwrap();
    assert_eq!(texts(row, "<td class=\"number\">"), ["1,000", "1 "]);
}

#[test]
fn check_page_of_20000_files_has_bounded_size() {
    let (few, all) = (fleet(20_000, 30, 40), fleet(20_000, 1000, 40));
    let [few, all] = [few, all].map(|mut page| written_check(&mut page).len());
    assert!(few < 2_000_000, "{few} bytes with 3% of the files");
    assert!(all < 4_000_000, "{all} bytes with findings in all files");
}

#[test]
fn check_page_loads_nothing() {
    let text = written_check(&mut fleet(300, 900, 8));
    for loaded in
        [" src=", "@import", "url(", " href=\"http", " style=", "unsafe-inline", "unsafe-eval"]
    {
        assert!(!text.contains(loaded), "the page has `{loaded}`");
    }
    let links = text.split(" href=\"").skip(1).map(|link| &link[..1]);
    // The icon is in the page.
    assert!(links.filter(|link| *link != "#").eq(["d"]));
}

proptest! {
    #[test]
    fn findings_cannot_break_out_of_html_elements(
        parts in prop::collection::vec(prop_oneof![prop::sample::select(hostile().to_vec()).prop_map(str::to_owned), ".{0,8}"], 5),
    ) {
        let [path, site, message, help, reason] = parts.try_into().unwrap();
        let page = |path: &str, site: &str, message: &str, help: &str, reason: &str| {
            let row = FindingRow { message, help: Some(help), ..UNKNOWN_KEY };
            let mut page = Page::default();
            add(&mut page, path, site, &[row]);
            page.add(&Host { path, site: None, state: HostState::Failed(reason) });
            written_check(&mut page)
        };
        let text = page(&path, &site, &message, &help, &reason);
        let block = block(&text);
        prop_assert_eq!(&block["files"][0][1], &path);
        prop_assert_eq!(&block["sites"][0], &site);
        let texts = block["texts"].as_array().unwrap();
        for value in [&message, &help, &reason] {
            prop_assert!(texts.iter().any(|text| text == value));
        }
        // The markup doesn't depend on the values. The files are in one site, or in two.
        let sites = block["sites"].as_array().unwrap().len();
        let other = if sites == 1 { "all files" } else { "s" };
        let plain = page("p", other, "m", "h", "r");
        prop_assert_eq!(tags(&text), tags(&plain));
    }
}
