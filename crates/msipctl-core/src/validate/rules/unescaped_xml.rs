//! `unescaped-xml`: caller ID that isn't escaped in XML.

use crate::validate::context::Context;
use crate::validate::finding::Finding;
use crate::validate::hazards;
use crate::validate::rule::rule;

rule! {
    /// ## What it does
    /// Checks for directives that insert `%number%` into text with XML elements where msipctl doesn't escape it.
    ///
    /// ## Why is this bad?
    /// The caller ID comes from the network. With `<`, `&`, or a quote, it can add XML elements or make the XML invalid. The receiver then reads something other than what you wrote.
    ///
    /// ## Example
    /// ```ini
    /// [Settings]
    /// OnCallEnd=Udp,localhost:5000,<call><number>%number%</number></call>
    /// cmdCallEnd="C:\msipctl\msipctl.exe" hook run call-end
    /// ```
    ///
    /// ## Use instead
    /// ```ini
    /// [Settings]
    /// OnCallEnd=Http,POST,https://crm.example.com/calls,<call><number>%number%</number></call>
    /// cmdCallEnd="C:\msipctl\msipctl.exe" hook run call-end
    /// ```
    ///
    /// ## How to fix
    /// Send the XML with `Http`: msipctl escapes each value in a body that starts with `<`. It doesn't escape values in a `SendMessage`, `PostMessage`, `CopyData`, or `Udp` payload, a `Run` argument, or an `Http` body that isn't entirely XML. There, send only `%number%`, and let the receiver build the XML.
    UnescapedXml,
    on Document, requires HOOK
}

fn check(context: Context<'_>, findings: &mut Vec<Finding>) {
    findings.extend(hazards::findings(&RULE, context));
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::validate::rules::testing::check;

    #[test]
    fn unescaped_caller_id_in_xml_is_reported() {
        let text = "[Settings]\nOnCallEnd=Http,POST,http://h/,<n>%number%</n>\nOnCallEnd.2=CopyData,A,1,<n>%number%</n>\nOnCallEnd.3=Udp,h:1,<n>%event%</n>\nOnCallEnd.4=\"Http,POST,http://h/,x=<n>%number%</n>\"\ncmdCallEnd=C:\\m.exe hook run call-end\n";
        check(
            &RULE,
            text,
            &[
                "3: warning: `OnCallEnd.2`: the caller ID isn't escaped in the XML",
                "5: warning: `OnCallEnd.4`: the caller ID isn't escaped in the XML",
            ],
        );
    }
}
