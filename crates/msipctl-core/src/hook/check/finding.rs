//! What is found in a template, and where.

use std::ops::Range;

use crate::diagnostic::{Code, Diagnostic};

/// One thing that is wrong with a template.
pub type TemplateFinding = Diagnostic<TemplateLocation>;

/// Where something is in a template.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct TemplateLocation {
    /// The line, counted from 0.
    pub line: usize,
    /// The text of that line.
    pub text: String,
    /// The bytes of the line that are meant.
    pub marked: Range<usize>,
}

/// Says whether a code is reported of a line only once, though events differ in what they say.
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
