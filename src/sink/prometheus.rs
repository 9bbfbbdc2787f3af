//! Metrics in the text format of Prometheus, for the textfile collector of node_exporter and windows_exporter.
//!
//! One bad line makes the collector drop the complete file. So there are only gauges, without time stamps, in lines that
//! end with LF, and without a byte order mark.

use std::collections::BTreeMap;
use std::fmt::{Display, Write as _};

use jiff::Timestamp;

use super::event::Counts;
use msipctl_core::fleet::Tally;

/// The maximum number of time series for keys, and also for hooks. Others are added up.
const MAX_SERIES: usize = 200;

/// The label value under which other keys are added up.
const OTHER: &str = "other";

/// A name and value of a label.
type Label<'l> = (&'l str, &'l str);

/// Returns the metrics of an audit.
pub(super) fn of_audit(policy: &str, tally: &Tally, time: Timestamp) -> String {
    let mut text = Metrics::default();
    let states =
        [("in_sync", tally.in_sync()), ("drifted", tally.drifted()), ("failed", tally.failed())];
    text.states("msipctl_files", "Number of MicroSIP.ini files by state.", policy, &states);
    text.keys(policy, tally);
    text.hooks(policy, tally);
    if tally.verified() > 0 {
        let help = "Share of verified values that match the policy.";
        text.family("msipctl_score_ratio", help);
        let score = tally.compliant() as f64 / tally.verified() as f64;
        text.sample("msipctl_score_ratio", &[("policy", policy)], score);
    }
    let help = "Number of values that couldn't be verified.";
    text.family("msipctl_unverified_values", help);
    text.sample("msipctl_unverified_values", &[("policy", policy)], tally.unverified());
    text.time("msipctl_last_audit_timestamp_seconds", "Time of the last audit.", policy, time);
    // With the policy, so that the files of two policies don't have the same series.
    text.family("msipctl_build_info", "Version of msipctl.");
    let labels = [("policy", policy), ("version", env!("CARGO_PKG_VERSION"))];
    text.sample("msipctl_build_info", &labels, 1);
    text.0
}

/// Returns the metrics of an `apply`.
pub(super) fn of_apply(policy: &str, counts: Counts, time: Timestamp) -> String {
    let mut text = Metrics::default();
    let states = [
        ("changed", counts.changed.unwrap_or_default()),
        ("unchanged", counts.unchanged.unwrap_or_default()),
        ("queued", counts.queued.unwrap_or_default()),
        ("failed", counts.failed),
    ];
    let help = "Number of MicroSIP.ini files by the result of the last apply.";
    text.states("msipctl_apply_files", help, policy, &states);
    text.time("msipctl_last_apply_timestamp_seconds", "Time of the last apply.", policy, time);
    text.0
}

/// A text in the format.
#[derive(Default)]
struct Metrics(String);

impl Metrics {
    /// Begins a gauge.
    fn family(&mut self, name: &str, help: &str) {
        // Writing to a text can't fail.
        let _ = write!(self.0, "# HELP {name} {help}\n# TYPE {name} gauge\n");
    }

