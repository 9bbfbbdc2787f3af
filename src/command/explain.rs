//! `explain`: explains a rule, key, event, or the exit codes.

use std::ffi::OsStr;

use clap::Args;
use clap::builder::{PossibleValue, StringValueParser, TypedValueParser};
use clap::error::Error;

use crate::error::CliError;
use crate::exit::Exit;
use crate::guides::{GUIDES, Guide};
use crate::name;
use crate::output::{ExitRow, Output, PageRow, PagesReport, TopicRow, TopicsReport};
use microsip_schema::{Key, Section};
use msipctl_core::diagnostic::{CATALOG, Code, Descriptor, Group, Scope};
use msipctl_core::event::{Action, Event, SETTINGS};
use msipctl_core::hook::Catalogue;
use msipctl_core::validate::{RULES, Rule};

const EXAMPLES: &str = "\
Examples:
  # Explain a rule
  msipctl explain split-program-path
  # Explain a key
  msipctl explain Settings.autoAnswer
  # Print the explanation of an event as JSON
  msipctl explain incoming-call --format json
  # Explain the exit codes
  msipctl explain exit-codes";

/// The topic of the exit codes.
const EXIT_CODES: &str = "exit-codes";

/// Explain a rule, key, event, or exit code
///
/// Without a name, lists all topics.
#[derive(Debug, Args)]
#[command(after_help = EXAMPLES)]
pub(crate) struct Explain {
    /// Topic to explain
    ///
    /// A rule, a key with or without its section, an event (also by its key or directive), or exit-codes.
    #[arg(value_name = "RULE|KEY|EVENT|exit-codes", value_parser = AnyName, hide_possible_values = true)]
    name: Option<String>,
}

/// Accepts any text, so that `explain` reports an unknown topic, and offers all topics to completions.
#[derive(Debug, Clone)]
struct AnyName;

impl TypedValueParser for AnyName {
    type Value = String;

    fn parse_ref(
        &self,
        command: &clap::Command,
        arg: Option<&clap::Arg>,
        value: &OsStr,
    ) -> Result<String, Error> {
        StringValueParser::new().parse_ref(command, arg, value)
    }

    fn possible_values(&self) -> Option<Box<dyn Iterator<Item = PossibleValue> + '_>> {
        Some(Box::new(names().into_iter().map(PossibleValue::new)))
    }
}

impl Explain {
    pub(super) fn run(&self, out: &mut Output) -> Result<Exit, CliError> {
        match &self.name {
            None => out.report(&TopicsReport { topics: topics() }),
            Some(name) => out.report(&PagesReport { pages: pages(name)? }),
        }
        Ok(Exit::Success)
    }
}

/// Returns all topics, each once, in the order in which `explain` searches them.
fn names() -> Vec<&'static str> {
    let mut names: Vec<_> = GUIDES.iter().map(|guide| guide.name).collect();
    names.extend(Event::ALL.map(Event::name));
    names.extend(RULES.iter().map(|rule| rule.name));
    names.extend(template_rules().map(|rule| rule.name));
    let mut keys: Vec<_> = microsip_schema::keys().map(Key::name).collect();
    keys.retain(|key| !key.starts_with(|first: char| first.is_ascii_digit()));
    keys.sort_unstable();
    keys.dedup();
    names.extend(keys);
    names
}

/// Returns the rules of `template check`.
fn template_rules() -> impl Iterator<Item = &'static Descriptor> {
    CATALOG.iter().filter(|row| row.scope == Scope::Template)
}

fn topics() -> Vec<TopicRow> {
    let mut topics: Vec<_> = RULES.iter().map(|rule| TopicRow::rule(rule)).collect();
    // By group, and by name in each.
    topics.sort_by_key(|row| Group::ALL.iter().position(|it| it.name() == row.group()));
    topics.extend(template_rules().map(TopicRow::template_rule));
    topics.extend(microsip_schema::keys().map(TopicRow::key));
    topics.extend(Event::ALL.map(TopicRow::event));
    topics.extend(GUIDES.iter().copied().map(TopicRow::guide));
    topics
}

/// Returns the pages of a topic: for a key without a section, all keys with that name.
fn pages(name: &str) -> Result<Vec<PageRow>, CliError> {
    if let Some(guide) = Guide::find(name) {
        return Ok(vec![match guide.name {
            EXIT_CODES => PageRow::exit_codes(guide, Exit::ALL.map(ExitRow::from).into()),
            _ => PageRow::guide(guide),
        }]);
    }
    if let Some(event) = event(name) {
        return Ok(vec![PageRow::event(event)]);
    }
    if let Ok(code) = name.parse::<Code>() {
        let rule = RULES.iter().find(|rule| rule.code == code).map(|rule| PageRow::rule(rule));
        let of_template = || template_rules().find(|rule| rule.code == code);
        if let Some(page) = rule.or_else(|| of_template().map(PageRow::template_rule)) {
            return Ok(vec![page]);
        }
    }
    let keys = keys(name);
    if keys.is_empty() {
        return Err(unknown(name));
    }
    Ok(keys.into_iter().map(|key| PageRow::key(key, &rules_about(key))).collect())
}

