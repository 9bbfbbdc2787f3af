//! Sends UDP datagrams. Loads `ws2_32.dll` only when needed, because it would slow down each start of the program.

use std::io;
use std::ptr;

use windows_sys::Win32::Networking::WinSock::{
    ADDRINFOW, INVALID_SOCKET, IPPROTO_UDP, SOCK_DGRAM, SOCKADDR, SOCKET, SOCKET_ERROR,
    WSA_FLAG_NO_HANDLE_INHERIT, WSA_FLAG_OVERLAPPED, WSADATA, WSAPROTOCOL_INFOW,
};
use windows_sys::core::PCWSTR;

use super::library::calls;
use super::text::wide;

calls! {
    /// The functions of Windows Sockets.
    Sockets from "ws2_32.dll" {
        start_up: unsafe extern "system" fn(u16, *mut WSADATA) -> i32 = c"WSAStartup",
        clean_up: unsafe extern "system" fn() -> i32 = c"WSACleanup",
        find: unsafe extern "system" fn(
            PCWSTR, PCWSTR, *const ADDRINFOW, *mut *mut ADDRINFOW,
        ) -> i32 = c"GetAddrInfoW",
        free: unsafe extern "system" fn(*const ADDRINFOW) = c"FreeAddrInfoW",
        socket: unsafe extern "system" fn(
            i32, i32, i32, *const WSAPROTOCOL_INFOW, u32, u32,
        ) -> SOCKET = c"WSASocketW",
        send_to: unsafe extern "system" fn(
            SOCKET, *const u8, i32, i32, *const SOCKADDR, i32,
        ) -> i32 = c"sendto",
        close: unsafe extern "system" fn(SOCKET) -> i32 = c"closesocket",
    }
}

/// The version of Windows Sockets: 2.2.
const VERSION: u16 = 0x0202;

/// Sends a UDP datagram to the first address of a host.
///
/// # Errors
///
/// If the host has no address, or if the datagram can't be sent.
pub fn send_datagram(host: &str, port: u16, bytes: &[u8]) -> io::Result<()> {
    let calls = Sockets::load()?;
    let _use = Use::begin(&calls)?;
    let found = Addresses::find(&calls, host, port)?;
    // SAFETY: `found` contains at least one entry, which lives until `found` is dropped.
    let first = unsafe { &*found.first };
    let socket = Socket::open(&calls, first)?;
    let length = i32::try_from(bytes.len()).map_err(invalid)?;
    let address_length = i32::try_from(first.ai_addrlen).map_err(invalid)?;
    // SAFETY: the socket is open, `bytes` has the given length, and the name resolution returned the length of the address.
    let sent = unsafe {
        (calls.send_to)(socket.raw, bytes.as_ptr(), length, 0, first.ai_addr, address_length)
    };
    if sent == SOCKET_ERROR { Err(io::Error::last_os_error()) } else { Ok(()) }
}

/// The initialized Windows Sockets. Cleaned up on drop.
struct Use<'c>(&'c Sockets);

impl<'c> Use<'c> {
    fn begin(calls: &'c Sockets) -> io::Result<Self> {
        let mut about = WSADATA::default();
        // SAFETY: the function only writes to `about`.
        match unsafe { (calls.start_up)(VERSION, &mut about) } {
            0 => Ok(Self(calls)),
            error => Err(io::Error::from_raw_os_error(error)),
        }
    }
}

impl Drop for Use<'_> {
    fn drop(&mut self) {
        // SAFETY: the initialization succeeded, and all sockets and addresses were freed.
        unsafe { (self.0.clean_up)() };
    }
}

/// The addresses of a host: a linked list with at least one entry.
struct Addresses<'c> {
    first: *mut ADDRINFOW,
    calls: &'c Sockets,
}

impl<'c> Addresses<'c> {
    fn find(calls: &'c Sockets, host: &str, port: u16) -> io::Result<Self> {
        let (host, port) = (wide(host)?, wide(port.to_string())?);
        let hints = ADDRINFOW { ai_socktype: SOCK_DGRAM, ..Default::default() };
        let mut first = ptr::null_mut();
        // SAFETY: both texts are NUL-terminated, `hints` is zero except for an allowed field, and the function only writes to
        // `first`.
        let error = unsafe { (calls.find)(host.as_ptr(), port.as_ptr(), &hints, &mut first) };
        if error != 0 {
            return Err(io::Error::from_raw_os_error(error));
        }
        if first.is_null() {
            return Err(io::Error::other("the host has no address"));
        }
        Ok(Self { first, calls })
    }
}

impl Drop for Addresses<'_> {
    fn drop(&mut self) {
        // SAFETY: the list came from the name resolution, and nothing refers to it anymore.
        unsafe { (self.calls.free)(self.first) };
    }
}

/// A socket. Closed on drop.
struct Socket<'c> {
    raw: SOCKET,
    calls: &'c Sockets,
}

impl<'c> Socket<'c> {
    /// Opens a socket for an address. Programs that msipctl starts don't inherit it.
    fn open(calls: &'c Sockets, address: &ADDRINFOW) -> io::Result<Self> {
        let flags = WSA_FLAG_OVERLAPPED | WSA_FLAG_NO_HANDLE_INHERIT;
        let family = address.ai_family;
        // SAFETY: the pointer to protocol information can be null.
        let raw = unsafe { (calls.socket)(family, SOCK_DGRAM, IPPROTO_UDP, ptr::null(), 0, flags) };
        if raw == INVALID_SOCKET {
            Err(io::Error::last_os_error())
        } else {
            Ok(Self { raw, calls })
        }
    }
}

impl Drop for Socket<'_> {
    fn drop(&mut self) {
        // SAFETY: the socket is open, and nothing else refers to it.
        unsafe { (self.calls.close)(self.raw) };
    }
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
