//! Pages about rules, keys, events, and exit codes.

use std::io;

use serde::{Serialize, Serializer};
use serde_json::{Value, json};

use super::count::count;
use super::guide;
use super::json::values;
use super::report::Report;
use super::screen::{DIM, HEADING, NAME, Screen};
use super::wrap::wrapped;
use crate::exit::Exit;
use crate::guides::Guide;
use microsip_schema::{Choice, Key, Kind, Since, Switch, Version, renamed};
use msipctl_core::diagnostic::Descriptor;
use msipctl_core::event::{Event, Fact, Launcher};
use msipctl_core::validate::{FixAvailability, Rule, Selection};

/// The width of the names of fields.
const FIELD: usize = 12;

/// One topic that can be explained.
#[derive(Debug, Serialize)]
pub(crate) struct TopicRow {
    kind: &'static str,
    name: String,
    group: Option<&'static str>,
    summary: &'static str,
}

impl TopicRow {
    pub(crate) fn rule(rule: &Rule) -> Self {
        Self::new("rule", rule.name, Some(rule.group.name()), rule.summary)
    }

    pub(crate) fn template_rule(rule: &Descriptor) -> Self {
        Self::new("template-rule", rule.name, None, rule.summary)
    }

    pub(crate) fn key(key: &Key) -> Self {
        Self::new("key", key.name(), Some(key.section().label()), key.description())
    }

    pub(crate) fn event(event: Event) -> Self {
        Self::new("event", event.name(), None, event.about())
    }

    pub(crate) fn guide(guide: Guide) -> Self {
        Self::new("guide", guide.name, None, guide.title())
    }

    /// Returns the group of a rule, or the section of a key.
    pub(crate) fn group(&self) -> &str {
        self.group.unwrap_or_default()
    }

    fn new(
        kind: &'static str,
        name: &str,
        group: Option<&'static str>,
        summary: &'static str,
    ) -> Self {
        Self { kind, name: name.to_owned(), group, summary }
    }
}

/// All topics that can be explained.
#[derive(Debug)]
pub(crate) struct TopicsReport {
    pub(crate) topics: Vec<TopicRow>,
}

impl TopicsReport {
    fn of(&self, kind: &str) -> impl Iterator<Item = &TopicRow> {
        self.topics.iter().filter(move |row| row.kind == kind)
    }

    /// Writes the topics of a kind, each with its summary.
    fn list(&self, kind: &str, heading: &str, out: &mut Screen<'_>) -> io::Result<()> {
        putln!(out, "{HEADING}{heading}{HEADING:#} {DIM}({}){DIM:#}", self.of(kind).count())?;
        let mut group = "";
        for row in self.of(kind) {
            if row.group() != group {
                group = row.group();
                let number = self.of(kind).filter(|row| row.group() == group).count();
                putln!(out)?;
                putln!(out, "  {HEADING}{group}{HEADING:#} {DIM}({number}){DIM:#}")?;
            }
            putln!(out, "  {NAME}{:<30}{NAME:#} {}", row.name, row.summary)?;
        }
        putln!(out)
    }
}

impl Report for TopicsReport {
    const LIST: &'static str = "topics";
    type Row = ();

    fn human_end(&self, out: &mut Screen<'_>) -> io::Result<()> {
        self.list("guide", "Guides", out)?;
        self.list("rule", "Rules of `msipctl check`", out)?;
        self.list("template-rule", "Rules of `msipctl template check`", out)?;
        self.list("event", "Events", out)?;
        let keys = self.of("key").count();
        putln!(out, "{HEADING}Keys, as SECTION.KEY or KEY{HEADING:#} {DIM}({keys}){DIM:#}")?;
        let mut sections: Vec<_> = self.of("key").map(TopicRow::group).collect();
        sections.sort_unstable();
        sections.dedup();
        for section in sections {
            let number = self.of("key").filter(|row| row.group() == section).count();
            putln!(out, "  {NAME}{section:<30}{NAME:#} {}", count(number, "key"))?;
        }
        Ok(())
    }

    fn entries(&self) -> Vec<Value> {
        values(&self.topics)
    }

    fn summary(&self) -> Option<Value> {
        Some(json!({
            "guides": self.of("guide").count(),
            "rules": self.of("rule").count(),
            "template_rules": self.of("template-rule").count(),
            "keys": self.of("key").count(),
            "events": self.of("event").count(),
        }))
    }
}

