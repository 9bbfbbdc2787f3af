//! An HTTP server that records requests and responds as a test says.

use std::collections::VecDeque;
use std::io::{Read, Write};
use std::net::{SocketAddr, TcpListener};
use std::sync::{Arc, Mutex};
use std::thread;
use std::time::Duration;

/// A request that arrived.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Request {
    /// The method and the target.
    pub(crate) line: String,
    pub(crate) headers: Vec<(String, String)>,
    pub(crate) body: String,
}

impl Request {
    /// Returns a header, which must occur at most once.
    pub(crate) fn header(&self, name: &str) -> Option<&str> {
        let mut found = self.headers.iter().filter(|(header, _)| header == name);
        let value = found.next().map(|(_, value)| value.as_str());
        assert!(found.next().is_none(), "`{name}` occurs twice");
        value
    }
}

/// A server on this computer.
pub(crate) struct Server {
    pub(crate) address: SocketAddr,
    requests: Arc<Mutex<Vec<Request>>>,
    responses: Arc<Mutex<VecDeque<String>>>,
}

impl Server {
    /// Starts a server. It responds with each of these texts once, and then with 204.
    pub(crate) fn new(responses: &[&str]) -> Self {
        let listener = TcpListener::bind("127.0.0.1:0").unwrap();
        let server = Self {
            address: listener.local_addr().unwrap(),
            requests: Arc::default(),
            responses: Arc::new(Mutex::new(responses.iter().map(|&text| text.into()).collect())),
        };
        let (requests, responses) = (Arc::clone(&server.requests), Arc::clone(&server.responses));
        thread::spawn(move || {
            for stream in listener.incoming() {
                let mut stream = stream.unwrap();
                stream.set_read_timeout(Some(Duration::from_secs(30))).unwrap();
                // A killed client sends no complete request.
                let Some(request) = read(&mut stream) else { continue };
                requests.lock().unwrap().push(request);
                let response = responses.lock().unwrap().pop_front();
                let response = response.unwrap_or_else(|| "204 No Content".to_owned());
                let response = format!("HTTP/1.1 {response}\r\nContent-Length: 0\r\n\r\n");
                let _ = stream.write_all(response.as_bytes());
            }
        });
        server
    }

    /// Returns the URL of a path.
    pub(crate) fn url(&self, path: &str) -> String {
        format!("http://{}{path}", self.address)
    }

    /// Returns the requests that arrived.
    pub(crate) fn requests(&self) -> Vec<Request> {
        self.requests.lock().unwrap().clone()
    }
}

fn read(stream: &mut impl Read) -> Option<Request> {
    let mut got = Vec::new();
    let mut buffer = [0; 4096];
    loop {
        let end = got.windows(4).position(|window| window == b"\r\n\r\n");
        if let Some(end) = end {
            let head = str::from_utf8(&got[..end]).unwrap();
            let mut lines = head.split("\r\n");
            let line = lines.next().unwrap().strip_suffix(" HTTP/1.1").unwrap().to_owned();
            let headers: Vec<_> = lines
                .map(|line| line.split_once(": ").unwrap())
                .map(|(name, value)| (name.to_ascii_lowercase(), value.to_owned()))
                .collect();
            let length = headers.iter().find(|(name, _)| name == "content-length");
            let length = length.map_or(0, |(_, length)| length.parse::<usize>().unwrap());
            if got.len() >= end + 4 + length {
                let body = String::from_utf8(got[end + 4..end + 4 + length].to_vec()).unwrap();
                return Some(Request { line, headers, body });
            }
        }
        match stream.read(&mut buffer) {
            Ok(length @ 1..) => got.extend_from_slice(&buffer[..length]),
            _ => return None,
        }
    }
}

/// Returns the address of a port that nothing listens on.
pub(crate) fn unused() -> SocketAddr {
    TcpListener::bind("127.0.0.1:0").unwrap().local_addr().unwrap()
}
