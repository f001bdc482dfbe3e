//! The little of SMTP (RFC 5321) that handing one letter to a mail server takes.

use base64::Engine;
use base64::engine::general_purpose::STANDARD;
use domain::secret::Secret;
use tokio::io::{AsyncRead, AsyncReadExt, AsyncWrite, AsyncWriteExt};

/// Why a letter was not taken.
#[derive(Debug, thiserror::Error)]
pub(super) enum SmtpError {
    #[error("the mail server broke off: {0}")]
    Io(#[from] std::io::Error),
    #[error("the mail server answered {0} to {1}: {2}")]
    Refused(u16, &'static str, String),
    #[error("the mail server does not speak SMTP")]
    Foreign,
    #[error(
        "the mail server offers no STARTTLS; use smtps://, or smtp-plain:// for a relay of your own"
    )]
    NoTls,
}

/// More of an answer is not read.
const LONGEST_ANSWER: usize = 16 * 1024;

/// A conversation with a mail server.
pub(super) struct Conversation<S> {
    stream: S,
    buffer: Vec<u8>,
}

impl<S: AsyncRead + AsyncWrite + Unpin> Conversation<S> {
    pub(super) const fn new(stream: S) -> Self {
        Self { stream, buffer: Vec::new() }
    }

    /// The server's first words.
    pub(super) async fn greeting(&mut self) -> Result<(), SmtpError> {
        self.expect("the connection", 220).await.map(drop)
    }

    /// What the server can do.
    pub(super) async fn hello(&mut self) -> Result<String, SmtpError> {
        self.ask("EHLO", "EHLO tollkeeper.invalid\r\n", 250).await
    }

    /// Asks for encryption; what the server may have said in advance is not believed.
    pub(super) async fn start_tls(mut self) -> Result<S, SmtpError> {
        self.ask("STARTTLS", "STARTTLS\r\n", 220).await?;
        if self.buffer.is_empty() { Ok(self.stream) } else { Err(SmtpError::Foreign) }
    }

    pub(super) async fn log_in(&mut self, user: &str, password: &Secret) -> Result<(), SmtpError> {
        let login = STANDARD.encode(format!("\0{user}\0{}", password.expose()));
        self.ask("AUTH", &format!("AUTH PLAIN {login}\r\n"), 235).await.map(drop)
    }

    /// Hands a letter over.
    pub(super) async fn send(
        &mut self,
        from: &str,
        to: &str,
        letter: &str,
    ) -> Result<(), SmtpError> {
        self.ask("MAIL", &format!("MAIL FROM:<{from}>\r\n"), 250).await?;
        self.ask("RCPT", &format!("RCPT TO:<{to}>\r\n"), 250).await?;
        self.ask("DATA", "DATA\r\n", 354).await?;
        // No line of ours begins with a point: they are headers or Base64.
        self.ask("the letter", &format!("{letter}.\r\n"), 250).await?;
        // It is taken; how the server says goodbye changes nothing.
        let _ = self.stream.write_all(b"QUIT\r\n").await;
        let _ = self.stream.flush().await;
        Ok(())
    }

    async fn ask(
        &mut self,
        what: &'static str,
        line: &str,
        code: u16,
    ) -> Result<String, SmtpError> {
        self.stream.write_all(line.as_bytes()).await?;
        self.stream.flush().await?;
        self.expect(what, code).await
    }

    /// Reads one answer, of several lines perhaps.
    async fn expect(&mut self, what: &'static str, code: u16) -> Result<String, SmtpError> {
        let mut answer = String::new();
        loop {
            let line = self.line().await?;
            let number: u16 =
                line.get(..3).and_then(|digits| digits.parse().ok()).ok_or(SmtpError::Foreign)?;
            let text = line.get(4..).unwrap_or_default();
            answer.push_str(text);
            answer.push('\n');
            if line.as_bytes().get(3) == Some(&b'-') {
                continue;
            }
            if number == code {
                return Ok(answer);
            }
            let shown =
                answer.trim().chars().take(200).map(|it| if it.is_control() { ' ' } else { it });
            return Err(SmtpError::Refused(number, what, shown.collect()));
        }
    }

    async fn line(&mut self) -> Result<String, SmtpError> {
        loop {
            if let Some(end) = self.buffer.iter().position(|byte| *byte == b'\n') {
                let line: Vec<u8> = self.buffer.drain(..=end).collect();
                return Ok(String::from_utf8_lossy(&line).trim_end().to_owned());
            }
            if self.buffer.len() > LONGEST_ANSWER {
                return Err(SmtpError::Foreign);
            }
            if self.stream.read_buf(&mut self.buffer).await? == 0 {
                return Err(std::io::Error::from(std::io::ErrorKind::UnexpectedEof).into());
            }
        }
    }
}
