//! Templates: what the shipped ones make, and the commands about them.

#[cfg(windows)]
mod batch;
mod check;
mod files;
#[cfg(windows)]
mod started;
mod table;

use std::fs;
use std::path::Path;

use msipctl_core::event::{Action, Directive, Event, Placeholder, Text};
use msipctl_core::hook::Catalogue;

/// What a caller from the network might try.
const CALLERS: &[&str] = &[
    "+49 30 123",
    "",
    "-Command",
    "-EncodedCommand:x",
    "\u{2013}File",
    "--help",
    "/c calc",
    "\" & calc & \"",
    "\\\" & calc",
    "%number%",
    "%PATH%",
    "%%",
    "a,b,\"c\"",
    "'; Remove-Item x; '",
    "<toast launch=\"x\"/>&amp;<b>",
    "]]><x/><![CDATA[",
    "$(calc)",
    "`calc`",
    "x\\",
    "</text><x>",
    "Zo\u{eb} \u{1f4de}",
];

/// A path with a blank, a comma, a per cent sign and a name that is not ASCII.
fn awkward(file: &str) -> String {
    format!("C:\\Users\\Zo\u{eb} \u{dc}nal\\My Scripts, 100%\\{file}")
}

/// Renders a shipped template for incoming calls.
fn directive(template: &str, with: &[(&str, &str)]) -> Directive {
    let template = Catalogue::shipped().template(template).unwrap().unwrap();
    let with = with.iter().map(|(name, value)| ((*name).to_owned(), (*value).to_owned())).collect();
    let rendered = template.render(&[Event::IncomingCall], &with).unwrap();
    Directive::parse(&rendered.lines()[0].1.value).unwrap()
}

#[test]
fn caller_id_for_powershell_never_starts_with_a_dash() {
    for template in ["powershell-file", "toast"] {
        let directive = directive(template, &[("script", r"C:\a.ps1")]);
        let Action::Run(msipctl_core::event::Run { arguments, .. }) = directive.action() else {
            panic!("{directive}")
        };
        let has_caller = |text: &&Text| text.placeholders().any(|it| it == Placeholder::Number);
        let with_caller: Vec<_> = arguments.iter().filter(has_caller).collect();
        assert_eq!(with_caller.len(), 1);
        for dash in ['-', '\u{2013}', '\u{2014}', '\u{2015}', '/'] {
            let filled = with_caller[0].expand(|_| format!("{dash}Command"));
            assert_eq!(filled, format!("number={dash}Command"));
        }
    }
}

#[test]
fn caller_id_is_rejected_in_log_file_names() {
    let template = Catalogue::shipped().template("call-log").unwrap().unwrap();
    let with = [("file".to_owned(), r"C:\%number%.csv".to_owned())].into();
    let rendered = template.render(&[Event::CallEnd], &with).unwrap();
    let error = Directive::parse(&rendered.lines()[0].1.value).unwrap_err();
    assert!(error.to_string().contains("invalid placeholder in a file name"), "{error}");
}

#[test]
fn hook_catalog_matches_the_template_folder() {
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("templates").join("hook");
    let catalogue = Catalogue::shipped();
    let shipped: Vec<_> = catalogue.names().map(|(name, _)| format!("{name}.ini")).collect();
    assert_eq!(names_in(&folder), shipped);
}

/// Lists the names in a folder, in order.
fn names_in(folder: &Path) -> Vec<String> {
    let entries = fs::read_dir(folder).unwrap().map(|entry| entry.unwrap().file_name());
    let mut names: Vec<_> = entries.map(|name| name.into_string().unwrap()).collect();
    names.sort();
    names
}
