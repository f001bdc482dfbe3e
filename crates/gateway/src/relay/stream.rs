//! An answer in events: each goes on as it comes; from the one that ends the answer on, they wait
//! for the settlement.

use bytes::{Bytes, BytesMut};
use domain::refusal::{Refusal, RefusalCode};
use http::Response;
use ledger::flaw::{self, Flaw};
use protocol::observe::{StreamMeter, Verdict};
use protocol::speech::stream_meter;
use protocol::sse::Splitter;
use protocol::translate::StreamTranslation;
use std::future::poll_fn;
use std::pin::Pin;
use std::task::Poll;
use std::time::Duration;
use tokio::sync::oneshot;
use tokio::time::Instant;

use super::{
    Answer, Outlet, Piece, Relay, RelayBody, alarm::Alarm, answer, idle_timeout,
    revocation::Revocation,
};
use crate::catalog::ChannelEntry;
use crate::meter::{self, End, Observed};
use crate::route::Route;
use crate::settle::{Ended, settle};
use crate::upstream::AnswerBody;

/// A longer event is broken off.
const LONGEST_EVENT: usize = 16 * 1024 * 1024;
/// More bytes than this do not follow the end of an answer.
const MOST_HELD: usize = 4 * 1024 * 1024;
/// So many times its maximum in estimated tokens, an answer has surely outgrown it.
const FAR_BEYOND: u64 = 8;

pub(super) async fn relay(
    mut relay: Box<Relay>,
    route: usize,
    response: Response<AnswerBody>,
    client: oneshot::Sender<Answer>,
    deadline: Instant,
) {
    let asked = relay.bodies.get(route).is_some_and(|body| body.asks_for_usage);
    let call = relay.running.open.intent().id.to_string();
    let now = relay.running.open.intent().started_at.get().div_euclid(1_000);
    let translator = relay.translation(route).map(|way| way.stream(&call, now));
    let Some(route) = relay.routes.get(route).cloned() else {
        return;
    };
    let (parts, mut body) = response.into_parts();
    let (outlet, pieces) = RelayBody::pieces();
    let mut reading = Reading {
        splitter: Splitter::new(LONGEST_EVENT),
        // What only we asked for is taken out by the translation as well.
        meter: stream_meter(route.dialect, asked && translator.is_none(), relay.choices),
        translator,
        outlet,
        held: BytesMut::new(),
        done: false,
        told: false,
        first: None,
    };
    let status = parts.status.as_u16();
    if client.send(Ok(answer(&parts, pieces, true))).is_err() {
        reading.outlet.give_up();
    }
    // A stream may last for long, and these hold on to the buffers that they were read into.
    drop(parts);
    relay.forget_request();
    let end = reading.run(&mut relay, &route, &mut body, deadline).await;
    if end == End::Whole {
        read_out(&mut body).await;
    }
    // Ends the upstream connection where its answer is not whole.
    drop(body);
    finish(relay, &route, reading, end, status).await;
}

/// Settles, and then lets the last bytes go.
async fn finish(relay: Box<Relay>, route: &Route, mut reading: Reading, end: End, status: u16) {
    if end == End::Whole {
        reading.end_translation();
    }
    relay.note_stored(route, reading.meter.stored_id());
    let sequence = reading.next_sequence();
    let Reading { mut outlet, held, meter, told, first, .. } = reading;
    let last = held.freeze();
    if flaw::is(Flaw::TerminalBeforeJournal) {
        outlet.send(last.clone()).await;
        tokio::time::sleep(Duration::from_millis(30)).await;
    }
    let mut observed = Observed::of_stream(&*meter, end);
    if first.is_some() {
        observed.reported = Ok(first);
    }
    let (expectation, bound) = (relay.running.expectation, relay.running.open.bound());
    let unseen = observed.delivered.is_empty() && matches!(observed.reported, Ok(None));
    let charge = if unseen && matches!(end, End::Abandoned | End::Stopped) {
        meter::unanswered(&expectation, &relay.tariff, route.multiplier, bound)
    } else {
        meter::charge(&observed, &expectation, &relay.tariff, route.multiplier, bound)
    };
    let outcome = meter::outcome(end, outlet.is_gone(), &charge);
    let broken_off = (end == End::Cut && !told).then(|| {
        relay.error_event(&Refusal::new(RefusalCode::UpstreamFailed, BROKEN_OFF), sequence)
    });
    if settle(relay.running, Ended { route, charge, outcome, status }).await.is_err() {
        // Withheld: dropping the outlet breaks the connection off.
        return;
    }
    if !flaw::is(Flaw::TerminalBeforeJournal) {
        outlet.send(last).await;
    }
    if let Some(broken_off) = broken_off {
        outlet.send(broken_off).await;
    }
    outlet.end();
}

