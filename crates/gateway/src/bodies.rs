//! The request as each candidate's upstream is to get it.
//!
//! In the caller's own dialect these are the caller's bytes, except where the model is called
//! otherwise there, the maximum was lowered, or we ask for the usage. In another one, or where it
//! brings back what another dialect's provider sealed, the request is written anew.

use bytes::Bytes;
use domain::dialect::Dialect;
use domain::refusal::{Refusal, RefusalCode};
use protocol::canonical::{Losses, Request, Untranslatable};
use protocol::edit::{Edits, MaximumName};
use protocol::peek::Peek;
use protocol::speech::holds_foreign_seals;
use protocol::translate::{Address, Translation, Upstream, read_request};
use std::sync::Arc;

use crate::endpoint::Operation;
use crate::route::Route;

/// A request body for one route.
pub struct RequestBody {
    /// The bytes.
    pub bytes: Bytes,
    /// Whether only we asked for the usage chunk, which is then taken out of the answer.
    pub asks_for_usage: bool,
    /// The way back, where the upstream speaks another dialect.
    pub translation: Option<Box<Translation>>,
    model: Arc<str>,
    maximum: MaximumName,
    dialect: Dialect,
}

/// The output maximum of a translated call whose caller names none, where nothing is known of the
/// model.
const USUAL_MAX_OUTPUT: u64 = 32_000;

/// The bodies for all routes, and what had to be left out for some of them.
///
/// # Errors
/// When no candidate's dialect can express the request.
pub fn bodies(
    body: &Bytes,
    operation: &Operation,
    peek: &Peek<'_>,
    routes: &mut Vec<Route>,
    lowered: Option<u64>,
    most_output: Option<u64>,
) -> Result<(Vec<RequestBody>, Losses), Refusal> {
    let mut maker = Maker {
        body,
        operation,
        peek,
        lowered,
        most_output: most_output.unwrap_or(USUAL_MAX_OUTPUT),
        read: None,
        written_anew: operation.is_universal()
            && !operation.only_counts()
            && holds_foreign_seals(operation.dialect(), body),
        losses: Losses::default(),
        made: Vec::with_capacity(routes.len()),
    };
    let mut first_failure = None;
    routes.retain(|route| match maker.add(route) {
        Ok(()) => true,
        Err(failure) => {
            first_failure.get_or_insert(failure);
            false
        }
    });
    match first_failure {
        Some(failure) if routes.is_empty() => Err(untranslatable(failure)),
        _ => Ok((maker.made, maker.losses)),
    }
}

fn untranslatable(failure: Untranslatable) -> Refusal {
    let refusal = Refusal::new(RefusalCode::InvalidRequest, failure.message);
    if failure.field.is_empty() { refusal } else { refusal.at(failure.field) }
}

struct Maker<'a> {
    body: &'a Bytes,
    operation: &'a Operation,
    peek: &'a Peek<'a>,
    lowered: Option<u64>,
    most_output: u64,
    /// The request between the dialects, read when the first route needs it.
    read: Option<Result<Arc<Request>, Untranslatable>>,
    /// Also for upstreams of the caller's own dialect.
    written_anew: bool,
    losses: Losses,
    made: Vec<RequestBody>,
}

impl Maker<'_> {
    fn add(&mut self, route: &Route) -> Result<(), Untranslatable> {
        let dialect = route.dialect;
        let (own, stream) = (self.operation.dialect(), self.peek.stream);
        let chat = matches!(self.operation, Operation::Chat | Operation::Completions);
        let asks_for_usage = dialect == Dialect::Chat
            && chat
            && stream
            && route.channel.ask_usage
            && !self.peek.asks_for_usage();
        // OpenAI's own models want the new name; the compatible ones know the old one.
        let maximum = match route.channel.provider.as_str() {
            "openai" | "azure-openai" => MaximumName::MaxCompletionTokens,
            _ => MaximumName::MaxTokens,
        };
        let alike = self.made.iter().find(|other| {
            other.dialect == dialect
                && other.model == route.upstream_model
                && other.asks_for_usage == asks_for_usage
                && other.maximum == maximum
        });
        let (bytes, translation) = match alike {
            Some(other) => (other.bytes.clone(), other.translation.clone()),
            None if dialect == own && !self.written_anew => {
                (self.edited(route, asks_for_usage, maximum), None)
            }
            None => {
                let (bytes, translation) = self.translated(route, maximum)?;
                (bytes, Some(Box::new(translation)))
            }
        };
        self.made.push(RequestBody {
            bytes,
            asks_for_usage,
            translation,
            model: Arc::clone(&route.upstream_model),
            maximum,
            dialect,
        });
        Ok(())
    }

    fn edited(&self, route: &Route, asks_for_usage: bool, maximum: MaximumName) -> Bytes {
        let mut edits = Edits::new(self.body);
        edits.set_model(self.peek, &route.upstream_model);
        if asks_for_usage {
            edits.include_usage(self.peek);
        }
        if let Some(most) = self.lowered {
            edits.set_output_maximum(self.peek, most, maximum);
        }
        edits.apply()
    }

    fn translated(
        &mut self,
        route: &Route,
        maximum: MaximumName,
    ) -> Result<(Bytes, Translation), Untranslatable> {
        let request = self.request()?;
        let upstream = Upstream {
            dialect: route.dialect,
            model: &route.upstream_model,
            most_output: self.most_output,
            maximum,
        };
        let (translation, bytes, losses) =
            Translation::new(self.operation.dialect(), &request, upstream)?;
        self.losses.merge(losses);
        Ok((bytes.into(), translation))
    }

    fn request(&mut self) -> Result<Arc<Request>, Untranslatable> {
        if let Some(read) = &self.read {
            return read.clone();
        }
        let operation = self.operation;
        // An array is made of a whole answer.
        let stream = matches!(operation, Operation::Generate { stream: true, events: true, .. });
        let address = Address { model: operation.model().unwrap_or_default(), stream };
        let read = read_request(operation.dialect(), self.body, address);
        let read = read.map(|(mut request, losses)| {
            self.losses.merge(losses);
            if let Some(most) = self.lowered {
                request.max_output = Some(most);
            }
            Arc::new(request)
        });
        self.read = Some(read.clone());
        read
    }
}
