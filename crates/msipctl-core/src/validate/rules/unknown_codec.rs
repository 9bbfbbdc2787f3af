//! `unknown-codec`: audio codec that MicroSIP doesn't have.

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
    /// Checks for entries of `audioCodecs` that aren't in the form `name/rate/channels`, or that no MicroSIP build is known to support.
    ///
    /// ## Why is this bad?
    /// MicroSIP silently skips such an entry. If none is left, calls offer other codecs than you intended. An unknown codec in the right form is only `info`, because a custom build may support it.
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
    /// Write each codec as `name/rate/channels`, separated by spaces. Known codecs are opus, G722, PCMA, PCMU, G729, speex, iLBC, GSM, AMR, AMR-WB, SILK, G7221, G723, G726, and L16.
    ///
    /// ## Fix safety
    /// Completes known names and separates the codecs by spaces. Unsafe, because calls then offer other codecs than today. No fix is available if a codec is unknown.
    UnknownCodec,
    on Filled, kinds CODECS, requires INVALID,
    fix Sometimes
}

/// The names of audio codecs that MicroSIP builds are known to support.
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
    let invalid: Vec<_> = ids.clone().filter(|id| codec_name(id).is_none()).collect();
    let has_other_separators = value.contains([',', ';', '\t']);
    let finding = if !invalid.is_empty() {
        let message = message!(
            "invalid codec `{codecs}` in `{key}`: expected `name/rate/channels`",
            codecs = invalid.join("`, `"),
            key = entry.key()
        );
        RULE.at_value((section, entry), message)
    } else if has_other_separators {
        let message =
            message!("the codecs in `{key}` aren't separated by spaces", key = entry.key());
        RULE.at_value((section, entry), message)
    } else {
        let known = |id: &&str| {
            codec_name(id).is_some_and(|name| NAMES.iter().any(|it| it.eq_ignore_ascii_case(name)))
        };
        let unknown: Vec<_> = ids.clone().filter(|id| !known(id)).collect();
        if unknown.is_empty() {
            return;
        }
        let message = message!(
            "unknown codec `{codecs}`: no MicroSIP build is known to support it",
            codecs = unknown.join("`, `")
        );
        RULE.at_value((section, entry), message).with_severity(Severity::Info)
    };
    let suggested_ids: Option<Vec<_>> = ids.map(suggested_id).collect();
    let suggested_ids =
        suggested_ids.filter(|ids| finding.severity() == Severity::Warning && !ids.is_empty());
    let finding =
        finding.with_help("write each codec as `name/rate/channels`, separated by spaces");
    findings.push(match suggested_ids {
        Some(ids) => {
            let text = ids.join(" ");
            let title = format!("write `{text}`");
            let edit = Edit::ReplaceValue { line: entry.line(), text };
            finding.with_fix(Fix::edits(Safety::Unsafe, title, vec![edit]))
        }
        None => finding,
    });
}

/// Returns the complete ID that was probably meant.
fn suggested_id(id: &str) -> Option<&str> {
    if codec_name(id).is_some() {
        return Some(id);
    }
    let starts = |codec: &&&str| {
        codec
            .split_at_checked(id.len())
            .is_some_and(|(start, rest)| start.eq_ignore_ascii_case(id) && rest.starts_with('/'))
    };
    BUILT_IN_CODECS.iter().find(starts).copied()
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
        check(
            &RULE,
            codecs("PCMA"),
            &["2: warning: invalid codec `PCMA` in `audioCodecs`: expected `name/rate/channels`"],
        );
        check(
            &RULE,
            codecs("PCMA/8000/1,PCMU/8000/1"),
            &["2: warning: the codecs in `audioCodecs` aren't separated by spaces"],
        );
        check(
            &RULE,
            codecs("EVS/16000/1"),
            &["2: info: unknown codec `EVS/16000/1`: no MicroSIP build is known to support it"],
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
