//! Forms that hold a file: `multipart/form-data`, read whole. Only who is logged in gets this far,
//! for the visitor is found out before the body is read.

use axum::extract::{FromRequest, Request};
use bytes::Bytes;
use http::header::CONTENT_TYPE;
use http_body_util::{BodyExt, Limited};

use crate::app::App;
use crate::form::Form;
use crate::trouble::Trouble;

/// No file of prices is larger.
const LARGEST: usize = 15 << 20;
/// No database of a site that is sent through a form is larger; its form is a little.
const LARGEST_DATABASE: usize = (64 << 20) + (64 << 10);
/// The input of a file that is no text.
const FILE: &str = "file";

/// A form whose file is a text: it is the value of its input.
pub(crate) struct Upload(pub(crate) Form);

/// A form with a file of any kind in the input `file`.
pub(crate) struct FileUpload {
    /// Everything else.
    pub(crate) form: Form,
    /// The file; empty if none was chosen, none if it is too large.
    pub(crate) file: Option<Bytes>,
}

impl FromRequest<App> for Upload {
    type Rejection = Trouble;

    async fn from_request(request: Request, app: &App) -> Result<Self, Trouble> {
        let Some(boundary) = boundary_of(&request) else {
            return Form::from_request(request, app).await.map(Self);
        };
        let body = Limited::new(request.into_body(), LARGEST);
        let bytes = body.collect().await.map_err(|_| Trouble::BadForm)?.to_bytes();
        let mut form = Form::default();
        for (name, value) in parts(&bytes, &boundary).ok_or(Trouble::BadForm)? {
            form = form.with(name, std::str::from_utf8(value).map_err(|_| Trouble::BadForm)?);
        }
        Ok(Self(form))
    }
}

impl FromRequest<App> for FileUpload {
    type Rejection = Trouble;

    async fn from_request(request: Request, app: &App) -> Result<Self, Trouble> {
        let Some(boundary) = boundary_of(&request) else {
            let form = Form::from_request(request, app).await?;
            return Ok(Self { form, file: Some(Bytes::new()) });
        };
        let body = Limited::new(request.into_body(), LARGEST_DATABASE);
        let bytes = match body.collect().await {
            Ok(body) => body.to_bytes(),
            Err(error) if error.is::<http_body_util::LengthLimitError>() => {
                return Ok(Self { form: Form::default(), file: None });
            }
            Err(_) => return Err(Trouble::BadForm),
        };
        let (mut form, mut file) = (Form::default(), Bytes::new());
        for (name, value) in parts(&bytes, &boundary).ok_or(Trouble::BadForm)? {
            if name == FILE {
                file = bytes.slice_ref(value);
                continue;
            }
            form = form.with(name, std::str::from_utf8(value).map_err(|_| Trouble::BadForm)?);
        }
        Ok(Self { form, file: Some(file) })
    }
}

fn boundary_of(request: &Request) -> Option<String> {
    let kind = request.headers().get(CONTENT_TYPE).and_then(|kind| kind.to_str().ok())?;
    boundary(kind).map(ToOwned::to_owned)
}

fn boundary(kind: &str) -> Option<&str> {
    let rest = kind.strip_prefix("multipart/form-data")?;
    let boundary = rest.split(';').find_map(|part| part.trim().strip_prefix("boundary="))?;
    Some(boundary.trim_matches('"')).filter(|it| !it.is_empty())
}

/// The parts of a form that are not empty: an input for a file that nobody chose is.
fn parts<'b>(bytes: &'b [u8], boundary: &str) -> Option<Vec<(String, &'b [u8])>> {
    let sign = format!("--{boundary}");
    let mut found = Vec::new();
    // What stands before the first sign is no part.
    let (_, mut rest) = split(bytes, sign.as_bytes())?;
    while let Some(part) = rest.strip_prefix(b"\r\n") {
        let (part, after) = split(part, sign.as_bytes())?;
        rest = after;
        let (head, value) = split(part, b"\r\n\r\n")?;
        let value = value.strip_suffix(b"\r\n")?;
        let head = std::str::from_utf8(head).ok()?;
        let name = head.split("name=\"").nth(1)?.split('"').next()?;
        if !value.is_empty() {
            found.push((name.to_owned(), value));
        }
    }
    rest.starts_with(b"--").then_some(found)
}

/// What stands before and after the first of these signs.
fn split<'b>(bytes: &'b [u8], sign: &[u8]) -> Option<(&'b [u8], &'b [u8])> {
    let at = bytes.windows(sign.len()).position(|window| window == sign)?;
    Some((bytes.get(..at)?, bytes.get(at + sign.len()..)?))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_parts_of_a_form_are_read() {
        let kind = "multipart/form-data; boundary=\"x-1\"";
        let boundary = boundary(kind).unwrap();
        let text = "--x-1\r\nContent-Disposition: form-data; name=\"source\"\r\n\r\nlitellm\r\n--x-1\r\nContent-Disposition: form-data; name=\"file\"; filename=\"a.json\"\r\nContent-Type: application/json\r\n\r\n{\"a\":\r\n1}\r\n--x-1\r\nContent-Disposition: form-data; name=\"none\"\r\n\r\n\r\n--x-1--\r\n";
        let found = parts(text.as_bytes(), boundary).unwrap();
        let named: Vec<(&str, &[u8])> =
            found.iter().map(|(name, value)| (name.as_str(), *value)).collect();
        let expected: [(&str, &[u8]); 2] = [("source", b"litellm"), ("file", b"{\"a\":\r\n1}")];
        assert_eq!(named, expected);
        for broken in ["--x-1\r\nbroken", "", "--x-1\r\nname=\"a\"\r\n\r\n1\r\n--x-1"] {
            assert!(parts(broken.as_bytes(), boundary).is_none(), "{broken}");
        }
        assert!(super::boundary("text/plain").is_none());
    }

    #[test]
    fn a_file_may_be_any_bytes() {
        let mut bytes = b"--b\r\nContent-Disposition: form-data; name=\"file\"\r\n\r\n".to_vec();
        bytes.extend([0, 255, b'\r', b'\n', b'-', b'-', 0xc3]);
        bytes.extend(b"\r\n--b--\r\n");
        let found = parts(&bytes, "b").unwrap();
        assert_eq!(found[0].1, [0, 255, b'\r', b'\n', b'-', b'-', 0xc3]);
    }
}
