//! The statements of a policy: about keys, and about hooks.

use std::ops::Range;
use std::sync::Arc;

use super::condition::Condition;
use super::error::Error;
use super::item::{Expect, Item};
use super::location::{Excerpt, Location};
use super::scope::{ANY_ACCOUNT, Scope};
use super::sections::SectionKind;
use super::text::Text;
use crate::event::{Directive, Event, SETTINGS};
use crate::hook::{RenderError, Rendered, Template};
use microsip_schema::{Section, Version};

/// A statement about one key.
pub(super) struct Statement {
    /// The section, as the policy names it.
    pub(super) section: String,
    pub(super) scope: Scope,
    pub(super) key: String,
    /// Where the key is.
    pub(super) location: Location,
    /// Where the value is.
    pub(super) value_place: Location,
    /// The bytes of the value in the text of its file.
    pub(super) value_span: Range<usize>,
    pub(super) want: Want,
    pub(super) trust: Trust,
    pub(super) conditions: Conditions,
    /// The line of a value that depends on the file.
    pub(super) excerpt: Option<Excerpt>,
    /// Whether a value that depends on the file is only written if the key isn't set.
    pub(super) is_default: bool,
}

/// How much of a statement isn't checked against the version of the file.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Trust {
    /// Nothing: the version must read the key, and accept the value.
    Nothing,
    /// The value, because a MicroSIP wrote it. The version must read the key.
    Value,
    /// Everything, because the policy has `force`.
    Everything,
}

/// The conditions under which a statement applies.
pub(super) type Conditions = Vec<Arc<Condition>>;

/// The expectation for a key.
pub(super) enum Want {
    /// The same for every file.
    Fixed(Arc<Item>),
    /// A value that depends on the file.
    Value(Text),
}

/// A statement about a section as a whole.
pub(super) struct SectionStatement {
    /// The section, as the policy names it.
    pub(super) section: String,
    pub(super) kind: SectionKind,
    pub(super) origin: Location,
    pub(super) scope: Scope,
    pub(super) conditions: Conditions,
}

/// A hook from a template.
pub(super) struct HookStatement {
    pub(super) location: Location,
    pub(super) template: Template,
    pub(super) on: Vec<OnEvent>,
    pub(super) with: Vec<HookParameter>,
    pub(super) replace: bool,
    pub(super) chain: bool,
    pub(super) append: bool,
    pub(super) allow_system_message: bool,
    pub(super) msipctl: Option<String>,
    pub(super) conditions: Conditions,
}

/// The value of a parameter of a hook.
pub(super) struct HookParameter {
    pub(super) name: String,
    pub(super) location: Location,
    pub(super) text: Text,
    /// The bytes of the value in the text of its file.
    pub(super) span: Range<usize>,
    pub(super) excerpt: Option<Excerpt>,
}

/// An event of a hook, and the rendered hook if it's the same in every file.
pub(super) struct OnEvent {
    pub(super) event: Event,
    pub(super) rendered: Option<Arc<Rendered>>,
}

impl Statement {
    /// Returns the event whose command or directive the key is.
    pub(super) fn event(&self) -> Option<Event> {
        let is_settings = self.section.eq_ignore_ascii_case(SETTINGS);
        let directive = || Some(Event::of_directive(&self.key)?.0);
        Event::of_key(&self.key).or_else(directive).filter(|_| is_settings)
    }

    /// Returns whether `apply` writes it.
    pub(super) fn is_written(&self) -> bool {
        match &self.want {
            Want::Value(_) => true,
            Want::Fixed(item) => {
                matches!(item.expect, Expect::Value(_) | Expect::Default(_) | Expect::Absent)
            }
        }
    }

    /// Returns whether an account without a value for the key is incomplete.
    pub(super) fn completes_account(&self) -> bool {
        let is_account = Section::of(self.schema_section()) == Some(Section::Account);
        let keys = ["username", "domain", "server", "password"];
        is_account && keys.iter().any(|key| self.key.eq_ignore_ascii_case(key))
    }

    /// Returns the section by which the schema knows the key.
    pub(super) fn schema_section(&self) -> &str {
        match self.scope {
            Scope::Section => &self.section,
            Scope::OfRow(_) | Scope::Accounts(_) => ANY_ACCOUNT,
        }
    }

