//! Another INI parser on the same files: on well-formed ones it reads what `profile` reads.

use std::collections::BTreeSet;

use ini::ParseOption;
use proptest::prelude::*;
use winini::profile::{self, Profile};
use winini::{CodePage, Document, Encoding};

/// Sections with their keys and values.
type Sections = Vec<(String, Vec<(String, String)>)>;

/// At least a thousand cases, or as many as `PROPTEST_CASES` asks for.
fn config() -> ProptestConfig {
    let default = ProptestConfig::default();
    ProptestConfig { cases: default.cases.max(1000), ..default }
}

/// Names that are unique whatever their case, with something for each.
fn unique<T>(pairs: Vec<(String, T)>) -> Vec<(String, T)> {
    let mut seen = BTreeSet::new();
    pairs.into_iter().filter(|(name, _)| seen.insert(name.to_lowercase())).collect()
}

fn sections() -> impl Strategy<Value = Sections> {
    // Signs that mean something stand inside a value, where they mean nothing.
    let ends = "[a-zA-Z0-9äöüЖ日😀/.,_+-]";
    let value = format!("|{ends}|{ends}[ -~äöüЖ日😀]{{0,20}}{ends}");
    let value = proptest::string::string_regex(&value).unwrap();
    let keys =
        prop::collection::vec(("[a-zA-Zäß日][a-zA-Z0-9 ._äß日-]{0,12}[a-zA-Z0-9]", value), 0..8);
    let section = ("[a-zA-Zäß日][a-zA-Z0-9 ._ä日-]{0,10}[a-zA-Z0-9]", keys.prop_map(unique));
    prop::collection::vec(section, 0..6).prop_map(unique)
}

/// How a file is laid out.
#[derive(Debug, Clone)]
struct Layout {
    ending: &'static str,
    equals: &'static str,
    between: &'static str,
    has_last_ending: bool,
    encoding: Encoding,
}

fn layout() -> impl Strategy<Value = Layout> {
    let encodings = vec![
        Encoding::MICROSIP,
        Encoding::Utf8 { bom: false },
        Encoding::Utf8 { bom: true },
        Encoding::Utf16Be { bom: true },
    ];
    (
        prop::sample::select(vec!["\r\n", "\n"]),
        prop::sample::select(vec!["=", " = ", "= ", "\t="]),
        prop::sample::select(vec!["", "\n", "; a comment = none\n", "# neither\n"]),
        any::<bool>(),
        prop::sample::select(encodings),
    )
        .prop_map(|(ending, equals, between, has_last_ending, encoding)| Layout {
            ending,
            equals,
            between,
            has_last_ending,
            encoding,
        })
}

fn text(sections: &Sections, layout: &Layout) -> String {
    let mut text = String::new();
    for (section, keys) in sections {
        text.push_str(&format!("[{section}]\n"));
        for (key, value) in keys {
            text.push_str(&format!("{key}{}{value}\n", layout.equals));
        }
        text.push_str(layout.between);
    }
    if !layout.has_last_ending {
        text.truncate(text.trim_end_matches('\n').len());
    }
    text.replace('\n', layout.ending)
}

fn document(text: &str, encoding: Encoding) -> Document {
    let body = encoding.encode(text).unwrap();
    let bytes = [encoding.byte_order_mark(), &body].concat();
    // Plain ASCII is UTF-8 as well, and detected as what it is.
    let detected = Encoding::detect(&bytes, CodePage::WESTERN);
    Document::parse(bytes, detected)
}

/// What rust-ini reads, which keeps the order.
fn second_opinion(text: &str) -> Sections {
    let option =
        ParseOption { enabled_quote: false, enabled_escape: false, ..ParseOption::default() };
    let parsed = ini::Ini::load_from_str_opt(text, option).unwrap();
    let sections = parsed.iter().filter_map(|(section, keys)| {
        let keys = keys.iter().map(|(key, value)| (key.to_owned(), value.to_owned()));
        Some((section?.to_owned(), keys.collect()))
    });
    sections.collect()
}

fn first_opinion(document: &Document) -> Sections {
    let sections = Profile::new(document).sections().map(|section| {
        let entries = section.entries();
        let keys = entries.map(|entry| (entry.key().into_owned(), entry.value().into_owned()));
        (section.name().into_owned(), keys.collect())
    });
    sections.collect()
}

proptest! {
    #![proptest_config(config())]

    #[test]
    fn both_parsers_read_the_same_values(sections in sections(), layout in layout()) {
        let text = text(&sections, &layout);
        let document = document(&text, layout.encoding);
        prop_assert_eq!(&first_opinion(&document), &sections);
        prop_assert_eq!(&second_opinion(&text), &sections);
        let profile = Profile::new(&document);
        for (section, keys) in &sections {
            for (key, value) in keys {
                prop_assert!(profile.get(section, key).is_some_and(|read| read == *value));
            }
        }
    }

    #[test]
    fn both_parsers_read_the_same_values_after_an_edit(
        sections in sections(),
        layout in layout(),
        section in "[A-C]",
        key in "[a-c]",
        value in "[a-zA-Z0-9]([ -~]{0,20}[a-zA-Z0-9])?",
    ) {
        let text = text(&sections, &layout);
        let before = document(&text, layout.encoding);
        let edits = profile::set(&before, &section, &key, &value).unwrap();
        let after = before.edit(&edits).unwrap();
        let mark = after.encoding().byte_order_mark().len();
        let text = after.encoding().decode(&after.bytes()[mark..]);
        prop_assert_eq!(first_opinion(&after), second_opinion(&text));
        let read = Profile::new(&after).get(&section, &key);
        prop_assert!(read.is_some_and(|read| read == value));
    }
}
