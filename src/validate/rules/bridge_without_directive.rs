//! `bridge-without-directive`: a bridge that has nothing to run.

use crate::event::{Hooks, SETTINGS};
use crate::profile;
use crate::validate::rule::rule;
use crate::validate::{Context, Finding, Fix, Safety, dangers};

rule! {
    /// ## What it checks
    /// A `cmd...` key that starts msipctl, of an event without an `On...` directive.
    ///
    /// ## Why it matters
    /// MicroSIP starts msipctl on every such call, which finds nothing to do.
    ///
    /// ## Example
    /// ```ini
    /// [Settings]
    /// cmdCallEnd="C:\msipctl\msipctl.exe" hook run call-end
    /// ```
    ///
    /// ## Instead
    /// ```ini
    /// [Settings]
    /// OnCallEnd=Log,C:\calls\end.csv
    /// cmdCallEnd="C:\msipctl\msipctl.exe" hook run call-end
    /// ```
    ///
    /// ## Fix
    /// The bridge goes, which is unsafe, as a directive may have been lost. Where msipctl recorded that it wrote the bridge, `msipctl hook remove` takes it back instead, and brings back what stood there before.
    "bridge-without-directive", "bridge that has nothing to run", Warning, Hooks, since "0.1.0"
}

fn check(context: Context<'_>, findings: &mut Vec<Finding>) {
    for found in dangers::of(&RULE, context) {
        let (key, finding) = (found.event.key(), found.finding());
        if Hooks::new(context.profile).record(key).is_some() {
            let help = format!("`msipctl hook remove {}` takes it back", found.event);
            findings.push(finding.with_help(help));
            continue;
        }
        let edits = profile::unset(context.document, SETTINGS, key);
        findings.push(finding.with_fix(Fix::edits(
            Safety::Unsafe,
            format!("take `{key}` away"),
            edits,
        )));
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::validate::rules::testing::{check, mends};

    #[test]
    fn a_bridge_alone_goes() {
        let bridge = "[Settings]\nAA=1\ncmdCallEnd=C:\\m.exe hook run call-end\n";
        let message =
            "3: warning: `cmdCallEnd`: the bridge has nothing to run: the event has no directive";
        check(&RULE, bridge, &[message]);
        check(&RULE, format!("{bridge}OnCallEnd.4=Log,C:\\x.csv\n"), &[]);
        mends(&RULE, Safety::Unsafe, bridge, "[Settings]\nAA=1\n");
        let recorded = format!("{bridge}[msipctl]\ncmdCallEnd=bridge\n");
        mends(&RULE, Safety::Unsafe, &recorded, &recorded);
    }
}
