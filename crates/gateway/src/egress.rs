//! The one way out: resolve, check every address, connect to *that* address.
//!
//! Nothing in the gateway opens a connection but through [`EgressConnector`]. Addresses that belong
//! to this machine or its private surroundings are refused unless the operator allowed them.

use domain::network::AddressRange;
use hyper_util::client::legacy::connect::{Connected, Connection};
use hyper_util::rt::TokioIo;
use std::future::Future;
use std::io;
use std::net::{IpAddr, Ipv4Addr, Ipv6Addr, SocketAddr};
use std::pin::Pin;
use std::sync::Arc;
use std::task::{Context, Poll};
use std::time::Duration;
use tokio::net::TcpStream;

use crate::upstream::{Proxy, is_private_literal};

/// Which addresses may be connected to.
#[derive(Debug, Clone, Default)]
pub struct EgressPolicy {
    allowed: Arc<[AddressRange]>,
}

impl EgressPolicy {
    /// Public addresses, and these.
    #[must_use]
    pub fn new(allowed: Vec<AddressRange>) -> Self {
        Self { allowed: allowed.into() }
    }

    /// Whether an address may be connected to.
    #[must_use]
    pub fn permits(&self, address: IpAddr) -> bool {
        let address = address.to_canonical();
        self.allowed.iter().any(|range| range.contains(address)) || is_public(address)
    }
}

/// Connects to permitted addresses only.
#[derive(Debug, Clone)]
pub struct EgressConnector {
    policy: EgressPolicy,
    timeout: Duration,
    proxy: Option<Proxy>,
}

impl EgressConnector {
    /// A connector that gives up after `timeout`.
    #[must_use]
    pub fn new(policy: EgressPolicy, timeout: Duration) -> Self {
        Self { policy, timeout, proxy: None }
    }

    /// The same through a proxy. Then it is the proxy's address that is checked; of the target only
    /// the spelling can be.
    #[must_use]
    pub fn through(self, proxy: Option<Proxy>) -> Self {
        Self { proxy, ..self }
    }
}