/// One page.
#[derive(Debug, Serialize)]
#[serde(tag = "kind", rename_all = "kebab-case")]
pub(crate) enum PageRow {
    Rule(RulePage),
    TemplateRule(TemplateRulePage),
    Key(Box<KeyPage>),
    Event(EventPage),
    ExitCodes(ExitPage),
    Guide(GuidePage),
}

/// The page of a rule.
#[derive(Debug, Serialize)]
pub(crate) struct RulePage {
    name: &'static str,
    summary: &'static str,
    severity: &'static str,
    group: &'static str,
    since: &'static str,
    enabled_by_default: bool,
    #[serde(serialize_with = "fix_name")]
    fix: FixAvailability,
    page: String,
}

fn fix_name<S: Serializer>(fix: &FixAvailability, serializer: S) -> Result<S::Ok, S::Error> {
    serializer.serialize_str(fix.name())
}

/// A rule for templates.
#[derive(Debug, Serialize)]
pub(crate) struct TemplateRulePage {
    name: &'static str,
    summary: &'static str,
    severity: &'static str,
}

/// The page of a key.
#[derive(Debug, Serialize)]
pub(crate) struct KeyPage {
    section: &'static str,
    key: &'static str,
    description: &'static str,
    #[serde(rename = "type")]
    kind: &'static str,
    allowed: String,
    choices: Option<Vec<ChoiceRow>>,
    default: Option<&'static str>,
    earlier_defaults: Vec<DefaultRow>,
    since: Option<String>,
    until: Option<String>,
    not_within: Option<[String; 2]>,
    fork: Option<&'static str>,
    replaced_by: Option<&'static str>,
    reads: Vec<ReadsRow>,
    limits: Vec<LimitRow>,
    secret: bool,
    sensitive: bool,
    machine_state: bool,
    personal: bool,
    legacy_account: bool,
    rules: Vec<&'static str>,
}

/// One allowed value.
#[derive(Debug, Serialize)]
struct ChoiceRow {
    value: &'static str,
    since: Option<String>,
    until: Option<String>,
}

/// The default of earlier versions.
#[derive(Debug, Serialize)]
struct DefaultRow {
    until: String,
    value: &'static str,
}

/// How versions read values that aren't allowed.
#[derive(Debug, Serialize)]
struct ReadsRow {
    until: Option<String>,
    text: &'static str,
}

/// The maximum length that versions read.
#[derive(Debug, Serialize)]
struct LimitRow {
    since: Option<String>,
    utf16_units: usize,
}

/// The page of an event.
#[derive(Debug, Serialize)]
pub(crate) struct EventPage {
    name: &'static str,
    key: &'static str,
    directive: &'static str,
    since: String,
    when: &'static str,
    details: &'static str,
    facts: Vec<FactRow>,
    example: String,
}

/// What some versions do on an event.
#[derive(Debug, Serialize)]
struct FactRow {
    since: Option<String>,
    until: Option<String>,
    text: &'static str,
    #[serde(skip)]
    versions: String,
}

/// The exit codes.
#[derive(Debug, Serialize)]
pub(crate) struct ExitPage {
    codes: Vec<ExitRow>,
    page: &'static str,
}

/// A guide.
#[derive(Debug, Serialize)]
pub(crate) struct GuidePage {
    name: &'static str,
    title: &'static str,
    page: &'static str,
}

/// One exit code.
#[derive(Debug, Serialize)]
pub(crate) struct ExitRow {
    code: u8,
    meaning: &'static str,
}

impl FactRow {
    fn new(fact: &Fact) -> Self {
        let text = |version: Option<Version>| version.map(|version| version.to_string());
        Self {
            since: text(fact.since()),
            until: text(fact.until()),
            text: fact.text(),
            versions: fact.versions(),
        }
    }
}

impl From<Exit> for ExitRow {
    fn from(exit: Exit) -> Self {
        Self { code: exit.code(), meaning: exit.meaning() }
    }
}

impl PageRow {
    pub(crate) fn rule(rule: &Rule) -> Self {
        Self::Rule(RulePage {
            name: rule.name,
            summary: rule.summary,
            severity: rule.severity.name(),
            group: rule.group.name(),
            since: rule.since,
            enabled_by_default: Selection::default().has(rule),
            fix: rule.fix,
            page: rule.text(),
        })
    }

    pub(crate) fn template_rule(rule: &Descriptor) -> Self {
        let severity = rule.severity.name();
        Self::TemplateRule(TemplateRulePage { name: rule.name, summary: rule.summary, severity })
    }

