//! Requests over TLS: a server is believed only if somebody vouches for it whom this computer knows.

use std::io::{self, Read, Write};
use std::net::{SocketAddr, TcpListener};
use std::sync::Arc;
use std::thread::{self, JoinHandle};
use std::time::Duration;

use rcgen::{BasicConstraints, CertificateParams, CertifiedIssuer, DnType, IsCa, KeyPair};
use rustls::crypto::ring;
use rustls::pki_types::PrivateKeyDer;
use rustls::{ServerConfig, ServerConnection, Stream};

use crate::hook_run::{call_with, journal, wait_for};
use crate::runner::{Folder, utf16};

const PATIENCE: Duration = Duration::from_secs(60);

type Authority = CertifiedIssuer<'static, KeyPair>;

/// Makes an authority of this name.
fn authority(name: &str) -> Authority {
    let mut params = CertificateParams::new(Vec::new()).unwrap();
    params.distinguished_name.push(DnType::CommonName, name);
    params.is_ca = IsCa::Ca(BasicConstraints::Unconstrained);
    CertifiedIssuer::self_signed(params, KeyPair::generate().unwrap()).unwrap()
}

/// Serves one request, with a certificate for this name. Returns what was read of the request, or why nothing.
fn serve(by: &Authority, name: &str) -> (SocketAddr, JoinHandle<io::Result<String>>) {
    let key = KeyPair::generate().unwrap();
    let params = CertificateParams::new([name.to_owned()]).unwrap();
    let certificate = params.signed_by(&key, by).unwrap();
    let config = ServerConfig::builder_with_provider(Arc::new(ring::default_provider()))
        .with_safe_default_protocol_versions()
        .unwrap()
        .with_no_client_auth()
        .with_single_cert(
            vec![certificate.der().clone()],
            PrivateKeyDer::try_from(key.serialize_der()).unwrap(),
        )
        .unwrap();
    let listener = TcpListener::bind("127.0.0.1:0").unwrap();
    let address = listener.local_addr().unwrap();
    let server = thread::spawn(move || {
        let (mut tcp, _) = listener.accept().unwrap();
        tcp.set_read_timeout(Some(PATIENCE)).unwrap();
        let mut connection = ServerConnection::new(Arc::new(config)).unwrap();
        let mut stream = Stream::new(&mut connection, &mut tcp);
        let mut got = String::new();
        let mut buffer = [0; 4096];
        while !got.ends_with("\r\n\r\n") {
            match stream.read(&mut buffer)? {
                0 => return Err(io::ErrorKind::UnexpectedEof.into()),
                length => got.push_str(str::from_utf8(&buffer[..length]).unwrap()),
            }
        }
        stream.write_all(b"HTTP/1.1 204 No Content\r\nconnection: close\r\n\r\n")?;
        stream.conn.send_close_notify();
        stream.flush()?;
        Ok(got)
    });
    (address, server)
}

/// Sends a request to a server with a certificate for `name`, and one to nobody. Returns what the server read,
/// and the journal, in which the second one stands last. Where it can be told so, the program knows `known`.
#[track_caller]
fn request(known: &Authority, by: &Authority, name: &str) -> (io::Result<String>, String) {
    let (address, server) = serve(by, name);
    let folder = Folder::with(utf16(&format!(
        "[Settings]\r\n\
         OnIncomingCall=Http,GET,https://{address}/secret?n=%number%\r\n\
         OnIncomingCall.2=Nonsense\r\n"
    )));
    folder.write("known.pem", known.pem());
    let pem = folder.file("known.pem");
    call_with(&folder, &["100"], |command| _ = command.env("SSL_CERT_FILE", &pem)).code(0);
    let lines = wait_for(&folder, journal(), "OnIncomingCall.2");
    (server.join().unwrap(), lines)
}

#[test]
fn a_server_of_an_unknown_authority_learns_nothing() {
    let (got, lines) = request(&authority("known"), &authority("unknown"), "127.0.0.1");
    assert!(got.is_err(), "{got:?}");
    assert_eq!(lines.lines().count(), 2, "{lines}");
    // Windows says why it is not trusted, and Wine does not.
    let expected =
        if cfg!(windows) { "certificate is not trusted" } else { "certificate: UnknownIssuer" };
    assert!(lines.contains(expected), "{lines}");
}

/// On Windows, nothing but the computer itself can be told whom to know.
#[cfg(target_os = "linux")]
#[test]
fn a_server_of_a_known_authority_is_asked_by_its_own_name_only() {
    let known = authority("known");
    let (got, lines) = request(&known, &known, "127.0.0.1");
    assert!(got.unwrap().starts_with("GET /secret?n=100 HTTP/1.1\r\n"));
    assert_eq!(lines.lines().count(), 1, "{lines}");

    let (got, lines) = request(&known, &known, "elsewhere.example");
    assert!(got.is_err(), "{got:?}");
    assert!(lines.contains("certificate not valid for name"), "{lines}");
}
