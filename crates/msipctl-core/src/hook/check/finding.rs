//! Findings in a template and their locations.

use std::ops::Range;

use crate::diagnostic::{Code, Diagnostic};

/// A finding in a template.
pub type TemplateFinding = Diagnostic<TemplateLocation>;

/// A location in a template.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct TemplateLocation {
    /// The line, counted from 0.
    pub line: usize,
    /// The text of that line.
    pub text: String,
    /// The byte range in the line to mark.
    pub marked: Range<usize>,
}

/// Returns whether a code is reported only once per line, even if the messages differ between events.
pub(super) fn is_once(code: Code) -> bool {
    matches!(
        code,
        Code::TemplateBrokenDirective
            | Code::TemplateStrayLine
            | Code::TemplateSystemMessage
            | Code::TemplateSplitCommand
            | Code::TemplateUnescapedXml
            | Code::TemplateUnknownPlaceholder
            | Code::TemplateUnrenderable
    )
}