/// Takes what has come already behind the last event, usually the end of the body: then the
/// connection can be used again. Waits for nothing.
async fn read_out(body: &mut AnswerBody) {
    use http_body::Body;
    std::future::poll_fn(|cx| {
        for _ in 0..MOST_BEHIND {
            match Pin::new(&mut *body).poll_frame(cx) {
                Poll::Ready(Some(Ok(_))) => {}
                _ => break,
            }
        }
        Poll::Ready(())
    })
    .await;
}

/// More frames than this are not taken behind the last event.
const MOST_BEHIND: usize = 4;

const BROKEN_OFF: &str =
    "The provider's answer broke off before its end. What was delivered was charged.";

/// What a stream waited for.
enum Next {
    Piece(Piece),
    /// The client went away.
    Left,
    Revoked,
}

struct Reading {
    splitter: Splitter,
    /// Watches the upstream's own events.
    meter: Box<dyn StreamMeter>,
    /// Turns them into the client's, where those are other ones.
    translator: Option<StreamTranslation>,
    outlet: Outlet,
    /// The last bytes, which wait for the settlement.
    held: BytesMut,
    /// The answer's own end was seen.
    done: bool,
    /// The upstream told of its failure itself.
    told: bool,
    /// The first usage that came; kept for a flaw only.
    first: Option<domain::usage::Usage>,
}

impl Reading {
    /// Relays events until the answer ends, in whatever way.
    async fn run(
        &mut self,
        relay: &mut Relay,
        route: &Route,
        body: &mut AnswerBody,
        deadline: Instant,
    ) -> End {
        let options = relay.worker.gateway.options.clone();
        let idle = idle_timeout(relay, route);
        let mut alarm = Alarm::new(idle, deadline);
        let mut permit = None;
        let mut revocation = Revocation::new(&relay.revoked);
        let mut noted = Instant::now();
        loop {
            if self.outlet.is_gone() && permit.is_none() {
                let Ok(one) = relay.worker.gateway.drains.clone().try_acquire_owned() else {
                    return End::Abandoned;
                };
                relay.worker.gateway.meters.drained();
                permit = Some(one);
                alarm.end_by(Instant::now() + options.drain_timeout);
            }
            // An upstream that always has the next piece must not keep a revoked key's answer going.
            if revocation.is_there() {
                return self.revoked(relay);
            }
            let next = poll_fn(|cx| {
                if let Poll::Ready(piece) = alarm.poll_piece(body, cx) {
                    return Poll::Ready(Next::Piece(piece));
                }
                if permit.is_none() && self.outlet.poll_left(cx).is_ready() {
                    return Poll::Ready(Next::Left);
                }
                revocation.poll(cx).map(|()| Next::Revoked)
            });
            let data = match next.await {
                Next::Left => {
                    self.outlet.give_up();
                    continue;
                }
                Next::Revoked => return self.revoked(relay),
                Next::Piece(Piece::Data(data)) => data,
                Next::Piece(Piece::End) => return self.ended(&route.channel),
                Next::Piece(Piece::Broken) if self.outlet.is_gone() && alarm.is_over() => {
                    return End::Abandoned;
                }
                Next::Piece(Piece::Broken) if self.done || self.complete() => return End::Whole,
                Next::Piece(Piece::Broken) => return End::Cut,
            };
            let Ok(pass_on) = self.take(data, route, relay) else { return End::Cut };
            if self.held.len() > MOST_HELD {
                return End::Cut;
            }
            // Nor must a client that takes nothing.
            let waited = tokio::select! {
                biased;
                () = self.outlet.send(pass_on) => true,
                () = poll_fn(|cx| revocation.poll(cx)) => false,
            };
            if !waited {
                return self.revoked(relay);
            }
            if self.done {
                return if self.meter.has_failed() { End::Cut } else { End::Whole };
            }
            let due = alarm.last().duration_since(noted) >= options.checkpoint_every;
            if due {
                noted = alarm.last();
            }
            if let Some(end) = self.check(relay, route, due).await {
                return end;
            }
        }
    }

    /// Ends the answer because its key was revoked.
    fn revoked(&mut self, relay: &Relay) -> End {
        let message = "This key was revoked while it was answered. Use another one.";
        self.hold_failure(relay, &Refusal::new(RefusalCode::KeyRevoked, message));
        End::Stopped
    }