fn event(name: &str) -> Option<Event> {
    let by_name = Event::ALL.into_iter().find(|event| event.name().eq_ignore_ascii_case(name));
    let by_directive = || Event::of_directive(name).map(|(event, _)| event);
    by_name.or_else(|| Event::of_key(name)).or_else(by_directive)
}

fn keys(name: &str) -> Vec<&'static Key> {
    let in_section =
        split_key(name).and_then(|(section, key)| microsip_schema::find(&section, &key));
    match in_section {
        Some(key) => vec![key],
        None => {
            microsip_schema::keys().filter(|key| key.name().eq_ignore_ascii_case(name)).collect()
        }
    }
}

/// Splits `SECTION.KEY`; `AccountN` means any account.
fn split_key(text: &str) -> Option<(String, String)> {
    let (section, key) = name::key_name(text).ok()?;
    let is_any_account = section.eq_ignore_ascii_case(Section::Account.label());
    Some((if is_any_account { "Account1".to_owned() } else { section }, key))
}

/// Returns the rules whose pages name a key in their sentences.
fn rules_about(key: &Key) -> Vec<&'static str> {
    let names_it = |rule: &&&Rule| {
        let text = rule.text();
        let prose = text.split("```").step_by(2);
        let mut spans = prose.flat_map(|prose| prose.split('`').skip(1).step_by(2));
        spans.any(|span| span.split('=').next() == Some(key.name()))
    };
    RULES.iter().filter(names_it).map(|rule| rule.name).collect()
}

fn unknown(name: &str) -> CliError {
    let message = format!("unknown topic `{name}`: expected a rule, key, event, or guide");
    let is_template = Catalogue::shipped().text(name).is_some();
    CliError::usage(message).hint(match near(name) {
        _ if is_template => format!("run `msipctl template show {name}`"),
        _ if Action::near(name) == Some(name) => "run `msipctl explain hook-reference`".to_owned(),
        Some(near) => format!("did you mean `{near}`?"),
        None => "run `msipctl explain` to list all topics".to_owned(),
    })
}

fn near(name: &str) -> Option<String> {
    if let Some((section, key)) = split_key(name)
        && let Some(meant) = microsip_schema::suggest(&section, &key)
    {
        let (section, key) = meant.name(&key)?;
        return Some(format!("{}.{key}", section.label()));
    }
    // A name without a section is a key of any section, or no key.
    if let Some((_, key)) =
        microsip_schema::suggest(SETTINGS, name).and_then(|meant| meant.name(name))
    {
        return Some(key);
    }
    microsip_schema::nearest(name, names(), microsip_schema::NEAR).map(str::to_owned)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_topic_name_has_a_page() {
        let names = names();
        for (index, name) in names.iter().enumerate() {
            assert!(pages(name).is_ok(), "{name}");
            assert!(!names[..index].contains(name), "{name} is a duplicate");
        }
        for key in microsip_schema::keys() {
            // `0..9` means `0` and others.
            let first = key.name().split("..").next().unwrap();
            let name = format!("{}.{first}", key.section().label());
            assert_eq!(keys(&name), [key], "{name}");
        }
    }

    #[test]
    fn unknown_topics_suggest_similar_ones() {
        assert_eq!(near("split-program-pathh").as_deref(), Some("split-program-path"));
        assert_eq!(near("Settings.singleMod").as_deref(), Some("Settings.singleMode"));
        assert_eq!(near("account3.usrname").as_deref(), Some("AccountN.username"));
        assert_eq!(near("Settings.hideCallerId").as_deref(), Some("AccountN.hideCID"));
        assert_eq!(near("Settings.registerRefresh").as_deref(), Some("AccountN.registerRefresh"));
        assert_eq!(near("localPort").as_deref(), Some("sourcePort"));
        assert_eq!(near("regInterval").as_deref(), Some("registerRefresh"));
        assert_eq!(near("user").as_deref(), Some("username"));
        assert_eq!(near("exitcodes").as_deref(), Some("exit-codes"));
        assert_eq!(near("somethingelse"), None);
    }

    #[test]
    fn key_page_lists_related_rules() {
        let rules = |section, key| rules_about(microsip_schema::find(section, key).unwrap());
        assert!(rules("Settings", "accountId").contains(&"missing-account-id"));
        assert!(rules("Settings", "videoH263").is_empty());
    }
}
