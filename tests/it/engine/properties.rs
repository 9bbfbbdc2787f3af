//! Properties over random state documents and files.

use proptest::prelude::*;
use serde_json::{Value, json};

use super::carry_out;
use crate::runner::Folder;
use msipctl_core::engine::{Operation, State};

const SECTIONS: [&str; 4] = ["Settings", "settings", "Account1", "Other"];
const KEYS: [&str; 6] = ["AA", "aa", "DND", "label", "password", "other"];

fn setting() -> impl Strategy<Value = Value> {
    let value = prop_oneof![
        "[a-zA-Z0-9é \"';=\\[]{0,6}".prop_map(Value::from),
        any::<bool>().prop_map(Value::from),
        (-5..99i64).prop_map(Value::from),
    ];
    let name = (prop::sample::select(&SECTIONS[..]), prop::sample::select(&KEYS[..]));
    (name, value, 0..4u8).prop_map(|((section, key), value, kind)| match kind {
        0 => json!({ "section": section, "key": key, "state": "absent" }),
        1 => json!({ "section": section, "key": key, "secret": { "value": format!("s{value}") } }),
        2 => json!({ "section": section, "key": key, "value": value, "raw": true }),
        _ => json!({ "section": section, "key": key, "value": value }),
    })
}

fn file() -> impl Strategy<Value = Vec<u8>> {
    let line = prop_oneof![
        prop::sample::select(&SECTIONS[..]).prop_map(|name| format!("[{name}]")),
        (prop::sample::select(&KEYS[..]), "[a-z0-9\" ]{0,5}")
            .prop_map(|(key, value)| format!("{key}={value}")),
        Just("; comment".to_owned()),
        Just(String::new()),
    ];
    prop::collection::vec(line, 0..10).prop_map(|lines| (lines.join("\r\n") + "\r\n").into_bytes())
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(150))]

    #[test]
    fn state_that_was_set_is_the_desired_one(
        file in file(),
        settings in prop::collection::vec(setting(), 1..5),
        purges: bool,
    ) {
        let folder = Folder::with(&file);
        let mut document = json!({
            "settings": settings,
            "options": { "force": true },
            "diff": true,
        });
        if purges {
            document["purge"] = json!({ "keys": ["Settings"], "hooks": true });
        }
        let before = folder.state();
        let mut check = document.clone();
        check["check"] = json!(true);
        let check = carry_out(&folder, Operation::Set, check);
        let test = carry_out(&folder, Operation::Test, document.clone());
        prop_assert!(folder.state() == before, "check mode or `test` touched the disk");

        let set = carry_out(&folder, Operation::Set, document.clone());
        if let Some(error) = &set.error {
            prop_assert_eq!(check.error.as_ref(), Some(error));
            prop_assert!(folder.state() == before, "a failed `set` touched the disk");
            return Ok(());
        }
        prop_assert_eq!(&check.changes, &set.changes);
        prop_assert_eq!(&check.diff, &set.diff);
        prop_assert_eq!(test.in_desired_state, Some(set.state == State::Unchanged));
        prop_assert_eq!(set.in_desired_state, Some(true));

        let after = folder.state();
        let again = carry_out(&folder, Operation::Set, document.clone());
        prop_assert_eq!(again.state, State::Unchanged);
        let test = carry_out(&folder, Operation::Test, document);
        prop_assert_eq!(test.in_desired_state, Some(true));
        prop_assert!(folder.state() == after, "a second run touched the disk");
    }
}
