//! Findings in a template.

use crate::diagnostic::{Code, Diagnostic};
use crate::hook::source::TemplateLocation;

/// A finding in a template.
pub type TemplateFinding = Diagnostic<TemplateLocation>;

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
