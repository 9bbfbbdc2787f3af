//! `microsip_audit`: reports how files differ from a policy.

use msipctl_core::engine::{EngineResult, Operation, StateDocument};
use serde_json::{Value, json};

use super::arguments::Arguments;
use super::ini::{policy, policy_options};
use super::option::{Kind, Module, option};
use super::present;
use super::reply::ModuleReply;
use crate::carry_out::CarryOut;

/// The name of the module.
pub(super) const NAME: &str = "microsip_audit";

/// Returns the description of the module.
pub(super) fn module() -> Module {
    let mut options = present::options().to_vec();
    options.extend(policy_options());
    options.extend([
        option(
            "fail_on_drift",
            Kind::Bool,
            "Whether a file that differs from the policy is an error.",
        )
        .default_is("false"),
        super::ini::microsip_option(),
        super::ini::code_page_option(),
        super::ini::template_option(),
    ]);
    Module {
        name: NAME,
        summary: "Report how MicroSIP.ini files differ from a policy",
        about: &[
            "Compares MicroSIP.ini files with a policy, and returns the differences. Never changes a file.",
            "Doesn't fail if a secret of the policy isn't available on the target. It verifies the rest, and lists the keys.",
            "Never shows secrets, whether or not the task has `no_log`.",
        ],
        options,
        exclusive: &[["policy", "policy_file"], ["path", "paths"]],
        one_of: &[&["policy", "policy_file"]],
        can_change: false,
    }
}

/// Runs the module.
pub(super) fn run(mut arguments: Arguments, carry_out: &CarryOut<'_>) -> ModuleReply {
    let is_required = arguments.take_flag("require");
    let fails_on_drift = arguments.take_flag("fail_on_drift");
    let files = match present::files(&mut arguments) {
        Ok(files) if files.is_empty() => return ModuleReply::absent(is_required),
        Ok(files) => files,
        Err(error) => return ModuleReply::of_error(&error),
    };
    let mut document = json!({ "check": true, "policy": policy(&mut arguments), "options": {} });
    for name in ["microsip", "ansi_code_page", "template_dirs"] {
        if let Some(value) = arguments.take(name) {
            document["options"][name] = value;
        }
    }
    let mut audits = Vec::with_capacity(files.len());
    for file in files {
        document["path"] = file.path.display().to_string().into();
        match StateDocument::parse(document.to_string().as_bytes()) {
            Ok(document) => audits.push(carry_out(&document, Operation::Test)),
            Err(error) => return ModuleReply::of_error(&error),
        }
    }
    reply(&audits, fails_on_drift)
}

/// Returns the reply for the results of all files.
fn reply(audits: &[EngineResult], fails_on_drift: bool) -> ModuleReply {
    let failed = audits.iter().filter(|audit| audit.error.is_some()).count();
    let in_sync = audits.iter().filter(|audit| audit.in_desired_state == Some(true)).count();
    let drifted = audits.len() - failed - in_sync;
    let unverified: usize = audits.iter().map(|audit| audit.unverified).sum();
    let message = match (failed, drifted, audits.len()) {
        (0, 0, 1) => "the file matches the policy".to_owned(),
        (0, 0, count) => format!("all {count} files match the policy"),
        (0, 1, 1) => "the file differs from the policy".to_owned(),
        (0, drifted, count) => format!("{drifted} of {count} files differ from the policy"),
        (failed, _, count) => {
            let first = audits.iter().find_map(|audit| audit.error.as_ref());
            let first = first.map(|error| error.message.as_str()).unwrap_or_default();
            match count {
                1 => first.to_owned(),
                count => format!("{failed} of {count} files can't be audited: {first}"),
            }
        }
    };
    let rows: Vec<Value> = audits.iter().map(row).collect();
    let warnings: Vec<&str> =
        audits.iter().flat_map(|audit| &audit.warnings).map(String::as_str).collect();
    let summary = json!({
        "files": audits.len(),
        "in_sync": in_sync,
        "drifted": drifted,
        "failed": failed,
        "unverified": unverified,
    });
    let reply = ModuleReply::new(message)
        .with("in_sync", failed == 0 && drifted == 0)
        .with("summary", summary)
        .with("files", rows)
        .with("warnings", warnings);
    match audits.iter().find_map(|audit| audit.error.as_ref()) {
        Some(error) => {
            let reply = reply.failed().with("kind", json!(error.kind));
            let errors = serde_json::to_value(&error.errors).unwrap_or_default();
            reply.with("errors", errors).with_hint(error.hint.as_deref())
        }
        None if fails_on_drift && drifted > 0 => {
            reply.failed().with("hint", "run `microsip_ini` with the same policy")
        }
        None => reply,
    }
}

/// Returns the audit of a file.
fn row(audit: &EngineResult) -> Value {
    let state = match (&audit.error, audit.in_desired_state) {
        (Some(_), _) => "failed",
        (None, Some(true)) => "in_sync",
        (None, _) => "drifted",
    };
    json!({
        "path": audit.path,
        "state": state,
        "microsip": audit.microsip,
        "encoding": audit.encoding,
        "score": audit.score,
        "drift": audit.drift,
        "unverified": audit.unverified,
        "missing_secrets": audit.missing_secrets,
        "notes": audit.notes,
        "error": audit.error,
    })
}
