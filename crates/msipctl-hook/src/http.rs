//! The `Http` action: sends a request.

use serde_json::Value;

use super::call::Call;
use super::error::{Error, Outcome};
use super::perform::{Perform, Surroundings};
use super::{address, client};
use msipctl_core::event::{BodyKind, Http, Text, url_encoded};

impl Perform for Http {
    fn perform(&self, call: &Call, _: Surroundings<'_>) -> Outcome {
        request(call, &self.method, &self.url, self.body.as_ref())
    }
}

/// Sends a request and reads the response. Doesn't follow redirects.
fn request(call: &Call, method: &str, url: &Text, body: Option<&Text>) -> Outcome {
    let address = address::read(&call.url(url)?)?;
    // The parser rejects a directive that has a body but another method.
    let content = match (method, body) {
        (_, Some(body)) => Some(filled(call, body)?),
        ("POST" | "PUT" | "PATCH", None) => Some(("application/json", call.json().to_string())),
        (_, None) => None,
    };
    client::send(method, &address, content)?;
    Ok(None)
}

/// Inserts the values into a body, escaped for its format. Values never change its structure.
fn filled(call: &Call, body: &Text) -> Result<(&'static str, String), Error> {
    let kind = BodyKind::of(body);
    let filled = match kind {
        BodyKind::Json => json(call, body)?,
        BodyKind::Xml => call.xml(body)?,
        BodyKind::Form => call.filled(body, url_encoded),
        BodyKind::Text => call.plain(body),
    };
    Ok((kind.content_type(), filled))
}

fn json(call: &Call, body: &Text) -> Result<String, Error> {
    let start = call.filled(body, |_| "0".to_owned());
    let filled = call.filled(body, |value| {
        let quoted = Value::from(value).to_string();
        quoted[1..quoted.len() - 1].to_owned()
    });
    let parsed = |text: &str| serde_json::from_str::<Value>(text).ok();
    match (parsed(&start), parsed(&filled)) {
        (Some(one), Some(other)) if has_same_shape(&one, &other) => Ok(filled),
        _ => Err(Error::JsonForm),
    }
}

/// Returns whether two JSON values have the same structure, so that they differ only in strings and numbers.
fn has_same_shape(one: &Value, other: &Value) -> bool {
    match (one, other) {
        (Value::Object(one), Value::Object(other)) => {
            one.len() == other.len()
                && one
                    .iter()
                    .all(|(key, value)| other.get(key).is_some_and(|it| has_same_shape(value, it)))
        }
        (Value::Array(one), Value::Array(other)) => {
            one.len() == other.len()
                && one.iter().zip(other).all(|(one, other)| has_same_shape(one, other))
        }
        _ => std::mem::discriminant(one) == std::mem::discriminant(other),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::call::testing::call;
    use proptest::prelude::*;

    #[track_caller]
    fn check(body: &str, caller: &str, expected: Result<(&'static str, &str), ()>) {
        let found = filled(&call(caller), &Text::parse(body).unwrap());
        let found = found.map_err(|error| error.to_string());
        assert_eq!(
            found,
            expected.map(|(kind, text)| (kind, text.to_owned())).map_err(|()| {
                "a value would change the structure of the JSON body: put placeholders in quotes"
                    .to_owned()
            })
        );
    }

    #[test]
    fn body_values_are_escaped_for_their_format() {
        check(
            r#"{"n":"%number%"}"#,
            "\",\"a\":\"",
            Ok(("application/json", r#"{"n":"\",\"a\":\""}"#)),
        );
        check(r#"{"n":%number%}"#, "49", Ok(("application/json", r#"{"n":49}"#)));
        check(r#"{"n":%number%}"#, "true", Err(()));
        check("[%number%]", "1,2", Err(()));
        check("n=%number%", "1&x=2", Ok(("application/x-www-form-urlencoded", "n=1%26x%3D2")));
        check(
            "<n a=\"%number%\">%number%</n>",
            "\"><x/>&]]>\u{1b}\u{ffff}",
            Ok((
                "text/xml; charset=utf-8",
                "<n a=\"&quot;&gt;&lt;x/&gt;&amp;]]&gt;\">&quot;&gt;&lt;x/&gt;&amp;]]&gt;</n>",
            )),
        );
        check("<30>1 %number%", "<b>", Ok(("text/plain; charset=utf-8", "<30>1 <b>")));
        check("call: %number%", "1\r\n", Ok(("text/plain; charset=utf-8", "call: 1")));
    }

    proptest! {
        #[test]
        fn any_caller_id_keeps_the_fields_of_a_json_body(caller: String) {
            let body = Text::parse(r#"{"a":"%number%","b":["%event%"]}"#).unwrap();
            let (_, text) = filled(&call(&caller), &body).unwrap();
            let parsed: Value = serde_json::from_str(&text).unwrap();
            prop_assert_eq!(parsed["a"].as_str().unwrap(), msipctl_core::event::clean(&caller));
            prop_assert_eq!(parsed.as_object().unwrap().len(), 2);
        }
    }
}
