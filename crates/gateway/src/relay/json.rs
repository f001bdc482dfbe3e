//! An answer in one piece: it is read whole, settled, and then handed out.

use bytes::{Bytes, BytesMut};
use domain::refusal::{Refusal, RefusalCode};
use http::header::{CONTENT_TYPE, HeaderValue};
use http::response::Parts;
use http::{Response, StatusCode};
use ledger::flaw::{self, Flaw};
use protocol::speech::{error_body, read_whole};
use std::pin::pin;
use std::time::Duration;
use store::batch::Outcome;
use tokio::sync::oneshot;
use tokio::time::Instant;

use super::{
    Answer, Piece, Relay, RelayBody, alarm::Alarm, answer, idle_timeout, read_on, release,
    until_revoked,
};
use crate::endpoint::Operation;
use crate::meter::{self, Charge, End, Observed};
use crate::settle::{Ended, settle};
use crate::upstream::AnswerBody;

/// A longer answer is broken off.
const LONGEST: usize = 64 * 1024 * 1024;

pub(super) async fn relay(
    mut relay: Box<Relay>,
    route: usize,
    response: Response<AnswerBody>,
    mut client: oneshot::Sender<Answer>,
    deadline: Instant,
) {
    let Some(idle) = relay.routes.get(route).map(|route| idle_timeout(&relay, route)) else {
        return;
    };
    let (parts, mut body) = response.into_parts();
    let patience = relay.worker.gateway.options.drain_timeout;
    let read = {
        let Relay { worker, revoked, .. } = &mut *relay;
        let mut reading = pin!(read(&mut body, Alarm::new(idle, deadline)));
        tokio::select! {
            biased;
            read = &mut reading => read,
            () = client.closed() => {
                Box::pin(read_on(worker, patience, reading)).await.unwrap_or(Read::Abandoned)
            }
            () = until_revoked(revoked) => Read::Revoked,
        }
    };
    let gone = client.is_closed();
    let bytes = match read {
        Read::Whole(bytes) => bytes,
        Read::Revoked => return Box::pin(super::revoke(relay, route, client)).await,
        Read::Abandoned => return Box::pin(super::leave(relay, route)).await,
        Read::Broken => {
            // Nothing was delivered, so nothing is charged, whatever the upstream made of it.
            let (outcome, status) =
                if gone { (Outcome::ClientGone, 499) } else { (Outcome::Failed, 502) };
            if Box::pin(release(relay, route, outcome, status)).await {
                let message = "The provider's answer broke off. Nothing was charged: try again.";
                let _ = client.send(Err(Refusal::new(RefusalCode::UpstreamFailed, message)));
            }
            return;
        }
    };
    if relay.ask.stores
        && let Some(served) = relay.routes.get(route)
    {
        relay.note_stored(served, protocol::openai_responses::response::read_id(&bytes).as_deref());
        relay.note_thoughts(served, &bytes);
    }
    let (charge, bytes) = examine(&relay, route, bytes);
    let status = parts.status.as_u16();
    let (head, whole) = told(&relay, route, &parts, bytes);
    let mut client = Some(client);
    if flaw::is(Flaw::TerminalBeforeJournal) {
        if let Some(client) = client.take() {
            let _ = client.send(Ok(Response::new(RelayBody::full(whole.clone()))));
        }
        tokio::time::sleep(Duration::from_millis(30)).await;
    }
    let Some(served) = relay.routes.get(route) else {
        return;
    };
    let outcome = meter::outcome(End::Whole, gone, &charge);
    let settled = settle(relay.running, Ended { route: served, charge, outcome, status }).await;
    let Some(client) = client else { return };
    match settled {
        Ok(()) => {
            let _ = client.send(Ok(head.map(|()| RelayBody::full(whole))));
        }
        Err(_) => {
            let message = "The gateway could not write its books, so the answer is withheld. Try again in a moment.";
            let _ = client
                .send(Err(Refusal::new(RefusalCode::BooksUnavailable, message).retry_after(5)));
        }
    }
}

/// What reading an answer came to.
enum Read {
    Whole(Bytes),
    /// The upstream broke off.
    Broken,
    /// The client left, and nobody read on.
    Abandoned,
    Revoked,
}

