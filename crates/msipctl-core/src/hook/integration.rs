//! Integrations: files for programs around MicroSIP, which msipctl writes out with a user's values in them.

use std::collections::BTreeMap;

use msipctl_templates::INTEGRATIONS;

use super::render::{Engine, RenderError};
use super::template::{Parameter, Problem, Spot, TemplateError, load, unknown_key};

/// Files for a program around MicroSIP.
///
/// # Example
///
/// ```
/// use msipctl_core::hook::Integration;
///
/// let integration = Integration::find("home-assistant").expect("shipped")?;
/// let with = [("number".to_owned(), "+4930123456".to_owned())].into();
/// let rendered = integration.render(&with)?;
/// assert_eq!(rendered.files[0].name, "configuration.yaml");
/// assert!(rendered.files[0].text.contains("microsip_dial.bat\" +4930123456'"));
/// # Ok::<(), Box<dyn std::error::Error>>(())
/// ```
#[derive(Debug, Clone)]
pub struct Integration {
    name: String,
    summary: String,
    next: String,
    parameters: Vec<Parameter>,
    files: Vec<IntegrationFile>,
}

/// One file of an integration.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct IntegrationFile {
    /// Its name, without a folder.
    pub name: String,
    /// What it holds. In a rendered one, the values stand in the places of the parameters.
    pub text: String,
}

/// An integration with a user's values in it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct RenderedFiles {
    /// The files, in order of name.
    pub files: Vec<IntegrationFile>,
    /// What to do when they are written.
    pub next: String,
}

