//! Sends HTTP requests with WinHTTP, the client of Windows, which uses the TLS, certificates, and proxies of Windows.
//!
//! Server certificates are always verified.

use std::ffi::c_void;
use std::io;
use std::ptr;
use std::sync::atomic::{AtomicU32, Ordering};
use std::sync::mpsc;
use std::thread;
use std::time::{Duration, Instant};

use windows_sys::Win32::Foundation::ERROR_INVALID_PARAMETER;
use windows_sys::Win32::Networking::WinHttp::{
    ERROR_WINHTTP_CANNOT_CONNECT, ERROR_WINHTTP_CONNECTION_ERROR,
    ERROR_WINHTTP_INVALID_SERVER_RESPONSE, ERROR_WINHTTP_NAME_NOT_RESOLVED,
    ERROR_WINHTTP_SECURE_CERT_CN_INVALID, ERROR_WINHTTP_SECURE_CERT_DATE_INVALID,
    ERROR_WINHTTP_SECURE_CERT_REVOKED, ERROR_WINHTTP_SECURE_CERT_WRONG_USAGE,
    ERROR_WINHTTP_SECURE_CHANNEL_ERROR, ERROR_WINHTTP_SECURE_FAILURE,
    ERROR_WINHTTP_SECURE_INVALID_CA, ERROR_WINHTTP_SECURE_INVALID_CERT, ERROR_WINHTTP_TIMEOUT,
    WINHTTP_ACCESS_TYPE_AUTOMATIC_PROXY, WINHTTP_ACCESS_TYPE_DEFAULT_PROXY,
    WINHTTP_ACCESS_TYPE_NO_PROXY, WINHTTP_AUTOLOGON_SECURITY_LEVEL_HIGH,
    WINHTTP_CALLBACK_FLAG_SECURE_FAILURE, WINHTTP_CALLBACK_STATUS_FLAG_CERT_CN_INVALID,
    WINHTTP_CALLBACK_STATUS_FLAG_CERT_DATE_INVALID, WINHTTP_CALLBACK_STATUS_FLAG_CERT_REVOKED,
    WINHTTP_CALLBACK_STATUS_FLAG_CERT_WRONG_USAGE, WINHTTP_CALLBACK_STATUS_FLAG_INVALID_CA,
    WINHTTP_CALLBACK_STATUS_FLAG_INVALID_CERT, WINHTTP_CALLBACK_STATUS_SECURE_FAILURE,
    WINHTTP_DISABLE_AUTHENTICATION, WINHTTP_DISABLE_COOKIES, WINHTTP_DISABLE_REDIRECTS,
    WINHTTP_ERROR_BASE, WINHTTP_ERROR_LAST, WINHTTP_FLAG_ESCAPE_DISABLE,
    WINHTTP_FLAG_ESCAPE_DISABLE_QUERY, WINHTTP_FLAG_SECURE, WINHTTP_FLAG_SECURE_PROTOCOL_TLS1_2,
    WINHTTP_FLAG_SECURE_PROTOCOL_TLS1_3, WINHTTP_OPTION_AUTOLOGON_POLICY,
    WINHTTP_OPTION_CLIENT_CERT_CONTEXT, WINHTTP_OPTION_DISABLE_FEATURE,
    WINHTTP_OPTION_SECURE_PROTOCOLS, WINHTTP_QUERY_FLAG_NUMBER, WINHTTP_QUERY_RETRY_AFTER,
    WINHTTP_QUERY_STATUS_CODE, WINHTTP_STATUS_CALLBACK,
};
use windows_sys::core::{BOOL, PCWSTR};

use super::library::calls;
use super::request::{HttpRequest, HttpResponse};
use super::text::wide;

type Raw = *mut c_void;

