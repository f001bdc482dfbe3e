//! A form that holds a file: `multipart/form-data`, read whole. Only who is logged in gets this far,
//! for the visitor is found out before the body is read.

use axum::extract::{FromRequest, Request};
use http::header::CONTENT_TYPE;
use http_body_util::{BodyExt, Limited};

use crate::app::App;
use crate::form::Form;
use crate::trouble::Trouble;

/// No file of prices is larger.
const LARGEST: usize = 15 << 20;

/// Such a form; a file that was chosen is the value of its input.
pub(crate) struct Upload(pub(crate) Form);

impl FromRequest<App> for Upload {
    type Rejection = Trouble;

    async fn from_request(request: Request, app: &App) -> Result<Self, Trouble> {
        let kind = request.headers().get(CONTENT_TYPE).and_then(|kind| kind.to_str().ok());
        let boundary = kind.and_then(boundary).map(ToOwned::to_owned);
        let Some(boundary) = boundary else {
            return Form::from_request(request, app).await.map(Self);
        };
        let body = Limited::new(request.into_body(), LARGEST);
        let bytes = body.collect().await.map_err(|_| Trouble::BadForm)?.to_bytes();
        let text = std::str::from_utf8(&bytes).map_err(|_| Trouble::BadForm)?;
        read(text, &boundary).map(Self).ok_or(Trouble::BadForm)
    }
}

fn boundary(kind: &str) -> Option<&str> {
    let rest = kind.strip_prefix("multipart/form-data")?;
    let boundary = rest.split(';').find_map(|part| part.trim().strip_prefix("boundary="))?;
    Some(boundary.trim_matches('"')).filter(|it| !it.is_empty())
}

fn read(text: &str, boundary: &str) -> Option<Form> {
    let sign = format!("--{boundary}");
    let mut form = Form::default();
    // What stands before the first sign is no part.
    for part in text.split(&sign).skip(1) {
        let Some(part) = part.strip_prefix("\r\n") else { continue };
        let (head, value) = part.split_once("\r\n\r\n")?;
        let value = value.strip_suffix("\r\n")?;
        let name = head.split("name=\"").nth(1)?.split('"').next()?;
        // An input for a file that nobody chose is empty.
        if !value.is_empty() {
            form = form.with(name, value);
        }
    }
    Some(form)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_parts_of_a_form_are_read() {
        let kind = "multipart/form-data; boundary=\"x-1\"";
        let boundary = boundary(kind).unwrap();
        let text = "--x-1\r\nContent-Disposition: form-data; name=\"source\"\r\n\r\nlitellm\r\n--x-1\r\nContent-Disposition: form-data; name=\"file\"; filename=\"a.json\"\r\nContent-Type: application/json\r\n\r\n{\"a\":\r\n1}\r\n--x-1--\r\n";
        let form = read(text, boundary).unwrap();
        assert_eq!(form.text("source"), "litellm");
        assert_eq!(form.text("file"), "{\"a\":\r\n1}");
        assert!(read("--x-1\r\nbroken", boundary).is_none());
        assert!(super::boundary("text/plain").is_none());
    }
}
