//! The address of a request, read by one parser on every system.
//!
//! A host that two clients read differently would send the caller's text to somebody else. So the client gets
//! its host from here and reads none itself, and what is not plainly one host is refused.

use std::net::{Ipv4Addr, Ipv6Addr};

use http::Uri;
use http::uri::InvalidUri;

use msipctl_core::event::url_encoded;

/// Why the address of a request is invalid.
#[derive(Debug, thiserror::Error)]
pub(crate) enum AddressError {
    /// It can't be parsed.
    #[error("the address is none: {0}")]
    Invalid(#[from] InvalidUri),
    /// It has another scheme, or no host.
    #[error("the address is none, expected http:// or https:// and a host")]
    NoHost,
    /// It has a user or a password.
    #[error("the user and password in the address would not be sent, expected none")]
    Credentials,
    /// Clients could read the host differently.
    #[error("`{0}` is no host, expected letters, digits, `-` and `.`")]
    Host(String),
    /// The port isn't a number from 1 to 65535.
    #[error("`{0}` has no port behind its `:`, expected a number up to 65535")]
    Port(String),
}

/// Reads an address. Letters that are not ASCII are URL-encoded, and a fragment is left out.
///
/// # Errors
///
/// When its scheme, host or port is none, or it brings a user or password, which would not be sent.
pub(super) fn read(address: &str) -> Result<Uri, AddressError> {
    let mut ascii = String::with_capacity(address.len());
    for character in address.chars() {
        match character {
            // Some clients take it for a slash.
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

/// Says whether the host of an address is this computer, which no proxy can reach.
pub(super) fn is_here(uri: &Uri) -> bool {
    let host = uri.host().unwrap_or_default();
    host.eq_ignore_ascii_case("localhost")
        || host.parse().is_ok_and(|host: Ipv4Addr| host.is_loopback())
        || bare(host).is_some_and(|host| host.is_loopback())
}

/// Says whether this is a name or a whole address. Numbers that only some take for an address, such as
/// `127.1` and `0x7f000001`, are none.
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

/// Reads an address that stands in brackets.
fn bare(host: &str) -> Option<Ipv6Addr> {
    host.strip_prefix('[')?.strip_suffix(']')?.parse().ok()
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    /// Reads an address and shows it as host, port and what is asked for.
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
            |host: &str| format!("`{host}` is no host, expected letters, digits, `-` and `.`");
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
        let user = "the user and password in the address would not be sent, expected none";
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
            let expected = "expected a number up to 65535";
            check(address, &format!("`{authority}` has no port behind its `:`, {expected}"));
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
