//! OpenTelemetry logs: OTLP over HTTP, in its JSON encoding.

use serde::Serialize;
use serde_json::{Value, json};

use super::event::{Counts, Event, Severity};
use super::json::ascii;

/// The maximum number of records in a request.
const MAX_RECORDS: usize = 512;

/// The path at which collectors receive logs.
pub(super) const PATH: &str = "/v1/logs";

/// The content type of a request.
pub(super) const CONTENT_TYPE: &str = "application/json";

/// One log record. 64-bit integers are texts in this encoding.
#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
struct LogRecord {
    time_unix_nano: String,
    observed_time_unix_nano: String,
    severity_number: u8,
    severity_text: &'static str,
    event_name: &'static str,
    body: Value,
    attributes: Vec<Attribute>,
}

/// A name and a value.
#[derive(Serialize)]
struct Attribute {
    key: &'static str,
    value: Value,
}

/// Returns the bodies of requests with these events, of at most `limit` bytes each.
pub(super) fn requests(events: &[Event], limit: usize) -> Vec<String> {
    let Some(first) = events.first() else { return Vec::new() };
    let resource = [
        attribute("service.name", text("msipctl")),
        attribute("service.version", text(env!("CARGO_PKG_VERSION"))),
        attribute("host.name", text(&first.run.host)),
    ];
    let head = format!(
        "{{\"resourceLogs\":[{{\"resource\":{{\"attributes\":{}}},\"scopeLogs\":[{{\"scope\":{},\"logRecords\":[",
        ascii(&resource),
        ascii(&json!({"name": "msipctl", "version": env!("CARGO_PKG_VERSION")})),
    );
    let tail = "]}]}]}";
    let mut requests: Vec<String> = Vec::new();
    let (mut open, mut count) = (head.clone(), 0);
    for event in events {
        let record = ascii(&LogRecord::of(event));
        let is_full = open.len() + record.len() + 1 + tail.len() > limit || count == MAX_RECORDS;
        if count > 0 && is_full {
            requests.push(std::mem::replace(&mut open, head.clone()) + tail);
            count = 0;
        }
        if count > 0 {
            open.push(',');
        }
        open.push_str(&record);
        count += 1;
    }
    requests.push(open + tail);
    requests
}

impl LogRecord {
    fn of(event: &Event) -> Self {
        let time = event.time.as_nanosecond().to_string();
        let (severity_number, severity_text) = match event.severity() {
            Severity::Info => (9, "INFO"),
            Severity::Warning => (13, "WARN"),
            Severity::Error => (17, "ERROR"),
        };
        let mut attributes = vec![
            attribute("msipctl.run", text(&event.run.run)),
            attribute("msipctl.policy", text(&event.run.policy)),
            attribute("user.name", text(&event.run.user)),
        ];
        let texts = [("file.path", &event.path), ("msipctl.reason", &event.reason)];
        for (name, value) in texts {
            attributes.extend(value.as_ref().map(|value| attribute(name, text(value))));
        }
        for (name, names) in [("msipctl.keys", &event.keys), ("msipctl.hooks", &event.hooks)] {
            attributes.extend(names.as_ref().map(|names| attribute(name, list(names))));
        }
        attributes.extend(event.unverified.map(|it| attribute("msipctl.unverified", integer(it))));
        if let Some(Counts { files, in_sync, drifted, changed, unchanged, failed }) = event.counts {
            let counts = [
                ("msipctl.files", Some(files)),
                ("msipctl.files.in_sync", in_sync),
                ("msipctl.files.drifted", drifted),
                ("msipctl.files.changed", changed),
                ("msipctl.files.unchanged", unchanged),
                ("msipctl.files.failed", Some(failed)),
            ];
            let counts = counts.into_iter().filter_map(|(name, count)| Some((name, count?)));
            attributes.extend(counts.map(|(name, count)| attribute(name, integer(count))));
        }
        if event.truncated {
            attributes.push(attribute("msipctl.truncated", json!({"boolValue": true})));
        }
        Self {
            observed_time_unix_nano: time.clone(),
            time_unix_nano: time,
            severity_number,
            severity_text,
            event_name: event.name.name(),
            body: text(&event.text()),
            attributes,
        }
    }
}

fn attribute(key: &'static str, value: Value) -> Attribute {
    Attribute { key, value }
}

fn text(value: &str) -> Value {
    json!({"stringValue": value})
}

fn integer(value: usize) -> Value {
    json!({"intValue": value.to_string()})
}

fn list(values: &[String]) -> Value {
    let values: Vec<_> = values.iter().map(|value| text(value)).collect();
    json!({"arrayValue": {"values": values}})
}

#[cfg(test)]
mod tests {
    use super::super::event::testing::drifted;
    use super::*;

    /// Parses requests, and returns all their records.
    fn records(requests: &[String]) -> Vec<Value> {
        let parsed = requests.iter().map(|body| serde_json::from_str::<Value>(body).unwrap());
        parsed
            .flat_map(|body| {
                let records = &body["resourceLogs"][0]["scopeLogs"][0]["logRecords"];
                records.as_array().unwrap().clone()
            })
            .collect()
    }

    #[test]
    fn record_has_the_fields_of_the_protocol() {
        let requests = requests(&[drifted("C:\\ü.ini", &["Settings.AA"])], 100_000);
        assert_eq!(requests.len(), 1);
        assert!(requests[0].is_ascii());
        let record = &records(&requests)[0];
        assert_eq!(record["timeUnixNano"], "0");
        assert_eq!(record["severityNumber"], 13);
        assert_eq!(record["eventName"], "msipctl.audit.drifted");
        let attributes = record["attributes"].as_array().unwrap();
        let value = |name: &str| {
            attributes.iter().find(|it| it["key"] == name).map(|it| it["value"].clone()).unwrap()
        };
        assert_eq!(value("file.path"), json!({"stringValue": "C:\\ü.ini"}));
        assert_eq!(value("msipctl.unverified"), json!({"intValue": "1"}));
        let keys = json!({"arrayValue": {"values": [{"stringValue": "Settings.AA"}]}});
        assert_eq!(value("msipctl.keys"), keys);
    }

    #[test]
    fn requests_stay_within_both_limits() {
        let events: Vec<_> =
            (0..1100).map(|number| drifted(&format!("{number}.ini"), &[])).collect();
        let by_count = requests(&events, usize::MAX);
        assert_eq!(by_count.len(), 3);
        let by_length = requests(&events, 20_000);
        assert!(by_length.iter().all(|body| body.len() <= 20_000));
        for requests in [by_count, by_length] {
            assert_eq!(records(&requests).len(), 1100);
        }
        assert!(requests(&[], 20_000).is_empty());
    }
}
