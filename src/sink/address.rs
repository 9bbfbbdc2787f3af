//! The sinks and URLs as users write them.

use std::fmt;
use std::path::PathBuf;

use msipctl_hook::{is_local, read_address};

use super::otlp;

/// The port of syslog.
const SYSLOG_PORT: u16 = 514;

/// The expected forms of a sink.
const EXPECTED: &str = "expected `prometheus:FILE.prom`, `ndjson:FILE`, `otlp:URL`, `syslog:udp://HOST`, \
                        `syslog:tcp://HOST`, or `eventlog`";

/// Where to send events.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) enum Sink {
    /// A file for the textfile collector of Prometheus.
    Prometheus(PathBuf),
    /// A file with one event per line.
    Ndjson(PathBuf),
    /// A receiver of OpenTelemetry logs.
    Otlp(Url),
    /// A syslog receiver, over UDP.
    SyslogUdp { host: String, port: u16 },
    /// A syslog receiver, over TCP.
    SyslogTcp { host: String, port: u16 },
    /// The Windows event log.
    EventLog,
}

impl Sink {
    /// Parses the value of `--send`.
    pub(crate) fn parse(text: &str) -> Result<Self, String> {
        let (kind, rest) = text.split_once(':').unwrap_or((text, ""));
        match kind {
            // The textfile collector reads no other files.
            "prometheus" if rest.ends_with(".prom") => Ok(Self::Prometheus(rest.into())),
            "prometheus" => Err("expected a file whose name ends in `.prom`, such as \
                                 `prometheus:/var/lib/node_exporter/msipctl.prom`"
                .to_owned()),
            "ndjson" if !rest.is_empty() => Ok(Self::Ndjson(rest.into())),
            "otlp" => Self::otlp(rest),
            "syslog" => Self::syslog(rest),
            "eventlog" if !rest.is_empty() => Err(EXPECTED.to_owned()),
            "eventlog" if cfg!(windows) => Ok(Self::EventLog),
            "eventlog" => Err("the Windows event log exists only on Windows".to_owned()),
            _ => Err(EXPECTED.to_owned()),
        }
    }

    fn otlp(rest: &str) -> Result<Self, String> {
        let url = Url::parse(rest)?;
        if url.target == "/" {
            return Err(format!(
                "the URL has no path: collectors receive logs at `{}`",
                otlp::PATH
            ));
        }
        if url.is_secure && !cfg!(windows) {
            return Err(
                "msipctl sends HTTPS requests only on Windows: send to a collector on this \
                        computer, such as `otlp:http://127.0.0.1:4318/v1/logs`"
                    .to_owned(),
            );
        }
        Ok(Self::Otlp(url))
    }

    fn syslog(rest: &str) -> Result<Self, String> {
        let (protocol, host) = rest.split_once("://").ok_or(EXPECTED)?;
        // The same parser reads all hosts.
        let address = read_address(&format!("http://{host}")).map_err(|error| error.to_string())?;
        if address.path_and_query().is_some_and(|target| target.as_str() != "/") {
            return Err("expected a host and an optional port after `://`".to_owned());
        }
        let (host, port) = (bare(address.host().unwrap_or_default()), address.port_u16());
        let port = port.unwrap_or(SYSLOG_PORT);
        match protocol {
            "udp" => Ok(Self::SyslogUdp { host, port }),
            "tcp" => Ok(Self::SyslogTcp { host, port }),
            _ => Err(EXPECTED.to_owned()),
        }
    }
}

/// Shows the sink without the query of a URL, which may contain a token.
impl fmt::Display for Sink {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Prometheus(path) => write!(f, "prometheus:{}", path.display()),
            Self::Ndjson(path) => write!(f, "ndjson:{}", path.display()),
            Self::Otlp(url) => write!(f, "otlp:{url}"),
            Self::SyslogUdp { host, port } => write!(f, "syslog:udp://{}", authority(host, *port)),
            Self::SyslogTcp { host, port } => write!(f, "syslog:tcp://{}", authority(host, *port)),
            Self::EventLog => f.write_str("eventlog"),
        }
    }
}

/// Returns `host:port`, with brackets around an IPv6 address.
pub(super) fn authority(host: &str, port: u16) -> String {
    if host.contains(':') { format!("[{host}]:{port}") } else { format!("{host}:{port}") }
}

/// Returns a host without the brackets of an IPv6 address.
fn bare(host: &str) -> String {
    host.trim_start_matches('[').trim_end_matches(']').to_owned()
}

/// The URL of a request.
#[derive(Clone, PartialEq, Eq)]
pub(crate) struct Url {
    pub(super) is_secure: bool,
    /// The host, without the brackets of an IPv6 address.
    pub(super) host: String,
    pub(super) port: u16,
    /// The path and the query.
    pub(super) target: String,
    /// Whether the host is this computer.
    pub(super) is_local: bool,
    text: String,
}

