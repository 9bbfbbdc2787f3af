//! Which hooks a policy expects of one file.

use std::collections::BTreeMap;
use std::sync::Arc;

use super::error::Error;
use super::expected_hook::ExpectedHook;
use super::item::{Item, unavailable_item};
use super::load::{Located, Policy};
use super::source::Source;
use super::statement::{HookParameter, HookStatement, OnEvent, Statement};
use super::text::Text;
use crate::event::{Event, SETTINGS};
use crate::hook::{AddOptions, Occupied};
use microsip_schema::SecretKeys;

impl Policy {
    /// Returns whether a hook of a higher layer writes a key, and so overrides the statement about it.
    pub(super) fn is_of_hook(
        &self,
        stated: &Statement,
        layer: usize,
        hooks: &[(usize, ExpectedHook)],
    ) -> Result<bool, Error> {
        if hooks.is_empty() {
            return Ok(false);
        }
        let Some(event) = stated.event().filter(|_| stated.is_written()) else { return Ok(false) };
        let Some((above, hook)) = hooks.iter().find(|(_, hook)| hook.event == event) else {
            return Ok(false);
        };
        if layer < *above {
            return Ok(true);
        }
        let message = format!("the hook at {} also writes `{}`", hook.origin, stated.key);
        Err(Error::new(&stated.location, message)
            .with_hint("for an event, use either hooks or its keys; a hook in a policy that extends this one overrides the keys"))
    }

    /// Returns the expected hooks, each with its layer.
    pub(super) fn hooks(
        &self,
        source: &Source<'_>,
        secrets: &mut SecretKeys,
        unavailable: &mut Vec<(Event, Arc<Item>)>,
    ) -> Result<Vec<(usize, ExpectedHook)>, Error> {
        let mut hooks: Vec<(usize, ExpectedHook)> = Vec::new();
        for Located { stated, layer, .. } in &self.hooks {
            if !stated.conditions.iter().all(|condition| condition.holds(source)) {
                continue;
            }
            let is_secret = |text: &Text| text.is_secret(&self.secret_columns);
            let secret = stated.with.iter().any(|given| is_secret(&given.text));
            let mut values = None;
            if !source.requires_secrets
                && let Err(error) = self.values(stated, source, secrets)
                && error.is_missing_secret()
            {
                // Without the secret, only whether the event has a command can be verified.
                unavailable.extend(stated.on.iter().map(|OnEvent { event, .. }| {
                    (*event, unavailable_item(SETTINGS, event.key(), &stated.location, &error))
                }));
                continue;
            }
            let mut variables = Vec::new();
            for HookParameter { text, location, .. } in &stated.with {
                variables.extend(text.variable(source, location, &self.engine)?);
            }
            for on in &stated.on {
                let rendered = match &on.rendered {
                    Some(rendered) => rendered.clone(),
                    None => {
                        let values = match &mut values {
                            Some(values) => values,
                            none => none.insert(self.values(stated, source, secrets)?),
                        };
                        let rendered = stated.template.render(&[on.event], values);
                        let placed = |error| stated.render_error(&error, &stated.location);
                        Arc::new(rendered.map_err(placed)?)
                    }
                };
                let template = stated.template.name().to_owned();
                let hook = ExpectedHook {
                    event: on.event,
                    rendered,
                    options: options(stated, source),
                    origin: stated.location.clone(),
                    secret,
                    template,
                    variables: variables.clone(),
                };
                let is_same = |(_, other): &(usize, ExpectedHook)| {
                    other.event == hook.event && other.template == hook.template
                };
                match hooks.iter().position(is_same).filter(|_| !stated.append) {
                    Some(index) => hooks[index] = (*layer, hook),
                    None => hooks.push((*layer, hook)),
                }
            }
        }
        Ok(hooks)
    }

    fn values(
        &self,
        stated: &HookStatement,
        source: &Source<'_>,
        secrets: &mut SecretKeys,
    ) -> Result<BTreeMap<String, String>, Error> {
        let mut values = BTreeMap::new();
        for HookParameter { name, location, text, .. } in &stated.with {
            values.insert(name.clone(), self.got(text, location, source, secrets)?);
        }
        Ok(values)
    }
}

/// How a hook is added to a file.
fn options(stated: &HookStatement, source: &Source<'_>) -> AddOptions {
    AddOptions {
        program: stated.msipctl.clone(),
        default_program: source.program.to_owned(),
        ini: source.launcher_ini.cloned(),
        occupied: match (stated.replace, stated.chain) {
            (true, _) => Occupied::Replace,
            (_, true) => Occupied::Chain,
            _ => Occupied::Refuse,
        },
        append: stated.append,
        allow_system_message: stated.allow_system_message,
        microsip: source.microsip,
    }
}
