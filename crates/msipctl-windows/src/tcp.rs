//! Sends bytes over a new TCP connection.

use std::io;
use std::sync::mpsc;
use std::thread;
use std::time::Duration;

use windows_sys::Win32::Networking::WinSock::{
    IPPROTO_TCP, SD_SEND, SO_RCVTIMEO, SO_SNDTIMEO, SOCK_STREAM, SOCKET_ERROR, SOL_SOCKET,
};

use super::sockets::{Addresses, Socket, Sockets, Use};

/// The maximum number of bytes that one call sends.
const MAX_PART: usize = 64 * 1024;

/// Sends bytes to the first address of a host that accepts, and waits until the receiver has read all of them and closed the
/// connection.
///
/// # Errors
///
/// If the receiver can't be reached, closes the connection with an error, or takes longer than `limit`.
pub fn send_stream(host: &str, port: u16, bytes: Vec<u8>, limit: Duration) -> io::Result<()> {
    let (sender, receiver) = mpsc::channel();
    let host = host.to_owned();
    // Neither resolving a name nor connecting has a limit that a program can set.
    thread::spawn(move || sender.send(exchange(&host, port, &bytes, limit)));
    receiver.recv_timeout(limit).unwrap_or_else(|_| {
        let why = format!("not received within {} ms", limit.as_millis());
        Err(io::Error::new(io::ErrorKind::TimedOut, why))
    })
}

fn exchange(host: &str, port: u16, bytes: &[u8], limit: Duration) -> io::Result<()> {
    let calls = Sockets::load()?;
    let _use = Use::begin(&calls)?;
    let found = Addresses::find(&calls, host, port, SOCK_STREAM)?;
    let socket = connect(&calls, &found)?;
    for option in [SO_SNDTIMEO, SO_RCVTIMEO] {
        let milliseconds = u32::try_from(limit.as_millis()).unwrap_or(u32::MAX).max(1);
        let length = size_of::<u32>() as i32;
        // SAFETY: the socket is open, and the function reads a number of the given length.
        done(unsafe {
            let value = (&raw const milliseconds).cast();
            (calls.set_option)(socket.raw, SOL_SOCKET, option, value, length)
        })?;
    }
    let mut rest = bytes;
    while !rest.is_empty() {
        let length = rest.len().min(MAX_PART);
        // SAFETY: the socket is open, and `rest` has at least the given length.
        let sent = unsafe { (calls.send)(socket.raw, rest.as_ptr(), length as i32, 0) };
        done(sent)?;
        rest = &rest[usize::try_from(sent).unwrap_or(0).min(length)..];
    }
    // SAFETY: the socket is open.
    done(unsafe { (calls.shut_down)(socket.raw, SD_SEND) })?;
    // There is no response. If the receiver closes the connection in an orderly way, it has read everything.
    let mut buffer = [0; 256];
    loop {
        // SAFETY: the socket is open, and the function writes at most `buffer.len()` bytes.
        let length =
            unsafe { (calls.receive)(socket.raw, buffer.as_mut_ptr(), buffer.len() as i32, 0) };
        done(length)?;
        if length == 0 {
            return Ok(());
        }
    }
}

/// Connects to the first address that accepts.
fn connect<'c>(calls: &'c Sockets, found: &Addresses<'_>) -> io::Result<Socket<'c>> {
    let mut failed = io::Error::other("the host has no address");
    let mut next = found.first;
    while !next.is_null() {
        // SAFETY: `next` is an entry of the list, which lives as long as `found`.
        let address = unsafe { &*next };
        let socket = Socket::open(calls, address, (SOCK_STREAM, IPPROTO_TCP))?;
        let length = i32::try_from(address.ai_addrlen).unwrap_or(0);
        // SAFETY: the socket is open, and the name resolution returned the length of the address.
        match done(unsafe { (calls.connect)(socket.raw, address.ai_addr, length) }) {
            Ok(()) => return Ok(socket),
            Err(error) => failed = error,
        }
        next = address.ai_next;
    }
    Err(failed)
}

fn done(result: i32) -> io::Result<()> {
    if result == SOCKET_ERROR { Err(io::Error::last_os_error()) } else { Ok(()) }
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::io::Read;
    use std::net::TcpListener;

    const LIMIT: Duration = Duration::from_secs(30);

    #[test]
    fn stream_arrives_complete() {
        let listener = TcpListener::bind("127.0.0.1:0").unwrap();
        let port = listener.local_addr().unwrap().port();
        let server = thread::spawn(move || {
            let mut got = Vec::new();
            listener.accept().unwrap().0.read_to_end(&mut got).unwrap();
            got
        });
        let bytes = vec![b'x'; 300_000];
        send_stream("127.0.0.1", port, bytes.clone(), LIMIT).unwrap();
        assert_eq!(server.join().unwrap(), bytes);
    }

    #[test]
    fn unreachable_receiver_is_an_error() {
        let port = TcpListener::bind("127.0.0.1:0").unwrap().local_addr().unwrap().port();
        assert!(send_stream("127.0.0.1", port, b"x".to_vec(), LIMIT).is_err());
        assert!(send_stream("no host", port, b"x".to_vec(), LIMIT).is_err());
    }
}
