//! Inserts values into the line of a template to test their effect.

use std::collections::BTreeMap;

use crate::event::{
    Action, Directive, Event, Launch, Run, arguments, count_fields, launch, read_back,
};
use crate::hook::render::Engine;
use crate::hook::template::{Line, Parameter, Template};
use microsip_schema::Version;

/// Values that match most parameters of built-in and other templates.
const SAMPLES: &[&str] = &[
    "MyAppWindow",
    "1",
    "WM_USER+100",
    r"C:\My Tools\a.exe",
    r"C:\My Tools\a.ps1",
    r"C:\My Tools\a.py",
    r"C:\My Tools\a.ahk",
    r"C:\My Tools\a.vbs",
    r"C:\My Tools\a.js",
    r"C:\My Tools\a.bat",
    r"C:\My Tools\a.cmd",
    r"C:\My Tools\a.csv",
    r"C:\My Tools\a.ndjson",
    r"C:\My Tools",
    "https://example.com/call?number=1",
    "http://localhost:8080/",
    "127.0.0.1:5005",
    "192.0.2.1",
    "POST",
    "call-end",
];

/// The maximum number of positions to try in a value.
const MAX_INSERTIONS: usize = 64;

/// Returns a sample value for a parameter, or `None` if it has a default or no sample value matches.
pub(super) fn sample(engine: &Engine<'_>, parameter: &Parameter) -> Option<String> {
    if !parameter.required {
        return None;
    }
    let example = parameter.example.as_deref();
    let known = example.into_iter().chain(SAMPLES.iter().copied());
    known.filter(|value| engine.fits(parameter, value) == Some(true)).map(str::to_owned).next()
}

/// A line that works on an event with certain values.
pub(super) struct Trial<'t> {
    engine: Engine<'t>,
    line: &'t Line,
    values: BTreeMap<String, String>,
    rendered: String,
}

impl<'t> Trial<'t> {
    pub(super) fn new(
        template: &'t Template,
        event: Event,
        values: &BTreeMap<String, String>,
    ) -> Option<Self> {
        let engine = Engine::on(template.name(), event);
        let line = template.lines().first()?;
        let values = engine.values(template.parameters(), values).ok()?;
        let rendered = engine.render(&line.value, &values).ok()?;
        Some(Self { engine, line, values, rendered })
    }

    /// Returns a value that changes the number of fields of a directive.
    pub(super) fn splitting_field(&self, parameter: &Parameter) -> Option<String> {
        let (value, rendered) = self.begin(parameter)?;
        let count = count_fields(&rendered).ok();
        let splits = |value: &String| {
            self.with(parameter, value).is_some_and(|tried| count_fields(&tried).ok() != count)
        };
        self.hostile_values(parameter, &value, &[",", "\""]).into_iter().find(splits)
    }

    /// Returns a path with a `%` that the started program doesn't receive unchanged.
    pub(super) fn expanding(&self, parameter: &Parameter) -> Option<String> {
        let bytes = self.values.get(&parameter.name)?.as_bytes();
        let is_path = matches!(bytes, [_, b':', b'\\', ..] | [b'\\', b'\\', ..]);
        let run = |text: &str| match Directive::parse(text).ok()?.action() {
            Action::Run(Run { program, arguments }) => {
                let arguments = arguments.iter().map(|text| text.expand(|_| "\0".to_owned()));
                Some([program.clone()].into_iter().chain(arguments).collect())
            }
            _ => None,
        };
        if is_path { self.lost(parameter, &["%"], run) } else { None }
    }

    /// Returns a value that a program that MicroSIP starts doesn't receive unchanged, or that adds arguments.
    pub(super) fn splitting_command(&self, parameter: &Parameter) -> Option<String> {
        self.lost(parameter, &[" x", "\""], |text| {
            let Launch { program, parameters } = launch(read_back(text), "", Version::NEWEST)?;
            Some([program].into_iter().chain(arguments(&parameters)).collect())
        })
    }

    /// Returns a value that isn't completely in one of the resulting words of a line, or that changes the number of words.
    fn lost(
        &self,
        parameter: &Parameter,
        inserted: &[&str],
        words: impl Fn(&str) -> Option<Vec<String>>,
    ) -> Option<String> {
        let (value, rendered) = self.begin(parameter)?;
        let rendered = words(&rendered)?;
        let has_value =
            |words: &[String], value: &str| words.iter().any(|word| word.contains(value));
        let is_complete = has_value(&rendered, &value);
        let is_lost = |value: &String| match self.with(parameter, value).map(|text| words(&text)) {
            None => false,
            Some(None) => true,
            Some(Some(found)) => {
                found.len() != rendered.len() || (is_complete && !has_value(&found, value))
            }
        };
        self.hostile_values(parameter, &value, inserted).into_iter().find(is_lost)
    }

    /// Returns the initial value and the line with this value. If an optional parameter is empty, the value is `x`.
    fn begin(&self, parameter: &Parameter) -> Option<(String, String)> {
        let value = self.values.get(&parameter.name)?.as_str();
        let value = if value.is_empty() && self.fits(parameter, "x") { "x" } else { value };
        let rendered = self.with(parameter, value).unwrap_or_else(|| self.rendered.clone());
        Some((value.to_owned(), rendered))
    }

    /// Renders the line with another value of a parameter. Returns `None` if the value doesn't change the line.
    fn with(&self, parameter: &Parameter, value: &str) -> Option<String> {
        let mut values = self.values.clone();
        values.insert(parameter.name.clone(), value.to_owned());
        let tried = self.engine.render(&self.line.value, &values).ok()?;
        (tried != self.rendered).then_some(tried)
    }

    /// Returns the values with each of these texts inserted at each position, if the pattern of the parameter allows them.
    fn hostile_values(&self, parameter: &Parameter, value: &str, inserted: &[&str]) -> Vec<String> {
        // Text isn't inserted inside a placeholder, because that would break the placeholder.
        let mut is_outside = true;
        let ends = value.char_indices().filter_map(|(offset, character)| {
            is_outside ^= character == '%';
            is_outside.then_some(offset + character.len_utf8())
        });
        let ends: Vec<_> = ends.collect();
        let positions: Vec<_> = ends.into_iter().rev().take(MAX_INSERTIONS).chain([0]).collect();
        let at = |position: usize, inserted: &str| {
            format!("{}{inserted}{}", &value[..position], &value[position..])
        };
        let all = inserted
            .iter()
            .flat_map(|inserted| positions.iter().map(move |position| at(*position, inserted)));
        all.filter(|value| self.fits(parameter, value)).collect()
    }

    fn fits(&self, parameter: &Parameter, value: &str) -> bool {
        self.engine.fits(parameter, value) == Some(true)
    }
}
