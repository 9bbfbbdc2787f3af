//! Converts the settings of a configured PC to a policy: those that other PCs can share.

use std::collections::{BTreeMap, BTreeSet, HashMap};
use std::fmt::Write as _;

use super::golden;
use crate::event::{Directive, Event, Hooks, Record, SETTINGS};
use crate::hook::{self, AddOptions, Catalogue, Occupied};
use microsip_schema::{Availability, Kind, PasswordForm, Section, SettingError, Version};
use winini::Document;
use winini::profile::{Entry, Profile, SectionView};

/// The options for capturing an ini.
#[derive(Debug, Clone, Copy)]
pub struct CaptureOptions<'a> {
    /// Whether to include defaults, and what the version doesn't read.
    pub all: bool,
    /// The MicroSIP version that reads the file.
    pub microsip: Version,
    /// The templates of hooks.
    pub templates: &'a Catalogue,
    /// The keys that differ between PCs, from [`DifferingKeys`]. The policy gets them from columns of the inventory.
    pub differing: Option<&'a DifferingKeys>,
}

/// The keys that differ between several PCs.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct DifferingKeys {
    /// Sections and keys, in lower case.
    keys: BTreeSet<(String, String)>,
    /// The names of keys that the first file doesn't have.
    missing: BTreeSet<String>,
}

impl DifferingKeys {
    /// Adds the keys that differ between the first file, which is captured, and another one.
    pub fn add(&mut self, first: &Document, other: &Document) {
        let folded = |section: &str, key: &str| (section.to_lowercase(), key.to_lowercase());
        let values = |document| -> BTreeMap<(String, String), (String, String)> {
            let entry = |(section, entry): (SectionView<'_>, Entry<'_>)| {
                let name = format!("{}.{}", section.name(), entry.key());
                (folded(&section.name(), &entry.key()), (name, entry.value().into_owned()))
            };
            golden::of_all(document).map(entry).collect()
        };
        let (first, other) = (values(first), values(other));
        for (key, (_, value)) in &first {
            if other.get(key).is_none_or(|(_, it)| it != value) {
                self.keys.insert(key.clone());
            }
        }
        let missing = other.into_iter().filter(|(key, _)| !first.contains_key(key));
        self.missing.extend(missing.map(|(_, (name, _))| name));
    }

    fn contains(&self, section: &str, key: &str) -> bool {
        self.keys.contains(&(section.to_lowercase(), key.to_lowercase()))
    }
}

/// An ini as a policy.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Captured {
    /// The policy, as TOML.
    pub policy: String,
    /// The omitted secrets, which the policy references.
    pub secrets: Vec<CapturedSecret>,
    /// The names of omitted keys that the version doesn't read.
    pub ignored: Vec<String>,
    /// The columns of the inventory that the policy uses.
    pub columns: Vec<CapturedColumn>,
}

/// A key that differs between PCs, and its column in the inventory.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct CapturedColumn {
    /// The section.
    pub section: String,
    /// The key.
    pub key: String,
    /// The column.
    pub column: String,
}

/// An omitted secret.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct CapturedSecret {
    /// The section.
    pub section: String,
    /// The key.
    pub key: String,
    /// The environment variable from which the policy gets it.
    pub env: String,
    /// The format of the password in the file; `None` if it isn't the password of an account.
    pub form: Option<PasswordForm>,
}

