//! HTTP requests, which Windows sends (`http.rs`).

use std::time::Duration;

/// A request to an HTTP server.
pub struct HttpRequest {
    /// The user agent.
    pub agent: &'static str,
    /// The HTTP method.
    pub method: String,
    /// Whether to use TLS.
    pub is_secure: bool,
    /// The host, used as given. An IPv6 address must be in brackets.
    pub host: String,
    /// The port.
    pub port: u16,
    /// The path and query, sent as given.
    pub target: String,
    /// Whether to bypass all proxies.
    pub is_direct: bool,
    /// Further headers, each with its name and its value.
    pub headers: Vec<(String, String)>,
    /// The content type and the body.
    pub content: Option<(String, Vec<u8>)>,
    /// The time limit for name resolution, and also for connecting.
    pub connect: Duration,
    /// The time limit for the complete request.
    pub whole: Duration,
    /// The maximum number of bytes to read from the response.
    pub max_response: usize,
}

/// The response to a request.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct HttpResponse {
    /// The status code.
    pub status: u16,
    /// The header `Retry-After`, if the response has it.
    pub retry_after: Option<String>,
}
