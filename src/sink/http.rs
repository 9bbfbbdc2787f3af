//! Sends one request, and decides what its response means for the spool.

use std::fmt;
use std::io;
use std::time::Duration;

use jiff::Timestamp;

use super::address::Url;
use super::deliver::Failure;
use super::spool::Entry;
use msipctl_core::policy::secret_line;
use msipctl_core::store;
use msipctl_windows::{HttpRequest, HttpResponse};

#[cfg(windows)]
use msipctl_windows::send_request;

#[cfg(not(windows))]
use super::plain_http::send_request;

/// The user agent of requests.
const AGENT: &str = concat!("msipctl/", env!("CARGO_PKG_VERSION"));

/// The time limit for connecting.
const CONNECT_TIMEOUT: Duration = Duration::from_secs(5);

/// The maximum number of bytes to read from a response.
const MAX_RESPONSE: usize = 64 * 1024;

/// The maximum time that a server can ask msipctl to wait.
const MAX_WAIT: Duration = Duration::from_secs(300);

/// A secret that a server asks for. It's never shown.
pub(crate) struct Token(String);

impl Token {
    /// Parses the content of a token file: one line of printable ASCII characters.
    pub(crate) fn parse(bytes: Vec<u8>) -> Option<Self> {
        let token = secret_line(bytes)?;
        let is_valid = !token.is_empty() && token.bytes().all(|byte| byte.is_ascii_graphic());
        is_valid.then_some(Self(token))
    }
}

impl fmt::Debug for Token {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("Token(***)")
    }
}

/// What a request may use.
#[derive(Debug)]
pub(crate) struct Limits<'l> {
    pub(crate) token: Option<&'l Token>,
    /// The time limit for the complete request.
    pub(crate) timeout: Duration,
}

/// Sends a spooled request. Doesn't follow redirects, which could send the token elsewhere.
pub(crate) fn send(url: &Url, entry: &Entry, limits: &Limits<'_>) -> Result<(), Failure> {
    let file = match entry.file().map(|file| url.join(file)).transpose() {
        Ok(file) => file,
        Err(reason) => return Err(Failure::Rejected(reason)),
    };
    let url = file.as_ref().unwrap_or(url);
    let mut headers = vec![("Idempotency-Key".to_owned(), entry.id().to_owned())];
    if let Some(Token(token)) = limits.token {
        headers.push(("Authorization".to_owned(), format!("Bearer {token}")));
    }
    let host = if url.host.contains(':') { format!("[{}]", url.host) } else { url.host.clone() };
    let request = HttpRequest {
        agent: AGENT,
        method: entry.method().to_owned(),
        is_secure: url.is_secure,
        host,
        port: url.port,
        target: url.target.clone(),
        is_direct: url.is_local,
        headers,
        content: Some((entry.content_type().to_owned(), entry.body().to_vec())),
        connect: CONNECT_TIMEOUT,
        whole: limits.timeout,
        max_response: MAX_RESPONSE,
    };
    match send_request(request) {
        Ok(response) => outcome(&response, store::now()),
        Err(error) if error.kind() == io::ErrorKind::PermissionDenied => {
            Err(Failure::Refused(error.to_string()))
        }
        Err(error) => Err(Failure::Temporary { reason: error.to_string(), wait: None }),
    }
}

/// Returns what a response means.
fn outcome(response: &HttpResponse, now: Timestamp) -> Result<(), Failure> {
    let HttpResponse { status, retry_after } = response;
    let reason = format!("the server responded with {status}");
    match status {
        200..=299 => Ok(()),
        408 | 425 | 429 | 500..=599 => {
            let wait = retry_after.as_deref().and_then(|text| wait_time(text, now));
            Err(Failure::Temporary { reason, wait })
        }
        400 | 404 | 405 | 409 | 413 | 415 | 422 => Err(Failure::Rejected(reason)),
        401 | 403 => Err(Failure::Refused(format!("{reason}: it requires another token"))),
        300..=399 => Err(Failure::Refused(format!("{reason}: msipctl doesn't follow redirects"))),
        _ => Err(Failure::Refused(reason)),
    }
}

/// Parses the header `Retry-After`: seconds, or a date.
fn wait_time(text: &str, now: Timestamp) -> Option<Duration> {
    let text = text.trim();
    let seconds = match text.parse::<u64>() {
        Ok(seconds) => seconds,
        Err(_) => {
            let at = jiff::fmt::rfc2822::parse(text).ok()?.timestamp();
            u64::try_from(at.as_second().saturating_sub(now.as_second())).unwrap_or(0)
        }
    };
    Some(Duration::from_secs(seconds).min(MAX_WAIT))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn token_is_one_line_of_printable_ascii() {
        for text in ["abc", "abc\n", "abc\r\n", "\u{feff}abc\n"] {
            let token = Token::parse(text.into()).unwrap();
            assert_eq!(token.0, "abc");
            assert_eq!(format!("{token:?}"), "Token(***)");
        }
        for text in ["", "\n", "a b", "a\r\nHost: evil", "a\nb", "ü", "a\0"] {
            assert!(Token::parse(text.into()).is_none(), "{text:?}");
        }
    }

    #[test]
    fn status_decides_whether_to_retry_keep_or_reject() {
        let of = |status| {
            let response = HttpResponse { status, retry_after: None };
            outcome(&response, Timestamp::UNIX_EPOCH)
        };
        assert!(of(200).is_ok() && of(204).is_ok());
        for status in [408, 425, 429, 500, 503] {
            assert!(matches!(of(status), Err(Failure::Temporary { .. })), "{status}");
        }
        for status in [400, 404, 405, 409, 413, 415, 422] {
            assert!(matches!(of(status), Err(Failure::Rejected(_))), "{status}");
        }
        for status in [100, 301, 307, 401, 403, 407, 418, 999] {
            assert!(matches!(of(status), Err(Failure::Refused(_))), "{status}");
        }
    }

    #[test]
    fn retry_after_accepts_seconds_and_dates() {
        let now: Timestamp = "2026-12-01T00:45:00Z".parse().unwrap();
        let wait = |text| wait_time(text, now).map(|wait| wait.as_secs());
        assert_eq!(wait("2"), Some(2));
        assert_eq!(wait("86400"), Some(300));
        assert_eq!(wait("Tue, 01 Dec 2026 00:45:07 GMT"), Some(7));
        assert_eq!(wait("Tue, 01 Dec 2026 00:44:07 GMT"), Some(0));
        assert_eq!(wait("soon"), None);
        assert_eq!(wait("-1"), None);
    }
}