/// Why no connection was made.
#[derive(Debug, thiserror::Error)]
pub enum EgressError {
    /// The address is none that may be connected to.
    #[error(
        "connections to {0} are not allowed from here; an operator can allow them with --allow-egress"
    )]
    Forbidden(String),
    /// The name has no address.
    #[error("the host name {0} could not be resolved")]
    Unresolved(String),
    /// No address answered.
    #[error("no connection to {0}: {1}")]
    Unreachable(String, #[source] io::Error),
    /// The proxy did not connect us.
    #[error("no connection to {0} through the proxy: {1}")]
    Proxy(String, #[source] io::Error),
    /// It took too long.
    #[error("no connection to {0} within {1:?}")]
    TimedOut(String, Duration),
}

/// A connection that was made through the one way out.
pub struct EgressStream(TokioIo<TcpStream>);

impl tower_service::Service<http::Uri> for EgressConnector {
    type Response = EgressStream;
    type Error = EgressError;
    type Future = Pin<Box<dyn Future<Output = Result<EgressStream, EgressError>> + Send>>;

    fn poll_ready(&mut self, _: &mut Context<'_>) -> Poll<Result<(), EgressError>> {
        Poll::Ready(Ok(()))
    }

    fn call(&mut self, uri: http::Uri) -> Self::Future {
        let (policy, timeout, proxy) = (self.policy.clone(), self.timeout, self.proxy.clone());
        Box::pin(async move {
            let host = uri.host().unwrap_or_default().trim_matches(['[', ']']).to_owned();
            let port =
                uri.port_u16().unwrap_or(if uri.scheme_str() == Some("http") { 80 } else { 443 });
            let connected = async {
                match &proxy {
                    None => connect(&policy, &host, port).await,
                    Some(proxy) => connect_through(proxy, &policy, &host, port).await,
                }
            };
            let connected = tokio::time::timeout(timeout, connected).await;
            connected
                .unwrap_or_else(|_| Err(EgressError::TimedOut(host, timeout)))
                .map(|stream| EgressStream(TokioIo::new(stream)))
        })
    }
}

/// Connects to a permitted address for a protocol that is not HTTP.
///
/// # Errors
/// When the address is not permitted, or does not answer in time.
pub async fn dial(
    policy: &EgressPolicy,
    host: &str,
    port: u16,
    timeout: Duration,
) -> Result<TcpStream, EgressError> {
    tokio::time::timeout(timeout, connect(policy, host, port))
        .await
        .unwrap_or_else(|_| Err(EgressError::TimedOut(host.to_owned(), timeout)))
}

async fn connect_through(
    proxy: &Proxy,
    policy: &EgressPolicy,
    host: &str,
    port: u16,
) -> Result<TcpStream, EgressError> {
    if is_private_literal(policy, host) {
        return Err(EgressError::Forbidden(host.to_owned()));
    }
    let mut stream = connect(policy, proxy.host(), proxy.port()).await?;
    let tunnel = proxy.tunnel(&mut stream, host, port).await;
    tunnel.map_err(|error| EgressError::Proxy(host.to_owned(), error))?;
    Ok(stream)
}

async fn connect(policy: &EgressPolicy, host: &str, port: u16) -> Result<TcpStream, EgressError> {
    let addresses: Vec<SocketAddr> = match host.parse::<IpAddr>() {
        Ok(address) => vec![SocketAddr::new(address, port)],
        Err(_) => tokio::net::lookup_host((host, port))
            .await
            .map_err(|_| EgressError::Unresolved(host.to_owned()))?
            .collect(),
    };
    if addresses.is_empty() {
        return Err(EgressError::Unresolved(host.to_owned()));
    }
    // One forbidden address among several means that the name is not what it seems.
    if addresses.iter().any(|address| !policy.permits(address.ip())) {
        return Err(EgressError::Forbidden(host.to_owned()));
    }
    let mut last = io::Error::from(io::ErrorKind::AddrNotAvailable);
    for address in addresses {
        match TcpStream::connect(address).await {
            Ok(stream) => {
                let _ = stream.set_nodelay(true);
                return Ok(stream);
            }
            Err(error) => last = error,
        }
    }
    Err(EgressError::Unreachable(host.to_owned(), last))
}

fn is_public(address: IpAddr) -> bool {
    match address {
        IpAddr::V4(address) => is_public_v4(address),
        IpAddr::V6(address) => is_public_v6(address),
    }
}

fn is_public_v4(address: Ipv4Addr) -> bool {
    let [a, b, c, _] = address.octets();
    !(a == 0
        || a == 127
        || a == 10
        || (a == 172 && (16..32).contains(&b))
        || (a == 192 && b == 168)
        || (a == 100 && (64..128).contains(&b))
        || (a == 169 && b == 254)
        || (a == 192 && b == 0 && c == 0)
        || (a == 198 && (b == 18 || b == 19))
        || a >= 224)
}

fn is_public_v6(address: Ipv6Addr) -> bool {
    let segments = address.segments();
    let [first, second, ..] = segments;
    let embedded_v4 = match segments {
        // NAT64 (well-known and local-use), 6to4 and v4-compatible addresses carry a v4 address.
        [0x64, 0xff9b, 0, 0, 0, 0, high, low] | [0, 0, 0, 0, 0, 0, high, low] => Some((high, low)),
        [0x2002, high, low, ..] => Some((high, low)),
        _ => None,
    };
    if let Some((high, low)) = embedded_v4 {
        let [a, b] = high.to_be_bytes();
        let [c, d] = low.to_be_bytes();
        if !is_public_v4(Ipv4Addr::new(a, b, c, d)) {
            return false;
        }
    }
    let teredo = first == 0x2001 && second == 0;
    let documentation = first == 0x2001 && second == 0xdb8;
    (0x2000..0x4000).contains(&first) && !teredo && !documentation
        || (first == 0x64 && second == 0xff9b && embedded_v4.is_some())
}

impl Connection for EgressStream {
    fn connected(&self) -> Connected {
        Connected::new()
    }
}

impl hyper::rt::Read for EgressStream {
    fn poll_read(
        mut self: Pin<&mut Self>,
        cx: &mut Context<'_>,
        buffer: hyper::rt::ReadBufCursor<'_>,
    ) -> Poll<io::Result<()>> {
        Pin::new(&mut self.0).poll_read(cx, buffer)
    }
}

impl hyper::rt::Write for EgressStream {
    fn poll_write(
        mut self: Pin<&mut Self>,
        cx: &mut Context<'_>,
        bytes: &[u8],
    ) -> Poll<io::Result<usize>> {
        Pin::new(&mut self.0).poll_write(cx, bytes)
    }

    fn poll_flush(mut self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<io::Result<()>> {
        Pin::new(&mut self.0).poll_flush(cx)
    }

    fn poll_shutdown(mut self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<io::Result<()>> {
        Pin::new(&mut self.0).poll_shutdown(cx)
    }

    fn is_write_vectored(&self) -> bool {
        self.0.is_write_vectored()
    }

    fn poll_write_vectored(
        mut self: Pin<&mut Self>,
        cx: &mut Context<'_>,
        slices: &[io::IoSlice<'_>],
    ) -> Poll<io::Result<usize>> {
        Pin::new(&mut self.0).poll_write_vectored(cx, slices)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn private_surroundings_are_refused_in_every_spelling() {
        let policy = EgressPolicy::default();
        for address in [
            "0.0.0.0",
            "0.1.2.3",
            "127.0.0.1",
            "127.255.0.9",
            "10.1.1.1",
            "172.16.0.1",
            "172.31.255.255",
            "192.168.0.1",
            "100.64.0.1",
            "169.254.169.254",
            "192.0.0.1",
            "198.18.0.1",
            "224.0.0.1",
            "255.255.255.255",
            "::",
            "::1",
            "::ffff:127.0.0.1",
            "::ffff:169.254.169.254",
            "::127.0.0.1",
            "64:ff9b::7f00:1",
            "64:ff9b::a9fe:a9fe",
            "64:ff9b:1::1",
            "2002:7f00:1::",
            "fe80::1",
            "fc00::1",
            "fd12::1",
            "ff02::1",
            "2001::1",
            "2001:db8::1",
            "5f00::1",
        ] {
            assert!(!policy.permits(address.parse().unwrap()), "{address}");
        }
        for address in [
            "1.1.1.1",
            "172.32.0.1",
            "100.128.0.1",
            "2606:4700::1111",
            "64:ff9b::101:101",
            "2002:101:101::",
        ] {
            assert!(policy.permits(address.parse().unwrap()), "{address}");
        }
    }

    #[test]
    fn an_operator_can_allow_a_range() {
        let policy = EgressPolicy::new(vec!["127.0.0.0/8".parse().unwrap()]);
        assert!(policy.permits("127.0.0.1".parse().unwrap()));
        assert!(policy.permits("::ffff:127.0.0.1".parse().unwrap()));
        assert!(!policy.permits("10.0.0.1".parse().unwrap()));
        assert!(!policy.permits("::1".parse().unwrap()));
    }
}
