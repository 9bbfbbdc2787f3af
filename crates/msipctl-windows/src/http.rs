//! Requests over HTTP by WinHTTP, the client that Windows keeps: its TLS, its certificates, its proxies.
//!
//! Servers' certificates are verified, and nothing here switches that off.

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
    WINHTTP_OPTION_SECURE_PROTOCOLS, WINHTTP_QUERY_FLAG_NUMBER, WINHTTP_QUERY_STATUS_CODE,
    WINHTTP_STATUS_CALLBACK,
};
use windows_sys::core::{BOOL, PCWSTR};

use super::library::calls;
use super::request::HttpRequest;
use super::text::wide;

type Raw = *mut c_void;

calls! {
    /// The calls of WinHTTP. Those that give a handle give null when they fail.
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

/// Sends a request, reads the answer, and returns its status. No redirect is followed, no cookie is kept, and
/// nobody is told who the user is.
///
/// # Errors
///
/// When there is no answer in time, or it comes from nobody who is trusted.
pub fn send_request(request: HttpRequest) -> io::Result<u16> {
    let (begin, whole) = (Instant::now(), request.whole);
    let (tell, told) = mpsc::channel();
    // A server that sends a little now and then would be waited for without end.
    thread::spawn(move || {
        let distrust = AtomicU32::new(0);
        if let Err(error) = exchange(&request, &distrust, |status| _ = tell.send(Ok(status))) {
            _ = tell.send(Err(explained(error, distrust.into_inner())));
        }
    });
    let status = told.recv_timeout(whole).unwrap_or_else(|_| {
        let why = format!("no answer within {} ms", whole.as_millis());
        Err(io::Error::new(io::ErrorKind::TimedOut, why))
    })?;
    // The end of the answer, or an error in it. Neither changes what the server said.
    _ = told.recv_timeout(whole.saturating_sub(begin.elapsed()));
    Ok(status)
}

/// Sends the request, tells the status as soon as it is there, and reads the rest of the answer. What is wrong
/// with the server's certificate will stand in `distrust`, as flags of WinHTTP.
fn exchange(request: &HttpRequest, distrust: &AtomicU32, tell: impl FnOnce(u16)) -> io::Result<()> {
    let calls = WinHttp::load()?;
    let session = calls.session(request)?;
    let host = wide(&request.host)?;
    // SAFETY: the session is open, and `host` has a zero at its end.
    let connection = unsafe { (calls.connect)(session.raw, host.as_ptr(), request.port, 0) };
    let connection = calls.handle(connection)?;
    let open = calls.request(&connection, request)?;
    calls.send(&open, request, distrust)?;
    // SAFETY: the request is open and was sent, and the second argument must be null.
    done(unsafe { (calls.receive)(open.raw, ptr::null_mut()) })?;
    tell(calls.status(&open)?);
    calls.read_on(&open, request.answer)
}

impl WinHttp {
    fn session(&self, request: &HttpRequest) -> io::Result<Handle<'_>> {
        let agent = wide(request.agent)?;
        let open = |access| {
            // SAFETY: `agent` has a zero at its end; without a named proxy, both names of it must be null.
            let session =
                unsafe { (self.open)(agent.as_ptr(), access, ptr::null(), ptr::null(), 0) };
            self.handle(session)
        };
        let session = if request.is_direct {
            open(WINHTTP_ACCESS_TYPE_NO_PROXY)?
        } else {
            match open(WINHTTP_ACCESS_TYPE_AUTOMATIC_PROXY) {
                // Before Windows 8.1 there is only what `netsh winhttp` wrote down.
                Err(error) if is(&error, ERROR_INVALID_PARAMETER) => {
                    open(WINHTTP_ACCESS_TYPE_DEFAULT_PROXY)?
                }
                opened => opened?,
            }
        };
        let milliseconds =
            |time: Duration| i32::try_from(time.as_millis()).unwrap_or(i32::MAX).max(1);
        let (connect, whole) = (milliseconds(request.connect), milliseconds(request.whole));
        // SAFETY: the session is open, and the call takes no other pointer.
        done(unsafe { (self.set_timeouts)(session.raw, connect, connect, whole, whole) })?;
        if request.is_secure {
            let two = WINHTTP_FLAG_SECURE_PROTOCOL_TLS1_2;
            let three = WINHTTP_FLAG_SECURE_PROTOCOL_TLS1_3;
            // Windows 10 may not know TLS 1.3.
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
        // SAFETY: the connection is open, both texts have zeros at their ends, and the others may be null.
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
            // SAFETY: the request is open; null and no bytes say that the user has no certificate.
            done(unsafe { (self.set_option)(open.raw, option, ptr::null(), 0) })?;
        }
        Ok(open)
    }

    /// Sends the request. `distrust` outlives the handle, which is closed by the end of `exchange`.
    fn send(
        &self,
        open: &Handle<'_>,
        request: &HttpRequest,
        distrust: &AtomicU32,
    ) -> io::Result<()> {
        // SAFETY: the request is open, and `note` looks only at what WinHTTP documents to be there. When
        // that fails, the reasons are not known, and nothing else is lost.
        unsafe {
            (self.set_callback)(open.raw, Some(note), WINHTTP_CALLBACK_FLAG_SECURE_FAILURE, 0);
        }
        let (header, body) = match &request.content {
            Some((kind, body)) => (wide(format!("content-type: {kind}\r\n"))?, body.as_slice()),
            None => (wide("")?, &[][..]),
        };
        let units = u32::try_from(header.len() - 1).map_err(|_| too_long())?;
        let length = u32::try_from(body.len()).map_err(|_| too_long())?;
        let header = if units == 0 { ptr::null() } else { header.as_ptr() };
        let bytes = if length == 0 { ptr::null() } else { body.as_ptr().cast() };
        let context = ptr::from_ref(distrust).expose_provenance();
        // SAFETY: the request is open; header and body are as long as is said, and live until the answer is
        // there, as does what `context` leads to.
        done(unsafe { (self.send)(open.raw, header, units, bytes, length, length, context) })
    }

    fn status(&self, open: &Handle<'_>) -> io::Result<u16> {
        let what = WINHTTP_QUERY_STATUS_CODE | WINHTTP_QUERY_FLAG_NUMBER;
        let (mut status, mut length) = (0_u32, size_of::<u32>() as u32);
        // SAFETY: the answer is there; the call fills a number of the length it is told; the others may be null.
        done(unsafe {
            let status = (&raw mut status).cast();
            (self.query)(open.raw, what, ptr::null(), status, &mut length, ptr::null_mut())
        })?;
        u16::try_from(status).map_err(|_| io::Error::other("the answer is not one of HTTP"))
    }

    /// Reads the rest of the answer, but no more than so many bytes. A server that is still writing when the
    /// connection closes may take it for an error.
    fn read_on(&self, open: &Handle<'_>, most: usize) -> io::Result<()> {
        let mut buffer = [0_u8; 4096];
        let mut count = 0;
        while count < most {
            let mut length = 0;
            // SAFETY: the answer is there, and the call writes at most as many bytes as there are.
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
        // SAFETY: the handle is open, and the call copies a number of the length it is told.
        done(unsafe { (self.set_option)(handle.raw, option, (&raw const value).cast(), length) })
    }

    fn handle(&self, raw: Raw) -> io::Result<Handle<'_>> {
        if raw.is_null() {
            return Err(io::Error::last_os_error());
        }
        Ok(Handle { raw, calls: self })
    }
}

