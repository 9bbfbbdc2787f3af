//! Removes what neither the state document nor its policy names.

use super::deciding::Deciding;
use super::error::Error;
use super::state::{HookState, Presence, StateDocument};
use crate::event::{Event, Record, SETTINGS};
use crate::hook::{self, Removal};
use crate::plan::Desired;
use crate::policy::{Expect, ResolvedPolicy};
use microsip_schema::account_number;
use winini::profile::{Entry, SectionView};

/// The reason for each change.
const REASON: &str = "purged";

/// A state document, and the policy for the file, which includes the settings.
pub(super) struct Purging<'a> {
    pub(super) document: &'a StateDocument,
    pub(super) policy: &'a ResolvedPolicy,
}

impl Purging<'_> {
    /// Adds what the state document asks to purge.
    pub(super) fn purge(&self, deciding: &mut Deciding<'_>) -> Result<(), Error> {
        let purge = &self.document.purge;
        if purge.hooks {
            self.hooks(deciding)?;
        }
        if purge.accounts {
            self.accounts(deciding)?;
        }
        for section in &purge.keys {
            let desired = self.keys(deciding, section);
            deciding.add(desired)?;
        }
        Ok(())
    }

    /// Removes the hooks that msipctl wrote.
    fn hooks(&self, deciding: &mut Deciding<'_>) -> Result<(), Error> {
        for event in Event::ALL {
            let records = deciding.hooks().records(event).into_iter().map(|record| record.by);
            let is_template = |by: &String| *by != Record::LAUNCHER && *by != Record::CHAIN;
            let templates: Vec<_> =
                records.filter(|by| is_template(by) && !self.has_hook(by, event)).collect();
            if templates.is_empty() {
                continue;
            }
            let removal = Removal { events: vec![event], templates };
            let removed = hook::remove(deciding.hooks(), &removal);
            deciding.add(removed.notes.into_iter().fold(removed.desired, Desired::with_note))?;
        }
        Ok(())
    }

    fn has_hook(&self, template: &str, event: Event) -> bool {
        let is_stated = |hook: &HookState| {
            hook.state == Presence::Present
                && hook.template == template
                && (hook.on.is_empty() || hook.on.contains(&event))
        };
        self.document.hooks.iter().any(is_stated)
            || self.policy.hooks().any(|hook| hook == (template, event))
            || self.policy.items().any(|item| {
                // A hook whose secret isn't available.
                item.section == SETTINGS && Event::of_key(&item.key) == Some(event)
            })
    }

    /// Removes the sections of accounts.
    fn accounts(&self, deciding: &mut Deciding<'_>) -> Result<(), Error> {
        let profile = deciding.profile();
        let mut sections: Vec<_> = profile
            .sections()
            .map(|section| section.name().into_owned())
            .filter(|name| account_number(name).is_some() && !self.has_section(name))
            .collect();
        sections.sort();
        sections.dedup_by_key(|name| name.to_ascii_lowercase());
        if let Some(id) = profile.get(SETTINGS, "accountId") {
            let is_active = |name: &&String| {
                account_number(name).is_some_and(|number| *id == number.to_string())
            };
            if let Some(active) = sections.iter().find(is_active) {
                let message =
                    format!("can't purge `[{active}]`: `Settings.accountId` names this account");
                let hint =
                    "add the account to `settings`, or set `Settings.accountId` to another account";
                return Err(Error::usage(message).with_hint(hint));
            }
        }
        let unset = |desired: Desired, name: &String| desired.unset_section(name, REASON);
        let desired = sections.iter().fold(Desired::new(), unset);
        deciding.add(desired)
    }

    /// Returns whether any key of a section is expected to exist.
    fn has_section(&self, name: &str) -> bool {
        let is_of = |section: &str| section.eq_ignore_ascii_case(name);
        let settings = &self.document.settings;
        settings.iter().any(|it| is_of(&it.section) && it.state == Presence::Present)
            || self
                .policy
                .items()
                .any(|item| is_of(&item.section) && !matches!(item.expect, Expect::Absent))
    }

    /// Removes known keys of a section.
    fn keys(&self, deciding: &Deciding<'_>, name: &str) -> Desired {
        let section = deciding.profile().section(name);
        let entries = section.into_iter().flat_map(SectionView::entries);
        let keys = entries.map(Entry::key).filter(|key| self.is_purged(name, key));
        keys.fold(Desired::new(), |desired, key| desired.unset(name, &key, REASON))
    }

    fn is_purged(&self, section: &str, key: &str) -> bool {
        let Some(known) = microsip_schema::find(section, key) else { return false };
        let is_of = |of: &str, other: &str| {
            of.eq_ignore_ascii_case(section) && other.eq_ignore_ascii_case(key)
        };
        let is_stated = self.policy.items().any(|item| is_of(&item.section, &item.key));
        let is_written = self.document.settings.iter().any(|setting| {
            setting.key.as_deref().is_some_and(|other| is_of(&setting.section, other))
        });
        // The active account isn't a part of a configuration.
        let is_active = is_of(SETTINGS, "accountId");
        let is_hook = Event::of_key(key).is_some() || Event::of_directive(key).is_some();
        !is_stated
            && !is_written
            && !is_active
            && !is_hook
            && !known.is_machine_state()
            && !known.is_personal()
            && !known.is_sensitive()
            && !microsip_schema::is_secret(section, key)
    }
}
