//! Asks a venue for its metrics.

use std::path::{Path, PathBuf};
use std::time::Duration;

use super::look::Look;
use crate::exit::Failure;

/// How long a venue may take to answer.
const ANSWERS_WITHIN: Duration = Duration::from_secs(5);

/// Where metrics come from.
pub(super) struct Source {
    url: String,
    key_file: PathBuf,
    agent: ureq::Agent,
}

impl Source {
    /// `http://HOST:PORT`, and where the operator's key may be.
    pub(super) fn new(url: &str, key_file: &Path) -> Result<Self, Failure> {
        let url = url.trim_end_matches('/').trim_end_matches("/metrics").to_owned();
        if !url.starts_with("http://") {
            return Err(Failure::refused(format!("--url {url}: give http://HOST:PORT")));
        }
        let config =
            ureq::Agent::config_builder().http_status_as_error(false).timeout_global(Some(ANSWERS_WITHIN)).build();
        Ok(Self { url, key_file: key_file.to_owned(), agent: config.into() })
    }

    /// The venue.
    pub(super) fn url(&self) -> &str {
        &self.url
    }

    /// How things are now.
    pub(super) fn look(&self) -> Result<Look, Failure> {
        let mut request = self.agent.get(format!("{}/metrics", self.url));
        // Read each time: a venue that was started anew may have made another one.
        if let Ok(key) = std::fs::read_to_string(&self.key_file) {
            request = request.header("Authorization", format!("Bearer {}", key.trim()));
        }
        let answer = request.call();
        let mut answer =
            answer.map_err(|error| Failure::io(format!("{}: {error}; is the venue running?", self.url)))?;
        let status = answer.status().as_u16();
        let text = answer.body_mut().read_to_string().map_err(Failure::io)?;
        match status {
            200 => Ok(Look::read(&text)),
            401 | 403 => Err(Failure::refused(format!(
                "{}/metrics is the operator's: name the file with his key by --key-file (here {}), or the port of \
                 --metrics-listen by --url",
                self.url,
                self.key_file.display()
            ))),
            _ => Err(Failure::io(format!("{}/metrics: {status}: {text}", self.url))),
        }
    }
}