impl Integration {
    /// Lists the names of all, in order.
    pub fn names() -> impl Iterator<Item = &'static str> {
        INTEGRATIONS.iter().map(|shipped| shipped.name)
    }

    /// Returns one; `None` when there is none of that name.
    ///
    /// # Errors
    ///
    /// [`TemplateError`] when it is malformed.
    pub fn find(name: &str) -> Option<Result<Self, TemplateError>> {
        let shipped = INTEGRATIONS.iter().find(|shipped| shipped.name == name)?;
        let read = Self::read(shipped);
        Some(read.map_err(|problem| TemplateError::new(name, problem)))
    }

    /// Returns its name.
    pub fn name(&self) -> &str {
        &self.name
    }

    /// Returns what it is, in a line.
    pub fn summary(&self) -> &str {
        &self.summary
    }

    /// Returns its parameters in order.
    pub fn parameters(&self) -> &[Parameter] {
        &self.parameters
    }

    /// Returns its files in order of name, with the places for values in them.
    pub fn files(&self) -> &[IntegrationFile] {
        &self.files
    }

    /// Puts values in their places, each line by itself: a value never adds one.
    ///
    /// # Errors
    ///
    /// [`RenderError`] for a parameter that is missing, unknown, of the wrong form or of more than one line.
    pub fn render(&self, with: &BTreeMap<String, String>) -> Result<RenderedFiles, RenderError> {
        let engine = Engine::new(&self.name);
        let values = engine.values(&self.parameters, with)?;
        let line = |line: &str| match line.contains("{{") {
            true => {
                let content = line.trim_end_matches(['\r', '\n']);
                Ok(engine.render(content, &values)? + &line[content.len()..])
            }
            false => Ok(line.to_owned()),
        };
        let file = |file: &IntegrationFile| {
            let text =
                file.text.split_inclusive('\n').map(line).collect::<Result<_, RenderError>>()?;
            Ok(IntegrationFile { name: file.name.clone(), text })
        };
        let files = self.files.iter().map(file).collect::<Result<_, RenderError>>()?;
        Ok(RenderedFiles { files, next: line(&self.next)? })
    }

    fn read(shipped: &msipctl_templates::Integration) -> Result<Self, Problem> {
        let file = |(name, text): &(&str, &str)| IntegrationFile {
            name: (*name).to_owned(),
            text: (*text).to_owned(),
        };
        let mut integration = Self {
            name: shipped.name.to_owned(),
            summary: String::new(),
            next: String::new(),
            parameters: Vec::new(),
            files: shipped.files.iter().map(file).collect(),
        };
        for (section, properties) in &load(shipped.description)? {
            match section {
                Some("template") => {
                    for (key, value) in properties {
                        match key {
                            "summary" => integration.summary = value.to_owned(),
                            "next" => integration.next = value.to_owned(),
                            _ => return Err(unknown_key(key, "template", "summary or next")),
                        }
                    }
                }
                Some(section) => {
                    let name = section.strip_prefix("parameter.");
                    let name = name.ok_or_else(|| {
                        Problem::of_section(format!("unknown section `[{section}]`"), section)
                    })?;
                    integration.parameters.push(Parameter::parse(name, properties.iter())?);
                }
                None if properties.is_empty() => {}
                None => {
                    return Err(Problem::new("a key appears before the first section", Spot::File));
                }
            }
        }
        Ok(integration)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::hook::Catalogue;
    use proptest::prelude::*;

    fn all() -> Vec<Integration> {
        Integration::names().map(|name| Integration::find(name).unwrap().unwrap()).collect()
    }

    /// Values for all that has no default.
    fn values(integration: &Integration) -> BTreeMap<String, String> {
        let example = |parameter: &Parameter| {
            Some((
                parameter.name.clone(),
                parameter.example.clone().filter(|_| parameter.required)?,
            ))
        };
        integration.parameters().iter().filter_map(example).collect()
    }

    #[test]
    fn integrations_are_sorted_complete_and_uniquely_named() {
        assert!(INTEGRATIONS.is_sorted_by_key(|shipped| shipped.name));
        let catalogue = Catalogue::shipped();
        for integration in all() {
            assert!(catalogue.text(integration.name()).is_none(), "{}", integration.name());
            assert!(!integration.summary().is_empty() && !integration.next.is_empty());
            assert!(integration.parameters().iter().all(|it| !it.summary.is_empty()));
            // What has no pattern could hold a letter that means something to a file's language.
            assert!(integration.parameters().iter().all(|it| it.pattern.is_some()));
            let names = integration.files().iter().map(|file| &file.name);
            assert!(names.is_sorted());
        }
    }

    #[test]
    fn every_integration_parameter_is_filled() {
        for integration in all() {
            let rendered = integration.render(&values(&integration)).unwrap();
            for file in &rendered.files {
                assert!(!file.text.contains("{{") && !file.text.contains("}}"), "{}", file.name);
            }
            assert!(!rendered.next.contains("{{"));
            let given: Vec<_> = integration.files().iter().map(|file| file.text.as_str()).collect();
            for parameter in integration.parameters() {
                let place = format!("{{{{ {} }}}}", parameter.name);
                assert!(given.iter().any(|text| text.contains(&place)), "{place}");
            }
        }
    }

    #[test]
    fn windows_script_files_have_crlf_line_endings() {
        for file in all().iter().flat_map(Integration::files) {
            let for_cmd = [".bat", ".ps1"].iter().any(|ending| file.name.ends_with(ending));
            let line_ends = file.text.matches('\n').count();
            let returns = file.text.matches('\r').count();
            assert_eq!(returns, if for_cmd { line_ends } else { 0 }, "{}", file.name);
            assert!(file.text.is_ascii() && file.text.ends_with('\n'), "{}", file.name);
        }
    }

    proptest! {
        #[test]
        fn parameter_value_cannot_add_lines_or_special_characters(value in "\\PC{0,12}|[ \r\n\"'%&!^`$;]{1,3}") {
            for integration in all() {
                for parameter in integration.parameters() {
                    let mut with = values(&integration);
                    with.insert(parameter.name.clone(), value.clone());
                    let Ok(rendered) = integration.render(&with) else { continue };
                    prop_assert!(!value.contains(['"', '\'', '%', '&', '!', '^', '`', '$', ';']));
                    for (file, given) in rendered.files.iter().zip(integration.files()) {
                        prop_assert_eq!(file.text.lines().count(), given.text.lines().count());
                    }
                }
            }
        }
    }
}
