//! Hooks put into any bytes at all, and taken out again.

use std::collections::BTreeMap;

use microsip_schema::Version;
use msipctl_core::event::{Event, Hooks};
use msipctl_core::hook::{self, AddOptions, Catalogue, Occupied, Removal};
use msipctl_core::plan::{Desired, EncodingPolicy, Plan};
use proptest::prelude::*;
use winini::profile::Profile;
use winini::{CodePage, Document, Encoding};

use crate::bad_input::random::foreign_bytes;

fn apply(document: &Document, desired: &Desired) -> Option<Document> {
    let plan = Plan::new(document, desired, EncodingPolicy::Keep).ok()?;
    Some(plan.after().clone())
}

fn added(document: &Document, occupied: Occupied) -> Option<Document> {
    let catalogue = Catalogue::shipped();
    let template = catalogue.template("call-log").unwrap().unwrap();
    let with = BTreeMap::from([("file".to_owned(), r"C:\calls.csv".to_owned())]);
    let options = AddOptions {
        ini: None,
        program: None,
        default_program: r"C:\Program Files\msipctl\msipctl.exe".to_owned(),
        occupied,
        append: false,
        allow_system_message: false,
        microsip: Version::NEWEST,
    };
    let events = [Event::IncomingCall, Event::CallEnd];
    let rendered = template.render(&events, &with).unwrap();
    let hooks = Hooks::new(Profile::new(document));
    apply(document, &hook::add(hooks, &rendered, &options).ok()?)
}

proptest! {
    #[test]
    fn hooks_are_added_and_removed_without_residue_in_any_file(
        bytes in foreign_bytes(),
        occupied in prop::sample::select(vec![Occupied::Replace, Occupied::Chain]),
    ) {
        let encoding = Encoding::detect(&bytes, CodePage::WESTERN);
        let before = Document::parse(bytes, encoding);
        let Some(hooked) = added(&before, occupied) else { return Ok(()) };
        let again = added(&hooked, occupied);
        prop_assert_eq!(again.as_ref().map(Document::bytes), Some(hooked.bytes()));

        let removal = Removal { events: Event::ALL.to_vec(), templates: Vec::new() };
        let removed = hook::remove(Hooks::new(Profile::new(&hooked)), &removal);
        prop_assert_eq!(&removed.notes, &Vec::<String>::new());
        let after = apply(&hooked, &removed.desired).unwrap();
        let shown = |document: &Document| document.bytes().escape_ascii().to_string();
        prop_assert_eq!(shown(&after), shown(&before));
    }
}
