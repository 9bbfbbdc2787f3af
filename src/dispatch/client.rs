//! The client that sends an Http request.
//!
//! On Windows there is none yet: what ureq brings would be loaded with every start of msipctl, and double
//! the time for it.

use super::Outcome;

/// Sends a request and reads the answer. No redirect is followed.
#[cfg(windows)]
pub(super) fn send(_method: &str, _url: &str, _content: Option<(&str, String)>) -> Outcome {
    Err("Http is not built for Windows yet".to_owned())
}

#[cfg(not(windows))]
pub(super) use elsewhere::send;

#[cfg(not(windows))]
mod elsewhere {
    use std::io::{self, Read};
    use std::time::Duration;

    use ureq::Agent;
    use ureq::http::Request;
    use ureq::tls::{RootCerts, TlsConfig};

    use super::Outcome;

    /// How long a connection may take.
    const CONNECT: Duration = Duration::from_secs(5);

    /// How long everything together may take.
    const WHOLE: Duration = Duration::from_secs(10);

    /// The most bytes of an answer that are read.
    const ANSWER: u64 = 64 * 1024;

    /// Sends a request and reads the answer. No redirect is followed.
    pub(in crate::dispatch) fn send(
        method: &str,
        url: &str,
        content: Option<(&str, String)>,
    ) -> Outcome {
        let request = Request::builder().method(method).uri(url);
        let failed = |error: ureq::http::Error| error.to_string();
        let agent = agent();
        let answer = match content {
            Some((kind, body)) => {
                agent.run(request.header("content-type", kind).body(body).map_err(failed)?)
            }
            None => agent.run(request.body(()).map_err(failed)?),
        };
        let mut answer = answer.map_err(|error| error.to_string())?;
        // A server that is still writing when the connection closes may take it for an error.
        let _ = io::copy(&mut answer.body_mut().as_reader().take(ANSWER), &mut io::sink());
        match answer.status() {
            status if status.is_success() => Ok(None),
            status if status.is_redirection() => {
                Err(format!("the server answered {status}, and redirects are not followed"))
            }
            status => Err(format!("the server answered {status}")),
        }
    }

    fn agent() -> Agent {
        // Fails if there is one already, which is the same.
        let _ = rustls::crypto::ring::default_provider().install_default();
        let tls = TlsConfig::builder().root_certs(RootCerts::PlatformVerifier).build();
        let config = Agent::config_builder()
            .tls_config(tls)
            .timeout_connect(Some(CONNECT))
            .timeout_global(Some(WHOLE))
            .max_redirects(0)
            .max_redirects_will_error(false)
            .http_status_as_error(false)
            .user_agent(concat!("msipctl/", env!("CARGO_PKG_VERSION")))
            .build();
        Agent::new_with_config(config)
    }
}