calls! {
    /// The functions of WinHTTP. Those that return a handle return null if they fail.
    WinHttp from "winhttp.dll" {
        open: unsafe extern "system" fn(PCWSTR, u32, PCWSTR, PCWSTR, u32) -> Raw = c"WinHttpOpen",
        close: unsafe extern "system" fn(Raw) -> BOOL = c"WinHttpCloseHandle",
        set_timeouts: unsafe extern "system" fn(Raw, i32, i32, i32, i32) -> BOOL =
            c"WinHttpSetTimeouts",
        set_option: unsafe extern "system" fn(Raw, u32, *const c_void, u32) -> BOOL =
            c"WinHttpSetOption",
        set_callback: unsafe extern "system" fn(
            Raw, WINHTTP_STATUS_CALLBACK, u32, usize,
        ) -> WINHTTP_STATUS_CALLBACK = c"WinHttpSetStatusCallback",
        connect: unsafe extern "system" fn(Raw, PCWSTR, u16, u32) -> Raw = c"WinHttpConnect",
        open_request: unsafe extern "system" fn(
            Raw, PCWSTR, PCWSTR, PCWSTR, PCWSTR, *const PCWSTR, u32,
        ) -> Raw = c"WinHttpOpenRequest",
        send: unsafe extern "system" fn(Raw, PCWSTR, u32, *const c_void, u32, u32, usize) -> BOOL =
            c"WinHttpSendRequest",
        receive: unsafe extern "system" fn(Raw, *mut c_void) -> BOOL = c"WinHttpReceiveResponse",
        query: unsafe extern "system" fn(Raw, u32, PCWSTR, *mut c_void, *mut u32, *mut u32) -> BOOL =
            c"WinHttpQueryHeaders",
        read: unsafe extern "system" fn(Raw, *mut c_void, u32, *mut u32) -> BOOL =
            c"WinHttpReadData",
    }
}

/// Sends a request, and reads the response.
///
/// Doesn't follow redirects, store cookies, or send the credentials of the user.
///
/// # Errors
///
/// If there's no response in time, or if the certificate of the server isn't trusted.
pub fn send_request(request: HttpRequest) -> io::Result<HttpResponse> {
    let (begin, whole) = (Instant::now(), request.whole);
    let (sender, receiver) = mpsc::channel();
    // WinHTTP has no limit for the total time, so a server that sends a few bytes at a time could block forever.
    thread::spawn(move || {
        let distrust = AtomicU32::new(0);
        if let Err(error) = exchange(&request, &distrust, |response| _ = sender.send(Ok(response)))
        {
            _ = sender.send(Err(explained(error, distrust.into_inner())));
        }
    });
    let response = receiver.recv_timeout(whole).unwrap_or_else(|_| {
        let why = format!("no response within {} ms", whole.as_millis());
        Err(io::Error::new(io::ErrorKind::TimedOut, why))
    })?;
    // Wait for the end of the response or an error in it. Neither changes what is returned.
    _ = receiver.recv_timeout(whole.saturating_sub(begin.elapsed()));
    Ok(response)
}

/// Sends the request, passes the head of the response to `report` as soon as it arrives, and reads the rest of the response.
///
/// Stores the problems of the server certificate in `distrust`, as flags of WinHTTP.
fn exchange(
    request: &HttpRequest,
    distrust: &AtomicU32,
    report: impl FnOnce(HttpResponse),
) -> io::Result<()> {
    let calls = WinHttp::load()?;
    let session = calls.session(request)?;
    let host = wide(&request.host)?;
    // SAFETY: the session is open, and `host` is NUL-terminated.
    let connection = unsafe { (calls.connect)(session.raw, host.as_ptr(), request.port, 0) };
    let connection = calls.handle(connection)?;
    let open = calls.request(&connection, request)?;
    calls.send(&open, request, distrust)?;
    // SAFETY: the request is open and was sent, and the second argument must be null.
    done(unsafe { (calls.receive)(open.raw, ptr::null_mut()) })?;
    report(HttpResponse {
        status: calls.status(&open)?,
        retry_after: calls.header(&open, WINHTTP_QUERY_RETRY_AFTER),
    });
    calls.read_on(&open, request.max_response)
}