/// A session, a connection or a request, which is closed when it is dropped.
struct Handle<'c> {
    raw: Raw,
    calls: &'c WinHttp,
}

impl Drop for Handle<'_> {
    fn drop(&mut self) {
        // SAFETY: the handle is open, and nobody has it any more.
        unsafe { (self.calls.close)(self.raw) };
    }
}

/// Notes what is wrong with a server's certificate in the number whose address `context` is.
unsafe extern "system" fn note(_: Raw, context: usize, what: u32, about: *mut c_void, length: u32) {
    let is_number = length as usize >= size_of::<u32>() && !about.is_null();
    if what == WINHTTP_CALLBACK_STATUS_SECURE_FAILURE && is_number && context != 0 {
        let distrust = ptr::with_exposed_provenance::<AtomicU32>(context);
        // SAFETY: the number outlives the handles, and with this status WinHTTP hands over flags, as long as
        // it says.
        unsafe { (*distrust).fetch_or(about.cast::<u32>().read_unaligned(), Ordering::Relaxed) };
    }
}

fn done(answer: BOOL) -> io::Result<()> {
    if answer == 0 { Err(io::Error::last_os_error()) } else { Ok(()) }
}

fn is(error: &io::Error, code: u32) -> bool {
    error.raw_os_error() == Some(code.cast_signed())
}

