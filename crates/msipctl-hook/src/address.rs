//! Parses the URL of a request, in the same way on every system.
//!
//! If two parsers read a host differently, the caller ID could be sent to the wrong server. So the client doesn't parse the
//! host itself, and this parser rejects every ambiguous host.

use std::net::{Ipv4Addr, Ipv6Addr};

use http::Uri;
use http::uri::InvalidUri;

use msipctl_core::event::url_encoded;

/// The reason why the URL of a request is invalid.
#[derive(Debug, thiserror::Error)]
pub enum AddressError {
    /// The URL can't be parsed.
    #[error("invalid URL: {0}")]
    Invalid(#[from] InvalidUri),
    /// The URL has another scheme, or no host.
    #[error("invalid URL: expected `http://` or `https://`, and a host")]
    NoHost,
    /// The URL contains a user or a password.
    #[error("invalid URL: it contains a user or password, which msipctl doesn't send")]
    Credentials,
    /// Other programs could read the host differently.
    #[error("invalid host `{0}`: expected letters, digits, `-`, and `.`")]
    Host(String),
    /// The port isn't a number from 1 to 65535.
    #[error("invalid port in `{0}`: expected a number from 1 to 65535")]
    Port(String),
}

/// Parses a URL. URL-encodes non-ASCII characters, and omits a fragment.
///
/// # Errors
///
/// If the scheme, host, or port is invalid, or if the URL contains a user or password, which wouldn't be sent.
pub fn read(address: &str) -> Result<Uri, AddressError> {
    let mut ascii = String::with_capacity(address.len());
    for character in address.chars() {
        match character {
            // Some clients read it as a slash.
            '\\' => ascii.push_str("%5C"),
            _ if character.is_ascii() => ascii.push(character),
            _ => ascii.push_str(&url_encoded(character.encode_utf8(&mut [0; 4]))),
        }
    }
    let uri: Uri = ascii.parse()?;
    let (Some("http" | "https"), Some(authority)) = (uri.scheme_str(), uri.authority()) else {
        return Err(AddressError::NoHost);
    };
    let (host, whole) = (authority.host(), authority.as_str());
    if whole.contains('@') {
        return Err(AddressError::Credentials);
    }
    if !is_host(host) {
        return Err(AddressError::Host(host.to_owned()));
    }
    let port = whole[host.len()..].strip_prefix(':');
    let is_port = |port: &str| {
        port.bytes().all(|byte| byte.is_ascii_digit())
            && port.parse().is_ok_and(|port: u16| port > 0)
    };
    if whole.len() > host.len() && !port.is_some_and(is_port) {
        return Err(AddressError::Port(whole.to_owned()));
    }
    Ok(uri)
}

/// Returns whether the host of a URL is this PC, which a proxy can't reach.
pub fn is_here(uri: &Uri) -> bool {
    let host = uri.host().unwrap_or_default();
    host.eq_ignore_ascii_case("localhost")
        || host.parse().is_ok_and(|host: Ipv4Addr| host.is_loopback())
        || bare(host).is_some_and(|host| host.is_loopback())
}

/// Returns whether a text is a host name or a complete IP address.
///
/// Rejects numbers that only some programs read as an address, such as `127.1` and `0x7f000001`.
fn is_host(host: &str) -> bool {
    if host.starts_with('[') {
        return bare(host).is_some();
    }
    let is_letter = |byte: u8| byte.is_ascii_alphanumeric() || b"-._".contains(&byte);
    let last = host.trim_end_matches('.').rsplit('.').next().unwrap_or_default();
    let is_digits = |text: &str| text.bytes().all(|byte| byte.is_ascii_digit());
    let hex = last.strip_prefix("0x").or_else(|| last.strip_prefix("0X"));
    let is_hex = |text: &str| text.bytes().all(|byte| byte.is_ascii_hexdigit());
    let is_number = is_digits(last) || hex.is_some_and(is_hex);
    let begins = host.starts_with(|first: char| first.is_ascii_alphanumeric());
    begins && host.bytes().all(is_letter) && (!is_number || host.parse::<Ipv4Addr>().is_ok())
}

/// Parses an IPv6 address in brackets.
fn bare(host: &str) -> Option<Ipv6Addr> {
    host.strip_prefix('[')?.strip_suffix(']')?.parse().ok()
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    /// Parses a URL, and returns its host, port, and path as text.
    fn shown(address: &str) -> Result<String, String> {
        let uri = read(address).map_err(|error| error.to_string())?;
        let (host, port) = (uri.host().unwrap(), uri.port_u16());
        Ok(format!("{host} {port:?} {}", uri.path_and_query().unwrap()))
    }

    #[track_caller]
    fn check(address: &str, expected: &str) {
        assert_eq!(shown(address).unwrap_or_else(|error| error), expected, "{address}");
    }

    #[test]
    fn address_parses_into_host_port_and_path() {
        check("http://h", "h None /");
        check("HTTPS://crm.example.com:8443/a?b=c#d", "crm.example.com Some(8443) /a?b=c");
        check("http://127.0.0.1:80/", "127.0.0.1 Some(80) /");
        check("http://[::1]:80/", "[::1] Some(80) /");
        check("http://a_b-c.d./ü\\x", "a_b-c.d. None /%C3%BC%5Cx");
        check("http://10.0.0.8.example/", "10.0.0.8.example None /");
        check("http://h/@b:c", "h None /@b:c");
        check("http://3cx/", "3cx None /");
        check("http://1a.2b/", "1a.2b None /");
    }

    #[test]
    fn ambiguous_hosts_are_rejected() {
        let none =
            |host: &str| format!("invalid host `{host}`: expected letters, digits, `-`, and `.`");
        for host in [
            "127.1",
            "0x7f000001",
            "a.0X7f",
            "1.2.3.4.5",
            "0177.0.0.1",
            "1",
            "127.0.0.1.",
            "-h",
            ".",
            "a,b",
            "a;b",
        ] {
            check(&format!("http://{host}/"), &none(host));
        }
        for host in ["[::1%251]", "[v1.a]", "[]", "[127.0.0.1]"] {
            check(&format!("http://{host}/"), &none(host));
        }
        let user = "invalid URL: it contains a user or password, which msipctl doesn't send";
        for address in [
            "http://ann:secret@h/",
            "http://ann@h/",
            "http://good@bad/",
            "http://a@b@c/",
            "http://good\\@bad/",
        ] {
            check(address, user);
        }
        for address in ["http://h:/", "http://h:0/", "http://h:+80/", "http://h:65536/"] {
            let authority = &address[7..address.len() - 1];
            let expected = "expected a number from 1 to 65535";
            check(address, &format!("invalid port in `{authority}`: {expected}"));
        }
        let none = ["", "/a", "h:80", "ftp://h/", "http:///a", "http://"];
        let no_hosts = ["http://good\\bad/", "http://ü/", "http://a b/", "http://a%20b/"];
        for address in none.into_iter().chain(no_hosts) {
            assert!(read(address).is_err(), "{address}");
        }
    }

    #[test]
    fn localhost_is_recognized_by_all_its_names() {
        for host in ["localhost", "LOCALHOST:1", "127.0.0.1", "127.8.8.8:80", "[::1]:80"] {
            assert!(is_here(&read(&format!("http://{host}/")).unwrap()), "{host}");
        }
        for host in ["localhost.example", "128.0.0.1", "[::2]"] {
            assert!(!is_here(&read(&format!("http://{host}/")).unwrap()), "{host}");
        }
    }

    proptest! {
        #[test]
        fn parsed_address_is_ascii_and_round_trips(
            address in r"https?://[a-z0-9.:@\[\]\\%]{1,12}(/.{0,12})?",
        ) {
            let Ok(uri) = read(&address) else { return Ok(()) };
            let text = uri.to_string();
            prop_assert!(text.bytes().all(|byte| byte.is_ascii_graphic()), "{}", text);
            prop_assert_eq!(read(&text).unwrap(), uri);
        }
    }
}
