//! Turns a state document and a file into the desired state of the file.

use std::borrow::Cow;
use std::path::Path;

use super::check::contradiction;
use super::deciding::Deciding;
use super::error::Error;
use super::host::{Host, Operation};
use super::purge::Purging;
use super::source::{has_secrets, read_secret};
use super::state::{HookState, PolicySource, Presence, Setting, StateDocument};
use crate::event::{Event, Launcher, SETTINGS};
use crate::fleet::{
    Audited, Findable, MissingSecret, Standard, Target, Targets, TargetsError, named_ini,
};
use crate::hook::{self, AddError, AddOptions, NamedIni, Removal, Rendered, Source};
use crate::plan::{Desired, RequestKind};
use crate::policy::{Expect, Item, Location, ResolvedPolicy};
use microsip_schema::{SecretKeys, SettingError, Version, validate_setting};
use winini::Document;
use winini::profile::{Profile, read_rule};

/// The name of an inline policy in messages.
const INLINE: &str = "policy";

/// The name of the state document, as the origin of an expectation.
const ORIGIN: &str = "settings";

/// A state document after everything was prepared that doesn't depend on the content of the file.
pub(super) struct Prepared<'a> {
    document: &'a StateDocument,
    host: &'a Host<'a>,
    target: Target,
    policy: Option<Standard>,
    settings: Vec<(&'a Setting, Want)>,
    hooks: Vec<(&'a HookState, Vec<OnEvent>)>,
    secrets: SecretKeys,
    launcher_ini: Option<NamedIni>,
}

/// What a setting asks for.
enum Want {
    Value(String),
    Raw(String),
    Absent,
    /// The value is a secret that isn't available here, for this reason.
    Unavailable(String),
}

/// A hook on one event; rendered if it's expected to exist.
struct OnEvent {
    event: Event,
    rendered: Option<Rendered>,
}

/// What is desired of one file.
pub(super) struct Decided {
    pub(super) desired: Desired,
    pub(super) version: Version,
    /// Whether each hook of the state document differs, in its order.
    pub(super) hooks: Vec<HookFound>,
    /// How the file compares with the policy.
    pub(super) audited: Option<Audited>,
    /// The secrets of the settings that aren't available.
    pub(super) missing_secrets: Vec<MissingSecret>,
    /// Whether a key isn't set whose secret isn't available.
    pub(super) lacks_secret: bool,
}

/// A hook of the state document on one event.
pub(super) struct HookFound {
    pub(super) template: String,
    pub(super) event: Event,
    pub(super) differs: bool,
}

impl<'a> Prepared<'a> {
    /// Reads the policy and the secrets, and renders the templates. Adds the secrets that it reads to `secrets`.
    pub(super) fn new(
        document: &'a StateDocument,
        operation: Operation,
        host: &'a Host<'a>,
        secrets: &mut SecretKeys,
    ) -> Result<Self, Error> {
        // A test verifies what it can; check mode predicts that `set` fails.
        let requires_secrets = operation == Operation::Set;
        let mut settings = Vec::new();
        for setting in &document.settings {
            settings.push((setting, want(setting, requires_secrets, host, secrets)?));
        }
        let target = Target::unnamed(document.path.clone());
        let policy = match &document.policy {
            Some(source) => {
                let policy = load(source, document, host)?;
                let policy = if requires_secrets { policy } else { policy.without_secrets() };
                policy.check_targets(&Targets::new(vec![target.clone()]))?;
                Some(policy)
            }
            None => None,
        };
        let hooks = document.hooks.iter().map(|hook| Ok((hook, on_events(hook, host)?)));
        let hooks = hooks.collect::<Result<Vec<_>, Error>>()?;
        let launcher_ini = match document.options.launcher_ini.as_deref() {
            Some("none") => None,
            None | Some("auto") if hooks.is_empty() => None,
            None | Some("auto") => Findable::default().to_name(&document.path),
            Some(path) => Some(named_ini(path.to_owned())),
        };
        let secrets = secrets.clone();
        Ok(Self { document, host, target, policy, settings, hooks, secrets, launcher_ini })
    }

    /// Returns the warnings about the policy.
    pub(super) fn warnings(&self) -> Vec<String> {
        self.policy.as_ref().map(Standard::warnings).unwrap_or_default()
    }

    /// Returns how a file compares with the policy.
    pub(super) fn audited(
        &self,
        file: &Document,
        version: Version,
    ) -> Result<Option<Audited>, Error> {
        let policy = self.policy.as_ref().map(|policy| policy.resolved(&self.target, version));
        let policy = policy.transpose()?;
        Ok(policy.map(|policy| Audited::new(file, &policy)))
    }

    /// Returns what is desired of a file.
    pub(super) fn decide(&self, file: &Document) -> Result<Decided, Error> {
        let options = &self.document.options;
        let version = self.document.target_version(file, self.host);
        let policy = self.policy.as_ref().map(|policy| policy.resolved(&self.target, version));
        let policy = policy.transpose()?;
        let audited = policy.as_ref().map(|policy| Audited::new(file, policy));
        let policy = policy.map(Cow::into_owned).unwrap_or_default();
        self.check_hooks(&policy)?;
        if !options.force {
            self.check_values(version)?;
        }
        let (items, missing_secrets) = self.items();
        let policy = policy.and(items, &self.secrets);
        let has_both = self.policy.is_some() && !self.settings.is_empty();
        if let Some((one, other)) = has_both.then(|| policy.contradiction(file)).flatten() {
            let Item { section, key, origin, .. } =
                if one.origin.path() == Path::new(ORIGIN) { other } else { one };
            let message =
                format!("`{section}.{key}` in `settings` contradicts the policy at {origin}");
            return Err(contradiction(&message));
        }
        let desired = policy.desired(file)?.hiding(&self.secrets);
        let mut deciding = Deciding::new(file, options.encoding.into());
        deciding.add(self.written(desired))?;
        let hooks = self.each_hook(&mut deciding, version)?;
        if !self.document.purge.is_empty() {
            let policy = policy.for_file(file);
            Purging { document: self.document, policy: &policy }.purge(&mut deciding)?;
        }
        let desired = deciding.desired;
        if !options.force {
            self.check_programs(&desired)?;
        }
        let profile = Profile::new(file);
        let lacks_secret = missing_secrets.iter().any(|missing| {
            let value = profile.get(&missing.section, &missing.key);
            value.is_none_or(|value| value.is_empty())
        });
        Ok(Decided { desired, version, hooks, audited, missing_secrets, lacks_secret })
    }

    /// Returns the expectations of the settings, except for those of written text and sections. Also returns the secrets that
    /// aren't available.
    fn items(&self) -> (Vec<Item>, Vec<MissingSecret>) {
        let mut missing = Vec::new();
        let mut items = Vec::new();
        for (setting, want) in &self.settings {
            let Some(key) = &setting.key else { continue };
            let (section, key) = microsip_schema::spelled(&setting.section, key);
            let expect = match want {
                Want::Value(value) => Expect::Value(value.clone()),
                Want::Absent => Expect::Absent,
                Want::Raw(_) => continue,
                Want::Unavailable(reason) => {
                    missing.push(MissingSecret {
                        section: section.clone(),
                        key: key.clone(),
                        reason: reason.clone(),
                        origin: ORIGIN.to_owned(),
                    });
                    Expect::Unavailable(reason.clone())
                }
            };
            let secret = setting.secret.is_some() || microsip_schema::is_secret(&section, &key);
            let origin = Location::at_start(Path::new(ORIGIN));
            let always = self.document.options.force;
            items.push(Item { section, key, expect, origin, secret, always });
        }
        (items, missing)
    }

    /// Adds what only the written text or a complete section can express.
    fn written(&self, mut desired: Desired) -> Desired {
        for (setting, want) in &self.settings {
            desired = match (&setting.key, want) {
                (None, _) => desired.unset_section(&setting.section, "asked for"),
                (Some(key), Want::Raw(text)) => {
                    let (section, key) = microsip_schema::spelled(&setting.section, key);
                    desired.set_written(&section, &key, text, "asked for")
                }
                _ => desired,
            };
        }
        desired
    }

    /// Checks that MicroSIP accepts the values.
    fn check_values(&self, version: Version) -> Result<(), Error> {
        for (setting, want) in &self.settings {
            let (Some(key), Want::Value(value) | Want::Raw(value)) = (&setting.key, want) else {
                continue;
            };
            let value = if setting.raw { read_rule(value) } else { value };
            let checked = validate_setting(&setting.section, key, value, version);
            checked.map_err(|error| invalid(error, setting.secret.is_some()))?;
        }
        Ok(())
    }

    /// Checks that no hook is stated twice.
    fn check_hooks(&self, policy: &ResolvedPolicy) -> Result<(), Error> {
        let stated =
            || self.hooks.iter().flat_map(|(hook, on)| on.iter().map(move |on| (hook, on)));
        for setting in &self.document.settings {
            let Some(event) = setting.event() else { continue };
            let is_of_policy = policy.hooks().any(|(_, of)| of == event);
            if is_of_policy || stated().any(|(_, on)| on.event == event) {
                let name = setting.name();
                let message =
                    format!("`{name}` is both a setting and a part of a hook on `{event}`");
                return Err(contradiction(&message));
            }
        }
        for (template, event) in policy.hooks() {
            let is_same = |(hook, on): (&&HookState, &OnEvent)| {
                hook.template == template && on.event == event
            };
            if stated().any(is_same) {
                let message =
                    format!("the hook `{template}` on `{event}` is in `hooks` and in the policy");
                return Err(contradiction(&message));
            }
        }
        Ok(())
    }

    /// Adds and removes the hooks of the state document.
    fn each_hook(
        &self,
        deciding: &mut Deciding<'_>,
        version: Version,
    ) -> Result<Vec<HookFound>, Error> {
        let options = &self.document.options;
        let mut found = Vec::new();
        for (hook, on) in &self.hooks {
            let add_options = AddOptions {
                program: options.program.clone(),
                default_program: self.host.facts.program.clone(),
                ini: self.launcher_ini.clone(),
                occupied: hook.existing.into(),
                append: false,
                allow_system_message: options.force,
                microsip: version,
            };
            for OnEvent { event, rendered } in on {
                let hooks = deciding.hooks();
                let (desired, differs) = match rendered {
                    Some(rendered) => {
                        let added = hook::add(hooks, rendered, &add_options);
                        let added = added.map_err(|error| add_error(error, hook))?;
                        let differs = !added.requests().is_empty();
                        (added, differs)
                    }
                    None => {
                        let (events, template) = (vec![*event], hook.template.clone());
                        let differs =
                            hooks.records(*event).iter().any(|record| record.by == template);
                        let removal = Removal { events, templates: vec![template] };
                        let removed = hook::remove(hooks, &removal);
                        let notes = removed.notes.into_iter();
                        (notes.fold(removed.desired, Desired::with_note), differs)
                    }
                };
                deciding.add(desired)?;
                found.push(HookFound { template: hook.template.clone(), event: *event, differs });
            }
        }
        Ok(found)
    }

    /// Checks that the programs that launchers start exist.
    fn check_programs(&self, desired: &Desired) -> Result<(), Error> {
        for request in desired.requests() {
            let key = request.key.as_deref().filter(|_| request.section == SETTINGS);
            let (Some(event), RequestKind::Value(value)) =
                (key.and_then(Event::of_key), &request.want)
            else {
                continue;
            };
            let launcher = Launcher::parse(value);
            let program = launcher.as_ref().map(Launcher::program);
            if let Some(program) = program.filter(|program| !(self.host.has_program)(program)) {
                let message =
                    format!("missing program {program}, which the hook on `{event}` starts");
                let hint = "install msipctl, or set `program` to the full path of msipctlw.exe";
                return Err(Error::runtime(message).with_hint(hint));
            }
        }
        Ok(())
    }
}

/// Reads what a setting asks for.
fn want(
    setting: &Setting,
    requires_secrets: bool,
    host: &Host<'_>,
    secrets: &mut SecretKeys,
) -> Result<Want, Error> {
    let Some(source) = &setting.secret else {
        return Ok(match (&setting.value, setting.state) {
            (Some(value), Presence::Present) if setting.raw => Want::Raw(value.clone()),
            (Some(value), Presence::Present) => Want::Value(value.clone()),
            _ => Want::Absent,
        });
    };
    match read_secret(&setting.name(), source, host.facts.env) {
        Ok(value) => {
            secrets.add_value(&value);
            Ok(Want::Value(value))
        }
        Err(error) if requires_secrets => Err(error),
        Err(error) => Ok(Want::Unavailable(error.message().to_owned())),
    }
}

fn load(
    source: &PolicySource,
    document: &StateDocument,
    host: &Host<'_>,
) -> Result<Standard, Error> {
    let code_page = document.code_page(host);
    let facts = host.facts.clone();
    let policy = match source {
        PolicySource::File(path) => Standard::load(path, host.templates, code_page, facts),
        PolicySource::Text(text) => {
            Standard::of_text(Path::new(INLINE), text, host.templates, code_page, facts)
        }
    };
    Ok(policy?)
}

impl From<TargetsError> for Error {
    fn from(error: TargetsError) -> Self {
        match error {
            TargetsError::IsPolicy(ref path) => Self::usage(error.to_string())
                .at(path)
                .with_hint("set `path` to a MicroSIP.ini, and `policy` to the policy"),
            TargetsError::Policy(errors) => errors.into(),
        }
    }
}

/// Returns the events of a hook, rendered if it's expected to exist.
fn on_events(hook: &HookState, host: &Host<'_>) -> Result<Vec<OnEvent>, Error> {
    let name = &hook.template;
    if hook.state == Presence::Absent {
        let events = if hook.on.is_empty() { Event::ALL.to_vec() } else { hook.on.clone() };
        return Ok(events.into_iter().map(|event| OnEvent { event, rendered: None }).collect());
    }
    let template = host.templates.template(name).ok_or_else(|| {
        let hint = host.templates.suggest(name).map(|near| format!("did you mean `{near}`?"));
        let hint = hint.unwrap_or_else(|| "run `msipctl template list` to list them".to_owned());
        Error::usage(format!("unknown template `{name}`")).with_hint(hint)
    })?;
    let template = template.map_err(|error| {
        let path = match host.templates.source(name) {
            Some(Source::File(path)) => path.clone(),
            _ => name.into(),
        };
        Error::of_template(&path, &error)
    })?;
    let events = if hook.on.is_empty() { template.events().to_vec() } else { hook.on.clone() };
    let rendered = events.into_iter().map(|event| {
        let rendered = Some(template.render(&[event], &hook.with)?);
        Ok(OnEvent { event, rendered })
    });
    rendered.collect()
}

/// Describes why a setting is invalid.
fn invalid(error: SettingError, is_secret: bool) -> Error {
    let error = if is_secret { error.without_value() } else { error };
    let error = Error::from(error);
    match error.hint() {
        Some(_) => error,
        None => error.with_hint("to write it anyway, set `force` to `true`"),
    }
}

/// Describes why a hook can't be added. The directive isn't repeated if it contains a secret.
fn add_error(error: AddError, hook: &HookState) -> Error {
    match error {
        AddError::Directive { .. } if has_secrets(hook) => {
            let template = &hook.template;
            Error::usage(format!(
                "template `{template}` doesn't make a directive with these values"
            ))
        }
        error => error.into(),
    }
}