fn too_long() -> io::Error {
    io::Error::new(io::ErrorKind::InvalidInput, "the request is too long")
}

/// Says what an error means. Windows has no texts for those of WinHTTP outside `winhttp.dll`.
fn explained(error: io::Error, distrust: u32) -> io::Error {
    const REASONS: [(u32, u32, &str); 6] = [
        (
            ERROR_WINHTTP_SECURE_INVALID_CA,
            WINHTTP_CALLBACK_STATUS_FLAG_INVALID_CA,
            "it comes from an authority that this computer does not know",
        ),
        (
            ERROR_WINHTTP_SECURE_CERT_CN_INVALID,
            WINHTTP_CALLBACK_STATUS_FLAG_CERT_CN_INVALID,
            "it is for another host",
        ),
        (
            ERROR_WINHTTP_SECURE_CERT_DATE_INVALID,
            WINHTTP_CALLBACK_STATUS_FLAG_CERT_DATE_INVALID,
            "it has expired or is not valid yet",
        ),
        (
            ERROR_WINHTTP_SECURE_CERT_REVOKED,
            WINHTTP_CALLBACK_STATUS_FLAG_CERT_REVOKED,
            "it was revoked",
        ),
        (
            ERROR_WINHTTP_SECURE_CERT_WRONG_USAGE,
            WINHTTP_CALLBACK_STATUS_FLAG_CERT_WRONG_USAGE,
            "it is not one for servers",
        ),
        (
            ERROR_WINHTTP_SECURE_INVALID_CERT,
            WINHTTP_CALLBACK_STATUS_FLAG_INVALID_CERT,
            "it is broken",
        ),
    ];
    let code = error.raw_os_error().map_or(0, i32::cast_unsigned);
    let reasons: Vec<_> = REASONS
        .iter()
        .filter(|(alone, flag, _)| code == *alone || distrust & flag != 0)
        .map(|(_, _, reason)| *reason)
        .collect();
    if !reasons.is_empty() {
        let why = format!("the server's certificate is not trusted: {}", reasons.join(", "));
        return io::Error::new(io::ErrorKind::PermissionDenied, why);
    }
    let (kind, why) = match code {
        ERROR_WINHTTP_CANNOT_CONNECT => {
            (io::ErrorKind::ConnectionRefused, "there is no connection to this host and port")
        }
        ERROR_WINHTTP_CONNECTION_ERROR => {
            (io::ErrorKind::ConnectionReset, "the connection ended before there was an answer")
        }
        ERROR_WINHTTP_INVALID_SERVER_RESPONSE => {
            (io::ErrorKind::InvalidData, "the answer is not one of HTTP")
        }
        ERROR_WINHTTP_NAME_NOT_RESOLVED => {
            (io::ErrorKind::NotFound, "no address is known for this host")
        }
        ERROR_WINHTTP_SECURE_CHANNEL_ERROR | ERROR_WINHTTP_SECURE_FAILURE => (
            io::ErrorKind::Other,
            "there is no TLS connection to this server, or its certificate is not trusted",
        ),
        ERROR_WINHTTP_TIMEOUT => (io::ErrorKind::TimedOut, "no answer in time"),
        WINHTTP_ERROR_BASE..=WINHTTP_ERROR_LAST => {
            return io::Error::other(format!("the request failed with error {code} of WinHTTP"));
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
        // SAFETY: `context` is the address of a live number, `about` of one as long as is said, or null.
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
            "the server's certificate is not trusted: it comes from an authority that this computer \
             does not know, it has expired or is not valid yet",
        );
        check(
            ERROR_WINHTTP_SECURE_CERT_CN_INVALID,
            0,
            "the server's certificate is not trusted: it is for another host",
        );
    }

    #[test]
    fn winhttp_errors_have_messages() {
        check(ERROR_WINHTTP_TIMEOUT, 0, "no answer in time");
        check(WINHTTP_ERROR_BASE + 4, 0, "the request failed with error 12004 of WinHTTP");
        let other = io::Error::from_raw_os_error(5);
        check(5, 0, &other.to_string());
    }
}