/// Converts an ini to a policy: without machine-specific and personal settings, secrets, and defaults. Applying the
/// policy doesn't change the same file.
///
/// Hooks that msipctl added become `[[hook]]` if their parameters can be recovered, and otherwise their keys.
///
/// # Example
///
/// ```
/// use msipctl_core::hook::Catalogue;
/// use winini::{Document, Encoding};
/// use msipctl_core::policy::{CaptureOptions, capture};
/// use microsip_schema::Version;
///
/// let ini = b"[Settings]\nAA=1\nDND=0\nmainX=5\n[Account1]\npassword=hunter2\n".to_vec();
/// let document = Document::parse(ini, Encoding::Ascii);
/// let templates = Catalogue::shipped();
/// let options = CaptureOptions {
///     all: false,
///     microsip: Version::NEWEST,
///     templates: &templates,
///     differing: None,
/// };
/// let captured = capture(&document, &options);
/// assert!(captured.policy.contains("[Settings]\nAA = true\n\n[Account1]\npassword = { env = \"ACCOUNT1_PASSWORD\" }"));
/// ```
pub fn capture(document: &Document, options: &CaptureOptions<'_>) -> Captured {
    let mut capturing = Capturer {
        options,
        hooks: Hooks::new(Profile::new(document)),
        sections: Vec::new(),
        places: HashMap::new(),
        secrets: Vec::new(),
        variables: HashMap::new(),
        ignored: Vec::new(),
        columns: Vec::new(),
    };
    let hooks = capturing.hooks();
    for (section, entry) in golden::of_all(document) {
        let is_of_hook = |hook: &CapturedHook| hook.on.iter().any(|event| is_of(*event, entry));
        let is_settings = section.name().eq_ignore_ascii_case(SETTINGS);
        if !(is_settings && hooks.iter().any(is_of_hook)) {
            capturing.entry(section, entry);
        }
    }
    let policy = capturing.text(&hooks);
    let Capturer { secrets, ignored, columns, .. } = capturing;
    Captured { policy, secrets, ignored, columns }
}

/// Returns whether a key of `[Settings]` is the command or a directive of an event.
fn is_of(event: Event, entry: Entry<'_>) -> bool {
    let key = entry.key();
    let directive = Event::of_directive(&key).is_some_and(|(of, _)| of == event);
    directive || Event::of_key(&key) == Some(event)
}

/// An ini that is being converted to a policy.
struct Capturer<'a, 'd> {
    options: &'a CaptureOptions<'a>,
    hooks: Hooks<'d>,
    /// The sections, each with its lines.
    sections: Vec<(String, Vec<String>)>,
    /// The index of each section in it.
    places: HashMap<String, usize>,
    secrets: Vec<CapturedSecret>,
    /// The names of used variables, and the last number that was tried for each.
    variables: HashMap<String, usize>,
    ignored: Vec<String>,
    columns: Vec<CapturedColumn>,
}

/// A hook as it is written in a policy.
#[derive(PartialEq)]
struct CapturedHook {
    template: String,
    on: Vec<Event>,
    /// The parameters, as TOML.
    with: BTreeMap<String, String>,
    append: bool,
    allow_system_message: bool,
}

/// Whether a version reads a value.
enum Reading {
    /// As intended.
    Plain,
    /// Differently than intended.
    Forced,
    /// Not at all.
    Unread,
}

impl Capturer<'_, '_> {
    fn entry(&mut self, section: SectionView<'_>, entry: Entry<'_>) {
        let (section, key) = microsip_schema::spelled(&section.name(), &entry.key());
        let value = entry.value();
        let differs = self.options.differing.is_some_and(|keys| keys.contains(&section, &key));
        let is_default = is_default(&section, &key, &value, self.options.microsip);
        if !self.options.all && is_default && !differs {
            return;
        }
        let is_reserved = ["extends", "match", "when", "hook"].contains(&section.as_str());
        let force = match self.reading(&section, &key, &value) {
            _ if is_reserved => return self.ignored.push(format!("{section}.{key}")),
            Reading::Plain => false,
            Reading::Unread if !self.options.all => {
                return self.ignored.push(format!("{section}.{key}"));
            }
            Reading::Forced | Reading::Unread => true,
        };
        let force_too = if force { ", force = true" } else { "" };
        let stated = if is_masked(&section, &key, &value) {
            let known =
                microsip_schema::find(&section, &key).filter(|it| it.is_encrypted_in_place());
            let form = known.map(|_| microsip_schema::password_form(&value));
            let env = self.secret(&section, &key, &format!("{section}_{key}"), form);
            let row =
                if microsip_schema::is_secret(&section, &key) { "password" } else { "column" };
            format!(
                "{{ env = \"{env}\"{force_too} }} # or {{ row = \"{row}\" }}, or {{ file = \"...\" }}"
            )
        } else if differs {
            let column = self.column(&section, &key);
            match force {
                true => format!("{{ value = \"{{{{ row.{column} }}}}\", force = true }}"),
                false => format!("\"{{{{ row.{column} }}}}\""),
            }
        } else if force {
            format!("{{ value = {}, force = true }}", text(&value))
        } else if self.options.differing.is_none() && is_of_person(&section, &key) {
            let value = scalar(&section, &key, &value);
            format!("{value} # if it differs between PCs: \"{{{{ row.{} }}}}\"", column_name(&key))
        } else {
            scalar(&section, &key, &value)
        };
        let line = format!("{} = {stated}", name(&key));
        match self.places.get(&section) {
            Some(location) => self.sections[*location].1.push(line),
            None => {
                self.places.insert(section.clone(), self.sections.len());
                self.sections.push((section, vec![line]));
            }
        }
    }

