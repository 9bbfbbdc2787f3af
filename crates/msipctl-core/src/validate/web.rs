//! HTTP addresses in a text, and their hosts.

/// Returns the hosts of the `http://` addresses in a text, except the local PC.
pub(super) fn remote(text: &str) -> impl Iterator<Item = &str> {
    const SCHEME: &str = "http://";
    let starts = text.char_indices().filter_map(|(start, _)| {
        let (scheme, rest) = text[start..].split_at_checked(SCHEME.len())?;
        scheme.eq_ignore_ascii_case(SCHEME).then_some(rest)
    });
    starts.map(host).filter(|host| !host.is_empty() && !is_local(host))
}

/// Returns the host at the start of an address without its scheme.
fn host(address: &str) -> &str {
    let end = address
        .find(|character: char| character.is_whitespace() || "/?#\\\"'<>,".contains(character));
    let authority = &address[..end.unwrap_or(address.len())];
    let host = authority.rsplit('@').next().unwrap_or(authority);
    match host.strip_prefix('[').and_then(|it| it.split_once(']')) {
        Some((address, _)) => address,
        None => host.split(':').next().unwrap_or(host),
    }
}

/// Returns whether a host is the local PC.
fn is_local(host: &str) -> bool {
    let host = host.to_ascii_lowercase();
    let is_address = host.parse().is_ok_and(|it: std::net::IpAddr| it.is_loopback());
    is_address || host == "localhost" || host.ends_with(".localhost")
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    #[track_caller]
    fn check(text: &str, expected: &[&str]) {
        assert_eq!(remote(text).collect::<Vec<_>>(), expected, "{text}");
    }

    #[test]
    fn remote_hosts_are_distinguished_from_localhost() {
        check("curl \"HTTP://u:p@crm.example.com:8080/x?http\"", &["crm.example.com"]);
        check("http://a http://localhost:1/ http://b.c?x", &["a", "b.c"]);
        check("http://127.9.9.9/ http://[::1]:80/ http://x.localhost/", &[]);
        check("http://[2001:db8::1]/ http:// https://h/", &["2001:db8::1"]);
    }

    proptest! {
        #[test]
        fn searching_hosts_in_any_text_does_not_panic(text: String) {
            let _ = remote(&format!("é{text}http://{text}")).count();
        }
    }
}
