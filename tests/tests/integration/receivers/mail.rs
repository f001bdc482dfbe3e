//! A mail server that keeps what it gets, and refuses first if the test says so.

use std::sync::{Arc, Mutex, PoisonError};

use base64::Engine;
use base64::engine::general_purpose::STANDARD;
use tokio::io::{AsyncBufReadExt, AsyncWriteExt, BufReader};
use tokio::net::{TcpListener, TcpStream};

/// A letter that came.
#[derive(Debug, Clone, Default)]
pub(crate) struct Letter {
    pub(crate) from: String,
    pub(crate) to: String,
    pub(crate) text: String,
}

impl Letter {
    /// The letter's content.
    pub(crate) fn content(&self) -> String {
        let (_, content) = self.text.split_once("\n\n").unwrap_or_default();
        let bytes = STANDARD.decode(content.replace('\n', "")).unwrap_or_default();
        String::from_utf8_lossy(&bytes).into_owned()
    }
}

/// A mail server on a port of its own.
pub(crate) struct MailServer {
    pub(crate) port: u16,
    letters: Arc<Mutex<Vec<Letter>>>,
}

impl MailServer {
    /// A server that refuses so many letters, and takes every further one.
    pub(crate) async fn start(refusals: usize) -> anyhow::Result<Self> {
        let listener = TcpListener::bind("127.0.0.1:0").await?;
        let port = listener.local_addr()?.port();
        let letters = Arc::new(Mutex::new(Vec::new()));
        let left = Arc::new(Mutex::new(refusals));
        let taken = Arc::clone(&letters);
        tokio::spawn(async move {
            while let Ok((stream, _)) = listener.accept().await {
                let (taken, left) = (Arc::clone(&taken), Arc::clone(&left));
                tokio::spawn(async move { converse(stream, &taken, &left).await });
            }
        });
        Ok(Self { port, letters })
    }

    /// Every letter that was taken.
    pub(crate) fn letters(&self) -> Vec<Letter> {
        self.letters.lock().unwrap_or_else(PoisonError::into_inner).clone()
    }
}

async fn converse(
    stream: TcpStream,
    letters: &Mutex<Vec<Letter>>,
    refusals: &Mutex<usize>,
) -> std::io::Result<()> {
    let mut stream = BufReader::new(stream);
    stream.write_all(b"220 mail.example.test\r\n").await?;
    let mut letter = Letter::default();
    loop {
        let mut line = String::new();
        if stream.read_line(&mut line).await? == 0 {
            return Ok(());
        }
        let address = || {
            let (_, rest) = line.split_once('<').unwrap_or_default();
            rest.split('>').next().unwrap_or_default().to_owned()
        };
        let answer = match line.get(..4).unwrap_or_default() {
            "EHLO" => "250-mail.example.test\r\n250 8BITMIME\r\n",
            "MAIL" => {
                letter = Letter { from: address(), ..Letter::default() };
                "250 ok\r\n"
            }
            "RCPT" => {
                letter.to = address();
                let mut left = refusals.lock().unwrap_or_else(PoisonError::into_inner);
                if *left > 0 {
                    *left -= 1;
                    "451 later\r\n"
                } else {
                    "250 ok\r\n"
                }
            }
            "DATA" => {
                stream.write_all(b"354 go on\r\n").await?;
                loop {
                    let mut line = String::new();
                    stream.read_line(&mut line).await?;
                    if line == ".\r\n" {
                        break;
                    }
                    letter.text.push_str(line.trim_end());
                    letter.text.push('\n');
                }
                letters.lock().unwrap_or_else(PoisonError::into_inner).push(letter.clone());
                "250 taken\r\n"
            }
            "QUIT" => "221 bye\r\n",
            _ => "500 what\r\n",
        };
        stream.write_all(answer.as_bytes()).await?;
    }
}