    /// Adds a column for a key, and returns its name.
    fn column(&mut self, section: &str, key: &str) -> String {
        let named = column_name(key);
        let is_taken = |columns: &[CapturedColumn], name: &str| {
            // These have a meaning in policies and inventories.
            matches!(name, "ini" | "user" | "host") || columns.iter().any(|it| it.column == name)
        };
        let mut column = named.clone();
        if is_taken(&self.columns, &column) {
            column = format!("{}_{named}", column_name(section));
        }
        let mut number = 1;
        while is_taken(&self.columns, &column) {
            number += 1;
            column = format!("{}_{named}_{number}", column_name(section));
        }
        let (section, key) = (section.to_owned(), key.to_owned());
        self.columns.push(CapturedColumn { section, key, column: column.clone() });
        column
    }

    /// Adds a secret, and returns the variable to get it from.
    fn secret(
        &mut self,
        section: &str,
        key: &str,
        named: &str,
        form: Option<PasswordForm>,
    ) -> String {
        let character = |character: char| match character.is_ascii_alphanumeric() {
            true => character.to_ascii_uppercase(),
            false => '_',
        };
        let named: String = named.chars().map(character).collect();
        let mut env = named.clone();
        let mut number = self.variables.get(&named).copied().unwrap_or(1);
        while self.variables.contains_key(&env) {
            number += 1;
            env = format!("{named}_{number}");
        }
        self.variables.insert(named, number);
        self.variables.entry(env.clone()).or_insert(1);
        self.secrets.push(CapturedSecret {
            section: section.to_owned(),
            key: key.to_owned(),
            env: env.clone(),
            form,
        });
        env
    }

    /// Returns whether the version reads a value.
    fn reading(&self, section: &str, key: &str, value: &str) -> Reading {
        if section == SETTINGS && Event::of_directive(key).is_some() {
            let is_one = Directive::parse(value).is_ok();
            return if is_one { Reading::Plain } else { Reading::Forced };
        }
        let availability =
            microsip_schema::find(section, key).map(|it| it.available(self.options.microsip));
        let is_read = |it: &Availability| matches!(it, Availability::Yes | Availability::Fork(_));
        if availability.is_some_and(|availability| !is_read(&availability)) {
            return Reading::Unread;
        }
        match microsip_schema::validate_setting(section, key, value, self.options.microsip) {
            // The policy gets the plain one.
            Ok(()) | Err(SettingError::StoredPassword { .. }) => Reading::Plain,
            Err(SettingError::Value { .. } | SettingError::TooLong { .. }) => Reading::Forced,
            Err(_) => Reading::Unread,
        }
    }

    /// Finds the hooks that can be written as `[[hook]]`: either all hooks of an event or none.
    fn hooks(&mut self) -> Vec<CapturedHook> {
        let mut hooks: Vec<CapturedHook> = Vec::new();
        for event in Event::ALL {
            for hook in self.hooks_of(event).unwrap_or_default() {
                let same = hooks.iter_mut().find(|other| {
                    other.template == hook.template
                        && other.with == hook.with
                        && other.append == hook.append
                        && other.allow_system_message == hook.allow_system_message
                });
                match same {
                    Some(other) => other.on.extend(hook.on),
                    None => hooks.push(hook),
                }
            }
        }
        hooks
    }

