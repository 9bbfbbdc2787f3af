//! `unknown-key`: a key that no MicroSIP reads.

use super::unknown_hook;
use crate::event::Event;
use crate::schema;
use crate::validate::Severity;
use crate::validate::rule::rule;
use crate::validate::{Context, Finding};

rule! {
    /// ## What it checks
    /// A key in a section of MicroSIP's that no version and no known fork reads.
    ///
    /// ## Why it matters
    /// MicroSIP keeps such a line and never reads it. With a name close to a real key it is nearly always a slip of the pen; keys of other programs are told of as information only.
    ///
    /// ## Example
    /// ```ini
    /// [Settings]
    /// updateInterval=never
    /// ```
    ///
    /// ## Instead
    /// ```ini
    /// [Settings]
    /// updatesInterval=never
    /// ```
    ///
    /// ## Fix
    /// Write the name that was meant. If another program reads the key, leave it.
    "unknown-key", "key that MicroSIP does not read", Warning, Schema, since "0.1.0"
}

fn check(context: Context<'_>, findings: &mut Vec<Finding>) {
    for (section, entry) in context.entries() {
        let (name, key) = (section.name(), entry.key());
        let is_directive = Event::of_directive(&key).is_some();
        let is_hook = unknown_hook::unknown(&name, entry).is_some();
        let elsewhere = !schema::sections_of(&key).is_empty();
        if is_directive || is_hook || elsewhere || schema::find(&name, &key).is_some() {
            continue;
        }
        let message = format!("MicroSIP reads no key `{key}` in `[{name}]`");
        let finding = RULE.at_key((section, entry), message);
        findings.push(match schema::suggest(&name, &key) {
            Some(near) => finding.with_help(format!("did you mean `{}`?", near.name())),
            None => finding.with_severity(Severity::Info),
        });
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::validate::rules::testing::check;

    #[test]
    fn a_near_name_is_a_warning_and_a_foreign_one_information() {
        check(
            &RULE,
            "[Settings]\nsingleMod=1\ncrmGatewayTicket=1\n[Other]\nx=1\n",
            &[
                "2: warning: MicroSIP reads no key `singleMod` in `[Settings]`",
                "3: info: MicroSIP reads no key `crmGatewayTicket` in `[Settings]`",
            ],
        );
    }

    #[test]
    fn directives_and_records_of_msipctl_are_known() {
        check(&RULE, "[Settings]\nOnCallEnd.2=Log,C:\\x.csv\n[msipctl]\nOnCallEnd=x\n", &[]);
    }
}
