//! The client against a socket that counts its connections.

use bytes::Bytes;
use http::Request;
use http_body_util::{BodyExt, Full};
use std::net::SocketAddr;
use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::time::Duration;
use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::TcpListener;

use super::{Endpoint, UpstreamClient, tls};
use crate::egress::EgressPolicy;

/// Answers every request with `answer`; `closes` after each answer, without having said so.
async fn upstream(answer: &'static str, closes: bool) -> (SocketAddr, Arc<AtomicUsize>) {
    let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
    let address = listener.local_addr().unwrap();
    let connections = Arc::new(AtomicUsize::new(0));
    let counted = Arc::clone(&connections);
    tokio::spawn(async move {
        loop {
            let (mut stream, _) = listener.accept().await.unwrap();
            counted.fetch_add(1, Ordering::Relaxed);
            tokio::spawn(async move {
                let mut buffer = [0; 4096];
                while let Ok(1..) = stream.read(&mut buffer).await {
                    stream.write_all(answer.as_bytes()).await.unwrap();
                    if closes {
                        return;
                    }
                }
            });
        }
    });
    (address, connections)
}

const WHOLE: &str = "HTTP/1.1 200 OK\r\ncontent-length: 2\r\n\r\nok";

fn client() -> UpstreamClient {
    let policy = EgressPolicy::new(vec!["127.0.0.0/8".parse().unwrap()]);
    UpstreamClient::new(policy, tls(rustls::RootCertStore::empty()), Duration::from_secs(5))
}

fn endpoint(address: SocketAddr) -> Endpoint {
    Endpoint::new(format!("http://{address}/v1/x").parse().unwrap()).unwrap()
}

fn request() -> Box<Request<Full<Bytes>>> {
    Box::new(Request::new(Full::new(Bytes::from_static(b"?"))))
}

#[tokio::test]
async fn a_connection_serves_one_call_after_the_other() {
    let (address, connections) = upstream(WHOLE, false).await;
    let (client, endpoint) = (client(), endpoint(address));
    for _ in 0..3 {
        let response = client.send(&endpoint, request()).await.unwrap();
        assert_eq!(response.into_body().collect().await.unwrap().to_bytes(), "ok");
    }
    assert_eq!(connections.load(Ordering::Relaxed), 1);
}

#[tokio::test]
async fn calls_at_once_have_connections_of_their_own() {
    let (address, connections) = upstream(WHOLE, false).await;
    let (client, endpoint) = (client(), endpoint(address));
    let first = client.send(&endpoint, request()).await.unwrap();
    let second = client.send(&endpoint, request()).await.unwrap();
    for response in [first, second] {
        assert_eq!(response.into_body().collect().await.unwrap().to_bytes(), "ok");
    }
    assert_eq!(connections.load(Ordering::Relaxed), 2);
}

#[tokio::test]
async fn a_connection_that_was_closed_while_idle_is_not_used_again() {
    let (address, connections) = upstream(WHOLE, true).await;
    let (client, endpoint) = (client(), endpoint(address));
    for expected in 1..=3 {
        let response = client.send(&endpoint, request()).await.unwrap();
        assert_eq!(response.into_body().collect().await.unwrap().to_bytes(), "ok");
        assert_eq!(connections.load(Ordering::Relaxed), expected);
    }
}

#[tokio::test]
async fn an_answer_that_is_not_read_to_its_end_takes_its_connection_with_it() {
    let half = "HTTP/1.1 200 OK\r\ncontent-length: 9\r\n\r\nhalf";
    let (address, connections) = upstream(half, false).await;
    let (client, endpoint) = (client(), endpoint(address));
    for expected in 1..=2 {
        let mut body = client.send(&endpoint, request()).await.unwrap().into_body();
        assert_eq!(body.frame().await.unwrap().unwrap().into_data().unwrap(), "half");
        drop(body);
        assert_eq!(connections.load(Ordering::Relaxed), expected);
    }
}

#[tokio::test]
async fn a_forbidden_address_is_not_connected_to() {
    let (address, connections) = upstream(WHOLE, false).await;
    let policy = EgressPolicy::default();
    let client =
        UpstreamClient::new(policy, tls(rustls::RootCertStore::empty()), Duration::from_secs(5));
    assert!(client.send(&endpoint(address), request()).await.is_err());
    assert_eq!(connections.load(Ordering::Relaxed), 0);
}
