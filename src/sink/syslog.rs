//! Syslog messages as RFC 5424 defines them.

use super::event::{Event, Severity, time_text};

/// The facility `local0`.
const FACILITY: u8 = 16;

/// The maximum length of a message in bytes, which every receiver should accept.
const MAX_MESSAGE: usize = 2048;

/// Returns one message without framing. Its text is JSON in ASCII, without a byte order mark, which receivers would keep
/// as a part of the text.
pub(super) fn message(event: &Event) -> String {
    let severity = match event.severity() {
        Severity::Info => 6,
        Severity::Warning => 4,
        Severity::Error => 3,
    };
    let head = format!(
        "<{}>1 {} {} msipctl {} {} - ",
        FACILITY * 8 + severity,
        time_text(event.time),
        host(&event.run.host),
        std::process::id(),
        event.name.name(),
    );
    let body = event.json_within(MAX_MESSAGE.saturating_sub(head.len()));
    head + &body
}

/// Returns streams of messages, each with its length, of at most `limit` bytes (RFC 6587, octet counting).
pub(super) fn streams(events: &[Event], limit: usize) -> Vec<String> {
    let mut streams: Vec<String> = Vec::new();
    for event in events {
        let message = message(event);
        let framed = format!("{} {message}", message.len());
        match streams.last_mut() {
            Some(open) if open.len() + framed.len() <= limit => open.push_str(&framed),
            _ => streams.push(framed),
        }
    }
    streams
}

/// Returns the host name, or `-` if syslog can't represent it. The text of the message has it in any case.
fn host(name: &str) -> &str {
    let is_valid = (1..=255).contains(&name.len()) && name.bytes().all(|it| it.is_ascii_graphic());
    if is_valid { name } else { "-" }
}

#[cfg(test)]
mod tests {
    use super::super::event::testing::drifted;
    use super::*;
    use proptest::prelude::*;

    #[test]
    fn message_has_the_fields_of_rfc_5424() {
        let message = message(&drifted("C:\\ü.ini", &["Settings.AA"]));
        let fields: Vec<_> = message.splitn(8, ' ').collect();
        let process = std::process::id().to_string();
        let expected = [
            "<132>1",
            "1970-01-01T00:00:00.000Z",
            "DESK-0412",
            "msipctl",
            &process,
            "msipctl.audit.drifted",
            "-",
        ];
        assert_eq!(fields[..7], expected);
        let body: serde_json::Value = serde_json::from_str(fields[7]).unwrap();
        assert_eq!(body["path"], "C:\\ü.ini");
    }

    #[test]
    fn streams_count_the_bytes_of_each_message() {
        let events: Vec<_> =
            (0..50).map(|number| drifted(&format!("ü{number}.ini"), &[])).collect();
        let streams = streams(&events, 4000);
        assert!(streams.len() > 1 && streams.iter().all(|stream| stream.len() <= 4000));
        let mut messages = 0;
        for stream in &streams {
            let mut rest = stream.as_str();
            while !rest.is_empty() {
                let (length, after) = rest.split_once(' ').unwrap();
                let (message, after) = after.split_at(length.parse().unwrap());
                assert!(message.starts_with("<132>1 ") && message.ends_with('}'), "{message}");
                messages += 1;
                rest = after;
            }
        }
        assert_eq!(messages, 50);
    }

    proptest! {
        #[test]
        fn any_names_make_one_short_line(
            name in r"(?s).{0,300}",
            path in r"(?s).{0,1200}",
            keys in prop::collection::vec(r"(?s).{0,60}", 0..80),
        ) {
            let keys: Vec<_> = keys.iter().map(String::as_str).collect();
            let mut event = drifted(&path, &keys);
            event.run.host = name;
            let message = message(&event);
            prop_assert!(message.len() <= MAX_MESSAGE, "{}", message.len());
            prop_assert!(message.bytes().all(|byte| (0x20..0x7f).contains(&byte)));
            let body = message.splitn(8, ' ').last().unwrap();
            prop_assert!(serde_json::from_str::<serde_json::Value>(body).is_ok());
        }
    }
}
