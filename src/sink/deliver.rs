//! Sends the requests in the spool to a destination, the oldest first.

use std::hash::{BuildHasher, RandomState};
use std::sync::mpsc;
use std::time::{Duration, Instant};

use serde::Serialize;

use super::spool::{Entry, Spool};
use crate::error::CliError;
use crate::interrupt;

/// How long to wait before each retry. Later ones wait as long as the last one.
const WAITS: [Duration; 4] = [
    Duration::from_secs(1),
    Duration::from_secs(4),
    Duration::from_secs(16),
    Duration::from_secs(60),
];

/// The interval between two checks for Ctrl+C or a lock.
const POLL_INTERVAL: Duration = Duration::from_millis(100);

/// Why a request wasn't accepted.
#[derive(Debug)]
pub(crate) enum Failure {
    /// It might be accepted later.
    Temporary {
        reason: String,
        /// How long the server asks to wait.
        wait: Option<Duration>,
    },
    /// The server never accepts this request.
    Rejected(String),
    /// The server accepts no request in this way, for example because of the token.
    Refused(String),
}

/// How often to retry.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Retries {
    /// The maximum number of retries of a request.
    pub(crate) count: u32,
    /// How long to wait for another msipctl that sends to the same destination.
    pub(crate) lock_timeout: Duration,
}

/// What happened to a request.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize)]
#[serde(rename_all = "snake_case")]
pub(crate) enum State {
    /// The server accepted it.
    Sent,
    /// It waits in the spool.
    Spooled,
    /// The server rejected it, so it was moved.
    Rejected,
}

/// A request, and what happened to it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Delivered {
    pub(crate) source: String,
    pub(crate) state: State,
    pub(crate) reason: Option<String>,
    /// The path of a rejected request.
    pub(crate) kept_in: Option<String>,
}

/// Sends the requests for a destination, and passes each one to `each`.
///
/// After a failure that isn't about the request itself, the remaining ones stay in the spool untried.
///
/// # Errors
///
/// When the spool can't be read or written.
pub(crate) fn deliver(
    spool: &Spool,
    destination: &str,
    retries: Retries,
    send: &dyn Fn(&Entry) -> Result<(), Failure>,
    each: &mut dyn FnMut(Delivered),
) -> Result<(), CliError> {
    let begin = Instant::now();
    let lock = loop {
        match spool.lock(destination)? {
            None if begin.elapsed() < retries.lock_timeout && !interrupt::is_interrupted() => {
                pause(POLL_INTERVAL);
            }
            lock => break lock,
        }
    };
    let mut halt = lock.is_none().then(|| "another msipctl sends to this destination".to_owned());
    let mut seen: Vec<String> = Vec::new();
    loop {
        // Another msipctl may have added requests meanwhile, and relies on this one to send them.
        let mut names = spool.names(destination)?;
        names.retain(|name| !seen.contains(name));
        if names.is_empty() {
            return Ok(());
        }
        for name in names {
            let entry = spool.read(&name, destination);
            seen.push(name.clone());
            let Some(entry) = entry? else { continue };
            let source = entry.source().to_owned();
            let kept = |reason| Delivered {
                source: source.clone(),
                state: State::Spooled,
                reason: Some(reason),
                kept_in: None,
            };
            if let Some(reason) = &halt {
                each(kept(reason.clone()));
                continue;
            }
            each(match attempt(&entry, retries.count, send) {
                Ok(()) => {
                    spool.remove(&name)?;
                    Delivered { source, state: State::Sent, reason: None, kept_in: None }
                }
                Err(Failure::Rejected(reason)) => {
                    let kept_in = Some(spool.reject(&name, &entry)?);
                    Delivered { source, state: State::Rejected, reason: Some(reason), kept_in }
                }
                Err(Failure::Temporary { reason, .. } | Failure::Refused(reason)) => {
                    halt = Some(reason.clone());
                    kept(reason)
                }
            });
        }
    }
}

/// Sends a request, and retries after temporary failures.
fn attempt(
    entry: &Entry,
    retries: u32,
    send: &dyn Fn(&Entry) -> Result<(), Failure>,
) -> Result<(), Failure> {
    let mut number = 0;
    loop {
        match send(entry) {
            Err(Failure::Temporary { wait, .. })
                if number < retries && !interrupt::is_interrupted() =>
            {
                pause(wait.unwrap_or_else(|| jittered(waiting_time(number))));
                number += 1;
            }
            result => return result,
        }
    }
}