async fn read(body: &mut AnswerBody, mut alarm: Alarm) -> Read {
    let mut first: Option<Bytes> = None;
    let mut rest = BytesMut::new();
    loop {
        match alarm.next_piece(body).await {
            Piece::Data(data) if rest.len().saturating_add(data.len()) > LONGEST => {
                return Read::Broken;
            }
            Piece::Data(data) => match &first {
                None => first = Some(data),
                Some(head) => {
                    if rest.is_empty() {
                        rest.extend_from_slice(head);
                    }
                    rest.extend_from_slice(&data);
                }
            },
            Piece::End => break,
            Piece::Broken => return Read::Broken,
        }
    }
    Read::Whole(if rest.is_empty() { first.unwrap_or_default() } else { rest.freeze() })
}

/// What the client is told: the upstream's own bytes, or the same in the client's dialect.
fn told(relay: &Relay, route: usize, parts: &Parts, bytes: Bytes) -> (Response<()>, Bytes) {
    let Some(translation) = relay.translation(route) else {
        return (answer(parts, (), false), bytes);
    };
    let intent = relay.running.open.intent();
    let call = intent.id.to_string();
    let now = intent.started_at.get().div_euclid(1_000);
    let array = matches!(relay.ask.operation, Operation::Generate { events: false, .. });
    let stream = relay.ask.stream && !array;
    let translated = match stream {
        true => translation.answer_in_events(&bytes, &call, now),
        false => translation.answer(&bytes, &call, now),
    };
    let (status, bytes) = match translated {
        Ok(bytes) if relay.ask.stream && array => {
            (parts.status, [b"[", bytes.as_slice(), b"]"].concat().into())
        }
        Ok(bytes) => (parts.status, bytes.into()),
        Err(failure) => {
            let said = failure.message.unwrap_or_else(|| "its answer cannot be read".to_owned());
            let said = relay
                .routes
                .get(route)
                .map_or_else(String::new, |route| route.channel.conceal(&said));
            let refusal =
                Refusal::new(RefusalCode::UpstreamFailed, format!("The provider failed: {said}"));
            (StatusCode::BAD_GATEWAY, error_body(intent.dialect, &refusal, &call))
        }
    };
    let mut head = Response::new(());
    *head.status_mut() = status;
    let kind = if stream && status.is_success() { "text/event-stream" } else { "application/json" };
    head.headers_mut().insert(CONTENT_TYPE, HeaderValue::from_static(kind));
    (head, bytes)
}

/// What an answer is charged, and its bytes. An error that repeats the channel's secret is told in
/// our own words.
fn examine(relay: &Relay, route: usize, bytes: Bytes) -> (Charge, Bytes) {
    let Some(route) = relay.routes.get(route) else { return (Charge::NOTHING, bytes) };
    let observed = match read_whole(route.dialect, &bytes) {
        // It failed, but not before it cost something (a response of status `failed`).
        Ok(answer) if answer.is_error && matches!(answer.usage, Ok(Some(_))) => Observed {
            reported: answer.usage,
            is_final: true,
            is_behind: false,
            delivered: answer.delivered,
            end: End::Cut,
        },
        Ok(answer) if answer.is_error => {
            let message = "The provider answered with an error. Nothing was charged.";
            let own = || {
                let refusal = Refusal::new(RefusalCode::UpstreamFailed, message);
                error_body(route.dialect, &refusal, "")
            };
            let betrayed = route.channel.is_betrayed_by(&bytes);
            return (Charge::NOTHING, if betrayed { own() } else { bytes });
        }
        Ok(answer) => Observed {
            reported: answer.usage,
            is_final: true,
            is_behind: false,
            delivered: answer.delivered,
            end: End::Whole,
        },
        // Not JSON at all: it was delivered, so it is estimated by its size.
        Err(_) => {
            let mut delivered = protocol::observe::Delivered::default();
            delivered.text.add(protocol::estimate::TextSize::of(&bytes));
            Observed {
                reported: Ok(None),
                is_final: false,
                is_behind: false,
                delivered,
                end: End::Whole,
            }
        }
    };
    let (expectation, bound) = (&relay.running.expectation, relay.running.open.bound());
    (meter::charge(&observed, expectation, &relay.tariff, route.multiplier, bound), bytes)
}