    /// Creates the page of a key, with the rules that are about it.
    pub(crate) fn key(key: &Key, rules: &[&'static str]) -> Self {
        let text = |version: Option<Version>| version.map(|version| version.to_string());
        let (since, fork) = match key.since() {
            Since::Version(since) => (Some(since), None),
            Since::Fork(who) => (None, Some(who)),
            Since::Unread => (None, None),
        };
        let choices = match key.kind() {
            Kind::Choice(choices) => Some(choices),
            _ => None,
        };
        let choices = choices.map(|choices| {
            let row = |choice: &Choice| ChoiceRow {
                value: choice.text(),
                since: text(choice.since()),
                until: text(choice.until()),
            };
            choices.iter().map(row).collect()
        });
        let reads = match key.kind() {
            Kind::Number { .. } => vec![ReadsRow {
                until: None,
                text: "uses the digits at the start; a value without any is 0",
            }],
            _ => {
                let row = |(until, switch): (Option<Version>, Switch)| ReadsRow {
                    until: text(until),
                    text: switch.reads(),
                };
                key.switches_by_version().into_iter().map(row).collect()
            }
        };
        let earlier = |(until, value): (Option<Version>, &'static str)| {
            Some(DefaultRow { until: until?.to_string(), value })
        };
        let limit = |(since, utf16_units)| LimitRow { since: text(since), utf16_units };
        Self::Key(Box::new(KeyPage {
            section: key.section().label(),
            key: key.name(),
            description: key.description(),
            kind: key.kind().name(),
            allowed: key.kind().allowed(),
            choices,
            default: key.default(key.until().unwrap_or(Version::NEWEST)),
            earlier_defaults: key.defaults_by_version().into_iter().filter_map(earlier).collect(),
            since: text(since),
            until: text(key.until()),
            not_within: key.gap().map(|(first, last)| [first.to_string(), last.to_string()]),
            fork,
            replaced_by: renamed(key.section().label(), key.name()),
            reads,
            limits: key.limits_by_version().into_iter().map(limit).collect(),
            secret: key.is_secret(),
            sensitive: key.is_sensitive(),
            machine_state: key.is_machine_state(),
            personal: key.is_personal(),
            legacy_account: key.is_legacy_account(),
            rules: rules.to_vec(),
        }))
    }

    pub(crate) fn event(event: Event) -> Self {
        const PROGRAM: &str = r"C:\Program Files\msipctl\msipctl.exe";
        let launcher =
            Launcher::new(PROGRAM, event).map(|launcher| launcher.value()).unwrap_or_default();
        let example = format!(
            "[Settings]\n{}=Log,C:\\ProgramData\\calls.csv\n{}={launcher}\n",
            event.directive(),
            event.key()
        );
        Self::Event(EventPage {
            name: event.name(),
            key: event.key(),
            directive: event.directive(),
            since: event.since().to_string(),
            when: event.about(),
            details: event.details(),
            facts: event.facts().map(FactRow::new).collect(),
            example,
        })
    }

    /// Makes the page of the exit codes: the guide about them, and each code.
    pub(crate) fn exit_codes(guide: Guide, codes: Vec<ExitRow>) -> Self {
        Self::ExitCodes(ExitPage { codes, page: guide.text() })
    }

    /// Makes the page of a guide.
    pub(crate) fn guide(guide: Guide) -> Self {
        Self::Guide(GuidePage { name: guide.name, title: guide.title(), page: guide.text() })
    }

    fn human(&self, out: &mut Screen<'_>) -> io::Result<()> {
        match self {
            Self::Rule(page) => page.human(out),
            Self::TemplateRule(page) => {
                putln!(out, "{HEADING}{}{HEADING:#}: {}", page.name, page.summary)?;
                putln!(out, "{DIM}{}, rule of `msipctl template check`{DIM:#}", page.severity)
            }
            Self::Key(page) => page.human(out),
            Self::Event(page) => page.human(out),
            Self::ExitCodes(ExitPage { page, .. }) | Self::Guide(GuidePage { page, .. }) => {
                guide::write(page, out)
            }
        }
    }
}

impl RulePage {
    fn human(&self, out: &mut Screen<'_>) -> io::Result<()> {
        let Self { name, summary, severity, group, since, .. } = self;
        putln!(out, "{HEADING}{name}{HEADING:#}: {summary}")?;
        let usual = if self.enabled_by_default { "" } else { ", disabled by default (--select)" };
        putln!(out, "{DIM}{severity}, group {group}, since msipctl {since}{usual}{DIM:#}")?;
        putln!(out, "{DIM}{}{DIM:#}", self.fix.sentence())?;
        putln!(out)?;
        guide::write(&self.page, out)
    }
}

impl KeyPage {
    fn human(&self, out: &mut Screen<'_>) -> io::Result<()> {
        putln!(out, "{HEADING}{}.{}{HEADING:#}", self.section, self.key)?;
        out.put_lines(&wrapped(self.description, 0))?;
        putln!(out)?;
        field(out, "value", &format!("{}: {}", self.kind, self.allowed))?;
        for row in &self.reads {
            let until = row.until.as_ref().map(|until| format!("up to {until}: "));
            field(out, "reads", &format!("{}{}", until.unwrap_or_default(), row.text))?;
        }
        for DefaultRow { until, value } in &self.earlier_defaults {
            let value = if value.is_empty() { "(empty)" } else { value };
            field(out, "default", &format!("up to {until}: {value}"))?;
        }
        field(out, "default", self.default.unwrap_or("none, or depends on other settings"))?;
        field(out, "versions", &self.versions())?;
        let limits = self.limits.iter().map(|row| match &row.since {
            None => format!("{} UTF-16 code units", row.utf16_units),
            Some(since) => format!("{} since {since}", row.utf16_units),
        });
        let limits = limits.collect::<Vec<_>>().join(", ");
        field(out, "max length", &format!("{limits}; the rest is truncated"))?;
        for (is_so, what) in [
            (self.secret, "secret; shown as *** without --reveal"),
            (self.sensitive, "can contain a password, which is masked"),
            (self.machine_state, "machine-specific; not part of a configuration"),
            (self.personal, "personal data"),
            (
                self.legacy_account,
                "part of the single account of 3.1.18, which newer versions move to [Account1]",
            ),
        ] {
            if is_so {
                field(out, "also", what)?;
            }
        }
        if !self.rules.is_empty() {
            field(out, "rules", &self.rules.join(", "))?;
        }
        Ok(())
    }

