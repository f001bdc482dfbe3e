//! Connections to upstreams: kept per worker, so that none crosses threads, and driven by the call
//! that uses them, so that none costs a task of its own.

mod addresses;
mod base_url;
mod body;
mod client;
mod exchange;
mod pool;
mod proxy;

pub use addresses::Addresses;
pub use base_url::{BaseUrl, InvalidBaseUrl};
pub use body::AnswerBody;
pub use client::{Endpoint, UpstreamClient, UpstreamError};
pub use proxy::{InvalidProxy, Proxy, is_private_literal};

use rustls::ClientConfig;
use std::sync::Arc;

/// The TLS settings of every way out: the public roots, ring, no client certificate.
#[must_use]
pub fn tls(roots: rustls::RootCertStore) -> Arc<ClientConfig> {
    let provider = Arc::new(rustls::crypto::ring::default_provider());
    let builder =
        ClientConfig::builder_with_provider(provider).with_safe_default_protocol_versions();
    // ring supports the default versions; were it not so, no connection could be made at all.
    let mut config = match builder {
        Ok(builder) => builder.with_root_certificates(roots).with_no_client_auth(),
        Err(error) => {
            tracing::error!(%error, "TLS is not available");
            ClientConfig::builder()
                .with_root_certificates(rustls::RootCertStore::empty())
                .with_no_client_auth()
        }
    };
    config.alpn_protocols = vec![b"h2".to_vec(), b"http/1.1".to_vec()];
    Arc::new(config)
}

#[cfg(test)]
mod tests;
