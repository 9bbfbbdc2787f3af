//! The HTTP client of the `Http` action.
//!
//! It uses the client of Windows (WinHTTP), which is loaded on first use. A bundled client would load its libraries each time
//! msipctl starts, which would take twice as long. Hooks run only on Windows, so other systems have no client.

use std::io;
use std::time::Duration;

use http::{StatusCode, Uri};
use msipctl_windows::{HttpRequest, send_request};

use super::address::is_here;

/// The time limit for connecting.
const CONNECT_TIMEOUT: Duration = Duration::from_secs(5);

/// The time limit for the complete request.
const TOTAL_TIMEOUT: Duration = Duration::from_secs(10);

/// The maximum number of bytes to read from a response.
const MAX_RESPONSE: usize = 64 * 1024;

/// The user agent of requests.
const AGENT: &str = concat!("msipctl/", env!("CARGO_PKG_VERSION"));

/// The reason why a request failed.
#[derive(Debug, thiserror::Error)]
pub(crate) enum ClientError {
    /// The client exists only on Windows.
    #[error("`Http` works only on Windows")]
    Unsupported,
    /// There was no complete response.
    #[error(transparent)]
    NoResponse(io::Error),
    /// The response is a redirect.
    #[error("the server responded with {0}; `Http` doesn't follow redirects")]
    Redirect(StatusCode),
    /// The response is an error.
    #[error("the server responded with {0}")]
    Status(StatusCode),
    /// The response has no valid status.
    #[error("the server responded with the invalid status {0}")]
    InvalidStatus(u16),
}

/// Sends a request to a URL that `address::read` returned, and reads the response. Doesn't follow redirects.
pub(super) fn send(
    method: &str,
    address: &Uri,
    content: Option<(&str, String)>,
) -> Result<(), ClientError> {
    send_within(TOTAL_TIMEOUT, method, address, content)
}

fn send_within(
    whole: Duration,
    method: &str,
    address: &Uri,
    content: Option<(&str, String)>,
) -> Result<(), ClientError> {
    match ask(whole, method, address, content)? {
        status if status.is_success() => Ok(()),
        status if status.is_redirection() => Err(ClientError::Redirect(status)),
        status => Err(ClientError::Status(status)),
    }
}

fn ask(
    whole: Duration,
    method: &str,
    address: &Uri,
    content: Option<(&str, String)>,
) -> Result<StatusCode, ClientError> {
    let is_secure = address.scheme_str() == Some("https");
    let query = address.query().map(|query| format!("?{query}")).unwrap_or_default();
    let request = HttpRequest {
        agent: AGENT,
        method: method.to_owned(),
        is_secure,
        host: address.host().unwrap_or_default().to_owned(),
        port: address.port_u16().unwrap_or(if is_secure { 443 } else { 80 }),
        target: address.path().to_owned() + &query,
        is_direct: is_here(address),
        headers: Vec::new(),
        content: content.map(|(kind, body)| (kind.to_owned(), body.into_bytes())),
        connect: CONNECT_TIMEOUT,
        whole,
        max_response: MAX_RESPONSE,
    };
    let response = send_request(request).map_err(|error| match error.kind() {
        io::ErrorKind::Unsupported => ClientError::Unsupported,
        _ => ClientError::NoResponse(error),
    })?;
    let status = response.status;
    StatusCode::from_u16(status).map_err(|_| ClientError::InvalidStatus(status))
}

#[cfg(not(windows))]
#[cfg(test)]
mod tests {
    use super::*;
    use crate::address;

    #[test]
    fn http_requests_fail_outside_windows() {
        let address = address::read("http://127.0.0.1:9/").unwrap();
        let sent = send("GET", &address, None);
        assert_eq!(sent.unwrap_err().to_string(), "`Http` works only on Windows");
    }
}

#[cfg(windows)]
#[cfg(test)]
mod tests {
    use super::*;
    use crate::address;
    use std::io::{Read, Write};
    use std::net::{TcpListener, TcpStream};
    use std::thread::{self, JoinHandle};
    use std::time::Instant;

    /// The maximum time that a test server waits.
    const PATIENCE: Duration = Duration::from_secs(60);

