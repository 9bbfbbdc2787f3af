//! Requests of `Http`, which only Windows sends: what a server receives, and what becomes of its responses.

use std::io::{self, Read, Write};
use std::net::{SocketAddr, TcpListener, TcpStream};
use std::sync::{Arc, mpsc};
use std::thread::{self, JoinHandle};
use std::time::{Duration, Instant};

use rcgen::{BasicConstraints, CertificateParams, CertifiedIssuer, DnType, IsCa, KeyPair};
use rustls::crypto::ring;
use rustls::pki_types::PrivateKeyDer;
use rustls::{ServerConfig, ServerConnection, Stream};

use crate::hook_run::{CALLER, PATIENCE, call, datagram, finished, folder, journal, udp, wait_for};
use crate::invalid_output::read_xml;
use crate::runner::{Folder, started, utf16};

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

#[test]
fn server_with_an_untrusted_certificate_receives_no_request() {
    let (address, server) = serve(&authority("unknown"), "127.0.0.1");
    let folder = Folder::with(utf16(&format!(
        "[Settings]\r\n\
         OnIncomingCall=Http,GET,https://{address}/secret?n=%number%\r\n\
         OnIncomingCall.2=Nonsense\r\n"
    )));
    call(&folder, &["100"]).code(0);
    let lines = wait_for(&folder, journal(), "OnIncomingCall.2");
    let got = server.join().unwrap();
    assert!(got.is_err(), "{got:?}");
    assert_eq!(lines.lines().count(), 2, "{lines}");
    assert!(lines.contains("certificate isn't trusted"), "{lines}");
}

/// How long a request may take before it is given up.
const TOTAL_TIMEOUT: Duration = Duration::from_secs(10);

/// Reads a request up to this end.
fn request(stream: &mut TcpStream, end: &str) -> String {
    stream.set_read_timeout(Some(PATIENCE)).unwrap();
    let mut got = String::new();
    let mut buffer = [0; 4096];
    while !got.ends_with(end) {
        let length = finished(|| stream.read(&mut buffer));
        assert!(length > 0, "no whole request: {got}");
        got.push_str(str::from_utf8(&buffer[..length]).unwrap());
    }
    got
}

#[test]
fn hook_run_returns_while_a_server_is_slow() {
    let tcp = TcpListener::bind("127.0.0.1:0").unwrap();
    let to_tcp = tcp.local_addr().unwrap();
    let (is_gone, gone) = mpsc::channel();
    let server = thread::spawn(move || {
        let (mut stream, _) = tcp.accept().unwrap();
        let got = request(&mut stream, "}");
        // So slow that whoever waits for the work is still there.
        gone.recv_timeout(PATIENCE).unwrap();
        stream.write_all(b"HTTP/1.1 204 No Content\r\nconnection: close\r\n\r\n").unwrap();
        got
    });
    let folder = folder(&format!("OnIncomingCall=Http,POST,http://{to_tcp}/call?n=%number%\r\n"));

    let begin = Instant::now();
    let first = call(&folder, &[CALLER]).code(0);
    let took = begin.elapsed();
    is_gone.send(()).unwrap();
    assert!(took < TOTAL_TIMEOUT, "it waited for its work: {took:?}");
    assert_eq!((first.out(), first.err()), (String::new(), String::new()));

    let request = server.join().unwrap();
    let (head, body) = request.split_once("\r\n\r\n").unwrap();
    assert!(
        head.starts_with("POST /call?n=%2B49%2030%20%22x%22%20%26%20calc HTTP/1.1\r\n"),
        "{head}"
    );
    let has = |line: &str| head.lines().any(|found| found.eq_ignore_ascii_case(line));
    assert!(has(&format!("host: {to_tcp}")) && has("content-type: application/json"), "{head}");
    assert!(has(&format!("content-length: {}", body.len())), "{head}");
    let body: serde_json::Value = serde_json::from_str(body).unwrap();
    assert_eq!((&body["event"], &body["number"]), (&"incoming-call".into(), &CALLER.into()));
}

#[test]
fn http_error_responses_are_logged() {
    let tcp = TcpListener::bind("127.0.0.1:0").unwrap();
    let address = tcp.local_addr().unwrap();
    let server = thread::spawn(move || {
        for answer in [
            format!("302 Found\r\nlocation: http://{address}/elsewhere"),
            "500 Internal Server Error".to_owned(),
        ] {
            let (mut stream, _) = tcp.accept().unwrap();
            let got = request(&mut stream, "\r\n\r\n");
            assert!(got.starts_with("GET /here "), "{got}");
            write!(stream, "HTTP/1.1 {answer}\r\ncontent-length: 0\r\nconnection: close\r\n\r\n")
                .unwrap();
        }
    });
    let folder = folder(&format!(
        "OnIncomingCall=Http,GET,http://{address}/here\r\n\
         OnIncomingCall.2=Http,GET,http://{address}/here\r\n"
    ));
    call(&folder, &["100"]).code(0);
    let lines = wait_for(&folder, journal(), "OnIncomingCall.2");
    server.join().unwrap();
    let told = "the server responded with 302 Found; `Http` doesn't follow redirects";
    assert!(lines.contains(told), "{lines}");
    assert!(lines.contains("the server responded with 500 Internal Server Error"), "{lines}");
}

