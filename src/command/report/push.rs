//! `report push`: sends reports to a server, and keeps what it can't send.

use std::path::{Path, PathBuf};
use std::time::Duration;

use clap::{Args, ValueEnum};
use serde::Deserialize;

use crate::error::CliError;
use crate::exit::Exit;
use crate::interrupt;
use crate::output::{Output, PushReport, PushState, PushedRow};
use crate::sink::{
    Delivered, Entry, Limits, Retries, Spool, State, Token, Url, deliver, send, spool_folder,
};
use msipctl_core::store::{self, Input};

const EXAMPLES: &str = "\
Examples:
  # Send the report of this PC
  msipctl report push https://reports.example.com/microsip desk-0412-ann.json --token-file token.txt
  # Upload all reports in a folder, each with its own name
  msipctl report push https://files.example.com/reports/ C:\\Reports --token-file token.txt
  # Send what earlier runs couldn't send
  msipctl report push https://reports.example.com/microsip --token-file token.txt";

/// Send reports to a server
///
/// First stores each report in a spool on disk, and then sends it. msipctl removes a report from the spool when the server has
/// accepted it, so a killed run or an unreachable server loses nothing. Each run also sends what earlier runs couldn't send to
/// the same URL, the oldest first. A server can receive a report more than once: the header `Idempotency-Key` is the same each
/// time.
///
/// Retries after network errors and the status codes 408, 425, 429, and 5xx. Waits 1, 4, 16, and then 60 s, or as long as the
/// server asks for in `Retry-After`, up to 300 s. If the server rejects a report (400, 404, 405, 409, 413, 415, or 422), msipctl
/// moves it to the folder `rejected` in the spool. Doesn't follow redirects.
///
/// Sends HTTPS requests only on Windows, with the certificates and proxies of Windows. Exits with 0 if all reports were sent,
/// with 4 if some were, and with 2 if none was.
#[derive(Debug, Args)]
#[command(after_help = EXAMPLES)]
pub(crate) struct Push {
    /// URL of the server
    ///
    /// If its path ends with `/`, each report is uploaded below it under its file name.
    #[arg(value_name = "URL", value_parser = Url::parse)]
    url: Url,

    /// JSON report, or folder of reports (*.json)
    #[arg(value_name = "FILE|DIR")]
    reports: Vec<PathBuf>,

    /// File with a token for the server, in one line
    ///
    /// Sent as `Authorization: Bearer TOKEN`. msipctl doesn't store the token in the spool.
    #[arg(long, value_name = "FILE")]
    token_file: Option<PathBuf>,

    /// HTTP method [default: put if the URL ends with `/`, otherwise post]
    #[arg(long, value_enum, value_name = "METHOD")]
    method: Option<Method>,

    /// Maximum number of retries per report
    #[arg(long, value_name = "N", default_value_t = 4)]
    retries: u32,

    /// Time limit for a request, including the response
    #[arg(long, value_name = "SECONDS", default_value_t = 30, value_parser = clap::value_parser!(u64).range(1..=3600))]
    timeout: u64,

    /// Folder for reports that wait [default: `spool` in the folder of msipctl's local data]
    #[arg(long, value_name = "DIR", hide_short_help = true)]
    spool: Option<PathBuf>,

    /// Send the token unencrypted to another computer
    ///
    /// Everyone on the network path can read it.
    #[arg(long, hide_short_help = true)]
    allow_plain_http: bool,
}

/// An HTTP method, as typed.
#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum)]
enum Method {
    /// Upload as a file
    Put,
    /// Submit to a service
    Post,
}

/// The fields by which a report is recognized.
#[derive(Deserialize)]
struct Head {
    #[expect(dead_code, reason = "only its presence matters")]
    schema_version: u32,
    tool: String,
}

