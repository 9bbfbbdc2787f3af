//! A request to an HTTP server. Windows sends it (`http.rs`).

use std::time::Duration;

/// A request to an HTTP server.
pub struct HttpRequest {
    /// The user agent.
    pub agent: &'static str,
    /// The method.
    pub method: String,
    /// Whether to use TLS.
    pub is_secure: bool,
    /// The host, an IPv6 address in brackets. It is used as given.
    pub host: String,
    /// The port.
    pub port: u16,
    /// The path and query, sent as given.
    pub target: String,
    /// Whether to bypass all proxies.
    pub is_direct: bool,
    /// The content type and the bytes of the body.
    pub content: Option<(String, Vec<u8>)>,
    /// Time limit for name resolution, and for the connection.
    pub connect: Duration,
    /// Time limit for everything together.
    pub whole: Duration,
    /// Maximum number of bytes to read of the response.
    pub answer: usize,
}
