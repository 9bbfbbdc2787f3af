//! Describes the effect of a directive on a call.

use super::call::Call;
use crate::event::action::{EffectError, Fill};
use crate::event::directive::Directive;
use crate::event::payload::taken;
use crate::event::text::{Placeholder, Text};

/// A directive and its effect.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Effect {
    /// The key of the directive.
    pub key: String,
    /// The text of the directive.
    pub directive: String,
    /// The effect for this caller ID, or the reason why there is none.
    pub effect: Result<String, EffectError>,
}

impl Effect {
    pub(super) fn of(key: &str, directive: &str, call: &Call<'_>) -> Self {
        let parsed = Directive::parse(directive);
        let effect = match &parsed {
            Ok(parsed) => parsed.action().describe(call),
            Err(error) => Err(error.clone().into()),
        };
        Self { key: key.to_owned(), directive: directive.to_owned(), effect }
    }
}

/// Values that are known only during a call stay placeholders.
impl Fill for Call<'_> {
    fn filled(&self, text: &Text, passed: &dyn Fn(&str) -> String) -> String {
        text.expand(|placeholder| match placeholder {
            Placeholder::Number => passed(taken(self.caller)),
            Placeholder::Event => self.event.name().to_owned(),
            Placeholder::Time => "%time%".to_owned(),
            Placeholder::User => "%user%".to_owned(),
            Placeholder::Host => "%host%".to_owned(),
            Placeholder::Ini => "%ini%".to_owned(),
        })
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::event::Event;

    #[track_caller]
    fn check(directive: &str, expected: &str) {
        let call = Call { caller: "1 & 2", ..Call::new(Event::CallEnd, "") };
        let does = Effect::of("OnCallEnd", directive, &call).effect;
        assert_eq!(does.as_deref(), Ok(expected));
    }

    #[test]
    fn invalid_directives_have_no_effect() {
        for directive in [
            "Run,calc.exe",
            r"Run,C:\a.vbs",
            "Log,a.csv",
            "Http,GET,https://x.example/,body",
            "Http,GET,https://x.example/%number%/",
            "SendMessage,%number%,WM_USER+1,x",
            "SendMessage,W,WM_USER+1,x,0",
        ] {
            let call = Call { caller: "..", ..Call::new(Event::CallEnd, "") };
            assert!(Effect::of("OnCallEnd", directive, &call).effect.is_err(), "{directive}");
        }
    }

    #[test]
    fn effect_shows_the_caller_id_in_place() {
        check(
            "SendMessage,My,WM_USER+100,%number%",
            "sends WM_USER+100 with `1 & 2` to the window `My`",
        );
        check(r"Run,C:\a.exe,%number%,%event%", r"runs `C:\a.exe` with `1 & 2` `call-end`");
        check("Open,https://x.example/?n=%number%", "opens `https://x.example/?n=1%20%26%202`");
        check(r"Run,C:\a.bat,%number%", r"runs `C:\a.bat` with `1  2`");
        check(r"Log,C:\a.csv", r"adds a line to `C:\a.csv`");
        check("Udp,localhost:99,%time%", "sends `%time%` to localhost:99 by UDP");
    }
}