    /// Finds the hooks of an event; `None` if the parameters of one can't be recovered, or msipctl would write it
    /// differently.
    fn hooks_of(&mut self, event: Event) -> Option<Vec<CapturedHook>> {
        let directives = self.hooks.directives(event);
        let values = directives
            .iter()
            .map(|placed| (event.directive_key(placed.number), placed.entry.value().into_owned()));
        let command = self.hooks.command(event)?;
        let native = command.launcher(event).is_none();
        let command = (event.key().to_owned(), command.entry().value().into_owned());
        let values: Vec<_> = values.chain(native.then_some(command)).collect();
        let mut found: Vec<CapturedHook> = Vec::new();
        let mut parameters = Vec::new();
        for (key, value) in values {
            let by = self.hooks.record(&key)?.by;
            if matches!(by.as_str(), Record::LAUNCHER | Record::CHAIN) {
                return None;
            }
            let template = self.options.templates.template(&by)?.ok()?;
            let with = template.recover(event, &value)?;
            let directive = Directive::parse(&value).ok();
            let hook = CapturedHook {
                append: found.iter().any(|other| other.template == by),
                allow_system_message: directive.is_some_and(|it| it.system_message().is_some()),
                template: by,
                on: vec![event],
                with: BTreeMap::new(),
            };
            let options = AddOptions {
                program: None,
                default_program: String::new(),
                ini: None,
                occupied: Occupied::Refuse,
                append: hook.append,
                allow_system_message: hook.allow_system_message,
                microsip: self.options.microsip,
            };
            let rendered = template.render(&[event], &with).ok()?;
            let added = hook::add(self.hooks, &rendered, &options).ok()?;
            let is_secret = |(name, value): (&String, &String)| is_masked("", name, value);
            // A secret that isn't a complete parameter stays with its key.
            let is_whole = !is_masked(SETTINGS, &key, &value) || with.iter().any(is_secret);
            if !added.requests().is_empty() || !is_whole {
                return None;
            }
            found.push(hook);
            parameters.push((key, with));
        }
        for (hook, (key, with)) in found.iter_mut().zip(parameters) {
            for (parameter, value) in with {
                let given = match is_masked("", &parameter, &value) {
                    true => {
                        let named = format!("{}_{parameter}", event.name());
                        format!("{{ env = \"{}\" }}", self.secret(SETTINGS, &key, &named, None))
                    }
                    false => text(&value),
                };
                hook.with.insert(parameter, given);
            }
        }
        Some(found)
    }

    /// Writes the policy.
    fn text(&self, hooks: &[CapturedHook]) -> String {
        let mut policy = "# Settings of one PC that others can share. For the next steps, run `msipctl explain write-a-policy`.\n".to_owned();
        let mut line = |text: &str| {
            policy.push_str(text);
            policy.push('\n');
        };
        if !self.secrets.is_empty() {
            line(
                "# Secrets are omitted: each `env` names the variable from which msipctl gets one.",
            );
        }
        if !self.ignored.is_empty() {
            let ignored: Vec<_> = self.ignored.iter().map(|name| comment(name)).collect();
            let microsip = self.options.microsip;
            line(&format!(
                "# Omitted keys that MicroSIP {microsip} doesn't read: {}",
                ignored.join(", ")
            ));
        }
        if !self.columns.is_empty() {
            let columns: Vec<_> = self.columns.iter().map(|it| it.column.as_str()).collect();
            line(&format!("# Columns of the inventory: ini,{}", columns.join(",")));
        }
        let missing = self.options.differing.iter().flat_map(|keys| &keys.missing);
        let missing: Vec<_> = missing.map(|name| comment(name)).collect();
        if !missing.is_empty() {
            line(&format!("# Only other files have these keys: {}", missing.join(", ")));
        }
        for (section, lines) in &self.sections {
            line(&format!("\n[{}]", name(section)));
            lines.iter().for_each(|text| line(text));
        }
        for hook in hooks {
            let on: Vec<_> = hook.on.iter().map(|event| format!("\"{event}\"")).collect();
            line(&format!(
                "\n[[hook]]\ntemplate = {}\non = [{}]",
                text(&hook.template),
                on.join(", ")
            ));
            if !hook.with.is_empty() {
                let with = hook.with.iter().map(|(key, value)| format!("{} = {value}", name(key)));
                line(&format!("with = {{ {} }}", with.collect::<Vec<_>>().join(", ")));
            }
            if hook.append {
                line("append = true");
            }
            if hook.allow_system_message {
                line("allow_system_message = true");
            }
        }
        policy
    }
}

/// Returns whether a key of an account usually differs between PCs.
fn is_of_person(section: &str, key: &str) -> bool {
    let keys = ["label", "username", "authID", "displayName"];
    Section::of(section) == Some(Section::Account)
        && keys.iter().any(|other| other.eq_ignore_ascii_case(key))
}

