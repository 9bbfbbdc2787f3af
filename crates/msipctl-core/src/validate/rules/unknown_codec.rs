//! `unknown-codec`: an audio codec that MicroSIP cannot find.

use crate::diagnostic::Severity;
use crate::validate::context::{Context, EntryLocation};
use crate::validate::finding::Finding;
use crate::validate::fix::{Fix, Safety};
use crate::validate::rule::rule;
use crate::validate::table::BUILT_IN_CODECS;
use microsip_schema::{Key, Kind, codec_name};
use winini::Edit;

rule! {
    /// ## What it does
    /// An entry of `audioCodecs` that is not a name, a rate and a number of channels with slashes between, or that no MicroSIP is known to have.
    ///
    /// ## Why is this bad?
    /// MicroSIP passes it over without a word. When none is left, calls are offered other codecs than meant. A codec of the right form that is not on the list below is told of as information, as a build of your own may have it: opus, G722, PCMA, PCMU, G729, speex, iLBC, GSM, AMR, AMR-WB, SILK, G7221, G723, G726, L16.
    ///
    /// ## Example
    /// ```ini
    /// [Settings]
    /// audioCodecs=PCMA,PCMU
    /// ```
    ///
    /// ## Use instead
    /// ```ini
    /// [Settings]
    /// audioCodecs=PCMA/8000/1 PCMU/8000/1
    /// ```
    ///
    /// ## How to fix
    /// Write each codec as `name/rate/channels`, with one space between.
    UnknownCodec,
    on Filled, kinds CODECS, requires INVALID,
    fix Sometimes
}

/// The names of audio codecs that builds of MicroSIP are known to have.
const NAMES: [&str; 19] = [
    "opus", "G722", "PCMA", "PCMU", "G729", "speex", "iLBC", "GSM", "AMR", "AMR-WB", "SILK",
    "G7221", "G723", "G726-16", "G726-24", "G726-32", "G726-40", "L16", "bcg729",
];

fn check(
    _: Context<'_>,
    (section, entry): EntryLocation<'_>,
    key: &'static Key,
    findings: &mut Vec<Finding>,
) {
    if key.kind() != Kind::Codecs {
        return;
    }
    let value = entry.value();
    let ids = value.split([' ', ',', ';', '\t']).filter(|id| !id.is_empty());
    let broken: Vec<_> = ids.clone().filter(|id| codec_name(id).is_none()).collect();
    let is_parted_otherwise = value.contains([',', ';', '\t']);
    let finding = if !broken.is_empty() {
        let message = message!(
            "`{codecs}` in `{key}` is no codec",
            codecs = broken.join("`, `"),
            key = entry.key()
        );
        RULE.at_value((section, entry), message)
    } else if is_parted_otherwise {
        let message = message!("the codecs in `{key}` are not parted by spaces", key = entry.key());
        RULE.at_value((section, entry), message)
    } else {
        let known = |id: &&str| {
            codec_name(id).is_some_and(|name| NAMES.iter().any(|it| it.eq_ignore_ascii_case(name)))
        };
        let foreign: Vec<_> = ids.clone().filter(|id| !known(id)).collect();
        if foreign.is_empty() {
            return;
        }
        let message =
            message!("no MicroSIP is known to have `{codecs}`", codecs = foreign.join("`, `"));
        RULE.at_value((section, entry), message).with_severity(Severity::Info)
    };
    let suggested_id: Option<Vec<_>> = ids.map(suggested_id).collect();
    let fix = suggested_id
        .filter(|suggested_id| finding.severity() == Severity::Warning && !suggested_id.is_empty());
    let finding = finding.with_help("expected `name/rate/channels`, with one space between");
    findings.push(match fix {
        Some(suggested_id) => {
            let text = suggested_id.join(" ");
            let title = format!("write `{text}`");
            let edit = Edit::ReplaceValue { line: entry.line(), text };
            finding.with_fix(Fix::edits(Safety::Unsafe, title, vec![edit]))
        }
        None => finding,
    });
}

/// Returns the whole id that was likely meant.
fn suggested_id(id: &str) -> Option<&str> {
    if codec_name(id).is_some() {
        return Some(id);
    }
    let begins = |usual: &&&str| {
        usual
            .split_at_checked(id.len())
            .is_some_and(|(start, rest)| start.eq_ignore_ascii_case(id) && rest.starts_with('/'))
    };
    BUILT_IN_CODECS.iter().find(begins).copied()
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::validate::rules::testing::{check, fixes};

    #[test]
    fn malformed_codec_is_a_warning_and_unknown_codec_is_info() {
        let codecs = |list: &str| format!("[Settings]\naudioCodecs={list}\n");
        check(&RULE, codecs("opus/48000/2 SILK/16000/1 iLBC/8000/1"), &[]);
        check(&RULE, codecs(""), &[]);
        check(&RULE, codecs("PCMA"), &["2: warning: `PCMA` in `audioCodecs` is no codec"]);
        check(
            &RULE,
            codecs("PCMA/8000/1,PCMU/8000/1"),
            &["2: warning: the codecs in `audioCodecs` are not parted by spaces"],
        );
        check(
            &RULE,
            codecs("EVS/16000/1"),
            &["2: info: no MicroSIP is known to have `EVS/16000/1`"],
        );
    }

    #[test]
    fn unsafe_fix_completes_common_codec_names() {
        fixes(
            &RULE,
            Safety::Unsafe,
            "[Settings]\naudioCodecs=opus, pcma/8000;G722/16000/1\n",
            "[Settings]\naudioCodecs=opus/48000/2 PCMA/8000/1 G722/16000/1\n",
        );
        fixes(
            &RULE,
            Safety::Unsafe,
            "[Settings]\naudioCodecs=xyz\n",
            "[Settings]\naudioCodecs=xyz\n",
        );
    }
}