fn waiting_time(number: u32) -> Duration {
    let last = WAITS[WAITS.len() - 1];
    usize::try_from(number).ok().and_then(|number| WAITS.get(number)).copied().unwrap_or(last)
}

/// Returns up to a quarter more, so that many PCs don't retry at the same moment.
fn jittered(time: Duration) -> Duration {
    // The standard library seeds each hasher from the system.
    let random = RandomState::new().hash_one(()) % 1000;
    time + time.mul_f64(random as f64 / 4000.0)
}

/// Waits, but not after Ctrl+C.
fn pause(time: Duration) {
    let (_keep, never) = mpsc::channel::<()>();
    let begin = Instant::now();
    while begin.elapsed() < time && !interrupt::is_interrupted() {
        let _ = never.recv_timeout(POLL_INTERVAL.min(time.saturating_sub(begin.elapsed())));
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::cell::RefCell;

    const TO: &str = "http://a/";
    const RETRIES: Retries = Retries { count: 1, lock_timeout: Duration::from_millis(10) };

    fn spool(bodies: &[&str]) -> (tempfile::TempDir, Spool) {
        let folder = tempfile::tempdir().unwrap();
        let spool = Spool::open(&folder.path().join("spool")).unwrap();
        for body in bodies {
            spool.add(&Entry::new(TO, "POST", "text/plain", body, (*body).into())).unwrap();
        }
        (folder, spool)
    }

    /// Delivers with these results, one per try. Returns the states, and how often each body was tried.
    fn run(
        spool: &Spool,
        results: Vec<Result<(), Failure>>,
    ) -> (Vec<(String, State)>, Vec<String>) {
        let results = RefCell::new(results.into_iter());
        let tried = RefCell::new(Vec::new());
        let send = |entry: &Entry| {
            tried.borrow_mut().push(String::from_utf8(entry.body().to_vec()).unwrap());
            results.borrow_mut().next().unwrap()
        };
        let mut states = Vec::new();
        let each = &mut |it: Delivered| states.push((it.source, it.state));
        deliver(spool, TO, RETRIES, &send, each).unwrap();
        (states, tried.into_inner())
    }

    fn temporary() -> Result<(), Failure> {
        Err(Failure::Temporary { reason: "503".to_owned(), wait: Some(Duration::ZERO) })
    }

    #[test]
    fn requests_are_sent_once_and_removed() {
        let (_folder, spool) = spool(&["1", "2"]);
        let (states, tried) = run(&spool, vec![Ok(()), temporary(), Ok(())]);
        assert_eq!(states, [("1".to_owned(), State::Sent), ("2".to_owned(), State::Sent)]);
        assert_eq!(tried, ["1", "2", "2"]);
        assert!(spool.names(TO).unwrap().is_empty());
    }

    #[test]
    fn later_requests_wait_untried_after_the_last_retry() {
        let (_folder, spool) = spool(&["1", "2", "3"]);
        let (states, tried) = run(&spool, vec![Ok(()), temporary(), temporary()]);
        let states: Vec<_> = states.into_iter().map(|(_, state)| state).collect();
        assert_eq!(states, [State::Sent, State::Spooled, State::Spooled]);
        assert_eq!(tried, ["1", "2", "2"]);
        assert_eq!(spool.names(TO).unwrap().len(), 2);
    }

    #[test]
    fn rejected_request_does_not_block_later_ones() {
        let (_folder, spool) = spool(&["1", "2"]);
        let rejected = Err(Failure::Rejected("422".to_owned()));
        let (states, _) = run(&spool, vec![rejected, Ok(())]);
        assert_eq!(states, [("1".to_owned(), State::Rejected), ("2".to_owned(), State::Sent)]);
        assert!(spool.names(TO).unwrap().is_empty());
    }

    #[test]
    fn nothing_is_sent_while_another_program_sends() {
        let (_folder, spool) = spool(&["1"]);
        let lock = spool.lock(TO).unwrap();
        assert!(lock.is_some());
        let (states, tried) = run(&spool, Vec::new());
        assert_eq!((states, tried), (vec![("1".to_owned(), State::Spooled)], Vec::new()));
        drop(lock);
        let (states, _) = run(&spool, vec![Ok(())]);
        assert_eq!(states, [("1".to_owned(), State::Sent)]);
    }

    #[test]
    fn jitter_adds_at_most_a_quarter() {
        for number in 0..10 {
            let time = waiting_time(number);
            let longer = jittered(time);
            assert!(longer >= time && longer <= time.mul_f64(1.25), "{longer:?}");
        }
        assert_eq!(waiting_time(9), Duration::from_secs(60));
    }
}
