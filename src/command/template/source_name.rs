//! The source of a template, for users.

use msipctl_core::hook::Source;

/// Returns the name of a source.
pub(super) fn source_name(source: &Source) -> String {
    match source {
        Source::Shipped => "built-in".to_owned(),
        Source::File(path) => path.display().to_string(),
    }
}
