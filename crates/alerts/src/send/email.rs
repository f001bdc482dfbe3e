//! Letters, through the mail server of the settings.

use domain::id::DeliveryId;
use domain::secret::Secret;
use domain::time::UnixMillis;
use gateway::egress::{EgressError, EgressPolicy, dial};
use rustls::ClientConfig;
use rustls::pki_types::ServerName;
use std::sync::Arc;
use std::time::Duration;
use tokio_rustls::TlsConnector;

use super::smtp::{Conversation, SmtpError};
use super::{Tried, letter};

/// A mail server has so long for everything.
const PATIENCE: Duration = Duration::from_secs(30);
const CONNECT: Duration = Duration::from_secs(10);

/// How a conversation with the mail server is kept from others' eyes.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum MailSecurity {
    /// `smtps://`: from the first byte on.
    Tls,
    /// `smtp://`: after STARTTLS, without which nothing is sent.
    StartTls,
    /// `smtp-plain://`: not at all; for a relay of one's own, without a login.
    Plain,
}

/// How mail goes out.
#[derive(Clone)]
pub struct MailSettings {
    /// The mail server.
    pub host: String,
    /// Its port.
    pub port: u16,
    /// How the conversation is protected.
    pub security: MailSecurity,
    /// User name and password.
    pub login: Option<(String, Secret)>,
    /// The sender.
    pub from: String,
}

/// Whether a text can be an e-mail address that goes into an SMTP command as it is.
#[must_use]
pub fn is_address(text: &str) -> bool {
    let plain = |byte: u8| byte.is_ascii_alphanumeric() || b"!#$%&'*+-/=?^_`{|}~.".contains(&byte);
    let Some((user, host)) = text.rsplit_once('@') else { return false };
    let label = |label: &str| {
        !label.is_empty() && label.bytes().all(|b| b.is_ascii_alphanumeric() || b == b'-')
    };
    text.len() <= 254 && !user.is_empty() && user.bytes().all(plain) && host.split('.').all(label)
}

#[derive(Debug, thiserror::Error)]
enum MailError {
    #[error(transparent)]
    Egress(#[from] EgressError),
    #[error(transparent)]
    Smtp(#[from] SmtpError),
    #[error("no encrypted connection to the mail server: {0}")]
    Tls(#[source] std::io::Error),
    #[error("the mail server's name cannot be one in a certificate")]
    Name,
}

/// Sends a message once.
pub(crate) async fn send(
    settings: &MailSettings,
    egress: &EgressPolicy,
    tls: &ClientConfig,
    (id, to, body): (DeliveryId, &str, &str),
    now: UnixMillis,
) -> Tried {
    let date = now.to_timestamp().strftime("%a, %d %b %Y %H:%M:%S +0000").to_string();
    let letter = letter::of(body, &id.to_string(), &settings.from, to, &date);
    let sent = tokio::time::timeout(PATIENCE, hand_over(settings, egress, tls, to, &letter)).await;
    match sent {
        Ok(Ok(())) => Tried::arrived(250),
        Ok(Err(error)) => {
            let status = match &error {
                MailError::Smtp(SmtpError::Refused(status, ..)) => Some(*status),
                _ => None,
            };
            Tried::failed(status, error)
        }
        Err(_) => Tried::failed(None, format!("not taken within {} s", PATIENCE.as_secs())),
    }
}

async fn hand_over(
    settings: &MailSettings,
    egress: &EgressPolicy,
    tls: &ClientConfig,
    to: &str,
    letter: &str,
) -> Result<(), MailError> {
    let stream = dial(egress, &settings.host, settings.port, CONNECT).await?;
    let encrypt = async |stream| {
        // The roots of every way out, without the protocols of the web.
        let mut config = tls.clone();
        config.alpn_protocols.clear();
        let name = ServerName::try_from(settings.host.clone()).map_err(|_| MailError::Name)?;
        let connector = TlsConnector::from(Arc::new(config));
        connector.connect(name, stream).await.map_err(MailError::Tls)
    };
    match settings.security {
        MailSecurity::Plain => {
            let mut talk = Conversation::new(stream);
            talk.greeting().await?;
            talk.hello().await?;
            talk.send(&settings.from, to, letter).await?;
        }
        MailSecurity::Tls => {
            let mut talk = Conversation::new(encrypt(stream).await?);
            talk.greeting().await?;
            talk.hello().await?;
            log_in(settings, &mut talk).await?;
            talk.send(&settings.from, to, letter).await?;
        }
        MailSecurity::StartTls => {
            let mut talk = Conversation::new(stream);
            talk.greeting().await?;
            let offers = talk.hello().await?.to_ascii_uppercase();
            if !offers.lines().any(|line| line.trim() == "STARTTLS") {
                return Err(SmtpError::NoTls.into());
            }
            let mut talk = Conversation::new(encrypt(talk.start_tls().await?).await?);
            talk.hello().await?;
            log_in(settings, &mut talk).await?;
            talk.send(&settings.from, to, letter).await?;
        }
    }
    Ok(())
}

async fn log_in<S>(settings: &MailSettings, talk: &mut Conversation<S>) -> Result<(), SmtpError>
where
    S: tokio::io::AsyncRead + tokio::io::AsyncWrite + Unpin,
{
    match &settings.login {
        Some((user, password)) => talk.log_in(user, password).await,
        None => Ok(()),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_address_cannot_carry_a_command() {
        for text in ["a@example.com", "first.last+tag@mail.example.co", "a@localhost"] {
            assert!(is_address(text), "{text}");
        }
        for text in [
            "",
            "a",
            "a@",
            "@b",
            "a@b..c",
            "a b@c",
            "a@b\r\nRCPT TO:<x@y>",
            "a>@b",
            "a@b>",
            "ä@b",
            "a@b@c d",
        ] {
            assert!(!is_address(text), "{text}");
        }
    }
}
