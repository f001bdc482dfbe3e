//! Pages and answers of the API, compressed on their way.
//!
//! Only what is read: an answer to a write may hold a secret that is shown once, and how well text
//! compresses tells something of it to who can have other text put beside it. What is read holds
//! none: nothing in a page lets a write through, which the browser's own headers decide.

use axum::body::{Body, to_bytes};
use bytes::Bytes;
use flate2::Compression;
use flate2::write::GzEncoder;
use http::header::{
    ACCEPT_ENCODING, CONTENT_ENCODING, CONTENT_LENGTH, CONTENT_TYPE, HeaderValue, VARY,
};
use http::{HeaderMap, Method, Request, Response};
use http_body::Body as _;
use std::io::Write;

/// Less fits in one packet as it is, …
const LEAST: u64 = 1_400;
/// … and more comes in parts, from where they are made.
const MOST: u64 = 8 * 1024 * 1024;
/// Much of what there is to gain, for a few milliseconds a megabyte.
const LEVEL: u32 = 4;

/// Whether the answer to a request may come compressed.
pub(crate) fn is_wanted<B>(request: &Request<B>) -> bool {
    *request.method() == Method::GET && takes_gzip(request.headers())
}

fn takes_gzip(headers: &HeaderMap) -> bool {
    let accepted = headers.get_all(ACCEPT_ENCODING).iter().filter_map(|value| value.to_str().ok());
    accepted.flat_map(|value| value.split(',')).any(|part| {
        let (coding, weight) = part.split_once(';').unwrap_or((part, ""));
        let weight = weight.trim().trim_start_matches("q=");
        coding.trim().eq_ignore_ascii_case("gzip") && weight.parse() != Ok(0.0_f32)
    })
}

/// The answer in its shorter form. What is no text, comes in parts or is compressed stays as it is.
pub(crate) async fn compressed(response: Response<Body>) -> Response<Body> {
    let exact = response.body().size_hint().exact();
    if !exact.is_some_and(|length| (LEAST..=MOST).contains(&length)) || !is_text(&response) {
        return response;
    }
    let (mut head, body) = response.into_parts();
    let body = match to_bytes(body, usize::MAX).await {
        Ok(plain) => match gzip(&plain) {
            Some(short) => {
                head.headers.insert(CONTENT_ENCODING, HeaderValue::from_static("gzip"));
                head.headers.append(VARY, HeaderValue::from_static("accept-encoding"));
                head.headers.remove(CONTENT_LENGTH);
                Body::from(short)
            }
            None => Body::from(plain),
        },
        Err(error) => {
            Body::from_stream(futures_util::stream::once(async { Err::<Bytes, _>(error) }))
        }
    };
    Response::from_parts(head, body)
}

fn is_text<B>(response: &Response<B>) -> bool {
    let headers = response.headers();
    let kind = headers.get(CONTENT_TYPE).and_then(|kind| kind.to_str().ok()).unwrap_or_default();
    !headers.contains_key(CONTENT_ENCODING)
        && ["text/html", "text/csv", "application/json"].iter().any(|text| kind.starts_with(text))
}

fn gzip(plain: &[u8]) -> Option<Vec<u8>> {
    let mut encoder = GzEncoder::new(Vec::with_capacity(plain.len() / 4), Compression::new(LEVEL));
    encoder.write_all(plain).ok()?;
    encoder.finish().ok()
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::io::Read;

    async fn told(kind: &'static str, text: &str) -> (Option<HeaderValue>, Vec<u8>) {
        let mut response = Response::new(Body::from(text.to_owned()));
        response.headers_mut().insert(CONTENT_TYPE, HeaderValue::from_static(kind));
        let response = compressed(response).await;
        let encoding = response.headers().get(CONTENT_ENCODING).cloned();
        (encoding, to_bytes(response.into_body(), usize::MAX).await.unwrap().to_vec())
    }

    #[tokio::test]
    async fn long_text_is_shortened_and_can_be_read_back() {
        let page = "<p>tokens</p>".repeat(1_000);
        let (encoding, short) = told("text/html; charset=utf-8", &page).await;
        assert_eq!(encoding.unwrap(), "gzip");
        assert!(short.len() < page.len() / 10, "{}", short.len());
        let mut read = String::new();
        flate2::read::GzDecoder::new(short.as_slice()).read_to_string(&mut read).unwrap();
        assert_eq!(read, page);
        for (kind, text) in [("text/html", "<p>short</p>"), ("application/octet-stream", &page)] {
            assert_eq!(told(kind, text).await, (None, text.as_bytes().to_vec()));
        }
    }

    #[test]
    fn a_client_gets_it_that_asks_for_it() {
        let wanted = |method, accepted: &'static str| {
            is_wanted(
                &Request::builder()
                    .method(method)
                    .header(ACCEPT_ENCODING, accepted)
                    .body(())
                    .unwrap(),
            )
        };
        for accepted in ["gzip", "br, gzip;q=0.5", "deflate, GZIP ; q=1"] {
            assert!(wanted(Method::GET, accepted), "{accepted}");
        }
        for accepted in ["", "br", "gzip;q=0", "gzip;q=0.0", "identity"] {
            assert!(!wanted(Method::GET, accepted), "{accepted}");
        }
        assert!(!wanted(Method::POST, "gzip"));
    }
}