#[test]
fn request_times_out_when_the_server_never_responds() {
    let tcp = TcpListener::bind("127.0.0.1:0").unwrap();
    let to_tcp = tcp.local_addr().unwrap();
    let udp = udp();
    let folder = folder(&format!(
        "OnIncomingCall=Http,GET,http://{to_tcp}/\r\nOnIncomingCall.2=Udp,{},%number%\r\n",
        udp.local_addr().unwrap()
    ));
    let begin = Instant::now();
    call(&folder, &["100"]).code(0);
    assert_eq!(datagram(&udp), "100");
    let took = begin.elapsed();
    assert!(took >= TOTAL_TIMEOUT, "{took:?}");
    assert!(took < TOTAL_TIMEOUT * 3, "{took:?}");
    let lines = wait_for(&folder, journal(), "OnIncomingCall");
    assert_eq!(lines.lines().count(), 1, "{lines}");
    drop(tcp);
}

/// Callers that try to be more than a text.
const CALLERS: [&str; 6] = [
    "<b/>",
    "&amp;&#x3c;",
    "\"' x=\"1\"",
    "]]><x/><![CDATA[",
    "a\u{1b}[31m\u{9b}1m\r\n\u{202e}\u{ffff}b",
    "--><!--?>",
];

/// Lets msipctl run a directive for a caller, and returns head and body of the request that it sends.
fn requested(body: &str, caller: &str) -> (String, String) {
    let listener = TcpListener::bind("127.0.0.1:0").unwrap();
    let address = listener.local_addr().unwrap();
    let server = thread::spawn(move || {
        let (mut stream, _) = listener.accept().unwrap();
        stream.set_read_timeout(Some(Duration::from_secs(60))).unwrap();
        let (mut request, mut buffer) = (Vec::new(), [0; 4096]);
        loop {
            let length = stream.read(&mut buffer).unwrap();
            request.extend_from_slice(&buffer[..length]);
            let text = String::from_utf8(request.clone()).unwrap();
            if let Some((head, body)) = text.split_once("\r\n\r\n") {
                let head = head.to_ascii_lowercase();
                let wanted = head
                    .split("content-length: ")
                    .nth(1)
                    .unwrap()
                    .lines()
                    .next()
                    .unwrap()
                    .to_owned();
                if length == 0 || body.len() >= wanted.parse().unwrap() {
                    stream
                        .write_all(b"HTTP/1.1 204 No Content\r\nconnection: close\r\n\r\n")
                        .unwrap();
                    return (head, body.to_owned());
                }
            }
        }
    });
    let directive = format!("Http,POST,http://{address}/,{}", msipctl_core::event::field(body));
    let folder = Folder::with(utf16(&format!("[Settings]\r\nOnCallEnd={directive}\r\n")));
    let args = ["hook", "run", "--now", "--ini", "MicroSIP.ini", "call-end"];
    let mut command = folder.bare_command(&args);
    // On Windows a command line holds any of these as it is.
    std::os::windows::process::CommandExt::raw_arg(&mut command, caller);
    #[cfg(not(windows))]
    command.arg(caller);
    command.env("MSIPCTL_HOOK_LOG", folder.file("journal.ndjson"));
    assert!(started(|| command.status()).success());
    server.join().unwrap()
}

#[test]
fn caller_id_remains_text_when_the_body_is_xml() {
    let body = "<?xml version=\"1.0\"?><call event=\"%event%\" n='%number%'><n>%number%</n><![CDATA[%number%]]></call>";
    for caller in CALLERS {
        let (head, xml) = requested(body, caller);
        assert!(head.contains("content-type: text/xml; charset=utf-8"), "{head}");
        let texts = read_xml(&xml).concat();
        let clean = msipctl_core::event::clean(caller).replace('\u{ffff}', "");
        assert_eq!(texts, format!("call-end{clean}{clean}{clean}"), "{xml}");
    }
}

#[test]
fn caller_id_remains_text_when_the_body_is_a_form_or_json() {
    for caller in CALLERS {
        let clean = msipctl_core::event::clean(caller);
        let (head, form) = requested("a=%number%&b=1", caller);
        assert!(head.contains("content-type: application/x-www-form-urlencoded"), "{head}");
        assert_eq!(form, format!("a={}&b=1", msipctl_core::event::url_encoded(&clean)));
        let (head, json) = requested(r#"{"a":"%number%"}"#, caller);
        assert!(head.contains("content-type: application/json"), "{head}");
        let json: serde_json::Value = serde_json::from_str(&json).unwrap();
        assert_eq!(json, serde_json::json!({ "a": clean }));
    }
}
