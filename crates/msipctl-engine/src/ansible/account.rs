//! The `account` option: one SIP account by the names of its keys, as settings of its section.

use std::borrow::Cow;

use microsip_schema::{Key, Kind as KeyKind, Section, keys};
use serde_json::{Map, Value, json};

use super::option::{Kind, ModuleOption, option};

/// The account that MicroSIP shows first.
const FIRST: i64 = 1;
/// The largest number of an account.
const LAST: i64 = 99;

/// Returns the options of an account: its number and state, and one for each key that MicroSIP reads today.
pub(super) fn options() -> Vec<ModuleOption> {
    let mut options = vec![
        option("number", Kind::Integer(FIRST, LAST), "Number of the account: `1` is `[Account1]`.")
            .default_is("1"),
        option(
            "active",
            Kind::Bool,
            "Whether MicroSIP uses this account. `true` sets `Settings.accountId` to the number, and `false` \
             doesn't change which account MicroSIP uses.",
        )
        .default_is("false"),
        option(
            "state",
            Kind::Choice(&["present", "absent"]),
            "Whether the account exists. With `absent`, msipctl removes its section, and ignores the other options.",
        )
        .default_is("present"),
    ];
    options.extend(account_keys().map(|key| ModuleOption {
        name: Cow::Owned(name_of(key)),
        kind: match key.kind() {
            KeyKind::Switch(_) => Kind::Bool,
            KeyKind::Number { min, max } => Kind::Integer(min, max),
            _ => Kind::Setting,
        },
        is_required: false,
        is_secret: key.is_secret(),
        default: None,
        about: Cow::Borrowed(key.description()),
    }));
    options
}

/// Returns the settings that an account stands for.
pub(super) fn settings(mut account: Map<String, Value>) -> Vec<Value> {
    let number = account.remove("number").and_then(|number| number.as_i64()).unwrap_or(FIRST);
    let section = format!("Account{number}");
    if account.remove("state").is_some_and(|state| state == "absent") {
        return vec![json!({ "section": section, "state": "absent" })];
    }
    let is_active = account.remove("active").and_then(|active| active.as_bool());
    let mut settings = Vec::with_capacity(account.len() + 1);
    for key in account_keys() {
        let Some(value) = account.remove(&name_of(key)) else { continue };
        let value = match value {
            Value::Bool(is_on) => u8::from(is_on).to_string(),
            Value::String(text) => text,
            other => other.to_string(),
        };
        settings.push(json!({ "section": section, "key": key.name(), "value": value }));
    }
    if is_active == Some(true) {
        let value = number.to_string();
        settings.push(json!({ "section": "Settings", "key": "accountId", "value": value }));
    }
    settings
}

fn account_keys() -> impl Iterator<Item = &'static Key> {
    keys().filter(|key| key.section() == Section::Account && key.until().is_none())
}

/// Returns the name of a key with underscores: `auth_id` for `authID`.
fn name_of(key: &Key) -> String {
    let mut name = String::new();
    let mut before = None;
    for character in key.name().chars() {
        if character.is_ascii_uppercase() && before.is_some_and(|it: char| it.is_ascii_lowercase())
        {
            name.push('_');
        }
        name.push(character.to_ascii_lowercase());
        before = Some(character);
    }
    name
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn key_names_are_split_at_capital_letters() {
        let names: Vec<_> = account_keys().map(name_of).collect();
        for expected in
            ["auth_id", "hide_cid", "srtp", "public_addr", "ice", "disable_session_timer"]
        {
            assert!(names.iter().any(|name| name == expected), "{expected} in {names:?}");
        }
        let all: std::collections::BTreeSet<_> = options().into_iter().map(|it| it.name).collect();
        assert_eq!(all.len(), options().len(), "each name occurs once");
    }

    #[test]
    fn account_becomes_settings_of_its_section() {
        let account =
            json!({ "number": 2, "active": true, "password": "x", "ice": true, "keep_alive": 30 });
        let Value::Object(account) = account else { unreachable!() };
        assert_eq!(
            settings(account),
            [
                json!({ "section": "Account2", "key": "password", "value": "x" }),
                json!({ "section": "Account2", "key": "keepAlive", "value": "30" }),
                json!({ "section": "Account2", "key": "ICE", "value": "1" }),
                json!({ "section": "Settings", "key": "accountId", "value": "2" }),
            ]
        );
    }

    #[test]
    fn absent_account_is_its_absent_section() {
        let Value::Object(account) = json!({ "number": 3, "state": "absent", "label": "x" }) else {
            unreachable!()
        };
        assert_eq!(settings(account), [json!({ "section": "Account3", "state": "absent" })]);
    }
}
