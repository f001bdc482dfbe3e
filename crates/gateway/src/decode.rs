//! Request bodies that came compressed: read to a limit, so that no small body grows without end.

use bytes::Bytes;
use domain::refusal::{Refusal, RefusalCode};
use http::HeaderMap;
use http::header::CONTENT_ENCODING;
use std::io::{self, Read};

/// A body may become so many times longer, …
const MOST_TIMES: usize = 200;
/// … and so long in any case.
const ALWAYS_ALLOWED: usize = 1024 * 1024;

/// The body as it was before it was compressed. `most` is the longest that is read.
///
/// # Errors
/// The encoding is unknown, the data is damaged, or it becomes too long.
pub fn decode(headers: &HeaderMap, body: Bytes, most: usize) -> Result<Bytes, Refusal> {
    let Some(encoding) = headers.get(CONTENT_ENCODING) else { return Ok(body) };
    let encoding = encoding.to_str().unwrap_or("?").trim().to_ascii_lowercase();
    let limit = most.min(body.len().saturating_mul(MOST_TIMES).max(ALWAYS_ALLOWED));
    let decoded = match encoding.as_str() {
        "identity" | "" => return Ok(body),
        "gzip" | "x-gzip" => read(flate2::read::MultiGzDecoder::new(&*body), limit),
        "deflate" => read(flate2::read::ZlibDecoder::new(&*body), limit),
        "br" => read(brotli_decompressor::Decompressor::new(&*body, 4096), limit),
        "zstd" => ruzstd::decoding::StreamingDecoder::new(&*body)
            .map_err(io::Error::other)
            .and_then(|decoder| read(decoder, limit)),
        _ => {
            let message = "The body's Content-Encoding is not read here: send gzip, br, zstd, deflate or none.";
            return Err(Refusal::new(RefusalCode::InvalidRequest, message)
                .at("content-encoding")
                .with_status(415));
        }
    };
    let decoded = decoded.map_err(|error| {
        let message = format!("The body is not valid {encoding}: {error}.");
        Refusal::new(RefusalCode::InvalidRequest, message).at("content-encoding")
    })?;
    if decoded.len() > limit {
        let message = format!(
            "The body becomes larger than {limit} bytes when it is decompressed, more than this gateway takes."
        );
        return Err(Refusal::new(RefusalCode::RequestTooLarge, message));
    }
    Ok(decoded.into())
}

/// Reads one byte more than the limit at most.
fn read(decoder: impl Read, limit: usize) -> io::Result<Vec<u8>> {
    let mut decoded = Vec::new();
    decoder.take(limit as u64 + 1).read_to_end(&mut decoded)?;
    Ok(decoded)
}

#[cfg(test)]
mod tests {
    use super::*;
    use http::HeaderValue;
    use std::io::Write;

    fn headers(encoding: &'static str) -> HeaderMap {
        HeaderMap::from_iter([(CONTENT_ENCODING, HeaderValue::from_static(encoding))])
    }

    fn gzip(bytes: &[u8]) -> Bytes {
        let mut encoder = flate2::write::GzEncoder::new(Vec::new(), flate2::Compression::best());
        encoder.write_all(bytes).unwrap();
        encoder.finish().unwrap().into()
    }

    #[test]
    fn what_was_compressed_is_read() {
        let body = br#"{"model":"m","messages":[]}"#;
        assert_eq!(decode(&headers("gzip"), gzip(body), 1_000).unwrap(), &body[..]);
        let zstd = ruzstd::encoding::compress_to_vec(
            &body[..],
            ruzstd::encoding::CompressionLevel::Fastest,
        );
        assert_eq!(decode(&headers("zstd"), zstd.into(), 1_000).unwrap(), &body[..]);
        assert_eq!(decode(&headers("identity"), body.as_slice().into(), 9).unwrap(), &body[..]);
        assert_eq!(decode(&HeaderMap::new(), body.as_slice().into(), 9).unwrap(), &body[..]);
    }

    #[test]
    fn a_bomb_does_not_go_off() {
        let refused = decode(&headers("gzip"), gzip(&vec![b' '; 64 << 20]), 32 << 20).unwrap_err();
        assert_eq!(refused.code, RefusalCode::RequestTooLarge);
    }

    #[test]
    fn damage_and_unknown_encodings_are_refused() {
        for encoding in ["gzip", "br", "zstd", "deflate"] {
            let refused = decode(&headers(encoding), Bytes::from_static(b"nonsense"), 100);
            let refused = refused.unwrap_err();
            assert_eq!((refused.code, refused.status()), (RefusalCode::InvalidRequest, 400));
        }
        let refused = decode(&headers("compress"), Bytes::new(), 100).unwrap_err();
        assert_eq!(refused.status(), 415);
    }
}
