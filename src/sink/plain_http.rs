//! A client for HTTP without TLS, for systems other than Windows: one request per connection.

use std::io::{self, Read, Write};
use std::sync::mpsc;
use std::thread;
use std::time::{Duration, Instant};

use super::tcp::connect;
use msipctl_windows::{HttpRequest, HttpResponse};

/// The maximum length of the head of a response, in bytes.
const MAX_HEAD: usize = 64 * 1024;

/// Sends a request, and reads the head of the response.
///
/// # Errors
///
/// If the request uses TLS, or if there's no valid response in time.
pub(super) fn send_request(request: HttpRequest) -> io::Result<HttpResponse> {
    if request.is_secure {
        let why = "HTTPS requests work only on Windows";
        return Err(io::Error::new(io::ErrorKind::PermissionDenied, why));
    }
    let whole = request.whole;
    let (sender, receiver) = mpsc::channel();
    // Resolving a name has no limit of its own, and a server can send one byte at a time.
    thread::spawn(move || sender.send(exchange(&request)));
    receiver.recv_timeout(whole).unwrap_or_else(|_| {
        let why = format!("no response within {} ms", whole.as_millis());
        Err(io::Error::new(io::ErrorKind::TimedOut, why))
    })
}

fn exchange(request: &HttpRequest) -> io::Result<HttpResponse> {
    let deadline = Instant::now() + request.whole;
    let host = request.host.trim_start_matches('[').trim_end_matches(']');
    let mut stream = connect(host, request.port, request.connect)?;
    stream.set_write_timeout(Some(request.whole))?;
    let head = head(request)?;
    let body = request.content.as_ref().map_or(&[][..], |(_, body)| body);
    let sent = stream.write_all(head.as_bytes()).and_then(|()| stream.write_all(body));
    // A server that rejects a request might respond before it reads the body.
    let response = read_head(&mut stream, deadline);
    let response = match (response, sent) {
        (Err(_), Err(error)) => return Err(error),
        (response, _) => response?,
    };
    // A server that's still writing when the connection closes could report an error.
    let mut rest = [0; 4096];
    let mut count = 0;
    while count < request.max_response && Instant::now() < deadline {
        match stream.read(&mut rest) {
            Ok(length @ 1..) => count += length,
            _ => break,
        }
    }
    Ok(response)
}

/// Returns the head of a request.
fn head(request: &HttpRequest) -> io::Result<String> {
    let HttpRequest { method, target, host, port, agent, .. } = request;
    let mut lines = vec![
        format!("{method} {target} HTTP/1.1"),
        format!("Host: {host}:{port}"),
        format!("User-Agent: {agent}"),
        "Connection: close".to_owned(),
    ];
    if let Some((kind, body)) = &request.content {
        lines.push(format!("Content-Type: {kind}"));
        lines.push(format!("Content-Length: {}", body.len()));
    }
    lines.extend(request.headers.iter().map(|(name, value)| format!("{name}: {value}")));
    if lines.iter().any(|line| line.contains(|it: char| it.is_control() || !it.is_ascii())) {
        let why = "a header contains a control character or a non-ASCII character";
        return Err(io::Error::new(io::ErrorKind::InvalidInput, why));
    }
    Ok(lines.join("\r\n") + "\r\n\r\n")
}

/// Reads the head of the response, and skips those of interim responses.
fn read_head(stream: &mut (impl Read + Timeout), deadline: Instant) -> io::Result<HttpResponse> {
    let mut head = Vec::new();
    let mut buffer = [0; 4096];
    loop {
        while let Some(end) = find(&head, b"\r\n\r\n") {
            let response = parse(&head[..end]).ok_or_else(invalid)?;
            if !(100..200).contains(&response.status) || response.status == 101 {
                return Ok(response);
            }
            head.drain(..end + 4);
        }
        if head.len() > MAX_HEAD {
            return Err(invalid());
        }
        let left = deadline.saturating_duration_since(Instant::now());
        if left.is_zero() {
            return Err(io::ErrorKind::TimedOut.into());
        }
        stream.set_timeout(left)?;
        match stream.read(&mut buffer)? {
            0 if head.is_empty() => {
                let why = "the connection was closed before a response arrived";
                return Err(io::Error::new(io::ErrorKind::ConnectionReset, why));
            }
            0 => return Err(invalid()),
            length => head.extend_from_slice(&buffer[..length]),
        }
    }
}

/// A stream whose reads can have a limit.
trait Timeout {
    fn set_timeout(&self, limit: Duration) -> io::Result<()>;
}

impl Timeout for std::net::TcpStream {
    fn set_timeout(&self, limit: Duration) -> io::Result<()> {
        self.set_read_timeout(Some(limit))
    }
}

