//! Windows Sockets. Loads `ws2_32.dll` only when needed, because it would slow down each start of the program.

use std::io;
use std::ptr;

use windows_sys::Win32::Networking::WinSock::{
    ADDRINFOW, INVALID_SOCKET, SOCKADDR, SOCKET, WSA_FLAG_NO_HANDLE_INHERIT, WSA_FLAG_OVERLAPPED,
    WSADATA, WSAPROTOCOL_INFOW,
};
use windows_sys::core::PCWSTR;

use super::library::calls;
use super::text::wide;

calls! {
    /// The functions of Windows Sockets.
    pub(super) Sockets from "ws2_32.dll" {
        start_up: unsafe extern "system" fn(u16, *mut WSADATA) -> i32 = c"WSAStartup",
        clean_up: unsafe extern "system" fn() -> i32 = c"WSACleanup",
        find: unsafe extern "system" fn(
            PCWSTR, PCWSTR, *const ADDRINFOW, *mut *mut ADDRINFOW,
        ) -> i32 = c"GetAddrInfoW",
        free: unsafe extern "system" fn(*const ADDRINFOW) = c"FreeAddrInfoW",
        socket: unsafe extern "system" fn(
            i32, i32, i32, *const WSAPROTOCOL_INFOW, u32, u32,
        ) -> SOCKET = c"WSASocketW",
        set_option: unsafe extern "system" fn(SOCKET, i32, i32, *const u8, i32) -> i32 =
            c"setsockopt",
        connect: unsafe extern "system" fn(SOCKET, *const SOCKADDR, i32) -> i32 = c"connect",
        send: unsafe extern "system" fn(SOCKET, *const u8, i32, i32) -> i32 = c"send",
        receive: unsafe extern "system" fn(SOCKET, *mut u8, i32, i32) -> i32 = c"recv",
        shut_down: unsafe extern "system" fn(SOCKET, i32) -> i32 = c"shutdown",
        send_to: unsafe extern "system" fn(
            SOCKET, *const u8, i32, i32, *const SOCKADDR, i32,
        ) -> i32 = c"sendto",
        close: unsafe extern "system" fn(SOCKET) -> i32 = c"closesocket",
    }
}

/// The version of Windows Sockets: 2.2.
const VERSION: u16 = 0x0202;

/// The initialized Windows Sockets. Cleaned up on drop.
pub(super) struct Use<'c>(&'c Sockets);

impl<'c> Use<'c> {
    pub(super) fn begin(calls: &'c Sockets) -> io::Result<Self> {
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
pub(super) struct Addresses<'c> {
    pub(super) first: *mut ADDRINFOW,
    calls: &'c Sockets,
}

impl<'c> Addresses<'c> {
    /// Finds the addresses of a host for sockets of a type.
    pub(super) fn find(calls: &'c Sockets, host: &str, port: u16, kind: i32) -> io::Result<Self> {
        let (host, port) = (wide(host)?, wide(port.to_string())?);
        let hints = ADDRINFOW { ai_socktype: kind, ..Default::default() };
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
pub(super) struct Socket<'c> {
    pub(super) raw: SOCKET,
    calls: &'c Sockets,
}

impl<'c> Socket<'c> {
    /// Opens a socket of a type and protocol for an address. Programs that msipctl starts don't inherit it.
    pub(super) fn open(
        calls: &'c Sockets,
        address: &ADDRINFOW,
        (kind, protocol): (i32, i32),
    ) -> io::Result<Self> {
        let flags = WSA_FLAG_OVERLAPPED | WSA_FLAG_NO_HANDLE_INHERIT;
        let family = address.ai_family;
        // SAFETY: the pointer to protocol information can be null.
        let raw = unsafe { (calls.socket)(family, kind, protocol, ptr::null(), 0, flags) };
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
