//! A call event with the values of all placeholders, and the ways to insert them into text.

use std::path::PathBuf;

use jiff::Timestamp;

use super::error::Error;

use msipctl_core::event::{
    Event, Placeholder, Text, clean, leads_elsewhere, taken, url_encoded, xml_filled,
};
use msipctl_core::store;

/// A call event and its data.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Call {
    /// The event.
    pub event: Event,
    /// The first 4096 characters of the caller ID, as MicroSIP passed it.
    pub caller: String,
    /// The time of the event.
    pub time: Timestamp,
    /// The name of the user.
    pub user: String,
    /// The name of this PC.
    pub host: String,
    /// The file that contains the directives.
    pub ini: PathBuf,
}

impl Call {
    /// Creates a call event with the current time.
    pub fn new(event: Event, caller: &str, user: String, host: String, ini: PathBuf) -> Self {
        let caller = taken(caller).to_owned();
        Self { event, caller, time: store::now(), user, host, ini }
    }

    /// Returns the value of a placeholder.
    fn value(&self, placeholder: Placeholder) -> String {
        match placeholder {
            Placeholder::Number => self.caller.clone(),
            Placeholder::Event => self.event.to_string(),
            Placeholder::Time => self.time_text(),
            Placeholder::User => self.user.clone(),
            Placeholder::Host => self.host.clone(),
            Placeholder::Ini => self.ini.display().to_string(),
        }
    }

    /// Returns the time in RFC 3339, with milliseconds.
    pub(super) fn time_text(&self) -> String {
        format!("{:.3}", self.time)
    }

    /// Inserts the values without changes, for receivers of window messages.
    pub(super) fn exact(&self, text: &Text) -> String {
        text.expand(|placeholder| self.value(placeholder))
    }

    /// Inserts the values without characters that control a terminal, a log, or the text direction.
    pub(super) fn plain(&self, text: &Text) -> String {
        text.expand(|placeholder| clean(&self.value(placeholder)))
    }

    /// Inserts the values after applying `rewrite` to each.
    pub(super) fn filled(&self, text: &Text, rewrite: impl Fn(&str) -> String) -> String {
        text.expand(|placeholder| rewrite(&clean(&self.value(placeholder))))
    }

    /// Inserts the values, escaped for XML.
    ///
    /// # Errors
    ///
    /// If a placeholder is at a position where XML has no escapes.
    pub(super) fn xml(&self, text: &Text) -> Result<String, Error> {
        xml_filled(text, |placeholder| clean(&self.value(placeholder))).map_err(Error::Xml)
    }

    /// Inserts the values after applying `rewrite` to the caller ID.
    pub(super) fn with_caller(&self, text: &Text, rewrite: impl Fn(&str) -> String) -> String {
        text.expand(|placeholder| match (placeholder, clean(&self.value(placeholder))) {
            (Placeholder::Number, value) => rewrite(&value),
            (_, value) => value,
        })
    }

    /// Inserts the values, encoded for a URL.
    ///
    /// # Errors
    ///
    /// If a part of the path becomes `.` or `..`, which programs read as another path.
    pub(super) fn url(&self, url: &Text) -> Result<String, Error> {
        let filled = self.filled(url, url_encoded);
        if leads_elsewhere(&filled) {
            return Err(Error::DotsInPath);
        }
        Ok(filled)
    }

    /// Returns the event, number, time, user, and host as JSON.
    pub(super) fn json(&self) -> serde_json::Value {
        serde_json::json!({
            "event": self.event.name(),
            "number": clean(&self.caller),
            "time": self.time_text(),
            "user": clean(&self.user),
            "host": clean(&self.host),
        })
    }
}

#[cfg(test)]
pub(super) mod testing {
    use super::*;

    /// Returns a call from this caller.
    pub(crate) fn call(caller: &str) -> Call {
        Call::new(
            Event::IncomingCall,
            caller,
            "ann".into(),
            "desk".into(),
            "/x/MicroSIP.ini".into(),
        )
    }
}

#[cfg(test)]
mod tests {
    use super::testing::call;
    use super::*;
    use proptest::prelude::*;

    #[test]
    fn caller_id_of_dots_is_rejected_as_url_path() {
        let url = Text::parse("https://h/a/%number%/b").unwrap();
        assert!(call("..").url(&url).is_err());
        assert_eq!(call("a/../b").url(&url).unwrap(), "https://h/a/a%2F..%2Fb/b");
    }

    proptest! {
        #[test]
        fn any_caller_id_keeps_host_and_path_of_an_address(caller: String) {
            let url = Text::parse("https://h:81/a/%number%/b?q=%number%#f").unwrap();
            let Ok(filled) = call(&caller).url(&url) else { return Ok(()) };
            let uri: http::Uri = filled.split('#').next().unwrap().parse().unwrap();
            prop_assert_eq!(uri.authority().unwrap().as_str(), "h:81");
            prop_assert_eq!(uri.path().split('/').count(), 4);
            prop_assert!(uri.path().ends_with("/b"));
            prop_assert!(!uri.query().unwrap().contains(['&', ';', ' ', '#']));
            prop_assert_eq!(filled.matches('#').count(), 1);
        }
    }
}
