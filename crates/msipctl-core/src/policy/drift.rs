//! How a file differs from a policy.

use std::borrow::Cow;

use super::location::Location;
use crate::event::Event;
use crate::plan::Blocked;

/// A key that differs from the policy.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Drift {
    /// The section.
    pub section: String,
    /// The key.
    pub key: String,
    /// The expected value, for people; a secret as `***`.
    pub expected: String,
    /// The value in the file; `None` if not set, a secret as `***`.
    pub actual: Option<String>,
    /// Its line, counted from 1.
    pub line: Option<usize>,
    /// The location in the policy.
    pub origin: Location,
    /// Whether `apply` fixes it.
    pub fixable: bool,
    /// The default that MicroSIP uses while the key isn't set, if it has one.
    pub default: Option<&'static str>,
    /// The hook that the key belongs to, if the policy asks for one.
    pub hook: Option<HookDrift>,
}

/// A hook that isn't as the policy asks for it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct HookDrift {
    /// The template.
    pub template: String,
    /// The event.
    pub event: Event,
    /// What is wrong.
    pub problem: HookProblem,
}

/// What is wrong with a hook.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum HookProblem {
    /// The event has no such hook.
    Missing,
    /// The event has the hook, with another directive or command.
    Different,
    /// The event has the hook, but MicroSIP doesn't start it: its launcher is missing or different.
    NoLauncher,
    /// The hook can't be added. [`Drift::expected`] says why.
    Blocked,
}

impl HookProblem {
    /// All problems.
    pub const ALL: [Self; 4] = [Self::Missing, Self::Different, Self::NoLauncher, Self::Blocked];

    /// Returns its name in JSON.
    pub fn name(self) -> &'static str {
        match self {
            Self::Missing => "missing",
            Self::Different => "different",
            Self::NoLauncher => "no_launcher",
            Self::Blocked => "blocked",
        }
    }
}

impl Drift {
    /// Returns the actual value for people: `not set (default 100)` names the default of a key that isn't set; `None` if
    /// it has none.
    pub fn shown_actual(&self) -> Option<Cow<'_, str>> {
        shown_actual(self.actual.as_deref(), self.default)
    }

    /// Returns why an account isn't written: a constraint isn't met.
    pub(super) fn blocked(self) -> Blocked {
        let Self { section, key, expected, actual, origin, .. } = self;
        let is = actual.map_or("is not set".to_owned(), |actual| format!("is `{actual}`"));
        let reason = format!("`{section}.{key}` {is}, expected {expected} ({origin})");
        Blocked { section, reason }
    }
}

/// Returns an actual value for people, as [`Drift::shown_actual`] does.
pub fn shown_actual<'v>(actual: Option<&'v str>, default: Option<&str>) -> Option<Cow<'v, str>> {
    match (actual, default.filter(|default| !default.is_empty())) {
        (Some(actual), _) => Some(Cow::Borrowed(actual)),
        (None, Some(default)) => Some(Cow::Owned(format!("not set (default {default})"))),
        (None, None) => None,
    }
}
