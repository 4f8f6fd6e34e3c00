//! A server that takes mail.

use std::time::Duration;

use lettre::message::Mailbox;
use lettre::message::header::ContentType;
use lettre::transport::smtp::AsyncSmtpTransport;
use lettre::{AsyncTransport, Message, Tokio1Executor};

/// Longest time for one message.
const WITHIN: Duration = Duration::from_secs(20);

/// Why a message was not taken.
#[derive(Debug)]
pub enum MailError {
    /// The address of the server cannot be understood.
    Url(String),
    /// The sender or the recipient is no address.
    Address(String),
    /// The server did not take it.
    Refused(String),
}

impl std::fmt::Display for MailError {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        match self {
            MailError::Url(why) => write!(f, "the mail server's address cannot be understood: {why}"),
            MailError::Address(why) => write!(f, "not a mail address: {why}"),
            MailError::Refused(why) => write!(f, "the mail server did not take it: {why}"),
        }
    }
}

impl std::error::Error for MailError {}

/// A server, and who the mail is from.
pub struct Smtp {
    transport: AsyncSmtpTransport<Tokio1Executor>,
    from: Mailbox,
}

impl Smtp {
    /// `smtps://USER:PASSWORD@HOST` speaks TLS from the start, `smtp://HOST?tls=required` begins without it, and
    /// `smtp://HOST` never speaks it: that is for a server on the same machine.
    pub fn new(url: &str, from: &str) -> Result<Self, MailError> {
        // The library's own words may repeat the address, password and all.
        let transport = AsyncSmtpTransport::<Tokio1Executor>::from_url(url);
        let transport =
            transport.map_err(|_| MailError::Url("smtp:// or smtps:// and a host are needed".to_owned()))?;
        let from = from.parse().map_err(|_| MailError::Address(from.to_owned()))?;
        Ok(Self { transport: transport.timeout(Some(WITHIN)).build(), from })
    }

    pub(super) async fn send(&self, recipient: &str, subject: &str, text: String) -> Result<(), MailError> {
        let to = recipient.parse().map_err(|_| MailError::Address(recipient.to_owned()))?;
        let message = Message::builder().from(self.from.clone()).to(to).subject(subject);
        let message = message.header(ContentType::TEXT_PLAIN).body(text);
        let message = message.map_err(|error| MailError::Refused(error.to_string()))?;
        self.transport.send(message).await.map(drop).map_err(|error| MailError::Refused(error.to_string()))
    }
}