/// Parses the head of a response.
fn parse(head: &[u8]) -> Option<HttpResponse> {
    // A header can contain any bytes, and only two of its texts are read.
    let head = String::from_utf8_lossy(head);
    let mut lines = head.split("\r\n");
    let status = lines.next()?.strip_prefix("HTTP/1.")?;
    let (version, status) = status.split_once(' ')?;
    let status = status.split(' ').next()?;
    let is_number = status.len() == 3 && status.bytes().all(|byte| byte.is_ascii_digit());
    let is_valid = matches!(version, "0" | "1") && is_number;
    let status = status.parse().ok().filter(|_| is_valid)?;
    let mut headers = lines.filter_map(|line| line.split_once(':'));
    let retry_after = headers.find(|(name, _)| name.eq_ignore_ascii_case("retry-after"));
    let retry_after = retry_after.map(|(_, value)| value.trim().to_owned());
    Some(HttpResponse { status, retry_after })
}

fn find(bytes: &[u8], part: &[u8]) -> Option<usize> {
    bytes.windows(part.len()).position(|window| window == part)
}

fn invalid() -> io::Error {
    io::Error::new(io::ErrorKind::InvalidData, "invalid HTTP response")
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;
    use std::net::TcpListener;

    fn request(port: u16) -> HttpRequest {
        HttpRequest {
            agent: "msipctl/0",
            method: "POST".to_owned(),
            is_secure: false,
            host: "127.0.0.1".to_owned(),
            port,
            target: "/a?b=c".to_owned(),
            is_direct: true,
            headers: vec![("X-A".to_owned(), "b".to_owned())],
            content: Some(("application/json".to_owned(), b"{}".to_vec())),
            connect: Duration::from_secs(5),
            whole: Duration::from_secs(20),
            max_response: 1000,
        }
    }

    /// Responds to one request with these bytes. Returns the response as it was understood, and the request.
    fn respond(answer: &'static [u8]) -> (io::Result<HttpResponse>, String) {
        let listener = TcpListener::bind("127.0.0.1:0").unwrap();
        let port = listener.local_addr().unwrap().port();
        let server = thread::spawn(move || {
            let (mut stream, _) = listener.accept().unwrap();
            let mut got = Vec::new();
            let mut buffer = [0; 4096];
            while !got.ends_with(b"{}") {
                let length = stream.read(&mut buffer).unwrap();
                got.extend_from_slice(&buffer[..length]);
            }
            stream.write_all(answer).unwrap();
            String::from_utf8(got).unwrap()
        });
        (send_request(request(port)), server.join().unwrap())
    }

    #[test]
    fn request_has_a_complete_head_and_the_body() {
        let (response, got) = respond(b"HTTP/1.1 204 No Content\r\n\r\n");
        assert_eq!(response.unwrap(), HttpResponse { status: 204, retry_after: None });
        assert!(got.starts_with("POST /a?b=c HTTP/1.1\r\nHost: 127.0.0.1:"), "{got}");
        assert!(got.contains("\r\nContent-Length: 2\r\nX-A: b\r\n\r\n{}"), "{got}");
    }

    #[test]
    fn retry_after_is_read_and_interim_responses_are_skipped() {
        let (response, _) = respond(
            b"HTTP/1.1 100 Continue\r\n\r\nHTTP/1.1 429 Too Many\r\nretry-AFTER:  7 \r\n\r\nbody",
        );
        let expected = HttpResponse { status: 429, retry_after: Some("7".to_owned()) };
        assert_eq!(response.unwrap(), expected);
    }

    #[test]
    fn invalid_responses_are_errors() {
        for answer in [
            &b""[..],
            b"HTTP/1.1 200 OK\r\n",
            b"220 ready\r\n\r\n",
            b"HTTP/2 200 OK\r\n\r\n",
            b"HTTP/1.1 2000 OK\r\n\r\n",
            b"HTTP/1.1 +20 OK\r\n\r\n",
            b"\xff\xfe\r\n\r\n",
        ] {
            let (response, _) = respond(answer);
            let status = response.as_ref().map(|response| response.status);
            assert!(response.is_err(), "{answer:?}: {status:?}");
        }
    }

    #[test]
    fn header_with_a_line_break_is_never_sent() {
        for value in ["a\r\nX: y", "a\nb", "ü"] {
            let mut request = request(9);
            request.headers[0].1 = value.to_owned();
            assert_eq!(head(&request).unwrap_err().kind(), io::ErrorKind::InvalidInput);
        }
    }

    #[test]
    fn silent_server_times_out() {
        let listener = TcpListener::bind("127.0.0.1:0").unwrap();
        let port = listener.local_addr().unwrap().port();
        let request = HttpRequest { whole: Duration::from_millis(300), ..request(port) };
        let begin = Instant::now();
        let error = send_request(request).unwrap_err();
        assert!(matches!(error.kind(), io::ErrorKind::TimedOut | io::ErrorKind::WouldBlock));
        assert!(begin.elapsed() < Duration::from_secs(10));
    }

    proptest! {
        #[test]
        fn any_head_parses_without_panic(head in prop::collection::vec(any::<u8>(), 0..80)) {
            let _ = parse(&head);
            let with_status = [&b"HTTP/1.1 503 X\r\nRetry-After:"[..], &head].concat();
            let _ = parse(&with_status);
        }
    }
}
