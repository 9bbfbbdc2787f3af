//! Where a template comes from, for people.

use msipctl_core::hook::Source;

/// Returns the name of a source.
pub(super) fn source_name(source: &Source) -> String {
    match source {
        Source::Shipped => "shipped".to_owned(),
        Source::File(path) => path.display().to_string(),
    }
}