/// Returns the name of a column for a key: lower case, with underscores.
fn column_name(key: &str) -> String {
    let character = |character: char| match character.is_ascii_alphanumeric() {
        true => character.to_ascii_lowercase(),
        false => '_',
    };
    let name: String = key.chars().map(character).collect();
    match name.starts_with(|first: char| first.is_ascii_digit()) || name.is_empty() {
        true => format!("_{name}"),
        false => name,
    }
}

/// Returns whether a value is a secret, or contains one.
fn is_masked(section: &str, key: &str, value: &str) -> bool {
    microsip_schema::mask(section, key, value) != value
}

/// Returns whether a value equals the default of MicroSIP.
fn is_default(section: &str, key: &str, value: &str, microsip: Version) -> bool {
    let default = microsip_schema::find(section, key)
        .map(|known| known.default(microsip).unwrap_or_default());
    default == Some(value)
}

/// Formats a value as a person would write it.
fn scalar(section: &str, key: &str, value: &str) -> String {
    let kind = microsip_schema::find(section, key).map(microsip_schema::Key::kind);
    match (kind, value) {
        (Some(Kind::Switch(_)), "1") => "true".to_owned(),
        (Some(Kind::Switch(_)), "0") => "false".to_owned(),
        (Some(Kind::Number { .. }), _)
            if value.parse().is_ok_and(|number: i64| number.to_string() == value) =>
        {
            value.to_owned()
        }
        _ => text(value),
    }
}

/// Formats a text so that it isn't a template, whatever it contains.
fn text(value: &str) -> String {
    if ["{{", "{%", "{#"].iter().any(|mark| value.contains(mark)) {
        let escaped = value.replace('\\', r"\\").replace('"', "\\\"");
        return quoted(&format!("{{{{ \"{escaped}\" }}}}"));
    }
    quoted(value)
}

/// Formats a text in TOML.
fn quoted(value: &str) -> String {
    let is_control = |character: char| character.is_control();
    if value.contains(['\\', '"']) && !value.contains('\'') && !value.contains(is_control) {
        return format!("'{value}'");
    }
    let mut written = String::from('"');
    for character in value.chars() {
        match character {
            '"' | '\\' => written.extend(['\\', character]),
            character if character.is_control() => {
                // Writing to a string doesn't fail.
                let _ = write!(written, "\\u{:04X}", u32::from(character));
            }
            character => written.push(character),
        }
    }
    written.push('"');
    written
}

/// Formats the name of a key or a section.
fn name(name: &str) -> String {
    let is_bare = |byte: u8| byte.is_ascii_alphanumeric() || b"-_".contains(&byte);
    if !name.is_empty() && name.bytes().all(is_bare) { name.to_owned() } else { quoted(name) }
}

/// Returns a text in the form for a comment.
fn comment(text: &str) -> String {
    text.chars()
        .map(|character| if character.is_control() { '\u{fffd}' } else { character })
        .collect()
}

#[cfg(test)]
mod tests {
    use super::*;
    use winini::{CodePage, Encoding};

    #[track_caller]
    fn check(ini: &str, all: bool, expected: &str) {
        let bytes = ini.as_bytes().to_vec();
        let document = Document::parse(bytes.clone(), Encoding::detect(&bytes, CodePage::WESTERN));
        let templates = Catalogue::shipped();
        let options = CaptureOptions {
            all,
            microsip: Version::NEWEST,
            templates: &templates,
            differing: None,
        };
        let captured = capture(&document, &options).policy;
        let (_, captured) = captured.split_once('\n').unwrap();
        assert_eq!(captured, expected);
    }

    #[test]
    fn capture_omits_machine_specific_and_default_values() {
        let ini = "[Settings]\nAA=1\nDND=0\nmainX=3\nlastCallNumber=5\nvolumeRing=50\nAA=0\nbitrateVP8=3\nno such=1\n\
                   userAgent=\"Desk {{ 1 }}\"\nringingSound=C:\\a.wav\ndenyIncoming=bad\n[Calls]\n0=x\n[Ours]\na.b=1\n";
        check(
            ini,
            false,
            &format!(
                "# Omitted keys that MicroSIP {} doesn't read: Settings.bitrateVP8, Settings.no such, Ours.a.b\n\
                 \n[Settings]\nAA = true\nvolumeRing = 50\nuserAgent = '{{{{ \"Desk {{{{ 1 }}}}\" }}}}'\n\
                 ringingSound = 'C:\\a.wav'\ndenyIncoming = {{ value = \"bad\", force = true }}\n",
                Version::NEWEST
            ),
        );
        check(
            "[Settings]\nDND=0\nno such=1\n[Ours]\na.b=1\n",
            true,
            "\n[Settings]\nDND = false\n\"no such\" = { value = \"1\", force = true }\n\n[Ours]\n\"a.b\" = { value = \"1\", force = true }\n",
        );
    }