    /// Checks that a version reads a value as the policy means it.
    pub(super) fn check(&self, value: &str, version: Version, secret: bool) -> Result<(), Error> {
        let Self { key, value_place: location, .. } = self;
        let section = self.schema_section();
        match self.trust {
            Trust::Nothing => {}
            Trust::Value if is_directive(section, key) => return Ok(()),
            Trust::Value => {
                return microsip_schema::reads(section, key, value, version).map_err(
                    |setting_error| {
                        let hint = setting_error.hint().unwrap_or_else(|| GOLDEN.to_owned());
                        Error::new(&self.location, setting_error.to_string()).with_hint(hint)
                    },
                );
            }
            Trust::Everything => return Ok(()),
        }
        if is_directive(section, key) {
            let parsed = Directive::parse(value).map(drop);
            return parsed.map_err(|error| match secret {
                true => Error::new(location, format!("the value of `{key}` isn't a directive")),
                false => Error::new(location, format!("`{key}`: {error}")),
            });
        }
        microsip_schema::validate_setting(section, key, value, version).map_err(|setting_error| {
            let setting_error = if secret { setting_error.without_value() } else { setting_error };
            Error::new(location, setting_error.to_string())
                .with_hint(setting_error.hint().unwrap_or_else(|| FORCE.to_owned()))
        })
    }

    /// Returns section and key in the case in which they are compared. Each block with a `match` has a section of its own.
    pub(super) fn name(&self) -> (String, String) {
        let mut section = self.section.to_ascii_lowercase();
        if let Scope::Accounts(Some(accounts)) = &self.scope {
            section = format!("{section} {}", accounts.location);
        }
        (section, self.key.to_ascii_lowercase())
    }

    /// Rejects a value that no version accepts, before any file is read.
    pub(super) fn check_early(&self, value: &str, secret: bool) -> Result<(), Error> {
        if self.trust == Trust::Everything {
            return Ok(());
        }
        let version = microsip_schema::rejecting_version(self.schema_section(), &self.key, value);
        version.map_or(Ok(()), |version| self.check(value, version, secret))
    }
}

impl HookStatement {
    /// Renders the hook for an event if it's the same in every file.
    pub(super) fn render_fixed(
        &self,
        event: Event,
        location: &Location,
    ) -> Result<Option<Rendered>, Error> {
        let fixed = |HookParameter { name, text, .. }: &HookParameter| match text {
            Text::Fixed(value) => Some((name.clone(), value.clone())),
            _ => None,
        };
        match self.with.iter().map(fixed).collect() {
            Some(with) => {
                let rendered = self.template.render(&[event], &with);
                rendered.map(Some).map_err(|error| self.render_error(&error, location))
            }
            None => Ok(None),
        }
    }

    /// Creates the error of a parameter or an event, with its location.
    pub(super) fn render_error(&self, error: &RenderError, event: &Location) -> Error {
        let given = |parameter: &str| {
            let given = self.with.iter().find(|given| given.name == parameter);
            given.map_or(&self.location, |given| &given.location)
        };
        let location = match error {
            RenderError::Unknown { parameter, .. }
            | RenderError::Pattern { parameter, .. }
            | RenderError::LineBreak { parameter, .. } => given(parameter),
            RenderError::Event { .. } => event,
            RenderError::Missing { .. } | RenderError::Problem { .. } => &self.location,
        };
        let hint =
            format!("run `msipctl template show {}` to list its parameters", self.template.name());
        Error::new(location, error.to_string()).with_hint(hint)
    }
}

/// The hint for a value that msipctl rejects.
pub(super) const FORCE: &str = "to write it anyway, use `{ value = ..., force = true }`; to limit it to some versions, use `[match]` or `[[when]]`";

/// The hint for a key of a golden file that the version doesn't read.
const GOLDEN: &str = "delete the line from the golden file, or extend the file by a policy that states the key with `force = true`";

/// Returns whether a key is a directive of msipctl.
pub(super) fn is_directive(section: &str, key: &str) -> bool {
    section.eq_ignore_ascii_case(SETTINGS) && Event::of_directive(key).is_some()
}
