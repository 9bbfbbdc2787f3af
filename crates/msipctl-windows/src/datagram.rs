//! Sends UDP datagrams.

use std::io;

use windows_sys::Win32::Networking::WinSock::{IPPROTO_UDP, SOCK_DGRAM, SOCKET_ERROR};

use super::sockets::{Addresses, Socket, Sockets, Use};

/// Sends a UDP datagram to the first address of a host.
///
/// # Errors
///
/// If the host has no address, or if the datagram can't be sent.
pub fn send_datagram(host: &str, port: u16, bytes: &[u8]) -> io::Result<()> {
    let calls = Sockets::load()?;
    let _use = Use::begin(&calls)?;
    let found = Addresses::find(&calls, host, port, SOCK_DGRAM)?;
    // SAFETY: `found` contains at least one entry, which lives until `found` is dropped.
    let first = unsafe { &*found.first };
    let socket = Socket::open(&calls, first, (SOCK_DGRAM, IPPROTO_UDP))?;
    let length = i32::try_from(bytes.len()).map_err(invalid)?;
    let address_length = i32::try_from(first.ai_addrlen).map_err(invalid)?;
    // SAFETY: the socket is open, `bytes` has the given length, and the name resolution returned the length of the address.
    let sent = unsafe {
        (calls.send_to)(socket.raw, bytes.as_ptr(), length, 0, first.ai_addr, address_length)
    };
    if sent == SOCKET_ERROR { Err(io::Error::last_os_error()) } else { Ok(()) }
}

fn invalid(_: std::num::TryFromIntError) -> io::Error {
    io::Error::new(io::ErrorKind::InvalidInput, "the datagram is too long")
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::net::UdpSocket;
    use std::time::Duration;

    #[track_caller]
    fn check(bind: &str, host: &str) {
        // A PC might not have IPv6.
        let Ok(socket) = UdpSocket::bind((bind, 0)) else { return };
        socket.set_read_timeout(Some(Duration::from_secs(10))).unwrap();
        let port = socket.local_addr().unwrap().port();
        send_datagram(host, port, "é".as_bytes()).unwrap();
        let mut buffer = [0; 10];
        let length = socket.recv(&mut buffer).unwrap();
        assert_eq!(&buffer[..length], "é".as_bytes());
    }

    #[test]
    fn datagram_arrives_over_ipv4_and_ipv6() {
        check("127.0.0.1", "127.0.0.1");
        check("::1", "::1");
    }

    #[test]
    fn datagram_to_an_invalid_host_is_an_error() {
        for host in ["no host", "a\0b"] {
            assert!(send_datagram(host, 1, b"x").is_err(), "{host:?}");
        }
    }
}
