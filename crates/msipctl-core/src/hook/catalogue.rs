//! The available templates: the built-in ones, which are embedded at build time, and custom ones, which take precedence.

use std::path::{Path, PathBuf};

use msipctl_templates::HOOKS;

use super::integration::Integration;
use super::template::{Template, TemplateError, nearest};

/// The source of a template.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Source {
    /// A built-in template.
    Shipped,
    /// The file of a custom template.
    File(PathBuf),
}

/// All templates by name.
///
/// # Example
///
/// ```
/// use msipctl_core::hook::Catalogue;
///
/// let catalogue = Catalogue::shipped();
/// assert!(catalogue.text("send-message").is_some());
/// assert_eq!(catalogue.suggest("sendmessage"), Some("send-message"));
/// ```
#[derive(Debug, Clone)]
pub struct Catalogue {
    entries: Vec<(String, String, Source)>,
}

impl Catalogue {
    /// Returns the built-in templates.
    pub fn shipped() -> Self {
        let entries = HOOKS
            .iter()
            .map(|(name, text)| ((*name).to_owned(), (*text).to_owned(), Source::Shipped))
            .collect();
        Self { entries }
    }

    /// Adds a custom template with the name of its file. It replaces a template with the same name.
    pub fn insert(&mut self, path: &Path, text: String) {
        let name = path.file_stem().unwrap_or_default().to_string_lossy().into_owned();
        let entry = (name.clone(), text, Source::File(path.to_owned()));
        match self.entries.binary_search_by(|(other, ..)| other.as_str().cmp(&name)) {
            Ok(index) => self.entries[index] = entry,
            Err(index) => self.entries.insert(index, entry),
        }
    }

    /// Returns all names with their sources, sorted by name.
    pub fn names(&self) -> impl Iterator<Item = (&str, &Source)> {
        self.entries.iter().map(|(name, _, source)| (name.as_str(), source))
    }

    /// Returns the text of a template.
    pub fn text(&self, name: &str) -> Option<&str> {
        self.entries.iter().find(|(other, ..)| other == name).map(|(_, text, _)| text.as_str())
    }

    /// Returns the source of a template.
    pub fn source(&self, name: &str) -> Option<&Source> {
        self.entries.iter().find(|(other, ..)| other == name).map(|(.., source)| source)
    }

    /// Parses a template. Returns `None` if no template has this name.
    ///
    /// # Errors
    ///
    /// [`TemplateError`] if the template is malformed.
    pub fn template(&self, name: &str) -> Option<Result<Template, TemplateError>> {
        self.text(name).map(|text| Template::parse(name, text))
    }

    /// Returns the most similar name of a template or an integration.
    pub fn suggest(&self, name: &str) -> Option<&str> {
        let integrations = Integration::names().map(|name| -> &str { name });
        nearest(name, integrations.chain(self.names().map(|(other, _)| other)))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn custom_template_overrides_the_built_in_one() {
        let mut catalogue = Catalogue::shipped();
        let before = catalogue.names().count();
        catalogue.insert(Path::new("/x/send-message.ini"), "mine".to_owned());
        catalogue.insert(Path::new("/x/a.ini"), "new".to_owned());
        assert_eq!(catalogue.names().count(), before + 1);
        assert_eq!(catalogue.text("send-message"), Some("mine"));
        assert_eq!(catalogue.names().next(), Some(("a", &Source::File("/x/a.ini".into()))));
    }

    #[test]
    fn built_in_templates_parse_and_are_sorted() {
        assert!(HOOKS.is_sorted_by_key(|(name, _)| *name));
        for (name, _) in HOOKS {
            Catalogue::shipped().template(name).unwrap().unwrap();
        }
    }
}