impl WinHttp {
    fn session(&self, request: &HttpRequest) -> io::Result<Handle<'_>> {
        let agent = wide(request.agent)?;
        let open = |access| {
            // SAFETY: `agent` is NUL-terminated, and without a named proxy, both proxy arguments must be null.
            let session =
                unsafe { (self.open)(agent.as_ptr(), access, ptr::null(), ptr::null(), 0) };
            self.handle(session)
        };
        let session = if request.is_direct {
            open(WINHTTP_ACCESS_TYPE_NO_PROXY)?
        } else {
            match open(WINHTTP_ACCESS_TYPE_AUTOMATIC_PROXY) {
                // Before Windows 8.1, there are only the settings of `netsh winhttp`.
                Err(error) if is(&error, ERROR_INVALID_PARAMETER) => {
                    open(WINHTTP_ACCESS_TYPE_DEFAULT_PROXY)?
                }
                opened => opened?,
            }
        };
        let milliseconds =
            |time: Duration| i32::try_from(time.as_millis()).unwrap_or(i32::MAX).max(1);
        let (connect, whole) = (milliseconds(request.connect), milliseconds(request.whole));
        // SAFETY: the session is open, and the function takes no other pointer.
        done(unsafe { (self.set_timeouts)(session.raw, connect, connect, whole, whole) })?;
        if request.is_secure {
            let two = WINHTTP_FLAG_SECURE_PROTOCOL_TLS1_2;
            let three = WINHTTP_FLAG_SECURE_PROTOCOL_TLS1_3;
            // Windows 10 might not support TLS 1.3.
            self.set(&session, WINHTTP_OPTION_SECURE_PROTOCOLS, two | three)
                .or_else(|_| self.set(&session, WINHTTP_OPTION_SECURE_PROTOCOLS, two))?;
        }
        Ok(session)
    }

    fn request(&self, connection: &Handle<'_>, request: &HttpRequest) -> io::Result<Handle<'_>> {
        let (method, target) = (wide(&request.method)?, wide(&request.target)?);
        let secure = if request.is_secure { WINHTTP_FLAG_SECURE } else { 0 };
        let flags = secure | WINHTTP_FLAG_ESCAPE_DISABLE | WINHTTP_FLAG_ESCAPE_DISABLE_QUERY;
        let (method, target) = (method.as_ptr(), target.as_ptr());
        // SAFETY: the connection is open, both texts are NUL-terminated, and the other pointers can be null.
        let open = unsafe {
            let null = ptr::null();
            (self.open_request)(connection.raw, method, target, null, null, ptr::null(), flags)
        };
        let open = self.handle(open)?;
        let without =
            WINHTTP_DISABLE_REDIRECTS | WINHTTP_DISABLE_COOKIES | WINHTTP_DISABLE_AUTHENTICATION;
        self.set(&open, WINHTTP_OPTION_DISABLE_FEATURE, without)?;
        let never = WINHTTP_AUTOLOGON_SECURITY_LEVEL_HIGH;
        self.set(&open, WINHTTP_OPTION_AUTOLOGON_POLICY, never)?;
        if request.is_secure {
            let option = WINHTTP_OPTION_CLIENT_CERT_CONTEXT;
            // SAFETY: the request is open, and null with a length of 0 means no client certificate.
            done(unsafe { (self.set_option)(open.raw, option, ptr::null(), 0) })?;
        }
        Ok(open)
    }

    /// Sends the request. `distrust` outlives the handle, which is closed at the end of `exchange`.
    fn send(
        &self,
        open: &Handle<'_>,
        request: &HttpRequest,
        distrust: &AtomicU32,
    ) -> io::Result<()> {
        // SAFETY: the request is open, and `note` reads only the data that WinHTTP documents. If the call fails, only the reasons
        // for distrust are unknown.
        unsafe {
            (self.set_callback)(open.raw, Some(note), WINHTTP_CALLBACK_FLAG_SECURE_FAILURE, 0);
        }
        let header = |(name, value): &(String, String)| {
            // Another line would be another header.
            let is_line = !value.contains(char::is_control) && !name.contains(char::is_control);
            is_line.then(|| format!("{name}: {value}\r\n")).ok_or_else(|| {
                let why = "a header contains a control character";
                io::Error::new(io::ErrorKind::InvalidInput, why)
            })
        };
        let mut headers: String = request.headers.iter().map(header).collect::<io::Result<_>>()?;
        let body = request.content.as_ref().map_or(&[][..], |(_, body)| body);
        if let Some((kind, _)) = &request.content {
            headers.push_str(&header(&("content-type".to_owned(), kind.clone()))?);
        }
        let header = wide(headers)?;
        let units = u32::try_from(header.len() - 1).map_err(|_| too_long())?;
        let length = u32::try_from(body.len()).map_err(|_| too_long())?;
        let header = if units == 0 { ptr::null() } else { header.as_ptr() };
        let bytes = if length == 0 { ptr::null() } else { body.as_ptr().cast() };
        let context = ptr::from_ref(distrust).expose_provenance();
        // SAFETY: the request is open, header and body have the given lengths, and they and the target of `context` live until
        // the response arrives.
        done(unsafe { (self.send)(open.raw, header, units, bytes, length, length, context) })
    }

    fn status(&self, open: &Handle<'_>) -> io::Result<u16> {
        let what = WINHTTP_QUERY_STATUS_CODE | WINHTTP_QUERY_FLAG_NUMBER;
        let (mut status, mut length) = (0_u32, size_of::<u32>() as u32);
        // SAFETY: the response has arrived, the function writes a number of the given length, and the other pointers can be
        // null.
        done(unsafe {
            let status = (&raw mut status).cast();
            (self.query)(open.raw, what, ptr::null(), status, &mut length, ptr::null_mut())
        })?;
        u16::try_from(status).map_err(|_| io::Error::other("invalid HTTP response"))
    }

    /// Returns a header of the response; `None` if it's missing or too long.
    fn header(&self, open: &Handle<'_>, what: u32) -> Option<String> {
        let mut units = [0_u16; 64];
        let mut length = size_of_val(&units) as u32;
        // SAFETY: the response has arrived, the function writes at most `length` bytes, and the other pointers can be null.
        done(unsafe {
            let to = units.as_mut_ptr().cast();
            (self.query)(open.raw, what, ptr::null(), to, &mut length, ptr::null_mut())
        })
        .ok()?;
        // Without the NUL character, which isn't counted.
        let count = (length as usize / size_of::<u16>()).min(units.len());
        String::from_utf16(&units[..count]).ok()
    }

    /// Reads the rest of the response, up to `max` bytes. A server that is still writing when the connection closes could
    /// report an error.
    fn read_on(&self, open: &Handle<'_>, max: usize) -> io::Result<()> {
        let mut buffer = [0_u8; 4096];
        let mut count = 0;
        while count < max {
            let mut length = 0;
            // SAFETY: the response has arrived, and the function writes at most `buffer.len()` bytes.
            done(unsafe {
                let to = buffer.as_mut_ptr().cast();
                (self.read)(open.raw, to, buffer.len() as u32, &mut length)
            })?;
            if length == 0 {
                break;
            }
            count += length as usize;
        }
        Ok(())
    }

    fn set(&self, handle: &Handle<'_>, option: u32, value: u32) -> io::Result<()> {
        let length = size_of::<u32>() as u32;
        // SAFETY: the handle is open, and the function copies a number of the given length.
        done(unsafe { (self.set_option)(handle.raw, option, (&raw const value).cast(), length) })
    }

    fn handle(&self, raw: Raw) -> io::Result<Handle<'_>> {
        if raw.is_null() {
            return Err(io::Error::last_os_error());
        }
        Ok(Handle { raw, calls: self })
    }
}

