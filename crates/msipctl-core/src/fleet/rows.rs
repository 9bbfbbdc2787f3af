//! Audited files as the rows of a report, and such rows as what is counted.

use super::audit::{Audited, Compared, DriftView, MissingSecret};
use crate::audit_report::{AuditRow, DriftRow, HookRow, MissingSecretRow, RowState};
use crate::policy::{Drift, shown_actual};

impl Audited {
    /// Returns the row of a file. `has_drift` asks for a row of each drift, too, which takes time.
    pub fn row(&self, path: String, has_drift: bool) -> AuditRow {
        let drift = self.drift.iter().filter(|_| has_drift).map(row_of);
        AuditRow {
            path,
            host: None,
            user: None,
            site: None,
            state: if self.drift.is_empty() { RowState::InSync } else { RowState::Drifted },
            keys: Some(number(self.keys)),
            drift: drift.collect(),
            unverified: number(self.unverified),
            missing_secrets: self.missing_secrets.iter().cloned().map(secret_row).collect(),
            resolved: None,
            error: None,
            audit: None,
            is_silent: None,
            is_outdated: None,
        }
    }
}

/// Returns a number of keys in the type of a row, whose sums can't overflow.
fn number(keys: usize) -> u32 {
    u32::try_from(keys).unwrap_or(u32::MAX)
}

fn row_of(drift: &Drift) -> DriftRow {
    let is_set = drift.actual.is_some();
    DriftRow {
        section: drift.section.clone(),
        key: drift.key.clone(),
        hook: drift.hook.as_ref().map(|hook| HookRow {
            template: hook.template.clone(),
            event: hook.event,
            problem: hook.problem,
        }),
        expected: drift.expected.clone(),
        actual: drift.actual.clone(),
        default: drift.default.filter(|default| !is_set && !default.is_empty()).map(str::to_owned),
        line: drift.line,
        policy: drift.origin.to_string(),
        since: None,
    }
}

fn secret_row(missing: MissingSecret) -> MissingSecretRow {
    let MissingSecret { section, key, reason, origin } = missing;
    MissingSecretRow { section, key, reason, policy: origin }
}

impl Compared for AuditRow {
    fn keys(&self) -> usize {
        // A report of an older msipctl only has what isn't as expected.
        self.keys.map_or(self.drift.len() + self.unverified as usize, |keys| keys as usize)
    }

    fn unverified(&self) -> usize {
        self.unverified as usize
    }

    fn drift(&self) -> impl ExactSizeIterator<Item = DriftView<'_>> {
        self.drift.iter().map(|drift| DriftView {
            section: &drift.section,
            key: &drift.key,
            expected: &drift.expected,
            actual: shown_actual(drift.actual.as_deref(), drift.default.as_deref()),
            hook: drift.hook.as_ref().map(|it| (it.template.as_str(), it.event, it.problem)),
        })
    }
}