    /// Splits a piece into events, and gives those that may go on at once. Err: no stream.
    fn take(&mut self, piece: Bytes, route: &Route, relay: &Relay) -> Result<Bytes, ()> {
        let channel: &ChannelEntry = &route.channel;
        let (start, length) = (piece.as_ptr() as usize, piece.len());
        self.splitter.feed(piece.clone());
        let mut run: Option<(usize, usize)> = None;
        let mut joined = BytesMut::new();
        while let Some(event) = self.splitter.next_event().map_err(|_| ())? {
            let verdict = self.meter.event(&event);
            relay.note_thoughts(route, &event.bytes);
            if flaw::is(Flaw::FirstUsageWins) && self.first.is_none() {
                self.first = self.meter.usage().ok().flatten();
            }
            if verdict == Verdict::Drop {
                continue;
            }
            let failure = verdict == Verdict::Error || self.meter.has_failed();
            self.told |= failure;
            if failure && channel.is_betrayed_by(&event.bytes) {
                let message =
                    "The provider failed amid its answer. What was delivered was charged.";
                self.hold_failure(relay, &Refusal::new(RefusalCode::UpstreamFailed, message));
                continue;
            }
            if let Some(translator) = &mut self.translator {
                let mut out = Vec::new();
                translator.event(&event, &mut out);
                if verdict == Verdict::Terminal || self.meter.is_finished() || !self.held.is_empty()
                {
                    self.hold(&out);
                    self.done |= verdict == Verdict::Terminal;
                } else {
                    joined.extend_from_slice(&out);
                }
                continue;
            }
            if verdict == Verdict::Terminal || self.meter.is_finished() || !self.held.is_empty() {
                self.hold(&event.bytes);
                self.done |= verdict == Verdict::Terminal;
                continue;
            }
            // Events that lie side by side in the piece go on as one slice of it, uncopied.
            let at = (event.bytes.as_ptr() as usize).wrapping_sub(start);
            let inside = at.checked_add(event.bytes.len()).filter(|end| *end <= length);
            run = match (run, inside) {
                (None, Some(end)) if joined.is_empty() => Some((at, end)),
                (Some((from, to)), Some(end)) if to == at => Some((from, end)),
                (run, _) => {
                    if let Some((from, to)) = run {
                        joined.extend_from_slice(&piece.slice(from..to));
                    }
                    joined.extend_from_slice(&event.bytes);
                    None
                }
            };
        }
        Ok(match run {
            Some((from, to)) if joined.is_empty() => piece.slice(from..to),
            Some((from, to)) => {
                joined.extend_from_slice(&piece.slice(from..to));
                joined.freeze()
            }
            None => joined.freeze(),
        })
    }

    fn hold_failure(&mut self, relay: &Relay, refusal: &Refusal) {
        let event = relay.error_event(refusal, self.next_sequence());
        self.hold(&event);
    }

    fn next_sequence(&self) -> u64 {
        let translated = self.translator.as_ref().map(StreamTranslation::next_sequence);
        translated.unwrap_or_else(|| self.meter.next_sequence())
    }

    /// Writes what the client's dialect wants behind the upstream's last event.
    fn end_translation(&mut self) {
        if let Some(translator) = &mut self.translator {
            let mut out = Vec::new();
            translator.end(&mut out);
            self.held.extend_from_slice(&out);
        }
    }

    fn hold(&mut self, bytes: &[u8]) {
        self.held.extend_from_slice(bytes);
    }

    /// The upstream closed its answer in order: it is whole if it was finished.
    fn ended(&mut self, channel: &ChannelEntry) -> End {
        if let Ok(Some(event)) = self.splitter.finish() {
            let verdict = self.meter.event(&event);
            if channel.is_betrayed_by(&event.bytes) {
                return self.how_it_ended();
            }
            self.told |= self.meter.has_failed();
            if let Some(translator) = &mut self.translator {
                let mut out = Vec::new();
                translator.event(&event, &mut out);
                self.hold(&out);
                self.done |= verdict == Verdict::Terminal;
                return self.how_it_ended();
            }
            match verdict {
                Verdict::Terminal => {
                    self.done = true;
                    self.hold(&event.bytes);
                }
                Verdict::Forward if self.complete() => self.hold(&event.bytes),
                // A fragment, or what only we asked for.
                _ => {}
            }
        }
        self.how_it_ended()
    }

    fn how_it_ended(&self) -> End {
        let whole = (self.done || self.complete()) && !self.meter.has_failed();
        if whole { End::Whole } else { End::Cut }
    }

    fn complete(&self) -> bool {
        self.meter.is_done() || self.meter.is_finished()
    }

    /// Notes the usage so far where that is due, and ends an answer that outgrows what every limit
    /// leaves.
    async fn check(&mut self, relay: &mut Relay, route: &Route, due: bool) -> Option<End> {
        let expectation = relay.running.expectation;
        // The text is no count: what the upstream was told to keep to is not enlarged by a guess.
        let far_beyond = expectation.most_output.saturating_mul(FAR_BEYOND);
        let outgrown = self.meter.delivered().estimated_tokens() > far_beyond
            || self
                .meter
                .usage()
                .is_ok_and(|usage| usage.is_some_and(|u| u.output > expectation.most_output));
        if !outgrown && !due {
            return None;
        }
        let observed = Observed::of_stream(&*self.meter, End::Cut);
        let (usage, cost) =
            meter::running(&observed, &expectation, &relay.tariff, route.multiplier);
        if outgrown && cost > relay.running.open.bound() && !relay.running.open.enlarge(cost).await
        {
            let message =
                "The answer grew past what this key's limits leave, so it was ended here.";
            self.hold_failure(relay, &Refusal::new(RefusalCode::KeyQuotaExhausted, message));
            return Some(End::Stopped);
        }
        if due {
            relay.running.open.checkpoint(usage, cost);
        }
        None
    }
}
