//! Accepts connections, notes every request, checks its head, and puts trouble in its way.

use std::convert::Infallible;
use std::net::SocketAddr;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use bytes::Bytes;
use http::header::{ACCEPT, ACCEPT_ENCODING, CONTENT_TYPE, HOST, LOCATION, RETRY_AFTER};
use http::{HeaderMap, Method, Request, Response, StatusCode};
use http_body_util::{BodyExt, Full};
use hyper::body::Incoming;
use hyper::service::service_fn;
use hyper_util::rt::TokioIo;
use serde_json::{Value, json};
use tokio::net::{TcpListener, TcpStream};
use tokio::task::JoinSet;

use super::conduct::{Conduct, Trouble};
use super::person::Person;
use super::routes;
use crate::provider::SeenRequest;
use crate::provider::seen::Memory;

/// What a test asserts about lies within the last thousand requests.
const KEPT: usize = 1_000;
const WALL: &str = "<html><script>var arg1='ABC';setCookie('acw_sc__v2', x)</script></html>";
const PAGE: &str = "<!DOCTYPE html><html><head><title>nginx</title></head><body>…</body></html>";

pub(super) type Answer = Response<Full<Bytes>>;

/// What all connections share.
#[derive(Debug)]
pub(super) struct Ground {
    address: SocketAddr,
    conduct: Mutex<Conduct>,
    person: Mutex<Person>,
    memory: Mutex<Memory>,
    complaints: Mutex<Vec<String>>,
}

impl Ground {
    pub(super) fn new(address: SocketAddr, conduct: Conduct) -> Self {
        Self {
            address,
            person: Mutex::new(Person::new(&conduct)),
            conduct: Mutex::new(conduct),
            memory: Mutex::new(Memory::of(KEPT)),
            complaints: Mutex::default(),
        }
    }

    pub(super) fn behave(&self, conduct: Conduct) {
        *lock(&self.conduct) = conduct;
    }

    pub(super) fn conduct(&self) -> Conduct {
        lock(&self.conduct).clone()
    }

    pub(super) fn person(&self) -> MutexGuard<'_, Person> {
        lock(&self.person)
    }

    pub(super) fn seen(&self) -> Vec<SeenRequest> {
        lock(&self.memory).all()
    }

    pub(super) fn complaints(&self) -> Vec<String> {
        lock(&self.complaints).clone()
    }

    pub(super) fn complain(&self, what: impl Into<String>) {
        lock(&self.complaints).push(what.into());
    }
}

/// Accepts connections until the task is cancelled, which closes them all.
pub(super) async fn serve(listener: TcpListener, ground: Arc<Ground>) {
    let mut connections = JoinSet::new();
    loop {
        tokio::select! {
            accepted = listener.accept() => {
                if let Ok((stream, _)) = accepted {
                    connections.spawn(connection(stream, Arc::clone(&ground)));
                }
            }
            Some(_) = connections.join_next() => {}
        }
    }
}

async fn connection(stream: TcpStream, ground: Arc<Ground>) {
    let service = service_fn(move |request| {
        let ground = Arc::clone(&ground);
        async move { Ok::<_, Infallible>(answer(&ground, request).await) }
    });
    // A client that leaves is its own affair.
    let _ended = hyper::server::conn::http1::Builder::new()
        .serve_connection(TokioIo::new(stream), service)
        .await;
}

async fn answer(ground: &Ground, request: Request<Incoming>) -> Answer {
    let (head, body) = request.into_parts();
    let Ok(body) = body.collect().await else { return json(400, &json!({})) };
    let body = body.to_bytes();
    if let Some(answered) = control(ground, &head.method, head.uri.path(), &body) {
        return answered;
    }
    lock(&ground.memory).keep(SeenRequest {
        method: head.method.clone(),
        path: head.uri.to_string(),
        headers: head.headers.clone(),
        body: body.clone(),
    });
    for complaint in faults(ground.address, &head.method, &head.headers, &body) {
        ground.complain(format!("{} {}: {complaint}", head.method, head.uri));
    }
    let conduct = ground.conduct();
    if let Some(trouble) = &conduct.trouble
        && head.uri.path().contains(&conduct.trouble_at)
    {
        return troubled(trouble, &head.headers).await;
    }
    routes::answer(ground, &conduct, &head.method, &head.uri, &head.headers, &body)
}

