//! Reads `[[hook]]`.

use std::ops::Range;
use std::sync::Arc;

use toml::Spanned;
use toml::de::{DeString, DeValue};

use super::error::Error;
use super::location::{Excerpt, Location};
use super::reader::Reader;
use super::statement::{Conditions, HookParameter, HookStatement, OnEvent};
use super::text::Text;
use super::toml_file::TomlValue;
use crate::event::Event;
use crate::hook::{self, nearest};

impl<'a> Reader<'a> {
    pub(super) fn hook(
        &self,
        value: TomlValue<'a>,
        conditions: &Conditions,
    ) -> Option<HookStatement> {
        const KNOWN: [&str; 8] = [
            "template",
            "on",
            "with",
            "replace",
            "chain",
            "append",
            "allow_system_message",
            "msipctl",
        ];
        let start = value.span();
        let pairs = self.file.table(value, "hook", "[[hook]]")?;
        let has = |name: &str| pairs.iter().any(|(key, _)| key.get_ref() == name);
        let (has_template, has_events) = (has("template"), has("on"));
        let (mut template, mut events, mut with) = (None, None, Some(Vec::new()));
        let (mut replace, mut chain, mut append, mut system) = (false, None, false, false);
        let (mut msipctl, mut is_complete) = (None, true);
        for (key, value) in pairs {
            let name = key.get_ref().as_ref();
            let mut boolean = |is_on: &mut bool| match self.file.boolean(&value, name) {
                Some(read) => *is_on = read,
                None => is_complete = false,
            };
            match name {
                "template" => template = self.template(&value),
                "on" => events = self.events(&value),
                "with" => with = self.parameters(value),
                "replace" => boolean(&mut replace),
                "append" => boolean(&mut append),
                "allow_system_message" => boolean(&mut system),
                "chain" => chain = self.file.boolean(&value, name).map(|is_on| (is_on, key.span())),
                "msipctl" => msipctl = self.file.string(&value, name),
                _ => {
                    self.file.unknown_key(&key, "`[[hook]]`", &KNOWN);
                    is_complete = false;
                }
            }
        }
        for (name, is_there, example) in [
            ("template", has_template, "template = \"call-log\""),
            ("on", has_events, "on = \"incoming-call\""),
        ] {
            if !is_there {
                let error =
                    self.file.error(start.clone(), format!("`[[hook]]` is missing `{name}`"));
                self.report(error.with_hint(format!("for example: `{example}`")));
            }
        }
        if let Some((true, span)) = &chain
            && replace
        {
            let message = "`chain` can't be combined with `replace`: expected one of them";
            self.report(self.file.error(span.clone(), message));
            return None;
        }
        let (template, location) = template?;
        let (events, with) = (events?, with?);
        if !is_complete {
            return None;
        }
        let mut hook = HookStatement {
            location: location.clone(),
            template,
            on: Vec::new(),
            with,
            replace,
            chain: chain.is_some_and(|(is_on, _)| is_on),
            append,
            allow_system_message: system,
            msipctl,
            conditions: conditions.clone(),
        };
        for (event, span) in events {
            let rendered = hook.render_fixed(event, &self.file.location(span.start));
            match rendered {
                Ok(rendered) => {
                    hook.on.push(OnEvent { event, rendered: rendered.map(Arc::new) });
                }
                Err(error) => {
                    // The same for every event, unless the error is about the event.
                    let excerpt = self.excerpt_at(&hook, error.location(), span);
                    self.report(error.with_excerpt(excerpt));
                    return None;
                }
            }
        }
        Some(hook)
    }

    /// Returns the line of an error about a hook: of a parameter, an event, or the template.
    fn excerpt_at(
        &self,
        hook: &HookStatement,
        location: &Location,
        event: Range<usize>,
    ) -> Option<Excerpt> {
        let parameter = hook.with.iter().find(|parameter| parameter.location == *location);
        match parameter {
            Some(parameter) => parameter.excerpt.clone(),
            None if *location == self.file.location(event.start) => self.file.excerpt(event),
            None => self.file.excerpt_of(location),
        }
    }

    fn template(&self, value: &TomlValue<'a>) -> Option<(hook::Template, Location)> {
        let name = self.file.string(value, "template")?;
        let location = self.file.location(value.span().start);
        match self.templates.template(&name) {
            Some(Ok(template)) => return Some((template, location)),
            Some(Err(error)) => {
                let hint = format!("run `msipctl template check {name}`");
                self.report(self.file.error(value.span(), error.to_string()).with_hint(hint));
            }
            None => {
                let error = self.file.error(value.span(), format!("unknown template `{name}`"));
                self.report(match self.templates.suggest(&name) {
                    Some(near) => {
                        let error = error.with_hint(format!("did you mean `{near}`?"));
                        self.file.corrected(error, value.span(), &format!("\"{near}\""))
                    }
                    None => error.with_hint("run `msipctl template list` to list all templates"),
                });
            }
        }
        None
    }

    fn events(&self, value: &TomlValue<'a>) -> Option<Vec<(Event, Range<usize>)>> {
        let names = self.file.strings(value, "on")?;
        if names.is_empty() {
            let error = self.file.error(value.span(), "`on` is empty: expected at least one event");
            self.report(self.file.corrected(error, value.span(), "[\"incoming-call\"]"));
            return None;
        }
        let mut events = Vec::new();
        for name in &names {
            match name.get_ref().parse::<Event>() {
                Ok(event) => events.push((event, name.span())),
                Err(_) => self.report(self.unknown_event(name)),
            }
        }
        (events.len() == names.len()).then_some(events)
    }

    fn unknown_event(&self, name: &Spanned<String>) -> Error {
        let known = Event::ALL.iter().map(|event| event.name());
        let error = self.file.error(name.span(), format!("unknown event `{}`", name.get_ref()));
        match nearest(name.get_ref(), known.clone()) {
            Some(near) => {
                let error = error.with_hint(format!("did you mean `{near}`?"));
                self.file.corrected(error, name.span(), &format!("\"{near}\""))
            }
            None => error.with_hint(format!("events: {}", known.collect::<Vec<_>>().join(", "))),
        }
    }

    fn parameters(&self, value: TomlValue<'a>) -> Option<Vec<HookParameter>> {
        let pairs = self.file.table(value, "with", "with = { window = \"MyAppWindow\" }")?;
        let expected = pairs.len();
        let parameters: Vec<_> =
            pairs.into_iter().filter_map(|(name, value)| self.parameter(&name, value)).collect();
        (parameters.len() == expected).then_some(parameters)
    }

    fn parameter(
        &self,
        name: &Spanned<DeString<'a>>,
        value: TomlValue<'a>,
    ) -> Option<HookParameter> {
        let span = value.span();
        let name = name.get_ref().clone().into_owned();
        let text = match value.get_ref() {
            DeValue::Table(_) => Text::Secret(self.secret(value, &name)?),
            _ => self.text(self.scalar(&value, &name)?, &span)?,
        };
        let location = self.file.location(span.start);
        Some(HookParameter { name, location, text, excerpt: self.file.excerpt(span.clone()), span })
    }
}