    /// A timeout that an immediate response never exceeds.
    const LONG: Duration = Duration::from_secs(30);

    /// Serves one connection: reads a request, responds, and returns the request.
    fn serve(answer: impl FnOnce(&mut TcpStream) + Send + 'static) -> (Uri, JoinHandle<String>) {
        serve_at(TcpListener::bind("127.0.0.1:0").unwrap(), answer)
    }

    fn serve_at(
        listener: TcpListener,
        answer: impl FnOnce(&mut TcpStream) + Send + 'static,
    ) -> (Uri, JoinHandle<String>) {
        let address = format!("http://{}/a/b?c=%20d", listener.local_addr().unwrap());
        let server = thread::spawn(move || {
            let (mut stream, _) = listener.accept().unwrap();
            // There's only one connection.
            drop(listener);
            stream.set_read_timeout(Some(PATIENCE)).unwrap();
            stream.set_write_timeout(Some(PATIENCE)).unwrap();
            let mut request = String::new();
            let mut buffer = [0; 4096];
            while !is_complete(&request) {
                let length = stream.read(&mut buffer).unwrap();
                assert!(length > 0, "incomplete request: {request}");
                request.push_str(str::from_utf8(&buffer[..length]).unwrap());
            }
            answer(&mut stream);
            request
        });
        (address::read(&address).unwrap(), server)
    }

    fn is_complete(request: &str) -> bool {
        let Some((head, body)) = request.split_once("\r\n\r\n") else { return false };
        field(head, "content-length").is_none_or(|length| body.len() >= length.parse().unwrap())
    }