    /// Adds a sample of the gauge.
    fn sample(&mut self, name: &str, labels: &[Label<'_>], value: impl Display) {
        self.0.push_str(name);
        for (index, (label, value)) in labels.iter().enumerate() {
            self.0.push(if index == 0 { '{' } else { ',' });
            let _ = write!(self.0, "{label}=\"{}\"", escaped(value));
        }
        let _ = writeln!(self.0, "}} {value}");
    }

    fn states(&mut self, name: &str, help: &str, policy: &str, states: &[(&str, usize)]) {
        self.family(name, help);
        for (state, files) in states {
            self.sample(name, &[("policy", policy), ("state", state)], files);
        }
    }

    fn time(&mut self, name: &str, help: &str, policy: &str, time: Timestamp) {
        self.family(name, help);
        self.sample(name, &[("policy", policy)], time.as_second());
    }

    fn keys(&mut self, policy: &str, tally: &Tally) {
        const NAME: &str = "msipctl_drift_keys";
        let mut keys: Vec<_> = tally
            .keys()
            .map(|(section, key, tally)| (tally.drifted.files(), section, key))
            .collect();
        // The keys that drift in most files, and among those, always the same ones.
        keys.sort_by_key(|(files, section, key)| (std::cmp::Reverse(*files), *section, *key));
        let others: usize = keys.iter().skip(MAX_SERIES).map(|(files, ..)| files).sum();
        keys.truncate(MAX_SERIES);
        self.family(NAME, "Number of files in which a key differs from the policy.");
        let other = (others > 0).then_some((others, "", OTHER));
        for (files, section, key) in keys.into_iter().chain(other) {
            let labels = [("policy", policy), ("section", section), ("key", key)];
            self.sample(NAME, &labels, files);
        }
    }

    fn hooks(&mut self, policy: &str, tally: &Tally) {
        const NAME: &str = "msipctl_drift_hooks";
        let mut hooks: BTreeMap<(&str, &str), usize> = BTreeMap::new();
        for (gap, group) in tally.hooks().by_size() {
            *hooks.entry((&gap.template, gap.problem.name())).or_default() += group.files();
        }
        self.family(NAME, "Number of files in which hooks of a template differ from the policy.");
        let mut others = tally.hooks().others();
        for (index, ((template, problem), files)) in hooks.into_iter().enumerate() {
            if index >= MAX_SERIES {
                others += files;
                continue;
            }
            let labels = [("policy", policy), ("template", template), ("problem", problem)];
            self.sample(NAME, &labels, files);
        }
        if others > 0 {
            let labels = [("policy", policy), ("template", OTHER), ("problem", OTHER)];
            self.sample(NAME, &labels, others);
        }
    }
}

/// Escapes the value of a label. Control characters, which collectors might show raw, become U+FFFD.
fn escaped(value: &str) -> String {
    let mut text = String::with_capacity(value.len());
    for character in value.chars() {
        match character {
            '\\' => text.push_str("\\\\"),
            '"' => text.push_str("\\\""),
            '\n' => text.push_str("\\n"),
            _ if character.is_control() => text.push('\u{fffd}'),
            _ => text.push(character),
        }
    }
    text
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    /// A sample: its name, labels, and value.
    type Sample = (String, Vec<(String, String)>, f64);

    /// Parses the format strictly, as the textfile collector does.
    fn parse(text: &str) -> Result<Vec<Sample>, String> {
        let mut samples = Vec::new();
        let mut family = String::new();
        let mut seen = std::collections::BTreeSet::new();
        if !text.ends_with('\n') || text.contains('\r') || text.starts_with('\u{feff}') {
            return Err("line endings or byte order mark".to_owned());
        }
        for line in text.split_terminator('\n') {
            if let Some(rest) = line.strip_prefix("# HELP ") {
                family = rest.split(' ').next().unwrap().to_owned();
                if !seen.insert(family.clone()) {
                    return Err(format!("second HELP for {family}"));
                }
            } else if let Some(rest) = line.strip_prefix("# TYPE ") {
                if rest != format!("{family} gauge") {
                    return Err(format!("type: {line}"));
                }
            } else {
                let sample = sample(line).ok_or_else(|| format!("sample: {line}"))?;
                if sample.0 != family {
                    return Err(format!("{} is in {family}", sample.0));
                }
                samples.push(sample);
            }
        }
        Ok(samples)
    }

    fn sample(line: &str) -> Option<Sample> {
        let (name, mut rest) = line.split_once('{')?;
        let mut labels = Vec::new();
        loop {
            let (label, after) = rest.split_once("=\"")?;
            let mut value = String::new();
            let mut characters = after.char_indices();
            let end = loop {
                match characters.next()? {
                    (_, '\\') => value.push(match characters.next()?.1 {
                        'n' => '\n',
                        it @ ('\\' | '"') => it,
                        _ => return None,
                    }),
                    (at, '"') => break at,
                    (_, it) => value.push(it),
                }
            };
            labels.push((label.to_owned(), value));
            rest = &after[end + 1..];
            match rest.strip_prefix(',') {
                Some(more) => rest = more,
                None => break,
            }
        }
        let value = rest.strip_prefix("} ")?.parse().ok()?;
        Some((name.to_owned(), labels, value))
    }

    #[test]
    fn audit_of_no_files_is_valid() {
        let text = of_audit("p.toml", &Tally::default(), Timestamp::UNIX_EPOCH);
        let samples = parse(&text).unwrap();
        let names: Vec<_> = samples.iter().map(|(name, ..)| name.as_str()).collect();
        assert_eq!(
            names,
            [
                "msipctl_files",
                "msipctl_files",
                "msipctl_files",
                "msipctl_unverified_values",
                "msipctl_last_audit_timestamp_seconds",
                "msipctl_build_info"
            ]
        );
    }

    #[test]
    fn apply_has_one_sample_per_state() {
        let counts = Counts {
            changed: Some(2),
            unchanged: Some(3),
            queued: Some(0),
            failed: 1,
            ..Counts::default()
        };
        let text = of_apply("p.toml", counts, Timestamp::UNIX_EPOCH);
        let values: Vec<_> = parse(&text).unwrap().into_iter().map(|(.., value)| value).collect();
        assert_eq!(values, [2.0, 3.0, 0.0, 1.0, 0.0]);
    }

    proptest! {
        #[test]
        fn any_label_value_survives(value in r"(?s).{0,20}") {
            let mut metrics = Metrics::default();
            metrics.family("a", "b");
            metrics.sample("a", &[("policy", &value), ("key", "x")], 1);
            let samples = parse(&metrics.0).unwrap();
            let clean = |it: char| if it.is_control() && it != '\n' { '\u{fffd}' } else { it };
            let expected: String = value.chars().map(clean).collect();
            prop_assert_eq!(&samples[0].1[0], &("policy".to_owned(), expected));
        }
    }
}
