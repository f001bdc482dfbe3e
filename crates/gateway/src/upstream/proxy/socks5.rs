//! A tunnel through a SOCKS5 proxy, which resolves the target's name itself.

use std::io;
use std::net::IpAddr;
use tokio::io::{AsyncRead, AsyncReadExt, AsyncWrite, AsyncWriteExt};

use super::Login;

const VERSION: u8 = 5;
const NO_LOGIN: u8 = 0;
const PASSWORD: u8 = 2;

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
    let method = if login.is_some() { PASSWORD } else { NO_LOGIN };
    stream.write_all(&[VERSION, 1, method]).await?;
    stream.flush().await?;
    let chosen = answer::<2, S>(stream).await?;
    match (chosen, login) {
        ([VERSION, NO_LOGIN], None) => {}
        ([VERSION, PASSWORD], Some(login)) => log_in(stream, login).await?,
        ([VERSION, _], _) => {
            return Err(io::Error::other("the proxy wants another way of logging in"));
        }
        _ => return Err(io::Error::other("the proxy does not speak SOCKS5")),
    }
    stream.write_all(&request(host, port)?).await?;
    stream.flush().await?;
    let [version, reply, _, kind] = answer::<4, S>(stream).await?;
    if version != VERSION {
        return Err(io::Error::other("the proxy does not speak SOCKS5"));
    }
    if reply != 0 {
        return Err(io::Error::other(format!("the proxy said: {}", meaning(reply))));
    }
    // Where the proxy is bound to does not matter, but has to be read.
    let length = match kind {
        1 => 4,
        4 => 16,
        3 => usize::from(stream.read_u8().await?),
        _ => return Err(io::Error::other("the proxy does not speak SOCKS5")),
    };
    let mut bound = vec![0; length + 2];
    stream.read_exact(&mut bound).await.map(|_| ())
}

/// Name and password (RFC 1929).
async fn log_in<S>(stream: &mut S, login: &Login) -> io::Result<()>
where
    S: AsyncRead + AsyncWrite + Unpin,
{
    let (user, password) = (login.user.as_bytes(), login.password.expose().as_bytes());
    let mut message = vec![1, length(user)?];
    message.extend_from_slice(user);
    message.push(length(password)?);
    message.extend_from_slice(password);
    stream.write_all(&message).await?;
    stream.flush().await?;
    match answer::<2, S>(stream).await? {
        [_, 0] => Ok(()),
        _ => Err(io::Error::other("the proxy wants another user name or password")),
    }
}

/// `CONNECT` to an address, or to a name that the proxy resolves.
fn request(host: &str, port: u16) -> io::Result<Vec<u8>> {
    let mut message = vec![VERSION, 1, 0];
    match host.parse::<IpAddr>() {
        Ok(IpAddr::V4(address)) => {
            message.push(1);
            message.extend_from_slice(&address.octets());
        }
        Ok(IpAddr::V6(address)) => {
            message.push(4);
            message.extend_from_slice(&address.octets());
        }
        Err(_) => {
            message.extend_from_slice(&[3, length(host.as_bytes())?]);
            message.extend_from_slice(host.as_bytes());
        }
    }
    message.extend_from_slice(&port.to_be_bytes());
    Ok(message)
}

fn length(bytes: &[u8]) -> io::Result<u8> {
    u8::try_from(bytes.len())
        .map_err(|_| io::Error::other("a name is longer than SOCKS5 can carry"))
}

async fn answer<const N: usize, S: AsyncRead + Unpin>(stream: &mut S) -> io::Result<[u8; N]> {
    let mut bytes = [0; N];
    stream.read_exact(&mut bytes).await?;
    Ok(bytes)
}

const fn meaning(reply: u8) -> &'static str {
    match reply {
        2 => "not allowed by its rules",
        3 => "network unreachable",
        4 => "host unreachable",
        5 => "connection refused",
        6 => "it took too long",
        7 | 8 => "not supported",
        _ => "general failure",
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use domain::secret::Secret;

    /// What is written, and how it ends, when the proxy answers with these bytes.
    async fn through(answers: &'static [u8], login: Option<&Login>) -> (io::Result<()>, Vec<u8>) {
        let (mut ours, mut theirs) = tokio::io::duplex(4_096);
        theirs.write_all(answers).await.unwrap();
        theirs.shutdown().await.unwrap();
        let opened = open(&mut ours, "api.example", 443, login).await;
        drop(ours);
        let mut asked = Vec::new();
        theirs.read_to_end(&mut asked).await.unwrap();
        (opened, asked)
    }

    #[tokio::test]
    async fn the_name_is_resolved_at_the_proxy() {
        let (opened, asked) = through(&[5, 0, 5, 0, 0, 1, 1, 2, 3, 4, 0, 80], None).await;
        opened.unwrap();
        let expected = [&[5, 1, 0, 5, 1, 0, 3, 11][..], b"api.example", &[1, 187]].concat();
        assert_eq!(asked, expected);
    }

    #[tokio::test]
    async fn a_login_is_sent_where_one_is_set() {
        let login = Login { user: "me".into(), password: Secret::new("pass".into()) };
        let answers = &[5, 2, 1, 0, 5, 0, 0, 3, 2, b'a', b'b', 0, 80];
        let (opened, asked) = through(answers, Some(&login)).await;
        opened.unwrap();
        assert!(asked.starts_with(b"\x05\x01\x02\x01\x02me\x04pass\x05"), "{asked:?}");
        let (refused, _) = through(&[5, 2, 1, 1], Some(&login)).await;
        assert!(refused.unwrap_err().to_string().contains("user name or password"));
    }

    #[tokio::test]
    async fn refusals_are_told() {
        for (answers, told) in [
            (&[5_u8, 255][..], "another way of logging in"),
            (&[4, 0], "does not speak"),
            (&[5, 0, 5, 5, 0, 1], "connection refused"),
            (&[5, 0, 5, 0, 0, 9], "does not speak"),
            (&[5], "early eof"),
        ] {
            let answers: &'static [u8] = answers.to_vec().leak();
            let (opened, _) = through(answers, None).await;
            assert!(opened.unwrap_err().to_string().contains(told), "{answers:?}");
        }
    }

    #[test]
    fn addresses_are_sent_as_such() {
        assert_eq!(request("1.2.3.4", 1).unwrap(), [5, 1, 0, 1, 1, 2, 3, 4, 0, 1]);
        assert_eq!(request("::1", 1).unwrap().len(), 3 + 1 + 16 + 2);
        assert!(request(&"x".repeat(256), 1).is_err());
    }
}