    fn versions(&self) -> String {
        let text = match (&self.since, &self.until, self.fork) {
            (_, _, Some(who)) => format!("only the fork {who}"),
            (None, ..) => "no known version reads it".to_owned(),
            (Some(since), None, _) => format!("{since} and newer"),
            (Some(since), Some(until), _) if since == until => format!("{since} only"),
            (Some(since), Some(until), _) => format!("{since} to {until}"),
        };
        let text = match &self.not_within {
            Some([first, last]) => format!("{text}, except {first} to {last}"),
            None => text,
        };
        let replaced = self.replaced_by.map(|key| format!("{text}; replaced by {key}"));
        replaced.unwrap_or(text)
    }
}

impl EventPage {
    fn human(&self, out: &mut Screen<'_>) -> io::Result<()> {
        putln!(out, "{HEADING}{}{HEADING:#}: {}", self.name, self.when)?;
        putln!(out)?;
        field(out, "key", &format!("{}, since MicroSIP {}", self.key, self.since))?;
        field(out, "directive", &format!("{}, read by msipctl", self.directive))?;
        putln!(out)?;
        out.put_lines(&wrapped(self.details, 0))?;
        if !self.facts.is_empty() {
            putln!(out)?;
            putln!(out, "{HEADING}By version{HEADING:#}")?;
        }
        for fact in &self.facts {
            let text = format!("{}: {}", fact.versions, fact.text);
            put!(out, "  ")?;
            out.put_lines(&wrapped(&text, 4))?;
        }
        putln!(out)?;
        putln!(out, "{HEADING}Example{HEADING:#}")?;
        self.example.lines().try_for_each(|line| putln!(out, "    {NAME}{line}{NAME:#}"))?;
        let add = format!(
            "msipctl hook add call-log --on {} --with file=C:\\ProgramData\\calls.csv",
            self.name
        );
        putln!(out)?;
        putln!(out, "To add this hook, run:")?;
        putln!(out, "    {NAME}{add}{NAME:#}")
    }
}

/// Writes the name and the text of a field.
fn field(out: &mut Screen<'_>, name: &str, text: &str) -> io::Result<()> {
    put!(out, "  {NAME}{name:<FIELD$}{NAME:#}")?;
    out.put_lines(&wrapped(text, FIELD + 2))
}

/// Pages.
#[derive(Debug)]
pub(crate) struct PagesReport {
    pub(crate) pages: Vec<PageRow>,
}

impl Report for PagesReport {
    const LIST: &'static str = "pages";
    type Row = ();

    fn human_end(&self, out: &mut Screen<'_>) -> io::Result<()> {
        for (index, page) in self.pages.iter().enumerate() {
            if index > 0 {
                putln!(out)?;
            }
            page.human(out)?;
        }
        Ok(())
    }

    fn entries(&self) -> Vec<Value> {
        values(&self.pages)
    }
}