impl Url {
    /// Parses a URL.
    pub(crate) fn parse(text: &str) -> Result<Self, String> {
        /// The maximum length of a URL.
        const MAX_URL: usize = 2048;

        if text.len() > MAX_URL {
            return Err(format!("the URL has more than {MAX_URL} characters"));
        }
        let uri = read_address(text).map_err(|error| error.to_string())?;
        let is_secure = uri.scheme_str() == Some("https");
        let target = uri.path_and_query().map_or("/", |target| target.as_str());
        Ok(Self {
            is_secure,
            host: bare(uri.host().unwrap_or_default()),
            port: uri.port_u16().unwrap_or(if is_secure { 443 } else { 80 }),
            target: target.to_owned(),
            is_local: is_local(&uri),
            text: uri.to_string(),
        })
    }

    /// Returns whether requests to it are encrypted.
    pub(crate) fn is_secure(&self) -> bool {
        self.is_secure
    }

    /// Returns whether nobody else can read requests to it: they are encrypted, or don't leave this computer.
    pub(crate) fn is_confidential(&self) -> bool {
        self.is_secure || self.is_local
    }

    /// Returns the URL as text, in one form for all spellings.
    pub(crate) fn text(&self) -> &str {
        &self.text
    }

    /// Returns whether the URL means a folder, because its path ends in a slash.
    pub(crate) fn is_folder(&self) -> bool {
        self.target.ends_with('/')
    }

    /// Returns the URL of a file in the folder.
    pub(crate) fn join(&self, name: &str) -> Result<Self, String> {
        Self::parse(&format!("{}{}", self.text, msipctl_core::event::url_encoded(name)))
    }
}

impl fmt::Display for Url {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self.text.split_once('?') {
            Some((before, _)) => write!(f, "{before}?***"),
            None => f.write_str(&self.text),
        }
    }
}

impl fmt::Debug for Url {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "Url({self})")
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn sinks_parse_and_show_their_text() {
        for (text, shown) in [
            ("prometheus:/var/lib/a.prom", "prometheus:/var/lib/a.prom"),
            (r"ndjson:C:\logs\a.ndjson", r"ndjson:C:\logs\a.ndjson"),
            ("otlp:http://127.0.0.1:4318/v1/logs", "otlp:http://127.0.0.1:4318/v1/logs"),
            ("otlp:http://h/v1/logs?key=Tr0ub4dor", "otlp:http://h/v1/logs?***"),
            ("syslog:udp://logs.example.com", "syslog:udp://logs.example.com:514"),
            ("syslog:tcp://[::1]:6514", "syslog:tcp://[::1]:6514"),
        ] {
            let sink = Sink::parse(text).unwrap();
            assert_eq!(sink.to_string(), shown);
            assert!(!format!("{sink:?}").contains("Tr0ub4dor"));
        }
    }

    #[test]
    fn invalid_sinks_are_rejected_with_what_is_expected() {
        for (text, reason) in [
            ("", "expected"),
            ("statsd:h", "expected"),
            ("ndjson:", "expected"),
            ("prometheus:/var/lib/a.txt", "`.prom`"),
            ("otlp:ftp://h/v1/logs", "http://"),
            ("otlp:http://h", "/v1/logs"),
            ("otlp:http://ann:x@h/v1/logs", "user or password"),
            ("syslog:h", "expected"),
            ("syslog:tls://h", "expected"),
            ("syslog:udp://h:0", "port"),
            ("syslog:udp://h/path", "host"),
            ("syslog:udp://0x7f000001", "host"),
            ("eventlog:x", "expected"),
        ] {
            let error = Sink::parse(text).unwrap_err();
            assert!(error.contains(reason), "{text}: {error}");
        }
    }

    #[cfg(not(windows))]
    #[test]
    fn sinks_of_windows_are_rejected_elsewhere() {
        for text in ["eventlog", "otlp:https://h/v1/logs"] {
            assert!(Sink::parse(text).unwrap_err().contains("only on Windows"), "{text}");
        }
    }

    #[test]
    fn url_of_a_file_has_an_encoded_name() {
        let url = Url::parse("https://files.example.com/reports/").unwrap();
        assert!(url.is_folder());
        let file = url.join("desk ü?.json").unwrap();
        assert_eq!(file.text(), "https://files.example.com/reports/desk%20%C3%BC%3F.json");
        assert_eq!((file.port, file.is_confidential()), (443, true));
        assert!(!Url::parse("http://h/?a=/x").unwrap().is_confidential());
    }
}