impl Push {
    pub(super) fn run(self, out: &mut Output) -> Result<Exit, CliError> {
        self.check_url()?;
        let token = self.token(out)?;
        let paths = self.paths()?;
        let folder = self.spool.clone().or_else(spool_folder);
        let folder = folder.ok_or_else(|| {
            CliError::usage("no folder for reports that wait").hint("pass `--spool DIR`")
        })?;
        let spool = Spool::open(&folder)?;
        let mut report = PushReport::default();
        for path in &paths {
            if let Err(error) = self.add(&spool, path) {
                out.error(&error);
                let (report_path, reason) = (path.display().to_string(), error.without_path());
                let state = PushState::Failed;
                let row =
                    PushedRow { report: report_path, state, reason: Some(reason), kept_in: None };
                out.row(&mut report, row);
            }
        }
        // Waiting ends early, and the reports stay in the spool.
        interrupt::stop_by_interrupt();
        let timeout = Duration::from_secs(self.timeout);
        let limits = Limits { token: token.as_ref(), timeout };
        let retries = Retries { count: self.retries, lock_timeout: timeout };
        let send = |entry: &Entry| send(&self.url, entry, &limits);
        let each = &mut |delivered: Delivered| {
            let Delivered { source, state, reason, kept_in } = delivered;
            let state = match state {
                State::Sent => PushState::Sent,
                State::Spooled => PushState::Spooled,
                State::Rejected => PushState::Rejected,
            };
            out.row(&mut report, PushedRow { report: source, state, reason, kept_in });
        };
        deliver(&spool, self.url.text(), retries, &send, each)?;
        out.end(&report);
        if report.spooled() > 0 {
            out.note(&format!(
                "to send what is in the spool, run `msipctl report push {}` again",
                self.url
            ));
        }
        Ok(match report.sent() {
            _ if interrupt::is_interrupted() && report.spooled() > 0 => Exit::Interrupted,
            sent if sent == report.reports() => Exit::Success,
            0 => Exit::Error,
            _ => Exit::Partial,
        })
    }

    /// Checks that this system can send to the URL.
    fn check_url(&self) -> Result<(), CliError> {
        if cfg!(windows) || !self.url.is_secure() {
            return Ok(());
        }
        let token = match &self.token_file {
            Some(_) => " -H \"Authorization: Bearer $(cat TOKEN_FILE)\"",
            None => "",
        };
        // A quote in the URL would end the argument.
        let url = self.url.to_string().replace('\'', "%27");
        let (how, url) = match self.method() {
            "PUT" if self.url.is_folder() => ("-T FILE", format!("{url}FILE")),
            "PUT" => ("-T FILE", url),
            _ => ("-H 'Content-Type: application/json' --data-binary @FILE", url),
        };
        let error = CliError::usage("msipctl sends HTTPS requests only on Windows");
        Err(error.hint(format!(
            "run `curl --fail --retry 4{token} {how} '{url}'`, or use a proxy on this computer with `http://`"
        )))
    }

    fn token(&self, out: &mut Output) -> Result<Option<Token>, CliError> {
        let Some(path) = &self.token_file else { return Ok(None) };
        if !self.url.is_confidential() && !self.allow_plain_http {
            let error = CliError::usage(
                "the token would be sent unencrypted, so others on the network could read it",
            );
            return Err(error.hint("use an `https://` URL, or pass `--allow-plain-http`"));
        }
        let bytes = store::read_as(path, Input::Secret)?.into_bytes();
        if store::readable_by_others(path) == Some(true) {
            let what = "other users can read the token";
            out.warning(&format!("{}: {what}; restrict access to the file", path.display()));
        }
        let token = Token::parse(bytes).ok_or_else(|| {
            let message = "invalid token: expected one line of ASCII characters without spaces";
            CliError::usage(message).at(path)
        })?;
        Ok(Some(token))
    }

    /// Returns the reports: the files, and those in folders.
    fn paths(&self) -> Result<Vec<PathBuf>, CliError> {
        let mut paths = Vec::new();
        for path in &self.reports {
            if !store::is_folder(path) {
                paths.push(path.clone());
                continue;
            }
            let found = store::list(path, "json")?;
            if found.is_empty() {
                let error = CliError::usage("no reports (*.json) in this folder").at(path);
                return Err(error.hint("write reports into it with `msipctl audit -o`"));
            }
            paths.extend(found);
        }
        Ok(paths)
    }

    fn method(&self) -> &'static str {
        match self.method {
            Some(Method::Put) => "PUT",
            Some(Method::Post) => "POST",
            None if self.url.is_folder() => "PUT",
            None => "POST",
        }
    }

    /// Adds a report to the spool.
    fn add(&self, spool: &Spool, path: &Path) -> Result<(), CliError> {
        let body = store::read_as(path, Input::Report)?.into_bytes();
        let is_report = serde_json::from_slice::<Head>(&body)
            .is_ok_and(|head| head.tool.starts_with("msipctl "));
        // Any other file could contain secrets.
        if !is_report {
            let error = CliError::usage("not a report of msipctl").at(path);
            return Err(error.hint("create reports with `msipctl audit --format json`"));
        }
        let name = path.file_name().unwrap_or_default().to_string_lossy();
        let source = path.display().to_string();
        let entry = Entry::new(self.url.text(), self.method(), "application/json", &source, body);
        spool.add(&if self.url.is_folder() { entry.named(&name) } else { entry })
    }
}
