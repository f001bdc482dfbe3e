//! Counting tokens: asked of a channel that speaks the caller's dialect, else estimated. It costs
//! nothing, and has a rate of its own.

use bytes::Bytes;
use domain::dialect::Dialect;
use domain::policy::RateLimits;
use domain::refusal::{Refusal, RefusalCode};
use http::Response;
use http::header::{CONTENT_TYPE, HeaderValue};
use protocol::edit::Edits;
use protocol::peek::Peek;
use protocol::{anthropic_messages, gemini};

use crate::admit::open_books;
use crate::authenticate::{Authenticated, authenticate};
use crate::endpoint::Operation;
use crate::forward::{Ask, ask_once};
use crate::gateway::Worker;
use crate::pipeline::{Answer, invalid, model, refuse_while_draining};
use crate::rates::RateShortage;
use crate::receive::{self, Received};
use crate::relay::RelayBody;
use crate::route::route;

/// How often a key may have its tokens counted. (Claude Code counts thirteen times in a second.)
const PER_MINUTE: u32 = 600;

fn refuse_too_many(call: &Authenticated) -> Result<(), Refusal> {
    let Some(running) = call.key.running() else { return Ok(()) };
    let limits = RateLimits { requests_per_minute: Some(PER_MINUTE), ..RateLimits::default() };
    match running.counting.admit(&limits, 0, call.received.at) {
        Ok(_) => Ok(()),
        Err(shortage) => {
            let wait = if let RateShortage::Requests(wait) = shortage { wait } else { 1 };
            let message = format!(
                "A key's tokens are counted {PER_MINUTE} times a minute. Try again in {wait} seconds."
            );
            Err(Refusal::new(RefusalCode::RateLimited, message).retry_after(wait))
        }
    }
}

/// Counts the tokens of a request.
pub(crate) async fn count<B>(
    worker: &Worker,
    received: Received,
    operation: Operation,
    body: B,
) -> Answer
where
    B: http_body::Body<Data = Bytes> + Unpin,
    B::Error: std::fmt::Display,
{
    let gateway = &worker.gateway;
    refuse_while_draining(gateway)?;
    let authenticated = authenticate(gateway, received, operation.permission()).await?;
    open_books(gateway, &authenticated).await?;
    refuse_too_many(&authenticated)?;
    let body = receive::body(gateway, &authenticated.received.headers, body).await?;
    let peek = Peek::read(&body, operation.shape()).map_err(invalid)?;
    let model = model(&operation, &peek)?;
    let routed = route(gateway, authenticated, &operation, model, None)?;
    let ask = Ask::new(operation, false, &routed.authenticated.received);
    let own = ask.operation.dialect();
    let mut counted = None;
    if let Some(route) = routed.routes.iter().find(|route| route.dialect == own) {
        let mut edits = Edits::new(&body);
        edits.set_model(&peek, &route.upstream_model);
        counted = ask_once(worker, route, &edits.apply(), &ask).await;
    }
    let counted = counted.unwrap_or_else(|| match own {
        Dialect::Gemini => gemini::models::count_body(peek.estimated_input()),
        _ => anthropic_messages::models::count_body(peek.estimated_input()),
    });
    let mut response = Response::new(RelayBody::full(counted));
    response.headers_mut().insert(CONTENT_TYPE, HeaderValue::from_static("application/json"));
    Ok(response)
}