fn control(ground: &Ground, method: &Method, path: &str, body: &[u8]) -> Option<Answer> {
    let answered = match (method.as_str(), path) {
        ("POST", "/_control/conduct") => match serde_json::from_slice(body) {
            Ok(conduct) => {
                ground.behave(conduct);
                json(200, &json!({"ok": true}))
            }
            Err(error) => json(400, &json!({"ok": false, "error": error.to_string()})),
        },
        ("GET", "/_control/seen") => {
            let seen: Vec<Value> = ground.seen().iter().map(SeenRequest::shown).collect();
            json(200, &json!({ "data": seen }))
        }
        ("GET", "/_control/complaints") => json(200, &json!({"data": ground.complaints()})),
        _ => return None,
    };
    Some(answered)
}

/// What is wrong with a head, whatever is asked.
fn faults(address: SocketAddr, method: &Method, headers: &HeaderMap, body: &[u8]) -> Vec<String> {
    let is = |name, expected: &str| {
        let mut values = headers.get_all(&name).iter();
        let first = values.next().and_then(|value| value.to_str().ok());
        if first == Some(expected) && values.next().is_none() {
            None
        } else {
            Some(format!("{name} is {first:?}, not {expected:?}"))
        }
    };
    let mut faults = vec![
        is(HOST, &address.to_string()),
        is(ACCEPT, "application/json"),
        is(ACCEPT_ENCODING, "identity"),
    ];
    if method == Method::POST {
        faults.push(is(CONTENT_TYPE, "application/json"));
        let is_json = serde_json::from_slice::<Value>(body).is_ok();
        faults.push((!is_json).then(|| "the body is no JSON".to_owned()));
    }
    let both = headers.contains_key("cookie") && headers.contains_key("authorization");
    faults.push(both.then(|| "two sign-ins at once".to_owned()));
    faults.into_iter().flatten().collect()
}

async fn troubled(trouble: &Trouble, headers: &HeaderMap) -> Answer {
    match trouble {
        Trouble::BotWall => page(200, WALL),
        Trouble::Page(status) => page(*status, PAGE),
        Trouble::TooOften(wait) => {
            let mut answer = page(429, "");
            if let Some(wait) = wait {
                answer.headers_mut().insert(RETRY_AFTER, (*wait).into());
            }
            answer
        }
        Trouble::Silence => std::future::pending().await,
        Trouble::Redirect(target) => {
            let mut answer = page(302, "");
            if let Ok(target) = target.parse() {
                answer.headers_mut().insert(LOCATION, target);
            }
            answer
        }
        Trouble::Flood => json(200, &json!({"success": true, "data": "x".repeat(9 << 20)})),
        Trouble::Refusal(status, message) => refusal(*status, message),
        Trouble::Echo => {
            let said: Vec<&str> = ["authorization", "cookie"]
                .iter()
                .filter_map(|name| headers.get(*name)?.to_str().ok())
                .collect();
            refusal(200, &format!("\u{1b}[2Jyou sent {}\u{7}", said.join(" and ")))
        }
        Trouble::Garbage => page(200, "{\"success\": tr"),
    }
}

pub(super) fn refusal(status: u16, message: &str) -> Answer {
    json(status, &json!({"success": false, "message": message}))
}

pub(super) fn json(status: u16, body: &Value) -> Answer {
    whole(status, body.to_string(), "application/json; charset=utf-8")
}

fn page(status: u16, body: &str) -> Answer {
    whole(status, body.to_owned(), "text/html; charset=utf-8")
}

fn whole(status: u16, body: String, kind: &'static str) -> Answer {
    let mut answer = Response::new(Full::from(body));
    *answer.status_mut() =
        StatusCode::from_u16(status).unwrap_or(StatusCode::INTERNAL_SERVER_ERROR);
    answer.headers_mut().insert(CONTENT_TYPE, http::HeaderValue::from_static(kind));
    answer
}

fn lock<T>(mutex: &Mutex<T>) -> MutexGuard<'_, T> {
    mutex.lock().unwrap_or_else(PoisonError::into_inner)
}
