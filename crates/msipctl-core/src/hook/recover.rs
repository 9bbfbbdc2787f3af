//! Recovers the parameters of a template from a value that it wrote.
//!
//! The result is a guess from the form of the template. It counts only if rendering it again returns exactly the same text.

use std::collections::BTreeMap;

use regex_lite::Regex;

use super::template::Template;
use crate::event::{self, Event};

impl Template {
    /// Returns the parameters with which the template would write `value` on an event, without those that have their default
    /// values. Returns `None` if they can't be determined.
    ///
    /// # Example
    ///
    /// ```
    /// use msipctl_core::event::Event;
    /// use msipctl_core::hook::Catalogue;
    ///
    /// let template = Catalogue::shipped().template("send-message").expect("shipped")?;
    /// let found = template.recover(Event::CallEnd, "SendMessage,\"Calls, all\",WM_USER+100,%number%");
    /// let found: Vec<_> = found.expect("it is of this template").into_iter().collect();
    /// assert_eq!(found, [("window".to_owned(), "Calls, all".to_owned())]);
    /// assert!(template.recover(Event::CallEnd, "Log,calls.csv").is_none());
    /// # Ok::<(), msipctl_core::hook::TemplateError>(())
    /// ```
    pub fn recover(&self, event: Event, value: &str) -> Option<BTreeMap<String, String>> {
        let [line] = self.lines() else { return None };
        let found = variants(&line.value).iter().find_map(|text| guess(text, value))?;
        let writes = |with: &BTreeMap<String, String>| {
            let rendered = self.render_event(event, with).ok()?;
            let [line] = &rendered[..] else { return None };
            // A command is recorded as Windows reads it.
            let is_command = line.key == event.key();
            let written = if is_command { event::read_back(&line.value) } else { &line.value };
            (written == value).then_some(())
        };
        writes(&found)?;
        let mut needed = found.clone();
        for name in found.keys() {
            let given = needed.remove(name);
            if writes(&needed).is_none() {
                needed.extend(given.map(|given| (name.clone(), given)));
            }
        }
        Some(needed)
    }
}

/// Returns the possible forms of a template, with and without each conditional part.
fn variants(text: &str) -> Vec<String> {
    let part = Regex::new(r"\{% if \w+ %\}(.*?)\{% endif %\}");
    let Ok(part) = part else { return Vec::new() };
    [part.replace_all(text, ""), part.replace_all(text, "$1")].map(String::from).into()
}

/// Returns the texts at the positions of the parameters.
fn guess(text: &str, value: &str) -> Option<BTreeMap<String, String>> {
    let placeholder = Regex::new(r"\{\{ *(\w+)((?: *\| *\w+)*) *\}\}").ok()?;
    let mut pattern = "^".to_owned();
    let mut placeholders = Vec::new();
    let mut end = 0;
    for found in placeholder.captures_iter(text) {
        let whole = found.get(0)?;
        let (name, filters) = (found.get(1)?.as_str(), found.get(2)?.as_str());
        pattern.push_str(&regex_lite::escape(&text[end..whole.start()]));
        end = whole.end();
        let filters: Vec<_> = filters.split('|').map(str::trim).skip(1).collect();
        let is_field = filters.contains(&"field");
        pattern.push_str(if is_field { r#"("(?:[^"]|"")*"|[^,"]*)"# } else { "(.*?)" });
        placeholders.push((name.to_owned(), filters));
    }
    pattern.push_str(&regex_lite::escape(&text[end..]));
    pattern.push('$');
    let found = Regex::new(&pattern).ok()?.captures(value)?;
    let mut values = BTreeMap::new();
    for (index, (name, filters)) in placeholders.into_iter().enumerate() {
        let given = filters.iter().rev().fold(found.get(index + 1)?.as_str().to_owned(), undone);
        if values.insert(name, given.clone()).is_some_and(|other| other != given) {
            return None;
        }
    }
    Some(values)
}

/// Reverses the effect of a filter, if possible.
fn undone(text: String, filter: &&str) -> String {
    match *filter {
        "literal" => text.replace("%%", "%"),
        "field" => match text.strip_prefix('"').and_then(|text| text.strip_suffix('"')) {
            Some(quoted) => quoted.replace("\"\"", "\""),
            None => text,
        },
        _ => text,
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::hook::{Catalogue, Parameter};
    use proptest::prelude::*;

    fn templates() -> Vec<Template> {
        let catalogue = Catalogue::shipped();
        catalogue.names().map(|(name, _)| catalogue.template(name).unwrap().unwrap()).collect()
    }

    /// Returns values for all required parameters, with `more` in each.
    fn samples(template: &Template, more: &str) -> BTreeMap<String, String> {
        let needed = template.parameters().iter().filter(|it| it.required);
        let sample = |it: &Parameter| {
            let extensions = [".ahk", ".csv", ".exe", ".ps1", ".py"];
            let paths = extensions.map(|extension| format!("C:\\My files\\x{more}{extension}"));
            let others = [
                format!("http://localhost/{more}"),
                format!("localhost:4000{more}"),
                format!("Desk 4{more}"),
            ];
            let fits = |text: &String| it.pattern.as_ref().is_none_or(|form| form.is_match(text));
            let found = paths.into_iter().chain(others).find(fits);
            (it.name.clone(), found.unwrap_or_default())
        };
        needed.map(sample).collect()
    }

    #[test]
    fn parameters_of_built_in_templates_are_recovered() {
        for template in templates() {
            let with = samples(&template, "");
            let event = template.events()[0];
            let rendered = template.render(&[event], &with).unwrap();
            let [(_, line)] = rendered.lines() else { panic!("{}", template.name()) };
            let value = event::read_back(&line.value);
            let found = template.recover(event, value);
            assert_eq!(found, Some(with), "{}: {value}", template.name());
        }
    }

    proptest! {
        #[test]
        fn recovered_parameters_render_the_same_line(
            value in "[a-z, \"%]{0,9}",
            index in 0..13usize,
        ) {
            let template = &templates()[index];
            let with = samples(template, &value);
            let event = template.events()[0];
            let Ok(rendered) = template.render(&[event], &with) else { return Ok(()) };
            let written = event::read_back(&rendered.lines()[0].1.value).to_owned();
            let Some(found) = template.recover(event, &written) else { return Ok(()) };
            let again = template.render(&[event], &found).unwrap();
            prop_assert_eq!(event::read_back(&again.lines()[0].1.value), written);
        }
    }
}