/// A session, connection, or request. Closed on drop.
struct Handle<'c> {
    raw: Raw,
    calls: &'c WinHttp,
}

impl Drop for Handle<'_> {
    fn drop(&mut self) {
        // SAFETY: the handle is open, and nothing else refers to it.
        unsafe { (self.calls.close)(self.raw) };
    }
}

/// Stores the problems of a server certificate in the number at the address `context`.
unsafe extern "system" fn note(_: Raw, context: usize, what: u32, about: *mut c_void, length: u32) {
    let is_number = length as usize >= size_of::<u32>() && !about.is_null();
    if what == WINHTTP_CALLBACK_STATUS_SECURE_FAILURE && is_number && context != 0 {
        let distrust = ptr::with_exposed_provenance::<AtomicU32>(context);
        // SAFETY: the number outlives the handles, and with this status, WinHTTP passes flags of the given length.
        unsafe { (*distrust).fetch_or(about.cast::<u32>().read_unaligned(), Ordering::Relaxed) };
    }
}

fn done(result: BOOL) -> io::Result<()> {
    if result == 0 { Err(io::Error::last_os_error()) } else { Ok(()) }
}

fn is(error: &io::Error, code: u32) -> bool {
    error.raw_os_error() == Some(code.cast_signed())
}

fn too_long() -> io::Error {
    io::Error::new(io::ErrorKind::InvalidInput, "the request is too long")
}

