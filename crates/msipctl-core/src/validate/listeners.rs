//! The lines that each rule listens to, computed once for a selection of rules.

use super::features::FeatureSet;
use super::rule::{Rule, Run};
use super::rule_set::RuleSet;
use super::table::LineFacts;

/// The lines and documents that the rules of a selection listen to.
#[derive(Debug, Clone)]
pub(super) struct Listeners {
    /// The listeners for lines, by the row of the line.
    rows: Vec<Row>,
    /// The listeners for complete documents, each with its required features.
    documents: Vec<(FeatureSet, usize)>,
}

/// The listeners for the lines of a row.
#[derive(Debug, Clone, Copy)]
struct Row {
    /// The features of which a line has at least one if any rule listens to it.
    features: FeatureSet,
    rules: RuleSet,
}

impl Listeners {
    /// Computes the lines that the selected rules listen to.
    pub(super) fn new(rules: &[&Rule], selected: &RuleSet) -> Self {
        let none = Row { features: FeatureSet::NONE, rules: RuleSet::default() };
        let (mut rows, mut documents) = (vec![none; LineFacts::ROWS], Vec::new());
        for index in selected.iter() {
            let rule = rules[index];
            if let Run::Document(_) = rule.run {
                documents.push((rule.listens.requires, index));
                continue;
            }
            let requires = match rule.listens.requires {
                FeatureSet::NONE => FeatureSet::ALL,
                some => some,
            };
            for row in rule.rows() {
                rows[row].features.add(requires);
                rows[row].rules.add(index);
            }
        }
        Self { rows, documents }
    }

    /// Returns the rules that may listen to a line, if there are any.
    #[inline]
    pub(super) fn of_line(&self, line: &LineFacts) -> Option<&RuleSet> {
        let row = &self.rows[line.row()];
        line.features.has(row.features).then_some(&row.rules)
    }

    /// Returns the rules that listen to a document with these features.
    pub(super) fn of_document(&self, features: FeatureSet) -> impl Iterator<Item = usize> {
        let listening = move |requires: FeatureSet| requires.is_empty() || features.has(requires);
        let documents = self.documents.iter().filter(move |(requires, _)| listening(*requires));
        documents.map(|(_, index)| *index)
    }
}

impl Rule {
    /// Returns the rows of the lines that it listens to.
    fn rows(&self) -> Vec<usize> {
        let (listens, entries) = (&self.listens, 0..LineFacts::OTHER);
        match self.run {
            Run::Document(_) => Vec::new(),
            Run::Header(_) => vec![LineFacts::OTHER],
            Run::Line(_) => (0..LineFacts::ROWS).collect(),
            Run::Entry(_) => entries.collect(),
            Run::Counted(_) | Run::Known(_) | Run::Read(_) | Run::Filled(_) => {
                let is_heard = |key: &microsip_schema::Key| {
                    listens.is_about(Some(key)) && listens.kinds.has(key.kind())
                };
                let known = microsip_schema::keys().enumerate().filter(|(_, key)| is_heard(key));
                let is_any = matches!(self.run, Run::Counted(_)) && listens.keys.is_none();
                known.map(|(row, _)| row).chain(is_any.then_some(LineFacts::UNKNOWN)).collect()
            }
        }
    }
}
