//! Integrations: files for other programs, which msipctl writes with the values of the user.

use std::collections::BTreeMap;

use msipctl_templates::INTEGRATIONS;

use super::render::{Engine, RenderError};
use super::source::{Problem, Source};
use super::template::{Parameter, TemplateError, unknown_key};

/// Files for another program.
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

/// A file of an integration.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct IntegrationFile {
    /// The name, without a folder.
    pub name: String,
    /// The content. In a rendered file, the values replace the parameters.
    pub text: String,
}

/// An integration with the values of the user.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct RenderedFiles {
    /// The files, sorted by name.
    pub files: Vec<IntegrationFile>,
    /// What to do after the files are written.
    pub next: String,
}

impl Integration {
    /// Returns the names of all integrations in order.
    pub fn names() -> impl Iterator<Item = &'static str> {
        INTEGRATIONS.iter().map(|shipped| shipped.name)
    }

    /// Returns the integration with a name, or `None` if it doesn't exist.
    ///
    /// # Errors
    ///
    /// [`TemplateError`] if the integration is malformed.
    pub fn find(name: &str) -> Option<Result<Self, TemplateError>> {
        let shipped = INTEGRATIONS.iter().find(|shipped| shipped.name == name)?;
        Some(Self::read(shipped))
    }

    /// Returns the name.
    pub fn name(&self) -> &str {
        &self.name
    }

    /// Returns a one-line description.
    pub fn summary(&self) -> &str {
        &self.summary
    }

    /// Returns the parameters in order.
    pub fn parameters(&self) -> &[Parameter] {
        &self.parameters
    }

    /// Returns the files, sorted by name, with placeholders for the values.
    pub fn files(&self) -> &[IntegrationFile] {
        &self.files
    }

    /// Inserts the values into each line separately, so that a value never adds a line.
    ///
    /// # Errors
    ///
    /// [`RenderError`] for a parameter that is missing, is unknown, doesn't match its pattern, or has more than one line.
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

    fn read(shipped: &msipctl_templates::Integration) -> Result<Self, TemplateError> {
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
        let source = Source::new(shipped.description);
        let mut problems = source.problems().to_vec();
        let is_complete = problems.is_empty();
        for section in source.sections() {
            if section.name == "template" {
                for pair in &section.pairs {
                    match pair.key.as_str() {
                        "summary" => integration.summary.clone_from(&pair.value),
                        "next" => integration.next.clone_from(&pair.value),
                        _ => problems.push(unknown_key(pair, "template", &["summary", "next"])),
                    }
                }
            } else if let Some(name) = section.name.strip_prefix("parameter.") {
                let parameter = Parameter::read(name, section, is_complete, &mut problems);
                integration.parameters.push(parameter);
            } else {
                let what = format!("unknown section `[{}]`", section.name);
                problems.push(Problem::new(what, &section.spot));
            }
        }
        TemplateError::new(shipped.name, &source, problems)?;
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

    /// Values for all parameters without a default.
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
            // A value without a pattern could contain a character with a meaning in the language of the file.
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
                let placeholder = format!("{{{{ {} }}}}", parameter.name);
                assert!(given.iter().any(|text| text.contains(&placeholder)), "{placeholder}");
            }
        }
    }

    #[test]
    fn windows_script_files_have_crlf_line_endings() {
        for file in all().iter().flat_map(Integration::files) {
            let for_cmd = [".bat", ".ps1"].iter().any(|extension| file.name.ends_with(extension));
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
