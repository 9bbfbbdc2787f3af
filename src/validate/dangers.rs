//! What explaining calls a danger, as findings: each rule takes those of its name.

use super::finding::Finding;
use super::fix::{Fix, Safety};
use super::rule::{Place, Rule};
use super::{Context, Explained};
use crate::event::{Action, Danger, Directive, Event, Explanation, SETTINGS};
use crate::ini::Edit;
use crate::profile::Entry;
use crate::schema;

/// A danger, and where it stands.
pub(super) struct Found<'d> {
    pub(super) event: Event,
    /// The command or directive that it is about.
    pub(super) place: Place<'d>,
    pub(super) danger: &'d Danger,
    pub(super) explanation: &'d Explanation,
    rule: &'static Rule,
}

/// Finds the dangers of a rule's name.
pub(super) fn of<'d>(rule: &'static Rule, context: Context<'d>) -> impl Iterator<Item = Found<'d>> {
    context.explained().iter().flat_map(move |explained| {
        let Explained { event, place, explanation } = explained;
        let dangers = explanation.dangers.iter().enumerate();
        dangers.filter(|(_, danger)| danger.rule() == rule.name).map(move |(index, danger)| {
            let place = directive(explained, index).unwrap_or(*place);
            Found { event: *event, place, danger, explanation, rule }
        })
    })
}

impl<'d> Found<'d> {
    /// Makes its finding, which points at the value and shows no secret.
    pub(super) fn finding(&self) -> Finding {
        self.rule.at_value(self.place, self.message())
    }

    /// Makes its finding, which points at a part of the value, from that character on.
    pub(super) fn finding_at(&self, context: Context<'_>, column: usize) -> Finding {
        let (section, entry) = self.place;
        let span = entry.value_span();
        let span = match offset(context, entry, column) {
            Some(offset) if offset < span.range().len() => span.behind(offset),
            _ => span,
        };
        let finding = self.rule.at(entry.line(), span, self.message());
        finding.about(&section.name(), Some(&entry.key()))
    }

    /// Makes the fix that writes another text where the value stands.
    pub(super) fn rewrite(&self, safety: Safety, title: impl Into<String>, text: String) -> Fix {
        Fix::edits(safety, title, vec![Edit::ReplaceValue { line: self.entry().line(), text }])
    }

    /// Says whether it is about the command, and not about a directive.
    pub(super) fn is_of_command(&self) -> bool {
        self.entry().is_named(self.event.key())
    }

    /// Returns the entry that it is about.
    pub(super) fn entry(&self) -> Entry<'d> {
        self.place.1
    }

    fn message(&self) -> String {
        let text = self.danger.to_string();
        let key = self.entry().key();
        // It repeats part of the value, which may hold a token.
        let text = schema::mask(SETTINGS, &key, &text);
        let names_key = matches!(
            self.danger,
            Danger::EventTooNew { .. }
                | Danger::SystemMessage { .. }
                | Danger::SchemeNotPermitted { .. }
                | Danger::DirectiveInvalid { .. }
        );
        if names_key { text.into_owned() } else { format!("`{key}`: {text}") }
    }
}

/// Finds the directive that a danger is about, if it is not about the command.
fn directive<'d>(explained: &Explained<'d>, index: usize) -> Option<Place<'d>> {
    let Explained { explanation, place: (section, _), .. } = explained;
    let danger = &explanation.dangers[index];
    let key = match danger {
        Danger::DirectiveInvalid { key, .. }
        | Danger::SystemMessage { key, .. }
        | Danger::SchemeNotPermitted { key, .. } => key,
        Danger::TargetMissing { program }
        | Danger::TargetIsFolder { program }
        | Danger::TargetWritable { program } => {
            // The command is told of first, then the directives that run the program, in their order.
            let above = explanation.dangers[..index].iter().filter(|it| *it == danger).count();
            let of_command = usize::from(explanation.program.as_ref() == Some(program));
            let mut runs =
                explanation.effects.iter().filter(|effect| runs(&effect.directive, program));
            &runs.nth(above.checked_sub(of_command)?)?.key
        }
        _ => return None,
    };
    Some((*section, section.entry(key)?))
}

fn runs(directive: &str, path: &str) -> bool {
    let directive = Directive::parse(directive);
    matches!(directive.as_ref().map(Directive::action), Ok(Action::Run { program, .. }) if program == path)
}

/// Returns where a character of a value as it is read stands, in bytes behind the begin of the value as it is written.
/// Characters are counted from 1.
fn offset(context: Context<'_>, entry: Entry<'_>, column: usize) -> Option<usize> {
    let (written, value) = (entry.written_exact()?, entry.value());
    let quote = usize::from(written.len() != value.len());
    let before: String = written.chars().take(quote + column.saturating_sub(1)).collect();
    Some(context.document.encoding().encode(&before).ok()?.len())
}
