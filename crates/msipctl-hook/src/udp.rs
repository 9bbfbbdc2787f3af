//! The `Udp` action: sends a datagram.

use std::io;
use std::net::Ipv6Addr;
use std::sync::mpsc;
use std::thread;
use std::time::Duration;

use super::call::Call;
use super::error::{Error, Outcome};
use super::perform::{Perform, Surroundings};
use msipctl_core::event::{Text, Udp};

/// The maximum size of a datagram in bytes, so that networks don't fragment it.
const MAX_BYTES: usize = 1200;

/// The time limit for resolving the name of the host.
const WAIT: Duration = Duration::from_secs(5);

impl Perform for Udp {
    fn perform(&self, call: &Call, _: Surroundings<'_>) -> Outcome {
        send(call, &self.address, &self.text)
    }
}

/// Sends the text as one datagram. A longer text is truncated at a character boundary.
fn send(call: &Call, address: &str, text: &Text) -> Outcome {
    let text = call.plain(text);
    let end = (0..=text.len().min(MAX_BYTES)).rfind(|&end| text.is_char_boundary(end)).unwrap_or(0);
    let bytes = text.as_bytes()[..end].to_vec();
    match send_in_time(address, bytes) {
        Some(Ok(())) => Ok(None),
        Some(Err(source)) => Err(Error::Datagram { address: address.to_owned(), source }),
        None => Err(Error::NameTimedOut { address: address.to_owned(), limit: WAIT }),
    }
}

/// Sends a datagram to `host:port`, where an IPv6 address is in brackets.
///
/// # Errors
///
/// If the address is invalid, or the datagram can't be sent.
pub fn send_datagram(address: &str, bytes: Vec<u8>) -> io::Result<()> {
    send_in_time(address, bytes).unwrap_or_else(|| {
        let why = format!("the host has no known address after {} s", WAIT.as_secs());
        Err(io::Error::new(io::ErrorKind::TimedOut, why))
    })
}

/// Sends a datagram; `None` if the address of the host isn't found in time.
fn send_in_time(address: &str, bytes: Vec<u8>) -> Option<io::Result<()>> {
    let (sender, receiver) = mpsc::channel();
    let to = address.to_owned();
    // Name resolution has no timeout of its own, so it runs in a thread.
    thread::spawn(move || sender.send(send_to(&to, &bytes)));
    receiver.recv_timeout(WAIT).ok()
}

/// Splits an address into host and port. Only an IPv6 address can be in brackets.
fn host_and_port(address: &str) -> io::Result<(&str, u16)> {
    let invalid = || io::Error::new(io::ErrorKind::InvalidInput, "expected host:port");
    let (host, port) = address.rsplit_once(':').ok_or_else(invalid)?;
    let port = port.parse().map_err(|_| invalid())?;
    let Some(inner) = host.strip_prefix('[') else { return Ok((host, port)) };
    let inner = inner.strip_suffix(']').filter(|inner| inner.parse::<Ipv6Addr>().is_ok());
    Ok((inner.ok_or_else(invalid)?, port))
}

#[cfg(not(windows))]
fn send_to(address: &str, bytes: &[u8]) -> io::Result<()> {
    use std::net::{Ipv4Addr, SocketAddr, ToSocketAddrs, UdpSocket};

    let found = host_and_port(address)?.to_socket_addrs()?.next();
    let to = found.ok_or_else(|| io::Error::other("the host has no address"))?;
    let from: SocketAddr = match to {
        SocketAddr::V4(_) => (Ipv4Addr::UNSPECIFIED, 0).into(),
        SocketAddr::V6(_) => (Ipv6Addr::UNSPECIFIED, 0).into(),
    };
    UdpSocket::bind(from)?.send_to(bytes, to).map(drop)
}

/// Sends a datagram with the sockets of Windows. Those of the standard library would slow down each start of msipctl.
#[cfg(windows)]
fn send_to(address: &str, bytes: &[u8]) -> io::Result<()> {
    let (host, port) = host_and_port(address)?;
    msipctl_windows::send_datagram(host, port, bytes)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::call::testing::call;
    use msipctl_core::event::clean;
    use proptest::prelude::*;
    use std::net::UdpSocket;

    #[test]
    fn udp_address_parses_into_host_and_port() {
        let check =
            |address, expected| assert_eq!(host_and_port(address).ok(), expected, "{address}");
        check("localhost:5", Some(("localhost", 5)));
        check("[::1]:5", Some(("::1", 5)));
        check("::1:5", Some(("::1", 5)));
        for none in ["localhost", "localhost:", "[localhost]:5", "[::1:5", "h:65536"] {
            check(none, None);
        }
    }

    #[test]
    fn datagram_reaches_an_ipv6_host() {
        // A PC might not have IPv6.
        let Ok(socket) = UdpSocket::bind("[::1]:0") else { return };
        let address = socket.local_addr().unwrap().to_string();
        send(&call("7"), &address, &Text::parse("%number%").unwrap()).unwrap();
        let mut buffer = [0; 10];
        assert_eq!(socket.recv(&mut buffer).unwrap(), 1);
    }

    proptest! {
        #[test]
        fn any_caller_id_is_sent_as_one_datagram(caller in "(?s).{0,700}") {
            let socket = UdpSocket::bind("127.0.0.1:0").unwrap();
            let address = socket.local_addr().unwrap().to_string();
            send(&call(&caller), &address, &Text::parse("<%number%").unwrap()).unwrap();
            let mut buffer = [0; 2000];
            let length = socket.recv(&mut buffer).unwrap();
            let text = str::from_utf8(&buffer[..length]).unwrap();
            let whole = format!("<{}", clean(&caller));
            prop_assert!(whole.starts_with(text) && length <= MAX_BYTES);
            prop_assert!(length + 4 > whole.len().min(MAX_BYTES));
            socket.set_nonblocking(true).unwrap();
            prop_assert!(socket.recv(&mut buffer).is_err());
        }
    }
}
