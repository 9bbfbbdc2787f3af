//! Links, the table of contents, and how pages begin.

use std::collections::BTreeSet;
use std::path::Path;

use super::{all_pages, page, path, read};

/// Returns the text of a page without its code blocks, in which nothing is a link or a heading.
fn without_code(text: &str) -> String {
    let mut is_code = false;
    let prose = text.lines().filter(|line| {
        let is_fence = line.starts_with("```");
        is_code ^= is_fence;
        !is_code && !is_fence
    });
    prose.map(|line| format!("{line}\n")).collect()
}

/// Returns what a page links to, except for other sites.
fn links(text: &str) -> Vec<String> {
    let text = without_code(text);
    let links = text.split("](").skip(1).map(|rest| rest.split(')').next().unwrap().to_owned());
    links.filter(|link| !link.contains("://")).collect()
}

#[test]
fn every_link_leads_somewhere() {
    let mut broken = Vec::new();
    let mut count = 0;
    for (file, text) in all_pages() {
        for link in links(&text) {
            count += 1;
            let (path, heading) = link.split_once('#').unwrap_or((&link, ""));
            let folder = file.parent().unwrap();
            let target = if path.is_empty() { file.clone() } else { folder.join(path) };
            let is_found = target.exists()
                && (heading.is_empty() || anchors(&read(&target)).contains(&heading.to_owned()));
            if !is_found {
                broken.push(format!("{}: {link}", file.display()));
            }
        }
    }
    assert!(broken.is_empty(), "{}", broken.join("\n"));
    assert!(count > 15, "{count}");
}

#[test]
fn links_of_the_book_stay_in_the_book_or_are_addresses() {
    for (file, text) in all_pages().into_iter().filter(|(file, _)| file.starts_with("docs")) {
        for link in links(&text) {
            assert!(!link.starts_with(".."), "{}: {link} is outside of the book", file.display());
        }
    }
}

/// Returns the names by which the headings of a page are linked to.
fn anchors(page: &str) -> Vec<String> {
    let page = without_code(page);
    let headings = page.lines().filter(|line| line.starts_with('#'));
    let anchor = |heading: &str| {
        let text = heading.trim_start_matches('#').trim().to_lowercase();
        let kept = text
            .chars()
            .filter(|character| character.is_alphanumeric() || " -_".contains(*character));
        kept.collect::<String>().replace(' ', "-")
    };
    headings.map(anchor).collect()
}

#[test]
fn table_of_contents_lists_every_page_once() {
    let mut listed = links(&page("SUMMARY"));
    let count = listed.len();
    listed.sort();
    listed.dedup();
    assert_eq!(listed.len(), count, "a page is listed twice");
    let docs = all_pages().into_iter().map(|(file, _)| file).filter(|it| it.starts_with("docs"));
    let names = docs.map(|file| file.file_name().unwrap().to_str().unwrap().to_owned());
    let pages: BTreeSet<_> = names.filter(|name| name != "SUMMARY.md").collect();
    assert_eq!(listed.into_iter().collect::<BTreeSet<_>>(), pages);
}

#[test]
fn every_page_begins_with_a_title_and_a_sentence() {
    for name in links(&page("SUMMARY")) {
        let text = read(&Path::new("docs").join(&name));
        let text = without_code(&text);
        let mut lines = text.lines().filter(|line| !line.is_empty() && !line.starts_with("<!--"));
        let title = lines.next().unwrap();
        assert!(title.starts_with("# "), "{name}: {title}");
        let first = lines.next().unwrap();
        let is_start = |it: char| it.is_uppercase() || it == '`';
        assert!(first.starts_with(is_start) || first.starts_with("msipctl "), "{name}: {first}");
    }
}

#[test]
fn files_that_the_program_names_exist() {
    let mut count = 0;
    let mut folders = vec![Path::new("src").to_owned(), Path::new("crates").to_owned()];
    while let Some(folder) = folders.pop() {
        for entry in std::fs::read_dir(folder).unwrap().map(|entry| entry.unwrap()) {
            let file = entry.path();
            if file.is_dir() {
                folders.push(file);
            } else if file.extension().is_some_and(|it| it == "rs") {
                for rest in read(&file).split("docs/").skip(1) {
                    let Some((name, _)) = rest.split_once(".md") else { continue };
                    let is_name = |it: char| it.is_ascii_lowercase() || it == '-';
                    if name.chars().all(is_name) {
                        assert!(path(name).exists(), "{}: docs/{name}.md", file.display());
                        count += 1;
                    }
                }
            }
        }
    }
    assert!(count > 0);
}
