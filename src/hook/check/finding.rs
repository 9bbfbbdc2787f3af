//! The rules for templates, and what they find.

use std::ops::Range;

use crate::validate::Severity;

/// A rule for templates.
#[derive(Debug)]
pub struct TemplateRule {
    /// Its name, after the fault that it finds.
    pub name: &'static str,
    /// What it finds, in a line.
    pub summary: &'static str,
    /// How bad that is, as a rule.
    pub severity: Severity,
    /// Whether it tells of a line only once, though events differ in what they say.
    pub(super) once: bool,
}

/// One thing that is wrong with a template.
#[derive(Debug, Clone)]
pub struct TemplateFinding {
    rule: &'static TemplateRule,
    severity: Severity,
    message: String,
    help: Option<String>,
    line: usize,
    text: String,
    marked: Range<usize>,
}

impl TemplateFinding {
    pub(super) fn new(
        rule: &'static TemplateRule,
        severity: Severity,
        message: String,
        help: Option<String>,
        line: usize,
        text: String,
        marked: Range<usize>,
    ) -> Self {
        Self { rule, severity, message, help, line, text, marked }
    }

    /// Returns the rule.
    pub fn rule(&self) -> &'static TemplateRule {
        self.rule
    }

    /// Returns how bad it is.
    pub fn severity(&self) -> Severity {
        self.severity
    }

    /// Returns what was found.
    pub fn message(&self) -> &str {
        &self.message
    }

    /// Returns what to do about it.
    pub fn help(&self) -> Option<&str> {
        self.help.as_deref()
    }

    /// Returns the line it points at, counted from 0.
    pub fn line(&self) -> usize {
        self.line
    }

    /// Returns the text of that line.
    pub fn text(&self) -> &str {
        &self.text
    }

    /// Returns the bytes of the line that it points at.
    pub fn marked(&self) -> Range<usize> {
        self.marked.clone()
    }
}

/// Two findings are one if they say the same of the same place.
impl PartialEq for TemplateFinding {
    fn eq(&self, other: &Self) -> bool {
        (self.rule.name, &self.message, self.line) == (other.rule.name, &other.message, other.line)
    }
}

/// Declares rules, and lists them.
macro_rules! rules {
    ($($name:ident: $text:literal, $severity:ident, $once:literal, $summary:literal;)+) => {
        $(
            pub(super) static $name: TemplateRule = TemplateRule {
                name: $text,
                summary: $summary,
                severity: Severity::$severity,
                once: $once,
            };
        )+

        /// All rules for templates, in order of name.
        pub static TEMPLATE_RULES: &[&TemplateRule] = &[$(&$name),+];
    };
}

rules! {
    BAD_NAME: "template-bad-name", Warning, false, "name of a template that means something else";
    BROKEN_DIRECTIVE: "template-broken-directive", Error, true, "directive that cannot be read";
    MALFORMED: "template-malformed", Error, false, "file that is no template";
    NO_SAMPLE: "template-no-sample", Warning, false, "parameter for which no value is known to try";
    STRAY_LINE: "template-stray-line", Error, true, "line that belongs to no event";
    SYSTEM_MESSAGE: "template-system-message", Warning, true, "message that belongs to Windows";
    TORN_COMMAND: "template-torn-command", Error, true, "command that does not start what it names";
    UNCHECKED: "template-unchecked-parameter", Warning, false, "parameter that can tear a command";
    UNDESCRIBED: "template-undescribed-parameter", Warning, false, "parameter without a summary";
    UNESCAPED_PERCENT: "template-unescaped-percent", Warning, false, "path whose % begins a placeholder";
    UNKNOWN_PLACEHOLDER: "template-unknown-placeholder", Error, true, "placeholder that MicroSIP doesn't know";
    UNMATCHED: "template-unmatched-value", Error, false, "value that does not match its own pattern";
    UNQUOTED_FIELD: "template-unquoted-field", Warning, false, "value that can become several fields";
    UNRENDERABLE: "template-unrenderable", Error, true, "line that cannot be rendered";
    UNUSED: "template-unused-parameter", Warning, false, "parameter that nothing uses";
}