    #[test]
    fn capture_of_several_pcs_takes_what_differs_from_the_inventory() {
        let parse = |ini: &str| Document::parse(ini.as_bytes().to_vec(), Encoding::Ascii);
        let first = parse(
            "[Settings]\nAA=1\nuserAgent=a\n[Account1]\nlabel=Ann\nusername=204\ndomain=d\npassword=x\n\
             [Account2]\nusername=9\n",
        );
        let other = parse(
            "[Settings]\naa=1\nuserAgent=a\nringingSound=C:\\a.wav\n[account1]\nLABEL=Ben\nusername=205\ndomain=d\n\
             password=y\n",
        );
        let mut differing = DifferingKeys::default();
        differing.add(&first, &other);
        let templates = Catalogue::shipped();
        let options = CaptureOptions {
            all: false,
            microsip: Version::NEWEST,
            templates: &templates,
            differing: Some(&differing),
        };
        let captured = capture(&first, &options);
        let (_, policy) = captured.policy.split_once('\n').unwrap();
        assert_eq!(
            policy,
            "# Secrets are omitted: each `env` names the variable from which msipctl gets one.\n\
             # Columns of the inventory: ini,label,username,account2_username\n\
             # Only other files have these keys: Settings.ringingSound\n\
             \n[Settings]\nAA = true\nuserAgent = \"a\"\n\
             \n[Account1]\nlabel = \"{{ row.label }}\"\nusername = \"{{ row.username }}\"\ndomain = \"d\"\n\
             password = { env = \"ACCOUNT1_PASSWORD\" } # or { row = \"password\" }, or { file = \"...\" }\n\
             \n[Account2]\nusername = \"{{ row.account2_username }}\"\n"
        );
        assert_eq!(captured.columns.len(), 3);
    }

    #[test]
    fn capture_suggests_columns_for_keys_of_people() {
        check(
            "[Account1]\nusername=204\ndomain=d\n",
            false,
            "\n[Account1]\nusername = \"204\" # if it differs between PCs: \"{{ row.username }}\"\ndomain = \"d\"\n",
        );
    }

    #[test]
    fn capture_replaces_secrets_with_references() {
        check(
            "[Account1]\npassword=hunter2\n[Settings]\nusersDirectory=https://a:b@example.com/\n[Account2]\npassword=\n",
            false,
            "# Secrets are omitted: each `env` names the variable from which msipctl gets one.\n\
             \n[Account1]\npassword = { env = \"ACCOUNT1_PASSWORD\" } # or { row = \"password\" }, or { file = \"...\" }\n\
             \n[Settings]\nusersDirectory = { env = \"SETTINGS_USERSDIRECTORY\" } # or { row = \"column\" }, or { file = \"...\" }\n",
        );
    }

    #[test]
    fn capture_restores_hooks_from_the_record() {
        let launcher =
            |event| format!("\"C:\\Program Files\\msipctl\\msipctl.exe\" hook run {event}");
        let settings = format!(
            "[Settings]\nOnCallEnd=Log,C:\\calls.csv\ncmdCallEnd={}\nOnCallStart=Log,C:\\calls.csv\ncmdCallStart={}\n",
            launcher("call-end"),
            launcher("call-start"),
        );
        let record = "[msipctl]\nOnCallEnd=call-log\ncmdCallEnd=launcher\nOnCallStart=call-log\ncmdCallStart=launcher\n";
        check(
            &format!("{settings}{record}"),
            false,
            "\n[[hook]]\ntemplate = \"call-log\"\non = [\"call-start\", \"call-end\"]\nwith = { file = 'C:\\calls.csv' }\n",
        );
        // Without a record, and with a directive that msipctl didn't add, only the keys remain.
        check(
            "[Settings]\nOnCallEnd=Log,C:\\calls.csv\n",
            false,
            "\n[Settings]\nOnCallEnd = 'Log,C:\\calls.csv'\n",
        );
    }
}