/// Returns an error with a message. The texts that Windows has for WinHTTP errors are only in `winhttp.dll`.
fn explained(error: io::Error, distrust: u32) -> io::Error {
    const REASONS: [(u32, u32, &str); 6] = [
        (
            ERROR_WINHTTP_SECURE_INVALID_CA,
            WINHTTP_CALLBACK_STATUS_FLAG_INVALID_CA,
            "its issuer is unknown to this PC",
        ),
        (
            ERROR_WINHTTP_SECURE_CERT_CN_INVALID,
            WINHTTP_CALLBACK_STATUS_FLAG_CERT_CN_INVALID,
            "it was issued for another host",
        ),
        (
            ERROR_WINHTTP_SECURE_CERT_DATE_INVALID,
            WINHTTP_CALLBACK_STATUS_FLAG_CERT_DATE_INVALID,
            "it has expired or isn't valid yet",
        ),
        (
            ERROR_WINHTTP_SECURE_CERT_REVOKED,
            WINHTTP_CALLBACK_STATUS_FLAG_CERT_REVOKED,
            "it was revoked",
        ),
        (
            ERROR_WINHTTP_SECURE_CERT_WRONG_USAGE,
            WINHTTP_CALLBACK_STATUS_FLAG_CERT_WRONG_USAGE,
            "it isn't a server certificate",
        ),
        (
            ERROR_WINHTTP_SECURE_INVALID_CERT,
            WINHTTP_CALLBACK_STATUS_FLAG_INVALID_CERT,
            "it is corrupted",
        ),
    ];
    let code = error.raw_os_error().map_or(0, i32::cast_unsigned);
    let reasons: Vec<_> = REASONS
        .iter()
        .filter(|(alone, flag, _)| code == *alone || distrust & flag != 0)
        .map(|(_, _, reason)| *reason)
        .collect();
    if !reasons.is_empty() {
        let why = format!("the server certificate isn't trusted: {}", reasons.join(", "));
        return io::Error::new(io::ErrorKind::PermissionDenied, why);
    }
    let (kind, why) = match code {
        ERROR_WINHTTP_CANNOT_CONNECT => {
            (io::ErrorKind::ConnectionRefused, "can't connect to this host and port")
        }
        ERROR_WINHTTP_CONNECTION_ERROR => {
            (io::ErrorKind::ConnectionReset, "the connection was closed before a response arrived")
        }
        ERROR_WINHTTP_INVALID_SERVER_RESPONSE => {
            (io::ErrorKind::InvalidData, "invalid HTTP response")
        }
        ERROR_WINHTTP_NAME_NOT_RESOLVED => {
            (io::ErrorKind::NotFound, "the host has no known address")
        }
        ERROR_WINHTTP_SECURE_CHANNEL_ERROR | ERROR_WINHTTP_SECURE_FAILURE => (
            io::ErrorKind::Other,
            "can't establish a TLS connection, or the server certificate isn't trusted",
        ),
        ERROR_WINHTTP_TIMEOUT => (io::ErrorKind::TimedOut, "no response in time"),
        WINHTTP_ERROR_BASE..=WINHTTP_ERROR_LAST => {
            return io::Error::other(format!("the request failed with WinHTTP error {code}"));
        }
        _ => return error,
    };
    io::Error::new(kind, why)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[track_caller]
    fn check(code: u32, distrust: u32, expected: &str) {
        let error = io::Error::from_raw_os_error(code.cast_signed());
        assert_eq!(explained(error, distrust).to_string(), expected);
    }

    #[test]
    fn certificate_errors_name_the_reason() {
        let distrust = AtomicU32::new(0);
        let context = (&raw const distrust).expose_provenance();
        let mut flags = WINHTTP_CALLBACK_STATUS_FLAG_INVALID_CA;
        flags |= WINHTTP_CALLBACK_STATUS_FLAG_CERT_DATE_INVALID;
        let about = (&raw mut flags).cast();
        let failed = WINHTTP_CALLBACK_STATUS_SECURE_FAILURE;
        // SAFETY: `context` is the address of a live number, and `about` of one with the given length, or null.
        unsafe {
            note(ptr::null_mut(), context, failed, ptr::null_mut(), 4);
            note(ptr::null_mut(), context, failed, about, 0);
            note(ptr::null_mut(), context, failed << 1, about, 4);
            note(ptr::null_mut(), 0, failed, about, 4);
            assert_eq!(distrust.load(Ordering::Relaxed), 0);
            note(ptr::null_mut(), context, failed, about, 4);
        }
        check(
            ERROR_WINHTTP_SECURE_FAILURE,
            distrust.into_inner(),
            "the server certificate isn't trusted: its issuer is unknown to this PC, it has expired or isn't valid yet",
        );
        check(
            ERROR_WINHTTP_SECURE_CERT_CN_INVALID,
            0,
            "the server certificate isn't trusted: it was issued for another host",
        );
    }

    #[test]
    fn winhttp_errors_have_messages() {
        check(ERROR_WINHTTP_TIMEOUT, 0, "no response in time");
        check(WINHTTP_ERROR_BASE + 4, 0, "the request failed with WinHTTP error 12004");
        let other = io::Error::from_raw_os_error(5);
        check(5, 0, &other.to_string());
    }
}
