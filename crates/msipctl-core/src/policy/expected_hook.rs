//! A hook that a policy expects on an event.

use std::fmt;
use std::sync::Arc;

use super::drift::{Drift, HookDrift, HookProblem};
use super::error::Error;
use super::location::Location;
use crate::event::{Event, RECORD, SETTINGS};
use crate::hook::{AddError, AddOptions, Rendered};
use crate::plan::{Desired, RequestKind};
use microsip_schema::SecretKeys;
use winini::profile::Profile;

/// A hook that is expected on one event.
#[derive(Clone)]
pub(super) struct ExpectedHook {
    pub(super) event: Event,
    pub(super) template: String,
    pub(super) rendered: Arc<Rendered>,
    pub(super) options: AddOptions,
    pub(super) origin: Location,
    pub(super) secret: bool,
    /// The environment variables that its parameters come from.
    pub(super) variables: Vec<Arc<str>>,
}

// A rendered hook can contain a secret, so it isn't shown.
impl fmt::Debug for ExpectedHook {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "ExpectedHook({:?}, {:?})", self.template, self.event)
    }
}

impl ExpectedHook {
    pub(super) fn error(&self, error: &AddError, secrets: &SecretKeys) -> Error {
        let message = error.to_string();
        let shown = match self.secret {
            // The error would repeat the directive.
            true if matches!(error, AddError::Directive { .. }) => {
                format!("template `{}` doesn't make a directive with these values", self.template)
            }
            _ => microsip_schema::mask(SETTINGS, "", &message).into_owned(),
        };
        let placed = Error::new(&self.origin, shown);
        let hint = match error {
            AddError::Occupied { can_chain: true, .. } => Some(
                "to keep it as the first directive, use `chain = true`; to replace it, use `replace = true`",
            ),
            AddError::Occupied { .. } => Some("to replace it, use `replace = true`"),
            AddError::SystemMessage { .. } => {
                Some("to send it anyway, use `allow_system_message = true`")
            }
            AddError::TooOld { .. } => {
                Some("to limit it to some versions, use `[match]` or `[[when]]`")
            }
            _ => None,
        };
        let placed = match hint {
            Some(hint) => placed.with_hint(hint),
            None => placed,
        };
        let placed = placed.hiding(secrets);
        match error {
            AddError::Occupied { .. } | AddError::HasLauncher { .. } => placed.of_precondition(),
            _ => placed,
        }
    }

    pub(super) fn drift(
        &self,
        profile: Profile<'_>,
        added: Result<Desired, AddError>,
        secrets: &SecretKeys,
        drift: &mut Vec<Drift>,
    ) {
        let shown = |key: &str, value: &str| secrets.mask(SETTINGS, key, value).into_owned();
        let entry = |key: &str| profile.entry(SETTINGS, key);
        let (key, expected, problem) = match added {
            Ok(desired) => {
                let mut values = desired.requests().iter().filter_map(|request| {
                    let key = request.key.as_deref().filter(|_| request.section == SETTINGS)?;
                    match &request.want {
                        RequestKind::Value(value) => Some((key, value.as_str())),
                        _ => None,
                    }
                });
                // The key that is recorded as the template's, or otherwise the only one.
                let is_own = |key: &str| {
                    desired.requests().iter().any(|request| {
                        request.section == RECORD
                            && request.key.as_deref() == Some(key)
                            && request.want == RequestKind::Value(self.template.clone())
                    })
                };
                let is_launcher = |key: &str| key.eq_ignore_ascii_case(self.event.key());
                let Some(first) = values.next() else { return };
                let own = std::iter::once(first).chain(values).find(|(key, _)| is_own(key));
                let (key, value) = own.unwrap_or(first);
                let directive = self.event.directive();
                let has_directive =
                    self.rendered.lines().iter().any(|(_, line)| line.key == directive);
                let problem = match entry(key) {
                    _ if is_launcher(key) && has_directive => HookProblem::NoLauncher,
                    None => HookProblem::Missing,
                    Some(_) => HookProblem::Different,
                };
                (key.to_owned(), shown(key, value), problem)
            }
            Err(error) => {
                let reason = self.error(&error, secrets).message().to_owned();
                (self.event.key().to_owned(), reason, HookProblem::Blocked)
            }
        };
        let entry = entry(&key);
        drift.push(Drift {
            section: SETTINGS.to_owned(),
            actual: entry.map(|entry| shown(&key, &entry.value())),
            key,
            expected,
            line: entry.map(|entry| entry.line() + 1),
            origin: self.origin.clone(),
            fixable: problem != HookProblem::Blocked,
            default: None,
            hook: Some(HookDrift { template: self.template.clone(), event: self.event, problem }),
        });
    }
}
