//! TCP connections on systems other than Windows, where the standard library is free of a slow start.

use std::io::{self, Read, Write};
use std::net::{Shutdown, TcpStream, ToSocketAddrs};
use std::sync::mpsc;
use std::thread;
use std::time::Duration;

/// Connects to the first address of a host that accepts.
pub(super) fn connect(host: &str, port: u16, limit: Duration) -> io::Result<TcpStream> {
    let mut failed = io::Error::new(io::ErrorKind::NotFound, "the host has no known address");
    for address in (host, port).to_socket_addrs()? {
        match TcpStream::connect_timeout(&address, limit) {
            Ok(stream) => return Ok(stream),
            Err(error) => failed = error,
        }
    }
    Err(failed)
}

/// Sends bytes over a new connection, and waits until the receiver has read all of them and closed it.
///
/// # Errors
///
/// If the receiver can't be reached, closes the connection with an error, or takes longer than `limit`.
pub(super) fn send_stream(
    host: &str,
    port: u16,
    bytes: Vec<u8>,
    limit: Duration,
) -> io::Result<()> {
    let (sender, receiver) = mpsc::channel();
    let host = host.to_owned();
    // Resolving a name has no limit of its own.
    thread::spawn(move || {
        let sent = connect(&host, port, limit).and_then(|mut stream| {
            stream.set_write_timeout(Some(limit))?;
            stream.set_read_timeout(Some(limit))?;
            stream.write_all(&bytes)?;
            stream.shutdown(Shutdown::Write)?;
            // Syslog has no response. If the receiver closes the connection in an orderly way, it has read everything.
            while stream.read(&mut [0; 256])? > 0 {}
            Ok(())
        });
        sender.send(sent)
    });
    receiver.recv_timeout(limit).unwrap_or_else(|_| {
        let why = format!("not received within {} ms", limit.as_millis());
        Err(io::Error::new(io::ErrorKind::TimedOut, why))
    })
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::net::TcpListener;

    const LIMIT: Duration = Duration::from_secs(20);

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
    fn receiver_that_never_closes_is_an_error() {
        let listener = TcpListener::bind("127.0.0.1:0").unwrap();
        let port = listener.local_addr().unwrap().port();
        let limit = Duration::from_millis(300);
        assert!(send_stream("127.0.0.1", port, b"x".to_vec(), limit).is_err());
    }

    #[test]
    fn unreachable_receiver_is_an_error() {
        let port = TcpListener::bind("127.0.0.1:0").unwrap().local_addr().unwrap().port();
        assert!(send_stream("127.0.0.1", port, b"x".to_vec(), LIMIT).is_err());
    }
}