    fn field<'r>(head: &'r str, name: &str) -> Option<&'r str> {
        let fields = head.lines().filter_map(|line| line.split_once(": "));
        let mut found = fields.filter(|(field, _)| field.eq_ignore_ascii_case(name));
        let value = found.next().map(|(_, value)| value);
        assert!(found.next().is_none(), "`{name}` appears twice: {head}");
        value
    }

    fn answered(answer: &'static str) -> (Uri, JoinHandle<String>) {
        serve(move |stream| stream.write_all(answer.as_bytes()).unwrap())
    }

    fn sent(outcome: Result<(), ClientError>) -> Result<(), String> {
        outcome.map_err(|error| error.to_string())
    }

    fn get(whole: Duration, address: &Uri) -> Result<(), String> {
        sent(send_within(whole, "GET", address, None))
    }

    #[test]
    fn http_request_has_the_given_method_headers_and_body() {
        let (address, server) = answered("HTTP/1.1 200 OK\r\ncontent-length: 2\r\n\r\nok");
        let content = Some(("text/plain; charset=utf-8", "é\n".to_owned()));
        assert_eq!(sent(send_within(LONG, "PATCH", &address, content)), Ok(()));
        let request = server.join().unwrap();
        let (head, body) = request.split_once("\r\n\r\n").unwrap();
        assert!(head.starts_with("PATCH /a/b?c=%20d HTTP/1.1\r\n"), "{head}");
        assert_eq!(field(head, "host"), Some(address.authority().unwrap().as_str()));
        assert_eq!(field(head, "content-type"), Some("text/plain; charset=utf-8"));
        assert_eq!(field(head, "content-length"), Some("3"));
        assert_eq!(field(head, "user-agent"), Some(AGENT));
        for none in ["authorization", "cookie", "proxy-authorization"] {
            assert_eq!(field(head, none), None);
        }
        assert_eq!(body, "é\n");
    }

    #[test]
    fn http_request_reaches_an_ipv6_host() {
        // A PC might not have IPv6.
        let Ok(listener) = TcpListener::bind("[::1]:0") else { return };
        let (address, server) = serve_at(listener, |stream| {
            stream.write_all(b"HTTP/1.1 204 No Content\r\n\r\n").unwrap();
        });
        assert_eq!(get(LONG, &address), Ok(()));
        let request = server.join().unwrap();
        assert_eq!(field(&request, "host"), Some(address.authority().unwrap().as_str()));
    }

    #[test]
    fn http_request_without_body_is_sent() {
        for (method, content, length) in [
            ("POST", Some(("text/plain", String::new())), Some("0")),
            ("GET", None, None),
            ("DELETE", None, None),
            ("HEAD", None, None),
        ] {
            let (address, server) = answered("HTTP/1.1 204 No Content\r\n\r\n");
            assert_eq!(sent(send_within(LONG, method, &address, content)), Ok(()), "{method}");
            let request = server.join().unwrap();
            assert!(request.starts_with(&format!("{method} /a/b?c=%20d ")), "{request}");
            let found = field(&request, "content-length").filter(|length| *length != "0");
            assert_eq!(found, length.filter(|length| *length != "0"), "{request}");
            assert!(length.is_none() || field(&request, "content-length").is_some(), "{request}");
        }
    }

    #[test]
    fn http_status_outside_2xx_is_an_error() {
        for (answer, expected) in [
            (
                "HTTP/1.1 302 Found\r\nlocation: /c\r\ncontent-length: 0\r\n\r\n",
                "the server responded with 302 Found; `Http` doesn't follow redirects",
            ),
            (
                "HTTP/1.1 500 Oops\r\ncontent-length: 0\r\n\r\n",
                "the server responded with 500 Internal Server Error",
            ),
            (
                "HTTP/1.1 401 No\r\nwww-authenticate: Negotiate\r\n\
                 www-authenticate: Basic realm=\"x\"\r\ncontent-length: 0\r\n\r\n",
                "the server responded with 401 Unauthorized",
            ),
        ] {
            let (address, server) = answered(answer);
            assert_eq!(get(LONG, &address), Err(expected.to_owned()));
            server.join().unwrap();
        }
    }

    #[test]
    fn missing_http_response_is_an_error() {
        let gone = TcpListener::bind("127.0.0.1:0").unwrap().local_addr().unwrap();
        let begin = Instant::now();
        assert!(get(LONG, &address::read(&format!("http://{gone}/")).unwrap()).is_err());
        for answer in ["", "220 ready\r\n\r\n"] {
            let (address, server) = answered(answer);
            assert!(get(LONG, &address).is_err(), "{answer}");
            server.join().unwrap();
        }
        assert!(begin.elapsed() < LONG, "{:?}", begin.elapsed());
    }

    #[test]
    fn slow_http_responses_time_out() {
        let bound = Duration::from_secs(2);
        let trickle = |start: &'static str| {
            move |stream: &mut TcpStream| {
                let begin = Instant::now();
                stream.write_all(start.as_bytes()).unwrap();
                // Nothing arrives, so each read waits for the timeout.
                stream.set_read_timeout(Some(Duration::from_millis(50))).unwrap();
                while begin.elapsed() < PATIENCE && stream.write_all(b"x").is_ok() {
                    let _ = stream.read(&mut [0; 1]);
                }
            }
        };
        for (start, is_answer) in [
            ("", false),
            ("HTTP/1.1 200 OK\r\nx: ", false),
            ("HTTP/1.1 200 OK\r\ncontent-length: 9999999\r\n\r\n", true),
        ] {
            let (address, _server) = serve(trickle(start));
            let begin = Instant::now();
            assert_eq!(get(bound, &address).is_ok(), is_answer, "{start}");
            assert!(begin.elapsed() < bound * 3, "{start}: {:?}", begin.elapsed());
        }
        let (address, _server) = serve(|stream| {
            let _ = stream.read(&mut [0; 1]);
        });
        let begin = Instant::now();
        assert!(get(bound, &address).is_err());
        assert!(begin.elapsed() < bound * 3, "{:?}", begin.elapsed());
    }

    #[test]
    fn endless_http_response_is_read_only_up_to_the_limit() {
        let (address, server) = serve(|stream| {
            let _ = stream.write_all(b"HTTP/1.1 200 OK\r\nconnection: close\r\n\r\n");
            let begin = Instant::now();
            while begin.elapsed() < PATIENCE && stream.write_all(&[b'x'; 4096]).is_ok() {}
            assert!(begin.elapsed() < PATIENCE, "the client reads the complete response");
        });
        let begin = Instant::now();
        assert_eq!(get(LONG, &address), Ok(()));
        assert!(begin.elapsed() < LONG / 2, "{:?}", begin.elapsed());
        server.join().unwrap();
    }
}
