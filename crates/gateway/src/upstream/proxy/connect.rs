//! A tunnel through an HTTP proxy: `CONNECT host:port`.

use std::io;
use tokio::io::{AsyncRead, AsyncReadExt, AsyncWrite, AsyncWriteExt};

use super::Login;

/// More of a proxy's answer is not read.
const LONGEST_HEAD: usize = 8 * 1024;

/// Opens a tunnel.
pub(super) async fn open<S>(
    stream: &mut S,
    host: &str,
    port: u16,
    login: Option<&Login>,
) -> io::Result<()>
where
    S: AsyncRead + AsyncWrite + Unpin,
{
    let target =
        if host.contains(':') { format!("[{host}]:{port}") } else { format!("{host}:{port}") };
    let mut request = format!("CONNECT {target} HTTP/1.1\r\nHost: {target}\r\n");
    if let Some(login) = login {
        let pair = [login.user.as_str(), ":", login.password.expose()].concat();
        request.push_str("Proxy-Authorization: Basic ");
        request.push_str(&base64(pair.as_bytes()));
        request.push_str("\r\n");
    }
    request.push_str("\r\n");
    stream.write_all(request.as_bytes()).await?;
    stream.flush().await?;
    let head = head(stream).await?;
    let status = head.split(' ').nth(1).and_then(|code| code.parse::<u16>().ok());
    match status {
        Some(200..=299) if head.starts_with("HTTP/1.") => Ok(()),
        Some(407) => Err(io::Error::other("the proxy wants another user name or password")),
        Some(status) => Err(io::Error::other(format!("the proxy answered {status}"))),
        None => Err(io::Error::other("the proxy does not speak HTTP")),
    }
}

/// The answer's head, up to the empty line and not a byte beyond: what follows is the target's.
async fn head<S: AsyncRead + Unpin>(stream: &mut S) -> io::Result<String> {
    let mut head = Vec::with_capacity(256);
    while !head.ends_with(b"\r\n\r\n") {
        if head.len() >= LONGEST_HEAD {
            return Err(io::Error::other("the proxy's answer is too long"));
        }
        let mut byte = [0];
        stream.read_exact(&mut byte).await?;
        head.extend_from_slice(&byte);
    }
    Ok(String::from_utf8_lossy(&head).into_owned())
}

/// Base64 (RFC 4648, section 4), as Basic authentication wants it.
fn base64(bytes: &[u8]) -> String {
    const ALPHABET: &[u8; 64] = b"ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/";
    let mut text = String::with_capacity(bytes.len().div_ceil(3) * 4);
    for group in bytes.chunks(3) {
        let at = |index: usize| u32::from(group.get(index).copied().unwrap_or(0));
        let bits = (at(0) << 16) | (at(1) << 8) | at(2);
        for place in 0..4 {
            let index = usize::try_from((bits >> (18 - 6 * place)) & 63).unwrap_or(0);
            let digit = ALPHABET.get(index).copied().unwrap_or(b'A');
            text.push(if place > group.len() { '=' } else { char::from(digit) });
        }
    }
    text
}

#[cfg(test)]
mod tests {
    use super::*;
    use domain::secret::Secret;

    async fn through(answer: &'static str, login: Option<&Login>) -> (io::Result<()>, String) {
        let (mut ours, mut theirs) = tokio::io::duplex(4_096);
        let proxy = tokio::spawn(async move {
            let mut asked = Vec::new();
            while !asked.ends_with(b"\r\n\r\n") {
                asked.push(theirs.read_u8().await.unwrap());
            }
            theirs.write_all(answer.as_bytes()).await.unwrap();
            String::from_utf8(asked).unwrap()
        });
        let opened = open(&mut ours, "api.example", 443, login).await;
        (opened, proxy.await.unwrap())
    }

    #[tokio::test]
    async fn a_tunnel_is_asked_for_with_the_login() {
        let login = Login { user: "me".into(), password: Secret::new("pass".into()) };
        let (opened, asked) =
            through("HTTP/1.1 200 Connection established\r\n\r\n", Some(&login)).await;
        opened.unwrap();
        assert_eq!(
            asked,
            "CONNECT api.example:443 HTTP/1.1\r\nHost: api.example:443\r\nProxy-Authorization: Basic bWU6cGFzcw==\r\n\r\n"
        );
    }

    #[tokio::test]
    async fn a_refusal_is_told_without_the_proxys_words() {
        for (answer, told) in [
            ("HTTP/1.1 407 Who?\r\n\r\n", "wants another user name"),
            ("HTTP/1.1 403 No\r\nX: y\r\n\r\n", "answered 403"),
            ("SSH-2.0-x\r\n\r\n", "does not speak HTTP"),
            ("SSH 200 x\r\n\r\n", "answered 200"),
            ("HTTP/1.1 200 cut", "early eof"),
        ] {
            let (opened, _) = through(answer, None).await;
            let error = opened.unwrap_err().to_string();
            assert!(error.contains(told), "{answer:?}: {error}");
        }
    }

    #[test]
    fn base64_is_as_the_standard_shows_it() {
        for (text, coded) in [
            ("", ""),
            ("f", "Zg=="),
            ("fo", "Zm8="),
            ("foo", "Zm9v"),
            ("foob", "Zm9vYg=="),
            ("fooba", "Zm9vYmE="),
            ("foobar", "Zm9vYmFy"),
        ] {
            assert_eq!(base64(text.as_bytes()), coded);
        }
    }
}
